"""What the processes of a run left in their logs besides points: output, logged lines, and the environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from aim import layout
from aim.errors import FilesElsewhere, StoreError
from aim.index.catalog import Catalog
from aim.index.refresh import Index
from aim.index.state import RunState, WriterState
from aim.log.output import Transcript
from aim.query import logged
from aim.repo.runs import place_named

# Runs of one process stand together in the order of their start.
NEAR = 1_000


class RunLogs:
    """A run is named by its hash, its id, or the beginning of its id."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def output(self, run: str, *, writer: str | None = None) -> Transcript:
        """What a run printed, to be read from any place and closed: `with repo.logs.output("baseline") as output`."""
        folder, state = self._of(run)
        printed = [writer for writer in state.writers if writer.printed]
        folder = self._index.catalogs.files_of(folder, printed, "what a run printed is in its logs")
        return logged.transcript(folder, state, writer=writer)

    def output_writers(self, run: str) -> list[WriterState]:
        """The processes that recorded what a run printed, in the order in which they began."""
        return logged.output_writers(self._of(run)[1])

    def may_print(self, run: str) -> bool:
        """Whether more output of a run may come."""
        word = self._index.ask(lambda catalog: catalog.status(place_named(catalog, run)).word)
        return word == "running" or bool(self.printing(run))

    def printing(self, run: str) -> set[str]:
        """The ids of the processes that may record more output."""
        folder, state = self._of(run)
        return {writer.id for writer in logged.output_writers(state) if logged.may_print(folder, writer)}

    def messages(self, run: str) -> logged.Messages:
        """The lines that a run logged."""
        folder, state = self._of(run)
        told = [writer for writer in state.writers if writer.messages]
        folder = self._index.catalogs.files_of(folder, told, "the lines that a run logged are in its logs")
        return logged.messages(folder, state)

    def environment(self, run: str) -> logged.Environment | None:
        """Packages, variables and uncommitted changes of a run; None where they were not recorded."""
        folder, state = self._of(run)
        changed = [writer for writer in [state.surroundings()] if writer.diff is not None]
        with suppress(FilesElsewhere, StoreError):  # packages and variables are known without it
            folder = self._index.catalogs.files_of(folder, changed, "uncommitted changes are in the logs")
        return logged.environment(folder, state)

    def writers(self, run: str) -> list[WriterState]:
        """The processes that recorded a run, in the order in which they began."""
        return sorted(self._of(run)[1].writers, key=lambda writer: (writer.started, writer.id))

    def reasons(self, run: str, writers: Sequence[WriterState]) -> list[str]:
        """What is damaged in the files of a run with these writers or in its rows of a database, and why."""
        return self._index.ask(lambda catalog: catalog.reasons(place_named(catalog, run), writers))

    def recorded_with(self, run: str) -> int:
        """How many runs the process that began this run recorded, itself included, of the `NEAR` runs around it."""

        def count(catalog: Catalog) -> int:
            place = place_named(catalog, run)
            first = min(catalog.state(place).writers, key=lambda writer: writer.started, default=None)
            process = first and first.start.get("process")
            if not isinstance(process, Mapping) or not process.get("pid"):
                return 1
            near = np.arange(max(0, place - NEAR), min(len(catalog), place + NEAR + 1))
            return sum(any(it.start.get("process") == process for it in run.writers) for run in catalog.states(near))

        return self._index.ask(count)

    def _of(self, run: str) -> tuple[Path, RunState]:
        """The folder of a run's files, and its state."""

        def answer(catalog: Catalog) -> tuple[Path, RunState]:
            place = place_named(catalog, run)
            folder = layout.folder_named(self._index.catalogs.aim_dir, catalog.column("dir")[place])
            return folder, catalog.state(place)

        return self._index.ask(answer)
