"""The documents of runs that a database gives. Who can write to it can write anything, so each is checked when it is
read. What is none becomes a writer of which nothing is known but the reason."""

from __future__ import annotations

from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from aim.clickhouse.texts import InvalidTexts, is_edits, is_params, note
from aim.index.state import RunState, WriterState, full_row
from aim.log import bounds

_PLACE = "runs.doc"
# A document has params and facts this many levels below its own top.
_ABOVE = 4
_BROKEN = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError)


def restored(run: RunState, text: str, damage: InvalidTexts) -> RunState:
    """The run with its writers. `damage`: notes why there are none."""
    try:
        for writer in bounds.loads(text.encode(), deepest=bounds.MAX_DEPTH + _ABOVE):
            _check(writer)
        full_row(run.read_document(text), 0)
    except _BROKEN as error:
        why = f"{error}"[:200] if isinstance(error, ValueError) else "it is not a document of Aim"
        run.writers = [WriterState("", f"the database, {_PLACE}")]
        run.writers[0].refuse(0, ValueError(why))
        note(damage, run.number, _PLACE, why)
    return run


@cache
def _kinds() -> dict[str, Any]:
    return get_type_hints(WriterState)


def _check(writer: dict[str, Any]) -> None:
    """Raises an error for anything but the fields of a writer. Its times are bounded as those of records are."""
    for name, value in writer.items():
        if not _fits(value, _kinds()[name]):
            raise ValueError(f"its field {name} has another kind of value")
    if not (is_edits(writer.get("edits", {})) and is_params(writer.get("params", []))):
        raise ValueError("its edits or params are none")


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value of JSON is of a kind. A tuple is a list there, and keys are texts."""
    inner = get_args(kind)
    if isinstance(kind, UnionType):
        return any(_fits(value, one) for one in inner)
    match get_origin(kind) or kind:
        case some if some is dict:
            return isinstance(value, dict) and all(_fits(item, inner[1]) for item in value.values())
        case some if some is list:
            return isinstance(value, list) and all(_fits(item, inner[0]) for item in value)
        case some if some is tuple:
            return isinstance(value, list) and len(value) == len(inner) and all(map(_fits, value, inner))
        case some if some is float:
            return isinstance(value, (int, float)) and bounds.seconds(value) == value
        case some if some is int:
            return bounds.whole(value) is not None
        case some:
            return some is Any or isinstance(value, some)
