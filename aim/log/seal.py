"""A finished log, compressed by columns: a seal decodes to exactly the bytes it covers. docs/format/seal.md draws it.

Standard library only, because resuming a sealed run must work wherever training runs. The loops over points are slices
with a stride, which run at the speed of C.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import lzma
import os
import struct
import sys
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zlib import crc32

from aim.errors import LogError
from aim.log import record
from aim.log.writer import sync_folder

MAGIC = b"AIMSEAL\x01"
_head = struct.Struct("<8sQ32sII")
_MASK = (1 << 64) - 1

# Offset in a POINT record, bytes, and whether neighbours in one series are close enough for differences to be small.
_COLUMNS = {"step": (8, 8, True), "value": (16, 8, False), "time": (24, 8, True), "epoch": (32, 8, True)}
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 4}]


def encode(data: bytes) -> bytes:
    """The seal of one whole log. Raises LogError when the log has damage or a torn tail, since a seal would hide it."""
    header = record.unpack_header(data)
    if header is None:
        raise LogError("only a log with a whole header can be sealed")
    points, others, gaps = _split(data, record.seed(header.run, header.writer))
    count = len(points) // record.POINT_SIZE
    numbers = _join_planes([points[i :: record.POINT_SIZE] for i in range(4, 8)], "I")
    order = sorted(range(count), key=numbers.__getitem__)
    blobs = {"others": _squeeze(others), "gaps": _squeeze(_planes(array("I", gaps)))}
    blobs["number"] = _squeeze(_planes(numbers))
    for name, (start, width, close) in _COLUMNS.items():
        words = _join_planes([points[i :: record.POINT_SIZE] for i in range(start, start + width)], "Q")
        grouped = array("Q", map(words.__getitem__, order))
        blobs[name] = _squeeze(_planes(_differences(grouped) if close else grouped))
    directory: dict[str, Any] = {"run": header.run.hex(), "writer": header.writer.hex()}
    directory |= {"points": count, "others": len(gaps), "blobs": {name: len(blob) for name, blob in blobs.items()}}
    text = record.encode_json(directory)
    tail = text + b"".join(blobs.values())
    return _head.pack(MAGIC, len(data), hashlib.sha256(data).digest(), len(text), crc32(tail)) + tail


def decode(sealed: bytes, *, source: str = "a seal") -> bytes:
    """The bytes of the log that `sealed` covers. Raises LogError when anything in it does not check."""
    try:
        return _decode(sealed, source)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, lzma.LZMAError) as error:
        raise LogError(f"its content makes no sense ({error}); restore it from a copy: {source}") from error


def _decode(sealed: bytes, source: str) -> bytes:
    covered, digest, directory, blobs = _open(sealed, source)
    header = record.pack_header(bytes.fromhex(directory["run"]), bytes.fromhex(directory["writer"]))
    count = directory["points"]
    size = record.POINT_SIZE
    if not 0 <= count * size <= covered:
        raise LogError(f"says that {covered:,} bytes hold {count:,} points; restore it from a copy: {source}")
    numbers = _from_planes(blobs["number"], "I", count)
    order = sorted(range(count), key=numbers.__getitem__)
    points = bytearray(count * size)
    for i, byte in enumerate(struct.pack("<I", record.POINT_WORD)):
        points[i::size] = bytes([byte]) * count
    _put_planes(points, 4, numbers)
    for name, (start, _, close) in _COLUMNS.items():
        grouped = _from_planes(blobs[name], "Q", count)
        if close:
            grouped = array("Q", (value & _MASK for value in itertools.accumulate(grouped)))
        words = array("Q", bytes(8 * count))
        for place, value in zip(order, grouped, strict=True):
            words[place] = value
        _put_planes(points, start, words)
    gaps = _from_planes(blobs["gaps"], "I", directory["others"])
    data = _merge(header, points, blobs["others"], gaps)
    if len(data) != covered or hashlib.sha256(data).digest() != digest:
        raise LogError(f"does not decode to the log that it covers; restore it from a copy: {source}")
    return data


def covers(path: str | os.PathLike[str]) -> int:
    """How many bytes of the log the seal at `path` stands for."""
    with open(path, "rb") as file:
        head = file.read(_head.size)
    if len(head) < _head.size or head[:8] != MAGIC:
        raise LogError(f"not a seal of version 1: {path}")
    return int(_head.unpack(head)[1])


def digest(path: str | os.PathLike[str]) -> str:
    """SHA-256, in hex, of the log's bytes that the seal at `path` stands for, as the seal states it."""
    with open(path, "rb") as file:
        head = file.read(_head.size)
    if len(head) < _head.size or head[:8] != MAGIC:
        raise LogError(f"not a seal of version 1: {path}")
    return bytes(_head.unpack(head)[2]).hex()


