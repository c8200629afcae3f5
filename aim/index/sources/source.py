"""The protocol between the index and a source: which files hold runs, what changed in them, and what they hold from a
position on.

A source is one file in this folder and one row in `table.py`. The index does the rest: it keeps what was read as
segments in the source's own cache, keeps small live tails in memory, and reads each file on from its last position.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, NamedTuple, Protocol

from aim.errors import LogError
from aim.index.objects import ObjectRow
from aim.index.parse import Stretch
from aim.index.quiet import Rest
from aim.index.state import RunState, WriterState


class Stamp(NamedTuple):
    """Tells whether a folder got or lost a file: when it last did by the clock of the file system, and its inode."""

    changed: int
    inode: int


# The stamp of a folder whose time says nothing; its files must be checked. It equals no stamp, not even itself.
UNKNOWN = Stamp(-1, -1)


class SourceFile(NamedTuple):
    """The file of one writer of one run. `where` is its path as text, because 100,000 of them are often listed. `size`
    is how far it covers the writer's records. `heartbeat` is the writer's last heartbeat according to its file, in
    seconds since 1970; if it is None, the records have it."""

    where: str
    run: str
    writer: str
    size: int
    mtime: int
    heartbeat: float | None = None
    identity: tuple[int, int] = (0, 0)

    @property
    def path(self) -> Path:
        return Path(self.where)

    @property
    def name(self) -> str:
        return os.path.basename(self.where)


@dataclass
class Batch:
    """The content of a file between two positions: points and media. `only_points`: nothing else."""

    stretches: list[Stretch] = field(default_factory=list)
    media: list[ObjectRow] = field(default_factory=list)
    only_points: bool = False


class Location(NamedTuple):
    """The place of a media item: in the file of a writer of a run, in one of the source's folders."""

    run: str
    writer: str
    folder: str
    file: str
    at: int
    length: int


class Source(Protocol):
    """A folder is anything that holds the files of some runs' writers and has its own name within the source.
    `appended`: read from its start again, a file gives new values behind all earlier ones, and not only behind those of
    their series."""

    appended: ClassVar[bool] = True

    def listing(self) -> Stamp:
        """Equal to the last one if no folder was added or removed since; UNKNOWN if that cannot be told."""
        return UNKNOWN

    def names(self) -> Collection[str]:
        """The names of all folders with runs."""
        ...

    def stamps(self, folders: Collection[str]) -> dict[str, tuple[int, int]]:
        """The stamps of those folders that still exist, as plain pairs: there may be 100,000. The files of a run
        whose writers all ended are not listed while the stamp of its folder stays the same. If it is UNKNOWN, `files`
        is called every time."""
        return dict.fromkeys(folders, UNKNOWN)

    def files(self, folder: str) -> list[SourceFile]:
        """The files of all writers in a folder."""
        ...

    def holds(self, writer: WriterState, file: SourceFile) -> bool:
        """Whether the file still begins with the `writer.length` bytes that were read from it."""
        ...

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        """Read on from `writer.length`, one bounded part at a time, and bring the writer's state up to date with each
        part. Raises LogError if the whole file is invalid, and OSError if it cannot be read now."""
        ...

    def together(self, files: Sequence[tuple[WriterState, SourceFile]]) -> list[Batch | None]:
        """The rest of each file, as `read` gives it, or None for a file that `read` must read. It is faster for many
        files of which little is unread."""
        return [None] * len(files)

    def current(self, run: RunState, writer: WriterState) -> SourceFile | None:
        """The current file of a writer in a known folder; None if it is not the file that was read. Not called for
        sources whose folders are all UNKNOWN."""
        return None

    def rests(self, folder: str, rest: Rest) -> bool:
        """Whether the file of a quiet writer still has the same size and time. Not called for such sources either."""
        return False

    def related(self, runs: Collection[RunState]) -> list[RunState]:
        """Copy to runs what they inherit from each other, after something was read. Returns the runs that changed."""
        return []

    def notes(self, runs: Collection[RunState]) -> list[str]:
        """One sentence for each thing in the files that cannot be shown."""
        return []

    def content(self, location: Location, kind: str, about: str, most: int | None) -> bytes:
        """The bytes of a media item, or at least the first `most`. Raises LogError if they are damaged or gone."""
        raise LogError(f"there are no media in {location.file}")
