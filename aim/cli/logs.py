"""`aim runs logs`: the output of a run, to its end or live."""

from __future__ import annotations

import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from aim.cli.opening import open_repo
from aim.cli.options import repo_option
from aim.cli.printer import TerminalFilter, say
from aim.cli.selection import one_run
from aim.log import output
from aim.log.output import Piece

if TYPE_CHECKING:
    from aim.repo import Repo

STREAMS = {"stdout": output.STDOUT, "stderr": output.STDERR}
EVERY_SECONDS = 0.3
TO_RECORD = "To record it, use: aim run -- COMMAND, or aim.Run(console=True)"
_LINE = re.compile(rb"[^\n]*\n|[^\n]+\Z")


@click.command()
@click.argument("run")
@click.option("-f", "--follow", is_flag=True, help="Follow the output while the run prints; Ctrl-C to exit.")
@click.option("-n", "--tail", type=click.IntRange(min=0), metavar="N", help="Print only the last N lines.")
@click.option("--stream", type=click.Choice(list(STREAMS)), help="Print only this stream.")
@repo_option
def logs(run: str, follow: bool, tail: int | None, stream: str | None, repo: str | None) -> None:
    """Print the console output of a run. On a terminal, only color and cursor codes are passed on.

    Output is recorded by aim run and by aim.Run(console=True).
    """
    opened = open_repo(repo)
    id = one_run(opened, run).id
    if follow and not opened.logs.output_writers(id) and opened.logs.may_print(id):
        say("No output yet. Waiting until the run prints or ends; Ctrl-C to exit", err=True)
    with suppress(KeyboardInterrupt, BrokenPipeError):
        print_all(opened, id, follow=follow, tail=tail, stream=STREAMS[stream] if stream else None)
        if not opened.logs.output_writers(id):
            say(f"No output was recorded. {TO_RECORD}", err=True)


def print_all(repo: Repo, id: str, *, follow: bool, tail: int | None, stream: int | None) -> None:
    out = sys.stdout.buffer
    cursor: dict[str, int] = {}
    filters: dict[tuple[str, int], TerminalFilter] = defaultdict(TerminalFilter)
    terminal = sys.stdout.isatty()
    with repo.logs.output(id) as transcript:
        if tail is not None:
            cursor = transcript.ends()
            data = last_lines(transcript.backward(cursor), tail, stream)
            out.write(TerminalFilter().filtered(data) if terminal else data)
    while True:
        live = follow and repo.logs.may_print(id)
        with repo.logs.output(id) as transcript:
            for piece in transcript.forward(cursor):
                cursor[piece.writer] = piece.end
                data = shown(piece, stream)
                out.write(filters[piece.writer, piece.output.stream].filtered(data) if terminal else data)
        out.flush()
        if not live:
            return
        time.sleep(EVERY_SECONDS)


def shown(piece: Piece, stream: int | None) -> bytes:
    """The bytes of a piece; for a note, a line on standard error."""
    if piece.output.stream == output.SKIPPED:
        skipped = piece.output.skipped
        what = f"{skipped:,} bytes were dropped here" if skipped else "the following output was dropped"
        say(f"... {what}", err=True)
        return b""
    return piece.output.data if stream in (None, piece.output.stream) else b""


def last_lines(pieces: Iterator[Piece], count: int, stream: int | None) -> bytes:
    """The last lines of output read backward; an unfinished line counts."""
    parts: list[bytes] = []
    ends = 0
    for piece in pieces:
        if count == 0 or ends > count:
            break
        if piece.output.stream == output.SKIPPED or stream not in (None, piece.output.stream):
            continue
        parts.append(piece.output.data)
        ends += piece.output.data.count(b"\n")
    lines = _LINE.findall(b"".join(reversed(parts)))
    return b"".join(lines[-count:]) if count else b""
