from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from aim.index.sources.tensorboard import tfrecord
from tests.index.sources.tensorboard.events import frame

TEXTS = [b"first", b"second one", b"3", b"the fourth of them"]
FRAMES = [frame(text) for text in TEXTS]
WHOLE = b"".join(FRAMES)
AT = [0, *(sum(map(len, FRAMES[: i + 1])) for i in range(4))]


def read(path: Path, start: int = 0) -> tuple[list[bytes], list[tuple[int, int]], int]:
    """All records in order, the damaged places, and the end."""
    texts, damage, end = [], [], start
    for block in tfrecord.blocks(path, start):
        rows_of = {}
        for numbers, rows in block.groups():
            rows_of.update({int(number): row.tobytes() for number, row in zip(numbers, rows, strict=True)})
        texts += [rows_of[entry] for entry in sorted(rows_of)]
        damage += sorted(block.damage)
        end = block.end
    return texts, damage, end


def broken(at: int) -> bytes:
    return WHOLE[:at] + bytes([WHOLE[at] ^ 1]) + WHOLE[at + 1 :]


@pytest.mark.parametrize(
    ("data", "left", "damage", "end"),
    [
        (WHOLE, [0, 1, 2, 3], [], AT[4]),
        (b"", [], [], 0),
        (WHOLE[:-1], [0, 1, 2], [], AT[3]),
        (WHOLE[: AT[3] + 5], [0, 1, 2], [], AT[3]),
        (broken(AT[1] + 14), [0, 2, 3], [(AT[1], AT[2])], AT[4]),
        (broken(AT[2] - 1), [0, 2, 3], [(AT[1], AT[2])], AT[4]),
        (broken(AT[1]), [0, 2, 3], [(AT[1], AT[2])], AT[4]),
        (broken(AT[1] + 9), [0, 2, 3], [(AT[1], AT[2])], AT[4]),
        (broken(3), [1, 2, 3], [(0, AT[1])], AT[4]),
        (WHOLE[: AT[1]] + b"odd bytes" + WHOLE[AT[1] :], [0, 1, 2, 3], [(AT[1], AT[1] + 9)], AT[4] + 9),
        (WHOLE[: AT[1]] + b"\0" * 5000 + WHOLE[AT[1] :], [0, 1, 2, 3], [(AT[1], AT[1] + 5000)], AT[4] + 5000),
        (WHOLE[: AT[1]] + WHOLE[AT[1] + 7 :], [0, 2, 3], [(AT[1], AT[2] - 7)], AT[4] - 7),
        (WHOLE + b"\0" * 100, [0, 1, 2, 3], [], AT[4]),
        (b"no event file at all, but longer than a header", [], [], 0),
    ],
)
def test_damage_costs_only_the_damaged_record(
    tmp_path: Path, data: bytes, left: list[int], damage: list[tuple[int, int]], end: int
) -> None:
    (tmp_path / "f").write_bytes(data)
    assert read(tmp_path / "f") == ([TEXTS[i] for i in left], damage, end)


def test_from_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(WHOLE[:-3])
    _, _, end = read(path)
    path.write_bytes(WHOLE)
    assert read(path, end) == (TEXTS[3:], [], AT[4])


def test_a_record_within_a_record_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(frame(b"before" + frame(b"within") * 3 + b"behind") + frame(b"last"))
    texts, damage, _ = read(tmp_path / "f")
    assert [len(text) for text in texts] == [len(b"before") + 3 * len(frame(b"within")) + len(b"behind"), 4]
    assert damage == []


@pytest.mark.parametrize("window", [40, 64, 100, 1000])
def test_windows_cut_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: int) -> None:
    monkeypatch.setattr(tfrecord, "WINDOW", window)
    texts = [random.Random(i).randbytes(1 + i * 7 % 300) for i in range(200)]
    (tmp_path / "f").write_bytes(b"".join(map(frame, texts)))
    assert read(tmp_path / "f")[:2] == (texts, [])


def test_a_record_that_is_too_long_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tfrecord, "WINDOW", 100)
    monkeypatch.setattr(tfrecord, "MAX_RECORD", 1000)
    long = frame(b"x" * 5000)
    (tmp_path / "f").write_bytes(FRAMES[0] + long + FRAMES[1])
    assert read(tmp_path / "f") == (TEXTS[:2], [(AT[1], AT[1] + len(long))], AT[2] + len(long))


def test_holes_of_a_sparse_file_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terabyte of zeros takes a few bytes on the disk."""
    monkeypatch.setattr(tfrecord, "WINDOW", 1 << 16)
    monkeypatch.setattr(tfrecord, "MAX_RECORD", 1 << 17)
    place, size = 1 << 39, 1 << 40
    with open(tmp_path / "events", "wb") as file:
        file.write(WHOLE[: AT[2]])
        file.seek(place)
        file.write(WHOLE[AT[2] :])
        file.truncate(size)
    seen: list[int] = []
    frombuffer = np.frombuffer
    monkeypatch.setattr(tfrecord.np, "frombuffer", lambda data, kind: seen.append(len(data)) or frombuffer(data, kind))
    texts, damage, end = read(tmp_path / "events")
    assert texts == TEXTS and sum(seen) < 4 << 20
    assert damage[0][0] == AT[2] and damage[-1][1] >= size - 100 and end <= size
    assert sum(stop - start for start, stop in damage) < size


def test_garbage_longer_than_every_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tfrecord, "WINDOW", 100)
    monkeypatch.setattr(tfrecord, "MAX_RECORD", 1000)
    garbage = b"\xff" * 5000
    (tmp_path / "f").write_bytes(FRAMES[0] + garbage + FRAMES[1])
    texts, damage, end = read(tmp_path / "f")
    assert (texts, end) == (TEXTS[:2], AT[2] + 5000)
    assert (damage[0][0], damage[-1][1]) == (AT[1], AT[1] + 5000)
    assert all(earlier[1] == other[0] for earlier, other in zip(damage, damage[1:], strict=False))
