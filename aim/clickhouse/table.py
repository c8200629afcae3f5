"""A table of a database as the engine reads it. All SQL of questions is here.

Conditions are pushed down as necessary ones: rows that another row replaces may match too, and what survives is
evaluated by `aim/query`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import isinf
from struct import pack
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from aim.clickhouse import texts
from aim.clickhouse.client import DatabaseClient
from aim.clickhouse.schema import TABLES
from aim.engine import AllOf, Among, Between, Columns, Condition, Contains, HasRow, Remote, Test

_DTYPES: Final = {
    "Int32": np.int32, "Int64": np.int64, "Float64": np.float64, "UInt8": np.bool_, "String": np.object_,
    "Nullable(String)": np.object_,
}  # fmt: skip
# What the columns of `aim/index/schema.py` are here.
_CALLED: Final[dict[str, dict[str, str]]] = {
    "series": {"segment": "since", "series": "ctx", "begin": "upto", "first_writer": "writer", "last_writer": "writer"},
    "objects": {"segment": "since"},
}
_FEW = 64


class DistantTable(Remote):
    def __init__(self, client: DatabaseClient, name: str) -> None:
        self.client = client
        self.name = name
        self.table = TABLES[name]
        self._called = _CALLED.get(name, {})

    def read(self, columns: Sequence[str], among: Mapping[str, Collection[object]]) -> Columns:
        """For points, also those that a fold wrote twice; they are sorted as the table is."""
        if not all(map(len, among.values())):
            return self._typed({}, columns)
        tests = [one_of(self._own(name), values) for name, values in among.items()]
        tests += ["alive = 1"] if self.name == "runs" else []
        where = f" WHERE {' AND '.join(tests)}" if tests else ""
        final, last = (" FINAL", "") if self.name != "points" else ("", f" ORDER BY {_names(self.table.key)}")
        rest = f"FROM `{self._ordered_for(among)}`{final}{where}{last}"
        return self._fetch(columns, rest, whole=among.keys() <= {"run"})

    def _ordered_for(self, among: Mapping[str, Collection[object]]) -> str:
        """The table whose order has the rows of few runs side by side, if there is one."""
        few = "run" in among and "name" not in among and len(among["run"]) <= _FEW
        return self.table.by_run if few and self.table.by_run else self.name

    def checksum(self) -> tuple[int, str]:
        """How many rows count, and a sum of their hashes."""
        counted = f"toInt64(count()) AS rows, toString(sum(cityHash64({_names(list(self.table.columns))}))) AS hash"
        row = self.client.row(f"SELECT {counted} FROM `{self.name}` FINAL{self._where()}", {"rows": int, "hash": str})
        return row["rows"], row["hash"]

    def since(self, columns: Sequence[str], number: int) -> Columns:
        """The rows of runs that a fold after `number` wrote, also of runs that are gone."""
        return self._fetch(columns, f"FROM `{self.name}` FINAL WHERE segment > {number}")

    def distinct(self, columns: Sequence[str], *, limit: int | None = None) -> Columns:
        return self._distinct(columns, self._where() + ("" if limit is None else f" LIMIT {limit}"))

    def holders(self, column: str) -> Columns:
        given = "text AS held, run AS holder, at AS state"
        return self._held(column, f"SELECT {given} FROM words FINAL WHERE kind = '{column}'")

    def found(self, column: str, values: Collection[str]) -> Columns:
        """The same as `holders` for those of these values that some run has, from the rows of all runs."""
        assert self.table.belongs is not None
        given = f"`{column}` AS held, max(run) AS holder, argMax(`{self.table.belongs[0]}`, run) AS state"
        rows = f"FROM `{self.name}`{self._where(one_of(f'`{column}`', values))}"
        return self._held(column, f"SELECT {given} {rows} GROUP BY `{column}`")

    def _held(self, column: str, statement: str) -> Columns:
        rows = self.client.query(statement, {"held": str, "holder": int, "state": int})
        named = {column: "held", "run": "holder", "segment": "state"}
        return self._typed({name: rows[own] for name, own in named.items()} if rows else {}, list(named))

    def containing(self, column: str, text: str, columns: Sequence[str]) -> Columns:
        return self._distinct(columns, self._where(f"position(lower({self._own(column)}), {_text(text)}) > 0"))

    def _distinct(self, columns: Sequence[str], rest: str) -> Columns:
        statement = f"SELECT DISTINCT {self._selected(columns)} FROM `{self.name}`{rest}"
        rows = self.client.query(statement, self._kinds(columns))
        return self._typed(rows, columns)

    def counted(self, runs: npt.NDArray[Any], by: Sequence[str], *, column: str | None, values: bool) -> Columns:
        counts = {"runs": "uniqExact(`run`)"}
        if column is not None:
            counts["differing"] = f"min(`{column}`) != max(`{column}`)"
        if values:
            counts["values"] = f"uniqExact(`{column}`)"
        selected = ", ".join(f"toInt64({count}) AS `{name}`" for name, count in counts.items())
        where = self._where(one_of("`run`", runs.tolist()))
        names = self._grouped(by)
        rows = self.client.query(
            f"SELECT {self._selected(by)}, {selected} FROM `{self.name}`{where} GROUP BY {names} ORDER BY {names}",
            {**self._kinds(by), **dict.fromkeys(counts, int)},
        )
        empty = np.empty(0, np.int64)
        return {**self._typed(rows, by), **{name: rows.get(name, empty) for name in counts}}

    def matching(self, condition: Condition) -> npt.NDArray[np.int64]:
        rows = self.client.query(f"SELECT run FROM runs WHERE {_condition(condition)}", {"run": int})
        return rows["run"].astype(np.int64) if rows else np.empty(0, np.int64)

    def _where(self, *tests: str) -> str:
        """Of the rows that belong to the current state of their runs."""
        both = list(tests)
        if self.table.belongs is not None:
            own, column = self.table.belongs
            states = f"SELECT run, argMax(`{column}`, segment) FROM runs GROUP BY run HAVING argMax(alive, segment) = 1"
            both.append(f"(run, `{own}`) IN ({states})")
        return f" WHERE {' AND '.join(both)}" if both else ""

    def _own(self, name: str) -> str:
        return f"`{self._called.get(name, name)}`"

    def _grouped(self, columns: Sequence[str]) -> str:
        return ", ".join(map(self._own, columns))

    def _selected(self, columns: Sequence[str]) -> str:
        return ", ".join(f"{self._own(name)} AS `{name}`" if name in self._called else f"`{name}`" for name in columns)

    def _fetch(self, columns: Sequence[str], rest: str, *, whole: bool = False) -> Columns:
        """Each column once: several may be the same one here. `whole`: these are all rows of their runs."""
        own = {name: self._called.get(name, name) for name in columns}
        names = sorted(set(own.values()))
        rows = self.client.query(f"SELECT {_names(names)} {rest}", self._kinds(names))
        return self._typed({name: rows[at] for name, at in own.items()} if rows else {}, columns, whole=whole)

    def _kinds(self, columns: Sequence[str]) -> dict[str, type]:
        own = {name: self.table.columns[self._called.get(name, name)] for name in columns}
        return {name: str if "String" in kind else int for name, kind in own.items()}

    def _typed(self, rows: Mapping[str, npt.NDArray[Any]], columns: Sequence[str], *, whole: bool = False) -> Columns:
        typed: Columns = {}
        for name in columns:
            kind = _DTYPES[self.table.columns[self._called.get(name, name)]]
            given = rows.get(name)
            typed[name] = np.empty(0, kind) if given is None else given.astype(kind)
        whole = whole or self.name == "runs"
        texts.replace_invalid(self.name, typed, self.client.damage, whole=whole)
        return typed


def _condition(condition: Condition) -> str:
    if not isinstance(condition, HasRow):
        word = " AND " if isinstance(condition, AllOf) else " OR "
        return "(" + word.join(map(_condition, condition.conditions)) + ")"
    tests = " AND ".join(map(_test, condition.tests))
    return f"run IN (SELECT run FROM `{condition.table}` WHERE {tests})"


def _test(test: Test) -> str:
    match test:
        case Among(column, values):
            return one_of(f"`{column}`", values)
        case Between(column, low, high):
            bounds = [
                f"`{column}` {sign} {_number(bound)}" for sign, bound in ((">=", low), ("<=", high)) if not isinf(bound)
            ]
            return " AND ".join([f"NOT isNaN(`{column}`)", *bounds])
        case Contains(column, text):
            return f"position(`{column}`, {_text(text)}) > 0"


def one_of(column: str, values: Collection[object]) -> str:
    """A test in SQL. A long list of numbers is one text, because each value of a list costs the server much more."""
    if not values:
        return "0"
    if len(values) <= _FEW or any(isinstance(value, str) for value in values):
        return f"{column} IN ({', '.join(map(_constant, values))})"
    numbers = ",".join(map(str, values))
    return f"{column} IN (SELECT toInt64(arrayJoin(splitByChar(',', '{numbers}'))))"


def _constant(value: object) -> str:
    return _text(value) if isinstance(value, str) else str(int(value))  # type: ignore[call-overload]


def _number(value: float) -> str:
    """Exactly this number: servers read decimals in different ways."""
    return f"reinterpretAsFloat64(unhex('{pack('<d', value).hex()}'))"


def _text(value: str) -> str:
    plain = value.encode("utf-8", "backslashreplace").decode()
    return "'" + plain.replace("\\", "\\\\").replace("'", "\\'").replace("\0", "\\0") + "'"


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in columns)
