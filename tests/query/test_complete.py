"""`|` is the cursor; of what is offered, the first ones are named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aim.query.complete import Completion, complete
from aim.query.parse import parse_statement
from aim.query.vocabulary import Vocabulary
from tests.query.known import KNOWN
from tests.query.texts import anything

OFFERED = {
    "|": 'loss accuracy "train/loss" "a.b" params.learning_rate',
    "lo|": 'loss "train/loss"',
    "train/l|": '"train/loss"',
    '"train/l|"': '"train/loss"',
    "loss, hpa|": "hparams.lr hparams.net.depth",
    "params.hp|": "params.hparams.lr params.hparams.net.depth",
    "loss |": "if ,",
    "loss i|": "if",
    "tf:acc|": "accuracy",
    "tf:f1|": 'f1 "eval/f1"',
    "tf:loss|": "",
    "loss if |": "context.subset context.fold params.learning_rate",
    "loss if sub|": "context.subset",
    "loss if le|": "params.learning_rate len(",
    "loss if context.|": "subset fold",
    "loss if metric.context.s|": "subset",
    "loss if metric.|": "name context",
    "loss if context.su| == train": "subset",
    "loss if context.subset == |": "train val",
    'loss if context.subset == "t|': '"train"',
    'loss if context.subset == "ain|': '"train"',
    "loss if context.subset not in (train, v|": "val",
    "loss if context.fold in [1, |": "1 2",
    "loss if experiment == |": "default baseline",
    "loss if run.experiment is not b|": "baseline",
    "loss if metric == |": 'loss accuracy "train/loss"',
    "loss if run.status in (|": "running finished failed stopped killed lost",
    "loss if run.archived is |": "True False",
    "loss if params.|": "learning_rate params batch_siz hparams lr optimizer net",
    "loss if hparams.|": "lr net",
    "loss if params.hparams.net.|": "depth",
    'loss if params["opt|"] == 1': '"optimizer"',
    "loss if run.lo|": 'loss "train/loss"',
    "loss if run.hp|": "hparams",
    "loss if run.hparams.|": "lr net",
    "loss if run.hparams.net.|": "depth",
    "loss if run.params.hparams.|": "lr net",
    "loss if run.packages.|": "",
    "loss if run.loss.|": '"1" "2" train val last first min max best mean count at_min at_max at_best',
    'loss if run["train/loss"].m|': "min max mean at_min at_max",
    'loss if params["hparams"].n|': "net",
    "loss if run.loss.train.m|": "min max mean at_min at_max",
    "loss if params.lr |": "and or == !=",
    "loss if params.lr > 1 a|": "and",
    "loss if (params.lr > 1) |": "and or",
    "loss if x = 1 and context.|": "subset fold",
    "loss if be|": "best in run.tags",
    'loss if startswith(run.name, "|': "",
    "loss if not_there.|": "",
}  # fmt: skip


# In a statement that selects media: all that is offered, or as much as stands here.
MEDIA = {
    "|": 'step_2 step_10 "train samples" texts images audios *',
    "sam|": '"train samples"',
    "step_2 |": "if ,",
    "step_2 if |": "texts. images. audios. context.layer",
    "images if im|": "images. ",
    "images if images.st|": "step",
    "images if images.|": "name context. step epoch index time caption format size width height seconds",
    "images if images.context.|": "layer",
    "images if images.context.layer == |": "conv head",
    "images if context.layer == h|": "head",
    "images if images.name == |": 'step_2 "train samples"',
    "images if metric == |": 'step_2 step_10 "train samples"',
    "images if hparams.|": "lr net",
    "images if run.lo|": "loss",
}  # fmt: skip


def at_bar(text: str, *, selects: bool = True, media: bool = False) -> Completion:
    return complete(text.replace("|", ""), text.index("|"), KNOWN, selects=selects, media=media)


@pytest.mark.parametrize("text", MEDIA)
def test_the_order_of_completions_for_media(text: str) -> None:
    assert " ".join(item.text for item in at_bar(text, media=True).items).startswith(MEDIA[text].strip())


@pytest.mark.parametrize("text", OFFERED)
def test_the_order_of_completions(text: str) -> None:
    offered = [item.text for item in at_bar(text).items]
    if OFFERED[text]:
        assert " ".join(offered).startswith(OFFERED[text])
    else:
        assert offered == []


def test_a_filter_of_runs_has_no_selection() -> None:
    assert [item.text for item in at_bar("context.|", selects=False).items] == ["subset", "fold"]
    assert at_bar("|", selects=False).items[0].text == "context.subset"


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        ("loss if con|text.sub == 1", "context"), ("loss if context.|", ""),
        ("loss if context.sub|set == 1", "subset"),
        ('loss if context.subset == "tr|ain"', '"train"'), ("los|s, accuracy", "loss"),
        ('"train/l|oss"', '"train/loss"'),
    ],
)  # fmt: skip
def test_the_word_under_the_cursor_is_replaced(text: str, replaced: str) -> None:
    completion = at_bar(text)
    assert text.replace("|", "")[completion.start : completion.end] == replaced


def test_accepted_completions_can_be_parsed() -> None:
    for text in ("|", "loss if | == 1", "loss if context.subset == |", "loss if run.| == 1", "loss if params.lr | 1"):
        for item in at_bar(text).items:
            if item.kind == "function" and "run." not in text or item.text in ("if", ",", "not"):
                continue
            if item.text.endswith("."):
                continue
            parse_statement(text.replace("|", item.text))


def test_kinds_and_details() -> None:
    kinds = {item.text: (item.kind, item.detail) for item in at_bar("loss if |").items}
    assert kinds["context.subset"] == ("context", "train, val")
    assert kinds["hparams.lr"] == ("param", "param")
    assert kinds["run.hash"][0] == "run" and kinds["abs("][0] == "function" and kinds["not"][0] == "keyword"
    assert kinds["run.loss"] == ("metric", "its last value") and kinds["experiment"][0] == "experiment"


@given(anything, st.integers(-5, 80), st.booleans(), st.booleans())
def test_any_text_can_be_completed(text: str, cursor: int, selects: bool, media: bool) -> None:
    completion = complete(text, cursor, KNOWN, selects=selects, media=media)
    assert 0 <= completion.start <= max(0, min(cursor, len(text))) <= completion.end <= len(text)
    complete(text, cursor, Vocabulary(), selects=selects, media=media)
