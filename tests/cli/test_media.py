"""`aim media get`: files of what a query selects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import aim as package
from aim.errors import LogError
from aim.query.media import MediaPoint
from tests.cli.conftest import Aim

PIXELS = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)


@pytest.fixture
def repo(here: Path) -> Path:
    with package.Run("a") as run:
        for step in (0, 200):
            run.track([package.Image(PIXELS), package.Image(PIXELS[::-1])], "samples", step=step)
        run.track(package.Text("héllo"), "../../evil/name", context={"subset": "val"})
    return here


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_values_of_a_query(repo: Path, aim: Aim) -> None:
    told = aim("media", "get", "images if images.step > 100", "out").stdout
    assert files(repo / "out") == ["a/samples/200-0.png", "a/samples/200-1.png"]
    assert "2 files saved to out" in told
    assert (repo / "out/a/samples/200-1.png").read_bytes() == package.Image(PIXELS[::-1]).data
    again = aim("media", "get", "images", "out").stdout
    assert "2 files saved to out; 2 files already there" in again and len(files(repo / "out")) == 4


@pytest.mark.parametrize(
    ("format", "content"),
    [("csv", b"n,said\r\n1,'=x\r\n"), ("json", b'[{"n": 1, "said": "=x"}]'), ("parquet", None)],
)
def test_tables_in_another_format(here: Path, aim: Aim, format: str, content: bytes | None) -> None:
    table = package.Table({"n": [1], "said": ["=x"]})
    with package.Run("b") as run:
        run.track(table, "rows")
    aim("media", "get", "tables", "out", "--tables", format)
    assert files(here / "out") == [f"b/rows/0-0.{format}"]
    assert (here / f"out/b/rows/0-0.{format}").read_bytes() == (table.data if content is None else content)


def test_a_damaged_table_is_told(here: Path, aim: Aim) -> None:
    table = package.Table({"n": [1]})
    table.data = b"PAR1 damaged PAR1"
    with package.Run("b") as run:
        run.track(table, "rows")
    told = aim("media", "get", "tables", "out", "--tables", "csv", code=1)
    assert "b rows at step 0: the table cannot be read" in told.stderr


def test_values_of_several_calls_at_one_step_are_all_saved(here: Path, aim: Aim) -> None:
    with package.Run("b") as run:
        for text in ("one", "two"):
            run.track(package.Text(text), "said", step=7)
    for _ in range(2):
        aim("media", "get", "texts", "out")
        saved = {path: (here / "out" / path).read_text() for path in files(here / "out")}
        assert saved == {"b/said/7-0.txt": "one", "b/said/7-0-2.txt": "two"}


def test_a_value_that_could_not_be_read_is_saved_later(here: Path, aim: Aim, monkeypatch: pytest.MonkeyPatch) -> None:
    with package.Run("b") as run:
        for text in ("one", "two"):
            run.track(package.Text(text), "said", step=7)
    whole = MediaPoint.data.fget  # type: ignore[attr-defined]

    def away(point: MediaPoint) -> bytes:
        data = bytes(whole(point))
        if data == b"one":
            raise LogError("its store is away")
        return data

    with monkeypatch.context() as patched:
        patched.setattr(MediaPoint, "data", property(away))
        assert "1 value could not be read" in aim("media", "get", "texts", "out", code=1).output
    aim("media", "get", "texts", "out")
    saved = {path: (here / "out" / path).read_text() for path in files(here / "out")}
    assert saved == {"b/said/7-0.txt": "one", "b/said/7-0-2.txt": "two"}


def test_names_of_strangers_stay_in_the_folder(repo: Path, aim: Aim) -> None:
    aim("media", "get", "*", "out", "--kind", "text")
    [path] = files(repo / "out")
    assert path.startswith("a/") and path.endswith("/0-0.txt") and len(path.split("/")) == 3
    assert (repo / "out" / path).read_text(encoding="utf-8") == "héllo"


def test_nothing_matches_or_the_query_is_wrong(repo: Path, aim: Aim) -> None:
    assert "Nothing matches" in aim("media", "get", "images if images.step > 999", "out").stderr
    assert "There is no `images.stp`" in aim("media", "get", "images if images.stp > 9", "out", code=2).output
    assert not (repo / "out").exists()
