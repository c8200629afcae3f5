"""What the index asks of a source: which files hold runs, what changed in them, and what they say from a position on.

A source is one file in this folder and one row in `table.py`. The index does the rest: it keeps what was read as
segments in a cache of the source's own, keeps small live tails in memory, and reads each file on from where it stopped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from aim.errors import LogError
from aim.index.objects import Row
from aim.index.parse import Stretch
from aim.index.state import RunState, WriterState


class Stamp(NamedTuple):
    """Tells whether a folder got or lost a file: when it last did by the clock of the file system, and its inode."""

    changed: int
    inode: int


# The stamp of a folder of which only its files tell whether something changed. It equals no stamp, itself included.
UNKNOWN = Stamp(-1, -1)


class SourceFile(NamedTuple):
    """The file of one writer of one run. `size` is how much it covers of what the writer recorded; `heartbeat` is when
    the writer was last seen alive by the time of its file, in seconds since 1970; without one its records tell."""

    path: Path
    run: str
    writer: str
    size: int
    mtime: int
    heartbeat: float | None = None
    identity: tuple[int, int] = (0, 0)


@dataclass
class Part:
    """What a file says from one position to the next: its points and its media."""

    stretches: list[Stretch] = field(default_factory=list)
    media: list[Row] = field(default_factory=list)


class Location(NamedTuple):
    """Where one of the media is: in the file of a writer of a run, in one of the source's folders."""

    run: str
    writer: str
    folder: str
    file: str
    at: int
    length: int


class Source(Protocol):
    """A folder is anything that holds the writers' files of some runs and has a name of its own within the source."""

    def folders(self) -> dict[str, Stamp]:
        """Every folder with runs. A run whose writers all ended costs nothing more while its folder's stamp is the
        same; of a folder that is UNKNOWN, `files` is asked every time."""
        ...

    def files(self, folder: str) -> list[SourceFile]:
        """The files of all writers in a folder."""
        ...

    def holds(self, writer: WriterState, file: SourceFile) -> bool:
        """Whether the file still begins with the `writer.length` bytes that were read of it."""
        ...

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Part]:
        """Read on from `writer.length`, a bounded part at a time, and bring the writer's state up to date with each
        part. Raises LogError where the whole file makes no sense, and OSError where it cannot be read now."""
        ...

    def current(self, run: RunState, writer: WriterState) -> SourceFile | None:
        """The file of a writer of a known folder as it is now; None where it is not the one that was read. Sources
        whose folders are all UNKNOWN are not asked."""
        return None

    def related(self, runs: Collection[RunState]) -> list[RunState]:
        """Lay over runs what they take from each other, after something was read; returns those that changed."""
        return []

    def notes(self, runs: Collection[RunState]) -> list[str]:
        """A sentence for each thing in the files that cannot be shown."""
        return []

    def content(self, location: Location, kind: str, about: str, most: int | None) -> bytes:
        """The bytes of one of the media, or at least the first `most`. Raises LogError where they are damaged or
        gone."""
        raise LogError(f"there are no media in {location.file}")
