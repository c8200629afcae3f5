"""Messages about media: texts, pages, images, videos, audio, distributions, figures and tables."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from aim.server.wire.runs import Query, RunQuery
from aim.server.wire.types import BlobId, MediaKind, RunId


class MediaQuery(RunQuery, kw_only=True):
    """All kinds, or one."""

    kind: MediaKind | None = None


class MediaValuesQuery(RunQuery, kw_only=True):
    """Values of one series at up to `steps` steps from `lo` to `hi`: evenly spread from the first to the last, or
    without `spread` the first ones. `context` is the series' context as JSON, with keys in any order."""

    kind: MediaKind
    name: str
    context: Annotated[str, Meta(max_length=100_000)] = "{}"
    lo: int | None = None
    hi: int | None = None
    steps: Annotated[int, Meta(ge=1, le=1_000)] = 50
    spread: bool = True


class CellsQuery(Query, kw_only=True):
    """Values of all runs that a statement selects, such as `samples if images.step > 100`; without one, all of runs
    that are not archived. `lo`, `hi`: the range of steps, `low_index`, `high_index`: the range of indices, ends
    included. `steps`: values at no more different steps, spread evenly. `find`: of these, only what contains this
    regular expression: in its caption, or in what a text says. `order`: of the runs, a list of OrderKey as JSON;
    without it, newest first."""

    kind: MediaKind = "image"
    lo: int | None = None
    hi: int | None = None
    low_index: Annotated[int, Meta(ge=0)] | None = None
    high_index: Annotated[int, Meta(ge=0)] | None = None
    steps: Annotated[int, Meta(ge=1, le=10_000)] = 50
    find: Annotated[str, Meta(max_length=200)] = ""
    order: str = "[]"


class MediaFilesQuery(CellsQuery, kw_only=True):
    """What `api/media` gives, as one zip with a file for each value. `at`: only what each series shows at this step:
    its values at its own last step until then."""

    at: int | None = None


class ThumbnailQuery(RunQuery, kw_only=True):
    """`blob` of an image, which is made to fit a square of `size` pixels."""

    blob: BlobId
    size: Literal[128, 256, 512]


class WaveformQuery(RunQuery, kw_only=True):
    """`blob` of a sound. The answer is the lowest and the highest sample of each of `bins` stretches, fewer if there
    are fewer samples, as signed bytes."""

    blob: BlobId
    bins: Literal[128, 512, 2048] = 512


class ProjectionQuery(RunQuery, kw_only=True):
    """`blob` of an embedding. The answer is points in space, as docs/format/media.md describes them."""

    blob: BlobId
    method: Literal["pca", "umap"] = "pca"


class TextQuery(RunQuery, kw_only=True):
    """`blob` of a text, of which the first `most` characters are wanted, cut where the regular expression `find`
    matches."""

    blob: BlobId
    find: Annotated[str, Meta(max_length=200)] = ""
    most: Annotated[int, Meta(ge=1, le=1_000_000)] = 20_000


class BlobQuery(RunQuery, kw_only=True):
    """`blob` as in a MediaValue."""

    blob: BlobId


class MediaPageQuery(BlobQuery, kw_only=True):
    """`blob` of a page of HTML. Its scripts run only with `scripts`."""

    scripts: bool = False


class CellSort(Struct, kw_only=True, forbid_unknown_fields=True):
    """Of rows, by a column counted from 0. Empty cells and NaN come last."""

    column: int
    descending: bool = False


class CellFilter(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a cell of a column, counted from 0, must be: text that contains `find` or, as a `pattern`, matches it,
    ignoring case; a number or a time in seconds from `low` to `high`."""

    column: int
    find: Annotated[str, Meta(max_length=200)] = ""
    pattern: bool = False
    low: float | None = None
    high: float | None = None


class TableFileQuery(Struct, kw_only=True):
    """`of`: recorded tables as a list of pairs of run and blob in JSON, at most 64. `sort` and `where`: lists of
    CellSort and CellFilter in JSON."""

    of: Annotated[str, Meta(max_length=10_000)]
    sort: Annotated[str, Meta(max_length=2_000)] = "[]"
    where: Annotated[str, Meta(max_length=20_000)] = "[]"


class TableRowsQuery(TableFileQuery, kw_only=True):
    """`limit` rows from `offset` on. Texts are cut after `most` characters."""

    offset: Annotated[int, Meta(ge=0)] = 0
    limit: Annotated[int, Meta(ge=1, le=200)] = 100
    most: Annotated[int, Meta(ge=1, le=1_000_000)] = 300


class TableImageQuery(RunQuery, kw_only=True):
    """The image in one cell of a table, which is made to fit a square of `size` pixels. `row`: its place there."""

    blob: BlobId
    column: Annotated[str, Meta(max_length=200)]
    row: Annotated[int, Meta(ge=0)]
    size: Literal[128, 256, 512] = 128


class CellColumn(Struct, kw_only=True):
    """A column of recorded tables."""

    name: str
    kind: Literal["bool", "int", "float", "text", "time", "image"]


class TableSource(Struct, kw_only=True):
    """One of the recorded tables that rows come from."""

    run: RunId
    blob: BlobId
    step: int


class RecordedRows(Struct, kw_only=True):
    """Of `rows` rows, `matched` match. Row i from `offset` on is at `place[i]` of the table `sources[source[i]]`, and
    its cells are `cells[column][i]`: null where there is none, times in seconds since 1970, images as their sizes in
    bytes, and numbers that JSON does not have as text. Of several tables, the first two columns are the run and the
    step."""

    columns: list[CellColumn]
    sources: list[TableSource]
    rows: int
    matched: int
    offset: int
    source: list[int]
    place: list[int]
    cells: list[list[Any]]


class MediaSeries(Struct, kw_only=True):
    """A series of media: `count` values at `steps` different steps, `bytes` in total."""

    kind: MediaKind
    name: str
    context: dict[str, Any]
    count: int
    steps: int
    first_step: int
    last_step: int
    last_time: float
    bytes: int


class RunMedia(Struct, kw_only=True):
    """By kind, name and context. `run` is the id."""

    run: RunId
    series: list[MediaSeries]


class Histogram(Struct, kw_only=True):
    """`counts[i]` samples are between `edges[i]` and `edges[i + 1]`. `nan`, `below` and `above` count samples that are
    not finite."""

    edges: list[float]
    counts: list[float]
    nan: float
    below: float
    above: float


class MediaValue(Struct, kw_only=True):
    """One value; `index` counts those that were tracked together at one step. `api/run/blob?run=&blob=` gives its
    content in `format`: png, jpeg, gif, webp, mp4, webm, wav, mp3, flac, text, html, histogram, parquet, points,
    embedding, or JSON as plotly, roc, pr and confusion. `text` is the start of a text, all of it unless `cut`.
    `seconds` is how long audio and videos are.
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


class TextParts(Struct, kw_only=True):
    """The start of a text, all of it unless `cut`: in turns what does not match and what does. At most 1,000 places
    are marked."""

    parts: list[str]
    cut: bool


class MediaValues(Struct, kw_only=True):
    """Values by step, then in the order they were tracked. They cover `steps` of the `steps_found` steps from `lo` to
    `hi`; `next` is the step to continue at, if there are more."""

    kind: MediaKind
    name: str
    context: dict[str, Any]
    first_step: int
    last_step: int
    steps: int
    steps_found: int
    next: int | None
    values: list[MediaValue]
