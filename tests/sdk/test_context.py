"""Contexts of points: which are the same, what they may hold, and what many of them cost."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aim
from aim.log import record
from aim.log.reader import Log
from aim.sdk import recording, series
from tests.log.logs import log_files
from tests.sdk.hostile import Hostile
from tests.sdk.recorded import key, only
from tests.sdk.tensors import Tensor


def test_the_order_of_a_context_does_not_matter(here: Path) -> None:
    run = aim.Run()
    for _ in range(2):
        run.track(1.0, "loss", context={"a": 1, "b": "x"})
        run.track(1.0, "loss", context={"b": "x", "a": 1})
    run.close()
    assert only(here).steps("loss", a=1, b="x") == [0, 1, 2, 3]


def test_1_and_1_0_and_true_are_different_contexts(here: Path) -> None:
    run = aim.Run()
    for _ in range(2):
        for value in (1, 1.0, True, "1", [1], [True], 0.0, -0.0):
            run.track(1.0, "loss", context={"a": value})
    run.close()
    assert [len(points) for points in only(here).points.values()] == [2] * 8


class Shortened:
    """A tensor whose repr is cut, as that of torch is, and of numpy under `set_printoptions`."""

    def __init__(self, value: float) -> None:
        self.value = value

    def item(self) -> float:
        return self.value

    def __repr__(self) -> str:
        return f"tensor({self.value:.4f})"


class AnyCase(str):
    """Equal in any case, as keys of headers are."""

    def __hash__(self) -> int:
        return hash(self.lower())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.lower() == other.lower()


DIFFERENT: list[tuple[Any, Any]] = [
    (Shortened(0.10001), Shortened(0.10002)),
    (np.array(0.10001), np.array(0.10002)),
    (np.float32(0.10001), np.float32(0.10002)),
    (np.arange(5000), np.append(np.arange(4999), 0)),
    ({"lr": Shortened(0.10001)}, {"lr": Shortened(0.10002)}),
    ([Shortened(0.10001)], [Shortened(0.10002)]),
    (AnyCase("loss"), AnyCase("LOSS")),
]


@pytest.mark.parametrize("as_value", [True, False], ids=["in a call", "in a dict"])
@pytest.mark.parametrize("values", DIFFERENT, ids=range(len(DIFFERENT)))
def test_different_context_values_are_different_series(here: Path, values: tuple[Any, Any], as_value: bool) -> None:
    run = aim.Run()
    with np.printoptions(precision=3):
        for _ in range(2):
            for number, value in enumerate(values):
                if as_value:
                    run.track(float(number), "loss", context={"a": value})
                else:
                    run.track({"loss": float(number)}, context={"a": value})
    run.close()
    assert [[point.value for point in points] for points in only(here).points.values()] == [[0.0, 0.0], [1.0, 1.0]]


def test_a_context_value_that_changes_in_place_begins_another_series(here: Path) -> None:
    run, lr = aim.Run(), Shortened(0.5)
    for value in (0.5, 0.25, 0.5):
        lr.value = value
        run.track(value, "loss", context={"lr": lr})
    run.close()
    assert only(here).values("loss", lr=0.5) == [0.5, 0.5] and only(here).values("loss", lr=0.25) == [0.25]


def test_a_name_with_its_own_equality_is_its_own_series(here: Path) -> None:
    run = aim.Run()
    for name in ("loss", AnyCase("LOSS"), "loss", AnyCase("LOSS")):
        run.track(1.0, name)
        run.track({name: 1.0})
    run.close()
    assert only(here).steps("loss") == only(here).steps("LOSS") == [0, 1, 2, 3]


def test_a_name_is_not_taken_for_another_one_in_a_context(here: Path) -> None:
    run = aim.Run()
    for name in ("loss", 'loss\0{"a":1}', '\0{"a":1}\0loss', "\0text\0loss"):
        run.track(1, name)
        run.track(1, name, context={"a": 1})
    run.close()
    assert len(only(here).points) == 8


@pytest.mark.parametrize("context", [{"subset": "val"}, {"rank": 3, "lr": 0.1}, {"layers": [1, 2]}, {"layers": (1,)}])
def test_a_known_series_is_found_without_making_its_context_plain_again(
    here: Path, monkeypatch: pytest.MonkeyPatch, context: dict[str, Any]
) -> None:
    run = aim.Run()
    run.track(1.0, "loss", context=context)
    monkeypatch.setattr("aim.sdk.recording.canonical", None)
    run.track(1.0, "loss", context=dict(context))
    run.track({"loss": 1.0}, context=dict(context))
    run.close()
    assert (
        run.lost == 0
        and len(only(here).points[key("loss", **{k: list(v) if k == "layers" else v for k, v in context.items()})]) == 3
    )


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("train", "train"), (3, 3), (0.5, 0.5), (None, None), (False, False), ((1, "a"), [1, "a"]),
        ([1, [2]], [1, [2]]),
        (np.int64(3), 3), (np.float32(0.5), 0.5), (np.bool_(True), True), (np.str_("x"), "x"), (Tensor(2), 2),
        (np.array([1, 2]), [1, 2]), (np.array([5]), 5), (np.ma.masked, None), (Path("a/b"), "a/b"), (b"raw", "raw"),
        ({"b": 1}, '{"b":1}'), (10**700, hex(10**700)),
    ],
    ids=range(19),
)  # fmt: skip
def test_context_values_are_kept_with_their_type(here: Path, value: Any, kept: Any) -> None:
    run = aim.Run()
    run.track(1.0, "loss", context={"key": value})
    run.track(1.0, "loss", context={"key": value})
    run.close()
    assert only(here).steps("loss", key=kept) == [0, 1]


def test_another_object_in_a_context_is_kept_as_text_and_reported_once(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run = aim.Run()
    for _ in range(3):
        run.track(1.0, "loss", context={"lr": 1 + 2j})
    run.close()
    assert only(here).steps("loss", lr="(1+2j)") == [0, 1, 2]
    assert capfd.readouterr().err.count("context 'lr' is a complex and is kept as text") == 1


@pytest.mark.parametrize("context", [[1], "val", 3, np.array([1, 2]), {1}], ids=range(5))
def test_a_context_that_is_not_a_dict_is_refused_by_its_value(
    here: Path, capfd: pytest.CaptureFixture[str], context: Any
) -> None:
    run = aim.Run()
    run.track(1.0, "loss", context=context)
    run.track({"acc": 1.0}, context=context)
    run.track(1.0, "loss")
    run.close()
    assert "track(loss) recorded nothing: context must be a dict, not " in (told := capfd.readouterr().err)
    assert "write context={'subset': 'val'}" in told
    assert only(here).values("loss") == [1.0] and run.lost == 2


EXTRA: list[tuple[list[Any], dict[str, Any], str]] = [
    ([], {"subset": "train"}, "not subset=; write context={'subset': 'train'}"),
    ([], {"context": {"a": 1}, "fold": 3}, "not fold=; write context={'fold': 3}"),
    ([1, 2.0, {"subset": "train"}], {}, "not a fifth argument, {'subset': 'train'}; write context={'subset': 'val'}"),
]


def test_context_as_keywords_or_by_position_is_refused_with_what_to_write(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for place, (more, others, says) in enumerate(EXTRA):
        run = aim.Run(f"run {place}")
        run.track(1.0, "loss")
        for _ in range(2):
            run.track(2.0, "loss", *more, **others)
        run.track({"loss": 2.0}, None, *more, **others)
        run.track(3.0, "loss")
        run.close()
        assert (
            capfd.readouterr().err.count(
                f"track(loss) recorded nothing: it takes value, name, step, epoch and context=, {says}"
            )
            == 1
        )
        assert run.lost == 3
    for trace in (trace for run in aim.select_metrics("loss") for trace in run.metrics["loss"].traces):
        assert trace.values.tolist() == [1.0, 3.0]


def test_a_context_value_that_cannot_be_read_costs_that_value(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = aim.Run()
    for _ in range(2):
        run.track(1.0, "loss", context={"a": 1, "bad": Hostile(), "1": 2, 1: 3})
    run.close()
    assert only(here).values("loss", a=1, bad="Hostile", **{"1": 2, "1 (int)": 3}) == [1.0, 1.0]
    told = capfd.readouterr().err
    assert told.count("context 'bad' has no text (ZeroDivisionError: str)") == 1 and told.count("context '1'") == 1


def test_a_context_per_point_is_reported_once_with_its_key(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = aim.Run()
    for batch in range(2500):
        run.track(1.0, "loss", context={"subset": "train", "batch": batch})
        run.track(1.0, "loss", context={"subset": "val"})
        run.track(1.0, "accuracy")
    run.close()
    told = [line for line in capfd.readouterr().err.splitlines() if "contexts" in line]
    assert len(told) == 1
    assert "'loss' has 1,000 contexts" in told[0] and "'batch'" in told[0] and "step=" in told[0]
    assert "subset" not in told[0]
    assert len(only(here).points) == 2502


def test_series_that_memory_forgot_count_on_without_reading_the_log(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series, "SERIES_KEPT", 100)
    run = aim.Run()

    def no_reading(*args: object) -> None:
        raise AssertionError("a new run knows its steps without reading")

    monkeypatch.setattr(recording, "History", no_reading)
    for turn in range(3):
        for batch in range(350):
            run.track(1.0, "loss", context={"batch": batch})
            if turn == 1:
                run.track(1.0, "loss", context={"batch": batch}, step=40)
    assert len(run._recording.series) <= 100
    run.close()
    assert run.lost == 0
    points: dict[str, list[int]] = {}
    for entry in record_series(here):
        points.setdefault(entry[0], []).append(entry[1])
    assert set(map(tuple, points.values())) == {(0, 1, 40, 41)} and len(points) == 350


def record_series(here: Path) -> list[tuple[str, int]]:
    """(context, step) of every point, where one series may have several numbers."""

    (path,) = log_files(here / ".aim" / "runs")
    names: dict[int, str] = {}
    points_there = []
    for entry in Log(path).records():
        if entry.kind == record.SERIES:
            number, _, context = record.decode_series(entry.payload)
            names[number] = str(context)
        elif entry.kind == record.POINT:
            point = record.unpack_point(entry.payload)
            points_there.append((names[point.series], point.step))
    return points_there


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("count", [80_000, pytest.param(1_000_000, marks=pytest.mark.stress)])
def test_a_context_for_every_point_stays_small(here: Path, count: int) -> None:
    run = aim.Run()
    run.track(1.0, "loss", context={"batch": -1})
    before = resident()
    for batch in range(count):
        run.track(1.0, "loss", context={"batch": batch})
    grown = resident() - before
    run.close()
    assert run.lost == 0
    assert grown < (96 << 20) + 150 * count
