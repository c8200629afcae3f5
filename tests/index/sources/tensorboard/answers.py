"""The answers of a repository about event files, and real files of TensorBoard, TensorFlow and torch."""

from __future__ import annotations

from pathlib import Path

from aim.repo import Repo

GOLDEN = Path(__file__).parents[3] / "golden" / "tensorboard"


def series_of(repo: Repo, statement: str = "*") -> dict[str, dict[str, list[tuple[int, float]]]]:
    """The points of every series, by run and name, with the context's `tag` if it has one."""
    answer: dict[str, dict[str, list[tuple[int, float]]]] = {}
    for run in repo.select_metrics(statement):
        for name, metric in run.metrics.items():
            for trace in metric.traces:
                points = list(zip(trace.steps.tolist(), trace.values.tolist(), strict=True))
                series = f"{name} {trace.context['tag']}" if "tag" in trace.context else name
                assert series not in answer.setdefault(run.hash, {})
                answer[run.hash][series] = points
    return answer


def pairs(*values: float, first: int = 0) -> list[tuple[int, float]]:
    return [(first + step, number) for step, number in enumerate(values)]
