"""Keeps the segments of a partition in the cache on disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from aim import engine
from aim.index import compact
from aim.index.cache_folder import CacheFolder
from aim.index.fold import Pending
from aim.index.schema import RUNS
from aim.index.segment import RUN_WEIGHT, Segment, stored
from aim.index.sources.table import NUMBERS
from aim.index.state import RunState
from aim.index.storage import Share
from aim.processes import Crew, usable

KEEP_RUNS = 64
# Folders are folded by several processes in shares of up to so many.
SHARE_RUNS = 5_000
SHARE = "aim.index.share:fold"
_MOST_PROCESSES = 4
_MEMORY = 400 << 20
# The segments of one share get numbers of their own.
_NUMBERS = 1 << 12
_PATIENCE = 20.0
_FEW_OF = 8


class Cache:
    """The `Storage` of a partition that is read on this machine."""

    def __init__(self, folder: CacheFolder, number: int) -> None:
        """`number`: the place of the source in the table of sources."""
        self._folder = folder
        self._first = number * NUMBERS
        self._crew: Crew | None = None
        self.changed = folder.changed
        self.note, self.noted = folder.note, folder.noted

    def load(self) -> list[Segment]:
        """The segments, or none if one of them has a number of another source, as in a copied cache."""
        segments = self._folder.load()
        own = all(self._first < segment.number < self._first + NUMBERS // 2 for segment in segments)
        return segments if own else []

    @contextmanager
    def alone(self) -> Iterator[None]:
        """If the cache of the repository is not writable, use a private one."""
        if not self._folder.writable:
            self._folder.leave()
        with self._folder.lock(wait=_PATIENCE):
            yield

    @contextmanager
    def writing(self, *, alone: bool = False) -> Iterator[bool]:
        if alone:
            yield self._folder.writable and not self._folder.changed()
            return
        with self._folder.lock() as held:
            yield held and not self._folder.changed()

    def is_due(self, pending: Pending, gone: Collection[str], *, urgent: bool) -> bool:
        grown = len(pending.runs) >= KEEP_RUNS and pending.points >= RUN_WEIGHT * len(pending.runs)
        return bool(pending.runs) and (urgent or pending.full or grown or pending.begun >= KEEP_RUNS)

    def add(
        self, segments: Sequence[Segment], new: Segment, runs: Mapping[str, RunState], gone: Collection[str]
    ) -> list[Segment] | None:
        written = self._folder.write(new.number, new.memory)
        numbers = [*(segment.number for segment in segments), new.number]
        if written is None or not self._folder.commit(numbers):
            return None
        return [*segments, written]

    def compact(self, segments: Sequence[Segment], alive: Mapping[str, int]) -> list[Segment]:
        return compact.tiers(segments, self._folder, alive)

    def helpers(self) -> int:
        return usable(each=_MEMORY, most=_MOST_PROCESSES) if self._first == 0 else 0

    def shared(
        self, segments: Sequence[Segment], names: Sequence[str], first: int, *, more: bool
    ) -> Generator[Share, None, None]:
        kept = list(segments)
        crew = self._crew = self._crew or Crew(SHARE, self.helpers())
        size = min(SHARE_RUNS, -(-len(names) // crew.count))
        parts = [list(names[start : start + size]) for start in range(0, len(names), size)]
        place = {"aim_dir": str(self._folder.aim_dir.absolute()), "private": self._folder.private}
        tasks = ({**place, "number": first + _NUMBERS * at, "names": part} for at, part in enumerate(parts))
        try:
            with suppress(OSError):
                for _, answer in crew.each(tasks):
                    new = self._folder.adopt(answer["entries"])
                    kept = sorted([*kept, *new], key=lambda segment: segment.number)
                    if self._folder.changed() or not self._folder.commit([segment.number for segment in kept]):
                        break
                    yield Share(kept, new, answer["folders"], first + _NUMBERS * len(parts))
        finally:
            if not more:
                crew.close()

    def restamp(self, segments: Sequence[Segment], moved: Iterable[RunState]) -> tuple[list[Segment], set[str]]:
        """The runs that are few in their segment are left to get new rows."""
        table = engine.read(stored(segments, "runs"), ["segment", "id"])
        newest = dict(zip(table["id"].tolist(), table["segment"].tolist(), strict=True))
        counts = Counter(table["segment"].tolist())
        runs_of: dict[int, list[RunState]] = {}
        for run in moved:
            runs_of.setdefault(newest.get(run.id, 0), []).append(run)
        kept, stamped = {segment.number: segment for segment in segments}, set[str]()
        for number, runs in runs_of.items():
            rewritten = self._restamped(kept[number], runs) if len(runs) * _FEW_OF >= counts[number] > 0 else None
            if rewritten is not None:
                kept[number] = rewritten
                stamped.update(run.id for run in runs)
        return (list(kept.values()), stamped) if self._folder.commit(list(kept)) else (list(segments), stamped)

    def _restamped(self, segment: Segment, moved: Sequence[RunState]) -> Segment | None:
        rows = engine.read(stored([segment], "runs"), list(RUNS))
        places = {id: place for place, id in enumerate(rows["id"].tolist())}
        for run in moved:
            rows["dir_mtime"][places[run.id]], rows["dir_inode"][places[run.id]] = run.dir_mtime, run.dir_inode
        return self._folder.rewrite(segment.number, "runs", rows)
