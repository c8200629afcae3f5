"""Makes small copies of images with Pillow."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import io
from typing import Any

from aim.media import pictures
from aim.media.apart import answered
from aim.media.modes import fitting

MAX_PIXELS = 64_000_000
QUALITY = 82


@functools.cache
def available() -> bool:
    return importlib.util.find_spec("PIL") is not None


def make(task: dict[str, Any]) -> dict[str, str]:
    """Answers with a copy whose longest side has `size` pixels, or with the `problem`."""
    return answered(task, lambda data: _small(data, int(task["size"])))


def _small(data: bytes, size: int) -> bytes:
    pil: Any = importlib.import_module("PIL.Image")
    ops: Any = importlib.import_module("PIL.ImageOps")
    pil.MAX_IMAGE_PIXELS = MAX_PIXELS
    image = pil.open(io.BytesIO(data), formats=[name.upper() for name in pictures.FORMATS])
    if image.width * image.height > MAX_PIXELS:
        raise ValueError(f"it has {image.width * image.height:,} pixels, more than {MAX_PIXELS:,}")
    image.draft("RGB", (size, size))
    image = ops.exif_transpose(image)
    image, _ = fitting(image, "webp")
    if image.mode in ("P", "PA", "1"):
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    image.thumbnail((size, size), pil.Resampling.LANCZOS, reducing_gap=3)
    into = io.BytesIO()
    image.save(into, "WEBP", quality=QUALITY, method=2)
    return into.getvalue()
