"""Recognizes WAV, MP3 and FLAC by their first bytes, and reads rate, channels and duration."""

from __future__ import annotations

import struct
from typing import Any

FORMATS = ("wav", "mp3", "flac")
_RATES = (44100, 48000, 32000)


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


def _wav(data: bytes) -> dict[str, Any]:
    """The `fmt ` chunk and the size of the `data` chunk, which is too large if the writer could not seek."""
    at, facts = 12, {}
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name == b"fmt ":
            _, channels, rate, per_second = struct.unpack_from("<HHII", data, at + 8)
            facts = {"rate": rate, "channels": channels, "per_second": per_second}
        elif name == b"data" and facts:
            seconds = min(size, len(data) - at - 8) / facts.pop("per_second")
            return {**facts, "seconds": seconds}
        at += 8 + size + size % 2
    return {}


def _flac(data: bytes) -> dict[str, Any]:
    """STREAMINFO is always the first block: 20 bits of rate, 3 of channels - 1, 5 of bits per sample - 1, 36 of
    samples."""
    (bits,) = struct.unpack_from(">Q", data, 18)
    rate, channels, samples = bits >> 44, (bits >> 41 & 7) + 1, bits & ((1 << 36) - 1)
    return {"rate": rate, "channels": channels, "seconds": samples / rate if samples else None}


def _mp3(data: bytes) -> dict[str, Any]:
    """The header of the first frame, after an ID3 tag. MP3 does not store the duration."""
    at = 0
    if data.startswith(b"ID3"):
        sizes = data[6:10]
        at = 10 + (sizes[0] << 21 | sizes[1] << 14 | sizes[2] << 7 | sizes[3])
    if data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return {}
    version, place = data[at + 1] >> 3 & 3, data[at + 2] >> 2 & 3
    rate = _RATES[place] >> {3: 0, 2: 1, 0: 2}[version]
    return {"rate": rate, "channels": 1 if data[at + 3] >> 6 == 3 else 2}


_PARTS = {"wav": _wav, "mp3": _mp3, "flac": _flac}
