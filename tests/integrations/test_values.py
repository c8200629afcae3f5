"""Images, sounds and distributions of real tensors: torch, TensorFlow and jax where they are installed."""

from __future__ import annotations

import importlib
import importlib.util
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import aim

np = pytest.importorskip("numpy")
PIXELS = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)
SAMPLES = np.linspace(-1, 1, 1000, dtype=np.float32)


def torch_of(values: Any) -> Any:
    return importlib.import_module("torch").tensor(values)


def jax_of(values: Any) -> Any:
    return importlib.import_module("jax.numpy").asarray(values)


WAYS: dict[str, Callable[[Any], Any]] = {"torch": torch_of, "jax": jax_of}


@pytest.fixture(params=WAYS)
def tensor(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    pytest.importorskip(request.param)
    return WAYS[request.param]


def test_images(tensor: Callable[[Any], Any]) -> None:
    in_front = tensor is torch_of
    for given in (PIXELS, (PIXELS / 255).astype("f4")):
        made = aim.Image(tensor(given.transpose(2, 0, 1).copy() if in_front else given))
        assert made.data == aim.Image(PIXELS).data, "as numpy's"
    pil = pytest.importorskip("PIL.Image")
    assert np.array_equal(np.asarray(pil.open(io.BytesIO(aim.Image(tensor(PIXELS[:, :, 0])).data))), PIXELS[:, :, 0])


def test_sounds(tensor: Callable[[Any], Any]) -> None:
    assert aim.Audio(tensor(SAMPLES), rate=8000).data == aim.Audio(SAMPLES, rate=8000).data


def test_distributions(tensor: Callable[[Any], Any]) -> None:
    assert aim.Distribution(tensor(SAMPLES)).data == aim.Distribution(SAMPLES).data
    assert sum(aim.Distribution(tensor(PIXELS)).counts) == PIXELS.size


def test_halves_that_numpy_does_not_know(tensor: Callable[[Any], Any]) -> None:
    ones = tensor(np.ones((2, 3), "f4"))
    half = ones.to(importlib.import_module("torch").bfloat16) if tensor is torch_of else ones.astype("bfloat16")
    assert aim.Distribution(half).counts[32] == 6
    assert aim.Image(half).data == aim.Image(np.ones((2, 3))).data


TENSORFLOW = """
import aim, numpy as np, tensorflow as tf
pixels = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
assert aim.Image(tf.constant(pixels)).data == aim.Image(tf.constant(pixels / 255)).data == aim.Image(pixels).data
samples = np.linspace(-1, 1, 1000, dtype=np.float32)
assert aim.Audio(tf.constant(samples), rate=8000).data == aim.Audio(samples, rate=8000).data
assert aim.Distribution(tf.Variable(samples)).data == aim.Distribution(samples).data
assert aim.Distribution(tf.cast(tf.ones((2, 3)), tf.bfloat16)).counts[32] == 6
"""


def test_tensorflow(tmp_path: Path) -> None:
    """In a process of its own: with torch in the same one it may crash while it is imported."""
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("TensorFlow is not installed")
    env = {**os.environ, "KERAS_BACKEND": "tensorflow", "PYTHONPATH": str(Path(aim.__file__).parents[1])}
    ended = subprocess.run([sys.executable, "-c", TENSORFLOW], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_parameters_that_need_a_gradient(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    layer = torch.nn.Linear(3, 2)
    with aim.Run(repo=tmp_path) as run:
        run.track(aim.Distribution(layer.weight), "weights")
        run.track([aim.Image(layer.weight), aim.Image(torch.rand(1, 8, 8))], "pictures")
        run.track(layer(torch.rand(1, 3)).sum(), "loss")
    assert [len(series) for series in aim.Repo(tmp_path).objects()] == [1, 2]
