"""Copies writers' files for a merge, and removes files of deleted runs. No process may be writing to the target."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

from aim import layout, regular
from aim.errors import LogError, StoreError
from aim.log import stored
from aim.log.reader import covers, folders, paths

_PART = 1 << 20
# Errors that other files of a repository may not have.
_OF_ONE_FILE = (errno.EACCES, errno.EPERM, errno.EFBIG, errno.EIO)


@dataclass(frozen=True)
class Freed:
    """`left`: what of deleted runs could not be removed from an object store, why, and what removes it."""

    runs: int
    files: int
    bytes: int
    left: str = ""


@dataclass(frozen=True)
class Merged:
    """What a merge copied: `runs` had files that were new or longer; `swept` files of deleted runs were removed from
    the target; `left` as in Freed."""

    runs: int
    files: int
    bytes: int
    swept: int
    left: str = ""


def remove_runs(aim_dir: Path, ids: Collection[str]) -> Freed:
    """Remove every file of these runs; none where `runs` is a link, because a stranger may have made it."""
    runs, files, size = set(), 0, 0
    left: list[StoreError] = []
    if (aim_dir / "runs").is_symlink():
        return Freed(0, 0, 0)
    # Also unfinished copies, and copies that another machine shipped under the same name.
    for path in _paths(aim_dir / "runs", lambda folder: sorted(folder.iterdir())):
        run = layout.run_of(path.name)
        if run not in ids:
            continue
        try:
            stored.free(path)
            size += path.lstat().st_size
            regular.remove(path, aim_dir)
            files += 1
            runs.add(run)
        except StoreError as error:
            left.append(error)
        except (FileNotFoundError, NotADirectoryError):
            pass
        with contextlib.suppress(OSError):
            path.parent.rmdir()
    return Freed(len(runs), files, size, _left(left))


def _left(errors: Sequence[StoreError]) -> str:
    if not errors:
        return ""
    seals = "1 seal of a deleted run is" if len(errors) == 1 else f"{len(errors):,} seals of deleted runs are"
    cure = "When that is mended, remove what is left with: aim storage move"
    return f"{seals} still in an object store: {errors[0]}. {cure}"


Missing: TypeAlias = list[tuple[Path, Exception]]


def copy_runs(
    source: Path, target: Path, *, deleted: Collection[str], missing: Sequence[tuple[Path, Exception]] = ()
) -> Merged:
    """Copy every writer's file that is new or covers more, except of deleted runs. Raises NotADirectoryError, after
    everything else is copied, if a run's folder in the target is a link, and StoreError if a file cannot be copied: a
    seal from an object store, or what this user may not read or is too large for this disk. `missing`: those of
    `copy_edits`."""
    runs, files, size, last = 0, 0, 0, ""
    linked: NotADirectoryError | None = None
    left = list(missing)
    try:
        for path in _paths(source / "runs"):
            named = layout.parse_name(path.name)
            if named is None or named.run in deleted:
                continue
            try:
                copied = _brought(path, target / "runs" / path.parent.name, target, left)
            except NotADirectoryError as error:
                linked = error
                continue
            if copied is not None:
                runs += named.run != last
                files += 1
                size += copied
                last = named.run
    finally:
        if files:
            layout.show_grown(target)
    if linked is not None:
        raise linked
    if left:
        (first, why), count = left[0], "1 file" if len(left) == 1 else f"{len(left):,} files"
        said = why.strerror if isinstance(why, OSError) else why
        raise StoreError(
            f"{count} not merged, the first is {first}: {said}. Everything else is merged. Mend that and merge again"
        )
    return Merged(runs, files, size, 0)


def copy_edits(source: Path, target: Path) -> tuple[list[int], Missing]:
    """Copy the edits; returns the size of each file that was new or longer, and which could not be copied."""
    missing: Missing = []
    copied = [_brought(path, target / "edits", target, missing) for path in paths(source / "edits")]
    return [size for size in copied if size is not None], missing


def _brought(path: Path, folder: Path, aim_dir: Path, missing: Missing) -> int | None:
    """`bring`, which adds to `missing` what cannot be copied while other files can."""
    try:
        return bring(path, folder, aim_dir)
    except (StoreError, LogError) as error:
        missing.append((path, error))
    except OSError as error:
        if error.errno not in _OF_ONE_FILE:
            raise
        missing.append((path, error))
    return None


def bring(path: Path, folder: Path, aim_dir: Path) -> int | None:
    """Copy one file into `folder`, completely or not at all, if it covers more than the existing one; a seal that is in
    an object store from there, because the source may remove it. Returns the number of bytes copied. Raises StoreError
    if the store is away, and LogError if it has something else."""
    there = max(covers(folder / path.with_suffix(suffix).name) for suffix in (".log", ".seal"))
    if covers(path) <= there:
        return None
    layout.make_folder(folder, aim_dir)
    copied = folder / path.name
    with regular.opened(path) as source:
        stat, pointer = os.fstat(source.fileno()), stored.at(path)

        def finish(draft: int | Path) -> None:
            os.utime(draft, ns=(stat.st_atime_ns, stat.st_mtime_ns))
            layout.inherit_access(draft, aim_dir)

        with regular.replacing(copied, top=aim_dir, finish=finish) as copy:
            if pointer is not None:
                copy.writelines(stored.get(path, pointer))
            else:
                for start, end in list(regular.extents(source.fileno())):
                    _copy_part(source, copy, start, end)
                copy.truncate(stat.st_size)
            return copy.tell() if pointer is not None else stat.st_size


def _copy_part(source: BinaryIO, copy: BinaryIO, start: int, end: int) -> None:
    source.seek(start)
    copy.seek(start)
    while start < end and (data := source.read(min(_PART, end - start))):
        start += copy.write(data)


def _paths(runs: Path, of: Callable[[Path], Iterable[Path]] = paths) -> Iterator[Path]:
    for folder in folders(runs):
        with contextlib.suppress(OSError):
            yield from of(folder)
