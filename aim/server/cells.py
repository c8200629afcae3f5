"""Media of many runs for an explorer: where each value is, without its content."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from aim.deadline import checked
from aim.media import class_of
from aim.query.cells import MediaWindow
from aim.query.plan import SortKey, column_node
from aim.server import thumbnails, wire
from aim.server.columns import coded_texts
from aim.server.frames import FrameData, plain
from aim.server.media import finite, pattern_of, whole
from aim.server.runs import revision_name, runs_part
from aim.server.table import column, decoded

if TYPE_CHECKING:
    from aim.query.cells import MediaCells
    from aim.repo import Repo


def cells_for(repo: Repo, query: wire.CellsQuery) -> MediaCells:
    keys = decoded("order", query.order, list[wire.OrderKey])
    return repo.cells(
        query.q,
        query.kind,
        window=MediaWindow(
            query.lo, query.hi, (query.low_index, query.high_index), query.steps, pattern_of(query.find)
        ),
        order=[SortKey(column_node(column(key)), key.descending) for key in keys],
    )


def list_cells(repo: Repo, query: wire.CellsQuery) -> Iterator[FrameData]:
    started = time.perf_counter()
    if query.kind == "image":
        thumbnails.begin()
    cells = cells_for(repo, query)
    yield runs_part(
        cells.runs.columns(0, len(cells.runs)),
        statement=query.q,
        revision=revision_name(cells.revision),
        notes=cells.notes,
        points=cells.matched,
    )
    yield media_part(cells, query.kind)
    yield FrameData(wire.EndFrame(seconds=time.perf_counter() - started, checked=len(cells.runs), arrays=[]))


def media_part(cells: MediaCells, kind: str) -> FrameData:
    columns = cells.columns
    texts, places = coded_texts(columns["about"].tolist())
    described = [json.loads(text) for text in checked(texts)]
    formats, format = coded_texts(str(about.get("format") or class_of(kind).plain) for about in described)
    captions, caption = coded_texts(
        text if isinstance(text := about.get("caption"), str) else None for about in described
    )
    names, name = coded_texts(columns["name"].tolist())
    contexts, context = coded_texts(columns["context"].tolist())
    writers, ats = zip(*(id.split("-") for id in cells.ids), strict=True) if cells.ids else ((), ())
    writer_ids, writer = coded_texts(writers)
    numbers = {name: _numbers(described, name)[places] for name in ("width", "height")}
    seconds = np.array([_or_nan(finite(about.get("seconds"))) for about in described], float)[places]
    header = wire.MediaFrame(
        names=names,
        contexts=[plain(json.loads(text)) for text in contexts],
        formats=formats,
        captions=captions,
        writers=writer_ids,
        matched=cells.matched,
        inside=cells.inside,
        steps_found=cells.steps_found,
        steps=cells.steps,
        first_step=cells.first_step,
        last_step=cells.last_step,
        last_index=cells.last_place,
        searched=cells.searched,
        characters=cells.characters,
        arrays=[],
    )
    arrays: dict[str, tuple[wire.DType, Any]] = {
        "run": ("i4", cells.run),
        "name": ("i4", name),
        "context": ("i4", context),
        "format": ("i4", format[places]),
        "caption": ("i4", caption[places]),
        "writer": ("i4", writer),
        "index": ("i4", columns["place"]),
        **{name: ("i4", column) for name, column in numbers.items()},
        **{name: ("f8", columns[name]) for name in ("step", "epoch", "time", "size")},
        "seconds": ("f8", seconds),
        "at": ("f8", np.array(ats, float)),
    }
    return FrameData(header, arrays)


def _numbers(described: list[dict[str, Any]], name: str) -> Any:
    """Pixels; what does not fit is unknown."""
    sizes = (whole(about.get(name)) for about in described)
    return np.array([size if size is not None and 0 < size < 1 << 31 else -1 for size in sizes], np.int32)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value
