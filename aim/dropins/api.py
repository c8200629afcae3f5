"""`wandb.Api`: what this repository has recorded, as wandb gives the runs of its server."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from functools import cached_property
from typing import Any, overload

import aim
from aim.dropins.absent import Absent, trouble
from aim.dropins.failures import CommError
from aim.dropins.files import WandbArtifact, known, plain_name
from aim.dropins.filters import holds, sort_key
from aim.errors import ArtifactError, RepoError, RunError
from aim.plain import shown, text_of

_STATES = {"running": "running", "finished": "finished", "failed": "failed", "stopped": "killed"}
# Fields of filters and orders, and the attribute of a run.
_FIELDS = {
    "state": "state", "display_name": "name", "displayName": "name", "name": "id", "id": "id", "tags": "tags",
    "group": "group", "jobType": "job_type", "job_type": "job_type", "created_at": "created_at",
    "createdAt": "created_at", "description": "notes", "notes": "notes", "project": "project",
}  # fmt: skip
_BEGAN = ("created_at", "createdAt")
_SYSTEM = "system/"


class Api:
    """Reads AIM_REPO, else the nearest repository. Every question sees what is recorded at that moment."""

    def __init__(self, overrides: Mapping[str, Any] | None = None, *args: Any, **others: Any) -> None:
        self.settings = {"project": os.environ.get("WANDB_PROJECT"), **dict(overrides or {})}
        self.default_entity = text_of(self.settings.get("entity") or "")

    @cached_property
    def _repo(self) -> aim.Repo:
        try:
            return aim.Repo()
        except RepoError as error:
            raise CommError(str(error)) from error

    def run(self, path: str = "") -> RecordedRun:
        """By its id, also as `entity/project/id`."""
        id = text_of(path).strip("/").rpartition("/")[2]
        try:
            return RecordedRun(self._repo, self._repo.run(id))
        except RunError as error:
            raise CommError(f"could not find run {shown(path)}: {error}") from error

    def runs(
        self,
        path: str | None = None,
        filters: Mapping[str, Any] | None = None,
        order: str = "+created_at",
        per_page: int = 50,
        *args: Any,
        **others: Any,
    ) -> RecordedRuns:
        """Of the project in `path`, `entity/project`; of all without one."""
        project = text_of(path).rpartition("/")[2] if path else self.settings["project"]
        # AimQL reads the texts of JSON, but no character as two halves.
        named = json.dumps(project, ensure_ascii=False)
        there = self._repo.select_runs(f"experiment == {named}" if project else None)
        if project and not there and project not in self._repo.experiments.names():
            raise CommError(f"could not find project {shown(path or project)}")
        runs = [RecordedRun(self._repo, run) for run in there]
        return RecordedRuns([run for run in runs if holds(filters or {}, run.field)], order)

    def projects(self, entity: str | None = None, *args: Any, **others: Any) -> list[RecordedProject]:
        return [RecordedProject(name, entity or self.default_entity) for name in self._repo.experiments.names()]

    def project(self, name: str, entity: str | None = None) -> RecordedProject:
        return RecordedProject(name, entity or self.default_entity)

    def artifact(self, name: str, type: str | None = None) -> WandbArtifact:
        """By `name`, `name:v3` or `name:alias`, also with entity and project in front."""
        _, _, version = text_of(name).rpartition("/")[2].partition(":")
        try:
            return known(self._repo.artifacts.get(f"{plain_name(name)}:{version or 'latest'}"))
        except ArtifactError as error:
            raise CommError(f"could not find artifact {shown(name)}: {error}") from error

    def artifact_exists(self, name: str, type: str | None = None) -> bool:
        try:
            return bool(self.artifact(name))
        except CommError:
            return False

    def artifacts(self, type_name: str, name: str, *args: Any, **others: Any) -> list[WandbArtifact]:
        """All versions, the newest first."""
        there = self._repo.artifacts.versions(plain_name(name))
        return [known(version) for version in reversed(there) if version.type == type_name]

    def flush(self) -> None:
        """Nothing is kept between questions."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return Absent(f"Api.{name}")


class RecordedProject:
    def __init__(self, name: str, entity: str) -> None:
        self.name, self.entity = name, entity
        self.path = [entity, name]

    def __repr__(self) -> str:
        return f"<Project {self.name}>"


