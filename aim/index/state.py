"""The records of one run without its points: read from logs, kept as a document in the index, turned into a row.

A run's row can always be computed again from its document, so edits from elsewhere are applied when it is read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from math import inf, isfinite, nan
from operator import attrgetter
from time import time
from typing import Any

from aim.errors import LogError, StoreError
from aim.index.quiet import Process, Rest, rest, written
from aim.index.recorded import Recorded, parted, recorded
from aim.index.schema import EDITS, SEPARATOR, run_number
from aim.log import bounds, edits, record, status
from aim.log.bounds import seconds
from aim.log.status import Life, Status

Stamped = list[Any]  # [stamp, writer, value]
Row = dict[str, Any]
_WHOLE = (1 << 63) - 1
_MOST_INVALID = 100
_SHORT = 4096
MESSAGES = 1000


@dataclass
class WriterState:
    """One writer's file as far as it was folded: `length` bytes; `check` is the checksum of the last record. `packages`
    and `env` are JSON as in the rows of the index. `invalid`: the offsets of records that say nothing valid, and why.
    Long content that only a run's page reads stays in the log: `printed` counts its bytes of output, `diff` and
    `messages` are the offsets of records; older messages are only counted."""

    id: str
    file: str
    length: int = 0
    check: int = 0
    size: int = 0
    mtime: int = 0
    digest: str = ""
    skipped: int | None = None
    started: float = 0.0
    start: dict[str, Any] = field(default_factory=dict)
    end: dict[str, Any] | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    params: list[Any] = field(default_factory=list)
    edits: dict[str, Stamped] = field(default_factory=dict)
    dropped: int = 0
    damage: list[tuple[int, int]] = field(default_factory=list)
    invalid: list[tuple[int, str]] = field(default_factory=list)
    stamp: int = 0
    last_time: float = 0.0
    names: dict[int, list[str]] = field(default_factory=dict)
    printed: int = 0
    messages: list[int] = field(default_factory=list)
    messages_before: int = 0
    packages: str = ""
    env: str = ""
    diff: int | None = None

    def __post_init__(self) -> None:
        """A document has numbers as texts, as JSON does."""
        self.names = {int(number): name for number, name in self.names.items()}

    @property
    def ended(self) -> bool:
        return self.end is not None

    @property
    def apart(self) -> bool:
        """Whether its file lies `within` a folder below the run's own, as writers of other trackers make them for some
        values. It is no attempt or process of its own."""
        return bool(self.start.get("within"))

    def comes_before(self, other: WriterState) -> bool:
        return (self.started, self.id) < (other.started, other.id)

    def take(self, kind: int, payload: bytes, offset: int = 0) -> None:
        """Take any record except a point. Invalid content is left out, and noted."""
        try:
            if kind in _TAKE_PLACE:
                _TAKE_PLACE[kind](self, payload, offset)
            else:
                _TAKE[kind](self, payload)
        except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as error:
            self.refuse(offset, error)

    def refuse(self, offset: int, error: Exception) -> None:
        """Note a record whose content is invalid."""
        if len(self.invalid) < _MOST_INVALID:
            reason = f"{error}" if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
            self.invalid.append((offset, clean(f"{reason:.200}")))

    def give_up(self, error: LogError | StoreError) -> None:
        """Note that the file cannot be read."""
        self.damage, self.invalid = [], []
        self.refuse(0, ValueError(str(error).partition(": /")[0]))

    @property
    def unread(self) -> bool:
        """Whether it is a seal that an object store did not give yet."""
        return self.file.endswith(".seal") and not self.size

    @property
    def unreadable(self) -> bool:
        """Whether none of its records could be read."""
        return bool(self.damage or self.invalid) and not (self.start or self.last_time or self.names)

    def reasons(self) -> list[str]:
        """What is damaged in its file, and why."""
        places = [(start, f"bytes {start:,} to {stop:,} cannot be read") for start, stop in self.damage]
        places += [(at, f"the record at byte {at:,}: {why}" if at else why) for at, why in self.invalid]
        return [f"{self.file}: {text}" for _, text in sorted(places)]

    def forget(self, error: Exception) -> None:
        """Forget what the records say, because it breaks what reads it."""
        self.refuse(0, error)
        self.started, self.start, self.facts, self.params, self.edits = 0.0, {}, {}, [], {}
        self.end = None if self.end is None else {}
        self.packages = self.env = ""

    def _take_start(self, payload: bytes) -> None:
        outer, facts = parted(payload, "facts")
        start = bounds.start(outer)
        if not self.start:
            self.start = outer if isinstance(outer, Recorded) and outer == start else start
            self.started = start.get("time", 0.0)
            facts = facts if isinstance(facts, dict) else {}
            self.facts = merge({**facts}, self.facts) if self.facts else facts

    def _take_series(self, payload: bytes) -> None:
        number = int.from_bytes(payload[:4], "little")
        if number >= record.MAX_SERIES:
            raise ValueError(f"a series of the number {number:,}; there are {record.MAX_SERIES:,}")
        named = payload[4:]
        self.names[number] = (_series_name if len(named) <= _SHORT else _series_name.__wrapped__)(named)

    def _take_params(self, payload: bytes) -> None:
        fields, value = parted(payload, "value")
        stamp = bounds.stamp(fields["stamp"])
        self.params.append([stamp, _mapping(value)])
        self.stamp = max(self.stamp, stamp)

    def _take_edit(self, payload: bytes) -> None:
        edit = edits.parse(payload, self.id, None)
        if edit is None:
            raise ValueError("an edit without a stamp, field and value")
        key = edit.field if edit.run is None else f"{edit.run}{SEPARATOR}{edit.field}"
        mine = [edit.stamp, edit.writer, edit.value]
        self.edits[key] = newer(self.edits.get(key), mine)
        if edit.by is not None and edit.run is not None:
            who = f"{edit.run}{SEPARATOR}edited_by"
            self.edits[who] = newer(self.edits.get(who), [edit.stamp, edit.writer, edit.by])
        self.stamp = max(self.stamp, edit.stamp)

    def _take_end(self, payload: bytes) -> None:
        end = _mapping(recorded(payload))
        time = seconds(end.get("time"))
        self.end = end if isinstance(end, Recorded) and end.get("time") is time else {**end, "time": time}
        self.dropped = max(self.dropped, bounds.count(end.get("dropped")))
        if isinstance(process := self.end.get("process"), dict):
            self.facts = merge({**self.facts}, {"process": process})

    def _take_facts(self, payload: bytes, offset: int) -> None:
        facts = _mapping(record.decode_json(payload))
        if facts.pop("diff", None) is not None:
            self.diff = offset
        environment = _mapping(facts.pop("environment", None) or {})
        self.packages = dumps(environment["packages"]) if environment.get("packages") else self.packages
        self.env = dumps(environment["env"]) if environment.get("env") else self.env
        self.facts = merge({**self.facts}, facts)

    def _take_message(self, payload: bytes, offset: int) -> None:
        self.messages.append(offset)
        if len(self.messages) > MESSAGES:
            self.messages_before += 1
            del self.messages[0]

    def _take_odd_point(self, payload: bytes) -> None:
        """Points come in stretches; only one of another length comes alone."""
        if len(payload) != record.POINT_PAYLOAD:
            raise ValueError(f"a point of {len(payload):,} bytes instead of {record.POINT_PAYLOAD}")

    def _take_dropped(self, payload: bytes) -> None:
        points = bounds.count(record.decode_json(payload)["points"])
        self.dropped = bounds.count(self.dropped + points)


_TAKE: dict[int, Callable[[WriterState, bytes], None]] = {
    record.START: WriterState._take_start,
    record.SERIES: WriterState._take_series,
    record.PARAMS: WriterState._take_params,
    record.EDIT: WriterState._take_edit,
    record.END: WriterState._take_end,
    record.DROPPED: WriterState._take_dropped,
    record.POINT: WriterState._take_odd_point,
    record.OBJECT: lambda writer, payload: None,
}

_TAKE_PLACE: dict[int, Callable[[WriterState, bytes, int], None]] = {
    record.FACTS: WriterState._take_facts,
    record.MESSAGE: WriterState._take_message,
}


@dataclass
class RunState:
    """One run. `since` is the number of the first segment whose points count for it. `rests`: the writers without an
    end of a quiet run."""

    id: str
    dir: str
    since: int
    dir_mtime: int = -1
    dir_inode: int = -1
    writers: list[WriterState] = field(default_factory=list)
    rests: list[Rest] = field(default_factory=list)
    number: int = field(init=False)

    def __post_init__(self) -> None:
        self.number = run_number(self.id)

    def writer(self, id: str) -> WriterState | None:
        return next((writer for writer in self.writers if writer.id == id), None)

    @property
    def ended(self) -> bool:
        # It is asked ten times of each new run. `all` takes four times as long.
        for writer in self.writers:
            if writer.end is None:
                return False
        return True

    @property
    def open(self) -> bool:
        """Whether it is a run that may go on at any moment."""
        return self.id != EDITS and not self.ended and not self.rests

    @property
    def torn(self) -> bool:
        """Whether a file ends within a record."""
        return any(writer.size > writer.length for writer in self.writers)

    @property
    def resumed(self) -> bool:
        return any(isinstance(writer.start.get("resume_from"), int) for writer in self.writers) or bool(
            self._restarts()
        )

    def document(self, *, facts: str = "", params: str = "", edits: str = "") -> str:
        """Everything that later records of these writers, or edits from elsewhere, may need. `facts` and `params`:
        those of the run, as JSON. `edits`: those of its only writer, if they are known as JSON."""
        kept = [_said(writer) for writer in self.writers]
        if len(kept) > 1 or not facts:
            return dumps(kept)
        (alone,) = kept
        known = {"facts": facts, "start": dumps(alone.get("start", {}))}
        if len(alone.get("params", ())) == 1:
            known["params"] = f"[[{dumps(alone['params'][0][0])},{params}]]"
        for name, value in alone.items():
            if name not in known:
                known[name] = edits if edits and name == "edits" else dumps(value)
        return "[{" + ",".join([f'"{name}":{text}' for name, text in known.items()]) + "}]"

    def read_document(self, text: str) -> RunState:
        """Restore the writers from a cache. Another user may have written it, so each file lies in the run's folder."""
        self.writers = [WriterState(**{**writer, "file": _plain(writer["file"])}) for writer in json.loads(text)]
        return self

    def own_edits(self) -> dict[str, Stamped]:
        winners: dict[str, Stamped] = {}
        for writer in self.writers:
            for key, mine in writer.edits.items():
                name = key.removeprefix(self.id + SEPARATOR)
                if SEPARATOR not in name:
                    winners[name] = newer(winners.get(name), mine)
        return winners

    def params(self) -> dict[str, Any]:
        parts = [(stamp, writer.id, value) for writer in self.writers for stamp, value in writer.params]
        if len(parts) == 1:
            return _mapping(parts[0][2])
        merged: dict[str, Any] = {}
        for _, _, value in sorted(parts, key=lambda part: part[:2]):
            merge(merged, value)
        return merged

    def facts(self) -> dict[str, Any]:
        return self.main().facts

    def main(self) -> WriterState:
        """The writer that began the latest attempt."""
        if len(self.writers) == 1:
            return self.writers[0]
        mains = [writer for writer in self.writers if writer.start.get("role") == "main"] or self.writers
        return max(mains, key=lambda writer: (writer.started, writer.id))

    def surroundings(self) -> WriterState:
        """The writer that recorded the environment; if several did, the one of the latest attempt."""
        if len(self.writers) == 1:
            return self.writers[0]
        writers = [writer for writer in self.writers if writer.packages or writer.env or writer.diff is not None]
        attempt = self.main().start.get("attempt")
        return max(
            writers, default=self.main(), key=lambda writer: (writer.start.get("attempt") == attempt, writer.started)
        )

    def first(self) -> WriterState:
        """The writer that began the run."""
        if len(self.writers) == 1:
            return self.writers[0]
        return min(
            self.writers,
            key=lambda writer: (not writer.start, writer.start.get("role") == "output", writer.started, writer.id),
        )

    def status(
        self,
        closed: Any,
        stop: Any = None,
        *,
        touched: Mapping[str, float] | None = None,
        now: float | None = None,
    ) -> Status:
        """`closed` and `stop` are the values of those edits. `touched` holds the file times of writers that have not
        ended, by the clock of this repository's disk. Without it, their last records count, by their own clocks."""
        edited = [value if isinstance(value, Mapping) else None for value in (closed, stop)]
        return status.of_run(self._lives(touched or {}), *edited, now=now)

    def _lives(self, touched: Mapping[str, float]) -> list[Life]:
        return [
            Life(
                writer.id,
                writer.start,
                writer.end,
                touched.get(writer.id) or last_sign(writer),
                unreadable=writer.unreadable,
            )
            for writer in self.writers
        ]

    def outcome(self, closed: Any, stop: Any = None) -> Status:
        """The status for its row. A quiet run without an end is lost there: only its own machine knows that it was
        killed."""
        if not self.rests:
            return self.status(closed, stop)
        elsewhere = [replace(writer, start={**writer.start, "process": None}) for writer in self.writers]
        run = RunState(self.id, self.dir, self.since, writers=elsewhere)
        return run.status(closed, stop, touched={rest.writer: rest.touched for rest in self.rests}, now=inf)

    def resting(self, touched: Mapping[str, float], now: float, gone: set[Process] | None = None) -> list[Rest]:
        """Its writers without an end if nothing writes to them, the main one first; else none. `touched`: the times of
        their files. `gone`: as in `Rest.lives`."""
        without_end = [writer for writer in self.writers if not writer.ended]
        if not all(writer.id in touched and not writer.unread for writer in without_end):
            return []
        rests = [
            rest(writer.start.get("process"), writer.id, writer.file, writer.size, touched[writer.id])
            for writer in without_end
        ]
        if any(quiet.lives(now, gone) for quiet in rests):
            return []
        main = status.latest(self._lives(touched)).main.writer
        return sorted(rests, key=lambda quiet: quiet.writer != main)

    def hidden(self) -> list[tuple[int, int, int]]:
        """(ordinal of a writer, offset, step): a resume abandoned its points before the offset with this step or a
        later one."""
        ordinals = {writer.id: i for i, writer in enumerate(self.writers)}
        rules = []
        for writer in self.writers:
            step, earlier = writer.start.get("resume_from"), writer.start.get("earlier")
            if isinstance(step, int) and isinstance(earlier, Mapping):
                sizes = {id: size for id, size in earlier.items() if id in ordinals and isinstance(size, int)}
                rules += [(ordinals[id], size, step) for id, size in sizes.items()]
        return rules + self._restarts()

    def _restarts(self) -> list[tuple[int, int, int]]:
        """The same for sessions that restarted within the writers of another tracker: `sessions` in START says at which
        offset and step."""
        rules = []
        for ordinal, writer in enumerate(self.writers):
            for offset, step in _pairs(writer.start.get("sessions")):
                earlier = [i for i, other in enumerate(self.writers) if other.comes_before(writer)]
                rules += [(i, _WHOLE, step) for i in earlier if not self.writers[i].apart]
                rules += [(ordinal, offset, step)] * (offset > record.HEADER_SIZE)
        return rules


