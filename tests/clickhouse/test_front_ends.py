"""Front ends with nothing but an engine, in processes of their own, under load: what `benchmarks/engine.py` checks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.clickhouse.servers import Server

ROOT = Path(__file__).parents[2]


def measured(server: Server, *words: str) -> str:
    url = server.url(f"bench_{os.getpid()}")
    command = [sys.executable, str(ROOT / "benchmarks" / "engine.py"), "--engine", url, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=550, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    return done.stdout


def test_two_front_ends_answer_many_clients_and_show_each_others_edits(clickhouse: Server) -> None:
    given = ("--only", "edits,clients", "--clients", "5", "--seconds", "2", "--edits", "3", "--runs", "30")
    assert "0 wrong answers" in measured(clickhouse, *given)


@pytest.mark.stress
def test_two_front_ends_answer_fifty_clients_each(clickhouse: Server) -> None:
    given = ("--only", "edits,clients", "--clients", "50", "--seconds", "60", "--runs", "1000", "--edits", "50")
    assert "0 wrong answers" in measured(clickhouse, *given)


def test_what_a_page_costs_does_not_grow_with_the_points(clickhouse: Server) -> None:
    """Statements, and rows that the database reads, by a front end that knows the runs and nothing else, as after each
    change."""
    if clickhouse.kind != "18.16":
        pytest.skip("chdb's helper does not tell how many rows were read")
    few, many = (costs(clickhouse, runs=100, metrics=10, steps=steps) for steps in (20, 200))
    assert_within(few, MOST)
    assert_within(many, MOST)
    assert many[CHART].rows < 100 * 10 * 200, "the points of one metric, not of all"


@pytest.mark.stress
def test_what_a_page_costs_with_150_metrics(clickhouse: Server) -> None:
    """The scale of 75,000 x 150 in docs/scale.md is computed from these rows: only those of runs grow with the runs."""
    if clickhouse.kind != "18.16":
        pytest.skip("chdb's helper does not tell how many rows were read")
    assert_within(costs(clickhouse, runs=1500, metrics=150, steps=4), MOST_OF_MANY)


class Cost(NamedTuple):
    statements: int
    rows: int


CHART = "the chart of one metric of the same runs"


def costs(server: Server, *, runs: int, metrics: int, steps: int) -> dict[str, Cost]:
    numbers = ("--runs", str(runs), "--metrics", str(metrics), "--steps", str(steps))
    table = measured(server, "--only", "pages", *numbers)
    rows = re.findall(r"^\| (.+?) \| .+? s \| .+? s \| (\d+) \| ([\d,]+) \|$", table, re.MULTILINE)
    return {title: Cost(int(statements), int(read.replace(",", ""))) for title, statements, read in rows}


def assert_within(found: dict[str, Cost], most: dict[str, Cost]) -> None:
    """`rows` of 0: they grow with the points."""
    assert found.keys() == most.keys()
    for title, cost in found.items():
        assert cost.statements <= most[title].statements, (title, cost)
        assert cost.rows <= (most[title].rows or cost.rows), (title, cost)


# Of 100 runs with 1,000 rows of statistics. The rows have room: the database merges its parts when it likes.
MOST = {
    "a page of 50 of the table, ordered by a metric": Cost(13, 5_000),
    "the overview": Cost(14, 4_400),
    CHART: Cost(15, 0),
    "one run": Cost(15, 5_000),
    "completion": Cost(5, 1_000),
}
# Of 1,500 runs with 225,000, of 800,000 points. One run costs a few granules of 256 rows in each part that was not
# merged yet, whatever the number of its metrics.
MOST_OF_MANY = {
    "a page of 50 of the table, ordered by a metric": Cost(13, 20_000),
    "the overview": Cost(14, 8_000),
    CHART: Cost(15, 45_000),
    "one run": Cost(15, 15_000),
    "completion": Cost(5, 1_500),
}
