"""Values that are no numbers: which series a run has, some of their values, and the content of one.

The content comes from a training script, so it is believed in nothing: its type is told by its first bytes, is one of
TYPES, and no browser may take it for a page.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from aim.errors import LogError
from aim.index.segment import Ints
from aim.media import pictures, sounds
from aim.media.distribution import decode
from aim.server import wire
from aim.server.answer import Refused, answer, read_query
from aim.server.frames import SAFE_INTEGER, plain
from aim.server.work import Work

if TYPE_CHECKING:
    from aim.query.objects import ObjectPoint, ObjectSeries
    from aim.repo import Repo

CONTENT = "application/octet-stream"
TYPES = {
    "png": "image/png", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "wav": "audio/wav", "mp3": "audio/mpeg", "flac": "audio/flac",
    "text": "text/plain; charset=utf-8", "plotly": "application/json", "histogram": CONTENT,
}  # fmt: skip
# A picture or a sound may be looked at where it is; anything else is only fetched or saved.
SHOWN = ("image/", "audio/")
MAX_VALUES = 2_000
MAX_TEXT = 20_000
MAX_TEXTS = 4_000_000
MAX_HISTOGRAM = 1 << 16
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Objects:
    def __init__(self, repo: Repo, work: Work) -> None:
        self.repo = repo
        self.work = work

    async def series(self, request: Request) -> Response:
        query = read_query(request, wire.ObjectsQuery)
        return answer(await self.work.run(lambda: self._series(query)))

    def _series(self, query: wire.ObjectsQuery) -> wire.RunObjects:
        run = self.repo.run(query.run)
        return wire.RunObjects(run=run.id, series=[described(series) for series in run.objects(query.kind)])

    async def values(self, request: Request) -> Response:
        query = read_query(request, wire.ObjectValuesQuery)
        context = read_context(query.context)
        return answer(await self.work.run(lambda: self._values(query, context)))

    def _values(self, query: wire.ObjectValuesQuery, context: dict[str, Any]) -> wire.ObjectValues:
        there = self.repo.run(query.run).objects(query.kind)
        alike = [one for one in there if one.name == query.name and plain(one.context) == context]
        # 1, 1.0 and true are different contexts, but a browser writes 1.0 as 1.
        chosen = next((one for one in alike if repr(plain(one.context)) == repr(context)), next(iter(alike), None))
        if chosen is None:
            what = f"The run has no {query.kind} called {query.name[:200]!r} with the context {query.context[:200]}."
            raise Refused(404, what, hint="api/run/objects lists what it has.")
        steps, found, behind = choose(chosen.steps, query)
        rows = np.flatnonzero(np.isin(chosen.steps, steps))[:MAX_VALUES].tolist()
        most = min(MAX_TEXT, MAX_TEXTS // max(1, len(rows)))
        return wire.ObjectValues(
            kind=query.kind,
            name=chosen.name,
            context=plain(chosen.context),
            first_step=int(chosen.steps[0]),
            last_step=int(chosen.steps[-1]),
            steps=len(steps),
            steps_found=found,
            next=behind,
            values=[value(chosen[row], most) for row in rows],
        )

    async def content(self, request: Request) -> Response:
        query = read_query(request, wire.BlobQuery)
        kind, step, data = await self.work.run(lambda: self._content(query))
        format = format_of(kind, data)
        if format is None:
            hint = "Python still has its bytes: repo.run(...).objects(...)."
            raise Refused(415, f"What was recorded as {kind} is none that can be shown.", hint=hint)
        return served(data, format, f"{kind}-{step}", request.headers.get("range"))

    def _content(self, query: wire.BlobQuery) -> tuple[str, int, bytes]:
        writer, _, at = query.blob.partition("-")
        point = self.repo.run(query.run).object_at(writer, int(at))
        if point is None:
            raise Refused(404, "The run has no such value.", hint="It may be deleted: load the page again.")
        try:
            return point.kind, point.step, point.data
        except LogError as error:
            raise Refused(410, f"The value cannot be read: {error}", hint="Restore the file from a copy.") from None


def described(series: ObjectSeries) -> wire.ObjectSeries:
    return wire.ObjectSeries(
        kind=series.kind,  # type: ignore[arg-type]
        name=series.name,
        context=plain(series.context),
        count=len(series),
        steps=len(np.unique(series.steps)),
        first_step=int(series.steps[0]),
        last_step=int(series.steps[-1]),
        last_time=float(series.times.max()),
        bytes=series.size,
    )


def read_context(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused(400, f"context={text[:100]!r} is no JSON object.", hint='Write it like {"subset": "val"}.')
    return found


def choose(all_steps: Ints, query: wire.ObjectValuesQuery) -> tuple[Ints, int, int | None]:
    """The steps to show, how many there are from `lo` to `hi`, and where to go on."""
    steps, counts = np.unique(all_steps, return_counts=True)
    lo = -(1 << 63) if query.lo is None else query.lo
    hi = (1 << 63) - 1 if query.hi is None else query.hi
    keep = (steps >= lo) & (steps <= hi)
    steps, counts = steps[keep], counts[keep]
    if not query.spread:
        fits = max(1, int(np.searchsorted(np.cumsum(counts), MAX_VALUES, side="right")))
        shown = min(query.steps, fits)
        return steps[:shown], len(steps), int(steps[shown]) if shown < len(steps) else None
    shown = min(query.steps, len(steps))
    while shown > 1 and counts[spread(len(steps), shown)].sum() > MAX_VALUES:
        shown = shown * 3 // 4
    return steps[spread(len(steps), shown)], len(steps), None


def spread(count: int, shown: int) -> Ints:
    """Which of `count` things to take: evenly from the first to the last."""
    return np.unique(np.linspace(0, count - 1, shown).round().astype(np.int64)) if count else np.empty(0, np.int64)


def value(point: ObjectPoint, most: int) -> wire.ObjectValue:
    about = point.about
    text, cut = beginning(point, most) if point.kind == "text" else (None, False)
    return wire.ObjectValue(
        step=point.step,
        epoch=point.epoch,
        time=point.time,
        index=point.place,
        blob=point.id,
        size=point.size,
        format=str(about.get("format") or _PLAIN.get(point.kind, "")),
        caption=found if isinstance(found := about.get("caption"), str) else None,
        width=whole(about.get("width")),
        height=whole(about.get("height")),
        rate=whole(about.get("rate")),
        channels=whole(about.get("channels")),
        seconds=finite(about.get("seconds")),
        text=text,
        cut=cut,
        histogram=histogram(point) if point.kind == "distribution" else None,
    )


_PLAIN = {"text": "text", "distribution": "histogram"}


def whole(found: Any) -> int | None:
    return found if isinstance(found, int) and not isinstance(found, bool) and abs(found) <= SAFE_INTEGER else None


def finite(found: Any) -> float | None:
    return float(found) if isinstance(found, int | float) and abs(found) <= SAFE_INTEGER else None


def beginning(point: ObjectPoint, most: int) -> tuple[str | None, bool]:
    """The first characters of a text, and whether there are more; None where it cannot be read."""
    try:
        data = point.beginning(4 * most)
    except LogError:
        return None, True
    text = data.decode("utf-8", "ignore" if len(data) < point.size else "replace")
    return text[:most], len(data) < point.size or len(text) > most


def histogram(point: ObjectPoint) -> wire.Histogram | None:
    """None where its bytes make no sense."""
    try:
        found = decode(point.data) if point.size <= MAX_HISTOGRAM else None
    except (LogError, ValueError, struct.error):
        found = None
    if found is None or not all(map(math.isfinite, (*found.edges, *found.counts, *found[2:]))):
        return None
    return wire.Histogram(
        edges=list(found.edges), counts=list(found.counts), nan=found.nan, below=found.below, above=found.above
    )


def format_of(kind: str, data: bytes) -> str | None:
    return _FORMATS[kind](data)


_FORMATS: dict[str, Callable[[bytes], str | None]] = {
    "text": lambda data: "text",
    "image": pictures.format_of,
    "audio": sounds.format_of,
    "distribution": lambda data: "histogram",
    "figure": lambda data: "plotly" if data[:1] == b"{" else pictures.format_of(data),
}


def served(data: bytes, format: str, name: str, asked: str | None) -> Response:
    """The content, or the range of it that a player asks for. It never changes, so the browser may keep it."""
    media = TYPES[format]
    where = "inline" if media.startswith(SHOWN) else "attachment"
    headers = {
        "content-disposition": f'{where}; filename="{name}.{_ENDINGS.get(format, format)}"',
        "content-security-policy": "default-src 'none'; sandbox",
        "cache-control": "private, max-age=86400, immutable",
        "accept-ranges": "bytes",
    }
    part = None if asked is None else within(asked, len(data))
    if part is None:
        return Response(data, headers=headers, media_type=media)
    start, stop = part
    if start >= stop:
        return Response(None, 416, {**headers, "content-range": f"bytes */{len(data)}"})
    headers["content-range"] = f"bytes {start}-{stop - 1}/{len(data)}"
    return Response(data[start:stop], 206, headers, media)


_ENDINGS = {"text": "txt", "plotly": "json", "histogram": "bin", "jpeg": "jpg"}


def within(asked: str, size: int) -> Sequence[int] | None:
    """Start and stop of the one range that a Range header names; None for what is no such range: then all is sent."""
    found = _RANGE.fullmatch(asked.strip())
    if found is None or found.group(0) == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size
