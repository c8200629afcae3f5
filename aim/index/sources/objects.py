"""JSON objects in files of other trackers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aim import regular
from aim.log import bounds

_LARGEST = 64 << 20


def read(path: str, most: int = _LARGEST) -> dict[str, Any]:
    """The object in a file; empty if there is none, one of more bytes, or a link."""
    try:
        data = regular.read(path, most=most + 1)
        content = bounds.loads(data) if len(data) <= most else None
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def part(about: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object within another; empty if there is none."""
    value = about.get(name)
    return value if isinstance(value, dict) else {}


def parts(about: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a list within another; empty if there is none."""
    values = about.get(name)
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
