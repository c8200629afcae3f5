"""What `define_metric` was given: a direction, the words of other trackers for it, and words that Aim does not use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from aim.log import edits
from aim.log.direction import DIRECTIONS, FIELD, Direction, guessed, stored, value_of
from aim.plain import builtin, shown

_GOALS: Final[dict[str, Direction]] = {"minimize": "min", "maximize": "max"}
_SUMMARIES: Final = ("min", "max", "mean", "first", "last", "best", "copy", "none")
# What to do instead.
_UNUSED: Final = {
    "step_metric": "charts take any metric as their x axis",
    "step_sync": "charts take any metric as their x axis",
    "hidden": "charts are chosen on a dashboard",
    "overwrite": "the latest direction counts",
    "summary": "last, best, min, max, mean and first of every metric are known without it",
}


def direction_of(direction: Any, goal: Any, summary: Any) -> Direction | None:
    """The direction that these say; None if they say none. Raises ValueError for a word that none of them has."""
    direction, goal = builtin(direction), builtin(goal)
    if direction is not None and direction not in DIRECTIONS:
        raise ValueError(f"direction is 'max' or 'min', not {shown(direction)}")
    if goal is not None and goal not in _GOALS:
        raise ValueError(f"goal is 'maximize' or 'minimize', not {shown(goal)}")
    sides = {word for word in _words(summary) if word in DIRECTIONS}
    told = direction or (_GOALS[goal] if goal else None) or (sides.pop() if len(sides) == 1 else None)
    return next((known for known in DIRECTIONS if known == told), None)


def _words(summary: Any) -> list[str]:
    summary = builtin(summary)
    if summary is None:
        return []
    words = [word.strip() for word in summary.split(",")] if isinstance(summary, str) else []
    if not words or not set(words) <= set(_SUMMARIES):
        raise ValueError(f"summary is some of {', '.join(_SUMMARIES)} with commas between them, not {shown(summary)}")
    return words


def unused(name: str, direction: Direction | None, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The words of a call that change nothing, each with the reason. `given`: words of other trackers."""
    used = {word: value for word, value in given.items() if value is not None and value is not False}
    if "*" in name[:-1]:
        yield "* in the middle of a name", "it stands for the rest of a name, as in 'val/*'"
    for word in used:
        if word in _UNUSED and not (word == "summary" and direction is not None):
            yield f"{word}=", _UNUSED[word]
    if direction is None and not used:
        yield "a name alone", "say direction='max' or 'min', or leave the call out"


class DefinedDirections:
    """The directions of metrics in a repository, as this process knows and sets them."""

    def __init__(self, editor: edits.Editor) -> None:
        self._editor = editor
        self._known: Mapping[tuple[str | None, str], edits.Edit] = {}
        self._own: dict[str, Direction] = {}
        # By what the names of metrics begin with; the latest one counts.
        self.starting: dict[str, Direction] = {}

    def read(self, aim_dir: Path) -> None:
        self._known = edits.latest(aim_dir)
        self._own.clear()

    def set(self, name: str, direction: Direction) -> None:
        known = self._known.get((None, FIELD + name))
        before = self._own.get(name) or (known and stored(known.value))
        if before != direction:
            self._own[name] = direction
            self._editor.edit(None, FIELD + name, value_of(direction), seen=0 if known is None else known.stamp)

    def of_new(self, name: str) -> None:
        """The direction of a metric that this run now has, by what its name begins with."""
        told = [direction for start, direction in self.starting.items() if name.startswith(start)]
        known = (None, FIELD + name) in self._known
        if told and (known or guessed(name) != told[-1]):
            self.set(name, told[-1])
