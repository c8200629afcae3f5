"""In place of the files of a repository that cannot be reached: where AIM_STORE names the object store that its seals
were moved to, what runs recorded besides numbers is read from there."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from aim import layout, regular
from aim.errors import FilesElsewhere, StoreAway, StoreError
from aim.index.sources.source import Batch, Location, Source, SourceFile
from aim.index.state import RunState, WriterState
from aim.log import objects, reader, stored
from aim.threads import cached_property


class Elsewhere(Source):
    def names(self) -> list[str]:
        return []

    def files(self, folder: str) -> list[SourceFile]:
        return []

    def holds(self, writer: WriterState, file: SourceFile) -> bool:
        return False

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        return iter(())

    def content(self, location: Location, kind: str, about: str, most: int | None) -> bytes:
        folder = self.files_of(location.folder, [location.file], "the value is in the logs of its run")
        with closing(reader.open_longest(folder / location.file)) as file:
            return objects.content(file, objects.at(file, location.at), most)

    def files_of(self, folder: str, names: Sequence[str], what: str) -> Path:
        """A folder that points to the seals of these files, as in a repository whose seals were moved."""
        place = layout.folder_named(self._folder, folder)
        for name in names:
            path = (place / os.path.basename(name)).with_suffix(".seal")
            if not path.exists():
                self._point(path, what)
        return place

    def _point(self, path: Path, what: str) -> None:
        try:
            pointer = stored.pointer_from_store(path)
        except StoreError as error:
            if isinstance(error, StoreAway) and os.environ.get("AIM_STORE"):
                raise
            raise FilesElsewhere(f"{what}, which are in no object store that AIM_STORE names") from None
        path.parent.mkdir(parents=True, exist_ok=True)
        with regular.replacing(path) as file:
            file.write(pointer.packed())

    @cached_property
    def _folder(self) -> Path:
        folder = tempfile.mkdtemp(prefix="aim-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)