class RecordedRuns(Sequence["RecordedRun"]):
    """In the order of a field: `+created_at`, `-summary_metrics.loss`."""

    def __init__(self, runs: list[RecordedRun], order: str) -> None:
        name = order.lstrip("+-")
        keys = {id(run): run.began if name in _BEGAN else run.field(name) for run in runs}
        there = [run for run in runs if keys[id(run)] is not None]
        self._runs = sorted(there, key=lambda run: sort_key(keys[id(run)]), reverse=order.startswith("-"))
        self._runs += [run for run in runs if keys[id(run)] is None]

    def __len__(self) -> int:
        return len(self._runs)

    @overload
    def __getitem__(self, at: int) -> RecordedRun: ...
    @overload
    def __getitem__(self, at: slice) -> list[RecordedRun]: ...
    def __getitem__(self, at: int | slice) -> RecordedRun | list[RecordedRun]:
        return self._runs[at]

    def __repr__(self) -> str:
        return f"<{len(self)} runs>"


class RecordedSummary(dict[str, Any]):
    """The last value of each metric, and what the script put into its summary."""

    @property
    def _json_dict(self) -> dict[str, Any]:
        return dict(self)


class RecordedRun:
    """A run as wandb's Api gives it. `name`, `notes`, `tags` and `config` can be changed, and kept with `update`."""

    def __init__(self, repo: aim.Repo, run: Any) -> None:
        self._repo, self._run = repo, run
        about = run.params.get("wandb", {})
        self.id = self.storage_id = run.hash
        self.name = self.display_name = run.name or run.hash
        self.notes = self.description = run.description
        self.tags = list(run.tags)
        self._group = "hparams" if "hparams" in run.params else "default" if "default" in run.params else "hparams"
        self.config: dict[str, Any] = copy.deepcopy(run.params.get(self._group, {}))
        self._kept = copy.deepcopy(self.config)
        self.entity, self.group, self.job_type = (about.get(key, "") for key in ("entity", "group", "job_type"))
        self.project = run.experiment
        self.path = [self.entity, self.project, self.id]
        self.url = f"file://{repo.aim_dir}#{self.id}"
        self.state = _STATES.get(run.status, "crashed")
        self.began = run.created_at
        self.created_at = self.createdAt = _written(run.created_at)
        self.heartbeat_at = self.heartbeatAt = _written(run.seen_at)
        self.metadata = run.facts

    @property
    def rawconfig(self) -> dict[str, Any]:
        return self.config

    @cached_property
    def summary(self) -> RecordedSummary:
        last = {name: trace.last for name, trace in self._series(system=False).items()}
        steps = [trace.last_step for trace in self._series(system=False).values()]
        known = {"_step": max(steps), "_runtime": self._run.duration} if steps else {}
        return RecordedSummary({**known, **last, **self._run.params.get("summary", {})})

    @property
    def summary_metrics(self) -> RecordedSummary:
        return self.summary

    @property
    def system_metrics(self) -> dict[str, float]:
        return {name: trace.last for name, trace in self._series(system=True).items()}

    @property
    def lastHistoryStep(self) -> int:  # noqa: N802
        return int(self.summary.get("_step", -1))

    def field(self, name: str) -> Any:
        """The value of a field of filters, such as `config.lr`, `summary_metrics.loss` or `state`."""
        group, _, key = name.partition(".")
        if group in ("config", "summary_metrics", "summary"):
            return _reached(self.config if group == "config" else self.summary, key)
        if name not in _FIELDS:
            raise ValueError(
                f"runs have no field {shown(name)}; there are config.KEY, summary_metrics.KEY, {', '.join(_FIELDS)}"
            )
        return getattr(self, _FIELDS[name])

    # History

    def scan_history(
        self, keys: Sequence[str] | None = None, page_size: int = 1000, min_step: int = 0, max_step: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """A row for each step with its values; with `keys`, those of the rows that have them all."""
        return (row for row in self._rows(keys, system=False) if row["_step"] >= min_step and not _ends(row, max_step))

    def history(
        self,
        samples: int = 500,
        keys: Sequence[str] | None = None,
        x_axis: str = "_step",
        pandas: bool = True,
        stream: str = "default",
    ) -> Any:
        """Up to `samples` rows, evenly chosen, as a DataFrame or a list of dicts."""
        rows = list(self._rows(keys, system=stream == "system"))
        if len(rows) > samples > 1:
            rows = [rows[i * (len(rows) - 1) // (samples - 1)] for i in range(samples)]
        if not pandas:
            return rows
        from pandas import DataFrame

        return DataFrame(rows)

    def _rows(self, keys: Sequence[str] | None, *, system: bool) -> Iterator[dict[str, Any]]:
        series = self._series(system=system)
        rows: dict[int, dict[str, Any]] = {}
        for name, trace in series.items() if keys is None else ((key, series[key]) for key in keys if key in series):
            for step, value, time in zip(
                trace.steps.tolist(), trace.values.tolist(), trace.times.tolist(), strict=True
            ):
                row = rows.setdefault(step, {"_step": step, "_timestamp": time, "_runtime": 0.0})
                row[name] = value
                row["_timestamp"] = max(row["_timestamp"], time)
        for _, row in sorted(rows.items()):
            row["_runtime"] = row["_timestamp"] - self._run.created_at
            if keys is None:
                yield row
            elif all(key in row for key in keys):
                yield (
                    {key: row[key] for key in keys} if "_step" in keys else {key: row[key] for key in ("_step", *keys)}
                )

    def _series(self, *, system: bool) -> dict[str, Any]:
        """By the name, and the values of the context behind it: `loss`, `loss.val`."""
        return {
            ".".join([name, *map(text_of, trace.context.values())]): trace
            for name, metric in self._run.metrics.items()
            for trace in metric
            if name.startswith(_SYSTEM) == system
        }

    # Files and artifacts

    def files(self, names: Sequence[str] | None = None, *args: Any, **others: Any) -> list[Any]:
        """Those that the run saved, as `download(root)`, `name` and `size`."""
        saved = [made for made in self.logged_artifacts() if made.type == "run files"]
        return [file for made in saved[-1:] for file in made.files() if not names or file.name in names]

    def file(self, name: str) -> Any:
        if there := self.files([name]):
            return there[0]
        raise CommError(f"run {self.id} has no file {shown(name)}; it has {[file.name for file in self.files()][:5]}")

    def logged_artifacts(self, *args: Any, **others: Any) -> list[WandbArtifact]:
        return [known(each) for each in self._repo.artifacts.of_run(self._run.id).made]

    def used_artifacts(self, *args: Any, **others: Any) -> list[WandbArtifact]:
        return [known(each) for each in self._repo.artifacts.of_run(self._run.id).used]

    # Changes

    def update(self) -> None:
        """Keep what was changed here. Values that a param cannot have are refused before anything is kept."""
        runs, id = self._repo.runs, self._run.id
        before, now = dict(_leaves(self._kept)), dict(_leaves(self.config))
        if removed := [path for path in before if path not in now]:
            trouble.tell(
                "removed",
                f"config key {shown('.'.join(removed[0]))} was removed: it is None from now on, since params stay",
            )
        changed = {path: value for path, value in now.items() if path not in before or before[path] != value}
        changed.update(dict.fromkeys(path for path in removed if not _is_within(path, now)))
        if changed:
            runs.add_params(id, {(self._group, *path): value for path, value in changed.items()})
        for field, value, before in (
            ("name", self.name, self._run.name or self._run.hash), ("description", self.notes, self._run.description),
        ):  # fmt: skip
            if value != before:
                runs.edit(id, field, value or "")
        for tag in set(self.tags) ^ set(self._run.tags):
            runs.edit(id, "tag" if tag in self.tags else "untag", tag)
        self._run, self._kept = self._repo.run(id), copy.deepcopy(self.config)

    save = update

    def delete(self, delete_artifacts: bool = False) -> None:
        self._repo.runs.delete(self._run.id)

    def load(self, force: bool = False) -> Any:
        return self

    def wait_until_finished(self) -> None:
        """The state is that of the moment when the run was read."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return Absent(f"Api.run.{name}")

    def __repr__(self) -> str:
        return f"<Run {'/'.join(filter(None, self.path))} ({self.state})>"


def _ends(row: Mapping[str, Any], max_step: int | None) -> bool:
    return max_step is not None and row["_step"] >= max_step


def _written(time: float) -> str:
    return datetime.fromtimestamp(time, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _leaves(values: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The values in nested dicts, each with its path."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*path, text_of(key)))
        else:
            yield (*path, text_of(key)), value


def _is_within(path: tuple[str, ...], leaves: Mapping[tuple[str, ...], Any]) -> bool:
    """Whether a leaf took the place of the group that `path` was in, or a group that of `path`."""
    return any(path[: len(leaf)] == leaf or leaf[: len(path)] == path for leaf in leaves)


def _reached(values: Mapping[str, Any], key: str) -> Any:
    """At a key, which may have dots, or at a path; `config.lr.value` is `config.lr`."""
    key = key.removesuffix(".value")
    if key in values:
        return values[key]
    reached: Any = values
    for part in key.split("."):
        reached = reached.get(part) if isinstance(reached, Mapping) else None
    return reached
