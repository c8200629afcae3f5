"""What earlier writers of a run left behind, read when it goes on: the next step of each series, the highest stamp."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aim.errors import LogError
from aim.log import record
from aim.log.reader import Log, writers
from aim.sdk.context import series_key

_step = struct.Struct("<Iq")


class Hidden:
    """Points that a resume from step `k` hid: those of earlier writers, before the length each had, with step >= k."""

    def __init__(self) -> None:
        self._rules: dict[str, list[tuple[int, int]]] = {}

    def add(self, earlier: Mapping[str, int], resume_from: int) -> None:
        for writer, length in earlier.items():
            self._rules.setdefault(writer, []).append((length, resume_from))

    def of(self, writer: str) -> list[tuple[int, int]]:
        return self._rules.get(writer, [])


class History:
    """The state of one run as its files tell it."""

    def __init__(self, folder: Path, run: str) -> None:
        self.upcoming: dict[str, int] = {}
        self.stamp = 0
        logs = [log for path in writers(folder) if (log := _open(path, run)) is not None]
        hidden = Hidden()
        for log in logs:
            start = start_of(log)
            if start is not None and isinstance(start.get("resume_from"), int):
                hidden.add(start.get("earlier") or {}, start["resume_from"])
        for log in logs:
            self._read(log, hidden.of(log.writer))

    def _read(self, log: Log, hidden: list[tuple[int, int]]) -> None:
        keys: dict[int, str] = {}
        for found in log.records():
            if found.kind == record.POINT:
                number, step = _step.unpack_from(found.payload)
                key = keys.get(number & (record.MAX_SERIES - 1))
                if key is None or any(found.offset < length and step >= first for length, first in hidden):
                    continue
                if step >= self.upcoming.get(key, 0):
                    self.upcoming[key] = step + 1
            elif found.kind == record.SERIES:
                number, name, context = record.decode_series(found.payload)
                keys[number] = series_key(name, context)
            elif found.kind in (record.PARAMS, record.EDIT):
                self.stamp = max(self.stamp, int(record.decode_json(found.payload).get("stamp", 0)))


def start_of(log: Log) -> dict[str, Any] | None:
    """The content of a log's START record, or None when it is not there (yet)."""
    for found in log.records():
        if found.kind == record.START:
            content = record.decode_json(found.payload)
            return content if isinstance(content, dict) else None
        return None
    return None


def _open(path: Path, run: str) -> Log | None:
    try:
        log = Log(path)
    except (OSError, LogError):
        return None
    return log if log.run == run else None
