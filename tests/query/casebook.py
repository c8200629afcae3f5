"""Reads tests/query/cases/*.txt: runs, and queries with what each must find.

    run {"hash": "a", "experiment": "default", "tags": ["best"], "archived": false, "status": "finished",
         "created_at": "2026-01-31T10:00", "duration": 60, "params": {"hparams": {"lr": 0.1}},
         "series": [["loss", {"subset": "train"}, [3.0, 2.0, 1.0]]]}

    loss if context.subset == train
    -> a loss{subset=train}

    if params.lr < 1
    -> a

A line that begins with `run` opens a run (JSON, on as many lines as it takes, until a blank line). Values of a series
have the steps 0, 1, 2, ...; a value may be NaN or Infinity, or a pair [step, value]. A query is one line; one that
begins with `if` is a filter of runs. `-> nothing` where nothing is found, and `-> error AT words` where the query is
refused at character AT (counted from 0) with words of its message or hint. Several finds are parted by `; `, in any
order. `#` begins a comment.

Operations may follow a query, one a line: `order COLUMN, COLUMN desc` and `group COLUMN, COLUMN` after a filter, whose
finds are then in this order, and `sample COLUMNS` after a statement, whose series are then found with their points:

    loss
    sample 2
    -> a loss{subset=train} 0=3.0 2=1.0
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent / "cases"
OPERATIONS = ("order ", "group ", "sample ")


@dataclass
class SeriesCase:
    name: str
    context: dict[str, Any]
    points: list[tuple[int, float]]

    def __str__(self) -> str:
        context = " ".join(f"{key}={value}" for key, value in sorted(self.context.items()))
        return f"{self.name}{{{context}}}" if context else self.name


@dataclass
class RunCase:
    hash: str
    series: list[SeriesCase] = field(default_factory=list)
    name: str | None = None
    experiment: str = "default"
    description: str | None = None
    tags: tuple[str, ...] = ()
    archived: bool = False
    status: str = "finished"
    created_at: float = 0.0
    duration: float = 0.0
    params: dict[str, Any] = field(default_factory=dict)
    # The metrics of all runs of the file.
    metrics: frozenset[str] = frozenset()


@dataclass
class QueryCase:
    query: str
    expected: str
    line: int
    order: tuple[tuple[str, bool], ...] = ()
    group: tuple[str, ...] = ()
    sample: int | None = None

    @property
    def filters_runs(self) -> bool:
        return self.query.startswith("if ")

    @property
    def finds(self) -> list[str]:
        """In their order, where the query has one."""
        finds = [] if self.expected == "nothing" else self.expected.split("; ")
        return finds if self.order or self.group else sorted(finds)


@dataclass
class CaseFile:
    path: Path
    runs: list[RunCase]
    queries: list[QueryCase]


def case_files() -> list[CaseFile]:
    return [read(path) for path in sorted(CASES.glob("*.txt"))]


def read(path: Path) -> CaseFile:
    lines = [line if not line.startswith("#") else "" for line in path.read_text(encoding="utf-8").splitlines()]
    runs = [run_case(json.loads(text)) for text in run_texts(lines)]
    metrics = frozenset(series.name for run in runs for series in run.series)
    return CaseFile(path, [replace(run, metrics=metrics) for run in runs], list(query_cases(lines)))


def run_texts(lines: list[str]) -> Iterator[str]:
    for at, line in enumerate(lines):
        if line.startswith("run {"):
            end = lines.index("", at) if "" in lines[at:] else len(lines)
            yield "\n".join(lines[at:end]).removeprefix("run ")


def run_case(given: dict[str, Any]) -> RunCase:
    series = [SeriesCase(name, context, points(values)) for name, context, values in given.pop("series", ())]
    moment = datetime.fromisoformat(given.pop("created_at", "2026-01-01")).replace(tzinfo=timezone.utc)
    tags = tuple(given.pop("tags", ()))
    return RunCase(series=series, created_at=moment.timestamp(), tags=tags, **given)


def points(values: list[Any]) -> list[tuple[int, float]]:
    return [(value[0], value[1]) if isinstance(value, list) else (step, value) for step, value in enumerate(values)]


def query_cases(lines: list[str]) -> Iterator[QueryCase]:
    for at, line in enumerate(lines):
        if line.startswith("-> "):
            begin = next(place for place in range(at - 1, -1, -1) if not lines[place].startswith(OPERATIONS))
            given = dict(text.split(" ", 1) for text in lines[begin + 1 : at])
            order = [(text.removesuffix(" desc"), text.endswith(" desc")) for text in columns(given.get("order"))]
            sample = int(given["sample"]) if "sample" in given else None
            group = tuple(columns(given.get("group")))
            yield QueryCase(lines[begin], line.removeprefix("-> ").strip(), at, tuple(order), group, sample)


def columns(text: str | None) -> list[str]:
    return text.split(", ") if text else []
