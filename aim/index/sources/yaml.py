"""Reads the part of YAML that trackers write for params: nested mappings and lists of scalars. Tags and anchors stay
text; nothing is made of them."""

from __future__ import annotations

import json
import re
from typing import Any

from aim import regular
from aim.plain import typed

_LONGEST = 256 << 10
_MOST, _DEEPEST = 2_000, 20
_KEY = r"[^\s#'\"][^:]*|'[^']*'|\"[^\"]*\""
_LINE = re.compile(rf"(?P<indent> *)(?P<item>- +|-$)?(?:(?P<key>{_KEY}):(?: +|$))?(?P<value>.*)")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,30}\.[0-9]{0,30}", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None, ".inf": float("inf"), ".nan": float("nan")}


def read(path: str) -> dict[str, Any]:
    """The mapping in a file; empty if there is none."""
    try:
        text = regular.read(path, most=_LONGEST).decode("utf-8", "backslashreplace")
    except OSError:
        return {}
    return parse(text)


def parse(text: str) -> dict[str, Any]:
    top: dict[str, Any] = {}
    # The open mappings, and what a deeper line belongs to: (indent, mapping, its last key).
    levels: list[list[Any]] = [[-1, top, None]]
    for line in text.splitlines()[:_MOST]:
        match = _LINE.fullmatch(line.rstrip())
        if match is None or not line.strip() or line.lstrip().startswith(("#", "---")):
            continue
        indent = len(match["indent"])
        if match["item"] is not None:
            _add_item(levels, indent, scalar(line.strip()[1:].strip()))
            continue
        if match["key"] is None:
            continue
        while len(levels) > 1 and levels[-1][0] >= indent:
            levels.pop()
        mapping = top
        if len(levels) > 1:
            _, above, of = levels[-1]
            mapping = above[of] = above[of] if isinstance(above[of], dict) else {}
        key = str(scalar(match["key"]) if match["key"][0] in "'\"" else match["key"].strip())
        mapping[key] = scalar(match["value"])
        if len(levels) <= _DEEPEST:
            levels.append([indent, mapping, key])
    return top


def _add_item(levels: list[list[Any]], indent: int, value: Any) -> None:
    while len(levels) > 1 and levels[-1][0] > indent:
        levels.pop()
    _, mapping, key = levels[-1]
    if key is not None:
        items = mapping[key] if isinstance(mapping[key], list) else []
        mapping[key] = [*items, value]


def scalar(text: str) -> Any:
    text = text.strip()
    if text[:1] == "'" and text[-1:] == "'" and len(text) > 1:
        return text[1:-1].replace("''", "'")
    if text[:1] in ('"', "[", "{"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    text = text.partition(" #")[0].strip()
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    return float(text) if _DECIMAL.fullmatch(text) else typed(text)
