"""GET api/run/projection: embeddings as points in space, made apart from the server."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import httpx
import numpy as np
import pytest

import aim
from aim.media.embedding import Embedding
from aim.media.points import decode
from aim.repo import Repo
from tests.server.conftest import Serving

CORNERS = np.vstack([np.eye(5) * 3, np.eye(5)])
DAMAGED = {
    "empty": b"",
    "cut short": aim.Embedding(CORNERS).data[:-1],
    "huge": b"AIME" + b"\xff" * 12,
    "odd": b"x" * 50,
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, serving: Serving) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("projections")
    with aim.Run("r", repo=folder, system_interval=0) as run:
        run.track(aim.Embedding(CORNERS, list("ab") * 5), "vectors")
        run.track(aim.ROCCurve([0, 1], [0, 1]), "curve")
        for name, data in DAMAGED.items():
            run.track(Embedding.restored(data, {"format": "embedding"}), name)
    with serving(Repo(folder, read_only=True)) as client:
        yield client


def get(client: httpx.Client, name: str, **more: str) -> httpx.Response:
    asked = {"run": "r", "kind": "figure", "name": name}
    [value] = client.get("/api/run/media/values", params=asked).json()["values"]
    return client.get("/api/run/projection", params={"run": "r", "blob": value["blob"], **more})


def test_principal_components(served: httpx.Client) -> None:
    answer = get(served, "vectors")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/octet-stream"
    assert "immutable" in answer.headers["cache-control"]
    cloud = decode(answer.content)
    placed = np.frombuffer(cloud.xyz, "<f4").reshape(-1, 3)
    assert placed.shape == (10, 3) and np.abs(placed).max() == pytest.approx(1)
    assert cloud.told["labels"] == list("ab") * 5 and len(cloud.told["shares"]) == 3


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_bytes_harm_nothing(served: httpx.Client, name: str) -> None:
    assert get(served, name).status_code == 415
    assert get(served, "vectors").status_code == 200


def test_another_figure_is_refused(served: httpx.Client) -> None:
    answer = get(served, "curve")
    assert answer.status_code == 415 and "not an embedding" in answer.text
    assert get(served, "vectors", method="tsne").status_code == 400


@pytest.mark.skipif(importlib.util.find_spec("umap") is not None, reason="umap-learn is installed")
def test_a_missing_package_is_named(served: httpx.Client) -> None:
    answer = get(served, "vectors", method="umap")
    assert answer.status_code == 415 and "pip install umap-learn" in answer.text and "Choose PCA" in answer.text
