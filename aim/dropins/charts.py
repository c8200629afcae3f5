"""`wandb.plot`: charts of a table or of lists, recorded as figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from aim.dropins.absent import harmless
from aim.dropins.media import LoggedFigure, LoggedTable
from aim.plain import text_of


def _drawn(traces: list[dict[str, Any]], title: Any, x: Any = None, y: Any = None, **layout: Any) -> LoggedFigure:
    axes = {"xaxis": {"title": {"text": text_of(x or "")}}, "yaxis": {"title": {"text": text_of(y or "")}}}
    return LoggedFigure({"data": traces, "layout": {"title": {"text": text_of(title or "")}, **axes, **layout}})


@harmless()
def line(
    table: LoggedTable, x: str, y: str, stroke: str | None = None, title: str = "", split_table: bool = False
) -> LoggedFigure:
    strokes = table.get_column(stroke) if stroke else [""] * len(table.data)
    xs, ys = table.get_column(x), table.get_column(y)
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": text_of(name),
            "x": [value for value, of in zip(xs, strokes, strict=True) if of == name],
            "y": [value for value, of in zip(ys, strokes, strict=True) if of == name],
        }
        for name in dict.fromkeys(strokes)
    ]
    return _drawn(traces, title, x, y)


@harmless()
def scatter(table: LoggedTable, x: str, y: str, title: str = "", split_table: bool = False) -> LoggedFigure:
    trace = {"type": "scatter", "mode": "markers", "x": table.get_column(x), "y": table.get_column(y)}
    return _drawn([trace], title, x, y)


@harmless()
def bar(table: LoggedTable, label: str, value: str, title: str = "", split_table: bool = False) -> LoggedFigure:
    trace = {"type": "bar", "orientation": "h", "x": table.get_column(value), "y": table.get_column(label)}
    return _drawn([trace], title, value, label)


@harmless()
def histogram(table: LoggedTable, value: str, title: str = "", split_table: bool = False) -> LoggedFigure:
    return _drawn([{"type": "histogram", "x": table.get_column(value)}], title, value)


@harmless()
def line_series(
    xs: Sequence[Any],
    ys: Sequence[Sequence[Any]],
    keys: Sequence[str] | None = None,
    title: str = "",
    xname: str = "x",
    split_table: bool = False,
) -> LoggedFigure:
    names = list(keys) if keys is not None else [f"line_{i + 1}" for i in range(len(ys))]
    several = bool(len(xs)) and hasattr(xs[0], "__len__")
    traces = [
        {"type": "scatter", "mode": "lines", "name": name, "x": list(xs[i] if several else xs), "y": list(line)}
        for i, (name, line) in enumerate(zip(names, ys, strict=False))
    ]
    return _drawn(traces, title, xname)


@harmless()
def confusion_matrix(
    probs: Any = None,
    y_true: Any = None,
    preds: Any = None,
    class_names: Sequence[str] | None = None,
    title: str = "Confusion Matrix Curve",
    split_table: bool = False,
) -> LoggedFigure:
    if preds is None:
        preds = [max(range(len(row)), key=list(row).__getitem__) for row in probs]
    pairs = [(text_of(true), text_of(guess)) for true, guess in zip(y_true, preds, strict=True)]
    if class_names is not None:
        numbered = {text_of(i): name for i, name in enumerate(class_names)}
        pairs = [(numbered.get(true, true), numbered.get(guess, guess)) for true, guess in pairs]
    names = sorted({name for pair in pairs for name in pair}) if class_names is None else list(class_names)
    counted = Counter(pairs)
    counts = [[counted[true, guess] for guess in names] for true in names]
    return _drawn([{"type": "heatmap", "x": names, "y": names, "z": counts}], title, "Predicted", "Actual")


def plot_table(
    vega_spec_name: str | None = None, data_table: Any = None, fields: Any = None, *more: Any, **others: Any
) -> Any:
    """The table; its drawing is a program that runs at wandb."""
    return data_table
