"""ROC and precision-recall curves of a classifier, kept as JSON that pages draw, over each other for several runs.

A curve has a point for each score that occurs, where the samples of at least this score are predicted positive. Points
that lie on the line between their neighbors are left out, which changes nothing. Of more than EXACT points, and of more
than MAX_POINTS that are left, the first, last, lowest and highest of each of COLUMNS stretches of the x axis are kept.
The area is that of all points.
docs/format/media.md describes the bytes.
"""

from __future__ import annotations

import json
import math
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import add, gt, mul, sub
from typing import Any, ClassVar, NamedTuple

from aim.media.arrays import array, numbers
from aim.media.figure import Figure
from aim.media.labels import Label, classes_of, labels_in, same_length
from aim.media.media import caption, fill, refused_if_unread
from aim.plain import loaded, shown, text_of

MAX_POINTS = 2_000
# Of more points, lines are looked for only among those that are kept.
EXACT = 5_000
COLUMNS = 500
MAX_CLASSES = 200
# A share of 1 in 32 bits.
ROUNDED = 1 + 1e-6


class CurvePoint(NamedTuple):
    """`threshold` is infinite where nothing is predicted positive, and NaN where it is not known."""

    x: float
    y: float
    threshold: float


class CurvePoints(NamedTuple):
    """Of a curve, by rising x."""

    x: list[float]
    y: list[float]
    thresholds: list[float]


class Swept(NamedTuple):
    """How many samples are predicted positive, rightly and wrongly, from each threshold on; highest threshold first."""

    right: list[int]
    wrong: list[int]
    thresholds: list[float]

    @property
    def positives(self) -> int:
        return self.right[-1]

    @property
    def negatives(self) -> int:
        return self.wrong[-1]


_EncodeArgs = tuple[str, CurvePoints, tuple[float, float], float]


class ClassifierCurve(Figure, ABC):
    """The common part of ROC and precision-recall curves."""

    # The name of the area in legends.
    area_name: ClassVar[str] = ""

    def __init__(self, y_true: Any = None, scores: Any = None, *, positive: Any = None, caption: str = "") -> None:
        raise TypeError("write aim.ROCCurve or aim.PRCurve")

    @property
    def area(self) -> float:
        return float(self.meta["area"])

    @property
    def points(self) -> list[CurvePoint]:
        """By rising x."""
        known = json.loads(self.data)
        limits = (math.nan if limit is None else float(limit) for limit in known["thresholds"])
        return [CurvePoint(*row) for row in zip(known["x"], known["y"], limits, strict=True)]

    @classmethod
    def of_classes(cls, y_true: Any, scores: Any, labels: Any = None) -> list[ClassifierCurve]:
        """A curve for each class against all others, with the name of the class as its caption: a list to be tracked
        at once. `scores` has a row for each sample and a column for each class. `labels`: the classes of the columns,
        or names for the classes 0, 1, 2 and so on. Classes that no sample has, or all, are left out."""
        with refused_if_unread("curves", scores):
            columns = _columns(scores)
            known = labels_in(y_true, "y_true")
            given = list(range(len(columns))) if labels is None else labels
            names, places = classes_of(known, given, MAX_CLASSES)
            if len(names) != len(columns):
                raise ValueError(f"scores has {len(columns):,} columns, but there are {len(names):,} labels")
            classes = [places[label] for label in known]
            have = Counter(classes)
            if len(have) < 2:
                raise ValueError(
                    f"all samples of y_true are {shown(known[0])}; a curve needs samples with and without it"
                )
            swept = _swept_classes(classes, [_scores(column) for column in columns], sorted(have))
        return [cls._made(cls._described(counts), names[i]) for i, counts in swept]

    @classmethod
    def _made(cls, described: _EncodeArgs, caption: str) -> ClassifierCurve:
        curve = cls.__new__(cls)
        fill(curve, *encode(*described, caption))
        return curve

    @classmethod
    @abstractmethod
    def _described(cls, swept: Swept) -> _EncodeArgs:
        """Its format, its points, the x and the y that are 1, and its area."""


