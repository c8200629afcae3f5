"""Plotly figures, kept as JSON, and matplotlib figures, kept as PNG."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aim.media import pictures
from aim.media.image import describe, figure
from aim.media.media import Media, caption


class Figure(Media):
    """A plotly figure or its dict with `data` and `layout`, which stays interactive, or a matplotlib figure, which
    becomes a PNG. Raises TypeError or ValueError for anything else."""

    kind = "figure"

    def __init__(self, figure: Any, caption: str = "") -> None:
        self._keep(*_encoded(figure, caption))

    def plotly(self) -> dict[str, Any]:
        """The dict with `data` and `layout`. Raises ValueError for a matplotlib figure."""
        if self.format != "plotly":
            raise ValueError(f"this figure was kept as {self.format}; its bytes are .data")
        return dict(json.loads(self.data))


def _encoded(drawn: Any, text: str) -> tuple[bytes, dict[str, Any]]:
    if callable(getattr(drawn, "savefig", None)):
        data = figure(drawn, "png")
        return data, describe(data, pictures.size_of(data), text)
    if callable(to_json := getattr(drawn, "to_json", None)) and hasattr(drawn, "to_plotly_json"):
        drawing = to_json()
    elif isinstance(drawn, Mapping) and "data" in drawn:
        drawing = _json(drawn)
    else:
        raise TypeError(
            f"a figure cannot be made from {type(drawn).__name__} {drawn!r:.80}; pass a plotly or matplotlib figure"
        )
    return str(drawing).encode("utf-8", "backslashreplace"), {"format": "plotly", "caption": caption(text)}


def _json(drawn: Mapping[str, Any]) -> str:
    try:
        return json.dumps(dict(drawn), separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise ValueError(f"the dict of a figure must be JSON: {error}") from None
