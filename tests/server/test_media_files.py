"""GET api/media/zip: the files of what a page shows, made while they are sent."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import aim
from aim.repo import Repo
from aim.server import media_files
from tests.server.conftest import Serving

PIXELS = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
IMAGE = aim.Image(PIXELS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    for name in ("a", "b"):
        with aim.Run(name, repo=folder, system_interval=0) as run:
            for step in (0, 10):
                run.track([IMAGE, aim.Image(PIXELS[::-1])], "samples", step=step)
            run.track(aim.Text(f"{name} says"), "../../evil", step=5)
    return folder


@pytest.fixture(scope="module")
def served(folder: Path, serving: Serving) -> Iterator[httpx.Client]:
    with serving(Repo(folder, read_only=True)) as client:
        yield client


def unpacked(answer: httpx.Response) -> dict[str, bytes]:
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


@pytest.mark.parametrize(
    ("params", "names"),
    [
        (
            {"q": "images if run.hash == 'a'"},
            ["a/samples/0-0.png", "a/samples/0-1.png", "a/samples/10-0.png", "a/samples/10-1.png"],
        ),
        ({"lo": 1, "high_index": 0}, ["b/samples/10-0.png", "a/samples/10-0.png"]),
        ({"at": 7, "low_index": 1}, ["b/samples/0-1.png", "a/samples/0-1.png"]),
        ({"at": 99, "low_index": 1}, ["b/samples/10-1.png", "a/samples/10-1.png"]),
    ],
)
def test_what_is_shown(served: httpx.Client, params: dict[str, Any], names: list[str]) -> None:
    answer = served.get("/api/media/zip", params={"kind": "image", **params})
    files = unpacked(answer)
    assert list(files) == names and set(files.values()) <= {IMAGE.data, aim.Image(PIXELS[::-1]).data}
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="images.zip"'
    assert "content-length" not in answer.headers, "it is made while it is sent"


def test_names_of_strangers_stay_in_the_zip(served: httpx.Client) -> None:
    files = unpacked(served.get("/api/media/zip", params={"kind": "text", "find": "^a"}))
    [(name, data)] = files.items()
    assert name.startswith("a/evil-") and name.endswith("/5-0.txt") and data == b"a says"


def test_what_cannot_be_read_is_told(served: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from aim.errors import LogError
    from aim.query.cells import MediaCells

    whole = MediaCells.content

    def damaged(cells: MediaCells, i: int) -> bytes:
        if i == 0:
            raise LogError("the record is damaged")
        return whole(cells, i)

    monkeypatch.setattr(MediaCells, "content", damaged)
    files = unpacked(served.get("/api/media/zip", params={"kind": "text"}))
    assert len(files) == 2
    assert files[media_files.UNREADABLE] == b"b ../../evil at step 5: the record is damaged\n"


@pytest.mark.parametrize(
    ("params", "status", "message"),
    [
        ({"q": "nothing"}, 404, "No media match"),
        ({"at": -1}, 404, "No media match"),
        ({"kind": "hologram"}, 400, "hologram"),
        ({"kind": "text", "find": "("}, 400, "is not a pattern"),
    ],
)
def test_refused(served: httpx.Client, params: dict[str, Any], status: int, message: str) -> None:
    answer = served.get("/api/media/zip", params=params)
    assert answer.status_code == status and message in answer.text


def test_too_much_is_refused_before_it_is_sent(served: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_files, "MAX_BYTES", 500)
    answer = served.get("/api/media/zip", params={"kind": "image"})
    assert answer.status_code == 413 and "8 values have" in answer.text and "aim media get" in answer.text


def test_a_download_ends_where_sizes_are_unknown(served: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    found = media_files.cells_for

    def without_sizes(repo: Repo, query: Any) -> Any:
        cells = found(repo, query)
        return replace(cells, columns={**cells.columns, "size": np.zeros(len(cells.rows), np.int64)})

    monkeypatch.setattr(media_files, "cells_for", without_sizes)
    monkeypatch.setattr(media_files, "MAX_BYTES", 2 * len(IMAGE.data))
    files = unpacked(served.get("/api/media/zip", params={"kind": "image"}))
    said = files.pop(media_files.UNREADABLE).decode()
    assert 2 <= len(files) <= 3 and said.startswith(f"{8 - len(files)} more: a download has at most 0.0 GB.")


AT_STEP = json.loads((Path(__file__).parent.parent / "media" / "at_step.json").read_text())


@pytest.mark.parametrize(("at", "places"), AT_STEP["shown"])
def test_at_a_step_each_series_shows_its_last_values_until_then(at: int, places: list[int]) -> None:
    run, subset, step, _index = (np.array(column) for column in zip(*AT_STEP["values"], strict=True))
    columns = {"run": run, "kind": np.zeros(len(run)), "name": np.zeros(len(run)), "context": subset, "step": step}
    assert media_files.rows_at_step(columns, at) == places
