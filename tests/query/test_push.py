"""The conditions pushed into the engine, and that pushing never changes an answer."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aim.errors import QueryError
from aim.index import tables
from aim.query import execute
from aim.query.parse import parse_expression
from aim.query.push import described, pushed
from aim.repo import Repo
from tests.index.logs import LogFile

EXPERIMENTS = ("default", "a", "ü", "it's")
VALUES: list[object] = [
    *(0, 1, 1.0, True, False, -0.0, 0.1, 2**53, 2**53 + 1, 10**400, -(10**400), math.nan, math.inf, -math.inf, None),
    *("", "a", "A", "adam", "ü", "\U0001f600", 'say "hi"', "it's", "%", "1", "x", "a\\b", "\ud800", "a\0b"),
    *([], [1, 2], ["a"], {}, {"deep": 1}, {"lr": 1}),
]


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A run for each value; some live, resumed, closed, edited from outside or given params."""
    folder = tmp_path_factory.mktemp("repo")
    for number, value in enumerate(VALUES):
        file = LogFile(folder, f"run {number}").start(
            1.7e9 + number * 40_000, experiment=["default", "a", "ü", "it's"][number % 4]
        )
        file.params(1, {"hparams": {"x": value}, "default": {"y": number % 3}} if number % 5 else {"x": value})
        file.series(0, "loss", {"subset": "val"}).series(1, "loss", {"subset": "train"})
        for step, point in enumerate([number / 10, math.nan if number % 4 == 0 else 2.0, number / 7 - 1]):
            file.point(0, step, point).point(1, step, -point)
        file.edit(2, "tag:best", number % 2 == 0).edit(3, 'tag:a "b" c', number % 3 == 0)
        (file if number % 6 == 0 else file.end(1.7e9 + number * 40_000 + 60)).save()
    resumed = LogFile(folder, "run 3", run=_id(folder, "run 3")).start(1.8e9, resume_from=1)
    resumed.series(0, "loss", {"subset": "val"}).point(0, 1, 50.0).end(1.8e9).save()
    opened = Repo(folder)
    ids = {run.hash: run.id for run in opened.select_runs()}
    opened.runs.edit(ids["run 5"], "experiment", "moved")
    opened.runs.edit(ids["run 7"], "name", "a new name")
    opened.runs.edit(ids["run 8"], "tag", "late")
    opened.runs.edit(ids["run 10"], "untag", "best")
    opened.runs.add_params(ids["run 11"], {"hparams.x": 0.1, "given": "adam"})
    return opened


def _id(folder: Path, hash: str) -> bytes:
    return bytes.fromhex(next(run.id for run in Repo(folder).select_runs() if run.hash == hash))


LITERALS = [
    *("0", "1", "-1", "0.1", "True", "False", "None", "nan", "inf", "-inf", "9007199254740993", "1e400", "10 ** 3"),
    *(
        '""',
        '"a"',
        '"adam"',
        '"ü"',
        '"it\'s"',
        '"a new name"',
        '"moved"',
        '"a\\x00b"',
        '"run 5"',
        "x",
        "y",
    ),
    *(
        '"finished"',
        '"2023-11"',
        '"2023-11-20"',
        '"best"',
        '"late"',
        "[1, 2]",
        '(0, "adam")',
        "(None, 1)",
        '("a", "moved")',
        "()",
    ),
]
NAMES = [
    *(
        "params.x",
        "x",
        "hparams.x",
        "params.hparams.x",
        "params.y",
        "y",
        "given",
        "params.missing",
        "missing",
        "params.hparams",
    ),
    *(
        "experiment",
        "run.name",
        "run.hash",
        "run.status",
        "run.tags",
        "run.created_at",
        "run.finished_at",
        "run.duration",
        "run.env.name",
        "run.packages.hash",
        "run.facts.git.status",
    ),
    *(
        "run.loss",
        "run.loss.val.min",
        "run.loss.train.first",
        "run.loss.max",
        "run.loss.mean",
        "run.loss.count",
        "run.nothing.last",
        "run.hparams.x",
        "run.x",
        "run.y.last",
        "run.given",
    ),
    "at_min(run.loss.val, run.loss.train)",
]
SIGNS = ["==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in"]
compared = st.builds("{} {} {}".format, st.sampled_from(NAMES), st.sampled_from(SIGNS), st.sampled_from(LITERALS))
turned = st.builds("{} {} {}".format, st.sampled_from(LITERALS), st.sampled_from(SIGNS), st.sampled_from(NAMES))
chained = st.builds("{} {} {} < {}".format, *map(st.sampled_from, (LITERALS, ["<", "<=", "=="], NAMES, LITERALS)))
conditions = st.recursive(
    compared | turned | chained,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner) | st.builds("not {}".format, inner)
    ),
    max_leaves=4,
)


