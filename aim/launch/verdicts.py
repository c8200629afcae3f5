"""The running trials that a queue's rules stop, and why.

Rules on curves are pure functions of recorded values and times, so a restarted supervisor reaches the same verdicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from aim.launch.queue import Queue, Trial, TrialState
from aim.launch.rules import Halving, Median, Stop, metric_of
from aim.log.direction import Direction

if TYPE_CHECKING:
    from aim.query.select import Selection
    from aim.repo import Repo

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
# The curve of an ended trial is reduced to this many points, plus its points at rungs.
MAX_POINTS = 4_096


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
        """The number of points with this step or a lower one."""
        return int(np.searchsorted(self.steps, step, side="right"))


def curve(steps: Sequence[int] | Ints, values: Sequence[float] | Floats, times: Sequence[float] | Floats) -> Curve:
    """Points in any order. Means ignore NaN."""
    at, y, when = np.asarray(steps, np.int64), np.asarray(values, np.float64), np.asarray(times, np.float64)
    order = np.lexsort((when, at))
    at, y, when = at[order], y[order], when[order]
    known = ~np.isnan(y)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.cumsum(np.where(known, y, 0.0)) / np.cumsum(known)
    return Curve(at, y, when, means)


def thinned(curve: Curve, rungs: Iterable[int]) -> Curve:
    """A long curve with fewer points, and the same means and values at rungs."""
    if len(curve) <= MAX_POINTS:
        return curve
    marks = np.array(list(rungs), np.int64)
    around = [np.searchsorted(curve.steps, marks, side="left"), np.searchsorted(curve.steps, marks, side="right") - 1]
    even = np.linspace(0, len(curve) - 1, MAX_POINTS).astype(np.int64)
    keep = np.unique(np.clip(np.concatenate([even, *around]), 0, len(curve) - 1))
    return Curve(curve.steps[keep], curve.values[keep], curve.times[keep], curve.means[keep])


def median_verdict(rule: Median, mine: Curve, finished: Sequence[Curve]) -> str | None:
    """Why a trial with this curve should be stopped, or None."""
    if not len(mine) or (step := int(mine.steps[-1])) < rule.after:
        return None
    means = [float(other.means[count - 1]) for other in finished if (count := other.upto(step))]
    means = [mean for mean in means if not np.isnan(mean)]
    if len(means) < rule.at_least:
        return None
    best, middle = _best(mine.values, rule.direction), float(np.median(means))
    if not _is_better(middle, best, rule.direction):
        return None
    return (
        f"median rule: best {rule.metric} {best:g} up to step {step}, median of {len(means)} finished trials {middle:g}"
    )


def halving_verdict(rule: Halving, mine: Curve, others: Sequence[Curve]) -> str | None:
    """Why a trial with this curve should be stopped, or None."""
    for rung in rungs(rule, mine):
        value, arrived = _at_rung(mine, rung)
        there = [_at_rung(other, rung) for other in others if len(other) and other.steps[-1] >= rung]
        before = [result for result, when in there if when <= arrived]
        keep = max(1, (len(before) + 1) // rule.eta)
        better = sum(_is_better(result, value, rule.direction) for result in before)
        if better >= keep:
            place = f"place {better + 1} of {len(before) + 1}"
            kept = f"the best {keep} {'continues' if keep == 1 else 'continue'}"
            return f"successive halving: {rule.metric} is {value:g} at step {rung}, {place}; {kept}"
    return None


def rungs(rule: Halving, curve: Curve) -> Iterator[int]:
    """The rungs that a trial has reached."""
    rung = rule.min_steps
    while len(curve) and rung <= curve.steps[-1]:
        yield rung
        rung *= rule.eta


def _at_rung(curve: Curve, rung: int) -> tuple[float, float]:
    """The value at a rung, and the time when the trial reached it."""
    arrival = int(np.searchsorted(curve.steps, rung, side="left"))
    return float(curve.values[max(0, curve.upto(rung) - 1)]), float(curve.times[arrival])


def _best(values: Floats, direction: Direction) -> float:
    known = values[~np.isnan(values)]
    if not len(known):
        return np.nan
    return float(known.min() if direction == "min" else known.max())


def _is_better(value: float, other: float, direction: Direction) -> bool:
    """Strictly better. NaN is worse than any number."""
    if np.isnan(value) or np.isnan(other):
        return not np.isnan(value)
    return value < other if direction == "min" else value > other


class Curves:
    """The curves of a queue's trials. Curves of ended trials are read once, and kept with fewer points."""

    def __init__(self) -> None:
        self._ended: dict[tuple[str, str], Curve] = {}

    def read(self, repo: Repo, metric: str, states: Mapping[int, TrialState], rungs: Iterable[int]) -> dict[int, Curve]:
        """The curves by trial number; trials without the metric are left out."""
        runs = {state.run: number for number, state in states.items() if state.run is not None}
        wanted = [run for run in runs if (run, metric) not in self._ended]
        curves = dict(_curves(repo, metric, wanted)) if wanted else {}
        marks = list(rungs)
        for run in wanted:
            if states[runs[run]].word != "running":
                self._ended[run, metric] = thinned(curves.get(run, _NOTHING), marks)
        every = {run: curves.get(run) or self._ended.get((run, metric)) for run in runs}
        return {runs[run]: known for run, known in every.items() if known is not None and len(known)}


