"""A store of MLflow whose runs Aim records too.

MLflow keeps its own database and files in the folder, so all of MLflow works. Errors of ours are told once, and never
reach it.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import aim
from aim.integrations.training_run import harmless, needed
from aim.plain import typed

with needed("mlflow"):
    from mlflow.entities import LoggedModelStatus, RunStatus
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository
    from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as SqlRegistry
    from mlflow.store.tracking.dbmodels.models import SqlMetric
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

_SCHEME = "aim"
_DATABASE = "mlflow.db"
_ARTIFACTS = "mlartifacts"
_FIELDS = {"mlflow.runName": "name", "mlflow.note.content": "description"}
_IMAGE = re.compile(r"(?P<key>.+)[+%]step[+%](?P<step>\d{1,18})[+%]timestamp[+%]\d+[+%][^+%]*\.png")
_OF_RUN = re.compile(r"(?P<run>[0-9a-f]{32})/artifacts$")
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_YEAR_10000 = 253_402_300_800_000
_POINT = ("key", "timestamp", "step")
# SQLite takes so many values in one question.
_TOGETHER = 250


class AimStore(SqlAlchemyStore):  # type: ignore[misc]
    """MLflow's store in a database of SQLite, whose runs Aim records too."""

    def __init__(self, store_uri: str | None = None, artifact_uri: str | None = None) -> None:
        folder = _folder(store_uri or f"{_SCHEME}:")
        super().__init__(_database(folder), artifact_uri or f"{_SCHEME}:{(folder / _ARTIFACTS).as_posix()}")
        self._recorded = _FolderRuns.of(folder)

    def create_run(self, experiment_id: str, *args: Any, **others: Any) -> Any:
        run = super().create_run(experiment_id, *args, **others)
        self._begin(run, experiment_id)
        return run

    def update_run_info(self, run_id: str, run_status: Any, end_time: Any, *args: Any, **others: Any) -> Any:
        info = super().update_run_info(run_id, run_status, end_time, *args, **others)
        self._update(run_id, info)
        return info

    def log_metric(self, run_id: str, metric: Any) -> None:
        new: list[Any] = []
        self._find_new(run_id, [metric], new)
        super().log_metric(run_id, metric)
        self._recorded.metrics(run_id, new)

    def log_param(self, run_id: str, param: Any) -> Any:
        logged = super().log_param(run_id, param)
        self._recorded.params(run_id, [param])
        return logged

    def set_tag(self, run_id: str, tag: Any) -> None:
        super().set_tag(run_id, tag)
        self._recorded.tags(run_id, [tag])

    def delete_tag(self, run_id: str, key: str) -> None:
        super().delete_tag(run_id, key)
        self._recorded.tags(run_id, [_Pair(key, None)])

    def log_batch(self, run_id: str, metrics: Any, params: Any, tags: Any) -> None:
        new: list[Any] = []
        self._find_new(run_id, metrics, new)
        super().log_batch(run_id, metrics, params, tags)
        self._recorded.params(run_id, params)
        self._recorded.tags(run_id, tags)
        self._recorded.metrics(run_id, new)

    def finalize_logged_model(self, model_id: str, status: Any) -> Any:
        model = super().finalize_logged_model(model_id, status)
        if model.source_run_id and status == LoggedModelStatus.READY:
            self._recorded.artifact(model.source_run_id, _path(model.artifact_location), model.name, "model")
        return model

    def delete_run(self, run_id: str) -> None:
        super().delete_run(run_id)
        self._recorded.archive(run_id, True)

    def restore_run(self, run_id: str) -> None:
        super().restore_run(run_id)
        self._recorded.archive(run_id, False)

    @harmless
    def _find_new(self, run_id: str, metrics: Sequence[Any], new: list[Any]) -> None:
        """Those that MLflow does not have yet: of metrics with equal key, value, step and time it keeps one."""
        known: set[tuple[Any, ...]] = set()
        columns = [getattr(SqlMetric, name) for name in _POINT]
        for start in range(0, len(metrics), _TOGETHER):
            part = metrics[start : start + _TOGETHER]
            asked = [getattr(SqlMetric, name).in_({getattr(each, name) for each in part}) for name in _POINT]
            with self.ManagedSessionMaker() as session:
                rows = session.query(*columns, SqlMetric.value, SqlMetric.is_nan)
                known.update(map(tuple, rows.filter(SqlMetric.run_uuid == run_id, *asked)))
        for metric in metrics:
            is_nan, value = self.sanitize_metric_value(metric.value)
            point = (*(getattr(metric, name) for name in _POINT), value, is_nan)
            if point not in known:
                known.add(point)
                new.append(metric)

    @harmless
    def _begin(self, run: Any, experiment_id: str) -> None:
        self._recorded.begin(run.info.run_id, self.get_experiment(experiment_id).name)
        self._recorded.tags(run.info.run_id, _pairs(run.data.tags))

    @harmless
    def _update(self, run_id: str, info: Any) -> None:
        self._recorded.tags(run_id, _pairs({"mlflow.runName": info.run_name}))
        status = RunStatus.from_string(info.status)
        if RunStatus.is_terminated(status):
            self._recorded.end(run_id, _path(info.artifact_uri), None if status == RunStatus.FINISHED else info.status)


