"""Messages about experiments, tags, bookmarks and recent activity."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from aim.log.direction import Direction
from aim.server.wire.runs import Run
from aim.server.wire.types import BookmarkId, EventKind, Name, Number


class OverviewQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Without `experiment`, the whole repository. `zone`: the time zone of the days."""

    experiment: str | None = None
    zone: Annotated[str, Meta(max_length=100)] = "UTC"


class ExperimentName(Struct, kw_only=True, forbid_unknown_fields=True):
    name: Name


class ExperimentRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """Omitted fields stay as they are. `archived` applies to all runs of the experiment."""

    name: Name
    rename: Name | None = None
    note: Annotated[str, Meta(max_length=100_000)] | None = None
    archived: bool | None = None


class TagName(Struct, kw_only=True, forbid_unknown_fields=True):
    name: Name


class TagRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """A tag with its style; `was` is its old name if it is renamed. Colors are written #rrggbb."""

    name: Name
    was: str | None = None
    color: str
    comment: str = ""
    archived: bool = False


class BookmarkRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """A view: `search` is the page's address from the question mark on. Without `id`, a new one is added."""

    id: BookmarkId | None = None
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    description: Annotated[str, Meta(max_length=2_000)] = ""
    search: Annotated[str, Meta(pattern="^\\?", max_length=60_000)]


class BookmarkName(Struct, kw_only=True, forbid_unknown_fields=True):
    id: BookmarkId


class ViewId(Struct, kw_only=True, forbid_unknown_fields=True):
    """A view that is too long for an address."""

    id: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]


class ViewText(Struct, kw_only=True, forbid_unknown_fields=True):
    """The parameters of a view that its address leaves out, as in a query string."""

    text: Annotated[str, Meta(min_length=1, max_length=500_000)]


class Day(Struct, kw_only=True):
    """Runs that started on a day, `2026-01-31`."""

    day: str
    runs: int


class ActivityEvent(Struct, kw_only=True):
    """An event of `run`, and of `runs` runs in total within a moment; without a run, of the repository. `subject` is
    the tag, the new name or experiment, the note, the bookmark, or why a run failed."""

    at: float
    kind: EventKind
    runs: int
    run: Run | None
    subject: str | None


class Overview(Struct, kw_only=True):
    """`statuses` and `diverged` count the runs that are not archived; `active` are running now, `recent` are the
    newest. `activity` lists the latest events."""

    runs: int
    archived: int
    metrics: int
    seconds: float
    statuses: dict[str, int]
    diverged: int
    days: list[Day]
    active: list[Run]
    recent: list[Run]
    activity: list[ActivityEvent]


class Standing(Struct, kw_only=True):
    """An experiment with the best of its runs that did not diverge, by `value`, the best one of a `metric`. No metric
    says which run is the best: they are None. `curve`: values of its metric in the order of steps, few enough for a
    sparkline. `params`: if the run has no name, what tells it from the others of the experiment, by path."""

    experiment: str
    runs: int
    diverged: int
    run: Run | None
    metric: str | None
    context: dict[str, Any]
    direction: Direction | None
    value: Number | None
    curve: list[Number]
    params: dict[str, Any]


class RunProgress(Struct, kw_only=True):
    """How far a running run is: `step` of the `steps` that one of its params says, each None if it is unknown. `params`
    as of a standing, for a run of one of the latest experiments."""

    run: Run
    params: dict[str, Any]
    step: float | None
    steps: float | None


class Standings(Struct, kw_only=True):
    """How well runs do: the latest experiments, the newest of the `active` runs, and how many `diverged`. Archived runs
    do not count."""

    experiments: list[Standing]
    running: list[RunProgress]
    active: int
    diverged: int


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
    """`color` is None for a tag without a style."""

    name: str
    color: str | None
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
