"""Points: what values, names, steps, epochs and contexts may be, and what is refused by name."""

from __future__ import annotations

import decimal
import fractions
import math
import os
import sys
import threading
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aim
from aim.log import objects, record
from aim.log.reader import Log
from aim.sdk import recording
from tests.sdk.hostile import Hostile
from tests.sdk.recorded import key, only
from tests.sdk.tensors import Tensor


class Quantity:
    def __float__(self) -> float:
        return 2.5


KEPT: list[tuple[Any, Any]] = [
    (0.5, 0.5),
    (3, 3),
    (True, True),
    (math.inf, math.inf),
    (-math.inf, -math.inf),
    (-0.0, -0.0),
    (5e-324, 5e-324),
    ((1 << 63) - 1, (1 << 63) - 1),
    (-(1 << 63), -(1 << 63)),
    (1 << 64, float(1 << 64)),
    (np.float64(0.1), 0.1),
    (np.float32(0.5), 0.5),
    (np.float16(0.5), 0.5),
    (np.int8(-3), -3),
    (np.uint64((1 << 64) - 1), float((1 << 64) - 1)),
    (np.bool_(True), True),
    (np.array(0.25), 0.25),
    (np.array([[7]]), 7),
    (Tensor(1.5), 1.5),
    (Tensor(4), 4),
    (decimal.Decimal("0.125"), 0.125),
    (fractions.Fraction(1, 4), 0.25),
    (Quantity(), 2.5),
]


@pytest.mark.parametrize(("value", "kept"), KEPT, ids=lambda value: f"{type(value).__name__}-{str(value)[:12]}")
def test_a_number_of_any_library_is_kept_with_its_type(here: Path, value: Any, kept: Any) -> None:
    run = aim.Run()
    run.track(value, "m")
    run.track(value, "m")
    run.close()
    values = only(here).values("m")
    assert [(type(entry), repr(entry)) for entry in values] == [(type(kept), repr(kept))] * 2
    assert run.lost == 0


def test_nan_is_kept(here: Path) -> None:
    run = aim.Run()
    for nan in (math.nan, np.float32("nan"), Tensor(math.nan), -math.nan):
        run.track(nan, "m")
    run.close()
    assert [math.isnan(value) for value in only(here).values("m")] == [True] * 4


REFUSED: list[tuple[Any, str]] = [
    ("0.5", "'0.5' is text, not a number"),
    (b"1", "b'1' is text, not a number"),
    (None, "NoneType None is not a number"),
    ([1.0], "list"),
    (1 + 2j, "complex"),
    (np.complex64(1), "complex"),
    (np.array([1.0, 2.0]), "ndarray of shape (2,) is not a number; reduce it to one, such as by its mean"),
    (Tensor(1.0, 2.0), "Tensor Tensor(1.0, 2.0) is not a number; reduce it to one"),
    (10**400, "too large"),
    (object(), "object"),
]


@pytest.mark.parametrize(("value", "says"), REFUSED, ids=lambda value: str(value)[:20])
def test_an_invalid_number_is_refused_by_name_once_and_training_continues(
    here: Path, capfd: pytest.CaptureFixture[str], value: Any, says: str
) -> None:
    run = aim.Run()
    for _ in range(3):
        run.track(value, "accuracy")
    run.track(1.0, "accuracy")
    run.close()
    told = [line for line in capfd.readouterr().err.splitlines() if "track(accuracy) recorded" in line]
    assert len(told) == 1 and says in told[0]
    assert only(here).values("accuracy") == [1.0]
    assert run.lost == 3
    assert (only(here).end or {})["dropped"] == 3, "and it is counted where the UI can show it"


NAMES = ["loss", "train/loss", "1x", "a b", "f'(x)", "损失", "🌱", "a.b[0]", "\n", " ", "file\udc80", "x" * 5000]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_any_name_is_kept(here: Path, name: str) -> None:
    run = aim.Run()
    run.track(1.0, name=name)
    run.close()
    assert list(only(here).points) == [key(name)]


