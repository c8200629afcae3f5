"""The values that a query names, as columns: a code for every run (or series), and the distinct values of the codes."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.index.catalog import Catalog
from aim.index.ints import Ints
from aim.index.schema import SEPARATOR
from aim.index.state import dumps
from aim.query import aggregate
from aim.query.direction import directed
from aim.query.diverged import diverged
from aim.query.nodes import MISSING, Reference
from aim.query.users import ASKED, edited_by, started_by, without_starter

Path = tuple[str, ...]
Array = npt.NDArray[Any]


class Column(NamedTuple):
    codes: Ints
    values: Sequence[Any]


def reader(reference: Reference) -> Callable[[Catalog, Ints], Column]:
    """The function that reads the values of some runs for a reference that does not concern single series."""
    parts, aggregated = reference.parts, reference.aggregate
    if aggregated is not None and (by := aggregated.by) is not None:
        return lambda catalog, runs: Column(*aggregate.at_best(catalog, directed(catalog, aggregated), by, runs))
    if aggregated is not None:
        return lambda catalog, runs: (
            _param(catalog, param.parts, runs)
            if (param := param_of(reference, catalog.metrics))
            else Column(*aggregate.of_runs(catalog, directed(catalog, aggregated), runs))
        )
    if reference.kind == "experiment":
        return lambda catalog, runs: coded(catalog.some(["experiment"], runs)["experiment"])
    if reference.kind == "run" and parts[1] in _GROUPS:
        return lambda catalog, runs: _reached(catalog.some([parts[1]], runs)[parts[1]], parts[1:])
    if reference.kind == "run":
        return lambda catalog, runs: coded(FIELDS[parts[1]](catalog, runs))
    read = {"leaf": _leaf, "param": _param, "name": _param}.get(reference.kind, _nothing)
    return lambda catalog, runs: read(catalog, parts, runs)


def param_of(reference: Reference, metrics: Container[str] = ()) -> Reference | None:
    """The param that `run.hparams.lr` means unless a metric is called hparams; None if it can only be a number."""
    asked = reference.aggregate
    if asked is None or asked.by is not None or asked.context is not None or asked.metric in metrics:
        return None
    return replace(reference, kind="param", parts=reference.parts[1:], aggregate=None)


def series_reader(reference: Reference, series: Mapping[str, Array]) -> Callable[[Catalog, Ints], Column]:
    """The function that reads the values of series with these runs, names and contexts: for `metric` and `context.key`
    those of every series, for anything else those of its run."""
    if reference.kind == "metric":
        return lambda catalog, runs: coded(series["name"].tolist())
    if reference.kind != "context":
        return reader(reference)
    texts = coded(series["context"].tolist())
    key = ".".join(reference.parts[1:])
    return lambda catalog, runs: Column(texts.codes, [json.loads(text).get(key, MISSING) for text in texts.values])


def answers(
    columns: Sequence[Column], code: Callable[[Sequence[object]], object], count: int
) -> tuple[Ints, list[object]]:
    """Evaluate `code` once for every distinct combination of values. Returns the positions of the answers for each of
    `count` rows, and the answers."""
    key = np.zeros(count, np.int64)
    for column in columns:
        _, key = np.unique(key * max(1, len(column.values)) + column.codes, return_inverse=True)
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    chosen = [[column.values[at] for at in column.codes[first].tolist()] for column in columns]
    if not columns:
        return inverse, [code(())] * len(first)
    return inverse, [code(values) for values in checked(zip(*chosen, strict=True))]


_TEXTS = {str, type(None)}


def coded(values: Sequence[Any] | Array) -> Column:
    if isinstance(values, np.ndarray) and values.dtype != object:
        distinct, codes = np.unique(values, return_inverse=True)
        return Column(codes, distinct.tolist())
    given = values.tolist() if isinstance(values, np.ndarray) else values
    if set(map(type, given)) <= _TEXTS:
        known = {value: code for code, value in enumerate(dict.fromkeys(given))}
        return Column(np.fromiter(map(known.__getitem__, checked(given)), np.int64, len(given)), list(known))
    return _coded(given)


def _coded(values: Sequence[Any]) -> Column:
    """Of values of any type: 1, 1.0 and True differ."""
    codes: dict[Hashable, int] = {}
    distinct: list[Any] = []
    made = np.empty(len(values), np.int64)
    for i, value in enumerate(checked(values)):
        key = (type(value), value) if not isinstance(value, list | dict) else (type(value), repr(value))
        code = codes.get(key)
        if code is None:
            code = codes[key] = len(distinct)
            distinct.append(value)
        made[i] = code
    return Column(made, distinct)


def _own(name: str) -> Callable[[Catalog, Ints], Array]:
    return lambda catalog, runs: catalog.some([name], runs)[name]


def _statuses(name: str) -> Callable[[Catalog, Ints], Array]:
    return lambda catalog, runs: catalog.statuses(runs)[name]


def objects(values: Sequence[Any] | Array) -> Array:
    """A column of any values."""
    if isinstance(values, np.ndarray) and values.dtype == object:
        return values
    column = np.empty(len(values), object)
    for place, value in enumerate(values):  # all at once, numpy would take lists for rows
        column[place] = value
    return column


def ends(statuses: Mapping[str, Array]) -> list[float | None]:
    return [None if end != end else end for end in statuses["finished_at"].tolist()]


def durations(catalog: Catalog, runs: Ints, statuses: Mapping[str, Array], now: float) -> Array:
    """How long each of some runs took, or takes so far."""
    finished = statuses["finished_at"]
    ends = np.where(np.isnan(finished) | (finished == 0), statuses["seen_at"], finished)
    ends = np.where(statuses["status"] == "running", now, ends)
    return np.asarray(np.maximum(0.0, ends - catalog.created_at[runs]))


def _decoded(column: Array) -> list[Any]:
    """The values of a column of JSON of which many are alike."""
    texts = coded(column)
    values = [json.loads(text) for text in checked(texts.values)]
    return [values[code] for code in texts.codes.tolist()]


def _or_none(column: Column) -> list[Any]:
    values = [None if value is MISSING else value for value in column.values]
    return [values[code] for code in column.codes.tolist()]


_QUEUE: Path = ("facts", "process", "queue")

FIELDS: dict[str, Callable[[Catalog, Ints], Sequence[Any] | Array]] = {
    **{name: _own(name) for name in ("hash", "name", "experiment", "description", "archived", "dropped")},
    **{name: _statuses(name) for name in ("error", "status", "seen_at")},
    "finished_at": lambda catalog, runs: ends(catalog.statuses(runs)),
    "id": lambda catalog, runs: [catalog.ids[i] for i in runs.tolist()],
    "tags": lambda catalog, runs: _decoded(catalog.some(["tags"], runs)["tags"]),
    "created_at": lambda catalog, runs: catalog.created_at[runs],
    "duration": lambda catalog, runs: durations(catalog, runs, catalog.statuses(runs), time.time()),
    "diverged": diverged,
    "damaged": lambda catalog, runs: catalog.damaged(runs, catalog.statuses(runs)["status"]),
    "queue": lambda catalog, runs: _or_none(_reached(catalog.some(["facts"], runs)["facts"], _QUEUE)),
    "started_by": lambda catalog, runs: started_by(
        catalog, runs, catalog.with_text("facts", ASKED, without_starter(catalog, runs))
    ),
    "edited_by": edited_by,
}

# The types of those that are not text.
NUMBERS: dict[str, type] = {
    **dict.fromkeys(("archived", "diverged"), np.bool_),
    **dict.fromkeys(("dropped", "damaged"), np.int64),
    **dict.fromkeys(("seen_at", "finished_at", "created_at", "duration"), np.float64),
}

# Groups of fields: JSON in columns with their names.
_GROUPS = ("facts", "packages", "env")


def _reached(column: Array, path: Path) -> Column:
    """What is at a path, the name of the column first, in each of these JSON documents."""
    if path[0] == "packages" and len(path) > 1:
        path = (path[0], re.sub("[-_.]+", "-", path[1]).lower(), *path[2:])
    texts = coded(column)
    keys = [dumps(part) for part in path[1:]]
    # A text without the names of all keys need not be decoded.
    documents = checked(texts.values)
    decoded = (json.loads(text) if text and all(key in text for key in keys) else {} for text in documents)
    return Column(texts.codes, [_reach(value, path[1:]) for value in decoded])


def _reach(value: Any, path: Path) -> Any:
    for part in path:
        if not isinstance(value, dict) or part not in value:
            return MISSING
        value = value[part]
    return value


def _leaf(catalog: Catalog, path: Path, runs: Ints) -> Column:
    owners, _, texts = catalog.params({path}, runs)
    return _one_each(catalog, owners, texts, runs)


def _one_each(catalog: Catalog, owners: Ints, texts: Sequence[str], runs: Ints) -> Column:
    """The values of runs of which each has one at most, as JSON."""
    codes = coded(texts)
    places = np.zeros(len(catalog), np.int64)
    places[owners] = codes.codes + 1
    return Column(places[runs], [MISSING, *json.loads(f"[{','.join(codes.values)}]")])


def _nothing(catalog: Catalog, parts: Path, runs: Ints) -> Column:
    return Column(np.zeros(len(runs), np.int64), [MISSING])


def _param(catalog: Catalog, parts: Path, chosen: Ints) -> Column:
    """The param that is named in each of the chosen runs. Single values precede groups of the same name; then the
    order of `spellings` decides."""
    leaves = set(catalog.param_paths)
    bases = spellings(parts, leaves)
    wanted = {base: [path for path in leaves if path[: len(base)] == base] for base in bases}
    runs, paths, texts = catalog.params({path for some in wanted.values() for path in some}, chosen)
    if len(bases) == 1 and wanted[bases[0]] == bases:
        return _one_each(catalog, runs, texts, chosen)
    codes = coded(texts)
    values: list[Any] = [MISSING, *json.loads(f"[{','.join(codes.values)}]")]
    run_codes = np.zeros(len(catalog), np.int64)
    rows_of: dict[str, list[int]] = {}
    for row, path in enumerate(checked(paths)):
        rows_of.setdefault(path, []).append(row)
    for base in bases:
        rows = np.array(rows_of.get(SEPARATOR.join(base), []), np.int64)
        free = rows[run_codes[runs[rows]] == 0]
        run_codes[runs[free]] = codes.codes[free] + 1
    for base in bases:
        _take_groups(
            run_codes,
            values,
            base,
            runs,
            [(row, path) for path in wanted[base] if path != base for row in rows_of.get(SEPARATOR.join(path), [])],
            codes,
        )
    return Column(run_codes[chosen], values)


def _take_groups(
    run_codes: Ints, values: list[Any], base: Path, runs: Ints, rows: Iterable[tuple[int, Path]], codes: Column
) -> None:
    groups: dict[int, dict[str, Any]] = {}
    for row, path in checked(rows):
        run = int(runs[row])
        if run_codes[run] == 0:
            inner = groups.setdefault(run, {})
            for part in path[len(base) : -1]:
                inner = inner.setdefault(part, {})
            inner[path[-1]] = json.loads(codes.values[codes.codes[row]])
    for run, group in groups.items():
        run_codes[run] = len(values)
        values.append(group)


def spellings(parts: Path, leaves: Iterable[Path]) -> list[Path]:
    """The paths of params or groups that `parts` may name, in order: as written, in the group `default`, in `params`,
    in any other group; then the same without a leading "params"."""
    there = {path[:end] for path in leaves for end in range(1, len(path) + 1)}
    groups = ["default", "params", *sorted({path[0] for path in there} - {"default", "params"})]
    readings = [parts, parts[1:]] if parts[0] == "params" and len(parts) > 1 else [parts]
    candidates = [base for reading in readings for base in (reading, *((group, *reading) for group in groups))]
    return [base for base in dict.fromkeys(candidates) if base in there]
