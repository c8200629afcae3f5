"""ROC and precision-recall curves, against values computed by hand and against sums over all pairs."""

from __future__ import annotations

import itertools
import json
import math
import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import aim
from aim.media.curve import MAX_POINTS, ClassifierCurve

LABELS = [0, 0, 1, 1]
SCORES = [0.1, 0.4, 0.35, 0.8]


def rounded(curve: ClassifierCurve) -> list[tuple[float, float, float]]:
    return [(round(x, 3), round(y, 3), limit) for x, y, limit in curve.points]


def test_a_roc_curve() -> None:
    curve = aim.ROCCurve(LABELS, SCORES, caption="val")
    assert rounded(curve)[1:] == [(0, 0.5, 0.8), (0.5, 0.5, 0.4), (0.5, 1, 0.35), (1, 1, 0.1)]
    assert curve.points[0][:2] == (0, 0) and math.isnan(curve.points[0].threshold)
    assert (curve.area, curve.kind, curve.format, curve.caption) == (0.75, "figure", "roc", "val")


def test_a_precision_recall_curve() -> None:
    curve = aim.PRCurve(LABELS, SCORES)
    assert rounded(curve) == [(0.5, 1, 0.8), (0.5, 0.5, 0.4), (1, 0.667, 0.35), (1, 0.5, 0.1)]
    assert curve.area == pytest.approx(0.5 + 0.5 * 2 / 3) and curve.format == "pr"


@pytest.mark.parametrize("seed", range(20))
def test_the_areas_are_those_of_all_pairs_and_ranks(seed: int) -> None:
    rng = random.Random(seed)
    labels = [0, 1, *(rng.randint(0, 1) for _ in range(rng.randint(1, 60)))]
    scores = [rng.choice([rng.random(), 0.5, 1.0]) for _ in labels]
    marked = list(zip(labels, scores, strict=True))
    pairs = itertools.product((s for y, s in marked if y), (s for y, s in marked if not y))
    wins = [1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs]
    assert aim.ROCCurve(labels, scores).area == pytest.approx(sum(wins) / len(wins))
    found = [[y for y, s in marked if s >= limit] for limit in sorted(set(scores), reverse=True)]
    recalls = [0, *(sum(part) / sum(labels) for part in found)]
    steps = zip(itertools.pairwise(recalls), found, strict=True)
    assert aim.PRCurve(labels, scores).area == pytest.approx(sum((b - a) * sum(p) / len(p) for (a, b), p in steps))


@pytest.mark.parametrize("kind", [aim.ROCCurve, aim.PRCurve])
def test_numpy_and_plain_python_give_the_same_bytes(kind: type[ClassifierCurve]) -> None:
    code = (
        "import aim, random, sys; rng = random.Random(3); y = [rng.randint(0, 1) for _ in range(900)]; "
        "s = [round(rng.gauss(v, 1), 1 + v) for v in y]; "
        f"sys.stdout.write(aim.{kind.__name__}(y, s).data.decode()); assert 'numpy' not in sys.modules"
    )
    plain = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    rng = random.Random(3)
    labels = [rng.randint(0, 1) for _ in range(900)]
    scores = [round(rng.gauss(label, 1), 1 + label) for label in labels]
    assert kind(np.array(labels), np.array(scores)).data.decode() == plain  # type: ignore[call-arg]


class Tensor:
    """As torch's: numpy gets its values on request."""

    def __init__(self, values: list[float]) -> None:
        self.values = np.array(values)

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def numpy(self) -> Any:
        return self.values


