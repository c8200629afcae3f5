"""Stores for artifacts in tests: a repository whose versions are to be uploaded, and what a store has."""

from __future__ import annotations

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


def contents_at(address: str) -> dict[str, bytes]:
    there = ContentStore(address)
    sizes = {sha256: there.size(sha256) for sha256 in there.names()}
    return {sha256: b"".join(there.parts(sha256, size)) for sha256, size in sizes.items() if size is not None}
