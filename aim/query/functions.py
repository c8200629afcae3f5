"""The functions of AimQL, one row each: a new function is a new row here and a line in docs/aimql.md.

A function receives plain values and returns None if the result cannot be computed; `evaluate` turns ValueError,
TypeError, OverflowError and ArithmeticError into None. Its time is at most linear in the length of its arguments.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from aim.query.dates import moment
from aim.query.regex import compile_pattern

MAX_TEXT = 100_000
_ROUNDING = 20


class Function(NamedTuple):
    """`gives`: a bare name next to a text is its own text. `text_arguments`: so are bare names after the first
    argument. `run` is None if checking turns the call into a Reference."""

    min_arguments: int
    max_arguments: int
    gives: Literal["text", "number", "truth", "any"]
    run: Callable[..., Any] | None
    usage: str
    meaning: str
    text_arguments: bool = False


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise TypeError
    return value


def _number(value: object) -> int | float:
    if not isinstance(value, int | float):
        raise TypeError
    return value


def _of_text(do: Callable[[str], Any]) -> Callable[[object], Any]:
    return lambda value: do(_text(value))


def _of_texts(do: Callable[[str, str], Any]) -> Callable[[object, object], Any]:
    return lambda first, second: do(_text(first), _text(second))


def _of_number(do: Callable[[int | float], Any]) -> Callable[[object], Any]:
    return lambda value: do(_number(value))


def _extreme(choose: Callable[..., Any]) -> Callable[..., Any]:
    """min or max of the arguments or of one list. NaN is ignored; texts compare with texts."""

    def choice(*values: Any) -> Any:
        several = values[0] if len(values) == 1 and isinstance(values[0], list | tuple) else values
        kept = [value for value in several if not (isinstance(value, float) and math.isnan(value))]
        return choose(kept) if kept else choose(several)

    return choice


def _round(value: object, digits: object = 0) -> int | float:
    places = max(-_ROUNDING, min(_ROUNDING, int(_number(digits))))
    return round(_number(value), places) if places else round(_number(value))


def _contains(whole: object, part: object) -> bool:
    if isinstance(whole, list | tuple):
        return part in whole
    return _text(part) in _text(whole)


def _match(value: object, pattern: str) -> bool:
    return compile_pattern(pattern).match(_text(value))


def _search(value: object, pattern: str) -> bool:
    return compile_pattern(pattern).search(_text(value))


def _date(value: object, month: object = None, day: object = None) -> str | None:
    """The day of a moment, or of a year, a month and a day, as a text such as 2026-01-31."""
    if month is None:
        when = moment(value)
        return when.strftime("%Y-%m-%d") if when else None
    return date(int(_number(value)), int(_number(month)), int(_number(day))).isoformat()


def _part(name: str) -> Callable[[object], int | None]:
    def part(value: object) -> int | None:
        when = moment(value)
        return None if when is None else int(getattr(when, name))

    return part


def _int(value: object) -> int:
    return int(value) if isinstance(value, int | float) else int(_text(value)[:100])


def _float(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float(_text(value)[:100])


def _str(value: object) -> str:
    return _text(value if isinstance(value, str) else str(value))


FUNCTIONS: Final[dict[str, Function]] = {
    "abs": Function(1, 1, "number", _of_number(abs), "abs(x)", "the absolute value"),
    "min": Function(1, 20, "any", _extreme(min), "min(a, b, ...)", "the min of its arguments or of one list"),
    "max": Function(1, 20, "any", _extreme(max), "max(a, b, ...)", "the max of its arguments or of one list"),
    "round": Function(1, 2, "number", _round, "round(x, digits)", "rounded to digits, or to a whole number"),
    "sqrt": Function(1, 1, "number", _of_number(math.sqrt), "sqrt(x)", "the square root"),
    "log": Function(1, 1, "number", _of_number(math.log), "log(x)", "the natural logarithm"),
    "log10": Function(1, 1, "number", _of_number(math.log10), "log10(x)", "the logarithm to base 10"),
    "exp": Function(1, 1, "number", _of_number(math.exp), "exp(x)", "e to the power of x"),
    "isnan": Function(1, 1, "truth", _of_number(math.isnan), "isnan(x)", "whether the number is NaN"),
    "isinf": Function(1, 1, "truth", _of_number(math.isinf), "isinf(x)", "whether the number is infinite"),
    "len": Function(1, 1, "number", len, "len(x)", "the number of items in a list or characters in a text"),
    "lower": Function(1, 1, "text", _of_text(str.lower), "lower(text)", "in lower case"),
    "upper": Function(1, 1, "text", _of_text(str.upper), "upper(text)", "in upper case"),
    "startswith": Function(
        2,
        2,
        "truth",
        _of_texts(str.startswith),
        "startswith(text, start)",
        "whether the text starts with it",
        True,
    ),
    "endswith": Function(
        2, 2, "truth", _of_texts(str.endswith), "endswith(text, end)", "whether the text ends with it", True
    ),
    "contains": Function(
        2, 2, "truth", _contains, "contains(x, part)", "whether a text or a list contains the part", True
    ),
    "match": Function(
        2,
        2,
        "truth",
        _match,
        "match(text, pattern)",
        "whether a regular expression matches the start",
        True,
    ),
    "search": Function(
        2,
        2,
        "truth",
        _search,
        "search(text, pattern)",
        "whether a regular expression matches anywhere",
        True,
    ),
    "date": Function(1, 3, "text", _date, "date(x) or date(y, m, d)", "the day as a text such as 2026-01-31"),
    "year": Function(1, 1, "number", _part("year"), "year(x)", "the year of a time"),
    "month": Function(1, 1, "number", _part("month"), "month(x)", "the month of a time, 1 to 12"),
    "day": Function(1, 1, "number", _part("day"), "day(x)", "the day of the month of a time"),
    "hour": Function(1, 1, "number", _part("hour"), "hour(x)", "the hour of a time, 0 to 23"),
    "now": Function(0, 0, "number", time.time, "now()", "the current time in seconds since 1970"),
    "days": Function(1, 1, "number", _of_number(lambda count: count * 86_400), "days(n)", "n days in seconds"),
    "int": Function(1, 1, "number", _int, "int(x)", "the whole number in a number or a text"),
    "float": Function(1, 1, "number", _float, "float(x)", "the number in a text"),
    "str": Function(1, 1, "text", _str, "str(x)", "the value as a text"),
    "bool": Function(1, 1, "truth", bool, "bool(x)", "False for 0, an empty text or list, and None, else True"),
    "at_min": Function(2, 2, "number", None, "at_min(run.a, run.b)", "metric a at the step of the min of metric b"),
    "at_max": Function(2, 2, "number", None, "at_max(run.a, run.b)", "metric a at the step of the max of metric b"),
    "at_best": Function(2, 2, "number", None, "at_best(run.a, run.b)", "metric a at the step of the best of metric b"),
}
