"""Clouds of points in space, kept as 32-bit floats and 8-bit colors. docs/format/media.md describes the bytes."""

from __future__ import annotations

import json
import math
import struct
import sys
from array import array as row
from collections.abc import Iterable, Sequence
from itertools import chain
from numbers import Integral
from typing import Any, NamedTuple

from aim.media.arrays import array, has_masked
from aim.media.figure import Figure
from aim.media.media import caption, fill, refused_if_unread
from aim.plain import shown

MAGIC = b"AIMP"
MAX_POINTS = 2_000_000
_head = struct.Struct("<4sIII")
_COLORED, _TOLD = 1, 2
# Of classes, in the order of their numbers.
PALETTE = (
    (48, 131, 218), (248, 142, 43), (78, 196, 129), (252, 174, 198), (175, 122, 18), (107, 216, 255), (172, 155, 254),
    (133, 132, 144), (188, 138, 141), (144, 175, 79), (134, 143, 251), (198, 168, 222), (43, 199, 180), (245, 170, 47),
)  # fmt: skip


class Cloud(NamedTuple):
    """`xyz` are 32-bit floats, `rgb` bytes, both little-endian; `told` is what else is known."""

    xyz: bytes
    rgb: bytes
    told: dict[str, Any]


class Points3D(Figure):
    """Points in space, such as a scan or the vertices of a mesh.

    - `points`: an array, tensor or list with a row for each point: x, y, z; x, y, z and a class; or x, y, z and red,
      green, blue. Or a mesh or cloud of trimesh, of which the vertices and their colors are kept.
    - `colors`: a row of red, green and blue for each point: integers from 0 to 255, or floats from 0 to 1.
    - `caption`: text, cut at 20,000 characters.

    At most 2,000,000 points. Raises ValueError or TypeError for anything else.
    """

    def __init__(self, points: Any, colors: Any = None, caption: str = "") -> None:
        with refused_if_unread("points", points):
            if colors is None and not hasattr(points, "shape"):
                colors = _colors_of(points)
            rows = matrix(getattr(points, "vertices", points), "points", (3, 4, 6))
            if not 1 <= len(rows) <= MAX_POINTS:
                raise ValueError(f"a cloud of {len(rows):,} points cannot be recorded; pass 1 to {MAX_POINTS:,} points")
            xyz = floats(rows, "points", 3)
            rgb = b"" if colors is None else _given_colors(matrix(colors, "colors", (3, 4)), len(rows))
            rgb = rgb or _own_colors(rows)
        fill(self, *encode(Cloud(xyz, rgb, {}), caption))

    def __len__(self) -> int:
        return len(decode(self.data).xyz) // 12

    @property
    def xyz(self) -> list[tuple[float, float, float]]:
        return list(struct.iter_unpack("<3f", decode(self.data).xyz))

    @property
    def rgb(self) -> list[tuple[int, int, int]]:
        """Empty without colors."""
        return list(struct.iter_unpack("3B", decode(self.data).rgb))


def encode(cloud: Cloud, text: str = "") -> tuple[bytes, dict[str, Any]]:
    count = len(cloud.xyz) // 12
    told = json.dumps(cloud.told, separators=(",", ":"), allow_nan=False).encode() if cloud.told else b""
    flags = (_COLORED if cloud.rgb else 0) | (_TOLD if told else 0)
    data = _head.pack(MAGIC, count, flags, len(told)) + cloud.xyz + told + cloud.rgb
    return data, {"format": "points", "points": count, "caption": caption(text)}


def decode(data: bytes) -> Cloud:
    """Raises ValueError or struct.error if the bytes are not points."""
    magic, count, flags, told = _head.unpack_from(data)
    edges = [_head.size, _head.size + 12 * count, _head.size + 12 * count + told]
    if magic != MAGIC or len(data) != edges[2] + (3 * count if flags & _COLORED else 0):
        raise ValueError(f"{len(data):,} bytes do not hold {count:,} points")
    known = json.loads(data[edges[1] : edges[2]]) if told else {}
    return Cloud(data[edges[0] : edges[1]], data[edges[2] :], known)


