"""Metrics: whether higher or lower values of each are better."""

from __future__ import annotations

from typing import Any, NamedTuple

from aim.errors import EditError
from aim.log.direction import DIRECTIONS, FIELD, Direction, guessed, stored, value_of
from aim.plain import builtin, shown, text_of
from aim.repo.edits import Edits, check_name

MAX_NAME = 1_000


class MetricDirection(NamedTuple):
    """`is_set`: a person or a script set it; else its name says it."""

    name: str
    direction: Direction
    is_set: bool


class Metrics:
    def __init__(self, edits: Edits) -> None:
        self._edits = edits

    def directions(self) -> dict[str, Direction]:
        """The directions that were set, by the name of the metric."""
        known = {name: stored(edited.value) for name, edited in self._edits.items(FIELD[:-1]).items()}
        return {name: direction for name, direction in sorted(known.items()) if direction is not None}

    def direction(self, name: str) -> MetricDirection:
        """Whether its min or max is best. Metrics are recorded, and edits written, with any name."""
        name = text_of(builtin(name))
        chosen = self.directions().get(name)
        return MetricDirection(name, chosen or guessed(name), chosen is not None)

    def set_direction(self, name: str, direction: Direction | None) -> None:
        """ "max" where higher values of the metric are better, "min" where lower ones are. None: as its name says. The
        metric need not be recorded yet."""
        name, given = _checked_name(name), builtin(direction)
        if not (given is None or (isinstance(given, str) and given in DIRECTIONS)):
            raise EditError(
                f"the direction of {name!r:.200} cannot be {shown(direction)}; it is 'max' if higher values are "
                "better, 'min' if lower ones are, or None to go by its name"
            )
        self._edits.write([(None, FIELD + name, value_of(direction))])


def _checked_name(given: Any) -> str:
    name = check_name("a metric", given)
    if len(name) > MAX_NAME:
        raise EditError(f"the metric's name has {len(name):,} characters; it can have {MAX_NAME:,}")
    return name
