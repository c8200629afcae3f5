"""Sampled mutation testing by area, with the operators of cosmic-ray.

1. The tree is copied. The tests of the area run once in the copy with coverage, which notes for each line the tests
   that execute it, also in processes that they start. With --near they run without coverage, and only the test files
   that import a changed module, or import what imports it: much quicker, and a few changes pass that others notice.
2. Places to change are sampled: comparisons, arithmetic, `and`, `or`, `not`, numbers, True and False, break and
   continue, loops and `except`. Annotations are not, nor changes that tests/equivalent_mutants.txt lists with a reason.
3. Each change is made in a copy, and the tests of its line run, the quick ones first, until one fails.

Prints the changes that no test noticed, as diffs, and a table.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import difflib
import json
import multiprocessing
import os
import queue
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import coverage
import duckdb  # noqa: F401
import httpx  # noqa: F401
import hypothesis.strategies  # noqa: F401
import pytest
import starlette.applications  # noqa: F401
import uvicorn  # noqa: F401
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

FORK = multiprocessing.get_context("fork")
ROOT = Path(__file__).resolve().parent.parent
EQUIVALENT = ROOT / "tests" / "equivalent_mutants.txt"
# area: what is changed, and the tests that may notice
AREAS = {
    "log": (
        "aim/log aim/files.py aim/cli/sealing.py",
        "tests/log tests/sdk tests/test_files.py tests/cli/test_storage.py",
    ),
    "artifacts": (
        "aim/artifacts aim/repo/artifacts.py aim/cli/artifact.py",
        "tests/artifacts tests/sdk/test_artifacts.py tests/server/test_artifacts.py tests/cli/test_artifact.py",
    ),
    "index": ("aim/index aim/importers", "tests/index tests/importers tests/query tests/test_repo.py"),
    "query": ("aim/query", "tests/query tests/test_repo.py tests/cli/test_query.py"),
    "sdk": ("aim/sdk aim/media", "tests/sdk tests/media"),
    "server": ("aim/server", "tests/server tests/cli/test_up.py tests/cli/test_servers.py"),
    "launch": ("aim/launch", "tests/launch tests/server/test_launch.py tests/cli/test_queue.py"),
}
FAMILIES = {
    "ReplaceComparisonOperator": "comparison",
    "ReplaceBinaryOperator": "arithmetic",
    "ReplaceUnaryOperator": "sign",
    "ReplaceAndWithOr": "logic",
    "ReplaceOrWithAnd": "logic",
    "AddNot": "logic",
    "ReplaceTrueWithFalse": "constant",
    "ReplaceFalseWithTrue": "constant",
    "NumberReplacer": "number",
    "ReplaceBreakWithContinue": "loop",
    "ReplaceContinueWithBreak": "loop",
    "ZeroIterationForLoop": "loop",
    "ExceptionReplacer": "except",
}
PUNCTUATION = set("()[]{},.:;=") | {"->", ":="}
NEAREST = 6  # test files for a module
PLUGIN = """
import json, os, time
import coverage, pytest

times = {}

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    measured = coverage.Coverage.current()
    if measured is not None:
        measured.switch_context(item.nodeid)
    began = time.perf_counter()
    yield
    times[item.nodeid] = time.perf_counter() - began
    if measured is not None:
        measured.switch_context("")

def pytest_sessionfinish():
    with open(os.environ["MUTATE_TIMES"], "w") as file:
        json.dump(times, file)