class ROCCurve(ClassifierCurve):
    """A ROC curve: the share of negatives that are predicted positive, and that of positives, for each threshold.

    - `y_true`: the label of each sample. `positive` is the label that counts as positive; for labels 0 and 1, -1 and 1,
      or False and True it is 1. All other labels are negative.
    - `scores`: one score of the positive class for each sample; higher means more likely.
    - `fpr`, `tpr`, `thresholds`: instead of samples, a curve that was computed before, as by sklearn.metrics.roc_curve.
    - `caption`: text, cut at 20,000 characters.

    x = FP / N, y = TP / P, and the area is that of trapezoids between the points, as in T. Fawcett, "An introduction to
    ROC analysis", Pattern Recognition Letters 27 (2006). Raises ValueError or TypeError for samples of one class, NaN,
    and anything else.
    """

    area_name = "AUC"

    def __init__(
        self,
        y_true: Any = None,
        scores: Any = None,
        *,
        positive: Any = None,
        fpr: Any = None,
        tpr: Any = None,
        thresholds: Any = None,
        caption: str = "",
    ) -> None:
        with refused_if_unread("a ROC curve", scores if fpr is None else fpr):
            _either("aim.ROCCurve", (y_true, scores), ("fpr", fpr), ("tpr", tpr))
            if fpr is None:
                described = self._described(sweep(y_true, scores, positive))
            else:
                points = _given(("fpr", fpr), ("tpr", tpr), thresholds)
                described = "roc", points, (1, 1), trapezoids(points)
            fill(self, *encode(*described, caption))

    @classmethod
    def _described(cls, swept: Swept) -> _EncodeArgs:
        if not swept.positives or not swept.negatives:
            raise _one_class(swept)
        points = CurvePoints([0, *swept.wrong], [0, *swept.right], [math.inf, *swept.thresholds])
        whole = (swept.negatives, swept.positives)
        return "roc", points, whole, trapezoids(points) / (whole[0] * whole[1])


class PRCurve(ClassifierCurve):
    """A precision-recall curve: the share of positives that are found, and the share of what is found that is positive,
    for each threshold.

    - `y_true`, `scores`, `positive`, `caption`: as of aim.ROCCurve.
    - `precision`, `recall`, `thresholds`: instead of samples, a curve that was computed before, as by
      sklearn.metrics.precision_recall_curve.

    x = recall = TP / P, y = precision = TP / (TP + FP), and the area is the average precision, the sum of
    (recall - recall before) * precision, as in scikit-learn: lines between points would promise too much (J. Davis and
    M. Goadrich, "The relationship between precision-recall and ROC curves", ICML 2006). Raises ValueError or TypeError
    where no sample is positive, for NaN, and anything else.
    """

    area_name = "AP"

    def __init__(
        self,
        y_true: Any = None,
        scores: Any = None,
        *,
        positive: Any = None,
        precision: Any = None,
        recall: Any = None,
        thresholds: Any = None,
        caption: str = "",
    ) -> None:
        with refused_if_unread("a precision-recall curve", scores if precision is None else precision):
            _either("aim.PRCurve", (y_true, scores), ("precision", precision), ("recall", recall))
            if precision is None:
                described = self._described(sweep(y_true, scores, positive))
            else:
                points = _given(("recall", recall), ("precision", precision), thresholds)
                described = "pr", points, (1, 1), average(points)
            fill(self, *encode(*described, caption))

    @classmethod
    def _described(cls, swept: Swept) -> _EncodeArgs:
        if not swept.positives:
            raise _one_class(swept)
        precisions = [right / (right + wrong) for right, wrong in zip(swept.right, swept.wrong, strict=True)]
        points = CurvePoints([*swept.right], precisions, swept.thresholds)
        return "pr", points, (swept.positives, 1), average(points) / swept.positives


def trapezoids(points: CurvePoints) -> float:
    x, y = points.x, points.y
    return math.fsum(map(mul, map(sub, x[1:], x), map(add, y[1:], y))) / 2


