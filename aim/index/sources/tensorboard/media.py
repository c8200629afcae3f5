"""Media of TensorBoard: the place of each item in an event, and its bytes in Aim's format.

It reads both summary formats: fields of Summary.Value (histo, image, audio), and tensors that belong to a plugin
(histograms, images, audio, text, PR curves). The bytes stay in the event file; only histograms and curves are converted
when they are read.
"""

from __future__ import annotations

import itertools
import json
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from aim.errors import LogError
from aim.index.sources import protobuf
from aim.index.sources.protobuf import BYTES, EIGHT, Field, fields
from aim.log.objects import MAX_SIZE
from aim.media import pictures, sounds
from aim.media.curve import PRCurve
from aim.media.distribution import Counted, encode

ByteSpan = tuple[int, int]
_FLOAT, _DOUBLE, _STRING = 1, 2, 7
# A curve has some 200 thresholds, and all of them are read for its area.
MAX_SIZES = {"figure": 1 << 20}
_CURVE_ROWS = ("tp", "fp", "tn", "fn", "precision", "recall")
# For each old field of Summary.Value: the kind, and the inner field with the encoded bytes.
_OLD = {4: ("image", 4), 6: ("audio", 4), 5: ("distribution", 0)}
_PLUGINS = {
    b"images": "image",
    b"audio": "audio",
    b"histograms": "distribution",
    b"text": "text",
    b"pr_curves": "figure",
}
# A tensor of images begins with width and height; in a tensor of audio, a label follows each item.
_STRINGS: dict[str, Callable[[Sequence[ByteSpan]], Sequence[ByteSpan]]] = {
    "image": lambda spans: spans[2:],
    "audio": lambda spans: spans[::2],
    "text": lambda spans: spans,
}


class MediaSpan(NamedTuple):
    """The bytes at `span` of an event are a value of this kind, number `place` under its tag."""

    kind: str
    tag: ByteSpan
    span: ByteSpan
    place: int
    about: str


def values(data: bytes, parts: Mapping[int, Field], plugin: bytes, tag: ByteSpan) -> list[MediaSpan] | None:
    """The values of a Summary.Value with these fields; None if it holds something else."""
    if plugin in _PLUGINS and 8 in parts and parts[8].kind == BYTES:
        return of_tensor(data, parts[8], _PLUGINS[plugin], tag)
    number = next((number for number in _OLD if number in parts and parts[number].kind == BYTES), None)
    if number is None:
        return None
    kind, inner = _OLD[number]
    spans = [(parts[number].start, parts[number].stop)]
    if inner:
        spans = [(field.start, field.stop) for field in fields(data, *spans[0]) if field.number == inner]
    return _shown(data, kind, tag, spans)


def of_tensor(data: bytes, tensor: Field, kind: str, tag: ByteSpan) -> list[MediaSpan] | None:
    """The values of a tensor of this kind."""
    if kind in _CONVERTED:
        return _shown(data, kind, tag, [(tensor.start, tensor.stop)])
    return _shown(data, kind, tag, _STRINGS[kind](strings(data, tensor)))


def _shown(data: bytes, kind: str, tag: ByteSpan, spans: Sequence[ByteSpan]) -> list[MediaSpan] | None:
    """None if there are no values, or if one cannot be shown, such as an image of another format."""
    made = []
    for place, span in enumerate(spans):
        if span[1] - span[0] > MAX_SIZES.get(kind, MAX_SIZE):
            return None
        about = _ABOUT[kind](data[span[0] : span[1]])
        if about is None:
            return None
        made.append(MediaSpan(kind, tag, span, place, json.dumps(about, separators=(",", ":"))))
    return made or None


def strings(data: bytes, tensor: Field) -> list[ByteSpan]:
    """The strings of a tensor of strings."""
    kind, spans = 0, []
    for field in fields(data, tensor.start, tensor.stop):
        if field.number == 1 and field.kind == protobuf.VARINT:
            kind = protobuf.varint(data, field)
        elif field.number == 8 and field.kind == BYTES:
            spans.append((field.start, field.stop))
    return spans if kind == _STRING else []


def _picture(data: bytes) -> dict[str, Any] | None:
    format = pictures.format_of(data)
    width, height = pictures.size_of(data) or (None, None)
    size = {"width": width, "height": height} if width is not None else {}
    return {"format": format, **size} if format else None


def _sound(data: bytes) -> dict[str, Any] | None:
    format = sounds.format_of(data)
    return {"format": format, **sounds.described(data)} if format else None


def _curve(data: bytes) -> dict[str, Any] | None:
    try:
        return _pr_curve(data).meta
    except ValueError:
        return None


_ABOUT: dict[str, Callable[[bytes], dict[str, Any] | None]] = {
    "image": _picture,
    "audio": _sound,
    "text": lambda data: {},
    "distribution": lambda data: {},
    "figure": _curve,
}


