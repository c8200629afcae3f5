"""Frames as a video: MP4 by imageio-ffmpeg, which brings its own ffmpeg, else an animated GIF by PIL. Both are
optional."""

from __future__ import annotations

import importlib
import importlib.util
import io
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_NEEDED = {"mp4": "imageio_ffmpeg", "webm": "imageio_ffmpeg", "gif": "PIL"}
_PACKAGES = {"imageio_ffmpeg": "imageio-ffmpeg", "PIL": "pillow"}
_CODECS = {"mp4": "libx264", "webm": "libvpx-vp9"}


def encoded(frames: Iterator[Any], fps: float, format: str | None) -> bytes:
    """`frames`: one or more uint8 arrays of one shape, (height, width, 3), taken one at a time. Raises ValueError
    where no encoder is installed."""
    format = format or next((name for name in ("mp4", "gif") if importlib.util.find_spec(_NEEDED[name])), None)
    if format is None:
        raise ValueError("frames need an encoder to become a video; run: pip install imageio-ffmpeg")
    if importlib.util.find_spec(_NEEDED[format]) is None:
        raise ValueError(f"format={format!r} needs an encoder; run: pip install {_PACKAGES[_NEEDED[format]]}")
    return _gif(frames, fps) if format == "gif" else _by_ffmpeg(frames, fps, format)


def _gif(frames: Iterator[Any], fps: float) -> bytes:
    image = importlib.import_module("PIL.Image")
    first = image.fromarray(next(frames))
    others = (image.fromarray(frame) for frame in frames)
    into = io.BytesIO()
    # A GIF counts in 1/100 s, and browsers slow down what is faster than 2 of them.
    duration = max(20, round(100 / fps) * 10)
    first.save(into, "GIF", save_all=True, append_images=others, duration=duration, loop=0, disposal=2)
    return into.getvalue()


def _by_ffmpeg(frames: Iterator[Any], fps: float, format: str) -> bytes:
    """yuv420p, which all browsers play, needs an even width and height."""
    ffmpeg = importlib.import_module("imageio_ffmpeg")
    first = next(frames)
    height, width, _ = first.shape
    with tempfile.TemporaryDirectory(prefix="aim-video-") as folder:
        path = Path(folder) / f"video.{format}"
        writer = ffmpeg.write_frames(
            str(path),
            (width, height),
            fps=fps,
            codec=_CODECS[format],
            macro_block_size=1,
            output_params=["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", *(["-movflags", "+faststart"] * (format == "mp4"))],
            ffmpeg_log_level="error",
        )
        try:
            writer.send(None)
            for frame in itertools.chain([first], frames):
                writer.send(frame)
        finally:
            writer.close()
        return path.read_bytes()
