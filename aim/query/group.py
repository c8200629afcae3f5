"""Groups of runs as rows of a table: shared values, order, and one value per column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.index.catalog import Catalog
from aim.index.ints import Ints, ascending, spread
from aim.index.tables import params_of
from aim.query.columns import Column, coded, param_of
from aim.query.nodes import MISSING, Node, Reference
from aim.query.order import comparable, in_order, ranks_of, value_reader
from aim.query.plan import SortKey
from aim.query.shown import value_text

Floats = npt.NDArray[np.float64]
# How many distinct values of a group are listed.
_MAX_LISTED = 12


@dataclass(frozen=True)
class Groups:
    """`place`: the position of each run's group, -1 for other runs. `values`: the shared values of each group, one for
    each column of `by`; MISSING if the runs have none."""

    by: tuple[Node, ...]
    place: Ints
    values: list[tuple[Any, ...]]


class Blocks(NamedTuple):
    """Groups in the order of a table: their positions among all groups, and their numbers of listed runs. The runs of a
    group are contiguous."""

    places: Ints
    sizes: Ints

    @property
    def starts(self) -> Ints:
        return np.cumsum(self.sizes) - self.sizes


class Cells(NamedTuple):
    """One column of some groups, with an element for each group. A column of numbers has `numbers` (one for all runs of
    a group), `there` (how many runs have one), how many of these `diverged` to NaN or infinity, and the min and max of
    the others (`low`, `high`). Any other column has the number of `distinct` values, and `some` of them."""

    numbers: Floats | None
    there: Ints
    diverged: Ints
    low: Floats
    high: Floats
    distinct: list[int]
    some: list[list[Any]]


def grouped(catalog: Catalog, runs: Ints, by: tuple[Node, ...], read: Sequence[Column]) -> Groups:
    """The groups of runs, ordered by their shared values. `read`: the values of these runs for each node of `by`."""
    columns = [_ranked(catalog, node, column) for node, column in zip(by, read, strict=True)]
    codes = np.zeros(len(runs), np.int64)
    for column in columns:
        _, codes = np.unique(codes * max(1, len(column.values)) + column.codes, return_inverse=True)
    _, first = np.unique(codes, return_index=True)
    place = np.full(len(catalog), -1)
    place[runs] = codes
    values = [tuple(column.values[column.codes[at]] for column in columns) for at in checked(first.tolist())]
    return Groups(by, place, values)


def all_but(catalog: Catalog, runs: Ints, without: Sequence[Node]) -> tuple[Node, ...]:
    """Every param in which the runs differ, except those of `without` and the params below them."""
    left = [node.parts for node in without if isinstance(node, Reference) and node.kind == "leaf"]
    differing = [param.path for param in params_of(catalog, runs) if param.differing]
    return tuple(
        Reference("leaf", path) for path in differing if not any(path[: len(parts)] == parts for parts in left)
    )


def _ranked(catalog: Catalog, node: Node, column: Column) -> Column:
    """The column with its distinct values sorted. Values with the same text in a table are equal."""
    known = [MISSING if _is_missing(node, value) else value for value in column.values]
    texts = coded([None if value is MISSING else (type(value) is str, value_text(value)) for value in checked(known)])
    first = {code: at for at, code in reversed(list(enumerate(texts.codes.tolist())))}
    distinct = [known[first[code]] for code in range(len(texts.values))]
    keys = _keys(catalog, node, distinct)
    order = in_order(range(len(keys)), key=keys.__getitem__)
    rank = np.empty(len(distinct), np.int64)
    rank[order] = np.arange(len(distinct))
    return Column(rank[texts.codes][column.codes], [distinct[at] for at in order])


def _is_missing(node: Node, value: object) -> bool:
    own = isinstance(node, Reference) and node.kind == "run"
    return value is MISSING or (own and (value is None or value == []))


def _keys(catalog: Catalog, node: Node, values: Sequence[Any]) -> list[Any]:
    """What values sort by: runs by start, everything else by value."""
    if node == Reference("run", ("run", "id")):
        starts = catalog.created_at[[catalog.index[id] for id in values]].tolist()
        return list(zip(starts, values, strict=True))
    known = [(value, comparable(value)) for value in checked(values)]
    return [(key is None, key or (), value_text(value) if key else "") for value, key in checked(known)]


def member_reader(node: Node, places: Ints) -> Callable[[Catalog, Ints], Column]:
    """The function that reads what runs count with in their groups, which are at `places`. In a group of several runs,
    the best value of one whose metric ends in NaN or infinity counts as little as its last value."""
    aggregate = node.aggregate if isinstance(node, Reference) else None
    if not isinstance(node, Reference) or aggregate is None or aggregate.reducer != "best":
        return value_reader(node)
    last = value_reader(replace(node, aggregate=replace(aggregate, reducer="last")))
    _, groups, sizes = np.unique(places, return_inverse=True, return_counts=True)
    alone = sizes[groups] == 1

    def read(catalog: Catalog, runs: Ints) -> Column:
        codes, values = value_reader(node)(catalog, runs)
        counts = alone | np.isfinite(_numbers(last(catalog, runs))) | (codes == 0)
        return Column(np.where(counts, codes, len(values)), [*values, np.nan])

    return read


# The order of groups


def in_blocks(
    catalog: Catalog, runs: Ints, keys: Sequence[SortKey], read: Sequence[Column], groups: Groups, fold: str
) -> tuple[Ints, Blocks]:
    """Runs by group: the runs of a group sorted by the keys, and the groups by their own values. `read`: the values of
    these runs for each key."""
    place = groups.place[runs]
    ranks = [ranks_of(column, descending=key.descending) for key, column in zip(keys, read, strict=True)]
    order = np.lexsort((runs, *reversed(ranks), place))
    runs, columns = runs[order], [Column(column.codes[order], column.values) for column in read]
    places, sizes = np.unique(groups.place[runs], return_counts=True)
    blocks = Blocks(places, sizes)
    if not keys or not len(runs):
        return runs, blocks
    pairs = zip(keys, columns, strict=True)
    by = [rank for key, column in pairs for rank in _block_ranks(catalog, column, key, blocks, fold)]
    order = np.lexsort((places, *reversed(by)))
    whole = spread(blocks.starts[order], sizes[order])
    return runs[whole], Blocks(places[order], sizes[order])


def _ranges(blocks: Blocks, order: Ints) -> list[tuple[int, int]]:
    return list(zip(blocks.starts[order].tolist(), blocks.sizes[order].tolist(), strict=True))


def _block_ranks(catalog: Catalog, column: Column, key: SortKey, blocks: Blocks, fold: str) -> list[Any]:
    if not _is_number(catalog, key.column):
        return [ranks_of(column, descending=key.descending)[blocks.starts]]
    numbers = _folded(_numbers(column), blocks, _fold_of(key.column, fold))
    return [np.isnan(numbers), -numbers if key.descending else numbers]


def _is_number(catalog: Catalog, node: Node) -> bool:
    """Whether the table shows one number for all runs of a group."""
    if not isinstance(node, Reference):
        return False
    return node.parts == ("run", "duration") or (node.kind == "aggregate" and param_of(node, catalog.metrics) is None)


def _fold_of(node: Node, fold: str) -> str:
    return fold if isinstance(node, Reference) and node.kind == "aggregate" else "mean"


def _numbers(column: Column) -> Floats:
    """The number of each run, NaN if it has none."""
    values = [value if isinstance(value, int | float) else np.nan for value in column.values]
    return np.array(values, np.float64)[column.codes] if values else np.empty(0)


def _iqm(numbers: Floats) -> float:
    cut = len(numbers) // 4
    return float(numbers[cut : len(numbers) - cut].mean())


FOLDS: dict[str, Callable[[Floats], float]] = {
    "mean": lambda numbers: float(numbers.mean()),
    "median": lambda numbers: float(np.median(numbers)),
    "min": lambda numbers: float(numbers[0]),
    "max": lambda numbers: float(numbers[-1]),
    "iqm": _iqm,
}


def _folded(numbers: Floats, blocks: Blocks, fold: str) -> Floats:
    """One number per group, from the finite numbers of its runs. A single run keeps its number."""
    made = numbers[blocks.starts]
    several = np.flatnonzero(blocks.sizes > 1)
    for at, (start, size) in zip(several.tolist(), checked(_ranges(blocks, several)), strict=True):
        some = numbers[start : start + size]
        finite = np.sort(some[np.isfinite(some)])
        made[at] = FOLDS[fold](finite) if len(finite) else np.nan
    return made


# The cells of groups


def cells_of(catalog: Catalog, runs: Ints, blocks: Blocks, node: Node, fold: str) -> Cells:
    """The cells of one column for groups with these runs."""
    column = member_reader(node, np.repeat(np.arange(len(blocks.sizes)), blocks.sizes))(catalog, runs)
    ranges = _ranges(blocks, np.arange(len(blocks.sizes)))
    if not _is_number(catalog, node):
        kinds = [ascending(column.codes[start : start + size]).tolist() for start, size in checked(ranges)]
        some = [[_plain(column.values[code]) for code in codes[:_MAX_LISTED]] for codes in kinds]
        nothing = np.full(len(ranges), np.nan)
        none = np.zeros(len(ranges), np.int64)
        return Cells(None, none, none, nothing, nothing, [len(codes) for codes in kinds], some)
    numbers = _numbers(column)
    has = np.array([value is not MISSING for value in column.values], bool)[column.codes]
    ends = [_ends(numbers[start : start + size]) for start, size in checked(ranges)]
    there, diverged = (
        np.array([int(some[start : start + size].sum()) for start, size in ranges], np.int64)
        for some in (has, has & ~np.isfinite(numbers))
    )
    low, high = np.array([end[0] for end in ends]), np.array([end[1] for end in ends])
    return Cells(_folded(numbers, blocks, _fold_of(node, fold)), there, diverged, low, high, [], [])


def _plain(value: Any) -> Any:
    return None if value is MISSING else value


def _ends(numbers: Floats) -> tuple[float, float]:
    finite = numbers[np.isfinite(numbers)]
    return (float(finite.min()), float(finite.max())) if len(finite) > 1 else (np.nan, np.nan)
