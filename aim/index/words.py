"""The names of metrics, the contexts and the paths of params in a database, each with a run that has it, so
that nobody reads the rows of all runs to list them.

A fold notes new words before the rows of their runs. When a run is gone, or has other records than before, its words
are looked for in other runs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np

from aim.clickhouse import folds
from aim.clickhouse.database import Database
from aim.clickhouse.schema import WORDS
from aim.clickhouse.table import DistantTable
from aim.engine import Columns, batches_of
from aim.index.segment import column


class IndexedWord(NamedTuple):
    """A text in a column of a table."""

    kind: str
    text: str


class Holder(NamedTuple):
    """A run, and the state of it to which a row with the word belongs."""

    run: int
    at: int


class Words:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: dict[IndexedWord, Holder] | None = None
        self._lost: set[IndexedWord] = set()

    def take(
        self, tables: Mapping[str, Columns], states: Mapping[int, Mapping[str, int]], gone: Collection[int], number: int
    ) -> None:
        """Note the new words in rows of `series` and `params`. `states`: of each run of this fold, to which state its
        rows in these tables belong. `gone`: the runs that are gone."""
        held = self._known()
        changed = {
            word
            for word, (run, at) in held.items()
            if run in gone or (run in states and states[run][WORDS[word.kind]] != at)
        }
        self._lost |= changed
        new = {
            IndexedWord(kind, text): Holder(run, states[run][table])
            for kind, table in WORDS.items()
            for text, run in dict(zip(tables[table][kind].tolist(), tables[table]["run"].tolist(), strict=True)).items()
            if (kind, text) not in held or (kind, text) in self._lost
        }
        self._note(new, number)

    def settle(self, number: int) -> None:
        """After the rows of runs: name another run for each word that its run no longer has, or forget the word."""
        for kind, table in WORDS.items():
            for texts in batches_of(sorted(word.text for word in self._lost if word.kind == kind)):
                found = DistantTable(self._database.client, table).found(kind, texts)
                columns = (found[name].tolist() for name in (kind, "run", "segment"))
                self._note(
                    {IndexedWord(kind, text): Holder(run, at) for text, run, at in zip(*columns, strict=True)}, number
                )
                self._forget(kind, [text for text in texts if IndexedWord(kind, text) in self._lost])

    def _known(self) -> dict[IndexedWord, Holder]:
        """What the database has. A process before this one may have been killed before it had `settled`."""
        if self._held is None:
            read = DistantTable(self._database.client, "words").read(["kind", "text", "run", "at"], {})
            kinds, texts, runs, ats = (read[name].tolist() for name in ("kind", "text", "run", "at"))
            self._held = {
                IndexedWord(kind, text): Holder(run, at)
                for kind, text, run, at in zip(kinds, texts, runs, ats, strict=True)
                if kind in WORDS
            }
            rows = DistantTable(self._database.client, "runs").read(["run", "since", "params_at"], {})
            states = zip(*(rows[name].tolist() for name in ("run", "since", "params_at")), strict=True)
            current = {run: {"series": since, "params": params_at} for run, since, params_at in states}
            self._lost = {
                word for word, (run, at) in self._held.items() if current.get(run, {}).get(WORDS[word.kind]) != at
            }
        return self._held

    def _note(self, words: Mapping[IndexedWord, Holder], number: int) -> None:
        if not words:
            return
        kinds, texts = ([word[place] for word in words] for place in (0, 1))
        columns: Columns = {"kind": column(kinds, "VARCHAR"), "text": column(texts, "VARCHAR")}
        columns["run"], columns["at"] = np.array(list(words.values()), np.int64).T
        columns["number"] = np.full(len(words), number)
        self._database.insert("words", columns)
        self._known().update(words)
        self._lost.difference_update(words)

    def _forget(self, kind: str, texts: Collection[str]) -> None:
        if texts:
            folds.forget(self._database, kind, texts)
            for text in texts:
                self._known().pop(IndexedWord(kind, text), None)
                self._lost.discard(IndexedWord(kind, text))
