"""Texts, figures, and what all kinds have in common."""

from __future__ import annotations

import enum
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

import aim
from aim import media
from aim.server import wire

PACKAGE = Path(aim.__file__).parent


def test_texts() -> None:
    text = aim.Text("grüße\n\ud800")
    assert (text.text, str(text), text.format, text.meta) == ("grüße\n\\ud800", "grüße\n\\ud800", "text", {})
    assert aim.Text("").data == b""
    with pytest.raises(TypeError, match=r"text must be str, not int 5; write aim.Text\(str\(value\)\)"):
        aim.Text(5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="text of 67,108,865 bytes exceeds the limit of 67,108,864"):
        aim.Text("x" * ((64 << 20) + 1))


def test_a_figure_of_plotly() -> None:
    graph = pytest.importorskip("plotly.graph_objects")
    figure = aim.Figure(graph.Figure(data=[graph.Scatter(y=np.arange(3))]), caption="about")
    assert (figure.format, figure.caption) == ("plotly", "about")
    assert figure.plotly()["data"][0]["type"] == "scatter"


def test_figures_as_dicts_and_pictures() -> None:
    assert aim.Figure({"data": [], "layout": {"title": "é"}}).plotly() == {"data": [], "layout": {"title": "é"}}
    drawn = pytest.importorskip("matplotlib.figure").Figure(figsize=(2, 1), dpi=50)
    figure = aim.Figure(drawn)
    assert (figure.format, figure.meta["width"], figure.meta["height"]) == ("png", 100, 50)
    with pytest.raises(ValueError, match="this figure was kept as png"):
        figure.plotly()


def test_a_figure_is_json_that_browsers_parse() -> None:
    class Axis(str, enum.Enum):
        NAME = "name"

    held = {
        "y": [1.0, math.nan, math.inf],
        "x": np.array([1, np.nan]),
        "z": np.float32("inf"),
        Axis.NAME: Axis.NAME,
        3: (1,),
    }
    figure = aim.Figure({"data": [held], "layout": {"n": np.ma.array([1, 2], mask=[1, 0])}})
    kept = json.loads(figure.data, parse_constant=lambda name: pytest.fail(name))
    assert kept == {
        "data": [{"y": [1.0, None, None], "x": [1.0, None], "z": None, "name": "name", "3": [1]}],
        "layout": {"n": [None, 2]},
    }
    graph = pytest.importorskip("plotly.graph_objects")
    drawn = aim.Figure(graph.Figure(data=[graph.Scatter(y=[1.0, math.nan])])).data
    assert json.loads(drawn, parse_constant=lambda name: pytest.fail(name))["data"][0]["y"] == [1.0, None]


def cyclic() -> dict[str, Any]:
    trace: dict[str, Any] = {}
    trace["self"] = trace
    return {"data": [trace]}


NO_FIGURES: list[tuple[Any, type[Exception], str]] = [
    *((given, TypeError, "a figure cannot be made from") for given in (5, None, {"layout": {}}, "<svg>", b"\x89PNG")),
    ({"type": "scatter", "y": [1]}, TypeError, "a dict whose data is a list of traces"),
    ({"data": {"y": [1]}}, TypeError, "a dict whose data is a list of traces"),
    ({"data": [1]}, TypeError, "a dict whose data is a list of traces"),
    ({"data": [{"y": object()}]}, ValueError, "must be JSON; object <object object"),
    ({"data": [{"y": {1, 2}}]}, ValueError, "must be JSON; set"),
    ({"data": [{1: "a", "1": "b"}]}, ValueError, "has keys of several types that are written '1'"),
    (cyclic(), ValueError, r"a figure cannot be made from this dict \(RecursionError"),
]


@pytest.mark.parametrize(("given", "error", "message"), NO_FIGURES, ids=range(len(NO_FIGURES)))
def test_an_invalid_figure(given: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        aim.Figure(given)


@pytest.mark.parametrize("name", ["Scatter", "Layout"])
def test_a_part_of_a_figure_is_refused_with_what_to_write(name: str) -> None:
    graph = pytest.importorskip("plotly.graph_objects")
    with pytest.raises(TypeError, match=r"A trace alone becomes one by plotly.graph_objects.Figure\(trace\)"):
        aim.Figure(getattr(graph, name)())


def test_there_is_one_table_of_them() -> None:
    for kind, name in media.KINDS.items():
        kind_class = media.class_of(kind)
        assert (kind_class.kind, kind_class.__name__, getattr(aim, name), name in aim.__all__) == (
            kind,
            name,
            kind_class,
            True,
        )
    assert set(get_args(wire.MediaKind)) == set(media.KINDS)


def test_restored_from_a_log() -> None:
    for made in (aim.Text("a"), aim.Distribution([1]), aim.Image(np.zeros((2, 2)), "c"), aim.Figure({"data": []})):
        again = type(made).restored(made.data, made.meta)
        assert repr(again) == repr(made)
        assert (again.data, again.meta, again.format) == (made.data, made.meta, made.format)


NOTHING = """
import sys
sys.path.insert(0, {root!r})
import aim
assert not [name for name in sys.modules if name.startswith("aim.media.")]
run = aim.Run(repo=".", system_interval=0)
run.track(0.5, "loss")
assert not [name for name in sys.modules if name.startswith("aim.media.")]
run.track([aim.Text("a"), aim.Text("b")], "texts")
run.track(aim.Distribution([1, 2, 3]), "spread")
run.track(aim.Image({png!r}), "picture")
run.track(aim.Figure({{"data": []}}), "figure")
run.close()
assert "numpy" not in sys.modules
"""


def test_only_used_standard_library_modules_are_loaded(tmp_path: Path) -> None:
    code = NOTHING.format(root=str(PACKAGE.parent), png=aim.Image(np.zeros((2, 2))).data)
    subprocess.run([sys.executable, "-I", "-S", "-W", "error", "-c", code], cwd=tmp_path, check=True)
    assert sorted(series.kind for series in aim.Repo(tmp_path).objects()) == ["distribution", "figure", "image", "text"]
