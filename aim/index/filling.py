"""Folds a source into a database that others read: the rows of a segment go into its tables instead of into files.

    fold = note its number, points, statistics, media, params, runs, note that it is done

What a run's row says was folded is in the tables before. A fold that was killed is done again from there, with the same
keys, so that its rows replace themselves.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from aim.clickhouse import folds
from aim.clickhouse.database import Database
from aim.clickhouse.schema import CHUNK_SHIFT, TABLES
from aim.clickhouse.table import DistantTable
from aim.engine import Columns
from aim.index.fold import Pending, statistics
from aim.index.ints import ascending
from aim.index.partition import Partition, Progress
from aim.index.restarts import GAP, LOST_SECONDS, Restarts
from aim.index.schema import run_number
from aim.index.segment import Segment, begins, column, rows_at
from aim.index.series import codes, combine
from aim.index.sources.table import SourceRow
from aim.index.state import RunState
from aim.index.storage import Storage
from aim.index.waiting import EditArrivals
from aim.index.words import Words

Array = npt.NDArray[Any]
HEARTBEAT_SECONDS = 5.0
# In place of a writer: the process that folds.
FOLDER = ""
_GROUP = ("series", "writer", "chunk")
_KEY = TABLES["series"].key


class Filling:
    """`refresh` reads what is new, and returns when it is in the database."""

    def __init__(
        self,
        aim_dir: Path,
        row: SourceRow,
        folder: Path,
        database: Database,
        repository: str,
        *,
        progress: Progress | None = None,
    ) -> None:
        """`repository`: the name by which the database knows it."""
        self.database = database
        self._heartbeats: dict[str, float] = {}
        self.edits = EditArrivals(aim_dir, database)
        self._storage = DatabaseStorage(
            database, repository, place=f"{aim_dir.parent.absolute()} on {socket.gethostname()}"
        )
        self._partition = Partition(aim_dir, row, folder, self._heartbeats, progress=progress, storage=self._storage)
        self._restarts = Restarts(database)
        self._loaded = False
        self._told: dict[str, float] = {}
        self._told_at = 0.0

    def refresh(self, *, again: bool = False) -> None:
        """`again`: start over from what the database has."""
        if again or not self._loaded:
            self._partition.load()
            self._loaded, self._restarts = True, Restarts(self.database)
        restarted = self._restarts.news()
        self.edits.bring()
        if restarted:
            self._fold_again()
        self._partition.refresh()
        self.edits.settle()
        if restarted:
            self.database.say(restarted)
        if time.monotonic() - self._told_at >= HEARTBEAT_SECONDS:
            self._tell_heartbeats()

    def _fold_again(self) -> None:
        """Read what the database may have lost from its first byte."""
        folders = folds.latest_folders(self.database, LOST_SECONDS)
        self._storage.gap = GAP
        try:
            self._partition.read_again(folders)
        finally:
            self._storage.gap = 0
        self._restarts.free(folders)

    def _tell_heartbeats(self) -> None:
        """When the files of writers that have not ended last changed, which the rest of the world cannot see, and that
        this process folds."""
        self._told_at = time.monotonic()
        states = self._partition.states.values()
        open_writers = (writer.id for run in states for writer in run.writers if not writer.ended)
        heard = {writer: self._heartbeats[writer] for writer in open_writers if writer in self._heartbeats}
        changed = {writer: at for writer, at in heard.items() if self._told.get(writer) != at}
        changed[FOLDER] = time.time()
        columns = {"writer": column(list(changed), "VARCHAR"), "at": np.array(list(changed.values()), np.float64)}
        self.database.insert("heartbeats", columns)
        self._told = heard


class DatabaseStorage(Storage):
    """A database is one segment, and each fold is written to it at once. It merges its parts itself, and all runs whose
    folder has another stamp get new rows."""

    def __init__(self, database: Database, repository: str, *, place: str) -> None:
        """`place`: where the repository is, for people."""
        self._database = database
        self._repository = repository
        self._place = place
        # The next fold has a number that is higher by so many.
        self.gap = 0
        self._open, self._words = _OpenChunks(database), Words(database)
        # The params of each run that has not ended, and the fold that wrote their rows.
        self._params: dict[str, tuple[str, int]] = {}

    def load(self) -> list[Segment]:
        self._database.claim(self._repository, self._place)
        self._open, self._words, self._params = _OpenChunks(self._database), Words(self._database), {}
        number = folds.begun(self._database) + self.gap
        return [remote_segment(self._database, number)] if number else []

    def is_due(self, pending: Pending, gone: Collection[str], *, urgent: bool) -> bool:
        return bool(pending.runs or gone)

    def add(
        self, segments: Sequence[Segment], new: Segment, runs: Mapping[str, RunState], gone: Collection[str]
    ) -> list[Segment]:
        """Everything may be done again if it fails in the middle."""
        number, tables = new.number, new.memory
        by_number = {run.number: run for run in runs.values()}
        self._note(number, done=False)
        if len(tables["points"]["step"]):
            points = _points(tables, by_number)
            self._database.insert("points", points)
            self._database.insert("series", self._open.take(points, tables["series"], by_number))
        self._database.insert("objects", _objects(tables["objects"], by_number))
        given = self._given(tables["runs"], number)
        changed = [runs[id].number for id, (_, at) in given.items() if at == number]
        params = rows_at(tables["params"], np.isin(tables["params"]["run"], changed))
        self._database.insert("params", params)
        states = {runs[id].number: {"series": runs[id].since, "params": at} for id, (_, at) in given.items()}
        lost = {run_number(id) for id in gone}
        self._words.take({"series": tables["series"], "params": params}, states, lost, number)
        at = np.array([given[id][1] for id in tables["runs"]["id"].tolist()], np.int32)
        own: Columns = {"params_at": at, "alive": np.ones(len(at), np.uint8)}
        own["folded_at"] = np.full(len(at), time.time())
        self._database.insert("runs", {**tables["runs"], **own})
        self._free(gone, number)
        self._words.settle(number)
        self._note(number, done=True)
        self._params.update((id, some) for id, some in given.items() if not runs[id].ended)
        return [remote_segment(self._database, number)]

    def _note(self, number: int, *, done: bool) -> None:
        values = {"done": [int(done)], "number": [number], "at": [time.time()]}
        self._database.insert("folds", {name: np.array(value) for name, value in values.items()})

    def _given(self, rows: Columns, number: int) -> dict[str, tuple[str, int]]:
        """The params of each run, and the fold that wrote their rows: this one if they changed."""
        given = {}
        for id, params in zip(rows["id"].tolist(), rows["params"].tolist(), strict=True):
            before = self._params.get(id, ("", 0))
            given[id] = before if before[0] == params else (params, number)
        return given

    def _free(self, gone: Collection[str], number: int) -> None:
        """Note which runs are gone, and free their rows."""
        if gone:
            self._database.insert("runs", _gone(sorted(gone), number))
            folds.free(self._database, [run_number(id) for id in sorted(gone)])


class _OpenChunks:
    """The statistics of the last chunk of each writer: its rows are written again when the chunk grows."""

    def __init__(self, database: Database) -> None:
        # What is in the table that is written last is in both.
        written = {"runs": "runs", "series": TABLES["series"].by_run}
        self._tables = {name: DistantTable(database.client, table) for name, table in written.items()}
        self._earlier: set[int] | None = None
        self._rows: dict[int, Columns] = {}

    def take(self, points: Columns, series: Columns, runs: Mapping[int, RunState]) -> Columns:
        """The rows of the chunks that have these points, with what was in them before."""
        self._recall(runs)
        lengths = {run_number(writer.id): writer.length for run in runs.values() for writer in run.writers}
        held = [self._rows[writer] for writer in lengths if writer in self._rows]
        rows = _described(points, series, _uptos(held))
        if held:
            rows = _merged([*held, rows])
        length = np.array([lengths.get(writer, 0) for writer in rows["writer"].tolist()], np.int64)
        rows["upto"] = np.maximum(rows["upto"], length)
        for writer in lengths:
            self._rows.pop(writer, None)
        growing = np.array([not runs[run].ended for run in rows["run"].tolist()], bool)
        self._hold(rows_at(rows, growing & (rows["chunk"] >= length >> CHUNK_SHIFT)))
        return rows

    def _hold(self, rows: Columns) -> None:
        for writer in ascending(rows["writer"]).tolist():
            self._rows[writer] = rows_at(rows, rows["writer"] == writer)

    def _recall(self, runs: Mapping[int, RunState]) -> None:
        """Read what an earlier process wrote of these runs. It may have been killed before it noted how far it was."""
        if self._earlier is None:
            self._earlier = set(self._tables["runs"].read(["run"], {})["run"].tolist())
        asked = sorted(self._earlier.intersection(runs))
        self._earlier.difference_update(asked)
        rows = self._tables["series"].read(list(TABLES["series"].columns), {"run": asked})
        since = np.array([runs[run].since for run in rows["run"].tolist()], np.int64)
        self._hold(rows_at(rows, rows["since"] == since))


def remote_segment(database: Database, number: int) -> Segment:
    """All rows of a database, as one segment."""
    tables = ("runs", "params", "series", "points", "objects")
    return Segment(number, 0, remote={name: DistantTable(database.client, name) for name in tables})


def _of_writers(rows: Columns, runs: Mapping[int, RunState], owners: Array) -> Array:
    """The numbers of the writers that rows name by their places in the run's list."""
    numbers = {run: [run_number(writer.id) for writer in state.writers] for run, state in runs.items()}
    begin = np.cumsum([0, *map(len, numbers.values())])[:-1]
    order = np.argsort(list(numbers))
    at = order[np.searchsorted(np.array(list(numbers), np.int64)[order], owners)]
    every = np.array([number for some in numbers.values() for number in some], np.int64)
    return np.asarray(every[begin[at] + rows["writer"]])


