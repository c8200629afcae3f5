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

# Classes for formats of figures, and their modules.
FIGURES = {
    "roc": ("curve", "ROCCurve"),
    "pr": ("curve", "PRCurve"),
    "confusion": ("confusion", "ConfusionMatrix"),
    "points": ("points", "Points3D"),
    "embedding": ("embedding", "Embedding"),
}

CLASSES = {**{name: kind for kind, name in KINDS.items()}, **{name: module for module, name in FIGURES.values()}}

# How a query writes each kind: `images if images.step > 100`.
PLURALS = {f"{kind}s": kind for kind in KINDS}


def class_of(kind: str, format: object = None) -> type[Media]:
    """The class of a kind, or the one that a format of the kind has."""
    own = FIGURES.get(format) if kind == "figure" and isinstance(format, str) else None
    return named(own[1] if own else KINDS[kind])


def named(name: str) -> type[Media]:
    """The class called `name`, such as Image."""
    return cast("type[Media]", getattr(importlib.import_module(f"aim.media.{CLASSES[name]}"), name))


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
