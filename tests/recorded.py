"""What runs recorded, as tables of tests write it."""

from __future__ import annotations

from typing import Any


def numbers_of(run: Any) -> dict[str, list[tuple[int, float]]]:
    """The steps and values of each metric, in its first context."""
    return {
        name: list(zip(metric.traces[0].steps.tolist(), metric.traces[0].values.tolist(), strict=True))
        for name, metric in run.metrics.items()
    }


def points_of(run: Any) -> dict[str, list[tuple[int, str]]]:
    """As `numbers_of`, with values as text, because NaN equals nothing."""
    return {name: [(step, repr(value)) for step, value in points] for name, points in numbers_of(run).items()}
