"""Audio. Files and bytes are kept unchanged; arrays become WAV."""

from __future__ import annotations

import io
import wave
from typing import Any

from aim.media import sounds
from aim.media.arrays import array, has_masked
from aim.media.media import (
    Media,
    caption,
    content_of,
    fill,
    incomplete,
    known_format,
    refuse_other,
    refused_if_unread,
    whole,
)
from aim.plain import shown

_MOST_CHANNELS = 32


class Audio(Media):
    """A sound.

    - `audio`: the path, bytes or open file of a WAV, MP3 or FLAC; or an array of shape `(samples,)` or
      `(samples, channels)`, where the longer side is time. Floats range from -1 to 1 and become 16-bit integers; values
      outside are clipped, masked ones become 0, and `meta["clipped"]` is True. int16, int32 and uint8 are kept.
    - `rate`: samples per second, required for arrays.
    - `format`: checks that a file is wav, mp3 or flac, and not cut short.
    - `caption`: text, cut at 20,000 characters.

    Raises ValueError or TypeError for anything else.
    """

    kind = "audio"
    compressed = True

    def __init__(self, audio: Any, rate: int | None = None, format: str | None = None, caption: str = "") -> None:
        if rate is not None:
            rate = whole("rate", rate, 1 << 20, "an integer number of samples per second, such as 44100")
        wanted = known_format(format, sounds.FORMATS) if format else None
        with refused_if_unread("a sound", audio):
            samples = array(audio)
            data, clipped = (_file(audio), False) if samples is None else _wav(samples, rate)
        refuse_other("sound", wanted, sounds.format_of(data))
        if wanted and samples is None and not sounds.is_whole(data):
            raise incomplete("sound", audio)
        fill(self, data, describe(data, caption, clipped=clipped or has_masked(audio)))

    @classmethod
    def format_of(cls, data: bytes) -> str | None:
        return sounds.format_of(data)

    @property
    def rate(self) -> int | None:
        return self.meta.get("rate")

    @property
    def seconds(self) -> float | None:
        return self.meta.get("seconds")


def describe(data: bytes, text: str, *, clipped: bool) -> dict[str, Any]:
    known = {"format": sounds.format_of(data), **sounds.described(data)}
    return {**known, "caption": caption(text), "clipped": clipped or None}


def _file(audio: Any) -> bytes:
    data = content_of(audio, "sound")
    if data is None:
        raise TypeError(
            f"a sound cannot be made from {type(audio).__name__} {shown(audio)}; pass a path, bytes or an array"
        )
    if sounds.format_of(data) is None:
        raise ValueError(f"a sound that begins with {data[:12]!r} is none of {', '.join(sounds.FORMATS)}")
    return data


def _wav(samples: Any, rate: int | None) -> tuple[bytes, bool]:
    if rate is None:
        raise ValueError("an array of samples needs its rate: write aim.Audio(samples, rate=44100)")
    if samples.ndim == 2 and samples.shape[0] < samples.shape[1]:
        samples = samples.T
    channels = 1 if samples.ndim == 1 else samples.shape[-1]
    if samples.ndim not in (1, 2) or not 1 <= channels <= _MOST_CHANNELS:
        raise ValueError(
            f"an array of shape {tuple(samples.shape)} is not audio; pass (samples,) or (samples, channels)"
        )
    made, clipped = _whole(samples)
    into = io.BytesIO()
    with wave.open(into, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(made.dtype.itemsize)
        file.setframerate(rate)
        file.writeframes(made.tobytes())
    return into.getvalue(), clipped


def _whole(samples: Any) -> tuple[Any, bool]:
    """The samples as WAV integers, little-endian, and whether values were clipped."""
    if samples.dtype.name in ("uint8", "int16", "int32"):
        return samples.astype(samples.dtype.newbyteorder("<")), False
    if samples.dtype.kind != "f":
        raise ValueError(f"samples of {samples.dtype} are not audio; pass floats from -1 to 1, int16, int32 or uint8")
    clipped = bool((~((samples >= -1) & (samples <= 1))).any())
    kept = samples.astype("float64")
    kept[kept != kept] = 0
    return (kept.clip(-1, 1) * 32767).round().astype("<i2"), clipped
