"""Frees the contents that no version refers to.

A process that stores an artifact renews the time of each content before and after its version is there, and stores
again what is missing. So a content that nothing refers to and nobody renewed for a while belongs to nobody.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from aim import layout, regular
from aim.artifacts import contents, versions
from aim.artifacts.artifact import Artifact
from aim.artifacts.contents import is_sha256
from aim.artifacts.versions import Version
from aim.errors import ArtifactError

# Clocks of machines that share a disk may differ.
SOON = 60.0
DAY = 86_400.0
_AT_ONCE = 64 << 20


class Unused(NamedTuple):
    path: Path
    bytes: int


def check_readable(aim_dir: Path) -> None:
    """Raises ArtifactError if some version cannot be read, so that it is not known to what it refers."""
    for path, why in versions.problems(aim_dir):
        raise ArtifactError(f"the file of a version cannot be read: {why}. Remove it, or merge a copy: {path}")


def referred(aim_dir: Path) -> set[str]:
    """The SHA-256 of every content that a version refers to. Raises ArtifactError if that cannot be known."""
    check_readable(aim_dir)
    known: set[str] = set()
    for version in versions.every(aim_dir):
        if version.listing in known:
            continue
        try:
            known |= contents_of(aim_dir, version)
        except ArtifactError as error:
            raise ArtifactError(
                f"{version.title} cannot be read: {error}. Remove it with: aim artifact rm {version.title}"
            ) from None
    return known


def contents_of(aim_dir: Path, version: Version) -> set[str]:
    """The SHA-256 of every content that a version refers to."""
    return {version.listing, *(file.sha256 for file in Artifact(aim_dir, version).files if not file.address)}


def unused(aim_dir: Path, *, older_than: float) -> list[Unused]:
    """Contents that nothing refers to and that are older than so many seconds, and what killed processes left."""
    kept, before = referred(aim_dir), time.time() - older_than
    sizes = {path: size_of_old(path, before) for path in _stored(aim_dir) if path.name not in kept}
    return [Unused(path, size) for path, size in sizes.items() if size is not None]


def remove(aim_dir: Path, candidates: Collection[Unused], *, older_than: float) -> list[Unused]:
    """Remove them, except those that somebody renewed since they were listed; what was removed."""
    before, removed = time.time() - older_than, []
    for content in candidates:
        if size_of_old(content.path, before) is not None:
            with suppress(FileNotFoundError, NotADirectoryError):
                regular.remove(content.path, aim_dir)
                removed.append(content)
    for draft in _drafts(aim_dir):
        if size_of_old(draft, time.time() - max(older_than, DAY)) is not None:
            versions.remove_draft(draft, aim_dir)
    return removed


def free(aim_dir: Path, digests: Collection[str]) -> set[str]:
    """Remove those of these contents that nothing refers to and that nobody renewed in the last minute. Returns those
    that are too young, or of which it cannot be known at once: `remove` frees them later."""
    before = time.time() - SOON
    unreferred = _unreferred(aim_dir, digests)
    if unreferred is None:
        return set(digests)
    young: set[str] = set()
    for sha256 in unreferred:
        path = layout.artifact_file(aim_dir, sha256)
        if size_of_old(path, before) is not None:
            with suppress(FileNotFoundError, NotADirectoryError):
                regular.remove(path, aim_dir)
        elif os.path.lexists(path):
            young.add(sha256)
    return young


def _unreferred(aim_dir: Path, digests: Collection[str]) -> set[str] | None:
    """Those to which nothing refers, found in the bytes of the lists, because this is done while a training waits. None
    if a version cannot be read, or if there is too much to read."""
    there = {version.listing: version.listed for version in versions.every(aim_dir)}
    if sum(there.values()) > _AT_ONCE or any(True for _ in versions.problems(aim_dir)):
        return None
    wanted = set(digests) - set(there)
    for listing, listed in there.items():
        try:
            data = contents.read(contents.opened(aim_dir, listing, listed), listing) if wanted else b""
        except ArtifactError:
            return None
        wanted = {sha256 for sha256 in wanted if sha256.encode() not in data}
    return wanted


def _stored(aim_dir: Path) -> Iterator[Path]:
    """Every content and draft of one."""
    for folder in versions.folders_in(aim_dir / "artifacts" / "files"):
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if is_sha256(entry.name.lstrip(".")[:64]))
        yield from (folder / name for name in names)


def _drafts(aim_dir: Path) -> list[Path]:
    homes = versions.folders_in(aim_dir / "artifacts" / "versions")
    return [path for home in homes for path in versions.folders_in(home) if path.name.startswith(".")]


def size_of_old(path: Path, before: float) -> int | None:
    """The size of a file that nobody wrote or renewed since; None for any other."""
    try:
        about = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return about.st_size if about.st_mtime < before else None
