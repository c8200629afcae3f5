"""Finds text in what was printed: line by line, as it is displayed, without escape sequences."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from aim.deadline import checked
from aim.log.output import SKIPPED, Cursor, Piece, Transcript

SHOWN = 300
_LONGEST_LINE = 1 << 16
_LOOK_EVERY = 256
_END_OF_LINE = re.compile(r"\r\n|\n|\r")
_ESCAPE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|\Z)|\x1b[ -/]*[0-~]"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)


class MatchingLine(NamedTuple):
    """A line with the text, shortened around it, and the cursor before the piece in which the line begins."""

    cursor: dict[str, int]
    time: float
    stream: int
    line: str


@dataclass
class _Begun:
    """The last line of a stream, which continues in the next piece."""

    text: str
    cursor: dict[str, int]
    time: float


class Search:
    """Searches a transcript for at most `seconds` and `most` places; `next` is then the cursor to continue from, None
    at the end."""

    def __init__(self, text: str, *, case: bool = False, stream: int | None = None) -> None:
        self.wanted = text if case else text.lower()
        self.case = case
        self.stream = stream
        self.next: dict[str, int] | None = None

    def places(
        self, transcript: Transcript, cursor: Cursor | None = None, *, most: int = 500, seconds: float = 1.0
    ) -> list[MatchingLine]:
        at, places = dict(cursor or {}), list[MatchingLine]()
        begun: dict[tuple[str, int], _Begun] = {}
        until = time.monotonic() + seconds
        self.next = None
        for number, piece in enumerate(checked(transcript.forward(cursor)), 1):
            stream = piece.output.stream
            if stream != SKIPPED and self.stream in (None, stream):
                places += self._in_piece(piece, dict(at), begun)
            at[piece.writer] = piece.end
            if len(places) >= most or (number % _LOOK_EVERY == 0 and time.monotonic() > until):
                self.next = _resumed(at, begun, cursor or {})
                return places
        for (_, stream), last in begun.items():
            places += self._holds(_visible(last.text), last.cursor, last.time, stream)
        return places

    def _in_piece(
        self, piece: Piece, at: dict[str, int], begun: dict[tuple[str, int], _Begun]
    ) -> Iterator[MatchingLine]:
        key = piece.writer, piece.output.stream
        earlier = begun.pop(key, None)
        lines = _END_OF_LINE.split((earlier.text if earlier else "") + piece.output.data.decode("utf-8", "replace"))
        begin = earlier or _Begun("", at, piece.output.time)
        for line in lines[:-1]:
            yield from self._holds(_visible(line), begin.cursor, begin.time, key[1])
            begin = _Begun("", at, piece.output.time)
        if len(lines[-1]) > _LONGEST_LINE:
            yield from self._holds(_visible(lines[-1]), begin.cursor, begin.time, key[1])
        elif lines[-1]:
            begun[key] = _Begun(lines[-1], begin.cursor, begin.time)

    def _holds(self, line: str, cursor: dict[str, int], time: float, stream: int) -> Iterator[MatchingLine]:
        place = (line if self.case else line.lower()).find(self.wanted)
        if place >= 0:
            start = max(0, place - (SHOWN - len(self.wanted)) // 2) if len(line) > SHOWN else 0
            yield MatchingLine(cursor, time, stream, line[start : start + SHOWN])


def _visible(line: str) -> str:
    return _ESCAPE.sub("", line) if not line.isprintable() else line


def _resumed(at: dict[str, int], begun: dict[tuple[str, int], _Begun], cursor: Cursor) -> dict[str, int]:
    """Where the search continues: where unfinished lines began, unless that would be no progress."""
    places = dict(at)
    for (writer, _), line in begun.items():
        places[writer] = min(places[writer], line.cursor.get(writer, 0))
    return at if places == cursor else places