@pytest.mark.parametrize(
    ("labels", "scores", "more"),
    [
        (np.array(LABELS), np.array(SCORES, "float64"), {}),
        (np.array(LABELS, bool), SCORES, {}),
        ([-1, -1, 1, 1], SCORES, {}),
        (["no", "no", "yes", "yes"], SCORES, {"positive": "yes"}),
        ([7, 8, 9, 9], SCORES, {"positive": 9}),
        (np.array([[0], [0], [1], [1]]), np.array(SCORES).reshape(4, 1), {}),
        (np.array(["a", "a", "b", "b"]), SCORES, {"positive": "b"}),
        (Tensor([0, 0, 1, 1]), Tensor(SCORES), {}),
        (np.array(LABELS, "object"), tuple(SCORES), {}),
        ([np.int64(v) for v in LABELS], [np.float64(v) for v in SCORES], {}),
    ],
)
def test_what_samples_may_be(labels: Any, scores: Any, more: dict[str, Any]) -> None:
    assert aim.ROCCurve(labels, scores, **more).data == aim.ROCCurve(LABELS, SCORES).data


def test_a_curve_that_was_computed_before() -> None:
    x, y, limits = [0, 0, 0.5, 0.5, 1], [0, 0.5, 0.5, 1, 1], [math.inf, 0.8, 0.4, 0.35, 0.1]
    assert aim.ROCCurve(fpr=x, tpr=np.array(y), thresholds=limits).data == aim.ROCCurve(LABELS, SCORES).data
    # As scikit-learn returns it: recall falls to 0, where precision is 1 and has no threshold.
    made = aim.PRCurve(precision=[0.5, 2 / 3, 0.5, 1, 1], recall=[1, 1, 0.5, 0.5, 0], thresholds=[0.1, 0.35, 0.4, 0.8])
    assert made.area == pytest.approx(aim.PRCurve(LABELS, SCORES).area)
    assert made.points[0][:2] == (0, 1) and [p.threshold for p in made.points[-2:]] == [0.35, 0.1]
    assert aim.PRCurve(precision=[1 + 1e-7, 0.5], recall=[0.5, 1]).points[0].y == 1


def test_points_on_lines_are_left_out_and_no_others() -> None:
    perfect = aim.ROCCurve([0] * 500 + [1] * 500, range(1000))
    assert rounded(perfect)[1:] == [(0, 1, 500), (1, 1, 0)] and perfect.area == 1
    rng = random.Random(0)
    labels = [rng.randint(0, 1) for _ in range(800)]
    thinned = aim.ROCCurve(labels, range(800)).points
    positives, negatives = sum(labels), 800 - sum(labels)
    right = wrong = 0
    for label in reversed(labels):
        right, wrong = right + label, wrong + 1 - label
        x, y = wrong / negatives, right / positives
        a, b = next(
            (a, b) for a, b in itertools.pairwise(thinned) if a.x <= x + 1e-6 and x <= b.x + 1e-6 and y <= b.y + 1e-6
        )
        between = a.y + (b.y - a.y) * ((x - a.x) / (b.x - a.x)) if b.x > a.x else y
        assert between == pytest.approx(y, abs=2e-6)


@pytest.mark.parametrize("kind", [aim.ROCCurve, aim.PRCurve])
def test_many_samples_give_few_points_and_the_exact_area(kind: type[ClassifierCurve]) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 120_000)
    scores = labels + rng.normal(size=120_000)
    curve = kind(labels, scores)  # type: ignore[call-arg]
    assert len(curve.points) <= MAX_POINTS and len(curve.data) < 100_000
    assert json.loads(curve.data)["area"] == curve.area
    xs = [point.x for point in curve.points]
    assert xs == sorted(xs) and xs[-1] == 1
    half = kind(labels, scores.astype("float16"))  # type: ignore[call-arg]
    assert curve.area == pytest.approx(half.area, abs=1e-3)


def test_a_curve_for_each_class() -> None:
    scores = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.3, 0.4, 0.3], [0.6, 0.3, 0.1]])
    curves = aim.ROCCurve.of_classes([0, 1, 1, 0], scores, ["cat", "dog", "owl"])
    assert [(curve.caption, curve.area) for curve in curves] == [("cat", 1.0), ("dog", 1.0)]
    named = aim.PRCurve.of_classes(["dog", "cat", "cat", "dog"], scores.tolist(), ["cat", "dog", "owl"])
    assert [curve.caption for curve in named] == ["cat", "dog"]


