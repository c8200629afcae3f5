"""The search space: the values written for each parameter, and the trials they define.

0.1,0.01,adam          these values; `\\,` is a comma inside a value, `\\..` two dots inside a text
1..5    0..1:0.25      integers from 1 to 5; numbers in steps
log(1e-5..1e-1)        any number between, uniform in log; `:5` takes five, evenly spaced
uniform(0..1)          any number between; `:5` takes five, evenly spaced
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Literal, NamedTuple

from aim.errors import LaunchError
from aim.launch.command import Value

MAX_TRIALS = 1_000
MAX_VALUES = 100_000

_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})(?::({_NUMBER}))?")
_CONTINUOUS = re.compile(rf"(log|uniform)\(\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*(?::\s*([0-9]{{1,9}})\s*)?\)")
_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+|(?:0|[1-9][0-9]*)(?=[eE]))(?:[eE][+-]?[0-9]{1,3})?")
_COMMA = re.compile(r"(?<!\\),")


class Choices(NamedTuple):
    values: tuple[Value, ...]


class Interval(NamedTuple):
    """Any number from `low` to `high`. It has infinitely many values and can only be sampled."""

    scale: Literal["log", "uniform"]
    low: float
    high: float


@dataclass(frozen=True)
class Trials:
    """`combinations` counts the whole grid; None if an interval makes it infinite."""

    params: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    combinations: int | None

    def assignments(self) -> list[dict[str, Value]]:
        return [dict(zip(self.params, row, strict=True)) for row in self.rows]


def value(text: str) -> Value:
    """A number if the text is one, True and False, else the text itself: `010` and `true` stay texts."""
    if text in ("True", "False"):
        return text == "True"
    if _INTEGER.fullmatch(text):
        return int(text)
    number = float(text) if _DECIMAL.fullmatch(text) else math.inf
    return number if math.isfinite(number) else text


def parse(name: str, text: str) -> Choices | Interval:
    """Parse the values written for one parameter."""
    stripped = text.strip()
    if match := _CONTINUOUS.fullmatch(stripped):
        return _continuous(name, match)
    if match := _RANGE.fullmatch(stripped):
        return Choices(_stepped(name, match[1], match[2], match[3]))
    written = _COMMA.split(text)
    if any(_is_like_a_range(part.strip()) for part in written):
        raise LaunchError(
            f"{name}={text!r} is not a valid range; write 1..5, 0..1:0.25, log(1e-5..1e-1) or uniform(0..1) alone, "
            "and \\.. for two dots in a text"
        )
    parts = [part.replace("\\,", ",").replace("\\..", "..") for part in written]
    typed = tuple(dict.fromkeys(_typed(part.strip() if len(parts) > 1 else part) for part in parts))
    if len(parts) > 1 and any(shown == "" for _, shown in typed):
        raise LaunchError(
            f"{name}={text!r} has an empty value between commas; remove a comma, or write \\, for a literal one"
        )
    return Choices(tuple(choice for _, choice in typed))


def _is_like_a_range(part: str) -> bool:
    """Not a path: `../data` and `a/../b` are texts."""
    if "\\.." in part:
        return False
    if re.fullmatch(r"(log|uniform)\(.*\)", part) or re.fullmatch(rf"{_NUMBER}\.\.\S*", part):
        return True
    return not re.search(r"[\s/\\]", part) and bool(re.search(r"[^.]\.\.[^.]", part))


def trials(space: Mapping[str, str], *, sample: int | None = None, seed: int = 0) -> Trials:
    """All combinations, the last parameter changing fastest; or a random sample of `sample` different ones. The same
    seed gives the same trials."""
    if sample is not None and not 1 <= sample <= MAX_TRIALS:
        raise LaunchError(f"a sample can have 1 to {MAX_TRIALS} trials, not {sample}")
    axes = {name: parse(name, text) for name, text in space.items()}
    counts = [len(axis.values) if isinstance(axis, Choices) else None for axis in axes.values()]
    known = [count for count in counts if count is not None]
    combinations = math.prod(known) if len(known) == len(counts) else None
    if sample is not None and (combinations is None or combinations > sample):
        rows = _sampled(list(axes.values()), sample, random.Random(seed))
    else:
        rows = _grid(axes, combinations)
    return Trials(tuple(axes), tuple(rows), combinations)


def _grid(axes: Mapping[str, Choices | Interval], combinations: int | None) -> list[tuple[Value, ...]]:
    for name, axis in axes.items():
        if isinstance(axis, Interval):
            some = f"{axis.scale}({axis.low:g}..{axis.high:g}:5)"
            raise LaunchError(f"{name} is a continuous range: set the sample size (--sample N), or write {some}")
    if combinations is None or combinations > MAX_TRIALS:
        raise LaunchError(
            f"these values make {combinations:,} trials, but a queue can have {MAX_TRIALS:,}: use fewer values, or a "
            "random sample"
        )
    return list(product(*(axis.values for axis in axes.values() if isinstance(axis, Choices))))


def _sampled(axes: Sequence[Choices | Interval], count: int, chance: random.Random) -> list[tuple[Value, ...]]:
    if all(isinstance(axis, Choices) for axis in axes):
        return list(
            islice(_drawn_from_grid([axis.values for axis in axes if isinstance(axis, Choices)], chance), count)
        )
    drawn: dict[tuple[Value, ...], None] = {}
    for _ in range(20 * count):
        drawn[tuple(_drawn(axis, chance) for axis in axes)] = None
        if len(drawn) == count:
            break
    return list(drawn)


def _drawn_from_grid(axes: Sequence[Sequence[Value]], chance: random.Random) -> Iterator[tuple[Value, ...]]:
    """Random combinations, none twice until all were drawn. Their numbers are drawn, so the grid is never built."""
    size = math.prod(map(len, axes))
    drawn: set[int] = set()
    while len(drawn) < size:
        number = chance.randrange(size)
        if number in drawn:
            continue
        drawn.add(number)
        row = []
        for axis in reversed(axes):
            number, place = divmod(number, len(axis))
            row.append(axis[place])
        yield tuple(reversed(row))


def _drawn(axis: Choices | Interval, chance: random.Random) -> Value:
    if isinstance(axis, Choices):
        return chance.choice(axis.values)
    return _between(axis, chance.random())


def _between(interval: Interval, part: float) -> float:
    """The number at fraction `part` of the interval, rounded to six digits within the bounds."""
    low, high = interval.low, interval.high
    if interval.scale == "log":
        number = math.exp(math.log(low) + part * (math.log(high) - math.log(low)))
    else:
        number = low + part * (high - low)
    return min(high, max(low, float(f"{number:.6g}")))


def _continuous(name: str, match: re.Match[str]) -> Choices | Interval:
    low, high = float(match[2]), float(match[3])
    scale: Literal["log", "uniform"] = "log" if match[1] == "log" else "uniform"
    if not low < high or not math.isfinite(high - low):
        raise LaunchError(f"{name}={match[0]!r} is an empty range; write the smaller number first")
    if scale == "log" and low <= 0:
        raise LaunchError(
            f"{name}={match[0]!r} starts at {match[2]}, but a log range needs positive numbers, as in log(1e-5..1)"
        )
    interval = Interval(scale, low, high)
    if match[4] is None:
        return interval
    count = int(match[4])
    if not 2 <= count <= MAX_TRIALS:
        raise LaunchError(f"{name}={match[0]!r} has {count} values; allowed are 2 to {MAX_TRIALS}")
    return Choices(tuple(_between(interval, index / (count - 1)) for index in range(count)))


def _stepped(name: str, first: str, last: str, step: str | None) -> tuple[Value, ...]:
    whole = all(_INTEGER.fullmatch(number) for number in (first, last, step or "1"))
    low, high, by = float(first), float(last), float(step or "1")
    if not whole and step is None:
        raise LaunchError(f"{name}={first}..{last} needs a step: {first}..{last}:0.25")
    if not 0 < by < math.inf or low > high:
        raise LaunchError(
            f"{name}={first}..{last}:{by:g} is empty; write the smaller number first, and a positive step"
        )
    steps = (high - low) / by
    if not steps < MAX_VALUES:
        raise LaunchError(f"{name}={first}..{last}:{by:g} has {steps:,.0f} values; {MAX_VALUES:,} are allowed")
    count = math.floor(steps + 1e-9) + 1
    if whole:
        return tuple(range(int(first), int(last) + 1, int(step or "1")))
    return tuple(float(f"{low + index * by:.12g}") for index in range(count))


def _typed(text: str) -> tuple[type, Value]:
    """A value with its type; otherwise 1, 1.0 and True would be one value."""
    typed = value(text)
    return type(typed), typed