def verdicts(
    repo: Repo, queue: Queue, states: Mapping[int, TrialState], curves: Curves | None = None
) -> list[tuple[Trial, str]]:
    """The running trials that a rule stops, and why. Pass the same `curves` again to avoid reading twice."""
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
    others = {other: theirs for other, theirs in curves.items() if other != number}
    if isinstance(rule, Halving):
        return halving_verdict(rule, curves[number], list(others.values()))
    return median_verdict(
        rule, curves[number], [theirs for other, theirs in others.items() if states[other].word == "finished"]
    )


def _all_rungs(rule: Halving) -> list[int]:
    every = [rule.min_steps]
    while every[-1] < 1 << 62 and len(every) < 64:
        every.append(every[-1] * rule.eta)
    return [rung for rung in every if rung < 1 << 62]


def _stops(repo: Repo, rules: Sequence[Stop], running: Mapping[str, int]) -> Iterator[tuple[int, str]]:
    """`running`: the numbers of the trials by the ids of their runs."""
    for rule in rules:
        selection = repo.table.series(rule.query, only=list(running))
        metric = metric_of(rule)
        for place, row in enumerate(selection.runs):
            step = _last_step(selection, place, metric) if metric else 0
            if step is not None and step >= rule.after:
                after = f" (at step {step})" if metric else ""
                yield running[row.id], f"stop rule: {rule.query}{after}"


def _last_step(selection: Selection, place: int, metric: str) -> int | None:
    series = selection.series
    mine = [row for row in np.flatnonzero(series.run == place).tolist()]
    chosen = [row for row in mine if _fits(metric, series.name[row], series.context[row])]
    return max((int(series.last_step[row]) for row in chosen), default=None)


def _fits(metric: str, name: str, context: Mapping[str, Any]) -> bool:
    """`loss` is every series of that name; `loss.val` those with the value val in their context."""
    if name == metric:
        return True
    words = metric.removeprefix(f"{name}.").split(".") if metric.startswith(f"{name}.") else None
    return words is not None and set(words) <= {str(value) for value in context.values()}


def _curves(repo: Repo, metric: str, runs: Sequence[str]) -> Iterator[tuple[str, Curve]]:
    """Several matching series count as one."""
    there = set(repo.vocabulary().metrics)
    parts = metric.split(".")
    names = [name for end in range(len(parts), 0, -1) if (name := ".".join(parts[:end])) in there]
    if not names:
        return
    selection = repo.select(f"{names[0]!r} if run.archived in (True, False)", only=runs)
    series = selection.series
    rows = [row for row in range(len(series)) if _fits(metric, series.name[row], series.context[row])]
    if not rows:
        return
    points = selection.points(rows)
    times = points.times
    of_run = np.repeat(series.run[rows], np.diff(points.offsets))
    for place in np.unique(of_run).tolist():
        mine = of_run == place
        yield selection.runs[place].id, curve(points.steps[mine], points.values[mine], times[mine])


_NOTHING = curve([], [], [])
