"""Messages about dashboards."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from aim.server.wire.types import Axis, DashboardId

ChartKind = Literal["line", "bar", "scatter", "parallel", "image", "text", "figure", "table", "number"]
ChartCondition = Annotated[str, Meta(max_length=5_000)]
ChartNames = Annotated[list[Annotated[str, Meta(max_length=1_000)]], Meta(max_length=20)]
ChartScale = Literal["auto", "linear", "log"]
ChartSize = Annotated[int, Meta(ge=1, le=6)]
ChartEnd = float | None


class DashboardChart(Struct, kw_only=True, forbid_unknown_fields=True):
    """`metrics`: of media for the kinds image, text, figure and table. `axes` of scatter and parallel: paths of params,
    and metrics as `metric:loss`. `where`: AimQL that narrows the runs and series further. `value`: which one of a
    metric a bar, a number and an axis show. `text`: in Markdown, of the kind text. `width` in columns of six, `height`
    in rows. A range ends at None where it follows the data."""

    kind: ChartKind
    title: Annotated[str, Meta(max_length=200)]
    metrics: ChartNames
    axes: ChartNames
    where: ChartCondition
    value: Literal["last", "min", "max", "first"]
    text: Annotated[str, Meta(max_length=10_000)]
    x: Axis
    x_scale: ChartScale
    y_scale: ChartScale
    x_range: tuple[ChartEnd, ChartEnd]
    y_range: tuple[ChartEnd, ChartEnd]
    smoothing: Annotated[float, Meta(ge=0, le=0.99)]
    ignore_outliers: bool
    width: ChartSize
    height: ChartSize


class DashboardQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """An `id` of any other form names no dashboard either."""

    id: str


class DashboardName(Struct, kw_only=True, forbid_unknown_fields=True):
    id: DashboardId


class DashboardRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """Without `id`, a new one is added. `runs`: AimQL that picks its runs, of which the `newest` are drawn. `seen`: the
    `edited_at` of the version that the change began with; a newer one is then not overwritten."""

    id: DashboardId | None = None
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    charts: Annotated[list[DashboardChart], Meta(max_length=100)]
    runs: ChartCondition = ""
    newest: Annotated[int, Meta(ge=1, le=200)] = 20
    seen: float | None = None


class HomeRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """The dashboard that the home page shows; None for the wall."""

    id: DashboardId | None


class Dashboard(Struct, kw_only=True):
    id: str
    name: str
    charts: list[DashboardChart]
    runs: str
    newest: int
    edited_at: float


class ChartOutline(Struct, kw_only=True):
    """What a preview shows of a chart."""

    kind: ChartKind
    width: int
    height: int


class DashboardRow(Struct, kw_only=True):
    id: str
    name: str
    charts: list[ChartOutline]
    edited_at: float


class Dashboards(Struct, kw_only=True):
    """By name. `home`: the id of the one that the home page shows."""

    dashboards: list[DashboardRow]
    home: str | None
