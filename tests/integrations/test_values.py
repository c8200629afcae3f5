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


def torch_tensors() -> dict[str, Any]:
    """A picture of 4 x 5 that is 1 everywhere, in every type and layout of torch that has real values."""
    torch = importlib.import_module("torch")
    ones = torch.ones(4, 5)
    floats = [name for name in dir(torch) if name.startswith(("float8_e4m3", "float8_e5m2"))]
    return {
        **{
            name: ones.to(getattr(torch, name))
            for name in ("float16", "bfloat16", "float32", "float64", "bool", *floats)
        },
        "conj": (ones * 1j).conj().imag.neg(),
        "neg": (-ones * 1j).conj().imag,
        "real of complex": torch.complex(ones, ones).real,
        "csr": ones.to_sparse_csr(),
        "csc": ones.to_sparse_csc(),
        "coo": ones.to_sparse(),
        "bsr": torch.ones(4, 6).to_sparse_bsr((2, 2)).to_dense()[:, :5].to_sparse_coo(),
        "qint8": torch.quantize_per_tensor(ones, 0.1, 0, torch.qint8),
        "quint8": torch.quantize_per_tensor(ones, 0.1, 0, torch.quint8),
        "mkldnn": ones.to_mkldnn() if torch.backends.mkldnn.is_available() else ones,
        "requires grad": ones.clone().requires_grad_(),
        "not contiguous": torch.ones(5, 4).T,
    }


@pytest.mark.filterwarnings("ignore")
def test_every_type_and_layout_of_torch() -> None:
    pytest.importorskip("torch")
    white = aim.Image(np.ones((4, 5))).data
    for name, tensor in torch_tensors().items():
        assert aim.Image(tensor).data == white, name
        assert sum(aim.Distribution(tensor).counts) == 20, name


def test_tensors_that_are_not_numbers_are_refused_with_the_next_step() -> None:
    torch = pytest.importorskip("torch")
    for tensor, words in (
        (torch.ones(4, 5, device="meta"), "on the device 'meta' and has no values"),
        (torch.ones(4, 5, dtype=torch.complex64), "complex numbers has no order"),
    ):
        for make in (aim.Image, aim.Distribution, lambda given: aim.Audio(given, rate=8000)):
            with pytest.raises(ValueError, match=words):
                make(tensor)


def test_contexts_and_params_of_tensors(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    with aim.Run(repo=tmp_path) as run:
        for value in (0.10001, 0.10002):
            run.track(value, "loss", context={"lr": torch.tensor(value, dtype=torch.float64)})
        run["t"] = {"meta": torch.ones(2, device="meta"), "bf16": torch.ones(2).bfloat16(), "one": torch.tensor([2.5])}
    (recorded,) = aim.select_metrics("loss", tmp_path)
    assert [trace.context for trace in recorded.metrics["loss"].traces] == [{"lr": 0.10001}, {"lr": 0.10002}]
    assert recorded.params["t"]["bf16"] == [1.0, 1.0] and recorded.params["t"]["one"] == 2.5
    assert "meta" in recorded.params["t"]["meta"]
