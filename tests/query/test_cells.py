"""The values that an explorer shows: ranges, spread steps, the order of runs, and true counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import aim
from aim.query import cells
from aim.query.cells import MediaCells, MediaWindow, spread
from aim.query.plan import key
from aim.repo import Repo


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Three runs, which have three texts at each of 10, 20 and 30 steps."""
    folder = tmp_path_factory.mktemp("cells")
    for number, lr in enumerate((0.1, 0.3, 0.2)):
        with aim.Run(f"r{number}", repo=folder, system_interval=0) as run:
            run["lr"] = lr
            for step in range(10 * (number + 1)):
                run.track([aim.Text(f"{number} {step} {place}") for place in range(3)], "answers", step=step)
    return Repo(folder)


def shown(repo: Repo, statement: str = "", order: Any = (), **window: Any) -> MediaCells:
    return repo.cells(statement, "text", window=MediaWindow(**window), order=order)


def steps_of(cells: MediaCells) -> list[int]:
    return sorted(set(cells.columns["step"].tolist()))


def test_everything(repo: Repo) -> None:
    all_of_them = shown(repo)
    assert (all_of_them.matched, all_of_them.inside, len(all_of_them.ids)) == (180, 180, 180)
    assert (all_of_them.first_step, all_of_them.last_step, all_of_them.last_place) == (0, 29, 2)
    assert (all_of_them.steps, all_of_them.steps_found) == (30, 30)
    assert [run.hash for run in all_of_them.runs] == ["r2", "r1", "r0"]
    point = repo.run("r1").object_at(*_parts(all_of_them.ids[all_of_them.run.tolist().index(1)]))
    assert point is not None and point.data == b"1 0 0"


def _parts(id: str) -> tuple[str, int]:
    writer, _, at = id.partition("-")
    return writer, int(at)


@pytest.mark.parametrize(
    ("window", "steps", "found"),
    [
        ({"lo": 5, "hi": 7}, [5, 6, 7], 27),
        ({"lo": 25}, [25, 26, 27, 28, 29], 15),
        ({"hi": 0}, [0], 9),
        ({"lo": 100}, [], 0),
        ({"places": (1, 1), "hi": 1}, [0, 1], 6),
        ({"places": (None, 0), "lo": 28}, [28, 29], 2),
        ({"steps": 3}, [0, 14, 29], 180),
        ({"steps": 1}, [0], 180),
        ({"steps": 4, "lo": 10, "hi": 20}, [10, 13, 17, 20], 63),
    ],
)
def test_ranges(repo: Repo, window: dict[str, Any], steps: list[int], found: int) -> None:
    some = shown(repo, **window)
    assert steps_of(some) == steps and some.steps == len(steps)
    assert (some.matched, some.inside, some.last_step) == (180, found, 29), "counts are of all"


def test_the_order_of_runs(repo: Repo) -> None:
    some = shown(repo, order=[key("lr", descending=True)], hi=0)
    assert [run.hash for run in some.runs] == ["r1", "r2", "r0"]
    assert some.run.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_more_than_a_page_can_show(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "MOST", 50)
    some = shown(repo)
    assert len(some.ids) <= 50 and some.inside == 180 and 1 < some.steps < 30
    assert steps_of(some)[0] == 0 and steps_of(some)[-1] == 29
    monkeypatch.setattr(cells, "MOST", 4)
    few = shown(repo)
    assert (len(few.ids), few.steps, [run.hash for run in few.runs]) == (4, 1, ["r2", "r1"])


def test_a_statement_narrows_first(repo: Repo) -> None:
    some = shown(repo, "texts if texts.index == 2 and lr > 0.1", steps=2)
    assert (some.matched, some.inside, len(some.ids)) == (50, 50, 3)


def test_spread() -> None:
    assert [spread(count, wanted).tolist() for count, wanted in ((0, 5), (1, 1), (5, 2), (3, 3))] == [
        [], [0], [0, 4], [0, 1, 2],
    ]  # fmt: skip


def test_nothing_recorded(tmp_path: Path) -> None:
    Repo.init(tmp_path)
    empty = shown(Repo(tmp_path))
    assert (empty.matched, empty.inside, empty.steps, len(empty.runs)) == (0, 0, 0, 0)
