"""Snappy's blocks, by hand: what each tag makes, and what is refused."""

from __future__ import annotations

import random

import pytest

from aim.index.sources.snappy import inflate

BLOCKS = {
    "a literal": (b"\x03\x08abc", b"abc"),
    "a long literal": (b"\x46\xf0\x45" + b"x" * 70, b"x" * 70),
    "a near copy": (b"\x08\x0cabcd\x01\x04", b"abcdabcd"),
    "a copy of itself": (b"\x09\x00a\x11\x01", b"a" * 9),
    "a copy of two bytes": (b"\x06\x08abc\x0a\x03\x00", b"abcabc"),
    "a copy of four bytes": (b"\x06\x08abc\x0b\x03\x00\x00\x00", b"abcabc"),
    "nothing": (b"\x00", b""),
}
REFUSED = {
    "too short": b"\x04\x08abc", "too long": b"\x02\x08abc", "a bomb": b"\xff\xff\xff\x7f\x08abc",
    "a copy before the start": b"\x06\x08abc\x0a\x04\x00", "a copy from nowhere": b"\x06\x08abc\x0a\x00\x00",
    "it ends in a copy": b"\x06\x08abc\x0a\x03", "no length": b"\xff\xff", "empty": b"",
}  # fmt: skip


@pytest.mark.parametrize("case", BLOCKS)
def test_a_block(case: str) -> None:
    data, expected = BLOCKS[case]
    assert inflate(data, 1000) == expected


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case: str) -> None:
    with pytest.raises(ValueError):
        inflate(REFUSED[case], 1 << 30)


def test_a_block_above_the_limit() -> None:
    with pytest.raises(ValueError, match="3 bytes"):
        inflate(b"\x03\x08abc", 2)


def test_any_bytes_are_a_block_or_refused() -> None:
    rng = random.Random(0)
    for _ in range(3_000):
        data = rng.randbytes(rng.randrange(40))
        try:
            assert len(inflate(data, 4096)) <= 4096
        except ValueError:
            pass
