from __future__ import annotations

import random
import struct
from pathlib import Path

import numpy as np
import pytest

from aim.index.sources.tensorboard import hparams
from aim.index.sources.tensorboard.events import EventBatch, EventReader, _valid
from aim.index.sources.tensorboard.tfrecord import blocks
from tests.index.sources.tensorboard import events as made
from tests.index.sources.tensorboard.events import (
    event,
    fixed,
    frame,
    message,
    number,
    scalar,
    simple,
    tensor,
    value,
    varint,
)


def parts(folder: Path, *records: bytes) -> EventBatch:
    """What a file of these records says, in one part."""
    (part,) = list(map(EventReader().read, blocks(made.event_file(folder, *records), 0)))
    return part


def points(part: EventBatch) -> list[tuple[str, int, float]]:
    columns = zip(part.tag.tolist(), part.step.tolist(), part.value.tolist(), strict=True)
    return [(part.tags[tag].decode(), step, number) for tag, step, number in columns]


def half(number: float) -> int:
    return int(np.float16(number).view(np.uint16))


SCALARS = {
    "float in content": (tensor("t", 1, message(4, struct.pack("<f", 1.5))), 1.5),
    "float packed": (tensor("t", 1, message(5, struct.pack("<f", 1.5))), 1.5),
    "float alone": (tensor("t", 1, fixed(5, struct.pack("<f", 1.5))), 1.5),
    "double in content": (tensor("t", 2, message(4, struct.pack("<d", 0.1))), 0.1),
    "double packed": (tensor("t", 2, message(6, struct.pack("<d", 0.1))), 0.1),
    "double alone": (tensor("t", 2, fixed(6, struct.pack("<d", 0.1))), 0.1),
    "int32": (tensor("t", 3, message(7, varint(-7))), -7),
    "int32 in content": (tensor("t", 3, message(4, struct.pack("<i", -7))), -7),
    "uint8": (tensor("t", 4, message(7, varint(200))), 200),
    "int16": (tensor("t", 5, number(7, 300)), 300),
    "int8 in content": (tensor("t", 6, message(4, b"\xff")), -1),
    "int64": (tensor("t", 9, message(10, varint(-(1 << 40)))), -(1 << 40)),
    "bool": (tensor("t", 10, message(11, b"\x01")), 1),
    "bfloat16": (tensor("t", 14, message(13, varint(0x3FC0))), 1.5),
    "bfloat16 in content": (tensor("t", 14, message(4, b"\xc0\x3f")), 1.5),
    "uint16 in content": (tensor("t", 17, message(4, b"\xff\xff")), 65535),
    "half": (tensor("t", 19, message(13, varint(half(-2.5)))), -2.5),
    "half in content": (tensor("t", 19, message(4, struct.pack("<e", -2.5))), -2.5),
    "uint32": (tensor("t", 22, message(16, varint(1 << 31))), 1 << 31),
    "uint64": (tensor("t", 23, message(17, varint(1 << 63))), 1 << 63),
    "no number is zero": (tensor("t", 1, b""), 0),
    "one element": (tensor("t", 1, message(5, struct.pack("<f", 1.5)), shape=(1, 1)), 1.5),
    "simple": (simple("t", 1.5), 1.5),
    "simple of a plugin": (value("t", fixed(2, struct.pack("<f", 1.5)), plugin="scalars"), 1.5),
}


@pytest.mark.parametrize("name", SCALARS)
def test_every_way_to_write_a_scalar(tmp_path: Path, name: str) -> None:
    values, expected = SCALARS[name]
    part = parts(tmp_path, *(frame(event(step, values=values)) for step in (0, 1, 200)))
    assert points(part) == [("t", step, expected) for step in (0, 1, 200)]
    assert not part.skipped and not part.damage


