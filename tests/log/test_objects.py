"""Media in logs and seals: reading returns what was written, and damage affects a single value."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aim import layout
from aim.errors import LogError
from aim.log import objects, record, seal
from aim.log.reader import Log, open_longest
from aim.log.writer import Writer
from tests.log.disks import files_of_at_most
from tests.log.logs import RUN, WRITER, Draft

META = {"format": "png", "caption": "é"}


def writer(folder: Path) -> Writer:
    layout.create(folder / ".aim")
    return Writer(folder / ".aim" / "runs" / "x", RUN, aim_dir=folder / ".aim")


def put(to: Writer, data: bytes, *, step: int = 0, epoch: float | None = None, meta: dict[str, Any] = META) -> bool:
    return objects.append(to, 3, step=step, time=1.5, epoch=epoch, place=2, data=data, meta=meta)


def values_in(path: Path) -> list[tuple[objects.Object, bytes]]:
    there = [entry.offset for entry in Log(path).records() if entry.kind == record.OBJECT]
    with closing(open_longest(path)) as file:
        return [(item, objects.content(file, item)) for item in (objects.at(file, offset) for offset in there)]


@pytest.mark.parametrize(
    "size", [0, 1, 3, 4, 5, objects.PIECE - 200, objects.PIECE, objects.PIECE + 1, 3 * objects.PIECE + 5]
)
@pytest.mark.parametrize("epoch", [None, 0.25])
def test_appended_records_are_read(tmp_path: Path, size: int, epoch: float | None) -> None:
    data = os.urandom(size)
    log = writer(tmp_path)
    assert put(log, b"before") and put(log, data, step=-5, epoch=epoch) and put(log, b"behind")
    log.close()
    _, (item, content), _ = values_in(log.path)
    assert content == data
    assert (item.series, item.step, item.time, item.epoch, item.place, item.size) == (3, -5, 1.5, epoch, 2, size)
    assert item.meta == META
    assert len(item.pieces) == (0 if size < objects.PIECE - 100 else -(-size // objects.PIECE))
    assert [entry.kind for entry in Log(log.path).records()][-1] == record.OBJECT


def test_a_piece_is_smaller_than_a_record_and_precedes_its_object(tmp_path: Path) -> None:
    log = writer(tmp_path)
    put(log, os.urandom(2 * objects.PIECE))
    log.close()
    assert [entry.kind for entry in Log(log.path).records()] == [record.BLOB, record.BLOB, record.OBJECT]


def test_a_value_that_can_never_fit_is_refused(tmp_path: Path) -> None:
    log = writer(tmp_path)
    with pytest.raises(ValueError, match="67,108,865 bytes is larger than 67,108,864"):
        put(log, bytes(objects.MAX_SIZE + 1))
    log.close()
    assert list(Log(log.path).records()) == []


def test_a_full_disk_drops_values_and_says_how_many(tmp_path: Path) -> None:
    log = writer(tmp_path)
    with files_of_at_most(record.HEADER_SIZE):
        assert put(log, b"waits in memory")
        assert [put(log, os.urandom(objects.PIECE - 200)) for _ in range(3)] == [True, False, False]
        assert not put(log, os.urandom(3 * objects.PIECE)), "one whose pieces do not fit"
        assert log.waiting < 2 << 20
    assert log.flush() and put(log, b"kept")
    log.close()
    assert [content for _, content in values_in(log.path)][0] == b"waits in memory"
    dropped = [record.decode_json(entry.payload) for entry in Log(log.path).records() if entry.kind == record.DROPPED]
    assert sum(entry["points"] for entry in dropped) == log.dropped > 0


@pytest.mark.parametrize(
    "payload", [b"", b"\xff" * 44, bytes(44), b"x" * 43, bytes(36) + b"\4\0\0\0" + bytes(4) + b"[1] "]
)
def test_invalid_records(payload: bytes) -> None:
    with pytest.raises((LogError, ValueError)):
        _ = objects.decode(payload).meta


def saved(draft: Draft, folder: Path, suffix: str) -> Path:
    path = (folder / layout.log_name(RUN.hex(), WRITER.hex())).with_suffix(suffix)
    path.write_bytes(seal.encode(bytes(draft.data)) if suffix == ".seal" else draft.data)
    return path


def flip(path: Path, place: int) -> None:
    """Flip one bit; a second time, restore it."""
    with open(path, "r+b") as file:
        byte = os.pread(file.fileno(), 1, place)[0]
        os.pwrite(file.fileno(), bytes([byte ^ 1]), place)


def test_damage_in_a_piece_loses_only_that_value(tmp_path: Path) -> None:
    draft = Draft().start().series(0, "a", kind="text")
    draft.value(0, 0, b"first", pieces=1).value(0, 1, os.urandom(900), pieces=3).value(0, 2, b"last", pieces=2)
    kinds = [entry.kind for entry in Log(layout.log_name(RUN.hex(), WRITER.hex()), bytes(draft.data)).records()]
    places = [at for at, kind in zip(draft.offsets, kinds, strict=True) if kind == record.OBJECT]
    blobs = [at for at, kind in zip(draft.offsets, kinds, strict=True) if kind == record.BLOB]
    path = saved(draft, tmp_path, ".log")
    flip(path, blobs[2] + 10)
    with closing(open_longest(path)) as file:
        first, middle, last = (objects.at(file, at) for at in places)
        assert (objects.content(file, first), objects.content(file, last)) == (b"first", b"last")
        with pytest.raises(LogError, match="of type 12 at byte .* is damaged"):
            objects.content(file, middle)


@pytest.mark.parametrize("suffix", [".log", ".seal"])
def test_an_invalid_offset_and_a_record_of_another_type(tmp_path: Path, suffix: str) -> None:
    draft = Draft().start().series(0, "a", kind="text").value(0, 0, b"first").end()
    path = saved(draft, tmp_path, suffix)
    with closing(open_longest(path)) as file:
        item = objects.at(file, draft.offsets[2])
        for offset in (0, 40, draft.offsets[2] + 4, 1 << 40, (1 << 64) - 1):
            with pytest.raises(LogError, match=f"the record of type 10 at byte {offset:,} is damaged or missing"):
                objects.at(file, offset)
        with pytest.raises(LogError, match="of type 12 at byte"):
            objects.content(file, item._replace(pieces=(draft.offsets[2],)))
        assert objects.at(file, draft.offsets[2]).inline == b"first"


VALUES = st.tuples(st.binary(max_size=3000) | st.just(b"z" * 300_000), st.integers(0, 4))


@settings(max_examples=30, deadline=None)
@given(st.lists(VALUES, max_size=12))
def test_a_seal_gives_each_value_without_the_others(tmp_path_factory: pytest.TempPathFactory, values: Any) -> None:
    folder = tmp_path_factory.mktemp("seal")
    draft = Draft().start().series(0, "a", kind="text").series(1, "loss")
    for step, (data, pieces) in enumerate(values):
        draft.point(1, step, 0.5).value(0, step, data, pieces=pieces if data else 0).point(1, step, 0.5)
    data = bytes(draft.end().data)
    path = saved(draft, folder, ".seal")
    assert seal.decode(path.read_bytes()) == data
    assert [content for _, content in values_in(path)] == [data for data, _ in values]
    assert path.read_bytes()[:8] == (seal.MAGIC_VALUES if values else seal.MAGIC)


def test_one_value_is_read_from_a_seal_without_opening_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = Draft().start().series(0, "a", kind="image")
    contents = [os.urandom(300_000) for _ in range(8)]
    for step, data in enumerate(contents):
        draft.value(0, step, data)
    path = saved(draft.end(), tmp_path, ".seal")
    chunks: list[int] = []
    opened = seal._chunk

    def watched(path: str, stamp: tuple[int, int], number: int) -> bytes:
        chunks.append(number)
        return opened(path, stamp, number)

    monkeypatch.setattr(seal, "decode", None)
    monkeypatch.setattr(seal, "_chunk", watched)
    with closing(open_longest(path)) as file:
        item = objects.at(file, draft.offsets[2 + 5])
    assert (item.inline, chunks) == (contents[5], [5])


def test_incompressible_values_are_kept_unchanged_and_texts_become_small(tmp_path: Path) -> None:
    noise, text = os.urandom(1 << 20), b"the same words again and again. " * (1 << 15)
    for data, most in ((noise[: record.MAX_PAYLOAD - 200], 1 << 20), (text[: record.MAX_PAYLOAD - 200], 1 << 13)):
        draft = Draft().start().series(0, "a", kind="text").value(0, 0, data)
        assert len(seal.encode(bytes(draft.data))) <= most + 4096


def test_every_flipped_byte_of_a_seal_is_noticed_or_harmless(tmp_path: Path) -> None:
    draft = Draft().start().series(0, "a", kind="text").value(0, 0, b"first").value(0, 1, b"x" * 500, pieces=2).end()
    path = saved(draft, tmp_path, ".seal")
    places = [draft.offsets[2], draft.offsets[5]]
    right = [content for _, content in values_in(path)]
    for hit in range(path.stat().st_size):
        flip(path, hit)
        os.utime(path, ns=(hit, hit))
        for place, content in zip(places, right, strict=True):
            try:
                with closing(open_longest(path)) as file:
                    assert objects.content(file, objects.at(file, place)) == content
            except (LogError, ValueError):
                pass
        flip(path, hit)


@pytest.mark.parametrize(
    ("most", "pieces"),
    [(0, 0), (1, 1), (objects.PIECE, 1), (objects.PIECE + 1, 2), (objects.PIECE * 3 // 2, 3), (1 << 30, 3), (None, 3)],
)
def test_the_first_bytes_of_a_value_take_no_more_pieces_than_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int | None, pieces: int
) -> None:
    data = os.urandom(objects.PIECE * 5 // 2)
    out = writer(tmp_path)
    assert put(out, data)
    place = next(entry.offset for entry in Log(out.path).records() if entry.kind == record.OBJECT)
    out.close()
    with closing(open_longest(out.path)) as file:
        item, reads, plain = objects.at(file, place), list[int](), file.at
        monkeypatch.setattr(file, "at", lambda offset: (reads.append(offset), plain(offset))[1])
        assert objects.content(file, item, most) == data[: pieces * objects.PIECE]
        assert tuple(reads) == item.pieces[:pieces]
        for size in (item.size - 4, item.size + 4):
            with pytest.raises(LogError, match="has pieces of"):
                objects.content(file, item._replace(size=size))


def test_the_largest_value_is_taken_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "MAX_SIZE", 1000)
    out = writer(tmp_path)
    assert put(out, b"x" * 1000)
    with pytest.raises(ValueError, match="1,001 bytes is larger than 1,000"):
        put(out, b"x" * 1001)
    out.close()
    ((_, content),) = values_in(out.path)
    assert content == b"x" * 1000
    monkeypatch.setattr(objects, "MAX_SIZE", 999)
    with pytest.raises(LogError, match="another length than its fields say"):
        values_in(out.path)
