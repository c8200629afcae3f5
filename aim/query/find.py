"""Searches a table of runs: a run matches if each word of the text is in any of its columns, as `shown.py` writes
them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.index.catalog import Catalog
from aim.index.segment import Ints, ascending
from aim.index.series import SeriesRows, gather
from aim.index.tables import with_param_text
from aim.query import aggregate
from aim.query.columns import FIELDS, coded
from aim.query.nodes import Aggregate
from aim.query.shown import date_text, duration_text, number_text, short_hash, value_text, zone_of
from aim.threads import cached_property

Array = npt.NDArray[Any]
FactTexts = list[tuple[Ints, list[str]]]
Flags = npt.NDArray[np.bool_]
VALUES = ("last", "min", "max", "mean", "first")
# The characters in the text of a number; words with others are in no column of numbers.
_NUMERIC = re.compile(r"[-−+.\de∞]+|-?[infty]+|[na]+")
_STATS = ("last", "min", "max", "first", "sum", "sum_rest", "nonfinite")


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


def finding(catalog: Catalog, runs: Ints, find: Find) -> Flags:
    """Whether each run matches."""
    search = _Search(catalog, runs, find)
    facts = search.facts() if find.words else []
    hits = np.ones(len(runs), bool)
    for word in find.words:
        hits &= search.has(word, facts)
    return hits


class _Search:
    """The texts of some runs, computed when a word first needs them."""

    def __init__(self, catalog: Catalog, runs: Ints, find: Find) -> None:
        self.catalog = catalog
        self.runs = runs
        self.find = find

    def has(self, word: str, facts: FactTexts) -> Flags:
        hits = np.zeros(len(self.runs), bool)
        for codes, texts in facts:
            hits |= np.array([word in text for text in checked(texts)], bool)[codes]
        hits |= np.isin(self.runs, self._with_param(word))
        return hits | np.isin(self.runs, self._with_number(word)) if _NUMERIC.fullmatch(word) else hits

    def facts(self) -> FactTexts:
        """The facts of every run, as codes and the texts of the codes."""
        zone = zone_of(self.find.zone)
        written: dict[str, Callable[[Any], str]] = {
            **dict.fromkeys(("experiment", "status", "description"), _or_empty),
            "created_at": lambda at: date_text(at, zone), "duration": duration_text, "tags": ", ".join,
        }  # fmt: skip
        names, hashes = (FIELDS[name](self.catalog, self.runs) for name in ("name", "hash"))
        both = coded([f"{name or short_hash(hash)} {hash}".lower() for name, hash in zip(names, hashes, strict=True)])
        facts = [(both.codes, list(both.values))]
        for name, text in written.items():
            codes, values = coded(FIELDS[name](self.catalog, self.runs))
            facts.append((codes, [text(value).lower() for value in values]))
        return facts

    # Params

    def _with_param(self, word: str) -> Ints:
        """The runs with the word in a param. The engine searches JSON in ASCII; params that the table writes
        differently are read here."""
        if not word.isascii():
            return self._reading(self.runs, word)
        matching = with_param_text(self.catalog, json.dumps(word)[1:-1])
        if _NUMERIC.fullmatch(word):
            # The table writes numbers such as 1e-05 without a power of ten.
            powers = [with_param_text(self.catalog, power, lambda text: _shows(text, word)) for power in ("e-", "e+")]
            matching = np.concatenate([matching, *powers])
        given = np.array(list(self.catalog.given), np.int64)
        if not len(given):
            return matching
        return np.union1d(np.setdiff1d(matching, given), self._reading(given, word))

    def _reading(self, runs: Ints, word: str) -> Ints:
        """Those of these runs with the word in a param."""
        owners, _, texts = self.catalog.params(None, runs)
        column = coded(texts)
        good = [_shows(text, word) for text in checked(column.values)]
        return np.asarray(owners[np.array(good, bool)[column.codes]])

    # Metrics

    def _with_number(self, word: str) -> Ints:
        """The runs with the word in a number of a metric."""
        numbers = self.find.numbers
        matching = [self._among(value, word) for value in VALUES if self._wants(value)]
        for wanted in numbers.besides:
            codes, values = aggregate.of_runs(self.catalog, wanted, self.runs)
            good = [isinstance(value, int | float) and word in number_text(value).lower() for value in checked(values)]
            matching.append(self.runs[np.array(good, bool)[codes]])
        return ascending(np.concatenate(matching)) if matching else np.empty(0, np.int64)

    def _wants(self, value: str) -> bool:
        numbers = self.find.numbers
        return value in numbers.values or any(value in own for _, _, own in numbers.own)

    def _among(self, value: str, word: str) -> Ints:
        """The runs with the word in this value of a metric."""
        columns = self.series.columns
        shown = np.flatnonzero(np.array([value in own for own in self.shown], bool)[self.metric])
        numbers = (aggregate.mean(columns) if value == "mean" else columns[value])[shown]
        distinct, codes = np.unique(numbers, return_inverse=True)
        good = np.array([word in number_text(number).lower() for number in checked(distinct.tolist())], bool)
        return np.asarray(columns["run"][shown[good[codes]]] if len(distinct) else shown)

    @cached_property
    def series(self) -> SeriesRows:
        return gather(self.catalog, None, self.runs.tolist(), stats=_STATS)

    @cached_property
    def metric(self) -> Ints:
        """Each series' position of its metric and context among the distinct ones."""
        return self._metrics[0]

    @cached_property
    def shown(self) -> list[tuple[str, ...]]:
        """The values that the table shows of each distinct metric and context."""
        own: Mapping[Any, tuple[str, ...]] = {(name, words): values for name, words, values in self.find.numbers.own}
        texts = {text: aggregate.words(json.loads(text)) for _, text in self._metrics[1]}
        return [own.get((name, texts[text]), self.find.numbers.values) for name, text in self._metrics[1]]

    @cached_property
    def _metrics(self) -> tuple[Ints, list[tuple[str, str]]]:
        columns = self.series.columns
        codes: dict[tuple[str, str], int] = {}
        pairs = zip(columns["name"].tolist(), columns["context"].tolist(), strict=True)
        metric = np.array([codes.setdefault(pair, len(codes)) for pair in checked(pairs)], np.int64)
        return metric, list(codes)


def _or_empty(text: str | None) -> str:
    return text or ""


def _shows(text: str, word: str) -> bool:
    """Whether the table shows a word in a param with this JSON."""
    return word in value_text(json.loads(text)).lower()
