"""The commands of a repository as its server tells them to other machines. A spool keeps only those that run here."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

from aim.errors import RemoteError
from aim.launch.processes import FIELDS, LogFacts, Process, processes
from aim.log import bounds, status
from aim.remote import address
from aim.remote.address import Address
from aim.remote.client import Client
from aim.repo import Repo

# As many as `aim ps` gets from a server at most, and their bytes.
MOST = 1000
MOST_BYTES = 3 << 20
# Only the machine of a command can tell whether it is an orphan.
TOLD = tuple(name for name in FIELDS if name != "orphan")


def told(task: dict[str, Any]) -> dict[str, Any]:
    """The commands of the repository `repo`, and how many there are, also of those that do not fit."""
    known = processes(Repo(task["repo"], read_only=True))
    rows: list[dict[str, Any]] = []
    left = MOST_BYTES
    for process in known[:MOST]:
        row = {name: getattr(process, name) for name in TOLD}
        left -= len(json.dumps(row))
        if left < 0:
            break
        rows.append(row)
    return {"processes": rows, "total": len(known)}


def ask(server: Address, *, seconds: float) -> tuple[list[Process], int]:
    """The commands that a server knows, and how many it has. Raises RemoteError."""
    with closing(Client(server, timeout=seconds, limit=seconds)) as client:
        client.token = address.token(server)
        body = client.ask("GET", "/v1/processes").body
    try:
        answer = bounds.loads(body)
        return [_process(row) for row in answer["processes"]], bounds.count(answer["total"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise RemoteError(f"{server} does not answer as docs/format/ship.md says: is it an aim server?") from None


def _process(row: object) -> Process:
    facts = LogFacts(row)
    id, state = facts.text("id"), facts.text("state")
    if id is None or state not in status.WORDS:
        raise ValueError("a command has neither an id nor a state")
    return Process(
        id=id,
        hash=facts.text("hash") or id,
        name=facts.text("name"),
        experiment=facts.text("experiment") or "",
        state=state,
        argv=tuple(str(argument) for argument in facts.many("argv")),
        cwd=facts.text("cwd"),
        env={name: None if value is None else str(value) for name, value in facts.part("env").items()},
        template=facts.text("template"),
        queue=facts.text("queue"),
        trial=facts.whole("trial"),
        asked_by=facts.part("asked_by"),
        host=facts.text("host"),
        pid=facts.whole("pid"),
        started=facts.seconds("started"),
        ended=facts.seconds("ended") or None,
        duration=facts.seconds("duration"),
        exit_code=facts.whole("exit_code"),
        signal=facts.text("signal"),
        error=facts.text("error"),
        why=facts.text("why"),
        here=False,
        orphan=False,
    )
