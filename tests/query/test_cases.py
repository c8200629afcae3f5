"""Every pair in cases/*.txt: by the plain meaning of reference.py, and in a repository that holds the file's runs, by
each way of executing a plan on each engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aim.errors import QueryError
from aim.query import execute, keep
from aim.repo import Repo
from tests.clickhouse import folds
from tests.clickhouse.servers import Server
from tests.query import recorded, reference
from tests.query.casebook import CaseFile, QueryCase, case_files

PAIRS = [(file, case) for file in case_files() for case in file.queries]
each_pair = pytest.mark.parametrize(
    ("file", "case"), PAIRS, ids=[f"{file.path.stem}:{case.line}" for file, case in PAIRS]
)
NEVER = 1 << 60
# From how many runs on conditions are pushed into the engine, and lists of runs are kept.
EXECUTORS = {"numpy": (NEVER, NEVER), "engine": (0, NEVER), "kept": (NEVER, 0)}


@pytest.fixture(scope="module")
def repos(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Repo]:
    return {file.path: recorded.repository(tmp_path_factory.mktemp("repo"), file.runs) for file in case_files()}


@each_pair
def test_cases_by_a_plain_evaluator(file: CaseFile, case: QueryCase) -> None:
    check(case, lambda: reference.answer(case, file.runs))


@pytest.fixture(params=EXECUTORS)
def executor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """One way of executing a plan, which holds for the test."""
    pushed_from, kept_from = EXECUTORS[request.param]
    monkeypatch.setattr(execute, "PUSHED_FROM", pushed_from)
    monkeypatch.setattr(keep, "KEPT_FROM", kept_from)
    return str(request.param)


@each_pair
def test_in_a_repository(file: CaseFile, case: QueryCase, executor: str, repos: dict[Path, Repo]) -> None:
    check(case, lambda: recorded.answer(case, repos[file.path]))
    if executor == "kept":
        check(case, lambda: recorded.answer(case, repos[file.path]))


@pytest.fixture(scope="module")
def folded(repos: dict[Path, Repo], clickhouse: Server) -> dict[Path, Repo]:
    """The same repositories as other machines see them: by their engine alone."""
    distant = {}
    for path, repo in repos.items():
        database = folds.database(clickhouse)
        folds.fold(repo.aim_dir, database)
        distant[path] = Repo(str(database.address))
    return distant


@each_pair
@pytest.mark.usefixtures("executor")
def test_in_clickhouse(file: CaseFile, case: QueryCase, folded: dict[Path, Repo]) -> None:
    check(case, lambda: recorded.answer(case, folded[file.path]))


def check(case: QueryCase, answer: Callable[[], list[str]]) -> None:
    if not case.expected.startswith("error "):
        assert answer() == case.finds
        return
    _, at, words = case.expected.split(" ", 2)
    with pytest.raises(QueryError) as caught:
        answer()
    offset = len("if ") if case.filters_runs else 0
    assert caught.value.start + offset == int(at)
    assert words in f"{caught.value.message} {caught.value.hint}"


def test_every_file_has_runs_and_queries() -> None:
    files = case_files()
    assert files and all(file.runs and file.queries for file in files)
