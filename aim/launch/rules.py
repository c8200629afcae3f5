"""When a trial is not worth its time: what a person says in AimQL, the median rule, asynchronous successive halving.

The rules on curves are pure functions of what was recorded, with its times, so that a supervisor that starts again
comes to the same verdicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from aim.errors import LaunchError, QueryError
from aim.query.nodes import references
from aim.query.parse import parse_expression

if TYPE_CHECKING:
    from aim.launch.queue import Queue, Trial, TrialState
    from aim.query.select import Selection
    from aim.repo import Repo

Mode = Literal["min", "max"]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
# An ended trial's curve is kept in so many points, and those at its rungs.
MOST_POINTS = 4_096


@dataclass(frozen=True)
class Stop:
    """Stop a run for which `query` holds, once `metric` has a step of `after` or more. Without `metric` it is the one
    that the query names first."""

    query: str
    after: int = 0
    metric: str | None = None


@dataclass(frozen=True)
class Median:
    """The median stopping rule. Golovin et al., Google Vizier, KDD 2017, section 3.2.2:

        stop trial x at step s  if  best(x, 1..s) is strictly worse than median(mean(t, 1..s) for t in finished)

    `best` is the best value of x up to s, `mean` the mean of a finished trial's values up to the same step. Nothing is
    stopped before step `after`, or while fewer than `at_least` trials have finished.
    """

    metric: str
    mode: Mode = "min"
    after: int = 0
    at_least: int = 3


@dataclass(frozen=True)
class Halving:
    """Asynchronous successive halving. Li et al., A System for Massively Parallel Hyperparameter Tuning, 2018
    (arXiv:1810.05934), in the form that stops trials rather than pausing them:

        rungs r_k = min_steps * eta^k;  of the n results at rung r_k so far, its own included, a trial that gets there
        goes on if it is one of the best max(1, floor(n / eta))

    A result is the value at the last step up to the rung. What counts as "so far" are the times at which the trials got
    there, not when somebody looked; so a verdict never depends on the supervisor.
    """

    metric: str
    mode: Mode = "min"
    min_steps: int = 1
    eta: int = 3


@dataclass(frozen=True)
class Rules:
    stop: tuple[Stop, ...] = ()
    median: Median | None = None
    halving: Halving | None = None


def to_record(rules: Rules) -> dict[str, Any]:
    return {
        "stop": [vars(stop) for stop in rules.stop],
        "median": vars(rules.median) if rules.median else None,
        "halving": vars(rules.halving) if rules.halving else None,
    }


def of_record(value: Any) -> Rules:
    """The rules that a record holds; one that makes no sense is left out."""
    found = value if isinstance(value, dict) else {}
    stop = found.get("stop")
    stops = [_of(Stop, one) for one in (stop if isinstance(stop, list) else ())]
    return Rules(
        tuple(one for one in stops if one), _of(Median, found.get("median")), _of(Halving, found.get("halving"))
    )


T = TypeVar("T", Stop, Median, Halving)


def _of(kind: type[T], value: Any) -> T | None:
    try:
        return check(kind(**value)) if isinstance(value, dict) else None
    except (TypeError, LaunchError, QueryError):
        return None


def check(rule: T) -> T:
    """Raises LaunchError for numbers that a rule cannot have, and for a query that is no AimQL."""
    if isinstance(rule, Stop):
        _check_stop(rule)
        return rule
    if not isinstance(rule.metric, str) or not rule.metric.strip():
        raise LaunchError("the rule needs the metric that it compares: --metric loss.val")
    if rule.mode not in ("min", "max"):
        raise LaunchError(f"the mode is {rule.mode!r}; it is min where less is better, else max")
    least = {"after": 0, "at_least": 1, "min_steps": 1, "eta": 2}
    for name, smallest in least.items():
        if (value := getattr(rule, name, None)) is not None and (type(value) is not int or value < smallest):
            raise LaunchError(f"{name} is {value!r}; it is a whole number from {smallest} on")
    return rule


def _check_stop(rule: Stop) -> None:
    if type(rule.after) is not int or rule.after < 0:
        raise LaunchError(f"after is {rule.after!r}; it is a number of steps from 0 on")
    if rule.metric is not None and not isinstance(rule.metric, str):
        raise LaunchError(f"the metric is {rule.metric!r}; it is a name such as loss or loss.val")
    if not isinstance(rule.query, str) or not rule.query.strip():
        raise LaunchError("a stop rule is AimQL over the running run: run.loss.val.last > 5, or run.loss is nan")
    parse_expression(rule.query)
    if rule.after and metric_of(rule) is None:
        raise LaunchError(f"after {rule.after} steps of what? Name a metric beside {rule.query!r}")


def metric_of(rule: Stop) -> str | None:
    """The metric whose steps count: the one given, else the first that the query names."""
    if rule.metric:
        return rule.metric
    named = [one.aggregate for one in references(parse_expression(rule.query)) if one.aggregate is not None]
    return ".".join([named[0].metric, *named[0].words]) if named else None


@dataclass(frozen=True, eq=False)
class Curve:
    """The points of one metric of one trial, by step. `means`: the mean of the values up to each point."""

    steps: Ints
    values: Floats
    times: Floats
    means: Floats

    def __len__(self) -> int:
        return len(self.steps)

    def upto(self, step: int) -> int:
        """How many points have this step or a lower one."""
        return int(np.searchsorted(self.steps, step, side="right"))


def curve(steps: Sequence[int] | Ints, values: Sequence[float] | Floats, times: Sequence[float] | Floats) -> Curve:
    """Points in any order; NaN counts for no mean."""
    at, y, when = np.asarray(steps, np.int64), np.asarray(values, np.float64), np.asarray(times, np.float64)
    order = np.lexsort((when, at))
    at, y, when = at[order], y[order], when[order]
    known = ~np.isnan(y)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.cumsum(np.where(known, y, 0.0)) / np.cumsum(known)
    return Curve(at, y, when, means)


def thinned(curve: Curve, rungs: Iterable[int]) -> Curve:
    """A long curve in fewer points, whose means and values at rungs are the same."""
    if len(curve) <= MOST_POINTS:
        return curve
    marks = np.array(list(rungs), np.int64)
    around = [np.searchsorted(curve.steps, marks, side="left"), np.searchsorted(curve.steps, marks, side="right") - 1]
    even = np.linspace(0, len(curve) - 1, MOST_POINTS).astype(np.int64)
    keep = np.unique(np.clip(np.concatenate([even, *around]), 0, len(curve) - 1))
    return Curve(curve.steps[keep], curve.values[keep], curve.times[keep], curve.means[keep])


def median_verdict(rule: Median, mine: Curve, finished: Sequence[Curve]) -> str | None:
    """Why a trial with this curve is to be stopped, or None."""
    if not len(mine) or (step := int(mine.steps[-1])) < rule.after:
        return None
    means = [float(other.means[count - 1]) for other in finished if (count := other.upto(step))]
    means = [mean for mean in means if not np.isnan(mean)]
    if len(means) < rule.at_least:
        return None
    best, middle = _best(mine.values, rule.mode), float(np.median(means))
    if not _is_better(middle, best, rule.mode):
        return None
    return (
        f"median rule: best {rule.metric} {best:g} up to step {step}, median of {len(means)} finished trials {middle:g}"
    )


def halving_verdict(rule: Halving, mine: Curve, others: Sequence[Curve]) -> str | None:
    """Why a trial with this curve is to be stopped, or None."""
    for rung in rungs(rule, mine):
        value, arrived = _at_rung(mine, rung)
        there = [_at_rung(other, rung) for other in others if len(other) and other.steps[-1] >= rung]
        before = [result for result, when in there if when <= arrived]
        keep = max(1, (len(before) + 1) // rule.eta)
        better = sum(_is_better(result, value, rule.mode) for result in before)
        if better >= keep:
            place = f"place {better + 1} of {len(before) + 1}; the best {keep} {'goes' if keep == 1 else 'go'} on"
            return f"successive halving: {rule.metric} is {value:g} at step {rung}, {place}"
    return None


def rungs(rule: Halving, curve: Curve) -> Iterator[int]:
    """The rungs that a trial has reached."""
    rung = rule.min_steps
    while len(curve) and rung <= curve.steps[-1]:
        yield rung
        rung *= rule.eta


def _at_rung(curve: Curve, rung: int) -> tuple[float, float]:
    """The value there, and when the trial got there."""
    arrival = int(np.searchsorted(curve.steps, rung, side="left"))
    return float(curve.values[max(0, curve.upto(rung) - 1)]), float(curve.times[arrival])


def _best(values: Floats, mode: Mode) -> float:
    known = values[~np.isnan(values)]
    if not len(known):
        return np.nan
    return float(known.min() if mode == "min" else known.max())


def _is_better(one: float, other: float, mode: Mode) -> bool:
    """Strictly. NaN is worse than any number."""
    if np.isnan(one) or np.isnan(other):
        return not np.isnan(one)
    return one < other if mode == "min" else one > other


class Curves:
    """The curves of a queue's trials. Those of trials that ended are read once, and kept thin."""

    def __init__(self) -> None:
        self._ended: dict[tuple[str, str], Curve] = {}

    def read(self, repo: Repo, metric: str, states: Mapping[int, TrialState], rungs: Iterable[int]) -> dict[int, Curve]:
        """By the number of the trial; one that has no such metric is left out."""
        runs = {state.run: number for number, state in states.items() if state.run is not None}
        wanted = [run for run in runs if (run, metric) not in self._ended]
        found = dict(_curves(repo, metric, wanted)) if wanted else {}
        marks = list(rungs)
        for run in wanted:
            if states[runs[run]].word != "running":
                self._ended[run, metric] = thinned(found.get(run, _NOTHING), marks)
        every = {run: found.get(run) or self._ended.get((run, metric)) for run in runs}
        return {runs[run]: one for run, one in every.items() if one is not None and len(one)}


