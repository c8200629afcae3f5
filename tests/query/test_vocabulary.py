from __future__ import annotations

from dataclasses import replace

import pytest

from aim.query.check import MAX_KNOWN, near
from aim.query.notes import MAX_NOTES, notes
from aim.query.parse import parse_statement
from aim.query.vocabulary import did_you_mean, settle
from tests.query.known import KNOWN

NOTES = {
    "tf:accurac": "No TensorBoard run has a metric accurac; did you mean tf:accuracy?",
    "loss if params.learning_rate == 0.0001 and params.batch_size == 32":
        "No run has a param params.batch_size; did you mean params.batch_siz?",
    "los": "No run has a metric los; did you mean loss?",
    "optimizr": "No run has a metric optimizr; did you mean params.optimizer?",
    "hparams.lrr": "No run has a param hparams.lrr; did you mean hparams.lr?",
    "loss if optimzer == adam":
        'No run has a param optimzer, so it stands for the text "optimzer"; did you mean params.optimizer?',
    "loss if loss.last < 1": "No run has a param loss.last; did you mean run.loss.last?",
    "loss if archived": "No run has a param archived; did you mean run.archived?",
    "loss if run.archived == true": "true is text here; did you mean True?",
    "loss if context.subet == train": "No metric has a context subet; did you mean context.subset?",
    "loss if context.subset in (train, vall)": 'context.subset is never "vall"; did you mean val?',
    "loss if experiment == basline": 'experiment is never "basline"; did you mean baseline?',
    "loss if metric == accurcy": 'metric is never "accurcy"; did you mean accuracy?',
    "loss if run.status == runing": 'run.status is never "runing"; did you mean running?',
    "loss if bets in run.tags": 'run.tags never holds "bets"; did you mean best?',
    "loss if run.tags == best": "run.tags is a list: write `best in run.tags`.",
    "loss if run.hash == hparams.lr - 1":
        "run.hash is text, but hparams.lr - 1 is a difference: text with a minus needs quotes.",
    "loss if run.losss < 1": "No run has a metric losss; did you mean run.loss?",
    "loss if run.duraton < 1": "No run has a metric duraton; did you mean run.duration?",
    "loss if run['hash'] == 1": "No run has a metric hash; did you mean run.hash?",
    "loss if run.loss.vall < 1": "loss has no context value vall; did you mean val?",
    "loss if at_min(accuracy, los) < 1": "No run has a metric los; did you mean run.loss?",
    "loss if run.loss < threshold":
        'run.loss is a number, so it never matches the text "threshold"; did you mean params.threshold?',
}  # fmt: skip


@pytest.mark.parametrize("text", NOTES)
def test_unknown_names_are_reported(text: str) -> None:
    assert notes(parse_statement(text), KNOWN) == [NOTES[text]]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("train", "No run has a metric train; did you mean train/loss?"),
        ("Loss", "No run has a metric Loss; did you mean train/loss?"),
        ("train, val/loss", "No run has a metric train; did you mean train/loss?"),
        ("tra", "No run has a metric tra."),
        ("val/loss if run.train.last < 1", 'No run has a metric train; did you mean run["train/loss"]?'),
        ("val/loss if run.train.loss < 1", 'No run has a metric train; did you mean run["train/loss"]?'),
    ],
)
def test_a_part_of_the_name_of_a_metric_finds_it(text: str, note: str) -> None:
    known = replace(KNOWN, metrics=["train/loss", "val/loss"])
    assert notes(parse_statement(text.replace("val/loss", '"val/loss"')), known) == [note]


