"""Shared by tests of runners: `aim run` as a process, and its records."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from aim.log import status
from aim.log.output import Output, Transcript
from aim.log.reader import writers
from aim.repo import Repo


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def text_in(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def outputs(repo: Repo, run_hash: str) -> list[Output]:
    (folder,) = {path.parent for path in (repo.aim_dir / "runs").glob("*/*") if _is_of(repo, run_hash, path)}
    with Transcript(file.path for file in writers(folder)) as transcript:
        return [piece.output for piece in transcript.forward()]


def _is_of(repo: Repo, run_hash: str, path: Path) -> bool:
    return path.name.startswith(repo.run(run_hash).id)


def printed(repo: Repo, run_hash: str, stream: int = 1) -> bytes:
    return b"".join(piece.data for piece in outputs(repo, run_hash) if piece.stream == stream)


def facts(repo: Repo, run_hash: str) -> dict[str, Any]:
    row = next(row for row in repo.table.rows("run.archived in (True, False)").runs if run_hash in (row.hash, row.id))
    return dict(row.facts["process"])


def lives(pid: int) -> bool:
    return status.started(pid) is not None


def only_run(folder: Path) -> Any:
    (row,) = Repo(folder).table.rows("run.archived in (True, False)").runs
    return row
