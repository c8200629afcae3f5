"""What neptune-exporter writes is read as its own reader, pyarrow, reads it."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import pytest

from aim.index.sources.parquet import Parquet
from aim.media.distribution import Distribution
from aim.repo import Repo
from tests.index.sources.damaging import media_are_small_or_damaged, write_damaged
from tests.index.sources.neptune_files import BEGAN, HISTOGRAM, ROWS, part, row
from tests.recorded import points_of

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


POINTS = {
    "train/loss": [*((i, repr(1 / (i + 1))) for i in range(20)), (20, "nan")], "system/cpu": [(0, "12.5")],
    "acc": [(0, "0.5"), (1, "1.25")],
}  # fmt: skip


def test_a_run_is_what_its_export_says(tmp_path: Path) -> None:
    part(tmp_path / "logs" / "data" / "team_vision-0a", ROWS)
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    (run,) = repo.select_metrics("neptune:loss if params.lr < 0.1")
    assert (run.hash, run.experiment, run.name, run.description, run.status, sorted(run.tags)) == (
        "my-run", "team/vision", "first", "a note", "finished", ["t1", "t2"],
    )  # fmt: skip
    assert run.created_at == BEGAN.timestamp()
    assert run.params == {"params": {"lr": 0.01, "model": {"depth": 3}, "names": []}, "default": {"flag": True}}
    (run,) = repo.select_runs()
    assert points_of(run) == POINTS
    assert run.metrics["train/loss"].traces[0].times.tolist()[:2] == [BEGAN.timestamp(), BEGAN.timestamp() + 1]
    assert run.metrics["acc"].traces[0].epochs.tolist() == [0.5, 1.25]
    assert run.metrics["system/cpu"].traces[0].context == {"process": "5d1f"}
    values = {(series.name, item.step): item for series in run.objects() for item in series}
    assert values[("said", 3)].data == b"hello" and set(values) == {("said", 3), ("h", 4)}
    shown = values[("h", 4)].value
    assert isinstance(shown, Distribution) and list(shown.counts) == [3.0, 4.0]
    assert run.facts["neptune"]["skipped"] == {
        "files": ["model"],
        "odd histograms": ["odd"],
        "output": ["system/stdout"],
    }


def test_parts_are_one_run_once_the_first_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    part(folder, ROWS[25:], 1)
    repo = Repo(tmp_path / "home", logs=folder)
    assert repo.select_runs() == []
    part(folder, ROWS[:25], 0)
    (run,) = repo.select_runs()
    assert points_of(run) == POINTS
    part(folder, [*ROWS, row("sys/failed", "bool", bool_value=True)], 0, run="RUN-2-0a1b")
    assert sorted(run.status for run in repo.select_runs()) == ["failed", "finished"]


def test_a_copy_equals_what_is_shown(tmp_path: Path) -> None:
    part(tmp_path / "logs", ROWS)
    (shown,) = Repo(tmp_path / "other", logs=tmp_path / "logs").select_runs()
    repo = Repo.init(tmp_path / "home")
    assert repo.convert("neptune", tmp_path / "logs").points == 26
    (run,) = repo.select_runs()
    assert (points_of(run), run.params, run.status) == (points_of(shown), shown.params, "finished")
    assert repo.convert("neptune", tmp_path / "logs").points == 0


OPTIONS: list[dict[str, Any]] = [
    {}, {"compression": "none"}, {"compression": "gzip"}, {"use_dictionary": False}, {"version": "1.0"},
    {"data_page_version": "2.0"}, {"data_page_version": "2.0", "compression": "gzip", "use_dictionary": False},
    {"data_page_size": 64}, {"write_statistics": False, "store_schema": False},
]  # fmt: skip


@pytest.mark.parametrize("options", OPTIONS, ids=range(len(OPTIONS)))
def test_columns_equal_those_of_pyarrow(tmp_path: Path, options: dict[str, Any]) -> None:
    rng = random.Random(0)
    rows = [
        row(
            rng.choice(["a", "b", "é" * 50]), "float_series", rng.choice([None, rng.randrange(1000)]),
            int_value=rng.choice([None, rng.randrange(-(1 << 62), 1 << 62)]),
            float_value=rng.choice([None, rng.random()]), bool_value=rng.choice([None, True, False]),
            string_set_value=rng.choice([None, [], ["x"], [str(rng.random()), None, "y"]]),
            histogram_value=rng.choice([None, HISTOGRAM, {"type": None, "edges": None, "values": []}]),
        )
        for _ in range(300)
    ]  # fmt: skip
    path = part(tmp_path, rows, **options)
    with open(path, "rb") as file:
        table = Parquet(file, path.stat().st_size)
        for name in ("attribute_path", "int_value", "float_value", "bool_value"):
            read = [value for group in table.groups for value in table.column(group, name)]
            plain = [value.decode() if isinstance(value, bytes) else value for value in read]
            assert plain == [row.get(name) for row in rows]
            places = [(group, place) for group in table.groups for place in range(group.count)]
            assert [table.value(group, place, name) for group, place in places] == read
        sets = [value for group in table.groups for value in table.column(group, "string_set_value", "list", "element")]
        expected = [[text for text in row["string_set_value"] or [] if text is not None] for row in rows]
        assert [[text.decode() for text in value or []] for value in sets] == expected
        assert table.column(table.groups[0], "no", "such") == [None] * 25, "a column that is not there has no values"
        place = ("histogram_value", "edges", "list", "element")
        edges = [value for group in table.groups for value in table.column(group, *place)]
        assert [value or [] for value in edges] == [(row["histogram_value"] or {}).get("edges") or [] for row in rows]


def test_a_text_is_read_without_the_others_of_its_column(tmp_path: Path) -> None:
    texts = [f"{i} " * 10_000 for i in range(25)]
    rows = [row("said", "string_series", i, string_value=text) for i, text in enumerate(texts)]
    path = part(tmp_path, rows, compression="none", use_dictionary=False, data_page_size=1, write_batch_size=1)
    taken: list[int] = []

    class Counting(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            taken.append(len(data or b""))
            return data or b""

    with Counting(path) as file:
        table = Parquet(file, path.stat().st_size)  # type: ignore[arg-type]
        taken.clear()
        assert table.value(table.groups[0], 20, "string_value") == texts[20].encode()
        assert sum(taken) < len(texts[20]) + 25 * 2048
        with pytest.raises(ValueError, match="another number of rows"):
            table.value(table.groups[0], 25, "string_value")


def test_a_file_cut_or_changed_anywhere_harms_nothing(tmp_path: Path) -> None:
    data = part(tmp_path / "made", ROWS).read_bytes()
    logs = tmp_path / "logs"
    part(logs, ROWS, run="good")
    write_damaged(data, 61, lambda name: logs / f"{name}_part_0.parquet")
    runs = Repo(tmp_path / "home", logs=logs).select_runs()
    assert any(points_of(run) == POINTS for run in runs)
    media_are_small_or_damaged(runs)


def test_any_change_of_the_metadata_is_an_error_or_read(tmp_path: Path) -> None:
    path = part(tmp_path, ROWS)
    data = path.read_bytes()
    length = int.from_bytes(data[-8:-4], "little")
    for at in range(len(data) - 8 - length, len(data), 7):
        for byte in (0, 0xFF):
            path.write_bytes(data[:at] + bytes((byte,)) + data[at + 1 :])
            with open(path, "rb") as file:
                try:
                    table = Parquet(file, len(data))
                    for group in table.groups:
                        table.column(group, "float_value")
                except ValueError:
                    pass


def test_a_file_of_something_else_is_told_and_costs_itself(tmp_path: Path) -> None:
    part(tmp_path / "logs", ROWS, run="good")
    pq.write_table(pa.table({"a": [1, 2]}), tmp_path / "logs" / "other_part_0.parquet")
    pq.write_table(pa.table({"attribute_path": [1.5]}), tmp_path / "logs" / "odd_part_0.parquet", compression="zstd")
    (tmp_path / "logs" / "text_part_0.parquet").write_text("hello")
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    assert points_of(repo.run("my-run")) == POINTS
    assert "text_part_0.parquet: it is not what Neptune's exporter writes" in " ".join(repo.source_notes())


def test_a_small_file_has_no_endless_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    for rows in (500_000, 1_000_000):
        pq.write_table(pa.table({"a": pa.nulls(rows * 2, pa.int64())}), path, row_group_size=rows)
        with path.open("rb") as file:
            if rows == 500_000:
                assert len(Parquet(file, path.stat().st_size).groups) == 2
            else:
                with pytest.raises(ValueError, match="more rows than a file of its size has"):
                    Parquet(file, path.stat().st_size)
