"""Makes small copies of images with Pillow, in a process of its own: images come from strangers, and a decoder may take
any time and memory for a few bytes, or crash."""

from __future__ import annotations

import base64
import importlib
import importlib.util
import io
from functools import cache
from typing import Any

from aim.media import pictures
from aim.media.modes import fitting

MAX_PIXELS = 64_000_000
MEMORY = 1 << 30
QUALITY = 82


def available() -> bool:
    return importlib.util.find_spec("PIL") is not None


def make(task: dict[str, Any]) -> dict[str, str]:
    """`data`: the image in base64, `size`: the longest side of the copy. Answers with the copy or the `problem`."""
    _limit()
    try:
        return {"data": base64.b64encode(_small(base64.b64decode(task["data"]), int(task["size"]))).decode()}
    except MemoryError:
        return {"problem": "it takes too much memory"}
    except Exception as error:  # whatever a decoder raises for bytes of others
        return {"problem": f"{type(error).__name__}: {error}"[:200]}


@cache
def _limit() -> None:
    """No more memory for this process than an image of MAX_PIXELS takes."""
    try:
        resource = importlib.import_module("resource")
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, ValueError, OSError):  # Windows has no limits; others may have set a lower one
        return


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
