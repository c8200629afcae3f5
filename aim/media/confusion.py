"""Confusion matrices, kept as JSON that pages draw. docs/format/media.md describes the bytes."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

from aim.media.arrays import array
from aim.media.figure import Figure
from aim.media.labels import classes_of, labels_in, same_length
from aim.media.media import caption, fill, refused_if_unread
from aim.plain import shown

MAX_CLASSES = 1_000


class ConfusionMatrix(Figure):
    """How many samples of each class, a row each, were predicted as each class, a column each.

    - `y_true`, `y_pred`: the class of each sample, and what was predicted.
    - `labels`: all classes in order, or names for the classes 0, 1, 2 and so on. Default: the classes that occur,
      sorted.
    - `matrix`: instead of samples, counts or shares in rows, as by sklearn.metrics.confusion_matrix.
    - `caption`: text, cut at 20,000 characters.

    At most 1,000 classes. Raises ValueError or TypeError for anything else.
    """

    def __init__(
        self, y_true: Any = None, y_pred: Any = None, labels: Any = None, *, matrix: Any = None, caption: str = ""
    ) -> None:
        with refused_if_unread("a confusion matrix", y_pred if matrix is None else matrix):
            if any((value is None) == (matrix is None) for value in (y_true, y_pred)):
                raise ValueError("write aim.ConfusionMatrix(y_true, y_pred), or aim.ConfusionMatrix(matrix=…)")
            names, counts = _given(matrix, labels) if matrix is not None else _counted(y_true, y_pred, labels)
            made = encode(names, counts, caption)
        fill(self, *made)

    @property
    def labels(self) -> list[str]:
        return list(json.loads(self.data)["labels"])

    @property
    def counts(self) -> list[list[float]]:
        """Rows are the true classes, columns the predicted ones."""
        return list(json.loads(self.data)["counts"])

    @property
    def accuracy(self) -> float | None:
        """The share of samples that were predicted right; None without samples."""
        return self.meta.get("accuracy")


def encode(names: list[str], counts: list[list[float]], text: str) -> tuple[bytes, dict[str, Any]]:
    content = {"aim": "confusion", "labels": names, "counts": counts}
    data = json.dumps(content, separators=(",", ":"), allow_nan=False).encode("utf-8", "backslashreplace")
    total = math.fsum(number for row in counts for number in row)
    right = math.fsum(row[i] for i, row in enumerate(counts))
    share = right / total if total else None
    return data, {"format": "confusion", "classes": len(names), "accuracy": share, "caption": caption(text)}


def _counted(y_true: Any, y_pred: Any, labels: Any) -> tuple[list[str], list[list[float]]]:
    truths = labels_in(y_true, "y_true")
    instead = "the predicted class of each sample, such as scores.argmax(axis=1)"
    guesses = labels_in(y_pred, "y_pred", instead)
    same_length(y_true=truths, y_pred=guesses)
    names, places = classes_of([*truths, *guesses], labels, MAX_CLASSES)
    pairs = Counter(zip(truths, guesses, strict=True))
    counts: list[list[float]] = [[0] * len(names) for _ in names]
    for (truth, guess), number in pairs.items():
        counts[places[truth]][places[guess]] += number
    return names, counts


def _given(matrix: Any, labels: Any) -> tuple[list[str], list[list[float]]]:
    values = array(matrix)
    if values is not None and (values.ndim != 2 or max(values.shape) > MAX_CLASSES):
        raise ValueError(
            f"a matrix of shape {tuple(values.shape)} cannot be recorded; pass a row and a column for each of at most "
            f"{MAX_CLASSES:,} classes"
        )
    rows = [[_share(number) for number in row] for row in (matrix if values is None else values.tolist())]
    if not rows or any(len(row) != len(rows) for row in rows):
        raise ValueError("a confusion matrix has a row and a column for each class; pass as many of both")
    known = list(range(len(rows))) if labels is None else labels_in(labels, "labels", "the names of the classes")
    if len(known) != len(rows):
        raise ValueError(f"there are {len(known):,} labels, but the matrix has {len(rows):,} rows; pass one for each")
    names, _ = classes_of(known, known, MAX_CLASSES)
    return names, rows


def _share(number: Any) -> float:
    try:
        value = float(number)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if not 0 <= value < math.inf:
        raise ValueError(f"a confusion matrix holds {shown(number, 40)}; pass counts or shares of 0 or more")
    return int(value) if value == int(value) else value