SKIPPED = {
    "old histogram": (value("h", message(3, b"")), "histograms"),
    "image": (value("h", message(4, b"")), "images"),
    "image of another format": (value("h", message(4, message(4, b"<svg>"))), "images"),
    "audio": (value("h", message(6, b"")), "audio"),
    "sound of another format": (value("h", message(6, message(4, b"OggS"))), "audio"),
    "a text without words": (tensor("h", 7, b"", plugin="text"), "text"),
    "a picture among others": (tensor("h", 7, message(8, b"") * 4, plugin="images"), "images"),
    "a curve": (tensor("h", 1, b"", shape=(3, 3), plugin="mesh"), "mesh"),
    "several numbers": (tensor("h", 1, message(5, struct.pack("<2f", 1, 2))), "tensors"),
    "a shape of several": (tensor("h", 1, message(5, struct.pack("<f", 1)), shape=(3,)), "tensors"),
    "an empty shape": (tensor("h", 1, b"", shape=(0,)), "tensors"),
    "several whole numbers": (tensor("h", 9, message(10, b"\x01\x02")), "tensors"),
    "a text tensor": (tensor("h", 7, message(8, b"words")), "tensors"),
    "a complex number": (tensor("h", 8, message(9, bytes(8))), "tensors"),
    "of no plugin": (tensor("h", 1, message(5, struct.pack("<f", 1)), plugin=""), "tensors"),
}


@pytest.mark.parametrize("name", SKIPPED)
def test_values_that_are_not_scalars_are_reported(tmp_path: Path, name: str) -> None:
    values, kind = SKIPPED[name]
    part = parts(tmp_path, frame(event(1, values=values)), scalar("t", 1, 2.0), frame(event(2, values=values)))
    assert part.skipped == {kind: {b"h"}}
    assert points(part) == [("t", 1, 2.0)]


def test_a_tensor_without_plugin_is_what_its_tag_was(tmp_path: Path) -> None:
    """Old writers name the plugin in the first value of a tag alone."""
    content = message(5, struct.pack("<f", 3.0))
    records = [frame(event(0, values=tensor("t", 1, content)))]
    records += [frame(event(step, values=tensor("t", 1, content, plugin=""))) for step in range(1, 4)]
    assert points(parts(tmp_path, *records)) == [("t", step, 3.0) for step in range(4)]
    first, later = (made.event_file(tmp_path, records[i], number=i) for i in (0, 1))
    reader = EventReader()
    assert points(reader.read(next(blocks(first, 0)))) and points(reader.read(next(blocks(later, 0))))


def test_order_is_that_of_the_file(tmp_path: Path) -> None:
    """Tags of equal and other lengths, several values an event, steps that jump."""
    rng = random.Random(5)
    expected, records = [], []
    for _ in range(600):
        step = rng.choice([0, 1, 127, 128, 16_384, 2**40, -3])
        some = [(rng.choice(["a", "b", "long/name", "long/else"]), float(rng.randrange(99))) for _ in range(2)]
        some = some[: rng.choice([1, 1, 1, 2])]
        records.append(frame(event(step, values=b"".join(simple(*pair) for pair in some))))
        expected += [(tag, step, at) for tag, at in some]
    assert points(parts(tmp_path, *records)) == expected


def test_wall_times_and_missing_ones(tmp_path: Path) -> None:
    bare = frame(message(5, simple("t", 1.0)))
    part = parts(tmp_path, scalar("t", 3, 2.0, wall=1234.5), bare)
    assert part.wall.tolist() == [1234.5, 0.0] and part.step.tolist() == [3, 0]
    assert part.first_wall == 1_700_000_000.0


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("walls", "before", "expected"),
    [
        ([5.0, NAN, INF, 9e12, 7.0, -1e300], None, [5.0, 5.0, 5.0, 5.0, 7.0, 7.0]),
        ([NAN, -INF, 5.0], None, [5.0, 5.0, 5.0]),
        ([NAN, -INF, 5.0], 4.0, [4.0, 4.0, 5.0]),
        ([NAN, INF], None, [99.0, 99.0]),
        ([NAN, INF], 4.0, [4.0, 4.0]),
        ([0.0, -3.0], None, [0.0, -3.0]),
    ],
)
def test_an_invalid_time_is_that_of_a_neighbor(walls: list[float], before: float | None, expected: list[float]) -> None:
    """Without any, it is that of the file."""
    assert _valid(np.array(walls), before, 99.0).tolist() == expected


