"""`wandb.plot`: charts of a table or of lists, recorded as figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aim
from aim.dropins.absent import harmless
from aim.dropins.media import LoggedChart, LoggedFigure, LoggedTable
from aim.media.curve import MAX_CLASSES, ClassifierCurve
from aim.media.labels import classes_of, labels_in
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
    title: str = "",
    split_table: bool = False,
) -> LoggedChart:
    if preds is None:
        preds = [max(range(len(row)), key=list(row).__getitem__) for row in probs]
    return LoggedChart(lambda: aim.ConfusionMatrix(y_true, preds, class_names, caption=text_of(title)))


@harmless()
def roc_curve(
    y_true: Any = None,
    y_probas: Any = None,
    labels: Sequence[Any] | None = None,
    classes_to_plot: Sequence[Any] | None = None,
    title: str = "",
    split_table: bool = False,
) -> LoggedChart:
    """A curve for each class."""
    return LoggedChart(lambda: _curves(aim.ROCCurve, y_true, y_probas, labels, classes_to_plot))


@harmless()
def pr_curve(
    y_true: Any = None,
    y_probas: Any = None,
    labels: Sequence[Any] | None = None,
    classes_to_plot: Sequence[Any] | None = None,
    interp_size: int = 21,
    title: str = "",
    split_table: bool = False,
) -> LoggedChart:
    """A curve for each class."""
    return LoggedChart(lambda: _curves(aim.PRCurve, y_true, y_probas, labels, classes_to_plot))


def _curves(kind: type[ClassifierCurve], y_true: Any, scores: Any, labels: Any, chosen: Any) -> list[ClassifierCurve]:
    """`scores` has a column for each class: 0, 1, 2 and so on, or each that occurs in `y_true`, sorted; `labels` are
    their names."""
    truths = labels_in(y_true, "y_true")
    classes, places = classes_of(truths, None, MAX_CLASSES)
    names = classes if labels is None else [text_of(label) for label in labels]
    width = scores.shape[1] if hasattr(scores, "shape") else len(scores[0])
    if set(truths) <= set(range(width)):
        curves = kind.of_classes(truths, scores, names if labels is not None else None)
    else:
        curves = kind.of_classes([places[truth] for truth in truths], scores, names)
    if chosen is None:
        return curves
    wanted = {text_of(label) for label in chosen}
    wanted |= {name for label, name in zip(classes, names, strict=False) if label in wanted}
    return [curve for curve in curves if curve.caption in wanted]


def plot_table(
    vega_spec_name: str | None = None, data_table: Any = None, fields: Any = None, *more: Any, **others: Any
) -> Any:
    """The table; its drawing is a program that runs at wandb."""
    return data_table
