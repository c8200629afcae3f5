"""The runs of a project on the server of W&B, as a source: asked for page by page, and one run at a time."""

from __future__ import annotations

import json
import netrc
import os
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlsplit
from zlib import crc32

from aim import user
from aim.errors import LogError, RemoteError
from aim.importers.service import NotServed, Service, basic, environment, listed
from aim.index.sources import objects, wandb
from aim.index.sources.collect import Collector, number, utc, whole
from aim.index.sources.files import begin, edit, give_facts, give_params, run_id, writer_id
from aim.index.sources.frames import PER_RECORD
from aim.index.sources.source import Batch, Location, Source, SourceFile
from aim.index.state import RunState, WriterState, clean
from aim.log import bounds
from aim.log.objects import MAX_SIZE
from aim.plain import visible

_ADDRESS = "https://api.wandb.ai"
_CREDENTIALS = "Set WANDB_API_KEY, or run `wandb login`, which keeps the key in .netrc; WANDB_BASE_URL is the server"
_RUNS, _ROWS, _SAMPLES = 100, 1_000, 10_000
_MOST_PAGES, _WIDEST = 1_000_000, 1 << 61
_FAILED = {"finished": False, "failed": True, "crashed": True, "killed": True}
_ABOUT = "name displayName state group jobType createdAt heartbeatAt notes tags historyLineCount commit"
_RUN = f"{_ABOUT} host config summaryMetrics historyKeys user {{ username }}"
_OF_PROJECT = "$entity: String!, $project: String!"
_PROJECT = "project(name: $project, entityName: $entity)"
_LIST = f"""query Runs({_OF_PROJECT}, $cursor: String, $count: Int!) {{ {_PROJECT} {{
  runs(after: $cursor, first: $count, order: "+created_at") {{
    edges {{ node {{ {_ABOUT} }} }} pageInfo {{ endCursor hasNextPage }} }} }} }}"""
_ONE = f"query Run({_OF_PROJECT}, $run: String!) {{ {_PROJECT} {{ run(name: $run) {{ {_RUN} }} }} }}"
_HISTORY = f"""query HistoryPage({_OF_PROJECT}, $run: String!, $minStep: Int64!, $maxStep: Int64!, $pageSize: Int!) {{
  {_PROJECT} {{ run(name: $run) {{ history(minStep: $minStep, maxStep: $maxStep, samples: $pageSize) }} }} }}"""
_EVENTS = f"""query Events({_OF_PROJECT}, $run: String!, $samples: Int!) {{
  {_PROJECT} {{ run(name: $run) {{ events(samples: $samples) }} }} }}"""
_FILE = f"""query File({_OF_PROJECT}, $run: String!, $names: [String]!) {{
  {_PROJECT} {{ run(name: $run) {{ files(names: $names, first: 1) {{ edges {{ node {{ directUrl }} }} }} }} }} }}"""


def service() -> Service:
    """The server of W&B, with the key that wandb would use."""
    key, address = environment("WANDB_API_KEY", "WANDB_BASE_URL")
    address = address or _ADDRESS
    key = key or _from_netrc(urlsplit(address).hostname or "")
    if not key:
        raise RemoteError(f"there is no key for W&B. {_CREDENTIALS}")
    headers = {"Authorization": basic("api", key)}
    return Service(address, title="W&B", credentials=_CREDENTIALS, headers=headers)


def _from_netrc(host: str) -> str:
    for name in (os.environ.get("NETRC"), "~/.netrc", "~/_netrc"):
        try:
            known = netrc.netrc(user.expanded(name)).authenticators(host) if name else None
        except (OSError, netrc.NetrcParseError, ValueError):
            continue
        if known is not None and known[2]:
            return known[2]
    return ""


