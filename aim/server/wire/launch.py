"""Messages about processes, templates and queues."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from aim.log.direction import Direction
from aim.server.wire.runs import Run
from aim.server.wire.types import Argv, QueueId, QueueState, RunId, Status, TemplateId, TrialState, Value


class Variable(Struct, kw_only=True, forbid_unknown_fields=True):
    """An environment variable, added to those of the server."""

    name: Annotated[str, Meta(min_length=1, max_length=1_000)]
    value: Annotated[str, Meta(max_length=100_000)]


class NamedValue(Struct, kw_only=True, forbid_unknown_fields=True):
    """The value of a parameter. In a command's `params`, None means that every start must give one."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    value: Value | None


class Command(Struct, kw_only=True, forbid_unknown_fields=True):
    """`{lr}` in an argument is replaced by the value of lr, `{{` and `}}` are braces, and an argument `{amp?--amp}`
    exists only while amp is true. `interpreter` precedes `argv`; without `cwd`, the command starts in the folder of the
    repository."""

    argv: Argv
    params: Annotated[list[NamedValue], Meta(max_length=1_000)] = []
    cwd: str | None = None
    env: Annotated[list[Variable], Meta(max_length=1_000)] = []
    experiment: str | None = None
    interpreter: str | None = None


class TemplateRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """Without `id`, a new one is added."""

    id: TemplateId | None = None
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    command: Command


class TemplateName(Struct, kw_only=True, forbid_unknown_fields=True):
    id: TemplateId


class PreviewRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """`values` override the command's defaults. With `run`, the answer lists what differs from that run."""

    command: Command
    values: Annotated[list[NamedValue], Meta(max_length=1_000)] = []
    run: str | None = None


class StartRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """`template` is the id of the template that the command came from, `name` the name of the new run. `agreed`: a
    person has read the command although the template came from elsewhere."""

    command: Command
    values: Annotated[list[NamedValue], Meta(max_length=1_000)] = []
    name: Annotated[str, Meta(min_length=1, max_length=1_000)] | None = None
    template: TemplateId | None = None
    agreed: bool = False


class StopRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """SIGINT, SIGTERM and SIGKILL to the whole process group, with waits between; `now` sends SIGKILL at once."""

    run: RunId
    why: Annotated[str, Meta(max_length=1_000)] = ""
    now: bool = False


class ProcessesQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """`live`: only running ones. `queue`: only those of one queue."""

    live: bool = False
    queue: QueueId | None = None


class SeveralValues(Struct, kw_only=True, forbid_unknown_fields=True):
    """`0.1,0.01`, `1..5`, `0..1:0.25`, `log(1e-5..1e-1)`, `uniform(0..1)`, or one value."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    text: Annotated[str, Meta(max_length=100_000)]


class QueuePreviewRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """Every combination, or a random sample of `sample` trials; the same `seed` gives the same sample."""

    command: Command
    space: Annotated[list[SeveralValues], Meta(max_length=1_000)]
    sample: Annotated[int, Meta(ge=1, le=1_000)] | None = None
    seed: Annotated[int, Meta(ge=0, le=2**53)] = 0


class StopRule(Struct, kw_only=True, forbid_unknown_fields=True):
    """AimQL for a running run: `run.loss.val.last > 5`, `run.loss is nan`; applied once `metric` (default: the first
    metric in the query) has a step of `after` or more."""

    query: Annotated[str, Meta(min_length=1, max_length=10_000)]
    after: Annotated[int, Meta(ge=0, le=2**53)] = 0
    metric: str | None = None


class MedianRule(Struct, kw_only=True, forbid_unknown_fields=True):
    """Stop a trial whose best value is worse than the median of the running means of at least `at_least` finished
    trials."""

    metric: Annotated[str, Meta(min_length=1, max_length=1_000)]
    direction: Direction = "min"
    after: Annotated[int, Meta(ge=0, le=2**53)] = 0
    at_least: Annotated[int, Meta(ge=1, le=1_000)] = 3


class HalvingRule(Struct, kw_only=True, forbid_unknown_fields=True):
    """At the steps `min_steps`, `min_steps * eta`, ... stop trials that are not among the best 1/eta that reached the
    step."""

    metric: Annotated[str, Meta(min_length=1, max_length=1_000)]
    direction: Direction = "min"
    min_steps: Annotated[int, Meta(ge=1, le=2**53)] = 1
    eta: Annotated[int, Meta(ge=2, le=100)] = 3


class RuleSet(Struct, kw_only=True, forbid_unknown_fields=True):
    stop: Annotated[list[StopRule], Meta(max_length=20)] = []
    median: MedianRule | None = None
    halving: HalvingRule | None = None


class QueueRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """`trials` as the preview listed them: each has a value for every one of `params`. Without `slots`, there is one
    slot per GPU, or per CPU without GPUs. `agreed`: a person has read the command although the template came from
    elsewhere."""

    command: Command
    params: Annotated[list[str], Meta(max_length=1_000)]
    trials: Annotated[list[list[Value]], Meta(min_length=1, max_length=1_000)]
    name: Annotated[str, Meta(max_length=200)] = ""
    template: TemplateId | None = None
    slots: Annotated[int, Meta(ge=1, le=256)] | None = None
    gpus: Annotated[list[str], Meta(max_length=256)] = []
    rules: RuleSet | None = None
    paused: bool = False
    agreed: bool = False


class QueueQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Any text, so that a broken link is answered with "not found"."""

    queue: str


