"""Starting and stopping commands from the UI: whether it is allowed, processes, templates, and queues.

A server that starts commands does whatever the bearer of its token says. So it is off unless `aim up --allow-run` was
given; then nothing is answered without the token, nothing starts by a GET or from another site (security.py), and only
through a loopback name. No shell reads anything: a command is a list of arguments from the request to the kernel.
"""

from __future__ import annotations

import os
import shlex
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from starlette.requests import Request
from starlette.responses import Response

from aim.launch import again, command, keeper, processes, space
from aim.launch import queue as queues
from aim.launch.asked import asked, user
from aim.launch.command import Template, Value
from aim.launch.processes import Meter, Process
from aim.launch.records import Records
from aim.log import edits
from aim.server import wire
from aim.server.answer import Refused, answer, read_query
from aim.server.experiments import EVERY
from aim.server.runs import described
from aim.server.security import host_name, is_allowed
from aim.server.work import Work

if TYPE_CHECKING:
    from aim.repo import Repo, RunRow
    from aim.server.runs import Write

MOST_PROCESSES = 500
# Beyond it, a double does not hold every integer.
LARGEST = 2**53


class Door:
    """Decides whether a request may start and stop things, and reads the body of one that may."""

    def __init__(self, repo: Repo, write: Write, *, allow_run: bool, read_only: bool, started_by: str) -> None:
        self.repo = repo
        self.write = write
        self.allow_run = allow_run
        self.read_only = read_only
        self.started_by = started_by
        self._editor = edits.Editor(repo.aim_dir)
        self._writing = threading.Lock()

    def reason(self, request: Request) -> str | None:
        """Why nothing may be started by this request; None when it may."""
        if self.read_only:
            return "The server was started to only show, not change."
        if not self.repo.edits.writable:
            return "This user may not write to the repository, and every start is recorded in it."
        if not self.allow_run:
            return "Starting and stopping commands is off, because whoever can do it can run anything as this user."
        name = host_name(request.headers.get("host", "")) or ""
        if not is_allowed(name, ()):
            return f"Commands are only started through a name of this machine itself, not through {name}."
        return None

    def how(self) -> str:
        """The command that turns it on: what started this server, without what forbids it."""
        words = shlex.split(self.started_by)
        kept: list[str] = []
        while words:
            word = words.pop(0)
            if word in ("--host", "--allow-host"):
                words[:1] = []
            elif word not in ("--read-only", "--allow-run"):
                kept.append(word)
        return shlex.join([*kept, "--allow-run"])

    async def body(self, request: Request, shape: type[Any]) -> Any:
        """Raises Refused where starting is not allowed."""
        if reason := self.reason(request):
            raise Refused(403, reason, hint=f"To allow it, start Aim with: {self.how()}")
        return await self.write(request, shape)

    def record(self, request: Request, change: Any) -> Any:
        """What `change` makes of the records, written in the name of who asked."""
        with self._writing:
            return change(Records(self.repo.aim_dir, asked_by(request), editor=self._editor))


class Launch:
    def __init__(self, repo: Repo, work: Work, door: Door) -> None:
        self.repo = repo
        self.work = work
        self.door = door
        self.meter = Meter()
        self._measuring = threading.Lock()

    async def status(self, request: Request) -> Response:
        read_query(request, None)
        reason = self.door.reason(request)
        gpus, cpus = queues.gpus_here(), os.cpu_count() or 1
        found = wire.LaunchStatus(
            allowed=reason is None,
            reason=reason,
            how=None if reason is None else self.door.how(),
            folder=str(self.repo.root),
            user=user(),
            cpus=cpus,
            gpus=gpus,
            slots=len(gpus) or cpus,
        )
        return answer(found)

    async def processes(self, request: Request) -> Response:
        query = read_query(request, wire.ProcessesQuery)
        return answer(await self.work.run(lambda: self._processes(query)))

    def _processes(self, query: wire.ProcessesQuery) -> wire.Processes:
        every = processes.processes(self.repo)
        chosen = [
            one for one in every if (not query.live or one.lives) and (query.queue is None or one.queue == query.queue)
        ]
        return wire.Processes(processes=self._described(chosen[:MOST_PROCESSES]), total=len(chosen))

    async def process(self, request: Request) -> Response:
        query = read_query(request, wire.RunQuery)
        return answer(await self.work.run(lambda: self._process(query.run)))

    def _process(self, name: str) -> wire.Process:
        return self._described([processes.find(self.repo, self.repo.run(name).id)])[0]

    def _described(self, found: list[Process]) -> list[wire.Process]:
        rows = {row.id: row for row in self.repo.runs_table(EVERY, only=[one.id for one in found]).runs}
        with self._measuring:
            usage = self.meter.read(found)
        return [described_process(one, rows[one.id], usage.get(one.id)) for one in found if one.id in rows]

    async def stop(self, request: Request) -> Response:
        body = await self.door.body(request, wire.StopRequest)
        by, why = asked_by(request), body.why.strip() or "stopped in the UI"
        stopped = await self.work.run(lambda: processes.stop(self.repo, body.run, by=by, why=why, now=body.now))
        return answer(wire.Changed(changed=int(stopped)))

    async def preview(self, request: Request) -> Response:
        body = await self.door.body(request, wire.PreviewRequest)
        return answer(await self.work.run(lambda: self._preview(body)))

    def _preview(self, body: wire.PreviewRequest) -> wire.Preview:
        template, values = template_of(body.command), values_of(body.values)
        found = preview(self.repo, template, values)
        if body.run is not None:
            run = self.repo.run(body.run)
            changes = again.differences(self.repo.root, run.facts, run.params, template, values)
            found.differences = [wire.Difference(**change._asdict()) for change in changes]
        return found

    async def start(self, request: Request) -> Response:
        body = await self.door.body(request, wire.StartRequest)
        return answer(wire.Started(run=await self.work.run(lambda: self._start(body, asked_by(request)))))

    def _start(self, body: wire.StartRequest, by: dict[str, Any]) -> str:
        template, values = template_of(body.command), values_of(body.values)
        argv = command.fill(template, values)
        where = command.place(self.repo.root, argv, cwd=template.cwd, env=template.env)
        spec = keeper.Spec(
            argv=[str(where.program), *argv[1:]],
            cwd=str(where.cwd),
            env=template.env,
            experiment=template.experiment,
            name=body.name,
            params=command.open_values(command.complete(template, values)),
            template=body.template,
            asked_by=by,
        )
        return keeper.start_detached(self.repo.root, spec)

    async def draft(self, request: Request) -> Response:
        query = read_query(request, wire.RunQuery)
        return answer(await self.work.run(lambda: self._draft(query.run)))

    def _draft(self, name: str) -> wire.Draft:
        run = self.repo.run(name)
        draft = again.of_run(run.hash, run.experiment, run.facts, run.params)
        return wire.Draft(
            run=described(run),
            name=draft.template.name,
            command=command_of(draft.template),
            recorded=named(draft.recorded.items()),
            missing=list(draft.missing),
            notes=list(draft.notes),
        )

    async def templates(self, request: Request) -> Response:
        read_query(request, None)
        return answer(await self.work.run(self._templates))

    def _templates(self) -> wire.Templates:
        times = {field: edit.stamp / 1e6 for (run, field), edit in edits.latest(self.repo.aim_dir).items() if not run}
        return wire.Templates(
            templates=[
                wire.Template(
                    id=one.id, name=one.name, command=command_of(one), edited_at=times.get(f"template:{one.id}", 0.0)
                )
                for one in queues.templates(self.repo.aim_dir)
            ]
        )

    async def save_template(self, request: Request) -> Response:
        body = await self.door.body(request, wire.TemplateRequest)
        template = template_of(body.command, id=body.id or "", name=body.name)
        saved = await self.work.run(lambda: self.door.record(request, lambda pen: pen.save_template(template)))
        return answer(wire.Saved(id=saved.id))

    async def delete_template(self, request: Request) -> Response:
        body = await self.door.body(request, wire.TemplateName)
        await self.work.run(lambda: self.door.record(request, lambda pen: pen.remove_template(body.id)))
        return answer(wire.Changed(changed=1))


