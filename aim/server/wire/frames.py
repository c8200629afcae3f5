"""Queries, and the headers of the binary frames that answer them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from aim.server.wire.runs import Param, Problem, Query, Run
from aim.server.wire.types import Axis, DType, Name

FRAMES = "application/x-aim-frames"
MAGIC = "AIMF"


class SeriesQuery(Query, kw_only=True):
    """An AimQL statement, the x axis, the pixel columns to fill, and the range of x to show. `metric:NAME` as axis
    is the value of that metric at the same step; `back` then marks series in which it falls somewhere.

    `only` holds run ids separated by commas; other runs are left out of the answer.
    """

    x: Axis = "step"
    columns: Annotated[int, Meta(ge=1, le=20_000)] = 800
    lo: float | None = None
    hi: float | None = None
    only: str | None = None


class TableQuery(Query, kw_only=True):
    """`only` holds run ids separated by commas; other runs are left out of the answer."""

    only: str | None = None


class BesideQuery(TableQuery, kw_only=True):
    """The value of one metric, in exactly one context, at the step where another one has its min or max. Contexts are
    JSON objects; a run that lacks one of both is left out.
    """

    metric: Name
    context: str = "{}"
    by: Name
    by_context: str = "{}"
    side: Literal["min", "max"]


class OrderKey(Struct, kw_only=True, forbid_unknown_fields=True):
    """What runs are ordered by: `column` in AimQL (`run.duration`, `hparams.lr`), or one number of a `metric` in
    exactly this context."""

    column: Annotated[str, Meta(max_length=2_000)] | None = None
    metric: Name | None = None
    context: dict[str, Any] = {}
    reducer: Literal["last", "first", "min", "max", "mean", "count", "at_min", "at_max"] = "last"
    descending: bool = False


class PageQuery(Query, kw_only=True):
    """`order` is a list of OrderKey and `metrics` a list of names, both as JSON. `columns`: also list every param and
    metric that the repository has."""

    order: str = "[]"
    offset: Annotated[int, Meta(ge=0)] = 0
    limit: Annotated[int, Meta(ge=1, le=1_000)] = 100
    metrics: str = "[]"
    columns: bool = False


class ArraySpec(Struct, kw_only=True):
    name: str
    dtype: DType
    length: int


class RunsFrame(Struct, kw_only=True, tag_field="kind", tag="runs"):
    """First frame; in a table one for each part of the runs. Array `params` i4 has a row per param and a column per run
    of this frame: an index into `values`, or -1.
    """

    runs: list[Run]
    params: list[Param]
    series: int
    points: int
    notes: list[str]
    revision: str
    statement: str
    arrays: list[ArraySpec]


class SeriesFrame(Struct, kw_only=True, tag_field="kind", tag="series"):
    """Some series. One element per series: `run` i4, `name` i4, `context` i4 (indices), `count` i4, `sampled` u1,
    `first`, `last`, `min`, `max`, `last_step` f8. `offsets` i4 has one more and cuts `x`, `y` and, unless the axis
    is the step, `steps` (all f8) into series. `progress` goes from 0 to 1.
    """

    progress: float
    contexts: list[dict[str, Any]]
    names: list[str]
    arrays: list[ArraySpec]


class TableFrame(Struct, kw_only=True, tag_field="kind", tag="table"):
    """Summaries of the series of the runs in the frame before it. One element per series, grouped by run: `run` i4
    (counted over all frames), `name` i4, `context` i4 (indices), `count` i4, `first`, `last`, `min`, `max`, `mean`,
    `last_step` f8. `progress` goes from 0 to 1.
    """

    progress: float
    names: list[str]
    contexts: list[dict[str, Any]]
    arrays: list[ArraySpec]


class MetricColumn(Struct, kw_only=True):
    name: str
    context: dict[str, Any]


class PageFrame(Struct, kw_only=True, tag_field="kind", tag="page"):
    """First frame of a page: how many runs `matched`, and the columns that tables of runs can have. Frames `runs` and
    `table` follow, with the runs of the page in their order and the series of the metrics that were asked for."""

    matched: int
    params: list[list[str]]
    metrics: list[MetricColumn]
    arrays: list[ArraySpec]


class BesideFrame(Struct, kw_only=True, tag_field="kind", tag="beside"):
    """One element per run: `value` f8 of the metric, `step` f8 of the other one's best point."""

    runs: list[str]
    arrays: list[ArraySpec]


class EndFrame(Struct, kw_only=True, tag_field="kind", tag="end"):
    """Last frame: the answer is complete. `checked` runs matched."""

    seconds: float
    checked: int
    arrays: list[ArraySpec]


class ErrorFrame(Struct, kw_only=True, tag_field="kind", tag="error"):
    """Last frame instead of "end": the answer is incomplete."""

    error: Problem
    arrays: list[ArraySpec]


Frame = RunsFrame | SeriesFrame | TableFrame | PageFrame | BesideFrame | EndFrame | ErrorFrame
