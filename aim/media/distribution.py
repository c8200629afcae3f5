"""A distribution: the number of samples in each bin. The samples themselves are not kept.

The bins are those of numpy.histogram: equal steps from the min to the max of the finite samples. A sample on an edge
belongs to the bin above it, and a sample on the last edge to the last bin. If samples are equal, or too close to each
other for the number of bins, both ends move outward by 0.5, or by 2^-40 of the max if that is more. Without samples
they are 0 and 1. docs/format/media.md describes the bytes.
"""

from __future__ import annotations

import math
import operator
import struct
import sys
from array import array as row
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from aim.media.aim3 import Aim3Distribution
from aim.media.arrays import array, numbers, without_masked
from aim.media.media import Media, caption, fill, refused_if_unread, whole
from aim.plain import is_masked, loaded, shown

MAX_BINS = 512
_head = struct.Struct("<IIddd")
_OWN_EDGES = 1
_PART = 1 << 20


class Counted(NamedTuple):
    """`edges` has one item more than `counts`, or only the first and the last edge of equal bins."""

    edges: Sequence[float]
    counts: Sequence[float]
    nan: float = 0.0
    below: float = 0.0
    above: float = 0.0


class Distribution(Aim3Distribution, Media):
    """How `samples` are distributed over `bin_count` bins.

    - `samples`: an array or tensor of any shape, or an iterable of numbers. Masked elements are left out.
    - `bin_count`: 1 to 512 bins, with the edges of numpy.histogram.
    - `bin_range`: (min, max) of the bins. Default: the min and max of the finite samples.
    - `hist`: existing counts instead of samples, with `bin_range` for equal bins, or with `edges` of shape
      `(len(hist) + 1,)`.
    - `nan`, `below`, `above`: for `hist`, how many samples are in no bin. `samples` are counted so too; infinities
      are below or above.

    Raises ValueError for other arguments.
    """

    kind = "distribution"
    plain = "histogram"

    def __init__(
        self,
        samples: Any = None,
        bin_count: int = 64,
        *,
        hist: Iterable[float] | None = None,
        bin_range: tuple[float, float] | None = None,
        edges: Iterable[float] | None = None,
        nan: float = 0,
        below: float = 0,
        above: float = 0,
        caption: str = "",
    ) -> None:
        if (samples is None) == (hist is None):
            raise ValueError("a distribution is made from samples, or from hist with bin_range or edges; give one")
        with refused_if_unread("a distribution", samples if hist is None else hist):
            if hist is not None:
                rest = _counts((nan, below, above), "nan, below and above")
                counted = Counted(*_given(hist, bin_range, edges), *rest)
            elif edges is not None or nan or below or above:
                raise ValueError(
                    "edges, nan, below and above belong to hist; give bin_count and bin_range with samples"
                )
            else:
                counted = _count(samples, _bins(bin_count), None if bin_range is None else _range(bin_range))
        fill(self, encode(counted), described(caption))

    @property
    def counted(self) -> Counted:
        return decode(self.data)

    @property
    def counts(self) -> list[float]:
        return list(self.counted.counts)

    @property
    def edges(self) -> list[float]:
        """One more than the number of bins."""
        return list(self.counted.edges)


def described(text: str) -> dict[str, Any]:
    return {"caption": caption(text)}


def encode(counted: Counted) -> bytes:
    equal = len(counted.edges) == 2 or _equal(counted)
    edges = (counted.edges[0], counted.edges[-1]) if equal else counted.edges
    head = _head.pack(len(counted.counts), 0 if equal else _OWN_EDGES, counted.nan, counted.below, counted.above)
    return head + struct.pack(f"<{len(edges)}d", *edges) + struct.pack(f"<{len(counted.counts)}d", *counted.counts)


def decode(data: bytes) -> Counted:
    """Raises ValueError or struct.error if the bytes are not a distribution."""
    bins, flags, nan, below, above = _head.unpack_from(data)
    known = bins + 1 if flags & _OWN_EDGES else 2
    if not bins or len(data) != _head.size + 8 * (known + bins):
        raise ValueError(f"{len(data):,} bytes do not hold {bins:,} bins")
    edges = struct.unpack_from(f"<{known}d", data, _head.size)
    counts = struct.unpack_from(f"<{bins}d", data, _head.size + 8 * known)
    return Counted(edges if flags & _OWN_EDGES else equal_edges(edges[0], edges[1], bins), counts, nan, below, above)


def equal_edges(low: float, high: float, bins: int) -> list[float]:
    """low + i * ((high - low) / bins), and exactly high at the end, like numpy.linspace."""
    step = (high - low) / bins
    return [i * step + low for i in range(bins)] + [high]


def _rise(edges: Sequence[float]) -> bool:
    return all(map(operator.lt, edges, edges[1:]))


def _equal(counted: Counted) -> bool:
    edges = list(counted.edges)
    return edges == equal_edges(edges[0], edges[-1], len(counted.counts))


