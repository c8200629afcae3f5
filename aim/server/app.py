"""The server as one ASGI app: the route table, and the way of a request to its row."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from aim.errors import ServerError
from aim.server import wire
from aim.server.answer import Refused, answer, failure
from aim.server.detail import Detail
from aim.server.experiments import Experiments
from aim.server.launch import Door, Launch
from aim.server.live import Live
from aim.server.objects import CONTENT, Objects
from aim.server.openapi import Route, openapi
from aim.server.output import Output
from aim.server.pages import page
from aim.server.queues import Queues
from aim.server.runs import Runs
from aim.server.security import Guard, Policy, refuse_odd_hosts
from aim.server.series import Series
from aim.server.static import PACKAGED, Static
from aim.server.table import Table
from aim.server.tags import Bookmarks, Tags
from aim.server.work import Work

if TYPE_CHECKING:
    from aim.repo import Repo

JSON = "application/json"
EVENTS = "text/event-stream"
# Where links of Aim 2 point.
EXPLORE = "explore"
MAX_PARTS = 32
MIN_TOKEN = 16


def routes(repo: Repo, work: Work, live: Live, *, read_only: bool) -> tuple[Route, ...]:
    w = wire
    runs, series, table = Runs(repo, work, read_only=read_only), Series(repo, work), Table(repo, work)
    parts = repo, work, runs.read_write
    output, objects = Output(repo, work), Objects(repo, work)
    detail, experiments, tags, bookmarks = Detail(*parts), Experiments(*parts), Tags(*parts), Bookmarks(*parts)
    return (
        Route("GET", "api/project", runs.project, "The repository and what may be done with it", w.Project),
        Route("GET", "api/complete", runs.complete, "What can stand at the cursor", w.Completion, w.CompleteQuery),
        Route("GET", "api/check", runs.check, "Whether a statement is right", w.Check, w.Query),
        Route("GET", "api/series", series.search, "Runs, params and points", w.FRAMES, w.SeriesQuery),
        Route("GET", "api/runs", runs.list, "Runs and params", w.FRAMES, w.RunsQuery),
        Route("GET", "api/table", table.rows, "Runs, params and metrics in numbers", w.FRAMES, w.TableQuery),
        Route("GET", "api/page", table.page, "Some runs of a sorted table", w.FRAMES, w.PageQuery),
        Route("GET", "api/beside", table.beside, "A metric where another is best", w.FRAMES, w.BesideQuery),
        Route("GET", "api/run", detail.run, "One run but its points", w.RunDetail, w.RunQuery),
        Route("GET", "api/run/output", output.page, "What a run printed", w.OutputPage, w.OutputQuery),
        Route("GET", "api/run/output/find", output.find, "Text in what it printed", w.OutputPlaces, w.OutputSearch),
        Route("GET", "api/run/messages", output.messages, "The lines that a run logged", w.LogMessages, w.RunQuery),
        Route("GET", "api/run/objects", objects.series, "Its texts, pictures...", w.RunObjects, w.ObjectsQuery),
        Route("GET", "api/run/object/values", objects.values, "Some of one", w.ObjectValues, w.ObjectValuesQuery),
        Route("GET", "api/run/blob", objects.content, "The bytes of one value", CONTENT, w.BlobQuery),
        Route("GET", "api/overview", experiments.overview, "What happened here", w.Overview, w.OverviewQuery),
        Route("GET", "api/experiments", experiments.list, "All experiments", w.Experiments),
        Route("GET", "api/tags", tags.list, "All tags", w.Tags),
        Route("GET", "api/bookmarks", bookmarks.list, "All bookmarks", w.Bookmarks),
        Route("GET", "api/live", live.events, "A LiveEvent whenever runs changed", EVENTS),
        Route("POST", "api/runs/archive", runs.archive, "Archive, or bring back", w.Changed, body=w.ArchiveRequest),
        Route("POST", "api/runs/delete", runs.delete, "Delete runs for ever", w.Deleted, body=w.DeleteRequest),
        Route("POST", "api/runs/edit", runs.edit, "Name, describe, move, tag", w.Changed, body=w.EditRequest),
        Route("POST", "api/runs/params", runs.params, "Give params", w.Changed, body=w.ParamsRequest),
        Route("POST", "api/runs/note", detail.note, "Write or remove a note", w.Saved, body=w.NoteRequest),
        Route("POST", "api/experiments/add", experiments.add, "Make one", w.Changed, body=w.ExperimentName),
        Route("POST", "api/experiments/edit", experiments.edit, "Change one", w.Changed, body=w.ExperimentRequest),
        Route("POST", "api/experiments/delete", experiments.delete, "With its runs", w.Deleted, body=w.ExperimentName),
        Route("POST", "api/tags/save", tags.save, "Make or change a tag", w.Changed, body=w.TagRequest),
        Route("POST", "api/tags/delete", tags.delete, "Take it off all runs", w.Changed, body=w.TagName),
        Route("POST", "api/bookmarks/save", bookmarks.save, "Make or change one", w.Saved, body=w.BookmarkRequest),
        Route("POST", "api/bookmarks/delete", bookmarks.delete, "Remove one", w.Changed, body=w.BookmarkName),
    )


def launch_routes(repo: Repo, work: Work, door: Door) -> tuple[Route, ...]:
    w = wire
    launch, queues = Launch(repo, work, door), Queues(repo, work, door)
    return (
        Route("GET", "api/launch", launch.status, "Whether commands may be started, or why not", w.LaunchStatus),
        Route("GET", "api/launch/draft", launch.draft, "A run's command, with parameters", w.Draft, w.RunQuery),
        Route("GET", "api/processes", launch.processes, "Supervised commands", w.Processes, w.ProcessesQuery),
        Route("GET", "api/process", launch.process, "One of them", w.Process, w.RunQuery),
        Route("GET", "api/templates", launch.templates, "Commands with parameters", w.Templates),
        Route("GET", "api/queues", queues.list, "Queues, the newest first", w.Queues),
        Route("GET", "api/queue", queues.queue, "One queue with its trials", w.QueueDetail, w.QueueQuery),
        Route("POST", "api/launch/preview", launch.preview, "What would start", w.Preview, body=w.PreviewRequest),
        Route("POST", "api/launch/start", launch.start, "Start a command", w.Started, body=w.StartRequest),
        Route("POST", "api/processes/stop", launch.stop, "Stop one", w.Changed, body=w.StopRequest),
        Route("POST", "api/templates/save", launch.save_template, "Make or change", w.Saved, body=w.TemplateRequest),
        Route("POST", "api/templates/delete", launch.delete_template, "Remove one", w.Changed, body=w.TemplateName),
        Route("POST", "api/queues/preview", queues.preview, "List it", w.QueuePreview, body=w.QueuePreviewRequest),
        Route("POST", "api/queues/add", queues.add, "Make a queue of trials", w.Saved, body=w.QueueRequest),
        Route("POST", "api/queues/edit", queues.edit, "Pause, slots, order", w.Changed, body=w.QueueEdit),
        Route("POST", "api/queues/trials", queues.trials, "Cancel, or retry", w.Changed, body=w.TrialsRequest),
        Route("POST", "api/queues/delete", queues.delete, "Forget one; runs stay", w.Changed, body=w.QueueName),
    )


class App:
    def __init__(self, repo: Repo, *, policy: Policy, ui: Static, read_only: bool, allow_run: bool = False) -> None:
        self.work = Work()
        self.live = Live(repo)
        self.ui = ui
        write = Runs(repo, self.work, read_only=read_only).read_write
        door = Door(repo, write, allow_run=allow_run, read_only=read_only, started_by=policy.command)
        table = (*routes(repo, self.work, self.live, read_only=read_only), *launch_routes(repo, self.work, door))
        description = Route("GET", "api/openapi.json", self.describe, "This description", JSON)
        self.routes = (*table, description)
        self.methods: dict[str, dict[str, Route]] = {}
        for route in self.routes:
            self.methods.setdefault(route.path, {})[route.method] = route
        self.guard = Guard(self.dispatch, policy)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.guard(scope, receive, send)

    async def dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self.answer(Request(scope, receive))
        except Exception as error:
            response = failure(error)
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        path = self.without_prefix(request.scope["path"])
        if path in self.methods:
            return await self.call(request, self.methods[path])
        if request.method not in ("GET", "HEAD"):
            raise not_allowed(request.method, ["GET"])
        if response := self.ui.answer("" if path == EXPLORE else path):
            return response
        if "/api/" in request.scope["path"]:
            raise Refused(404, f"There is no {path[:200]!r} here.", hint="api/openapi.json lists what there is.")
        return page(404, "There is nothing at this address", "Everything is on one page.", link=("./", "Open it"))

    def without_prefix(self, path: str) -> str:
        """The address relative to us. A proxy may leave a prefix on it, so the longest tail that we know counts."""
        parts = path.split("/")[1:]
        if len(parts) > MAX_PARTS or not set(parts).isdisjoint({".", ".."}):
            return path
        tails = ["/".join(parts[index:]) for index in range(len(parts))]
        if "api" in parts and parts[-1] == "":
            return path
        known = (tail for tail in tails if tail in self.methods or tail in ("", EXPLORE) or self.ui.find(tail))
        return next(known, path[1:])

    async def call(self, request: Request, methods: dict[str, Route]) -> Response:
        route = methods.get("GET" if request.method == "HEAD" else request.method)
        if route is None:
            raise not_allowed(request.method, list(methods))
        if request.method == "HEAD" and route.answer in (EVENTS, wire.FRAMES):
            return Response(media_type=route.answer)
        if request.method == "GET":
            return await while_wanted(route.endpoint(request), request)
        return await route.endpoint(request)

    async def describe(self, request: Request) -> Response:
        return answer(openapi(self.routes))

    def close(self) -> None:
        self.live.close()
        self.work.close()


async def while_wanted(answering: Awaitable[Response], request: Request) -> Response:
    """The answer. Nobody goes on looking for it once the client is gone, for example when a query is typed over."""
    task = asyncio.ensure_future(answering)
    gone = asyncio.ensure_future(disconnected(request))
    try:
        await asyncio.wait([task, gone], return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        task.cancel()
    if task.done():
        return task.result()
    raise Refused(499, "The client is gone.")


async def disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def not_allowed(method: str, allowed: list[str]) -> Refused:
    words = ", ".join(["HEAD", *allowed] if "GET" in allowed else allowed)
    return Refused(405, f"{method} does not work at this address.", hint=f"Allowed: {words}.", headers={"allow": words})


def create_app(
    repo: Repo,
    *,
    token: str | None = None,
    allow_hosts: Collection[str] = (),
    ui_dir: Path | None = None,
    read_only: bool = False,
    allow_run: bool = False,
    command: str = "aim up",
) -> App:
    """`ui_dir` holds a UI other than the packaged one; `command` is repeated in the page that refuses a host name.
    `allow_run`: whoever has the token may start any command."""
    if allow_run:
        refuse_to_run(token, read_only)
    if token is not None and len(token) < MIN_TOKEN:
        raise ServerError(f"a token of {len(token)} characters is too short to be safe; use {MIN_TOKEN} or more")
    refuse_odd_hosts(allow_hosts)
    policy = Policy(hosts=tuple(allow_hosts), token=token, command=command)
    return App(repo, policy=policy, ui=Static(ui_dir or PACKAGED), read_only=read_only, allow_run=allow_run)


def refuse_to_run(token: str | None, read_only: bool) -> None:
    if token is None:
        raise ServerError("a server that starts commands needs a token, also on loopback: aim up --allow-run makes one")
    if read_only:
        raise ServerError("a server that starts commands records them, so it cannot be read-only too")
