"""A slow and simple evaluator of queries over the runs of a case file: one run and one series at a time."""

from __future__ import annotations

import math
import re
from typing import Any

from aim.log.direction import guessed
from aim.query.evaluate import compile
from aim.query.nodes import MISSING, Aggregate, Node, Reference, Selector, names_archived, references
from aim.query.parse import parse_expression, parse_statement
from aim.query.vocabulary import Vocabulary, settle
from tests.query.casebook import QueryCase, RunCase, SeriesCase

Point = tuple[int, float]


def answer(case: QueryCase, runs: list[RunCase]) -> list[str]:
    if case.filters_runs:
        where = parse_expression(case.query.removeprefix("if "))
        fitting = [run for run in runs if fits_run(where, run)]
        return [run.hash for run in in_order(case, fitting)] if case.order or case.group else by_name(fitting)
    statement = parse_statement(case.query)
    select = settle(statement.select, vocabulary(runs))
    found = [
        (run, series)
        for run in runs
        for series in run.series
        if any(item.kind == "all" or is_called(series.name, item) for item in select)
        if fits(statement.where, run, series)
    ]
    if case.sample is None:
        return sorted(f"{run.hash} {series}" for run, series in found)
    steps = [step for _, series in found for step, _ in series.points]
    kept = [sampled(series.points, case.sample, min(steps), max(steps)) for _, series in found]
    texts = [" ".join(f"{step}={float(value)}" for step, value in points) for points in kept]
    return sorted(f"{run.hash} {series} {text}" for (run, series), text in zip(found, texts, strict=True))


def by_name(runs: list[RunCase]) -> list[str]:
    return sorted(run.hash for run in runs)


def in_order(case: QueryCase, runs: list[RunCase]) -> list[RunCase]:
    """Newest first; then by the columns from the last to the first; then by group."""
    runs = sorted(runs, key=lambda run: -run.created_at)
    for column, descending in reversed(case.order):
        known = [run for run in runs if rank(of_column(column, run)) is not None]
        known.sort(key=lambda run: rank(of_column(column, run)), reverse=descending)  # type: ignore[arg-type,return-value]
        nan = [run for run in runs if (of := of_column(column, run)) != of]
        runs = known + nan + [run for run in runs if run not in known and run not in nan]
    shared = {run.hash: [rank(of_column(column, run)) for column in case.group] for run in runs}
    if not case.order:
        return sorted(runs, key=lambda run: [(value is None, value or ()) for value in shared[run.hash]])
    first: dict[str, int] = {}
    for run in runs:
        first.setdefault(str(shared[run.hash]), len(first))
    return sorted(runs, key=lambda run: first[str(shared[run.hash])])


def of_column(column: str, run: RunCase) -> object:
    node = parse_expression(column)
    asked = references(node)
    assert node is not None
    return compile(node, asked)([value(reference, run, None) for reference in asked])


def rank(value: object) -> tuple[int, Any] | None:
    """Numbers, then texts, in which numbers count as such."""
    if value is None or value is MISSING or value in ([], ()):
        return None
    if isinstance(value, int | float):
        return None if math.isnan(value) else (0, value)
    text = ", ".join(value) if isinstance(value, list | tuple) else str(value)
    parts = re.split("([0-9]+)", text.casefold())
    return 1, [int(part) if part.isdigit() else part for part in parts]


def sampled(points: list[Point], columns: int, low: float, high: float) -> list[Point]:
    """Of each pixel column the first, last, min and max point, and the first that is not finite of each kind."""
    if len(points) <= 4 * columns:
        return points
    width = (high - low) / columns
    kept = {points[0], points[-1]}
    for number in range(columns):
        some = [point for point in points if min(int((point[0] - low) / width), columns - 1) == number]
        finite = [point for point in some if math.isfinite(point[1])]
        kept |= {some[0], some[-1]} if some else set()
        kept |= {f(finite, key=lambda point: point[1]) for f in (min, max)} if finite else set()
        kept |= set({str(point[1]): point for point in reversed(some) if point not in finite}.values())
    return [point for point in points if point in kept]


def is_called(name: str, item: Selector) -> bool:
    return item.kind == "metric" and item.source is None and name == item.parts[0]


def vocabulary(runs: list[RunCase]) -> Vocabulary:
    contexts: dict[str, dict[Any, None]] = {}
    for series in (series for run in runs for series in run.series):
        for key, value in series.context.items():
            contexts.setdefault(key, {})[value] = None
    return Vocabulary(
        metrics=sorted({series.name for run in runs for series in run.series}),
        params=sorted({path for run in runs for path in leaves(run.params)}),
        contexts={key: tuple(values) for key, values in contexts.items()},
        experiments=sorted({run.experiment for run in runs}),
        tags=sorted({tag for run in runs for tag in run.tags}),
    )


