"""Artifact: one version, as users hold it: its facts, and its files to read or to copy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from aim import layout, regular
from aim.artifacts import contents, fetch, listing, versions
from aim.artifacts.listing import ArtifactFile
from aim.artifacts.versions import Version
from aim.errors import ArtifactError
from aim.plain import shown


class Artifact:
    """One version of an artifact in a repository.

    `artifact.path()` is a folder with its files, or the file if it is a single one; `artifact.get("data")` copies them,
    `artifact.open("config.json")` reads one. What is copied is compared with its SHA-256.
    """

    def __init__(self, aim_dir: Path, version: Version) -> None:
        self._aim_dir = aim_dir
        self._version = version

    def __repr__(self) -> str:
        return f"<Artifact {self.title}, {self.count:,} files, {self.bytes:,} bytes>"

    @property
    def title(self) -> str:
        """Its name and version: `digits:v3`."""
        return self._version.title

    @property
    def id(self) -> str:
        return self._version.id

    @property
    def name(self) -> str:
        return self._version.name

    @property
    def version(self) -> str:
        """`v0`, `v1` and so on."""
        return self._version.version

    @property
    def type(self) -> str:
        return self._version.type

    @property
    def aliases(self) -> tuple[str, ...]:
        """The aliases that it had when it was read."""
        return self._version.aliases

    @property
    def metadata(self) -> Mapping[str, Any]:
        return self._version.metadata

    @property
    def created_at(self) -> float:
        """In seconds since 1970."""
        return self._version.time

    @property
    def made_by(self) -> str | None:
        """The id of the run that made it."""
        return self._version.run

    @property
    def user(self) -> str:
        return self._version.user

    @property
    def bytes(self) -> int:
        """Bytes of all files."""
        return self._version.bytes

    @property
    def count(self) -> int:
        """How many files it has."""
        return self._version.files

    @property
    def reference(self) -> bool:
        """Whether its files stay where they are, outside the repository."""
        return self._version.reference

    @property
    def store(self) -> str:
        """The address of the store that its files are to be uploaded to; empty if there is none."""
        return self._version.store

    @property
    def stored(self) -> str:
        """The address of the store that had all its files when it was read; empty if none had."""
        return self._version.stored

    @property
    def digest(self) -> str:
        """Equal for versions with the same files."""
        return self._version.listing

    @cached_property
    def files(self) -> list[ArtifactFile]:
        """The files by path."""
        if self._version.listed > listing.MAX_LIST:
            raise ArtifactError(f"the list of files of {self.title} is too large to be one")
        return listing.decode(contents.read(self.content(self.digest, self._version.listed), self.digest))

    def file(self, path: str) -> ArtifactFile:
        for file in self.files:
            if file.path == path:
                return file
        few = ", ".join(file.path for file in self.files[:5])
        raise ArtifactError(
            f"{self.title} has no file {shown(path, 200)}; it has {few}{', …' if self.count > 5 else ''}"
        )

    def open(self, path: str) -> BinaryIO:
        """Open a file to read its bytes, without a copy. What is in a store alone is brought into the repository."""
        return self._opened(self.file(path))

    def content(self, sha256: str, size: int) -> BinaryIO:
        """One of its contents, open."""
        return fetch.opened(self._aim_dir, sha256, size, self.stores)

    def stores(self) -> list[str]:
        """The addresses of the stores that may have its contents. Versions share contents, so each store may."""
        there = [self.stored, *(version.stored for version in versions.every(self._aim_dir))]
        return [address for address in dict.fromkeys(there) if address]

    def has_list(self) -> bool:
        """Whether its list of files can be read without a store."""
        return fetch.is_here(self._aim_dir, self.digest, self._version.listed)

    def has(self, file: ArtifactFile) -> bool:
        """Whether a file can be read without a store."""
        return bool(file.address) or fetch.is_here(self._aim_dir, file.sha256, file.bytes)

    def get(self, folder: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Copy the files into a folder, which is made if needed. Files that are there with the right content stay;
        others are refused, unless `overwrite` is True."""
        top = Path(os.path.abspath(os.path.expanduser(os.fspath(folder))))
        top.mkdir(parents=True, exist_ok=True)
        wanted = [file for file in self.files if not contents.is_whole(top / file.path, file.sha256, file.bytes)]
        taken = next((file.path for file in wanted if os.path.lexists(top / file.path)), None)
        if taken is not None and not overwrite:
            raise ArtifactError(
                f"{str(top / taken)!r:.300} exists with different content: choose another folder, or pass "
                "overwrite=True (--overwrite on the command line)"
            )
        made: set[str] = set()
        for file in wanted:
            for above in listing.folders_of(file.path):
                if above not in made:
                    _make_folder(top / above, top)
                    made.add(above)
            with self._opened(file) as source:
                contents.bring(source, file.sha256, top / file.path, top=top)
        return top

    def path(self, file: str | None = None) -> Path:
        """The files as a folder in the repository's cache, or one of them; a single file itself. To be read only: other
        processes share it."""
        place = self._aim_dir / "cache" / "artifacts" / self.digest
        if place.is_symlink():
            raise ArtifactError(f"{place} is a link, and must be a folder: remove it")
        if not place.is_dir():
            self._unpack(place)
        elif not all(contents.has_size(place / each.path, each.bytes) for each in self.files):
            self.get(place, overwrite=True)
        if file is not None:
            return place / self.file(file).path
        return place / self.files[0].path if self.count == 1 and "/" not in self.files[0].path else place

    def check(self) -> list[str]:
        """What is wrong with its files: a sentence for each that is damaged or missing."""
        problems = [(file.path, self._problem(file)) for file in self.files]
        return [f"{path}: {problem}" for path, problem in problems if problem]

    def _problem(self, file: ArtifactFile) -> str:
        if not file.address:
            return fetch.problem(self._aim_dir, file.sha256, file.bytes, self.stores)
        try:
            with self._opened(file) as source:
                return "" if contents.sha256_of(source) == file.sha256 else f"{file.address} has different content"
        except (ArtifactError, OSError) as error:
            return str(getattr(error, "strerror", None) or error)

    def _unpack(self, place: Path) -> None:
        """Copies appear in the cache whole. Several processes may do it at once; the first one's stays."""
        try:
            layout.make_folder(place.parent, self._aim_dir)
            draft = place.with_name(f".{os.getpid()}.{os.urandom(4).hex()}")
            layout.make_new_folder(draft, self._aim_dir)
        except OSError as error:
            raise ArtifactError(
                f"the cache of the repository cannot be written ({error.strerror}): copy the files with "
                "artifact.get('FOLDER')"
            ) from error
        try:
            self.get(draft)
            with regular.folder(place.parent, self._aim_dir) as above:
                above.take(draft.name, place.name)
        except OSError:
            if not place.is_dir():
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _opened(self, file: ArtifactFile) -> BinaryIO:
        if not file.address:
            return self.content(file.sha256, file.bytes)
        place = _local(file)
        source = regular.opened(place)
        if os.fstat(source.fileno()).st_size != file.bytes:
            source.close()
            raise ArtifactError(
                f"{str(place)!r:.300} changed since {self.title} was stored: restore the file, or log it again"
            )
        return source


def _local(file: ArtifactFile) -> Path:
    parts = urlsplit(file.address)
    if parts.scheme != "file" or parts.netloc:
        raise ArtifactError(f"{file.path!r:.200} is at {file.address!r:.300}, which is not a file of this machine")
    return Path(unquote(parts.path))


def _make_folder(folder: Path, top: Path) -> None:
    """Make a folder below `top` through no link."""
    with regular.folder(folder.parent, top) as place:
        try:
            place.make(folder.name)
        except FileExistsError:
            if folder.is_symlink() or not folder.is_dir():
                raise ArtifactError(f"{str(folder)!r:.300} is a file or a link, and must be a folder") from None
