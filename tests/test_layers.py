"""Imports point one way, and each dependency stays behind the door that ARCHITECTURE.md names."""

from __future__ import annotations

import ast
import graphlib
import itertools
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import aim

PACKAGE = Path(aim.__file__).parent
TESTS = Path(__file__).parent

# layer: the layers that it may import. A layer may always import itself.
LAYERS: dict[str, set[str]] = {
    "errors": set(),
    "version": set(),
    "plain": {"handlers"},
    "user": {"errors"},
    "regular": {"handlers"},
    "interpreter": set(),
    "processes": {"deadline", "interpreter"},
    "key": {"errors", "user", "regular"},
    "layout": {"errors", "handlers", "plain", "user", "regular"},
    "threads": set(),
    "native": set(),
    "natural": set(),
    "deadline": {"errors"},
    "handlers": set(),
    "media": {"handlers", "plain", "natural"},
    "store": {"errors"},
    "content_store": {"errors", "handlers", "store"},
    "log": {"errors", "handlers", "plain", "regular", "layout", "threads", "deadline", "key", "store"},
    "artifacts": {"errors", "handlers", "plain", "regular", "layout", "log", "content_store", "user"},
    "remote": {"errors", "handlers", "plain", "version", "user", "regular", "layout", "log"},
    "sdk": {
        *("errors", "handlers", "plain", "version", "regular", "interpreter", "layout", "threads", "media", "log"),
        *("remote", "artifacts", "content_store"),
    },
    "engine": {"errors", "deadline", "native"},
    "clickhouse": {"errors", "plain", "deadline", "log", "engine"},
    "index": {
        *("errors", "user", "plain", "regular", "key", "layout", "threads", "deadline", "media", "log", "engine"),
        *("files", "clickhouse", "processes", "natural"),
    },
    "query": {"errors", "regular", "threads", "natural", "deadline", "media", "log", "engine", "index"},
    "files": {"errors", "regular", "layout", "log"},
    "importers": {"errors", "user", "plain", "version", "regular", "layout", "log", "index"},
    "repo": {
        *("errors", "user", "plain", "layout", "threads", "log", "index", "query", "files", "importers"),
        *("clickhouse", "artifacts", "natural", "content_store"),
    },
    "demo": {"version", "layout", "media", "log"},
    "launch": {"errors", "user", "regular", "key", "layout", "log", "remote", "sdk", "query", "repo"},
    "server": {
        *("errors", "user", "version", "layout", "media", "log", "sdk", "engine", "index", "query", "repo", "launch"),
        *("plain", "regular", "key", "remote", "deadline", "files", "clickhouse", "processes", "artifacts"),
        *("natural", "content_store", "threads"),
    },
    "cli": {
        *("errors", "user", "regular", "plain", "version", "layout", "media", "log", "index", "query"),
        *("repo", "demo", "launch", "server", "remote", "clickhouse", "store", "processes", "artifacts", "dropins"),
        "natural",
        "content_store",
    },
    # The faces of the package: public names, `python -m aim`, and the import paths of the integrations.
    "__init__": {"errors", "version", "sdk", "media", "repo"},
    "__main__": {"cli"},
    "keras": {"integrations"},
    "tensorflow": {"integrations"},
    "pytorch_lightning": {"__init__", "integrations", "sdk"},
    **dict.fromkeys(("catboost", "fastai", "hugging_face", "lightgbm", "optuna"), {"integrations"}),
    **dict.fromkeys(("pytorch", "pytorch_ignite", "sb3", "xgboost"), {"integrations"}),
    "integrations": {"__init__", "errors", "plain", "sdk"},
    "dropins": {"__init__", "errors", "handlers", "plain", "media", "artifacts", "sdk"},
    "wandb": {"dropins", "plain", "sdk"},
    "trackio": {"dropins", "plain", "sdk"},
    "tensorboard": {"__init__", "dropins", "plain"},
}

