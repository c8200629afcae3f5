"""Who started a run, and who edited it last: from EDITs, and from what `aim run` recorded."""

from __future__ import annotations

import json
from collections.abc import Iterable

from aim.index.catalog import Catalog
from aim.index.segment import Ints

_DECODER = json.JSONDecoder()
# In the text of a JSON string, these quotes would be escaped.
_ASKED = '"asked_by":'
_MANY = 4_000


def started_by(catalog: Catalog, runs: Ints, facts: Iterable[str] | None = None) -> list[str | None]:
    """The user whose token sent the run to a server, or who started it with `aim run` or in the UI. `facts`: the column
    of these runs, if it was read before."""
    noted = _noted(catalog, runs, "started_by")
    if all(name is not None for name in noted):
        return noted
    facts = _facts(catalog, runs) if facts is None else facts
    return [name or _asked_by(text) for name, text in zip(noted, facts, strict=True)]


def _facts(catalog: Catalog, runs: Ints) -> Iterable[str]:
    """The facts of runs, of many only those that name a user."""
    if len(runs) <= _MANY:
        facts: list[str] = catalog.some(["facts"], runs)["facts"].tolist()
        return facts
    asked = catalog.with_text("facts", _ASKED)
    return (asked.get(run, "") for run in runs.tolist())


def edited_by(catalog: Catalog, runs: Ints) -> list[str | None]:
    return _noted(catalog, runs, "edited_by")


def _noted(catalog: Catalog, runs: Ints, field: str) -> list[str | None]:
    edits, ids = catalog.edits, catalog.ids
    values = [edits[ids[i]].get(field, (0, "", None))[2] if ids[i] in edits else None for i in runs.tolist()]
    return [value if isinstance(value, str) else None for value in values]


def _asked_by(facts: str) -> str | None:
    at = facts.find(_ASKED)
    if at < 0:
        return None
    asked = _DECODER.raw_decode(facts, at + len(_ASKED))[0]
    name = asked.get("user") if isinstance(asked, dict) else None
    return name if isinstance(name, str) else None