def average(points: CurvePoints) -> float:
    """Of precision, by rising recall, which begins at 0."""
    return math.fsum(map(mul, map(sub, points.x, [0, *points.x]), points.y))


def sweep(y_true: Any, scores: Any, positive: Any) -> Swept:
    labels, limits = labels_in(y_true, "y_true"), _listed_scores(scores)
    same_length(y_true=labels, scores=limits)
    wanted = positive_of(labels) if positive is None else labels_in([positive], "positive", "one label")[0]
    truths = [label == wanted for label in labels]
    made = loaded("numpy", "array")
    return _swept(truths, limits) if made is None else _swept_array(made(truths, bool), made(limits, float))


def _listed_scores(given: Any) -> list[float]:
    wanted = "one score of the positive class for each sample, such as scores[:, 1]"
    return numbers(labels_in(given, "scores", wanted), "scores")


def _scores(column: Any) -> Any:
    """A column of an array stays as it is, unless something is wrong with it."""
    sound = getattr(getattr(column, "dtype", None), "kind", "") == "f" and len(column) and (column == column).all()
    return column.astype("float64") if sound else _listed_scores(column)


def _swept_classes(classes: list[int], columns: list[Any], wanted: Sequence[int]) -> Iterator[tuple[int, Swept]]:
    """Of each wanted class, against all others."""
    same_length(y_true=classes, scores=columns[0])
    made = loaded("numpy", "array")
    known = None if made is None else made(classes, "int64")
    for i in wanted:
        if made is None:
            yield i, _swept([place == i for place in classes], columns[i])
        else:
            yield i, _swept_array(known == i, made(columns[i], "float64"))


def _swept(truths: list[bool], limits: list[float]) -> Swept:
    order = sorted(range(len(limits)), key=limits.__getitem__, reverse=True)
    swept = Swept([], [], [])
    right = 0
    for place, i in enumerate(order, 1):
        right += truths[i]
        if place == len(order) or limits[order[place]] != limits[i]:
            swept.right.append(right)
            swept.wrong.append(place - right)
            swept.thresholds.append(limits[i])
    return swept


def _swept_array(truths: Any, limits: Any) -> Swept:
    order = (-limits).argsort(kind="stable")
    falling = limits[order]
    last = [*(falling[1:] != falling[:-1]).nonzero()[0].tolist(), len(falling) - 1]
    right = truths[order].cumsum()[last]
    wrong = (~truths[order]).cumsum()[last]
    return Swept(right.tolist(), wrong.tolist(), falling[last].tolist())


def positive_of(labels: Sequence[Label]) -> Label:
    """The label that counts as positive where none is named."""
    seen = set(labels)
    if seen <= {0, 1} or seen <= {-1, 1}:
        return 1
    first = min(seen, key=text_of)
    many = ", or write of_classes(y_true, scores) for a curve of each class" if len(seen) > 2 else ""
    raise ValueError(f"y_true has the labels {shown(seen)}; pass the positive one as positive={shown(first, 40)}{many}")


def encode(
    format: str, points: CurvePoints, whole: tuple[float, float], area: float, text: str
) -> tuple[bytes, dict[str, Any]]:
    """`whole`: the x and the y that are 1."""
    stepped = format == "pr"
    if len(points.x) <= EXACT:
        kept = few(without_lines(points, stepped=stepped), whole[0])
    else:
        kept = without_lines(few(points, whole[0]), stepped=stepped)
    limits = [float(f"{limit:.6g}") for limit in kept.thresholds]
    content = {
        "aim": format,
        "x": [round(x / whole[0], 6) for x in kept.x],
        "y": [round(y / whole[1], 6) for y in kept.y],
        "thresholds": [limit if math.isfinite(limit) else None for limit in limits],
        "area": area,
    }
    data = json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
    return data, {"format": format, "area": area, "points": len(limits), "caption": caption(text)}


