"""Messages about values that are no numbers."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from aim.server.wire.runs import RunQuery
from aim.server.wire.types import BlobId, ObjectKind, RunId


class ObjectsQuery(RunQuery, kw_only=True):
    """Of all kinds, or of one."""

    kind: ObjectKind | None = None


class ObjectValuesQuery(RunQuery, kw_only=True):
    """Values of one series: those at `steps` of the steps from `lo` to `hi`, evenly spread from the first to the last.
    Without `spread` they are the first ones from `lo` on. `context` is the series' context as JSON, in any order of
    keys.
    """

    kind: ObjectKind
    name: str
    context: Annotated[str, Meta(max_length=100_000)] = "{}"
    lo: int | None = None
    hi: int | None = None
    steps: Annotated[int, Meta(ge=1, le=1_000)] = 50
    spread: bool = True


class BlobQuery(RunQuery, kw_only=True):
    """`blob` as an ObjectValue has it."""

    blob: BlobId


class ObjectSeries(Struct, kw_only=True):
    """A series of a run whose values are no numbers. `count` values at `steps` different steps; `bytes` of all."""

    kind: ObjectKind
    name: str
    context: dict[str, Any]
    count: int
    steps: int
    first_step: int
    last_step: int
    last_time: float
    bytes: int


class RunObjects(Struct, kw_only=True):
    """By kind, name and context. `run` is the id."""

    run: RunId
    series: list[ObjectSeries]


class Histogram(Struct, kw_only=True):
    """`counts[i]` samples lie from `edges[i]` to `edges[i + 1]`. What is not finite is counted apart."""

    edges: list[float]
    counts: list[float]
    nan: float
    below: float
    above: float


class ObjectValue(Struct, kw_only=True):
    """One value; those of one step that were tracked together differ by `index`. Its content is at
    `api/run/blob?run=&blob=`: `format` is png, jpeg, gif, webp, wav, mp3, flac, text, plotly (JSON) or histogram.
    `text` is the beginning of a text, all of it unless `cut`. `seconds` and `rate` are those of a sound.
    """

    step: int
    epoch: float | None
    time: float
    index: int
    blob: str
    size: int
    format: str
    caption: str | None
    width: int | None
    height: int | None
    rate: int | None
    channels: int | None
    seconds: float | None
    text: str | None
    cut: bool
    histogram: Histogram | None


class ObjectValues(Struct, kw_only=True):
    """Some values by step, then as they came. `steps` of `steps_found` are here; where there are more behind the last
    one, `next` is the step to go on at. `steps_found` counts those from `lo` to `hi`.
    """

    kind: ObjectKind
    name: str
    context: dict[str, Any]
    first_step: int
    last_step: int
    steps: int
    steps_found: int
    next: int | None
    values: list[ObjectValue]