@pytest.mark.parametrize("name", [None, "", 5, b"loss"])
def test_a_missing_name_is_refused(here: Path, capfd: pytest.CaptureFixture[str], name: Any) -> None:
    run = aim.Run()
    run.track(1.0, name=name)
    run.close()
    assert "name must be non-empty text" in capfd.readouterr().err
    assert only(here).points == {}


# Steps


def test_steps_count_from_0_in_each_series(here: Path) -> None:
    run = aim.Run()
    for _ in range(3):
        run.track(1.0, "loss")
        run.track(1, "count")
    run.track(1.0, "loss", context={"subset": "val"})
    run.close()
    file = only(here)
    assert file.steps("loss") == file.steps("count") == [0, 1, 2]
    assert file.steps("loss", subset="val") == [0]


def test_an_explicit_step_moves_the_counter(here: Path) -> None:
    run = aim.Run()
    for step in (None, 10, None, 5, None, -3, None, 11, None):
        run.track(1.0, "loss", step=step)
        run.track(1, "count", step=step)
    run.close()
    assert only(here).steps("loss") == [0, 10, 11, 5, 12, -3, 13, 11, 14]
    assert only(here).steps("count") == [0, 10, 11, 5, 12, -3, 13, 11, 14]


def test_equal_steps_are_all_kept_in_their_order(here: Path) -> None:
    run = aim.Run()
    for value in (3.0, 1.0, 2.0):
        run.track(value, "loss", step=7)
    run.close()
    assert only(here).values("loss") == [3.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("step", "kept"),
    [(np.int64(5), 5), (np.uint8(5), 5), (5.0, 5), (np.float32(5), 5), (Tensor(5), 5), (True, 1), (-(1 << 63),) * 2],
    ids=str,
)
def test_a_whole_step_of_any_type_is_kept(here: Path, step: Any, kept: int) -> None:
    run = aim.Run()
    run.track(1.0, "loss", step=step)
    run.close()
    assert only(here).steps("loss") == [kept]


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (0.5, "step 0.5 is not an integer"),
        ("5", "step '5' is not an integer"),
        (math.nan, "step nan is not an integer"),
        (math.inf, "step inf is not an integer"),
        (1 << 63, "9223372036854775808 does not fit in 64 bits"),
        ([1], "step [1] is not an integer"),
    ],
    ids=str,
)
def test_a_step_that_is_not_an_integer_is_refused_by_name(
    here: Path, capfd: pytest.CaptureFixture[str], step: Any, says: str
) -> None:
    run = aim.Run()
    for value in (1.0, 2):
        run.track(value, "loss", step=step)
        run.track(value, "loss")
    run.close()
    assert says in capfd.readouterr().err
    assert only(here).steps("loss") == [0, 1], "and the counter is where it was"


def test_a_refused_step_of_a_known_series_does_not_spoil_its_counter(here: Path) -> None:
    run = aim.Run()
    run.track(1.0, "loss")
    run.track(1.0, "loss", step=1 << 70)
    run.track(1.0, "loss")
    run.close()
    assert only(here).steps("loss") == [0, 1]


