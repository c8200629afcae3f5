"""Brings the artifacts of another repository, for a merge: contents first, so a version is there when it is whole."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import NamedTuple

from aim import layout, regular
from aim.artifacts import contents, fetch, versions
from aim.artifacts.artifact import Artifact
from aim.artifacts.versions import Version
from aim.errors import ArtifactError


class MergedArtifacts(NamedTuple):
    """What was copied, and which versions were not, and why."""

    files: int
    bytes: int
    missing: list[tuple[Path, Exception]]


def bring(source: Path, target: Path) -> MergedArtifacts:
    """Copy every version that is new in the target and was not removed there. Removed ones are swept from it."""
    files = size = 0
    missing: list[tuple[Path, Exception]] = []
    for version in versions.removed(target):
        versions.forget(target, version)
    finish = partial(layout.inherit_access, aim_dir=target)
    known = {version.id for version in versions.every(target)} | versions.removals(target)
    for version in versions.every(source):
        if version.id in known:
            continue
        path = versions.path_of(source, version)
        try:
            copied = _bring_contents(source, target, version)
            place = versions.path_of(target, version)
            layout.make_folder(place.parent, target)
            data = regular.read(path)
            with regular.replacing(place, top=target, finish=finish) as file:
                file.write(data)
        except ArtifactError as error:
            missing.append((path, error))
            continue
        files += len(copied) + 1
        size += sum(copied) + len(data)
    return MergedArtifacts(files, size, missing)


def _bring_contents(source: Path, target: Path, version: Version) -> list[int]:
    """The sizes of the contents that were copied. What a store has alone stays there."""
    artifact = Artifact(source, version)
    wanted = [(file.sha256, file.bytes) for file in artifact.files if not file.address]
    copied = []
    for sha256, size in [*wanted, (version.listing, version.listed)]:
        if version.stored and not fetch.is_here(source, sha256, size):
            continue
        if not contents.renewed(target, sha256, size):
            place = layout.artifact_file(target, sha256)
            layout.make_folder(place.parent, target)
            with contents.opened(source, sha256, size) as file:
                contents.bring(file, sha256, place, top=target, model=target)
            copied.append(size)
    return copied
