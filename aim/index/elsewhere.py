"""In place of the files of a repository that cannot be reached: where AIM_STORE names the object store that its seals
were moved to, what runs recorded besides numbers is read from there."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from aim import layout, regular
from aim.errors import FilesElsewhere, NoStore, StoreAway, StoreError
from aim.index.sources.source import Batch, Location, Source, SourceFile
from aim.index.state import RunState, WriterState
from aim.log import objects, reader, stored

# A seal can be put into the store again, with another size.
KEPT_SECONDS = 10.0


class Elsewhere(Source):
    def __init__(self) -> None:
        self._made = 0, Path()
        # When the store told what the file points to.
        self._asked: dict[Path, float] = {}

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
        place = layout.folder_named(self._folder(), folder)
        for name in names:
            path = (place / os.path.basename(name)).with_suffix(".seal")
            if time.monotonic() - self._asked.get(path, -math.inf) >= KEPT_SECONDS or not path.exists():
                self._point(path, what)
        return place

    def _point(self, path: Path, what: str) -> None:
        try:
            pointer = stored.pointer_from_store(path)
        except StoreAway:
            raise
        except NoStore:
            raise FilesElsewhere(f"{what}, AIM_STORE names no object store to read them from") from None
        except StoreError as error:
            raise FilesElsewhere(f"{what}, they cannot be read from the object store ({error})") from None
        for folder in (path.parents[1], path.parent):
            folder.mkdir(exist_ok=True)
        with regular.replacing(path) as file:
            file.write(pointer.packed())
        self._asked[path] = time.monotonic()

    def _folder(self) -> Path:
        """Of this process, as a child goes on when its parent has ended. Made again when something removed it."""
        process, folder = self._made
        if process != os.getpid() or not folder.is_dir():
            process, folder = self._made = os.getpid(), Path(tempfile.mkdtemp(prefix="aim-"))
            weakref.finalize(self, _remove, folder, process)
        return folder


def _remove(folder: Path, process: int) -> None:
    if process == os.getpid():
        shutil.rmtree(folder, ignore_errors=True)
