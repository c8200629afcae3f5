"""Recognizes PNG, JPEG, GIF and WebP by their first bytes, and reads width, height and whether all is there."""

from __future__ import annotations

import struct
from collections.abc import Iterator

FORMATS = ("png", "jpeg", "gif", "webp")
_WidthAndHeight = tuple[int, int]


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


def size_of(data: bytes) -> _WidthAndHeight | None:
    """Width and height, as far as the bytes contain them."""
    try:
        return _SIZES[format_of(data) or ""](data)
    except (KeyError, struct.error, IndexError):
        return None


def is_whole(data: bytes) -> bool:
    """Whether the file contains all of its pixels."""
    try:
        return bool(size_of(data)) and _WHOLE[format_of(data) or ""](data)
    except (KeyError, struct.error, IndexError):
        return False


def _png(data: bytes) -> _WidthAndHeight | None:
    return struct.unpack_from(">II", data, 16) if data[12:16] == b"IHDR" else None


def _gif(data: bytes) -> _WidthAndHeight | None:
    return struct.unpack_from("<HH", data, 6)


def _jpeg(data: bytes) -> _WidthAndHeight | None:
    """The size is in the first start-of-frame segment; earlier segments are skipped by their length."""
    for marker, at in _segments(data):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
    return None


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """The segments of a JPEG before its pixels: marker and place."""
    at = 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        else:
            yield marker, at
            at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])


def _webp(data: bytes) -> _WidthAndHeight | None:
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


def _png_whole(data: bytes) -> bool:
    at, has_pixels = 8, False
    while True:
        size, kind = struct.unpack_from(">I4s", data, at)
        has_pixels = has_pixels or kind == b"IDAT"
        at += 12 + size
        if kind == b"IEND":
            return bool(has_pixels and at <= len(data))


def _jpeg_whole(data: bytes) -> bool:
    """The pixels follow the segment "start of scan", and end with the marker FF D9, which occurs nowhere in them."""
    start = next((at for marker, at in _segments(data) if marker == 0xDA), len(data))
    return data.find(b"\xff\xd9", start) >= 0


def _gif_whole(data: bytes) -> bool:
    """Extensions and images, until the trailer 3B. A file that ends with a whole image is whole without it."""
    at, has_pixels = 13 + _colors(data[10]), False
    while at < len(data) and data[at] in b"\x21\x2c":
        is_image = data[at] == 0x2C
        at += 11 + _colors(data[at + 9]) if is_image else 2
        has_pixels = has_pixels or is_image
        while size := data[at]:
            at += 1 + size
        at += 1
    return has_pixels and at <= len(data)


def _colors(flags: int) -> int:
    """The bytes of a color table."""
    return 6 << (flags & 7) if flags & 0x80 else 0


def _webp_whole(data: bytes) -> bool:
    at, end, has_pixels = 12, 8 + int.from_bytes(data[4:8], "little"), False
    while at < min(end, len(data)):
        kind, size = struct.unpack_from("<4sI", data, at)
        has_pixels = has_pixels or kind in (b"VP8 ", b"VP8L", b"ANMF")
        at += 8 + size
        if at > len(data):
            return False
        at += size & 1
    return has_pixels and at >= end


_SIZES = {"png": _png, "jpeg": _jpeg, "gif": _gif, "webp": _webp}
_WHOLE = {"png": _png_whole, "jpeg": _jpeg_whole, "gif": _gif_whole, "webp": _webp_whole}
