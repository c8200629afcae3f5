"""Queries, and the headers of the binary frames that answer them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from aim.server.wire.runs import Param, Problem, Query
from aim.server.wire.types import Axis, DType, Name, RunId, Status

FRAMES = "application/x-aim-frames"
MAGIC = "AIMF"


class SeriesQuery(Query, kw_only=True):
    """An AimQL statement, the x axis, the number of pixel columns, and the range of x. The axis `metric:NAME` is the
    value of that metric at the same step; `back` then marks series in which it is not monotonic. `smooth` is the factor
    of an exponential average and `average` the points of a moving one, which wins: of all points, whatever is sampled.

    `only` holds run ids separated by commas; the answer has no other runs. `params=false` leaves params out.
    """

    x: Axis = "step"
    columns: Annotated[int, Meta(ge=1, le=20_000)] = 800
    lo: float | None = None
    hi: float | None = None
    smooth: Annotated[float, Meta(ge=0, le=0.99)] = 0
    average: Annotated[int, Meta(ge=1, le=999)] = 1
    only: str | None = None
    params: bool = True


class TableQuery(Query, kw_only=True):
    """`only` holds run ids separated by commas; the answer has no other runs."""

    only: str | None = None


class BesideQuery(TableQuery, kw_only=True):
    """The value of one metric, in exactly one context, at the step where another metric has its min or max. Contexts
    are JSON objects. The answer has only runs with both metrics.
    """

    metric: Name
    context: str = "{}"
    by: Name
    by_context: str = "{}"
    side: Literal["min", "max"]


Reducer = Literal["last", "first", "min", "max", "mean", "count", "best", "at_min", "at_max", "at_best"]
Shown = Literal["last", "best", "min", "max", "mean", "first"]


class OrderKey(Struct, kw_only=True, forbid_unknown_fields=True):
    """A column of a table of runs: `column` in AimQL (`run.duration`, `hparams.lr`), the `param` of one path, or one
    number of a `metric` in exactly this context. With `by` and the reducer at_min, at_max or at_best: its value at
    the min, max or best of the metric `by`."""

    column: Annotated[str, Meta(max_length=2_000)] | None = None
    param: Annotated[list[str], Meta(min_length=1, max_length=100)] | None = None
    metric: Name | None = None
    context: dict[str, Any] = {}
    reducer: Reducer = "last"
    by: Name | None = None
    by_context: dict[str, Any] = {}
    descending: bool = False


class OwnValues(Struct, kw_only=True, forbid_unknown_fields=True):
    """The `values` that a table shows for one metric in exactly one context."""

    metric: Name
    context: dict[str, Any] = {}
    values: list[Shown]


class Numbers(Struct, kw_only=True, forbid_unknown_fields=True):
    """The columns of metrics in a table: `values` of every metric, `own` values of some metrics, and `besides`, columns
    with a `by`."""

    values: list[Shown] = msgspec.field(default_factory=lambda: ["last"])
    own: list[OwnValues] = []
    besides: list[OrderKey] = []


class Grouping(Struct, kw_only=True, forbid_unknown_fields=True):
    """Runs with equal values in the columns `by` are one group. `fold`: how one number is made of the numbers of a
    group. `but`: group by all params in which the runs differ, except those of `by` and the params below them."""

    by: list[OrderKey] = []
    fold: Literal["mean", "median", "min", "max", "iqm"] = "mean"
    but: bool = False


class ListQuery(Query, kw_only=True):
    """Runs in the order of a table. `order` is a list of OrderKey as JSON. `find`: only runs that have each word of
    this text in one of their columns, as the table shows them; `numbers` are its columns of metrics (Numbers as JSON).
    `group`, a Grouping as JSON: the runs of a group are listed together."""

    order: str = "[]"
    find: Annotated[str, Meta(max_length=1_000)] = ""
    numbers: str = "{}"
    group: str = ""


class PageQuery(ListQuery, kw_only=True):
    """`metrics` is a list of names as JSON. `near`: the id of a run; if it is listed, the page begins `before` rows
    before it, not at `offset`. `columns`: also list the params and metrics of the runs. `groups`: also list all groups.
    `params=false`: the answer has no params."""

    offset: Annotated[int, Meta(ge=0)] = 0
    limit: Annotated[int, Meta(ge=1, le=20_000)] = 100
    near: RunId | None = None
    before: Annotated[int, Meta(ge=0, le=20_000)] = 0
    metrics: str = "[]"
    columns: bool = False
    groups: bool = False
    params: bool = True


class GroupsQuery(ListQuery, kw_only=True):
    """Some groups, and the cells of `columns` (a list of OrderKey as JSON)."""

    offset: Annotated[int, Meta(ge=0)] = 0
    limit: Annotated[int, Meta(ge=1, le=1_000)] = 100
    columns: str = "[]"


class FactsQuery(Query, kw_only=True):
    """`bounds` is a list of OrderKey as JSON: the columns whose min and max are wanted. `values`: also count the values
    of every column, and list the values of metrics in which the runs differ."""

    bounds: str = "[]"
    values: bool = False


class ArraySpec(Struct, kw_only=True):
    name: str
    dtype: DType
    length: int


class RunTexts(Struct, kw_only=True):
    """The distinct values of the text fields of some runs."""

    hash: list[str]
    name: list[str]
    experiment: list[str]
    description: list[str]
    tags: list[list[str]]
    status: list[Status]
    error: list[str]
    started_by: list[str]
    edited_by: list[str]


class RunsFrame(Struct, kw_only=True, tag_field="kind", tag="runs"):
    """First frame, and one before each later part of many runs: the fields of Run by column, one element per run. For
    each field of `texts` an array i4 of indices into its values; -1 is null, or the id for `hash`. `created_at`,
    `finished_at` (NaN: null), `duration`, `seen_at`, `dropped`, `damaged`, `position` f8; `archived`, `diverged` u1.
    Array `params` i4 has a row per param and a column per run: an index into `values`, or -1.
    """

    ids: list[str]
    texts: RunTexts
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
    is the step, `steps` (all f8) into series, and `smoothed`, if it was requested. `progress` goes from 0 to 1.
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
    """How many `runs` have the param, whether they are `differing` in it, also because some lack it, and its number of
    distinct `values`; 0 if those were not counted."""

    path: list[str]
    runs: int
    differing: bool
    values: int


class MetricColumn(Struct, kw_only=True):
    """How many `runs` have the metric. `differing`: the values in which the runs differ, if requested."""

    name: str
    context: dict[str, Any]
    runs: int
    differing: list[Shown] = []


class PageFrame(Struct, kw_only=True, tag_field="kind", tag="page"):
    """First frame of a page. `matched` runs match the query, and `listed` of them the text to find. `start` is the
    position of the page's first run, `near` that of the requested run, or -1 if it is not listed. `params` and
    `metrics` are the columns of the matched runs; `described`, `tagged`, `unnamed`: whether one has a description, has
    tags, has no name; `mixed`: whether they belong to several experiments; `damaged`: how many have damaged files.
    Frames `runs` and `table` follow, with the runs of the page in order and the series of the requested metrics.
    """

    matched: int
    listed: int
    start: int
    near: int
    params: list[ParamColumn]
    metrics: list[MetricColumn]
    described: bool
    tagged: bool
    unnamed: bool
    mixed: bool
    damaged: int
    arrays: list[ArraySpec]


class GroupsFrame(Struct, kw_only=True, tag_field="kind", tag="groups"):
    """Follows the frame `page` if all groups were requested. One element per listed group, in order: `size` i4 is the
    number of its runs, which are contiguous; `place` i4 is its position among all `groups` that match, ordered by their
    shared values. `values` has the distinct values of each column of the grouping, and `value` i4, for each of these
    columns, the index of each group's value, or -1. `paths`: the params of the grouping, with `but`."""

    groups: int
    values: list[list[Any]]
    paths: list[list[str]]
    arrays: list[ArraySpec]


