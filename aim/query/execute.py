"""Answers a plan from the columns of the index. A condition is evaluated once for each distinct combination of its
values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.index.catalog import Catalog
from aim.index.ints import Ints, ascending
from aim.index.series import SeriesRows, gather
from aim.index.tables import matching
from aim.query import keep
from aim.query.aggregate import FEW_CONTEXTS
from aim.query.columns import Column, answers, objects, reader, series_reader
from aim.query.evaluate import compile
from aim.query.find import STATS, Find, finding, texts_of, with_param
from aim.query.group import Blocks, Groups, all_but, grouped, in_blocks, member_reader
from aim.query.nodes import Node, Selector, references
from aim.query.order import ordered, value_reader
from aim.query.plan import Filter, Group, Having, Join, Order, Page, Plan, Sample, Scan, SortKey, explain, listing
from aim.query.points import Points, points_of
from aim.query.push import described, pushed
from aim.query.vocabulary import is_called

Array = npt.NDArray[Any]
PUSHED_FROM = 20_000
# The statistics of series that tables and charts show; `mean` is made of the last three.
SHOWN = (
    *("first", "first_step", "last", "last_step", "min", "min_step", "max", "max_step"),
    *("nonfinite", "sum", "sum_rest"),
)


class Answer(NamedTuple):
    """`runs`: their places in the catalog, in the order of the plan. `matched`: their number before a text search,
    `listed`: after it. The page starts at `start`; the run that it should be near is at `near`. `series` are grouped
    by run in the order of the runs, `points` are theirs. `groups` and `blocks`: the groups of the runs, and their
    order."""

    runs: Ints
    matched: int = 0
    listed: int = 0
    series: SeriesRows | None = None
    points: Points | None = None
    start: int = 0
    near: int | None = None
    groups: Groups | None = None
    fold: str = ""
    blocks: Blocks | None = None


def execute(catalog: Catalog, plan: Plan, *, begun: Answer | None = None) -> Answer:
    """`begun`: what the operations before these answered."""
    kept = [] if begun is not None else _kept(plan)
    known = ((length, keep.recall(catalog, plan[:length])) for length in kept)
    done, start = next(((length, answer) for length, answer in known if answer is not None), (0, begun))
    answer: Answer = start or _all(np.arange(len(catalog)))
    for place, operation in checked(enumerate(plan[done:], done)):
        match operation:
            case Scan():
                answer = _all(_scan(catalog, operation))
            case Filter():
                left = _left(catalog, answer.runs, operation.where)
                columns = [reader(name)(catalog, left) for name in references(operation.where)]
                answer = _all(left[fitting(operation.where, columns, len(left))])
            case Having():
                answer = _all(_having(catalog, answer.runs, operation.where))
            case Group():
                by = all_but(catalog, answer.runs, operation.by) if operation.but else operation.by
                columns = [value_reader(node)(catalog, answer.runs) for node in by]
                answer = answer._replace(groups=grouped(catalog, answer.runs, by, columns), fold=operation.fold)
            case Find():
                runs, chosen = answer.runs, answer.runs.tolist()
                columns = [reader(name)(catalog, runs) for name in texts_of(operation)]
                params = [with_param(catalog, runs, word) for word in operation.words]
                rows = gather(catalog, None, chosen, stats=STATS) if operation.needs_series else None
                left = runs[finding(catalog, operation, runs, columns, params, rows)]
                answer = answer._replace(runs=left, listed=len(left))
            case Order():
                groups, runs = answer.groups, answer.runs
                read = value_reader if groups is None else partial(member_reader, places=groups.place[runs])
                columns = [read(key.column)(catalog, runs) for key in operation.keys]
                answer = _in_order(catalog, answer, operation.keys, columns)
            case Page():
                answer = _cut(catalog, answer, operation)
            case Join():
                contexts = _contexts(catalog, operation.where)
                rows = _series(catalog, answer.runs, operation, contexts)
                if operation.where is not None and contexts is None and len(rows):
                    readers = [series_reader(name, rows.columns) for name in references(operation.where)]
                    columns = [read(catalog, rows.columns["run"]) for read in readers]
                    rows = rows.take(np.flatnonzero(fitting(operation.where, columns, len(rows))))
                answer = _joined(catalog, answer, rows, keep=operation.keep)
            case Sample():
                rows = gather(catalog, []) if answer.series is None else answer.series
                points = points_of(rows, catalog.created_at[rows.columns["run"]], operation)
                answer = answer._replace(series=rows, points=points)
        if place + 1 in kept:
            keep.remember(catalog, plan[: place + 1], answer)
    return answer


def _kept(plan: Plan) -> list[int]:
    """How many first operations of a plan have an answer that is kept: those that decide which runs are listed, and in
    which order; and those of them that choose the runs, as what else is asked about a list needs."""
    listed = listing(plan)
    chosen = [operation for operation in listed if isinstance(operation, Scan | Filter | Having)]
    return [length for length in dict.fromkeys((len(listed), len(chosen))) if length]


def _all(runs: Ints) -> Answer:
    return Answer(runs, len(runs), len(runs))


def _in_order(catalog: Catalog, answer: Answer, keys: Sequence[SortKey], columns: Sequence[Column]) -> Answer:
    if answer.groups is None:
        return answer._replace(runs=ordered(answer.runs, keys, columns))
    runs, blocks = in_blocks(catalog, answer.runs, keys, columns, answer.groups, answer.fold)
    return answer._replace(runs=runs, blocks=blocks)


def _cut(catalog: Catalog, answer: Answer, page: Page) -> Answer:
    place = None
    if page.near is not None and page.near in catalog.index:
        at = np.flatnonzero(answer.runs == catalog.index[page.near])
        place = int(at[0]) if len(at) else None
    start = page.offset if place is None else max(0, place - page.before)
    return answer._replace(runs=answer.runs[start : start + page.limit], start=start, near=place)


def _scan(catalog: Catalog, scan: Scan) -> Ints:
    chosen = np.ones(len(catalog), bool)
    if scan.only is not None:
        chosen &= np.isin(np.arange(len(catalog)), [catalog.index[id] for id in scan.only if id in catalog.index])
    if not scan.archived:
        chosen &= ~np.array(catalog.column("archived"), bool)
    return np.flatnonzero(chosen)


def _left(catalog: Catalog, runs: Ints, where: Node) -> Ints:
    """The runs that may match according to the engine. For few runs, evaluating all of them is faster."""
    condition = pushed(where, frozenset(catalog.param_paths)) if len(runs) >= PUSHED_FROM else None
    if condition is None:
        return runs
    may_match = np.zeros(len(catalog), bool)
    may_match[matching(catalog, condition)] = True
    return runs[may_match[runs]]


def explained(catalog: Catalog, plan: Plan) -> list[str]:
    """The plan in words, one line per operation, and below a filter the part that the engine answers."""
    lines, engine = [], "ClickHouse" if catalog.remote else "DuckDB"
    for operation, line in zip(plan, explain(plan), strict=True):
        lines.append(line)
        if isinstance(operation, Filter):
            condition = pushed(operation.where, frozenset(catalog.param_paths))
            lines.append(f"  in {engine}: {described(condition) if condition else 'nothing'}")
            if condition and len(catalog) < PUSHED_FROM:
                lines.append(f"  not used: {len(catalog):,} runs; worthwhile from {PUSHED_FROM:,}")
    return lines


def fitting(where: Node, columns: Sequence[Column], count: int) -> npt.NDArray[np.bool_]:
    """For which of `count` rows the condition holds; `columns` are those of its references."""
    codes, values = answers(columns, compile(where, references(where)), count)
    return np.array([bool(value) for value in values], bool)[codes]


def _having(catalog: Catalog, runs: Ints, where: Node) -> Ints:
    rows = gather(catalog, None, runs.tolist(), stats=())
    asked, runs_of = references(where), rows.columns["run"]
    columns = [series_reader(name, rows.columns)(catalog, runs_of) for name in asked]
    without = np.setdiff1d(runs, runs_of)
    others = [reader(name)(catalog, without) for name in asked]
    return np.union1d(
        runs_of[fitting(where, columns, len(rows))], without[fitting(where, others, len(without))]
    ).astype(np.int64)


# series


def _contexts(catalog: Catalog, where: Node | None) -> list[str] | None:
    """The contexts (JSON) for which a condition about nothing else holds, so that other series are not read; None if it
    is about something else, or if there are too many contexts to try them all."""
    asked = () if where is None else references(where)
    if where is None or catalog.remote or any(name.kind != "context" for name in asked):
        return None
    if len(texts := catalog.contexts) > FEW_CONTEXTS:
        return None
    columns = [series_reader(name, {"context": objects(texts)})(catalog, np.empty(0, np.int64)) for name in asked]
    return [text for text, holds in zip(texts, fitting(where, columns, len(texts)).tolist(), strict=True) if holds]


def _series(catalog: Catalog, runs: Ints, join: Join, contexts: Sequence[str] | None) -> SeriesRows:
    """The series of the join's metrics in these contexts (None: all)."""
    if join.names is not None:
        return gather(catalog, set(join.names), runs.tolist(), stats=SHOWN, contexts=contexts)
    wanted = (
        {}
        if join.metrics is None
        else {prefix: _named(join.metrics, prefix, catalog) for prefix in catalog.open_prefixes}
    )
    names = None if join.metrics is None else set[str]().union(*wanted.values())
    rows = gather(catalog, names, runs.tolist(), stats=SHOWN, contexts=contexts)
    return rows.take(_from_its_source(catalog, rows, wanted)) if len(wanted) > 1 else rows