def without_lines(points: CurvePoints, *, stepped: bool) -> CurvePoints:
    """Without the points that lie on the line between what is before and after them. `stepped`: lines are drawn
    across, then up or down."""
    kept: list[CurvePoint] = []
    for point in map(CurvePoint, *points):
        while len(kept) > 1 and _between(kept[-2], kept[-1], point, stepped):
            kept.pop()
        kept.append(point)
    return CurvePoints(*(list(column) for column in zip(*kept, strict=True)))


def _between(a: CurvePoint, b: CurvePoint, c: CurvePoint, stepped: bool) -> bool:
    """Whether b is on the line from a to c. Curves only go to the right, but may go up and down."""
    if stepped and a.x != c.x:
        return a.y == b.y == c.y
    level = (b.x - a.x) * (c.y - b.y) == (b.y - a.y) * (c.x - b.x)
    return level and min(a.y, c.y) <= b.y <= max(a.y, c.y)


def few(points: CurvePoints, width: float) -> CurvePoints:
    """At most MAX_POINTS of them."""
    if len(points.x) <= MAX_POINTS:
        return points
    edges = [bisect_left(points.x, width * i / COLUMNS) for i in range(COLUMNS)]
    kept: set[int] = set()
    for start, end in pairwise([*edges, len(points.x)]):
        if heights := points.y[start:end]:
            low, high = heights.index(min(heights)), heights.index(max(heights))
            kept |= {start, start + low, start + high, end - 1}
    places = sorted(kept)
    return CurvePoints(*([column[i] for i in places] for column in points))


def _given(x: tuple[str, Any], y: tuple[str, Any], thresholds: Any) -> CurvePoints:
    """A curve that was computed before, by rising x. The last point may have no threshold, as in scikit-learn."""
    xs, ys = numbers(x[1], x[0]), numbers(y[1], y[0])
    limits = [math.nan] * len(xs) if thresholds is None else numbers(thresholds, "thresholds")
    if len(limits) == len(xs) - 1:
        limits.append(math.nan)
    if len({len(xs), len(ys), len(limits)}) > 1 or len(xs) < 2:
        raise ValueError(
            f"{x[0]} has {len(xs):,} values, {y[0]} {len(ys):,} and thresholds {len(limits):,}; pass 2 or more of each"
        )
    for name, values in ((x[0], xs), (y[0], ys)):
        wrong = next((value for value in values if not 0 <= value <= ROUNDED), None)
        if wrong is not None:
            raise ValueError(f"{name} has the value {wrong!r}; pass shares from 0 to 1")
    xs, ys = ([min(value, 1.0) for value in values] for values in (xs, ys))
    if xs[0] > xs[-1]:
        xs, ys, limits = xs[::-1], ys[::-1], limits[::-1]
    if any(map(gt, xs, xs[1:])):
        raise ValueError(f"{x[0]} must only rise or only fall; sort the points by their thresholds")
    return CurvePoints(xs, ys, limits)


def _either(call: str, samples: tuple[Any, Any], x: tuple[str, Any], y: tuple[str, Any]) -> None:
    from_samples = all(value is not None for value in samples) and x[1] is None and y[1] is None
    computed = all(value is None for value in samples) and x[1] is not None and y[1] is not None
    if not from_samples and not computed:
        raise ValueError(f"write {call}(y_true, scores), or {call}({x[0]}=…, {y[0]}=…)")


def _one_class(swept: Swept) -> ValueError:
    kind = "positive" if swept.positives else "negative"
    return ValueError(
        f"all {swept.positives + swept.negatives:,} samples of y_true are {kind}; the curve needs samples of both "
        "classes: pass more samples, or skip this step"
    )


def _columns(scores: Any) -> list[Any]:
    """The scores of each class."""
    values = array(scores)
    if values is not None:
        if values.ndim != 2:
            raise ValueError(f"scores has the shape {tuple(values.shape)}; pass a row for each sample")
        return [values[:, i] for i in range(values.shape[1])]
    rows = [list(row) for row in scores]
    if len({len(row) for row in rows}) != 1:
        raise ValueError("scores must have a row for each sample, with a score for each class")
    return [list(column) for column in zip(*rows, strict=True)]
