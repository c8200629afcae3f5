"""`aim query`: ask AimQL on the command line."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from aim.cli.opening import open_repo, tell_of_sources
from aim.cli.options import form_options, repo_option, source_options, utc_option
from aim.cli.printer import say
from aim.cli.runs import COLUMNS, EXACT_COLUMNS, exact_row, params_of, row_to_read, short
from aim.cli.table import moment, show
from aim.errors import QueryError
from aim.media import KINDS

if TYPE_CHECKING:
    from aim.index.tables import ParamCount
    from aim.query.media import MediaSeries
    from aim.query.nodes import Node
    from aim.query.plan import Group, Sample
    from aim.query.runs import RunRow
    from aim.query.select import Selection
    from aim.query.table import TableRows
    from aim.query.vocabulary import Vocabulary

SERIES = ("count", "last", "last_step", "min", "max", "mean")
HEAD = ("run", "name", "experiment")
EXACT_HEAD = ("run", "hash", "name", "experiment")
EXACT_SERIES = (
    *("count", "first", "first_step", "last", "last_step", "min", "min_step", "max", "max_step", "mean", "nonfinite"),
)

OBJECTS = ("run", "name", "experiment", "series", "context", "count", "last_step", "bytes", "last")
EXACT_OBJECTS = (
    *("run", "hash", "name", "experiment", "kind", "series", "context"),
    *("count", "first_step", "last_step", "bytes", "last"),
)


@click.command()
@click.argument("text", metavar="AIMQL")
@repo_option
@source_options
@click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    help="Print media series of this kind instead of metrics.",
)
@click.option(
    "--order",
    multiple=True,
    metavar="COLUMN",
    help="Sort runs by AimQL, such as run.duration or 'lr desc'. Can be repeated.",
)
@click.option(
    "--group",
    multiple=True,
    metavar="COLUMN",
    help="Group runs by the value of AimQL, such as hparams.optimizer. Can be repeated.",
)
@click.option(
    "--points",
    type=click.IntRange(min=1),
    metavar="COLUMNS",
    help="Print the points of each series, sampled for a chart of this many pixels, instead of the series.",
)
@click.option("--explain", is_flag=True, help="Print the plan of the query instead of its results.")
@form_options
@utc_option
def query(
    text: str,
    repo: str | None,
    sources: dict[str, str],
    kind: str | None,
    order: tuple[str, ...],
    group: tuple[str, ...],
    points: int | None,
    explain: bool,
    form: str | None,
) -> None:
    """Print the results of an AimQL query.

    A statement such as "loss if hparams.lr < 0.01" prints a row for each series: its run, context, number of points,
    and last, min, max and mean value. A param that is selected, as in "hparams.lr, loss", becomes a column. An
    expression alone, such as "hparams.lr < 0.01", prints the matching runs. TensorBoard scalars are
    tf:TAG, by the whole tag or its last part.
    """
    if explain and kind is not None:
        raise click.UsageError("--explain prints plans for runs and metrics, not for media: leave out --kind.")
    if explain and form is not None:
        raise click.UsageError(f"--explain prints a plan as lines of text: leave out --{form}.")
    if points is not None and kind is not None:
        raise click.UsageError("--points and --kind cannot be combined: points are for metrics, kinds for media.")
    runs = kind is None and is_expression(text)
    if (order or group) and not runs:
        raise click.UsageError("--order and --group are for runs: write an expression alone, such as 'lr < 0.01'.")
    if points is not None and runs:
        raise click.UsageError("--points is for metrics: write a statement, such as 'loss if lr < 0.01'.")
    keys, groups = [order_key(column) for column in order], [column_of(column, "--group") for column in group]
    opened = open_repo(repo, sources=sources)
    if points is not None and selects_only_params(text, opened.vocabulary()):
        raise click.UsageError(
            "--points is for metrics: also select one, as in 'hparams.lr, loss', or use '*' for all."
        )
    sample = sampled(points)
    if explain and runs:
        say(*opened.table.explain(text, order=keys, group=group_of(groups)))
    elif explain:
        say(*opened.explain(text, sample=sample))
    elif kind is not None:
        series = opened.objects(text, kind)
        tell([item.run for item in series], [])
        show(OBJECTS if form is None else EXACT_OBJECTS, [objects_row(item, form) for item in series], form)
    elif runs:
        columns = list(dict.fromkeys([*groups, *(column for column, _ in keys)]))
        table = opened.table.rows(text, order=keys, group=group_of(groups), columns=columns)
        tell(table.runs, table.notes)
        show_runs(table, columns, form, [] if form else params_of(opened, table.runs, text))
    else:
        selection = opened.select(text)
        tell(selection.runs, selection.notes)
        if sample is None:
            show_selection(selection, opened.vocabulary(), form, text)
        else:
            show_points(selection, opened.vocabulary(), sample, form)
    tell_of_sources(opened)


def is_expression(text: str) -> bool:
    """False for a statement. A text that is neither raises the QueryError of the parser that got further. An expression
    that only lacks `else` counts as a statement: `loss if foo(1)`. A text that begins with a call is an expression."""
    from aim.query.parse import parse_expression, parse_statement

    try:
        parse_statement(text)
        return False
    except QueryError as error:
        as_statement = error
    try:
        return parse_expression(text) is not None
    except QueryError as error:
        as_expression = error
    if as_expression.message.startswith("Expected `else`"):
        raise as_statement
    called = text[as_statement.start : as_statement.end] == "("
    raise as_expression if called or as_expression.start > as_statement.start else as_statement


def selects_only_params(text: str, vocabulary: Vocabulary) -> bool:
    from aim.query.parse import parse_statement
    from aim.query.vocabulary import settle

    return all(item.kind == "param" for item in settle(parse_statement(text).select, vocabulary))


def order_key(text: str) -> tuple[Node, bool]:
    """A column to order by, and whether it descends: `lr`, `lr asc` or `lr desc`, in any case."""
    column, _, direction = text.rstrip().rpartition(" ")
    directed = column and direction.lower() in ("asc", "desc")
    return column_of(column if directed else text, "--order"), bool(directed) and direction.lower() == "desc"


def group_of(columns: Sequence[Node]) -> Group | None:
    from aim.query.plan import Group

    return Group(tuple(columns)) if columns else None


def column_of(text: str, option: str) -> Node:
    from aim.query.plan import column_node

    try:
        return column_node(text)
    except QueryError as error:
        if text[error.start : error.end] == ",":
            error.hint = f"Pass {option} once for each column."
        elif option == "--order" and error.message.startswith("Expected the end"):
            error.hint = f"After the column, only asc or desc can follow: {option} 'lr desc'."
        raise


def sampled(columns: int | None) -> Sample | None:
    from aim.query.plan import Sample

    return None if columns is None else Sample(columns=columns)


def tell(rows: Sequence[RunRow], notes: Sequence[str]) -> None:
    if not rows:
        say("No match.", err=True)
    for note in notes:
        say(note, err=True)


def show_runs(table: TableRows, columns: Sequence[Node], form: str | None, naming: Sequence[ParamCount]) -> None:
    """A row for each run, with its values in `columns` besides the usual ones. `naming`: params that can name runs."""
    usual = EXACT_COLUMNS if form else COLUMNS
    others = {
        heading(node, usual): [cell(node, value, form) for value in values]
        for node, values in zip(columns, table.values, strict=True)
        if not is_usual(node, usual)
    }
    rows = [
        {
            **(exact_row(run) if form else row_to_read(run, naming)),
            **{name: values[place] for name, values in others.items()},
        }
        for place, run in enumerate(table.runs)
    ]
    show((*usual, *others), rows, form)


def is_usual(node: Node, usual: Sequence[str]) -> bool:
    from aim.query.nodes import Reference

    return isinstance(node, Reference) and (
        node.kind == "experiment"
        or node.kind == "run"
        and (node.parts[1:] == ("created_at",) or node.parts[1] in usual and len(node.parts) == 2)
    )


def heading(node: Node, usual: Sequence[str]) -> str:
    """A bare name, such as `tags`, is a param, but may be the name of another column."""
    from aim.query.format import format_node

    text = format_node(node)
    return f"params.{text}" if text in usual else text


def cell(node: Node, value: Any, form: str | None) -> Any:
    from aim.query.check import is_time

    return moment(value) if form is None and value is not None and is_time(node) else value


def show_selection(selection: Selection, vocabulary: Vocabulary, form: str | None, text: str) -> None:
    """A row for each series; if only params are selected, a row for each run."""
    params = selected_params(selection, vocabulary)
    about = described(selection, params, form)
    if not len(selection.series) and (about or selects_only_params(text, vocabulary)):
        return show(columns_of(form, params), about, form)
    fields = EXACT_SERIES if form else SERIES
    show(columns_of(form, params, fields), list(series_rows(selection, about, fields)), form)


def show_points(selection: Selection, vocabulary: Vocabulary, sample: Sample, form: str | None) -> None:
    points, params = selection.points(sample=sample), selected_params(selection, vocabulary)
    fields = ("step", "value", "epoch", "time") if form else ("step", "value")
    numbers = {name: getattr(points, f"{name}s").tolist() for name in fields}
    if "epoch" in numbers:
        numbers["epoch"] = [None if math.isnan(epoch) else epoch for epoch in numbers["epoch"]]
    rows = [
        {**row, **{name: numbers[name][at] for name in fields}}
        for place, row in enumerate(series_rows(selection, described(selection, params, form), ()))
        for at in range(points.offsets[place], points.offsets[place + 1])
    ]
    show(columns_of(form, params, fields), rows, form)


def columns_of(form: str | None, params: Iterable[str], fields: Sequence[str] = ()) -> tuple[str, ...]:
    """The columns of runs with params; with `fields`, of their series."""
    return (*(EXACT_HEAD if form else HEAD), *(("metric", "context") if fields else ()), *params, *fields)


def objects_row(series: MediaSeries, form: str | None) -> dict[str, Any]:
    """A series of media in words; for texts with the last one."""
    last = series[-1]
    return {
        **describe(series.run, form),
        "kind": series.kind,
        "series": series.name,
        "context": series.context,
        "count": len(series),
        "first_step": int(series.steps[0]),
        "last_step": last.step,
        "bytes": series.size,
        "last": str(last.value) if series.kind == "text" else last.caption,
    }


def selected_params(selection: Selection, vocabulary: Vocabulary) -> dict[str, Callable[[RunRow], Any]]:
    """For each param of the statement, as written there, how to read it from a run."""
    from aim.query.columns import spellings

    paths_of = {".".join(path): spellings(path, vocabulary.params) for path in selection.selected_params}
    return {name: partial(param_of, paths) for name, paths in paths_of.items()}


def param_of(paths: Sequence[Sequence[str]], row: RunRow) -> Any:
    """The value at the first of `paths` that this run has. A single value precedes a group."""
    values = [value for path in paths if (value := at(row.params, path)) is not None]
    return next((value for value in values if not isinstance(value, Mapping)), values[0] if values else None)


def described(
    selection: Selection, params: Mapping[str, Callable[[RunRow], Any]], form: str | None
) -> list[dict[str, Any]]:
    """The runs in words, with these params."""
    return [{**describe(run, form), **{name: read(run) for name, read in params.items()}} for run in selection.runs]


def describe(row: RunRow, form: str | None) -> dict[str, Any]:
    shown = {"run": row.id if form else short(row), "hash": row.hash}
    return {**shown, "name": row.name, "experiment": row.experiment}


def series_rows(
    selection: Selection, about: Sequence[dict[str, Any]], fields: Sequence[str]
) -> Iterator[dict[str, Any]]:
    series = selection.series
    numbers = {name: getattr(series, name).tolist() for name in fields}
    for place, run in enumerate(series.run.tolist()):
        row = {**about[run], "metric": series.name[place], "context": series.context[place]}
        yield {**row, **{name: numbers[name][place] for name in fields}}


def at(params: Mapping[str, Any], path: Sequence[str]) -> Any:
    value: Any = params
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
