"""The page of the format and the tables say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import aim
from aim.index.fold import Pending
from aim.index.schema import NUMPY, TABLES
from aim.index.segment import empty

PAGE = Path(aim.__file__).parent.parent / "docs" / "format" / "index.md"


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_on_the_page(table: str) -> None:
    if not PAGE.is_file():
        pytest.skip("this test needs a checkout")
    section = PAGE.read_text(encoding="utf-8").partition(f"### {table}\n")[2].partition("\n### ")[0]
    named = set(re.findall(r"`(\w+)`", section))
    for column in TABLES[table]:
        family = re.match(r"(first|last)(_\w+)?$", column)
        assert column in named or column == "segment" or (family and {family[1], family[2] or family[1]} <= named), (
            column
        )


def test_a_segment_has_the_columns_and_types_of_its_tables() -> None:
    made = Pending().segment(1).memory
    for table, types in TABLES.items():
        assert list(made[table]) == list(empty(table)) == list(types)
        assert [column.dtype for column in made[table].values()] == [NUMPY[kind] for kind in types.values()]