def _of_series(series: Columns, runs: Mapping[int, RunState]) -> Columns:
    """The columns that name each series."""
    contexts = {text: run_number(text) for text in set(series["context"].tolist())}
    return {
        "name": series["name"], "run": series["run"], "context": series["context"],
        "ctx": np.array([contexts[text] for text in series["context"].tolist()], np.int64),
        "since": np.array([runs[run].since for run in series["run"].tolist()], np.int32),
    }  # fmt: skip


def _points(tables: Mapping[str, Columns], runs: Mapping[int, RunState]) -> Columns:
    points, at = dict(tables["points"]), tables["points"]["series"]
    named = _of_series(tables["series"], runs)
    points["writer"] = _of_writers(points, runs, named["run"][at])
    return {**points, **{name: named[name][at] for name in ("name", "run", "ctx", "since")}}


def _objects(objects: Columns, runs: Mapping[int, RunState]) -> Columns:
    since = np.array([runs[run].since for run in objects["run"].tolist()], np.int32)
    writer = _of_writers(objects, runs, objects["run"]) if len(since) else objects["writer"]
    return {**objects, "since": since, "writer": writer}


def _described(points: Columns, series: Columns, uptos: Mapping[tuple[Any, ...], int]) -> Columns:
    """The statistics of the points of each series, writer and chunk, without the points below `uptos`."""
    chunk = points["offset"] >> CHUNK_SHIFT
    order = np.lexsort((points["offset"], points["step"], chunk, points["writer"], points["series"]))
    points = rows_at({**points, "chunk": chunk}, order)
    begin = begins(*(points[name] for name in _GROUP))
    if uptos:
        keys = zip(*(points[name][begin].tolist() for name in _KEY), strict=True)
        known = np.array([uptos.get(key, -1) for key in keys], np.int64)
        new = points["offset"] >= np.repeat(known, np.diff(begin, append=len(order)))
        points = rows_at(points, new)
        begin = begins(*(points[name] for name in _GROUP))
    rows = statistics(points, begin, np.diff(begin, append=len(points["step"])))
    rows.update({name: points[name][begin] for name in _KEY})
    rows["context"] = series["context"][points["series"][begin]]
    rows["upto"] = np.zeros(len(begin), np.int64)
    return {name: rows[name] for name in TABLES["series"].columns}


