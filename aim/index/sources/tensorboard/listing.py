"""The event files below a folder, by the run that they belong to.

A folder with event files is a run, under the name of the real folder; links to it are only more names. Two kinds of
folders belong to the run of the folder above them, because one writer of torch or tensorboardX makes them all:
those of `add_scalars`, with one scalar each, and those of `add_hparams`, which are named like a time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from aim import regular
from aim.index.sources.protobuf import BYTES, fields
from aim.index.sources.tensorboard import hparams
from aim.index.sources.tensorboard.events import EventReader
from aim.index.sources.tensorboard.tfrecord import FOOTER, HEADER, blocks
from aim.index.sources.tree import FoundFile, Tree
from aim.index.state import clean, dumps

MARK = "tfevents"
_BEGINNING = 4096
_SESSION = 64 << 10
_HPARAMS = "_hparams_/"
# The text of time.time(), which torch and tensorboardX give to the folder of `add_hparams`.
_TIME = re.compile(r"[0-9]{9,11}\.[0-9]{1,9}", re.ASCII)


class EventFile(NamedTuple):
    """`where` is the path as text, because thousands of them are often listed. `within` is its folder inside the run's
    own one, and `context` the context of its series as JSON."""

    where: str
    name: str
    size: int
    mtime: int
    identity: tuple[int, int]
    within: str = ""
    context: str = "{}"

    @property
    def path(self) -> Path:
        return Path(self.where)

    @property
    def place(self) -> str:
        """Its path inside the run's folder."""
        return f"{self.within}/{self.name}" if self.within else self.name


FilesByFolder = dict[str, list[EventFile]]


class Listing(NamedTuple):
    """The event files of each run, those of its own folder first, and the names of links to folders, by relative
    folder."""

    runs: FilesByFolder
    links: Mapping[str, list[str]]

    def other_names(self, folder: str) -> list[str]:
        """The names that links give to a folder or to one above it."""
        direct = self.links.get(folder, [])
        above = [link + folder[len(name) :] for name in above_of(folder) for link in self.links.get(name, [])]
        return sorted([*direct, *above])


def tree(logdir: Path) -> Tree:
    return Tree(logdir, MARK)


def event_files(logdir: Path) -> Listing:
    return listing_of(tree(logdir))


def listing_of(below: Tree) -> Listing:
    files, links = below.find()
    return Listing(_joined(_event_files(files)), links)


def above_of(folder: str) -> Iterator[str]:
    """The folders above a relative one, the nearest first."""
    name = folder
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name
    if folder != ".":
        yield "."


def _event_files(folders: Mapping[str, list[FoundFile]]) -> FilesByFolder:
    return {folder: [EventFile(*file) for file in files] for folder, files in folders.items()}


# Folders that belong to the run above them


def _joined(folders: FilesByFolder) -> FilesByFolder:
    """The files of each run, with those of folders that belong to it."""
    runs: FilesByFolder = {}
    sessions: dict[str, dict[str, Any]] = {}
    for folder in sorted(folders, key=lambda name: (name != ".", name.count("/"), name)):
        files = folders[folder]
        above = next((name for name in above_of(folder) if name in runs), None)
        if above is None:
            runs[folder] = files
            continue
        within = folder if above == "." else folder[len(above) + 1 :]
        tag = _first_tag(files[0])
        if (key := _key_of(within, tag)) is not None:
            runs[above] = runs[above] + _moved(files, within, key)
            continue
        if _TIME.fullmatch(within) and tag.startswith(_HPARAMS):
            sessions.setdefault(above, {})[within] = _session(files[0])
        runs[folder] = files
    for above, given in sessions.items():
        params = list(given.values())
        # A writer that records several trials makes one for each; those are runs of their own.
        if all(params) and all(other == params[0] for other in params):
            for within in given:
                files = runs.pop(within if above == "." else f"{above}/{within}")
                runs[above] = runs[above] + _moved(files, within, "hparams")
    return runs


def _moved(files: list[EventFile], within: str, key: str) -> list[EventFile]:
    context = dumps({"tag": clean(key)})
    return [file._replace(within=within, context=context) for file in files]


def _key_of(within: str, tag: str) -> str | None:
    """The key of a value of `add_scalars`, if the folder is one of those with this tag. torch names it
    `main_tag` + `_` + key, without the slashes in the tag; tensorboardX separates the two by a slash."""
    for start in (f"{tag.replace('/', '_')}_", f"{tag}/"):
        if tag and within.startswith(start) and len(within) > len(start):
            return within[len(start) :]
    return None


def _first_tag(file: EventFile) -> str:
    """The tag of the first value in a file; empty if its first bytes have none, or cannot be read now."""
    try:
        return _tag_in(file.where, file.identity, min(file.size, _BEGINNING))
    except OSError:
        return ""


@lru_cache(maxsize=1 << 16)
def _tag_in(where: str, identity: tuple[int, int], size: int) -> str:
    with regular.opened(os.path.realpath(where)) as file:
        data = file.read(size)
    try:
        at = 0
        while at + HEADER < size:
            length = int.from_bytes(data[at : at + 8], "little")
            if (tag := _tag_of(data, at + HEADER, at + HEADER + length)) is not None:
                return os.fsdecode(tag)
            at += HEADER + length + FOOTER
    except (ValueError, IndexError):
        pass
    return ""


def _tag_of(data: bytes, start: int, stop: int) -> bytes | None:
    """The tag of the first value of an event, which may go on after the data."""
    for number in (5, 1, 1):
        field = next((field for field in fields(data, start, stop) if field.number == number), None)
        if field is None or field.kind != BYTES:
            return None
        start, stop = field.start, field.stop
    return data[start:stop] if stop <= len(data) else None


def _session(file: EventFile) -> dict[str, Any]:
    """The hyperparameters at the beginning of a file."""
    try:
        return _session_in(file.where, file.identity, min(file.size, _SESSION))
    except OSError:
        return {}


@lru_cache(maxsize=1 << 12)
def _session_in(where: str, identity: tuple[int, int], size: int) -> dict[str, Any]:
    with closing(blocks(Path(where), 0, window=_SESSION)) as parts:
        contents = EventReader().read(next(parts)).hparams
    return next((params for content in contents if (params := hparams.read(content).params)), {})
