"""Dashboards: named pages of charts, saved in the repository."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest

import aim
from aim.errors import EditError, QueryError, RepoError
from aim.log import edits
from aim.repo import Repo
from aim.repo.dashboards import MAX_CHARTS, Chart, Dashboard, Dashboards, chart_of

LOSS = {"kind": "line", "metrics": ["loss"], "y_scale": "log", "smoothing": 0.6, "y_range": [None, 2]}
SWEEP = {"kind": "parallel", "axes": ["hparams.lr", "metric:loss"], "width": 6}


def test_saved_found_changed_renamed_and_removed(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path)
    main = repo.dashboards.save("Main", [LOSS, SWEEP], runs="hparams.lr > 0.1", newest=50)
    assert Repo(tmp_path).dashboards.get("Main") == main == repo.dashboards.get(main.id)
    first, second = main.charts
    assert (first.metrics, first.y_scale, first.smoothing, first.y_range) == (("loss",), "log", 0.6, (None, 2.0))
    assert (second.axes, second.width, second.x, second.value) == (("hparams.lr", "metric:loss"), 6, "step", "last")
    other = repo.dashboards.save("all", [Chart(kind="text", text="# Notes")])
    assert [board.name for board in repo.dashboards] == ["all", "Main"]
    renamed = repo.dashboards.rename("Main", "Sweep")
    assert (renamed.id, renamed.charts, renamed.runs, renamed.newest) == (main.id, main.charts, "hparams.lr > 0.1", 50)
    repo.dashboards.save("Sweep", [second], id=main.id)
    assert Repo(tmp_path).dashboards.get("Sweep").charts == (second,)
    repo.dashboards.remove("Sweep")
    assert list(Repo(tmp_path).dashboards) == [other]
    for wrong in (
        lambda: repo.dashboards.remove("Sweep"),
        lambda: repo.dashboards.get("Sweep"),
        lambda: repo.dashboards.save("new", [], id=main.id),
        lambda: repo.dashboards.save("all", []),
        lambda: repo.dashboards.save(" ", []),
        lambda: repo.dashboards.save("x" * 201, []),
    ):
        with pytest.raises(EditError):
            wrong()


def test_one_is_read_by_its_id_without_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Repo.init(tmp_path)
    boards = [repo.dashboards.save(name, [LOSS]) for name in ("a", "b", "c")]
    read: list[Any] = []

    def counted(chart: Any) -> Chart:
        read.append(chart)
        return chart_of(chart)

    monkeypatch.setattr("aim.repo.dashboards.chart_of", counted)
    assert repo.dashboards.with_id(boards[1].id) == boards[1]
    assert len(read) == 1
    repo.dashboards.show_at_home("b")
    read.clear()
    assert repo.dashboards.home == boards[1]
    assert len(read) == 1
    for wrong in ("", "b", "0" * 40, "home_dashboard", boards[1].id + ":"):
        assert repo.dashboards.with_id(wrong) is None
    read.clear()
    assert repo.dashboards.save("d", [SWEEP]).name == "d"
    assert len(read) == 5, (
        "the three others once, for their names, and the new one when it is checked and when it is read"
    )


def test_a_change_does_not_overwrite_one_that_was_not_seen(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path)
    seen = repo.dashboards.save("Main", [LOSS])
    later = repo.dashboards.save("Main", [SWEEP], id=seen.id, seen=seen.edited_at)
    with pytest.raises(EditError, match="changed by someone else"):
        repo.dashboards.save("Main", [], id=seen.id, seen=seen.edited_at)
    assert repo.dashboards.get("Main") == later


def test_the_home_page_shows_one_while_it_exists(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path)
    assert repo.dashboards.home is None
    main = repo.dashboards.save("Main", [LOSS])
    repo.dashboards.show_at_home("Main")
    assert Repo(tmp_path).dashboards.home == main
    repo.dashboards.show_at_home(None)
    assert repo.dashboards.home is None
    repo.dashboards.show_at_home(main.id)
    repo.dashboards.remove("Main")
    assert Repo(tmp_path).dashboards.home is None
    with pytest.raises(EditError):
        repo.dashboards.show_at_home("Main")


def test_a_merge_brings_dashboards_and_keeps_both_of_one_name(tmp_path: Path) -> None:
    one, two = Repo.init(tmp_path / "one"), Repo.init(tmp_path / "two")
    one.dashboards.save("Main", [LOSS])
    removed = two.dashboards.save("old", [])
    two.dashboards.save("Main", [SWEEP])
    one.merge(two)
    two.dashboards.remove("old")
    assert [board.name for board in one.dashboards] == ["Main", "Main", "old"]
    one.merge(two)
    assert [board.name for board in one.dashboards] == ["Main", "Main"], f"a merge brings that {removed.id} is removed"
    with pytest.raises(EditError, match="2 dashboards are called 'Main'"):
        one.dashboards.get("Main")


def test_a_repository_that_is_only_read(tmp_path: Path) -> None:
    Repo.init(tmp_path).dashboards.save("Main", [LOSS])
    repo = Repo(tmp_path, read_only=True)
    assert [board.name for board in repo.dashboards] == ["Main"]
    with pytest.raises(RepoError, match="read-only"):
        repo.dashboards.remove("Main")


WRONG: list[tuple[Any, str]] = [
    ([], "an object with a kind"),
    ({}, "needs a kind"),
    ({"kind": "pie"}, "one of line, bar"),
    ({"kind": ["line"]}, "one of line, bar"),
    ({"kind": "line", "colour": "red"}, "no field 'colour'"),
    ({"kind": "line", "title": "x" * 201}, "up to 200 characters"),
    ({"kind": "line", "metrics": "loss"}, "list of up to 20 names"),
    ({"kind": "line", "metrics": ["m"] * 21}, "list of up to 20 names"),
    ({"kind": "line", "metrics": [1]}, "up to 1,000 characters"),
    ({"kind": "line", "x": "steps"}, "metric:NAME"),
    ({"kind": "line", "y_scale": "sqrt"}, "auto, linear, log"),
    ({"kind": "line", "y_range": [2, 1]}, "ascending numbers"),
    ({"kind": "line", "y_range": [None, float("nan")]}, "ascending numbers"),
    ({"kind": "line", "y_range": [None, "1"]}, "ascending numbers"),
    ({"kind": "line", "y_range": [1]}, "ascending numbers"),
    ({"kind": "line", "smoothing": 1}, "from 0 to 0.99"),
    ({"kind": "line", "smoothing": True}, "from 0 to 0.99"),
    ({"kind": "line", "ignore_outliers": 1}, "true or false"),
    ({"kind": "line", "width": 7}, "from 1 to 6"),
    ({"kind": "line", "width": 1.5}, "from 1 to 6"),
    ({"kind": "line", "height": 10**400}, "from 1 to 6"),
    ({"kind": "text", "text": "x" * 10_001}, "up to 10,000 characters"),
]


@pytest.mark.parametrize(("chart", "words"), WRONG)
def test_a_chart_is_checked(tmp_path: Path, chart: Any, words: str) -> None:
    repo = Repo.init(tmp_path)
    with pytest.raises(EditError, match=words):
        repo.dashboards.save("Main", [chart])
    assert list(repo.dashboards) == []


def test_a_dashboard_is_bounded_and_its_queries_are_valid(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path)
    with pytest.raises(EditError, match=f"it can have {MAX_CHARTS}"):
        repo.dashboards.save("Main", [LOSS] * (MAX_CHARTS + 1))
    with pytest.raises(EditError, match="bytes"):
        repo.dashboards.save("Main", [{"kind": "text", "text": "x" * 10_000}] * MAX_CHARTS)
    with pytest.raises(EditError, match="newest"):
        repo.dashboards.save("Main", [], newest=201)
    for wrong in ({"runs": "lr >"}, {"charts": [{"kind": "line", "where": "lr >"}]}):
        with pytest.raises(QueryError, match="`(runs|where)` is not valid: Expected a value"):
            repo.dashboards.save("Main", **{"charts": [], **wrong})  # type: ignore[arg-type]
    with pytest.raises(EditError, match="^runs is text of up to 5,000 characters, not 3"):
        repo.dashboards.save("Main", [], runs=3)  # type: ignore[arg-type]
    for charts in (LOSS, "line", None, Chart(kind="line")):
        with pytest.raises(EditError, match="the charts of a dashboard are a list, not "):
            repo.dashboards.save("Main", charts)  # type: ignore[arg-type]


def test_a_chart_has_the_fields_that_are_checked() -> None:
    given = asdict(Chart(kind="bar", title="x", x_range=(0, None)))
    assert set(given) == {field.name for field in fields(Chart)}
    assert chart_of(given) == Chart(kind="bar", title="x", x_range=(0, None))


def test_invalid_values_from_other_programs_are_left_out(tmp_path: Path) -> None:
    with aim.Run("first", repo=tmp_path):
        pass
    writer = edits.Editor(tmp_path / ".aim")
    strange = [
        ["not", "ours"],
        {"charts": 5, "name": 7, "newest": -1, "runs": ["x"]},
        {
            "name": "later",
            "charts": [{"kind": "line", "metrics": ["loss"], "of a newer version": 1}, {"kind": "pie"}, 3],
        },
        {"charts": [{"kind": "bar", "where": "a condition of a newer version"}]},
    ]
    for number, value in enumerate(strange):
        writer.edit(None, f"dashboard:{number}", value)
    for odd in ("", "\x1b[31m", "../x", "a" * 41):
        writer.edit(None, f"dashboard:{odd}", {"name": "odd", "charts": []})
    repo = Repo(tmp_path)
    for home in ({"not": "an id"}, "../x"):
        writer.edit(None, "home_dashboard", home)
        assert repo.dashboards.home is None
    assert [(board.id, board.name, board.charts, board.runs, board.newest) for board in repo.dashboards] == [
        ("1", "1", (), "", 20),
        ("3", "3", (Chart(kind="bar", where="a condition of a newer version"),), "", 20),
        ("2", "later", (Chart(kind="line", metrics=("loss",)),), "", 20),
    ]


def test_of_savers_of_one_name_at_once_all_but_one_are_refused(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path)
    together = threading.Barrier(8)

    def save(number: int) -> str:
        together.wait()
        try:
            return repo.acting(f"user {number}").dashboards.save("Sweep", []).id
        except EditError as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(save, range(8)))
    (board,) = repo.dashboards
    refused = "the dashboard 'Sweep' exists; choose another name"
    assert sorted(answers) == sorted([board.id, *[refused] * 7])


def test_another_process_that_saves_between_the_look_and_the_writing_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Repo.init(tmp_path), Repo(tmp_path)
    check = Dashboards._check_name

    def looks_too_early(own: Dashboards, name: str, others: Iterable[Dashboard]) -> str:
        checked = check(own, name, others)
        if own is second.dashboards:
            first.dashboards.save("Sweep", [], newest=7)
        return checked

    monkeypatch.setattr(Dashboards, "_check_name", looks_too_early)
    with pytest.raises(EditError, match="exists; choose another name"):
        second.dashboards.save("Sweep", [], newest=9)
    assert [board.newest for board in Repo(tmp_path).dashboards] == [7]


def test_of_two_processes_that_rename_to_one_name_the_second_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Repo.init(tmp_path), Repo(tmp_path)
    for number, name in enumerate(("A", "B"), 1):
        first.dashboards.save(name, [], newest=number)
    check = Dashboards._check_name

    def looks_too_early(own: Dashboards, name: str, others: Iterable[Dashboard]) -> str:
        checked = check(own, name, others)
        if own is second.dashboards:
            first.dashboards.rename("A", "Sweep")
        return checked

    monkeypatch.setattr(Dashboards, "_check_name", looks_too_early)
    with pytest.raises(EditError, match="exists; choose another name"):
        second.dashboards.rename("B", "Sweep")
    assert {(board.name, board.newest) for board in Repo(tmp_path).dashboards} == {("Sweep", 1), ("B", 2)}


def test_a_change_of_the_version_that_was_seen_counts_once(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path)
    seen = repo.dashboards.save("Sweep", [])
    together = threading.Barrier(4)

    def save(number: int) -> bool:
        together.wait()
        try:
            repo.dashboards.save("Sweep", [], newest=number + 1, id=seen.id, seen=seen.edited_at)
        except EditError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(save, range(4))) == 1
