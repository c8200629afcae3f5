"""Distributions: the bins of numpy.histogram, with numpy and without it."""

from __future__ import annotations

import math
import struct
import sys
from array import array
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import aim
from aim.media import distribution
from aim.media.distribution import Counted, decode, encode, equal_edges

NUMBERS = st.floats(-1e100, 1e100) | st.integers(-5, 5).map(float) | st.sampled_from([0.1, 0.2, 0.3, 1e-300])
ANY = NUMBERS | st.sampled_from([math.nan, math.inf, -math.inf])
RANGES = st.none() | st.tuples(st.floats(-10, 0), st.floats(0.5, 10))


@settings(max_examples=300, deadline=None)
@given(st.lists(ANY, max_size=60), st.integers(1, 70), RANGES)
def test_every_way_counts_like_numpy(samples: list[float], bins: int, limits: Any) -> None:
    with_numpy = distribution._count_array(np.array(samples, "f8"), bins, limits)
    without = distribution._count_plain(array("d", samples), bins, limits)
    assert with_numpy == without
    finite = np.array([sample for sample in samples if math.isfinite(sample)])
    edges = equal_edges(*with_numpy.edges, bins)
    counts, theirs = np.histogram(finite, bins, tuple(with_numpy.edges))
    assert (list(with_numpy.counts), edges) == (counts.tolist(), theirs.tolist())
    assert sum(with_numpy.counts) + with_numpy.nan + with_numpy.below + with_numpy.above == len(samples)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-1000, 1000).map(lambda n: n / 10), min_size=1, max_size=40), st.integers(1, 64))
def test_without_a_range_the_bins_are_numpys_own(samples: list[float], bins: int) -> None:
    counts, edges = np.histogram(samples, bins)
    made = aim.Distribution(samples, bins)
    assert (made.counts, made.edges) == (counts.tolist(), edges.tolist())


def test_parts_of_a_large_array_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = np.random.default_rng(0).normal(size=1000).astype("f4")
    whole = aim.Distribution(samples).data
    monkeypatch.setattr(distribution, "_PART", 7)
    assert aim.Distribution(samples).data == whole


@pytest.mark.parametrize(
    ("samples", "edges", "counts", "rest"),
    [
        ([], [0, 0.5, 1], [0, 0], (0, 0, 0)),
        ([3], [2.5, 3, 3.5], [0, 1], (0, 0, 0)),
        ([1e300, 1e300], None, [0, 2], (0, 0, 0)),
        ([1.0, math.nextafter(1.0, 2)], [0.5, None, None], [0, 2], (0, 0, 0)),
        ([math.nan, math.inf, -math.inf, math.inf], [0, 0.5, 1], [0, 0], (1, 1, 2)),
        ([0, 1, 2], [0, 1, 2], [1, 2], (0, 0, 0)),
        ([True, False], [0, 0.5, 1], [1, 1], (0, 0, 0)),
        (np.array([[1, 2], [3, 4]], "i2"), [1, 2.5, 4], [2, 2], (0, 0, 0)),
        (range(3), [0, 1, 2], [1, 2], (0, 0, 0)),
    ],
)
def test_odd_samples(samples: Any, edges: list[float | None] | None, counts: list[int], rest: tuple[int, ...]) -> None:
    made = aim.Distribution(samples, 2).counted
    assert list(made.counts) == counts
    assert (made.nan, made.below, made.above) == rest
    assert edges is None or all(a is None or a == b for a, b in zip(edges, made.edges, strict=True))
    assert all(a < b for a, b in zip(made.edges, made.edges[1:], strict=False)), "edges rise"


def test_without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = aim.Distribution([1, 2, 2.5], 3).data

    class Tensor:
        def flatten(self) -> Tensor:
            return self

        def tolist(self) -> list[float]:
            return [1, 2, 2.5]

    monkeypatch.delitem(sys.modules, "numpy")
    assert aim.Distribution([1, 2, 2.5], 3).data == expected
    assert aim.Distribution(iter([1, 2, 2.5]), 3).data == expected
    assert aim.Distribution(Tensor(), 3).data == expected


def test_counts_that_are_known() -> None:
    made = aim.Distribution(hist=[1, 2], bin_range=(0, 1), nan=3, above=0.5, caption="about")
    assert made.counted == Counted([0.0, 0.5, 1.0], (1.0, 2.0), 3.0, 0.0, 0.5)
    assert made.caption == "about"
    own = aim.Distribution(hist=np.array([1, 2]), edges=[0, 1, 10])
    assert (own.edges, own.counts) == ([0.0, 1.0, 10.0], [1.0, 2.0])
    equal = aim.Distribution(hist=[1, 2], edges=[0, 0.5, 1])
    assert equal.data == aim.Distribution(hist=[1, 2], bin_range=(0, 1)).data, "equal edges are not listed"


