"""The tables have every column that the index has, under a name that `aim/clickhouse/table.py` knows."""

from __future__ import annotations

import numpy as np
import pytest

from aim.clickhouse.address import parse
from aim.clickhouse.client import DatabaseClient
from aim.clickhouse.schema import TABLES
from aim.clickhouse.table import DistantTable
from aim.index import schema


@pytest.mark.parametrize("name", schema.TABLES)
def test_every_column_of_the_index_is_there(name: str) -> None:
    table = DistantTable(DatabaseClient(parse("clickhouse://localhost/aim")), name)
    columns = [column for column in schema.TABLES[name] if (name, column) != ("points", "series")]
    read = table.read(columns, {"run": []})
    assert list(read) == columns
    for column, values in read.items():
        assert values.dtype.kind == np.dtype(schema.NUMPY[schema.TABLES[name][column]]).kind, column
    assert set(TABLES[name].key) <= set(TABLES[name].columns)
