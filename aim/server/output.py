"""The output and log of runs: pages of output between cursors, and search."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from aim.index.state import WriterState
from aim.log import output
from aim.log.output import Piece, Transcript
from aim.log.search import Search
from aim.server import wire
from aim.server.frames import plain

if TYPE_CHECKING:
    from aim.repo import Repo

PAGE_BYTES = 1 << 17
PAGE_PIECES = 4096
# The bytes to read when looking for output of one stream.
MOST_BYTES = 1 << 24
STREAMS: dict[str, int] = {"stdout": output.STDOUT, "stderr": output.STDERR}
NAMES: dict[int, wire.Stream] = {number: cast(wire.Stream, name) for name, number in STREAMS.items()}
# Before everything, also before output of later writers.
BEGINNING = "0" * 16 + ".0"
FEW_WRITERS = 16
_many_writers = threading.Lock()


def page(repo: Repo, query: wire.OutputQuery) -> wire.OutputPage:
    run = repo.run(query.run)
    writers = repo.logs.output_writers(run.id)
    printing = repo.logs.printing(run.id)
    shown = [wire_writer(writer, live=writer.id in printing) for writer in writers]
    places = {writer.id: i for i, writer in enumerate(writers)}
    with opened(repo, run.id, query.writer, writers) as transcript:
        cut = read_page(transcript, query)
    return wire.OutputPage(
        pieces=[wire_piece(piece, places) for piece in cut.pieces],
        before=cut.before,
        after=cut.after,
        more=cut.more,
        live=run.status == "running" or any(writer.live for writer in shown),
        writers=shown,
    )


@contextmanager
def opened(
    repo: Repo, run: str, writer: str | None, writers: Sequence[WriterState] | None = None
) -> Iterator[Transcript]:
    """The output of a run. Each of its writers takes a descriptor, so runs with many are read one at a time.
    `writers`: those of the run, if they are known."""
    many = writer is None and len(repo.logs.output_writers(run) if writers is None else writers) > FEW_WRITERS
    with _many_writers if many else nullcontext(), repo.logs.output(run, writer=writer) as transcript:
        yield transcript


def find(repo: Repo, query: wire.OutputSearch) -> wire.OutputPlaces:
    search = Search(query.text, case=query.case, stream=STREAMS[query.stream] if query.stream else None)
    with opened(repo, query.run, query.writer) as transcript:
        places = search.places(transcript, output.read_cursor(query.cursor) if query.cursor else None)
    return wire.OutputPlaces(
        places=[
            wire.OutputPlace(cursor=written(at.cursor), time=at.time, stream=NAMES[at.stream], line=at.line)
            for at in places
        ],
        next=None if search.next is None else written(search.next),
    )


def messages(repo: Repo, query: wire.RunQuery) -> wire.LogMessages:
    logged_lines = repo.logs.messages(query.run)
    return wire.LogMessages(
        messages=[
            wire.LogMessage(
                time=message.time,
                level=cast(wire.Level, message.level),
                text=message.text,
                params=plain(message.params),
            )
            for message in logged_lines.messages
        ],
        left_out=logged_lines.left_out,
    )


@dataclass
class Cut:
    """A page of pieces in order of time, and the cursors at its two ends."""

    pieces: list[Piece]
    before: str | None
    after: str
    more: bool


def read_page(transcript: Transcript, query: wire.OutputQuery) -> Cut:
    given = output.read_cursor(query.cursor) if query.cursor else None
    if query.direction == "forward":
        return _forward(transcript, given, query)
    at = transcript.ends() if given is None else given
    after = written(at)
    pieces, at, more = _taken(transcript.backward(at), at, query, forward=False)
    return Cut(pieces[::-1], written(at) if more else None, after, more)


def _forward(transcript: Transcript, given: dict[str, int] | None, query: wire.OutputQuery) -> Cut:
    pieces, at, more = _taken(transcript.forward(given), given or {}, query, forward=True)
    return Cut(pieces, query.cursor, written(at), more)


def _taken(
    pieces: Iterable[Piece], at: dict[str, int], query: wire.OutputQuery, *, forward: bool
) -> tuple[list[Piece], dict[str, int], bool]:
    """As many pieces as a page holds, the cursor after them, and whether there are more."""
    taken: list[Piece] = []
    at, size, looked = dict(at), 0, 0
    stream = STREAMS[query.stream] if query.stream else None
    for piece in pieces:
        if size >= PAGE_BYTES or len(taken) >= PAGE_PIECES or looked >= MOST_BYTES:
            return taken, at, True
        looked += len(piece.output.data)
        at[piece.writer] = piece.end if forward else piece.start
        if stream is None or piece.output.stream in (stream, output.SKIPPED):
            taken.append(piece)
            size += len(piece.output.data)
    return taken, at, False


def written(cursor: dict[str, int]) -> str:
    return output.write_cursor(cursor) or BEGINNING


def wire_piece(piece: Piece, places: dict[str, int]) -> wire.OutputPiece:
    printed = piece.output
    note = printed.stream == output.SKIPPED
    return wire.OutputPiece(
        time=printed.time,
        stream=NAMES.get(printed.stream, "stdout"),
        text="" if note else printed.data.decode("utf-8", "replace"),
        writer=places[piece.writer],
        skipped=printed.skipped if note else None,
    )


def wire_writer(state: WriterState, *, live: bool) -> wire.OutputWriter:
    host = (state.start.get("process") or {}).get("host")
    return wire.OutputWriter(
        id=state.id,
        attempt=state.start.get("attempt"),
        host=host if isinstance(host, str) else None,
        started=state.started,
        bytes=state.printed,
        live=live,
    )
