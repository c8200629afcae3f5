"""The catalogs of a database that another process folds into (`filling.py`). It keeps no state that others need, so any
number of processes read one database."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from aim import layout
from aim.clickhouse import folds
from aim.clickhouse.database import Database
from aim.clickhouse.edits import waiting
from aim.clickhouse.table import DistantTable
from aim.errors import EngineError
from aim.index import documents
from aim.index.catalog import Catalog
from aim.index.elsewhere import Elsewhere
from aim.index.filling import FOLDER, HEARTBEAT_SECONDS, remote_segment
from aim.index.refresh import FieldEdit
from aim.index.rows import DistantRows
from aim.index.sources.source import Source
from aim.index.sources.table import SOURCES
from aim.index.state import RunState, WriterState
from aim.index.waiting import DistantEditor, states
from aim.log.edits import Editing, Editor
from aim.threads import cached_property

_SETTLED = ("ended", "alive", "quiet")
SETTLE_SECONDS = 2.0
_OF_STATE = ("id", "dir", "since", "dir_mtime", "dir_inode", "doc")


class Shared:
    """`aim_dir`: the repository that is folded into the database, where it can be reached; media, output and edits are
    in its files."""

    def __init__(self, database: Database, aim_dir: Path | None = None) -> None:
        self.aim_dir = aim_dir or database.address.place / ".aim"
        self.database = database
        self.elsewhere = aim_dir is None
        self._rows: DistantRows | None = None
        self._waiting: tuple[str, list[WriterState]] = ("", [])
        self._database_id = ""
        self._states: dict[str, RunState] = {}
        self._heartbeats: dict[str, float] = {}
        self._seen_at = 0.0
        self._folded_at = 0.0

    @property
    def place(self) -> str:
        return str(self.database.address) if self.elsewhere else str(self.aim_dir.parent)

    def files_of(self, folder: Path, writers: Sequence[WriterState], what: str) -> Path:
        if isinstance(self._source, Elsewhere):
            return self._source.files_of(folder.name, [writer.file for writer in writers], what)
        return folder

    def editor(self) -> Editing:
        return DistantEditor(self.database) if self.elsewhere else Editor(self.aim_dir)

    def why_not_edit(self) -> str | None:
        if not self.elsewhere:
            return layout.why_not_write(self.aim_dir)
        return "this user of the database may only read: name another one" if self.database.read_only else None

    def settle(self, edits: Sequence[FieldEdit], refresh: Callable[[], Catalog]) -> None:
        """A fold brings them, soon or when it runs again; then nobody waits for it."""
        until = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < until:
            try:
                fields = refresh().edits
            except EngineError:
                return
            known = ((fields.get(run or "", {}).get(field), value) for run, field, value in edits)
            if all(edit is not None and edit[2] == value for edit, value in known) or not self._is_followed():
                return
            time.sleep(SETTLE_SECONDS / 40)

    def _is_followed(self) -> bool:
        return time.time() - self._folded_at < 3 * HEARTBEAT_SECONDS

    def notes(self) -> list[str]:
        return []

    def load(self) -> None:
        self._rows, self._states, self._seen_at, self._waiting = None, {}, 0.0, ("", [])
        self.database.client.damage.clear()

    def reload(self) -> Catalog:
        self.load()
        return self.current(None)

    def current(self, before: Catalog | None) -> Catalog:
        number, edited, id = folds.news(self.database)
        if self._database_id not in ("", id):
            self.load()
        self._database_id = id
        self._read_heartbeats()
        if before is not None and self._rows is not None and (self._rows.number, self._waiting[0]) == (number, edited):
            return before
        if edited != self._waiting[0]:
            self._waiting = edited, states(waiting(self.database))
            # The edits that are not there any more are folded.
            number = folds.news(self.database).number
        rows = self._rows_of(number)
        alive, segments = rows.read(["run"])["run"], [remote_segment(self.database, number)]
        sources: dict[int, Source] = {0: self._source}
        return Catalog(segments, alive, self._states, self._heartbeats, before, sources, rows, self._waiting[1])

    def _rows_of(self, number: int) -> DistantRows:
        """The runs as of a fold."""
        if self._rows is None or self._rows.number != number:
            table = self._table("runs")
            self._read_states(table)
            self._rows = DistantRows(table, number, self._rows)
        return self._rows

    def _table(self, name: str) -> DistantTable:
        return DistantTable(self.database.client, name)

    def _read_states(self, table: DistantTable) -> None:
        """The runs that may go on at any moment."""
        columns = ["run", *_OF_STATE, *_SETTLED]
        if self._rows is None:
            rows = table.read(columns, {"ended": [0], "quiet": [""]})
        else:
            rows = table.since(columns, self._rows.number)
            table.client.damage.forget_others(rows["run"].tolist(), [f"runs.{name}" for name in columns])
        states = dict(self._states)
        ended = rows.pop("ended") | ~rows.pop("alive") | (rows.pop("quiet") != "")
        for gone, id, folder, since, changed, inode, text in zip(
            ended.tolist(), *(rows[name].tolist() for name in _OF_STATE), strict=True
        ):
            states.pop(id, None)
            if not gone:
                states[id] = documents.restored(RunState(id, folder, since, changed, inode), text, table.client.damage)
        self._states = states

    def _read_heartbeats(self) -> None:
        """The heartbeats of writers and of the process that folds, as far as it told them."""
        if time.monotonic() - self._seen_at < HEARTBEAT_SECONDS:
            return
        self._seen_at = time.monotonic()
        rows = self._table("heartbeats").read(["writer", "at"], {})
        heard = dict(zip(rows["writer"].tolist(), rows["at"].tolist(), strict=True))
        self._folded_at = heard.pop(FOLDER, 0.0)
        self._heartbeats.update(heard)

    @cached_property
    def _source(self) -> Source:
        return SOURCES[0].open(self.aim_dir) if not self.elsewhere else Elsewhere()
