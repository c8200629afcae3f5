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
    costs = []
    for steps in (20, 200):
        table = measured(clickhouse, "--only", "pages", "--runs", "100", "--metrics", "10", "--steps", str(steps))
        rows = re.findall(r"^\| (.+?) \| .+? s \| .+? s \| (\d+) \| ([\d,]+) \|$", table, re.MULTILINE)
        costs.append({title: (int(statements), int(read.replace(",", ""))) for title, statements, read in rows})
    few, many = costs
    for title, (statements, read) in many.items():
        assert max(statements, few[title][0]) <= MOST[title].statements, (title, statements)
        if "chart" not in title:
            assert max(read, few[title][1]) <= MOST[title].rows, (title, read)
    (chart,) = (read for title, (_, read) in many.items() if "chart" in title)
    assert chart < 100 * 10 * 200, "the points of one metric, not of all"


class Cost(NamedTuple):
    statements: int
    rows: int


# Of 100 runs with 1,000 rows of statistics. The rows have room: the database merges its parts when it likes.
MOST = {
    "a page of 50 of the table, ordered by a metric": Cost(13, 5_000),
    "the overview": Cost(14, 4_400),
    "the chart of one metric of the same runs": Cost(15, 0),
    "one run": Cost(15, 5_000),
    "completion": Cost(5, 1_000),
}