BAD: list[tuple[str, Callable[[], Any], str]] = [
    ("empty", lambda: aim.ROCCurve([], []), "0 samples"),
    ("nothing", lambda: aim.ROCCurve(), "write aim.ROCCurve"),
    ("both", lambda: aim.PRCurve(LABELS, SCORES, precision=[1], recall=[1]), "write aim.PRCurve"),
    ("lengths", lambda: aim.ROCCurve(LABELS, SCORES[:2]), "y_true has 4, scores has 2"),
    ("all positive", lambda: aim.ROCCurve([1, 1], [0, 1]), "all 2 samples of y_true are positive"),
    ("all negative", lambda: aim.PRCurve([0, 0], [0, 1]), "all 2 samples of y_true are negative"),
    ("NaN score", lambda: aim.ROCCurve(LABELS, [0, math.nan, 1, 1]), "scores[1] is nan"),
    ("NaN label", lambda: aim.ROCCurve(np.array([0, 1, math.nan]), [0, 1, 1]), "y_true[2] is nan"),
    ("None", lambda: aim.ROCCurve([0, 1], [None, 1]), "must be numbers"),
    ("text scores", lambda: aim.ROCCurve([0, 1], ["a", "b"]), "must be numbers"),
    ("text", lambda: aim.ROCCurve("01", "ab"), "must be a list"),
    ("number", lambda: aim.ROCCurve(1, 2), "must be a list"),
    ("two columns", lambda: aim.ROCCurve([0, 1], np.ones((2, 2))), "shape (2, 2); pass one score"),
    ("lists in it", lambda: aim.ROCCurve([0, 1], [[0, 1], [1, 0]]), "scores[0] is [0, 1]"),
    ("complex", lambda: aim.ROCCurve([0, 1], np.array([1j, 2])), "complex"),
    ("masked", lambda: aim.ROCCurve([0, 1], np.ma.array([1, 2], mask=[1, 0])), "masked"),
    ("two texts", lambda: aim.ROCCurve(["a", "b"], [0, 1]), "positive='a'"),
    ("three classes", lambda: aim.ROCCurve([0, 1, 2], [0, 1, 2]), "of_classes"),
    ("no such class", lambda: aim.ROCCurve([0, 1], [0, 1], positive=7), "are negative"),
    ("above 1", lambda: aim.ROCCurve(fpr=[0, 1], tpr=[0, 1.5]), "tpr has the value 1.5"),
    ("NaN rate", lambda: aim.ROCCurve(fpr=[0, math.nan], tpr=[0, 1]), "fpr has the value nan"),
    ("up and down", lambda: aim.ROCCurve(fpr=[0, 1, 0.5], tpr=[0, 1, 1]), "only rise or only fall"),
    ("ragged", lambda: aim.PRCurve(precision=[1, 1], recall=[0, 1], thresholds=[1, 2, 3]), "thresholds 3"),
    ("one point", lambda: aim.PRCurve(precision=[1], recall=[1]), "2 or more"),
    ("half", lambda: aim.PRCurve(precision=[1, 1]), "write aim.PRCurve"),
    ("caption", lambda: aim.ROCCurve(LABELS, SCORES, caption=5), "caption must be text"),  # type: ignore[arg-type]
    ("columns", lambda: aim.ROCCurve.of_classes([0, 1], np.ones((2, 3)), ["a", "b"]), "3 columns"),
    ("no columns", lambda: aim.ROCCurve.of_classes([0, 1], np.ones(2)), "a row for each sample"),
    ("ragged rows", lambda: aim.ROCCurve.of_classes([0, 1], [[1, 2], [1]]), "a row for each sample"),
    ("one class", lambda: aim.ROCCurve.of_classes([0, 0], np.ones((2, 2))), "all samples of y_true are 0"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_what_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        make()
    assert message in str(caught.value)
