"""The part of the index that belongs to one source: the records read from its files, as segments in its own cache and
as a small live tail in memory."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from aim import engine
from aim.errors import LogError, StoreError
from aim.index import folders, sweep
from aim.index.cache import Cache
from aim.index.cache_folder import CacheFolder
from aim.index.fold import Pending
from aim.index.folders import Folder, Folders
from aim.index.ints import Ints
from aim.index.quiet import Process
from aim.index.rows import ORDER, Rows
from aim.index.schema import EDITS
from aim.index.segment import Segment, empty, newest_rows, rows_at, stored
from aim.index.sources.source import UNKNOWN, Batch, SourceFile, Stamp
from aim.index.sources.table import NUMBERS, SOURCES, SourceRow
from aim.index.state import RunState, WriterState
from aim.index.storage import Storage
from aim.index.sweep import Sweep, SweepNote, read_note

CHUNK_POINTS = 1_500_000
KEEP_FILES = 16
_PATIENT_BYTES = 32 << 20
_FEW = 256
_AT_ONCE = 512
# New folders are read into the index in slices, so that memory does not grow with their number.
SLICE_RUNS = 5_000
# The first slice of many is small, so that something can be shown at once.
FIRST_RUNS = 200
SLICE_BYTES = 256 << 20
# So many new folders are folded by several processes: each takes a third of a second to start.
SHARED_RUNS = 5_000

Progress = Callable[[int, int, str], None]


class Work(NamedTuple):
    run: RunState
    writer: WriterState
    file: SourceFile


class Partition:
    """`refresh` reads what is new. Then `segments` and `states` hold everything in the source."""

    def __init__(
        self,
        aim_dir: Path,
        row: SourceRow,
        folder: Path,
        heartbeats: dict[str, float],
        *,
        progress: Progress | None = None,
        storage: Storage | None = None,
        first: int | None = None,
    ) -> None:
        """`heartbeats` receives the last heartbeat of each writer whose file has it. `storage`: the cache on disk, if
        it is None. `first`: the number of its first segment."""
        self.source = row.open(folder)
        self.progress = progress
        self.number = SOURCES.index(row)
        self._storage = storage or Cache(CacheFolder(aim_dir, _cache_name(row, folder)), self.number)
        self.states: dict[str, RunState] = {}
        self.heartbeats = heartbeats
        self.stale = True
        self._loaded = False
        self._disk: list[Segment] = []
        self._frozen: list[Segment] = []
        self._pending = Pending(0)
        self._folders = Folders(empty("runs"), 0.0)
        self._listed = UNKNOWN
        self._sweep = Sweep()
        self._noted = 0.0
        self._unsure: tuple[str, ...] = ()
        self._moved: dict[str, RunState] = {}
        self._urgent = False
        self._first = self.number * NUMBERS + 1 if first is None else first
        self._shares = True
        self.waiting = 0
        # What was read of the runs tables; a catalog needs it too.
        self.rows = Rows([])

    def refresh(self, *, partly: bool = False) -> None:
        """Read what is new; `partly`: only the next slice of it. Afterwards `waiting` folders are left."""
        more = True
        while more:
            before = self.waiting
            if not self._loaded or self._storage.changed():
                self.load()
            if self.waiting >= SHARED_RUNS and self._shares:
                self._fold_shared(partly=partly)
            self._read_slice(self._changed())
            more = not partly and self.waiting > 0 and self.waiting != before
        self._leave_note()

    def _read_slice(self, work: list[Work]) -> None:
        size = _unread(work)
        lively = {item.run.dir for item in work if item.writer.length}
        if size >= _PATIENT_BYTES or self.waiting:
            self._fold_much(work)
        elif work:
            self._fold(work, size)
        self._rest(lively)
        self._keep()

    def read_again(self, folders: Iterable[str]) -> None:
        """Read some folders from their first byte, and those that were damaged when they were read: no time of a file
        tells that it was damaged, or restored, since."""
        self.load()
        table = engine.read(stored(self._disk, "runs"), ["segment", "id", "dir", "damaged"])
        columns = [table[name].tolist() for name in ("id", "dir", "damaged")]
        newest = {id: (name, places) for id, name, places in zip(*columns, strict=True)}
        damaged = {name for name, places in newest.values() if places}
        for name in damaged.union(name for name in folders if name in self._folders):
            self._forget(name)
            self._urgent = True
        if self._urgent:
            self.refresh()

    def on_disk(self) -> list[Segment]:
        return list(self._disk)

    def in_memory(self) -> list[Segment]:
        return [*self._frozen, *([self._pending.view()] if self._pending.runs else [])]

    def alive(self) -> dict[str, int]:
        """The existing runs, each with the number of the first segment that counts for it."""
        return {run: self.states[run].since if run in self.states else 0 for run in self._folders.runs()}

    def numbers(self) -> Ints:
        """The numbers of the existing runs."""
        return self._folders.numbers()

    def notes(self) -> list[str]:
        return self.source.notes(list(self.states.values()))

    def folders(self) -> int:
        """How many folders with runs are known, those that are `waiting` included."""
        return len(self._folders) - ("" in self._folders) + self.waiting

    # What the cache holds

    def load(self, *, believe: bool = True) -> None:
        """Start over from the manifest on disk, or from nothing."""
        self._loaded = self.stale = True
        self._disk = self._storage.load() if believe else []
        self._pending = Pending(max([segment.number + 1 for segment in self._disk], default=self._first))
        self._frozen, self.states, self._urgent = [], {}, False
        self._moved = {}
        rows = engine.read(stored(self._disk, "runs"), list(dict.fromkeys([*folders.COLUMNS, *ORDER])))
        self.rows = Rows(self._disk)
        self.rows.know(rows)
        # In the order of the table, as in memory: what is asked of all folders then takes a fraction of the time.
        newest = np.sort(newest_rows(rows["run"])[1])
        self._folders = Folders({name: rows[name][newest] for name in folders.COLUMNS}, time.time())
        self.waiting = 0
        self._take_note()

    def _take_note(self) -> None:
        """What another process left that checked every folder just now."""
        note = read_note(self._storage.noted()) if self._disk else None
        self._listed, self._unsure = (UNKNOWN, ()) if note is None else (note.listing, ("", *note.but))
        self._sweep = Sweep() if note is None else Sweep(note.complete, note.listing)
        self._noted = self._sweep.complete

    def _leave_note(self) -> None:
        """For processes that begin now: this one has just checked every folder of many."""
        complete, listing = self._sweep.complete, self._sweep.listing
        new = complete != self._noted and time.time() - complete < sweep.PERIOD
        if not new or UNKNOWN in (listing, self._listed) or len(self._folders) <= sweep.FEW:
            return
        self._noted = complete
        but = self._folders.unlike_rows()
        if len(but) <= sweep.FEW:
            self._storage.note(SweepNote(complete, listing, tuple(but)).written())

    def _recall(self, names: Iterable[str]) -> None:
        """Restore the states of all runs in some folders from the newest segments that have them, with one read."""
        known = [folder for name in names if (folder := self._folders.get(name)) is not None]
        wanted = {run for folder in known for run in folder.runs} - set(self.states)
        if not wanted:
            return
        columns = ["id", "dir", "since", "dir_mtime", "dir_inode", "doc"]
        among = {"id": sorted(wanted)} if len(wanted) <= _FEW else None
        table = engine.read(stored([*self._disk, *self._frozen], "runs"), columns, among=among)
        newest = {id: i for i, id in enumerate(table["id"].tolist()) if id in wanted}
        for id, i in newest.items():
            _, folder, since, changed, inode, text = (table[name][i] for name in columns)
            with suppress(ValueError, TypeError):
                self.states[id] = RunState(id, folder, int(since), int(changed), int(inode)).read_document(text)

    # What changed

    def _changed(self) -> list[Work]:
        """The files with unread bytes."""
        work: list[Work] = []
        due = self._due()
        there = self.source.stamps(due)
        for name in [name for name in due if name not in there] if len(there) < len(due) else ():
            self._forget(name)
        changed = self._folders.changed(there)
        self._wake({name for name, rest in self._folders.quiet(there) if not self.source.rests(name, rest)})
        open_ones = [*changed, *(name for name in self._folders.watched if name in there and name not in changed)]
        self._recall(open_ones)
        size = 0
        for name in open_ones:
            if size >= SLICE_BYTES and name and name not in self._folders:
                self._listed, self.waiting = UNKNOWN, self.waiting + 1
                continue
            before = len(work)
            if name in changed or not self._grown(self._folders.get(name), work):
                self._examine(name, Stamp(*there[name]), work)
            size += _unread(work[before:])
        return work

    def _wake(self, names: Iterable[str]) -> None:
        """Watch folders in which a quiet run goes on."""
        for name in names:
            folder = self._folders.get(name)
            assert folder is not None
            self._folders[name] = folder._replace(ended=False, rests=())
            for run in (self.states[id] for id in folder.runs if id in self.states):
                run.rests = []
            self.stale = True

    def _rest(self, lively: Collection[str]) -> None:
        """Stop watching the folders of runs that became quiet. `lively`: those where a file has just grown."""
        now, gone = time.time(), set[Process]()
        for name in [name for name in self._folders.watched if name and name not in lively]:
            folder = self._folders.get(name)
            runs = [self.states.get(id) for id in folder.runs] if folder is not None else []
            if folder is None or folder.stamp == UNKNOWN or not all(runs):
                continue
            known = [run for run in runs if run is not None]
            rests = {run.id: run.resting(self.heartbeats, now, gone) for run in known if not run.ended}
            if rests and all(rests.values()):
                self._folders[name] = folder._replace(
                    ended=True, rests=tuple(rest for some in rests.values() for rest in some)
                )
                for run in known:
                    run.rests = rests.get(run.id, [])
                    self._touch(run)
                self._urgent = True

    def _due(self) -> Collection[str]:
        """The folders to check, each once: some, those that may change at any moment, and new ones."""
        listing, moved = self.source.listing(), False
        same = listing == self._listed != UNKNOWN
        new: list[str] = []
        if not same:
            names = self.source.names()
            new = self._folders.unknown(names)
            gone = set(self._folders).difference(names) if len(names) - len(new) < len(self._folders) else ()
            for name in gone:
                self._forget(name)
            # Only a change of what is in a folder gives the folder above it a new time.
            moved = self._listed != UNKNOWN and not any(new) and not gone
            most = self._at_once(len(new)) + new.count("")
            new, later = new[:most], new[most:]
            self._listed, self.waiting = UNKNOWN if later else listing, len(later)
        unsure, self._unsure = self._unsure, ()
        due = self._sweep.due(self._folders, time.time(), self._listed, every=moved)
        return dict.fromkeys(chain(due, unsure, self._folders.watched, new))

    def _at_once(self, new: int) -> int:
        """How many of so many new folders this process reads next."""
        if new <= SLICE_RUNS or not len(self._folders):
            return new if new <= SLICE_RUNS else FIRST_RUNS
        return 0 if self._shares and new >= SHARED_RUNS else SLICE_RUNS

    def _grown(self, known: Folder | None, work: list[Work]) -> bool:
        """Check the files that may still grow. Returns False if the folder is not as expected."""
        grown: list[Work] = []
        for run_id in known.runs if known else ():
            run = self.states.get(run_id)
            if run is None or not all(writer.ended or self._look_at(run, writer, grown) for writer in run.writers):
                return False
        work += grown
        return True

    def _look_at(self, run: RunState, writer: WriterState, work: list[Work]) -> bool:
        file = self.source.current(run, writer)
        if file is None:
            return False
        if file.heartbeat is not None:
            self.heartbeats[writer.id] = file.heartbeat
        if file.size != writer.size:
            work.append(Work(run, writer, file))
        return True

    def _examine(self, name: str, stamp: Stamp, work: list[Work]) -> None:
        """Compare every file of a folder with what was read from it."""
        before = len(work)
        files: dict[str, list[SourceFile]] = {}
        for file in self.source.files(name):
            files.setdefault(file.run, []).append(file)
        known = self._folders.get(name)
        for run_id in set(known.runs if known else ()) - set(files):
            self._drop(run_id)
        runs = [self._examine_run(run_id, name, stamp, mine, work) for run_id, mine in files.items()]
        waiting = {item.run.id for item in work[before:]}
        ended = bool(runs) and all(run.ended and run.id not in waiting for run in runs)
        self._folders[name] = Folder(stamp, tuple(run.id for run in runs), ended)

    def _examine_run(self, run_id: str, name: str, stamp: Stamp, files: list[SourceFile], work: list[Work]) -> RunState:
        run = self.states.get(run_id)
        by_id = {file.writer: file for file in files}
        held = run is not None and all(w.id in by_id and self.source.holds(w, by_id[w.id]) for w in run.writers)
        if run is None or run.dir != name or not held:
            self._drop(run_id)
            run = self.states[run_id] = RunState(run_id, name, self._pending.number)
        run.rests = []
        before = len(work)
        for file in files:
            self._take_file(run, file, work)
        if (run.dir_mtime, run.dir_inode) != stamp:
            run.dir_mtime, run.dir_inode = stamp
            if len(work) == before and stamp != UNKNOWN:
                self._moved[run.id] = run
        return run

    def _take_file(self, run: RunState, file: SourceFile, work: list[Work]) -> None:
        writer = run.writer(file.writer)
        new = writer is None
        if writer is None:
            writer = WriterState(file.writer, file.name)
            run.writers.append(writer)
        if not writer.ended and file.heartbeat is not None:
            self.heartbeats[writer.id] = file.heartbeat
        if new or file.size != writer.size:
            work.append(Work(run, writer, file))
        writer.file = file.name

    def _forget(self, name: str) -> None:
        known = self._folders.pop(name)
        for run_id in known.runs if known else ():
            self._drop(run_id)

    def _drop(self, run_id: str) -> None:
        self._pending.forget(run_id)
        self.states.pop(run_id, None)
        self._moved.pop(run_id, None)
        self.stale = True

    # Folding

    def _fold_much(self, work: list[Work]) -> None:
        with self._storage.alone():
            if self._storage.changed():
                self.load()
                work = self._changed()
            self._fold(work, _unread(work), alone=True)

    def _fold_shared(self, *, partly: bool) -> None:
        """Let other processes fold the new folders; `partly`: the next of them. What they leave is read here."""
        helpers = self._storage.helpers()
        with self._storage.alone():
            if self._storage.changed():
                self.load()
            new = [name for name in self._folders.unknown(self.source.names()) if name]
            with self._storage.writing(alone=True) as held:
                count = helpers * SLICE_RUNS if partly else len(new)
                self._shares = held and helpers > 1 and not self._frozen and self._take_shares(new, count)

    def _take_shares(self, new: Sequence[str], count: int) -> bool:
        """Take what other processes fold of the first of the new folders. False if they fold nothing."""
        left, self.waiting = len(new), len(new)
        more = left - count >= SHARED_RUNS
        with closing(self._storage.shared(self._disk, new[:count], self._pending.number, more=more)) as shares:
            for share in shares:
                self._disk, self.stale = share.segments, True
                self._pending.postpone(share.next)
                rows = engine.read(stored(share.new, "runs"), folders.COLUMNS)
                self._folders.add(rows_at(rows, newest_rows(rows["run"])[1]), time.time())
                self.waiting -= share.folders
                self._tell(self.folders() - self.waiting, 0.0)
        return self.waiting < left or not new

    def _fold(self, work: list[Work], size: int, *, alone: bool = False) -> None:
        tell = self._teller(size, len({item.run.dir for item in work if item.run.dir}))
        self._urgent |= sum(not item.writer.length for item in work) >= KEEP_FILES
        done = 0
        for start in range(0, len(work), _AT_ONCE):
            batch = work[start : start + _AT_ONCE]
            done, rest = self._fold_together(batch, done)
            for item in rest:
                begun, ended = item.writer.length, item.writer.ended
                for _ in self._fold_writer(item):
                    self._flush_full(alone=alone)
                    tell(done + item.writer.length - begun)
                done += item.file.size - begun
                self._urgent |= item.writer.ended and not ended
            self._flush_full(alone=alone)
            tell(done)
        for name in {item.run.dir for item in work}:
            known = self._folders.get(name)
            if known is not None:
                ended = all(id not in self.states or self.states[id].ended for id in known.runs)
                self._folders[name] = known._replace(ended=ended, rests=())
        for run in self.source.related(self.states.values()) if work else ():
            self._touch(run)

    def _teller(self, size: int, folders: int) -> Callable[[int], None]:
        """Takes how many of these bytes, which are in these folders, were read, and reports it."""
        before = self.folders() - self.waiting - folders

        def tell(done: int) -> None:
            self._tell(before, folders * min(1.0, done / max(size, 1)), ended=done >= size)

        return tell if size >= _PATIENT_BYTES or self.waiting or before else lambda done: None

    def _tell(self, read: int, more: float, *, ended: bool = True) -> None:
        """Report that so many folders were read, and `more` in part."""
        if self.progress is not None:
            total = self.folders()
            share = 1000 if ended and not self.waiting else min(999, int(1000 * (read + more) / max(total, 1)))
            self.progress(share, 1000, f"indexing {read + int(more):,} of {total:,} runs")

    def _fold_together(self, batch: list[Work], done: int) -> tuple[int, list[Work]]:
        """Read the files that are read together into the pending segment. Returns the bytes that are `done` now, and
        the other files."""
        rest: list[Work] = []
        begun = [(item.writer.length, item.writer.ended) for item in batch]
        parts = self.source.together([(item.writer, item.file) for item in batch])
        for item, part, (length, ended) in zip(batch, parts, begun, strict=True):
            if part is None:
                rest.append(item)
                continue
            self._take(item, part)
            self._urgent |= item.writer.ended and not ended
            item.writer.size, item.writer.mtime = max(item.file.size, item.writer.length), item.file.mtime
            done += item.file.size - length
        return done, rest

    def _fold_writer(self, item: Work) -> Iterator[None]:
        """Read the rest of a file into the pending segment, part by part."""
        self._touch(item.run)
        try:
            for part in self.source.read(*item):
                self._take(item, part)
                yield
        except StoreError as error:
            item.writer.give_up(error)
            # Then it is read again.
            item.writer.size = 0
            return
        except OSError:
            return
        except LogError as error:
            item.writer.give_up(error)
        item.writer.size, item.writer.mtime = max(item.file.size, item.writer.length), item.file.mtime

    def _take(self, item: Work, part: Batch) -> None:
        self.stale = True
        self._pending.add(item.run, item.writer, part.stretches, only_points=part.only_points)
        if part.media:
            self._pending.add_objects(item.run, item.writer, part.media)

    def _flush_full(self, *, alone: bool) -> None:
        if self._pending.weight >= CHUNK_POINTS:
            self._flush(alone=alone)

    def _touch(self, run: RunState) -> None:
        self._pending.touch(run)
        self.stale = True

    # Keeping

    def _keep(self) -> None:
        """Keep what was folded if it is worth it: a run ended, or many runs, files or points are new."""
        if self._moved and not self._frozen:
            with self._storage.writing() as held:
                if held:
                    self._restamp()
        if self._storage.is_due(self._pending, self._gone(), urgent=self._urgent):
            self._flush()
        self._urgent = False

    def _gone(self) -> set[str]:
        """The runs that are gone since the last segment."""
        return self._pending.gone - self.states.keys()

    def _restamp(self) -> None:
        moved = [run for id, run in self._moved.items() if id not in self._pending.runs]
        self._disk, stamped = self._storage.restamp(self._disk, moved)
        self._let_go(run for run in moved if run.id in stamped)
        for run in moved:
            if run.id not in stamped:
                self._touch(run)
                self._urgent |= run.ended
        self._moved, self.stale = {}, True

    def _flush(self, *, alone: bool = False) -> None:
        """Move pending records into a segment: into the storage if this process may write there now, else in memory."""
        with self._storage.writing(alone=alone) as held:
            if held and not self._frozen:
                segment, runs = self._pending.segment(), self._pending.runs
                if (kept := self._storage.add(self._disk, segment, runs, self._gone())) is not None:
                    self._disk = kept
                    self._next()
                    if not self.waiting:
                        self._disk = self._storage.compact(self._disk, self.alive())
                    return
        if self._pending.full:
            self._frozen.append(self._pending.segment())
            self._next()

    def _next(self) -> None:
        """Forget the pending records after they are in a segment, and the states of runs to which nothing writes."""
        self._let_go(self._pending.runs.values())
        self._pending = Pending(self._pending.number + 1)

    def _let_go(self, runs: Iterable[RunState]) -> None:
        for run in runs:
            if not run.open and run.id != EDITS:
                self.states.pop(run.id, None)


def _unread(work: Iterable[Work]) -> int:
    return sum(item.file.size - item.writer.length for item in work)


def _cache_name(row: SourceRow, folder: Path) -> str:
    """The name of a cache folder inside the repository's cache; "" for the repository's own logs."""
    if not row.prefix:
        return ""
    return f"{row.name}-{hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:16]}"
