"""Queries that match nothing because of a slip: what each says, from runs as they are recorded."""

from __future__ import annotations

import pytest

import aim
from aim.query.plan import Group, MetricColumn, ParamColumn, TableColumn, column_node
from aim.repo import Repo

SLIPS = {
    "run.hparams.lrr == 0.1": "No run has a param hparams.lrr; did you mean hparams.lr?",
    'run.hparams["lrr"] == 0.1': "No run has a param hparams.lrr; did you mean hparams.lr?",
    "hparams.lrr == 0.1": "No run has a param hparams.lrr; did you mean hparams.lr?",
    "hparam.lr == 0.1": "No run has a param hparam.lr; did you mean hparams.lr?",
    "params.lrr == 1": "No run has a param params.lrr; did you mean hparams.lr?",
    "seeed == 1": 'No run has a param seeed, so it stands for the text "seeed"; did you mean params.seed?',
    "max(hparams.lrr, 1) > 3": "No run has a param hparams.lrr; did you mean hparams.lr?",
    'run.nme == "x"': "No run has a metric nme; did you mean run.name?",
    'run.nam.endswith("x")': "No run has a metric nam; did you mean run.name?",
    'run["name"] == "x"': "No run has a metric name; did you mean run.name?",
    'run.created == "2026-01-01"': "No run has a metric created; did you mean run.created_at?",
    "run.metrics.loss < 1": "No run has a metric metrics; did you mean run.loss?",
    "run.los.train < 1": "No run has a metric los; did you mean run.loss?",
    "run.loss.trian.last < 1": "loss has no context value trian; did you mean train?",
    "run.loss.train.lst < 1": "loss has no context value lst; did you mean last?",
    "run.loss.last.train < 1": "loss has no context value last; a statistic such as last is written at the end.",
    "run.samples == 1": "samples is not a metric, but media of the kind text, which a condition cannot compare.",
    'run.facts.pyton == "3"': "No run has run.facts.pyton; did you mean run.facts.python?",
    'run.facts.python.minor == "3"': "No run has run.facts.python.minor.",
    'run.env.NOT_THERE == "1"': "No run has run.env.NOT_THERE.",
    'run.packages.not_there == "2"': "No run has run.packages.not_there.",
    'run.duration > "1h"': 'run.duration is a number, so it never matches the text "1h".',
    'hparams.layers[5].type == "conv"': (
        "hparams.layers has at most 2 items, counted from 0, so hparams.layers[5] has no value."
    ),
    'hparams.layers[0].typ == "conv"': 'hparams.layers[0] has no part typ; did you mean hparams.layers[0]["type"]?',
    'hparams.opt[7] == "a"': "hparams.opt has at most 4 characters, counted from 0, so hparams.opt[7] has no value.",
    "hparams.layers[0].zzz == 1": "hparams.layers[0] has no part zzz.",
    "hparams.lr[0] == 1": "hparams.lr is a number, so hparams.lr[0] has no value.",
    'hparams.layers[0].size == "3"': (
        'hparams.layers[0]["size"] is a number, so it never matches the text "3"; did you mean 3?'
    ),
    'hparams.layers.endswith("q")': (
        'hparams.layers is a list, so endswith(hparams.layers, "q") has no value; write endswith(text, end).'
    ),
    'hparams.lr.endswith("1")': (
        'hparams.lr is a number, so endswith(hparams.lr, "1") has no value; write endswith(text, end).'
    ),
    "abs(hparams.opt) > 3": "hparams.opt is text, so abs(hparams.opt) has no value; write abs(x).",
    "hparams.opt + 1 == 3": "hparams.opt is text, so hparams.opt + 1 has no value.",
    "-hparams.opt < 3": "hparams.opt is text, so -hparams.opt has no value.",
    "hparams.sizes == 3": "hparams.sizes is a list: write `3 in hparams.sizes`.",
    "hparams.sizes > 3": "hparams.sizes is a list, so it never matches the number 3.",
    'hparams.net == "q"': (
        'hparams.net is a group of params, so it never matches the text "q"; did you mean hparams.net.depth?'
    ),
    'hparams.flag == "True"': 'hparams.flag is True or False, so it never matches the text "True"; did you mean True?',
    'run.hparams.net.depth == "4"': 'hparams.net.depth is a number, so it never matches the text "4"; did you mean 4?',
    "run.hparams.lr[0] == 1": 'No run has a param hparams.lr["0"]; did you mean hparams.lr?',
    "at_min(run.hparams.lr, run.loss) == 1": "No run has a metric hparams; did you mean params.hparams.lr?",
    "hparams.opt == True": 'hparams.opt is text, so it never matches the value True; did you mean "True"?',
    'hparams.net.depth == "4"': 'hparams.net.depth is a number, so it never matches the text "4"; did you mean 4?',
}
COLUMN_SLIPS: dict[TableColumn, str] = {
    ParamColumn(("hparams", "lrr")): "No run has a param hparams.lrr; did you mean hparams.lr?",
    ParamColumn(("lr",)): "No run has a param lr; did you mean hparams.lr?",
    "run.los.min": "No run has a metric los; did you mean run.loss?",
    "run.loss.trian.min": "loss has no context value trian; did you mean train?",
    "hparams.lrr": "No run has a param hparams.lrr; did you mean hparams.lr?",
    "run.facts.pyton": "No run has run.facts.pyton; did you mean run.facts.python?",
    "hparams.opt + 1": "hparams.opt is text, so hparams.opt + 1 has no value.",
    'hparams.flag == "True"': 'hparams.flag is True or False, so it never matches the text "True"; did you mean True?',
}
BY_LR = Group((column_node("hparams.lr"),))
NO_SLIPS = [
    "run.hparams.lr == 7", "run.seed == 7",
    "hparams.lr == 7", 'hparams.opt.endswith("q")', 'hparams.layers[1].type == "lstm"', "len(hparams.layers) == 9",
    "7 in hparams.sizes", "hparams.flag == 0", "hparams.nothing == 1", 'run.name == "x"', 'hparams.mixed[9] == "z"',
    'contains(hparams.sizes, 7)', "hparams.lr + 1 == 9", 'run.facts.python == "2"',
]  # fmt: skip


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    root = tmp_path_factory.mktemp("slips")
    layers = [{"type": "conv", "size": 3}, {"type": "dense", "size": 10}]
    params = {"lr": 0.1, "opt": "adam", "layers": layers, "sizes": [1, 2], "net": {"depth": 4}, "flag": True}
    for name in "ab":
        with aim.Run(name, repo=root, system_interval=0) as run:
            run["hparams"] = {**params, "nothing": None, "mixed": "text" if name == "a" else [1]}
            run.set_params({"seed": 1})
            run.track(1.0, "loss", context={"subset": "train"})
            run.track(aim.Text("hello"), "samples")
    return Repo(root)


