"""What sources below a folder share: those of files that only grow, each of one writer, which are read on from where
they were read, and those of stores that hold many runs. The folder is never written to."""

from __future__ import annotations

import errno
import hashlib
import os
from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar
from zlib import crc32

from aim import regular
from aim.index.sources.source import Location, Source, SourceFile
from aim.index.sources.tree import Found, FoundFile, Tree
from aim.index.state import RunState, WriterState, clean
from aim.log.objects import MAX_SIZE

SKIPPED = (".aim", ".git", "node_modules", "__pycache__", "site-packages")
_CHECKED = 256


class ListedFile(NamedTuple):
    """A file in `folder`, which is relative to the top."""

    folder: str
    file: FoundFile

    @property
    def place(self) -> str:
        return f"{self.folder}/{self.file.name}"


class TreeSource(Source):
    """Runs in files below a folder. `name`: as in its row. `pattern` matches the names of its files. `reading`: another
    number makes every file be read again."""

    name: ClassVar[str]
    title: ClassVar[str]
    pattern: ClassVar[str]
    reading: ClassVar[int] = 1

    def __init__(self, top: Path) -> None:
        self.top = top
        self.tree = Tree(top, self.pattern, skip=SKIPPED)

    def begin(self, run: RunState, writer: WriterState, file: SourceFile, **more: Any) -> dict[str, Any]:
        return begin(self, run, writer, file, reading=self.reading, **more)

    def notes(self, runs: Collection[RunState]) -> list[str]:
        runs = sorted(runs, key=lambda run: run.dir)
        skipped: dict[str, int] = {}
        for run in runs:
            for kind, keys in skipped_in(run).items():
                skipped[kind] = skipped.get(kind, 0) + len(keys)
        kinds = ", ".join(f"{count:,} of {kind}" for kind, count in sorted(skipped.items()))
        said = [f"Values of {self.title} that are not shown, because Aim has no such kind: {kinds}"] if skipped else []
        return said + [text for run in runs for writer in run.writers for text in self._troubles(run, writer)]

    def _troubles(self, run: RunState, writer: WriterState) -> Iterator[str]:
        for start, stop in writer.damage:
            yield f"{run.dir}: {writer.file}: bytes {start:,} to {stop:,} are damaged; what stands around them is shown"
        for _, why in writer.invalid:
            yield f"{run.dir}: {writer.file}: {why}"


class FileSource(TreeSource):
    """Each file belongs to one writer of one run, and only grows."""

    def __init__(self, top: Path) -> None:
        super().__init__(top)
        self._listed: Mapping[str, list[ListedFile]] = {}

    @abstractmethod
    def grouped(self, files: Found) -> Mapping[str, list[ListedFile]]:
        """The files of each run, by its name."""

    def names(self) -> Collection[str]:
        self._listed = self.grouped(self.tree.find())
        return self._listed

    def files(self, folder: str) -> list[SourceFile]:
        return [self._source_file(folder, listed) for listed in self._listed.get(folder, [])]

    def _source_file(self, folder: str, listed: ListedFile) -> SourceFile:
        file = listed.file
        run, writer = run_id(self.name, folder), writer_id(listed.place)
        return SourceFile(file.where, run, writer, file.size, file.mtime, identity=file.identity)

    def holds(self, writer: WriterState, file: SourceFile) -> bool:
        start = writer.start
        if start.get("place") != list(file.identity) or start.get("reading") != self.reading:
            return False
        if (file.size, file.mtime) == (writer.size, writer.mtime):
            return True
        try:
            return file.size >= writer.length and check_of(file.path, writer.length) == writer.check
        except OSError:
            return False

    def listed(self, folder: str, writer: str) -> ListedFile:
        """The file, if a listing has it: the names come from a cache, and another user may have written that."""
        for listed in self._listed.get(folder, []):
            if writer_id(listed.place) == writer:
                return listed
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder)

    def path_of(self, location: Location) -> Path:
        return self.listed(location.folder, location.writer).file.path


