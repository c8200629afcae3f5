"""Writes `.wandb` files: protobuf by hand, in the framing of LevelDB's log."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any
from zlib import crc32

HEADER = b":W&B\xe1\xbe\x00"
HISTORY, SUMMARY, CONFIG, RUN, EXIT = 2, 3, 5, 17, 18


def varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*made, value))


def sized(number: int, data: bytes | str) -> bytes:
    data = data.encode() if isinstance(data, str) else data
    return varint(number << 3 | 2) + varint(len(data)) + data


def items(number: int, values: dict[str, Any]) -> bytes:
    """The items of a message, each with one key and its value as JSON."""
    return b"".join(sized(number, sized(1, key) + sized(16, json.dumps(value))) for key, value in values.items())


def history(step: int, values: dict[str, Any], time: float = 1e9) -> bytes:
    return sized(HISTORY, items(1, {**values, "_timestamp": time}) + sized(2, b"\x08" + varint(step)))


def began(name: str, config: dict[str, Any] | None = None, time: int = 1_000_000_000) -> bytes:
    about = sized(3, "demo") + sized(8, name) + sized(17, b"\x08" + varint(time))
    return sized(RUN, about + sized(4, items(1, config or {})))


def ended(code: int) -> bytes:
    return sized(EXIT, b"\x08" + varint(code))


def framed(records: list[bytes], before: bytes = HEADER) -> bytes:
    """The file with these records after what it has `before`."""
    made = bytearray(before)
    for data in records:
        first = True
        while data or first:
            left = 32768 - len(made) % 32768
            if left < 7:
                made += bytes(left)
                continue
            part, data = data[: left - 7], data[left - 7 :]
            kind = (1 if first else 4) if not data else (2 if first else 3)
            made += struct.pack("<IHB", crc32(part, crc32(bytes((kind,)))), len(part), kind) + part
            first = False
    return bytes(made)


def write(path: Path, *records: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(framed(list(records)))
    return path