def matrix(given: Any, what: str, widths: Sequence[int] | None) -> Any:
    """The rows of an array, or of lists; all of one of these widths."""
    if has_masked(given):
        raise ValueError(f"{what} has masked elements; fill them first")
    values = array(given)
    if values is not None:
        if values.ndim != 2 or (widths is not None and values.shape[1] not in widths):
            raise ValueError(f"{what} has the shape {tuple(values.shape)}; pass {_wanted(widths)} in each row")
        return values
    if isinstance(given, (str, bytes, dict)) or not hasattr(given, "__iter__"):
        raise TypeError(f"{what}={shown(given)} must be an array or a list of rows, with {_wanted(widths)} in each")
    rows = [list(item) if isinstance(item, Iterable) and not isinstance(item, str) else [item] for item in given]
    lengths = {len(numbers) for numbers in rows}
    if len(lengths) > 1 or (widths is not None and not lengths <= set(widths)):
        raise ValueError(f"rows of {what} have {sorted(lengths)!s:.40} numbers; pass {_wanted(widths)} in each row")
    return rows


def _wanted(widths: Sequence[int] | None) -> str:
    return "as many numbers" if widths is None else f"{' or '.join(map(str, widths))} numbers"


def floats(rows: Any, what: str, width: int) -> bytes:
    """The first numbers of each row, as 32-bit floats. Raises ValueError for NaN, infinity, and what does not fit."""
    if hasattr(rows, "dtype"):
        numpy = sys.modules["numpy"]
        with numpy.errstate(over="ignore"):
            made = numpy.ascontiguousarray(rows[:, :width], "<f4")
        finite = numpy.isfinite(made).all(axis=1)
        wrong = None if finite.all() else int(finite.argmin())
        packed = bytes(made.tobytes())
    else:
        flat = [_number(number) for numbers in rows for number in numbers[:width]]
        wrong = next((i // width for i, number in enumerate(flat) if not abs(number) <= 3.4e38), None)
        packed = b"" if wrong is not None else _little(row("f", flat))
    if wrong is not None:
        raise ValueError(f"{what}[{wrong}] is {shown(list(rows[wrong]))}; leave out rows that are not finite")
    return packed


def _little(numbers: row[Any]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _number(number: Any) -> float:
    try:
        return float(number)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _given_colors(rows: Any, count: int) -> bytes:
    if len(rows) != count:
        raise ValueError(f"there are {len(rows):,} colors for {count:,} points; pass one for each")
    return _bytes([list(color[:3]) for color in (rows.tolist() if hasattr(rows, "tolist") else rows)])


def _own_colors(rows: Any) -> bytes:
    """Of rows with a class or with colors; nothing for others."""
    width = rows.shape[1] if hasattr(rows, "shape") else len(rows[0])
    if width == 3:
        return b""
    parts = [point[3:] for point in (rows.tolist() if hasattr(rows, "tolist") else rows)]
    if width == 6:
        return _bytes(parts)
    numbers = [_number(part[0]) for part in parts]
    if not all(number == number and abs(number) < 1e9 for number in numbers):
        raise ValueError("the class of a point, the fourth number in its row, must be a whole number")
    return bytes(chain.from_iterable(PALETTE[int(number) % len(PALETTE)] for number in numbers))


def _bytes(colors: list[list[Any]]) -> bytes:
    """Numbers of at most 1 are shares of 255, unless all are integers."""
    given = list(chain.from_iterable(colors))
    flat = [_number(part) for part in given]
    wrong = next((i for i, part in enumerate(flat) if not 0 <= part <= 255), None)
    if wrong is not None:
        raise ValueError(f"the color {shown(colors[wrong // 3])} is not three numbers from 0 to 255, or from 0 to 1")
    whole = max(flat) > 1 or all(isinstance(part, Integral) and not isinstance(part, bool) for part in given)
    return bytes(round(part if whole else part * 255) for part in flat)


def _colors_of(points: Any) -> Any:
    """The colors that trimesh has of the vertices of a mesh, or of a cloud."""
    visual = getattr(points, "visual", None)
    if visual is not None and getattr(visual, "kind", None) == "vertex":
        return visual.vertex_colors
    colors = getattr(points, "colors", None)
    return colors if colors is not None and len(colors) else None
