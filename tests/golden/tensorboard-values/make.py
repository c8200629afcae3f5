"""Writes the event files of this folder: make.py torch, or make.py tensorflow, with TensorBoard installed beside it.

They were written once, with torch 2.15 and TensorFlow 2.21 under TensorBoard 2.21, and show what these really write.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
PICTURE = np.arange(4 * 5 * 3).reshape(4, 5, 3) / 60
SOUND = np.sin(np.arange(40) / 5).astype("f4")
SAMPLES = np.linspace(-1, 2, 100)


def with_torch(writer: Any) -> None:
    for step in range(2):
        writer.add_text("words", f"text {step}", step)
        writer.add_image("picture", PICTURE, step, dataformats="HWC")
        writer.add_histogram("samples", SAMPLES, step)
        writer.add_audio("sound", SOUND[None], step, sample_rate=8000)
    writer.close()


def with_tensorflow(tf: Any) -> None:
    for step in range(2):
        tf.summary.text("words", f"text {step}", step)
        tf.summary.image("picture", np.stack([PICTURE, 1 - PICTURE]), step)
        tf.summary.histogram("samples", SAMPLES, step)
        tf.summary.audio("sound", SOUND[None, :, None], 8000, step)


if __name__ == "__main__":
    if sys.argv[1] == "torch":
        from torch.utils.tensorboard import SummaryWriter

        with_torch(SummaryWriter(str(HERE / "torch")))
    else:
        import tensorflow

        with tensorflow.summary.create_file_writer(str(HERE / "tensorflow")).as_default():
            with_tensorflow(tensorflow)
