"""What statements compile to, and pages of runs in an order."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aim import engine
from aim.errors import QueryError
from aim.query import execute, plan
from aim.query.beside import SeriesName
from aim.query.cells import MediaWindow
from aim.query.find import Find, Numbers
from aim.query.parse import parse_expression, parse_statement
from aim.query.plan import Group, Sample, TableColumn, aggregate_of
from aim.repo import MetricColumn, ParamColumn, Repo
from tests.depths import watch
from tests.index.logs import LogFile

STATEMENTS = [
    ("loss", ["scan runs, not archived", "join series: loss"]),
    ("*", ["scan runs, not archived", "join series: all"]),
    (
        'loss, "a b" if lr < 1 and context.subset == val and run.archived',
        [
            "scan runs, archived ones too",
            "filter runs: lr < 1 and run.archived",
            'join series: loss, "a b" if context.subset == "val"',
        ],
    ),
    (
        "loss if lr < 1 or metric == loss",
        ["scan runs, not archived", 'join series: loss if lr < 1 or metric == "loss"'],
    ),
]


@pytest.mark.parametrize(("text", "steps"), STATEMENTS)
def test_what_a_statement_compiles_to(text: str, steps: list[str]) -> None:
    assert plan.explain(plan.of_statement(parse_statement(text))) == steps


def test_what_a_page_compiles_to() -> None:
    keys = [
        plan.key("run.duration / 2", descending=True),
        plan.key(MetricColumn("loss", {"subset": "val", "fold": 1}, "min")),
    ]
    where = parse_expression("lr < 1 and context.subset == val")
    find = Find('adam "x')
    assert plan.explain(plan.of_page(plan.of_list(where, keys, find=find), plan.Page(50, 25), ["loss"])) == [
        "scan runs, not archived",
        "filter runs: lr < 1",
        'filter runs by their series: context.subset == "val"',
        'find runs: "adam" "\\"x"',
        'order by run.duration / 2 descending, run.metrics["loss", {"fold": 1, "subset": \'val\'}].min',
        "page of 25 runs from 50",
        'join series: "loss"',
    ]
    near = plan.of_page(plan.of_list(None, [], find=Find(" ")), plan.Page(50, 25, "abc", 3), [])
    assert plan.explain(near)[1:] == ["page of 25 runs from 3 before abc, else from 50", "join series: none"]
    by = (plan.column_node(ParamColumn(("hparams", "seed"))),)
    assert [plan.explain(plan.of_list(None, [], group=Group(by, "max", but=but)))[1] for but in (False, True)] == [
        "group by hparams.seed; max",
        "group by all params that differ, but hparams.seed; max",
    ]
    assert plan.explain(plan.of_runs(None, only=["a", "b"])) == ["scan runs, 2 by id, not archived"]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Runs a (the oldest) to f; lr 3, 1, "run 10", "Run 9", missing, 2."""
    for number, (hash, lr) in enumerate(zip("abcdef", (3, 1.0, "run 10", "Run 9", None, True), strict=True)):
        file = LogFile(tmp_path, hash).start(1.7e9 + number).params(1, {} if lr is None else {"hparams": {"lr": lr}})
        file.series(0, "loss", {"subset": "val"}).series(1, "loss").series(2, "accuracy")
        for step in range(3):
            file.point(0, step, float((number * 7 + step) % 5)).point(2, step, number)
        if hash != "b":
            file.point(1, 0, 10.0 - number)
        file.end(1.7e9 + 100).save()
    return Repo(tmp_path)


