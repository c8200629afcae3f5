"""Texts, images, audio and histograms of TensorBoard: both summary formats, in place and converted."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aim
from aim import engine
from aim.errors import LogError
from aim.index import cache_folder
from aim.index.schema import TABLES
from aim.index.sources.tensorboard import media
from aim.index.sources.tensorboard.media import content
from aim.media.distribution import Counted, decode, encode
from aim.repo import Repo
from tests.index.sources.tensorboard.events import (
    event,
    event_file,
    fixed,
    frame,
    message,
    number,
    scalar,
    session_start,
    tensor,
    value,
)

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 3, 2, 8, 2, 0, 0, 0) + bytes(20)
GIF = b"GIF89a" + struct.pack("<HH", 5, 6) + bytes(8)
WAV = (
    b"RIFF" + struct.pack("<I4s4sIHHIIHH4sI", 40, b"WAVE", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16, b"data", 4) + bytes(4)
)


def double(field: int, at: float) -> bytes:
    return fixed(field, struct.pack("<d", at))


def packed(field: int, *numbers: float) -> bytes:
    return message(field, struct.pack(f"<{len(numbers)}d", *numbers))


def proto(least: float, greatest: float, limits: list[float], counts: list[float]) -> bytes:
    ends = (double(1, least) if least else b"") + (double(2, greatest) if greatest else b"")
    return ends + double(3, sum(counts)) + packed(6, *limits) + packed(7, *counts)


def bins(*rows: tuple[float, float, float]) -> bytes:
    """A tensor of left edge, right edge and count."""
    return number(1, 2) + message(4, np.array(rows, "<f8").tobytes())


def strings(*some: bytes) -> bytes:
    return b"".join(message(8, words) for words in some)


def told(repo: Repo) -> list[tuple[str, str, int, int, Any]]:
    """Kind, name, step, place and content of every value."""
    return [
        (series.kind, series.name, point.step, point.place, point.data) for series in repo.objects() for point in series
    ]


def shown(folder: Path, *records: bytes) -> Repo:
    event_file(folder / "logs" / "a", *records)
    return Repo(Repo.init(folder / "home").root, tf_logs=folder / "logs")


WAYS = {
    "picture": (value("t", message(4, number(1, 2) + number(2, 3) + message(4, PNG))), "image", [PNG]),
    "pictures": (tensor("t", 7, strings(b"3", b"2", PNG, GIF), plugin="images"), "image", [PNG, GIF]),
    "sound": (value("t", message(6, fixed(1, struct.pack("<f", 8000)) + message(4, WAV))), "audio", [WAV]),
    "sounds": (tensor("t", 7, strings(WAV, b"label", WAV, b""), plugin="audio"), "audio", [WAV, WAV]),
    "text": (tensor("t", 7, strings("wörds".encode()), plugin="text"), "text", ["wörds".encode()]),
    "texts": (tensor("t", 7, strings(b"one", b"", b"three"), plugin="text"), "text", [b"one", b"", b"three"]),
}


# Rows of TP, FP, TN, FN, precision and recall at the thresholds 0, 0.5 and 1.
CURVE = [[2, 1, 0], [2, 0, 0], [0, 2, 2], [0, 1, 2], [0.5, 1, 0], [1, 0.5, 0]]
KINDS_OF_NUMBERS = {
    "floats": number(1, 1) + message(4, np.array(CURVE, "<f4").tobytes()),
    "doubles": number(1, 2) + message(4, np.array(CURVE, "<f8").tobytes()),
    "listed": number(1, 1) + message(5, np.array(CURVE, "<f4").tobytes()),
}


@pytest.mark.parametrize("form", KINDS_OF_NUMBERS)
def test_pr_curves(tmp_path: Path, form: str) -> None:
    written = value("pr", message(8, KINDS_OF_NUMBERS[form]), plugin="pr_curves")
    repo = shown(tmp_path, frame(event(3, values=written)))
    (series,) = repo.objects('figures if figures.format == "pr" and figures.area > 0.7')
    (point,) = series
    curve = point.value
    assert isinstance(curve, aim.PRCurve) and (series.name, point.step) == ("pr", 3)
    assert curve.points == [(0.5, 1.0, 0.5), (1.0, 0.5, 0.0)] and curve.area == 0.75
    assert json.loads(point.data)["aim"] == "pr" and repo.source_notes() == []


def test_a_huge_pr_curve_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(media.MAX_SIZES, "figure", len(KINDS_OF_NUMBERS["floats"]) - 1)
    monkeypatch.setitem(media._ABOUT, "figure", lambda data: pytest.fail("it is read"))
    written = value("pr", message(8, KINDS_OF_NUMBERS["floats"]), plugin="pr_curves")
    assert not shown(tmp_path, frame(event(3, values=written))).objects("figures")


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_write_a_value(tmp_path: Path, way: str) -> None:
    written, kind, contents = WAYS[way]
    repo = shown(tmp_path, scalar("loss", 1, 0.5), *(frame(event(step, values=written)) for step in (3, 300)))
    assert told(repo) == [(kind, "t", step, place, words) for step in (3, 300) for place, words in enumerate(contents)]
    assert [len(run.metrics) for run in repo.select_runs()] == [1], "and none of them is a metric"
    assert repo.source_notes() == []


HISTOGRAMS = {
    "fields": (value("t", message(5, proto(-1.0, 3.0, [0.0, 2.0, 1.7e308], [1, 5, 2]))), [-1, 0, 2, 3], [1, 5, 2]),
    "zero left out": (value("t", message(5, proto(0.0, 3.0, [1.0, 1.7e308], [1, 5]))), [0, 1, 3], [1, 5]),
    "empty bins in a row": (
        value("t", message(5, proto(0.5, 9.0, [1, 2, 3, 4, 9], [1, 0, 0, 0, 2]))), [0.5, 1, 4, 9], [1, 0, 2],
    ),
    "one value": (value("t", message(5, proto(2.0, 2.0, [1.0, 3.0], [0, 7]))), [1.5, 2.5], [7]),
    "a bin without width": (
        tensor("t", 2, bins((0, 1, 2), (1, 1, 3), (1, 2, 4))[2:], plugin="histograms"), [0, 1, 2], [5, 4],
    ),
    "no bins": (tensor("t", 2, message(4, b""), plugin="histograms"), [0, 1], [0]),
    "tensor": (tensor("t", 2, bins((0, 1, 2), (1, 2.5, 3))[2:], plugin="histograms"), [0, 1, 2.5], [2, 3]),
}  # fmt: skip


@pytest.mark.parametrize("way", HISTOGRAMS)
def test_histograms_become_distributions_with_their_own_edges(tmp_path: Path, way: str) -> None:
    written, edges, counts = HISTOGRAMS[way]
    [series] = shown(tmp_path, frame(event(7, values=written))).objects("tf:t", "distribution")
    [point] = series
    assert (point.kind, point.step) == ("distribution", 7)
    distribution = decode(point.data)
    assert (list(distribution.edges), list(distribution.counts)) == (edges, counts)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xff", number(1, 1), bins((0, float("nan"), 1)), bins((0, 1, float("inf"))),
        number(1, 2) + packed(4, 1, 2), proto(-1.0, float("inf"), [0.0, 2.0, 3.0], [1, 5, 2]),
    ],
)  # fmt: skip
def test_invalid_histograms(data: bytes) -> None:
    with pytest.raises(LogError, match="a histogram makes no sense"):
        content("distribution", data, "a file")


def text(tag: str, step: int, words: str) -> bytes:
    return frame(event(step, values=tensor(tag, 7, strings(words.encode()), plugin="text")))


RESTARTED = [
    text("t", 0, "kept"), scalar("loss", 0, 1.0), text("t", 2, "gone"), scalar("loss", 2, 2.0), text("t", 3, "gone"),
    session_start(2), text("t", 2, "again"), scalar("loss", 2, 3.0), text("t", 4, "last"),
]  # fmt: skip
LEFT = ["kept", "again", "last"]


@pytest.mark.parametrize("without", [False, True])
@pytest.mark.parametrize("pause", [0, 4, 5, 6])
def test_a_restart_hides_the_values_that_it_repeats(tmp_path: Path, pause: int, without: bool) -> None:
    """Also without any scalars, and when the file is read in between."""
    records = [session_start(0), *(entry for entry in RESTARTED if not (without and b"loss" in entry))]
    repo = shown(tmp_path, *records[:pause])
    repo.objects()
    event_file(tmp_path / "logs" / "a", *records)
    for opened in (repo, Repo(repo.root, tf_logs=tmp_path / "logs")):
        assert [words.decode() for *_, words in told(opened)] == LEFT
        losses = [trace.values.tolist() for run in opened.select_runs() for trace in run.metrics.get("loss", [])]
        assert losses == ([] if without else [[1.0, 3.0]])


@pytest.mark.parametrize("without", [False, True])
@pytest.mark.parametrize("pause", [None, 3, 5, 6])
def test_converted_values_are_those_that_are_shown(tmp_path: Path, pause: int | None, without: bool) -> None:
    records = [session_start(0), *(entry for entry in RESTARTED if not (without and b"loss" in entry))]
    records += [frame(event(9, values=HISTOGRAMS["fields"][0] + WAYS["pictures"][0]))]
    repo = Repo.init(tmp_path / "kept")
    if pause is not None:
        event_file(tmp_path / "logs" / "a", *records[:pause])
        repo.convert_tensorboard(tmp_path / "logs")
    there = shown(tmp_path, *records)
    repo.convert_tensorboard(tmp_path / "logs")
    assert told(repo) == told(there)
    assert [words.decode() for kind, *_, words in told(repo) if kind == "text"] == LEFT
    assert [s[0].about for s in repo.objects(kind="image")] == [{"format": "png", "width": 3, "height": 2}]
    assert repo.convert_tensorboard(tmp_path / "logs").points == 0


@pytest.mark.parametrize("pause", [0, 1, 2, 3])
def test_a_tensor_without_plugin_is_what_its_tag_was(tmp_path: Path, pause: int) -> None:
    """Old writers name the plugin only in the first value of a tag."""

    def bare(tag: str, step: int, words: str) -> bytes:
        return frame(event(step, values=tensor(tag, 7, strings(words.encode()), plugin="")))

    records = [text("t", 0, "one"), bare("t", 1, "two, of another length"), bare("t", 2, "3"), bare("other", 3, "4")]
    repo = shown(tmp_path, *records[:pause])
    repo.objects()
    event_file(tmp_path / "logs" / "a", *records)
    for opened in (repo, Repo(repo.root, tf_logs=tmp_path / "logs")):
        assert [(step, words) for _, _, step, _, words in told(opened)] == [
            (0, b"one"), (1, b"two, of another length"), (2, b"3"),
        ]  # fmt: skip
        assert opened.source_notes() == [
            "Tags of TensorBoard that are not shown, because Aim has no such media: 1 of tensors"
        ]


def test_growth_and_a_cache(tmp_path: Path) -> None:
    repo = shown(tmp_path, text("t", 0, "one"))
    assert [words for *_, words in told(repo)] == [b"one"]
    event_file(tmp_path / "logs" / "a", text("t", 0, "one"), text("t", 1, "two"))
    for opened in (repo, Repo(repo.root, tf_logs=tmp_path / "logs")):
        assert [words for *_, words in told(opened)] == [b"one", b"two"]


def test_a_file_that_disappeared(tmp_path: Path) -> None:
    repo = shown(tmp_path, text("t", 0, "one"))
    [series] = repo.objects()
    event_file(tmp_path / "logs" / "a").unlink()
    with pytest.raises(LogError, match="the event file with this value cannot be read"):
        _ = series[0].data


def test_a_distribution_of_ours_keeps_odd_edges() -> None:
    counted = Counted([0.0, 1.0, 10.0], [1.0, 2.0])
    assert decode(encode(counted)).edges == (0.0, 1.0, 10.0)


REAL = Path(__file__).parents[3] / "golden" / "tensorboard-values"
PICTURE = (np.arange(4 * 5 * 3).reshape(4, 5, 3) / 60 * 255).astype("u1")


@pytest.mark.parametrize(
    ("run", "words", "pictures", "bins"), [("torch", "words/text_summary", 1, None), ("tensorflow", "words", 2, 30)]
)
def test_real_files(tmp_path: Path, run: str, words: str, pictures: int, bins: int | None) -> None:
    repo = Repo(Repo.init(tmp_path).root, tf_logs=REAL)
    series_of = {series.name: series for series in repo.objects() if series.run.hash == run}
    assert {name: series.steps.tolist() for name, series in series_of.items()} == {
        words: [0, 1], "picture": [0] * pictures + [1] * pictures, "samples": [0, 1], "sound": [0, 1],
    }  # fmt: skip
    assert [str(point.value) for point in series_of[words]] == ["text 0", "text 1"]
    pil = np.asarray(series_of["picture"][0].value.pil())  # type: ignore[attr-defined]
    assert np.abs(pil.astype(int) - PICTURE).max() <= 1
    assert series_of["sound"][0].about == {"format": "wav", "rate": 8000, "channels": 1, "seconds": 0.005}
    spread = decode(series_of["samples"][1].data)
    assert (sum(spread.counts), spread.edges[0], spread.edges[-1]) == (100, -1.0, 2.0)
    assert bins is None or len(spread.counts) == bins
    assert repo.source_notes() == []


@pytest.mark.parametrize("name", ["../../secret.log", "/etc/hostname", "..", "", "a\0b"])
def test_a_cache_of_another_user_names_no_file_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Whoever can write the cache and has the key may name any file in it."""
    monkeypatch.setattr("aim.index.cache.KEEP_RUNS", 1)
    repo = shown(tmp_path, frame(event(1, values=WAYS["pictures"][0])))
    [series] = repo.objects(kind="image")
    whole = series[0].data
    (tmp_path / "secret.log").write_bytes(b"s" * 1_000_000)
    (cache,) = (tmp_path / "home" / ".aim" / "cache").glob("tensorboard-*")
    forge(cache_folder.CacheFolder(tmp_path / "home" / ".aim", cache.name), name)
    [series] = Repo(tmp_path / "home", tf_logs=tmp_path / "logs").objects(kind="image")
    try:
        content = series[0].data
    except LogError:
        return
    assert content == whole, "it was read again from the logs"


def forge(kept: cache_folder.CacheFolder, name: str) -> None:
    """Rename the file of every writer in the documents of a cache, and say that all runs ended."""
    cache = kept.folder
    assert cache is not None
    manifest = json.loads((cache / "manifest").read_bytes().partition(b"\n")[2])
    for entry in manifest["segments"]:
        file = entry["files"]["runs"]
        path = cache / file["name"]
        columns = engine.read([path], list(TABLES["runs"]))
        columns["ended"][:] = True
        documents = [json.loads(text) if text else [] for text in columns["doc"].tolist()]
        columns["doc"][:] = [json.dumps([{**writer, "file": name} for writer in document]) for document in documents]
        engine.write(path, columns, TABLES["runs"])
        file["digest"], file["stat"] = cache_folder._digest(path), cache_folder._stat(path)
    (cache / "manifest").write_bytes(kept._signed(json.dumps(manifest).encode()))
