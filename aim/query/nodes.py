"""The closed tree of AimQL: every form of a parsed statement.

    Statement = select (Selector, ...) [if Node]
    Node      = Literal | List | Reference | Call | Unary | Binary | Compare | Boolean | Conditional | Subscript

Spans are character offsets in the statement's text; equality ignores them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias
from typing import Literal as OneOf

Kind: TypeAlias = OneOf["run", "experiment", "param", "leaf", "context", "metric", "media", "aggregate", "name"]


# How names of metrics begin that the SDK records beside those of the training, in the syntax of Python and JavaScript.
SYSTEM: Final = "^(__system__|system)[./_]"


class Span(NamedTuple):
    start: int
    end: int


class Missing:
    """Stands for a value that a run does not have."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing()
NOWHERE: Final = Span(0, 0)


def _span() -> Span:
    return field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Literal:
    """`bare`: a name without quotes that stands for its own text."""

    value: None | bool | int | float | str
    span: Span = _span()
    bare: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True)
class List:
    items: tuple[Node, ...]
    span: Span = _span()


@dataclass(frozen=True)
class Aggregate:
    """One number of a run's series: of those named `metric` whose context values include all of `words` as texts.

    Without `by`, `reducer` is one of REDUCERS. With `by`, it is at_min, at_max or at_best: the value of this metric at
    the step of the min, max or best point of `by` (the first such step), or at the nearest earlier step with a point.

    A `context` (`aggregate.words`) replaces `words`: only the series with exactly this context, which is written
    `run.metrics["loss", {"subset": "val"}]`.
    """

    metric: str
    words: tuple[str, ...] = ()
    reducer: str = "last"
    by: Aggregate | None = None
    context: tuple[tuple[str, str], ...] | None = None
    # An infinite min or max does not count: nothing is the best then.
    finite: bool = False


@dataclass(frozen=True)
class Reference:
    """A value of a run or of one of its series. `parts` are as written.

    run         ("run", field) of RUN_FIELDS, or ("run", group, key, ...) of a group among them
    experiment  ("experiment",)
    metric      ("metric",): the name of the series
    context     ("context", key)
    media       ("images", field) of MEDIA_FIELDS, or ("images", "context", key): of one value of that kind
    aggregate   ("run", metric, ...); `aggregate` says which number. If no series has that name, it means the param of
                this path (`columns.param_of`)
    param       a path, with or without "params" or the group in front; MISSING counts as None
    leaf        the param of exactly this path, which AimQL cannot write
    name        one bare name, looked up as a param; MISSING counts as the name's own text
    """

    kind: Kind
    parts: tuple[str, ...]
    aggregate: Aggregate | None = None
    span: Span = _span()


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple[Node, ...]
    span: Span = _span()


@dataclass(frozen=True)
class Unary:
    operator: str
    operand: Node
    span: Span = _span()


@dataclass(frozen=True)
class Binary:
    operator: str
    left: Node
    right: Node
    span: Span = _span()


@dataclass(frozen=True)
class Compare:
    """`first operators[0] rest[0] operators[1] rest[1] ...`, as in Python."""

    first: Node
    operators: tuple[str, ...]
    rest: tuple[Node, ...]
    span: Span = _span()


@dataclass(frozen=True)
class Boolean:
    operator: OneOf["and", "or"]
    operands: tuple[Node, ...]
    span: Span = _span()


@dataclass(frozen=True)
class Conditional:
    test: Node
    then: Node
    otherwise: Node
    span: Span = _span()


@dataclass(frozen=True)
class Subscript:
    value: Node
    index: Node
    span: Span = _span()


Node: TypeAlias = Literal | List | Reference | Call | Unary | Binary | Compare | Boolean | Conditional | Subscript


@dataclass(frozen=True)
class Selector:
    """One item before `if`.

    metric  parts is (name,); it means a param if no series has that name and a param has
    param   parts is the path as written; it means a series if no param has that path and a series has that name
    all     `*`, every metric

    `vocabulary.settle` decides both from the content of the repository.
    """

    kind: OneOf["metric", "param", "all"]
    parts: tuple[str, ...] = ()
    source: str | None = None
    quoted: bool = False
    span: Span = _span()


@dataclass(frozen=True)
class Statement:
    select: tuple[Selector, ...]
    where: Node | None
    text: str = field(default="", compare=False, repr=False)


