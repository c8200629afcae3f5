"""Videos. Files and bytes are kept unchanged; frames are encoded by an optional package."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from aim.media import movies
from aim.media.arrays import array, channels_first
from aim.media.encoder import encoded
from aim.media.image import pixels_of
from aim.media.media import (
    Media,
    caption,
    content_of,
    fill,
    incomplete,
    known_format,
    named,
    refuse_other,
    refused_if_unread,
)
from aim.plain import builtin, shown

MAX_FRAMES = 10_000
_CHANNELS = (1, 3, 4)


class Video(Media):
    """A video.

    - `video`: the path, bytes or open file of an MP4, WebM or GIF, kept unchanged; or frames: an array of shape
      `(time, height, width)`, `(time, height, width, channels)` or `(time, channels, height, width)`, a list of what
      aim.Image takes as arrays, or a clip of moviepy. Values are those of aim.Image. At most 10,000 frames.
    - `fps`: frames per second, for frames only. Default: that of a clip, else 10.
    - `format`: mp4, webm or gif. Default: that of the file; for frames mp4 with the package imageio-ffmpeg, else gif
      with pillow. A file of another format, or one that is cut short, is refused.
    - `caption`: text, cut at 20,000 characters.

    Raises ValueError or TypeError for anything else.
    """

    kind = "video"
    compressed = True

    def __init__(self, video: Any, fps: float | None = None, format: str | None = None, caption: str = "") -> None:
        wanted = known_format(format, movies.FORMATS) if format else None
        if fps is not None:
            fps = _rate(fps)
        with refused_if_unread("a video", video):
            frames = _frames(video, fps)
            data = _file(video) if frames is None else encoded(frames[0], frames[1], wanted)
        refuse_other("video", wanted, movies.format_of(data))
        if wanted and frames is None and not movies.is_whole(data):
            raise incomplete("video", video)
        fill(self, data, describe(data, caption))

    @classmethod
    def format_of(cls, data: bytes) -> str | None:
        return movies.format_of(data)

    @property
    def width(self) -> int | None:
        return self.meta.get("width")

    @property
    def height(self) -> int | None:
        return self.meta.get("height")

    @property
    def seconds(self) -> float | None:
        return self.meta.get("seconds")


def describe(data: bytes, text: str = "") -> dict[str, Any]:
    return {"format": movies.format_of(data), **movies.described(data), "caption": caption(text)}


def _rate(fps: Any) -> float:
    given = builtin(fps)
    number = given if isinstance(given, (int, float)) and not isinstance(given, bool) else math.nan
    if not 0 < number <= 1000:
        raise ValueError(f"fps={shown(given, 40)} must be a number of frames per second up to 1000, such as 10")
    return float(number)


def _file(video: Any) -> bytes:
    data = content_of(video, "video")
    if data is None:
        raise TypeError(
            f"a video cannot be made from {type(video).__name__} {shown(video)}; pass a path, bytes, an array or a "
            "list of frames"
        )
    if movies.format_of(data) is None:
        raise ValueError(f"{named('video', video)} begins with {data[:12]!r}: it is not MP4, WebM or GIF")
    return data


def _frames(video: Any, fps: float | None) -> tuple[Iterator[Any], float] | None:
    """The frames as RGB arrays of one shape, made as they are taken, and their rate; None for a file."""
    if callable(each := getattr(video, "iter_frames", None)):
        rate = fps or _rate(getattr(video, "fps", None) or 10)
        return _made(each(fps=rate), in_front=False), rate
    given: Any = video if isinstance(video, (list, tuple)) else array(video)
    if given is None:
        return None
    in_front = channels_first(video)
    if not isinstance(given, (list, tuple)):
        in_front = in_front or given.ndim == 4 and given.shape[1] in _CHANNELS and given.shape[3] not in _CHANNELS
        if given.ndim == 5 and given.shape[0] == 1:
            given = given[0]
        if given.ndim not in (3, 4):
            raise ValueError(
                f"an array of shape {tuple(given.shape)} is not a video; pass (time, height, width) or "
                "(time, height, width, channels)"
            )
    if not 1 <= len(given) <= MAX_FRAMES:
        raise ValueError(f"a video of {len(given):,} frames cannot be recorded; pass 1 to {MAX_FRAMES:,} frames")
    return _made(given, in_front=in_front), fps or 10.0


def _made(frames: Iterable[Any], *, in_front: bool) -> Iterator[Any]:
    shape = None
    for number, frame in enumerate(frames):
        if number == MAX_FRAMES:
            raise ValueError(f"a clip of more than {MAX_FRAMES:,} frames cannot be recorded; pass a lower fps")
        made = _rgb(frame, in_front)
        shape = shape or made.shape
        if made.shape != shape:
            raise ValueError(f"frames differ in shape, {shape} and {made.shape}; make them the same size")
        yield made


def _rgb(frame: Any, in_front: bool) -> Any:
    pixels = array(frame)
    if pixels is None:
        raise TypeError(f"a frame cannot be made from {type(frame).__name__} {shown(frame)}; pass arrays")
    made, _ = pixels_of(pixels, in_front=in_front or channels_first(frame))
    color = made[:, :, :1].repeat(3, axis=2) if made.shape[2] < 3 else made[:, :, :3]
    return color.copy(order="C")
