"""Statements that select media: by kind, by name, and by what each value is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import aim
from aim.errors import QueryError
from aim.query.cells import MediaWindow
from aim.repo import Repo

WIDE = np.zeros((2, 8), np.uint8)
TALL = np.zeros((8, 2), np.uint8)


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Two runs, each with two images at each of 4 steps, and a text called `images`."""
    folder = tmp_path_factory.mktemp("objects")
    for hash, lr in (("a", 0.1), ("b", 0.001)):
        with aim.Run(hash, repo=folder, system_interval=0) as run:
            run["hparams"] = {"lr": lr}
            for step in range(4):
                images = [aim.Image(WIDE, caption=f"wide {step}"), aim.Image(TALL)]
                run.track(images, "samples", step=10 * step, epoch=step / 2, context={"subset": "val"})
            run.track(aim.Text(f"of {hash}"), "images", step=30)
            run.track(1.0, "loss")
    return Repo(folder)


FOUND = {
    "images": "a: text 30, image 0 0 10 10 20 20 30 30, b: text 30, image 0 0 10 10 20 20 30 30",
    '"images"': "a: text 30, b: text 30",
    "texts": "a: text 30, b: text 30",
    "samples if images.step > 20": "a: image 30 30, b: image 30 30",
    "* if 10 <= images.step < 20": "a: image 10 10, b: image 10 10",
    "* if texts.step > 20": "a: text 30, b: text 30",
    "* if images.step > 100": "",
    "images if hparams.lr < 0.1 and images.step == 0": "b: image 0 0",
    "* if images.step == 0 or hparams.lr < 0.1": "a: image 0 0, b: text 30, image 0 0 10 10 20 20 30 30",
    "samples if images.index == 1 and images.step in (0, 30)": "a: image 0 30, b: image 0 30",
    "samples if images.width > images.height": "a: image 0 10 20 30, b: image 0 10 20 30",
    'samples if images.caption == "wide 2"': "a: image 20, b: image 20",
    "samples if images.epoch == 1.5": "a: image 30 30, b: image 30 30",
    "* if images.context.subset == val and run.hash == a and images.index == 0": "a: image 0 10 20 30",
    "* if images.context.subset == train": "",
    "* if images.name == samples and images.step < 10": "a: image 0 0, b: image 0 0",
    "* if images.format == png and images.size > 1000": "",
    'samples if images.time > "2001-01-01" and images.step == 0': "a: image 0 0, b: image 0 0",
    'samples if images.time < "2001-01-01"': "",
    "images if run.hparams.lr < 0.1 and images.step == 30": "b: image 30 30",
    "texts if run.hparams.lr < 0.1": "b: text 30",
    "samples if not images.step": "a: image 0 0, b: image 0 0",
}


@pytest.mark.parametrize("statement", FOUND)
def test_what_a_statement_selects(repo: Repo, statement: str) -> None:
    by_run: dict[str, list[str]] = {}
    for series in sorted(repo.objects(statement), key=lambda series: (series.run.hash, series.kind != "text")):
        steps = " ".join(map(str, series.steps.tolist()))
        by_run.setdefault(series.run.hash, []).append(f"{series.kind} {steps}")
    assert ", ".join(f"{hash}: {', '.join(parts)}" for hash, parts in by_run.items()) == FOUND[statement]


def test_values_of_a_part_of_a_series_are_whole(repo: Repo) -> None:
    [series] = repo.objects("samples if images.step > 20 and run.hash == b")
    assert [(point.step, point.place, point.caption) for point in series] == [(30, 0, "wide 3"), (30, 1, "")]
    assert series[0].data == aim.Image(WIDE).data and series[1].value.meta["height"] == 8


@pytest.mark.parametrize("name", ["images.stp", "images.context", "images.context.a.b", "images.step.x"])
def test_an_unknown_field_is_refused(repo: Repo, name: str) -> None:
    with pytest.raises(QueryError, match=f"There is no `{name}`") as raised:
        repo.objects(f"samples if {name} > 3")
    assert "width" in str(raised.value.hint) and f"params.{name}" in str(raised.value.hint)


def test_in_a_query_of_metrics_the_same_words_are_params(tmp_path: Path) -> None:
    with aim.Run("a", repo=tmp_path, system_interval=0) as run:
        run["images"] = {"step": 5}
        run.track(1.0, "loss")
    repo = Repo(tmp_path)
    assert len(repo.select_metrics("loss if images.step == 5")) == 1
    assert len(repo.select_metrics("loss if images.step == 6")) == 0


def test_notes_name_what_is_unknown(repo: Repo) -> None:
    def told(statement: str) -> list[str]:
        return list(repo.cells(statement, "image", window=MediaWindow()).notes)

    assert told("sampels") == ["No run has media called sampels; did you mean samples?"]
    assert told("image") == ["No run has media called image; did you mean images?"]
    assert told("images if hparams.rl == 1") == ["No run has a param hparams.rl; did you mean hparams.lr?"]
    assert told("samples if context.subset == trian") == ['context.subset is never "trian".']
    assert told("images") == told("samples if images.step > 1000") == []
