"""Writes the event files of this folder with the libraries of their names. They are checked in, so tests need no
library.

python tests/golden/tensorboard/make.py torch|tensorboardx|tensorflow|tensorflow1 FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any


def torch(folder: Path) -> None:
    from torch.utils.tensorboard import SummaryWriter

    writer: Any = SummaryWriter(str(folder / "simple"))
    for step in range(300):
        writer.add_scalar("train/loss", 1 / (step + 1), step, walltime=1_700_000_000.5 + step)
        writer.add_scalar("accuracy", step / 300, 1000 * step, walltime=1_700_000_001.25 + step, new_style=True)
        writer.add_scalar("lr", 0.1, step, walltime=1_700_000_000 + step, new_style=True, double_precision=True)
    writer.add_scalar("odd", float("nan"), 0)
    writer.add_scalar("odd", float("inf"), 1)
    writer.add_scalar("odd", float("-inf"), -5)
    writer.add_text("notes", "some words")
    import numpy

    writer.add_histogram("weights", numpy.arange(10.0), 1)
    writer.add_hparams({"lr": 0.1, "layers": 3, "name": "große", "nag": True}, {"hparam/accuracy": 0.9}, run_name="hp")
    writer.close()
    for purge in (None, 5):
        writer = SummaryWriter(str(folder / "restarted"), purge_step=purge, filename_suffix=f".{purge}")
        for step in range(purge or 0, 10):
            writer.add_scalar("loss", step + (100 if purge else 0), step)
        writer.close()


def tensorboardx(folder: Path) -> None:
    from tensorboardX import SummaryWriter

    writer: Any = SummaryWriter(str(folder))
    for step in range(50):
        writer.add_scalar("eval/accuracy", step * 0.5, step, walltime=1_700_000_000 + step)
        writer.add_scalars("both", {"a": step, "b": -step}, step)
    writer.add_hparams({"lr": 0.01, "dropout": None or 0.5}, {"hp_metric": 1.5}, name="hp")
    writer.close()


def tensorflow(folder: Path) -> None:
    import tensorflow as tf
    from tensorboard.plugins.hparams import api as hp

    writer = tf.summary.create_file_writer(str(folder / "train"))
    with writer.as_default():
        hp.hparams({"learning_rate": 0.001, "units": 64, "optimizer": "adam"})
        for step in range(40):
            tf.summary.scalar("epoch_loss", 1.0 / (step + 1), step=step)
            tf.summary.scalar("count", step, step=step)
        tf.summary.histogram("weights", [1.0, 2.0, 3.0], step=0)
        tf.summary.text("note", "words", step=0)
        for dtype in (tf.float64, tf.float16, tf.bfloat16, tf.int32, tf.int64, tf.uint8, tf.bool):
            tensor = tf.constant(1, dtype) if dtype != tf.bool else tf.constant(True)
            metadata = tf.compat.v1.SummaryMetadata(plugin_data={"plugin_name": "scalars"})
            tf.summary.write(f"of/{dtype.name}", tensor, step=1, metadata=metadata)
            tf.summary.write(f"of/{dtype.name}", tensor, step=2**40, metadata=metadata)
    writer.close()


def tensorflow1(folder: Path) -> None:
    import tensorflow as tf

    v1 = tf.compat.v1
    with v1.Graph().as_default():
        writer = v1.summary.FileWriter(str(folder))
        writer.add_session_log(v1.SessionLog(status=v1.SessionLog.START), 0)
        for step in range(30):
            values = [v1.Summary.Value(tag=f"tag{i}", simple_value=step * i) for i in range(3)]
            tensor = tf.make_tensor_proto(float(step))
            metadata = v1.SummaryMetadata(plugin_data={"plugin_name": "scalars"})
            values.append(v1.Summary.Value(tag="late", tensor=tensor, metadata=metadata))
            writer.add_summary(v1.Summary(value=values), step)
        writer.add_session_log(v1.SessionLog(status=v1.SessionLog.START), 20)
        for step in range(20, 25):
            writer.add_summary(v1.Summary(value=[v1.Summary.Value(tag="tag1", simple_value=-step)]), step)
        writer.close()


if __name__ == "__main__":
    globals()[sys.argv[1]](Path(sys.argv[2]))
