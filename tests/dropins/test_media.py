"""Media of wandb, and what aim.Repo then reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import aim
import aim.wandb as wandb
from tests.dropins import recorded

GRAY = np.full((2, 3, 3), 128, np.uint8)

SCORES = [[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.4, 0.5, 0.1]]


def table() -> Any:
    made = wandb.Table(columns=["x", "y"], data=[[1, 2.5], [2, "b"]])
    made.add_data(3, None)
    return made


LOGGED: list[tuple[str, Callable[[], Any], list[str]]] = [
    ("image", lambda: wandb.Image(GRAY, caption="c"), ["image"]),
    ("images", lambda: [wandb.Image(GRAY), wandb.Image(GRAY)], ["image", "image"]),
    ("floats up to 255", lambda: wandb.Image(GRAY.astype("float32")), ["image"]),
    ("boxes", lambda: wandb.Image(GRAY, boxes={"a": {}}), ["image"]),
    ("text", lambda: "hello", ["text"]),
    ("html", lambda: wandb.Html("<b>x</b>"), ["html"]),
    ("histogram", lambda: wandb.Histogram([1, 2, 3]), ["distribution"]),
    ("counted", lambda: wandb.Histogram(np_histogram=np.histogram([1, 2, 3], bins=2)), ["distribution"]),
    ("audio", lambda: wandb.Audio(np.zeros(100, np.float32), sample_rate=8000), ["audio"]),
    ("table", table, ["table"]),
    ("line", lambda: wandb.plot.line(table(), "x", "y", title="t"), ["figure"]),
    ("series", lambda: wandb.plot.line_series([0, 1], [[1, 2], [3, 4]], keys=["a", "b"]), ["figure"]),
    ("confusion", lambda: wandb.plot.confusion_matrix(y_true=[0, 1], preds=[0, 0]), ["figure"]),
    ("probabilities", lambda: wandb.plot.confusion_matrix(probs=[[0.9, 0.1], [0.2, 0.8]], y_true=[0, 1]), ["figure"]),
    ("roc", lambda: wandb.plot.roc_curve([0, 1, 1], SCORES, labels=["a", "b", "c"]), ["figure", "figure"]),
    ("pr", lambda: wandb.plot.pr_curve(np.array([0, 1, 1]), np.array(SCORES)), ["figure", "figure"]),
    ("one class", lambda: wandb.plot.roc_curve([0, 0, 0], SCORES), []),
    ("few numbers", lambda: np.arange(4), ["text"]),
    ("many numbers", lambda: np.arange(40), ["distribution"]),
    ("matrix", lambda: np.ones((3, 3)), ["distribution"]),
    ("one number", lambda: np.float32(3), []),
    ("a video", lambda: wandb.Video(np.zeros((2, 3, 4, 4), np.uint8)), ["video"]),
    ("points", lambda: wandb.Object3D(np.zeros((4, 6))), ["figure"]),
    ("points of a scan", lambda: wandb.Object3D({"type": "lidar/beta", "points": np.zeros((4, 3))}), ["figure"]),
    ("points by name", lambda: wandb.Object3D.from_numpy(np.zeros((4, 4))), ["figure"]),
    ("a file of a mesh", lambda: wandb.Object3D("x.obj"), []),
    ("not there", lambda: wandb.Molecule("x.pdb"), []),
    ("not an image", lambda: wandb.Image("missing.png"), []),
    ("any object", object, []),
]


def test_a_confusion_matrix_counts_pairs_by_the_names_of_classes(tmp_path: Path) -> None:
    names = np.array([f"class {i}" for i in range(300)])
    with wandb.init() as run:
        true, guessed = [0, 1, 1] * 10_000, [0, 0, 1] * 10_000
        run.log({"it": wandb.plot.confusion_matrix(y_true=true, preds=guessed, class_names=names)})
        run.log({"wrong": wandb.plot.confusion_matrix(y_true=[1], preds=[])})
        run.log({"after": 1})
    ((_, point),) = recorded.media(tmp_path)["it"]
    assert point.value.labels == names.tolist()
    assert [row[:3] for row in point.value.counts[:2]] == [[10_000, 0, 0], [10_000, 10_000, 0]]
    assert recorded.points(tmp_path)["after"] == [(2, 1)]


@pytest.mark.parametrize(
    ("truths", "labels", "chosen", "captions"),
    [
        ([0, 1, 1], None, None, ["0", "1"]),
        ([0, 1, 1], ["cat", "dog", "owl"], None, ["cat", "dog"]),
        ([0, 1, 1], ["cat", "dog", "owl"], [1], ["dog"]),
        (["x", "y", "z"], None, None, ["x", "y", "z"]),
        (["x", "y", "z"], None, ["y"], ["y"]),
        (["x", "y", "z"], ["cat", "dog", "owl"], ["y"], ["dog"]),
        ([1, 2, 3], None, None, ["1", "2", "3"]),
    ],
)
def test_curves_of_classes(tmp_path: Path, truths: Any, labels: Any, chosen: Any, captions: list[str]) -> None:
    with wandb.init() as run:
        run.log({"it": wandb.plot.roc_curve(truths, SCORES, labels, chosen)})
    there = [point.value for _, point in recorded.media(tmp_path)["it"]]
    assert [(curve.format, curve.caption) for curve in there] == [("roc", caption) for caption in captions]


@pytest.mark.parametrize(("make", "kinds"), [row[1:] for row in LOGGED], ids=[row[0] for row in LOGGED])
def test_media(tmp_path: Path, make: Callable[[], Any], kinds: list[str]) -> None:
    with wandb.init() as run:
        run.log({"it": make()}, step=4)
        run.log({"after": 1})
    there = recorded.media(tmp_path).get("it", [])
    assert [(step, point.kind) for step, point in there] == [(4, kind) for kind in kinds]
    assert recorded.points(tmp_path)["after"] == [(4, 1)]


def test_the_cells_of_a_table_keep_their_types_and_images(tmp_path: Path) -> None:
    with wandb.init() as run:
        rows = [[1, float("nan"), "a", 1, wandb.Image(GRAY), [1, 2]], [2, None, None, "b", None, {"x": 1}]]
        run.log({"it": wandb.Table(columns=["n", "f", "s", "n", "picture", "list"], data=rows)})
    ((_, point),) = recorded.media(tmp_path)["it"]
    made = point.value
    assert isinstance(made, aim.Table) and made.shape == (2, 6)
    image, missing = made.column("picture")
    assert (image.width, missing, str(made.column("f"))) == (3, None, "[nan, None]")
    others = {name: made.column(name) for name in made.columns if name not in ("picture", "f")}
    assert others == {"n": [1, 2], "s": ["a", None], "n (3)": ["1", "b"], "list": ["[1, 2]", "{'x': 1}"]}


def test_no_cell_of_a_frame_or_of_equal_names_is_lost() -> None:
    frame = pd.DataFrame({"n": [(1 << 60) + 1, 2], "f": [0.5, 1.5]})
    (made,) = wandb.Table(dataframe=frame).media()
    assert isinstance(made, aim.Table) and made.column("n") == [(1 << 60) + 1, 2]
    (made,) = wandb.Table(columns=["a", "a (2)", "a"], data=[[1, 2, 3]]).media()
    assert isinstance(made, aim.Table) and list(made.rows()) == [(1, 2, 3)]


def test_a_table_that_became_invalid_is_not_logged_as_before() -> None:
    table = wandb.Table(columns=["n"], data=[[1]])
    assert len(table.media()) == 1
    table.add_data(1 << 70)
    assert table.media() == []


def test_the_pixels_and_the_caption_stay(tmp_path: Path) -> None:
    with wandb.init() as run:
        run.log({"it": wandb.Image(GRAY.astype("float32"), caption="gray")})
    ((_, point),) = recorded.media(tmp_path)["it"]
    image = point.value
    assert isinstance(image, aim.Image) and image.caption == "gray" and np.array_equal(np.asarray(image.pil()), GRAY)
