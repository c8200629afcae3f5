"""Searches a table of runs: a run matches if each word of the text is in any of its columns, as `shown.py` writes
them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.index.catalog import Catalog
from aim.index.ints import Ints
from aim.index.series import SeriesRows
from aim.index.tables import with_param_text
from aim.query import aggregate
from aim.query.columns import Column, coded
from aim.query.direction import direction_of
from aim.query.nodes import Aggregate, Reference
from aim.query.shown import date_text, duration_text, number_text, value_text, zone_of

Flags = npt.NDArray[np.bool_]
VALUES = ("last", "best", "min", "max", "mean", "first")
# The statistics that these values are made of.
STATS = ("last", "min", "max", "first", "sum", "sum_rest", "nonfinite")
# The characters in the text of a number; words with others are in no column of numbers.
_NUMERIC = re.compile(r"[-−+.\de∞]+|-?[infty]+|[na]+")


class Numbers(NamedTuple):
    """The metric columns of a table: these values of every metric, other values of some metrics in one context
    (`aggregate.words`), and metrics where another one is best."""

    values: tuple[str, ...] = ("last",)
    own: tuple[tuple[str, tuple[tuple[str, str], ...], tuple[str, ...]], ...] = ()
    besides: tuple[Aggregate, ...] = ()


@dataclass(frozen=True)
class Find:
    """The runs with each word of a text in one of their columns. `zone`: the time zone of the table."""

    text: str
    numbers: Numbers = Numbers()
    zone: str = "UTC"

    def __post_init__(self) -> None:
        zone_of(self.zone)

    @property
    def words(self) -> list[str]:
        return self.text.lower().split()

    @property
    def is_numeric(self) -> bool:
        """Whether a word may be in a number of a metric."""
        return any(map(_NUMERIC.fullmatch, self.words))

    @property
    def needs_series(self) -> bool:
        """Whether a word may be in a value of a metric column, other than of `besides`."""
        return self.is_numeric and bool(self.numbers.values or self.numbers.own)


def texts_of(find: Find) -> dict[Reference, Callable[[Any], str]]:
    """The columns with one value for each run, except params, and how the table writes a value."""
    zone = zone_of(find.zone)
    written: dict[str, Callable[[Any], str]] = {
        **dict.fromkeys(("name", "hash", "experiment", "status", "description"), _or_empty),
        "created_at": lambda at: date_text(at, zone), "duration": duration_text, "tags": ", ".join,
    }  # fmt: skip
    facts = {Reference("run", ("run", name)): text for name, text in written.items()}
    besides = find.numbers.besides if find.is_numeric else ()
    return {**facts, **{Reference("aggregate", (), wanted): _number_or_empty for wanted in besides}}


def with_param(catalog: Catalog, runs: Ints, word: str) -> Ints:
    """The runs with the word in a param. The engine searches JSON in ASCII; params that the table writes differently
    are read here."""
    if not word.isascii():
        return _showing(catalog.params(None, runs), word)
    matching = with_param_text(catalog, json.dumps(word)[1:-1])
    if _NUMERIC.fullmatch(word):
        # The table writes numbers such as 1e-05 without a power of ten.
        powers = [with_param_text(catalog, power, lambda text: _shows(text, word)) for power in ("e-", "e+")]
        matching = np.concatenate([matching, *powers])
    given = np.array(list(catalog.given), np.int64)
    if not len(given):
        return matching
    return np.union1d(np.setdiff1d(matching, given), _showing(catalog.params(None, given), word))


def finding(
    catalog: Catalog,
    find: Find,
    runs: Ints,
    columns: Sequence[Column],
    params: Sequence[Ints],
    series: SeriesRows | None,
) -> Flags:
    """Whether each run matches. `columns`: those of `texts_of`. `params`: the runs `with_param` of each word. `series`:
    all series of the runs, if the text `needs_series`."""
    written = zip(columns, texts_of(find).values(), strict=True)
    texts = [(codes, [text(value).lower() for value in checked(values)]) for (codes, values), text in written]
    numbers = [] if series is None else _number_columns(catalog, find.numbers, series)
    hits = np.ones(len(runs), bool)
    for word, owners in zip(find.words, params, strict=True):
        hit = np.isin(runs, owners)
        for codes, values in texts:
            hit |= _with(word, values)[codes]
        for of, column in numbers if _NUMERIC.fullmatch(word) else ():
            hit |= np.isin(runs, of[_with(word, column.values)[column.codes]])
        hits &= hit
    return hits


def _with(word: str, texts: Sequence[str]) -> Flags:
    return np.array([word in text for text in checked(texts)], bool)


def _showing(params: tuple[Ints, list[str], list[str]], word: str) -> Ints:
    """The runs of those of these params that show a word."""
    owners, _, texts = params
    column = coded(texts)
    good = [_shows(text, word) for text in checked(column.values)]
    return np.asarray(owners[np.array(good, bool)[column.codes]])


# Metrics


def _number_columns(catalog: Catalog, numbers: Numbers, series: SeriesRows) -> list[tuple[Ints, Column]]:
    """For each value that the table shows of metrics, the runs of the series that have it, and its texts."""
    columns = series.columns
    metric, shown = _metrics(numbers, series)
    made = []
    for value in [value for value in VALUES if any(value in some for some in shown)]:
        which = np.flatnonzero(np.array([value in some for some in shown], bool)[metric])
        values = _values(catalog, series, value)[which]
        distinct, codes = np.unique(values, return_inverse=True)
        texts = [number_text(number).lower() for number in checked(distinct.tolist())]
        made.append((columns["run"][which], Column(codes, texts)))
    return made


def _values(catalog: Catalog, series: SeriesRows, value: str) -> npt.NDArray[np.float64]:
    columns = series.columns
    match value:
        case "mean":
            return aggregate.mean(columns)
        case "best":
            names = coded(columns["name"])
            falling = np.array([direction_of(catalog, name) == "min" for name in names.values], bool)[names.codes]
            return aggregate.best(columns["min"], columns["max"], falling)
        case _:
            return columns[value]


def _metrics(numbers: Numbers, series: SeriesRows) -> tuple[Ints, list[tuple[str, ...]]]:
    """Each series' position of its metric and context among the distinct ones, and the values that the table shows of
    each of those."""
    codes: dict[tuple[str, str], int] = {}
    pairs = zip(series.columns["name"].tolist(), series.columns["context"].tolist(), strict=True)
    metric = np.array([codes.setdefault(pair, len(codes)) for pair in checked(pairs)], np.int64)
    own = {(name, words): values for name, words, values in numbers.own}
    words = {text: aggregate.words(json.loads(text)) for _, text in codes}
    return metric, [own.get((name, words[text]), numbers.values) for name, text in codes]


def _or_empty(text: str | None) -> str:
    return text or ""


def _number_or_empty(value: object) -> str:
    return number_text(value) if isinstance(value, int | float) else ""


def _shows(text: str, word: str) -> bool:
    """Whether the table shows a word in a param with this JSON."""
    return word in value_text(json.loads(text)).lower()