def _said(writer: WriterState) -> dict[str, Any]:
    """What differs from a new writer. The names of series are not needed after the end."""
    left_out = "" if writer.end is None else "names"
    return {name: value for name, value in vars(writer).items() if (value or name == "end") and name != left_out}


def last_stated(writer: WriterState) -> float:
    """The latest time that a writer's records state; 0 if they state none."""
    return max(writer.started, seconds(writer.last_time), seconds(writer.end.get("time")) if writer.end else 0.0)


def last_sign(writer: WriterState) -> float:
    """The latest time that a writer's records state; that of its file if they state none, or one that is to come."""
    stated = last_stated(writer)
    if stated > time() + status.LOST_AFTER:
        return min(stated, writer.mtime / 1e9)
    return stated or writer.mtime / 1e9


def _pairs(value: object) -> list[tuple[int, int]]:
    """The pairs of integers in a list."""
    pairs = [tuple(item) for item in value if isinstance(item, list)] if isinstance(value, list) else []
    return [(pair[0], pair[1]) for pair in pairs if len(pair) == 2 and None not in map(bounds.whole, pair)]


def edited(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a run's row that these values of EDIT fields set."""
    columns: dict[str, Any] = {name: _text(values[name]) for name in ("name", "description") if name in values}
    if values.get("experiment") is not None:
        columns["experiment"] = _text(values["experiment"])
    for name in ("archived", "deleted"):
        if name in values:
            columns[name] = values[name] is True
    if any(name.startswith("tag:") for name in values):
        columns["tags"] = dumps(
            sorted(name[4:] for name, value in values.items() if name.startswith("tag:") and value is True)
        )
    return columns


def full_row(run: RunState, segment: int, *, document: bool = True) -> Row:
    """The row of a run. If its records say something that no row can be made of, a row that says only that."""
    try:
        return _row(run, segment, document)
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError) as error:
        for writer in run.writers:
            writer.forget(error)
        return _row(run, segment, document)


