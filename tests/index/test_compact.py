"""Small segments are merged into large ones; nothing is lost or duplicated."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aim.index import compact
from aim.index.segment import Segment
from tests.index.checks import check, index, same_numbers
from tests.index.logs import LogFile, finished

K = 1 << 10
SIZES = [
    ([], None),
    ([9, 9, 9], None),
    ([9, 9, 9, 9], 0),
    ([900 * K, 9, 9, 9, 9], 1),
    ([900 * K, 9, 9, 9], None),
    ([40 * K, 40 * K, 40 * K, 9, 9, 9, 9], 3),
    ([40 * K, 40 * K, 40 * K, 9, 60 * K], 0),
    ([9, 40 * K, 9, 9], None),
    ([3000 * K] * 9, None),
    ([300 * K] * 12, 8),
]


@pytest.mark.parametrize(("sizes", "start"), SIZES)
def test_merged_segments(sizes: list[int], start: int | None) -> None:
    assert compact._due([Segment(number, size) for number, size in enumerate(sizes)]) == start


def test_runs_without_points_have_a_size() -> None:
    """The rows of 5,000 of them are not written again for each few more."""
    runs = [5_000, 50, 50, 50, 50]
    assert compact._due([Segment(number, 0, some) for number, some in enumerate(runs)]) == 1


def test_the_number_of_segments_grows_slowly(tmp_path: Path) -> None:
    for number in range(40):
        finished(tmp_path, number)
        catalog = index(tmp_path).refresh()
    assert len([segment for segment in catalog.segments if segment.files]) < 2 * compact.FAN
    check(tmp_path, catalog)


def test_rows_of_runs_that_are_gone_are_dropped(tmp_path: Path) -> None:
    files = [finished(tmp_path, number) for number in range(3)]
    index(tmp_path).refresh()
    os.unlink(files[0].path)
    for number in range(10, 14):
        finished(tmp_path, number)
        index(tmp_path).refresh()
    catalog = index(tmp_path).refresh()
    check(tmp_path, catalog)
    assert files[0].run.hex() not in catalog._rows.read(["id"])["id"].tolist()


def test_a_run_over_many_segments(tmp_path: Path) -> None:
    file = LogFile(tmp_path, "long").start(1.7e9).series(0, "loss")
    for number in range(30):
        for step in range(number * 10, number * 10 + 12):
            file.point(0, step, float(number))
        file.params(number, {"a": {str(number): number}, "b": number}).save()
        finished(tmp_path, 100 + number)
        index(tmp_path).refresh()
    catalog = index(tmp_path).refresh()
    wanted = check(tmp_path, catalog)
    place = catalog.index[file.run.hex()]
    assert len(catalog.params({("b",)})[0]) == 1
    assert catalog.column("params")[place].endswith('"b":29}')
    assert same_numbers(check(tmp_path, index(tmp_path).refresh()), wanted)
