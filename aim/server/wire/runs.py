"""Messages about runs: queries, edits and answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from aim.log.direction import Direction
from aim.server.wire.types import Name, Number, ParamName, RunId, RunIds, Status


class Query(Struct, kw_only=True, forbid_unknown_fields=True):
    """An AimQL expression that picks runs; empty picks all that are not archived. Its dates are days of `zone`, a time
    zone such as Europe/Berlin."""

    q: str = ""
    zone: Annotated[str, Meta(max_length=100)] = "UTC"


class RunsQuery(Query, kw_only=True):
    """`params=false` leaves params out."""

    params: bool = True


class StatementQuery(Query, kw_only=True):
    """A whole statement in AimQL: of metrics, or with `media` of media."""

    media: bool = False


class CompleteQuery(StatementQuery, kw_only=True):
    """AimQL text and the cursor in it, in characters; without `at` the cursor is at the end."""

    at: Annotated[int, Meta(ge=0)] | None = None


class ArchiveRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    runs: RunIds
    archived: bool


class DeleteRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    runs: RunIds


class EditRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """`tag` attaches the tag `value`, `untag` removes it; other fields are set to `value`. `was`: the name or
    description that the author of the change saw; if it is another one now, nothing is changed."""

    runs: RunIds
    field: Literal["name", "description", "experiment", "tag", "untag"]
    value: Annotated[str, Meta(max_length=100_000)]
    was: Annotated[str, Meta(max_length=100_000)] | None = None


class ParamsRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """Params to add to runs; a dot in a name makes a group. Existing params of these names are replaced."""

    runs: RunIds
    params: Annotated[dict[ParamName, str | int | float | bool | None], Meta(min_length=1, max_length=200)]


class NoteRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """A note of a run in Markdown. Without `note`, a new one is added; without `text`, it is removed. `was`: the text
    that the author of the change saw; if it is another one now, nothing is changed."""

    run: RunId
    note: Annotated[str, Meta(pattern="^[0-9a-f]{1,40}$")] | None = None
    text: Annotated[str, Meta(max_length=100_000)] | None
    was: Annotated[str, Meta(max_length=100_000)] | None = None


class RunQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """A run by its hash, its id, or the beginning of its id."""

    run: Annotated[str, Meta(min_length=1)]


class Indexing(Struct):
    """So many runs are shown, while others are not in the index yet."""

    done: int
    total: int


class Project(Struct, kw_only=True):
    """The repository, and the caller. `reason` says why they may not change it, `undeletable` why they may not delete
    runs. `user` is null where the server knows no users; `via` says how they proved who they are. `shares`: they may
    make read-only links. `sources`: the prefixes of open sources of runs, an empty one for logs of Aim. `revision`
    changes whenever data changes. `indexing` is null once every run is in the index. `home_dashboard`: the id of the
    dashboard that the home page shows, if one is chosen."""

    root: str
    version: str
    runs: int
    running: int
    experiments: list[str]
    active_experiment: str
    sources: list[str]
    writable: bool
    reason: str | None
    revision: str
    indexing: Indexing | None
    undeletable: str | None
    user: str | None
    role: Literal["read", "write", "admin"]
    via: Literal["owner", "bearer", "session", "link", "header"]
    shares: bool
    home_dashboard: str | None


class CompletionItem(Struct, kw_only=True):
    text: str
    kind: Literal["metric", "param", "context", "run", "function", "keyword", "value", "experiment", "media"]
    detail: str


class Completion(Struct, kw_only=True):
    """Replace the characters from `start` to `end` by the `text` of one of `items`, which are the first of `total`."""

    start: int
    end: int
    items: list[CompletionItem]
    total: int


class MetricsQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Names of metrics that contain each word of `find`, in upper or lower case. `only` holds run ids separated by
    commas: just the metrics of these runs."""

    find: Annotated[str, Meta(max_length=1_000)] = ""
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 300
    only: str | None = None


class MetricNames(Struct, kw_only=True):
    """The first of the `matched` names in alphabetical order, those of system metrics last. `sources`: for each of
    these names the prefixes with which a statement selects it, such as `tf` for TensorBoard; an empty one for a metric
    of Aim."""

    names: list[str]
    matched: int
    sources: list[list[str]]


class Directions(Struct, kw_only=True):
    """The metrics whose direction was set: `max` where higher values are better, `min` where lower ones are."""

    directions: dict[str, Direction]


class DirectionRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """None: as the name of the metric says."""

    metric: Name
    direction: Direction | None


class ContextKey(Struct, kw_only=True):
    """The first `values`, of `total`, that metrics have under this key of their contexts."""

    key: str
    values: list[Any]
    total: int


