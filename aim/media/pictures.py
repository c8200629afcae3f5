"""Recognizes PNG, JPEG, GIF and WebP by their first bytes, and reads width and height."""

from __future__ import annotations

import struct

FORMATS = ("png", "jpeg", "gif", "webp")
_Size = tuple[int, int]


def format_of(data: bytes) -> str | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    return None


def refused(data: bytes, source: str) -> str:
    """Why these bytes cannot be tracked as an image."""
    start = data[:512].lstrip().lower()
    if start.startswith((b"<svg", b"<?xml", b"<!doctype svg")):
        return f"{source} is SVG, which can contain scripts and is not supported; save it as PNG, or track the figure"
    return f"{source} begins with {data[:12]!r}: it is not one of {', '.join(FORMATS)}"


def size_of(data: bytes) -> _Size | None:
    """Width and height, as far as the bytes contain them."""
    try:
        return _SIZES[format_of(data) or ""](data)
    except (KeyError, struct.error, IndexError):
        return None


def _png(data: bytes) -> _Size | None:
    return struct.unpack_from(">II", data, 16) if data[12:16] == b"IHDR" else None


def _gif(data: bytes) -> _Size | None:
    return struct.unpack_from("<HH", data, 6)


def _jpeg(data: bytes) -> _Size | None:
    """The size is in the first start-of-frame segment; earlier segments are skipped by their length."""
    at = 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        else:
            at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])
    return None


def _webp(data: bytes) -> _Size | None:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = int(struct.unpack_from("<I", data, 21)[0])
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


_SIZES = {"png": _png, "jpeg": _jpeg, "gif": _gif, "webp": _webp}
