"""A writer of a run, and what it wrote."""

from __future__ import annotations

import math
from pathlib import Path

from aim.log import record
from aim.log.reader import Log
from aim.log.record import Record
from aim.log.writer import Writer

RUN = bytes(range(16))
POINT = record.POINT_SIZE


def opened(folder: Path, told: list[OSError] | None = None) -> Writer:
    (folder / ".aim").mkdir(parents=True, exist_ok=True)
    trouble = None if told is None else told.append
    return Writer(folder / ".aim" / "runs" / "r", RUN, aim_dir=folder / ".aim", on_trouble=trouble)


def put(writer: Writer, step: int) -> bool:
    return writer.append_float(0, step, step / 2, 1.0, math.nan)


def records(path: Path, *, damage: int = 0) -> list[Record]:
    log = Log(path)
    entries = list(log.records())
    assert (len(log.damage), log.torn) == (damage, 0)
    return entries


def steps(path: Path, *, damage: int = 0) -> list[int]:
    entries = records(path, damage=damage)
    return [record.unpack_point(entry.payload).step for entry in entries if entry.kind == record.POINT]