class Contexts(Struct, kw_only=True):
    """The first `keys` of `total`."""

    keys: list[ContextKey]
    total: int


class Problem(Struct, kw_only=True):
    """The error and what to do. `start` and `end` are positions in the query, if it is at fault."""

    message: str
    hint: str | None
    start: int | None
    end: int | None


class Failure(Struct, kw_only=True):
    error: Problem


class Check(Struct, kw_only=True):
    error: Problem | None


class LinkRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """`view`: the query string of the page to show, from "?" on. `days`: how long the link works."""

    view: Annotated[str, Meta(max_length=16_000)]
    days: float = 30.0


class ReadOnlyLink(Struct, kw_only=True):
    """A new read-only link. `token` opens any page of this server as `?token=...`; it is not shown again. `expires`:
    seconds since 1970."""

    id: str
    token: str
    expires: float


class TokenRow(Struct, kw_only=True):
    """A token of a user, or with `link` a read-only link that they made to this page. Times are in seconds since 1970;
    `expires` is null if it never does."""

    id: str
    user: str
    role: Literal["read", "write", "admin"]
    created: float
    expires: float | None
    link: str | None


class TokenRows(Struct, kw_only=True):
    """The newest first. `all`: those of all users, because the caller is an admin; else those of the caller. `repo` is
    the folder that `aim token` takes, null if this server has the engine alone. `own`: the id of the token that the
    caller came with."""

    tokens: list[TokenRow]
    all: bool
    repo: str | None
    own: str | None


class TokenIds(Struct, kw_only=True, forbid_unknown_fields=True):
    ids: Annotated[list[Annotated[str, Meta(pattern="^[0-9a-f]{12}$")]], Meta(min_length=1, max_length=1_000)]


class Changed(Struct, kw_only=True):
    changed: int


class Deleted(Struct, kw_only=True):
    """`left`: what is still in an object store, why, and what removes it; empty if nothing is."""

    runs: int
    files: int
    bytes: int
    left: str


class LiveEvent(Struct, kw_only=True):
    """Sent when runs change: a new run, new points, a new status, an edit, a deletion. `runs` is empty in the first
    event, and where only what belongs to the repository itself changed, such as a dashboard."""

    revision: str
    runs: list[str]


class Run(Struct, kw_only=True):
    """Times are seconds since 1970 UTC; `seen_at` is the last heartbeat, `diverged` says whether a metric ends in NaN
    or infinity, `dropped` counts lost points, `damaged` the unreadable places in the files of the run. `started_by` and
    `edited_by` are users, where they are known. `position`: how many runs began before it, deleted ones
    included."""

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
    diverged: bool
    dropped: int
    damaged: int
    started_by: str | None
    edited_by: str | None
    position: int


class MetricSummary(Struct, kw_only=True):
    """Summary of one series of a run. `nonfinite` counts points that are NaN or infinite."""

    name: str
    context: dict[str, Any]
    count: int
    first: Number
    last: Number
    min: Number
    max: Number
    mean: Number
    last_step: int
    nonfinite: int


class Note(Struct, kw_only=True):
    id: str
    text: str
    edited_at: float


class RunWriter(Struct, kw_only=True):
    """One process that recorded the run. `ended` is None without an end record."""

    id: str
    attempt: str | None
    role: str | None
    host: str | None
    pid: int | None
    started: float
    ended: float | None
    seen_at: float
    status: str | None
    dropped: int
    damaged: int


class RunDetail(Struct, kw_only=True):
    """One run without its points. `params` and `facts` are as recorded; `damaged` counts the unreadable places in its
    files, and `reasons` says what is damaged in the first of them. `environment` is None if it was not recorded;
    `output` counts the bytes of output."""

    run: Run
    params: dict[str, Any]
    facts: dict[str, Any]
    metrics: list[MetricSummary]
    notes: list[Note]
    writers: list[RunWriter]
    damaged: int
    reasons: list[str]
    environment: Environment | None
    output: int


class Environment(Struct, kw_only=True):
    """`packages` are versions by name; `variables` are relevant to training, without secrets. `diff` has the
    uncommitted changes when the run began; `cut` says how much of it is missing, `untracked` names untracked files."""

    packages: dict[str, str]
    variables: dict[str, str]
    diff: str | None
    cut: str | None
    untracked: list[str]


class Saved(Struct, kw_only=True):
    id: str


class Param(Struct, kw_only=True):
    """A param path such as `hparams.lr` and its distinct values; NaN, Infinity and -Infinity are sent as text."""

    path: str
    values: list[Any]
