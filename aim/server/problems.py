"""Errors of requests, and the answers that clients receive."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping

from aim.errors import (
    AimError,
    ArtifactError,
    EditError,
    EngineAway,
    FilesElsewhere,
    LaunchError,
    QueryError,
    RemoteError,
    RunError,
    ServerError,
    Stopped,
    StoreError,
)
from aim.server.wire import Problem

log = logging.getLogger("aim.server")


class Refused(AimError):
    """A request that is refused, with an HTTP status and a text for its sender."""

    def __init__(
        self, status: int, message: str, *, hint: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.problem = Problem(message=message, hint=hint, start=None, end=None)
        self.headers = dict(headers or {})


def problem(error: Exception) -> tuple[int, Problem]:
    """The status and the answer for an error. An error that is not the client's is logged, and the client gets its
    number."""
    if isinstance(error, Refused):
        return error.status, error.problem
    if isinstance(error, QueryError):
        return 400, Problem(message=error.message, hint=error.hint, start=error.start, end=error.end)
    if isinstance(error, RunError):
        return 404, Problem(message=str(error), hint="It may be deleted: reload the page.", start=None, end=None)
    if isinstance(error, FilesElsewhere):
        return 404, Problem(message=f"{error}.", hint=None, start=None, end=None)
    if isinstance(error, RemoteError):
        return 400, Problem(message=str(error), hint="See docs/format/ship.md.", start=None, end=None)
    if isinstance(error, LaunchError):
        return 400, Problem(message=str(error), hint=None, start=None, end=None)
    if isinstance(error, ArtifactError):
        return 400, Problem(message=f"{error}.", hint=None, start=None, end=None)
    if isinstance(error, EditError):
        return 400, Problem(message=str(error), hint="Change the value and send it again.", start=None, end=None)
    if isinstance(error, Stopped):
        return 503, Problem(message=f"{error}.", hint="Try again.", start=None, end=None)
    if isinstance(error, ServerError):
        log.error("%s", error)
        hint = "Whoever runs this server finds the reason in its output."
        return 503, Problem(message="The server cannot read who may come in.", hint=hint, start=None, end=None)
    if isinstance(error, EngineAway):
        return 503, Problem(message="The database is away.", hint=f"{error}.", start=None, end=None)
    if isinstance(error, StoreError):
        return 503, Problem(message=f"{error}.", hint="Try again when the object store answers.", start=None, end=None)
    return 500, unforeseen(error)


def unforeseen(error: Exception) -> Problem:
    number = secrets.token_hex(4)
    log.error("error %s: %s", number, error, exc_info=None if isinstance(error, AimError) else error)
    hint = f"Look for error {number} in the output of the server, then try again."
    return Problem(message="The server failed on this request.", hint=hint, start=None, end=None)