def test_invalid_times_over_several_blocks(tmp_path: Path) -> None:
    texts = tensor("note", 7, message(8, b"words"), plugin="text")
    records = [scalar("t", 1, 1.0, wall=8.0), scalar("t", 2, 1.0, wall=NAN), frame(event(3, wall=INF, values=texts))]
    path = made.event_file(tmp_path, *records, scalar("t", 4, 1.0, wall=1e13), scalar("t", 5, 1.0, wall=9.0))
    reader = EventReader(changed=99.0)
    read = [reader.read(block) for block in blocks(path, 0, window=len(records[0]) + 20)]
    assert len(read) > 2
    assert [wall for part in read for wall in part.wall.tolist()] == [8.0, 8.0, 8.0, 9.0]
    assert [item.wall for part in read for item in part.objects] == [8.0]


def test_many_shapes_of_one_length(tmp_path: Path) -> None:
    """Once nothing is alike for long, what is alike is still found."""
    odd = [frame(event(1, values=simple("t", 1.0)) + number(99, 128 + i)) for i in range(200)]
    alike = [frame(event(128 + i, values=simple("tt", 2.0))) for i in range(500)]
    assert points(parts(tmp_path, *odd, *alike))[-1] == ("tt", 627, 2.0)
    assert len(points(parts(tmp_path, *odd, *alike))) == 700


def test_odd_numbers(tmp_path: Path) -> None:
    part = parts(tmp_path, *(scalar("t", 1, at) for at in (float("nan"), float("inf"), float("-inf"), 0.1)))
    assert [str(at) for at in part.value.tolist()] == ["nan", "inf", "-inf", "0.10000000149011612"]


def test_session_starts(tmp_path: Path) -> None:
    stop = frame(event(9, more=message(7, number(1, 2))))
    starts = [made.session_start(1), made.session_start(5)]
    part = parts(tmp_path, scalar("t", 1, 1.0), *starts, stop, scalar("t", 1, 2.0))
    assert part.sessions == [(2, 1), (3, 5)], "each counts, though their bytes are alike"


def test_hparams(tmp_path: Path) -> None:
    given = {"lr": 0.1, "layers": 3, "name": "große", "on": True, "off": False}
    (content,) = parts(tmp_path, made.session(given)).hparams
    decoded = hparams.read(content).params
    assert decoded == given and type(decoded["layers"]) is int and decoded["off"] is False


NESTED = message(1, message(1, b"k") + message(2, message(6, message(1, message(3, b"v")) + message(1, b""))))
ENDLESS = b""
for _ in range(50):
    ENDLESS = message(6, message(1, ENDLESS))


@pytest.mark.parametrize(
    ("content", "params", "failed"),
    [
        (message(3, NESTED), {"k": ["v", None]}, None),
        (message(4, number(1, 1)), {}, False),
        (message(4, number(1, 2) + fixed(2, bytes(8))), {}, True),
        (message(3, message(1, message(1, b"k") + message(2, ENDLESS))), {}, None),
        (b"\xff\xff", {}, None),
        (b"", {}, None),
    ],
)
def test_sessions(content: bytes, params: dict[str, object], failed: bool | None) -> None:
    decoded = hparams.read(content)
    assert (decoded.params, decoded.failed) == (params, failed)


def test_invalid_events(tmp_path: Path) -> None:
    """Whatever stands in a record: nothing is raised, and what follows is read."""
    rng = random.Random(1)
    good = event(5, values=simple("t", 1.0))
    odd = [rng.randbytes(rng.randrange(1, 60)) for _ in range(300)]
    odd += [good[:cut] for cut in range(1, len(good))]
    odd += [good[:at] + bytes([rng.randrange(256)]) + good[at + 1 :] for at in range(len(good))]
    part = parts(tmp_path, *map(frame, odd), scalar("last", 7, 2.0))
    assert points(part)[-1] == ("last", 7, 2.0)
    assert "unreadable events" in part.skipped and not part.damage
