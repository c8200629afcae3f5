"""The documents of runs that a database gives. Who can write to it can write anything, so each is checked when it is
read. In place of an invalid document, the run gets one writer, of which only the reason is known."""

from __future__ import annotations

import builtins
import typing
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from aim.index.state import RunState, WriterState, full_row
from aim.log import bounds
from aim.plain import shown

if TYPE_CHECKING:
    from aim.clickhouse.texts import DamagedRows

_PLACE = "runs.doc"
# A document has params and facts this many levels below its own top.
_ABOVE = 4
_BROKEN = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError)


def restored(run: RunState, text: str, damage: DamagedRows) -> RunState:
    """The run with its writers. `damage`: notes why they are not known."""
    try:
        for writer in bounds.loads(text.encode(), deepest=bounds.MAX_DEPTH + _ABOVE):
            _check(writer)
        _check_row(run.read_document(text))
        damage.forget([run.number], [_PLACE])
    except _BROKEN as error:
        why = f"{error}"[:200] if isinstance(error, ValueError) else f"{shown(text, 40)} is not a document of Aim"
        run.writers = [WriterState("", f"the database, {_PLACE}")]
        run.writers[0].refuse(0, ValueError(why))
        damage.note(run.number, _PLACE, why)
    return run


def _check_row(run: RunState) -> None:
    """Raises TypeError where its fields together make no row: the error itself says nothing about the document."""
    try:
        full_row(run, 0)
    except ValueError as error:
        raise TypeError from error


@cache
def _kinds() -> dict[str, Any]:
    return get_type_hints(WriterState)


def _check(writer: dict[str, Any]) -> None:
    """Raises an error for anything but the fields of a writer. Its times are bounded as those of records are."""
    for name, value in writer.items():
        if not _fits(value, _kinds()[name]):
            raise ValueError(f"the field {name} of a writer cannot be {shown(value, 40)}")
    for name, fits in (("edits", bounds.is_edits), ("params", bounds.is_params)):
        if name in writer and not fits(writer[name]):
            raise ValueError(f"the field {name} of a writer cannot be {shown(writer[name], 40)}")


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value of JSON is of a kind. A tuple is a list there, and keys are texts."""
    if isinstance(kind, UnionType):
        return any(_fits(value, option) for option in get_args(kind))
    inner = get_args(kind)
    match get_origin(kind) or kind, value:
        case typing.Any, _:
            return True
        case builtins.dict, dict():
            return all(_fits(item, inner[1]) for item in value.values())
        case builtins.list, list():
            return all(_fits(item, inner[0]) for item in value)
        case builtins.tuple, list():
            return len(value) == len(inner) and all(map(_fits, value, inner))
        case builtins.float, int() | float():
            return bounds.seconds(value) == value
        case builtins.int, int():
            return bounds.whole(value) is not None
        case builtins.str, str():
            return True
    return kind is NoneType and value is None