class QueueName(Struct, kw_only=True, forbid_unknown_fields=True):
    queue: QueueId


class QueueEdit(Struct, kw_only=True, forbid_unknown_fields=True):
    """Omitted fields stay as they are; the state "cancelled" is read as "canceled". `order` lists the trials that
    start first. `agreed` is the digest of a queue from elsewhere whose command and trials a person has read; it is
    resumed."""

    queue: QueueId
    state: QueueState | Literal["cancelled"] | None = None
    slots: Annotated[int, Meta(ge=0, le=256)] | None = None
    order: Annotated[list[int], Meta(max_length=1_000)] | None = None
    agreed: Annotated[str, Meta(max_length=64)] | None = None


class TrialsRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    queue: QueueId
    trials: Annotated[list[int], Meta(min_length=1, max_length=1_000)]
    action: Literal["cancel", "retry"]


class LaunchStatus(Struct, kw_only=True):
    """Whether processes can be started from here; if not, `reason` says why and `how` is the command that allows it.
    `folder` is where they start, `slots` how many trials run at once by default.
    """

    allowed: bool
    reason: str | None
    how: str | None
    folder: str
    user: str
    cpus: int
    gpus: list[str]
    slots: int


class Requester(Struct, kw_only=True):
    """Who started it: a user of this machine, through `via`, from `address`."""

    user: str | None
    via: str | None
    address: str | None


class RecordedVariable(Struct, kw_only=True):
    """`value` is None for a secret."""

    name: str
    value: str | None


class Process(Struct, kw_only=True):
    """A command that is or was supervised, and its run. `argv` is as recorded: secrets are masked. `why` tells who or
    what stopped it. `here`: it was started on this machine, so it can be measured and stopped from here. `orphan`: its
    runner is gone while the command is still alive. `cpu` (1 is one core) and `memory` (bytes) are totals of all its
    `processes` while it runs here."""

    run: Run
    state: Status
    why: str | None
    argv: list[str]
    cwd: str | None
    env: list[RecordedVariable]
    template: str | None
    queue: str | None
    trial: int | None
    asked_by: Requester
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
    """Running ones first, then the newest. At most 500; `total` counts all."""

    processes: list[Process]
    total: int


class Template(Struct, kw_only=True):
    """`own`: the user of the server made it or agreed to it here; otherwise it came with the repository."""

    id: TemplateId
    name: str
    command: Command
    edited_at: float
    own: bool


class Templates(Struct, kw_only=True):
    templates: list[Template]


class Draft(Struct, kw_only=True):
    """A run's command with parameters. `recorded` has the run's params with the name of a parameter; `missing` names
    parameters that must be entered because they were masked; `notes` are hints for the person who starts it. The
    process of the run recorded `runs` runs: the command starts them all again."""

    run: Run
    name: str
    command: Command
    recorded: list[NamedValue]
    missing: list[str]
    notes: list[str]
    runs: int


class Difference(Struct, kw_only=True):
    """A difference to the original run. None: not set, or not recorded."""

    kind: Literal["param", "argument", "program", "folder", "commit", "python"]
    name: str
    was: str | None
    now: str | None


class Preview(Struct, kw_only=True):
    """What would start: the arguments, the file to execute, and the folder."""

    argv: list[str]
    program: str
    cwd: str
    env: list[Variable]
    differences: list[Difference]


class Started(Struct, kw_only=True):
    """The id of the run."""

    run: str


class QueuePreview(Struct, kw_only=True):
    """`trials` have a value for every one of `params`; `combinations` is None if a range is continuous. `first` is the
    command of the first trial."""

    params: list[str]
    trials: list[list[Value]]
    combinations: int | None
    first: Preview


class Trial(Struct, kw_only=True):
    """`run` is the id of its run, once there is one; `hash` is the hash that the run has or will have."""

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
    """`states` counts the trials in each state. Only the machine called `host` starts its trials; `here` says whether
    that is this machine. Setting the queue's state moves it to this machine. `own`: the user of the server made it or
    agreed to it here; otherwise it came with the repository, and starts nothing. `word` is what a person reads: the
    state, or done; of a queue from elsewhere, what its records tell."""

    id: QueueId
    name: str
    template: TemplateId | None
    template_name: str
    state: QueueState
    word: str
    slots: int
    gpus: list[str]
    by: Requester
    created_at: float
    trials: int
    states: dict[str, int]
    done: bool
    host: str | None
    here: bool
    own: bool


class Queues(Struct, kw_only=True):
    queues: list[Queue]


class QueueDetail(Struct, kw_only=True):
    """`trials` in start order, each with a value for every one of `params`. `digest` names the command and the trials,
    for a person to agree to."""

    queue: Queue
    command: Command
    params: list[str]
    trials: list[Trial]
    rules: RuleSet
    digest: str
