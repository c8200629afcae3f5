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
    found = [one for one in run.writers if one.printed or one.start.get("role") == "output"]
    return sorted(found, key=lambda one: (one.started, one.id))


def may_print(writer: WriterState) -> bool:
    """Whether more may come from the process that records the output: it lives, or showed a sign of life lately where
    that cannot be known."""
    lives = status.alive(writer.start.get("process") or {})
    silent = time.time() - last_sign(writer) > status.LOST_AFTER
    return not writer.ended and (not silent if lives is None else lives)


def transcript(folder: Path, run: RunState, *, writer: str | None = None) -> Transcript:
    """What the run printed, or what one writer recorded of it. Of very many writers it is that of the first ones."""
    chosen = [one for one in output_writers(run) if writer in (None, one.id)][:MOST_WRITERS]
    return Transcript(folder / one.file for one in chosen)


def messages(folder: Path, run: RunState) -> Messages:
    found = [message for one in run.writers for message in _messages(folder, one)]
    return Messages(sorted(found, key=lambda one: one.time), sum(one.messages_before for one in run.writers))


def _messages(folder: Path, writer: WriterState) -> Iterator[Message]:
    for found in _records(folder, writer, list(writer.messages)):
        if isinstance(found.get("text"), str) and found.get("level") in LEVELS:
            params = found.get("params")
            yield Message(_number(found.get("time")), found["level"], clean(found["text"]), _mapping(params))


def environment(folder: Path, run: RunState) -> Environment | None:
    """None where it was not recorded."""
    writer = run.surroundings()
    if not (writer.packages or writer.env) and writer.diff is None:
        return None
    found = next(_records(folder, writer, [] if writer.diff is None else [writer.diff]), {})
    diff = _mapping(found.get("diff"))
    return Environment(
        packages=_texts(writer.packages),
        variables=_texts(writer.env),
        diff=clean(diff["text"]) if isinstance(diff.get("text"), str) else None,
        cut=clean(diff["cut"]) if isinstance(diff.get("cut"), str) else None,
        untracked=[clean(one) for one in _list(diff.get("untracked")) if isinstance(one, str)],
    )


def _records(folder: Path, writer: WriterState, offsets: Sequence[int]) -> Iterator[dict[str, Any]]:
    if offsets:
        with suppress(OSError, LogError), closing(open_longest(folder / writer.file)) as file:
            for found in filter(None, map(file.at, offsets)):
                with suppress(ValueError):
                    yield _mapping(record.decode_json(found.payload))


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(text: str) -> dict[str, str]:
    found = _mapping(json.loads(text or "{}"))
    return {clean(name): clean(value) for name, value in found.items() if isinstance(value, str)}
