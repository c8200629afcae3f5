"""Confusion matrices from samples and from counts."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import aim


@pytest.mark.parametrize(
    ("truths", "guesses", "labels", "names", "counts"),
    [
        ([0, 1, 1], [0, 0, 1], None, ["0", "1"], [[1, 0], [1, 1]]),
        ([0, 1, 1], [0, 0, 1], ["cat", "dog", "owl"], ["cat", "dog", "owl"], [[1, 0, 0], [1, 1, 0], [0, 0, 0]]),
        (["b", "a"], ["b", "b"], ["b", "a"], ["b", "a"], [[1, 0], [1, 0]]),
        (["layer10", "layer2"], ["layer2", "layer2"], None, ["layer2", "layer10"], [[1, 0], [1, 0]]),
        (np.array([1, 0]), np.array([1, 1]), None, ["0", "1"], [[0, 1], [0, 1]]),
        (np.array(["x", "y"]), ["x", "x"], None, ["x", "y"], [[1, 0], [1, 0]]),
        ([True, False], [True, True], None, ["False", "True"], [[0, 1], [0, 1]]),
        ([2, 10], [10, 10], [10, 2], ["10", "2"], [[1, 0], [1, 0]]),
        ([None, "a"], ["a", "a"], None, ["a", "None"], [[1, 0], [1, 0]]),
    ],
)
def test_samples(truths: Any, guesses: Any, labels: Any, names: list[str], counts: list[list[int]]) -> None:
    made = aim.ConfusionMatrix(truths, guesses, labels)
    assert (made.labels, made.counts, made.kind, made.format) == (names, counts, "figure", "confusion")


def test_accuracy() -> None:
    assert aim.ConfusionMatrix([0, 1, 1, 1], [0, 0, 1, 1]).accuracy == 0.75
    assert aim.ConfusionMatrix(matrix=[[0, 0], [0, 0]]).accuracy is None


@pytest.mark.parametrize("matrix", [[[5, 1], [0, 2.5]], np.array([[5, 1], [0, 2.5]]), ((5, 1), (0, 2.5))])
def test_counts(matrix: Any) -> None:
    made = aim.ConfusionMatrix(matrix=matrix, labels=["a", "b"], caption="val")
    assert (made.counts, made.labels, made.caption) == ([[5, 1], [0, 2.5]], ["a", "b"], "val")
    assert made.data == b'{"aim":"confusion","labels":["a","b"],"counts":[[5,1],[0,2.5]]}'


BAD: list[tuple[str, Callable[[], Any], str]] = [
    ("nothing", lambda: aim.ConfusionMatrix(), "write aim.ConfusionMatrix"),
    ("half", lambda: aim.ConfusionMatrix([0]), "write aim.ConfusionMatrix"),
    ("both", lambda: aim.ConfusionMatrix([0], [0], matrix=[[1]]), "write aim.ConfusionMatrix"),
    ("empty", lambda: aim.ConfusionMatrix([], []), "0 samples"),
    ("lengths", lambda: aim.ConfusionMatrix([0], [0, 1]), "y_true has 1, y_pred has 2"),
    ("probabilities", lambda: aim.ConfusionMatrix([0, 1], np.ones((2, 2))), "argmax"),
    ("not a label", lambda: aim.ConfusionMatrix(["a"], ["b"], ["a"]), "the label 'b' is not in labels"),
    ("too few names", lambda: aim.ConfusionMatrix([0, 1, 2], [0, 1, 2], ["a", "b"]), "the label 0 is not in"),
    ("twice", lambda: aim.ConfusionMatrix([0, 1], [0, 1], ["a", "a"]), "a label twice"),
    ("labels text", lambda: aim.ConfusionMatrix([0, 1], [0, 1], "ab"), "must be a list"),
    ("NaN", lambda: aim.ConfusionMatrix([0, math.nan], [0, 1]), "y_true[1] is nan"),
    ("many", lambda: aim.ConfusionMatrix(range(1001), range(1001)), "1,001 classes"),
    ("not square", lambda: aim.ConfusionMatrix(matrix=[[1, 2]]), "a row and a column for each class"),
    ("ragged", lambda: aim.ConfusionMatrix(matrix=[[1, 2], [1]]), "a row and a column for each class"),
    ("empty matrix", lambda: aim.ConfusionMatrix(matrix=[]), "a row and a column for each class"),
    ("negative", lambda: aim.ConfusionMatrix(matrix=[[-1]]), "holds -1"),
    ("NaN count", lambda: aim.ConfusionMatrix(matrix=np.array([[math.nan]])), "holds nan"),
    ("text count", lambda: aim.ConfusionMatrix(matrix=[["x"]]), "holds 'x'"),
    ("huge", lambda: aim.ConfusionMatrix(matrix=[[1e308, 1e308], [1e308, 1e308]]), "OverflowError"),
    ("shape", lambda: aim.ConfusionMatrix(matrix=np.ones((2, 2, 2))), "shape (2, 2, 2)"),
    ("large", lambda: aim.ConfusionMatrix(matrix=np.ones((1001, 1001))), "at most 1,000 classes"),
    ("labels of it", lambda: aim.ConfusionMatrix(matrix=[[1]], labels=["a", "b"]), "2 labels"),
]


@pytest.mark.parametrize(("make", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_what_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        make()
    assert message in str(caught.value)
