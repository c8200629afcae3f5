"""What each integration adds to a training step: the same tiny training with it and without, in turns, in one process.

    .venvs/integrations/bin/python benchmarks/integrations.py [NAME ...]

Steps here are far shorter than 10 ms, so that the difference shows. Told is CPU time a step: what is spent inside the
integration, which is steady; and what the training with it takes more than the one without, the minimum of each, which
holds what the framework does for any callback and, on a busy machine, noise. The share is of a step of 10 ms. Every
point is recorded at every step, more than most trainings ask for. The frameworks' venv is made by
scripts/test-integrations. The table is that of docs/integrations/README.md.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import importlib.metadata
import inspect
import io
import logging
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.update(OMP_NUM_THREADS="1", KERAS_BACKEND="torch", CUDA_VISIBLE_DEVICES="", HF_HUB_OFFLINE="1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
warnings.simplefilter("ignore")
logging.disable(logging.WARNING)

import numpy as np  # noqa: E402

import aim  # noqa: E402

ROUNDS = 3
STEP_US = 10_000
PATHS = ("aim.pytorch_lightning", "aim.keras", "aim.tensorflow")
Train = Callable[[Any], int]


def keras() -> Train:
    import keras

    x = np.zeros((400, 4), np.float32)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse", metrics=["mae"])

    def train(run: Any) -> int:
        callbacks = [aim.keras.AimCallback(run, every=1)] if run else []
        model.fit(x, x[:, :1], epochs=2, batch_size=1, shuffle=False, verbose=0, callbacks=callbacks)
        return 800

    return train


def lightning() -> Train:
    import lightning.pytorch as pl
    import torch

    class Net(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)

        def training_step(self, batch: Any, _: int) -> Any:
            loss = self.layer(batch).pow(2).mean()
            self.log("train_loss", loss)
            return loss

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), 0.01)

    data = torch.utils.data.DataLoader(torch.zeros(400, 4))

    def train(run: Any) -> int:
        logger: Any = aim.pytorch_lightning.AimLogger() if run else False
        if run:
            logger._session = run
        options = {"enable_progress_bar": False, "enable_model_summary": False, "enable_checkpointing": False}
        trainer = pl.Trainer(logger=logger, max_epochs=1, log_every_n_steps=1, accelerator="cpu", **options)
        trainer.fit(Net(), data)
        return 400

    return train


def transformers() -> Train:
    import torch
    import transformers

    from aim.integrations.transformers import AimCallback

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)

        def forward(self, x: Any, labels: Any) -> dict[str, Any]:
            return {"loss": (self.layer(x) - labels).pow(2).mean()}

    data = [{"x": torch.zeros(4), "labels": torch.zeros(1)}] * 400

    def train(run: Any) -> int:
        options = {"logging_steps": 1, "report_to": "none", "disable_tqdm": True, "save_strategy": "no"}
        arguments = transformers.TrainingArguments(
            output_dir="out", num_train_epochs=1, per_device_train_batch_size=1, use_cpu=True, **options
        )
        callbacks = [AimCallback(run)] if run else []
        transformers.Trainer(model=Net(), args=arguments, train_dataset=data, callbacks=callbacks).train()
        return 400

    return train


def accelerate() -> Train:
    from accelerate import Accelerator

    from aim.integrations.accelerate import AimTracker

    def train(run: Any) -> int:
        accelerator = Accelerator(cpu=True, log_with=AimTracker(run) if run else None)
        accelerator.init_trackers("project")
        for step in range(5000):
            accelerator.log({"train_loss": 0.5, "train_accuracy": 0.5, "epoch": 1}, step=step)
        accelerator.end_training()
        return 5000

    return train


def ignite() -> Train:
    from ignite.engine import Engine, Events

    from aim.integrations.ignite import AimLogger

    def train(run: Any) -> int:
        trainer = Engine(lambda engine, batch: batch)
        with AimLogger(run) if run else contextlib.nullcontext() as logger:
            if logger is not None:
                logger.attach_output_handler(
                    trainer, Events.ITERATION_COMPLETED, "train", output_transform=lambda loss: {"loss": loss}
                )
            trainer.run([0.5] * 5000, max_epochs=1)
        return 5000

    return train


def xgboost() -> Train:
    import xgboost

    from aim.integrations.xgboost import AimCallback

    data = xgboost.DMatrix(np.random.default_rng(0).normal(size=(200, 4)), np.arange(200) % 2)

    def train(run: Any) -> int:
        evals = [(data, "train"), (data, "eval")]
        callbacks = [AimCallback(run)] if run else []
        xgboost.train({"nthread": 1}, data, 1000, evals=evals, verbose_eval=False, callbacks=callbacks)
        return 1000

    return train


def lightgbm() -> Train:
    import lightgbm

    from aim.integrations.lightgbm import AimCallback

    x = np.random.default_rng(0).normal(size=(200, 4))

    def train(run: Any) -> int:
        data = lightgbm.Dataset(x, np.arange(200) % 2)
        callbacks = [AimCallback(run)] if run else []
        lightgbm.train({"verbosity": -1, "num_threads": 1}, data, 1000, valid_sets=[data], callbacks=callbacks)
        return 1000

    return train


def catboost() -> Train:
    import catboost

    from aim.integrations.catboost import AimCallback

    class Nothing:
        def after_iteration(self, info: Any) -> bool:
            return True

    x = np.random.default_rng(0).normal(size=(200, 4))

    def train(run: Any) -> int:
        options = {"verbose": False, "allow_writing_files": False, "thread_count": 1}
        model = catboost.CatBoostRegressor(iterations=1000, depth=2, **options)
        callbacks = [AimCallback(model, run) if run else Nothing()]
        model.fit(x, x[:, 0], eval_set=(x, x[:, 0]), callbacks=callbacks)
        return 1000

    return train


def fastai() -> Train:
    import torch
    from fastai.callback.progress import ProgressCallback
    from fastai.data.core import DataLoader, DataLoaders
    from fastai.learner import Learner

    from aim.integrations.fastai import AimCallback

    data = torch.utils.data.TensorDataset(torch.zeros(400, 4), torch.zeros(400, 1))

    def train(run: Any) -> int:
        loaders = DataLoaders(DataLoader(data, batch_size=1), DataLoader(data, batch_size=400), device="cpu")
        learn = Learner(loaders, torch.nn.Linear(4, 1), loss_func=torch.nn.MSELoss())
        learn.remove_cbs(learn._grab_cbs(ProgressCallback))
        learn.logger = lambda *values: None
        learn.fit(1, lr=0.1, cbs=AimCallback(run, every=1) if run else None)
        return 400

    return train


def stable_baselines3() -> Train:
    import gymnasium
    from stable_baselines3 import DQN

    from aim.integrations.stable_baselines3 import AimCallback

    def train(run: Any) -> int:
        options = {"learning_starts": 10_000, "device": "cpu", "seed": 0}
        model = DQN("MlpPolicy", gymnasium.make("CartPole-v1"), verbose=0, **options)
        model.learn(5000, callback=AimCallback(run) if run else None, log_interval=1)
        return 5000

    return train


NAMES = {
    "keras": (keras, "keras", "two metrics a batch (`every=1`) and by epoch"),
    "lightning": (lightning, "lightning", "one metric a step (`log_every_n_steps=1`)"),
    "transformers": (transformers, "transformers", "loss, lr, norm a step (`logging_steps=1`)"),
    "accelerate": (accelerate, "accelerate", "two metrics a step"),
    "ignite": (ignite, "pytorch-ignite", "one output an iteration"),
    "xgboost": (xgboost, "xgboost", "one metric of two sets a round"),
    "lightgbm": (lightgbm, "lightgbm", "one metric of one set a round"),
    "catboost": (catboost, "catboost", "one metric of two sets an iteration"),
    "fastai": (fastai, "fastai", "the loss of every batch (`every=1`) and by epoch"),
    "stable_baselines3": (stable_baselines3, "stable-baselines3", "the logger after every episode"),
}


class Inside:
    """CPU time spent inside the integrations' own methods, outermost calls counted."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._deep = False
        for name, module in list(sys.modules.items()):
            if name.startswith("aim.integrations.") and name != "aim.integrations.training_run" or name in PATHS:
                for kind in vars(module).values():
                    if inspect.isclass(kind) and kind.__module__ == name:
                        self._wrap(kind)

    def _wrap(self, kind: type) -> None:
        for name, method in list(vars(kind).items()):
            if inspect.isfunction(method) and (name == "__call__" or not name.startswith("__")):
                setattr(kind, name, self._timed(method))

    def _timed(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def inner(*args: Any, **kwargs: Any) -> Any:
            if self._deep:
                return method(*args, **kwargs)
            self._deep, began = True, time.thread_time()
            try:
                return method(*args, **kwargs)
            finally:
                self.seconds += time.thread_time() - began
                self._deep = False

        return inner


def measure(begin: Callable[[], Train]) -> tuple[float, float]:
    """Microseconds of CPU time a step: inside the integration, and by difference; opening the run is not counted."""
    train = begin()
    train(None)
    difference = fastest(train, True) - fastest(train, False)
    inside = Inside()
    with aim.Session() as run:
        steps = train(run)
    return inside.seconds / steps * 1e6, difference


def fastest(train: Train, tracked: bool) -> float:
    times = []
    for _ in range(ROUNDS):
        run = aim.Session() if tracked else None
        began = time.process_time()
        steps = train(run)
        times.append((time.process_time() - began) / steps * 1e6)
        if run is not None:
            run.close()
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; default: all")
    names = parser.parse_args().names or list(NAMES)
    print("| integration | recorded | inside it | of 10 ms | by difference |\n|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.chdir(folder)
        for name in names:
            begin, package, recorded = NAMES[name]
            with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
                inside, added = measure(begin)
            title = f"{package} {importlib.metadata.version(package)}"
            row = (title, recorded, f"{inside:.0f} µs", f"{inside / STEP_US:.2%}", f"{added:.0f} µs")
            print(f"| {' | '.join(row)} |", flush=True)
        os.chdir("/")


if __name__ == "__main__":
    main()
