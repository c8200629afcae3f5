"""Measures a recorded table of 1,000,000 rows and 20 columns: made, opened, sorted, filtered and scrolled as `aim up`
does it, and DuckDB alone on the same file.

    python benchmarks/tables.py
    python benchmarks/tables.py --rows 100000
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from run import _processor, _today

import aim
from aim.engine import TableTest
from aim.query.joined import JoinedPart, JoinedTable

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


def timed(work: Callable[[int], object], times: int = TIMES) -> tuple[float, float]:
    """Median of the seconds on the clock, and of the processor."""
    clock, processor = [], []
    for number in range(times):
        begun, used = time.perf_counter(), time.process_time()
        work(number)
        clock.append(time.perf_counter() - begun)
        processor.append(time.process_time() - used)
    return statistics.median(clock), statistics.median(processor)


def ours(data: bytes) -> dict[str, tuple[float, float]]:
    """Each time another column, so that no order is kept from the time before."""
    part = JoinedPart("run", 0, data)

    def opened(_: int) -> None:
        table = JoinedTable([part])
        table.read(table.order([], [], 100).rows[:100], 300)
        table.close()

    table = JoinedTable([part])

    def page(sort: list[tuple[int, bool]], tests: list[TableTest]) -> None:
        table.read(table.order(sort, tests, 100).rows[:100], 300)

    order = table.order([(5, False)], []).rows
    return {
        "opened, first 100 rows": timed(opened),
        "sorted by a float, first 100 rows": timed(lambda number: page([(number, True)], [])),
        "sorted by text and an integer": timed(lambda number: page([(14 + number % 4, number > 3), (8, True)], [])),
        "filtered by text": timed(lambda number: page([], [TableTest(14, ("dog", "do", "og", "DOG", "d")[number])])),
        "filtered by a pattern": timed(lambda number: page([], [TableTest(14, f"^a.{{{number}}}.*l$", True)])),
        "filtered by a range, then sorted": timed(lambda number: page([(1, False)], [TableTest(0, low=0.1 * number)])),
        "another 100 rows of a sorted table": timed(lambda number: table.read(order[number * 9_000 :][:100], 300)),
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
        mine, duck = ours(made[0].data), theirs(path)
    print("| | Aim: clock, processor | DuckDB on the file: clock, processor |\n|---|---|---|")
    for name, taken in mine.items():
        cells = (f"{1000 * clock:.0f} ms, {1000 * used:.0f} ms" for clock, used in (taken, duck[name]))
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