def asked_by(request: Request) -> dict[str, Any]:
    """The token has no name on it: what is known is whose server it is, and where the request came from."""
    return asked("ui", address=request.client.host if request.client else None)


def template_of(given: wire.Command, *, id: str = "", name: str = "") -> Template:
    return command.check(
        Template(
            argv=tuple(given.argv),
            id=id,
            name=name,
            params={one.name: None if one.value is None else received(one.name, one.value) for one in given.params},
            cwd=given.cwd,
            env={one.name: one.value for one in given.env},
            experiment=given.experiment,
            interpreter=given.interpreter,
        )
    )


def command_of(template: Template) -> wire.Command:
    return wire.Command(
        argv=list(template.argv),
        params=named(template.params.items()),
        cwd=template.cwd,
        env=[wire.Variable(name=name, value=value) for name, value in template.env.items()],
        experiment=template.experiment,
        interpreter=template.interpreter,
    )


def sent(value: Value) -> Value:
    """A page would write 1.0 as 1, and round large integers: such numbers travel as the texts that they are."""
    exact = not isinstance(value, float) or not value.is_integer()
    return value if exact and (not isinstance(value, int) or abs(value) <= LARGEST) else repr(value)


def received(name: str, value: Value) -> Value:
    """The value that a text stands for, if it is written the same again. A secret stays the text that it is."""
    if not isinstance(value, str) or command.is_secret(name):
        return value
    found = space.value(value)
    return found if command.text(name, found) == value else value


def values_of(given: list[wire.NamedValue]) -> dict[str, Value]:
    return {one.name: received(one.name, one.value) for one in given if one.value is not None}


def named(pairs: Iterable[tuple[str, Value | None]]) -> list[wire.NamedValue]:
    return [wire.NamedValue(name=name, value=None if value is None else sent(value)) for name, value in pairs]


def preview(repo: Repo, template: Template, values: dict[str, Value]) -> wire.Preview:
    argv = command.fill(template, values)
    where = command.place(repo.root, argv, cwd=template.cwd, env=template.env)
    return wire.Preview(
        argv=argv,
        program=str(where.program),
        cwd=str(where.cwd),
        env=[wire.Variable(name=name, value=value) for name, value in template.env.items()],
        differences=[],
    )


def described_asked(by: Any) -> wire.Asked:
    known = {name: by.get(name) for name in ("user", "via", "address")}
    return wire.Asked(**{name: one if isinstance(one, str) else None for name, one in known.items()})


def described_process(process: Process, row: RunRow, usage: processes.Usage | None) -> wire.Process:
    return wire.Process(
        run=described(row),
        state=cast("wire.ProcessState", process.state),
        why=process.why,
        argv=list(process.argv),
        cwd=process.cwd,
        env=[wire.RecordedVariable(name=name, value=value) for name, value in process.env.items()],
        template=process.template,
        queue=process.queue,
        trial=process.trial,
        asked_by=described_asked(process.asked_by),
        host=process.host,
        pid=process.pid,
        exit_code=process.exit_code,
        signal=process.signal,
        here=process.here,
        orphan=process.orphan,
        cpu=usage.cpu_percent / 100 if usage else None,
        memory=round(usage.memory_mb * 1e6) if usage else None,
        processes=usage.processes if usage else None,
    )
