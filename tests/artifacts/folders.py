"""Folders of files for artifacts, and what a repository holds of them."""

from __future__ import annotations

from pathlib import Path

from aim.artifacts.artifact import Artifact

FILES = {"a.txt": b"alpha", "deep/b.bin": bytes(range(256)) * 8, "deep/er/c.json": b'{"rows": 3}'}


def written(folder: Path, files: dict[str, bytes] | None = None) -> Path:
    for path, data in (FILES if files is None else files).items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder


def content_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def stored_in(aim_dir: Path) -> set[str]:
    """The names of all contents and drafts."""
    return {path.name for path in (aim_dir / "artifacts" / "files").glob("*/*")}


def read(artifact: Artifact, path: str) -> bytes:
    with artifact.open(path) as file:
        return file.read()