"""
# A process that a test starts finds the name of the test in its environment.
COVERAGE = """
[run]
source = {root}/aim
data_file = {data}
context = ${{PYTEST_CURRENT_TEST-}}
parallel = true
patch = subprocess
sigterm = true
disable_warnings = no-data-collected,module-not-measured,module-not-imported,trace-changed
"""


@dataclass(frozen=True)
class Change:
    path: str
    line: int
    column: int
    family: str
    operator: str
    occurrence: int

    def applied(self, source: str) -> str | None:
        try:
            mutated = mutate_code(source, get_operator(self.operator)(), self.occurrence)
        except AttributeError:  # cosmic-ray cannot replace an exception with a dotted name
            return None
        return None if mutated is None else str(mutated)


@dataclass
class Tests:
    """The tests of an area: how long each took, and which ones execute each line of each file. Without a measurement
    of lines, `near` has for each file the test files near it, nearest first."""

    seconds: dict[str, float]
    of_line: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    near: dict[str, list[str]] = field(default_factory=dict)
    most: float = 60.0

    def noticing(self, change: Change, source: str) -> list[str]:
        """The tests of the changed lines, quick ones first. What runs on import is noticed by any test of its file."""
        if change.path in self.near:
            places = {file: place for place, file in enumerate(self.near[change.path])}
            return self.quick({test: places[file_of(test)] for test in self.seconds if file_of(test) in places})
        lines = self.of_line.get(change.path, {})
        first, last = statement_around(source, change.line)
        chosen = set().union(*(lines.get(line, set()) for line in range(first, last + 1)))
        chosen = chosen or set().union(*lines.values()) or set(self.seconds)
        return self.quick(dict.fromkeys(chosen, 0))

    def quick(self, chosen: dict[str, int]) -> list[str]:
        """As many as fit into the time: by their place, then by how long they take."""
        kept, total = [], 0.0
        for test in sorted(chosen, key=lambda test: (chosen[test], self.seconds[test], test)):
            total += self.seconds[test]
            if kept and total > self.most:
                break
            kept.append(test)
        return kept


def statement_around(source: str, line: int) -> tuple[int, int]:
    """The first and last line of the innermost simple statement, or of the header of a compound one."""
    spans = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt | ast.ExceptHandler):
            body = getattr(node, "body", None)
            end = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno
            spans += [(node.lineno, end)] if node.lineno <= line <= end else []
    return max(spans, default=(line, line))


def changes(path: str, source: str) -> Iterator[Change]:
    skipped = annotations(source)
    nodes = [node for node in ast_nodes(get_ast(source)) if not is_plain(node)]
    for name in operator_names():
        kind = name.partition("/")[2]
        family = next((family for prefix, family in FAMILIES.items() if kind.startswith(prefix)), None)
        if family is None:
            continue
        operator = get_operator(name)()
        places = (place for node in nodes for place in operator.mutation_positions(node))
        for occurrence, (start, _) in enumerate(places):
            if not any(first <= start <= last for first, last in skipped):
                yield Change(path, *start, family, name, occurrence)


def is_plain(node: Any) -> bool:
    """Names, texts and punctuation, which no operator changes; there are many."""
    return node.type in ("name", "string", "newline", "endmarker") or getattr(node, "value", "") in PUNCTUATION


def annotations(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where types are written: they change nothing when the program runs."""
    nodes: list[ast.AST | None] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            nodes.append(node.returns)
        elif isinstance(node, ast.arg | ast.AnnAssign):
            nodes.append(node.annotation)
        elif isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            nodes.append(node)
    there: list[Any] = [node for node in nodes if node is not None]
    return [((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)) for node in there]


def sample(area: str, root: Path, size: int, seed: int) -> tuple[list[Change], int]:
    """Places in any file, then one change at each; and how many changes are left out as equivalent."""
    left_out, known = 0, equivalents()
    places: dict[tuple[str, int, int, str], list[Change]] = {}
    for path in python_files(root, AREAS[area][0].split()):
        for change in changes(path, (root / path).read_text(encoding="utf-8")):
            places.setdefault((path, change.line, change.column, change.family), []).append(change)
    rng = random.Random(seed)
    chosen: list[Change] = []
    order = sorted(places)
    rng.shuffle(order)
    for place in order:
        if len(chosen) == size:
            break
        change = rng.choice(places[place])
        source = (root / change.path).read_text(encoding="utf-8")
        if change.applied(source) is None:
            continue
        if known.fullmatch(key(change, source)):
            left_out += 1
        else:
            chosen.append(change)
    return chosen, left_out


def equivalents() -> re.Pattern[str]:
    """`path: changed line`, each followed by an indented line with the reason. `…` is for any characters."""
    text = EQUIVALENT.read_text(encoding="utf-8") if EQUIVALENT.exists() else ""
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", " "))]
    return re.compile("|".join(".*".join(map(re.escape, line.split("…"))) for line in lines))


def key(change: Change, source: str) -> str:
    mutated = change.applied(source)
    old, new = source.splitlines(), (mutated or "").splitlines()
    changed = [line.strip() for line, before in zip(new, old, strict=False) if line != before]
    return f"{change.path}: {changed[0] if changed else ''}"


def copy_tree(into: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, into / name)
    built = ROOT / "aim" / "server" / "ui"
    if built.is_dir():
        shutil.copytree(built, into / "aim" / "server" / "ui", dirs_exist_ok=True)


