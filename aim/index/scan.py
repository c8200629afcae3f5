"""What lies on disk beside what the index believes: which files have more bytes than were folded, and which are other
files."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

from aim.errors import LogError, RepoError
from aim.index.state import WriterState
from aim.log import reader, record, seal

# A folder whose time is younger than this may change again without getting another time.
RACY_NS = 2_000_000_000


class Place(NamedTuple):
    """`mtime`: when the folder last got or lost a file by the clock of the file system (its ctime): what `rsync -a` and
    `cp -a` set, a folder's mtime, may be as old as the state that the index knows."""

    mtime: int
    inode: int


class Source(NamedTuple):
    """A writer's file; `size` is what it covers of the log."""

    path: Path
    run: str
    writer: str
    size: int
    mtime: int

    @property
    def sealed(self) -> bool:
        return self.path.suffix == ".seal"


def run_dirs(runs: Path) -> dict[str, Place]:
    """Every run folder with its time: one stat each."""
    found: dict[str, Place] = {}
    try:
        with os.scandir(runs) as entries:
            for entry in entries:
                if len(entry.name) == 32 and not entry.name.startswith("."):
                    with contextlib.suppress(FileNotFoundError):
                        stat = entry.stat()
                        found[entry.name] = _place(stat)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise RepoError(f"the runs cannot be listed: {error.strerror}. Ask the owner for access to {runs}") from error
    return found


def place(folder: Path) -> Place | None:
    try:
        stat = os.stat(folder)
    except OSError:
        return None
    return _place(stat)


def _place(stat: os.stat_result) -> Place:
    return Place(stat.st_mtime_ns if os.name == "nt" else stat.st_ctime_ns, stat.st_ino)


def sources(folder: Path) -> list[Source]:
    """The file of every writer in a folder: where a seal and a log of one writer meet, the one that covers more."""
    return [Source(*file) for file in reader.writers(folder)]


def still_holds(writer: WriterState, source: Source) -> bool:
    """Whether the first `writer.length` bytes of the file are those that were folded."""
    if writer.damage and (writer.size, writer.mtime, writer.file) != (source.size, source.mtime, source.path.name):
        return False
    return begins_alike(writer, source)


def begins_alike(writer: WriterState, source: Source) -> bool:
    """Whether the record that ends at `writer.length` is the one that was folded: its checksum holds for that place
    alone."""
    if source.size < writer.length:
        return False
    if writer.length <= record.HEADER_SIZE:
        return True
    try:
        if source.sealed:
            return _seal_holds(writer, source)
        with open(source.path, "rb") as file:
            file.seek(writer.length - 4)
            return file.read(4) == writer.check.to_bytes(4, "little")
    except (OSError, LogError):
        return False


def _seal_holds(writer: WriterState, source: Source) -> bool:
    if writer.digest and writer.size == source.size and seal.digest(source.path) == writer.digest:
        return True
    data = reader.read(source.path)
    writer.digest = seal.digest(source.path)
    return data[writer.length - 4 : writer.length] == writer.check.to_bytes(4, "little")
