"""Checksums of overlapping stretches are those of zlib, and finding a record behind damage takes linear time."""

from __future__ import annotations

import random
import zlib

import pytest

from aim.log import checksum, record
from aim.log.checksum import Checksums
from tests.log.logs import Draft

DATA = random.Random(1).randbytes(1 << 20)
SHORT, STEP = checksum._SHORT, checksum._STEP
EDGES = [0, 1, 4, SHORT - 1, SHORT, SHORT + 1, SHORT + STEP, 0x10000, 0x10001, 0xFFFFC, 1 << 20]


@pytest.mark.parametrize("length", EDGES)
@pytest.mark.parametrize("start", [0, 3, STEP, STEP + 5])
def test_a_stretch_has_the_checksum_of_zlib(start: int, length: int) -> None:
    for seed in (0, 1, 0xFFFFFFFF, (1 << 32) + 7):
        stretch = DATA[start : start + length]
        found = Checksums(DATA).of(start, start + len(stretch), seed)
        assert found == zlib.crc32(stretch, seed & 0xFFFFFFFF)


def test_many_stretches_of_one_buffer() -> None:
    draw, sums = random.Random(2), Checksums(DATA)
    for start in sorted(draw.randrange(len(DATA)) for _ in range(500)):
        stop = draw.randrange(start, len(DATA) + 1)
        seed = draw.randrange(1 << 32)
        assert sums.of(start, stop, seed) == zlib.crc32(DATA[start:stop], seed)


def test_no_byte_is_summed_more_often_than_it_takes_to_find_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """100,000 words in a row claim a record of a megabyte: checked one by one, that is 100 GB."""
    summed = 0

    def counted(data: bytes, value: int = 0) -> int:
        nonlocal summed
        summed += len(data)
        return zlib.crc32(data, value)

    monkeypatch.setattr(checksum, "crc32", counted)
    monkeypatch.setattr(checksum, "_behind_zeros", lambda state, length: 0)
    claims = record.word(record.PARAMS, 0x80000).to_bytes(4, "little") * 25_000
    draft = Draft()
    draft.data += claims + bytes(1 << 20)
    assert record.next_good(bytes(draft.data), record.HEADER_SIZE, 0) is None
    assert summed < 3 * STEP * 25_000