def verdicts(
    repo: Repo, queue: Queue, states: Mapping[int, TrialState], curves: Curves | None = None
) -> list[tuple[Trial, str]]:
    """The running trials that a rule stops, and why. Pass the same `curves` again, so that little is read twice."""
    running = {number for number, state in states.items() if state.word == "running" and state.run is not None}
    if not running:
        return []
    why = dict(_stops(repo, queue.rules.stop, {states[number].run or "": number for number in running}))
    for rule in (queue.rules.median, queue.rules.halving):
        if rule is not None and running - set(why):
            marks = _all_rungs(rule) if isinstance(rule, Halving) else []
            read = (curves or Curves()).read(repo, rule.metric, states, marks)
            for number in sorted((running & set(read)) - set(why)):
                if verdict := _compared(rule, number, read, states):
                    why[number] = verdict
    return [(queue.trial(number), reason) for number, reason in sorted(why.items())]


def _compared(
    rule: Median | Halving, number: int, curves: Mapping[int, Curve], states: Mapping[int, TrialState]
) -> str | None:
    others = {other: one for other, one in curves.items() if other != number}
    if isinstance(rule, Halving):
        return halving_verdict(rule, curves[number], list(others.values()))
    return median_verdict(
        rule, curves[number], [one for other, one in others.items() if states[other].word == "finished"]
    )


