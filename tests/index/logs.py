"""Logs made by hand, with everything that a training can leave in them, and a simple reader to compare with."""

from __future__ import annotations

import json
import math
import os
import random
from pathlib import Path
from typing import Any

from aim import layout
from aim.log import record
from aim.log.reader import Log

Point = tuple[int, float, float, float]
NAMES = ("loss", "accuracy", "train/loss", "ünïcode 'x'")
VALUES = (0.5, -1.25, 3.0, math.nan, math.inf, -math.inf, 1e300, 5e-324, -0.0)


class LogFile:
    """One writer's log as bytes; `save` writes the records so far."""

    def __init__(self, repo: Path, hash: str, *, run: bytes | None = None, writer: bytes | None = None) -> None:
        self.run = run or os.urandom(16)
        self.writer = writer or os.urandom(8)
        folder = layout.run_dir(repo / ".aim", hash) if hash else repo / ".aim" / "edits"
        self.path = folder / layout.log_name(self.run.hex(), self.writer.hex())
        self.hash = hash
        self.data = bytearray(record.pack_header(self.run, self.writer))
        self.seed = record.seed(self.run, self.writer)

    def put(self, kind: int, payload: bytes) -> LogFile:
        self.data += record.pack(kind, payload, self.seed, len(self.data))
        return self

    def json(self, kind: int, **content: Any) -> LogFile:
        return self.put(kind, record.encode_json(content))

    def start(self, time: float, **more: Any) -> LogFile:
        ids = {"format": 1, "run": self.run.hex(), "writer": self.writer.hex(), "hash": self.hash, "time": time}
        given = {
            "experiment": "default",
            "attempt": "a" * 16,
            "launch": None,
            "role": "main",
            "resume_from": None,
            "earlier": {},
        }
        return self.json(record.START, **{**ids, **given, "process": {"host": "elsewhere"}, "facts": {}, **more})

    def series(self, number: int, name: str, context: dict[str, Any] | None = None) -> LogFile:
        return self.put(record.SERIES, record.encode_series(number, name, context or {}))

    def point(self, number: int, step: int, value: float, time: float = 0.0, epoch: float | None = None) -> LogFile:
        flags = 0 if epoch is None else record.HAS_EPOCH
        given = math.nan if epoch is None else epoch
        return self.put(record.POINT, record.POINT_STRUCT.pack(number | flags << 28, step, value, time, given))

    def params(self, stamp: int, value: dict[str, Any]) -> LogFile:
        return self.json(record.PARAMS, stamp=stamp, value=value)

    def edit(self, stamp: int, field: str, value: Any, run: str | None = None) -> LogFile:
        return self.json(record.EDIT, stamp=stamp, run=run, field=field, value=value)

    def end(self, time: float, status: str = "finished") -> LogFile:
        return self.json(record.END, time=time, status=status, error=None, dropped=0)

    def save(self, length: int | None = None) -> Path:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(bytes(self.data[:length]))
        return self.path


def finished(repo: Path, number: int, *, points: int = 3, end: bool = True) -> LogFile:
    file = LogFile(repo, f"run {number}", run=(number + 1).to_bytes(16, "big"), writer=number.to_bytes(8, "big"))
    file.start(1.7e9 + number).series(0, "loss", {"subset": "train"})
    for step in range(points):
        file.point(0, step, number + step / 7, 1.7e9 + number + step)
    if end:
        file.end(1.7e9 + number + points)
    file.save()
    return file


def wild(repo: Path, seed: int, *, runs: int = 6) -> list[LogFile]:
    """Runs with several writers, resumes, steps in any order, odd values and damage; not saved yet."""
    rng = random.Random(seed)
    files = []
    for _ in range(runs):
        run, begun = rng.randbytes(16), 1.7e9 + rng.randrange(100)
        hash = rng.choice(["same name", run.hex()])
        earlier: dict[str, int] = {}
        for attempt in range(rng.choice([1, 1, 2, 3])):
            file = LogFile(repo, hash, run=run, writer=rng.randbytes(8))
            resumed = rng.choice([None, rng.randrange(20)]) if attempt else None
            file.start(begun + attempt, attempt=f"{attempt:016x}", resume_from=resumed, earlier=dict(earlier))
            fill(file, rng, begun + attempt)
            if rng.random() < 0.7:
                file.end(begun + attempt + 1)
            if rng.random() < 0.3:
                spoil(file, rng)
            earlier[file.writer.hex()] = len(file.data) - 44 * rng.randrange(3)
            files.append(file)
    return files


def fill(file: LogFile, rng: random.Random, time: float) -> None:
    series = [(name, {"subset": rng.choice(["train", "val"]), "n": rng.choice([1, 1.0, True])}) for name in NAMES]
    step = 0
    for i in range(rng.choice([0, 3, 40, 300])):
        number = rng.randrange(4)
        if i < 8:
            file.series(number, *series[number])
        step = rng.choice([step, step + 1, step + 1, step + 1, rng.randrange(-5, 40)])
        value = rng.choice([rng.random(), rng.random() * 1000, rng.choice(VALUES)])
        file.point(number, step, value, time + i / 7, rng.choice([None, i / 10]))
        if rng.random() < 0.02:
            file.params(
                rng.randrange(1000), {rng.choice("ab"): rng.choice([1, "x", None, {"c": rng.random()}, [1, 2]])}
            )


def spoil(file: LogFile, rng: random.Random) -> None:
    for _ in range(rng.randrange(1, 4)):
        file.data[rng.randrange(record.HEADER_SIZE, len(file.data))] ^= 1 << rng.randrange(8)


def series_of(repo: Path) -> dict[tuple[str, str, str], list[Point]]:
    """Every series by run id, name and context: its points by step, writer's start and place, as docs/format/log.md
    has it."""
    points_of: dict[tuple[str, str, str], list[tuple[Any, Point]]] = {}
    for folder in sorted((repo / ".aim" / "runs").iterdir()):
        logs = [Log(path) for path in sorted(folder.glob("*.log"))]
        starts = {log.writer: _start(log) for log in logs}
        for log in logs:
            rules = [
                (s["resume_from"], s["earlier"].get(log.writer, 0)) for s in starts.values() if s.get("run") == log.run
            ]
            names: dict[int, tuple[str, str]] = {}
            records = list(log.records())
            for entry in records:
                if entry.kind == record.SERIES:
                    number, name, context = record.decode_series(entry.payload)
                    names[number] = (name, json.dumps(context, sort_keys=True))
            for entry in records:
                if entry.kind != record.POINT:
                    continue
                point = record.unpack_point(entry.payload)
                hidden = any(k is not None and point.step >= k and entry.offset < size for k, size in rules)
                if not hidden and point.series in names:
                    key = (point.step, starts[log.writer].get("time", 0.0), log.writer, entry.offset)
                    value = (
                        point.step,
                        float(point.value),
                        point.time,
                        math.nan if point.epoch is None else point.epoch,
                    )
                    points_of.setdefault((log.run, *names[point.series]), []).append((key, value))
    return {key: [point for _, point in sorted(points, key=lambda pair: pair[0])] for key, points in points_of.items()}


def _start(log: Log) -> dict[str, Any]:
    for entry in log.records():
        if entry.kind == record.START:
            return dict(record.decode_json(entry.payload))
    return {"resume_from": None, "earlier": {}}
