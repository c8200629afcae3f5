"""The tables have every column that the index has, under a name that `aim/clickhouse/table.py` knows."""

from __future__ import annotations

import json

import numpy as np
import pytest

from aim.clickhouse.address import parse
from aim.clickhouse.client import DatabaseClient
from aim.clickhouse.schema import GRANULE, TABLES
from aim.clickhouse.table import DistantTable
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
    """The statistics are ordered by metric, then by run: of each metric, some neighbors are read."""
    if clickhouse.kind != "18.16":
        pytest.skip("chdb's helper does not tell how many rows were read")
    database, names, runs = folds.database(clickhouse), 3, 5_000
    columns = {
        name: np.zeros(names * runs, np.dtype(object if kind == "String" else kind.lower()))
        for name, kind in TABLES["series"].columns.items()
    }
    columns |= {name: np.array([""] * names * runs, object) for name in ("name", "context")}
    columns["name"] = np.array([f"metric {number}" for number in np.repeat(np.arange(names), runs)], object)
    columns["run"] = np.tile(np.arange(runs), names)
    database.client.insert("series", columns, TABLES["series"].columns)
    statement = b"SELECT sum(count) FROM series FINAL WHERE run IN (2500)"
    answer = json.loads(database.client._send(statement, {"default_format": "JSON"}))
    assert answer["statistics"]["rows_read"] <= 2 * names * GRANULE