def _all_rungs(rule: Halving) -> list[int]:
    found = [rule.min_steps]
    while found[-1] < 1 << 62 and len(found) < 64:
        found.append(found[-1] * rule.eta)
    return [rung for rung in found if rung < 1 << 62]


def _stops(repo: Repo, rules: Sequence[Stop], running: Mapping[str, int]) -> Iterator[tuple[int, str]]:
    """`running`: the numbers of the trials by the ids of their runs."""
    for rule in rules:
        found = repo.runs_and_series(rule.query, only=list(running))
        metric = metric_of(rule)
        for place, row in enumerate(found.runs):
            step = _last_step(found, place, metric) if metric else 0
            if step is not None and step >= rule.after:
                after = f" (at step {step})" if metric else ""
                yield running[row.id], f"stop rule: {rule.query}{after}"


def _last_step(found: Selection, place: int, metric: str) -> int | None:
    series = found.series
    mine = [row for row in np.flatnonzero(series.run == place).tolist()]
    chosen = [row for row in mine if _fits(metric, series.name[row], series.context[row])]
    return max((int(series.last_step[row]) for row in chosen), default=None)


def _fits(metric: str, name: str, context: Mapping[str, Any]) -> bool:
    """`loss` is every series of that name, `loss.val` those with the value val in their context."""
    if name == metric:
        return True
    words = metric.removeprefix(f"{name}.").split(".") if metric.startswith(f"{name}.") else None
    return words is not None and set(words) <= {str(value) for value in context.values()}


def _curves(repo: Repo, metric: str, runs: Sequence[str]) -> Iterator[tuple[str, Curve]]:
    """Several series that fit count as one."""
    there = set(repo.vocabulary().metrics)
    parts = metric.split(".")
    names = [name for end in range(len(parts), 0, -1) if (name := ".".join(parts[:end])) in there]
    if not names:
        return
    found = repo.select(f"{names[0]!r} if run.archived in (True, False)", only=runs)
    series = found.series
    rows = [row for row in range(len(series)) if _fits(metric, series.name[row], series.context[row])]
    if not rows:
        return
    points = found.points(rows)
    times = points.times
    of_run = np.repeat(series.run[rows], np.diff(points.offsets))
    for place in np.unique(of_run).tolist():
        mine = of_run == place
        yield found.runs[place].id, curve(points.steps[mine], points.values[mine], times[mine])


_NOTHING = curve([], [], [])