def environment(root: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1", **more}


def measured(area: str, root: Path, work: Path) -> Tests:
    """Run the tests of an area once, with coverage."""
    data, rc = work / f"{area}.coverage", work / f"{area}.rc"
    rc.write_text(COVERAGE.format(root=root, data=data), encoding="utf-8")
    there = [folder for folder in AREAS[area][1].split() if (root / folder).exists()]
    seconds = timed(area, root, work, there, under=["-m", "coverage", "run", f"--rcfile={rc}"])
    subprocess.run([sys.executable, "-m", "coverage", "combine", "-q", f"--rcfile={rc}"], cwd=root, check=True)
    return Tests(seconds, lines_of(coverage.CoverageData(str(data)), root, set(seconds)))


def timed(area: str, root: Path, work: Path, there: list[str], *, under: list[str]) -> dict[str, float]:
    """The seconds that each test takes. Those that fail without a change are left out."""
    (work / "mutate_plugin.py").write_text(PLUGIN, encoding="utf-8")
    times = work / f"{area}.json"
    around = environment(root, MUTATE_TIMES=str(times))
    around["PYTHONPATH"] += os.pathsep + str(work)
    pytest_run = ["-m", "pytest", "-q", "-p", "mutate_plugin", "-p", "no:cacheprovider"]
    command = [sys.executable, *under, *pytest_run, "-m", "not stress and not browser", *there]
    ended = subprocess.run(command, cwd=root, env=around, capture_output=True, text=True, check=False)
    failed = {line.split(" ")[1] for line in ended.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))}
    if not times.exists() or len(failed) > 20:
        raise SystemExit(f"the tests of {area} fail without a change:\n{ended.stdout[-4000:]}{ended.stderr[-2000:]}")
    print(f"{area}: tests measured, {len(failed)} failed without a change {sorted(failed)}", flush=True)
    return {test: took for test, took in json.loads(times.read_text()).items() if test not in failed}


def near(area: str, root: Path, work: Path, chosen: list[Change]) -> Tests:
    """Run the test files near the changed modules once."""
    files = nearest(area, root, {change.path for change in chosen})
    there = sorted({file for near in files.values() for file in near})
    return Tests(timed(area, root, work, there, under=[]), near=files)


def nearest(area: str, root: Path, paths: set[str]) -> dict[str, list[str]]:
    """For each path the test files of the area that reach it by the fewest imports; the one of the same name first."""
    imports = {file: imported(file, root) for file in python_files(root, ["aim", "tests"])}
    distances: dict[str, dict[str, int]] = {}
    for test in python_files(root, AREAS[area][1].split()):
        if Path(test).name.startswith("test_"):
            distances[test] = reach(test, imports)
    return {
        path: sorted(
            (test for test in distances if path in distances[test]),
            key=lambda test: (Path(test).stem != f"test_{Path(path).stem}", distances[test][path], test),
        )[:NEAREST]
        for path in paths
    }


def reach(start: str, imports: dict[str, set[str]]) -> dict[str, int]:
    """How many imports away from `start` each file is."""
    distance, layer = {start: 0}, {start}
    while layer:
        layer = {file for importer in layer for file in imports.get(importer, ())} - distance.keys()
        distance.update(dict.fromkeys(layer, max(distance.values()) + 1))
    return distance


def imported(file: str, root: Path) -> set[str]:
    """The files of the modules that a file imports anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((root / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update({node.module, *(f"{node.module}.{alias.name}" for alias in node.names)})
    stems = [name.replace(".", "/") for name in names]
    return {path for stem in stems for path in (f"{stem}.py", f"{stem}/__init__.py") if (root / path).is_file()}


def python_files(root: Path, places: list[str]) -> list[str]:
    there = [root / place for place in places]
    files = [file for place in there for file in (sorted(place.rglob("*.py")) if place.is_dir() else [place])]
    return [file.relative_to(root).as_posix() for file in files if file.exists()]


def lines_of(data: coverage.CoverageData, root: Path, known: set[str]) -> dict[str, dict[int, set[str]]]:
    data.read()
    tests_of: dict[str, dict[int, set[str]]] = {}
    for file in data.measured_files():
        by_line = data.contexts_by_lineno(file)
        path = Path(file).relative_to(root).as_posix()
        tests_of[path] = {
            line: {name for text in names if (name := test_of(text)) in known} for line, names in by_line.items()
        }
    return tests_of


def file_of(test: str) -> str:
    return test.partition("::")[0]


def test_of(context: str) -> str:
    """`tests/x.py::test_y (call)` of a process that a test started, or the name alone of the tests' own process."""
    name = context.rpartition("|")[2] or context
    return name.rpartition(" (")[0] if name.endswith((" (call)", " (setup)", " (teardown)")) else name


