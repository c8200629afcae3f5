"""Rules that stop trials early: AimQL conditions, the median rule, asynchronous successive halving.

`verdicts.py` computes which trials they stop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from aim.errors import LaunchError, QueryError
from aim.log.direction import DIRECTIONS, Direction
from aim.query.nodes import references
from aim.query.parse import parse_expression


@dataclass(frozen=True)
class Stop:
    """Stop a run for which `query` holds, once `metric` has a step of `after` or more. Default of
    `metric`: the first metric in the query."""

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
    direction: Direction = "min"
    after: int = 0
    at_least: int = 3


@dataclass(frozen=True)
class Halving:
    """Asynchronous successive halving. Li et al., A System for Massively Parallel Hyperparameter Tuning, 2018
    (arXiv:1810.05934), in the form that stops trials rather than pausing them:

        rungs r_k = min_steps * eta^k;  of the n results at rung r_k so far, including its own, a trial
        continues if it is one of the best max(1, floor(n / eta))

    A result is the value at the last step up to the rung. "So far" refers to the times at which the trials
    reached the rung, not to the time of evaluation; so a verdict never depends on the supervisor.
    """

    metric: str
    direction: Direction = "min"
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
    """The rules in a record; invalid ones are left out."""
    fields = value if isinstance(value, dict) else {}
    stop = fields.get("stop")
    stops = [_of(Stop, entry) for entry in (stop if isinstance(stop, list) else ())]
    return Rules(
        tuple(stop for stop in stops if stop), _of(Median, fields.get("median")), _of(Halving, fields.get("halving"))
    )


T = TypeVar("T", Stop, Median, Halving)


def _of(kind: type[T], value: Any) -> T | None:
    try:
        return check(kind(**_renamed(value))) if isinstance(value, dict) else None
    except (TypeError, LaunchError, QueryError):
        return None


def _renamed(value: dict[str, Any]) -> dict[str, Any]:
    """The fields by their present names: `direction` was `mode`."""
    return {"direction" if name == "mode" else name: field for name, field in value.items()}


def check(rule: T) -> T:
    """Raises LaunchError for numbers that a rule cannot have, and for a query that is not AimQL."""
    if isinstance(rule, Stop):
        _check_stop(rule)
        return rule
    if not isinstance(rule.metric, str) or not rule.metric.strip():
        raise LaunchError("the rule needs a metric to compare: --metric loss.val")
    if rule.direction not in DIRECTIONS:
        raise LaunchError(f"the direction is {rule.direction!r}; use min if lower is better, max if higher is better")
    lowest = {"after": 0, "at_least": 1, "min_steps": 1, "eta": 2}
    for name, smallest in lowest.items():
        if (value := getattr(rule, name, None)) is not None and (type(value) is not int or value < smallest):
            raise LaunchError(f"{name} is {value!r}; it must be an integer of at least {smallest}")
    return rule


def _check_stop(rule: Stop) -> None:
    if type(rule.after) is not int or rule.after < 0:
        raise LaunchError(f"after is {rule.after!r}; it must be a step of at least 0")
    if rule.metric is not None and not isinstance(rule.metric, str):
        raise LaunchError(f"the metric is {rule.metric!r}; use a name such as loss or loss.val")
    if not isinstance(rule.query, str) or not rule.query.strip():
        raise LaunchError(
            "a stop rule is an AimQL condition on the running run: run.loss.val.last > 5, or run.loss is nan"
        )
    parse_expression(rule.query)
    if rule.after and metric_of(rule) is None:
        raise LaunchError(f"after={rule.after} needs a metric, because {rule.query!r} names none; add --metric NAME")


def metric_of(rule: Stop) -> str | None:
    """The metric whose steps count: the given one, else the first metric in the query."""
    if rule.metric:
        return rule.metric
    named = [
        reference.aggregate for reference in references(parse_expression(rule.query)) if reference.aggregate is not None
    ]
    return ".".join([named[0].metric, *named[0].words]) if named else None
