"""The state that earlier writers of a run left, read when it continues: the next step of each series, the highest
stamp."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

from aim.errors import LogError, RunError, StoreError
from aim.handlers import let_through
from aim.log import bounds, record, seal
from aim.log.output import is_output
from aim.log.reader import WINDOW, Log, paths, windows, writers
from aim.log.record import Record
from aim.sdk.context import series_key

_points = struct.Struct("<IIq28x")
_object = struct.Struct("<Iq")
_PART = WINDOW
_LONGEST = record.LONGEST
Hides = list[tuple[int, int]]
Tops = dict[int, tuple[int, int]]


class Hidden:
    """Points that a resume from step `k` hid: points of earlier writers with step >= k, before the length that each
    had."""

    def __init__(self) -> None:
        self._rules: dict[str, list[tuple[int, int]]] = {}

    def add(self, earlier: Mapping[str, int], resume_from: int) -> None:
        for writer, length in earlier.items():
            self._rules.setdefault(writer, []).append((length, resume_from))

    def of(self, writer: str) -> list[tuple[int, int]]:
        return self._rules.get(writer, [])


class History:
    """The state of one run according to its files. They are read in parts, because media may make them large."""

    def __init__(self, folder: Path, run: str) -> None:
        self.upcoming: dict[str, int] = {}
        self.stamp = 0
        heads = [head for file in writers(folder) if not is_output(file.path) and (head := _head(file.path, run))]
        hidden = Hidden()
        for head in heads:
            start = head.start()
            if start is not None and isinstance(start.get("resume_from"), int):
                hidden.add(start.get("earlier") or {}, start["resume_from"])
        for head in heads:
            try:
                self._read(head.path, hidden.of(head.writer))
            except StoreError as error:
                raise unreachable(error) from None
            except (OSError, LogError) as error:
                let_through(error)

    def _read(self, path: Path, hidden: Hides) -> None:
        names: dict[int, str] = {}
        tops: Tops = {}
        sound = True
        for part in _parts(path):
            while part.offset < part.stop and (entry := part.next(tops, hidden)) is not None:
                self._take(entry, names)
            sound = sound and all(part.holds(place) for _, place in tops.values() if place >= part.log.base)
        if not sound:
            tops = _checked_tops(path, hidden)
        for number, (step, _) in tops.items():
            if number in names:
                self.upcoming[names[number]] = max(self.upcoming.get(names[number], 0), step + 1)

    def _take(self, entry: Record, names: dict[int, str]) -> None:
        """Invalid records are passed over: they may be damaged, or a stranger's."""
        try:
            self._read_record(entry, names)
        except (ValueError, AttributeError) as error:
            let_through(error)

    def _read_record(self, entry: Record, names: dict[int, str]) -> None:
        if entry.kind == record.SERIES:
            number, name, context = record.decode_series(entry.payload)
            names[number] = series_key(name, context, record.kind_of_series(entry.payload))
        elif entry.kind in (record.PARAMS, record.EDIT):
            self.stamp = max(self.stamp, bounds.stamp(record.decode_json(entry.payload).get("stamp", 0)))


class _LogPart:
    """A part of a log, read up to `offset`. A record that begins before `stop` is complete in it, or damaged."""

    def __init__(self, log: Log, *, final: bool) -> None:
        self.log = log
        self.offset = log.base or record.HEADER_SIZE
        self.stop = log.base + len(log.data) - (0 if final else _LONGEST)

    def next(self, tops: Tops, hidden: Hides) -> Record | None:
        """The next record after a stretch of points. Records the highest steps of both in `tops`."""
        self.offset = _pass_points(self.log, self.offset, tops, hidden)
        entry = next(self.log.records(self.offset), None)
        if entry is None:
            self.offset = max(self.offset, self.stop)
            return None
        self.offset = entry.offset if _is_point(entry) else entry.end
        if entry.kind == record.OBJECT and len(entry.payload) >= _object.size:
            _note(tops, hidden, entry.offset, *_object.unpack_from(entry.payload))
        return entry

    def holds(self, offset: int) -> bool:
        return record.at(self.log.data, offset - self.log.base, self.log.seed, self.log.base) is not None


def _parts(path: Path) -> Iterator[_LogPart]:
    pieces = windows(path, size=_PART)
    window = next(pieces)
    while True:
        part = _LogPart(Log(path, window.data, base=window.offset), final=window.final)
        yield part
        if window.final:
            return
        window = pieces.send(part.offset)


def _pass_points(log: Log, offset: int, tops: Tops, hidden: Hides) -> int:
    """Skip the POINT records from `offset` on, at the speed of C; returns the offset of the next other record.

    `tops` receives the highest step of each series number that is not hidden, and its place. Checksums are not checked.
    """
    begin = offset - log.base
    whole = (len(log.data) - begin) // record.POINT_SIZE * record.POINT_SIZE
    for word, number, step in _points.iter_unpack(memoryview(log.data)[begin : begin + max(whole, 0)]):
        if word != record.POINT_WORD:
            break
        number &= record.MAX_SERIES - 1
        if (top := tops.get(number)) is None or step > top[0]:
            _note(tops, hidden, offset, number, step)
        offset += record.POINT_SIZE
    return offset


def _note(tops: Tops, hidden: Hides, place: int, number: int, step: int) -> None:
    number &= record.MAX_SERIES - 1
    top = tops.get(number)
    if top is None or step > top[0]:
        if not hidden or not any(place < length and step >= first for length, first in hidden):
            tops[number] = (step, place)


def _checked_tops(path: Path, hidden: Hides) -> Tops:
    """The same, record by record with their checksums, for a log with damage."""
    tops: Tops = {}
    for part in _parts(path):
        for entry in part.log.records(part.offset):
            if _is_point(entry) or entry.kind == record.OBJECT and len(entry.payload) >= _object.size:
                number, step = _object.unpack_from(entry.payload)
                _note(tops, hidden, entry.offset, number, step)
            part.offset = entry.end
            if part.offset >= part.stop:
                break
        part.offset = max(part.offset, part.stop)
    return tops


def _is_point(entry: Record) -> bool:
    return entry.kind == record.POINT and len(entry.payload) == record.POINT_PAYLOAD


def _head(path: Path, run: str) -> Log | None:
    try:
        log = Log.head(path)
    except StoreError as error:
        raise unreachable(error) from None
    except (OSError, LogError) as error:
        let_through(error)
        return None
    return log if log.run == run else None


def is_elsewhere(folder: Path) -> bool:
    """Whether earlier records of a run are in an object store, which must answer when the run is opened."""
    sealed = (path for path in paths(folder) if path.suffix == ".seal")
    try:
        return any(map(seal.is_stored, sealed))
    except (OSError, LogError) as error:
        let_through(error)
        return False


def unreachable(error: StoreError) -> RunError:
    return RunError(f"a run cannot be continued without its earlier records: {error}")
