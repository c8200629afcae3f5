"""Recorded tables that pages show: the last ones are kept open, each by a process of its own
(`aim/query/table_process.py`), for which their files are written to a folder."""

from __future__ import annotations

import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aim.deadline import turn
from aim.errors import QueryError
from aim.processes import IsolatedProcesses
from aim.server.media import readable
from aim.server.problems import Refused
from aim.server.scratch import Scratch

if TYPE_CHECKING:
    from aim.query.media import MediaPoint
    from aim.repo import Repo

MAX_BYTES = 256 << 20
KEPT = 4
SECONDS = 30.0
_ANSWER = "aim.query.table_process:answer"
_Key = tuple[object, ...]


class OpenTable:
    """Of one table, or of several as one."""

    def __init__(self, folder: Path) -> None:
        self.users = 0
        self.folder = folder
        self._parts: list[tuple[str, int]] | None = None
        self._writing = threading.Lock()
        self._process = IsolatedProcesses(_ANSWER, seconds=SECONDS)

    @property
    def written(self) -> bool:
        """Whether the files are there."""
        return self._parts is not None and all(map(os.path.exists, map(self._file, range(len(self._parts)))))

    def write(self, repo: Repo, points: Sequence[MediaPoint]) -> None:
        """The files, once, and again where the system removed what is old."""
        with turn(self._writing):
            if self.written:
                return
            if (size := sum(point.size for point in points)) > MAX_BYTES:
                message = f"These tables have {size >> 20:,} MB; at most {MAX_BYTES >> 20} MB are shown as one."
                raise Refused(413, message, hint="Choose fewer, or download them.")
            runs = {id: repo.run(id) for id in {point.run for point in points}}
            self._process.begin()
            for number, point in enumerate(points):
                if not self._file(number).exists():
                    with readable():
                        data = point.data
                    self._put(number, data)
            self._parts = [(runs[point.run].name or runs[point.run].hash, point.step) for point in points]

    def ask(self, what: str, **options: Any) -> dict[str, Any]:
        task = {"ask": what, "folder": str(self.folder), "parts": self._parts, **options}
        try:
            answer: dict[str, Any] = self._process.ask(task)
        except OSError as error:
            answer = {"problem": str(error)}
        if "refused" in answer:
            raise QueryError(answer["refused"])
        if "problem" in answer:
            raise Refused(415, f"The table cannot be read: {answer['problem']}.", hint="Download it.")
        return answer

    def _file(self, number: int) -> Path:
        return self.folder / str(number)

    def _put(self, number: int, data: bytes) -> None:
        with _room():
            try:
                self.folder.mkdir(exist_ok=True)
                self._file(number).write_bytes(data)
            except OSError:
                shutil.rmtree(self.folder, ignore_errors=True)
                raise

    def close(self) -> None:
        self._process.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class OpenTables:
    """By what they are made of. One that is in use is not closed."""

    def __init__(self) -> None:
        self._tables: OrderedDict[_Key, OpenTable] = OrderedDict()
        self._lock = threading.Lock()
        self._numbers = count()
        self._scratch: Scratch | None = None

    @contextmanager
    def opened(self, repo: Repo, points: Sequence[MediaPoint]) -> Iterator[OpenTable]:
        key = (repo.place, *((point.run, point.id) for point in points))
        with self._lock:
            folder = self._folder()
            table = self._tables.pop(key, None) or OpenTable(folder / str(next(self._numbers)))
            self._tables[key] = table
            table.users += 1
        with self._using(table):
            table.write(repo, points)
            yield table

    @contextmanager
    def opened_with(self, repo: Repo, point: MediaPoint) -> Iterator[tuple[OpenTable, int]]:
        """A table that has this one, and the number of this one in it."""
        wanted = (point.run, point.id)
        with self._lock:
            known = [
                key for key, table in self._tables.items() if key[0] == repo.place and wanted in key and table.written
            ]
            table = self._tables[known[-1]] if known else None
            if table is not None:
                table.users += 1
        if table is None:
            with self.opened(repo, [point]) as alone:
                yield alone, 0
        else:
            with self._using(table):
                yield table, known[-1].index(wanted) - 1

    @contextmanager
    def _using(self, table: OpenTable) -> Iterator[None]:
        try:
            yield
        finally:
            with self._lock:
                table.users -= 1
                idle = [key for key, table in self._tables.items() if not table.users]
                closed = [self._tables.pop(key) for key in idle[: max(0, len(self._tables) - KEPT)]]
            for table in closed:
                table.close()

    def _folder(self) -> Path:
        if self._scratch is None or not self._scratch.is_there():
            self._tables.clear()
            with _room():
                self._scratch = Scratch()
        assert self._scratch is not None
        return self._scratch.folder


@contextmanager
def _room() -> Iterator[None]:
    """Refuses where no file can be made."""
    try:
        yield
    except OSError as error:
        message = f"The file of a table cannot be written on the server: {error.strerror}."
        raise Refused(
            503, message, hint="Make room in its folder for temporary files, or download the table."
        ) from None
