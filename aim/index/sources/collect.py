"""Collects what a reader finds in one part of a file, value by value, as the batch that the index folds."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import numpy as np
import numpy.typing as npt

from aim.index.objects import ObjectRow
from aim.index.parse import Stretch
from aim.index.sources.points import point_records, position
from aim.index.sources.source import Batch
from aim.index.state import WriterState, clean, numeric
from aim.log import bounds

# Names of a stranger: a file with more, or longer ones, would take memory without end.
MOST_NAMES = 100_000
LONGEST_NAME = 1_000
_MOST_KINDS, _MOST_KEYS = 50, 50
_WHOLE = 1 << 63
_CELL = re.compile(r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]{1,4})?|inf|nan|infinity)", re.IGNORECASE)
_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


@dataclass
class Collector:
    """`start["points"]` of the writer counts its points, which gives the next ones their places."""

    writer: WriterState
    _names: dict[tuple[str, str], int] = field(default_factory=dict)
    _series: list[int] = field(default_factory=list)
    _steps: list[int] = field(default_factory=list)
    _values: list[float] = field(default_factory=list)
    _times: list[float] = field(default_factory=list)
    _epochs: list[float] = field(default_factory=list)
    _media: list[ObjectRow] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._values) + len(self._media)

    def point(
        self, name: str, step: int, value: float, time: float, epoch: float | None = None, context: str = "{}"
    ) -> None:
        number = self._names.get((name, context))
        if number is None:
            if len(name) > LONGEST_NAME or len(self._names) + len(self.writer.names) >= MOST_NAMES:
                self.skip("names above the limits", name[:LONGEST_NAME])
                return
            number = self._names[name, context] = len(self._names)
        self._series.append(number)
        self._steps.append(step)
        self._values.append(value)
        self._times.append(time)
        self._epochs.append(math.nan if epoch is None else epoch)

    def medium(
        self,
        kind: str,
        name: str,
        step: int,
        time: float,
        *,
        at: int,
        size: int,
        about: str,
        place: int = 0,
        epoch: float | None = None,
        context: str = "{}",
    ) -> None:
        """`at`: different for each value of a writer, and enough to find it again."""
        offset = position(self.writer.start["points"] + len(self._values))
        name, epoch = clean(name[:LONGEST_NAME]), math.nan if epoch is None else epoch
        self._media.append(ObjectRow(kind, name, context, step, epoch, time, place, offset, at, size, size, about))

    def skip(self, kind: str, key: str) -> None:
        """Note what cannot be shown."""
        skipped = self.writer.start.setdefault("skipped", {})
        keys = skipped.setdefault(kind if kind in skipped or len(skipped) < _MOST_KINDS else "other kinds", [])
        key = clean(key[:LONGEST_NAME])
        if key not in keys and len(keys) < _MOST_KEYS:
            keys.append(key)

    def batch(self) -> Batch:
        """Everything since the last one."""
        made = Batch(media=self._media)
        if self._values:
            times = np.array(self._times)
            names = [(clean(name), context) for name, context in self._names]
            records = point_records(
                self.writer, names, np.array(self._series, np.int64), np.array(self._steps, np.int64),
                np.array(self._values), times, epoch=np.array(self._epochs),
            )  # fmt: skip
            made.stretches = [Stretch(position(self.writer.start["points"]), records)]
            self.writer.start["points"] += len(records)
            self._note_pause(times)
            self.writer.last_time = max(self.writer.last_time, float(times.max()))
        if self._media:
            self.writer.last_time = max(self.writer.last_time, self._media[-1].time)
        self._names, self._media = {}, []
        self._series, self._steps, self._values, self._times, self._epochs = [], [], [], [], []
        return made

    def _note_pause(self, times: npt.NDArray[Any]) -> None:
        """The longest time between two points, which tells how long the run may be silent."""
        known = np.unique(times[times > 0])
        if self.writer.last_time:
            known = np.unique(np.append(known, self.writer.last_time))
        if len(known) > 1:
            pause = float(np.diff(known).max())
            self.writer.start["pause"] = max(pause, self.writer.start.get("pause", 0.0))


def number(value: Any) -> float | None:
    """The value of a metric; None for what is not one. JSON has no NaN, so some write the word."""
    if isinstance(value, str):
        return _WORDS.get(value)
    return numeric(value) if isinstance(value, (int, float)) else None


def whole(value: Any) -> int | None:
    """A step; None for what is not an integer of 64 bits."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and -_WHOLE <= value < _WHOLE else None


def utc(value: object) -> float:
    """A time in UTC as ISO 8601, in seconds since 1970; 0 for anything else."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return 0.0 if moment is None else bounds.seconds(moment.replace(tzinfo=timezone.utc).timestamp())
    except (ValueError, OverflowError):
        return 0.0


def format_named(ending: str) -> str:
    """The format of media in files with this ending."""
    ending = ending.lower()[:10]
    return "jpeg" if ending == "jpg" else ending


def cell(text: str) -> float | str:
    """The number in a cell of a table; the text of any other."""
    text = text.strip()
    return float(text) if len(text) < 400 and _CELL.fullmatch(text) else text


def grouped(params: Mapping[Any, Any], alone: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Params by their groups. Those without one go to `default`, as in `run.set_params`; `alone` has more of them."""
    named = {clean(str(key)): value for key, value in params.items()}
    groups = {key: value for key, value in named.items() if isinstance(value, dict)}
    others = {key: value for key, value in named.items() if not isinstance(value, dict)}
    groups["default"] = {**(alone or {}), **others, **groups.get("default", {})}
    return {key: value for key, value in groups.items() if value}


def flat(values: Any, prefix: str = "", depth: int = 20) -> list[tuple[str, Any]]:
    """The leaves of nested objects, with a dot between their keys."""
    leaves: list[tuple[str, Any]] = []
    for key, value in values.items():
        name = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(value, dict) and depth:
            leaves += flat(value, name, depth - 1)
        else:
            leaves.append((name, value))
    return leaves


def nested(values: Mapping[str, Any], separator: str = ".") -> dict[str, Any]:
    """The objects whose leaves have these names."""
    tree: dict[str, Any] = {}
    for name, value in values.items():
        put(tree, name.split(separator, bounds.MAX_DEPTH // 2), value)
    return tree


def put(values: dict[str, Any], keys: Sequence[str], value: Any) -> None:
    """Set a leaf. What was not an object on the way to it becomes one."""
    for key in keys[:-1]:
        inner = values.get(key)
        if not isinstance(inner, dict):
            inner = values[key] = {}
        values = inner
    values[keys[-1]] = value
