"""What earlier writers of a run left behind, read when it goes on: the next step of each series, the highest stamp."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from aim.errors import LogError
from aim.log import record
from aim.log.output import is_output
from aim.log.reader import Log, Record, writers
from aim.sdk.context import series_key

_points = struct.Struct("<IIq28x")
_object = struct.Struct("<Iq")
_PART = 16 << 20
_LONGEST = record.MAX_PAYLOAD + 8
Hides = list[tuple[int, int]]
Tops = dict[int, tuple[int, int]]


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
    """The state of one run as its files tell it. They are read in parts, because values may make them large."""

    def __init__(self, folder: Path, run: str) -> None:
        self.upcoming: dict[str, int] = {}
        self.stamp = 0
        heads = [head for path in writers(folder) if not is_output(path) and (head := _head(path, run))]
        hidden = Hidden()
        for head in heads:
            start = start_of(head)
            if start is not None and isinstance(start.get("resume_from"), int):
                hidden.add(start.get("earlier") or {}, start["resume_from"])
        for head in heads:
            with suppress(OSError, LogError):
                self._read(head.path, hidden.of(head.writer))

    def _read(self, path: Path, hidden: Hides) -> None:
        names: dict[int, str] = {}
        tops: Tops = {}
        sound = True
        for part in _parts(path):
            while part.offset < part.stop and (found := part.next(tops, hidden)) is not None:
                self._take(found, names)
            sound = sound and all(part.holds(place) for _, place in tops.values() if place >= part.base)
        if not sound:
            tops = _checked_tops(path, hidden)
        for number, (step, _) in tops.items():
            if number in names:
                self.upcoming[names[number]] = max(self.upcoming.get(names[number], 0), step + 1)

    def _take(self, found: Record, names: dict[int, str]) -> None:
        if found.kind == record.SERIES:
            number, name, context = record.decode_series(found.payload)
            names[number] = series_key(name, context, record.kind_of_series(found.payload))
        elif found.kind in (record.PARAMS, record.EDIT):
            self.stamp = max(self.stamp, int(record.decode_json(found.payload).get("stamp", 0)))


class _Part:
    """A piece of a log from byte `base` on, read up to `offset`. A record that begins before `stop` is whole in it, if
    it is whole at all."""

    def __init__(self, log: Log, base: int, *, final: bool) -> None:
        self.log = log
        self.base = base
        self.final = final
        self.offset = record.HEADER_SIZE if base == 0 else 0
        self.stop = len(log.data) if final else len(log.data) - _LONGEST

    def next(self, tops: Tops, hidden: Hides) -> Record | None:
        """The next record behind a stretch of points. The highest steps of both are noted in `tops`."""
        self.offset = _pass_points(self.log.data, self.offset, self.base, tops, hidden)
        found = next(self.log.records(self.offset), None)
        if found is None:
            self.offset = max(self.offset, self.stop)
            return None
        self.offset = found.offset if _is_point(found) else found.end
        if found.kind == record.OBJECT and len(found.payload) >= _object.size:
            _note(tops, hidden, self.base + found.offset, *_object.unpack_from(found.payload))
        return found

    def holds(self, place: int) -> bool:
        found = next(self.log.records(place - self.base), None)
        return found is not None and found.offset == place - self.base


def _parts(path: Path) -> Iterator[_Part]:
    base, final = 0, False
    while not final:
        if path.suffix == ".seal":
            part = _Part(Log(path), 0, final=True)
        else:
            with open(path, "rb") as file:
                file.seek(base)
                data = file.read(_PART)
            log = Log(path, data)
            log.seed += base
            part = _Part(log, base, final=len(data) < _PART)
        yield part
        base, final = base + part.offset, part.final


def _pass_points(data: bytes, offset: int, base: int, tops: Tops, hidden: Hides) -> int:
    """Go over the POINT records from `offset` on, at the speed of C; returns where the next other record begins.

    `tops` gets the highest step of each series number that is not hidden, and its place. Checksums are not looked at.
    """
    whole = (len(data) - offset) // record.POINT_SIZE * record.POINT_SIZE
    for word, number, step in _points.iter_unpack(memoryview(data)[offset : offset + max(whole, 0)]):
        if word != record.POINT_WORD:
            break
        number &= record.MAX_SERIES - 1
        if (top := tops.get(number)) is None or step > top[0]:
            _note(tops, hidden, base + offset, number, step)
        offset += record.POINT_SIZE
    return offset


def _note(tops: Tops, hidden: Hides, place: int, number: int, step: int) -> None:
    number &= record.MAX_SERIES - 1
    top = tops.get(number)
    if top is None or step > top[0]:
        if not hidden or not any(place < length and step >= first for length, first in hidden):
            tops[number] = (step, place)


def _checked_tops(path: Path, hidden: Hides) -> Tops:
    """The same, record by record with their checksums: for a log with damage in it."""
    tops: Tops = {}
    for part in _parts(path):
        for found in part.log.records(part.offset):
            if _is_point(found) or found.kind == record.OBJECT and len(found.payload) >= _object.size:
                number, step = _object.unpack_from(found.payload)
                _note(tops, hidden, part.base + found.offset, number, step)
            part.offset = found.end
            if part.offset >= part.stop:
                break
        part.offset = max(part.offset, part.stop)
    return tops


def _is_point(found: Record) -> bool:
    return found.kind == record.POINT and len(found.payload) == record.POINT_PAYLOAD


def start_of(log: Log) -> dict[str, Any] | None:
    """The content of a log's START record, or None when it is not there (yet)."""
    for found in log.records():
        if found.kind == record.START:
            content = record.decode_json(found.payload)
            return content if isinstance(content, dict) else None
        return None
    return None


def _head(path: Path, run: str) -> Log | None:
    try:
        log = Log.head(path)
    except (OSError, LogError):
        return None
    return log if log.run == run else None
