"""A figure of plotly, kept as its JSON, or of matplotlib, kept as a picture."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aim.media import pictures
from aim.media.image import describe, figure
from aim.media.media import Media, caption


class Figure(Media):
    """A figure of plotly (or its dict of `data` and `layout`), which stays interactive, or one of matplotlib, which
    becomes a PNG."""

    kind = "figure"

    def __init__(self, figure: Any, caption: str = "") -> None:
        self._keep(*_encoded(figure, caption))

    def plotly(self) -> dict[str, Any]:
        """The dict of `data` and `layout` of a figure of plotly."""
        if self.format != "plotly":
            raise ValueError(f"this figure was kept as {self.format}; its bytes are .data")
        return dict(json.loads(self.data))


def _encoded(drawn: Any, text: str) -> tuple[bytes, dict[str, Any]]:
    if callable(getattr(drawn, "savefig", None)):
        data = figure(drawn, "png")
        return data, describe(data, pictures.size_of(data), text)
    if callable(to_json := getattr(drawn, "to_json", None)) and hasattr(drawn, "to_plotly_json"):
        found = to_json()
    elif isinstance(drawn, Mapping) and "data" in drawn:
        found = _json(drawn)
    else:
        raise TypeError(
            f"a figure cannot be made from {type(drawn).__name__} {drawn!r:.80}; give one of plotly or matplotlib"
        )
    return str(found).encode("utf-8", "backslashreplace"), {"format": "plotly", "caption": caption(text)}


def _json(drawn: Mapping[str, Any]) -> str:
    try:
        return json.dumps(dict(drawn), separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise ValueError(f"the dict of a figure must be JSON: {error}") from None
