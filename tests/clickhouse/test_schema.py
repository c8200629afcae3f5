"""The tables have every column that the index has, under a name that `aim/clickhouse/table.py` knows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import aim
from aim.clickhouse.address import parse
from aim.clickhouse.client import DatabaseClient
from aim.clickhouse.folds import unequal
from aim.clickhouse.schema import GRANULE, TABLES
from aim.clickhouse.table import DistantTable, one_of
from aim.index import schema
from tests.clickhouse import folds
from tests.clickhouse.servers import Server


@pytest.mark.parametrize("name", schema.TABLES)
def test_every_column_of_the_index_is_there(name: str) -> None:
    table = DistantTable(DatabaseClient(parse("clickhouse://localhost/aim")), name)
    columns = [column for column in schema.TABLES[name] if (name, column) != ("points", "series")]
    read = table.read(columns, {"run": []})
    assert list(read) == columns
    for column, values in read.items():
        assert values.dtype.kind == np.dtype(schema.NUMPY[schema.TABLES[name][column]]).kind, column
    assert set(TABLES[name].key) <= set(TABLES[name].columns)


def test_a_run_is_read_without_the_rows_of_all_others(clickhouse: Server) -> None:
    """The statistics are there in the order of metrics and in the order of runs."""
    if clickhouse.kind != "18.16":
        pytest.skip("chdb's helper does not tell how many rows were read")
    database, names, runs = folds.database(clickhouse), 20, 1_000
    columns = {
        name: np.zeros(names * runs, np.dtype(object if kind == "String" else kind.lower()))
        for name, kind in TABLES["series"].columns.items()
    }
    columns |= {name: np.array([""] * names * runs, object) for name in ("name", "context")}
    columns["name"] = np.array([f"metric {number}" for number in np.repeat(np.arange(names), runs)], object)
    columns["run"] = np.tile(np.arange(runs), names)
    database.insert("series", columns)
    read = {}
    for among in ({"run": [500]}, {"run": [500], "name": ["metric 3"]}):
        table = DistantTable(database.client, "series")._ordered_for(among)
        tests = " AND ".join(one_of(column, values) for column, values in among.items())
        statement = f"SELECT count() FROM {table} FINAL WHERE {tests}"
        answer = json.loads(database.client._send(statement.encode(), {"default_format": "JSON"}))
        read[table] = (int(answer["data"][0]["count()"]), answer["statistics"]["rows_read"] <= 3 * GRANULE)
    assert read == {"series_by_run": (names, True), "series": (1, True)}


def test_a_check_finds_a_table_that_lacks_rows_of_the_other_order(clickhouse: Server, tmp_path: Path) -> None:
    database = folds.database(clickhouse)
    with aim.Run("one", repo=tmp_path, console=False, system_interval=0, environment=False) as run:
        run.track(1.0, "loss")
    folds.fold(tmp_path / ".aim", database)
    assert list(unequal(database)) == []
    shifted = ", ".join("`chunk` + 1" if name == "chunk" else f"`{name}`" for name in TABLES["series"].columns)
    database.client.command(f"INSERT INTO series SELECT {shifted} FROM series")
    assert list(unequal(database)) == ["the table series_by_run has other rows than series"]
