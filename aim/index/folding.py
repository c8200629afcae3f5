"""Keeps a database up to date with the logs of a repository, and compares the two."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from aim import layout, regular
from aim.clickhouse.database import Database
from aim.engine import Columns
from aim.errors import AimError, EngineAway, EngineError
from aim.index.catalog import Catalog
from aim.index.filling import Filling
from aim.index.ints import Ints
from aim.index.partition import Progress
from aim.index.schema import RUNS
from aim.index.series import STATS, SeriesRows, gather
from aim.index.sources.table import SOURCES

EVERY_SECONDS = 1.0
_MOST = 1 << 10
# What a fold notes for itself, and what depends on when a row was made.
_OWN = ("segment", "since", "dir_mtime", "dir_inode", "doc", "seen_at", "status", "finished_at", "error", "starts")
_POINTS = ("step", "value", "time", "epoch")
_SUMS = ("sum", "sum_rest")
_ROUNDED = 1e-12
_AT_ONCE = 500_000


@contextmanager
def filling(
    aim_dir: Path, database: Database, *, progress: Progress | None = None, again: bool = False, away: bool = False
) -> Iterator[Filling]:
    """What folds a repository into a database. One process may at a time. `again`: into new tables. `away`: the
    database may be away for now."""
    with _alone(aim_dir) as repository:
        if again:
            database.make_again(repository)
        try:
            database.claim(repository)
        except EngineAway:
            if not away:
                raise
        filling = Filling(aim_dir, SOURCES[0], aim_dir, database, repository, progress=progress)
        with closing(filling.edits):
            yield filling


def name_of(aim_dir: Path) -> str | None:
    """The name by which a database knows the repository; "" before its first fold, None if this user cannot read it."""
    try:
        return regular.read(_name_file(aim_dir), most=_MOST).decode("ascii", "replace").strip()
    except FileNotFoundError:
        return ""
    except OSError:
        return None


def _name_file(aim_dir: Path) -> Path:
    return aim_dir / "server" / "engine"


@contextmanager
def _alone(aim_dir: Path) -> Iterator[str]:
    """The name by which a database knows the repository."""
    layout.server_folder(aim_dir)
    path = _name_file(aim_dir)
    fd = regular.lock_file(path)
    try:
        if not regular.lock(fd):
            raise EngineError(f"another process folds {aim_dir} into an engine: end it first. Its lock is {path}")
        identity = os.read(fd, _MOST).decode("ascii", "replace").strip()
        if not identity:
            identity = secrets.token_hex(16)
            os.write(fd, identity.encode() + b"\n")
        yield identity
    finally:
        os.close(fd)


def follow(filling: Filling, stopped: Event, tell: Callable[[str], None]) -> None:
    """Fold what is new each second until `stopped`. An engine that is away is asked again; `tell` hears it once. No
    other error ends this either: a later fold may succeed, and the logs have everything."""
    told = ""
    while not stopped.is_set():
        try:
            filling.refresh(again=bool(told))
            if told:
                tell("The engine answers again")
            told = ""
        except Exception as error:
            known = isinstance(error, (AimError, OSError))
            why = str(error) if known else f"a fault of Aim, {type(error).__name__}: {error}"
            if why != told:
                tell(f"Nothing reaches the engine; the logs have it, and it follows later: {why}")
            told = why
        stopped.wait(EVERY_SECONDS)


def differences(logs: Catalog, database: Catalog) -> Iterator[str]:
    """A sentence for each thing in which a database differs from the logs, to the last bit. Sums may differ by what was
    rounded: they depend on the order of adding."""
    missing, more = set(logs.ids) - set(database.ids), set(database.ids) - set(logs.ids)
    yield from (f"the run {id} is missing" for id in sorted(missing))
    yield from (f"the run {id} is not in the logs" for id in sorted(more))
    both = [id for id in logs.ids if id in database.index]
    mine, theirs = ([catalog.index[id] for id in both] for catalog in (logs, database))
    yield from _of_runs(logs, database, np.array(mine, np.int64), np.array(theirs, np.int64))
    for name in sorted({*logs.names(""), *database.names("")}):
        yield from _of_metric(logs, database, name)


def _of_runs(logs: Catalog, database: Catalog, mine: Ints, theirs: Ints) -> Iterator[str]:
    for name in RUNS:
        if name not in _OWN:
            here, there = logs.some([name], mine)[name], database.some([name], theirs)[name]
            for at in np.flatnonzero(~_same(here, there)).tolist():
                yield f"the run {logs.ids[mine[at]]} has another {name}"
    before, after = _params(logs), _params(database)
    for run, path in sorted(key for key in {*before, *after} if before.get(key) != after.get(key)):
        if run in logs.index and run in database.index:
            yield f"the run {run} has another param {path}"


def _params(catalog: Catalog) -> dict[tuple[str, str], str]:
    owners, paths, values = catalog.params()
    return {(catalog.ids[run], path): value for run, path, value in zip(owners.tolist(), paths, values, strict=True)}


def _of_metric(logs: Catalog, database: Catalog, name: str) -> Iterator[str]:
    mine, theirs = _keyed(logs, name), _keyed(database, name)
    for key in sorted({*mine[1]} ^ {*theirs[1]}):
        yield f"the series {name} {key[1]} of the run {key[0]} is in one of them only"
    keys = [key for key in mine[1] if key in theirs[1]]
    here, there = (rows.take(np.array([places[key] for key in keys], np.int64)) for rows, places in (mine, theirs))
    equal = {
        column: _same(here.columns[column], there.columns[column])
        for column in ("count", *(stat for stat in STATS if stat not in _SUMS and not stat.endswith("_writer")))
    }
    equal["sum"] = ~_sums_differ(here.columns, there.columns)
    right = np.logical_and.reduce(list(equal.values()))
    equal["points"] = np.ones(len(keys), bool)
    try:
        for start, stop in _batches(here.columns["count"]):
            if right[start:stop].all():
                equal["points"][start:stop] = ~_unlike(here, there, np.arange(start, stop))
    except EngineError as error:
        yield str(error)
    for at, key in enumerate(keys):
        if other := [column for column, same in equal.items() if not same[at]]:
            yield f"the series {name} {key[1]} of the run {key[0]} has another {', '.join(other)}"


def _sums_differ(here: Columns, there: Columns) -> Any:
    largest = np.fmax(np.abs(here["min"]), np.abs(here["max"]))
    scale = np.where(np.isfinite(largest), largest, np.finfo(np.float64).max / 1e300) * here["count"]
    sums, others = (columns["sum"] + columns["sum_rest"] for columns in (here, there))
    return ~_same(sums, others) & ~(np.abs(sums - others) <= _ROUNDED * np.fmax(scale, np.abs(sums)))


def _batches(counts: Ints) -> Iterator[tuple[int, int]]:
    start, total = 0, 0
    for at, count in enumerate(counts.tolist()):
        total += count
        if total >= _AT_ONCE:
            yield start, at + 1
            start, total = at + 1, 0
    yield start, len(counts)


def _unlike(here: SeriesRows, there: SeriesRows, rows: Ints) -> Any:
    mine, offsets = here.take(rows).points(_POINTS)
    theirs, _ = there.take(rows).points(_POINTS)
    wrong = np.logical_or.reduce([~_same(mine[name], theirs[name]) for name in _POINTS])
    return np.diff(np.concatenate(([0], np.cumsum(wrong)))[offsets]) > 0


def _keyed(catalog: Catalog, name: str) -> tuple[SeriesRows, dict[tuple[str, str], int]]:
    rows = gather(catalog, [name])
    keys = zip(
        (catalog.ids[run] for run in rows.columns["run"].tolist()), rows.columns["context"].tolist(), strict=True
    )
    return rows, {key: at for at, key in enumerate(keys)}


def _same(here: Any, there: Any) -> Any:
    """Equal to the last bit; NaN equals NaN."""
    if here.dtype == np.float64:
        return (here.view(np.int64) == there.view(np.int64)) | (np.isnan(here) & np.isnan(there))
    return here == there
