"""Media as Python code gets them: series of texts, pages, images, videos, audio, distributions, figures and
tables. Their content is read on first use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from aim.index.catalog import Catalog
from aim.index.content import Objects
from aim.index.ints import Ints, ascending
from aim.media import class_of
from aim.query.objects import kinds_of
from aim.query.runs import RunRow, place_of, run_rows
from aim.threads import cached_property

if TYPE_CHECKING:
    from aim.media.media import Media


class MediaPoint:
    """One value of a series, and when it was tracked. `place` distinguishes values that were tracked together."""

    def __init__(self, objects: Objects, row: int) -> None:
        self._objects = objects
        self._row = row

    def __repr__(self) -> str:
        return f"<MediaPoint {self.kind} at step {self.step}, {self.size:,} bytes>"

    def _of(self, name: str) -> Any:
        return self._objects.columns[name][self._row]

    @property
    def kind(self) -> str:
        return str(self._of("kind"))

    @property
    def step(self) -> int:
        return int(self._of("step"))

    @property
    def epoch(self) -> float | None:
        epoch = float(self._of("epoch"))
        return None if epoch != epoch else epoch

    @property
    def time(self) -> float:
        """Seconds since 1970, UTC."""
        return float(self._of("time"))

    @property
    def place(self) -> int:
        return int(self._of("place"))

    @property
    def size(self) -> int:
        """Bytes of the content."""
        return int(self._of("size"))

    @cached_property
    def about(self) -> dict[str, Any]:
        """The description of the content: format, caption, width and so on."""
        return dict(json.loads(self._of("about")))

    @property
    def caption(self) -> str:
        return str(self.about.get("caption", ""))

    @property
    def id(self) -> str:
        """Identifies the value within its run permanently: the writer, and the position in its file."""
        place = self._objects.location(self._row)
        return f"{place.writer}-{place.at}"

    @property
    def run(self) -> str:
        """The id of its run."""
        return self._objects.location(self._row).run

    @property
    def data(self) -> bytes:
        """The content, read from the log. Raises LogError if it is damaged."""
        return self._objects.content(self._row)

    def beginning(self, most: int) -> bytes:
        """At least the first `most` bytes of the content, or all of it."""
        return self._objects.content(self._row, most)

    @property
    def value(self) -> Media:
        """The aim.Text, Html, Image, Video, Audio, Distribution, Figure or Table that was tracked."""
        return class_of(self.kind, self.about.get("format")).restored(self.data, self.about)


class MediaSeries:
    """The values of one kind and name in one context of a run, sorted by step, then by arrival."""

    def __init__(self, run: RunRow, objects: Objects, number: int) -> None:
        self.run = run
        self._objects = objects
        self._start, self._stop = int(objects.offsets[number]), int(objects.offsets[number + 1])

    def __repr__(self) -> str:
        return f"<MediaSeries {self.kind} {self.name} {self.context} of {len(self)} values>"

    def __len__(self) -> int:
        return self._stop - self._start

    def __getitem__(self, i: int) -> MediaPoint:
        return MediaPoint(self._objects, range(self._start, self._stop)[i])

    def __iter__(self) -> Iterator[MediaPoint]:
        return (MediaPoint(self._objects, row) for row in range(self._start, self._stop))

    def _column(self, name: str) -> npt.NDArray[Any]:
        return self._objects.columns[name][self._start : self._stop]

    @property
    def kind(self) -> str:
        return str(self._column("kind")[0])

    @property
    def name(self) -> str:
        return str(self._column("name")[0])

    @cached_property
    def context(self) -> dict[str, Any]:
        return dict(json.loads(self._column("context")[0]))

    @property
    def steps(self) -> Ints:
        """The step of every value."""
        return self._column("step")

    @property
    def times(self) -> npt.NDArray[np.float64]:
        return self._column("time")

    @property
    def size(self) -> int:
        """Bytes of all values."""
        return int(self._column("size").sum())


def of_run(catalog: Catalog, row: RunRow, kind: str | None) -> list[MediaSeries]:
    """The series of one run."""
    objects = catalog.objects([place_of(catalog, row.id)], kinds=kinds_of(kind))
    if len(objects):
        objects.location(0)  # Reads the places of the run's files while the segment that knows them exists.
    return [MediaSeries(row, objects, number) for number in range(len(objects.offsets) - 1)]


def point_at(catalog: Catalog, run: int, writer: str, at: int) -> MediaPoint | None:
    """The value of a run with this id. `run`: its place in the catalog."""
    objects = catalog.objects([run], at=at)
    return next((MediaPoint(objects, i) for i in range(len(objects)) if objects.location(i).writer == writer), None)


def series_of(catalog: Catalog, objects: Objects) -> list[MediaSeries]:
    first = objects.columns["run"][objects.offsets[:-1]].astype(np.int64)
    which = ascending(first).astype(np.int64)
    rows = dict(zip(which.tolist(), run_rows(catalog, which), strict=True))
    return [MediaSeries(rows[run], objects, number) for number, run in enumerate(first.tolist())]