def _uptos(held: Sequence[Columns]) -> dict[tuple[Any, ...], int]:
    uptos: dict[tuple[Any, ...], int] = {}
    for rows in held:
        keys = zip(*(rows[name].tolist() for name in _KEY), strict=True)
        uptos.update(zip(keys, rows["upto"].tolist(), strict=True))
    return uptos


def _merged(parts: Sequence[Columns]) -> Columns:
    """The rows of all parts, with one for each key."""
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    names = codes(rows["name"])
    order = np.lexsort((rows["chunk"], rows["writer"], rows["since"], rows["ctx"], rows["run"], names))
    rows = rows_at(rows, order)
    first = begins(*(rows[name] for name in _KEY))
    rows.update(first_writer=rows["writer"], last_writer=rows["writer"])
    part_of = np.repeat(np.arange(len(first)), np.diff(first, append=len(order)))
    columns = rows_at(rows, first)
    columns["upto"] = np.maximum.reduceat(rows["upto"], first)
    combine(columns, rows, part_of, first, lambda run, writer: writer)
    return {name: columns[name] for name in TABLES["series"].columns}


def _gone(ids: Sequence[str], number: int) -> Columns:
    """Rows that say that runs are gone."""
    given = {"id": ids, "run": [run_number(id) for id in ids], "segment": [number] * len(ids)}
    columns: Columns = {}
    for name, kind in TABLES["runs"].columns.items():
        empty = "" if "String" in kind else 0
        columns[name] = column(given.get(name, [empty] * len(ids)), "VARCHAR" if "String" in kind else "DOUBLE")
    return {**columns, "run": np.array(given["run"], np.int64)}
