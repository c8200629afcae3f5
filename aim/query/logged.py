"""What a run recorded beside its points and is read from its logs when somebody asks: what it printed, the lines that
it logged, and its environment."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from aim.errors import LogError
from aim.index.state import RunState, WriterState, clean, last_sign
from aim.log import record, status
from aim.log.output import Transcript
from aim.log.reader import open_longest

# So many files are opened at once, and stand in a cursor.
MOST_WRITERS = 200
LEVELS = ("debug", "info", "warning", "error")


class Message(NamedTuple):
    """A line that the script logged, `level` one of LEVELS."""

    time: float
    level: str
    text: str
    params: dict[str, Any]


class Messages(NamedTuple):
    """In the order of time; `left_out` older ones are in the logs alone."""

    messages: list[Message]
    left_out: int


@dataclass(frozen=True)
class Environment:
    """`diff` is what was not committed when the run began; `cut` says what is missing of it."""

    packages: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    diff: str | None = None
    cut: str | None = None
    untracked: list[str] = field(default_factory=list)


def output_writers(run: RunState) -> list[WriterState]:
    """The writers that recorded output, or may yet do so."""
    writers = [writer for writer in run.writers if writer.printed or writer.start.get("role") == "output"]
    return sorted(writers, key=lambda writer: (writer.started, writer.id))


def may_print(writer: WriterState) -> bool:
    """Whether more may come from the process that records the output: it lives, or showed a sign of life lately where
    that cannot be known."""
    lives = status.alive(writer.start.get("process") or {})
    silent = time.time() - last_sign(writer) > status.LOST_AFTER
    return not writer.ended and (not silent if lives is None else lives)


def transcript(folder: Path, run: RunState, *, writer: str | None = None) -> Transcript:
    """What the run printed, or what one writer recorded of it. Of very many writers it is that of the first ones."""
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
            yield Message(_number(fields.get("time")), fields["level"], clean(fields["text"]), _mapping(params))


def environment(folder: Path, run: RunState) -> Environment | None:
    """None where it was not recorded."""
    writer = run.surroundings()
    if not (writer.packages or writer.env) and writer.diff is None:
        return None
    fields = next(_records(folder, writer, [] if writer.diff is None else [writer.diff]), {})
    diff = _mapping(fields.get("diff"))
    return Environment(
        packages=_texts(writer.packages),
        variables=_texts(writer.env),
        diff=clean(diff["text"]) if isinstance(diff.get("text"), str) else None,
        cut=clean(diff["cut"]) if isinstance(diff.get("cut"), str) else None,
        untracked=[clean(path) for path in _list(diff.get("untracked")) if isinstance(path, str)],
    )


def _records(folder: Path, writer: WriterState, offsets: Sequence[int]) -> Iterator[dict[str, Any]]:
    if offsets:
        with suppress(OSError, LogError), closing(open_longest(folder / writer.file)) as file:
            for entry in filter(None, map(file.at, offsets)):
                with suppress(ValueError):
                    yield _mapping(record.decode_json(entry.payload))


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(text: str) -> dict[str, str]:
    mapping = _mapping(json.loads(text or "{}"))
    return {clean(name): clean(value) for name, value in mapping.items() if isinstance(value, str)}