def _joined(catalog: Catalog, answer: Answer, rows: SeriesRows, *, keep: bool) -> Answer:
    """`keep`: also the runs without such a series, in the order that they have."""
    if not keep:
        return answer._replace(runs=ascending(rows.columns["run"]).astype(np.int64), series=rows)
    place = np.empty(len(catalog), np.int64)
    place[answer.runs] = np.arange(len(answer.runs))
    order = np.argsort(place[rows.columns["run"]], kind="stable")
    return answer._replace(series=rows.take(order))


def _named(metrics: Sequence[Selector], prefix: str, catalog: Catalog) -> set[str]:
    """The selected series of one source. A name without a prefix means the repository's own series."""
    asked = {item.parts[0] for item in metrics if (item.source or "") == prefix}
    if not prefix or not asked:
        return asked
    return {name for name in catalog.names(prefix) if any(is_called(name, wanted) for wanted in asked)}


def _from_its_source(catalog: Catalog, rows: SeriesRows, wanted: Mapping[str, set[str]]) -> Ints:
    prefixes = [catalog.prefixes[run] for run in rows.columns["run"].tolist()]
    called = rows.columns["name"].tolist()
    return np.flatnonzero([name in wanted[prefix] for name, prefix in checked(zip(called, prefixes, strict=True))])
