"""A record in many parts is held within the limit, also if its parts are empty."""

from __future__ import annotations

import io
import struct
from zlib import crc32

import pytest

from aim.index.sources import frames


def frame(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<IHB", crc32(data, crc32(bytes((kind,)))), len(data), kind) + data


@pytest.mark.parametrize("part", [b"", b"x" * 100])
def test_parts_without_an_end_are_damage(monkeypatch: pytest.MonkeyPatch, part: bytes) -> None:
    monkeypatch.setattr(frames, "MAX_RECORD", 1000)
    data = b"header." + frame(2, part) + frame(3, part) * 200 + frame(1, b"whole")
    found = list(frames.frames(io.BytesIO(data), 7, len(data)))
    assert found[-1].data == b"whole" and all(one.data is None for one in found[:-1])
    assert found[0].stop - found[0].start < 1200
