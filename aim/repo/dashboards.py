"""Dashboards: named pages of charts, and the runs that they show."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple, TypeVar, get_args

from aim.errors import EditError, QueryError
from aim.natural import natural
from aim.plain import builtin, shown, text_of
from aim.query.parse import parse_expression
from aim.repo.edits import Edited, Edits, check_name, new_id

ChartKind = Literal["line", "bar", "scatter", "parallel", "image", "text", "figure", "table", "number"]
AxisScale = Literal["auto", "linear", "log"]
ChartValue = Literal["last", "min", "max", "first"]
# None at an end follows the data.
AxisEnds = tuple[float | None, float | None]

MAX_NAME = 200
MAX_QUERY = 5_000
MAX_TEXT = 10_000
MAX_METRICS = 20
MAX_CHARTS = 100
MAX_BYTES = 500_000
MAX_SMOOTHING = 0.99
WIDEST = HIGHEST = 6
NEWEST = 200
X_AXIS = re.compile("(step|epoch|relative|process|time|metric:.{1,1000})")
_ID = re.compile("[0-9a-f]{1,40}")
_HOME = "home_dashboard"
_ITEM = "dashboard"

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Chart:
    """`metrics`: of media for the kinds image, text, figure and table. `axes` of scatter and parallel: paths of params,
    and metrics as `metric:loss`. `where`: AimQL that narrows the runs and series further. `value`: which one of a
    metric a bar, a number and an axis show. `text`: in Markdown, of the kind text. `width` in columns of six, `height`
    in rows."""

    kind: ChartKind
    title: str = ""
    metrics: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()
    where: str = ""
    value: ChartValue = "last"
    text: str = ""
    x: str = "step"
    x_scale: AxisScale = "auto"
    y_scale: AxisScale = "auto"
    x_range: AxisEnds = (None, None)
    y_range: AxisEnds = (None, None)
    smoothing: float = 0.0
    ignore_outliers: bool = False
    width: int = 2
    height: int = 2


class Dashboard(NamedTuple):
    """`runs`: AimQL that picks its runs, of which the `newest` are drawn."""

    id: str
    name: str
    charts: tuple[Chart, ...]
    runs: str
    newest: int
    edited_at: float


class Dashboards:
    def __init__(self, edits: Edits) -> None:
        self._edits = edits

    def __iter__(self) -> Iterator[Dashboard]:
        """By name."""
        every = [_read(id, edited) for id, edited in self._edits.items(_ITEM).items() if _ID.fullmatch(id)]
        yield from sorted(every, key=lambda board: (natural(board.name), board.id))

    def with_id(self, id: str) -> Dashboard | None:
        """Reads only this one; None if there is none."""
        edited = self._edits.fields().get(f"{_ITEM}:{id}") if _ID.fullmatch(id) else None
        return _read(id, edited) if edited is not None and isinstance(edited.value, dict) and edited.value else None

    def get(self, name: str) -> Dashboard:
        """The dashboard with this name or id."""
        every = list(self)
        named = [board for board in every if board.id == name] or [board for board in every if board.name == name]
        if len(named) > 1:
            ids = ", ".join(board.id for board in named)
            raise EditError(f"{len(named)} dashboards are called {name!r}. Give the id of one of them: {ids}")
        if not named:
            known = ", ".join(board.name for board in every[:20])
            raise EditError(f"there is no dashboard {name!r}; it may be deleted already. Dashboards: {known or 'none'}")
        return named[0]

    def save(
        self,
        name: str,
        charts: Iterable[Chart | Mapping[str, object]],
        *,
        runs: str = "",
        newest: int = 20,
        id: str | None = None,
        seen: float | None = None,
    ) -> Dashboard:
        """Add a dashboard, or change the one with this id. `seen`: the `edited_at` of the version that the change
        began with; a newer one is then not overwritten."""
        with self._edits.in_turn():
            return self._save(name, charts, runs, newest, id, seen)

    def _save(
        self,
        name: str,
        charts: Iterable[Chart | Mapping[str, object]],
        runs: str,
        newest: int,
        id: str | None,
        seen: float | None,
    ) -> Dashboard:
        every = {board.id: board for board in self}
        if id is not None and id not in every:
            raise _gone(id)
        if id is not None and seen is not None and seen != every[id].edited_at:
            raise EditError(f"{every[id].name!r} was changed by someone else meanwhile; reload it, or save a copy")
        name = self._check_name(name, [board for board in every.values() if board.id != id])
        value = {
            "name": name,
            "runs": _condition("runs", runs),
            "newest": _whole("newest", newest, 1, NEWEST),
            "charts": [asdict(chart) for chart in _charts(charts)],
        }
        size = len(json.dumps(value).encode())
        if size > MAX_BYTES:
            raise EditError(f"the dashboard {name!r} has {size:,} bytes; up to {MAX_BYTES:,} are possible")
        before = self._edits.items(_ITEM)[id].value if id is not None else None
        is_new_name = id is None or every[id].name != name
        id = id or new_id()
        self._edits.write([(None, f"{_ITEM}:{id}", value)])
        saved = self.with_id(id)
        if saved is None:
            raise _gone(id)
        if is_new_name and self._precedes(saved):
            self._edits.write([(None, f"{_ITEM}:{id}", before)])
            raise _taken(name)
        return saved

    def rename(self, name: str, to: str) -> Dashboard:
        board = self.get(name)
        return self.save(to, board.charts, runs=board.runs, newest=board.newest, id=board.id)

    def copy(self, name: str, to: str, *, into: Dashboards | None = None) -> Dashboard:
        """Save a dashboard under another name, or in another repository."""
        board = self.get(name)
        return (into or self).save(to, board.charts, runs=board.runs, newest=board.newest)

    def remove(self, name: str) -> None:
        self._edits.write([(None, f"{_ITEM}:{self.get(name).id}", None)])

    @property
    def home(self) -> Dashboard | None:
        """The one that the home page shows instead of the wall."""
        chosen = self._edits.fields().get(_HOME)
        return self.with_id(chosen.value) if chosen is not None and isinstance(chosen.value, str) else None

    def show_at_home(self, name: str | None) -> None:
        """None: the home page shows the wall."""
        self._edits.write([(None, _HOME, None if name is None else self.get(name).id)])

    def _precedes(self, saved: Dashboard) -> bool:
        """Whether another process gave one this name just before: nothing keeps two processes from it."""
        same = (
            (edited.at, id) for id, edited in self._edits.items(_ITEM).items() if edited.value.get("name") == saved.name
        )
        return min(same, default=(saved.edited_at, saved.id)) < (saved.edited_at, saved.id)

    def _check_name(self, name: str, others: Iterable[Dashboard]) -> str:
        name = check_name(_ITEM, name)
        if len(name) > MAX_NAME:
            raise EditError(f"the name has {len(name):,} characters; it can have {MAX_NAME}")
        if name in {board.name for board in others}:
            raise _taken(name)
        return name


def _gone(id: str) -> EditError:
    return EditError(f"there is no dashboard {id!r}; it may be deleted already")


def _taken(name: str) -> EditError:
    return EditError(f"the dashboard {name!r} exists; choose another name")


def _charts(given: Iterable[Chart | Mapping[str, object]]) -> list[Chart]:
    if not isinstance(given, Iterable) or isinstance(given, str | Mapping):
        raise EditError(f"the charts of a dashboard are a list, not {shown(given)}")
    charts = [chart_of(asdict(chart) if isinstance(chart, Chart) else chart) for chart in given]
    for chart in charts:
        _condition("where", chart.where)
    if len(charts) > MAX_CHARTS:
        raise EditError(f"a dashboard with {len(charts)} charts is not possible; it can have {MAX_CHARTS}")
    return charts


def chart_of(given: Mapping[str, object]) -> Chart:
    """A chart from its fields, as in JSON. Raises EditError for one that is unknown or not allowed."""
    if not isinstance(given, Mapping):
        raise EditError(f"a chart is an object with a kind, not {shown(given)}")
    if unknown := [name for name in given if name not in _FIELDS]:
        raise EditError(f"a chart has no field {shown(unknown[0])}; it has {', '.join(_FIELDS)}")
    if "kind" not in given:
        raise EditError(f"a chart needs a kind: one of {', '.join(get_args(ChartKind))}")
    return Chart(**{name: _FIELDS[name](name, value) for name, value in given.items()})


def _text(most: int) -> Callable[[str, object], str]:
    def check(name: str, value: object) -> str:
        value = builtin(value)
        if not isinstance(value, str) or len(value) > most:
            raise EditError(f"{name} is text of up to {most:,} characters, not {shown(value)}")
        return text_of(value)

    return check


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or len(value) > MAX_METRICS:
        raise EditError(f"{name} of a chart is a list of up to {MAX_METRICS} names, not {shown(value)}")
    return tuple(_text(1_000)(name, item) for item in value)


def _one_of(words: object) -> Callable[[str, object], Any]:
    def check(name: str, value: object) -> object:
        value = builtin(value)
        if value not in get_args(words):
            raise EditError(f"{name} of a chart is one of {', '.join(get_args(words))}, not {shown(value)}")
        return value

    return check


def _condition(name: str, value: object) -> str:
    text = _text(MAX_QUERY)(name, value)
    try:
        parse_expression(text)
    except QueryError as error:
        error.message = f"`{name}` is not valid: {error.message}"
        raise
    return text


def _x_axis(name: str, value: object) -> str:
    text = _text(1_010)(name, value)
    if not X_AXIS.fullmatch(text):
        allowed = "step, epoch, relative, process, time or metric:NAME"
        raise EditError(f"{name} of a chart is {allowed}, not {shown(value)}")
    return text


def _number(value: object) -> float | None:
    value = builtin(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _ends(name: str, value: object) -> AxisEnds:
    if isinstance(value, (list, tuple)) and len(value) == 2:
        low, high = (None if end is None else _number(end) for end in value)
        numbers = [number for number, end in zip((low, high), value, strict=True) if end is not None]
        finite = all(number is not None and math.isfinite(number) for number in numbers)
        if finite and (low is None or high is None or low < high):
            return low, high
    raise EditError(f"{name} of a chart is a pair of ascending numbers, null for an open end, not {shown(value)}")


def _smoothing(name: str, value: object) -> float:
    number = _number(value)
    if number is None or not 0 <= number <= MAX_SMOOTHING:
        raise EditError(f"{name} of a chart is a number from 0 to {MAX_SMOOTHING}, not {shown(value)}")
    return number


def _yes_or_no(name: str, value: object) -> bool:
    value = builtin(value)
    if not isinstance(value, bool):
        raise EditError(f"{name} of a chart is true or false, not {shown(value)}")
    return value


def _whole(name: str, value: object, low: int, high: int) -> int:
    number = _number(value)
    if number is None or not low <= number <= high or number != int(number):
        raise EditError(f"{name} is an integer from {low} to {high}, not {shown(value)}")
    return int(number)


_FIELDS: Mapping[str, Callable[[str, object], Any]] = {
    "kind": _one_of(ChartKind),
    "title": _text(MAX_NAME),
    "metrics": _texts,
    "axes": _texts,
    "where": _text(MAX_QUERY),
    "value": _one_of(ChartValue),
    "text": _text(MAX_TEXT),
    "x": _x_axis,
    "x_scale": _one_of(AxisScale),
    "y_scale": _one_of(AxisScale),
    "x_range": _ends,
    "y_range": _ends,
    "smoothing": _smoothing,
    "ignore_outliers": _yes_or_no,
    "width": lambda name, value: _whole(name, value, 1, WIDEST),
    "height": lambda name, value: _whole(name, value, 1, HIGHEST),
}


def _read(id: str, edited: Edited) -> Dashboard:
    """Other programs and versions write dashboards too: what is not valid is left out. Conditions are parsed where they
    are asked, because thousands of them take long."""
    value = edited.value
    charts = value.get("charts")
    read = [_or(chart_of, _known(chart)) for chart in charts[:MAX_CHARTS]] if isinstance(charts, list) else []
    return Dashboard(
        id,
        _or(lambda name: check_name(_ITEM, name)[:MAX_NAME], value.get("name")) or id,
        tuple(chart for chart in read if chart is not None),
        _or(lambda text: _text(MAX_QUERY)("runs", text), value.get("runs")) or "",
        _or(lambda count: _whole("newest", count, 1, NEWEST), value.get("newest")) or 20,
        edited.at,
    )


def _known(chart: Any) -> Any:
    return {name: value for name, value in chart.items() if name in _FIELDS} if isinstance(chart, dict) else chart


def _or(read: Callable[[Any], T], value: object) -> T | None:
    try:
        return read(value)
    except ValueError:
        return None
