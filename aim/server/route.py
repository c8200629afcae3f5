"""One row of the API: its request, its answer, its access, and its function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

# `read` changes nothing; `edit` and `delete` need a repository that can be changed. Their handlers get the repository.
# `visit` and `share` are about the caller. Their handlers get a `Visit`.
# `watch` reads about commands, `start` may start and stop them. Their handlers get a `Launcher`.
# caller.py says which role each needs.
Access = Literal["read", "edit", "delete", "visit", "share", "watch", "start"]

LARGE = 1024 * 1024
SMALL = 64 * 1024

JSON = "application/json"
FILE = "application/octet-stream"
EVENTS = "text/event-stream"


class FileContent(NamedTuple):
    """Content that never changes. `type` is a media type, `name` what a browser saves it as. `policy`: what
    it may do in a frame of our pages. Without one, and in a tab of its own, it runs nothing."""

    data: bytes
    type: str
    name: str
    policy: str = ""


class FileStream(NamedTuple):
    """A file that is made while it is sent."""

    parts: Iterator[bytes]
    type: str
    name: str


@dataclass(frozen=True)
class Route:
    """`answer` is the Struct that the handler returns, or how its answer travels: FRAMES is one FrameData or an
    iterator of them, FILE a FileContent or a FileStream, EVENTS an async iterator of LiveEvents, JSON anything else.
    `request` is the Struct that the handler gets: from the query string of a GET, from the body of a POST, which has at
    most `limit` bytes."""

    method: Literal["GET", "POST"]
    path: str
    handler: Callable[..., Any]
    summary: str
    answer: Any
    request: Any = None
    access: Access = "read"
    limit: int = LARGE
