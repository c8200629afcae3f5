"""The format page and the tables agree."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

import aim
from aim import engine
from aim.index import schema
from aim.index.fold import Pending
from aim.index.schema import NUMPY, TABLES
from aim.index.segment import empty, stored
from tests.index.checks import index
from tests.index.logs import LogFile, finished

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
    made = Pending(1).segment().memory
    for table, types in TABLES.items():
        assert list(made[table]) == list(empty(table)) == list(types)
        assert [column.dtype for column in made[table].values()] == [NUMPY[kind] for kind in types.values()]


def test_a_run_has_one_number_in_every_table_and_segment(tmp_path: Path) -> None:
    files = [finished(tmp_path, number) for number in range(3)]
    catalog = index(tmp_path).refresh()
    finished(tmp_path, 9)
    catalog = index(tmp_path).refresh()
    wanted = {schema.run_number(file.run.hex()) for file in files}
    assert len(catalog.segments) > 1 and len(wanted) == 3 and min(wanted) >= 0
    for table in ("runs", "series"):
        assert wanted <= set(engine.read(stored(catalog.segments, table), ["run"])["run"].tolist())


def test_the_number_of_a_run_never_changes() -> None:
    assert schema.run_number("0" * 32) == 6377797391658167363
    assert schema.run_number("00112233445566778899aabbccddeeff") == 915485436568002851


NUMBERS = [
    (1, 1.0), (True, 1.0), (0.5, 0.5), (10**400, math.inf), (-(10**400), -math.inf), ("1", math.nan), (None, math.nan),
    ([1], math.nan), (2**53 + 1, 2.0**53),
]  # fmt: skip


def test_params_that_are_numbers_have_them_in_a_column(tmp_path: Path) -> None:
    LogFile(tmp_path, "a").start(1.0).params(1, {f"p{i}": given for i, (given, _) in enumerate(NUMBERS)}).end(2).save()
    rows = engine.read(stored(index(tmp_path).refresh().segments, "params"), ["path", "number"])
    numbers_of = dict(zip(rows["path"].tolist(), rows["number"].tolist(), strict=True))
    for i, (_, number) in enumerate(NUMBERS):
        assert numbers_of[f"p{i}"] == number or math.isnan(number) and math.isnan(numbers_of[f"p{i}"])