@contextlib.contextmanager
def mutated(file: Path, text: str) -> Iterator[None]:
    before = file.read_bytes()
    file.write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        file.write_bytes(before)


def noticed(change: Change, root: Path, tests: list[str], limit: float) -> bool:
    source = (root / change.path).read_text(encoding="utf-8")
    text = change.applied(source)
    assert text is not None and text != source, change
    with mutated(root / change.path, text):
        return fails(root, tests, limit)


def fails(root: Path, tests: list[str], limit: float) -> bool:
    process = FORK.Process(target=run_tests, args=(root, tests))
    process.start()
    process.join(limit)
    with contextlib.suppress(OSError):
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.join()
    return process.exitcode != 0


def run_tests(root: Path, tests: list[str]) -> None:
    """In a fork of this process, which has imported what takes long and nothing of the project."""
    os.setsid()
    os.chdir(root)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    os.environ.update(environment(root))
    sys.path[:] = [str(root), *(path for path in sys.path if path != str(ROOT / "scripts"))]
    sys.dont_write_bytecode = True
    options = ["-x", "-q", "-p", "no:cacheprovider", "--timeout=60", "-m", "not stress and not browser"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    os._exit(int(pytest.main([*options, *tests])))


def diff(change: Change, source: str) -> str:
    lines = difflib.unified_diff(source.splitlines(), (change.applied(source) or "").splitlines(), lineterm="", n=0)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def examine(area: str, copies: list[Path], work: Path, given: argparse.Namespace) -> dict[str, Any]:
    chosen, left_out = sample(area, copies[0], given.sample, given.seed)
    tests = near(area, copies[0], work, chosen) if given.near else measured(area, copies[0], work)
    tests.most = given.seconds
    if fails(copies[0], tests.quick(dict.fromkeys(tests.seconds, 0)), 60 + 5 * tests.most):
        raise SystemExit(f"the tests of {area} fail without a change when they run as they do for one")
    free: queue.SimpleQueue[Path] = queue.SimpleQueue()
    for copy in copies:
        free.put(copy)

    def judge(change: Change) -> dict[str, Any]:
        copy = free.get()
        try:
            source = (copy / change.path).read_text(encoding="utf-8")
            names = tests.noticing(change, source)
            limit = 60 + 5 * sum(tests.seconds[name] for name in names)
            killed = bool(names) and noticed(change, copy, names, limit)
        finally:
            free.put(copy)
        place, changed = f"{change.path}:{change.line}", diff(change, source)
        print("." if killed else f"\n{place}  ({len(names)} tests)\n{changed}", flush=True)
        return {"place": place, "killed": killed, "tests": len(names), "diff": changed, "key": key(change, source)}

    with ThreadPoolExecutor(len(copies)) as pool:
        results = list(pool.map(judge, chosen))
    return {"area": area, "left_out": left_out, "results": results}


def table(reports: list[dict[str, Any]]) -> str:
    rows = [("area", "sampled", "killed", "survived", "killed %", "left out")]
    for report in reports:
        total, killed = len(report["results"]), sum(result["killed"] for result in report["results"])
        share = f"{100 * killed / max(1, total):.1f}"
        rows.append((report["area"], str(total), str(killed), str(total - killed), share, str(report["left_out"])))
    return "\n".join("  ".join(cell.ljust(9) for cell in row).rstrip() for row in rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("areas", nargs="*", help=", ".join(AREAS))
    parser.add_argument("--sample", type=int, default=40, help="changes per area (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60.0, help="of tests for one change (%(default)s)")
    parser.add_argument("--near", action="store_true", help="the tests of the nearest files, without coverage")
    parser.add_argument(
        "--jobs", type=int, default=max(1, (os.cpu_count() or 2) - 1), help="copies of the tree (%(default)s)"
    )
    parser.add_argument("--out", type=Path, help="a JSON file for the results")
    given = parser.parse_args()
    if unknown := set(given.areas) - set(AREAS):
        parser.error(f"no area {', '.join(sorted(unknown))}; there are {', '.join(AREAS)}")
    with tempfile.TemporaryDirectory(prefix="aim-mutate-") as folder:
        copies = [Path(folder, f"copy{number}") for number in range(given.jobs)]
        for copy in copies:
            copy_tree(copy)
        reports = [examine(area, copies, Path(folder), given) for area in given.areas or list(AREAS)]
    print("\n" + table(reports))
    if given.out:
        given.out.write_text(json.dumps(reports, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
