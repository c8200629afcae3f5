"""What earlier writers of a run left behind, read when it goes on: the next step of each series, the highest stamp."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aim.errors import LogError
from aim.log import record
from aim.log.output import is_output
from aim.log.reader import Log, Record, writers
from aim.sdk.context import series_key

_points = struct.Struct("<IIq28x")


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
        logs = [log for path in writers(folder) if not is_output(path) and (log := _open(path, run))]
        hidden = Hidden()
        for log in logs:
            start = start_of(log)
            if start is not None and isinstance(start.get("resume_from"), int):
                hidden.add(start.get("earlier") or {}, start["resume_from"])
        for log in logs:
            self._read(log, hidden.of(log.writer))

    def _read(self, log: Log, hidden: list[tuple[int, int]]) -> None:
        names: dict[int, str] = {}
        tops: dict[int, tuple[int, int]] = {}
        offset = record.HEADER_SIZE
        while (found := next(log.records(offset := _pass_points(log.data, offset, tops, hidden)), None)) is not None:
            self._take(found, names)
            offset = found.offset if _is_point(found) else found.end
        if not all(_is_whole(log, place) for _, place in tops.values()):
            tops = _checked_tops(log, hidden)
        for number, (step, _) in tops.items():
            if number in names:
                self.upcoming[names[number]] = max(self.upcoming.get(names[number], 0), step + 1)

    def _take(self, found: Record, names: dict[int, str]) -> None:
        if found.kind == record.SERIES:
            number, name, context = record.decode_series(found.payload)
            names[number] = series_key(name, context)
        elif found.kind in (record.PARAMS, record.EDIT):
            self.stamp = max(self.stamp, int(record.decode_json(found.payload).get("stamp", 0)))


def _pass_points(data: bytes, offset: int, tops: dict[int, tuple[int, int]], hidden: list[tuple[int, int]]) -> int:
    """Go over the POINT records from `offset` on, at the speed of C; returns where the next other record begins.

    `tops` gets the highest step of each series number that is not hidden, and its place. Checksums are not looked at.
    """
    whole = (len(data) - offset) // record.POINT_SIZE * record.POINT_SIZE
    for word, number, step in _points.iter_unpack(memoryview(data)[offset : offset + max(whole, 0)]):
        if word != record.POINT_WORD:
            break
        number &= record.MAX_SERIES - 1
        top = tops.get(number)
        if top is None or step > top[0]:
            if not hidden or not any(offset < length and step >= first for length, first in hidden):
                tops[number] = (step, offset)
        offset += record.POINT_SIZE
    return offset


def _checked_tops(log: Log, hidden: list[tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """The same, record by record with their checksums: for a log with damage in it."""
    tops: dict[int, tuple[int, int]] = {}
    for found in log.records():
        if _is_point(found):
            _pass_points(log.data[: found.end], found.offset, tops, hidden)
    return tops


def _is_point(found: Record) -> bool:
    return found.kind == record.POINT and len(found.payload) == record.POINT_PAYLOAD


def _is_whole(log: Log, offset: int) -> bool:
    found = next(log.records(offset), None)
    return found is not None and found.offset == offset


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
