"""Embeddings: vectors with labels, and their projections."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import aim
from aim.media import embedding, points, projection

VECTORS = [(0.0, 1.0, 2.0, 3.0), (4.0, 5.0, 6.0, 7.0)]


class Sparse:
    """As of scipy."""

    def toarray(self) -> Any:
        return np.array(VECTORS)


@pytest.mark.parametrize("vectors", [VECTORS, np.array(VECTORS), np.array(VECTORS, "float16"), Sparse()])
@pytest.mark.parametrize("labels", [None, ["a", "b"], np.array([3, 4])])
def test_what_an_embedding_may_be(vectors: Any, labels: Any) -> None:
    made = aim.Embedding(vectors, labels, caption="last layer")
    assert made.vectors == VECTORS and made.labels == ([] if labels is None else [str(label) for label in labels])
    assert made.meta == {"format": "embedding", "vectors": 2, "dimensions": 4, "caption": "last layer"}


def projected(made: aim.Embedding, method: str = "pca") -> tuple[Any, dict[str, Any]]:
    with_limits = projection._projected(made.data, method)
    cloud = points.decode(with_limits)
    return np.frombuffer(cloud.xyz, "<f4").reshape(-1, 3), cloud.told


@pytest.mark.parametrize("width", [2, 3, 10, 2_000])
def test_pca_keeps_distances_within_the_first_components(width: int) -> None:
    draw = np.random.default_rng(0)
    inner = draw.normal(size=(60, min(3, width))) * [9, 4, 2][: min(3, width)]
    axes, _ = np.linalg.qr(draw.normal(size=(width, min(3, width))))
    made = aim.Embedding(inner @ axes.T + 5, ["a"] * 60)
    placed, told = projected(made)
    wanted = np.linalg.norm(inner[:, None] - inner[None], axis=2)
    found = np.linalg.norm(placed[:, None] - placed[None], axis=2)
    assert np.allclose(found / found.max(), wanted / wanted.max(), atol=1e-4)
    assert sum(told["shares"]) == pytest.approx(1) and told["shares"] == sorted(told["shares"], reverse=True)
    assert told["labels"] == ["a"] * 60 and np.abs(placed).max() == pytest.approx(1)


def test_equal_vectors_and_tiny_and_huge_ones() -> None:
    for vectors in (np.ones((5, 4)), np.eye(4) * 1e-30, np.eye(4) * 1e30):
        placed, _ = projected(aim.Embedding(vectors))
        assert np.isfinite(placed).all()


def test_a_projection_is_the_same_each_time() -> None:
    made = aim.Embedding(np.random.default_rng(0).normal(size=(50, 1_500)))
    assert np.array_equal(projected(made)[0], projected(made)[0])


BAD: list[tuple[str, Callable[[], Any], str]] = [
    ("empty", lambda: aim.Embedding([]), "0 vectors"),
    ("one", lambda: aim.Embedding([[1, 2]]), "1 vectors of 2 numbers"),
    ("narrow", lambda: aim.Embedding([[1], [2]]), "2 vectors of 1 numbers"),
    ("flat", lambda: aim.Embedding(np.zeros(4)), "shape (4,)"),
    ("ragged", lambda: aim.Embedding([[1, 2], [1, 2, 3]]), "rows of vectors have [2, 3]"),
    ("NaN", lambda: aim.Embedding(np.array([[0, 1], [math.nan, 0]])), "vectors[1] is"),
    ("text", lambda: aim.Embedding("abc"), "must be an array"),
    ("large", lambda: aim.Embedding(np.zeros((9_000, 1_000), "uint8")), "8,000,000 numbers at most"),
    ("labels", lambda: aim.Embedding(VECTORS, ["a"]), "1 labels for 2 vectors"),
    ("odd labels", lambda: aim.Embedding(VECTORS, [["a"], ["b"]]), "labels[0]"),
]


@pytest.mark.parametrize(("make", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_what_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        make()
    assert message in str(caught.value)


def test_the_bytes_are_checked() -> None:
    data = aim.Embedding(VECTORS, ["a", "b"]).data
    assert embedding.decode(data).labels == ["a", "b"]
    for damaged in (data[:-1], data + b"x", b"AIMX" + data[4:], data.replace(b'["a","b"]', b'["a","", ')):
        with pytest.raises(ValueError):
            embedding.decode(damaged)
