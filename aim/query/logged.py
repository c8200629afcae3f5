"""Parts of a run that are read from its logs on request: printed output, logged lines, and the environment."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from aim import regular
from aim.errors import LogError, StoreError
from aim.index.state import RunState, WriterState, clean
from aim.log import record, status
from aim.log.bounds import seconds
from aim.log.output import Transcript
from aim.log.reader import open_longest

# The most files to open at once and to list in a cursor.
MOST_WRITERS = 200
_UNREAD = "the change was recorded, and its log cannot be read from here"
LEVELS = ("debug", "info", "warning", "error")


class Message(NamedTuple):
    """A line that the script logged. `level` is one of LEVELS."""

    time: float
    level: str
    text: str
    params: dict[str, Any]


class Messages(NamedTuple):
    """In order of time. `left_out` counts older ones, which are only in the logs."""

    messages: list[Message]
    left_out: int


@dataclass(frozen=True)
class Environment:
    """`diff` is the uncommitted change when the run began; `cut` says what it lacks."""

    packages: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    diff: str | None = None
    cut: str | None = None
    untracked: list[str] = field(default_factory=list)


def output_writers(run: RunState) -> list[WriterState]:
    """The writers that recorded output, or still may."""
    writers = [writer for writer in run.writers if writer.printed or writer.start.get("role") == "output"]
    return sorted(writers, key=lambda writer: (writer.started, writer.id))


def may_print(folder: Path, writer: WriterState) -> bool:
    """Whether the process that records the output may write more: it is alive, or if that is unknown, its
    last heartbeat is recent."""
    if writer.ended:
        return False
    lives = status.alive(writer.start.get("process") or {})
    return status.is_recent(_touched(folder / writer.file), time.time()) if lives is None else lives


def _touched(path: Path) -> float:
    try:
        return regular.changed(path.lstat()) / 1e9
    except OSError:
        return 0.0


def transcript(folder: Path, run: RunState, *, writer: str | None = None) -> Transcript:
    """The output of the run, or of one writer. If there are very many writers, of the first ones."""
    chosen = [candidate for candidate in output_writers(run) if writer in (None, candidate.id)][:MOST_WRITERS]
    return Transcript(folder / candidate.file for candidate in chosen)


def messages(folder: Path, run: RunState) -> Messages:
    entries = [message for writer in run.writers for message in _messages(folder, writer)]
    return Messages(
        sorted(entries, key=lambda message: message.time), sum(writer.messages_before for writer in run.writers)
    )


def _messages(folder: Path, writer: WriterState) -> Iterator[Message]:
    for fields in _records(folder, writer, list(writer.messages)):
        if isinstance(fields.get("text"), str) and fields.get("level") in LEVELS:
            params = fields.get("params")
            yield Message(seconds(fields.get("time")), fields["level"], clean(fields["text"]), _mapping(params))


def environment(folder: Path, run: RunState) -> Environment | None:
    """None if it was not recorded."""
    writer = run.surroundings()
    if not (writer.packages or writer.env) and writer.diff is None:
        return None
    fields: dict[str, Any] = {}
    with suppress(StoreError):  # packages and variables are known without it
        fields = next(_records(folder, writer, [] if writer.diff is None else [writer.diff]), {})
    diff, lost = _mapping(fields.get("diff")), writer.diff is not None and not fields
    return Environment(
        packages=_texts(writer.packages),
        variables=_texts(writer.env),
        diff=clean(diff["text"]) if isinstance(diff.get("text"), str) else None,
        cut=clean(diff["cut"]) if isinstance(diff.get("cut"), str) else _UNREAD if lost else None,
        untracked=[clean(path) for path in _list(diff.get("untracked")) if isinstance(path, str)],
    )


def _records(folder: Path, writer: WriterState, offsets: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Raises StoreError for a run in an object store that is away; what is damaged or gone is left out."""
    if offsets:
        try:
            with closing(open_longest(folder / writer.file)) as file:
                for entry in filter(None, map(file.at, offsets)):
                    with suppress(ValueError):
                        yield _mapping(record.decode_json(entry.payload))
        except StoreError:
            raise
        except (OSError, LogError):
            return


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(text: str) -> dict[str, str]:
    mapping = _mapping(json.loads(text or "{}"))
    return {clean(name): clean(value) for name, value in mapping.items() if isinstance(value, str)}
