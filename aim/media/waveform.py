"""Draws sounds small: the lowest and the highest sample of each of some hundred stretches. WAV is read here; FLAC and
MP3 with soundfile, where it is installed."""

from __future__ import annotations

import importlib
import importlib.util
import io
import os
import struct
from typing import Any

from aim.media import sounds
from aim.media.apart import answered

MAX_SAMPLES = 64_000_000
# Of the `fmt ` chunk.
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_TYPES = {(_PCM, 1): "u1", (_PCM, 2): "<i2", (_PCM, 4): "<i4", (_FLOAT, 4): "<f4", (_FLOAT, 8): "<f8"}


def make(task: dict[str, Any]) -> dict[str, str]:
    """Answers with `bins` pairs of signed bytes, fewer if there are fewer samples, or with the `problem`."""
    # Before the memory is limited: OpenBLAS takes some for each thread.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    importlib.import_module("numpy")
    return answered(task, lambda data: _peaks(data, int(task["bins"])))


def _peaks(data: bytes, bins: int) -> bytes:
    np: Any = importlib.import_module("numpy")
    samples = _of_wav(data) if sounds.format_of(data) == "wav" else _decoded(data)
    if len(samples) == 0:
        raise ValueError("it has no samples")
    starts = np.unique(np.linspace(0, len(samples), min(bins, len(samples)), endpoint=False).astype(np.int64))
    low = np.minimum.reduceat(samples.min(axis=1), starts)
    high = np.maximum.reduceat(samples.max(axis=1), starts)
    pairs = np.nan_to_num(np.stack([low, high], axis=1).astype(np.float64), posinf=1, neginf=-1)
    return bytes((pairs.clip(-1, 1) * 127).round().astype(np.int8).tobytes())


def _of_wav(data: bytes) -> Any:
    """Samples by channels, from -1 to 1."""
    code = channels = width = 0
    for name, at, size in sounds.chunks(data):
        if name == b"fmt ":
            code, channels, _, _, _, bits = struct.unpack_from("<HHIIHH", data, at)
            if code == _EXTENSIBLE:
                (code,) = struct.unpack_from("<H", data, at + 24)
            width = bits // 8
        elif name == b"data":
            return _samples(data[at : at + size], code, channels, width)
    raise ValueError("it has no data")


def _samples(packed: bytes, code: int, channels: int, width: int) -> Any:
    np: Any = importlib.import_module("numpy")
    whole = len(packed) // (channels * width or 1) * channels * width
    if not whole or whole // width > MAX_SAMPLES:
        raise ValueError(f"it has {channels} channels of {8 * width} bits, and {len(packed):,} bytes of samples")
    if (code, width) == (_PCM, 3):
        # The sign is in the highest byte.
        wide = np.zeros((whole // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(packed, np.uint8, whole).reshape(-1, 3)
        made = wide.view("<i4")
    elif (kind := _TYPES.get((code, width))) is None:
        raise ValueError(f"its encoding {code} with {8 * width} bits is not known")
    else:
        made = np.frombuffer(packed, kind, whole // width)
    made = made.reshape(-1, channels)
    if code == _FLOAT:
        return made
    middle = 128 if width == 1 else 0
    return (made.astype(np.float32) - middle) / np.float32(2.0 ** (8 * min(width + (width == 3), 4) - 1))


def _decoded(data: bytes) -> Any:
    if importlib.util.find_spec("soundfile") is None:
        raise ValueError("of FLAC and MP3 it needs the package soundfile where the server runs: pip install soundfile")
    soundfile: Any = importlib.import_module("soundfile")
    with soundfile.SoundFile(io.BytesIO(data)) as sound:
        if sound.frames * sound.channels > MAX_SAMPLES:
            raise ValueError(f"it has {sound.frames * sound.channels:,} samples, more than {MAX_SAMPLES:,}")
        return sound.read(dtype="float32", always_2d=True)
