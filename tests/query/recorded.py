"""Writes the runs of a case file as a training would, and asks the repository."""

from __future__ import annotations

import os
from pathlib import Path

from aim import layout
from aim.log import record, status
from aim.log.writer import Writer
from aim.query.plan import Group, Sample, column_node
from aim.query.points import Points
from aim.repo import Repo
from tests.query.casebook import QueryCase, RunCase, SeriesCase


def repository(root: Path, runs: list[RunCase]) -> Repo:
    aim_dir = layout.resolve(root)
    layout.create(aim_dir)
    for run in runs:
        write(aim_dir, run)
    return Repo(root)


def answer(case: QueryCase, repo: Repo) -> list[str]:
    if case.filters_runs:
        group = Group(tuple(map(column_node, case.group))) if case.group else None
        table = repo.table.rows(case.query.removeprefix("if "), order=case.order, group=group)
        hashes = [run.hash for run in table.runs]
        return hashes if case.order or case.group else sorted(hashes)
    selection = repo.select(case.query)
    series = zip(selection.series.run.tolist(), selection.series.name, selection.series.context, strict=True)
    names = [f"{selection.runs[run].hash} {SeriesCase(name, context, [])}" for run, name, context in series]
    return sorted(
        names if case.sample is None else with_points(names, selection.points(sample=Sample(columns=case.sample)))
    )


def with_points(names: list[str], points: Points) -> list[str]:
    pairs = list(zip(points.steps.tolist(), points.values.tolist(), strict=True))
    ends = points.offsets.tolist()
    return [
        " ".join([name, *(f"{step}={value}" for step, value in pairs[begin:end])])
        for name, begin, end in zip(names, ends[:-1], ends[1:], strict=True)
    ]


def write(aim_dir: Path, run: RunCase) -> None:
    id = os.urandom(16)
    folder = layout.run_dir(aim_dir, run.hash)
    layout.make_folder(folder, aim_dir)
    writer = Writer(folder, id, aim_dir=aim_dir)
    stamp = int(run.created_at * 1e6)
    writer.append(record.START, record.encode_json(start(run, writer)))
    writer.append(record.PARAMS, record.encode_json({"stamp": stamp, "value": run.params}))
    for field, value in edits(run).items():
        edit = {"stamp": stamp + 1, "run": None, "field": field, "value": value}
        writer.append(record.EDIT, record.encode_json(edit))
    for number, series in enumerate(run.series):
        write_series(writer, number, series, run.created_at)
    if run.status == "finished":
        end = {"time": run.created_at + run.duration, "status": "finished", "error": None, "dropped": 0}
        writer.append(record.END, record.encode_json(end))
    writer.close()


def start(run: RunCase, writer: Writer) -> dict[str, object]:
    """A killed run names a process that is gone, a running one this process."""
    process = status.this_process() if run.status == "running" else {**status.this_process(), "started": "0"}
    return {
        "format": layout.FORMAT, "run": writer.run.hex(), "writer": writer.id.hex(), "hash": run.hash,
        "time": run.created_at, "experiment": run.experiment, "attempt": writer.id.hex(), "launch": None,
        "role": "main", "resume_from": None, "earlier": {}, "process": process, "facts": {},
    }  # fmt: skip


def edits(run: RunCase) -> dict[str, object]:
    texts = {"name": run.name, "description": run.description}
    written: dict[str, object] = {field: text for field, text in texts.items() if text is not None}
    return {**written, **{f"tag:{tag}": True for tag in run.tags}, **({"archived": True} if run.archived else {})}


def write_series(writer: Writer, number: int, series: SeriesCase, created_at: float) -> None:
    writer.append(record.SERIES, record.encode_series(number, series.name, series.context))
    for step, value in series.points:
        writer.append_float(number, step, float(value), created_at + step + number / 1000, float("nan"))
