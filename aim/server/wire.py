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
BookmarkId = Annotated[str, Meta(pattern="^[0-9a-f]{1,40}$")]
Name = Annotated[str, Meta(min_length=1, max_length=1_000)]
Number = Annotated[float | str, Meta(description="NaN, Infinity and -Infinity come as these words")]
Axis = Annotated[str, Meta(pattern="^(step|epoch|relative|time|metric:.+)$")]
Cursor = Annotated[str, Meta(pattern="^[0-9a-f]{16}[.][0-9]{1,18}(-[0-9a-f]{16}[.][0-9]{1,18})*$", max_length=8_000)]
Stream = Literal["stdout", "stderr"]
Level = Literal["debug", "info", "warning", "error"]
Status = Literal["running", "finished", "failed", "killed", "lost"]
EventKind = Literal[
    "started", "finished", "failed", "killed", "lost", "archived", "brought back", "deleted", "tagged", "untagged",
    "renamed", "described", "moved", "noted", "experiment", "experiment noted", "bookmarked",
]  # fmt: skip
Value = str | int | float | bool
Argv = Annotated[list[str], Meta(max_length=2_000)]
QueueId = Annotated[str, Meta(pattern="^q[0-9a-f]{15}$")]
TemplateId = Annotated[str, Meta(pattern="^t[0-9a-f]{15}$")]
QueueState = Literal["running", "paused", "cancelled"]
TrialState = Literal["waiting", "starting", "running", "finished", "failed", "killed", "stopped", "cancelled"]
ProcessState = Literal["running", "finished", "failed", "killed", "lost", "stopped"]
Mode = Literal["min", "max"]
ObjectKind = Literal["text", "image", "audio", "distribution", "figure"]
BlobId = Annotated[str, Meta(pattern="^[0-9a-f]{16}-[0-9]{1,19}$")]
DType = Literal["f8", "i4", "i8", "u1"]


class Query(Struct, kw_only=True, forbid_unknown_fields=True):
    """An AimQL expression that picks runs; empty picks all that are not archived."""

    q: str = ""


class RunsQuery(Query, kw_only=True):
    """Without `params` the runs come without them: a list of runs to choose from needs none."""

    params: bool = True


class CompleteQuery(Query, kw_only=True):
    """AimQL text and the cursor in it, in characters; without `at` the cursor is at the end."""

    at: Annotated[int, Meta(ge=0)] | None = None


class SeriesQuery(Query, kw_only=True):
    """An AimQL statement, the x axis, the pixel columns to fill, and the window of x to look at. `metric:NAME` as axis
    is the value of that metric at the same step; `back` then marks series in which it falls somewhere.

    `only` holds run ids with commas between them: the answer is cut down to those runs.
    """

    x: Axis = "step"
    columns: Annotated[int, Meta(ge=1, le=20_000)] = 800
    lo: float | None = None
    hi: float | None = None
    only: str | None = None


class TableQuery(Query, kw_only=True):
    """`only` holds run ids with commas between them: the answer is cut down to those runs."""

    only: str | None = None


class BesideQuery(TableQuery, kw_only=True):
    """A metric in exactly one context, and another one at whose least or greatest point it is looked up. Contexts are
    JSON objects; a run that lacks one of both is left out.
    """

    metric: Name
    context: str = "{}"
    by: Name
    by_context: str = "{}"
    side: Literal["min", "max"]


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


ParamName = Annotated[str, Meta(min_length=1, max_length=200)]


class ParamsRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """Params to give to runs; a dot in a name puts it into a group. Params of these names are replaced."""

    runs: RunIds
    params: Annotated[dict[ParamName, str | int | float | bool | None], Meta(min_length=1, max_length=200)]


class NoteRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """A note of a run in Markdown. Without `note` it is a new one; without `text` it is removed."""

    run: RunId
    note: Annotated[str, Meta(pattern="^[0-9a-f]{1,40}$")] | None = None
    text: Annotated[str, Meta(max_length=100_000)] | None


class RunQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """A run by its hash, its id, or the beginning of its id."""

    run: Annotated[str, Meta(min_length=1)]


