"""Reads TensorBoard's events: scalars of both summary formats as columns, the places of other values, hparams, session
starts, and values of unknown kinds.

Records of equal length mostly differ only in time, step, tag and value. One of them is read field by field; from all
others with the same bytes around these places, the columns are cut out at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from aim.index.ints import ascending
from aim.index.sources import protobuf
from aim.index.sources.crc32c import U8
from aim.index.sources.protobuf import BYTES, EIGHT, FOUR, Field, fields
from aim.index.sources.tensorboard import media, texts
from aim.index.sources.tensorboard.media import ByteSpan
from aim.index.sources.tensorboard.tfrecord import Block, DamagedSpan, Ints

Floats = npt.NDArray[np.float64]

SESSION_START = 1
SCALARS, HPARAMS = b"scalars", b"hparams"
_LONG = 4096
_LATEST = 2.0**40
_ALONE = 8
_NONE: ByteSpan = (0, 0)
_OLD = {3: "histograms", 4: "images", 5: "histograms", 6: "audio"}
_NUMBERS = {
    1: "<f4", 2: "<f8", 3: "<i4", 4: "<u1", 5: "<i2", 6: "<i1", 9: "<i8", 10: "<u1", 14: "bfloat16", 17: "<u2",
    19: "<f2", 22: "<u4", 23: "<u8",
}  # fmt: skip
# Fields of a TensorProto that hold values: their width, or 0 for numbers of varying length.
_VALUES = {5: 4, 6: 8, 7: 0, 10: 0, 11: 0, 13: 0, 16: 0, 17: 0}


class ScalarSpan(NamedTuple):
    """A number at `at`, with its tag at `tag`. `sure`: it is known to be a scalar, without earlier events."""

    tag: ByteSpan
    at: ByteSpan
    dtype: str
    varying: bool
    sure: bool


@dataclass
class Event:
    """The places in one event. `wall` and `step` are empty if they are not written, which means 0. `loose`: tensors
    that are not numbers and name no plugin; earlier events may tell the kind of their tag."""

    wall: ByteSpan = _NONE
    step: ByteSpan = _NONE
    values: list[ScalarSpan] = field(default_factory=list)
    objects: list[media.MediaSpan] = field(default_factory=list)
    loose: list[tuple[ByteSpan, Field]] = field(default_factory=list)
    hparams: list[ByteSpan] = field(default_factory=list)
    skipped: list[tuple[str, ByteSpan]] = field(default_factory=list)
    session_start: bool = False

    @property
    def plain(self) -> bool:
        others = self.objects or self.loose or self.hparams or self.skipped
        return bool(self.values) and not (others or self.session_start)


class EventMedia(NamedTuple):
    """A media item: its `length` bytes start at `at` in the file."""

    record: int
    kind: str
    tag: bytes
    step: int
    wall: float
    place: int
    at: int
    length: int
    about: str


@dataclass
class EventBatch:
    """The content of a block of a file. Points are in the order of the file; `record` is the number of their record.
    `texts`: the tags and contents of texts that may hold hyperparameters."""

    tags: list[bytes]
    record: Ints
    tag: Ints
    step: Ints
    value: Floats
    wall: Floats
    objects: list[EventMedia]
    first_wall: float | None
    sessions: list[tuple[int, int]]
    hparams: list[bytes]
    texts: list[tuple[bytes, bytes]]
    skipped: dict[str, set[bytes]]
    damage: list[DamagedSpan]
    end: int


class EventReader:
    """Reads the blocks of one file. `scalars`: the tags known to be scalars; `kinds`: the kinds of other tensors,
    because old writers name the plugin of a tag only once. `wall`: the time of the last event before these blocks;
    `changed`: that of the file, for events of which none has a valid time."""

    def __init__(
        self,
        scalars: Sequence[bytes] = (),
        kinds: Mapping[bytes, str] | None = None,
        *,
        wall: float | None = None,
        changed: float = 0.0,
    ) -> None:
        self.scalars = set(scalars)
        self.kinds = dict(kinds or {})
        self.wall = wall
        self.changed = changed

    def read(self, block: Block) -> EventBatch:
        reading = _BlockReading(block, self.scalars, self.kinds)
        reading.gather()
        walls = _valid(reading.walls, self.wall, self.changed)
        if reading.first is not None:
            self.wall = float(walls[-1])
        return reading.part(walls)


class _BlockReading:
    def __init__(self, block: Block, scalars: set[bytes], kinds: dict[bytes, str]) -> None:
        self.block = block
        self.scalars = scalars
        self.kinds = kinds
        self.loose: list[tuple[int, Event, bytes]] = []
        self.codes: dict[bytes, int] = {}
        self.walls = np.full(len(block.start), np.nan)
        self.columns: list[tuple[Ints, Ints, Ints, Floats, Ints]] = []
        self.unsure: list[tuple[Ints, Ints, Ints, Floats, Ints]] = []
        self.objects: list[EventMedia] = []
        self.texts: list[tuple[int, bytes, bytes]] = []
        self.first: int | None = None
        self.sessions: list[tuple[int, int]] = []
        self.hparams: list[tuple[int, bytes]] = []
        self.skipped: dict[str, set[bytes]] = {}

    def gather(self) -> None:
        for records, rows in self.block.groups():
            self._group(records, rows)

    def part(self, walls: Floats) -> EventBatch:
        """What was gathered; `walls` has the time of every record."""
        record, tag, step, value = self._joined()
        for number, event, data in self.loose:
            self._take_loose(number, event, data)
        objects = [item._replace(wall=float(walls[item.record])) for item in sorted(self.objects)]
        return EventBatch(
            list(self.codes), record, tag, step, value, walls[record], objects,
            None if self.first is None else float(walls[self.first]), sorted(self.sessions),
            [content for _, content in sorted(self.hparams)], [(tag, text) for _, tag, text in sorted(self.texts)],
            self.skipped, sorted(self.block.damage), self.block.end,
        )  # fmt: skip

    def _joined(self) -> tuple[Ints, Ints, Ints, Floats]:
        """All points in the order of the file: by record, then by place in it."""
        tags = list(self.codes)
        self.scalars |= {tags[code] for columns in self.columns for code in ascending(columns[1]).tolist()}
        known = np.array([tag in self.scalars for tag in tags], bool)
        for columns in self.unsure:
            keep = known[columns[1]]
            self.columns.append(tuple(column[keep] for column in columns))
            for code in ascending(columns[1][~keep]).tolist():
                self._skip("tensors", tags[code])
        empty = (np.empty(0, np.int64),) * 3 + (np.empty(0), np.empty(0, np.int64))
        joined: list[Any] = [np.concatenate(some) for some in zip(empty, *self.columns, strict=True)]
        order = np.lexsort((joined[4], joined[0]))
        return tuple(column[order] for column in joined[:4])

    def _group(self, records: Ints, rows: U8) -> None:
        alone = 0
        while len(rows):
            first = rows[0].tobytes()
            event = _event(first)
            same = None
            if event is None:
                self._skip("unreadable events", b"")
            elif event.plain and (alone < _ALONE or alone % 64 == 0) and 1 < len(rows) and len(first) <= _LONG:
                same = _alike(rows, first, event)
            if event is not None:
                count = 1 if same is None else int(np.count_nonzero(same))
                alone = alone + 1 if count == 1 else 0
                chosen = slice(0, 1) if same is None else same
                self._take(event, first, records[chosen], rows[chosen])
            left = slice(1, None) if same is None else ~same
            records, rows = records[left], rows[left]

    def _take(self, event: Event, first: bytes, records: Ints, rows: U8) -> None:
        number = int(records[0])
        self.first = number if self.first is None else min(self.first, number)
        self.walls[records] = _numbers(rows, event.wall, "<f8", varying=False)
        if event.session_start:
            self.sessions.append((number, _step(first, event)))
        if event.objects:
            self._take_objects(event, first, number)
        if event.loose:
            self.loose.append((number, event, first))
        self.hparams += [(number, first[start:stop]) for start, stop in event.hparams]
        for kind, (start, stop) in event.skipped:
            self._skip(kind, first[start:stop])
        if event.values:
            step = _varying(rows[:, slice(*event.step)]).view(np.int64)
            for place, value in enumerate(event.values):
                numbers = _numbers(rows, value.at, value.dtype, varying=value.varying)
                tag = self._tags(rows[:, slice(*value.tag)])
                into = self.columns if value.sure else self.unsure
                into.append((records, tag, step, numbers, np.full(len(records), place)))

    def _take_objects(self, event: Event, data: bytes, number: int) -> None:
        begin = self.block.offset + int(self.block.start[number])
        step = _step(data, event)
        self.kinds.update({data[slice(*item.tag)]: item.kind for item in event.objects})
        for kind, tag, (start, stop), place, about in event.objects:
            where = begin + start, stop - start
            name = data[slice(*tag)]
            self.objects.append(EventMedia(number, kind, name, step, 0.0, place, *where, about))
            if kind == "text" and name in texts.TAGS:
                self.texts.append((number, name, data[start:stop]))

    def _take_loose(self, number: int, event: Event, data: bytes) -> None:
        event.objects = []
        for tag, tensor in event.loose:
            kind = self.kinds.get(data[slice(*tag)])
            objects = media.of_tensor(data, tensor, kind, tag) if kind else None
            if objects is None:
                self._skip("tensors", data[slice(*tag)])
            event.objects += objects or []
        self._take_objects(event, data, number)

    def _tags(self, texts: U8) -> Ints:
        codes, count = self.codes, len(texts)
        first = texts[0].tobytes()
        if count == 1 or not texts.shape[1] or (texts == texts[0]).all():
            return np.full(count, codes.setdefault(first, len(codes)))
        names = np.ascontiguousarray(texts).view(np.dtype((np.void, texts.shape[1])))[:, 0].tolist()
        try:
            return np.array(list(map(codes.__getitem__, names)), np.int64)
        except KeyError:
            for name in names:
                codes.setdefault(name, len(codes))
            return np.array(list(map(codes.__getitem__, names)), np.int64)

    def _skip(self, kind: str, tag: bytes) -> None:
        self.skipped.setdefault(kind, set()).add(tag)


def _alike(rows: U8, first: bytes, event: Event) -> npt.NDArray[np.bool_]:
    """The rows with the same bytes as the first one, outside time, step, tags and values."""
    fixed = np.ones(len(first), bool)
    varying = [event.step]
    fixed[slice(*event.wall)] = fixed[slice(*event.step)] = False
    for value in event.values:
        fixed[slice(*value.tag)] = fixed[slice(*value.at)] = False
        if value.varying:
            varying.append(value.at)
    same = np.ones(len(rows), bool)
    for place in np.flatnonzero(fixed).tolist():
        same &= rows[:, place] == first[place]
    for start, stop in varying:
        for place in range(start, stop):
            same &= (rows[:, place] ^ np.uint8(first[place])) < 0x80
    return same


def _numbers(rows: U8, span: ByteSpan, dtype: str, *, varying: bool) -> Floats:
    start, stop = span
    if start == stop:
        return np.zeros(len(rows))
    raw: Any = np.ascontiguousarray(rows[:, start:stop])
    if varying:
        whole = _varying(raw)
        width = 2 if dtype in ("<f2", "bfloat16") else 8
        raw = whole.astype(f"<u{width}").view(np.uint8).reshape(len(rows), width)
        dtype = dtype if width == 2 else "<u8" if dtype in ("<u4", "<u8") else "<i8"
    if dtype == "bfloat16":
        bits = raw.view("<u2")[:, 0].astype(np.uint32) << np.uint32(16)
        return np.asarray(bits.view(np.float32), np.float64)
    return np.asarray(raw.view(dtype)[:, 0], np.float64)


def _varying(rows: U8) -> npt.NDArray[np.uint64]:
    numbers = np.zeros(len(rows), np.uint64)
    for place in range(rows.shape[1]):
        numbers |= (rows[:, place] & np.uint8(0x7F)).astype(np.uint64) << np.uint64(7 * place)
    return numbers


def _valid(walls: Floats, before: float | None, changed: float) -> Floats:
    """Times of records in their order. One that is no time becomes that of the record before it, or, of the first
    records of a file, that of the one after it."""
    valid = np.abs(walls) < _LATEST
    if valid.all():
        return walls
    there = np.flatnonzero(valid)
    first = before if before is not None else float(walls[there[0]]) if len(there) else changed
    latest = np.maximum.accumulate(np.where(valid, np.arange(len(walls)), -1))
    return np.where(latest < 0, first, walls[latest])


def _step(data: bytes, event: Event) -> int:
    start, stop = event.step
    return protobuf.signed(data, Field(2, protobuf.VARINT, start, stop)) if stop > start else 0


# One event, field by field


def _event(data: bytes) -> Event | None:
    """None if the bytes are not an event."""
    event = Event()
    try:
        for item in fields(data, 0, len(data)):
            if item.number == 1 and item.kind == EIGHT:
                event.wall = item.start, item.stop
            elif item.number == 2 and item.kind == protobuf.VARINT:
                event.step = item.start, item.stop
            elif item.number == 5 and item.kind == BYTES:
                _summary(data, item, event)
            elif item.number == 7 and item.kind == BYTES:
                event.session_start |= _first(data, item, 1) == SESSION_START
    except ValueError:
        return None
    return event


def _summary(data: bytes, summary: Field, event: Event) -> None:
    for item in fields(data, summary.start, summary.stop):
        if item.number == 1 and item.kind == BYTES:
            _value(data, item, event)


def _value(data: bytes, summary: Field, event: Event) -> None:
    parts = {part.number: part for part in fields(data, summary.start, summary.stop)}
    tag = (parts[1].start, parts[1].stop) if 1 in parts and parts[1].kind == BYTES else _NONE
    plugin, content = _metadata(data, parts.get(9))
    if plugin == HPARAMS:
        event.hparams.append(content)
    elif 2 in parts and parts[2].kind == FOUR:
        event.values.append(ScalarSpan(tag, (parts[2].start, parts[2].stop), "<f4", False, True))
    elif (others := media.values(data, parts, plugin, tag)) is not None:
        event.objects += others
    elif 8 in parts and parts[8].kind == BYTES:
        value = _tensor(data, parts[8], tag, sure=plugin == SCALARS) if plugin in (SCALARS, b"") else None
        if value is not None:
            event.values.append(value)
        elif not plugin:
            event.loose.append((tag, parts[8]))
        else:
            event.skipped.append(("tensors" if plugin in (SCALARS, b"") else plugin.decode("utf-8", "replace"), tag))
    else:
        event.skipped += [(kind, tag) for number, kind in _OLD.items() if number in parts]


def _metadata(data: bytes, metadata: Field | None) -> tuple[bytes, ByteSpan]:
    """The plugin of a value, and the plugin's own data."""
    plugin, content = b"", _NONE
    if metadata is not None and metadata.kind == BYTES:
        for item in fields(data, metadata.start, metadata.stop):
            if item.number == 1 and item.kind == BYTES:
                for part in fields(data, item.start, item.stop):
                    if part.number == 1:
                        plugin = data[part.start : part.stop]
                    elif part.number == 2:
                        content = part.start, part.stop
    return plugin, content