class GroupColumn(Struct, kw_only=True):
    """The numbers of a `number` column are in the arrays. Any other column has the number of `distinct` values of each
    group, and `some` of them."""

    number: bool
    distinct: list[int]
    some: list[list[Any]]


class CellsFrame(Struct, kw_only=True, tag_field="kind", tag="cells"):
    """Follows the first runs of some groups. For each number column an element per group: `value` f8, the min `low` and
    max `high` f8 of the runs (NaN unless two have a number), `there` i4: how many runs have one, and `diverged` i4: how
    many of these are NaN or infinite."""

    columns: list[GroupColumn]
    arrays: list[ArraySpec]


class MediaFrame(Struct, kw_only=True, tag_field="kind", tag="media"):
    """Follows the runs of some values of media, which are in the order of the runs, then by name, context and step. One
    element per value: `run`, `name`, `context`, `format`, `caption`, `writer` i4 (indices; -1 where there is none),
    `index`, `width`, `height` i4 (-1: unknown), `step`, `epoch`, `time`, `size`, `seconds`, `at` f8 (NaN: unknown).
    `writers[writer]-at` is the `blob` of the value. `matched` values match, from `first_step` to `last_step`, with
    indices up to `last_index`; `inside` of them are in the ranges, at `steps_found` steps, of which `steps` are here.
    With `find`, `searched` of these were searched, texts in their first `characters`, and those that match are here.
    """

    names: list[str]
    contexts: list[dict[str, Any]]
    formats: list[str]
    captions: list[str]
    writers: list[str]
    matched: int
    inside: int
    steps_found: int
    steps: int
    first_step: float
    last_step: float
    last_index: int
    searched: int
    characters: int
    arrays: list[ArraySpec]


class Ends(Struct, kw_only=True):
    low: float
    high: float


class Facts(Struct, kw_only=True):
    """About the columns of a table of `runs` runs. `bounds`: the min and max of the requested columns, None if a column
    has no two different numbers. The others are set only with `values`; `fields`: the number of values of each field.
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
    RunsFrame
    | SeriesFrame
    | TableFrame
    | PageFrame
    | GroupsFrame
    | CellsFrame
    | MediaFrame
    | BesideFrame
    | EndFrame
    | ErrorFrame
)
