"""Runs in groups, as a table lists them: what they share, their order, and one value for each column."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from aim.query.find import Find
from aim.query.nodes import MISSING
from aim.query.plan import Group, column_node
from aim.repo import MetricColumn, ParamColumn, Repo
from tests.index.logs import LogFile

LR, SEED, OPT = (ParamColumn(("hparams", name)) for name in ("lr", "seed", "opt"))
LOSS = MetricColumn("loss", {})
RUNS: list[tuple[str, dict[str, Any], float | None]] = [
    ("a", {"lr": 0.1, "seed": 1, "opt": "adam"}, 5.0),
    ("b", {"lr": 0.1, "seed": 2, "opt": "adam"}, 1.0),
    ("c", {"lr": 0.01, "seed": 1, "opt": "Adam"}, 4.0),
    ("d", {"lr": 0.01, "seed": 2, "opt": "sgd"}, math.nan),
    ("e", {"seed": 3, "opt": "sgd"}, None),
    ("f", {"lr": 1, "seed": 3, "opt": "sgd"}, 2.0),
    ("g", {"lr": 1.0, "seed": 4, "opt": "sgd"}, 9.0),
    ("h", {"lr": 0.1, "seed": 5, "opt": "adam"}, math.inf),
]


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Runs a (the oldest) to h, which ran 10, 20, … seconds."""
    folder = tmp_path_factory.mktemp("groups")
    for number, (hash, params, loss) in enumerate(RUNS):
        file = LogFile(folder, hash).start(1.7e9 + 1000 * number).params(1, {"hparams": params}).series(0, "loss")
        if loss is not None:
            file.point(0, 0, loss)
        file.end(1.7e9 + 1000 * number + 10 * (number + 1)).save()
    return Repo(folder)


def by(*columns: Any, fold: str = "mean", but: bool = False) -> Group:
    return Group(tuple(column_node(column) for column in columns), fold, but)


def listed(repo: Repo, group: Group, **given: Any) -> list[str]:
    page = repo.table.page(group=group, **given)
    assert page.blocks is not None
    runs = "".join(run.hash for run in page.runs)
    return [runs[start : start + size] for start, size in zip(page.blocks.starts, page.blocks.sizes, strict=True)]


ORDERS: list[tuple[Group, list[tuple[Any, bool]], list[str]]] = [
    (by(LR), [], ["dc", "hba", "gf", "e"]),
    (by(LR), [(SEED, False)], ["cd", "abh", "fg", "e"]),
    (by(LR), [(SEED, True)], ["hba", "gf", "e", "dc"]),
    (by(LR), [(LOSS, False)], ["bah", "cd", "fg", "e"]),
    (by(LR), [(LOSS, True)], ["gf", "cd", "hab", "e"]),
    (by(LR, fold="min"), [(LOSS, False)], ["bah", "fg", "cd", "e"]),
    (by(LR, fold="max"), [(LOSS, True)], ["gf", "hab", "cd", "e"]),
    (by(LR), [("run.duration", True)], ["gf", "e", "hba", "dc"]),
    (by(OPT), [], ["c", "hba", "gfed"]),
    (by("run.experiment"), [], ["hgfedcba"]),
    (by("run.id"), [], list("abcdefgh")),
    (by("run.name"), [], ["hgfedcba"]),
    (by(LR, OPT), [], ["c", "d", "hba", "gf", "e"]),
    (by(SEED, but=True), [], ["c", "d", "hba", "gf", "e"]),
    (by(SEED, LR, but=True), [], ["c", "hba", "gfed"]),
]


@pytest.mark.parametrize(("group", "order", "blocks"), ORDERS)
def test_groups_and_their_order(repo: Repo, group: Group, order: list[tuple[Any, bool]], blocks: list[str]) -> None:
    assert listed(repo, group, order=order) == blocks


def test_a_search_keeps_the_places_of_all_groups(repo: Repo) -> None:
    page = repo.table.page(group=by(LR), find=Find("sgd"))
    assert page.groups is not None and page.blocks is not None
    assert listed(repo, by(LR), find=Find("sgd")) == ["d", "gf", "e"]
    assert (page.blocks.places.tolist(), page.listed, page.matched) == ([0, 2, 3], 4, 8)
    assert page.groups.values == [(0.01,), (0.1,), (1.0,), (MISSING,)] and page.groups.values[2] == (1,)
    assert listed(repo, by(LR), expression="run.hash == 'z'") == []
    page = repo.table.page(group=by(LR), offset=2, limit=3)
    assert "".join(run.hash for run in page.runs) == "hba"


FOLDS = [("mean", 3.0, 5.5), ("median", 3.0, 5.5), ("min", 1.0, 2.0), ("max", 5.0, 9.0), ("iqm", 3.0, 5.5)]


@pytest.mark.parametrize(("fold", "first", "second"), FOLDS)
def test_numbers_of_a_group_become_one(repo: Repo, fold: str, first: float, second: float) -> None:
    columns = [LOSS, "run.duration", OPT, "run.created_at"]
    page = repo.table.groups(group=by(LR, fold=fold), columns=columns, offset=1, limit=2)
    assert [run.hash for run in page.runs] == ["h", "g"]
    loss, duration, opt, created = page.cells
    assert loss.numbers is not None and loss.numbers.tolist() == [first, second]
    assert (loss.there.tolist(), loss.low.tolist(), loss.high.tolist()) == ([3, 2], [1.0, 2.0], [5.0, 9.0])
    assert loss.diverged.tolist() == [1, 0]
    assert duration.numbers is not None and duration.numbers.tolist() == [pytest.approx(110 / 3), pytest.approx(65)]
    assert (opt.numbers, opt.distinct, opt.some) == (None, [1, 1], [["adam"], ["sgd"]])
    assert created.distinct == [3, 2]


def test_the_best_of_several_runs_is_the_mean_of_those_that_did_not_diverge(tmp_path: Path) -> None:
    runs = [("good", 1, [0.5, 0.3]), ("fair", 1, [0.5, 0.6]), ("broken", 1, [0.1, math.nan]), ("other", 2, [0.45])]
    runs.append(("alone", 3, [0.2, math.inf]))
    for number, (hash, lr, losses) in enumerate(runs):
        file = LogFile(tmp_path, hash).start(1.7e9 + number).params(1, {"lr": lr}).series(0, "loss")
        for step, loss in enumerate(losses):
            file.point(0, step, loss)
        file.end(1.7e9 + 100).save()
    repo, best = Repo(tmp_path), MetricColumn("loss", {}, "best")
    given: dict[str, Any] = {"group": by("params.lr"), "order": [(best, False)]}
    (cells,) = repo.table.groups(**given, columns=[best]).cells
    assert cells.numbers is not None and cells.numbers.tolist() == [0.2, 0.4, 0.45]
    assert (cells.there.tolist(), cells.diverged.tolist()) == ([1, 3, 1], [0, 1, 0])
    assert [run.hash for run in repo.table.page(**given).runs] == ["alone", "good", "fair", "broken", "other"]


def test_a_group_without_numbers_and_a_run_alone(repo: Repo) -> None:
    loss, seed = repo.table.groups("run.hash in ('d', 'e', 'h')", group=by(OPT), columns=[LOSS, SEED]).cells
    assert loss.numbers is not None and loss.there.tolist() == [1, 1]
    assert loss.numbers[0] == math.inf and math.isnan(loss.numbers[1]) and math.isnan(loss.low[0])
    assert (seed.distinct, seed.some) == ([1, 2], [[5], [3, 2]]) or seed.some[1] == [2, 3]
