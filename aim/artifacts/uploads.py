"""Uploads versions to their stores. A version is whole in the repository first; when all its contents are in the store,
an edit says so. Contents are there under their SHA-256, so every try goes on where the last one ended."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from aim import layout, regular
from aim.artifacts import contents, versions
from aim.artifacts.artifact import Artifact
from aim.artifacts.versions import Version
from aim.content_store import ContentStore
from aim.errors import ArtifactError
from aim.handlers import let_through
from aim.log import bounds, edits

_AT_ONCE = 8
_MOST_REPORT = 1 << 14
_MOST_TEXT = 1_000


class Upload(NamedTuple):
    """What one upload did: how many contents the store had, and what was sent."""

    contents: int
    sent: int
    bytes: int


class UploadReport(NamedTuple):
    """What the last process that uploads said: why versions wait, empty if all is well."""

    time: float = 0.0
    problem: str = ""


def waiting(aim_dir: Path) -> list[Version]:
    """The versions that are to be in a store, and of which no store has everything, from the oldest."""
    there = [version for version in versions.every(aim_dir) if version.store and not version.stored]
    return sorted(there, key=lambda version: version.time)


def upload(
    aim_dir: Path, version: Version, address: str, *, progress: Callable[[int, int], object] = lambda done, total: None
) -> Upload:
    """Bring all contents of a version into a store, and record that it has them. Raises StoreError if the store fails,
    and ArtifactError and OSError if a content cannot be read here."""
    artifact = Artifact(aim_dir, version)
    if version.reference:
        raise ArtifactError(f"{version.title} refers to files that stay where they are, so it is in no store")
    store = ContentStore(address)
    sizes = {file.sha256: file.bytes for file in artifact.files} | {version.listing: version.listed}
    sent = [0, 0]
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        for done, size in enumerate(pool.map(partial(_bring, artifact, store), *zip(*sizes.items(), strict=True)), 1):
            sent = [sent[0] + (size is not None), sent[1] + (size or 0)]
            progress(done, len(sizes))
    finally:
        pool.shutdown(cancel_futures=True)
    with closing(edits.Editor(aim_dir)) as editor:
        editor.edit(None, versions.stored_field(version.id), store.address)
    return Upload(len(sizes), *sent)


def _bring(artifact: Artifact, store: ContentStore, sha256: str, size: int) -> int | None:
    """The bytes that were sent; None if the store had the content."""
    if store.size(sha256) == size:
        return None
    with artifact.content(sha256, size) as source:
        if contents.sha256_of(source) != sha256:
            raise ArtifactError(
                f"the content {sha256[:16]} of {artifact.title} is damaged in the repository: log the file again"
            )
        source.seek(0)
        store.put(sha256, source, size)
    return size


@contextmanager
def lock(aim_dir: Path) -> Iterator[bool]:
    """Whether this process is the only one that changes the stores of a repository. The folder is locked, so every user
    who may read it can ask."""
    folder = aim_dir / "artifacts"
    layout.make_folder(folder, aim_dir)
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        yield regular.lock(descriptor)
    finally:
        os.close(descriptor)


def report(aim_dir: Path, problem: str) -> None:
    """Write why versions wait. A disk that refuses costs only the report."""
    try:
        layout.make_folder(aim_dir / "cache", aim_dir)
        finish = partial(layout.inherit_access, aim_dir=aim_dir)
        with regular.replacing(layout.upload_report(aim_dir), top=aim_dir, finish=finish) as file:
            file.write(json.dumps({"time": time.time(), "problem": problem[:_MOST_TEXT]}).encode())
    except OSError as error:
        let_through(error)


def reported(aim_dir: Path) -> UploadReport:
    """Empty if nothing can be read."""
    try:
        fields = bounds.loads(regular.read(layout.upload_report(aim_dir), most=_MOST_REPORT))
        return UploadReport(bounds.seconds(fields["time"]), str(fields["problem"])[:_MOST_TEXT])
    except (OSError, ValueError, TypeError, KeyError) as error:
        let_through(error)
        return UploadReport()
