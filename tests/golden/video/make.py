"""Makes the videos beside it: 6 frames of 9 x 7 pixels at 3 a second. Needs imageio-ffmpeg and pillow."""

from pathlib import Path

import numpy as np

import aim

frames = np.random.default_rng(0).integers(0, 255, (6, 7, 9, 3), dtype="u1")
for format in ("mp4", "webm", "gif"):
    aim.Video(frames, fps=3, format=format).save(Path(__file__).with_name(f"noise.{format}"))
