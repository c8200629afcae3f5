"""What a drop-in recorded, as aim.Repo reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aim
from aim.query.media import MediaPoint
from aim.query.result import Run

Points = dict[str, list[tuple[int, float]]]


def only(folder: Path) -> Run:
    (run,) = aim.Repo(folder).select_runs()
    return run


def points(folder: Path) -> Points:
    """The steps and values of each metric, without those of the system."""
    read: Points = {}
    for name, metric in only(folder).metrics.items():
        for trace in metric:
            if not name.startswith("system/"):
                read[name] = list(zip(trace.steps.tolist(), trace.values.tolist(), strict=True))
    return read


def epochs(folder: Path, name: str) -> list[float]:
    (trace,) = only(folder).metrics[name]
    return list(trace.epochs.tolist())


def media(folder: Path) -> dict[str, list[tuple[int, MediaPoint]]]:
    return {series.name: list(zip(series.steps.tolist(), series, strict=True)) for series in aim.Repo(folder).objects()}


def params(folder: Path, group: str) -> dict[str, Any]:
    return dict(only(folder).params.get(group, {}))