VALUES: dict[tuple[str, ...], list[object]] = {
    ("hparams", "lr"): [0.1, 2], ("params", "n"): ["1"], ("hparams", "mixed"): [1, "a"],
}  # fmt: skip
UNLIKE = {
    'loss if hparams.lr == "0.1"': ['hparams.lr is a number, so it never matches the text "0.1"; did you mean 0.1?'],
    'loss if hparams.lr < "low"': ['hparams.lr is a number, so it never matches the text "low".'],
    "loss if 1 < params.n": ['params.n is text, so it never matches the number 1; did you mean "1"?'],
    "loss if params.n in (1, 2.5)": [
        'params.n is text, so it never matches the number 1; did you mean "1"?',
        'params.n is text, so it never matches the number 2.5; did you mean "2.5"?',
    ],
    'loss if hparams.lr != "0.1" and params.n not in (1, 2) and params.n == "1" and hparams.lr == 1': [],
    "loss if params.n == True": ['params.n is text, so it never matches the value True; did you mean "True"?'],
    'loss if hparams.mixed == "a" or hparams.mixed == 1 or hparams.lr == adam': [],
}


@pytest.mark.parametrize("text", UNLIKE)
def test_comparisons_of_unlike_kinds_are_reported_if_nothing_matched(text: str) -> None:
    params = [*KNOWN.params, ("hparams", "mixed"), ("params", "n")]
    known = replace(KNOWN, params=params, values=lambda node: VALUES[node.parts])  # type: ignore[union-attr]
    assert notes(parse_statement(text), known) == UNLIKE[text]
    assert notes(parse_statement(text), known, matched=1) == []


def test_media_are_not_metrics() -> None:
    known = replace(KNOWN, media=lambda: {"samples": {"text", "image"}})
    told = "samples is not a metric, but media: on the command line, add --kind image."
    assert notes(parse_statement("samples"), known) == [told]


def test_notes_are_limited() -> None:
    text = "loss if " + " or ".join(f"params.unknown_{number} == 1" for number in range(300))
    assert len(notes(parse_statement(text), KNOWN)) == MAX_NOTES


@pytest.mark.parametrize(
    "text",
    [
        "loss", "*", "tf:accuracy", 'tf:f1, tf:"eval/f1"',
        '"train/loss", hparams.lr, hparams.net, lr, net.depth', "loss if learning_rate < 1",
        "loss if params.hparams.net.depth == 3 and net.depth == 3 and params.default.optimizer == sgd",
        "loss if context.subset == train and context.fold == 1 and experiment == default and best in run.tags",
        "loss if run.loss.train.min < 1 and run.loss[1] < 2 and run.hash == 'x' and run.facts.python == '3'",
    ],
)  # fmt: skip
def test_known_names_give_no_notes(text: str) -> None:
    assert notes(parse_statement(text), KNOWN) == []


@pytest.mark.parametrize(
    ("text", "kinds"),
    [("loss, lr, hparams.lr, nothing", "metric param param metric"), ("a.b, nothing.at.all", "metric param"),
     ('"lr", *, tf:lr', "metric all metric"), ("hparams, net", "param param")],
)  # fmt: skip
def test_the_repository_decides_what_selected_names_mean(text: str, kinds: str) -> None:
    settled = settle(parse_statement(text).select, KNOWN)
    assert " ".join(item.kind for item in settled) == kinds


def test_a_series_with_a_dotted_name_is_selected_by_its_whole_name() -> None:
    assert settle(parse_statement("a.b").select, KNOWN)[0].parts == ("a.b",)


@pytest.mark.parametrize(
    ("parts", "meant"),
    [(("params", "batch_size"), "params.batch_siz"), (("hparams", "lrr"), "hparams.lr"), (("LR",), "hparams.lr"),
     (("tags",), "run.tags"),
     (("net", "dept"), "hparams.net.depth"), (("zzz",), None)],
)  # fmt: skip
def test_did_you_mean(parts: tuple[str, ...], meant: str | None) -> None:
    assert did_you_mean(parts, KNOWN) == meant


def test_only_the_first_known_words_are_suggested() -> None:
    others = [str(number) for number in range(MAX_KNOWN)]
    assert near("losss", [*others[1:], "loss"]) == "loss"
    assert near("losss", [*others, "loss"]) is None