# third-party package: the layers that may import it, `import` inside a function included.
DOORS: dict[str, set[str]] = {
    "numpy": {"engine", "clickhouse", "index", "importers", "query", "repo", "launch", "server"},
    "duckdb": {"engine"},
    "starlette": {"server"},
    "uvicorn": {"server"},
    "msgspec": {"server"},
    "click": {"cli"},
    "obstore": {"store", "content_store"},
    "fsspec": {"content_store"},
    # Read and written when they are installed; never asked for.
    "pandas": {"query", "dropins"},
    "pyarrow": {"query"},
    "psutil": {"sdk"},
    # Read by type checkers alone.
    "typing_extensions": {"integrations", "repo", "sdk"},
    # Each framework is imported by its integration alone.
    "keras": {"keras"},
    "tensorflow": {"tensorflow"},
    "accelerate": {"integrations"},
    "fastai": {"integrations"},
    "hydra": {"integrations"},
    "ignite": {"integrations"},
    "mlflow": {"integrations"},
    "omegaconf": {"integrations"},
    "ray": {"integrations"},
    "stable_baselines3": {"integrations"},
    "torch": {"integrations"},
    "transformers": {"integrations"},
    "xgboost": {"integrations"},
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def layer_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports_of(path: Path) -> Iterator[str]:
    """Every module that the file names in an import at any depth, dotted, and what it takes from it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here, 'from aim.x import y'"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_layer(imported: str) -> str:
    """The layer of 'aim.log.record' is 'log'; of 'aim.Run', which is a name in aim/__init__.py, '__init__'."""
    _, _, rest = imported.partition(".")
    first = rest.partition(".")[0]
    return first if first in LAYERS else "__init__"


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_one_way(path: Path) -> None:
    layer = layer_of(path)
    assert layer in LAYERS, f"{layer} is a new layer: say in LAYERS what it may import, and draw it in ARCHITECTURE.md"
    for imported in imports_of(path):
        top = imported.partition(".")[0]
        if top == "aim":
            target = own_layer(imported)
            assert target == layer or target in LAYERS[layer], f"{layer} imports {imported}: it may not know {target}"
        elif top not in sys.stdlib_module_names:
            assert layer in DOORS.get(top, set()), f"{layer} imports {imported}: {top} belongs to {DOORS.get(top)}"


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def import_graph() -> dict[str, set[str]]:
    """Each module of the package with those that it imports, in functions and for types too."""
    names = {module_name(path): path for path in modules()}
    graph: dict[str, set[str]] = {}
    for name, path in names.items():
        asked = (imported if imported in names else imported.rpartition(".")[0] for imported in imports_of(path))
        graph[name] = {target for target in asked if target in names and target != name}
    return graph


def test_no_import_cycle() -> None:
    graph = import_graph()
    assert len(graph) > 150
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail("modules import each other in a circle: " + " <- ".join(error.args[1]))


def test_every_permission_is_in_use() -> None:
    layers: dict[str, set[str]] = {layer_of(path): set() for path in modules()}
    doors: dict[str, set[str]] = {}
    for path in modules():
        layer = layer_of(path)
        for imported in imports_of(path):
            top = imported.partition(".")[0]
            if top != "aim":
                doors.setdefault(top, set()).add(layer)
            elif (target := own_layer(imported)) != layer:
                layers[layer].add(target)
    assert layers == LAYERS, "a layer may import what it no longer does"
    assert {top: doors.get(top, set()) for top in DOORS} == DOORS, "a package may be imported where it no longer is"


def test_the_architecture_names_the_same_direction() -> None:
    text = (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("Imports point in one direction"))
    for chain in re.findall(r"`([^`]+)`", line):
        steps = [part.strip().split(", ") for part in chain.split("<-")]
        assert {layer for step in steps for layer in step} <= set(LAYERS)
        for below, above in itertools.pairwise(steps):
            assert all(LAYERS[layer] & set(below) for layer in above), f"of {above}, one imports none of {below}"
            assert not any(LAYERS[layer] & set(above) for layer in below), f"{below} imports {above}"


SQL = re.compile(
    r"\b(SELECT|ALTER|CREATE|DELETE|DROP|INSERT|OPTIMIZE|TRUNCATE)\s+\S"
    r"|\b(WHERE|FROM|HAVING|LIMIT|JOIN|UNION|(GROUP|ORDER) BY|AND|OR)\b"
)


def test_sql_stands_in_the_files_of_the_engines_alone() -> None:
    texts = [
        (path.relative_to(PACKAGE).as_posix(), node.value)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value)
    ]
    places = {name for name, _ in texts}
    assert [text for text in texts if not text[0].startswith(("engine.py", "clickhouse/", "index/sources/"))] == []
    assert {"engine.py", "clickhouse/folds.py", "clickhouse/table.py"} <= places


def test_no_test_imports_from_a_test_module() -> None:
    """What tests share lies in modules of its own: a test module can then be split, renamed or left out."""
    taken = [
        f"{path.relative_to(TESTS)} imports {imported}"
        for path in sorted(TESTS.rglob("*.py"))
        for imported in imports_of(path)
        if imported.startswith("tests.") and any(part.startswith("test_") for part in imported.split("."))
    ]
    assert taken == []


RECORD = """
import sys
before = set(sys.modules)
sys.path.insert(0, {root!r})
import aim
if {track}:
    aim.set_params({{"lr": 0.1}}, name="hparams")
    aim.track(0.5, name="loss", epoch=1, subset="train")
    aim.flush()
loaded = {{name.partition(".")[0] for name in set(sys.modules) - before}} - {{"aim"}}
print(len(set(sys.modules) - before))
print(" ".join(sorted(loaded - set(sys.stdlib_module_names))))
"""


def run_bare(folder: Path, *, track: bool) -> tuple[int, list[str]]:
    """Import aim without site-packages; tell how many modules came, and which are not the standard library's."""
    code = RECORD.format(root=str(PACKAGE.parent), track=track)
    command = [sys.executable, "-I", "-S", "-W", "error", "-c", code]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    count, foreign = ended.stdout.split("\n")[:2]
    return int(count), foreign.split()


def test_recording_loads_the_standard_library_alone(tmp_path: Path) -> None:
    _, foreign = run_bare(tmp_path, track=True)
    assert foreign == []
    assert list((tmp_path / ".aim" / "runs").glob("*/*.log")), "and it recorded"


def test_import_stays_light(tmp_path: Path) -> None:
    """The count stands for the time: `import aim` must not grow by an unnoticed chain of modules."""
    count, foreign = run_bare(tmp_path, track=False)
    assert foreign == []
    assert count <= 137, f"'import aim' loads {count} modules: import what is rarely needed where it is needed"
    assert not (tmp_path / ".aim").exists(), "an import creates nothing"
