"""The folds into a database: which are done, what the process that folds frees, and what tells readers that something
is new."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from aim.clickhouse.database import Database
from aim.clickhouse.schema import TABLES
from aim.clickhouse.table import DistantTable, one_of

# The tables whose rows go when a run is gone, and which of `runs`: a row remains, and says so.
_FREED = {"points": "", "series": "", "series_by_run": "", "params": "", "objects": "", "runs": " AND alive = 1"}
# Their rows belong to the fold that began a run.
_OF_STATE = ("points", "series", "series_by_run", "objects")


class DatabaseNews(NamedTuple):
    """The number of the last fold that is done, what tells one set of waiting edits from another, and the id that the
    database got when it was made."""

    number: int
    edited: str
    id: str


def news(database: Database) -> DatabaseNews:
    waiting = "SELECT concat(toString(count()), ' ', toString(sum(cityHash64(writer, number)))) FROM edits"
    known = f"({waiting}) AS edited, (SELECT any(value) FROM about WHERE name = 'id') AS id"
    row = database.client.row(
        f"SELECT max(number) AS number, {known} FROM folds WHERE done = 1", {"number": int, "edited": str, "id": str}
    )
    return DatabaseNews(int(row["number"]), str(row["edited"]), str(row["id"]))


def begun(database: Database) -> int:
    """The number of the last fold, which may not be done; 0 if there is none."""
    rows = database.client.query("SELECT max(number) AS number FROM folds WHERE done = 0", {"number": int})
    return int(rows["number"][0]) if rows else 0


def latest_folders(database: Database, seconds: float) -> list[str]:
    """The folders of the runs that were folded in the last seconds before the last fold."""
    last = f"SELECT max(folded_at) - {seconds:f} FROM runs"
    rows = database.client.query(f"SELECT DISTINCT dir FROM runs WHERE folded_at >= ({last})", {"dir": str})
    return list(rows["dir"].tolist()) if rows else []


def unequal(database: Database) -> Iterator[str]:
    """A sentence for each table that has other rows than the one in the order of runs."""
    for name, table in TABLES.items():
        other = table.by_run
        if other and DistantTable(database.client, name).checksum() != DistantTable(database.client, other).checksum():
            yield f"the table {other} has other rows than {name}"


def free(database: Database, runs: Collection[int]) -> None:
    """Delete the rows of runs that are gone."""
    for table, which in _FREED.items():
        _delete(database, table, f"run IN ({_listed(runs)}){which}")


def free_before(database: Database, runs: Collection[int], since: int) -> None:
    """Delete the rows of runs that belong to a fold before the one that began them."""
    for table in _OF_STATE:
        _delete(database, table, f"run IN ({_listed(runs)}) AND since < {since:d}")


def forget(database: Database, kind: str, texts: Collection[str]) -> None:
    """Delete words of a kind."""
    _delete(database, "words", f"`kind` = '{kind}' AND {one_of('`text`', texts)}")


def _listed(runs: Collection[int]) -> str:
    return ", ".join(f"{run:d}" for run in runs)


def _delete(database: Database, table: str, where: str) -> None:
    database.client.command(f"ALTER TABLE `{table}` DELETE WHERE {where}")
