"""Who started a run, and who edited it last: from EDITs, and from what `aim run` recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aim.index.catalog import Catalog
from aim.index.ints import Ints

_DECODER = json.JSONDecoder()
# In the text of a JSON string, these quotes would be escaped.
ASKED = '"asked_by":'


def started_by(catalog: Catalog, runs: Ints, facts: Mapping[int, str]) -> list[str | None]:
    """The user whose token sent the run to a server, or who started it with `aim run` or in the UI. `facts`: the facts
    by run, at least of those `without_starter` that have ASKED in them."""
    noted = _noted(catalog, runs, "started_by")
    if not facts:
        return noted
    return [name or _asked_by(facts.get(run, "")) for name, run in zip(noted, runs.tolist(), strict=True)]


def without_starter(catalog: Catalog, runs: Ints) -> Ints:
    """The runs of which no EDIT tells who started them."""
    return runs[[name is None for name in _noted(catalog, runs, "started_by")]]


def edited_by(catalog: Catalog, runs: Ints) -> list[str | None]:
    return _noted(catalog, runs, "edited_by")


def _noted(catalog: Catalog, runs: Ints, field: str) -> list[str | None]:
    """What people noted in a field, which few runs have."""
    noted = ((id, fields[field][2]) for id, fields in catalog.edits.items() if field in fields)
    values = {catalog.index[id]: value for id, value in noted if isinstance(value, str) and id in catalog.index}
    return [*map(values.get, runs.tolist())] if values else [None] * len(runs)


def _asked_by(facts: str) -> str | None:
    at = facts.find(ASKED)
    if at < 0:
        return None
    asked = _DECODER.raw_decode(facts, at + len(ASKED))[0]
    name = asked.get("user") if isinstance(asked, dict) else None
    return name if isinstance(name, str) else None
