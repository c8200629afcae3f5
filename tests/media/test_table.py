"""Tables: what they are made from, what is refused, and how they come back."""

from __future__ import annotations

import math
import subprocess
import sys
from collections import namedtuple
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aim

pd = pytest.importorskip("pandas", reason="tables are made from frames of 'pip install pandas'")
pa = pytest.importorskip("pyarrow", reason="tables are made from those of 'pip install pyarrow'")

NOW = datetime(2026, 11, 30, 12, 0, 0, 7)
PIXELS = np.zeros((2, 3), np.uint8)
Point = namedtuple("Point", "x y")


class Series(list[Any]):
    """A column of polars, which is not installed here."""

    def __init__(self, name: str, values: list[Any]) -> None:
        super().__init__(values)
        self.name = name

    def null_count(self) -> int:
        return self.count(None)

    def to_list(self) -> list[Any]:
        return list(self)


class Polars:
    columns = ("a", "b")

    def get_columns(self) -> list[Series]:
        return [Series("a", [1, None]), Series("b", ["x", "y"])]


MADE: list[tuple[Any, dict[str, list[Any]]]] = [
    ([[1, "x"], [2, "y"]], {"0": [1, 2], "1": ["x", "y"]}),
    ([(1, 2.5), (2, 3)], {"0": [1, 2], "1": [2.5, 3.0]}),
    ([Point(1, "a"), Point(2, None)], {"x": [1, 2], "y": ["a", None]}),
    ([{"a": 1}, {"b": True}], {"a": [1, None], "b": [None, True]}),
    ({"a": [1, 2], 3: (None, None)}, {"a": [1, 2], "3": [None, None]}),
    ({"a": range(3)}, {"a": [0, 1, 2]}),
    ({"t": [NOW, date(2026, 1, 2)]}, {"t": [NOW, datetime(2026, 1, 2)]}),
    ({"t": [NOW.replace(tzinfo=timezone.utc)]}, {"t": [NOW.replace(tzinfo=timezone.utc)]}),
    ({"a": [np.int32(1), np.float64(2.5), None]}, {"a": [1.0, 2.5, None]}),
    ({"a": np.array([1, 2], "u1"), "b": np.array([True, False])}, {"a": [1, 2], "b": [True, False]}),
    ({"a": np.array([0.5, 1], "f2")}, {"a": [0.5, 1.0]}),
    ({"a": np.ma.masked_array([1, 2], [0, 1])}, {"a": [1, None]}),
    ({"t": np.array(["2026-11-30T12:00", "NaT"], "M8[ns]")}, {"t": [datetime(2026, 11, 30, 12), None]}),
    (np.arange(4).reshape(2, 2), {"0": [0, 2], "1": [1, 3]}),
    (np.array([["a", "b"]]), {"0": ["a"], "1": ["b"]}),
    (np.array([(1, 0.5, "x")], [("i", "i4"), ("f", "f8"), ("s", "U3")]), {"i": [1], "f": [0.5], "s": ["x"]}),
    (pd.DataFrame({"a": [1, 2], "s": ["x", None]}), {"a": [1, 2], "s": ["x", None]}),
    (pd.DataFrame({"a": pd.array([1, None], dtype="Int64")}), {"a": [1, None]}),
    (pd.DataFrame({"a": pd.Categorical(["u", "v"])}), {"a": ["u", "v"]}),
    (pd.DataFrame({"t": pd.to_datetime(["2026-11-30", None])}), {"t": [datetime(2026, 11, 30), None]}),
    (pd.DataFrame({"a": [1]}, index=pd.Index(["row"], name="key")), {"key": ["row"], "a": [1]}),
    (pd.Series([1, 2], name="a"), {"a": [1, 2]}),
    (pa.table({"a": [1, None], "s": ["x", None]}), {"a": [1, None], "s": ["x", None]}),
    (
        pa.table({"t": pa.array([0], pa.timestamp("us", "Europe/Berlin"))}),
        {"t": [datetime(1970, 1, 1, tzinfo=timezone.utc)]},
    ),
    (Polars(), {"a": [1, None], "b": ["x", "y"]}),
    ({"a": []}, {"a": []}),
]


@pytest.mark.parametrize(("data", "cells"), MADE, ids=range(len(MADE)))
def test_what_a_table_is_made_from(data: Any, cells: dict[str, list[Any]]) -> None:
    table = aim.Table(data, caption="about")
    assert {name: table.column(name) for name in table.columns} == cells
    for name, values in cells.items():
        assert list(map(type, table.column(name))) == list(map(type, values))
    assert table.shape == (len(next(iter(cells.values()))), len(cells))
    assert table.meta == {"format": "parquet", "rows": table.shape[0], "columns": len(cells), "caption": "about"}
    assert list(table.rows()) == list(zip(*cells.values(), strict=True))


def test_nan_is_not_none() -> None:
    first, second, third = aim.Table({"a": [math.nan, None, 1]}).column("a")
    assert (math.isnan(first), second, third) == (True, None, 1.0)


def test_images_in_cells() -> None:
    table = aim.Table([[aim.Image(PIXELS), 1], [None, 2]], columns=["picture", "n"])
    image, missing = table.column("picture")
    assert isinstance(image, aim.Image) and (image.width, image.height, missing) == (3, 2, None)
    assert image.data == aim.Image(PIXELS).data


