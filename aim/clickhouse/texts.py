"""The texts of a database that are JSON. Who can write to it can write anything, so each is checked when it is read.
What does not fit is replaced by a text that says nothing, and noted for its run."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from aim.engine import Columns
from aim.log import bounds, status
from aim.plain import shown

# Why texts of a run are damaged, by the number of the run and the table and column.
InvalidTexts = dict[int, dict[str, str]]
# Most values of params are found valid by this.
_PLAIN = re.compile(r'-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,3})?|"[^"\\\x00-\x1f]*"')


class Shape(NamedTuple):
    fits: Callable[[Any], bool]
    instead: str
    # Whether there may be no text at all.
    optional: bool = False
    # Whether the text is a word as it is, and not JSON.
    plain: bool = False


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_tags(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(tag, str) for tag in value)


def _is_starts(value: Any) -> bool:
    return isinstance(value, list) and all(_are(start, (int, float), str) for start in value)


def is_edits(value: Any) -> bool:
    return isinstance(value, dict) and all(_are(edit, int, str, object) for edit in value.values())


def is_params(value: Any) -> bool:
    return isinstance(value, list) and all(_are(given, int, dict) for given in value)


def _are(value: Any, *kinds: type | tuple[type, ...]) -> bool:
    return isinstance(value, list) and len(value) == len(kinds) and all(map(isinstance, value, kinds))


_OBJECT, _MAYBE = Shape(_is_object, "{}"), Shape(_is_object, "", optional=True)
SHAPES: Final[dict[str, dict[str, Shape]]] = {
    "runs": {
        "tags": Shape(_is_tags, "[]"),
        "starts": Shape(_is_starts, "", optional=True),
        "facts": _OBJECT,
        "packages": _MAYBE,
        "env": _MAYBE,
        "params": _OBJECT,
        "status": Shape(status.WORDS.__contains__, "lost", plain=True),
        "edits": Shape(is_edits, "", optional=True),
    },
    "params": {"value": Shape(lambda value: True, "null")},
    "series": {"context": _OBJECT},
    "objects": {"context": _OBJECT, "about": _OBJECT},
}  # fmt: skip


# Numbers, and what they must be below. None is negative.
BELOW: Final[dict[str, dict[str, float]]] = {
    "runs": {"created_at": bounds.YEAR_10000},
    "series": {"count": 1 << 62},
}


def replace_odd_numbers(table: str, columns: Columns, damage: InvalidTexts) -> None:
    """Replace numbers that no run has by 0, and note why."""
    for name, most in BELOW.get(table, {}).items():
        if name not in columns:
            continue
        odd = ~((columns[name] >= 0) & (columns[name] < most))
        for run in columns["run"][odd].tolist() if odd.any() and "run" in columns else ():
            note(damage, run, f"{table}.{name}", "an impossible number")
        columns[name][odd] = 0


def replace_invalid(table: str, columns: Columns, damage: InvalidTexts) -> None:
    """Replace the texts in columns of a table that do not have their shape, and note why."""
    runs = columns["run"].tolist() if "run" in columns else []
    for name, shape in SHAPES.get(table, {}).items():
        if name in columns:
            if table == "runs":
                forget(damage, runs, f"{table}.{name}")
            for row, why in _replaced(columns[name], shape):
                if runs:
                    note(damage, runs[row], f"{table}.{name}", why)


def forget(damage: InvalidTexts, runs: Collection[int], place: str) -> None:
    """A run has one row in the table of runs, and it may have been written again."""
    for run in damage.keys() & set(runs) if damage else ():
        damage[run].pop(place, None)


def note(damage: InvalidTexts, run: int, place: str, why: str) -> None:
    damage.setdefault(run, {})[place] = f"the database, {place}: {why}"


def _replaced(column: npt.NDArray[np.object_], shape: Shape) -> list[tuple[int, str]]:
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
    if shape.plain:
        return None if shape.fits(text) else f"there is {shown(text, 40)}"
    if shape.instead == "null" and _PLAIN.fullmatch(text):
        return None
    try:
        value = bounds.loads(text.encode())
    except ValueError as error:
        return f"{error}"[:200]
    return None if shape.fits(value) else f"{type(value).__name__} of another kind than Aim writes there"
