"""Whether a FLAC file is whole. Its frames carry no length, so the last one is found by its checksums."""

from __future__ import annotations

import functools
import struct
from collections.abc import Sequence

_WINDOW = 1 << 17
# The longest frame: 65,535 samples of 8 channels, each of 4 bytes.
_MAX = 1 << 21
# A tag of ID3 behind the sound, the shortest frame, and the longest head of one.
_TAG, _MIN, _HEAD = 128, 9, 16
# How many times as many bytes are checked as a frame may have.
_TIMES = 4


def is_whole(data: bytes) -> bool:
    """Whether the file ends with a whole frame that reaches the number of samples that STREAMINFO states. Each place
    that looks like the beginning of that frame is checked. If somebody made very many, the file is taken as it is."""
    at, is_last = 4, False
    while not is_last:
        is_last = bool(data[at] & 0x80)
        at += 4 + int.from_bytes(data[at + 1 : at + 4], "big")
    end = len(data) - (_TAG if data[-_TAG:].startswith(b"TAG") else 0)
    block, longest, bits = struct.unpack_from(">2xH3x3sQ", data, 8)
    start = max(at, end - min(int.from_bytes(longest, "big") or _WINDOW, _MAX))
    place, left = data.rfind(b"\xff", start, end), _TIMES * max(end - start, 0)
    while place >= 0 and left >= 0:
        reached = _samples_to(data[place : min(place + _HEAD, end)], block)
        left -= 0 if reached is None else end - place
        if reached is not None and _crc(data[place:end], 16) == 0:
            return bool(reached >= bits & ((1 << 36) - 1))
        place = data.rfind(b"\xff", start, place)
    return left < 0


def _samples_to(frame: bytes, block: int) -> int | None:
    """The number of samples up to the end of a frame, by its first bytes; None if no frame begins here."""
    if len(frame) < _MIN or frame[1] & 0xFE != 0xF8:
        return None
    size, rate = frame[2] >> 4, frame[2] & 15
    number, at = _number(frame)
    wide = {6: 1, 7: 2}.get(size, 0)
    length = int.from_bytes(frame[at : at + wide], "big") + 1 if wide else _BLOCKS[size]
    at += wide + {12: 1, 13: 2, 14: 2}.get(rate, 0)
    if not length or len(frame) <= at or _crc(frame[: at + 1], 8):
        return None
    return number * (1 if frame[1] & 1 else block) + length


def _number(frame: bytes) -> tuple[int, int]:
    """The number of a frame or sample, coded as in UTF-8, and where it ends."""
    ones = 8 - (frame[4] ^ 0xFF).bit_length()
    if not ones:
        return frame[4], 5
    number = frame[4] & (0x7F >> ones)
    for byte in frame[5 : 4 + ones]:
        number = number << 6 | byte & 0x3F
    return number, 4 + ones


# Samples of a frame by their code; 0 for reserved codes and those that are followed by the number.
_BLOCKS = [0, 192, *(576 << code for code in range(4)), 0, 0, *(256 << code for code in range(8))]


@functools.cache
def _table(bits: int) -> Sequence[int]:
    top, mask, polynomial = 1 << bits - 1, (1 << bits) - 1, {8: 0x07, 16: 0x8005}[bits]
    table = []
    for byte in range(256):
        value = byte << bits - 8
        for _ in range(8):
            value = (value << 1 ^ (polynomial if value & top else 0)) & mask
        table.append(value)
    return table


def _crc(data: bytes, bits: int) -> int:
    """0 for data that ends with its own checksum."""
    table, value, shift, mask = _table(bits), 0, bits - 8, (1 << bits) - 1
    for byte in data:
        value = table[value >> shift ^ byte] ^ value << 8 & mask
    return value
