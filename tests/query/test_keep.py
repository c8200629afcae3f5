"""A list of runs is computed once for each catalog, unless time alone changes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import aim
from aim.index.schema import SEPARATOR
from aim.query import execute, keep
from aim.query.columns import FIELDS
from aim.query.find import Find
from aim.query.plan import Group, ParamColumn, column_node
from aim.repo import Repo

ORDER: list[Any] = [(ParamColumn(("hparams", "lr")), True)]


@pytest.fixture
def filtered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An entry for each filter and order that is computed."""
    monkeypatch.setattr(keep, "KEPT_FROM", 0)
    done: list[str] = []
    for name in ("fitting", "ordered", "finding", "grouped"):
        function = getattr(execute, name)

        def counted(*given: Any, name: str = name, function: Any = function) -> Any:
            done.append(name)
            return function(*given)

        monkeypatch.setattr(execute, name, counted)
    return done


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    for number in range(6):
        with aim.Run(f"run {number}", repo=tmp_path) as run:
            run["hparams"] = {"lr": number / 10}
    return Repo(tmp_path)


# The expression, the other arguments, and whether the list is kept while a run is open.
LISTS: list[tuple[str, dict[str, Any], bool]] = [
    ("hparams.lr > 0.1", {}, True),
    ("hparams.lr > 0.1", {"order": ORDER}, True),
    ("run.created_at > 5", {"order": ORDER}, True),
    ("", {"group": Group((column_node("run.experiment"),))}, True),
    ("run.status == finished", {}, False),
    ("run.duration < 1e9", {}, False),
    ("hparams.lr > 0.1", {"order": [("run.duration", False)]}, False),
    ("", {"find": Find("run")}, False),
    ("run.created_at < now()", {}, False),
]


@pytest.mark.parametrize(("expression", "more", "lasts"), LISTS)
def test_another_page_of_a_list(
    repo: Repo,
    filtered: list[str],
    expression: str,
    more: dict[str, Any],
    lasts: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with aim.Run("open", repo=repo.root, system_interval=0, console=False, environment=False):
        catalog = repo._index.refresh()
        # A heartbeat of the open run would make another catalog.
        monkeypatch.setattr(repo._index, "refresh", lambda: catalog)
        whole = repo.table.page(expression, **more)
        computed = len(filtered)
        page = repo.table.page(expression, **more, offset=2, limit=2)
        assert (len(filtered) == computed) is lasts
    assert [run.hash for run in page.runs] == [run.hash for run in whole.runs[2:4]]
    assert (page.matched, page.listed) == (whole.matched, whole.listed)


def test_a_list_of_runs_that_ended_is_kept_whatever_it_asks_except_for_the_time(
    repo: Repo, filtered: list[str]
) -> None:
    for expression, lasts in (("run.status == finished", True), ("run.created_at < now()", False)):
        repo.table.page(expression)
        computed = len(filtered)
        repo.table.page(expression)
        assert (len(filtered) == computed) is lasts


def test_an_edit_and_a_new_run_are_seen(repo: Repo, filtered: list[str]) -> None:
    assert repo.table.page("best in run.tags").matched == 0
    repo.tags.save("best", color="#00ff00")
    repo.runs.tag(repo.run("run 3").id, "best")
    assert [run.hash for run in repo.table.page("best in run.tags").runs] == ["run 3"]
    with aim.Run("late", repo=repo.root) as run:
        run.add_tag("best")
    assert repo.table.page("best in run.tags").matched == 2


def test_values_of_other_types_are_other_questions(repo: Repo, filtered: list[str]) -> None:
    """In Python, 1 and True are equal."""
    with aim.Run("flag", repo=repo.root) as run:
        run["flags"] = {"on": 1}
    assert [repo.table.page(f"flags.on is {value}").matched for value in ("True", "1", "True")] == [0, 1, 0]


def test_few_lists_are_kept(repo: Repo, filtered: list[str]) -> None:
    for number in range(40):
        repo.table.page(f"hparams.lr > {number}")
    assert len(repo._index.refresh().kept) <= 18


def test_the_columns_of_a_list_are_counted_once(
    repo: Repo, filtered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.runs.edit([repo.run("run 3").id], "description", "the best")
    first = repo.table.page("hparams.lr > 0.1", columns=True).columns
    assert first is not None and first.described
    monkeypatch.setattr("aim.query.table.params_of", None)
    monkeypatch.setitem(FIELDS, "description", None)
    assert repo.table.page("hparams.lr > 0.1", columns=True, offset=2).columns == first
    monkeypatch.undo()
    repo.runs.edit([repo.run("run 3").id], "description", "")
    after = repo.table.page("hparams.lr > 0.1", columns=True).columns
    assert after is not None and not after.described


def test_a_page_with_columns_chooses_the_runs_once(repo: Repo, filtered: list[str]) -> None:
    page = repo.table.page("hparams.lr > 0.1", order=ORDER, columns=True, limit=1)
    assert (page.matched, page.columns and page.columns.params[0].runs) == (4, 4)
    assert filtered == ["fitting", "ordered"]
    repo.table.page("hparams.lr > 0.1", order=[("run.name", False)])
    assert filtered == ["fitting", "ordered", "ordered"], "nor for another order"


def test_a_run_counts_once_for_a_path_that_two_of_its_keys_make(repo: Repo) -> None:
    with aim.Run("odd", repo=repo.root) as run:
        run["group"] = {f"a{SEPARATOR}b": 1, "a": {"b": 2}}
    columns = repo.table.page("run.hash == odd", columns=True).columns
    assert columns is not None
    assert [(param.path, param.runs) for param in columns.params] == [(("group", "a", "b"), 1)]
