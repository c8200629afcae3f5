"""What a script logs, as Aim records it: numbers, media, and texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import aim
from aim.dropins.absent import Absent
from aim.dropins.media import LoggedMedia, LoggedTable
from aim.media.media import Media
from aim.plain import attribute, builtin, loaded, shown, text_of

# Longer lists of numbers become distributions, as in wandb.
MAX_LIST = 32
_DEPTH = 16


def flat(data: Mapping[Any, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The entries of nested dicts: `{"val": {"loss": 1}}` has `val.loss`."""
    for key, value in data.items():
        name = f"{prefix}{text_of(key)}"
        if isinstance(value, Mapping) and depth < _DEPTH:
            yield from flat(value, f"{name}.", depth + 1)
        else:
            yield name, value


def number(value: Any) -> float | int | bool | None:
    """A number, also in an array or tensor with one element; None for anything else."""
    plain = builtin(value)
    if isinstance(plain, (int, float)):
        return plain
    if isinstance(plain, (str, bytes, Absent)) or plain is None or not callable(attribute(value, "item")):
        return None
    size = attribute(value, "numel") or attribute(value, "size")
    if (size() if callable(size) else size) != 1:
        return None
    item = builtin(value.item())
    return item if isinstance(item, (int, float)) else None


def media(value: Any) -> list[list[Media]]:
    """The media in a value that is not a number, a list for each kind. Raises ValueError or TypeError if it cannot be
    recorded."""
    items = list(value) if _is_list(value) and any(_is_medium(item) for item in value) else [value]
    kinds: dict[str, list[Media]] = {}
    for item in items:
        for made in _made(item):
            kinds.setdefault(made.kind, []).append(made)
    return list(kinds.values())


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _is_medium(value: Any) -> bool:
    return isinstance(value, (LoggedMedia, Media)) or _is_picture(value) or _is_drawn(value)


def _is_picture(value: Any) -> bool:
    kind = loaded("PIL.Image", "Image")
    return kind is not None and isinstance(value, kind)


def _is_drawn(value: Any) -> bool:
    return callable(attribute(value, "savefig")) or (hasattr(value, "to_plotly_json") and hasattr(value, "layout"))


def _made(value: Any) -> list[Media]:
    value = builtin(value)
    if value is None or isinstance(value, Absent):
        return []
    if isinstance(value, LoggedMedia):
        return value.media()
    if isinstance(value, Media):
        return [value]
    if isinstance(value, str):
        return [aim.Text(value)]
    if _is_picture(value):
        return [aim.Image(value)]
    if _is_drawn(value) or callable(attribute(getattr(value, "gcf", None), "__call__")):
        return [aim.Figure(value.gcf() if hasattr(value, "gcf") else value)]
    if (frame := loaded("pandas", "DataFrame")) is not None and isinstance(value, frame):
        return LoggedTable(dataframe=value).media()
    return [_listed(value)]


def _listed(value: Any) -> Media:
    """A list or array: its numbers as a text while there are few, else their distribution."""
    listed = value.tolist() if callable(attribute(value, "tolist")) else value
    if not isinstance(listed, (list, tuple, range, set, frozenset)):
        raise TypeError(f"{type(value).__name__} {shown(value)} is neither a number nor one of the known media")
    if len(listed) > MAX_LIST and all(isinstance(item, (int, float)) for item in listed):
        return aim.Distribution(listed)
    if attribute(value, "ndim") and len(listed) and isinstance(listed, list) and isinstance(listed[0], list):
        return aim.Distribution(value)
    return aim.Text(json.dumps(list(listed), default=text_of, ensure_ascii=False))