class TitledSource(Protocol):
    """A source, by its name in its row and its title for people."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...


def begin(source: TitledSource, run: RunState, writer: WriterState, file: SourceFile, **more: Any) -> dict[str, Any]:
    """The START of a writer whose file was not read yet."""
    if not writer.start:
        writer.started = file.mtime / 1e9
        writer.start = {
            "source": source.name, "experiment": source.title, "hash": clean(run.dir), "time": writer.started,
            "place": list(file.identity), "points": 0, "role": "main", "attempt": writer.id, **more,
        }  # fmt: skip
    return writer.start


class RunInStore(Protocol):
    """A run of a store of many, with the file that is its place. `size` grows with its values, and `version` changes
    with the rest."""

    file: FoundFile
    size: int
    version: int


Stored = TypeVar("Stored", bound=RunInStore)


class StoreSource(TreeSource, Generic[Stored]):
    """A store, such as a database, holds many runs, each with one writer."""

    def __init__(self, top: Path) -> None:
        super().__init__(top)
        self.stored: dict[str, Stored] = {}

    def files(self, folder: str) -> list[SourceFile]:
        run = self.stored.get(folder)
        if run is None:
            return []
        file, id = run.file, run_id(self.name, folder)
        return [SourceFile(file.where, id, writer_id(folder), run.size, file.mtime, identity=(run.version, 0))]

    def holds(self, writer: WriterState, file: SourceFile) -> bool:
        start = writer.start
        same = start.get("place") == list(file.identity) and start.get("reading") == self.reading
        return same and file.size >= writer.length


def give_facts(name: str, run: RunState, facts: Mapping[str, Any]) -> None:
    """What only this tracker knows of a run, its damage and what is not shown included: at its main writer."""
    places = [f"{writer.file}: bytes {start:,} to {stop:,}" for writer in run.writers for start, stop in writer.damage]
    others = {"damaged": places, "skipped": skipped_in(run)}
    known = {key: value for key, value in {**facts, **others}.items() if value}
    main = run.main()
    for writer in run.writers:
        writer.facts = {name: {"folder": clean(run.dir), **known}} if writer is main else {}


def skipped_in(run: RunState) -> dict[str, list[str]]:
    skipped: dict[str, set[str]] = {}
    for writer in run.writers:
        for kind, keys in writer.start.get("skipped", {}).items():
            skipped.setdefault(kind, set()).update(keys)
    return {kind: sorted(keys) for kind, keys in sorted(skipped.items())}


def run_id(source: str, folder: str) -> str:
    """The id of a run. It does not depend on where the folder of all logs is."""
    return hashlib.sha256(f"{source}\0{folder}".encode("utf-8", "surrogateescape")).hexdigest()[:32]


@lru_cache(maxsize=1 << 16)
def writer_id(place: str) -> str:
    """The id of the writer whose file has this path."""
    return hashlib.sha256(os.fsencode(place)).hexdigest()[:16]


def check_of(path: Path, length: int) -> int:
    """The checksum of the beginning and the end of what was read."""
    with regular.opened(os.path.realpath(path)) as file:
        head = file.read(min(length, _CHECKED))
        file.seek(max(0, length - _CHECKED))
        return crc32(file.read(min(length, _CHECKED)), crc32(head))


def edit(writer: WriterState, field: str, value: object, stamp: float) -> None:
    """Give a run its name, description or tag. What users of Aim give it later counts more."""
    writer.edits[field] = [max(0, int(stamp * 1e6)), writer.id, value]


def give_params(writer: WriterState, groups: Mapping[str, Any]) -> None:
    """Params by their groups, as of the start of the writer. Empty groups are left out."""
    writer.params = [[int(writer.started * 1e6), {name: group for name, group in groups.items() if group}]]


def inside(folder: Path, path: str) -> bytes:
    """The bytes of a file below a folder. Nothing outside of it is read, whatever `path` says. Raises ValueError for
    that, and OSError if it cannot be read."""
    top = os.path.realpath(folder)
    real = os.path.realpath(os.path.join(top, path))
    if os.path.islink(folder) or not real.startswith(os.path.join(top, "")):
        raise ValueError(f"{path!r:.200} is not in {folder}")
    data = regular.read(real, most=MAX_SIZE + 1)
    if len(data) > MAX_SIZE:
        raise ValueError(f"it has more than {MAX_SIZE:,} bytes")
    return data
