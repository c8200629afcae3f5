"""Checksums of overlapping stretches match zlib's, and finding a record after damage takes linear time."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable

import pytest

from aim.index.parse import parse
from aim.log import checksum, record
from aim.log.checksum import Checksums
from aim.log.record import HEADER_SIZE, Record
from tests.log.logs import Draft

DATA = random.Random(1).randbytes(1 << 20)
SHORT, STEP = checksum._SHORT, checksum._STEP
EDGES = [0, 1, 4, SHORT - 1, SHORT, SHORT + 1, SHORT + STEP, 0x10000, 0x10001, 0xFFFFC, 1 << 20]


@pytest.mark.parametrize("length", EDGES)
@pytest.mark.parametrize("start", [0, 3, STEP, STEP + 5])
def test_a_stretch_has_the_checksum_of_zlib(start: int, length: int) -> None:
    for seed in (0, 1, 0xFFFFFFFF):
        stretch = DATA[start : start + length]
        computed = Checksums(DATA).of(start, start + len(stretch), seed)
        assert computed == zlib.crc32(stretch, seed)


def test_many_stretches_of_one_buffer() -> None:
    draw, sums = random.Random(2), Checksums(DATA)
    for start in sorted(draw.randrange(len(DATA)) for _ in range(500)):
        stop = draw.randrange(start, len(DATA) + 1)
        seed = draw.randrange(1 << 32)
        assert sums.of(start, stop, seed) == zlib.crc32(DATA[start:stop], seed)


Read = Callable[[bytes, int], int]
READERS: dict[str, Read] = {
    "the codec": lambda data, seed: sum(isinstance(entry, Record) for entry in record.walk(data, HEADER_SIZE, seed)),
    "the bulk parser": lambda data, seed: len(parse(data[HEADER_SIZE:], HEADER_SIZE, seed).others),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS.keys())
@pytest.mark.parametrize("between", [0, 1])
def test_claims_of_half_a_megabyte_do_not_cost_half_a_megabyte_each(
    monkeypatch: pytest.MonkeyPatch, read: Read, between: int
) -> None:
    """Each word claims a long record, with or without a valid record after it; summing them one by one would read 2
    GB."""
    draft = Draft()
    for _ in range(4000):
        draft.data += record.word(record.PARAMS, 0x80000).to_bytes(4, "little")
        for _ in range(between):
            draft.add(record.END, b"")
    draft.data += bytes(1 << 20)
    summed = 0

    def counted(data: bytes, value: int = 0) -> int:
        nonlocal summed
        summed += len(data)
        return zlib.crc32(data, value)

    monkeypatch.setattr(checksum, "crc32", counted)
    monkeypatch.setattr(record, "crc32", counted)
    assert read(bytes(draft.data), record.seed(draft.run, draft.writer)) == 4000 * between
    assert summed < 4000 * 4 * STEP + (2 << 20)
