"""Small logs with fixed ids, built record by record, for tests of readers."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any

from aim.log import output, record
from aim.log.reader import Log, folders, writers
from aim.log.record import Record

RUN = bytes(range(16))
WRITER = bytes(range(0xA0, 0xA8))
NAME = f"{RUN.hex()}-{WRITER.hex()}.log"
UNKNOWN = 77


class Draft:
    """The bytes of a log, and where each of its records begins."""

    def __init__(self, run: bytes = RUN, writer: bytes = WRITER) -> None:
        self.run, self.writer = run, writer
        self.data = bytearray(record.pack_header(run, writer))
        self.offsets: list[int] = []

    def add(self, kind: int, payload: bytes) -> Draft:
        self.offsets.append(len(self.data))
        self.data += record.pack(kind, payload, record.seed(self.run, self.writer), len(self.data))
        return self

    def json(self, kind: int, content: Any) -> Draft:
        return self.add(kind, record.encode_json(content))

    def start(self, **fields: Any) -> Draft:
        content = {"format": 1, "run": self.run.hex(), "writer": self.writer.hex(), "hash": "x", "time": 1.0}
        content |= {"experiment": "default", "attempt": "0" * 16, "launch": None, "role": "main", "resume_from": None}
        return self.json(record.START, content | {"earlier": {}, "process": {}, "facts": {}} | fields)

    def series(self, number: int, name: str, *, kind: str = "", **context: Any) -> Draft:
        return self.add(record.SERIES, record.encode_series(number, name, context, kind))

    def value(
        self, number: int, step: int, data: bytes, *, time: float = 2.0, epoch: float | None = None, pieces: int = 0
    ) -> Draft:
        """A media item in this many BLOB records."""
        size = -(-len(data) // (pieces or 1) // 4) * 4
        cuts = [data[at : at + size] for at in range(0, len(data), size)] if pieces else []
        for cut in cuts:
            self.add(record.BLOB, cut + bytes(-len(cut) % 4))
        places = struct.pack(f"<{len(cuts)}Q", *self.offsets[len(self.offsets) - len(cuts) :])
        about = record.encode_json({"format": "text"})
        flags, last = (0, math.nan) if epoch is None else (record.HAS_EPOCH << 28, epoch)
        head = struct.pack("<IqddIIII", number | flags, step, time, last, 0, len(data), len(about), len(cuts))
        return self.add(record.OBJECT, head + about + (places if cuts else data + bytes(-len(data) % 4)))

    def point(self, number: int, step: int, value: float, *, time: float = 2.0, epoch: float | None = None) -> Draft:
        flags = 0 if epoch is None else record.HAS_EPOCH << 28
        last = math.nan if epoch is None else epoch
        return self.add(record.POINT, record.POINT_STRUCT.pack(number | flags, step, value, time, last))

    def end(self, status: str = "finished") -> Draft:
        return self.json(record.END, {"time": 9.0, "status": status, "error": None, "dropped": 0})

    def spans(self) -> list[tuple[int, int]]:
        """Where each record begins and ends."""
        return list(zip(self.offsets, [*self.offsets[1:], len(self.data)], strict=True))


def small() -> Draft:
    """One record of every type, and one of a type that this version does not know."""
    draft = Draft().start().series(0, "loss", subset="train").point(0, 0, 0.5).point(0, 1, math.nan, epoch=1.0)
    draft.json(record.PARAMS, {"stamp": 5, "value": {"lr": 0.1}}).add(UNKNOWN, b"of a later version, skip")
    draft.point(0, 2, -0.0).json(record.EDIT, {"stamp": 6, "run": None, "field": "name", "value": "n"})
    draft.json(record.FACTS, {"git": {"dirty": True}})
    draft.json(record.DROPPED, {"time": 8.0, "points": 2, "reason": "the disk refused them"})
    draft.add(record.OUTPUT, output.encode(output.STDERR, 8.5, b"one\n"))
    draft.json(record.MESSAGE, {"time": 8.5, "level": "info", "text": "two", "params": {}})
    draft.series(1, "samples", kind="text").value(1, 0, b"inline", epoch=0.5).value(1, 1, b"in two pieces", pieces=2)
    return draft.point(0, 3, math.inf).end()


def read(data: bytes, name: str = NAME) -> tuple[Log, list[Record]]:
    """A log that has these bytes, and its records."""
    log = Log(Path(name), bytes(data))
    return log, list(log.records())


def log_files(runs: Path) -> list[Path]:
    """The log or seal of every writer below `.aim/runs`."""
    return [file.path for folder in folders(runs) for file in writers(folder)]
