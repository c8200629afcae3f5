"""Contents that are not in the repository, from a store that has them. Their sizes and SHA-256 are compared before they
have their names."""

from __future__ import annotations

import errno
import hashlib
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from aim import layout
from aim.artifacts import contents
from aim.content_store import ContentStore
from aim.errors import ArtifactError, StoreError

_NOT_HERE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT)


def is_here(aim_dir: Path, sha256: str, size: int) -> bool:
    return contents.has_size(layout.artifact_file(aim_dir, sha256), size)


def opened(aim_dir: Path, sha256: str, size: int, stores: Callable[[], Iterable[str]]) -> BinaryIO:
    """A content of the repository. What is missing there is brought from the first of the stores that has it."""
    try:
        return contents.opened(aim_dir, sha256, size)
    except ArtifactError as error:
        problem = error
    for address in stores():
        try:
            return _brought(aim_dir, sha256, size, ContentStore(address))
        except (ArtifactError, StoreError) as error:
            text = str(error)
            problem = (
                error if isinstance(error, ArtifactError) else ArtifactError(f"{text}, or merge a copy that has it")
            )
    raise problem


def problem(aim_dir: Path, sha256: str, size: int, stores: Callable[[], Iterable[str]]) -> str:
    """What is wrong with a content, here or in the first store; empty if nothing is. Nothing is kept."""
    here = contents.problem(aim_dir, sha256, size)
    if not here or contents.has_size(layout.artifact_file(aim_dir, sha256), size):
        return here
    for address in stores():
        try:
            hasher = hashlib.sha256()
            for part in ContentStore(address).parts(sha256, size):
                hasher.update(part)
            here = "" if hasher.hexdigest() == sha256 else str(_damaged(address, sha256))
        except StoreError as error:
            here = str(error)
        if not here:
            break
    return here


def _brought(aim_dir: Path, sha256: str, size: int, store: ContentStore) -> BinaryIO:
    try:
        layout.make_folder(layout.artifact_file(aim_dir, sha256).parent, aim_dir)
        contents.write(aim_dir, sha256, store.parts(sha256, size), wrong=_damaged(store.address, sha256))
        return contents.opened(aim_dir, sha256, size)
    except StoreError:
        raise
    except OSError as error:
        if error.errno not in _NOT_HERE:
            raise
    return _for_a_moment(sha256, size, store)


def _for_a_moment(sha256: str, size: int, store: ContentStore) -> BinaryIO:
    """For readers who may not write to the repository, or have no space in it."""
    file = tempfile.TemporaryFile()
    hasher = hashlib.sha256()
    for part in store.parts(sha256, size):
        hasher.update(part)
        file.write(part)
    if hasher.hexdigest() != sha256:
        raise _damaged(store.address, sha256)
    file.seek(0)
    return file


def _damaged(address: str, sha256: str) -> ArtifactError:
    return ArtifactError(
        f"the content {sha256[:16]} at {address} is damaged: log the file again and upload it with aim artifact push"
    )