def test_a_step_beyond_64_bits_costs_that_point_and_says_so(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run, last = aim.Run(), (1 << 63) - 1
    for name in ("loss", "acc"):
        run.track(0.5, name)
    run.track(0.5, "loss", step=last)
    run.track(0.5, "loss")
    run.track({"loss": 0.5, "acc": 0.5})
    run.track({"loss": 0.5, "acc": 0.5}, step=last + 1)
    run.track(0.5, "acc", step=last + 1)
    run.close()
    told = capfd.readouterr().err
    assert "track(loss) recorded nothing: its step does not fit in 64 bits" in told
    assert "argument out of range" not in told and run.lost == 5
    assert (only(here).steps("loss"), only(here).steps("acc")) == ([0, last], [0, 1])


def in_threads(work: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_eight_threads_count_one_series_without_a_gap_or_a_double(here: Path) -> None:
    run = aim.Run()

    def work(number: int) -> None:
        for step in range(10_000):
            run.track(0.5, "shared") if step % 2 else run.track({"shared": 0.5})
            if step % 10 == 0:
                run.track(step, f"own_{number}", step=step)
                run.track(0.5, "by", context={"thread": number, "ten": step % 100})

    in_threads(work, 8)
    run.close()
    file = only(here)
    assert sorted(file.steps("shared")) == list(range(80_000))
    for number in range(8):
        assert file.steps(f"own_{number}") == list(range(0, 10_000, 10))
        assert [len(file.steps("by", thread=number, ten=ten)) for ten in range(0, 100, 10)] == [100] * 10
    assert run.lost == 0


def test_each_step_that_threads_count_together_is_given_once(here: Path) -> None:
    """Threads take turns at every call of a function, where Python lets them."""
    values: list[tuple[str, Callable[[int], Any]]] = [
        ("int", int), ("bool", bool), ("float", float), ("text", lambda step: aim.Text(str(step))),
        ("in/", lambda step: {"a": step, "b": True, "c": 0.5, "d": {"e": True}}),
    ]  # fmt: skip
    run, points = aim.Run(), 20

    def work(number: int) -> None:
        name, value = values[number % len(values)]
        for step in range(points):
            run.track(value(step), name)

    code = recording.__file__
    threading.setprofile(lambda frame, *_: time.sleep(1e-5) if frame.f_code.co_filename == code else None)
    try:
        in_threads(work, 4 * len(values))
    finally:
        threading.setprofile(None)
    run.close()
    file = only(here)
    for name in ("int", "bool", "float", "in/a", "in/b", "in/c", "in/d/e"):
        assert sorted(file.steps(name)) == list(range(4 * points)), name
    texts = [objects.decode(entry.payload).step for entry in Log(file.path).records() if entry.kind == record.OBJECT]
    assert sorted(texts) == list(range(4 * points)) and run.lost == 0


@pytest.mark.parametrize("module", ["numpy", "numpy.ma", "aim.media.media", "dataclasses", "argparse"])
def test_a_module_that_another_thread_begins_to_import_costs_nothing(
    here: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, types.ModuleType(module))
    run = aim.Run()
    run.track(Quantity(), "loss", step=decimal.Decimal(3), context={"at": Path("a")})
    run.track([3], "list")
    run["config"] = {"path": Path("a"), "own": types.SimpleNamespace(lr=0.1)}
    run.close()
    file = only(here)
    assert file.steps("loss", at="a") == [3] and file.params == {"config": {"path": "a", "own": {"lr": 0.1}}}
    assert run.lost == 1, "a list of numbers is refused"


def test_many_threads_that_begin_series_at_once_get_one_number_each(here: Path) -> None:
    run, ready = aim.Run(), threading.Barrier(8)

    def work(number: int) -> None:
        ready.wait()
        for metric in range(200):
            run.track(float(number), f"m{metric}")
            run.track(float(number), f"m{metric}_{number}")

    in_threads(work, 8)
    run.close()
    file = only(here)
    assert len(file.points) == 200 * 9
    for metric in range(200):
        assert sorted(file.values(f"m{metric}")) == [float(number) for number in range(8)]
        assert sorted(file.steps(f"m{metric}")) == list(range(8))
        assert all(file.values(f"m{metric}_{number}") == [float(number)] for number in range(8))


# Epochs


@pytest.mark.parametrize(
    ("epoch", "kept"),
    [(None, None), (0, 0.0), (3, 3.0), (0.5, 0.5), (np.float32(2), 2.0), (Tensor(7), 7.0), (True, 1.0)],
)
def test_an_epoch_is_kept_or_none(here: Path, epoch: Any, kept: float | None) -> None:
    run = aim.Run()
    for value in (0.5, 0.5, 1):
        run.track(value, "loss", epoch=epoch)
    run.close()
    assert [point.epoch for point in only(here).points[key("loss")]] == [kept] * 3


def test_an_epoch_that_is_not_a_number_is_refused_by_name(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = aim.Run()
    run.track(0.5, "loss")
    run.track(0.5, "loss", epoch="first")  # type: ignore[arg-type]
    run.close()
    assert "epoch 'first' is not a number" in capfd.readouterr().err
    assert only(here).values("loss") == [0.5]


def test_points_with_and_without_epoch_are_one_series(here: Path) -> None:
    run = aim.Run()
    for epoch in (None, 1, None, 2.0):
        run.track(0.5, "loss", epoch=epoch)
    run.close()
    assert [(point.step, point.epoch) for point in only(here).points[key("loss")]] == [
        (0, None), (1, 1.0), (2, None), (3, 2.0),
    ]  # fmt: skip


# Many metrics in one call


def test_a_dict_of_metrics_counts_each_series_on_its_own(here: Path) -> None:
    run = aim.Run()
    run.track(9.0, "loss")
    run.track({"loss": 0.5, "accuracy": 1, "done": True})
    run.track({"loss": 0.25, "lr": np.float32(0.5)}, step=10, epoch=2, context={"subset": "train"})
    run.track({"loss": 0.125})
    run.close()
    file = only(here)
    assert (file.steps("loss"), file.values("loss")) == ([0, 1, 2], [9.0, 0.5, 0.125])
    assert (file.steps("accuracy"), file.values("done")) == ([0], [True])
    assert file.steps("loss", subset="train") == file.steps("lr", subset="train") == [10]


def test_a_dict_of_known_metrics_is_one_write(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = aim.Run()
    metrics = {f"m{number}": number / 2 for number in range(100)}
    run.track(metrics, context={"subset": "val"})
    writes: list[int] = []
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: (writes.append(len(data)), real(fd, data))[1])
    run.track(metrics, context={"subset": "val"}, epoch=1)
    run.track(metrics, step=50, context={"subset": "val"})
    assert writes == [100 * record.POINT_SIZE] * 2
    run.track(metrics, context={"subset": "val"})
    run.close()
    assert all(only(here).steps(name, subset="val") == [0, 1, 50, 51] for name in metrics)


def test_a_dict_in_a_dict_joins_the_names(here: Path) -> None:
    run = aim.Run()
    for _ in range(2):
        run.track({"train": {"loss": 0.5, "top": {"k": 1}}, "lr": 0.1})
    run.close()
    assert {name: len(points) for (name, _), points in only(here).points.items()} == {
        "train/loss": 2, "train/top/k": 2, "lr": 2,
    }  # fmt: skip


def test_one_bad_value_in_a_dict_costs_that_value(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = aim.Run()
    run.track({"a": 1.0, "b": "x", "c": 2.0})
    run.close()
    assert "track(b) recorded nothing" in capfd.readouterr().err
    assert [name for name, _ in only(here).points] == ["a", "c"]


# Trouble


def test_metrics_whose_keys_have_one_text_are_all_kept(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = aim.Run()
    for _ in range(2):
        run.track({1: 0.5, "1": 0.25, None: 1.0}, "top/")
    run.close()
    assert {name: only(here).values(name) for name, _ in only(here).points} == {
        "top/1 (int)": [0.5, 0.5], "top/1": [0.25, 0.25], "top/None": [1.0, 1.0],
    }  # fmt: skip
    assert capfd.readouterr().err.count("metric '1' is the text of keys of several types") == 1


def test_an_entry_that_cannot_be_read_costs_that_entry(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    class Lazy(dict[str, float]):
        def __getitem__(self, key: str) -> float:
            return 1 / float(key)

    run = aim.Run()
    run.track(Lazy.fromkeys(["1", "0", "2"], 0.0))
    run.close()
    assert [name for name, _ in only(here).points] == ["1", "2"]
    assert "track(0) recorded nothing: float division by zero" in capfd.readouterr().err


def test_a_masked_element_is_recorded_as_nan(here: Path) -> None:
    run = aim.Run()
    for value in (np.ma.masked, np.ma.array([1.0, 2.0], mask=True).mean(), np.ma.array([5.0], mask=[True])):
        run.track(value, "loss")
    run.track(np.ma.array([1.0, 3.0], mask=[False, True]).mean(), "loss")
    run.track(1.0, "step", step=np.ma.masked)
    run.close()
    values = only(here).values("loss")
    assert [math.isnan(value) for value in values] == [True, True, True, False] and values[3] == 1.0
    assert only(here).values("step") == [], "a masked step is no step"


def test_the_close_counts_what_was_reported_once(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with aim.Run("counted") as run:
        for step in range(40):
            run.track("high", "loss")
            run.track(0.5, "acc", step=0.5 if step % 2 else None)  # type: ignore[arg-type]
            run.track({"a": {"b": object()}, "c": 1})
            run.set_params({"ok": 1}) if step % 10 else run.set_params(3)
    told = capfd.readouterr().err.splitlines()
    assert len(told) == 6 and run.lost == 104
    assert told[-1] == (
        "aim: run 'counted' is closed; 104 calls or points were not recorded (track(loss):TypeError 40, "
        "track(a/b):TypeError 40, track(acc):TypeError 20)"
    )


def test_trouble_of_many_kinds_does_not_flood_the_terminal(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = aim.Run()
    for number in range(1000):
        run.track("x", f"metric_{number}")
    run.close()
    told = capfd.readouterr().err.splitlines()
    assert len(told) < 30
    assert run.lost == 1000 and any("1,000 calls or points" in line for line in told)
    assert len(run._recording.trouble.counts) < 30, "and memory does not grow"


HOSTILE: list[Callable[[aim.Run], None]] = [
    lambda run: run.track(Hostile(), "loss"),
    lambda run: run.track(1.0, Hostile()),  # type: ignore[arg-type]
    lambda run: run.track(1.0, "loss", step=Hostile()),  # type: ignore[arg-type]
    lambda run: run.track(1.0, "loss", epoch=Hostile()),  # type: ignore[arg-type]
    lambda run: run.track(1.0, "loss", context={"a": Hostile()}),
    lambda run: run.track(1.0, "loss", context=Hostile()),  # type: ignore[arg-type]
    lambda run: run.track({Hostile(): 1.0}),
    lambda run: run.set_params({"a": Hostile()}),
    lambda run: run.set_params(Hostile()),
    lambda run: run.set_params({"a": 1}, name=Hostile()),  # type: ignore[arg-type]
    lambda run: run.__setitem__(Hostile(), 1),  # type: ignore[arg-type]
    lambda run: run.add_tag(Hostile()),  # type: ignore[arg-type]
    lambda run: run.remove_tag(Hostile()),  # type: ignore[arg-type]
    lambda run: setattr(run, "name", Hostile()),
    lambda run: setattr(run, "archived", Hostile()),
    lambda run: run.close(error=Hostile()),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("call", HOSTILE, ids=range(len(HOSTILE)))
def test_no_argument_makes_a_call_raise(here: Path, call: Callable[[aim.Run], None]) -> None:
    run = aim.Run()
    call(run)
    run.close()
    assert only(here).end is not None


GIVEN: list[tuple[Any, str]] = [
    (0.5, "loss"),
    (3, "count"),
    (aim.Text("hello"), "said"),
    ({"a": 0.5, "inner": {"b": 1}}, "many/"),
]


@pytest.mark.parametrize("moment", [0, 1_700_000_000, 1_700_000_000.5, np.float64(1_700_000_000.25)])
def test_points_have_the_time_that_is_given(tmp_path: Path, moment: Any) -> None:
    with aim.Run("timed", repo=tmp_path) as run:
        for _ in range(2):
            for value, name in GIVEN:
                run.track(value, name, time=moment)
    (known,) = aim.select_runs(None, tmp_path)
    times = {name: known.metrics[name].traces[0].times.tolist() for name in ("loss", "count", "many/a", "many/inner/b")}
    assert times == dict.fromkeys(times, [float(moment)] * 2)
    assert [item.time for series in known.objects() for item in series] == [float(moment)] * 2


@pytest.mark.parametrize("moment", [-1, 1_700_000_000_000, math.nan, "now", True])
def test_a_time_that_is_none_is_refused_by_name(
    tmp_path: Path, moment: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with aim.Run("timed", repo=tmp_path) as run:
        run.track(0.5, "loss", time=moment)
    assert "must be a time in seconds from 1970 to 9999" in capsys.readouterr().err
    assert aim.select_metrics("loss", tmp_path) == []