@pytest.mark.parametrize(
    ("data", "columns", "made"),
    [
        ([[1, 2]], ["a", "b"], {"a": [1], "b": [2]}),
        ({"a": [1], "b": [2]}, ["b"], {"b": [2]}),
        ([{"a": 1, "b": 2}], ["b", "a"], {"b": [2], "a": [1]}),
        (np.array([[1, 2]]), ["x", "y"], {"x": [1], "y": [2]}),
        ([], ["a"], {"a": []}),
    ],
)
def test_names_of_columns(data: Any, columns: list[str], made: dict[str, list[int]]) -> None:
    table = aim.Table(data, columns=columns)
    assert {name: table.column(name) for name in table.columns} == made


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ([], ValueError, "the table has no columns; pass rows, a dict of columns, or a frame"),
        ("text", TypeError, "a table cannot be made from str 'text'; pass a list of rows"),
        (7, TypeError, "a table cannot be made from int 7"),
        ([1, 2], TypeError, "row 0 is int 1; pass each row as a list, a tuple or a dict"),
        ([[1, 2], [1]], ValueError, r"row 1 has 1 cells, and the table 2 columns: \[1\]"),
        ({"a": [1], "b": [1, 2]}, ValueError, "column 'b' has 2 cells, and 'a' has 1"),
        ({"a": 5}, TypeError, "column 'a' is int 5; pass a list of its cells"),
        ({"": [1]}, ValueError, "column 0 is named ''; a name has 1 to 200 characters"),
        ({"a": ["x", 1]}, TypeError, "column 'a' mixes text and numbers: row 1 has 1; give its cells one type"),
        ({"a": [1, True]}, TypeError, "column 'a' mixes numbers and bools: row 1 has True"),
        ({"a": [NOW, NOW.replace(tzinfo=timezone.utc)]}, TypeError, "times without a zone and times with a zone"),
        ({"a": [1, {}]}, TypeError, "column 'a' has dict {} in row 1; cells are numbers, text"),
        ({"a": [1 << 63]}, ValueError, "integers have at most 64 bits"),
        ({"a": np.array([1 << 63], "u8")}, ValueError, "integers have at most 64 bits"),
        ({"a": np.array([1], "m8[ns]")}, TypeError, "column 'a' has durations; pass them as seconds"),
        ({"a": np.array(["2026-11-30", "300000-01-01"], "M8[s]")}, ValueError, "a time in row 1 too far from 1970"),
        ({"a": np.zeros((2, 2))}, ValueError, r"column 'a' has the shape \(2, 2\)"),
        (np.zeros(3), ValueError, r"an array of shape \(3,\) is not a table"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), ValueError, "several columns are named 'a'"),
        ({str(i): [1] for i in range(1_001)}, ValueError, "the table has 1,001 columns; the most is 1,000"),
        ({"a": np.zeros(5_000_001, "b")}, ValueError, "a table has at most 5,000,000 rows"),
        ({"a": [np.random.default_rng(0).bytes(65 << 20).decode("latin1")]}, ValueError, "exceeds the limit"),
    ],
)
def test_refused(data: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        aim.Table(data)


@pytest.mark.parametrize(
    ("data", "columns", "message"),
    [
        ({"a": [1]}, ["b"], "columns= names 'b', which is none of a"),
        ([{"a": 1}], ["b"], "columns= names 'b', which is none of a"),
        (np.zeros((1, 2)), ["b"], "columns= has 1 names for 2 columns"),
    ],
)
def test_refused_names(data: Any, columns: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        aim.Table(data, columns=columns)


def test_whatever_a_library_raises_is_a_value_error() -> None:
    class Frame:
        def get_columns(self) -> None:
            raise RuntimeError("it was closed")

    with pytest.raises(ValueError, match="it was closed"):
        aim.Table(Frame())


def test_as_text_and_as_a_frame() -> None:
    rows = [["=cmd()", -1.5, NOW], ["-5", math.inf, None], ['a "quoted", one', math.nan, NOW]]
    table = aim.Table(rows, columns=["@name", "n", "t"])
    assert table.to_csv().split("\r\n") == [
        "'@name,n,t", "'=cmd(),-1.5,2026-11-30T12:00:00.000007", "-5,Infinity,",
        '"a ""quoted"", one",NaN,2026-11-30T12:00:00.000007', "",
    ]  # fmt: skip
    assert '{"@name": "-5", "n": "Infinity", "t": null}' in table.to_json()
    frame = table.to_pandas()
    assert frame["n"].tolist()[0] == -1.5 and list(frame.columns) == ["@name", "n", "t"]


def test_damage_is_told() -> None:
    table = aim.Table.restored(b"PAR1 cut", {})
    with pytest.raises(ValueError, match="the table cannot be read: it is not a Parquet file"):
        table.column("a")
    with pytest.raises(ValueError, match=r"the table has no column 'b'; it has a"):
        aim.Table({"a": [1]}).column("b")


def test_from_track_to_a_query(tmp_path: Path) -> None:
    with aim.Run("r", repo=tmp_path, system_interval=0) as run:
        run.track(aim.Table({"a": [1, 2]}), "small", step=3)
        run.track(aim.Table({"a": range(200), "b": range(200)}), "large", step=3)
    (series,) = aim.Repo(tmp_path).objects("tables if tables.rows > 100 and tables.columns == 2")
    (point,) = series
    assert isinstance(point.value, aim.Table)
    assert (series.name, point.value.shape, point.value.column("b")[-1]) == ("large", (200, 2), 199)


def test_recording_one_needs_the_standard_library_alone(tmp_path: Path) -> None:
    code = (
        "import sys, aim\n"
        "with aim.Run('r', repo=sys.argv[1], system_interval=0) as run:\n"
        "    run.track(aim.Table([[1, 'x', None, 0.5]]), 'rows')\n"
        "assert not {'numpy', 'pandas', 'duckdb', 'pyarrow'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
