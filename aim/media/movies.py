"""Recognizes MP4, WebM and GIF by their first bytes, and reads width, height, duration and whether all is there.

MP4: ISO/IEC 14496-12, boxes `moov`, `mvhd` and `tkhd`. WebM: RFC 8794 (EBML) and RFC 9559 (Matroska).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import Any

from aim.media import pictures

FORMATS = ("mp4", "webm", "gif")
_UNKNOWN = -1
_SEGMENT, _INFO, _TRACKS, _TRACK, _VIDEO, _CLUSTER = 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0, 0x1F43B675
_SCALE, _DURATION, _WIDTH, _HEIGHT = 0x2AD7B1, 0x4489, 0xB0, 0xBA


def format_of(data: bytes) -> str | None:
    if data[4:8] == b"ftyp":
        return "mp4"
    if data.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in data[:64]:
        return "webm"
    return "gif" if pictures.format_of(data) == "gif" else None


def described(data: bytes) -> dict[str, Any]:
    """Width, height and seconds, as far as the bytes contain them."""
    try:
        facts = _PARTS[format_of(data) or ""](data)
    except (KeyError, struct.error, IndexError, ZeroDivisionError):
        return {}
    return {name: value for name, value in facts.items() if value and math.isfinite(value)}


def is_whole(data: bytes) -> bool:
    """Whether the file contains all of its frames. A WebM that was written as a stream does not say its length."""
    try:
        return _WHOLE[format_of(data) or ""](data)
    except (KeyError, struct.error, IndexError):
        return False


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The boxes of an MP4 from `at` to `end`: name, where the content begins, and where the box says that it ends."""
    while at + 8 <= end:
        size, name = struct.unpack_from(">I4s", data, at)
        start = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, start)
            start += 8
        stop = at + size if size else len(data)
        if stop < start:
            return
        yield name, start, stop
        at = stop


def _mp4(data: bytes) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for name, start, stop in _boxes(data, 0, len(data)):
        if name != b"moov":
            continue
        for part, at, end in _boxes(data, start, min(stop, len(data))):
            if part == b"mvhd":
                rate, length = struct.unpack_from(">IQ" if data[at] else ">II", data, at + (20 if data[at] else 12))
                facts["seconds"] = length / rate
            elif part == b"trak" and "width" not in facts:
                facts.update(_track(data, at, min(end, len(data))))
    return facts


def _track(data: bytes, start: int, stop: int) -> dict[str, Any]:
    """The size of a track of pictures; a sound has none. It is in 16.16 bits at the end of the header."""
    for name, at, end in _boxes(data, start, stop):
        if name == b"tkhd":
            width, height = struct.unpack_from(">II", data, min(end, stop) - 8)
            return {"width": width >> 16, "height": height >> 16} if at + 8 < end and width and height else {}
    return {}


def _mp4_whole(data: bytes) -> bool:
    there = [(name, stop <= len(data)) for name, _, stop in _boxes(data, 0, len(data))]
    names = {name for name, _ in there}
    return all(whole for _, whole in there) and b"moov" in names and not names.isdisjoint({b"mdat", b"moof"})


def _number(data: bytes, at: int, *, marked: bool) -> tuple[int, int]:
    """A number of EBML of 1 to 8 bytes, and where it ends. The first bit that is set says how many bytes; it belongs to
    the number if that is `marked`."""
    width = 9 - data[at].bit_length()
    if width > 8:
        raise IndexError
    value = int.from_bytes(data[at : at + width], "big")
    bits = value & ((1 << 7 * width) - 1)
    if marked:
        return value, at + width
    return (_UNKNOWN if bits == (1 << 7 * width) - 1 else bits), at + width


def _elements(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The elements of a WebM: number, where the content begins, and where it ends as far as that is known."""
    while at < end:
        number, at = _number(data, at, marked=True)
        size, at = _number(data, at, marked=False)
        stop = end if size == _UNKNOWN else at + size
        yield number, at, stop
        at = stop


def _webm(data: bytes) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for segment, start, stop in _elements(data, 0, len(data)):
        if segment != _SEGMENT:
            continue
        for part, at, end in _elements(data, start, min(stop, len(data))):
            if part == _CLUSTER:
                return facts
            inside = list(_elements(data, at, min(end, len(data)))) if part in (_INFO, _TRACKS) else []
            values = {number: data[a:b] for number, a, b in inside}
            if part == _INFO and len(values.get(_DURATION, b"")) in (4, 8):
                (length,) = struct.unpack(">f" if len(values[_DURATION]) == 4 else ">d", values[_DURATION])
                facts["seconds"] = length * int.from_bytes(values.get(_SCALE, b"\x0f\x42\x40")[:8], "big") / 1e9
            for number, a, b in inside:
                if number == _TRACK and "width" not in facts:
                    facts.update(_pixels(data, a, min(b, len(data))))
    return facts


def _pixels(data: bytes, start: int, stop: int) -> dict[str, Any]:
    for number, at, end in _elements(data, start, stop):
        if number == _VIDEO:
            sizes = {part: int.from_bytes(data[a:b][:8], "big") for part, a, b in _elements(data, at, min(end, stop))}
            return {"width": sizes.get(_WIDTH), "height": sizes.get(_HEIGHT)}
    return {}


def _webm_whole(data: bytes) -> bool:
    for number, start, stop in _elements(data, 0, len(data)):
        if number == _SEGMENT:
            inside = list(_elements(data, start, min(stop, len(data))))
            parts = {part for part, _, _ in inside}
            return stop <= len(data) and _CLUSTER in parts and inside[-1][2] <= len(data)
    return False


def _gif(data: bytes) -> dict[str, Any]:
    width, height = pictures.size_of(data) or (None, None)
    return {"width": width, "height": height}


_PARTS = {"mp4": _mp4, "webm": _webm, "gif": _gif}
_WHOLE = {"mp4": _mp4_whole, "webm": _webm_whole, "gif": pictures.is_whole}
