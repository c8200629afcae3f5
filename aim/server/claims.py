"""Names of runs, for machines that record to a server: which runs have a name here, and who may begin one."""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from msgspec import Struct

from aim import layout
from aim.errors import LogError, StoreError
from aim.log import edits, record, status
from aim.log.reader import Log, LogFile, OpenLog, writers
from aim.sdk.ranks import Member
from aim.server.deletions import Deletions
from aim.server.problems import Refused

SECONDS = 600.0
MOST = 100_000
MAX_NAME = 4096
ANSWERED = ("run", "launch", "attempt", "rank", "starter")
_ID = re.compile("[0-9a-f]{32}")
_ATTEMPT = re.compile("[0-9a-f]{1,64}")


class Claim(Struct, forbid_unknown_fields=True):
    """A process that begins the run `name`, with its id and the fields of its START; `starter` is the program that
    started it as a worker."""

    name: str
    run: str
    launch: str | None
    attempt: str
    rank: str | None = None
    starter: str | None = None

    def check(self) -> None:
        if not 0 < len(self.name) <= MAX_NAME or self._is_long():
            raise Refused(400, f"A name has 1 to {MAX_NAME:,} characters.", hint="Shorten it.")
        if not _ID.fullmatch(self.run) or not _ATTEMPT.fullmatch(self.attempt):
            raise Refused(
                400, "The id of a run has 32 hex digits, an attempt up to 64.", hint="See docs/format/ship.md."
            )

    def _is_long(self) -> bool:
        return any(len(text or "") > MAX_NAME for text in (self.launch, self.rank, self.starter))


class Claims:
    """Claims are in memory: the run's first file replaces them within seconds."""

    def __init__(self, aim_dir: Path, deletions: Deletions) -> None:
        self._aim_dir = aim_dir
        self._deletions = deletions
        self._claims: OrderedDict[str, tuple[float, Claim]] = OrderedDict()
        self._turn = threading.Lock()

    def look(self, name: str) -> dict[str, Any]:
        """The runs with this name or id, and who claims the name."""
        with self._turn:
            return self._answer(name, list(self._runs(name)))

    def claim(self, claim: Claim) -> dict[str, Any]:
        """The same, after the first of several claims."""
        claim.check()
        with self._turn:
            runs = list(self._runs(claim.name))
            if not runs and self._claimed(claim.name) is None:
                self._claims[claim.name] = time.monotonic(), claim
                if len(self._claims) > MOST:
                    self._claims.popitem(last=False)
            return self._answer(claim.name, runs)

    def _answer(self, name: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
        claim = self._claimed(name)
        if claim is None or any(run["id"] == claim.run for run in runs):
            return {"runs": runs, "claim": None}
        return {"runs": runs, "claim": {name: getattr(claim, name) for name in ANSWERED}}

    def _claimed(self, name: str) -> Claim | None:
        at, claim = self._claims.get(name, (0.0, None))
        if claim is not None and (time.monotonic() - at > SECONDS or claim.run in self._deletions):
            del self._claims[name]
            return None
        return claim

    def _runs(self, name: str) -> Iterator[dict[str, Any]]:
        folder = layout.folder_of_id(self._aim_dir, name) or layout.run_dir(self._aim_dir, name)
        by_run: dict[str, list[LogFile]] = {}
        for file in writers(folder):
            if file.run not in self._deletions and (
                folder.name == layout.run_dir(self._aim_dir, name).name or file.run == name
            ):
                by_run.setdefault(file.run, []).append(file)
        edited = edits.latest(self._aim_dir) if by_run else {}
        for run, files in by_run.items():
            ended = edited.get((run, "ended"))
            closed = ended.value if ended is not None and isinstance(ended.value, Mapping) else {}
            yield _described(run, name, files, status.seconds(closed.get("time")))


def _described(run: str, name: str, logs: list[LogFile], closed: float) -> dict[str, Any]:
    files, recording = [], False
    for file in logs:
        if (log := _head(file.path)) is not None:
            start = log.start()
            member = None if start is None else Member(log, start, closed)
            recording |= (
                member is not None and start is not None and start.get("role") != "output" and member.ended_at is None
            )
            name = str((start or {}).get("hash") or name)
            files.append(
                {
                    "name": f"runs/{file.path.parent.name}/{file.path.name}",
                    "size": file.size,
                    "age": round(time.time() - file.mtime / 1e9, 1),
                    "start": start,
                    "end": member.end if member is not None else None,
                }
            )
    return {"id": run, "name": name, "recording": recording, "files": files}


def _head(path: Path) -> Log | None:
    """A log with its header and START alone; None if it cannot be read. Raises StoreError: who resumes a run needs all
    of its files."""
    try:
        if path.suffix == ".seal":
            return Log.head(path)
        with closing(OpenLog(path)) as opened:
            size = record.size_at(opened.read(record.HEADER_SIZE, 4))
            return Log(path, opened.read(0, record.HEADER_SIZE + size), size=opened.size)
    except StoreError:
        raise
    except (OSError, LogError):
        return None