def asked(repo: Repo, text: str, pushed_from: int) -> list[str]:
    execute.PUSHED_FROM = pushed_from
    return sorted(run.hash for run in repo.table.rows(text).runs)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(conditions)
def test_the_engine_changes_no_answer(repo: Repo, text: str) -> None:
    usual = execute.PUSHED_FROM
    try:
        assert asked(repo, text, 0) == asked(repo, text, 1 << 60)
    except QueryError:
        pass
    finally:
        execute.PUSHED_FROM = usual


PUSHED = [
    ("params.x < 0.1", "params with path in [x, hparams.x] and number <= 0.1"),
    ("0.1 <= hparams.x", "params with path in [hparams.x] and number >= 0.1"),
    ("hparams.x == 1", "params with path in [hparams.x] and number = 1.0"),
    ("hparams.x is True", "params with path in [hparams.x] and number = 1.0"),
    (
        "hparams.x in (1, 5, 'ü')",
        "(params with path in [hparams.x] and 1.0 <= number <= 5.0 or"
        ' params with path in [hparams.x] and value in ["\\u00fc"])',
    ),
    ("hparams.x == 'ü'", 'params with path in [hparams.x] and value in ["\\u00fc"]'),
    ("hparams.x < 'b'", None),
    ("hparams.x != 1", None),
    ("hparams.x == None", None),
    ("hparams.x == nan", None),
    ("hparams.x in (1, None)", None),
    ("hparams.x in (1, params.y)", None),
    ("hparams.x == params.y", None),
    ("missing > 1", "params with path in [] and number >= 1.0"),
    ("missing == 'missing'", None),
    ("missing > 'm'", None),
    ("run.name == 'a\\x00b'", None),
    ("run.name == 'a'", "runs with name in [a]"),
    ("run.env.name == 'a'", None),
    ("run.packages.status == 'a'", None),
    ("run.facts.git.hash == 'a'", None),
    ("context.name == 'a'", None),
    ("'a' is run.name", "runs with name in [a]"),
    ("run.name == 1", None),
    ("run.name < 'a'", None),
    ("experiment in (a, b, 1)", "runs with experiment in [a, b]"),
    ("run.status == finished", "runs with status in [finished]"),
    ("best in run.tags", 'runs with tags containing "best"'),
    ("best in params.x", None),
    ("1 in run.tags", None),
    ("run.tags == best", None),
    ("run.created_at < '2023-12'", "runs with created_at <= 1704067200.0"),
    ("'2023-12' < run.created_at", "runs with created_at >= 1701388800.0"),
    ("run.created_at == '2023-12'", "runs with 1701388800.0 <= created_at <= 1704067200.0"),
    ("run.finished_at == 5", "runs with finished_at = 5.0"),
    ("run.duration < 5", None),
    ("run.loss.val < 1", "series with name in [loss] and last <= 1.0"),
    (
        "0 < run.loss.min < 1",
        "(series with name in [loss] and min >= 0.0 and series with name in [loss] and min <= 1.0)",
    ),
    ("run.loss.val == 'a'", None),
    (
        "run.hparams.x < 1",
        "(series with name in [hparams] and last <= 1.0 or params with path in [hparams.x] and number <= 1.0)",
    ),
    ("run.hparams.x == 'a'", None),
    ("run.hparams.missing < 1", "series with name in [hparams] and last <= 1.0"),
    ("run.loss.mean < 1", None),
    ("at_min(run.loss, run.loss) < 1", None),
    ("not run.loss < 1", None),
    ("run.duration", None),
    ("run.loss < 1 and run.duration < 5", "series with name in [loss] and last <= 1.0"),
    ("run.loss < 1 or run.duration < 5", None),
    ("run.name == a or run.name == b", "(runs with name in [a] or runs with name in [b])"),
]


@pytest.mark.parametrize(("text", "condition"), PUSHED)
def test_pushed_conditions(repo: Repo, text: str, condition: str | None) -> None:
    node = parse_expression(text)
    assert node is not None
    condition_pushed = pushed(node, frozenset(repo._index.refresh().param_paths))
    assert (None if condition_pushed is None else described(condition_pushed)) == condition


NARROWED = [("hparams.x == 'ü'", 1), ("experiment == moved", 1), ("late in run.tags", 1), ("given == 'adam'", 1)]


@pytest.mark.parametrize(("text", "most"), NARROWED)
def test_the_engine_leaves_few_runs_and_undecided_ones(repo: Repo, text: str, most: int) -> None:
    catalog, node = repo._index.refresh(), parse_expression(text)
    assert node is not None
    condition = pushed(node, frozenset(catalog.param_paths))
    assert condition is not None
    unsettled = int(catalog.unsettled.sum())
    assert 0 < unsettled < len(catalog) / 3
    assert len(tables.matching(catalog, condition)) <= most + unsettled