class WandbServer(Source):
    """`versions` has a number for each run, which is another one when anything of the run changed."""

    name: ClassVar[str] = "wandb"
    title: ClassVar[str] = "W&B"
    appended: ClassVar[bool] = False

    def __init__(self, service: Service, entity: str, project: str) -> None:
        self._service = service
        self._entity, self._project = entity, project
        self.place = f"{service.url}/{entity}/{project}"
        self.versions: dict[str, int] = {}
        self._media: dict[int, wandb.Medium] = {}
        self._values: Collector | None = None

    def names(self) -> Collection[str]:
        self.versions.clear()
        for edge in listed(self._pages(), self.place):
            node = objects.part(edge, "node")
            version = crc32(json.dumps(node, sort_keys=True).encode("utf-8", "backslashreplace"))
            self.versions[str(node.get("name"))] = version
        return self.versions

    def _pages(self) -> Iterator[list[dict[str, Any]]]:
        cursor: str | None = None
        while True:
            runs = objects.part(self._ask(_LIST, cursor=cursor, count=_RUNS), "runs")
            yield objects.parts(runs, "edges")
            page = objects.part(runs, "pageInfo")
            if not page.get("hasNextPage") or page.get("endCursor") in (None, cursor):
                return
            cursor = str(page["endCursor"])

    def files(self, folder: str) -> list[SourceFile]:
        where = f"{self.place}/{folder}"
        return [SourceFile(where, run_id(self.name, where), writer_id(folder), 0, 0)]

    def holds(self, writer: WriterState, file: SourceFile) -> bool:
        return False

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        node = self._of_run(_ONE, run.dir)
        started, ended = _moment(node.get("createdAt")), _moment(node.get("heartbeatAt"))
        begin(
            self, run, writer, file, hash=clean(run.dir), experiment=clean(self._project), ends=True, texts=[],
            failed=_FAILED.get(str(node.get("state"))),
        )  # fmt: skip
        writer.started = writer.start["time"] = started
        writer.last_time = max(started, ended)
        for field, name in (("name", "displayName"), ("description", "notes")):
            if isinstance(node.get(name), str) and node[name]:
                edit(writer, field, clean(node[name]), started)
        tags = node.get("tags")
        for tag in tags if isinstance(tags, list) else ():
            edit(writer, f"tag:{clean(str(tag))}", True, started)
        values = self._values = Collector(writer)
        yield from self._history(values, run.dir, node)
        self._events(values, run.dir)
        made = values.batch()
        self._describe(run, writer, node)
        yield made

    def _describe(self, run: RunState, writer: WriterState, node: dict[str, Any]) -> None:
        config = {key: _value(item) for key, item in _json(node.get("config")).items() if key != "_wandb"}
        named = {"group": node.get("group"), "job_type": node.get("jobType"), "entity": self._entity}
        groups = {
            "hparams": config, "wandb": {name: value for name, value in named.items() if value},
            "summary": wandb.summary_of(dict(wandb.summary_in(_json(node.get("summaryMetrics")))), writer),
        }  # fmt: skip
        give_params(writer, groups)
        facts = {name: node.get(name) for name in ("host", "commit", "state")}
        give_facts(self.name, run, {**facts, "project": self._project, "server": self._service.url})

    def _history(self, values: Collector, id: str, node: dict[str, Any]) -> Iterator[Batch]:
        """All rows. The server samples an answer that would have more rows than a page, so the range of steps of each
        page follows how dense the rows are."""
        last = whole(objects.part(node, "historyKeys").get("lastStep"))
        stop = (last if last is not None else whole(node.get("historyLineCount")) or 0) + 1
        first, width = 0, _ROWS
        for _ in range(_MOST_PAGES):
            if first >= stop:
                return
            asked = {"minStep": first, "maxStep": min(first + width, stop), "pageSize": _ROWS}
            rows = self._of_run(_HISTORY, id, **asked).get("history")
            rows = rows if isinstance(rows, list) else []
            if len(rows) >= _ROWS and width > _ROWS:
                width = max(_ROWS, width // 4)
                continue
            first += width
            width = min(width * 2, _WIDEST) if len(rows) < _ROWS // 4 else width
            self._media = {}
            for text in rows:
                self._take(values, _json(text))
            yield values.batch()

    def _take(self, values: Collector, row: dict[str, Any]) -> None:
        step = whole(row.get("_step"))
        if step is None:
            values.skip("rows without a step", "")
            return
        for item in wandb.take_row(values, row, step, step):
            self._media[step * PER_RECORD + item.place] = item

    def _events(self, values: Collector, id: str) -> None:
        """System metrics, which the server samples if there are many."""
        rows = self._of_run(_EVENTS, id, samples=_SAMPLES).get("events")
        for step, text in enumerate(rows if isinstance(rows, list) else ()):
            row = _json(text)
            time = bounds.seconds(row.get("_timestamp"))
            for name, value in row.items():
                if name.startswith("system.") and (read := number(value)) is not None:
                    values.point(f"system/{name.removeprefix('system.')}", step, read, time)

    def content(self, location: Location, kind: str, about: str, most: int | None) -> bytes:
        item = self._media.get(location.at)
        if item is None:
            raise LogError(f"a value of run {location.folder} is gone")
        try:
            return item.content(partial(self._part, location.folder, item))
        except (NotServed, ValueError) as error:
            what = visible(item.path or item.key)[:200]
            raise LogError(f"{what} of run {location.folder}: {error}") from None

    def _part(self, run: str, item: wandb.Medium, path: str) -> bytes:
        """The file of an item, or one of those that its cells name. A cell without its image costs no table."""
        try:
            return self._file(run, path)
        except (NotServed, ValueError) as error:
            if path == item.path:
                raise
            if self._values is not None:
                self._values.skip(f"images in cells of {clean(item.key)[:100]}", path)
            raise ValueError(str(error)) from None

    def _file(self, run: str, path: str) -> bytes:
        """Raises NotServed, and ValueError if it is gone."""
        files = objects.part(self._of_run(_FILE, run, names=[path]), "files")
        url = next((objects.part(edge, "node").get("directUrl") for edge in objects.parts(files, "edges")), None)
        if not isinstance(url, str):
            raise ValueError("it is gone")
        return self._service.elsewhere(url, MAX_SIZE)

    def _of_run(self, query: str, id: str, **given: object) -> dict[str, Any]:
        project, why = self._asked(query, run=id, **given)
        if why or not isinstance(project.get("run"), dict):
            raise NotServed(f"{self._service.url} does not show it{why}. Is it still there, and may the key read it?")
        return objects.part(project, "run")

    def _ask(self, query: str, **given: object) -> dict[str, Any]:
        project, why = self._asked(query, **given)
        if why or not project:
            raise RemoteError(
                f"{self._service.url} shows no project {self._entity}/{self._project}{why}. Is its name right, and may "
                "the key read it?"
            )
        return project

    def _asked(self, query: str, **given: object) -> tuple[dict[str, Any], str]:
        """The project as far as it was asked for, and what the server says is wrong."""
        variables = {"entity": self._entity, "project": self._project, **given}
        answer = self._service.json("/graphql", {"query": query, "variables": variables})
        errors = [str(error.get("message")) for error in objects.parts(answer, "errors")]
        why = f": {visible(errors[0])[:300]}" if errors else ""
        return objects.part(objects.part(answer, "data"), "project"), why


def _json(text: object) -> dict[str, Any]:
    """An object, which the server gives as text."""
    try:
        value = bounds.loads(text.encode("utf-8", "surrogatepass")) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _value(item: object) -> object:
    return item["value"] if isinstance(item, dict) and "value" in item else item


def _moment(value: object) -> float:
    return utc(value.removesuffix("Z")) if isinstance(value, str) else 0.0
