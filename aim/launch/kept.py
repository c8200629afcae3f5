"""The run of a command: the facts recorded before it starts, and the environment it receives.

Creating a run with a given hash claims it, so that no command of a queue starts twice.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aim import layout, regular
from aim.errors import LaunchError, RunExists
from aim.log import edits, record, status
from aim.log.reader import writers
from aim.remote import spool
from aim.sdk.environment import shortened
from aim.sdk.masking import masked_argv, masked_env
from aim.sdk.run import Run, recording_of

WAITS = (10.0, 10.0)


@dataclass(frozen=True)
class Spec:
    """What to start, and what to record about it.

    - `argv`: the program and its arguments, passed on unchanged, without a shell.
    - `cwd`: an absolute folder; None: the caller's. `env`: added to the caller's environment.
    - `hash`: the run's hash; nothing starts if such a run exists. None: a new run with a random id.
      `name`: its readable name.
    - `params`: recorded as params, of a trial in the group `trial`.
    - `template`, `queue`, `trial`: ids that are recorded as facts. `asked_by`: {user, via, address}.
    - `waits`: seconds from SIGINT to SIGTERM, and from SIGTERM to SIGKILL, when it is stopped.
    """

    argv: Sequence[str]
    cwd: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    experiment: str | None = None
    hash: str | None = None
    name: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    template: str | None = None
    queue: str | None = None
    trial: int | None = None
    asked_by: Mapping[str, Any] = field(default_factory=dict)
    waits: tuple[float, float] = WAITS


class CommandRun(Run, measures_children=True):
    """The run of a command."""

    @property
    def records(self) -> bool:
        """False if AIM_DISABLED is set."""
        return not recording_of(self).stopped

    @property
    def place(self) -> str:
        """Where it is read: at a server, or in this repository."""
        shipping = recording_of(self).shipping
        return self.repo_path if shipping is None else str(shipping.server)

    def note(self, kind: int, payload: bytes) -> bool:
        """Add a record; False if it was not kept."""
        try:
            writer = recording_of(self).ready("note")
            return writer is not None and writer.append(kind, payload) is not None
        except Exception as error:
            recording_of(self).trouble.failed("note", error)
            return False

    def reaches_disk(self) -> bool:
        """Whether everything recorded so far is on the disk."""
        writer = recording_of(self).writer
        return writer is not None and writer.flush()

    def facts(self, facts: Mapping[str, Any]) -> None:
        self.note(record.FACTS, record.encode_json(facts))

    def end(self, facts: Mapping[str, Any], *, error: str | None) -> None:
        """`facts` say how the command ended."""
        recording_of(self).end_status = "killed" if facts["signal"] else None
        recording_of(self).end_facts = {"process": dict(facts)}
        self.close(error=error)


def open_run(spec: Spec, aim_dir: Path) -> CommandRun:
    """The run of a command. Only one runner can claim a given hash."""
    with _claim(aim_dir) if spec.hash is not None else contextlib.nullcontext():
        if spec.hash is not None and writers(layout.run_dir(aim_dir, spec.hash)):
            raise RunExists(f"run {spec.hash!r} already exists, so its command was started before, in {aim_dir}")
        run = CommandRun(spec.hash, repo=aim_dir, experiment=spec.experiment)
        if spec.hash is not None and not run.reaches_disk():
            why = f"the command was not started because the disk is full or not writable: {aim_dir}"
            run.close(error=why)
            raise LaunchError(why)
    if spec.name:
        run.name = spec.name
    if spec.params:
        run.set_params(spec.params, name="trial" if spec.queue else None)
    run.facts(_facts(spec))
    return run


def _facts(spec: Spec) -> dict[str, Any]:
    argv = masked_argv(shortened(list(spec.argv)))
    process = {
        "argv": argv,
        "program": _program(spec),
        "cwd": spec.cwd or os.getcwd(),
        "env": masked_env(spec.env),
        "template": spec.template,
        "queue": spec.queue,
        "trial": spec.trial,
        "asked_by": dict(spec.asked_by),
        "waits": list(spec.waits),
        "keeper": status.this_process(),
    }
    return {"argv": argv, "process": process}


def _program(spec: Spec) -> str | None:
    """The file that a name in PATH resolves to; another shell may have another PATH when the command is repeated."""
    name = spec.argv[0]
    return os.path.abspath(name) if os.sep in name else shutil.which(name, path=spec.env.get("PATH"))


def child_facts(pid: int, group: int) -> dict[str, Any]:
    """Facts by which the command's process can be found later."""
    child = {**status.this_process(), "pid": pid, "started": status.started(pid), "group": group}
    return {"process": {"child": child}}


def environment_of(spec: Spec, run: Run) -> dict[str, str]:
    """The caller's environment, plus the command's variables and the run it belongs to."""
    env = {**spool.environment(), **spec.env}
    env.pop("AIM_ATTEMPT", None)
    experiment = str(run.experiment)
    own = {
        "AIM_REPO": run.repo_path,
        "AIM_EXPERIMENT": experiment,
        "AIM_RUN": run.hash,
        "AIM_PROCESS": run.id,
        "__AIM_AUTOMATED_EXEC__": "1",
        "__AIM_BRANCH__": experiment,
        "__AIM_COMMIT__": run.hash,
        "__AIM_PROCESS_UUID__": run.id,
    }
    return {**env, **own}


def wish_to_stop(aim_dir: Path, run_id: str) -> Mapping[str, Any]:
    """Who stopped a command and why, if that was recorded."""
    try:
        edit = edits.latest(aim_dir).get((run_id, "stop"))
    except OSError:
        return {}
    return edit.value if edit is not None and isinstance(edit.value, dict) else {}


@contextlib.contextmanager
def _claim(aim_dir: Path) -> Iterator[None]:
    """One runner at a time decides whether a run exists. The system releases the lock when the runner dies, so nothing
    stays behind. Without locks, the folder of the run decides. The file is not in the cache, because that can be
    deleted at any time."""
    import fcntl

    try:
        path = layout.claims(aim_dir)
        file = open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | regular.FLAGS, 0o666), "a")
        layout.inherit_access(file.fileno(), aim_dir)
    except OSError:
        yield
        return
    with file:
        with contextlib.suppress(OSError):
            fcntl.lockf(file, fcntl.LOCK_EX)
        yield
