"""Aim 3's names for reading runs: collections of series, and the columns of a series. docs/aim3.md maps them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from aim.query.columns import objects
from aim.threads import cached_property

if TYPE_CHECKING:
    import pandas

    from aim.query.media import MediaPoint, MediaSeries

Array = npt.NDArray[Any]


class SequenceColumn(Sequence[Any]):
    """The values, epochs or times of a series, by its steps."""

    def __init__(self, steps: Array, values: Array) -> None:
        self._steps, self._values = steps, values

    def __repr__(self) -> str:
        return repr(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, at: Any) -> Any:
        """The value at a place, counted from 0; a slice gives an array."""
        value = self._values[at]
        return value if isinstance(at, slice) else value.item()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values.tolist())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self._values, dtype)

    def keys(self) -> Iterator[int]:
        return iter(self._steps.tolist())

    indices = keys

    def values(self) -> Iterator[Any]:
        return iter(self)

    def items(self) -> Iterator[tuple[int, Any]]:
        return zip(self._steps.tolist(), self, strict=True)

    def sparse_numpy(self) -> tuple[Array, Array]:
        return self._steps, self._values

    def sparse_list(self) -> tuple[list[int], list[Any]]:
        return self._steps.tolist(), self.tolist()

    def indices_numpy(self) -> Array:
        return self._steps

    def values_numpy(self) -> Array:
        return self._values

    numpy = values_numpy

    def indices_list(self) -> list[int]:
        return list(self.keys())

    def values_list(self) -> list[Any]:
        return list(self)

    tolist = values_list

    def first(self) -> tuple[int, Any]:
        return int(self._steps[0]), self[0]

    def first_value(self) -> Any:
        return self[0]

    def first_idx(self) -> int:
        return int(self._steps[0])

    def last(self) -> tuple[int, Any]:
        return int(self._steps[-1]), self[-1]

    def last_value(self) -> Any:
        return self[-1]

    def last_idx(self) -> int:
        return int(self._steps[-1])


class MediaColumn(SequenceColumn):
    """The media of a series by its steps, read when they are asked for: one, or a list of those tracked together."""

    def __init__(self, series: MediaSeries) -> None:
        together = [list(points) for _, points in groupby(series, key=lambda point: point.step)]
        self._points = together
        steps = np.array([points[0].step for points in together], np.int64)
        super().__init__(steps, np.arange(len(together)))

    def __repr__(self) -> str:
        return repr(self._points)

    def __getitem__(self, at: Any) -> Any:
        chosen = self._points[at]
        return objects([_media(points) for points in chosen]) if isinstance(at, slice) else _media(chosen)

    def __iter__(self) -> Iterator[Any]:
        return map(_media, self._points)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return objects(list(self))

    def values_numpy(self) -> Array:
        return objects(list(self))

    numpy = values_numpy

    def sparse_numpy(self) -> tuple[Array, Array]:
        return self._steps, objects(list(self))


def _media(points: list[MediaPoint]) -> Any:
    return points[0].value if len(points) == 1 else [point.value for point in points]


class SequenceContext(dict[str, Any]):
    """A context, which is a dict."""

    def to_dict(self) -> dict[str, Any]:
        return dict(self)


class MetricSequence:
    """One series of a run: a trace of it (aim/query/result.py)."""

    def __init__(self, run: Aim3Run, trace: Any) -> None:
        self.run = run
        self.trace = trace
        self.name = trace.name
        self.context = SequenceContext(trace.context)

    def __repr__(self) -> str:
        return f"<MetricSequence {self.name} {dict(self.context)} of {len(self)} points>"

    def __len__(self) -> int:
        return len(self.trace)

    def __bool__(self) -> bool:
        return True

    @property
    def values(self) -> SequenceColumn:
        return SequenceColumn(self.trace.steps, self.trace.values)

    @property
    def steps(self) -> SequenceColumn:
        return SequenceColumn(self.trace.steps, self.trace.steps)

    indices = steps

    @property
    def epochs(self) -> SequenceColumn:
        return SequenceColumn(self.trace.steps, self.trace.epochs)

    @property
    def timestamps(self) -> SequenceColumn:
        return SequenceColumn(self.trace.steps, self.trace.times)

    @property
    def last(self) -> float:
        return float(self.trace.last)

    @property
    def last_step(self) -> int:
        return int(self.trace.last_step)

    def dataframe(self, *args: Any, **others: Any) -> pandas.DataFrame:
        """With step, value, epoch and time."""
        points: pandas.DataFrame = self.trace.dataframe()
        return points


class SequenceCollection:
    """Series of some runs. It is iterated by series; `iter_runs` by runs, each with its series and `run`."""

    def __init__(self, runs: Sequence[Any], run: Any = None) -> None:
        self._runs = runs
        self.run = run

    def __iter__(self) -> Iterator[MetricSequence]:
        return (MetricSequence(run, trace) for run in self._runs for metric in run.metrics.values() for trace in metric)

    def iter(self) -> Iterator[MetricSequence]:
        return iter(self)

    def iter_runs(self) -> Iterator[SequenceCollection]:
        return (SequenceCollection([run], run) for run in self._runs)

    def dataframe(self, *args: Any, **others: Any) -> pandas.DataFrame:
        """The points of all series, as `Run.dataframe` gives them."""
        import pandas

        frames = [run.dataframe() for run in self._runs]
        return pandas.concat(frames, ignore_index=True) if frames else pandas.DataFrame()


class MediaSequence:
    """One series of media of a run."""

    def __init__(self, run: Aim3Run, series: MediaSeries) -> None:
        self.run = run
        self.series = series
        self.name = series.name
        self.context = SequenceContext(series.context)

    def __repr__(self) -> str:
        return f"<MediaSequence {self.name} {dict(self.context)} of {len(self.series)} values>"

    def __len__(self) -> int:
        return len(self.values)

    def __bool__(self) -> bool:
        return True

    @cached_property
    def values(self) -> MediaColumn:
        return MediaColumn(self.series)

    @property
    def steps(self) -> SequenceColumn:
        steps = self.values.indices_numpy()
        return SequenceColumn(steps, steps)

    indices = steps

    @property
    def timestamps(self) -> SequenceColumn:
        _, first = np.unique(self.series.steps, return_index=True)
        return SequenceColumn(self.values.indices_numpy(), self.series.times[first])

    @property
    def record_length(self) -> int:
        """The most values of one step."""
        return int(np.unique(self.series.steps, return_counts=True)[1].max())


class MediaCollection:
    """Series of media of some runs. It is iterated by series; `iter_runs` by runs, each with its series and `run`."""

    def __init__(self, series: Sequence[MediaSeries], run_of: Callable[[str], Any]) -> None:
        self._series, self._run_of = series, run_of
        self._runs: dict[str, Any] = {}

    def _read(self, id: str) -> Any:
        if id not in self._runs:
            self._runs[id] = self._run_of(id)
        return self._runs[id]

    @property
    def run(self) -> Any:
        """Their run, if it is one."""
        ids = {series.run.id for series in self._series}
        return self._read(ids.pop()) if len(ids) == 1 else None

    def __iter__(self) -> Iterator[MediaSequence]:
        return (MediaSequence(self._read(series.run.id), series) for series in self._series)

    def iter(self) -> Iterator[MediaSequence]:
        return iter(self)

    def iter_runs(self) -> Iterator[MediaCollection]:
        of_runs: dict[str, list[MediaSeries]] = {}
        for series in self._series:
            of_runs.setdefault(series.run.id, []).append(series)
        return (MediaCollection(series, self._read) for series in of_runs.values())


class MetricsOfRun(dict[str, Any]):
    """The metrics of a run by their names. Aim 3 calls it for its series."""

    def __init__(self, run: Aim3Run, metrics: Mapping[str, Any]) -> None:
        super().__init__(metrics)
        self._run = run

    def __call__(self) -> SequenceCollection:
        return SequenceCollection([self._run], self._run)


class Aim3Run:
    """Methods of Aim 3's Run on a run that is read."""

    if TYPE_CHECKING:

        @property
        def params(self) -> dict[str, Any]: ...
        @property
        def created_at(self) -> float: ...
        @property
        def finished_at(self) -> float | None: ...
        @property
        def status(self) -> str: ...
        @property
        def metrics(self) -> MetricsOfRun: ...

    def __getitem__(self, key: Any) -> Any:
        """The params at a key or a path; `run[...]` all. A key is also looked up in the group `default`, where params
        without a group are. Raises KeyError."""
        path = () if key is ... else key if isinstance(key, tuple) else (key,)
        try:
            return _reached(self.params, path)
        except KeyError:
            return _reached(self.params.get("default", {}), path)

    def get(self, key: Any, default: Any = None, strict: bool = True, resolve_objects: bool = False) -> Any:
        try:
            return self[key]
        except KeyError:
            return default

    def get_metric(self, name: str, context: Mapping[str, Any] | None = None) -> MetricSequence | None:
        """The series of a metric in exactly this context; None if there is none."""
        wanted = dict(context or {})
        return next((series for series in self.metrics() if series.name == name and series.context == wanted), None)

    def iter_metrics_info(self) -> Iterator[tuple[str, SequenceContext, Any]]:
        return ((series.name, series.context, self) for series in self.metrics())

    def collect_sequence_info(self, *args: Any, **others: Any) -> dict[str, list[dict[str, Any]]]:
        """The names and contexts of all series of metrics."""
        return {"metric": [{"name": name, "context": dict(context)} for name, context, _ in self.iter_metrics_info()]}

    @property
    def active(self) -> bool:
        return self.status == "running"

    @property
    def creation_time(self) -> float:
        return self.created_at

    @property
    def end_time(self) -> float | None:
        return self.finished_at


def _reached(params: Any, path: Sequence[Any]) -> Any:
    for part in path:
        if not isinstance(params, Mapping) or part not in params:
            raise KeyError(part)
        params = params[part]
    return params
