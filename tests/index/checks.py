"""Compares a catalog with a simple reader of the logs."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from aim.index.catalog import Catalog, seconds
from aim.index.local import Local
from aim.index.partition import Partition
from aim.index.refresh import Index
from aim.index.series import gather
from tests.index.logs import Point, series_of


def contents(catalog: Catalog) -> tuple[dict[tuple[str, str, str], list[Point]], dict[Any, Any]]:
    """All points and all statistics by series."""
    rows = gather(catalog)
    points, offsets = rows.points(["step", "value", "time", "epoch"])
    points_of, stats = {}, {}
    for i in range(len(rows)):
        context = json.dumps(json.loads(rows.columns["context"][i]), sort_keys=True)
        key = (catalog.ids[rows.columns["run"][i]], rows.columns["name"][i], context)
        part = slice(offsets[i], offsets[i + 1])
        times = seconds(points["time"][part]).tolist()
        columns = (points["step"][part].tolist(), points["value"][part].tolist(), times, points["epoch"][part].tolist())
        points_of[key] = list(zip(*columns, strict=True))
        numbers = {name: rows.columns[name][i].item() for name in STATS}
        numbers["mean"] = (rows.columns["sum"][i] + rows.columns["sum_rest"][i]).item()
        stats[key] = numbers
    return points_of, stats


STATS = (
    "count",
    "first",
    "first_step",
    "last",
    "last_step",
    "min",
    "min_step",
    "max",
    "max_step",
    "numbers",
    "nonfinite",
)


def expected_stats(points: list[Point]) -> dict[str, float]:
    steps, values = [point[0] for point in points], [point[1] for point in points]
    numbers = [value for value in values if not math.isnan(value)]
    low, high = min(numbers, default=math.nan), max(numbers, default=math.nan)
    return {
        "count": len(points), "numbers": len(numbers), "nonfinite": sum(not math.isfinite(value) for value in values),
        "first": values[0], "first_step": steps[0], "last": values[-1], "last_step": steps[-1], "min": low, "max": high,
        "min_step": steps[values.index(low)] if numbers else steps[0],
        "max_step": steps[values.index(high)] if numbers else steps[0],
    }  # fmt: skip


def same(left: Any, other: Any) -> bool:
    return bool(np.array_equal(np.array(left, float), np.array(other, float), equal_nan=True))


def check(repo: Path, catalog: Catalog) -> dict[Any, Any]:
    """Compare the catalog with a simple reader of the logs; returns its statistics."""
    wanted = series_of(repo)
    points, stats = contents(catalog)
    assert points.keys() == wanted.keys()
    for key, expected in wanted.items():
        assert same(points[key], expected), key
        numbers = expected_stats(expected)
        assert same([stats[key][name] for name in numbers], list(numbers.values())), (key, stats[key], numbers)
    return stats


def index(repo: Path) -> Index:
    return Index(Local(repo / ".aim"))


def partition_of(index: Index) -> Partition:
    """What reads the logs of the repository."""
    assert isinstance(index.catalogs, Local)
    return index.catalogs.partitions[0]


def same_numbers(left: dict[Any, Any], other: dict[Any, Any]) -> bool:
    """Equal to the last bit, including sums, however the folding was split."""
    return left.keys() == other.keys() and all(
        same(list(left[key].values()), list(other[key].values())) for key in left
    )
