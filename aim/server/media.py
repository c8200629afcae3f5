"""Media of a run: its texts, pages, images, videos, audio, distributions, figures and tables, and the
content of one of them.

The content comes from a training script and is not trusted: its type is detected from its first bytes and is one of
TYPES.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from aim.errors import LogError
from aim.index.ints import Ints, ascending
from aim.media import FIGURES, class_of
from aim.media.distribution import decode
from aim.media.filenames import ending_of
from aim.query.cells import spread
from aim.query.regex import Pattern, PatternError, compile_pattern
from aim.server import wire
from aim.server.frames import SAFE_INTEGER, plain, read_context
from aim.server.problems import Refused
from aim.server.route import FILE, FileContent

if TYPE_CHECKING:
    from aim.query.media import MediaPoint, MediaSeries
    from aim.repo import Repo

TYPES = {
    "png": "image/png", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "mp4": "video/mp4", "webm": "video/webm",
    "wav": "audio/wav", "mp3": "audio/mpeg", "flac": "audio/flac",
    "text": "text/plain; charset=utf-8", "html": FILE, "histogram": FILE, "parquet": FILE,
    **dict.fromkeys(("plotly", *FIGURES), "application/json"),
    **dict.fromkeys(("points", "embedding"), FILE),
}  # fmt: skip
HTML = "text/html; charset=utf-8"
MAX_VALUES = 2_000
MAX_TEXT = 20_000
MAX_TEXTS = 4_000_000
MAX_HISTOGRAM = 1 << 16
MAX_MARKS = 1_000
MAX_LOOKS = 400_000


def list_series(repo: Repo, query: wire.MediaQuery) -> wire.RunMedia:
    run = repo.run(query.run)
    return wire.RunMedia(run=run.id, series=[wire_series(series) for series in run.objects(query.kind)])


def values(repo: Repo, query: wire.MediaValuesQuery) -> wire.MediaValues:
    context = read_context("context", query.context)
    series = series_named(repo.run(query.run).objects(query.kind), query.name, context)
    if series is None:
        what = f"The run has no {query.kind} {query.name[:200]!r} with the context {query.context[:200]}."
        raise Refused(404, what, hint="api/run/media lists what it has.")
    steps, matching, following = choose(series.steps, query)
    rows = np.flatnonzero(np.isin(series.steps, steps))[:MAX_VALUES].tolist()
    most = min(MAX_TEXT, MAX_TEXTS // max(1, len(rows)))
    return wire.MediaValues(
        kind=query.kind,
        name=series.name,
        context=plain(series.context),
        first_step=int(series.steps[0]),
        last_step=int(series.steps[-1]),
        steps=len(steps),
        steps_found=matching,
        next=following,
        values=[wire_value(series[row], most) for row in rows],
    )


def content(repo: Repo, query: wire.BlobQuery) -> FileContent:
    point = point_of(repo, query.run, query.blob)
    with readable():
        data = point.data
    format = class_of(point.kind).format_of(data)
    if format is None:
        hint = "Read its bytes in Python: repo.run(...).objects(...)."
        raise Refused(415, f"This {point.kind} is not in a format that can be shown.", hint=hint)
    return FileContent(data, TYPES[format], f"{point.kind}-{point.step}.{ending_of(format)}")


def framed(repo: Repo, query: wire.MediaPageQuery) -> FileContent:
    """A page of HTML for a frame."""
    point = point_of(repo, query.run, query.blob)
    if point.kind != "html":
        raise Refused(415, f"This {point.kind} is not an HTML page.", hint="api/run/blob gives its content.")
    with readable():
        return FileContent(point.data, HTML, f"html-{point.step}.html", frame_policy(scripts=query.scripts))


def frame_policy(*, scripts: bool) -> str:
    """Of a page that a run recorded: an origin of its own, so it cannot read or call Aim, and nothing but what is in it
    is loaded."""
    sandbox, source = ("sandbox allow-scripts", "script-src 'unsafe-inline'; ") if scripts else ("sandbox", "")
    return (
        f"{sandbox}; default-src 'none'; {source}style-src 'unsafe-inline'; img-src data: blob:; "
        "media-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )


def point_of(repo: Repo, run: str, blob: str) -> MediaPoint:
    writer, _, at = blob.partition("-")
    point = repo.object_at(run, writer, int(at))
    if point is None:
        raise Refused(404, "The run has no such value.", hint="It may be deleted: reload the page.")
    return point


@contextmanager
def readable() -> Iterator[None]:
    """Refuses where the content of a value is damaged or gone."""
    try:
        yield
    except LogError as error:
        raise Refused(410, f"The value cannot be read: {error}", hint="Restore the file from a copy.") from None


def series_named(series: list[MediaSeries], name: str, context: dict[str, Any]) -> MediaSeries | None:
    """1, 1.0 and true are different contexts, but a browser writes 1.0 as 1. Without an exact match, an equal one
    counts."""
    equal = [item for item in series if item.name == name and plain(item.context) == context]
    return next((item for item in equal if repr(plain(item.context)) == repr(context)), next(iter(equal), None))


def wire_series(series: MediaSeries) -> wire.MediaSeries:
    return wire.MediaSeries(
        kind=series.kind,  # type: ignore[arg-type]
        name=series.name,
        context=plain(series.context),
        count=len(series),
        steps=len(ascending(series.steps)),
        first_step=int(series.steps[0]),
        last_step=int(series.steps[-1]),
        last_time=float(series.times.max()),
        bytes=series.size,
    )


def choose(all_steps: Ints, query: wire.MediaValuesQuery) -> tuple[Ints, int, int | None]:
    """The steps to show, their number from `lo` to `hi`, and where to continue."""
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


def wire_value(point: MediaPoint, most: int) -> wire.MediaValue:
    about = point.about
    text, cut = beginning(point, most) if point.kind == "text" else (None, False)
    return wire.MediaValue(
        step=point.step,
        epoch=point.epoch,
        time=point.time,
        index=point.place,
        blob=point.id,
        size=point.size,
        format=str(about.get("format") or class_of(point.kind).plain),
        caption=caption if isinstance(caption := about.get("caption"), str) else None,
        width=whole(about.get("width")),
        height=whole(about.get("height")),
        rate=whole(about.get("rate")),
        channels=whole(about.get("channels")),
        seconds=finite(about.get("seconds")),
        text=text,
        cut=cut,
        histogram=wire_histogram(point) if point.kind == "distribution" else None,
    )


def whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= SAFE_INTEGER else None


def finite(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) <= SAFE_INTEGER else None


def beginning(point: MediaPoint, most: int) -> tuple[str | None, bool]:
    """The first characters of a text, and whether there are more; None if it cannot be read."""
    try:
        return decoded_start(point, most)
    except LogError:
        return None, True


def decoded_start(point: MediaPoint, most: int) -> tuple[str, bool]:
    data = point.beginning(4 * most)
    text = data.decode("utf-8", "ignore" if len(data) < point.size else "replace")
    return text[:most], len(data) < point.size or len(text) > most


def text_parts(repo: Repo, query: wire.TextQuery) -> wire.TextParts:
    pattern = pattern_of(query.find)
    point = point_of(repo, query.run, query.blob)
    if point.kind != "text":
        raise Refused(415, f"This {point.kind} is not a text.", hint="api/run/blob gives its content.")
    with readable():
        start, cut = decoded_start(point, query.most)
    return wire.TextParts(parts=_marked(start, pattern), cut=cut)


def pattern_of(find: str) -> Pattern | None:
    try:
        return compile_pattern(find) if find else None
    except PatternError as error:
        hint = "To find characters such as ( and +, write a backslash before each."
        raise Refused(400, f"`{find}` is not a pattern: {error}.", hint=hint) from None


def _marked(text: str, pattern: Pattern | None) -> list[str]:
    spans = pattern.spans(text, most=MAX_MARKS, looks=MAX_LOOKS) if pattern else []
    places = [0, *(place for span in spans for place in span), len(text)]
    return [text[start:end] for start, end in pairwise(places)]


def wire_histogram(point: MediaPoint) -> wire.Histogram | None:
    """None for invalid bytes."""
    try:
        histogram = decode(point.data) if point.size <= MAX_HISTOGRAM else None
    except (LogError, ValueError, struct.error):
        histogram = None
    if histogram is None or not all(map(math.isfinite, (*histogram.edges, *histogram.counts, *histogram[2:]))):
        return None
    return wire.Histogram(
        edges=list(histogram.edges),
        counts=list(histogram.counts),
        nan=histogram.nan,
        below=histogram.below,
        above=histogram.above,
    )