class ObjectsQuery(RunQuery, kw_only=True):
    """Of all kinds, or of one."""

    kind: ObjectKind | None = None


class ObjectValuesQuery(RunQuery, kw_only=True):
    """Values of one series: those at `steps` of the steps from `lo` to `hi`, evenly spread from the first to the last.
    Without `spread` they are the first ones from `lo` on. `context` is the series' context as JSON, in any order of
    keys.
    """

    kind: ObjectKind
    name: str
    context: Annotated[str, Meta(max_length=100_000)] = "{}"
    lo: int | None = None
    hi: int | None = None
    steps: Annotated[int, Meta(ge=1, le=1_000)] = 50
    spread: bool = True


class BlobQuery(RunQuery, kw_only=True):
    """`blob` as an ObjectValue has it."""

    blob: BlobId


class OutputQuery(RunQuery, kw_only=True):
    """What a run printed, from a cursor of an earlier page; without one, `backward` begins at the end and `forward` at
    the beginning. `writer` keeps to what one process captured.
    """

    cursor: Cursor | None = None
    direction: Literal["forward", "backward"] = "forward"
    stream: Stream | None = None
    writer: str | None = None


class OutputSearch(RunQuery, kw_only=True):
    """Text to look for in the whole output, from the beginning or a cursor on; capitals count only with `case`."""

    cursor: Cursor | None = None
    stream: Stream | None = None
    writer: str | None = None
    text: Annotated[str, Meta(min_length=1, max_length=1_000)]
    case: bool = False


class OverviewQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Without `experiment` it is about the whole repository."""

    experiment: str | None = None


class ExperimentName(Struct, kw_only=True, forbid_unknown_fields=True):
    name: Name


class ExperimentRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is. `archived` goes for all runs of the experiment."""

    name: Name
    rename: Name | None = None
    note: Annotated[str, Meta(max_length=100_000)] | None = None
    archived: bool | None = None


class TagName(Struct, kw_only=True, forbid_unknown_fields=True):
    name: Name


class TagRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """A tag with all its looks; `was` names the one that is renamed. Colours are written #rrggbb."""

    name: Name
    was: str | None = None
    colour: str
    comment: str = ""
    archived: bool = False


class BookmarkRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """A page with its whole state: `search` is its address from the question mark on. Without `id` it is a new one."""

    id: BookmarkId | None = None
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    description: Annotated[str, Meta(max_length=2_000)] = ""
    search: Annotated[str, Meta(pattern="^\\?", max_length=60_000)]


class BookmarkName(Struct, kw_only=True, forbid_unknown_fields=True):
    id: BookmarkId


class Variable(Struct, kw_only=True, forbid_unknown_fields=True):
    """A variable of the environment, set above those that the server has."""

    name: Annotated[str, Meta(min_length=1, max_length=1_000)]
    value: Annotated[str, Meta(max_length=100_000)]


class NamedValue(Struct, kw_only=True, forbid_unknown_fields=True):
    """The value of a parameter. None in a command's `params`: it must be given at every start."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    value: Value | None


class Command(Struct, kw_only=True, forbid_unknown_fields=True):
    """`{lr}` in an argument is replaced by the value of lr, `{{` and `}}` are braces, an argument `{amp?--amp}` is
    there only while amp is true. `interpreter` stands in front of `argv`; without `cwd` it starts in the folder of the
    repository.
    """

    argv: Argv
    params: Annotated[list[NamedValue], Meta(max_length=1_000)] = []
    cwd: str | None = None
    env: Annotated[list[Variable], Meta(max_length=1_000)] = []
    experiment: str | None = None
    interpreter: str | None = None


class TemplateRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """Without `id` it is a new one."""

    id: TemplateId | None = None
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    command: Command


class TemplateName(Struct, kw_only=True, forbid_unknown_fields=True):
    id: TemplateId


class PreviewRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """`values` go before the command's defaults. With `run`, the answer says what differs from that run."""

    command: Command
    values: Annotated[list[NamedValue], Meta(max_length=1_000)] = []
    run: str | None = None


class StartRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """`template` is the id of the template that the command came from, `name` the name of the new run."""

    command: Command
    values: Annotated[list[NamedValue], Meta(max_length=1_000)] = []
    name: Annotated[str, Meta(min_length=1, max_length=1_000)] | None = None
    template: TemplateId | None = None


class StopRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """SIGINT, then SIGTERM, then SIGKILL to the whole process group, with waits between; `now` is SIGKILL at once."""

    run: RunId
    why: Annotated[str, Meta(max_length=1_000)] = ""
    now: bool = False


class ProcessesQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Only those that run, only those of one queue."""

    live: bool = False
    queue: QueueId | None = None


class SeveralValues(Struct, kw_only=True, forbid_unknown_fields=True):
    """`0.1,0.01`, `1..5`, `0..1:0.25`, `log(1e-5..1e-1)`, `uniform(0..1)`, or one value."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    text: Annotated[str, Meta(max_length=100_000)]


class QueuePreviewRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """Without `sample` it is every combination, else so many of them by chance; the same `seed` gives the same ones."""

    command: Command
    space: Annotated[list[SeveralValues], Meta(max_length=1_000)]
    sample: Annotated[int, Meta(ge=1, le=1_000)] | None = None
    seed: Annotated[int, Meta(ge=0, le=2**53)] = 0


class StopRule(Struct, kw_only=True, forbid_unknown_fields=True):
    """AimQL over a running run: `run.loss.val.last > 5`, `run.loss is nan`; once `metric` (the first that the query
    names) has a step of `after` or more."""

    query: Annotated[str, Meta(min_length=1, max_length=10_000)]
    after: Annotated[int, Meta(ge=0, le=2**53)] = 0
    metric: str | None = None


class MedianRule(Struct, kw_only=True, forbid_unknown_fields=True):
    """Stop what is worse at its best than the median of the running means of at least `at_least` finished trials."""

    metric: Annotated[str, Meta(min_length=1, max_length=1_000)]
    mode: Mode = "min"
    after: Annotated[int, Meta(ge=0, le=2**53)] = 0
    at_least: Annotated[int, Meta(ge=1, le=1_000)] = 3


class HalvingRule(Struct, kw_only=True, forbid_unknown_fields=True):
    """At the steps `min_steps`, `min_steps * eta`, ... stop what is not of the best 1/eta that got there."""

    metric: Annotated[str, Meta(min_length=1, max_length=1_000)]
    mode: Mode = "min"
    min_steps: Annotated[int, Meta(ge=1, le=2**53)] = 1
    eta: Annotated[int, Meta(ge=2, le=100)] = 3


class RuleSet(Struct, kw_only=True, forbid_unknown_fields=True):
    stop: Annotated[list[StopRule], Meta(max_length=20)] = []
    median: MedianRule | None = None
    halving: HalvingRule | None = None


class QueueRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """`trials` as the preview listed them: each has a value for every one of `params`. Without `slots` there is one a
    GPU, else one a CPU."""

    command: Command
    params: Annotated[list[str], Meta(max_length=1_000)]
    trials: Annotated[list[list[Value]], Meta(min_length=1, max_length=1_000)]
    name: Annotated[str, Meta(max_length=200)] = ""
    template: TemplateId | None = None
    slots: Annotated[int, Meta(ge=1, le=256)] | None = None
    gpus: Annotated[list[str], Meta(max_length=256)] = []
    rules: RuleSet | None = None
    paused: bool = False


class QueueQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    queue: QueueId


class QueueName(Struct, kw_only=True, forbid_unknown_fields=True):
    queue: QueueId


