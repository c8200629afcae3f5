"""The texts of a database that are JSON, and its numbers. Who can write to it can write anything, so each is checked
when it is read. What does not fit is replaced by a value that says nothing, and noted for its run."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from aim.engine import Columns
from aim.log import bounds, status
from aim.plain import shown

# Most values of params are found valid by this.
_PLAIN = re.compile(r'-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,3})?|"[^"\\\x00-\x1f]*"')


class DamagedRows(dict[int, dict[str, str]]):
    """Why rows of runs are damaged, by the number of the run and the table and column."""

    def note(self, run: int, place: str, why: str) -> None:
        self.setdefault(run, {})[place] = f"the database, {place}: {why}"

    def forget(self, runs: Collection[int], places: Collection[str]) -> None:
        """What is right in these columns of these runs."""
        for run in self.keys() & set(runs) if self else ():
            for place in places:
                self[run].pop(place, None)

    def forget_others(self, runs: Collection[int], places: Collection[str]) -> None:
        """After a fold wrote these runs again, and only these columns were checked since."""
        for run in self.keys() & set(runs) if self else ():
            for place in self[run].keys() - set(places):
                self[run].pop(place, None)


class Shape(NamedTuple):
    fits: Callable[[Any], bool]
    # What it is, as an error tells it.
    kind: str
    instead: str
    # Whether there may be no text at all.
    optional: bool = False
    # Whether the text is a word as it is, and not JSON.
    word: bool = False
    # Whether any JSON fits; then most texts need no parser.
    any_json: bool = False


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_tags(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(tag, str) for tag in value)


def _is_starts(value: Any) -> bool:
    return isinstance(value, list) and all(bounds.are(start, (int, float), str) for start in value)


_OBJECT = Shape(_is_object, "an object", "{}")
_MAYBE = Shape(_is_object, "an object", "", optional=True)
SHAPES: Final[dict[str, dict[str, Shape]]] = {
    "runs": {
        "tags": Shape(_is_tags, "a list of texts", "[]"),
        "starts": Shape(_is_starts, "a list of [seconds, writer]", "", optional=True),
        "facts": _OBJECT,
        "packages": _MAYBE,
        "env": _MAYBE,
        "params": _OBJECT,
        "status": Shape(status.WORDS.__contains__, "a status of a run", "lost", word=True),
        "edits": Shape(bounds.is_edits, "an object of [stamp, user, value]", "", optional=True),
    },
    "params": {"value": Shape(lambda value: True, "JSON", "null", any_json=True)},
    "series": {"context": _OBJECT},
    "objects": {"context": _OBJECT, "about": _OBJECT},
}  # fmt: skip


class AllowedNumbers(NamedTuple):
    """`low` is allowed, `below` is not. `instead` is allowed too, and takes the place of other numbers."""

    below: float
    low: float = 0
    instead: float = 0


_TIME, _TICKS = AllowedNumbers(bounds.YEAR_10000), AllowedNumbers(1 << 62, -(1 << 62))
_COUNT, _PLACE = AllowedNumbers(bounds.MAX_COUNT), AllowedNumbers(1 << 62)
# Numbers that have no row here may be any: values, steps and epochs, what is only compared, and what names something.
# A run of many writers has the sum of their counts.
INTERVALS: Final[dict[str, dict[str, AllowedNumbers]]] = {
    "runs": {
        "created_at": _TIME, "finished_at": _TIME._replace(instead=math.nan), "seen_at": _TIME,
        "dropped": AllowedNumbers(1 << 53), "damaged": AllowedNumbers(1 << 53), "length": _PLACE,
        # The index reserves so many for a source.
        "segment": AllowedNumbers(1 << 26), "writers": AllowedNumbers(1 << 31),
    },
    "series": {
        **dict.fromkeys(("count", "numbers", "nonfinite"), _COUNT),
        **dict.fromkeys(("first_time", "last_time"), _TICKS),
    },
    "points": {"time": _TICKS},
    "objects": dict.fromkeys(("offset", "at", "length", "size"), _COUNT),
    "heartbeats": {"at": _TIME},
}  # fmt: skip


def replace_invalid(table: str, columns: Columns, damage: DamagedRows, *, whole: bool = False) -> None:
    """Replace what no run has in columns of a table, and note why. `whole`: these are all rows of their runs."""
    runs = columns.get("run")
    shapes, intervals = SHAPES.get(table, {}), INTERVALS.get(table, {})
    for name in columns.keys() & (shapes.keys() | intervals.keys()):
        check = partial(_texts, shape=shapes[name]) if name in shapes else partial(_numbers, interval=intervals[name])
        replaced = check(columns[name])
        if runs is None:
            continue
        why = {int(runs[row]): reason for row, reason in replaced}
        for run, reason in why.items():
            damage.note(run, f"{table}.{name}", reason)
        if whole and damage:
            damage.forget(set(runs.tolist()) - why.keys(), [f"{table}.{name}"])


def _numbers(column: npt.NDArray[Any], interval: AllowedNumbers) -> list[tuple[int, str]]:
    """The rows whose number was replaced, and why."""
    instead = column != column if math.isnan(interval.instead) else column == interval.instead
    odd = np.flatnonzero(~((column >= interval.low) & (column < interval.below) | instead))
    allowed = f"from {interval.low:,} to below {interval.below:,.0f}"
    why = [(row, f"the number {column[row]} is not {allowed}") for row in odd.tolist()]
    column[odd] = interval.instead
    return why


def _texts(column: npt.NDArray[np.object_], shape: Shape) -> list[tuple[int, str]]:
    """The rows whose text was replaced, and why."""
    known: dict[Any, str | None] = {}
    for text in dict.fromkeys(column.tolist()):
        if why := _why_not(text, shape):
            known[text] = why
    if not known:
        return []
    rows = [(row, why) for row, text in enumerate(column.tolist()) if (why := known.get(text))]
    column[[row for row, _ in rows]] = shape.instead
    return rows


def _why_not(text: Any, shape: Shape) -> str | None:
    if not isinstance(text, str):
        return "there is no text"
    if shape.optional and not text:
        return None
    if shape.word:
        return None if shape.fits(text) else f"{shown(text, 40)} is not {shape.kind}"
    if shape.any_json and _PLAIN.fullmatch(text):
        return None
    try:
        value = bounds.loads(text.encode())
    except ValueError as error:
        return f"{error}"[:200]
    return None if shape.fits(value) else f"{shown(value, 40)} is not {shape.kind}"