class QueryField(NamedTuple):
    type: OneOf["text", "number", "time", "flag", "list", "group"]
    meaning: str


RUN_FIELDS: Final[dict[str, QueryField]] = {
    "hash": QueryField("text", "the name that the run was opened with, or its id"),
    "id": QueryField("text", "a unique id of 32 hex digits"),
    "name": QueryField("text", "the name of the run, which can be changed later"),
    "experiment": QueryField("text", "the experiment that the run belongs to"),
    "description": QueryField("text", "the text written about the run"),
    "tags": QueryField("list", "its tags: `best in run.tags`"),
    "archived": QueryField("flag", "True if it was archived; such runs are hidden unless a query uses this field"),
    "status": QueryField("text", "running, finished, failed, stopped, killed or lost"),
    "error": QueryField("text", "the exception that ended it"),
    "created_at": QueryField("time", 'when it started; compares with dates: `run.created_at >= "2026-01-31"`'),
    "finished_at": QueryField("time", "when it ended"),
    "seen_at": QueryField("time", "the last heartbeat"),
    "duration": QueryField("number", "seconds from start to end, or until now"),
    "diverged": QueryField("flag", "whether a metric, other than of the system, ends in NaN or infinity"),
    "dropped": QueryField("number", "points that could not be recorded"),
    "damaged": QueryField("number", "damaged places in its files"),
    "packages": QueryField("group", 'the version of a package, as text: `run.packages.torch == "2.8.0"`'),
    "env": QueryField("group", "a variable of the environment: `run.env.CUDA_VISIBLE_DEVICES`"),
    "queue": QueryField("text", "the queue that it is a trial of"),
    "started_by": QueryField("text", "the user who started it, where that is known"),
    "edited_by": QueryField("text", "the user who edited it last"),
    "facts": QueryField("group", "facts about its start: `run.facts.python`, `run.facts.git.commit`"),
}

# What a query of media can name of one value.
MEDIA_FIELDS: Final[dict[str, QueryField]] = {
    "name": QueryField("text", "the name that it was tracked under"),
    "context": QueryField("group", "its context: `images.context.subset == val`"),
    "step": QueryField("number", "its step"),
    "epoch": QueryField("number", "its epoch"),
    "index": QueryField("number", "its place, from 0, among the values that were tracked together"),
    "time": QueryField("time", "when it was tracked"),
    "caption": QueryField("text", "its caption"),
    "format": QueryField("text", "such as png or wav"),
    "size": QueryField("number", "the bytes of its content"),
    "width": QueryField("number", "the pixels of an image or a video in a row"),
    "height": QueryField("number", "the pixels of an image or a video in a column"),
    "seconds": QueryField("number", "how long audio or a video is"),
    "rows": QueryField("number", "the rows of a table"),
    "columns": QueryField("number", "the columns of a table"),
    "area": QueryField("number", "the area under a ROC or precision-recall curve"),
    "accuracy": QueryField("number", "of a confusion matrix, from 0 to 1"),
}

REDUCERS: Final[dict[str, str]] = {
    "last": "the value at the highest step (the default)",
    "first": "the value at the lowest step",
    "min": "the min value; NaN is ignored",
    "max": "the max value; NaN is ignored",
    "best": "the min or max value, by the direction of the metric; NaN if that is infinite",
    "mean": "the mean of all values; NaN is ignored",
    "count": "the number of points",
    "at_min": "the step of the min value",
    "at_max": "the step of the max value",
    "at_best": "the step of the best value",
}


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case Literal() | Reference():
            return ()
        case List():
            return node.items
        case Call():
            return node.arguments
        case Unary():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
        case Compare():
            return (node.first, *node.rest)
        case Boolean():
            return node.operands
        case Conditional():
            return (node.test, node.then, node.otherwise)
        case Subscript():
            return (node.value, node.index)


def walk(node: Node | None) -> Iterator[Node]:
    """The node and all its descendants, in the order in which they were written."""
    if node is None:
        return
    yield node
    for child in children(node):
        yield from walk(child)


def references(node: Node | None) -> tuple[Reference, ...]:
    """Each reference once, in order of appearance."""
    return tuple(dict.fromkeys(part for part in walk(node) if isinstance(part, Reference)))


def names_archived(node: Node | None) -> bool:
    return any(reference.kind == "run" and reference.parts[1] == "archived" for reference in references(node))
