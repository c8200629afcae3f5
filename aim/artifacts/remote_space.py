"""Frees space where a store is involved: contents here that a store has too, and contents in a store that no version
refers to."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from aim import layout, regular
from aim.artifacts import space, uploads, versions
from aim.artifacts.space import DAY
from aim.content_store import ContentStore, RemoteContent
from aim.errors import ArtifactError

Progress = Callable[[int, int], object]


class StoredContent(NamedTuple):
    """A content of the repository that the store at `address` has too."""

    path: Path
    bytes: int
    address: str


def stored(aim_dir: Path, *, older_than: float) -> list[StoredContent]:
    """Contents whose versions are all in a store, and that are older than so many seconds. Lists of files stay here:
    without them nobody knows what a version has."""
    space.check_readable(aim_dir)
    kept: set[str] = set()
    addresses: dict[str, str] = {}
    for version in versions.every(aim_dir):
        kept.add(version.listing)
        for sha256 in space.contents_of(aim_dir, version):
            if version.stored:
                addresses.setdefault(sha256, version.stored)
            else:
                kept.add(sha256)
    before = time.time() - older_than
    places = {layout.artifact_file(aim_dir, sha256): at for sha256, at in addresses.items() if sha256 not in kept}
    sizes = {path: space.size_of_old(path, before) for path in sorted(places)}
    return [StoredContent(path, size, places[path]) for path, size in sizes.items() if size is not None]


def free_stored(
    aim_dir: Path, contents: Collection[StoredContent], *, older_than: float, progress: Progress
) -> list[StoredContent]:
    """Remove them, if their store has them now and nobody renewed them since they were listed; what was removed. Raises
    StoreError."""
    stores = {address: ContentStore(address) for address in {content.address for content in contents}}
    before, removed = time.time() - older_than, []
    for done, content in enumerate(contents, 1):
        in_store = stores[content.address].size(content.path.name) == content.bytes
        if in_store and space.size_of_old(content.path, before) is not None:
            with suppress(FileNotFoundError, NotADirectoryError):
                regular.remove(content.path, aim_dir)
                removed.append(content)
        progress(done, len(contents))
    return removed


def unused_in(aim_dir: Path, address: str) -> list[RemoteContent]:
    """The contents in a store that no version of the repository refers to and that are older than a day. Raises
    StoreError and ArtifactError."""
    store = ContentStore(address)
    names = list(store.names())
    # What is uploaded after the names were listed belongs to a version that is there now.
    known = space.referred(aim_dir)
    before = time.time() - DAY
    there = [store.about(sha256) for sha256 in names if sha256 not in known]
    return [content for content in there if content is not None and content.time < before]


def remove_in(
    aim_dir: Path, address: str, contents: Collection[RemoteContent], *, progress: Progress
) -> list[RemoteContent]:
    """Remove them from the store, except what a version refers to by now; what was removed. No upload finds a content
    there that is then removed. Raises StoreError and ArtifactError."""
    store = ContentStore(address)
    removed = []
    with uploads.lock(aim_dir) as is_alone:
        if not is_alone:
            raise ArtifactError("a process uploads artifacts of this repository now: try again when it is done")
        known = space.referred(aim_dir)
        for done, content in enumerate(contents, 1):
            if content.sha256 not in known:
                store.remove(content.sha256)
                removed.append(content)
            progress(done, len(contents))
    return removed
