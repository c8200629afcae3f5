"""Plotly figures, kept as JSON, and matplotlib figures, kept as PNG. Curves, confusion matrices, points
in space and embeddings are figures too, in classes of their own."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from aim.media import pictures
from aim.media.aim3 import Aim3Figure
from aim.media.image import describe, figure
from aim.media.media import Media, caption, fill, refused_if_unread
from aim.plain import PLAIN, builtin, distinct, shown

_OWN = re.compile(rb'\{"aim":"(roc|pr|confusion)"')
_BINARY = {b"AIMP": "points", b"AIME": "embedding"}


class Figure(Aim3Figure, Media):
    """A plotly figure or its dict with `data` and `layout`, which stays interactive, or a matplotlib figure, which
    becomes a PNG. Raises TypeError or ValueError for anything else."""

    kind = "figure"

    def __init__(self, figure: Any, caption: str = "") -> None:
        with refused_if_unread("a figure", figure):
            fill(self, *_encoded(figure, caption))

    @classmethod
    def format_of(cls, data: bytes) -> str | None:
        if own := _OWN.match(data):
            return own[1].decode()
        if data[:4] in _BINARY:
            return _BINARY[data[:4]]
        return "plotly" if data[:1] == b"{" else pictures.format_of(data)

    def plotly(self) -> dict[str, Any]:
        """The dict with `data` and `layout`. Raises ValueError for a figure of another format."""
        if self.format != "plotly":
            raise ValueError(f"this figure was kept as {self.format}; its bytes are .data")
        return dict(json.loads(self.data))


def _encoded(drawn: Any, text: str) -> tuple[bytes, dict[str, Any]]:
    if callable(getattr(drawn, "savefig", None)):
        data = figure(drawn, "png")
        return data, describe(data, pictures.size_of(data), text)
    if callable(to_json := getattr(drawn, "to_json", None)) and hasattr(drawn, "data") and hasattr(drawn, "layout"):
        drawing = str(to_json())
    elif isinstance(drawn, Mapping) and _is_traces(drawn.get("data")):
        drawing = json.dumps(_plain(drawn), separators=(",", ":"), allow_nan=False)
    else:
        raise TypeError(
            f"a figure cannot be made from {type(drawn).__name__} {shown(drawn)}; pass a plotly or matplotlib figure, "
            "or a dict whose data is a list of traces. A trace alone becomes one by plotly.graph_objects.Figure(trace)"
        )
    return drawing.encode("utf-8", "backslashreplace"), {"format": "plotly", "caption": caption(text)}


def _collided(text: str, why: str) -> None:
    raise ValueError(f"the dict of a figure has keys of several types that are written {text!r}; keep one of them")


def _plain(value: Any) -> Any:
    """What JSON.parse of a browser accepts: NaN and infinities are null, as plotly writes them."""
    value = builtin(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {text: _plain(value[key]) for text, key in distinct(value, _collided)}
    if callable(to_list := getattr(value, "tolist", None)):
        return _plain(to_list())
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if type(value) not in PLAIN:
        raise ValueError(f"the dict of a figure must be JSON; {type(value).__name__} {shown(value)} is not")
    return value


def _is_traces(data: Any) -> bool:
    return isinstance(data, (list, tuple)) and all(isinstance(trace, Mapping) for trace in data)
