"""Writes `.swanlab` files and what lies beside them."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from tests.index.sources.wandb_files import framed, sized, varint

HEADER = b":SWL\xd6\xe1\x02"
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
CONFIG = "lr:\n  desc: ''\n  sort: 0\n  value: 0.01\nmodel:\n  desc: ''\n  sort: 1\n  value:\n    depth: 3\n"


def at(number: int, seconds: int) -> bytes:
    return sized(number, b"\x08" + varint(seconds) + b"\x10" + varint(500_000_000))


def whole(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value)


def began(name: str) -> bytes:
    about = sized(1, "demo") + sized(4, name) + sized(5, "a note") + sized(6, "t1") + sized(6, "t2") + sized(7, "g")
    return sized(10, about + sized(10, "abc") + at(12, 1_000_000_000))


def scalar(name: str, step: int, value: float) -> bytes:
    number = sized(5, b"\x09" + struct.pack("<d", value) if value else b"")
    return sized(13, sized(1, name) + whole(2, step) + whole(3, 1) + at(4, 1_000_000_001 + step) + number)


def medium(name: str, step: int, kind: int, *files: tuple[str, str]) -> bytes:
    items = b"".join(sized(1, sized(1, file) + whole(3, 5) + sized(4, caption)) for file, caption in files)
    return sized(14, sized(1, name) + whole(2, step) + whole(3, kind) + at(4, 1_000_000_005) + sized(5, items))


def ended(state: int) -> bytes:
    return sized(11, whole(1, state) + at(3, 1_000_000_100))


RECORDS = [
    began("run-a"), scalar("train/loss", 0, 1.0), scalar("train/loss", 1, 0.0), scalar("__swanlab__.cpu.pct", 0, 12.5),
    medium("im", 2, 2, ("a.png", "cap"), ("b.png", "")), medium("said", 3, 4, ("t.txt", "")),
    medium("cloud", 3, 7, ("c.json", "")), ended(1),
]  # fmt: skip


def write(folder: Path, records: list[bytes]) -> Path:
    (folder / "files").mkdir(parents=True, exist_ok=True)
    (folder / "files" / "config.yaml").write_text(CONFIG)
    (folder / "files" / "swanlab-metadata.json").write_text(json.dumps({"runtime": {"hostname": "host", "os": 1}}))
    for kind, name, data in (("image", "a.png", PNG), ("image", "b.png", PNG + b"2"), ("text", "t.txt", b"hello")):
        (folder / "media" / kind).mkdir(parents=True, exist_ok=True)
        (folder / "media" / kind / name).write_bytes(data)
    path = folder / "run-abc.swanlab"
    path.write_bytes(framed(records, HEADER))
    return path
