"""The objects that Python code receives: runs with metrics, metrics with traces, traces with numpy arrays. Points are
read on first use, for many traces at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from aim import engine
from aim.errors import MissingDependency
from aim.index.catalog import seconds
from aim.index.ints import Ints
from aim.index.refresh import Ask, Index
from aim.query.aim3 import Aim3Run, MetricsOfRun
from aim.query.columns import objects
from aim.query.media import MediaPoint, MediaSeries, of_run, point_at
from aim.query.runs import RunRow, place_of
from aim.query.select import Selection, series_of_run
from aim.threads import cached_property

__all__ = ["Metric", "Run", "RunRow", "Selection", "Trace", "of_selection", "single", "to_arrow", "to_parquet"]

if TYPE_CHECKING:
    import pandas
    import pyarrow

Array = npt.NDArray[Any]
_BLOCK_POINTS = 2_000_000


class _SeriesBlocks:
    """The series of some runs, and their points in blocks."""

    def __init__(self, selection: Selection) -> None:
        self.rows = selection.rows
        self.table = selection.series
        self.first = np.searchsorted(self.table.run, np.arange(len(selection.runs) + 1))
        self._blocks = (np.cumsum(self.table.count) - self.table.count) // _BLOCK_POINTS
        self._block: tuple[int, int, dict[str, Array], Ints] | None = None

    def points(self, row: int) -> dict[str, Array]:
        """The columns of one series. Its block of neighboring series is read at once."""
        number = int(self._blocks[row])
        if self._block is None or self._block[0] != number:
            rows = np.flatnonzero(self._blocks == number)
            columns, offsets = self.rows.take(rows).points(["step", "value", "epoch", "time"])
            for column in columns.values():
                column.flags.writeable = False
            self._block = (number, int(rows[0]), columns, offsets)
        _, start, columns, offsets = self._block
        part = slice(int(offsets[row - start]), int(offsets[row - start + 1]))
        return {name: column[part] for name, column in columns.items()}


class Trace:
    """One series of a run: a metric in one context."""

    def __init__(self, answer: _SeriesBlocks, row: int) -> None:
        self._answer = answer
        self._row = row

    def __repr__(self) -> str:
        return f"<Trace {self.name} {self.context} of {len(self)} points>"

    def __len__(self) -> int:
        return int(self._answer.table.count[self._row])

    @property
    def name(self) -> str:
        return self._answer.table.name[self._row]

    @property
    def context(self) -> dict[str, Any]:
        return dict(self._answer.table.context[self._row])

    @cached_property
    def _points(self) -> dict[str, Array]:
        return self._answer.points(self._row)

    @property
    def steps(self) -> Array:
        return self._points["step"]

    @property
    def values(self) -> Array:
        return self._points["value"]

    @property
    def epochs(self) -> Array:
        """NaN for points that were tracked without an epoch."""
        return self._points["epoch"]

    @property
    def times(self) -> Array:
        """Seconds since 1970, UTC."""
        return seconds(self._points["time"])

    @property
    def last(self) -> float:
        """The value at the highest step."""
        return float(self._answer.table.last[self._row])

    @property
    def first(self) -> float:
        return float(self._answer.table.first[self._row])

    @property
    def min(self) -> float:
        """The min value, ignoring NaN."""
        return float(self._answer.table.min[self._row])

    @property
    def max(self) -> float:
        return float(self._answer.table.max[self._row])

    @property
    def mean(self) -> float:
        return float(self._answer.table.mean[self._row])

    @property
    def last_step(self) -> int:
        return int(self._answer.table.last_step[self._row])

    @property
    def nonfinite(self) -> int:
        """The number of values that are NaN or infinite."""
        return int(self._answer.table.nonfinite[self._row])

    @property
    def num_records(self) -> int:
        return len(self)

    def read_records(self, indices: int | slice | Sequence[int] | None = None) -> Iterator[dict[str, Any]]:
        """The points one by one, as in Aim 2: dicts with value, step, epoch and time."""
        chosen = np.arange(len(self))
        if indices is not None:
            chosen = np.atleast_1d(chosen[indices if isinstance(indices, int | slice) else list(indices)])
        for i in chosen.tolist():
            epoch = float(self.epochs[i])
            yield {
                "value": float(self.values[i]), "step": int(self.steps[i]), "time": float(self.times[i]),
                "epoch": None if epoch != epoch else epoch,
            }  # fmt: skip

    def dataframe(self) -> pandas.DataFrame:
        """The points as a pandas DataFrame with step, value, epoch and time."""
        return _dataframe(
            "Trace.dataframe", {"step": self.steps, "value": self.values, "epoch": self.epochs, "time": self.times}
        )


class Metric:
    """All traces of one name in a run."""

    def __init__(self, name: str, traces: list[Trace]) -> None:
        self.name = name
        self.traces = traces

    def __repr__(self) -> str:
        return f"<Metric {self.name} with {len(self.traces)} traces>"

    def __len__(self) -> int:
        return len(self.traces)

    def __iter__(self) -> Iterator[Trace]:
        return iter(self.traces)

    def trace(self, **context: Any) -> Trace | None:
        """The first trace whose context has these values."""
        return next((trace for trace in self.traces if context.items() <= trace.context.items()), None)

    def dataframe(self) -> pandas.DataFrame:
        """The points of all traces, with a column for every key of their contexts."""
        return _dataframe("Metric.dataframe", _table([(None, trace) for trace in self.traces]))


class Run(Aim3Run):
    """A recorded run, as of the moment of the query."""

    def __init__(self, ask: Ask, row: RunRow, answer: Callable[[], _SeriesBlocks], place: int) -> None:
        self._ask = ask
        self._row = row
        self._answer = answer
        self._place = place

    def __repr__(self) -> str:
        return f"<Run {self.hash} of {self.experiment}, {self.status}>"

    @property
    def id(self) -> str:
        return self._row.id

    @property
    def hash(self) -> str:
        return self._row.hash

    run_hash = hash

    @property
    def name(self) -> str | None:
        return self._row.name

    @property
    def description(self) -> str | None:
        return self._row.description

    @property
    def experiment(self) -> str:
        return self._row.experiment

    @property
    def params(self) -> dict[str, Any]:
        return self._row.params

    @property
    def facts(self) -> dict[str, Any]:
        """The facts recorded at the start of the run: argv, cwd, python, git."""
        return self._row.facts

    @property
    def tags(self) -> list[str]:
        return list(self._row.tags)

    @property
    def archived(self) -> bool:
        return self._row.archived

    @property
    def status(self) -> str:
        return self._row.status

    @property
    def error(self) -> str | None:
        return self._row.error

    @property
    def created_at(self) -> float:
        """Seconds since 1970, UTC, like finished_at and seen_at."""
        return self._row.created_at

    @property
    def finished_at(self) -> float | None:
        return self._row.finished_at

    @property
    def seen_at(self) -> float:
        return self._row.seen_at

    @property
    def duration(self) -> float:
        return self._row.duration

    @property
    def diverged(self) -> bool:
        """Whether a metric, other than of the system, ends in NaN or infinity."""
        return self._row.diverged

    @property
    def dropped(self) -> int:
        return self._row.dropped

    @property
    def damaged(self) -> int:
        return self._row.damaged

    @property
    def started_by(self) -> str | None:
        """The user who started it, where that is known."""
        return self._row.started_by

    @property
    def edited_by(self) -> str | None:
        """The user who edited it last."""
        return self._row.edited_by

    @property
    def position(self) -> int:
        """How many runs of the repository began before it, with those that were deleted since."""
        return self._row.position

    @cached_property
    def metrics(self) -> MetricsOfRun:
        answer = self._answer()
        traces: dict[str, list[Trace]] = {}
        for row in range(int(answer.first[self._place]), int(answer.first[self._place + 1])):
            traces.setdefault(answer.table.name[row], []).append(Trace(answer, row))
        return MetricsOfRun(self, {name: Metric(name, own) for name, own in traces.items()})

    def objects(self, kind: str | None = None) -> list[MediaSeries]:
        """The series of media, of all kinds or one: text, html, image, video, audio, distribution, figure or
        table."""
        return self._ask(lambda catalog: of_run(catalog, self._row, kind))

    def object_at(self, writer: str, at: int) -> MediaPoint | None:
        """The value whose `id` is `writer-at`."""
        return self._ask(lambda catalog: point_at(catalog, place_of(catalog, self._row.id), writer, at))

    def dataframe(self) -> pandas.DataFrame:
        """The points of all metrics, with a column for every key of their contexts."""
        return _dataframe("Run.dataframe", _table(self._traces()))

    def to_arrow(self) -> pyarrow.Table:
        return to_arrow([self])

    def to_parquet(self, path: str | Path) -> Path:
        return to_parquet([self], path)

    def _traces(self) -> list[tuple[Run | None, Trace]]:
        return [(self, trace) for metric in self.metrics.values() for trace in metric.traces]


def of_selection(selection: Selection, rows: Sequence[RunRow], index: Index) -> list[Run]:
    """`rows`: those of its runs."""
    answer, ask = _SeriesBlocks(selection), index.as_of(selection.catalog)
    return [Run(ask, row, lambda: answer, place) for place, row in enumerate(rows)]


def single(row: RunRow, ask: Ask) -> Run:
    """One run. Its series are gathered when its metrics are first used; params, notes and media do not need them."""
    return Run(ask, row, lambda: _SeriesBlocks(ask(lambda catalog: series_of_run(catalog, row.id))), 0)


def to_arrow(runs: Sequence[Run]) -> pyarrow.Table:
    """The points of all metrics of some runs as an Arrow table."""
    try:
        import pyarrow
    except ModuleNotFoundError:
        raise MissingDependency("to_arrow needs pyarrow, which is not installed. Run: pip install pyarrow") from None
    table = _table([pair for run in runs for pair in run._traces()])

    def column(values: Array) -> pyarrow.Array:
        """Arrow columns have one type: values of several become texts."""
        try:
            return pyarrow.array(values)
        except (pyarrow.ArrowException, ValueError, TypeError, OverflowError):
            return pyarrow.array(_texts(values))

    return pyarrow.table({name: column(values) for name, values in table.items()})


def to_parquet(runs: Sequence[Run], path: str | Path) -> Path:
    """Write the points of all metrics of some runs to a Parquet file. Needs neither pandas nor pyarrow."""
    table = _table([pair for run in runs for pair in run._traces()])
    types = {"step": "BIGINT", "value": "DOUBLE", "epoch": "DOUBLE", "time": "DOUBLE"}
    columns = {name: column if name in types else _texts(column) for name, column in table.items()}
    engine.write(Path(path), columns, {name: types.get(name, "VARCHAR") for name in columns})
    return Path(path)


def _table(traces: Sequence[tuple[Run | None, Trace]]) -> dict[str, Array]:
    """One row per point: run, metric, the keys of the contexts, step, value, epoch, time."""
    counts = [len(trace) for _, trace in traces]
    keys = list(dict.fromkeys(key for _, trace in traces for key in trace.context))

    def repeated(values: Sequence[Any]) -> Array:
        return np.repeat(objects(values), counts)

    table: dict[str, Array] = {}
    if any(run is not None for run, _ in traces):
        table["run"] = repeated([run.hash if run else None for run, _ in traces])
    table["metric"] = repeated([trace.name for _, trace in traces])
    for key in keys:
        name = key
        while name in table or name in _OWN:
            name = f"context.{name}"
        table[name] = repeated([trace.context.get(key) for _, trace in traces])
    for name, part in (("step", "steps"), ("value", "values"), ("epoch", "epochs"), ("time", "times")):
        parts = [getattr(trace, part) for _, trace in traces]
        table[name] = np.concatenate(parts) if parts else np.empty(0)
    return table


_OWN = {"run", "metric", "step", "value", "epoch", "time"}


def _texts(column: Array) -> Array:
    texts = np.empty(len(column), object)
    for i, value in enumerate(column.tolist()):
        texts[i] = None if value is None else str(value).encode("utf-8", "backslashreplace").decode()
    return texts


def _dataframe(what: str, columns: dict[str, Array]) -> pandas.DataFrame:
    try:
        import pandas
    except ModuleNotFoundError:
        raise MissingDependency(f"{what} needs pandas, which is not installed. Run: pip install pandas") from None
    try:
        frame: pandas.DataFrame = pandas.DataFrame(columns)
    except UnicodeEncodeError:  # its columns of texts take no lone surrogates, columns of objects do
        plain = {name: pandas.Series(column, dtype=column.dtype) for name, column in columns.items()}
        frame = pandas.DataFrame(plain)
    return frame