def _bins(count: Any) -> int:
    return whole("bin_count", count, MAX_BINS, f"a whole number from 1 to {MAX_BINS}")


def _range(given: Any) -> tuple[float, float]:
    try:
        low, high = (float(limit) for limit in given)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"bin_range={shown(given)} must be two numbers, (min, max)") from None
    if not (math.isfinite(low) and math.isfinite(high - low) and low < high):
        raise ValueError(f"bin_range={shown(given)} must be two finite numbers, the smaller one first")
    return low, high


def _counts(given: Iterable[float], what: str) -> list[float]:
    counts = numbers(given, what)
    wrong = next((count for count in counts if not 0 <= count < math.inf), None)
    if wrong is not None:
        raise ValueError(f"{what} holds {wrong!r}; counts are 0 or more")
    return counts


def _given(
    hist: Iterable[float], bin_range: Any, edges: Iterable[float] | None
) -> tuple[Sequence[float], Sequence[float]]:
    """Edges (or only the first and the last of equal bins) and counts."""
    counts = _counts(hist, "hist")
    if not 1 <= len(counts) <= MAX_BINS:
        raise ValueError(f"hist has {len(counts):,} counts; it can have 1 to {MAX_BINS}")
    if (bin_range is None) == (edges is None):
        raise ValueError("hist needs bin_range=(min, max), or the edges of its bins")
    if edges is None:
        return _range(bin_range), counts
    known = numbers(edges, "edges")
    if len(known) != len(counts) + 1 or not _rise(known):
        raise ValueError(
            f"edges must be {len(counts) + 1} increasing numbers, one more than counts; got {shown(known)}"
        )
    _range((known[0], known[-1]))
    return known, counts


def _count(samples: Any, bins: int, limits: tuple[float, float] | None) -> Counted:
    samples = without_masked(samples)
    if isinstance(samples, (list, tuple)):
        masked = loaded("numpy.ma", "MaskedArray")
        if masked is not None and any(issubclass(kind, masked) for kind in set(map(type, samples))):
            samples = [sample for sample in samples if not is_masked(sample)]
        samples = list(samples)
    values = array(samples)
    if values is None and (made := loaded("numpy", "array")) and isinstance(samples, (list, tuple, range)):
        values = made(numbers(samples, "samples"), "float64")
    if values is not None:
        return _count_array(values.reshape(-1), bins, limits)
    return _count_plain(row("d", numbers(_flat(samples), "samples")), bins, limits)


def _flat(samples: Any) -> Any:
    """The numbers of a tensor, without numpy."""
    if callable(flatten := getattr(samples, "flatten", None)) and callable(getattr(samples, "tolist", None)):
        return flatten().tolist()
    return samples


def _count_array(values: Any, bins: int, limits: tuple[float, float] | None) -> Counted:
    """Counts in parts, because a float64 copy of a large tensor would take too much memory."""
    numpy = sys.modules["numpy"]
    parts = [values[at : at + _PART] for at in range(0, len(values), _PART)]
    if limits is None:
        ends = [(float(some.min()), float(some.max())) for part in parts if len(some := part[numpy.isfinite(part)])]
        limits = _limits(min(ends)[0], max(high for _, high in ends), bins) if ends else (0.0, 1.0)
    counts = numpy.zeros(bins)
    nan = below = above = 0
    for part in parts:
        part = part.astype("float64")
        counts += numpy.histogram(part[numpy.isfinite(part)], bins, limits)[0]
        nan += int(numpy.isnan(part).sum())
        below += int((part < limits[0]).sum())
        above += int((part > limits[1]).sum())
    return Counted(limits, counts.tolist(), float(nan), float(below), float(above))


def _limits(low: float, high: float, bins: int) -> tuple[float, float]:
    if not math.isfinite(high - low):
        raise ValueError(f"samples from {low!r} to {high!r} span more than a float holds; give bin_range")
    edges = equal_edges(low, high, bins)
    if _rise(edges):
        return low, high
    around = max(0.5, abs(high) * 2.0**-40)
    return low - around, high + around


def _count_plain(values: row[float], bins: int, limits: tuple[float, float] | None) -> Counted:
    """Follows numpy.histogram step by step, so that both ways give the same counts."""
    finite = [value for value in values if math.isfinite(value)]
    low, high = limits or (_limits(min(finite), max(finite), bins) if finite else (0.0, 1.0))
    edges = equal_edges(low, high, bins)
    counts = [0.0] * bins
    for value in finite:
        if low <= value <= high:
            place = min(int((value - low) / (high - low) * bins), bins - 1)
            if value < edges[place]:
                place -= 1
            elif place < bins - 1 and value >= edges[place + 1]:
                place += 1
            counts[place] += 1
    nan = float(sum(value != value for value in values))
    below, above = sum(value < low for value in values), sum(value > high for value in values)
    return Counted((low, high), counts, nan, float(below), float(above))
