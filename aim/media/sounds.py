"""Recognizes WAV, MP3 and FLAC by their first bytes, and reads rate, channels, duration and whether all is there."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from aim.media import flac

FORMATS = ("wav", "mp3", "flac")
_RATES = (44100, 48000, 32000)
# Kilobits a second of MPEG 1 and MPEG 2, layer III.
_SPEEDS = (
    (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
# The size of a WAV whose writer could not seek back to note it.
_UNKNOWN_SIZE = 0x7FFF0000


def format_of(data: bytes) -> str | None:
    if data.startswith(b"RIFF") and data[8:12] == b"WAVE":
        return "wav"
    if data.startswith(b"fLaC"):
        return "flac"
    if data.startswith(b"ID3") or (len(data) > 2 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0 and data[1] & 6):
        return "mp3"
    return None


def described(data: bytes) -> dict[str, Any]:
    """Rate, channels and seconds, as far as the bytes contain them."""
    try:
        return _PARTS[format_of(data) or ""](data)
    except (KeyError, struct.error, IndexError, ZeroDivisionError):
        return {}


def is_whole(data: bytes) -> bool:
    """Whether the file contains all of its samples."""
    try:
        return _WHOLE[format_of(data) or ""](data)
    except (KeyError, struct.error, IndexError):
        return False


def chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The chunks of a WAV: name, where its content begins, and the size that it states."""
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], at + 8, size
        at += 8 + size + size % 2


def _wav(data: bytes) -> dict[str, Any]:
    """The `fmt ` chunk and the size of the `data` chunk, which is too large if the writer could not seek."""
    facts = {}
    for name, at, size in chunks(data):
        if name == b"fmt ":
            _, channels, rate, per_second = struct.unpack_from("<HHII", data, at)
            facts = {"rate": rate, "channels": channels, "per_second": per_second}
        elif name == b"data" and facts:
            seconds = min(size, len(data) - at) / facts.pop("per_second")
            return {**facts, "seconds": seconds}
    return {}


def _wav_whole(data: bytes) -> bool:
    has_format = False
    for name, at, size in chunks(data):
        there = len(data) - at
        has_format = has_format or name == b"fmt " and there >= 16
        if name == b"data":
            return has_format and (there >= size or there > 0 and size >= _UNKNOWN_SIZE)
    return False


def _flac(data: bytes) -> dict[str, Any]:
    """STREAMINFO is always the first block: 20 bits of rate, 3 of channels - 1, 5 of bits per sample - 1, 36 of
    samples."""
    (bits,) = struct.unpack_from(">Q", data, 18)
    rate, channels, samples = bits >> 44, (bits >> 41 & 7) + 1, bits & ((1 << 36) - 1)
    return {"rate": rate, "channels": channels, "seconds": samples / rate if samples else None}


def _mp3(data: bytes) -> dict[str, Any]:
    """The header of the first frame, after an ID3 tag. MP3 does not store the duration."""
    at = _frames_at(data)
    if data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return {}
    version, place = data[at + 1] >> 3 & 3, data[at + 2] >> 2 & 3
    rate = _RATES[place] >> {3: 0, 2: 1, 0: 2}[version]
    return {"rate": rate, "channels": 1 if data[at + 3] >> 6 == 3 else 2}


def _frames_at(data: bytes) -> int:
    """Where the frames begin: after the ID3 tag."""
    if not data.startswith(b"ID3"):
        return 0
    sizes = data[6:10]
    return 10 + (sizes[0] << 21 | sizes[1] << 14 | sizes[2] << 7 | sizes[3])


def _mp3_whole(data: bytes) -> bool:
    """Frames follow each other, each with its length, up to the end or a tag. Other layers do not tell the length."""
    at = start = _frames_at(data)
    while (size := _frame_size(data[at : at + 4])) is not None:
        at += size
    return at <= len(data) if at > start else len(data) > at + 4


def _frame_size(head: bytes) -> int | None:
    """The bytes of a frame of layer III; None if this is no head of one, or leaves the length open."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    speed, rate = head[2] >> 4, head[2] >> 2 & 3
    if not 0 < speed < 15 or rate == 3:
        return None
    version = head[1] >> 3 & 3
    per_second = _RATES[rate] >> {3: 0, 2: 1}.get(version, 2)
    kilobits = _SPEEDS[version != 3][speed - 1]
    return (144_000 if version == 3 else 72_000) * kilobits // per_second + (head[2] >> 1 & 1)


_PARTS = {"wav": _wav, "mp3": _mp3, "flac": _flac}
_WHOLE = {"wav": _wav_whole, "mp3": _mp3_whole, "flac": flac.is_whole}
