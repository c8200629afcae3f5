"""Converts PIL images of any mode to one that the output format has. It does not import PIL."""

from __future__ import annotations

from typing import Any

# The modes that PNG, GIF and WebP keep; JPEG has fewer.
_KEPT = ("1", "L", "LA", "P", "RGB", "RGBA")
_JPEG = ("L", "RGB", "CMYK")
_CONVERTED = {
    "CMYK": "RGB", "YCbCr": "RGB", "HSV": "RGB", "LAB": "RGB", "RGBX": "RGB", "RGBa": "RGBA", "PA": "RGBA", "La": "LA",
}  # fmt: skip
_DEPTH = 65535


def fitting(image: Any, format: str) -> tuple[Any, bool]:
    """The image in a mode that `format` has, and whether values were clipped. PNG keeps 16 bits, other formats scale
    them down; floats range from 0 to 255, as in PIL."""
    clipped = False
    if image.mode == "F":
        clipped = not _within(image, 255)
        image = image.convert("L")
    elif image.mode.startswith("I"):
        image = image.convert("I")
        clipped = not _within(image, _DEPTH)
        image = image.convert("I;16") if format == "png" else _scaled(image)
    elif image.mode not in _KEPT and not (format == "jpeg" and image.mode in _JPEG):
        image = image.convert(_CONVERTED.get(image.mode, "RGBA"))
    return (image.convert("RGB") if format == "jpeg" and image.mode not in _JPEG else image), clipped


def _within(image: Any, most: int) -> bool:
    low, high = image.getextrema()
    return bool(0 <= low and high <= most)


def _scaled(image: Any) -> Any:
    """65535 becomes 255; half is added, because the conversion cuts fractions off, and values outside to 0 and 255."""
    return image.point(lambda value: value * (255 / _DEPTH) + 0.5).convert("L")
