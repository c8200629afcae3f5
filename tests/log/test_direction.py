"""Which values of a metric are better, by its name and by the value of an EDIT."""

from __future__ import annotations

import pytest

from aim.log.direction import guessed, is_telling, stored

BY_NAME = {
    "max": ["accuracy", "val/Acc", "top1_acc", "f1", "val_f1_macro", "roc_auc",
            "mAP@50", "mean_iou", "val_r2", "trainDice", "testWin", "testR2",
            "reward/mean", "ep_return", "BLEU", "psnr", "win_rate"],
    "min": ["loss", "val_loss", "error_score", "rmse", "perplexity", "fid", "testErr",
            "learning_rate", "accumulated_grad", "window", "anything", ""],
}  # fmt: skip


@pytest.mark.parametrize(("name", "best"), [(name, best) for best, names in BY_NAME.items() for name in names])
def test_the_name_of_a_metric_says_which_values_are_better(name: str, best: str) -> None:
    assert guessed(name) == best


OTHER_WORDS = ["layer2/weight_norm", "indices", "heatmap", "mapping", "previous", "terrain_level", "confidence"]


@pytest.mark.parametrize("name", OTHER_WORDS)
def test_a_part_of_another_word_says_nothing(name: str) -> None:
    assert not is_telling(name)


@pytest.mark.parametrize(
    ("value", "direction"),
    [
        ({"direction": "max"}, "max"),
        ({"direction": "min", "later": 1}, "min"),
        ({"direction": "up"}, None),
        ({"direction": ["max"]}, None),
        ({}, None),
        (None, None),
        ("max", None),
        ([1], None),
    ],
)
def test_values_that_other_programs_wrote(value: object, direction: str | None) -> None:
    assert stored(value) == direction
