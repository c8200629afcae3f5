"""How well runs do, for the home page: the best run of the latest experiments, the progress of running ones, and how
many diverged."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from aim.log.direction import is_telling
from aim.query.format import quote
from aim.query.labels import is_named, telling_params
from aim.query.nodes import SYSTEM
from aim.query.plan import MetricColumn, Sample
from aim.query.table import TableColumns
from aim.server import wire
from aim.server.frames import plain
from aim.server.runs import wire_run

if TYPE_CHECKING:
    from aim.index.tables import MetricCount
    from aim.query.runs import RunRow
    from aim.query.select import Selection
    from aim.repo import Repo

EXPERIMENTS = 6
# Pixel columns of the curve of a best run.
CURVE = 54
RUNNING = 50
# Params of these names, in any group, say how many steps or epochs a run has.
_STEPS = re.compile(r"(max|num|n|total)?_?(train(ing)?)?_?(steps|iters|iterations|updates|timesteps)", re.IGNORECASE)
_EPOCHS = re.compile(r"(max|num|n|total)?_?(train(ing)?)?_?epochs", re.IGNORECASE)
_MOST_STEPS = 1 << 53
# As many params of a run without a name.
_TELLING = 12
_VALIDATION = re.compile("val|dev|test|eval", re.IGNORECASE)


class _LatestExperiment(NamedTuple):
    """`columns`: those of its runs that did not diverge."""

    name: str
    runs: int
    diverged: int
    columns: TableColumns

    @property
    def condition(self) -> str:
        return f"experiment == {quote(self.name)} and not run.diverged"


def standings(repo: Repo) -> wire.Standings:
    """Archived runs do not count."""
    runs = repo.table.fields(None, ["experiment", "status", "diverged"])
    names, diverged = runs.fields["experiment"], runs.fields["diverged"]
    latest = {}
    for name in list(dict.fromkeys(names.tolist()))[:EXPERIMENTS]:
        own = names == name
        latest[name] = _experiment(repo, name, runs=int(own.sum()), diverged=int(diverged[own].sum()))
    running = [runs.ids[i] for i in np.flatnonzero(runs.fields["status"] == "running").tolist()]
    return wire.Standings(
        experiments=[_standing(repo, experiment) for experiment in latest.values()],
        running=_progress(repo, running[:RUNNING], latest),
        active=len(running),
        diverged=int(diverged.sum()),
    )


def _experiment(repo: Repo, name: str, *, runs: int, diverged: int) -> _LatestExperiment:
    experiment = _LatestExperiment(name, runs, diverged, TableColumns())
    columns = repo.table.page(experiment.condition, limit=0, columns=True).columns
    return experiment if columns is None else experiment._replace(columns=columns)


def _standing(repo: Repo, experiment: _LatestExperiment) -> wire.Standing:
    metric = telling_metric(experiment.columns.metrics, repo.metrics.directions())
    standing = wire.Standing(
        experiment=experiment.name, runs=experiment.runs, diverged=experiment.diverged, run=None, metric=None,
        context={}, direction=None, value=None, curve=[], params={},
    )  # fmt: skip
    if metric is None:
        return standing
    context = json.loads(metric.context)
    direction = repo.metrics.direction(metric.name).direction
    best = MetricColumn(metric.name, context, "best")
    page = repo.table.page(experiment.condition, order=[(best, direction == "max")], limit=1, metrics=[metric.name])
    values = getattr(page.series, direction)[[own == context for own in page.series.context]].tolist()
    if not page.runs or not values or not np.isfinite(values[0]):
        return standing
    (run,) = page.runs
    standing.run, standing.metric, standing.context = wire_run(run), metric.name, context
    standing.direction, standing.value = direction, values[0]
    standing.curve = _curve(repo, run.id, metric.name, context)
    standing.params = _telling_params(run, experiment)
    return standing


def _telling_params(run: RunRow, experiment: _LatestExperiment | None) -> dict[str, Any]:
    """The params of a run without a name in which the runs of its experiment differ."""
    if experiment is None or is_named(run):
        return {}
    told = telling_params(run, experiment.columns.params, most=_TELLING)
    return {path: plain(value) for path, value in told.items()}


def _curve(repo: Repo, run: str, metric: str, context: Mapping[str, Any]) -> list[Any]:
    selection = repo.table.series(only=[run])
    names = zip(selection.series.name, selection.series.context, strict=True)
    rows = [row for row, (name, own) in enumerate(names) if name == metric and own == context]
    return [plain(value) for value in selection.points(rows, sample=Sample("step", CURVE)).values.tolist()]


def telling_metric(metrics: list[MetricCount], chosen: Mapping[str, object]) -> MetricCount | None:
    """The metric that says best how well runs do: one whose direction was set, else by its name; one that most runs
    have, and one of validation. None if the name of none says so."""
    most = max((metric.runs for metric in metrics), default=0)

    def rank(metric: MetricCount) -> tuple[bool, bool, bool, int]:
        validates = _VALIDATION.search(metric.name + metric.context) is not None
        return metric.name in chosen, 2 * metric.runs >= most, validates, metric.runs

    known = [metric for metric in metrics if re.match(SYSTEM, metric.name) is None]
    telling = [metric for metric in known if metric.name in chosen or is_telling(metric.name)]
    return max(sorted(telling), key=rank, default=None)


def _progress(repo: Repo, ids: list[str], latest: Mapping[str, _LatestExperiment]) -> list[wire.RunProgress]:
    if not ids:
        return []
    found = repo.table.series(None, only=ids)
    made = []
    for place, run in enumerate(found.runs):
        step, steps = progress_of(run.params, *_reached(found, place))
        params = _telling_params(run, latest.get(run.experiment))
        made.append(wire.RunProgress(run=wire_run(run), step=step, steps=steps, params=params))
    return made


def _reached(found: Selection, place: int) -> tuple[int | None, float | None]:
    """The highest step of a run, and the last value of a metric called epoch."""
    series = found.series.of_runs(place, place + 1)
    own = [at for at, name in enumerate(series.name) if re.match(SYSTEM, name) is None]
    epochs = [float(series.last[at]) for at in own if series.name[at] == "epoch"]
    return max((int(series.last_step[at]) for at in own), default=None), max(epochs, default=None)


def progress_of(params: Mapping[str, Any], step: int | None, epoch: float | None) -> tuple[float | None, float | None]:
    """Where a run is and where it ends, in steps or else in epochs; a run beyond its end has none."""
    if step is not None and (steps := _planned(params, _STEPS)) is not None and step <= steps:
        return step, steps
    if epoch is not None and (epochs := _planned(params, _EPOCHS)) is not None and 0 <= epoch <= epochs:
        return epoch, epochs
    return step, None


def _planned(params: Mapping[str, Any], named: re.Pattern[str]) -> float | None:
    """The only positive number among the params of such a name, in any group."""
    found = set()
    rest: list[Mapping[str, Any]] = [params]
    while rest:
        for name, value in rest.pop().items():
            if isinstance(value, Mapping):
                rest.append(cast("Mapping[str, Any]", value))
            elif named.fullmatch(name) and type(value) in (int, float) and 0 < value < _MOST_STEPS:
                found.add(float(value))
    return found.pop() if len(found) == 1 else None