def content(kind: str, data: bytes, source: str) -> bytes:
    """A value in Aim's format. Raises LogError if the bytes of a histogram or a curve are invalid."""
    if kind not in _CONVERTED:
        return data
    noun, convert = _CONVERTED[kind]
    try:
        return convert(data)
    except (ValueError, struct.error) as error:
        raise LogError(f"a {noun} makes no sense ({error}): {source}") from error


def _pr_curve(data: bytes) -> PRCurve:
    """A tensor with rows of TP, FP, TN, FN, precision and recall, and a column for each threshold, which are evenly
    spread from 0 to 1. Where nothing is predicted positive there is no precision."""
    parts = list(fields(data, 0, len(data)))
    kind = next((protobuf.varint(data, field) for field in parts if field.number == 1), 0)
    numbers = np.array(_floats(data, parts, kind))
    if kind not in (_FLOAT, _DOUBLE) or not len(numbers) or len(numbers) % len(_CURVE_ROWS):
        raise ValueError("no tensor of six rows")
    rows = dict(zip(_CURVE_ROWS, numbers.reshape(len(_CURVE_ROWS), -1), strict=True))
    predicted = rows["tp"] + rows["fp"] > 0
    thresholds = np.linspace(0, 1, len(predicted))[predicted]
    return PRCurve(precision=rows["precision"][predicted], recall=rows["recall"][predicted], thresholds=thresholds)


def _floats(data: bytes, parts: Sequence[Field], kind: int) -> list[float]:
    """The numbers of a tensor, of floats or doubles."""
    raw = b"".join(data[field.start : field.stop] for field in parts if field.number == 4 and field.kind == BYTES)
    if kind == _DOUBLE:
        return list(np.frombuffer(raw, "<f8").tolist()) if raw else _doubles(data, parts, 6)
    raw = raw or b"".join(data[field.start : field.stop] for field in parts if field.number == 5)
    return list(np.frombuffer(raw, "<f4").astype(np.float64).tolist())


# The kinds whose bytes are converted: what an error calls them, and how.
_CONVERTED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "distribution": ("histogram", lambda data: encode(_histogram(data))),
    "figure": ("PR curve", lambda data: _pr_curve(data).data),
}


def _histogram(data: bytes) -> Counted:
    """A HistogramProto, or a tensor with the left edge, right edge and count of each bin."""
    parts = list(fields(data, 0, len(data)))
    proto = any(field.kind == EIGHT for field in parts)
    bins = list(_proto_bins(data, parts) if proto else _tensor_bins(data, parts))
    if not np.isfinite(bins).all():
        raise ValueError("an edge or a count is not finite")
    return Counted(*_rising(_without_runs(bins) if proto else bins))


Bin = tuple[float, float, float]


def _proto_bins(data: bytes, parts: Sequence[Field]) -> Iterator[Bin]:
    """The limits are right edges. The outermost ones are far away; the min and max value replace them."""
    ends = {
        field.number: protobuf.double(data, field) for field in parts if field.kind == EIGHT and field.number in (1, 2)
    }
    limits, counts = _doubles(data, parts, 6), _doubles(data, parts, 7)
    edges = [ends.get(1, 0.0), *limits[:-1], ends.get(2, 0.0)]
    return zip(edges, edges[1:], counts, strict=False)


def _without_runs(bins: Iterable[Bin]) -> Iterator[Bin]:
    """Merge consecutive empty bins. The limits grow by a tenth each, over all orders of magnitude."""
    for empty, some in itertools.groupby(bins, key=lambda item: not item[2]):
        if empty:
            row = list(some)
            yield row[0][0], row[-1][1], 0.0
        else:
            yield from some


def _tensor_bins(data: bytes, parts: Sequence[Field]) -> Iterator[Bin]:
    kind = next((protobuf.varint(data, field) for field in parts if field.number == 1), 0)
    numbers = _doubles(data, parts, 4) or _doubles(data, parts, 6)
    if kind != _DOUBLE or len(numbers) % 3:
        raise ValueError("no tensor of bins")
    return zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)


def _doubles(data: bytes, parts: Sequence[Field], number: int) -> list[float]:
    """A repeated double, packed or one by one."""
    raw = b"".join(data[field.start : field.stop] for field in parts if field.number == number)
    return np.frombuffer(raw, "<f8").tolist() if len(raw) % 8 == 0 else []


def _rising(bins: Iterable[Bin]) -> tuple[list[float], list[float]]:
    """Ascending edges and the counts between them. The count of a bin without width is added to its neighbor."""
    edges: list[float] = []
    counts: list[float] = []
    waiting = 0.0
    for left, right, count in bins:
        edges = edges or [left]
        if right > edges[-1]:
            edges.append(right)
            counts.append(count + waiting)
            waiting = 0.0
        elif counts:
            counts[-1] += count
        else:
            waiting += count
    if not counts:
        middle = edges[0] if edges else 0.5
        return [middle - 0.5, middle + 0.5], [waiting]
    return edges, counts
