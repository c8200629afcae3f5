"""Values as a table of runs shows them, so that its rows can be found by their texts.

The UI formats values alike (ui/src/text/format.ts, ui/src/charts/format.ts). tests/query/shown.json tests both.
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timezone, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from aim.errors import QueryError
from aim.query.dates import offset_text, offset_zone

DIGITS = 5
_OFFSET = re.compile(r"[+-]\d{2}:\d{2}")


def number_text(value: float) -> str:
    """About five significant digits."""
    if not math.isfinite(value):
        return "NaN" if value != value else "+inf" if value > 0 else "-inf"
    size = abs(value)
    if size and (size >= 1e15 or size < 1e-4):
        digits, _, power = f"{value:.{DIGITS - 1}e}".partition("e")
        return f"{_trimmed(digits)}e{int(power)}"
    if value == int(value):
        return f"{int(value):,}"
    return _trimmed(_fixed(value, max(0, DIGITS - 1 - math.floor(math.log10(size)))))


def _fixed(value: float, digits: int) -> str:
    """A browser rounds halves up."""
    return f"{Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):,f}"


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def value_text(value: Any) -> str:
    """A param: text unchanged, everything else as a browser's JSON."""
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float():
            return _float(value)
        case list():
            return f"[{','.join(map(_json, value))}]"
        case dict():
            return "{" + ",".join(f'"{key}":{_json(item)}' for key, item in value.items()) + "}"
        case str():
            return f'"{value}"'
    return str(value)


def _float(value: float) -> str:
    if not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    if 1e-6 <= abs(value) < 1e21:
        return _trimmed(format(Decimal(repr(value)), "f"))
    digits, _, power = f"{Decimal(repr(value)):e}".partition("e")
    return f"{_trimmed(digits)}e{int(power):+d}"


def duration_text(seconds: float) -> str:
    if not 0 <= seconds < math.inf:
        return "–"
    if seconds < 1:
        return f"{math.floor(seconds * 1000 + 0.5)} ms"
    if seconds < 60:
        return f"{_fixed(seconds, 1 if seconds < 10 else 0)} s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min {int(seconds % 60):02} s"
    hours = minutes // 60
    if hours < 48:
        return f"{hours} h {minutes % 60:02} min"
    return f"{hours // 24} d {hours % 24} h"


def zone_of(text: str) -> tzinfo:
    """The time zone of a name such as Europe/Berlin, of an offset such as +02:00, or of both: a browser adds its offset
    for machines that do not know the name."""
    if text == "UTC":
        return timezone.utc
    from zoneinfo import ZoneInfo  # most questions are in UTC

    for word in text.split(" ", 1):
        try:
            return offset_zone(word) if _OFFSET.fullmatch(word) else ZoneInfo(word)
        except (OSError, ValueError, LookupError):
            continue
    hint = "Write a name such as Europe/Berlin, an offset such as +02:00 (%2B02:00 in an address), or both."
    raise QueryError(f"zone={text!r:.100} is not a time zone that is known here.", hint=hint)


def date_text(seconds: float, zone: tzinfo) -> str:
    try:
        at = datetime.fromtimestamp(seconds, zone)
        return f"{at:%Y-%m-%d %H:%M} {offset_text(at)}"
    except (OverflowError, ValueError, OSError):
        return "–"
