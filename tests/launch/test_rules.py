"""The rules that stop trials: on curves, on a synthetic landscape, and on real runs."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aim
from aim import layout
from aim.errors import LaunchError, QueryError
from aim.launch import queue as queues
from aim.launch import verdicts as module
from aim.launch.command import Template
from aim.launch.queue import Queue, Trial
from aim.launch.records import Records
from aim.launch.rules import Halving, Median, Rules, Stop, check, metric_of, of_record, to_record
from aim.launch.verdicts import Curve, Curves, curve, halving_verdict, median_verdict, thinned, verdicts
from aim.repo import Repo

NAN, INF = math.nan, math.inf


def line(*values: float, first: int = 1, began: float = 0.0) -> Curve:
    """One value a step, one step a second."""
    steps = range(first, first + len(values))
    return curve(list(steps), list(values), [began + step for step in steps])


# the trial, the finished ones, the rule; whether it is stopped
MEDIANS: list[tuple[Curve, list[Curve], dict[str, Any], bool]] = [
    (line(5, 5), [line(1, 1), line(2, 2), line(3, 3)], {}, True),
    (line(2, 2), [line(1, 1), line(2, 2), line(3, 3)], {}, False),  # not strictly worse than 2
    (line(9, 1.5), [line(1, 1), line(2, 2), line(3, 3)], {}, False),  # its best counts, not its last
    (line(5, 5), [line(1, 1), line(2, 2)], {}, False),  # fewer than three have finished
    (line(5, 5), [line(1, 1), line(2, 2)], {"at_least": 2}, True),
    (line(5, 5), [line(1, 1), line(2, 2), line(3, 3)], {"after": 3}, False),
    (line(5, 5, 5), [line(1, 1), line(2, 2), line(3, 3)], {"after": 3}, True),
    (line(4), [line(9, 1), line(9, 1), line(9, 1)], {}, False),  # the means up to the same step, 9, count
    (line(4, 4), [line(7, 1), line(7, 1), line(7, 0)], {}, False),  # means 4, 4, 3.5
    (line(4.5, 4.5), [line(7, 1), line(7, 1), line(7, 0)], {}, True),
    (line(5, 5), [line(1, 1), line(9, 9)], {"at_least": 2}, False),  # of an even number the middle of two: 5
    (line(0.2, 0.2), [line(0.5, 0.5)] * 3, {"direction": "max"}, True),
    (line(0.9, 0.2), [line(0.5, 0.5)] * 3, {"direction": "max"}, False),
    (line(NAN, NAN), [line(1, 1)] * 3, {}, True),
    (line(NAN, 0.5), [line(1, 1)] * 3, {}, False),
    (line(5, 5), [line(NAN, NAN)] * 3, {}, False),  # nothing to compare with
    (line(5, 5), [line(NAN, 1), line(1, NAN), line(1, 1)], {}, True),
    (line(INF, INF), [line(1, 1)] * 3, {}, True),
    (line(5, 5), [line(1, 1, first=10)] * 3, {}, False),  # none of them has a point so early
    (line(), [line(1, 1)] * 3, {}, False),
]


@pytest.mark.parametrize(("mine", "finished", "options", "stopped"), MEDIANS)
def test_the_median_rule(mine: Curve, finished: list[Curve], options: dict[str, Any], stopped: bool) -> None:
    verdict = median_verdict(Median("loss", **options), mine, finished)
    assert (verdict is not None) is stopped, verdict


def test_the_median_rule_says_why() -> None:
    said = median_verdict(Median("loss"), line(5, 4), [line(1, 1), line(2, 2), line(3, 3)])
    assert said == "median rule: best loss 4 up to step 2, median of 3 finished trials 2"


EARLY, LATE = {"began": -100.0}, {"began": 100.0}

# the trial, the others, the rule; the step at which it is stopped
HALVINGS: list[tuple[Curve, list[Curve], dict[str, Any], int | None]] = [
    (line(5), [], {}, None),  # the first one always goes on
    (line(5), [line(1, **EARLY)], {}, 1),  # of two, one goes on
    (line(1), [line(5, **EARLY)], {}, None),
    (line(5), [line(1, **LATE)], {}, None),  # it got there before the better one
    (line(5, 5, 5), [line(1, 1, 1, **LATE)], {}, None),
    (line(5), [line(5, **EARLY)], {}, None),  # as good as the best
    (line(2), [line(value, **EARLY) for value in (1, 3, 4, 5, 6)], {}, None),  # 2 of 6 go on
    (line(3.5), [line(value, **EARLY) for value in (1, 3, 4, 5, 6)], {}, 1),
    (line(2), [line(value, **EARLY) for value in (1, 3, 4, 5)], {}, 1),  # 1 of 5 goes on
    (line(2), [line(value, **EARLY) for value in (1, 3, 4)], {"eta": 2}, None),  # 2 of 4
    (line(9, 9, 1), [line(1, 9, 9, **EARLY)], {}, 1),  # it was behind at step 1, which counts
    (line(1, 9, 9), [line(5, 1, 1, **EARLY)], {}, 3),
    (line(1, 9), [line(5, 1, 1, **EARLY)], {}, None),  # not at the second rung yet
    (line(9, 9), [line(1, 1, **EARLY)], {"min_steps": 3}, None),
    (line(9, 9, 9), [line(1, 1, 1, **EARLY)], {"min_steps": 3}, 3),
    (line(9, 9, 9), [line(1, 1, **EARLY)], {"min_steps": 3}, None),  # the other one never got there
    (line(0.1), [line(0.9, **EARLY)], {"direction": "max"}, 1),
    (line(0.9), [line(0.1, **EARLY)], {"direction": "max"}, None),
    (line(NAN), [line(9, **EARLY)], {}, 1),
    (line(9), [line(NAN, **EARLY)], {}, None),
    (line(NAN), [line(NAN, **EARLY)], {}, None),
    (curve([0, 4], [9, 1], [0, 4]), [line(5, 5, 5, 5, **EARLY)], {}, 1),  # what stood at step 1 was 9
    (line(), [line(1, **EARLY)], {}, None),
]


@pytest.mark.parametrize(("mine", "others", "options", "step"), HALVINGS)
def test_successive_halving(mine: Curve, others: list[Curve], options: dict[str, Any], step: int | None) -> None:
    verdict = halving_verdict(Halving("loss", **options), mine, others)
    assert (verdict is not None) == (step is not None), verdict
    assert step is None or f"at step {step}," in str(verdict)


def test_successive_halving_says_why() -> None:
    said = halving_verdict(Halving("loss"), line(3), [line(1, **EARLY), line(2, **EARLY)])
    assert said == "successive halving: loss is 3 at step 1, place 3 of 3; the best 1 continues"


def test_points_are_put_into_order() -> None:
    ordered = curve([2, 1, 2], [5, NAN, 3], [9, 1, 8])
    assert ordered.steps.tolist() == [1, 2, 2]
    assert ordered.values.tolist()[1:] == [3, 5], "equal steps by time"
    assert math.isnan(ordered.means[0]) and ordered.means.tolist()[1:] == [3, 4]


def test_a_thin_curve_gives_the_same_verdicts() -> None:
    chance = np.random.default_rng(3)
    steps = np.cumsum(chance.integers(1, 4, 50_000))
    full = curve(steps, chance.normal(size=50_000), np.arange(50_000.0))
    marks = [3**power for power in range(11)]
    thin = thinned(full, marks)
    assert len(thin) < module.MAX_POINTS + 3 * len(marks)
    assert [module._at_rung(thin, mark) for mark in marks] == [module._at_rung(full, mark) for mark in marks]
    assert set(thin.means.tolist()) <= set(full.means.tolist())
    short = line(1, 2)
    assert thinned(short, marks) is short


CHECKED: list[tuple[Any, str]] = [
    (Stop(""), "a stop rule is an AimQL"),
    (Stop("run.loss > 5", after=-1), "must be a step of at least 0"),
    (Stop("run.loss > 5", after=True), "must be a step of at least 0"),
    (Stop("lr > 5", after=10), "after=10 needs a metric"),
    (Stop("run.loss >"), "Expected a value"),
    (Stop("__import__('os').system('true')"), "function"),
    (Stop("run.loss > 5", metric=1), "the metric is 1"),  # type: ignore[arg-type]
    (Median(""), "needs a metric"),
    (Median("loss", "least"), "use min if"),  # type: ignore[arg-type]
    (Median("loss", at_least=0), "at_least is 0"),
    (Median("loss", after=1.5), "after is 1.5"),  # type: ignore[arg-type]
    (Halving("loss", min_steps=0), "min_steps is 0"),
    (Halving("loss", eta=1), "eta is 1"),
]


@pytest.mark.parametrize(("rule", "words"), CHECKED)
def test_an_invalid_rule_is_refused(rule: Any, words: str) -> None:
    with pytest.raises((LaunchError, QueryError), match=words):
        check(rule)


def test_records_bring_rules_back() -> None:
    every = Rules(
        (Stop("run.loss is nan"), Stop("run.loss > 1", 3, "acc")), Median("a", "max", 1, 2), Halving("b", eta=4)
    )
    assert of_record(to_record(every)) == every
    assert of_record(to_record(Rules())) == Rules()
    named_before = {"median": {"metric": "a", "mode": "max"}, "halving": {"metric": "b", "mode": "max", "eta": 4}}
    assert of_record(named_before) == Rules(median=Median("a", "max"), halving=Halving("b", "max", eta=4))
    odd = {"stop": [1, {"query": "run.x >"}, {"query": "run.x > 1", "what": 1}], "median": {"metric": 1}, "halving": 3}
    assert [of_record(recorded) for recorded in (None, 1, [], odd)] == [Rules()] * 4


@pytest.mark.parametrize(
    ("rule", "metric"),
    [
        (Stop("run.loss.val.last > 5"), "loss.val"),
        (Stop("isnan(run['train/loss'])"), "train/loss"),
        (Stop("lr > 1 and run.a.min > run.b"), "a"),
        (Stop("run.a > 1", metric="b"), "b"),
        (Stop("lr > 1"), None),
    ],
)
def test_the_steps_of_the_first_metric_count(rule: Stop, metric: str | None) -> None:
    assert metric_of(rule) == metric


# On a synthetic landscape: the loss is lowest at a learning rate of 1e-2; curves fall towards it, with noise.

EPOCHS = 81


def planted(lr: float, epoch: int, chance: random.Random) -> float:
    floor = 0.1 + 0.3 * abs(math.log10(lr) + 2)
    return floor + 2 * math.exp(-epoch / 12) + chance.gauss(0, 0.01)


def simulate(lrs: Sequence[float], rule: Median | Halving | None, slots: int = 4) -> tuple[int, int]:
    """Trials in some slots, one epoch per second, the rule asked after every epoch. Returns the epochs spent, and the
    best trial that ran to the end."""
    chance = random.Random(11)
    points: dict[int, list[tuple[int, float, float]]] = {}
    finished: dict[int, float] = {}
    waiting = list(enumerate(lrs))[::-1]
    clock: list[tuple[float, int]] = [(0.01 * slot, -1 - slot) for slot in range(slots)]
    heapq.heapify(clock)
    spent = 0
    while clock:
        now, trial = heapq.heappop(clock)
        if trial < 0:
            if waiting:
                number, _ = waiting.pop()
                points[number] = []
                heapq.heappush(clock, (now + 1, number))
            continue
        epoch = len(points[trial]) + 1
        points[trial].append((epoch, planted(lrs[trial], epoch, chance), now))
        spent += 1
        if epoch == EPOCHS:
            finished[trial] = points[trial][-1][1]
        curves = {number: curve(*zip(*pairs, strict=True)) for number, pairs in points.items() if pairs}
        others = [other for number, other in curves.items() if number != trial]
        stopped = (isinstance(rule, Halving) and halving_verdict(rule, curves[trial], others)) or (
            isinstance(rule, Median) and median_verdict(rule, curves[trial], [curves[number] for number in finished])
        )
        heapq.heappush(clock, (now, -1) if stopped or epoch == EPOCHS else (now + 1, trial))
    return spent, min(finished, key=finished.__getitem__)


def landscape() -> list[float]:
    chance = random.Random(5)
    return [10 ** chance.uniform(-5, 1) for _ in range(27)]


def test_successive_halving_saves_half_of_the_compute_at_the_same_best() -> None:
    lrs = landscape()
    best = min(range(len(lrs)), key=lambda number: abs(math.log10(lrs[number]) + 2))
    full, winner = simulate(lrs, None)
    assert (full, winner) == (27 * EPOCHS, best)
    spent, winner = simulate(lrs, Halving("loss", min_steps=3, eta=3))
    assert winner == best
    assert spent <= full / 2, f"{spent} of {full}"


def test_the_median_rule_saves_compute_at_the_same_best() -> None:
    lrs = landscape()
    full, best = simulate(lrs, None)
    spent, winner = simulate(lrs, Median("loss"))
    assert winner == best
    assert spent <= 0.9 * full, f"{spent} of {full}"


# On real runs.


@pytest.fixture
def root(tmp_path: Path) -> Path:
    layout.create(tmp_path / ".aim")
    return tmp_path


def a_queue(root: Path, given: Rules, count: int = 4) -> Queue:
    template = Template(argv=("python", "{seed}"), name="t")
    return Records(root / ".aim").create(template, [{"seed": n} for n in range(count)], rules=given, slots=1)


def record(root: Path, queue: Queue, number: int, values: Sequence[float], **context: Any) -> aim.Run:
    """A run that stays open: it is running as long as this process is."""
    run = aim.Run(f"{queue.id}-{number}", repo=root)
    for step, value in enumerate(values):
        run.track(value, name="loss", step=step, context=context)
    return run


def asked(root: Path, queue: Queue, curves: Curves | None = None) -> list[tuple[int, str]]:
    repo = Repo(root)
    stopped = verdicts(repo, queue, queues.states(queue, queues.seen(repo, [queue])), curves)
    assert all(isinstance(trial, Trial) for trial, _ in stopped)
    return [(trial.number, why) for trial, why in stopped]


def test_stop_rules_check_only_running_trials(root: Path) -> None:
    given = Rules(stop=(Stop("run.loss.last > 5", after=2), Stop("run.loss.val is nan")))
    queue = a_queue(root, given, 5)
    runs = [
        record(root, queue, 1, [9, 9, 9]),
        record(root, queue, 2, [9, 9]),
        record(root, queue, 3, [9, 9, 1]),
        record(root, queue, 4, [1, NAN], subset="val"),
    ]
    record(root, queue, 5, [9, 9, 9]).close()
    other = aim.Run("other", repo=root)
    other.track(9.0, name="loss", step=9)
    assert asked(root, queue) == [
        (1, "stop rule: run.loss.last > 5 (at step 2)"),
        (4, "stop rule: run.loss.val is nan (at step 1)"),
    ]
    for run in [*runs, other]:
        run.close()
    assert asked(root, queue) == []


@pytest.mark.parametrize("metric", ["loss", "loss.val"])
def test_trials_are_compared_by_what_they_recorded(root: Path, metric: str) -> None:
    queue = a_queue(root, Rules(median=Median(metric), halving=Halving(metric, min_steps=4)), 6)
    for number in (1, 2, 3):
        record(root, queue, number, [number, number, number], subset="val").close()
    bad, good = record(root, queue, 4, [7, 7], subset="val"), record(root, queue, 5, [0.5, 0.5], subset="val")
    none = aim.Run(f"{queue.id}-6", repo=root)
    curves = Curves()
    for _ in range(2):
        ((number, why),) = asked(root, queue, curves)
        assert number == 4 and why.startswith(f"median rule: best {metric} 7 up to step 1, median of 3 ")
    for run in (bad, good, none):
        run.close()


def test_a_context_that_does_not_match_has_no_curve(root: Path) -> None:
    queue = a_queue(root, Rules(median=Median("loss.val", at_least=1), halving=Halving("nothing")))
    record(root, queue, 1, [1, 1], subset="val").close()
    with record(root, queue, 2, [7, 7], subset="train"), record(root, queue, 3, [7, 7], subset="val"):
        assert [number for number, _ in asked(root, queue)] == [3]


def test_archived_runs_and_odd_names_count(root: Path) -> None:
    queue = a_queue(root, Rules(median=Median('it\'s/"loss".x', at_least=1)))
    for number, value in ((1, 1.0), (2, 5.0)):
        run = aim.Run(f"{queue.id}-{number}", repo=root)
        run.track(value, name='it\'s/"loss".x', step=1)
        if number == 1:
            run.close()
            Repo(root).runs.archive(Repo(root).run(run.hash).id)
    assert [number for number, _ in asked(root, queue)] == [2]
    run.close()


def test_ended_trials_are_read_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = a_queue(root, Rules(halving=Halving("loss")))
    record(root, queue, 1, [1, 1]).close()
    read: list[list[str]] = []
    real = module._curves

    def counted(repo: Repo, metric: str, runs: Sequence[str]) -> Any:
        read.append(list(runs))
        return real(repo, metric, runs)

    monkeypatch.setattr(module, "_curves", counted)
    curves = Curves()
    with record(root, queue, 2, [7, 7]):
        first, again = asked(root, queue, curves), asked(root, queue, curves)
        assert first == again and [number for number, _ in first] == [2]
    running = Repo(root).run(queue.trial(2).run).id
    assert [len(runs) for runs in read] == [2, 1] and read[1] == [running]
