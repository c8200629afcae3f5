"""Frames, and the table of params by column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aim.server import columns
from aim.server.columns import param_columns
from aim.server.frames import FrameData, frame, plain
from aim.server.wire import EndFrame, ErrorFrame, Problem

Frames = Callable[[bytes], list[tuple[dict[str, Any], dict[str, Any]]]]
INFINITY = float("inf")


@given(st.lists(st.floats(allow_nan=True)), st.lists(st.integers(-(2**31), 2**31 - 1)), st.lists(st.booleans()))
def test_arrays_come_back_as_they_were(frames: Frames, floats: list[float], ints: list[int], flags: list[bool]) -> None:
    header = EndFrame(seconds=1.5, checked=3, arrays=[])
    sent = frame(FrameData(header, {"a": ("f8", floats), "b": ("i4", ints), "c": ("u1", flags)}))
    assert len(sent) % 8 == 0
    [(told, arrays)] = frames(sent)
    assert (told["kind"], told["seconds"], told["checked"]) == ("end", 1.5, 3)
    np.testing.assert_array_equal(arrays["a"], floats)
    np.testing.assert_array_equal(arrays["b"], ints)
    np.testing.assert_array_equal(arrays["c"], flags)


def test_frames_follow_each_other_directly(frames: Frames) -> None:
    ended = frame(FrameData(EndFrame(seconds=0, checked=0, arrays=[]), {"a": ("u1", [1, 2, 3])}))
    problem = Problem(message="gone: \ud800 ü", hint=None, start=None, end=None)
    two = frame(FrameData(ErrorFrame(error=problem, arrays=[])))
    assert [header["kind"] for header, _ in frames(ended + two + ended)] == ["end", "error", "end"]
    assert frames(two)[0][0]["error"]["message"] == "gone: ? ü"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.5, 0.5),
        (float("nan"), "NaN"),
        (INFINITY, "Infinity"),
        (-INFINITY, "-Infinity"),
        (2**53, 2**53),
        (2**53 + 1, "9007199254740993"),
        (-(2**70), "-1180591620717411303424"),
        (True, True),
        (None, None),
        ([1, [INFINITY]], [1, ["Infinity"]]),
        ({"a": {"b": -INFINITY}}, {"a": {"b": "-Infinity"}}),
    ],
)
def test_a_value_as_javascript_can_hold_it(value: object, expected: object) -> None:
    assert plain(value) == expected


def test_params_are_turned() -> None:
    nan = float("nan")
    runs: list[dict[str, Any]] = [
        {"hparams": {"lr": 0.1, "layers": [1, 2]}, "seed": 1},
        {"hparams": {"lr": nan}, "seed": 1.0},
        {},
        {"hparams": {"lr": 0.1, "layers": [1, 2]}, "seed": True},
        {"hparams": {"lr": nan, "none": {}}},
    ]
    params, codes = param_columns(runs, len(runs))
    table = {param.path: (param.values, row.tolist()) for param, row in zip(params, codes.reshape(-1, 5), strict=True)}
    assert table == {
        "hparams.lr": ([0.1, "NaN"], [0, 1, -1, 0, 1]),
        "hparams.layers": ([[1, 2]], [0, -1, -1, 0, -1]),
        "hparams.none": ([{}], [-1, -1, -1, -1, 0]),
        "seed": ([1, 1.0, True], [0, 1, -1, 2, -1]),
    }
    assert [type(value) for value in table["seed"][0]] == [int, float, bool]


def test_values_of_several_types_have_one_place_each_however_many_runs_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(columns, "_AT_ONCE", 2)
    nan = float("nan")
    values: list[Any] = [1, 2, 1.0, nan, nan, 1, True, None, "1", nan, {"b": 1}, {}, {"b": 1.0}, 1]
    params, codes = param_columns([{"a": value} for value in values], len(values))
    table = {param.path: (param.values, row.tolist()) for param, row in zip(params, codes.reshape(2, -1), strict=True)}
    distinct, places = table["a"]
    assert list(map(repr, distinct)) == ["1", "2", "1.0", "'NaN'", "True", "None", "'1'", "{}"]
    assert places == [0, 1, 2, 3, 3, 0, 4, 5, 6, 3, -1, 7, -1, 0]
    assert table["a.b"] == ([1, 1.0], [-1] * 10 + [0, -1, 1, -1])


def test_no_run_has_a_param() -> None:
    assert [len(each) for each in param_columns([{}, {}], 2)] == [0, 0]
    assert [len(each) for each in param_columns([], 0)] == [0, 0]