@pytest.mark.parametrize("text", SLIPS)
def test_a_slip_is_explained(repo: Repo, text: str) -> None:
    table = repo.table.rows(text)
    assert (table.runs, table.notes) == ([], [SLIPS[text]])
    assert repo.select(f"loss if {text}").notes == [SLIPS[text]]


@pytest.mark.parametrize("column", COLUMN_SLIPS)
def test_a_slip_in_a_column_is_explained_though_runs_match(repo: Repo, column: TableColumn) -> None:
    order, group, table = [(column, True)], Group((column_node(column),)), repo.table
    rows = [table.rows(order=order), table.rows(group=group), table.rows(columns=[column])]
    pages = [table.page(order=order), table.page(group=group), table.groups(group=BY_LR, order=order)]
    groups = [table.groups(group=BY_LR, columns=[column])]
    answers = [*rows, *pages, *groups]
    assert [(answer.runs != [], answer.notes) for answer in answers] == [(True, [COLUMN_SLIPS[column]])] * 7


@pytest.mark.parametrize(
    "column",
    [
        "hparams.lr",
        "run.loss.train.min",
        MetricColumn("loss", {"subset": "train"}),
        ParamColumn(("hparams", "net", "depth")),
    ],
)
def test_a_sound_column_says_nothing(repo: Repo, column: TableColumn) -> None:
    assert repo.table.rows(order=[(column, False)]).notes == repo.table.page(order=[(column, False)]).notes == []


@pytest.mark.parametrize("text", NO_SLIPS)
def test_a_sound_query_without_a_match_says_nothing(repo: Repo, text: str) -> None:
    table = repo.table.rows(text)
    assert (table.runs, table.notes) == ([], [])
