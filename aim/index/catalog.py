"""A catalog is everything recorded at one moment: runs, params, series and points over all segments. It does not
change.

A run's row and params come from the newest segment that has the run; its series and points come from every segment
since the run began. Edits outside the run's own files are applied to its row here.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from aim import engine
from aim.deadline import checked
from aim.engine import Columns, Remote
from aim.index import content, documents, quiet, state
from aim.index.content import Objects
from aim.index.ints import Ints, among, ascending
from aim.index.rows import LONG, ORDER, Rows
from aim.index.schema import EDITS, SEPARATOR, TABLES, TICKS, run_number
from aim.index.segment import Places, Segment, newest_rows, rows_at, stored
from aim.index.sources.source import Location, Source
from aim.index.sources.table import NUMBERS, SOURCES
from aim.index.state import RunState, Stamped, WriterState
from aim.log.status import LOST_AFTER, Status
from aim.natural import natural
from aim.threads import cached_property

Array = npt.NDArray[Any]
Fields = dict[str, Stamped]
# The columns that a status is made of.
STATUS = ("status", "error", "finished_at", "seen_at")
_CONTEXTS = 100_000
_EDITS_NUMBER = run_number(EDITS)
_FEW_RUNS = 64
_SOME_RUNS = 2_000


class Indexing(NamedTuple):
    """How many runs of the repository are in the index, while others are left."""

    done: int
    total: int


class Catalog:
    def __init__(
        self,
        segments: Sequence[Segment],
        alive: Ints,
        states: Mapping[str, RunState],
        touched_at: Mapping[str, float],
        before: Catalog | None,
        sources: Mapping[int, Source],
        rows: Rows,
        waiting: Sequence[WriterState] = (),
    ) -> None:
        """`alive`: the numbers of the existing runs. `sources`: the open sources by their place in the table of
        sources. `rows`: those of the segments. `waiting`: edits that are not folded yet."""
        self._sources = sources
        self.revision = 0
        self.indexing: Indexing | None = None
        self._written: dict[int, tuple[str, list[tuple[str, str]]]] = {}
        self.segments = list(segments)
        self.by_number = {segment.number: segment for segment in segments}
        self._touched_at = touched_at
        self._rows = rows
        self.remote: Mapping[str, Remote] = next((segment.remote for segment in segments), {})
        self._values: Columns = {}
        # Answers that hold as long as this catalog, by what was asked.
        self.kept: dict[str, object] = {}
        self._named: dict[str, list[str]] = {}
        read = rows.read((*ORDER, "params_at") if self.remote else ORDER)
        numbers, newest = newest_rows(read["run"])
        outside = numbers == _EDITS_NUMBER
        self._edits_text = "".join(self._rows.read(["doc"], newest[outside])["doc"].tolist())
        self._waiting = waiting
        same = before is not None and before._edits_text == self._edits_text and before._waiting is waiting
        self.edits: dict[str, Fields] = (
            before.edits if same and before is not None else _by_run([*self._outside(), *waiting])
        )
        self.deleted = {id for id, fields in self.edits.items() if (edit := fields.get("deleted")) and edit[2] is True}
        gone = read["id"][newest[read["deleted"][newest]]].tolist()
        self.deleted |= {id for id in gone if id not in self.edits}
        self._order(read, newest[among(numbers, alive) & ~outside])
        places = ((self.index.get(id), run) for id, run in states.items() if run.open)
        self._open = {i: _snapshot(run) for i, run in sorted(places, key=_first) if i is not None}

    def _outside(self) -> list[WriterState]:
        return self._restored(EDITS, self._edits_text).writers if self._edits_text else []

    def _order(self, rows: Columns, kept: Ints) -> None:
        """`kept`: the newest rows of the runs that exist."""
        if self.deleted:
            kept = kept[[id not in self.deleted for id in rows["id"][kept].tolist()]]
        self._take = kept[_newest_first(rows["created_at"][kept], rows["id"][kept])]
        self._others = int((rows["run"] != _EDITS_NUMBER).sum()) - len(self._take)
        self.ids: list[str] = rows["id"][self._take].tolist()
        self.created_at: Array = rows["created_at"][self._take]
        self.ended: Array = rows["ended"][self._take]
        self.resumed: Array = rows["resumed"][self._take]
        self.writers: Array = rows["writers"][self._take]
        self.source: Array = rows["segment"][self._take] // NUMBERS
        self.numbers: Ints = rows["run"][self._take]
        newest = rows["params_at" if self.remote else "segment"][self._take]
        self.counting: Columns = {"since": rows["since"][self._take], "newest": newest}
        self.places = Places(self.numbers, **self.counting, changing=bool(self.remote))

    @cached_property
    def index(self) -> dict[str, int]:
        """The place of each run by its id."""
        return dict(zip(self.ids, range(len(self.ids)), strict=True))

    @cached_property
    def positions(self) -> Ints:
        """How many runs of the repository began before each run, with those that were deleted since."""
        gone = {id: began for id in self.deleted if (began := _number(self.edits.get(id, {}).get("began"))) is not None}
        ids = np.array([*self.ids, *gone], object)
        positions = np.arange(len(ids))[::-1].copy()
        if gone:
            positions[_newest_first(np.array([*self.created_at, *gone.values()]), ids)] = positions.copy()
        return positions[: len(self)]

    def different(self, other: Catalog) -> frozenset[str]:
        """The runs that have more records, fewer records, or other edits from outside in the other catalog."""
        changed = {*self._unlike(other), *other._unlike(self)}
        if self.edits is not other.edits:
            changed |= {id for id in {*self.edits, *other.edits} if id and self.edits.get(id) != other.edits.get(id)}
        return frozenset(changed)

    def _unlike(self, other: Catalog) -> list[str]:
        """The runs whose folder or length differs in the other catalog, or that are not in it."""
        names = ["dir", "length"]
        mine, theirs = self._rows.read(names), other._rows.read(names)
        at = other.places.of(self.numbers)
        there = at >= 0
        same = there.copy()
        for name in names:
            same[there] &= mine[name][self._take[there]] == theirs[name][other._take[at[there]]]
        return [self.ids[i] for i in np.flatnonzero(~same).tolist()]

    def probe(self) -> None:
        """Read every table of every segment once; raises EngineError when one cannot be read."""
        for table, types in TABLES.items():
            for segment in self.segments:
                engine.read(stored([segment], table), list(types))

    # Runs

    def __len__(self) -> int:
        return len(self.ids)

    def column(self, name: str) -> Array:
        """A column of the runs table, newest run first, with the edits from outside applied."""
        if name in self._values:
            return self._values[name]
        values = self._with_edits(name, self._rows.read([name])[name][self._take], np.arange(len(self)))
        if name not in LONG:
            self._values[name] = values
        return values

    def some(self, names: Sequence[str], runs: Ints) -> Columns:
        """The same columns of some runs."""
        read = [name for name in names if name not in self._values]
        columns = self._rows.read(read, self._take[runs])
        edited = {name: self._with_edits(name, column, runs) for name, column in columns.items()}
        return {name: edited[name] if name in edited else self._values[name][runs] for name in names}

    def with_text(self, name: str, text: str, runs: Ints) -> dict[int, str]:
        """The values of a column of text that contain a lowercase text, ignoring case, without edits from outside: of
        these runs, and maybe of others."""
        if self.remote or len(runs) <= _SOME_RUNS:
            values = self._rows.read([name], self._take[runs])[name].tolist()
            return {run: value for run, value in zip(runs.tolist(), values, strict=True) if text in value.lower()}
        rows = engine.containing(stored(self.segments, "runs"), name, text, ["segment", "run", name])
        owners = self.places.of_params(rows).tolist()
        return {run: value for run, value in zip(owners, rows[name].tolist(), strict=True) if run >= 0}

    def _with_edits(self, name: str, values: Array, runs: Ints) -> Array:
        """The values of a column for some runs after edits from outside."""
        changed = {i: fields[name] for i, fields in self.edited.items() if name in fields}
        for at, i in _places_among(changed, runs):
            values[at] = changed[i]
        for at, i in _places_among(self.given, runs) if name == "params" else ():
            values[at] = state.dumps(state.merge(json.loads(values[at]), state.nested(self.given[i])))
        return values

    @cached_property
    def edited(self) -> dict[int, dict[str, Any]]:
        """The column values that edits from outside give to runs."""
        outside = [(self.index[id], fields) for id, fields in self.edits.items() if id in self.index]
        if not outside:
            return {}
        own = self._rows.read(["edits"], self._take[[i for i, _ in outside]])["edits"].tolist()
        by_run = {}
        for (i, fields), text in zip(outside, own, strict=True):
            mine: Fields = json.loads(text or "{}")
            winners = {name: state.newer(mine.get(name), theirs) for name, theirs in fields.items()}
            values = {name: value for name, (_, _, value) in {**mine, **winners}.items()}
            by_run[i] = state.edited(values) | {"closed": (values.get("ended"), values.get("stop"))}
        return by_run

    @cached_property
    def _closed(self) -> dict[int, tuple[Any, Any]]:
        """The edits that close a run or ask for its end."""
        return {i: fields["closed"] for i, fields in self.edited.items() if fields["closed"] != (None, None)}

    def status(self, i: int, *, now: float | None = None) -> Status:
        """The status of run `i`; for a run that ended, the status in its records."""
        if i in self._open:
            run = self._open[i]
            status = run.status(*self._closed.get(i, _own_closed(run)), touched=self._touched_at, now=now)
            unread = status.word in ("killed", "stopped") and self._has_unread_end(i, run, status)
            return status._replace(word="running", finished_at=None) if unread else status
        if i in self._closed:
            rests = quiet.read(self._rows.read(["quiet"], self._take[[i]])["quiet"][0])
            touched = {rest.writer: rest.touched for rest in rests}
            return self._document(i).status(*self._closed[i], touched=touched, now=now)
        word, error, end, seen_at = (self.column(name)[i : i + 1].tolist()[0] for name in STATUS)
        return Status("killed" if self._gone[i] else word, error, None if end != end else end, seen_at)

    def statuses(self, runs: Ints, *, now: float | None = None) -> Columns:
        """The columns of STATUS for some runs; NaN for the end of a run that has none."""
        columns = self._rows.read(STATUS, self._take[runs])
        columns["status"][self._gone[runs]] = "killed"
        for at in checked(np.flatnonzero(self._unsettled[runs]).tolist()):
            word, error, end, seen_at = self.status(int(runs[at]), now=now)
            columns["status"][at], columns["error"][at] = word, error
            columns["finished_at"][at], columns["seen_at"][at] = np.nan if end is None else end, seen_at
        return columns

    def _has_unread_end(self, i: int, run: RunState, status: Status) -> bool:
        """Whether a process that is gone wrote more than was read. The next refresh reads it."""
        if time.time() - status.seen_at > LOST_AFTER:
            return False
        current = self.source_of(i).current
        files = ((writer, current(run, writer)) for writer in run.writers if not writer.ended)
        return any(file is not None and file.size > writer.size for writer, file in files)

    def damaged(self, runs: Ints, words: Array) -> Array:
        """Damaged places in the files of some runs with these statuses, including the torn record of a process that is
        gone."""
        columns = self._rows.read(["damaged", "torn"], self._take[runs])
        for at, i in _places_among(self._open, runs):
            columns["torn"][at] = self._open[i].torn
        if known := self._rows.damage:
            texts = (len(known.get(number, ())) for number in self.numbers[runs].tolist())
            columns["damaged"] += np.fromiter(texts, np.int64, len(runs))
        return np.asarray(columns["damaged"] + (columns["torn"] & (words != "running") & (words != "lost")))

    @cached_property
    def _gone(self) -> Array:
        """The quiet runs of which this machine knows that their process is gone."""
        rows = self._rows.read(["quiet", "status"])
        gone: Array = (rows["quiet"][self._take] != "") & (rows["status"][self._take] == "lost")
        gone[[*self._open]] = False
        begin, texts = quiet.beginning_here(), rows["quiet"][self._take[gone]].tolist()
        gone[gone] = [text.startswith(begin) for text in texts]
        return gone

    @cached_property
    def unsettled(self) -> Array:
        """The runs whose rows need more than the tables: open runs, runs closed by an edit, and runs cut back by a
        resume."""
        return np.asarray(self.resumed | self._unsettled | self._gone)

    @cached_property
    def _unsettled(self) -> Array:
        """The runs whose status is not the one in their rows."""
        unsettled: Array = np.zeros(len(self), bool)
        unsettled[[*self._open, *self._closed]] = True
        return unsettled

    def open_runs(self) -> list[int]:
        return list(self._open)

    def _document(self, i: int) -> RunState:
        text = self._rows.read(["doc"], self._take[[i]])["doc"][0]
        return self._restored(self.ids[i], text)

    def _restored(self, id: str, text: str) -> RunState:
        run = RunState(id, "", 0)
        damage = self._rows.damage
        return run.read_document(text) if damage is None else documents.restored(run, text, damage)

    def reasons(self, i: int, writers: Sequence[WriterState]) -> list[str]:
        """What is damaged of run `i` with these writers, and why."""
        told = [reason for writer in writers for reason in writer.reasons()]
        of_rows = self._rows.damage.get(int(self.numbers[i]), {}) if self._rows.damage else {}
        return list(dict.fromkeys([*told, *of_rows.values()]))

    def state(self, i: int) -> RunState:
        """Run `i` with its writers, as far as it was folded."""
        return self._open.get(i) or self._document(i)

    def states(self, runs: Ints) -> list[RunState]:
        """Some runs with their writers, read at once."""
        texts = self._rows.read(["doc"], self._take[runs])["doc"].tolist()
        both = checked(zip(runs.tolist(), texts, strict=True))
        return [self._open.get(i) or self._restored(self.ids[i], text) for i, text in both]

    def fields(self, i: int) -> Fields:
        """The winning edit of each field of run `i`, from its own files or from outside."""
        winning: Fields = self.state(i).own_edits()
        for name, theirs in self.edits.get(self.ids[i], {}).items():
            winning[name] = state.newer(winning.get(name), theirs)
        return winning

    def highest_stamp(self, runs: Ints) -> int:
        """The highest stamp of params and edits of some runs."""
        outside = [stamp for i in runs.tolist() for stamp, _, _ in self.edits.get(self.ids[i], {}).values()]
        return int(max([0, *outside, *(writer.stamp for run in self.states(runs) for writer in run.writers)]))

    @cached_property
    def highest_edit(self) -> int:
        """The highest stamp of the repository's own edits."""
        return max((stamp for stamp, _, _ in self.edits.get("", {}).values()), default=0)

    @cached_property
    def tags(self) -> list[str]:
        return sorted({tag for text in set(self.column("tags")) for tag in json.loads(text)}, key=natural)

    @cached_property
    def experiments(self) -> list[str]:
        """Experiments that have runs, were added, or are active."""
        fields = {field: value for field, (_, _, value) in self.edits.get("", {}).items()}
        start = "experiment:"
        added = {field[len(start) :] for field, value in fields.items() if field.startswith(start) and value is True}
        active = fields.get("active_experiment")
        if isinstance(active, str):
            added.add(active)
        return sorted({"default", *added, *self.column("experiment")}, key=natural)

    # Params

    def as_rows(self, runs: Ints) -> Columns:
        """Some runs as an engine counts them."""
        return {"run": self.numbers[runs], "place": runs, **rows_at(self.counting, runs)}

    @cached_property
    def param_paths(self) -> list[tuple[str, ...]]:
        parts = stored(self.segments, "params")
        if self._others or self.remote:
            paths = engine.living(parts, "path", lambda rows: self.places.of_params(rows) >= 0)
        else:
            paths = set(engine.distinct(parts, ["path"])["path"].tolist())
        paths |= {SEPARATOR.join(path) for given in self.given.values() for path in given}
        return [tuple(path.split(SEPARATOR)) for path in sorted(paths, key=natural)]

    @cached_property
    def given(self) -> dict[int, dict[tuple[str, ...], Any]]:
        """The params that people gave to runs in edits from outside."""
        by_run = {}
        for id, fields in self.edits.items():
            given = {
                state.given_path(name): value for name, (_, _, value) in fields.items() if name.startswith("param:")
            }
            if given and id in self.index:
                by_run[self.index[id]] = given
        return by_run

    def params(
        self, paths: Collection[tuple[str, ...]] | None = None, runs: Ints | None = None
    ) -> tuple[Ints, list[str], list[str]]:
        """Rows of the params table: run, path (its parts joined by SEPARATOR), and value as JSON. With `runs`, the
        answer may omit other runs."""
        if paths is not None and not paths:
            return np.empty(0, np.int64), [], []
        among: dict[str, Collection[object]] = {}
        if paths is not None:
            among["path"] = [SEPARATOR.join(path) for path in paths]
        if runs is not None and len(runs) <= _SOME_RUNS:
            among["run"] = self.numbers[runs].tolist()
        alone = SEPARATOR.join(next(iter(paths))) if paths is not None and len(paths) == 1 else None
        names = ["segment", "run", "value"] if alone is not None else ["segment", "run", "value", "path"]
        rows = engine.read(stored(self.segments, "params"), names, among=among)
        owners = self.places.of_params(rows)
        keep = owners >= 0
        there = [alone] * int(keep.sum()) if alone is not None else rows["path"][keep].tolist()
        columns = owners[keep], there, rows["value"][keep].tolist()
        return self._with_given(*columns, paths) if self.given else columns

    def _with_given(
        self, runs: Ints, paths: list[str], values: list[str], wanted: Collection[tuple[str, ...]] | None
    ) -> tuple[Ints, list[str], list[str]]:
        """Rows of params plus the params that people gave, which replace recorded ones."""
        rows = {(run, path): value for run, path, value in checked(zip(runs.tolist(), paths, values, strict=True))}
        for run, given in self.given.items():
            for path, value in given.items():
                if wanted is None or path in wanted:
                    rows[run, SEPARATOR.join(path)] = state.dumps(value)
        return np.array([run for run, _ in rows], np.int64), [path for _, path in rows], list(rows.values())

    # Series

    @property
    def open_prefixes(self) -> list[str]:
        """The prefixes of open sources; "" stands for the repository's own logs."""
        return [SOURCES[place].prefix for place in self._sources]

    def names(self, prefix: str) -> list[str]:
        """The names of the series of one source."""
        if prefix not in self._named:
            mine = [segment for segment in self.segments if SOURCES[segment.number // NUMBERS].prefix == prefix]
            parts = stored(mine, "series")
            if self._others or self.remote:
                names = engine.living(parts, "name", lambda rows: self.places.of_series(rows) >= 0)
            else:
                names = set(engine.distinct(parts, ["name"])["name"].tolist())
            self._named[prefix] = sorted(names, key=natural)
        return self._named[prefix]

    @cached_property
    def metrics(self) -> frozenset[str]:
        """The names of the series of all sources."""
        return frozenset[str]().union(*map(self.names, self.open_prefixes))

    @cached_property
    def prefixes(self) -> list[str]:
        """The prefix of each run's source."""
        return [SOURCES[place].prefix for place in self.source.tolist()]

    @cached_property
    def contexts(self) -> list[str]:
        """The distinct contexts (JSON), up to a limit for offers and checks."""
        parts = stored(self.segments, "series")
        if self.remote:
            living = engine.living(parts, "context", lambda rows: self.places.of_series(rows) >= 0)
            return sorted(living, key=natural)[:_CONTEXTS]
        texts = set(engine.distinct(parts, ["context"], limit=_CONTEXTS)["context"].tolist())
        return sorted(texts, key=natural)

    def objects(
        self,
        runs: Collection[int] | None = None,
        *,
        kinds: Collection[str] | None = None,
        names: Collection[str] | None = None,
        at: int | None = None,
    ) -> Objects:
        """The media of these runs, names and kinds, or the media at one place of a file."""
        among: dict[str, Collection[object]] = {}
        if kinds is not None:
            among["kind"] = sorted(kinds)
        if names is not None:
            among["name"] = sorted(names)
        if at is not None:
            among["at"] = [at]
        if runs is not None and len(runs) <= _FEW_RUNS:
            among["run"] = self.numbers[list(runs)].tolist()
        return content.gather(self, among, runs)

    def source_of(self, i: int) -> Source:
        return self._sources[int(self.source[i])]

    def location(self, i: int, ordinal: int, at: int, length: int) -> Location:
        """The place of one value of a writer of run `i`."""
        if i not in self._written:
            folder = self.column("dir")[i]
            self._written[i] = folder, [(writer.id, writer.file) for writer in self.state(i).writers]
        folder, writers = self._written[i]
        return Location(self.ids[i], writers[ordinal][0], folder, writers[ordinal][1], at, length)

    def writer_order(self, i: int) -> list[tuple[float, str]]:
        text = self._rows.read(["starts"])["starts"][self._take[i]]
        return [(started, id) for started, id in json.loads(text)] if text else [(0.0, "")]

    def ordinals(self, runs: Array, writers: Array) -> Array:
        """The places of writers in the lists of their runs; -1 for those that no row of a run has yet. A database has
        their numbers instead."""
        if not self.remote or not len(self):
            return writers
        places = np.zeros(len(runs), np.int64)
        several = np.flatnonzero(self.writers[runs] > 1)
        for i in checked(ascending(runs[several]).tolist()):
            mine = several[runs[several] == i]
            numbers = {run_number(id): place for place, (_, id) in enumerate(self.writer_order(i))}
            places[mine] = [numbers.get(writer, -1) for writer in writers[mine].tolist()]
        return places

    def hidden(self, i: int) -> list[tuple[int, int, int]]:
        return (self._open.get(i) or self._document(i)).hidden()


def _first(pair: tuple[Any, object]) -> int:
    return -1 if pair[0] is None else pair[0]


def _number(edit: Stamped | None) -> float | None:
    value = None if edit is None else edit[2]
    return value if isinstance(value, float) and math.isfinite(value) else None


def _by_run(writers: Sequence[WriterState]) -> dict[str, Fields]:
    """The winning edits of `.aim/edits`, and of those that wait, by run ("" for the repository)."""
    edits: dict[str, Fields] = {}
    for writer in writers:
        for key, mine in writer.edits.items():
            run, _, name = key.rpartition(SEPARATOR)
            fields = edits.setdefault(run, {})
            fields[name] = state.newer(fields.get(name), mine)
    return edits


def _newest_first(created: Array, ids: Array) -> Ints:
    """The order of runs by their start, latest first; runs of one moment by id."""
    order: Ints = np.argsort(-created, kind="stable")
    equal = np.flatnonzero(np.diff(created[order]) == 0)
    tied = np.union1d(equal, equal + 1)
    order[tied] = sorted(order[tied].tolist(), key=lambda i: (-created[i], ids[i]))
    return order


def _places_among(wanted: Collection[int], runs: Ints) -> list[tuple[int, int]]:
    """Where each of the wanted runs is among some runs: (its position there, the run)."""
    if not wanted:
        return []
    at = np.flatnonzero(np.isin(runs, list(wanted)))
    return list(zip(at.tolist(), runs[at].tolist(), strict=True))


def _snapshot(run: RunState) -> RunState:
    """A copy that later folding does not change."""
    writers = [WriterState(**{**vars(writer), "names": {}, "params": []}) for writer in run.writers]
    return RunState(run.id, run.dir, run.since, run.dir_mtime, run.dir_inode, writers)


def _own_closed(run: RunState) -> tuple[Any, Any]:
    own = run.own_edits()
    return own["ended"][2] if "ended" in own else None, own["stop"][2] if "stop" in own else None


def seconds(ticks: Array) -> Array:
    """The time column as float seconds since 1970, exact for the times of this century."""
    return np.asarray(ticks / TICKS)