def write(log: Path, sealed: bytes) -> Path:
    """Put the seal beside its log (temporary file, fsync, rename), and only then remove the log."""
    target = log.with_suffix(".seal")
    draft = log.with_name(f".{target.name}.{os.getpid()}")
    try:
        with open(draft, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        stat = log.stat()
        os.chmod(draft, stat.st_mode & 0o777)
        os.utime(draft, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        os.replace(draft, target)
        sync_folder(target.parent)
    finally:
        draft.unlink(missing_ok=True)
    if decode(target.read_bytes(), source=str(target)) == log.read_bytes():
        log.unlink()
    return target


def _open(sealed: bytes, source: str) -> tuple[int, bytes, dict[str, Any], dict[str, bytes]]:
    if len(sealed) < _head.size or sealed[:8] != MAGIC:
        raise LogError(f"not a seal of version 1: {source}")
    _, covered, digest, length, checksum = _head.unpack_from(sealed)
    tail = sealed[_head.size :]
    if crc32(tail) != checksum:
        raise LogError(f"its checksum is wrong; restore it from a copy: {source}")
    directory = json.loads(tail[:length])
    blobs, offset = {}, length
    for name, size in directory["blobs"].items():
        blobs[name] = _expand(tail[offset : offset + size], covered)
        offset += size
    return covered, digest, directory, blobs


def _split(data: bytes, seed: int) -> tuple[bytes, bytes, list[int]]:
    """All POINT records, all other records, and how many points stand before each of those since the one before it."""
    points, others, gaps = [], [], []
    offset, since = record.HEADER_SIZE, 0
    size = len(data)
    while offset < size:
        word = int.from_bytes(data[offset : offset + 4], "little")
        stop = offset + 8 + (word & 0xFFFFF)
        whole = data[offset:stop]
        check = int.from_bytes(whole[-4:], "little")
        if word >> 28 != 0xA or word & 3 or stop > size or crc32(whole[:-4], (seed + offset) & 0xFFFFFFFF) != check:
            raise LogError(f"damaged at byte {offset}, so it stays as it is")
        if word == record.POINT_WORD:
            points.append(whole)
            since += 1
        else:
            others.append(whole[:-4])
            gaps.append(since)
            since = 0
        offset = stop
    return b"".join(points), b"".join(others), gaps


def _merge(header: bytes, points: bytearray, others: bytes, gaps: Iterable[int]) -> bytes:
    """The inverse of `_split`, with every checksum computed anew."""
    seed = record.seed(header[8:24], header[24:32])
    out = bytearray(header)
    place = start = 0

    def add_points(stop: int) -> None:
        nonlocal place
        for at in range(place, stop, record.POINT_SIZE):
            body = points[at : at + record.POINT_SIZE - 4]
            body += crc32(body, (seed + len(out)) & 0xFFFFFFFF).to_bytes(4, "little")
            out.extend(body)
        place = stop

    for gap in gaps:
        add_points(place + gap * record.POINT_SIZE)
        length = 4 + (int.from_bytes(others[start : start + 4], "little") & 0xFFFFF)
        body = others[start : start + length]
        out += body + crc32(body, (seed + len(out)) & 0xFFFFFFFF).to_bytes(4, "little")
        start += length
    add_points(len(points))
    return bytes(out)


def _differences(values: array[int]) -> array[int]:
    return array("Q", (b - a & _MASK for a, b in zip(itertools.chain([0], values), values)))  # noqa: B905


def _little(values: array[int]) -> bytes:
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values.tobytes()


def _planes(values: array[int]) -> bytes:
    data, width = _little(values), values.itemsize
    return b"".join(data[i::width] for i in range(width))


def _from_planes(data: bytes, code: str, count: int) -> array[int]:
    return _join_planes([data[i * count : (i + 1) * count] for i in range(array(code).itemsize)], code)


def _join_planes(planes: list[bytes], code: str) -> array[int]:
    joined = bytearray(len(planes) * len(planes[0]))
    for i, plane in enumerate(planes):
        joined[i :: len(planes)] = plane
    values = array(code, bytes(joined))
    if sys.byteorder == "big":
        values.byteswap()
    return values


def _put_planes(points: bytearray, start: int, values: array[int]) -> None:
    data, width = _little(values), values.itemsize
    for i in range(width):
        points[start + i :: record.POINT_SIZE] = data[i::width]


def _squeeze(data: bytes) -> bytes:
    return lzma.compress(data, lzma.FORMAT_RAW, filters=_FILTERS)


def _expand(blob: bytes, covered: int) -> bytes:
    """No column is longer than the log, whatever a file from elsewhere says."""
    data = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=_FILTERS).decompress(blob, max_length=covered + 1)
    if len(data) > covered:
        raise ValueError(f"a column is longer than the {covered:,} bytes of the log")
    return data
