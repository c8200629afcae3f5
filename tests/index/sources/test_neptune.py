"""What neptune-exporter writes is read as its own reader, pyarrow, reads it."""

from __future__ import annotations

import io
import random
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aim.index.sources.parquet import Parquet
from aim.media.distribution import Distribution
from aim.repo import Repo
from tests.index.sources.damaging import media_are_small_or_damaged, write_damaged

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

BEGAN = datetime(2026, 1, 1, tzinfo=timezone.utc)
MOMENT = pa.timestamp("ms", tz="UTC")
SCHEMA = pa.schema(
    [
        *(("project_id", pa.string()), ("run_id", pa.string()), ("attribute_path", pa.string())),
        *(("attribute_type", pa.string()), ("step", pa.decimal128(18, 6)), ("timestamp", MOMENT)),
        *(("int_value", pa.int64()), ("float_value", pa.float64()), ("string_value", pa.string())),
        *(("bool_value", pa.bool_()), ("datetime_value", MOMENT), ("string_set_value", pa.list_(pa.string()))),
        ("file_value", pa.struct([("path", pa.string())])),
        (
            "histogram_value",
            pa.struct([("type", pa.string()), ("edges", pa.list_(pa.float64())), ("values", pa.list_(pa.float64()))]),
        ),
    ]
)


def row(path: str, kind: str, step: Any = None, **values: Any) -> dict[str, Any]:
    at = None if step is None else BEGAN + timedelta(seconds=float(step))
    about = {"project_id": "team/vision", "run_id": "RUN-1", "attribute_path": path, "attribute_type": kind}
    return {**about, "step": None if step is None else Decimal(str(step)), "timestamp": at, **values}


HISTOGRAM = {"type": "COUNTING", "edges": [0.0, 1.0, 2.0], "values": [3.0, 4.0]}
ROWS = [
    row("sys/name", "string", string_value="first"), row("sys/custom_run_id", "string", string_value="my-run"),
    row("sys/creation_time", "datetime", datetime_value=BEGAN), row("sys/description", "string", string_value="a note"),
    row("sys/tags", "string_set", string_set_value=["t1", "t2"]), row("sys/failed", "bool", bool_value=False),
    row("params/lr", "float", float_value=0.01), row("params/model/depth", "int", int_value=3),
    row("flag", "bool", bool_value=True), row("params/names", "string_set", string_set_value=[]),
    *(row("train/loss", "float_series", i, float_value=1 / (i + 1)) for i in range(20)),
    row("train/loss", "float_series", 20, float_value=float("nan")), row("train/loss", "float_series", 21),
    *(row("acc", "float_series", step, float_value=step) for step in (0.5, 1.25)),
    row("monitoring/5d1f/cpu", "float_series", 0, float_value=12.5),
    row("monitoring/5d1f/stdout", "string_series", 0, string_value="printed"),
    row("said", "string_series", 3, string_value="hello"), row("h", "histogram_series", 4, histogram_value=HISTOGRAM),
    row("odd", "histogram_series", 4, histogram_value={**HISTOGRAM, "edges": [1.0]}),
    row("model", "file", file_value={"path": "RUN-1/model"}),
]  # fmt: skip


def part(folder: Path, rows: list[dict[str, Any]], number: int = 0, run: str = "RUN-1-0a1b", **options: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{run}_part_{number}.parquet"
    with pq.ParquetWriter(path, SCHEMA, **{"compression": "snappy", **options}) as writer:
        for start in range(0, len(rows), 25):
            writer.write_batch(pa.RecordBatch.from_pylist(rows[start : start + 25], schema=SCHEMA))
    return path


def points_of(run: Any) -> dict[str, list[tuple[int, str]]]:
    return {
        name: list(zip(metric.traces[0].steps.tolist(), map(repr, metric.traces[0].values.tolist()), strict=True))
        for name, metric in run.metrics.items()
    }


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
