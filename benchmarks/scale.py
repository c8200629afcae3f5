"""Measures how a large repository is read, with DuckDB over the same Parquet files beside it.

    python benchmarks/scale.py                                        10,000 runs x 10 metrics x 50 steps
    python benchmarks/scale.py --runs 100000 --metrics 3 --steps 20   about 10 minutes
    python benchmarks/scale.py --repo FOLDER                          a repository of `aim demo`; it is folded once more
    python benchmarks/scale.py --repo FOLDER --only page,overview     some rows; its index stays
    python benchmarks/scale.py --repo FOLDER --only server            what `aim up` answers, and its memory

Every figure is from a process of its own: the first answer with everything before it, imports too, then the median of
five more. Both are seconds of CPU of all threads, because other work on the machine changes the time on the clock. The
table is printed in the form of docs/scale.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

if TYPE_CHECKING:
    from engine import FrontEnd

CONDITION = "hparams.lr < 0.01"
METRIC, CONTEXT = "loss", {"subset": "train"}
AGAIN = 5

Question = Callable[[], object]


def main() -> None:
    options = _options()
    if options.ask:
        print(json.dumps(measured(options.ask, options.engine, Path(options.repo))))
        return
    chosen = options.only.split(",") if options.only else [*TITLES, "server"]
    with tempfile.TemporaryDirectory(prefix="scale-") as work:
        repo = Path(options.repo or work)
        if not options.repo:
            numbers = [f"--{name}={getattr(options, name)}" for name in ("runs", "metrics", "steps")]
            subprocess.run([sys.executable, "-m", "aim", "demo", "--repo", str(repo), *numbers], check=True)
        if "fold" in chosen:
            shutil.rmtree(repo / ".aim" / "cache", ignore_errors=True)
        print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}\n")
        print("| question | Aim: first, again | DuckDB: first, again | again, Aim / DuckDB | Aim's memory |")
        print("|---|---|---|---|---|")
        for name in [name for name in chosen if name != "server"]:
            if name in ACTIONS:
                print(_row(TITLES[name], acted(repo, name, Path(work) / "copy"), None), flush=True)
            else:
                print(_row(TITLES[name], asked(repo, name, "aim"), asked(repo, name, "duckdb")), flush=True)

        if "server" in chosen:
            serve(repo.absolute(), Path(work))


TITLES = {
    "fold": "fold the logs for the first time",
    "nothing": "look for what is new, where nothing is",
    "page": f"a page of the table of runs: `{CONDITION}`, ordered by a metric",
    "overview": "the overview",
    "select": f"the runs and series of `{METRIC} if {CONDITION}`",
    "points": "the points of one metric of every second run",
    "run": "the points of one run",
    "chart": f"a chart, to its last byte: `{METRIC} if {CONDITION} and context.subset == train`",
    "merge": "merge all runs into an empty repository",
    "seal": "seal the logs of that copy, in two processes",
}


ACTIONS = {
    "merge": ("merge", "{repo}", "--into", "{copy}"),
    "seal": ("storage", "seal", "--jobs", "2", "--repo", "{copy}"),
}


def acted(repo: Path, name: str, copy: Path) -> dict[str, float]:
    """Seconds of CPU of a command and of the processes that it starts, and its own peak of memory in MB."""
    if name == "seal" and not copy.exists():
        acted(repo, "merge", copy)
    words = [word.format(repo=repo, copy=copy) for word in ACTIONS[name]]
    with subprocess.Popen([sys.executable, "-m", "aim", *words], stdout=subprocess.DEVNULL) as command:
        _, status, used = os.wait4(command.pid, 0)
        command.returncode = os.waitstatus_to_exitcode(status)
    assert command.returncode == 0
    return {"first": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1024}


def asked(repo: Path, name: str, engine: str) -> dict[str, float] | None:
    command = [sys.executable, __file__, "--ask", name, "--engine", engine, "--repo", str(repo)]
    answer: dict[str, float] | None = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return answer


def _row(title: str, aim: dict[str, float] | None, duckdb: dict[str, float] | None) -> str:
    assert aim is not None
    ratio = f"{aim['again'] / duckdb['again']:.1f}" if duckdb else ""
    return f"| {title} | {_times(aim)} | {_times(duckdb)} | {ratio} | {aim['memory']:.0f} MB |"


def _times(answer: dict[str, float] | None) -> str:
    if answer is None:
        return ""
    return f"{answer['first']:.2f} s" + (f", {answer['again']:.3f} s" if "again" in answer else "")


def measured(name: str, engine: str, repo: Path) -> dict[str, float] | None:
    """Seconds of CPU of this process, and of those that folded for it, for one question, and its own peak of memory in
    MB; None if the engine has none."""
    questions = {"aim": aim_questions, "duckdb": duckdb_questions}[engine](repo)
    if name not in questions:
        return None
    questions[name]()
    first, again = _cpu(), []
    for _ in range(AGAIN):
        begun = _cpu()
        questions[name]()
        again.append(_cpu() - begun)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"first": first, "again": statistics.median(again), "memory": memory}


def _cpu() -> float:
    return time.process_time() + sum(os.times()[2:4])


def aim_questions(path: Path) -> dict[str, Question]:
    from aim import Repo
    from aim.server import experiments, series, table, wire
    from aim.server.frames import frame

    repo = Repo(path)
    order = json.dumps([{"metric": METRIC, "context": CONTEXT, "reducer": "last", "descending": False}])
    page = wire.PageQuery(q=CONDITION, order=order, metrics=json.dumps([METRIC]), limit=100)
    chart = wire.SeriesQuery(q=f"{METRIC} if {CONDITION} and context.subset == train")

    def one_run() -> object:
        metrics = repo.run(repo.table.page(limit=1).runs[0].id).metrics
        return [trace.values for metric in metrics.values() for trace in metric]

    return {
        "fold": repo.count,
        "nothing": repo.count,
        "page": lambda: list(table.page(repo, page)),
        "overview": lambda: experiments.overview(repo, wire.OverviewQuery()),
        "select": lambda: repo.select(f"{METRIC} if {CONDITION}"),
        "points": lambda: repo.select(METRIC, only=repo.table.fields(None, []).ids[::2]).points(),
        "run": one_run,
        "chart": lambda: [frame(part) for part in series.search(repo, chart)],
    }


def duckdb_questions(path: Path) -> dict[str, Question]:
    """The same questions in SQL, about all rows of the index: it has older rows of killed runs, and archived
    runs too, so that these answers are a few percent larger."""
    import duckdb

    segments = json.loads((path / ".aim" / "cache" / "manifest").read_bytes().partition(b"\n")[2])["segments"]
    files = [{name: str(path / ".aim" / "cache" / file["name"]) for name, file in s["files"].items()} for s in segments]
    tables = {name: f"read_parquet({[each[name] for each in files]!r})" for name in ("runs", "params", "series")}
    connection = duckdb.connect(config={"threads": os.cpu_count() or 1})

    def ask(query: str) -> Any:
        return connection.execute(query.format(**tables)).fetchnumpy()

    matching = "(SELECT run FROM {params} WHERE path = 'hparams\x1flr' AND number < 0.01)"
    chosen = f"""FROM {{runs}} r JOIN {{series}} s USING (run)
        WHERE NOT r.archived AND s.name = '{METRIC}' AND run IN {matching}"""
    half = (
        "(SELECT run FROM (SELECT run, row_number() OVER (ORDER BY created_at DESC, id) n FROM {runs}) WHERE n % 2 = 1)"
    )
    one = "(SELECT run FROM {runs} ORDER BY created_at DESC, id LIMIT 1)"

    def points(where: str) -> object:
        parts = [
            f"""SELECT s.run, s.name, s.context, p.step, p.value FROM read_parquet('{each["points"]}') p
            JOIN read_parquet('{each["series"]}') s USING (series) WHERE {where}"""
            for each in files
        ]
        return ask(" UNION ALL ".join(parts))

    context = json.dumps(CONTEXT, separators=(",", ":"))
    escaped = context.replace("{", "{{").replace("}", "}}")
    return {
        "page": lambda: connection.execute(
            f"SELECT r.*, s.last {chosen} AND s.context = $1 ORDER BY s.last, r.id LIMIT 100".format(**tables),
            [context],
        ).fetchnumpy(),
        "overview": lambda: ask(
            """SELECT experiment, status, archived, CAST(created_at / 86400 AS INTEGER) AS day, count(*),
            sum(finished_at - created_at) FROM {runs} GROUP BY ALL"""
        ),
        "select": lambda: ask(f"SELECT r.id, r.name, r.experiment, r.tags, r.status, r.params, r.facts, s.* {chosen}"),
        "points": lambda: points(f"s.name = '{METRIC}' AND s.run IN {half}"),
        "run": lambda: points(f"s.run IN {one}"),
        "chart": lambda: points(f"s.name = '{METRIC}' AND s.context = '{escaped}' AND s.run IN {matching}"),
    }


PAGE = {"q": CONDITION, "order": json.dumps([{"metric": METRIC, "context": CONTEXT}]), "limit": "100"}
CHART = f"{METRIC} if {CONDITION} and context.subset == train"
REQUESTS = {
    "the first answer, after the start": "/api/project",
    "the overview": "/api/overview",
    "a page of the table of runs, with all columns": f"/api/page?{urlencode({**PAGE, 'columns': 'true'})}",
    "another page": f"/api/page?{urlencode({**PAGE, 'offset': '1000'})}",
    f"a chart: `{CHART}`": f"/api/series?{urlencode({'q': CHART})}",
}


def serve(repo: Path, work: Path) -> None:
    """Ask a fresh `aim up` what pages ask, each question twice."""
    from engine import FrontEnd

    server = FrontEnd(["--repo", str(repo)], work, None)
    print("\n| request | first and last byte | CPU | size | again: last byte | CPU | peak of memory |")
    print("|---|---|---|---|---|---|---|")
    try:
        _until_open(server)
        for title, path in REQUESTS.items():
            one, two = (_received(server, path) for _ in range(2))
            again = f"{two.last:.2f} s | {two.cpu:.2f} s"
            cells = f"{one.first:.2f} s, {one.last:.2f} s | {one.cpu:.2f} s | {one.size / 1e6:.1f} MB | {again}"
            print(f"| {title} | {cells} | {_peak(server.process.pid):.0f} MB |", flush=True)
    finally:
        server.end()


class Received(NamedTuple):
    """Seconds to the first points or the first byte, and to the last byte; seconds of CPU of the server; bytes."""

    first: float
    last: float
    cpu: float
    size: int


def _received(server: FrontEnd, path: str) -> Received:
    from remote import _cpu as cpu_of

    connection, cpu = server.connect(), cpu_of(server.process.pid)
    begun = time.perf_counter()
    connection.request("GET", path)
    response = connection.getresponse()
    size, first = 0, 0.0
    seen = b""
    while part := response.read1(1 << 20):
        size += len(part)
        seen = (seen + part)[-(1 << 21) :] if not first else b""
        if not first and (not path.startswith("/api/series") or b'"kind":"series"' in seen):
            first = time.perf_counter() - begun
    last = time.perf_counter() - begun
    assert response.status == 200, (response.status, path)
    return Received(first or last, last, cpu_of(server.process.pid) - cpu, size)


def _until_open(server: FrontEnd) -> None:
    while server.process.poll() is None:
        try:
            server.connect().connect()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise SystemExit("the server did not start")


def _peak(process: int) -> float:
    """The most memory that a process had, in MB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--metrics", type=int, default=10)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--repo", help="measure this repository of `aim demo` instead of making one")
    parser.add_argument("--only", help=f"rows, separated by commas: {', '.join(TITLES)}, server")
    parser.add_argument("--ask", choices=TITLES, help=argparse.SUPPRESS)
    parser.add_argument("--engine", choices=("aim", "duckdb"), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
