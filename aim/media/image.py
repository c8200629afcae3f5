"""Images. Files and bytes are kept unchanged; arrays are encoded as PNG here, so that PIL is not needed."""

from __future__ import annotations

import importlib
import io
from typing import Any

from aim.media import pictures, png
from aim.media.aim3 import Aim3Image
from aim.media.arrays import array, channels_first, has_masked
from aim.media.media import Media, caption, content_of, fill, incomplete, known_format, named, refused_if_unread, whole
from aim.media.modes import fitting
from aim.plain import shown

_CHANNELS = (1, 2, 3, 4)


class Image(Aim3Image, Media):
    """An image.

    - `image`: the path, bytes or open file of a PNG, JPEG, GIF or WebP; a PIL image; a matplotlib figure; or an array
      of numpy, torch, TensorFlow or jax. Arrays have the shape `(height, width)` or `(height, width, channels)`, torch
      tensors `(channels, height, width)`, with 1 to 4 channels: gray, gray + alpha, RGB, RGB + alpha. Floats range from
      0 to 1, integers from 0 to 255; values outside are clipped, masked ones become black, and `meta["clipped"]` is
      True.
    - `caption`: text, cut at 20,000 characters.
    - `format`: png, jpeg, gif or webp; a file that is cut short is then refused. Default: that of the file, else png.
      Converting needs PIL.
    - `quality`: 1 to 100, for jpeg and webp. `optimize`: smaller files, slower.

    Raises ValueError or TypeError for anything else.
    """

    kind = "image"
    compressed = True

    def __init__(
        self,
        image: Any,
        caption: str = "",
        format: str | None = None,
        quality: int = 90,
        optimize: bool = False,
    ) -> None:
        wanted = None if format is None else known_format(format, pictures.FORMATS)
        quality = whole("quality", quality, 100, "an integer from 1 to 100")
        with refused_if_unread("an image", image):
            data, clipped = _encoded(image, wanted, quality, bool(optimize))
        size = pictures.size_of(data)
        fill(self, data, describe(data, size, caption, clipped=clipped))

    @classmethod
    def format_of(cls, data: bytes) -> str | None:
        return pictures.format_of(data)

    @property
    def width(self) -> int | None:
        return self.meta.get("width")

    @property
    def height(self) -> int | None:
        return self.meta.get("height")

    def pil(self) -> Any:
        """The image as a PIL image. PIL must be installed."""
        return importlib.import_module("PIL.Image").open(io.BytesIO(self.data))


def describe(data: bytes, size: tuple[int, int] | None, text: str = "", *, clipped: bool = False) -> dict[str, Any]:
    width, height = size or (None, None)
    known = {"format": pictures.format_of(data), "width": width, "height": height}
    return {**known, "caption": caption(text), "clipped": clipped or None}


def _encoded(image: Any, wanted: str | None, quality: int, optimize: bool) -> tuple[bytes, bool]:
    """The encoded image in the requested format, and whether values were clipped."""
    kept = {"quality": quality, "optimize": optimize}
    if callable(getattr(image, "savefig", None)):
        return figure(image, wanted or "png"), False
    if callable(getattr(image, "save", None)) and hasattr(image, "getbands"):
        return _saved(image, wanted or "png", kept)
    pixels = array(image)
    if pixels is not None:
        pixels, clipped = pixels_of(pixels, in_front=channels_first(image))
        data = png.encode(pixels, optimize=optimize)
        clipped = clipped or has_masked(image)
        return (data if wanted in (None, "png") else _recoded(data, str(wanted), kept)[0]), clipped
    data = _file(image)
    if wanted is not None and not pictures.is_whole(data):
        raise incomplete("image", image)
    return (data, False) if wanted in (None, pictures.format_of(data)) else _recoded(data, str(wanted), kept)


def _file(image: Any) -> bytes:
    data = content_of(image, "image")
    if data is None:
        raise TypeError(
            f"an image cannot be made from {type(image).__name__} {shown(image)}; pass a path, bytes, a PIL image, "
            "a matplotlib figure or an array"
        )
    if pictures.format_of(data) is None:
        raise ValueError(pictures.refused(data, named("image", image)))
    return data


def figure(drawn: Any, format: str) -> bytes:
    """A matplotlib figure as a PNG."""
    into = io.BytesIO()
    drawn.savefig(into, format=format)
    return into.getvalue()


def _saved(image: Any, format: str, kept: dict[str, Any]) -> tuple[bytes, bool]:
    into = io.BytesIO()
    image, clipped = fitting(image, format)
    image.save(into, format=format, **(kept if format in ("jpeg", "webp") else {"optimize": kept["optimize"]}))
    return into.getvalue(), clipped


def _recoded(data: bytes, format: str, kept: dict[str, Any]) -> tuple[bytes, bool]:
    try:
        pil = importlib.import_module("PIL.Image")
    except ModuleNotFoundError:
        raise ValueError(
            f"format={format!r} needs PIL, which is not installed: leave the format out, or run: pip install pillow"
        ) from None
    return _saved(pil.open(io.BytesIO(data)), format, kept)


def pixels_of(pixels: Any, *, in_front: bool) -> tuple[Any, bool]:
    """The array as uint8 of height x width x channels, and whether values were clipped."""
    shape = tuple(pixels.shape)
    if pixels.ndim == 4 and shape[0] == 1:
        pixels = pixels[0]
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    elif pixels.ndim == 3 and pixels.shape[0] in _CHANNELS and (in_front or pixels.shape[2] not in _CHANNELS):
        pixels = pixels.transpose(1, 2, 0)
    if pixels.ndim != 3 or pixels.shape[2] not in _CHANNELS or not pixels.size:
        raise ValueError(
            f"an array of shape {shape} is not an image; pass (height, width) or (height, width, channels) "
            "with 1 to 4 channels, one image per call"
        )
    made, clipped = _bytes(pixels)
    return made.copy(order="C"), clipped


def _bytes(pixels: Any) -> tuple[Any, bool]:
    kind = pixels.dtype.kind
    if kind == "b":
        return pixels.astype("uint8") * 255, False
    if pixels.dtype == "uint8":
        return pixels, False
    most = 1.0 if kind == "f" else 255
    clipped = bool((~((pixels >= 0) & (pixels <= most))).any())
    if clipped:
        pixels = _black_for_nan(pixels).clip(0, most)
    return ((pixels.astype("float64") * 255).round() if kind == "f" else pixels).astype("uint8"), clipped


def _black_for_nan(pixels: Any) -> Any:
    kept = pixels.copy()
    kept[pixels != pixels] = 0
    return kept
