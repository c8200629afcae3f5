"""The series that a process writes to one file, and the step that comes next in each."""

from __future__ import annotations

from collections.abc import Mapping
from marshal import dumps
from typing import Any

from aim.log import record
from aim.log.writer import Writer
from aim.plain import PLAIN
from aim.sdk.context import most_varied
from aim.sdk.trouble import say

CONTEXTS_WARNED = 1000
SERIES_KEPT = 1 << 16
_FAST_KEPT = 1 << 14


class Series:
    """One metric, or one kind of media, in one context.

    `append` writes a float to the file that knows `number`. `upcoming` is the step of the next point without one; it
    is `settled` once it accounts for earlier files of the run.
    """

    __slots__ = ("name", "key", "number", "epoch_number", "append", "upcoming", "settled")

    def __init__(self, name: str, key: str, number: int, writer: Writer, upcoming: int, *, settled: bool) -> None:
        self.name = name
        self.key = key
        self.number = number
        self.epoch_number = number | record.HAS_EPOCH << 28
        self.append = writer.append_float
        self.upcoming = upcoming
        self.settled = settled


def known_as(context: Any) -> bytes:
    """The key of a context in `RecordedSeries.fast`. marshal distinguishes values by type too: 1, 1.0 and True, 0.0 and
    -0.0. Raises ValueError for a context without such a key."""
    return dumps(context, 2)


class RecordedSeries:
    """The series of one run in this process, found by their identity.

    `fast` finds them by what `track` is called with: the name, or the name and the context as `known_as` gives it. It
    is empty whenever there is no file to write to. A run that began in this process has only `settled` series.
    """

    def __init__(self, run_hash: str, *, settled: bool) -> None:
        self.fast: dict[object, Series] = {}
        self._by_key: dict[str, Series] = {}
        self._upcoming: dict[int, int] = {}
        self._contexts: dict[str, int] = {}
        self._next_number = 0
        self._run_hash = run_hash
        self._settled = settled

    def __len__(self) -> int:
        return len(self._by_key)

    def names(self) -> set[str]:
        return {series.name for series in self._by_key.values()}

    def get(self, key: str) -> Series | None:
        return self._by_key.get(key)

    def only_system(self) -> bool:
        """Whether no series but those of system metrics was recorded."""
        return not self._upcoming and all(series.name.startswith("system/") for series in self._by_key.values())

    def add(self, writer: Writer, name: str, context: Mapping[str, Any], kind: str, key: str) -> Series | None:
        """Declare a series in the file; None when the file takes nothing. Callers hold the lock of the recording."""
        number = self._next_number
        self._next_number = number + 1
        if not writer.append(record.SERIES, record.encode_series(number, name, dict(context), kind)):
            if self._next_number == number + 1:
                self._next_number = number
            return None
        if len(self._by_key) >= SERIES_KEPT:
            self._forget()
        upcoming = self._upcoming.get(hash(key))
        if upcoming is None and context and not kind:
            self._count_contexts(name)
        series = self._by_key[key] = Series(name, key, number, writer, upcoming or 0, settled=self._settled)
        return series

    def remember(self, name: object, context: Mapping[str, Any] | None, series: Series) -> None:
        """Find `series` directly when `track` is called in the same way again. Only values of exact types are known
        by what they are: a tensor may change, and a subclass may compare as it likes."""
        if type(name) is not str or context and not (type(context) is dict and _is_exact_dict(context)):
            return
        if len(self.fast) >= _FAST_KEPT:
            self.fast.clear()
        self.fast[(name, known_as(context)) if context else name] = series

    def restart(self) -> None:
        """A new file declares its series again; their steps go on."""
        self._forget()
        self._next_number = 0

    def _forget(self) -> None:
        """Keep only the next step of each series, which needs little memory."""
        self._upcoming.update((hash(series.key), series.upcoming) for series in self._by_key.values())
        self._by_key.clear()
        self.fast.clear()

    def _count_contexts(self, name: str) -> None:
        seen = self._contexts[name] = self._contexts.get(name, 0) + 1
        if seen == CONTEXTS_WARNED:
            key, value = most_varied(series.key for series in self._by_key.values() if series.name == name)
            say(
                f"metric {name!r} has {seen:,} contexts in run {self._run_hash!r}, mostly because of {key!r}, now "
                f"{value!r:.40}. Each context is a series of its own; pass a value that changes at every point as "
                "step= or epoch="
            )


def _is_exact_dict(context: Mapping[object, object]) -> bool:
    return {type(key) for key in context} <= PLAIN and all(map(_is_exact, context.values()))


def _is_exact(value: object) -> bool:
    return type(value) in PLAIN or type(value) in (list, tuple) and all(type(item) in PLAIN for item in value)  # type: ignore[attr-defined]
