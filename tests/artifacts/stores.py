"""Stores for artifacts in tests: a repository whose versions are to be uploaded, and what a store has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from aim import layout
from aim.artifacts.artifact import Artifact
from aim.artifacts.store import store
from aim.artifacts.uploads import Upload, upload
from aim.content_store import ContentStore
from tests.artifacts.folders import written


def made(aim_dir: Path, address: str, files: dict[str, bytes] | None = None, **options: Any) -> Artifact:
    """A version that is to be in the store at `address`."""
    layout.create(aim_dir)
    folder = written(aim_dir.parent / "data", files)
    return Artifact(aim_dir, store(aim_dir, folder, address=address, **options).version)


def pushed(artifact: Artifact, aim_dir: Path, address: str | None = None) -> Upload:
    return upload(aim_dir, artifact._version, address or artifact.store)


def emptied(aim_dir: Path) -> None:
    """Remove every content from the repository."""
    for path in (aim_dir / "artifacts" / "files").glob("*/*"):
        path.unlink()


def names_at(address: str) -> set[str]:
    return set(_paths(ContentStore(address)))


def contents_at(address: str) -> dict[str, bytes]:
    there = ContentStore(address)
    return {name: bytes(there._files.cat_file(path)) for name, path in _paths(there).items()}


def _paths(there: ContentStore) -> dict[str, str]:
    """The contents in the folders that exist: `names` asks for each of the 256 that may."""
    named = ((path.rpartition("/")[2], path) for path in there._files.find(there._top))
    return {name: path for name, path in named if re.fullmatch("[0-9a-f]{64}", name)}
