"""The runs of an MLflow tracking server, as a source: asked for page by page, and one run at a time."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar
from zlib import crc32

from aim.errors import LogError
from aim.importers.service import NotServed, Service, basic, environment, listed
from aim.index.sources import mlflow, objects
from aim.index.sources.collect import Collector, number
from aim.index.sources.files import begin, give_facts, run_id, writer_id
from aim.index.sources.mlflow import StoredRun
from aim.index.sources.source import Batch, Location, Source, SourceFile
from aim.index.sources.tree import FoundFile
from aim.index.state import RunState, WriterState
from aim.log.objects import MAX_SIZE
from aim.plain import visible

_API = "/api/2.0/mlflow"
_RUNS, _POINTS, _FILES = 500, 10_000, 10_000
_MOST_PAGES = 100_000
_WHOLE = re.compile(r"-?[0-9]{1,19}").fullmatch
_CREDENTIALS = "Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"


def service_of(uri: str) -> Service:
    """The server at a tracking URI, with the credentials that MLflow would use."""
    token, user, password = environment("MLFLOW_TRACKING_TOKEN", "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")
    headers = {"Authorization": f"Bearer {token}" if token else basic(user, password)} if token or user else {}
    return Service(uri, title="MLflow", credentials=_CREDENTIALS, headers=headers)


class MlflowServer(Source):
    """`versions` has a number for each run, which is another one when anything of the run changed."""

    name: ClassVar[str] = "mlflow"
    title: ClassVar[str] = "MLflow"
    appended: ClassVar[bool] = False

    def __init__(self, service: Service) -> None:
        self._service, self.place = service, service.url
        self._experiments: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self._paths: list[str] = []

    def names(self) -> Collection[str]:
        self._experiments.clear()
        self.versions.clear()
        for item in self._listed("/experiments/search", "experiments", {"max_results": _RUNS}):
            self._experiments[str(item.get("experiment_id"))] = str(item.get("name"))
        ids = list(self._experiments)
        for start in range(0, len(ids), 100):
            asked = {"experiment_ids": ids[start : start + 100], "max_results": _RUNS, "run_view_type": "ACTIVE_ONLY"}
            for item in self._listed("/runs/search", "runs", asked):
                id = str(objects.part(item, "info").get("run_id"))
                self.versions[id] = crc32(json.dumps(item, sort_keys=True).encode("utf-8", "backslashreplace"))
        return self.versions

    def files(self, folder: str) -> list[SourceFile]:
        where = f"{self._service.url}/{folder}"
        return [SourceFile(where, run_id(self.name, where), writer_id(folder), 0, 0)]

    def holds(self, writer: WriterState, file: SourceFile) -> bool:
        return False

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        said = objects.part(self._service.json(f"{_API}/runs/get", run_id=run.dir), "run")
        info, data = objects.part(said, "info"), objects.part(said, "data")
        stored = StoredRun(
            run.dir, self._experiments.get(str(info.get("experiment_id")), "Default"), str(info.get("status")),
            mlflow.seconds(_whole(info.get("start_time"))), mlflow.seconds(_whole(info.get("end_time"))),
            FoundFile(file.where, run.dir, 0, 0, (0, 0)), _texts(data, "params"), _texts(data, "tags"),
        )  # fmt: skip
        if info.get("run_name"):
            stored.tags.setdefault("mlflow.runName", str(info["run_name"]))
        begin(self, run, writer, file, **mlflow.begun(stored))
        mlflow.describe(writer, stored)
        values = Collector(writer)
        for metric in objects.parts(data, "metrics"):
            yield from self._metric(values, run.dir, str(metric.get("key")))
        self._paths = self._images(values, run.dir)
        for at, path in enumerate(self._paths):
            _take_image(values, path, at)
        give_facts(self.name, run, {**mlflow.facts_of(stored), "server": self._service.url})
        yield values.batch()

    def _metric(self, values: Collector, id: str, key: str) -> Iterator[Batch]:
        asked: dict[str, str | int] = {"run_id": id, "metric_key": key, "max_results": _POINTS}
        for _ in range(_MOST_PAGES):
            page = self._service.json(f"{_API}/metrics/get-history", **asked)
            items = objects.parts(page, "metrics")
            for item in items:
                value, step = _value(item.get("value")), _whole(item.get("step") or 0)
                if value is not None and step is not None:
                    values.point(key, step, value, mlflow.seconds(_whole(item.get("timestamp"))))
            yield values.batch()
            if not items or not (token := _next(page, asked)):
                return
            asked["page_token"] = token

    def _images(self, values: Collector, id: str) -> list[str]:
        """The paths of images, in the order in which they were logged."""
        paths: list[str] = []
        for item in self._artifacts(values, id, ""):
            if item != "images":
                values.skip("artifacts", item)
            else:
                paths = self._artifacts(values, id, "images")
        return sorted((path for path in paths if mlflow.IMAGE.fullmatch(os.path.basename(path))), key=mlflow.when)

    def _artifacts(self, values: Collector, id: str, path: str) -> list[str]:
        """What is in a folder of the artifacts, as far as the server reads and lists it."""
        asked: dict[str, str | int] = {"run_id": id, **({"path": path} if path else {})}
        paths: list[str] = []
        try:
            while len(paths) < _FILES:
                page = self._service.json(f"{_API}/artifacts/list", **asked)
                new = [str(item.get("path")) for item in objects.parts(page, "files")]
                paths += new
                if not new or not (token := _next(page, asked)):
                    break
                asked["page_token"] = token
        except NotServed as error:
            values.skip("artifacts", f"{path or 'all'}: {error}")
        return paths[:_FILES]

    def content(self, location: Location, kind: str, about: str, most: int | None) -> bytes:
        path = self._paths[location.at]
        try:
            return self._service.content("/get-artifact", MAX_SIZE, path=path, run_uuid=location.folder)
        except NotServed as error:
            raise LogError(f"{visible(path)[:200]} of run {location.folder}: {error}") from None

    def _listed(self, path: str, name: str, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
        return listed(self._pages(path, name, asked), self.place)

    def _pages(self, path: str, name: str, asked: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
        while True:
            page = self._service.json(f"{_API}{path}", asked)
            yield objects.parts(page, name)
            if not (token := _next(page, asked)):
                return
            asked = {**asked, "page_token": token}


def _take_image(values: Collector, path: str, at: int) -> None:
    match = mlflow.IMAGE.fullmatch(os.path.basename(path))
    if match is not None:
        values.medium(
            "image", mlflow.image_key(match), int(match["step"]), mlflow.seconds(int(match["time"])), at=at,
            size=0, about=json.dumps({"format": "png"}),
        )  # fmt: skip


def _next(page: dict[str, Any], asked: Mapping[str, Any]) -> str:
    """The token of the next page; empty after the last one, or where it would be the same again."""
    token = str(page.get("next_page_token") or "")
    return "" if token == asked.get("page_token") else token


def _texts(data: Mapping[str, Any], name: str) -> dict[str, str]:
    return {str(item.get("key")): str(item.get("value", "")) for item in objects.parts(data, name)}


def _whole(value: object) -> int | None:
    """An integer of 64 bits, which JSON of protobuf may write as text."""
    if isinstance(value, str) and _WHOLE(value):
        value = int(value)
    return value if isinstance(value, int) and -(1 << 63) <= value < 1 << 63 else None


def _value(value: object) -> float | None:
    read = number(value)
    return None if read is None else math.copysign(math.inf, read) if abs(read) >= mlflow.LARGEST else read