def test_masked_samples_are_left_out() -> None:
    listed = aim.Distribution([1, np.ma.masked, 2.0, np.ma.array(3.0, mask=True)])
    assert (sum(listed.counts), listed.meta.get("nan")) == (2, None)
    samples = np.ma.array([1.0, 2.0, 500.0], mask=[False, False, True])
    assert aim.Distribution(samples).data == aim.Distribution([1.0, 2.0]).data
    assert aim.Distribution(np.ma.array([1.0], mask=True)).data == aim.Distribution([]).data


def test_a_count_of_bins_of_numpy() -> None:
    assert aim.Distribution([1.0], np.int64(8)).data == aim.Distribution([1.0], 8).data


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"samples": [10**400]}, "samples=.* must be numbers"),
    ({"samples": np.array([1j])}, "array of complex numbers has no order"),
    ({"hist": np.ma.array([1], mask=True), "bin_range": (0, 1)}, "hist has masked elements"),
    ({"samples": [1], "bin_range": (0, 10**400)}, "must be two numbers"),
    ({}, "made from samples, or from hist"),
    ({"samples": [1], "hist": [1]}, "made from samples, or from hist"),
    ({"samples": [1], "bin_count": 0}, "bin_count=0 must be a whole number from 1 to 512"),
    ({"samples": [1], "bin_count": 513}, "bin_count=513"),
    ({"samples": [1], "bin_count": 2.0}, "bin_count=2.0"),
    ({"samples": [1], "bin_count": True}, "bin_count=True"),
    ({"samples": ["a"]}, r"samples=\['a'\] must be numbers"),
    ({"samples": 5}, "samples=5 must be numbers"),
    ({"samples": [1], "edges": [1, 2]}, "edges, nan, below and above belong to hist"),
    ({"samples": [1], "bin_range": (1, 0)}, r"bin_range=\(1, 0\) must be two finite numbers"),
    ({"samples": [1], "bin_range": (0, math.inf)}, "must be two finite numbers"),
    ({"samples": [1], "bin_range": 5}, "bin_range=5 must be two numbers"),
    ({"samples": [-1.7e308, 1.7e308]}, "span more than a float holds; give bin_range"),
    ({"hist": [1]}, "hist needs bin_range"),
    ({"hist": [1], "bin_range": (0, 1), "edges": [0, 1]}, "hist needs bin_range"),
    ({"hist": [], "bin_range": (0, 1)}, "hist has 0 counts; it can have 1 to 512"),
    ({"hist": [1] * 513, "bin_range": (0, 1)}, "hist has 513 counts"),
    ({"hist": [-1], "bin_range": (0, 1)}, "hist holds -1.0; counts are 0 or more"),
    ({"hist": [math.nan], "bin_range": (0, 1)}, "hist holds nan"),
    ({"hist": [1], "edges": [0]}, "edges must be 2 increasing numbers"),
    ({"hist": [1], "edges": [1, 1]}, "edges must be 2 increasing numbers"),
    ({"hist": [1], "bin_range": (0, 1), "nan": -1}, "nan, below and above holds -1.0"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG)
def test_invalid_content_is_refused_by_its_value(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        aim.Distribution(**arguments)


@pytest.mark.parametrize(
    "data", [b"", bytes(31), bytes(32), bytes(33), bytes(48), b"\xff" * 48, aim.Distribution([1.0]).data[:-1]]
)
def test_invalid_bytes(data: bytes) -> None:
    with pytest.raises((ValueError, struct.error)):
        decode(data)


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=20, unique=True), st.data())
def test_bytes_and_back(edges: list[int], data: st.DataObject) -> None:
    counts = data.draw(st.lists(st.floats(0, 1e6), min_size=len(edges) - 1, max_size=len(edges) - 1))
    counted = Counted([float(edge) for edge in sorted(edges)], counts, 1.0, 2.0, 3.0)
    made = decode(encode(counted))
    assert (list(made.edges), list(made.counts), *made[2:]) == (list(counted.edges), counts, 1.0, 2.0, 3.0)


def test_the_bytes_match_the_format_page() -> None:
    assert aim.Distribution([0.0, 1.0, math.nan], 2).data == struct.pack("<IIddd2d2d", 2, 0, 1, 0, 0, 0, 1, 1, 1)
    assert aim.Distribution(hist=[1], edges=[0, 2]).data == struct.pack("<IIddd2d1d", 1, 0, 0, 0, 0, 0, 2, 1)
    listed = aim.Distribution(hist=[1, 2], edges=[0, 1, 9]).data
    assert listed == struct.pack("<IIddd3d2d", 2, 1, 0, 0, 0, 0, 1, 9, 1, 2)
