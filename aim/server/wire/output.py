"""Messages about the output and the log of runs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from aim.server.wire.runs import RunQuery
from aim.server.wire.types import Cursor, Level, Stream


class OutputQuery(RunQuery, kw_only=True):
    """The output of a run, from a cursor of an earlier page; without one, `backward` begins at the end and `forward` at
    the beginning. `writer` limits it to one process."""

    cursor: Cursor | None = None
    direction: Literal["forward", "backward"] = "forward"
    stream: Stream | None = None
    writer: str | None = None


class OutputSearch(RunQuery, kw_only=True):
    """Text to find in the whole output, from the beginning or from a cursor. `case`: match upper and lower case."""

    cursor: Cursor | None = None
    stream: Stream | None = None
    writer: str | None = None
    text: Annotated[str, Meta(min_length=1, max_length=1_000)]
    case: bool = False


class OutputPiece(Struct, kw_only=True):
    """A piece of output with its escape sequences. With `skipped` it is empty: this many bytes were not kept here; 0 if
    the rest of a running run is not kept."""

    time: float
    stream: Stream
    text: str
    writer: int
    skipped: int | None


class OutputWriter(Struct, kw_only=True):
    """A process that recorded output: one attempt, or one rank. `live`: more may come."""

    id: str
    attempt: str | None
    host: str | None
    started: float
    bytes: int
    live: bool


class OutputPage(Struct, kw_only=True):
    """Pieces in order of time; `writer` of a piece is an index in `writers`. `before` is the cursor before the first
    piece, None at the beginning; `after` is the cursor after the last one. `more`: whether there is more in the
    requested direction now. `live`: more may come."""

    pieces: list[OutputPiece]
    before: str | None
    after: str
    more: bool
    live: bool
    writers: list[OutputWriter]


class OutputPlace(Struct, kw_only=True):
    """A line that contains the text, without its escape sequences: at most 300 characters around the text. `cursor`
    leads to it, for reading forward."""

    cursor: str
    time: float
    stream: Stream
    line: str


class OutputPlaces(Struct, kw_only=True):
    """`next` is the cursor to continue the search from; None at the end."""

    places: list[OutputPlace]
    next: str | None


class LogMessage(Struct, kw_only=True):
    """A line that the script logged."""

    time: float
    level: Level
    text: str
    params: dict[str, Any]


class LogMessages(Struct, kw_only=True):
    """In order of time. `left_out` older ones are only in the run's log."""

    messages: list[LogMessage]
    left_out: int
