"""Writes event files byte by byte, independently of the reader."""

from __future__ import annotations

import struct
from pathlib import Path

_TABLE: list[int] = []
for _byte in range(256):
    for _ in range(8):
        _byte = _byte >> 1 ^ 0x82F63B78 if _byte & 1 else _byte >> 1
    _TABLE.append(_byte)


def masked(data: bytes) -> int:
    state = 0xFFFFFFFF
    for byte in data:
        state = _TABLE[(state ^ byte) & 0xFF] ^ state >> 8
    state ^= 0xFFFFFFFF
    return ((state >> 15 | state << 17) + 0xA282EAD8) & 0xFFFFFFFF


def frame(data: bytes) -> bytes:
    head = struct.pack("<Q", len(data))
    return head + struct.pack("<I", masked(head)) + data + struct.pack("<I", masked(data))


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    encoded = b""
    while value > 127:
        encoded += bytes([value & 127 | 128])
        value >>= 7
    return encoded + bytes([value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def message(field: int, data: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(data)) + data


def fixed(field: int, data: bytes) -> bytes:
    return varint(field << 3 | (5 if len(data) == 4 else 1)) + data


def event(step: int, *, wall: float = 0.0, values: bytes = b"", more: bytes = b"") -> bytes:
    stamp = fixed(1, struct.pack("<d", wall or 1_700_000_000.0 + step))
    return stamp + (number(2, step) if step else b"") + (message(5, values) if values else b"") + more


def value(tag: str, content: bytes, *, plugin: str = "", kept: bytes = b"") -> bytes:
    about = message(1, plugin.encode()) + (message(2, kept) if kept else b"")
    metadata = message(9, message(1, about)) if plugin else b""
    return message(1, message(1, tag.encode()) + metadata + content)


def simple(tag: str, at: float) -> bytes:
    return value(tag, fixed(2, struct.pack("<f", at)))


def tensor(tag: str, kind: int, content: bytes, *, shape: tuple[int, ...] = (), plugin: str = "scalars") -> bytes:
    sizes = b"".join(message(2, number(1, size)) for size in shape)
    return value(tag, message(8, number(1, kind) + message(2, sizes) + content), plugin=plugin)


def scalar(tag: str, step: int, at: float, *, wall: float = 0.0) -> bytes:
    return frame(event(step, wall=wall, values=simple(tag, at)))


def scalars(*values: float, tag: str = "loss", first: int = 0) -> list[bytes]:
    return [scalar(tag, first + step, number) for step, number in enumerate(values)]


def session_start(step: int) -> bytes:
    return frame(event(step, more=message(7, number(1, 1))))


def session(params: dict[str, float | str | bool]) -> bytes:
    """An event with the hparams of a session."""
    entries = b""
    for key, param in params.items():
        kind = number(4, param) if isinstance(param, bool) else b""
        kind = kind or (message(3, param.encode()) if isinstance(param, str) else fixed(2, struct.pack("<d", param)))
        entries += message(1, message(1, key.encode()) + message(2, kind))
    kept = message(3, entries)
    return frame(event(0, values=value("_hparams_/session_start_info", b"", plugin="hparams", kept=kept)))


VERSION = frame(fixed(1, struct.pack("<d", 1_700_000_000.0)) + message(3, b"brain.Event:2"))


def event_file(folder: Path, *records: bytes, number: int = 1) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"events.out.tfevents.170000000{number}.host.{number}.0"
    path.write_bytes(VERSION + b"".join(records))
    return path
