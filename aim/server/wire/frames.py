"""Queries, and the headers of the binary frames that answer them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from aim.server.wire.runs import Param, Problem, Query, Run
from aim.server.wire.types import Axis, DType, Name, RunId

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


Reducer = Literal["last", "first", "min", "max", "mean", "count", "at_min", "at_max"]
Shown = Literal["last", "min", "max", "mean", "first"]


class OrderKey(Struct, kw_only=True, forbid_unknown_fields=True):
    """A column of a table of runs: `column` in AimQL (`run.duration`, `hparams.lr`), the `param` of one path, or one
    number of a `metric` in exactly this context. With `by`, and the reducer at_min or at_max, its value where the
    metric `by` is best."""

    column: Annotated[str, Meta(max_length=2_000)] | None = None
    param: Annotated[list[str], Meta(min_length=1, max_length=100)] | None = None
    metric: Name | None = None
    context: dict[str, Any] = {}
    reducer: Reducer = "last"
    by: Name | None = None
    by_context: dict[str, Any] = {}
    descending: bool = False


class OwnValues(Struct, kw_only=True, forbid_unknown_fields=True):
    """The values that a table shows of one metric in exactly one context."""

    metric: Name
    context: dict[str, Any] = {}
    values: list[Shown]


class Numbers(Struct, kw_only=True, forbid_unknown_fields=True):
    """The columns of metrics that a table has: `values` of every metric, `own` values of some, and `besides`, which
    have a `by`."""

    values: list[Shown] = msgspec.field(default_factory=lambda: ["last"])
    own: list[OwnValues] = []
    besides: list[OrderKey] = []


class Grouping(Struct, kw_only=True, forbid_unknown_fields=True):
    """Runs that share the values of these columns are one group. `fold`: how the numbers of metrics of a group become
    one. `but`: all params in which the runs differ, except those of `by` and below."""

    by: list[OrderKey] = []
    fold: Literal["mean", "median", "min", "max", "iqm"] = "mean"
    but: bool = False


class ListQuery(Query, kw_only=True):
    """Runs as a table lists them. `order` is a list of OrderKey as JSON. `find`: only runs that show each word of a
    text in one of their columns, as a table writes them; `numbers` are its columns of metrics (Numbers as JSON) and
    `zone` the time zone of its times. `group`, a Grouping as JSON: the runs of a group stand together."""

    order: str = "[]"
    find: Annotated[str, Meta(max_length=1_000)] = ""
    numbers: str = "{}"
    zone: Annotated[str, Meta(max_length=100)] = "UTC"
    group: str = ""


class PageQuery(ListQuery, kw_only=True):
    """`metrics` is a list of names as JSON. `near`: the id of a run; where it is listed, the page begins `before` rows
    before it, not at `offset`. `columns`: also list the params and metrics that the runs have. `groups`: also list all
    groups. `params=false` leaves params out."""

    offset: Annotated[int, Meta(ge=0)] = 0
    limit: Annotated[int, Meta(ge=1, le=20_000)] = 100
    near: RunId | None = None
    before: Annotated[int, Meta(ge=0, le=20_000)] = 0
    metrics: str = "[]"
    columns: bool = False
    groups: bool = False
    params: bool = True


class GroupsQuery(ListQuery, kw_only=True):
    """Some groups, and the `columns` (a list of OrderKey as JSON) of which to give cells."""

    offset: Annotated[int, Meta(ge=0)] = 0
    limit: Annotated[int, Meta(ge=1, le=1_000)] = 100
    columns: str = "[]"


class FactsQuery(Query, kw_only=True):
    """`bounds` is a list of OrderKey as JSON: the columns of which to tell the min and max. `values`: also count the
    values of every column, and tell in which values of metrics the runs differ."""

    bounds: str = "[]"
    values: bool = False


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


class ParamColumn(Struct, kw_only=True):
    """`runs` have it, with so many `values`; 0 where those were not counted."""

    path: list[str]
    runs: int
    values: int


class MetricColumn(Struct, kw_only=True):
    """`runs` have it. `differing`: the values in which the runs differ, where that was asked."""

    name: str
    context: dict[str, Any]
    runs: int
    differing: list[Shown] = []


class PageFrame(Struct, kw_only=True, tag_field="kind", tag="page"):
    """First frame of a page: `matched` runs, of which `listed` are found by the text; `start` is the place of the first
    one of the page, `near` that of the run that it should be near, -1 where that is not listed. Then the columns that
    the matched runs have, whether one of them has a description, and how many have damaged files. Frames `runs` and
    `table` follow, with the runs of the page in their order and the series of the metrics that were asked for."""

    matched: int
    listed: int
    start: int
    near: int
    params: list[ParamColumn]
    metrics: list[MetricColumn]
    described: bool
    damaged: int
    arrays: list[ArraySpec]


class GroupsFrame(Struct, kw_only=True, tag_field="kind", tag="groups"):
    """Follows the frame `page` where all groups were asked for. One element per listed group, in their order: `size` i4
    is the number of its runs, which stand in a row; `place` i4 its place among all `groups` that match, by what they
    share. `values` has the distinct values of each column they are grouped by, and `value` i4 for each of these columns
    the index of the value of each group, or -1. `paths`: the params that they are grouped by, with `but`."""

    groups: int
    values: list[list[Any]]
    paths: list[list[str]]
    arrays: list[ArraySpec]


class GroupColumn(Struct, kw_only=True):
    """Where it is `number`, its numbers are in the arrays. Else `distinct` says how many values each group has, and
    `some` are the first of them."""

    number: bool
    distinct: list[int]
    some: list[list[Any]]


class CellsFrame(Struct, kw_only=True, tag_field="kind", tag="cells"):
    """Follows the first runs of some groups. For each number column an element per group: `value` f8, `low` and `high`
    f8 of the runs (NaN where there are no two), `there` i4: how many runs have it."""

    columns: list[GroupColumn]
    arrays: list[ArraySpec]


class Ends(Struct, kw_only=True):
    low: float
    high: float


class Facts(Struct, kw_only=True):
    """About the columns of a table of `runs` runs. `bounds`: the ends of the columns that were asked, None where a
    column has no two different numbers. The rest only with `values`; `fields`: how many values each field of runs has.
    """

    runs: int
    fields: dict[str, int]
    params: list[ParamColumn]
    metrics: list[MetricColumn]
    bounds: list[Ends | None]


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


Frame = (
    RunsFrame | SeriesFrame | TableFrame | PageFrame | GroupsFrame | CellsFrame | BesideFrame | EndFrame | ErrorFrame
)
