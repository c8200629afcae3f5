"""What runs without a name are called: the params that tell them apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aim.index.tables import ParamCount
    from aim.query.runs import RunRow

_SHORT = 60


def is_named(run: RunRow) -> bool:
    return bool(run.name) or run.hash != run.id


def telling_params(run: RunRow, params: Iterable[ParamCount], *, most: int) -> dict[str, Any]:
    """The first short values of a run among the `params` in which it and others differ, by path."""
    told: dict[str, Any] = {}
    for path in (param.path for param in params if param.differing):
        value: Any = run.params
        for part in path:
            value = value.get(part) if isinstance(value, Mapping) else None
        if isinstance(value, (bool, int, float)) or (isinstance(value, str) and len(value) <= _SHORT):
            told[".".join(path)] = value
        if len(told) == most:
            break
    return told