ORDERS: list[tuple[list[tuple[TableColumn, bool]], str]] = [
    ([], "fedcba"),
    ([("run.created_at", False)], "abcdef"),
    ([("hparams.lr", False)], "fbadce"),
    ([("hparams.lr", True)], "cdafbe"),
    ([(parse_expression("hparams.lr") or "", True)], "cdafbe"),
    ([(MetricColumn("loss", {}), False)], "fedcab"),
    ([(MetricColumn("loss", {}), True)], "acdefb"),
    ([(MetricColumn("loss", {"subset": "val"}, "max"), False), ("run.hash", True)], "fadecb"),
    ([(MetricColumn("loss", {"subset": "val"}, "last"), True), ("run.hash", True)], "bdface"),
    ([("run.accuracy.last % 2", False), ("run.hash", False)], "acebdf"),
    ([("missing.thing", False)], "fedcba"),
    ([(ParamColumn(("hparams", "lr")), False)], "fbadce"),
    ([(ParamColumn(("lr",)), False)], "fedcba"),
    ([(MetricColumn("accuracy", {}, "at_max", by="loss", by_context={"subset": "val"}), False)], "abcdef"),
    ([("run.name or run.hash", True)], "fedcba"),
]


@pytest.mark.parametrize(("order", "hashes"), ORDERS)
def test_the_order_of_runs(repo: Repo, order: list[tuple[TableColumn, bool]], hashes: str) -> None:
    assert "".join(run.hash for run in repo.table.page(order=order).runs) == hashes
    pages = [repo.table.page(order=order, offset=start, limit=4) for start in (0, 4)]
    assert "".join(run.hash for page in pages for run in page.runs) == hashes
    assert [page.matched for page in pages] == [6, 6]


@pytest.mark.parametrize(("descending", "hashes"), [(False, "abcd"), (True, "bacd")])
def test_nan_then_what_is_missing_come_last(tmp_path: Path, descending: bool, hashes: str) -> None:
    for number, (hash, lr) in enumerate((("a", 1.0), ("b", 2.0), ("c", math.nan), ("d", None))):
        LogFile(tmp_path, hash).start(1.7e9 + number).params(1, {"hparams": {"lr": lr}}).end(1.8e9).save()
    page = Repo(tmp_path).table.page(order=[("hparams.lr", descending)])
    assert "".join(run.hash for run in page.runs) == hashes


def test_runs_without_tags_come_last(repo: Repo) -> None:
    ids = {run.hash: run.id for run in repo.table.page().runs}
    for hash, tag in (("a", "good"), ("b", "best"), ("b", "good"), ("c", "Zero")):
        repo.runs.tag([ids[hash]], tag)
    orders = {
        down: "".join(run.hash for run in repo.table.page(order=[("run.tags", down)]).runs) for down in (False, True)
    }
    assert orders == {False: "bacfed", True: "cabfed"}


def test_a_page_stays_near_a_run(repo: Repo) -> None:
    ids = {run.hash: run.id for run in repo.table.page().runs}
    page = repo.table.page(near=ids["c"], before=1, offset=5, limit=3)
    assert ("".join(run.hash for run in page.runs), page.start, page.near) == ("dcb", 2, 3)
    page = repo.table.page(near=ids["e"], before=4, limit=2)
    assert ("".join(run.hash for run in page.runs), page.start, page.near) == ("fe", 0, 1)
    for missing in ("0" * 32, ids["a"]):
        page = repo.table.page("run.hash != 'a'", near=missing, before=1, offset=4, limit=3)
        assert ("".join(run.hash for run in page.runs), page.start, page.near) == ("b", 4, None)


def test_a_page_has_the_series_of_the_metrics_that_were_asked_for(repo: Repo) -> None:
    page = repo.table.page("run.hash != 'a'", order=[("run.hash", False)], offset=0, limit=2, metrics=["loss"])
    assert ([run.hash for run in page.runs], page.matched) == (["b", "c"], 5)
    assert (page.series.run.tolist(), page.series.context) == ([0, 1, 1], [{"subset": "val"}, {"subset": "val"}, {}])
    assert len(repo.table.page(metrics=[]).series) == 0
    assert repo.table.page("run.hash == 'z'", metrics=["loss"]).runs == []


def named(parts: list[Any]) -> str:
    """The table of which these are parts."""
    return next((part.name.partition("-")[0] for part in parts if isinstance(part, Path)), "")


