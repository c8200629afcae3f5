"""Projects the vectors of an embedding to three dimensions: PCA with numpy, UMAP with the package umap-learn, where it
is installed."""

from __future__ import annotations

import importlib
import importlib.util
import os
from typing import Any

from aim.media import embedding, points
from aim.media.apart import answered

METHODS = ("pca", "umap")
# The smaller side of what is decomposed exactly.
EXACT = 1_024
# The compiler of UMAP reserves more than it uses.
MEMORY = 4 << 30
# Vectors of UMAP; more takes minutes.
MAX_UMAP = 5_000


def make(task: dict[str, Any]) -> dict[str, str]:
    """Answers with the points, as `points.py` encodes them, or with the `problem`."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    importlib.import_module("numpy")
    method = METHODS[int(task["method"])]
    return answered(task, lambda data: _projected(data, method), memory=MEMORY)


def _projected(data: bytes, method: str) -> bytes:
    np: Any = importlib.import_module("numpy")
    known = embedding.decode(data)
    vectors = np.frombuffer(known.numbers, "<f4").reshape(known.rows, known.width).astype("float64")
    placed, shares = _pca(vectors) if method == "pca" else (_umap(vectors), [])
    told = {"labels": known.labels, "shares": shares}
    content, _ = points.encode(points.Cloud(_scaled(placed).astype("<f4").tobytes(), b"", told))
    return content


def _scaled(placed: Any) -> Any:
    """The longest axis from -1 to 1, so that 32 bits hold every scale."""
    np: Any = importlib.import_module("numpy")
    placed = placed - (placed.max(axis=0) + placed.min(axis=0)) / 2
    return placed / (np.abs(placed).max() or 1)


def _pca(vectors: Any) -> tuple[Any, list[float]]:
    """The coordinates along the first three principal components, and the share of the variance that each explains."""
    np: Any = importlib.import_module("numpy")
    centered = vectors - vectors.mean(axis=0)
    centered /= np.abs(centered).max() or 1
    total = float((centered**2).sum()) or 1.0
    axes = _axes(centered)
    placed = centered @ axes
    shares = [float(share) for share in (placed**2).sum(axis=0) / total]
    # The sign of a component is free: its largest coordinate is positive.
    placed *= np.where(placed[np.abs(placed).argmax(axis=0), range(placed.shape[1])] < 0, -1, 1)
    missing = 3 - placed.shape[1]
    return np.pad(placed, ((0, 0), (0, missing))), shares


def _axes(centered: Any) -> Any:
    """The first principal axes: of the covariance, or of many dimensions by iterations over a random subspace (N.
    Halko, P. Martinsson and J. Tropp, "Finding structure with randomness", SIAM Review 53, 2011)."""
    np: Any = importlib.import_module("numpy")
    width = min(3, *centered.shape)
    if centered.shape[1] <= EXACT:
        _, axes = np.linalg.eigh(centered.T @ centered)
        return axes[:, ::-1][:, :width]
    space = np.random.default_rng(0).normal(size=(centered.shape[1], min(width + 8, *centered.shape)))
    for _ in range(8):
        space, _ = np.linalg.qr(centered.T @ (centered @ space))
    _, _, turned = np.linalg.svd(centered @ space, full_matrices=False)
    return space @ turned[:width].T


def _umap(vectors: Any) -> Any:
    if importlib.util.find_spec("umap") is None:
        raise ValueError("it needs the package umap-learn where the server runs: pip install umap-learn")
    if len(vectors) > MAX_UMAP:
        raise ValueError(f"it has {len(vectors):,} vectors; UMAP takes up to {MAX_UMAP:,} here")
    umap: Any = importlib.import_module("umap")
    return umap.UMAP(n_components=3, random_state=0).fit_transform(vectors)