class AimArtifactRepository(LocalArtifactRepository):  # type: ignore[misc]
    """Artifacts as files of the folder. Images of `mlflow.log_image` are tracked when they are logged, the others are
    stored as artifacts when their run ends."""

    def __init__(self, artifact_uri: str, *args: Any, **others: Any) -> None:
        super().__init__(_path(artifact_uri).as_uri(), *args, **others)

    def log_artifact(self, local_file: str, artifact_path: str | None = None) -> None:
        super().log_artifact(local_file, artifact_path)
        self._image(Path(local_file), artifact_path)

    def log_artifacts(self, local_dir: str, artifact_path: str | None = None) -> None:
        super().log_artifacts(local_dir, artifact_path)
        for file in sorted(Path(local_dir).iterdir()):
            self._image(file, artifact_path)

    @harmless
    def _image(self, file: Path, artifact_path: str | None) -> None:
        folder = Path(self.artifact_dir)
        run, image = _OF_RUN.search(folder.as_posix()), _IMAGE.fullmatch(file.name)
        if artifact_path == "images" and run is not None and image is not None:
            recorded = _FolderRuns.of(_folder_above(folder))
            recorded.image(run["run"], file, image["key"].replace("#", "/").replace("~", "/"), int(image["step"]))


def registry_of(store_uri: str | None) -> Any:
    return SqlRegistry(_database(_folder(store_uri or f"{_SCHEME}:")))


class _FolderRuns:
    """The runs of a folder that this process records, by their ids in MLflow, which are their names here."""

    _known: dict[Path, _FolderRuns] = {}

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs: dict[str, aim.Run] = {}
        self._lock = threading.RLock()

    @classmethod
    def of(cls, folder: Path) -> _FolderRuns:
        return cls._known.setdefault(folder, cls(folder))

    def begin(self, run_id: str, experiment: str) -> None:
        with self._lock:
            self._runs[run_id] = aim.Run(run_id, repo=self._folder, experiment=experiment)

    def _run(self, run_id: str) -> aim.Run:
        """The run of another process, or one that ended, goes on."""
        with self._lock:
            if run_id not in self._runs or self._runs[run_id].closed:
                self._runs[run_id] = aim.Run(run_id, repo=self._folder, resume=True)
            return self._runs[run_id]

    @harmless
    def metrics(self, run_id: str, metrics: Iterable[Any]) -> None:
        for metric in metrics:
            self._run(run_id).track(metric.value, metric.key, metric.step, time=_seconds(metric.timestamp))

    @harmless
    def params(self, run_id: str, params: Iterable[Any]) -> None:
        if group := {param.key: typed(str(param.value)) for param in params}:
            self._run(run_id).set_params(group, name="hparams")

    @harmless
    def tags(self, run_id: str, tags: Iterable[Any]) -> None:
        for tag in tags:
            if tag.key in _FIELDS:
                setattr(self._run(run_id), _FIELDS[tag.key], tag.value)
            elif tag.key == "mlflow.parentRunId":
                self._run(run_id)["mlflow", "parent"] = tag.value
            elif not tag.key.startswith("mlflow."):
                self._run(run_id)["tags", tag.key] = tag.value

    @harmless
    def image(self, run_id: str, file: Path, name: str, step: int) -> None:
        self._run(run_id).track(aim.Image(str(file)), name, step)

    @harmless
    def artifact(self, run_id: str, path: Path, name: str, type: str) -> None:
        if path.exists():
            self._run(run_id).log_artifact(path, _NO_NAME.sub("-", name)[:128], type=type)

    @harmless
    def end(self, run_id: str, artifacts: Path, error: str | None) -> None:
        for path in sorted(artifacts.iterdir()) if artifacts.is_dir() else ():
            if path.name != "images":
                self.artifact(run_id, path, path.name, "mlflow")
        self._run(run_id).close(error=error)

    @harmless
    def archive(self, run_id: str, archived: bool) -> None:
        aim.Repo(self._folder).runs.edit(aim.Repo(self._folder).run(run_id).id, "archived", archived)


class _Pair:
    """A tag; without a value, it was deleted."""

    def __init__(self, key: str, value: str | None) -> None:
        self.key, self.value = key, value


def _pairs(tags: dict[str, str]) -> list[_Pair]:
    return [_Pair(key, value) for key, value in tags.items()]


def _seconds(milliseconds: int) -> float | None:
    """None for a time that no calendar has, such as one in microseconds."""
    return milliseconds / 1000 if 0 <= milliseconds < _YEAR_10000 else None


def _path(uri: str) -> Path:
    """The folder of `aim:/a/b`, `file:///a/b` or `/a/b`."""
    parts = urlsplit(uri)
    return Path(os.path.abspath(unquote(parts.path) if parts.scheme else uri))


def _folder(uri: str) -> Path:
    """The FOLDER of `aim:FOLDER`, where the repository is. Default: that of AIM_REPO, else the working folder."""
    named = uri.removeprefix(f"{_SCHEME}:").removeprefix("//")
    folder = Path(os.path.abspath(os.path.expanduser(named or os.environ.get("AIM_REPO") or ".")))
    folder = folder.parent if folder.name == ".aim" else folder
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _folder_above(artifacts: Path) -> Path:
    """The FOLDER of `FOLDER/mlartifacts/0/RUN/artifacts`."""
    return next(parent.parent for parent in artifacts.parents if parent.name == _ARTIFACTS)


def _database(folder: Path) -> str:
    return f"sqlite:///{(folder / _DATABASE).as_posix()}"