def test_a_page_reads_only_what_it_shows(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.count()
    seen: list[tuple[str, list[str], object]] = []
    read = engine.read

    def watched(parts: list[Any], columns: list[str], *, among: Any = None) -> engine.Columns:
        seen.append((named(parts), list(columns), among or {}))
        return read(parts, columns, among=among)

    monkeypatch.setattr(engine, "read", watched)
    again = Repo(repo.root)
    again.table.page(order=[(MetricColumn("loss", {}, "min"), False)], limit=2, metrics=["accuracy"])
    ordered, shown = ((columns, among) for table, columns, among in seen if table == "series" and "name" in among)  # type: ignore[operator]
    assert ordered == (["segment", "run", "min"], {"name": ["loss"], "context": ["{}"]})
    assert shown[1]["name"] == ["accuracy"] and len(shown[1]["run"]) == 2  # type: ignore[index]
    assert not [table for table, _, _ in seen if table in ("points", "params", "objects")]


ENGINE = ["read", "read_keys", "distinct", "matching", "counted", "containing", "living"]
CALLS = 6
LR = Group((plan.column_node("hparams.lr"),), "max")
METRIC = MetricColumn("loss", {"subset": "val"}, "min")
BEST = MetricColumn("accuracy", {}, "at_max", by="loss", by_context={"subset": "val"})
LOSS, ACCURACY = SeriesName("loss", {"subset": "val"}), SeriesName("accuracy", {})
QUESTIONS: dict[str, Callable[[Repo], object]] = {
    "a param": lambda repo: repo.select("loss if hparams.lr < 5"),
    "a field": lambda repo: repo.select("loss if run.tags == 'a' or run.duration < 5 or run.name == 'a'"),
    "facts": lambda repo: repo.select("loss if run.facts.python == '3' or run.queue or run.started_by"),
    "a number": lambda repo: repo.select("loss if run.loss.val.last < 1 or run.loss.mean < 1"),
    "a number at the best step": lambda repo: repo.select("loss if at_max(accuracy, loss) < 1"),
    "a context": lambda repo: repo.select("loss if context.subset == val"),
    "a context or a param": lambda repo: repo.select("loss if context.subset == val or hparams.lr < 5"),
    "points": lambda repo: repo.select("loss").points(sample=Sample(x="relative")).epochs,
    "points along a metric": lambda repo: repo.select("loss").points(sample=Sample(x="metric:accuracy")),
    "rows": lambda repo: list(repo.select("loss").runs),
    "params of rows": lambda repo: [row.params for row in repo.select("loss").runs],
    "runs of a statement": lambda repo: [run.params for run in repo.select_metrics("loss")],
    "runs of an expression": lambda repo: [run.metrics for run in repo.select_runs("hparams.lr < 5")],
    "series of runs": lambda repo: repo.table.series("hparams.lr < 5"),
    "one run": lambda repo: repo.run("a").metrics,
    "beside": lambda repo: repo.table.beside("hparams.lr < 5", LOSS, ACCURACY, "min"),
    "a table": lambda repo: repo.table.rows("hparams.lr < 5"),
    "columns": lambda repo: repo.table.fields(None, ["status", "tags", "diverged", "queue", "started_by"]),
    "a page": lambda repo: repo.table.page("hparams.lr < 5", metrics=["loss"], columns=True),
    "an ordered page": lambda repo: repo.table.page(order=[(METRIC, True), ("hparams.lr", True), (BEST, True)]),
    "a page of a text": lambda repo: repo.table.page(find=Find("adam")),
    "a page of a number": lambda repo: repo.table.page(
        find=Find("3", Numbers(("mean",), besides=(aggregate_of(BEST),)))
    ),
    "a page of groups": lambda repo: repo.table.page(group=LR, order=[(METRIC, True)]),
    "groups": lambda repo: repo.table.groups(group=LR, columns=["hparams.lr", METRIC, BEST]),
    "what columns have": lambda repo: repo.table.facts("hparams.lr < 5", bounds=["hparams.lr", METRIC, BEST]),
    "an explanation": lambda repo: repo.explain("loss if hparams.lr < 5"),
    "an explanation of runs": lambda repo: repo.table.explain("hparams.lr < 5", order=[(METRIC, True)], group=LR),
    "media": lambda repo: repo.objects("pictures if hparams.lr < 5"),
    "cells of media": lambda repo: repo.cells("", "image", window=MediaWindow()),
    "a vocabulary": lambda repo: repo.vocabulary(),
    "values": lambda repo: repo.vocabulary().values(parse_expression("hparams.lr")),
    "kinds of media": lambda repo: repo.vocabulary().media().get("pictures"),
}


@pytest.fixture
def without_one(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository after a run was deleted. New folders are not checked a second time meanwhile."""
    monkeypatch.setattr("aim.index.sources.logs.RACY_NS", 0)
    repo.runs.delete(repo.run("e").id)
    repo.count()
    return repo.root


@pytest.mark.parametrize("pushed_from", [0, 1 << 60])
@pytest.mark.parametrize("question", QUESTIONS)
def test_from_a_query_to_the_engine_it_is_few_calls(
    without_one: Path, monkeypatch: pytest.MonkeyPatch, question: str, pushed_from: int
) -> None:
    """Asked of a repository that has answered nothing yet."""
    monkeypatch.setattr(execute, "PUSHED_FROM", pushed_from)
    fresh = Repo(without_one)
    fresh.count()
    depths = watch(monkeypatch, engine, ENGINE)
    QUESTIONS[question](fresh)
    assert 0 < max(depths.values()) <= CALLS, depths


def test_what_a_condition_leaves_to_the_engine(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute, "PUSHED_FROM", 0)
    depths = watch(monkeypatch, engine, ["matching"])
    repo.select("loss if hparams.lr < 5")
    assert depths == {"matching": CALLS}


@pytest.mark.parametrize(
    ("condition", "read"),
    [
        ("context.subset == val", [['{"subset":"val"}']]),
        ("context.subset in (val, test) or not context.subset", [['{"subset":"val"}', "{}"]]),
        ("context.subset == test", [[]]),
        ("context.subset == val or metric == loss", []),
        ("context.subset == val or lr == 1", []),
        ("lr == 1", []),
    ],
)
def test_only_series_in_the_contexts_of_a_condition_are_read(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, condition: str, read: list[list[str]]
) -> None:
    expected = repo.select(f"loss if {condition} and metric != other").series
    whole, asked = engine.read, list[object]()

    def listening(parts: Any, columns: Any, **given: Any) -> Any:
        if "context" in (among := given.get("among") or {}):
            asked.append(among["context"])
        return whole(parts, columns, **given)

    monkeypatch.setattr(engine, "read", listening)
    found = repo.select(f"loss if {condition}").series
    assert asked == read
    assert (found.run.tolist(), found.context) == (expected.run.tolist(), expected.context)


def test_an_order_that_cannot_be() -> None:
    with pytest.raises(QueryError, match="empty"):
        plan.key("")
    with pytest.raises(QueryError, match="sorted by 21 columns"):
        plan.Order((plan.key("run.hash"),) * 21)
    with pytest.raises(QueryError, match="grouped by 21 columns"):
        plan.Group((plan.column_node("run.hash"),) * 21)
    with pytest.raises(QueryError, match="at_max"):
        plan.key(MetricColumn("loss", {}, "median"))


def test_only_a_few_columns_are_values_at_the_best_step_of_another_metric(repo: Repo) -> None:
    many = [MetricColumn(f"m{at}", {}, "at_min", by="loss") for at in range(21)]
    plain = [MetricColumn(f"m{at}", {}) for at in range(300)]
    assert len(plan.column_nodes([*plain, *many[1:]])) == 320
    for ask in (
        lambda: repo.table.groups(group=LR, columns=[*plain, *many]),
        lambda: repo.table.facts(bounds=many),
        lambda: repo.table.facts(bounds=[" + ".join(f"at_best(run.m{at}, run.loss)" for at in range(21))]),
    ):
        with pytest.raises(QueryError, match="21 values at the best steps of other metrics"):
            ask()