def leaves(tree: dict[str, Any], above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    paths = []
    for key, value in tree.items():
        paths += leaves(value, (*above, key)) if isinstance(value, dict) and value else [(*above, key)]
    return paths


def fits_run(where: Node | None, run: RunCase) -> bool:
    """A filter that asks for a context or a metric holds when some series of the run fits, or it does without any."""
    if run.series and any(reference.kind in ("context", "metric") for reference in references(where)):
        return any(fits(where, run, series) for series in run.series)
    return fits(where, run, None)


def fits(where: Node | None, run: RunCase, series: SeriesCase | None) -> bool:
    if run.archived and not names_archived(where):
        return False
    if where is None:
        return True
    refs = references(where)
    return bool(compile(where, refs)([value(reference, run, series) for reference in refs]))


def value(reference: Reference, run: RunCase, series: SeriesCase | None) -> object:
    match reference.kind:
        case "run":
            if reference.parts[1] == "diverged":
                return any(diverged(series) for series in run.series)
            return run.hash if reference.parts[1] == "id" else getattr(run, reference.parts[1])
        case "experiment":
            return run.experiment
        case "metric":
            return series.name if series else MISSING
        case "context":
            return series.context.get(reference.parts[1], MISSING) if series else MISSING
        case "aggregate":
            assert reference.aggregate is not None
            if reference.aggregate.by is None and reference.aggregate.metric not in run.metrics:
                return param(reference.parts[1:], run.params)
            return reduced(reference.aggregate, run)
    return param(reference.parts, run.params)


def diverged(series: SeriesCase) -> bool:
    """The last of equal steps counts."""
    _, last = max(enumerate(series.points), key=lambda point: (point[1][0], point[0]))[1]
    return not series.name.startswith(("system/", "system.", "__system__")) and not math.isfinite(last)


def param(parts: tuple[str, ...], params: dict[str, Any]) -> object:
    paths = [parts, parts[1:]] if parts[0] == "params" and len(parts) > 1 else [parts]
    for path in paths:
        groups = ["default", "params", *sorted(set(params) - {"default", "params"})]
        for whole in (path, *((group, *path) for group in groups)):
            value_there = at(whole, params)
            if value_there is not MISSING:
                return value_there
    return MISSING


def at(path: tuple[str, ...], tree: Any) -> object:
    for part in path:
        if not isinstance(tree, dict) or part not in tree:
            return MISSING
        tree = tree[part]
    return tree


def in_context(context: dict[str, Any], asked: Aggregate) -> bool:
    if asked.context is not None:
        return sorted((key, repr(value)) for key, value in context.items()) == list(asked.context)
    return set(asked.words) <= {str(value) for value in context.values()}


def points(asked: Aggregate, run: RunCase) -> list[Point]:
    matching = [
        series.points for series in run.series if series.name == asked.metric and in_context(series.context, asked)
    ]
    return sorted((point for points in matching for point in points), key=lambda point: point[0])


def reduced(asked: Aggregate, run: RunCase) -> object:
    pairs = points(asked, run)
    reducer = asked.reducer.replace("best", guessed((asked.by or asked).metric))
    if asked.by is not None:
        best = extreme(points(asked.by, run), reducer)
        if reducer != asked.reducer and best and math.isinf(best[1]):
            return MISSING
        earlier = [value for step, value in pairs if best and step <= best[0]]
        return earlier[-1] if earlier else MISSING
    if not pairs:
        return MISSING
    known = [value for _, value in pairs if not math.isnan(value)]
    if reducer in ("min", "max", "mean", "at_min", "at_max") and not known:
        return MISSING
    best = extreme(pairs, f"at_{reducer.removeprefix('at_')}")
    if reducer != asked.reducer and best and math.isinf(best[1]):
        return MISSING if reducer.startswith("at_") else math.nan
    return {
        "last": lambda: pairs[-1][1],
        "first": lambda: pairs[0][1],
        "min": lambda: min(known),
        "max": lambda: max(known),
        "mean": lambda: sum(known) / len(known),
        "count": lambda: len(pairs),
        "at_min": lambda: best and best[0],
        "at_max": lambda: best and best[0],
    }[reducer]()


def extreme(pairs: list[Point], reducer: str) -> Point | None:
    """The first point with the min (at_min) or max value."""
    known = [point for point in pairs if not math.isnan(point[1])]
    sign = -1 if reducer == "at_max" else 1
    return min(known, key=lambda point: sign * point[1], default=None)
