"""Hyperparameters that training scripts write as texts: the JSON object that Transformers writes under the tag `args`,
and the Markdown table of `hyperparameters` in CleanRL and scripts that follow it."""

from __future__ import annotations

import re
from typing import Any

from aim.log import bounds
from aim.plain import typed

_SUFFIX = b"/text_summary"
_LONGEST = 1 << 20
_MOST = 2_000
_DEEPEST = 20
_RULE = re.compile(r"\|? *:?-+:? *\| *:?-+:? *\|?")


def read(tag: bytes, content: bytes) -> dict[str, Any]:
    """The hyperparameters in a text with one of `TAGS`; none if it has another form, or too many."""
    if len(content) > _LONGEST:
        return {}
    params = TAGS[tag](content)
    return params if _count(params) <= _MOST else {}


def _object(content: bytes) -> dict[str, Any]:
    try:
        value = bounds.loads(content, deepest=_DEEPEST)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _table(content: bytes) -> dict[str, Any]:
    """The rows of a table with two columns. A value may contain `|`."""
    lines = [line.strip() for line in content.decode("utf-8", "backslashreplace").strip().splitlines()]
    if len(lines) < 3 or not _RULE.fullmatch(lines[1]):
        return {}
    params: dict[str, Any] = {}
    for line in lines[2 : _MOST + 3]:
        key, _, value = line.removeprefix("|").removesuffix("|").partition("|")
        if key.strip():
            params[key.strip()] = typed(value.strip())
    return params


def _count(value: Any) -> int:
    """How many values are in lists and objects, at all levels."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return sum(1 + _count(item) for item in inner)


TAGS = {
    name + suffix: parse
    for name, parse in ((b"args", _object), (b"hyperparameters", _table))
    for suffix in (b"", _SUFFIX)
}
