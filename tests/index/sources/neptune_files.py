"""Writes parts as neptune-exporter does."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

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
