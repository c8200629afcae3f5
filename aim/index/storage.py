"""Where a partition keeps its segments."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple, Protocol

from aim.index.fold import Pending
from aim.index.segment import Segment
from aim.index.state import RunState


class Share(NamedTuple):
    """What another process folded: the segments that are kept now, those of them that are `new`, how many folders these
    have, and the next free number of a segment."""

    segments: list[Segment]
    new: list[Segment]
    folders: int
    next: int


class Storage(Protocol):
    """The cache on disk (`cache.py`), a database (`filling.py`), or segments for another process (`share.py`). A
    storage that inherits from it is written by one process, which does everything itself."""

    @abstractmethod
    def load(self) -> list[Segment]:
        """What is kept."""

    def changed(self) -> bool:
        """Whether another process wrote after `load`."""
        return False

    def alone(self) -> AbstractContextManager[None]:
        """Wait for another process that folds the same files, whose result can then be used."""
        return nullcontext()

    def writing(self, *, alone: bool = False) -> AbstractContextManager[bool]:
        """Whether this process may write now. `alone`: it is in `alone`."""
        return nullcontext(True)

    @abstractmethod
    def is_due(self, pending: Pending, gone: Collection[str], *, urgent: bool) -> bool:
        """Whether what was folded, or which runs are gone, is worth a segment. `urgent`: a run ended."""

    @abstractmethod
    def add(
        self, segments: Sequence[Segment], new: Segment, runs: Mapping[str, RunState], gone: Collection[str]
    ) -> list[Segment] | None:
        """Keep a segment after the others. `runs`: the states of its runs. Returns all segments, or None if it cannot
        be kept."""

    def compact(self, segments: Sequence[Segment], alive: Mapping[str, int]) -> list[Segment]:
        """Merge the segments that are due, and return all. `alive`: the existing runs, each with the number of the
        first segment that counts for it."""
        return list(segments)

    def helpers(self) -> int:
        """How many other processes can fold at once; below 2, they do not."""
        return 0

    def shared(
        self, segments: Sequence[Segment], names: Sequence[str], first: int, *, more: bool
    ) -> Generator[Share, None, None]:
        """Let other processes fold these folders, in `alone`, into segments with numbers from `first` on. Ends early if
        they cannot be kept. `more`: other folders will follow soon."""
        yield from ()

    def restamp(self, segments: Sequence[Segment], moved: Iterable[RunState]) -> tuple[list[Segment], set[str]]:
        """Write the stamps of folders whose runs are as they were folded. Returns all segments and the ids of runs that
        need no new row."""
        return list(segments), set()

    def note(self, text: str) -> None:
        """Keep a text for the processes that load these segments."""
        return None

    def noted(self) -> str:
        """The text that was kept with the segments that were loaded."""
        return ""