def grown_row(run: RunState, before: Row) -> Row:
    """The row of an open run that got points and nothing else since it had the row `before`. Its status is not in its
    row: it changes without records."""
    return {**before, **_progress(run)}


def _progress(run: RunState) -> Row:
    """The columns that more points may change."""
    first = run.first()
    return {
        "length": sum(writer.length for writer in run.writers), "created_at": first.started or last_sign(first)
    }  # fmt: skip


def _row(run: RunState, segment: int, document: bool) -> Row:
    own = run.own_edits()
    first = run.first()
    given = {name: value for name, (_, _, value) in own.items()}
    outcome = run.outcome(given.get("ended"), given.get("stop"))
    around = run.surroundings()
    facts, params, edits = dumps(run.facts()), dumps(run.params()), dumps(own) if own else ""
    mine = edits if len(run.writers) == 1 and own == first.edits else ""
    return {
        "name": None, "experiment": _text(first.start.get("experiment")) or "default", "description": None, "tags":
        "[]",
        "archived": False, "deleted": False, **edited(given), **_progress(run),
        "status": outcome.word, "error": _text(outcome.error),
        "finished_at": outcome.finished_at, "seen_at": outcome.seen_at,
        "segment": segment, "run": run.number, "id": run.id, "dir": run.dir, "since": run.since,
        "dir_mtime": run.dir_mtime, "dir_inode": run.dir_inode,
        "ended": run.ended, "resumed": run.resumed, "writers": len(run.writers),
        "starts": dumps([[writer.started, writer.id] for writer in run.writers]) if len(run.writers) > 1 else "",
        "hash": _text(first.start.get("hash")) or run.id,
        "dropped": sum(writer.dropped for writer in run.writers),
        "quiet": written(run.rests), "torn": bool(run.rests) and run.torn,
        "damaged": sum(len(writer.damage) + len(writer.invalid) for writer in run.writers),
        "facts": facts, "packages": around.packages, "env": around.env,
        "params": params, "edits": edits, "doc":
        run.document(facts=facts, params=params, edits=mine) if document else "",
    }  # fmt: skip


