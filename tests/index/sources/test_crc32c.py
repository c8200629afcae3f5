from __future__ import annotations

import random

import numpy as np
import pytest

from aim.index.sources import crc32c
from aim.index.sources.crc32c import masked_rows
from tests.index.sources.tensorboard.events import masked

LENGTHS = [1, 2, 3, 4, 5, 8, 13, 30, 31, 255, 511, 512, 513, 2047, 2048, 2049, 2560, 4099, 70_001]


@pytest.mark.parametrize("length", LENGTHS)
def test_like_byte_by_byte(length: int) -> None:
    rows = [random.Random(length + i).randbytes(length) for i in range(3)]
    wide = np.array([list(row) + [7, 7, 7] for row in rows], np.uint8)
    assert masked_rows(wide, length).tolist() == [masked(row) for row in rows]
    assert masked_rows(np.ascontiguousarray(wide[:, :length]), length).tolist() == [masked(row) for row in rows]


def test_the_check_value_of_the_standard() -> None:
    checksum = 0xE3069283
    expected = ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF
    assert masked_rows(np.frombuffer(b"123456789", np.uint8)[None, :], 9).tolist() == [expected]


def test_many_rows() -> None:
    rows = np.frombuffer(random.Random(0).randbytes(40_000 * 10), np.uint8).reshape(-1, 10)
    computed = masked_rows(rows, 10)
    for place in (0, 16_383, 16_384, 39_999):
        assert computed[place] == masked(rows[place].tobytes())


def test_parts_of_any_lengths_together() -> None:
    rng = random.Random(0)
    parts = [rng.randbytes(length) for length in [0, *LENGTHS, 8_191, 8_192, 8_193] for _ in range(30)]
    rng.shuffle(parts)
    assert crc32c.masked(parts).tolist() == [masked(part) for part in parts]
    assert crc32c.masked([]).tolist() == []


@pytest.mark.parametrize("count", [1, 2, 20])
def test_a_few_blocks_take_no_step_for_each_of_their_bytes(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    parts = [random.Random(i).randbytes(4_000 + i) for i in range(count)]
    assert crc32c.masked(parts).tolist() == [masked(part) for part in parts]
    steps: list[int] = []
    advance = crc32c._advance
    monkeypatch.setattr(
        crc32c, "_advance", lambda state, rows, length: steps.append(length) or advance(state, rows, length)
    )
    crc32c.masked(parts)
    assert sum(steps) <= count * 128
