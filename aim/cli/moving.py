"""Moves the seals of a repository into an object store, and back."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from aim import layout, regular
from aim.errors import LogError, StoreAway, StoreError
from aim.log import edits, record, seal, stored
from aim.log.reader import folders, paths
from aim.log.stored import SealPointer
from aim.log.writer import sync_folder
from aim.store import ObjectStore

Progress = Callable[[int, int], None]
_PART = 1 << 20


@dataclass
class Moved:
    """The number of moved seals and their bytes, how many of deleted runs were removed from the store, and the skipped
    paths, by reason."""

    files: int = 0
    bytes: int = 0
    freed: int = 0
    skipped: dict[str, list[Path]] = field(default_factory=dict)

    def skip(self, path: Path, reason: str) -> None:
        self.skipped.setdefault(reason, []).append(path)


def move_all(aim_dir: Path, store: ObjectStore, *, older_than: float = 0.0, progress: Progress) -> Moved:
    """Move every seal that is at least `older_than` seconds old into the store, and remove from it those of deleted
    runs. Raises StoreAway if the store does not answer; what was moved by then is there."""
    deleted = edits.deleted(aim_dir)

    def visit(path: Path, moved: Moved) -> None:
        pointer, named = stored.at(path), layout.parse_name(path.name)
        if named is not None and named.run in deleted:
            if pointer is not None:
                moved.freed += stored.free(path, store)
                regular.remove(path, aim_dir)
        elif pointer is None and time.time() - regular.lstat(path).st_mtime >= older_than:
            move(path, store, moved)

    return _for_each(aim_dir, visit, progress)


def move(path: Path, store: ObjectStore, moved: Moved) -> None:
    """The seal is removed after every byte of it was read back from the store."""
    before = regular.lstat(path)
    try:
        pointer = stored.put(path, pointer_to(path), store)
    except LogError:
        if stored.at(path) is None:
            raise
        return  # Another process moved it meanwhile.
    try:
        if _replace(path, [pointer.packed()], before):
            moved.files += 1
            moved.bytes += pointer.size
    except FileNotFoundError:
        # The run was deleted meanwhile.
        stored.remove(path, pointer, store)
        raise


def pointer_to(path: Path) -> SealPointer:
    """What can take the place of the seal at `path`. Raises LogError if the seal is damaged."""
    seal.digest(path)
    size, checksum, head = 0, hashlib.sha256(), b""
    with regular.opened(path) as file:
        while part := file.read(_PART):
            size += len(part)
            checksum.update(part)
            head = head or part[: stored.HEAD]
    named = layout.parse_name(path.name)
    last = named and seal.last_checksum(path, record.seed(bytes.fromhex(named.run), bytes.fromhex(named.writer)))
    if last is None:
        raise LogError("it covers no record at the end of a log")
    return SealPointer(size, checksum.digest(), last, head)


def fetch_all(aim_dir: Path, store: ObjectStore, *, progress: Progress) -> Moved:
    """Bring every seal back. The store keeps what it has, because a copy of the repository may need it."""

    def visit(path: Path, moved: Moved) -> None:
        pointer = stored.at(path)
        if pointer is not None and _replace(path, stored.get(path, pointer, store), regular.lstat(path)):
            moved.files += 1
            moved.bytes += pointer.size

    return _for_each(aim_dir, visit, progress)


def _for_each(aim_dir: Path, visit: Callable[[Path, Moved], None], progress: Progress) -> Moved:
    """Of the repository's own folders: what a link leads to may be another's."""
    runs, moved = aim_dir / "runs", Moved()
    if runs.is_symlink():
        moved.skip(runs, f"runs {layout.NO_LINK}")
        return moved
    seals = [path for folder in folders(runs) for path in paths(folder) if path.suffix == ".seal"]
    for index, path in enumerate(seals):
        progress(index, len(seals))
        try:
            # A seal beside its log is not complete: one of the two will go.
            if not path.with_suffix(".log").exists():
                visit(path, moved)
        except StoreAway:
            raise
        except (LogError, StoreError) as error:
            moved.skip(path, str(error))
        except regular.NotRegular as error:
            moved.skip(path, f"not a file: {error.strerror}")
        except (FileNotFoundError, NotADirectoryError):
            continue
    progress(len(seals), len(seals))
    return moved


def _replace(path: Path, content: Iterable[bytes], before: os.stat_result) -> bool:
    """Put another file in the place of one (temporary file, fsync, rename), with its time and access. False if that
    changed meanwhile."""

    def finish(draft: int | Path) -> None:
        now = regular.lstat(path)
        if (now.st_ino, now.st_size, now.st_mtime_ns) != (before.st_ino, before.st_size, before.st_mtime_ns):
            raise _ChangedMeanwhile
        seal.look_like(now, draft)

    try:
        with regular.replacing(path, top=layout.aim_dir_of(path), sync=True, finish=finish) as file:
            file.writelines(content)
    except _ChangedMeanwhile:
        return False
    sync_folder(path.parent)
    return True


class _ChangedMeanwhile(Exception):
    """Another process wrote the file meanwhile."""