def flatten(params: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """The leaves of nested params: (path, value). An empty dict is a leaf. `prefix`: what their paths begin with."""
    leaves: list[tuple[str, Any]] = []
    for key, value in params.items():
        path = prefix + key
        if isinstance(value, dict) and value:
            leaves += flatten(value, path and path + SEPARATOR)
        else:
            leaves.append((path, value))
    return leaves


def numeric(value: Any) -> float:
    """A param as the nearest float; NaN where it is not a number."""
    if not isinstance(value, (int, float)):
        return nan
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


@lru_cache(maxsize=1 << 14)
def _series_name(text: bytes) -> list[str]:
    """The name and the context of a SERIES record, as JSON with sorted keys, and the kind if it is a media series."""
    fields = _mapping(record.decode_json(text))
    kind = [clean(str(fields["kind"]))] if fields.get("kind") else []
    return [clean(str(fields["name"])), dumps(dict(sorted(_mapping(fields["context"]).items()))), *kind]


def given_path(field: str) -> tuple[str, ...]:
    """The param that an EDIT field `param:<name>` sets: in the group before the dot, else in `default`. A path
    with dots in its keys is a list in JSON."""
    name = field.partition(":")[2]
    with suppress(ValueError, RecursionError):
        keys = bounds.decode(name) if name.startswith("[") else None
        if isinstance(keys, list) and 1 < len(keys) <= bounds.MAX_DEPTH and all(isinstance(key, str) for key in keys):
            return tuple(map(clean, keys))
    parts = tuple(clean(name).split("."))
    return parts if len(parts) > 1 else ("default", *parts)


def nested(leaves: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, value in leaves.items():
        for part in reversed(path):
            value = {part: value}
        merge(tree, value)
    return tree


def merge(into: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Merge `more` into `into`: dicts merge key by key, anything else is replaced."""
    for key, value in more.items():
        mine = into.get(key)
        if not isinstance(value, dict):
            into[key] = value
        elif isinstance(mine, dict):
            merge(mine, value)
        else:
            into[key] = merge({}, value)
    return into


def newer(known: Stamped | None, other: Stamped) -> Stamped:
    return other if known is None or (other[0], other[1]) > (known[0], known[1]) else known


def dumps(value: Any) -> str:
    """JSON in ASCII, so that any text fits any engine."""
    write = _PLAIN.get(type(value))
    return write(value) if write is not None else _encode(value)


def clean(text: str) -> str:
    """Text that every engine accepts: without halves of surrogate pairs and without NUL."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\0")


def texts(values: Iterable[Any]) -> list[str]:
    """The JSON of each value. There are many params, and a call for each takes longer than its text."""
    return [_encode(value) if (write := _PLAIN.get(value.__class__)) is None else write(value) for value in values]


def _text(value: object) -> str | None:
    return None if value is None else clean(str(value))


def _float(value: float) -> str:
    return float.__repr__(value) if isfinite(value) else _encode(value)


# What is written here was read from JSON, so nothing is in itself.
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_PLAIN: dict[type, Callable[[Any], str]] = {
    float: _float, int: int.__repr__, str: encode_basestring_ascii, bool: {True: "true", False: "false"}.__getitem__,
    Recorded: attrgetter("text"),
}  # fmt: skip


def _plain(name: object) -> str:
    last = os.path.basename(str(name)).replace("\0", "")
    return last if last.strip(".") else "none"


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is not a mapping")
    return value
