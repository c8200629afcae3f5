"""Brings the index up to date with the logs: look at what changed, fold it, keep small live tails in memory, write the
rest."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import NamedTuple, TypeVar

from aim.engine import EngineError
from aim.errors import LogError
from aim.index import compact, objects, scan
from aim.index.catalog import Catalog
from aim.index.content import LogReader, Reader
from aim.index.fold import Pending
from aim.index.parse import parse
from aim.index.scan import Place, Source
from aim.index.schema import EDITS
from aim.index.segment import Segment, read
from aim.index.state import RunState, WriterState
from aim.index.store import Store
from aim.log import reader, record
from aim.log.record import Record

CHUNK_POINTS = 1_500_000
KEEP_POINTS = 100_000
KEEP_RUNS = 64
KEEP_FILES = 16
_PATIENT_BYTES = 32 << 20
_PATIENCE = 20.0
_FEW = 256
RACY = Place(-1, -1)
_REMEMBERED = 200

Progress = Callable[[int, int, str], None]
T = TypeVar("T")


class Dir(NamedTuple):
    """A run folder as the index knows it. `ended`: every writer in it wrote its END, so its files do not change any
    more."""

    place: Place
    runs: tuple[str, ...]
    ended: bool

    def settled(self, place: Place) -> bool:
        return self.ended and self.place == place


class Work(NamedTuple):
    run: RunState
    writer: WriterState
    source: Source


class Index:
    """The index of one repository. `refresh()` gives a catalog of everything that is in the logs at this moment."""

    def __init__(
        self,
        aim_dir: Path,
        *,
        progress: Progress | None = None,
        cache: str = "",
        first: int = 1,
        beside: Index | None = None,
    ) -> None:
        """`cache` names a cache folder of its own within that of the repository, `first` the number of its first
        segment. What the index `beside` finds is in the catalogs of this one too."""
        self.aim_dir = aim_dir
        self.progress = progress
        self.store = Store(aim_dir, cache)
        self._first = first
        self._parts = [self] if beside is None else [self, beside]
        self.reader: Reader = LogReader(aim_dir / "runs")
        self.revision = 0
        self._lock = RLock()
        self._loaded = False
        self._disk: list[Segment] = []
        self._frozen: list[Segment] = []
        self._pending = Pending()
        self._number = 0
        self._dirs: dict[str, Dir] = {}
        self._states: dict[str, RunState] = {}
        self._touched_at: dict[str, float] = {}
        self._changes: list[tuple[int, frozenset[str]]] = []
        self._remembered = 0
        self._stale = True
        self._catalog: Catalog | None = None
        self._urgent = False
        self._begun = self._finished = 0

    def refresh(self) -> Catalog:
        """What another thread looked up counts here too, if it began to look after this one had asked."""
        asked = self._begun
        with self._lock:
            if self._finished > asked and self._catalog is not None:
                return self._catalog
            self._begun += 1
            try:
                catalog = self._refresh()
            except EngineError:
                catalog = self.reload()
            self._finished = self._begun
            return catalog

    def reload(self) -> Catalog:
        """Start over after a segment could not be read: from the manifest that is there now, else from the logs
        alone."""
        with self._lock:
            try:
                self._reload()
                catalog = self._refresh()
                catalog.probe()
                return catalog
            except EngineError:
                self._reload(believe=False)
                return self._refresh()

    def ask(self, question: Callable[[Catalog], T]) -> T:
        """The answer from the catalog of this moment. Segments are read while a question is answered, and another
        process may remove one meanwhile; the question is then asked again."""
        try:
            return question(self.refresh())
        except EngineError:
            return question(self.reload())

    def _reload(self, *, believe: bool = True) -> None:
        self._catalog = None
        for part in self._parts:
            part._load(believe=believe)

    def changes(self, since: int) -> frozenset[str] | None:
        """The ids of runs that changed after a revision; None when that is not known any more."""
        with self._lock:
            if not self._remembered <= since <= self.revision:
                return None
            return frozenset().union(*(runs for revision, runs in self._changes if revision > since))

    def _refresh(self) -> Catalog:
        for part in self._parts:
            part._follow()
        if self._catalog is None or any(part._stale for part in self._parts):
            self._publish()
        assert self._catalog is not None
        return self._catalog

    def _follow(self) -> None:
        """Fold what is new."""
        if not self._loaded or self.store.changed():
            self._load()
        work = self._look()
        size = sum(one.source.size - one.writer.length for one in work)
        if size >= _PATIENT_BYTES:
            self._fold_much()
        elif work:
            self._fold(work, size)
        self._keep()

    def _fold_much(self) -> None:
        """Much to do: where another process is at it, wait for what it finds; a folder that we may not write is left
        for our own."""
        if not self.store.writable:
            self.store.leave()
        with self.store.lock(wait=_PATIENCE):
            if self.store.changed():
                self._load()
            work = self._look()
            self._fold(work, sum(one.source.size - one.writer.length for one in work), locked=True)

    def _publish(self) -> None:
        parts, before = self._parts, self._catalog
        segments = [segment for part in parts for segment in part._disk]
        segments += [segment for part in parts for segment in part._in_memory()]
        alive = {id for part in parts for id in part._alive()}
        states = {id: run for part in parts for id, run in part._states.items()}
        readers = parts[0].reader, parts[-1].reader
        self._catalog = Catalog(self.aim_dir, segments, alive, states, self._touched_at, before, readers)
        for part in parts:
            part._stale = False
        if before is None:
            self.revision += 1
            self._remembered, self._changes = self.revision, []
        elif changed := before.different(self._catalog):
            self.revision += 1
            self._changes.append((self.revision, changed))
            if len(self._changes) > _REMEMBERED:
                self._remembered = self._changes.pop(0)[0]
        self._catalog.revision = self.revision

    def _in_memory(self) -> list[Segment]:
        return [*self._frozen, *([self._pending.segment(self._number)] if self._pending.runs else [])]

    # What the index knows

    def _load(self, *, believe: bool = True) -> None:
        """Start over from the manifest on disk (or from nothing)."""
        self._loaded = self._stale = True
        self._disk = self.store.load() if believe else []
        self._frozen, self._pending, self._states, self._urgent = [], Pending(), {}, False
        self._number = max((segment.number for segment in self._disk), default=self._first - 1) + 1
        found = read(self._disk, "runs", ["segment", "id", "dir", "dir_mtime", "dir_inode", "ended"])
        newest = {id: i for i, id in enumerate(found["id"].tolist())}
        rows = sorted(newest.values())
        columns = [found[name][rows].tolist() for name in ("id", "dir", "dir_mtime", "dir_inode", "ended")]
        self._dirs = {}
        for id, folder, mtime, inode, ended in zip(*columns, strict=True):
            known = self._dirs.get(folder)
            if known is None:
                self._dirs[folder] = Dir(Place(mtime, inode), (id,), ended)
            else:
                same = known.place == (mtime, inode)
                self._dirs[folder] = Dir(known.place if same else RACY, (*known.runs, id), known.ended and ended)

    def _recall(self, names: Iterable[str]) -> None:
        """Bring the states of all runs in some folders back from the newest segments that have them, with one read."""
        wanted = {run for name in names if name in self._dirs for run in self._dirs[name].runs} - set(self._states)
        if not wanted:
            return
        columns = ["id", "dir", "since", "dir_mtime", "dir_inode", "doc"]
        among = {"id": sorted(wanted)} if len(wanted) <= _FEW else None
        found = read([*self._disk, *self._frozen], "runs", columns, among=among)
        newest = {id: i for i, id in enumerate(found["id"].tolist()) if id in wanted}
        for id, i in newest.items():
            _, folder, since, mtime, inode, text = (found[name][i] for name in columns)
            with suppress(ValueError, TypeError):
                self._states[id] = RunState(id, folder, int(since), int(mtime), int(inode)).read_document(text)

    # What lies on disk

    def _look(self) -> list[Work]:
        """The files with bytes that were not folded."""
        now = time.time_ns()
        work: list[Work] = []
        there = scan.run_dirs(self.aim_dir / "runs")
        edits = scan.place(self.aim_dir / "edits")
        if edits is not None:
            there[""] = edits
        known = self._dirs
        for name in [name for name in known if name not in there]:
            self._forget(name)
        open_ones = [name for name, place in there.items() if name not in known or not known[name].settled(place)]
        self._recall(open_ones)
        for name in open_ones:
            place = there[name]
            if name not in known or known[name].place != place or not self._grown(known[name], work):
                self._examine(name, place if place.mtime < now - scan.RACY_NS else RACY, work)
        return work

    def _grown(self, known: Dir, work: list[Work]) -> bool:
        """Look at the files that may still grow; False when something in the folder is not as expected."""
        grown: list[Work] = []
        for run_id in known.runs:
            run = self._states.get(run_id)
            if run is None or not all(writer.ended or self._look_at(run, writer, grown) for writer in run.writers):
                return False
        work += grown
        return True

    def _look_at(self, run: RunState, writer: WriterState, work: list[Work]) -> bool:
        path = self._folder(run.dir) / writer.file
        try:
            stat = path.stat()
        except OSError:
            return False
        if path.suffix == ".seal":
            return writer.size > 0
        self._touched_at[writer.id] = stat.st_mtime
        if stat.st_size < writer.size:
            return False
        if stat.st_size == writer.size:
            return True
        source = Source(path, run.id, writer.id, stat.st_size, stat.st_mtime_ns)
        work.append(Work(run, writer, source))
        return scan.begins_alike(writer, source)

    def _examine(self, name: str, place: Place, work: list[Work]) -> None:
        """Compare every file of a folder with what was folded of it."""
        before = len(work)
        found: dict[str, list[Source]] = {}
        for source in scan.sources(self._folder(name)):
            if (source.run == EDITS) == (name == ""):
                found.setdefault(source.run, []).append(source)
        known = self._dirs.get(name)
        for run_id in set(known.runs if known else ()) - set(found):
            self._drop(run_id)
        if not found:
            self._forget(name)
            return
        runs = [self._examine_run(run_id, name, place, mine, work) for run_id, mine in found.items()]
        waiting = {one.run.id for one in work[before:]}
        ended = all(run.ended and run.id not in waiting for run in runs)
        self._dirs[name] = Dir(place, tuple(run.id for run in runs), ended)

    def _examine_run(self, run_id: str, name: str, place: Place, found: list[Source], work: list[Work]) -> RunState:
        run = self._states.get(run_id)
        by_id = {source.writer: source for source in found}
        held = run is not None and all(w.id in by_id and scan.still_holds(w, by_id[w.id]) for w in run.writers)
        if run is None or run.dir != name or not held:
            self._drop(run_id)
            run = self._states[run_id] = RunState(run_id, name, self._number)
        before = len(work)
        for source in found:
            self._take_source(run, source, work)
        if (run.dir_mtime, run.dir_inode) != place:
            run.dir_mtime, run.dir_inode = place
            if len(work) == before:
                self._pending.touch(run)
                self._stale = True
                self._urgent |= run.ended
        return run

    def _take_source(self, run: RunState, source: Source, work: list[Work]) -> None:
        writer = run.writer(source.writer)
        if writer is None:
            writer = WriterState(source.writer, source.path.name)
            run.writers.append(writer)
        if not writer.ended:
            self._touched_at[writer.id] = source.mtime / 1e9
        if source.size != writer.size or writer.size == 0:
            work.append(Work(run, writer, source))
        writer.file = source.path.name

    def _forget(self, name: str) -> None:
        known = self._dirs.pop(name, None)
        for run_id in known.runs if known else ():
            self._drop(run_id)

    def _drop(self, run_id: str) -> None:
        self._pending.forget(run_id)
        self._states.pop(run_id, None)
        self._stale = True

    def _folder(self, name: str) -> Path:
        return self.aim_dir / "runs" / name if name else self.aim_dir / "edits"

    # Folding

    def _fold(self, work: list[Work], size: int, *, locked: bool = False) -> None:
        done = 0
        self._urgent |= len(work) >= KEEP_FILES
        for run, writer, source in work:
            before, begun = writer.ended, writer.length
            for _ in self._fold_writer(run, writer, source):
                if self._pending.points >= CHUNK_POINTS:
                    self._flush(locked=locked)
                if self.progress is not None and size >= _PATIENT_BYTES:
                    self.progress(done + writer.length - begun, size, "reading logs")
            done += source.size - begun
            self._urgent |= writer.ended and not before
        for name in {one.run.dir for one in work}:
            known = self._dirs.get(name)
            if known is not None:
                ended = all(id not in self._states or self._states[id].ended for id in known.runs)
                self._dirs[name] = known._replace(ended=ended)

    def _fold_writer(self, run: RunState, writer: WriterState, source: Source) -> Iterator[None]:
        """Take what a file holds beyond the folded length into the pending segment, window by window."""
        self._pending.touch(run)
        self._stale = True
        try:
            yield from self._windows(run, writer, source)
        except OSError:
            return
        except LogError:
            writer.damage = [(0, source.size)]
        writer.size, writer.mtime = max(source.size, writer.length), source.mtime

    def _windows(self, run: RunState, writer: WriterState, source: Source) -> Iterator[None]:
        seed = record.seed(bytes.fromhex(source.run), bytes.fromhex(source.writer))
        fresh = writer.length == 0
        windows = reader.windows(source.path, writer.length)
        skipped: int | None = None
        window = next(windows)
        while True:
            data, offset = window.data, window.offset
            if offset == 0:
                if not self._header(writer, source, data):
                    return
                data, offset = data[record.HEADER_SIZE :], record.HEADER_SIZE
            found = parse(data, offset, seed, final=window.final, skipped=skipped)
            for one in found.others:
                writer.take(one.kind, one.payload, one.offset)
            writer.printed += found.printed
            self._take_objects(run, writer, found.others)
            self._pending.add(run, writer, found.stretches)
            writer.damage += found.damage
            if found.end > offset:
                writer.check = int.from_bytes(data[found.end - offset - 4 : found.end - offset], "little")
                writer.length = found.end
            for stretch in found.stretches[-1:]:
                writer.last_time = float(stretch.records[-1, 6:8].copy().view("<f8")[0])
            skipped = found.skipped
            if window.final:
                writer.digest = (
                    hashlib.sha256(window.data).hexdigest() if fresh and window.offset == 0 and writer.ended else ""
                )
                yield
                return
            yield
            window = windows.send(found.next)

    def _take_objects(self, run: RunState, writer: WriterState, others: list[Record]) -> None:
        rows = [objects.row(writer, one.offset, one.payload) for one in others if one.kind == record.OBJECT]
        if found := [row for row in rows if row is not None]:
            self._pending.add_objects(run, writer, found)
            writer.last_time = max(writer.last_time, found[-1].time)

    def _header(self, writer: WriterState, source: Source, data: bytes) -> bool:
        """Whether records may follow. A file under another writer's name is not believed: its records would count
        twice."""
        header = record.unpack_header(data)
        if header is None:
            if len(data) < record.HEADER_SIZE:
                return False
            writer.damage = [(0, record.HEADER_SIZE)]
        elif (header.run.hex(), header.writer.hex()) != (source.run, source.writer):
            writer.damage = [(0, source.size)]
            return False
        writer.length = record.HEADER_SIZE
        return True

    # Keeping

    def _keep(self) -> None:
        """Write what is worth it: a run that ended, many runs, files or points."""
        if self._pending.points >= KEEP_POINTS or len(self._pending.runs) >= KEEP_RUNS or self._urgent:
            self._flush()
            self._urgent = False

    def _flush(self, *, locked: bool = False) -> None:
        """Move what is pending into a segment: on disk if this process may write there now, else in memory."""
        with self._locked(locked) as held:
            segment = self._pending.segment(self._number)
            written = self.store.write(self._number, segment.memory) if held and not self._frozen else None
            if written is not None:
                numbers = [*(one.number for one in self._disk), written.number]
                if self.store.commit(numbers):
                    self._disk.append(written)
                    self._next()
                    self._disk = compact.tiers(self._disk, self.store, self._alive())
                    return
        if self._pending.points >= KEEP_POINTS:
            self._frozen.append(segment)
            self._next()

    @contextmanager
    def _locked(self, already: bool) -> Iterator[bool]:
        if already:
            yield self.store.writable and not self.store.changed()
            return
        with self.store.lock() as held:
            yield held and not self.store.changed()

    def _next(self) -> None:
        """What was pending is in a segment; runs that ended need no state any more."""
        for run in self._pending.runs.values():
            if run.ended and run.id != EDITS:
                self._states.pop(run.id, None)
        self._pending = Pending()
        self._number += 1

    def _alive(self) -> dict[str, int]:
        """The runs that are there, each with the number of the first segment that counts for it."""
        runs = [run for known in self._dirs.values() for run in known.runs]
        return {run: self._states[run].since if run in self._states else 0 for run in runs}
