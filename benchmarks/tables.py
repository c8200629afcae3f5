"""Measures a recorded table of 1,000,000 rows and 20 columns: made, opened, sorted, filtered and scrolled by the
handlers of `aim up`, and DuckDB alone on the same file. The time of the processor is that of all processes.

    python benchmarks/tables.py
    python benchmarks/tables.py --rows 100000
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from run import _processor, _today

import aim
from aim.server import tables, wire

WORDS = np.array(["cat", "dog", "mouse", "a longer label"], dtype=object)
TIMES = 5


def columns(rows: int) -> dict[str, Any]:
    """8 of floats with 32 bits, 6 of integers, 4 of text and 2 of bools."""
    draw = np.random.default_rng(0)
    return {
        **{f"float{i}": draw.standard_normal(rows).astype("f4") for i in range(8)},
        **{f"int{i}": draw.integers(0, 1_000, rows) for i in range(6)},
        **{f"text{i}": WORDS[draw.integers(0, 4, rows)] for i in range(4)},
        **{f"bool{i}": draw.integers(0, 2, rows) > 0 for i in range(2)},
    }


def processor() -> float:
    """Seconds of this process and of those that it started."""
    used = time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rsplit(")", 1)[1].split()
            if int(fields[1]) == os.getpid():
                used += sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    return used


def timed(work: Callable[[int], object], times: int = TIMES) -> tuple[float, float]:
    """Median of the seconds on the clock, and of the processor."""
    clock, used = [], []
    for number in range(times):
        before, begun = processor(), time.perf_counter()
        work(number)
        clock.append(time.perf_counter() - begun)
        used.append(processor() - before)
    return statistics.median(clock), statistics.median(used)


def ours(repo: aim.Repo) -> dict[str, tuple[float, float]]:
    """Each time another column, so that no order is kept from the time before."""
    (point,) = repo.run("run").objects("table")[0]
    of = json.dumps([[point.run, point.id]])

    def page(sort: Any = (), where: Any = (), offset: int = 0) -> None:
        query = wire.TableRowsQuery(of=of, sort=json.dumps(sort), where=json.dumps(where), offset=offset, limit=100)
        assert tables.rows(repo, query).rows

    def opened(_: int) -> None:
        tables._open = tables.OpenTables()
        page()

    def by(*columns: int) -> list[dict[str, Any]]:
        return [{"column": column, "descending": column % 2 > 0} for column in columns]

    words = ("dog", "do", "og", "DOG", "d")
    first = timed(opened)
    page(by(5), offset=9_000)
    return {
        "opened, first 100 rows": first,
        "sorted by a float, first 100 rows": timed(lambda number: page(by(number))),
        "sorted by text and an integer": timed(lambda number: page(by(14 + number % 4, 8 + number))),
        "filtered by text": timed(lambda number: page((), [{"column": 14, "find": words[number]}])),
        "filtered by a pattern": timed(
            lambda number: page((), [{"column": 14, "find": f"^a.{{{number}}}.*l$", "pattern": True}])
        ),
        "filtered by a range, then sorted": timed(lambda number: page(by(1), [{"column": 0, "low": 0.1 * number}])),
        "another 100 rows of a sorted table": timed(lambda number: page(by(5), offset=9_000 * (number + 1))),
    }


def theirs(path: Path) -> dict[str, tuple[float, float]]:
    asked = duckdb.connect(config={"threads": max(1, min(4, os.cpu_count() or 1))})
    source = f"read_parquet('{path}')"

    def query(text: str) -> Callable[[int], object]:
        limit = "" if "LIMIT" in text else " LIMIT 100"
        return lambda number: asked.execute(f"SELECT * FROM {source} {text.format(number)}{limit}").fetchall()

    return {
        "opened, first 100 rows": timed(query("")),
        "sorted by a float, first 100 rows": timed(query("ORDER BY float{} DESC")),
        "sorted by text and an integer": timed(query("ORDER BY text1, int{} DESC")),
        "filtered by text": timed(query("WHERE contains(lower(text1), 'og') AND {} >= 0")),
        "filtered by a pattern": timed(query("WHERE regexp_matches(text1, '^a.*l', 'i') AND {} >= 0")),
        "filtered by a range, then sorted": timed(query("WHERE float0 >= 0.1 * {} ORDER BY float1")),
        "another 100 rows of a sorted table": timed(query("ORDER BY float5 LIMIT 100 OFFSET 9000 * {}")),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    given = columns(options.rows)
    made: list[aim.Table] = []
    seconds = timed(lambda _: made.append(aim.Table(given)), 1)
    print(f"{_today()}, {os.cpu_count()} CPUs, {_processor()}, load {os.getloadavg()[0]:.0f}")
    size = len(made[0].data) / 1e6
    print(f"\n{options.rows:,} rows, 20 columns, {size:.0f} MB; made in {seconds[1]:.1f} s of the processor\n")
    with tempfile.TemporaryDirectory() as folder:
        path = made[0].save(Path(folder, "table.parquet"))
        with aim.Run("run", repo=folder, system_interval=0) as run:
            run.track(made[0], "rows")
        mine, duck = ours(aim.Repo(folder)), theirs(path)
    print("| | Aim: clock, processor | DuckDB on the file: clock, processor |\n|---|---|---|")
    for name, taken in mine.items():
        cells = (f"{1000 * clock:.0f} ms, {1000 * used:.0f} ms" for clock, used in (taken, duck[name]))
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