def _tensor(data: bytes, tensor: Field, tag: ByteSpan, *, sure: bool) -> ScalarSpan | None:
    """The place of a tensor's only number; None if it has none or several."""
    kind, values = 0, []
    for item in fields(data, tensor.start, tensor.stop):
        if item.number == 1 and item.kind == protobuf.VARINT:
            kind = protobuf.varint(data, item)
        elif item.number == 2 and item.kind == BYTES and not _is_one(data, item):
            return None
        elif item.number == 4 or item.number in _VALUES:
            values.append(item)
    dtype = _NUMBERS.get(kind)
    if dtype is None or len(values) > 1:
        return None
    if not values or values[0].start == values[0].stop:
        return ScalarSpan(tag, _NONE, dtype, False, sure)
    item = values[0]
    at = item.start, item.stop
    width = _width(dtype) if item.number == 4 else _VALUES[item.number]
    if width:
        return ScalarSpan(tag, at, dtype, False, sure) if at[1] - at[0] == width == _width(dtype) else None
    protobuf.varint(data, item)
    ends = [place for place in range(*at) if data[place] < 0x80]
    return ScalarSpan(tag, at, dtype, True, sure) if ends == [at[1] - 1] and dtype not in ("<f4", "<f8") else None


def _is_one(data: bytes, shape: Field) -> bool:
    """Whether a tensor of this shape has exactly one element."""
    sizes = [_first(data, item, 1) for item in fields(data, shape.start, shape.stop) if item.number == 2]
    return all(size == 1 for size in sizes)


def _width(dtype: str) -> int:
    return 2 if dtype == "bfloat16" else int(dtype[2:])


def _first(data: bytes, message: Field, number: int) -> int:
    """An integer of a message, 0 if it is not written."""
    matching = [item for item in fields(data, message.start, message.stop) if item.number == number]
    return protobuf.varint(data, matching[-1]) if matching and matching[-1].kind == protobuf.VARINT else 0
