"""Every message between the server and the UI, declared once: OpenAPI and ui/src/wire.ts are generated from here.

`python -m aim.server.wire > ui/src/wire.ts` writes the types again.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

FRAMES = "application/x-aim-frames"
MAGIC = "AIMF"

RunId = Annotated[str, Meta(pattern="^[0-9a-f]{32}$", description="32 hex digits")]
RunIds = Annotated[list[RunId], Meta(min_length=1, max_length=20_000)]
Axis = Literal["step", "epoch", "relative", "time"]
Status = Literal["running", "finished", "failed", "killed", "lost"]
DType = Literal["f8", "i4", "i8", "u1"]


class Query(Struct, kw_only=True, forbid_unknown_fields=True):
    """An AimQL expression that picks runs; empty picks all that are not archived."""

    q: str = ""


class CompleteQuery(Query, kw_only=True):
    """AimQL text and the cursor in it, in characters; without `at` the cursor is at the end."""

    at: Annotated[int, Meta(ge=0)] | None = None


class SeriesQuery(Query, kw_only=True):
    """An AimQL statement, the x axis, the pixel columns to fill, and the window of x to look at.

    `only` holds run ids with commas between them: the answer is cut down to those runs.
    """

    x: Axis = "step"
    columns: Annotated[int, Meta(ge=1, le=20_000)] = 800
    lo: float | None = None
    hi: float | None = None
    only: str | None = None


class ArchiveRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    runs: RunIds
    archived: bool


class DeleteRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    runs: RunIds


class EditRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """`tag` attaches the tag named by `value`, `untag` takes it off, the other fields are set to it."""

    runs: RunIds
    field: Literal["name", "description", "experiment", "tag", "untag"]
    value: Annotated[str, Meta(max_length=100_000)]


class Project(Struct, kw_only=True):
    """What the server shows. `reason` says why it is not `writable`; `revision` changes whenever data did."""

    root: str
    version: str
    runs: int
    running: int
    experiments: list[str]
    active_experiment: str
    writable: bool
    reason: str | None
    revision: str


class CompletionItem(Struct, kw_only=True):
    text: str
    kind: Literal["metric", "param", "context", "run", "function", "keyword", "value", "experiment"]
    detail: str


class Completion(Struct, kw_only=True):
    """Replace the characters from `start` to `end` by the `text` of one of `items`."""

    start: int
    end: int
    items: list[CompletionItem]


class Problem(Struct, kw_only=True):
    """What is wrong and what to do about it; `start` and `end` are characters of the query, if one is to blame."""

    message: str
    hint: str | None
    start: int | None
    end: int | None


class Failure(Struct, kw_only=True):
    error: Problem


class Check(Struct, kw_only=True):
    error: Problem | None


class Changed(Struct, kw_only=True):
    changed: int


class Deleted(Struct, kw_only=True):
    runs: int
    files: int
    bytes: int


class LiveEvent(Struct, kw_only=True):
    """Sent whenever runs changed: new ones, more points, another status, an edit, a deletion."""

    revision: str
    runs: list[str]


class Run(Struct, kw_only=True):
    """Times are seconds since 1970 UTC; `seen_at` is the last sign of life, `dropped` the points that were lost."""

    id: str
    hash: str
    name: str | None
    experiment: str
    description: str | None
    tags: list[str]
    archived: bool
    status: Status
    error: str | None
    created_at: float
    finished_at: float | None
    duration: float
    seen_at: float
    dropped: int


class Param(Struct, kw_only=True):
    """A param path such as `hparams.lr` and its distinct values; NaN, Infinity and -Infinity come as these words."""

    path: str
    values: list[Any]


class ArraySpec(Struct, kw_only=True):
    name: str
    dtype: DType
    length: int


class RunsFrame(Struct, kw_only=True, tag_field="kind", tag="runs"):
    """First frame. Array `params` i4 has a row per param and a column per run: an index into `values`, or -1."""

    runs: list[Run]
    params: list[Param]
    series: int
    points: int
    notes: list[str]
    revision: str
    statement: str
    arrays: list[ArraySpec]


class SeriesFrame(Struct, kw_only=True, tag_field="kind", tag="series"):
    """Some series. One element a series: `run` i4, `name` i4, `context` i4 (indices), `count` i4, `sampled` u1,
    `first`, `last`, `min`, `max`, `last_step` f8. `offsets` i4 has one more and cuts `x`, `y` and, unless the axis
    is the step, `steps` (all f8) into series. `progress` goes from 0 to 1.
    """

    progress: float
    contexts: list[dict[str, Any]]
    names: list[str]
    arrays: list[ArraySpec]


class EndFrame(Struct, kw_only=True, tag_field="kind", tag="end"):
    """Last frame: the answer is whole. `checked` runs were looked at."""

    seconds: float
    checked: int
    arrays: list[ArraySpec]


class ErrorFrame(Struct, kw_only=True, tag_field="kind", tag="error"):
    """Last frame in place of "end": the answer broke off."""

    error: Problem
    arrays: list[ArraySpec]


Frame = RunsFrame | SeriesFrame | EndFrame | ErrorFrame

MESSAGES: tuple[Any, ...] = (
    Query, CompleteQuery, SeriesQuery, ArchiveRequest, DeleteRequest, EditRequest,
    Project, Completion, Check, Changed, Deleted, LiveEvent, Failure, Frame,
)  # fmt: skip


def schemas(ref: str = "{name}") -> dict[str, dict[str, Any]]:
    _, components = msgspec.json.schema_components(MESSAGES, ref_template=ref)
    return components


if __name__ == "__main__":
    from aim.server.typescript import typescript

    sys.stdout.write(typescript())
