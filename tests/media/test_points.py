"""Points in space: what they are made from, and their bytes."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import aim
from aim.media.points import PALETTE, decode

XYZ = [(0.0, 1.0, 2.0), (3.0, 4.0, 5.0)]
RGB = [(255, 0, 10), (0, 128, 255)]
MESH = SimpleNamespace(
    vertices=np.array(XYZ), visual=SimpleNamespace(kind="vertex", vertex_colors=np.array(RGB, "uint8"))
)
CLOUD = SimpleNamespace(vertices=np.array(XYZ), colors=np.array([(*color, 255) for color in RGB], "uint8"))


@pytest.mark.parametrize(
    ("points", "colors", "rgb"),
    [
        (XYZ, None, []),
        (np.array(XYZ), None, []),
        (np.array(XYZ, "float16"), None, []),
        (np.array(XYZ, "int64"), None, []),
        ([[*point, *color] for point, color in zip(XYZ, RGB, strict=True)], None, RGB),
        (np.hstack([XYZ, RGB]), None, RGB),
        (np.hstack([XYZ, np.array(RGB) / 255]), None, RGB),
        (XYZ, RGB, RGB),
        (np.array(XYZ), np.array(RGB, "uint8"), RGB),
        (XYZ, [(*color, 255) for color in RGB], RGB),
        (np.array(XYZ), np.array(RGB) / 255, RGB),
        (np.hstack([XYZ, [[0], [15]]]), None, [PALETTE[0], PALETTE[1]]),
        (MESH, None, RGB),
        (CLOUD, None, RGB),
        (SimpleNamespace(vertices=XYZ), None, []),
    ],
)
def test_what_points_may_be(points: Any, colors: Any, rgb: list[tuple[int, int, int]]) -> None:
    made = aim.Points3D(points, colors, caption="scan")
    assert (made.xyz, made.rgb, len(made)) == (XYZ, rgb, 2)
    assert made.meta == {"format": "points", "points": 2, "caption": "scan"} and made.kind == "figure"


def test_the_bytes() -> None:
    made = aim.Points3D(XYZ, RGB)
    assert made.data == b"AIMP" + struct.pack("<III6f", 2, 1, 0, *XYZ[0], *XYZ[1]) + bytes([255, 0, 10, 0, 128, 255])
    for damaged in (b"", made.data[:-1], made.data + b"x", b"AIMX" + made.data[4:], b"AIMP" + b"\xff" * 12):
        with pytest.raises((ValueError, struct.error)):
            decode(damaged)


@pytest.mark.parametrize(
    ("rows", "rgb"),
    [
        (np.array([[5, 6, 7, 0, 1, 0]]), (0, 1, 0)),
        (np.array([[5, 6, 7, 0, 1, 0]], "f4"), (0, 255, 0)),
        ([[0.5, 6, 7, 0, 1, 0]], (0, 1, 0)),
        ([[5, 6, 7, 0.0, 1.0, 0.5]], (0, 255, 128)),
        ([[5, 6, 7, False, True, False]], (0, 255, 0)),
        ([[5, 6, 7, np.uint8(0), np.uint8(1), np.uint8(1)]], (0, 1, 1)),
    ],
)
def test_integers_are_parts_of_255_however_small(rows: Any, rgb: tuple[int, int, int]) -> None:
    assert aim.Points3D(rows).rgb == [rgb]
    split = [list(row[:3]) for row in rows], [list(row[3:]) for row in rows]
    assert aim.Points3D(*split).rgb == [rgb]


BAD: list[tuple[str, Callable[[], Any], str]] = [
    ("empty", lambda: aim.Points3D([]), "0 points"),
    ("no rows", lambda: aim.Points3D(np.zeros((0, 3))), "0 points"),
    ("text", lambda: aim.Points3D("abc"), "must be an array or a list"),
    ("none", lambda: aim.Points3D(None), "must be an array or a list"),
    ("flat", lambda: aim.Points3D([1, 2, 3]), "3 or 4 or 6 numbers"),
    ("two columns", lambda: aim.Points3D(np.zeros((5, 2))), "shape (5, 2)"),
    ("cube", lambda: aim.Points3D(np.zeros((2, 2, 3))), "shape (2, 2, 3)"),
    ("ragged", lambda: aim.Points3D([[1, 2, 3], [1, 2, 3, 4]]), "rows of points have [3, 4] numbers"),
    ("NaN", lambda: aim.Points3D(np.array([[0, 0, 0], [0, math.nan, 0]])), "points[1] is"),
    ("NaN in lists", lambda: aim.Points3D([[0, 0, 0], [0, math.inf, 0]]), "points[1] is"),
    ("too large", lambda: aim.Points3D(np.array([[1e300, 0, 0]])), "not finite"),
    ("texts", lambda: aim.Points3D([["a", "b", "c"]]), "points[0] is"),
    ("complex", lambda: aim.Points3D(np.zeros((2, 3), complex)), "complex"),
    ("masked", lambda: aim.Points3D(np.ma.array(XYZ, mask=np.eye(2, 3))), "masked"),
    ("many", lambda: aim.Points3D(np.zeros((2_000_001, 3), "uint8")), "2,000,001 points"),
    ("colors", lambda: aim.Points3D(XYZ, [RGB[0]]), "1 colors for 2 points"),
    ("a color", lambda: aim.Points3D(XYZ, [(0, 0, 256), (0, 0, 0)]), "256"),
    ("NaN color", lambda: aim.Points3D(XYZ, [(0, 0, math.nan), (0, 0, 0)]), "nan"),
    ("class", lambda: aim.Points3D([[0, 0, 0, math.nan]]), "class of a point"),
]


@pytest.mark.parametrize(("make", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_what_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        make()
    assert message in str(caught.value)
