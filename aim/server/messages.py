"""Messages of requests: read within limits, and refused in words that help. Without numpy, which `aim server` does not
need."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from aim.server.encoding import encode
from aim.server.problems import Refused, problem
from aim.server.wire import Failure

NOT_STORED = {"cache-control": "no-store"}


def failure(error: Exception) -> Response:
    status, told = problem(error)
    headers = error.headers if isinstance(error, Refused) else {}
    return Response(encode(Failure(error=told)), status, {**NOT_STORED, **headers}, "application/json")


def read_query(request: Request, shape: type[Any] | None) -> Any:
    """The query string as the given Struct; None is for an address without parameters."""
    raw = request.query_params.multi_items()
    given = dict(raw)
    fields = shape.__struct_fields__ if shape else ()
    allowed = f"Allowed: {', '.join(fields) or 'none'}."
    for name in given:
        if name not in fields:
            raise Refused(400, f"Unknown parameter {name[:100]!r}.", hint=allowed)
    if len(given) < len(raw):
        raise Refused(400, "A parameter is given twice.", hint="Give each parameter once.")
    if shape is None:
        return None
    try:
        return msgspec.convert(given, shape, strict=False)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$.")
        name = place.rstrip("`")
        raise Refused(400, f"{name}={given.get(name, '')[:100]!r} is not valid: {message}.", hint=allowed) from None


async def body(request: Request, limit: int) -> bytes:
    content = bytearray()
    try:
        async for part in request.stream():
            content += part
            refuse_length(str(len(content)), limit)
    except ClientDisconnect:
        raise Refused(499, "The client disconnected.") from None
    return bytes(content)


def refuse_length(length: str, limit: int) -> None:
    if length.isdecimal() and int(length) > limit:
        hint = "Send less at a time."
        raise Refused(413, f"The body has more than {limit:,} bytes.", hint=hint, headers={"connection": "close"})


def not_allowed(method: str, allowed: list[str]) -> Refused:
    words = ", ".join(["HEAD", *allowed] if "GET" in allowed else allowed)
    return Refused(
        405, f"{method[:20]} does not work at this address.", hint=f"Allowed: {words}.", headers={"allow": words}
    )


def read_body(content: bytes, shape: type[Any]) -> Any:
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        hint = f"Send a JSON object with the fields {', '.join(shape.__struct_fields__)} (see api/openapi.json)."
        raise Refused(400, f"The body is not valid: {error}.", hint=hint) from None
