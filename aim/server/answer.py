"""Answers: JSON that went well, and every way in which a request can fail, as the wire contract has it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from aim.errors import AimError, EditError, LaunchError, QueryError, RunError
from aim.server.frames import encode
from aim.server.wire import Failure, Problem

log = logging.getLogger("aim.server")

PROCESS = secrets.token_hex(4)


class Refused(Exception):
    """A request that gets a status other than 200, with words for the person who sent it."""

    def __init__(
        self, status: int, message: str, *, hint: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.problem = Problem(message=message, hint=hint, start=None, end=None)
        self.headers = dict(headers or {})


def answer(message: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(encode(message), status, {"cache-control": "no-store", **(headers or {})}, "application/json")


def revision_name(number: int) -> str:
    """A repository counts its revisions anew in each process, so the number alone would mean two things."""
    return f"{PROCESS}-{number}"


def problem(error: Exception) -> tuple[int, Problem]:
    """What to tell the client. An error that is not about the request is told to stderr, and only named here."""
    if isinstance(error, Refused):
        return error.status, error.problem
    if isinstance(error, QueryError):
        return 400, Problem(message=error.message, hint=error.hint, start=error.start, end=error.end)
    if isinstance(error, RunError):
        return 404, Problem(message=str(error), hint="It may be deleted: load the page again.", start=None, end=None)
    if isinstance(error, LaunchError):
        return 400, Problem(message=str(error), hint=None, start=None, end=None)
    if isinstance(error, EditError):
        return 400, Problem(message=str(error), hint="Change the value, and send it again.", start=None, end=None)
    return 500, unforeseen(error)


def unforeseen(error: Exception) -> Problem:
    number = secrets.token_hex(4)
    log.error("error %s: %s", number, error, exc_info=None if isinstance(error, AimError) else error)
    hint = f"The terminal of `aim up` says more: look for error {number}. Then try again."
    return Problem(message="The server failed on this request.", hint=hint, start=None, end=None)


def failure(error: Exception) -> Response:
    status, told = problem(error)
    return answer(Failure(error=told), status=status, headers=error.headers if isinstance(error, Refused) else {})


def read_query(request: Request, shape: type[Any] | None) -> Any:
    """The query string as the given Struct; None is for an address that takes no parameters."""
    raw = request.query_params.multi_items()
    given = dict(raw)
    fields = shape.__struct_fields__ if shape else ()
    allowed = f"Allowed: {', '.join(fields) or 'none'}."
    for name in given:
        if name not in fields:
            raise Refused(400, f"There is no parameter {name[:100]!r} here.", hint=allowed)
    if len(given) < len(raw):
        raise Refused(400, "A parameter is given twice.", hint="Give each parameter once.")
    if shape is None:
        return None
    try:
        return msgspec.convert(given, shape, strict=False)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$.")
        name = place.rstrip("`")
        raise Refused(400, f"{name}={given.get(name, '')[:100]!r} does not do: {message}.", hint=allowed) from None


def read_body(body: bytes, shape: type[Any]) -> Any:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        hint = f"Send a JSON object with the fields {', '.join(shape.__struct_fields__)} (see api/openapi.json)."
        raise Refused(400, f"The body is not what this address takes: {error}.", hint=hint) from None
