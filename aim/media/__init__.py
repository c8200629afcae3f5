"""Media that a run can track, one file per kind: texts, pages, images, videos, audio, distributions, figures and
tables."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from aim.plain import loaded

if TYPE_CHECKING:
    from aim.media.media import Media

# Each kind and its class, which is in the module of that name.
KINDS = {
    "text": "Text",
    "html": "Html",
    "image": "Image",
    "video": "Video",
    "audio": "Audio",
    "distribution": "Distribution",
    "figure": "Figure",
    "table": "Table",
}

# How a query writes each kind: `images if images.step > 100`.
PLURALS = {f"{kind}s": kind for kind in KINDS}


def class_of(kind: str) -> type[Media]:
    name = KINDS[kind]
    return cast("type[Media]", getattr(importlib.import_module(f"aim.media.{kind}"), name))


def named(name: str) -> type[Media]:
    """The class called `name`, such as Image."""
    return class_of(next(kind for kind, other in KINDS.items() if other == name))


def media_in(value: Any) -> Sequence[Media] | None:
    """The media in the value of one `track` call; None if it has none. Raises TypeError for a list of mixed kinds."""
    kind = loaded("aim.media.media", "Media")
    if kind is None:
        return None
    if isinstance(value, kind):
        return (value,)
    if not isinstance(value, (list, tuple)) or not any(isinstance(item, kind) for item in value):
        return None
    kinds = sorted({item.kind if isinstance(item, kind) else type(item).__name__ for item in value})
    if len(kinds) > 1:
        raise TypeError(f"a list mixes {' and '.join(kinds)}; track each kind under its own name")
    return value
