"""Writes the event files of this folder with torch, which makes folders of its own for `add_scalars` and `add_hparams`.
They are checked in, so tests need no library.

python tests/golden/tensorboard-folders/make.py tests/golden/tensorboard-folders
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from torch.utils.tensorboard import SummaryWriter


def trained(folder: Path) -> None:
    """A training with two curves under one tag, its arguments as CleanRL writes them, and its hyperparameters."""
    writer: Any = SummaryWriter(str(folder))
    params = {"lr": 0.01, "layers": 3, "optimizer": "adam"}
    rows = "\n".join(f"|{name}|{value}|" for name, value in {"lr": 99.0, "seed": 7}.items())
    writer.add_text("hyperparameters", f"|param|value|\n|-|-|\n{rows}")
    for step in range(5):
        writer.add_scalar("accuracy", step / 10, step)
        writer.add_scalars("val/loss", {"easy": 1.0 - step / 10, "hard/set": 2.0 - step / 10}, step)
    writer.add_hparams(params, {"accuracy": 0.4})
    writer.close()


def tried(folder: Path) -> None:
    """Several trials of one writer, as in torch's documentation of `add_hparams`."""
    writer: Any = SummaryWriter(str(folder))
    for trial in range(3):
        writer.add_hparams({"lr": 0.1 * trial, "batch": trial}, {"hparam/accuracy": 10.0 * trial})
    writer.close()


if __name__ == "__main__":
    trained(Path(sys.argv[1], "logs", "trained"))
    tried(Path(sys.argv[1], "logs", "tried"))
