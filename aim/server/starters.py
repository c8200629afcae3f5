"""Who records each run, as their tokens tell: an EDIT beside the first bytes of a run that is new here."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from aim.log import edits
from aim.log.edits import Editor
from aim.remote import files
from aim.remote.frames import FileFrame


class Starters:
    def __init__(self, aim_dir: Path) -> None:
        self.aim_dir = aim_dir
        self._editor = Editor(aim_dir)
        self._known = {edit.run for edit in edits.every(aim_dir) if edit.field == "started_by"}
        self._turn = threading.Lock()

    def note(self, frame: FileFrame, user: str) -> None:
        """Before the bytes are kept, so that a server that is killed in between loses nothing."""
        if frame.at or not frame.data:
            return
        place = files.parse(frame.name)
        if place is None or place.run is None or place.run in self._known:
            return
        with self._turn:
            if place.run in self._known:
                return
            if not any((self.aim_dir / place.folder).glob(f"{place.run}-*")):
                # A full disk is told in the answer to the frame.
                with suppress(OSError):
                    self._editor.edit(place.run, "started_by", user)
            self._known.add(place.run)

    def close(self) -> None:
        self._editor.close()
