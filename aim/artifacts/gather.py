"""Which files a user's file or folder has, for an artifact."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from aim.artifacts.listing import MAX_FILES, path_problem
from aim.errors import ArtifactError
from aim.plain import builtin, shown, text_of


class LocalFile(NamedTuple):
    """A regular file: its path in the artifact, and where it is, without links."""

    path: str
    place: Path


def path_of(source: object) -> str:
    """What a user passes as a file or a folder."""
    given = builtin(source)
    if not isinstance(given, (str, os.PathLike)):
        raise TypeError(f"path must be a file or a folder, not {type(source).__name__} {shown(source)}")
    return os.path.expanduser(os.fsdecode(given))


def gather(source: object, aim_dir: Path) -> list[LocalFile]:
    """The files of a file or folder, or of a mapping from paths in the artifact to files. Links in a folder are
    followed to what is in it, and refused where they lead out of it. The repository itself is left out."""
    if isinstance(source, Mapping):
        return _listed(source)
    given = path_of(source)
    top = Path(os.path.realpath(given))
    try:
        mode = top.stat().st_mode
    except OSError as error:
        raise ArtifactError(f"{shown(given, 200)} cannot be read: {error.strerror}") from None
    if not stat.S_ISDIR(mode):
        return [_file(os.path.basename(os.path.abspath(given)), top, mode)]
    files = []
    for file in _inside(top, top, "", aim_dir.resolve(), (top,)):
        files.append(file)
        if len(files) > MAX_FILES:
            raise ArtifactError(
                f"{str(top)!r:.200} has more than {MAX_FILES:,} files: log parts of it, or an archive of them"
            )
    if not files:
        raise ArtifactError(f"{str(top)!r:.200} has no files: log it when they are written")
    return files


def _listed(files: Mapping[Any, object]) -> list[LocalFile]:
    """Each file is named by itself, so links are followed anywhere."""
    if not 0 < len(files) <= MAX_FILES:
        raise ArtifactError(f"an artifact has 1 to {MAX_FILES:,} files, not {len(files):,}")
    listed = []
    given = {text_of(path): path_of(source) for path, source in files.items()}
    for path, source in sorted(given.items(), key=lambda item: item[0].split("/")):
        place = Path(os.path.realpath(source))
        try:
            mode = place.stat().st_mode
        except OSError as error:
            raise ArtifactError(f"{shown(source, 200)} cannot be read: {error.strerror}") from None
        listed.append(_file(path, place, mode))
    paths = {file.path for file in listed}
    folders = {"/".join(parts[:end]) for parts in (path.split("/") for path in paths) for end in range(1, len(parts))}
    if both := sorted(paths & folders):
        raise ArtifactError(f"{both[0]!r:.300} is a file and a folder: give one of them another path")
    return listed


def _inside(folder: Path, top: Path, before: str, aim_dir: Path, above: tuple[Path, ...]) -> Iterator[LocalFile]:
    """`before`: the path of the folder in the artifact, with a slash. `above`: the folders that lead here."""
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries)
    for name in names:
        path = before + name
        place = folder / name
        if place.is_symlink():
            place = Path(os.path.realpath(place))
            if place != top and top not in place.parents:
                raise ArtifactError(
                    f"{path!r:.300} is a link that leads out of {str(top)!r:.200}: put the file there, or log the "
                    "folder that it leads to"
                )
        if place == aim_dir:
            continue
        try:
            mode = place.stat().st_mode
        except OSError as error:
            raise ArtifactError(f"{path!r:.300} cannot be read: {error.strerror}") from None
        if not stat.S_ISDIR(mode):
            yield _file(path, place, mode)
        elif place in above:
            raise ArtifactError(f"{path!r:.300} is a link to a folder above it: remove it")
        else:
            yield from _inside(place, top, f"{path}/", aim_dir, (*above, place))


def _file(path: str, place: Path, mode: int) -> LocalFile:
    if not stat.S_ISREG(mode):
        raise ArtifactError(f"{path!r:.300} is a pipe, a socket or a device; an artifact has regular files")
    if problem := path_problem(path):
        raise ArtifactError(f"{path!r:.300} {problem}: rename the file")
    return LocalFile(path, place)
