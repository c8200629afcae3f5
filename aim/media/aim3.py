"""Aim 3's names for what is known of media. docs/aim3.md maps them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any


class Aim3Image:
    if TYPE_CHECKING:

        @property
        def caption(self) -> str: ...
        @property
        def format(self) -> str: ...
        @property
        def width(self) -> int | None: ...
        @property
        def height(self) -> int | None: ...
        def pil(self) -> Any: ...

    @property
    def size(self) -> tuple[int | None, int | None]:
        return self.width, self.height

    def to_pil_image(self) -> Any:
        return self.pil()

    def json(self) -> dict[str, Any]:
        return {"caption": self.caption, "format": self.format, "width": self.width, "height": self.height}


class Aim3Figure:
    if TYPE_CHECKING:

        def plotly(self) -> dict[str, Any]: ...

    def to_plotly_figure(self) -> Any:
        """A plotly Figure. plotly must be installed."""
        return importlib.import_module("plotly.graph_objects").Figure(self.plotly())


class Aim3Distribution:
    if TYPE_CHECKING:

        @property
        def counts(self) -> list[float]: ...
        @property
        def edges(self) -> list[float]: ...

    @property
    def bin_count(self) -> int:
        return len(self.counts)

    @property
    def range(self) -> tuple[float, float]:
        return self.edges[0], self.edges[-1]

    def to_np_histogram(self) -> tuple[Any, Any]:
        """The counts and the edges, as `numpy.histogram` gives them. numpy must be installed."""
        numpy = importlib.import_module("numpy")
        return numpy.array(self.counts), numpy.array(self.edges)
