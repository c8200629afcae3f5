"""The contents of files, each stored once and named by its SHA-256. None is ever changed; docs/format/artifacts.md."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from aim import layout, regular
from aim.errors import ArtifactError

PART = 1 << 20
is_sha256 = re.compile(r"[0-9a-f]{64}").fullmatch


def parts(file: BinaryIO) -> Iterator[bytes]:
    while part := file.read(PART):
        yield part


def sha256_of(file: BinaryIO) -> str:
    """The SHA-256 of the rest of a file."""
    hasher = hashlib.sha256()
    for part in parts(file):
        hasher.update(part)
    return hasher.hexdigest()


def measured(path: Path) -> tuple[str, int]:
    """The SHA-256 and the size of a file."""
    with _steady(path) as file:
        return sha256_of(file), file.tell()


def keep(aim_dir: Path, path: Path) -> tuple[str, int]:
    """Store the content of a file, unless it is there; its SHA-256 and size. Raises ArtifactError if it changes
    meanwhile."""
    sha256, size = measured(path)
    if not renewed(aim_dir, sha256, size):
        with _steady(path) as file:
            write(aim_dir, sha256, parts(file), wrong=changed(path))
    return sha256, size


def keep_bytes(aim_dir: Path, data: bytes) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    if not renewed(aim_dir, sha256, len(data)):
        write(aim_dir, sha256, [data], wrong=ArtifactError(f"the content {sha256[:16]} changed while it was stored"))
    return sha256


def renewed(aim_dir: Path, sha256: str, size: int) -> bool:
    """Whether the content is there. If so, it is as recent as a new one, so that no cleanup removes it before a version
    refers to it. Power loss may have cut a file, so its size is compared."""
    path = layout.artifact_file(aim_dir, sha256)
    try:
        if not has_size(path, size):
            return False
        with suppress(PermissionError):  # another user stored it
            os.utime(path, follow_symlinks=os.utime not in os.supports_follow_symlinks)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def opened(aim_dir: Path, sha256: str, size: int) -> BinaryIO:
    """A stored content. Raises ArtifactError if it is missing or was cut."""
    path = layout.artifact_file(aim_dir, sha256)
    try:
        file = regular.opened(path)
    except (FileNotFoundError, NotADirectoryError):
        raise ArtifactError(f"the content {sha256[:16]} is not in the repository: merge a copy that has it") from None
    stored = os.fstat(file.fileno()).st_size
    if stored != size:
        file.close()
        raise ArtifactError(
            f"the content {sha256[:16]} has {stored:,} of {size:,} bytes: log the file again, or merge a copy. {path}"
        )
    return file


def read(file: BinaryIO, sha256: str) -> bytes:
    """A small content that is open, compared with its SHA-256."""
    with file:
        data = file.read()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ArtifactError(f"the content {sha256[:16]} is damaged: restore it by merging a copy of the repository")
    return data


def problem(aim_dir: Path, sha256: str, size: int) -> str:
    """What is wrong with a stored content; empty if nothing is."""
    try:
        with opened(aim_dir, sha256, size) as file:
            return "" if sha256_of(file) == sha256 else f"the content {sha256[:16]} is damaged"
    except (ArtifactError, OSError) as error:
        return str(getattr(error, "strerror", None) or error)


def bring(source: BinaryIO, sha256: str, target: Path, *, top: Path, model: Path | None = None) -> None:
    """Copy an open file to `target`, completely and with the right content, or not at all. `model`: the folder whose
    group and mode it gets."""
    hasher = hashlib.sha256()

    def finish(draft: int | Path) -> None:
        if hasher.hexdigest() != sha256:
            raise ArtifactError(f"the content of {target.name} is damaged: merge a copy, or log it again")
        if model is not None:
            layout.inherit_access(draft, model)

    with regular.replacing(target, top=top, finish=finish) as copy:
        for part in parts(source):
            hasher.update(part)
            copy.write(part)


def has_size(path: Path, size: int) -> bool:
    """Whether a file is there with this size."""
    try:
        return regular.lstat(path).st_size == size
    except (FileNotFoundError, NotADirectoryError):
        return False


def is_whole(path: Path, sha256: str, size: int) -> bool:
    """Whether a file is there with this content."""
    try:
        if not has_size(path, size):
            return False
        with regular.opened(path) as file:
            return sha256_of(file) == sha256
    except (FileNotFoundError, NotADirectoryError):
        return False


def write(aim_dir: Path, sha256: str, content: Iterable[bytes], *, wrong: Exception) -> None:
    """Store a content. Raises `wrong` if it is another one."""
    place = layout.artifact_file(aim_dir, sha256)
    layout.make_folder(place.parent, aim_dir)
    hasher = hashlib.sha256()

    def finish(draft: int | Path) -> None:
        if hasher.hexdigest() != sha256:
            raise wrong
        layout.inherit_access(draft, aim_dir)

    with regular.replacing(place, top=aim_dir, finish=finish) as copy:
        for part in content:
            hasher.update(part)
            copy.write(part)


@contextmanager
def _steady(path: Path) -> Iterator[BinaryIO]:
    """Open a user's file. Raises ArtifactError at the end if somebody wrote to it."""
    with regular.opened(path) as file:
        before = _state(file)
        yield file
        if _state(file) != before:
            raise changed(path)


def _state(file: BinaryIO) -> tuple[int, int]:
    about = os.fstat(file.fileno())
    return about.st_size, about.st_mtime_ns


def changed(path: Path) -> ArtifactError:
    return ArtifactError(f"{str(path)!r:.300} changed while it was stored: log it when its writer is done")