class QueueEdit(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is. `order` names trials that go first."""

    queue: QueueId
    state: QueueState | None = None
    slots: Annotated[int, Meta(ge=0, le=256)] | None = None
    order: Annotated[list[int], Meta(max_length=1_000)] | None = None


class TrialsRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    queue: QueueId
    trials: Annotated[list[int], Meta(min_length=1, max_length=1_000)]
    action: Literal["cancel", "retry"]


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


class Metric(Struct, kw_only=True):
    """One series of a run in numbers. `nonfinite` counts its points that are NaN or infinite."""

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


class Writer(Struct, kw_only=True):
    """One process that recorded the run. `ended` is None while it has left no end record."""

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
    """Everything about one run but its points. `params` and `facts` are as they were recorded; `damaged` counts the
    places of its files that cannot be read. `environment` is None where it was not recorded; `output` counts the bytes
    of what was printed."""

    run: Run
    params: dict[str, Any]
    facts: dict[str, Any]
    metrics: list[Metric]
    notes: list[Note]
    writers: list[Writer]
    damaged: int
    environment: Environment | None
    output: int


class ObjectSeries(Struct, kw_only=True):
    """A series of a run whose values are no numbers. `count` values at `steps` different steps; `bytes` of all."""

    kind: ObjectKind
    name: str
    context: dict[str, Any]
    count: int
    steps: int
    first_step: int
    last_step: int
    last_time: float
    bytes: int


class RunObjects(Struct, kw_only=True):
    """By kind, name and context. `run` is the id."""

    run: RunId
    series: list[ObjectSeries]


class Histogram(Struct, kw_only=True):
    """`counts[i]` samples lie from `edges[i]` to `edges[i + 1]`. What is not finite is counted apart."""

    edges: list[float]
    counts: list[float]
    nan: float
    below: float
    above: float


class ObjectValue(Struct, kw_only=True):
    """One value; those of one step that were tracked together differ by `index`. Its content is at
    `api/run/blob?run=&blob=`: `format` is png, jpeg, gif, webp, wav, mp3, flac, text, plotly (JSON) or histogram.
    `text` is the beginning of a text, all of it unless `cut`. `seconds` and `rate` are those of a sound.
    """

    step: int
    epoch: float | None
    time: float
    index: int
    blob: str
    size: int
    format: str
    caption: str | None
    width: int | None
    height: int | None
    rate: int | None
    channels: int | None
    seconds: float | None
    text: str | None
    cut: bool
    histogram: Histogram | None


class ObjectValues(Struct, kw_only=True):
    """Some values by step, then as they came. `steps` of `steps_found` are here; where there are more behind the last
    one, `next` is the step to go on at. `steps_found` counts those from `lo` to `hi`.
    """

    kind: ObjectKind
    name: str
    context: dict[str, Any]
    first_step: int
    last_step: int
    steps: int
    steps_found: int
    next: int | None
    values: list[ObjectValue]


class OutputPiece(Struct, kw_only=True):
    """A piece as it was printed, with its escape sequences. With `skipped` it is empty: so many bytes were not kept
    here; 0 stands where the rest of a run that goes on is not kept.
    """

    time: float
    stream: Stream
    text: str
    writer: int
    skipped: int | None


class OutputWriter(Struct, kw_only=True):
    """A process that captured output: of one attempt, or of one rank. `live`: more may come from it."""

    id: str
    attempt: str | None
    host: str | None
    started: float
    bytes: int
    live: bool


class OutputPage(Struct, kw_only=True):
    """Pieces in the order of time; `writer` of a piece counts in `writers`. `before` leads to what lies in front of the
    first piece and is None at the beginning, `after` to what lies behind the last one. `more`: whether the direction
    that was asked for goes on now. `live`: more may come.
    """

    pieces: list[OutputPiece]
    before: str | None
    after: str
    more: bool
    live: bool
    writers: list[OutputWriter]


class OutputPlace(Struct, kw_only=True):
    """A line that holds the text, without its escape sequences: at most 300 characters around the text. `cursor` leads
    to it, forwards.
    """

    cursor: str
    time: float
    stream: Stream
    line: str


class OutputPlaces(Struct, kw_only=True):
    """`next` is the cursor from which the same search goes on, None when everything was looked at."""

    places: list[OutputPlace]
    next: str | None


class LogMessage(Struct, kw_only=True):
    """A line that the script logged."""

    time: float
    level: Level
    text: str
    params: dict[str, Any]


class LogMessages(Struct, kw_only=True):
    """In the order of time; `left_out` older ones are in the run's log alone."""

    messages: list[LogMessage]
    left_out: int


class Environment(Struct, kw_only=True):
    """`packages` are versions by name; `variables` those that matter to training, without secrets. `diff` is what was
    not committed when the run began; `cut` says how much of it is missing, `untracked` names files that git does not
    know.
    """

    packages: dict[str, str]
    variables: dict[str, str]
    diff: str | None
    cut: str | None
    untracked: list[str]


class Saved(Struct, kw_only=True):
    id: str


class Day(Struct, kw_only=True):
    """Runs that began on a day of UTC, `2026-01-31`."""

    day: str
    runs: int


class Event(Struct, kw_only=True):
    """What happened to `run`, and within a moment to `runs` in all; without a run, to the repository. `subject` is the
    tag, the new name or experiment, the note, the bookmark, or why a run failed.
    """

    at: float
    kind: EventKind
    runs: int
    run: Run | None
    subject: str | None


class Overview(Struct, kw_only=True):
    """`statuses` counts the runs that are not archived; `active` are those that record now, `recent` the newest.
    `activity` is what happened last.
    """

    runs: int
    archived: int
    metrics: int
    seconds: float
    statuses: dict[str, int]
    days: list[Day]
    active: list[Run]
    recent: list[Run]
    activity: list[Event]


class Experiment(Struct, kw_only=True):
    name: str
    runs: int
    archived_runs: int
    running: int
    created_at: float | None
    last_at: float | None
    active: bool
    archived: bool
    note: str


class Experiments(Struct, kw_only=True):
    experiments: list[Experiment]


class Tag(Struct, kw_only=True):
    """`colour` is None for a tag that a script attached and nobody gave one."""

    name: str
    colour: str | None
    comment: str
    archived: bool
    runs: int


class Tags(Struct, kw_only=True):
    tags: list[Tag]


class Bookmark(Struct, kw_only=True):
    id: str
    name: str
    description: str
    search: str
    edited_at: float


class Bookmarks(Struct, kw_only=True):
    bookmarks: list[Bookmark]


class Param(Struct, kw_only=True):
    """A param path such as `hparams.lr` and its distinct values; NaN, Infinity and -Infinity come as these words."""

    path: str
    values: list[Any]


class LaunchStatus(Struct, kw_only=True):
    """Whether processes can be started from here; if not, `reason` says why and `how` is the command that allows it.
    `folder` is where they start, `slots` how many trials run at once if nobody chooses.
    """

    allowed: bool
    reason: str | None
    how: str | None
    folder: str
    user: str
    cpus: int
    gpus: list[str]
    slots: int


class Asked(Struct, kw_only=True):
    """Who asked for it: a user of this machine, through what, from which address."""

    user: str | None
    via: str | None
    address: str | None


class RecordedVariable(Struct, kw_only=True):
    """`value` is None where it is secret."""

    name: str
    value: str | None


class Process(Struct, kw_only=True):
    """A command that is or was supervised, and its run. `argv` as it was recorded: secrets are masked. `why` tells who
    or what stopped it. `here`: it was started on this machine, so it can be measured and stopped from here. `orphan`:
    its keeper is gone while the command still lives. `cpu` (1 is one core) and `memory` (bytes) are those of all its
    `processes` while it runs here.
    """

    run: Run
    state: ProcessState
    why: str | None
    argv: list[str]
    cwd: str | None
    env: list[RecordedVariable]
    template: str | None
    queue: str | None
    trial: int | None
    asked_by: Asked
    host: str | None
    pid: int | None
    exit_code: int | None
    signal: str | None
    here: bool
    orphan: bool
    cpu: float | None
    memory: int | None
    processes: int | None


class Processes(Struct, kw_only=True):
    """Those that run first, then the newest first; 500 at most, `total` counts all."""

    processes: list[Process]
    total: int


class Template(Struct, kw_only=True):
    id: TemplateId
    name: str
    command: Command
    edited_at: float


class Templates(Struct, kw_only=True):
    templates: list[Template]


class Draft(Struct, kw_only=True):
    """A run's command with parameters. `recorded` has params of the run that have the name of a parameter; `missing`
    names those that must be given because they were masked; `notes` say what to look at."""

    run: Run
    name: str
    command: Command
    recorded: list[NamedValue]
    missing: list[str]
    notes: list[str]


class Difference(Struct, kw_only=True):
    """What will be another than in the run that is repeated. None: there is none, or it is not known."""

    kind: Literal["param", "argument", "program", "folder", "commit", "python"]
    name: str
    was: str | None
    now: str | None


class Preview(Struct, kw_only=True):
    """What would be started: one item an argument, the file that is executed, and the folder."""

    argv: list[str]
    program: str
    cwd: str
    env: list[Variable]
    differences: list[Difference]


class Started(Struct, kw_only=True):
    """The id of the run."""

    run: str


class QueuePreview(Struct, kw_only=True):
    """`trials` have a value for every one of `params`; `combinations` is None where a range has no end of values.
    `first` is the command of the first trial."""

    params: list[str]
    trials: list[list[Value]]
    combinations: int | None
    first: Preview


class Trial(Struct, kw_only=True):
    """`run` is the id of its run, once there is one, `hash` the hash that it has or will have."""

    number: int
    values: list[Value]
    state: TrialState
    why: str | None
    run: str | None
    hash: str
    tries: int
    started_at: float | None
    ended_at: float | None


class Queue(Struct, kw_only=True):
    """`states` counts the trials in each state. Only the machine called `host` starts its trials: not this one unless
    it is `here`; to set its state moves it here."""

    id: QueueId
    name: str
    template: TemplateId | None
    template_name: str
    state: QueueState
    slots: int
    gpus: list[str]
    by: Asked
    created_at: float
    trials: int
    states: dict[str, int]
    done: bool
    host: str | None
    here: bool


class Queues(Struct, kw_only=True):
    queues: list[Queue]


class QueueDetail(Struct, kw_only=True):
    """`trials` in the order in which they start, each with a value for every one of `params`."""

    queue: Queue
    command: Command
    params: list[str]
    trials: list[Trial]
    rules: RuleSet


class ArraySpec(Struct, kw_only=True):
    name: str
    dtype: DType
    length: int


class RunsFrame(Struct, kw_only=True, tag_field="kind", tag="runs"):
    """First frame; in a table one for each part of the runs. Array `params` i4 has a row per param and a column per run
    of this frame: an index into `values`, or -1.
    """

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


class TableFrame(Struct, kw_only=True, tag_field="kind", tag="table"):
    """The series of the runs of the frame before it in numbers, without points. One element a series, grouped by run:
    `run` i4 (counted over all frames), `name` i4, `context` i4 (indices), `count` i4, `first`, `last`, `min`, `max`,
    `mean`, `last_step` f8. `progress` goes from 0 to 1.
    """

    progress: float
    names: list[str]
    contexts: list[dict[str, Any]]
    arrays: list[ArraySpec]


class BesideFrame(Struct, kw_only=True, tag_field="kind", tag="beside"):
    """One element a run: `value` f8 of the metric, `step` f8 of the other one's best point."""

    runs: list[str]
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


Frame = RunsFrame | SeriesFrame | TableFrame | BesideFrame | EndFrame | ErrorFrame

MESSAGES: tuple[Any, ...] = (
    TemplateRequest, TemplateName, PreviewRequest, StartRequest, StopRequest, ProcessesQuery, QueuePreviewRequest,
    QueueRequest, QueueQuery, QueueName, QueueEdit, TrialsRequest, LaunchStatus, Process, Processes, Templates, Draft,
    Preview, Started, QueuePreview, Queues, QueueDetail,
    Query, RunsQuery, CompleteQuery, SeriesQuery, TableQuery, BesideQuery, RunQuery, ObjectsQuery, ObjectValuesQuery,
    BlobQuery, OverviewQuery, OutputQuery, OutputSearch,
    ArchiveRequest, DeleteRequest, EditRequest, ParamsRequest, NoteRequest, ExperimentName, ExperimentRequest,
    TagName, TagRequest, BookmarkName, BookmarkRequest,
    Project, Completion, Check, Changed, Saved, Deleted, LiveEvent, Failure, RunDetail, RunObjects, ObjectValues,
    OutputPage, OutputPlaces, LogMessages, Overview, Experiments, Tags, Bookmarks, Frame,
)  # fmt: skip


def schemas(ref: str = "{name}") -> dict[str, dict[str, Any]]:
    _, components = msgspec.json.schema_components(MESSAGES, ref_template=ref)
    return components


if __name__ == "__main__":
    from aim.server.typescript import typescript

    sys.stdout.write(typescript())
