"""In place of the files of a repository that cannot be reached: where AIM_STORE names the object store that its seals
were moved to, media are read from there."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from aim import layout
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
        with closing(reader.OpenSeal(self._pointer(location))) as file:
            return objects.content(file, objects.at(file, location.at), most)

    def _pointer(self, location: Location) -> Path:
        """The path of a file that points to the seal, as in a repository whose seals were moved."""
        folder = layout.folder_named(self._folder, location.folder)
        path = (folder / os.path.basename(location.file)).with_suffix(".seal")
        if not path.exists():
            try:
                pointer = stored.pointer_from_store(path)
            except StoreAway:
                raise
            except StoreError:
                raise FilesElsewhere(
                    f"the value lies in {location.file}, whose seal is in no object store that AIM_STORE names"
                ) from None
            folder.mkdir(parents=True, exist_ok=True)
            draft = folder / f".{secrets.token_hex(8)}"
            draft.write_bytes(pointer.packed())
            os.replace(draft, path)
        return path

    @cached_property
    def _folder(self) -> Path:
        folder = tempfile.mkdtemp(prefix="aim-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)
