"""Commands from the UI: whether they may be started, processes, and templates.

Anyone with the token of a server that starts commands can run anything as its user. Starting is therefore off unless
`aim up --allow-run` is given. Then every request needs the token, and nothing starts by a GET, from another site
(security.py) or through a name other than localhost (app.py). No shell is involved: a command is a list of arguments
from the request to the kernel.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from aim import user
from aim.launch import command, processes, rerun, runner, space
from aim.launch import queue as queues
from aim.launch.command import Template, Value
from aim.launch.processes import Meter, Process
from aim.launch.records import Records
from aim.sdk.masking import is_secret_name
from aim.server import wire
from aim.server.problems import Refused
from aim.server.runs import EVERY, wire_run

if TYPE_CHECKING:
    from aim.repo import Repo, RunRow

MOST_PROCESSES = 500
# A double holds every integer up to this one.
LARGEST = 2**53


@dataclass(frozen=True)
class Launcher:
    """A repository, the person who asks to start or stop commands, and why that is refused (`cure`: the command that
    allows it)."""

    repo: Repo
    by: Mapping[str, Any]
    refusal: str | None = None
    cure: str | None = None

    @contextmanager
    def records(self) -> Iterator[Records]:
        """Writes templates and queues in the name of the requester."""
        with self.repo.edits.editor() as editor:
            yield Records(self.repo.aim_dir, self.by, editor=editor)


class MachineMeter:
    """CPU and memory of commands on this machine. CPU is measured between two readings, so all requests share one."""

    def __init__(self) -> None:
        self._meter = Meter()
        self._reading = threading.Lock()

    def read(self, commands: list[Process]) -> dict[str, processes.Usage]:
        with self._reading:
            return self._meter.read(commands)


METER = MachineMeter()


def status(launcher: Launcher) -> wire.LaunchStatus:
    gpus, cpus = queues.gpus_here(), os.cpu_count() or 1
    return wire.LaunchStatus(
        allowed=launcher.refusal is None,
        reason=launcher.refusal,
        how=launcher.cure,
        folder=str(launcher.repo.root),
        user=user.name(),
        cpus=cpus,
        gpus=gpus,
        slots=len(gpus) or cpus,
    )


def list_processes(launcher: Launcher, query: wire.ProcessesQuery) -> wire.Processes:
    chosen = [
        candidate
        for candidate in processes.processes(launcher.repo)
        if (not query.live or candidate.lives) and (query.queue is None or candidate.queue == query.queue)
    ]
    return wire.Processes(processes=wire_processes(launcher.repo, chosen[:MOST_PROCESSES]), total=len(chosen))


def process(launcher: Launcher, query: wire.RunQuery) -> wire.Process:
    repo = launcher.repo
    return wire_processes(repo, [processes.find(repo, repo.run(query.run).id)])[0]


def stop(launcher: Launcher, given: wire.StopRequest) -> wire.Changed:
    why = given.why.strip() or "stopped in the UI"
    stopped = processes.stop(launcher.repo, given.run, by=launcher.by, why=why, now=given.now)
    return wire.Changed(changed=int(stopped))


def preview(launcher: Launcher, given: wire.PreviewRequest) -> wire.Preview:
    template, values = template_of(given.command), values_of(given.values)
    shown = preview_of(launcher.repo, template, values)
    if given.run is not None:
        run = launcher.repo.run(given.run)
        changes = rerun.differences(launcher.repo.root, run.facts, run.params, template, values)
        shown.differences = [wire.Difference(**change._asdict()) for change in changes]
    return shown


def start(launcher: Launcher, given: wire.StartRequest) -> wire.Started:
    check_agreed(launcher, given.template, agreed=given.agreed)
    root = launcher.repo.root
    template, values = template_of(given.command), values_of(given.values)
    argv = command.fill(template, values)
    where = command.place(root, argv, cwd=template.cwd, env=template.env)
    spec = runner.Spec(
        argv=[str(where.program), *argv[1:]],
        cwd=str(where.cwd),
        env=template.env,
        experiment=template.experiment,
        name=given.name,
        params=command.open_values(command.complete(template, values)),
        template=given.template,
        asked_by=dict(launcher.by),
    )
    return wire.Started(run=runner.start_detached(root, spec))


def check_agreed(launcher: Launcher, template: str | None, *, agreed: bool) -> None:
    """Raise Refused for a template that came with the repository, unless a person has read its command."""
    if agreed or template is None:
        return
    if any(known.id == template and not known.own for known in queues.templates(launcher.repo.aim_dir)):
        raise Refused(409, "This template came from elsewhere.", hint="Read its command, and confirm the start.")


def draft(launcher: Launcher, query: wire.RunQuery) -> wire.Draft:
    run = launcher.repo.run(query.run)
    made = rerun.of_run(run.hash, run.experiment, run.facts, run.params)
    return wire.Draft(
        run=wire_run(run),
        name=made.template.name,
        command=command_of(made.template),
        recorded=named(made.recorded.items()),
        missing=list(made.missing),
        notes=list(made.notes),
        runs=launcher.repo.logs.recorded_with(run.id),
    )


def list_templates(launcher: Launcher) -> wire.Templates:
    return wire.Templates(
        templates=[
            wire.Template(
                id=template.id,
                name=template.name,
                command=command_of(template),
                edited_at=template.saved,
                own=template.own,
            )
            for template in queues.templates(launcher.repo.aim_dir)
        ]
    )


def save_template(launcher: Launcher, given: wire.TemplateRequest) -> wire.Saved:
    template = template_of(given.command, id=given.id or "", name=given.name)
    with launcher.records() as records:
        return wire.Saved(id=records.save_template(template).id)


def delete_template(launcher: Launcher, given: wire.TemplateName) -> wire.Changed:
    with launcher.records() as records:
        records.remove_template(given.id)
    return wire.Changed(changed=1)


def template_of(given: wire.Command, *, id: str = "", name: str = "") -> Template:
    return command.check(
        Template(
            argv=tuple(given.argv),
            id=id,
            name=name,
            params={
                param.name: None if param.value is None else received(param.name, param.value) for param in given.params
            },
            cwd=given.cwd,
            env={variable.name: variable.value for variable in given.env},
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
    """JavaScript would write 1.0 as 1, and round large integers. Such numbers travel as texts."""
    exact = not isinstance(value, float) or not value.is_integer()
    return value if exact and (not isinstance(value, int) or abs(value) <= LARGEST) else repr(value)


def received(name: str, value: Value) -> Value:
    """The value of a text, if that value is written as the same text again. A secret stays a text."""
    if not isinstance(value, str) or is_secret_name(name):
        return value
    parsed = space.value(value)
    return parsed if command.text(name, parsed) == value else value


def values_of(given: list[wire.NamedValue]) -> dict[str, Value]:
    return {item.name: received(item.name, item.value) for item in given if item.value is not None}


def named(pairs: Iterable[tuple[str, Value | None]]) -> list[wire.NamedValue]:
    return [wire.NamedValue(name=name, value=None if value is None else sent(value)) for name, value in pairs]


def preview_of(repo: Repo, template: Template, values: dict[str, Value]) -> wire.Preview:
    argv = command.fill(template, values)
    where = command.place(repo.root, argv, cwd=template.cwd, env=template.env)
    return wire.Preview(
        argv=argv,
        program=str(where.program),
        cwd=str(where.cwd),
        env=[wire.Variable(name=name, value=value) for name, value in template.env.items()],
        differences=[],
    )


def wire_asked(by: Any) -> wire.Requester:
    known = {name: by.get(name) for name in ("user", "via", "address")}
    return wire.Requester(**{name: value if isinstance(value, str) else None for name, value in known.items()})


def wire_processes(repo: Repo, chosen: list[Process]) -> list[wire.Process]:
    rows = {row.id: row for row in repo.table.rows(EVERY, only=[item.id for item in chosen]).runs}
    usage = METER.read(chosen)
    return [wire_process(item, rows[item.id], usage.get(item.id)) for item in chosen if item.id in rows]


def wire_process(process: Process, row: RunRow, usage: processes.Usage | None) -> wire.Process:
    return wire.Process(
        run=wire_run(row),
        state=cast("wire.Status", process.state),
        why=process.why,
        argv=list(process.argv),
        cwd=process.cwd,
        env=[wire.RecordedVariable(name=name, value=value) for name, value in process.env.items()],
        template=process.template,
        queue=process.queue,
        trial=process.trial,
        asked_by=wire_asked(process.asked_by),
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
