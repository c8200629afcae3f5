"""Edits: tags, notes, archive, delete, experiments. One log per editing process; the last edit of a field wins."""

from __future__ import annotations

import errno
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from aim import layout, regular
from aim.errors import LogError
from aim.handlers import let_through
from aim.log import bounds, record
from aim.log.reader import open_file, writers
from aim.log.record import Record
from aim.log.writer import Writer

# Of a user. An e-mail address may be one.
MAX_NAME = 254
Key = tuple[str | None, str]


class Edit(NamedTuple):
    """One field of one run (`run` in hex), or of the repository (`run` None). Compares by age: the later edit wins.
    `bond` proves who wrote a record that may start something (aim/launch/origin.py). `by` is the user who made it, as
    far as is known."""

    stamp: int
    writer: str
    run: str | None
    field: str
    value: Any
    bond: Any = None
    by: str | None = None


# What a record of this stamp, field and value is to carry.
Bond = Callable[[int, str, Any], Any]


class Editing(ABC):
    """Makes EDIT records for one process, each newer than the one before."""

    def __init__(self) -> None:
        self._stamp = 0

    def edit(self, run: str | None, field: str, value: Any, *, seen: int = 0) -> None:
        """`seen` is the highest stamp known for this run; this edit wins over it. Raises OSError if it cannot be
        written."""
        self.edit_many([(run, field, value)], seen=seen)

    def edit_many(
        self,
        changes: list[tuple[str | None, str, Any]],
        *,
        seen: int = 0,
        bond: Bond | None = None,
        by: str | None = None,
    ) -> None:
        payloads = []
        for run, field, value in changes:
            self._stamp = next_stamp(max(self._stamp, seen))
            content = {"stamp": self._stamp, "run": run, "field": field, "value": value}
            if by is not None:
                content["by"] = by
            if bond is not None:
                content["bond"] = bond(self._stamp, field, value)
            payloads.append(record.encode_json(content))
        self.append(payloads)

    @abstractmethod
    def append(self, payloads: Sequence[bytes]) -> None:
        """Keep the content of some EDIT records. Raises OSError if they cannot be written."""

    @abstractmethod
    def close(self) -> None:
        """End what is open. A later edit opens it again."""


class Editor(Editing):
    """Writes EDIT records to the files of a repository.

    Nothing is created before the first edit. Each edit is on disk when `edit` returns, unless `waits` is False: then
    the system has it.
    """

    def __init__(self, aim_dir: Path, *, waits: bool = True) -> None:
        super().__init__()
        self.aim_dir = aim_dir
        self._waits = waits
        self._writer: Writer | None = None
        self._refusal = OSError(errno.EIO, os.strerror(errno.EIO))
        self._pid = 0

    def append(self, payloads: Sequence[bytes]) -> None:
        writer = self._open()
        for payload in payloads:
            if not writer.append(record.EDIT, payload) or writer.waiting:
                raise OSError(layout.not_written(writer.path, self._refusal))
        if self._waits and not writer.flush():
            raise OSError(layout.not_written(writer.path, self._refusal))

    def close(self) -> None:
        if self._writer is not None and self._pid == os.getpid():
            self._writer.close()
        self._writer = None

    def _open(self) -> Writer:
        if self._writer is None or self._pid != os.getpid():
            layout.create(self.aim_dir)
            self._writer = Writer(self.aim_dir / "edits", layout.NO_RUN, aim_dir=self.aim_dir, on_trouble=self._refused)
            self._pid = os.getpid()
        return self._writer

    def _refused(self, error: OSError) -> None:
        self._refusal = error


def next_stamp(seen: int) -> int:
    """Microseconds since 1970, or the highest stamp seen + 1, so a host with a fast clock does not win for long."""
    return max(time.time_ns() // 1000, seen + 1)


_read: dict[Path, tuple[tuple[int, int], list[Edit]]] = {}


def latest(aim_dir: Path) -> dict[Key, Edit]:
    """The winning edit of every field in `.aim/edits`."""
    winners: dict[Key, Edit] = {}
    for edit in every(aim_dir):
        key = (edit.run, edit.field)
        rival = winners.get(key)
        if rival is None or edit[:2] > rival[:2]:
            winners[key] = edit
    return winners


def every(aim_dir: Path) -> Iterator[Edit]:
    """All edits in `.aim/edits`, in no order. Files that did not change are not read again."""
    for file in writers(aim_dir / "edits"):
        yield from _edits_in(file.path)


def deleted(aim_dir: Path) -> set[str]:
    """The ids of all deleted runs."""
    return {edit.run for edit in latest(aim_dir).values() if edit.field == "deleted" and edit.value and edit.run}


def active_experiment(aim_dir: Path) -> str:
    edit = latest(aim_dir).get((None, "active_experiment"))
    return edit.value if edit is not None and isinstance(edit.value, str) else "default"


def parse(payload: bytes, writer: str, own_run: str | None) -> Edit | None:
    """The content of an EDIT record; None if a field is missing or invalid."""
    try:
        content = record.decode_json(payload)
        run, field = content["run"] or own_run, str(content["field"])
        stamp = bounds.stamp(content["stamp"])
        run = None if run is None else str(run)
        by = content.get("by")
        named = by[:MAX_NAME] if isinstance(by, str) else None
        return Edit(stamp, writer, run, field, content["value"], content.get("bond"), named)
    except (ValueError, KeyError, TypeError, OverflowError):
        return None


def _edits_in(path: Path) -> list[Edit]:
    try:
        stat = regular.lstat(path)
        state = (stat.st_size, stat.st_mtime_ns)
        known = _read.get(path)
        if known is not None and known[0] == state:
            return known[1]
        with closing(open_file(path)) as log:
            header = log.header()
            writer = log.writer if header is None else header.writer.hex()
            payloads = (
                entry.payload for entry in log.walk() if isinstance(entry, Record) and entry.kind == record.EDIT
            )
            valid = [edit for payload in payloads if (edit := parse(payload, writer, None)) is not None]
    except (OSError, LogError) as error:
        let_through(error)
        return []
    _read[path] = (state, valid)
    return valid
