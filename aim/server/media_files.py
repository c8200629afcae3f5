"""The media that a page shows as one zip, made while it is sent."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

from aim.deadline import checked
from aim.errors import LogError
from aim.media import class_of
from aim.media.filenames import FileNames, ending_of
from aim.server import wire
from aim.server.cells import cells_for
from aim.server.problems import Refused
from aim.server.route import FileStream

if TYPE_CHECKING:
    from aim.engine import Columns
    from aim.query.cells import MediaCells
    from aim.repo import Repo

MAX_BYTES = 2 << 30
UNREADABLE = "could-not-be-read.txt"
# A zip has dates from 1980 to 2107.
EARLIEST, LATEST = 315_532_800.0, 4_323_000_000.0


class Sink:
    """What a zip was written to since the last `take`."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        return None

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


def download(repo: Repo, query: wire.MediaFilesQuery) -> FileStream:
    cells = cells_for(repo, query)
    rows = rows_at_step(cells.columns, query.at)
    size = int(cells.columns["size"][rows].sum())
    if not rows:
        raise Refused(404, "No media match.", hint="Choose other ranges, or another query.")
    if size > MAX_BYTES:
        message = (
            f"These {len(rows):,} values have {size / 1e9:.1f} GB; a download has at most {MAX_BYTES / 1e9:.1f} GB."
        )
        raise Refused(413, message, hint="Narrow the query, or use the command line: aim media get QUERY FOLDER")
    return FileStream(zipped(cells, rows), "application/zip", f"{query.kind}s.zip")


def rows_at_step(columns: Columns, at: int | None) -> list[int]:
    """All, or what each series shows at a step: its values at its own last step until then."""
    steps = columns["step"].tolist()
    if at is None:
        return list(range(len(steps)))
    series = list(zip(*(columns[name].tolist() for name in ("run", "kind", "name", "context")), strict=True))
    last: dict[tuple[object, ...], int] = {}
    for key, step in zip(series, steps, strict=True):
        if step <= at:
            last[key] = max(step, last.get(key, step))
    return [i for i, key in enumerate(series) if last.get(key) == steps[i]]


def zipped(cells: MediaCells, rows: list[int]) -> Iterator[bytes]:
    sink, names = Sink(), FileNames()
    hashes = cells.runs.columns(0, len(cells.runs), params=False)["hash"].tolist()
    unreadable: list[str] = []
    room = MAX_BYTES
    with zipfile.ZipFile(sink, "w") as file:  # type: ignore[call-overload]
        for count, i in enumerate(checked(rows)):
            room -= write_value(file, cells, i, hashes[int(cells.run[i])], names, unreadable)
            yield sink.take()
            # Some trackers keep no sizes, so that too much is noticed only here.
            if room <= 0 and count + 1 < len(rows):
                unreadable.append(left_out(len(rows) - count - 1))
                break
        if unreadable:
            file.writestr(UNREADABLE, "\n".join(unreadable) + "\n")
    yield sink.take()


def left_out(count: int) -> str:
    return (
        f"{count:,} more: a download has at most {MAX_BYTES / 1e9:.1f} GB. Narrow the query, or use the command line: "
        "aim media get QUERY FOLDER"
    )


def write_value(
    file: zipfile.ZipFile, cells: MediaCells, i: int, run: str, names: FileNames, unreadable: list[str]
) -> int:
    """Returns the number of its bytes; 0 if it cannot be read."""
    columns = cells.columns
    name, step, place = (columns[column][i] for column in ("name", "step", "place"))
    media = class_of(columns["kind"][i])
    path = names.of(run, str(name), json.loads(columns["context"][i]), int(step), int(place))
    try:
        data = cells.content(i)
    except LogError as error:
        unreadable.append(f"{run} {name} at step {step}: {error}")
        return 0
    about = zipfile.ZipInfo(
        f"{path}.{ending_of(media.format_of(data))}",
        time.gmtime(min(max(float(columns["time"][i]), EARLIEST), LATEST))[:6],
    )
    about.compress_type = zipfile.ZIP_STORED if media.compressed else zipfile.ZIP_DEFLATED
    file.writestr(about, data)
    return len(data)
