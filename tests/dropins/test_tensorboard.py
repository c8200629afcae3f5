"""Calls of torch's SummaryWriter, and what aim.Repo then reads."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aim
from aim.tensorboard import SummaryWriter
from tests.dropins import recorded

CHANNELS_FIRST = np.zeros((3, 4, 5), np.uint8)

CALLS: list[tuple[str, Callable[[SummaryWriter], Any], list[str]]] = [
    ("image", lambda writer: writer.add_image("it", CHANNELS_FIRST, 2), ["image"]),
    ("HWC", lambda writer: writer.add_image("it", np.zeros((4, 5, 3)), 2, dataformats="HWC"), ["image"]),
    ("images", lambda writer: writer.add_images("it", np.zeros((2, 3, 4, 5)), 2), ["image", "image"]),
    ("boxes", lambda writer: writer.add_image_with_boxes("it", CHANNELS_FIRST, [[0, 0, 1, 1]], 2), ["image"]),
    ("histogram", lambda writer: writer.add_histogram("it", np.arange(9), 2), ["distribution"]),
    (
        "raw histogram",
        lambda writer: writer.add_histogram_raw("it", 0, 2, 3, 3, 5, [1, 2], [1, 2], 2),
        ["distribution"],
    ),
    ("tensor", lambda writer: writer.add_tensor("it", np.arange(9), 2), ["distribution"]),
    ("audio", lambda writer: writer.add_audio("it", np.zeros((1, 100), np.float32), 2, 8000), ["audio"]),
    ("video", lambda writer: writer.add_video("it", np.zeros((1, 2, 3, 4, 6)), 2), ["video"]),
    ("text", lambda writer: writer.add_text("it", "hello", 2), ["text"]),
    ("wrong shape", lambda writer: writer.add_image("it", np.zeros(3), 2), []),
    ("graph", lambda writer: writer.add_graph(object(), ()), []),
    (
        "mesh",
        lambda writer: writer.add_mesh("it", np.zeros((1, 3, 3)), np.zeros((1, 3, 3), "uint8"), None, None, 2),
        ["figure"],
    ),
    ("embedding", lambda writer: writer.add_embedding(np.eye(3), list("abc"), None, 2, "it"), ["figure"]),
    (
        "columns",
        lambda writer: writer.add_embedding(np.eye(2), [["a", 1], ["b", 2]], None, 2, "it", ["x", "y"]),
        ["figure"],
    ),
    ("pr curve", lambda writer: writer.add_pr_curve("it", np.array([0, 1]), np.array([0.1, 0.9]), 2), ["figure"]),
    (
        "raw pr curve",
        lambda writer: writer.add_pr_curve_raw(
            "it", [2, 1, 0], [2, 0, 0], [0, 2, 2], [0, 1, 2], [0.5, 1, 0], [1, 0.5, 0], 2
        ),
        ["figure"],
    ),
    ("one class", lambda writer: writer.add_pr_curve("it", [0, 0], [0.1, 0.9], 2), []),
]


@pytest.mark.parametrize(("call", "kinds"), [row[1:] for row in CALLS], ids=[row[0] for row in CALLS])
def test_media(tmp_path: Path, call: Callable[[SummaryWriter], Any], kinds: list[str]) -> None:
    with SummaryWriter("logs/first") as writer:
        call(writer)
        writer.add_scalar("loss", 0.5, 3)
    assert [(step, point.kind) for step, point in recorded.media(tmp_path).get("it", [])] == [
        (2, kind) for kind in kinds
    ]
    assert recorded.points(tmp_path) == {"loss": [(3, 0.5)]}


AT = 1_700_000_000.5
TIMED: dict[str, Callable[[SummaryWriter], Any]] = {
    "scalar": lambda writer: writer.add_scalar("it", 0.5, 2, AT),
    "scalars": lambda writer: writer.add_scalars("it", {"a": 0.5}, 2, AT),
    "number": lambda writer: writer.add_tensor("it", np.float32(1), 2, AT),
    "tensor": lambda writer: writer.add_tensor("it", np.arange(9), 2, AT),
    "histogram": lambda writer: writer.add_histogram("it", np.arange(9), 2, "tensorflow", AT),
    "raw histogram": lambda writer: writer.add_histogram_raw("it", 0, 2, 3, 3, 5, [1, 2], [1, 2], 2, AT),
    "image": lambda writer: writer.add_image("it", CHANNELS_FIRST, 2, AT),
    "images": lambda writer: writer.add_images("it", np.zeros((1, 3, 4, 5)), 2, AT),
    "boxes": lambda writer: writer.add_image_with_boxes("it", CHANNELS_FIRST, [[0, 0, 1, 1]], 2, AT),
    "figure": lambda writer: writer.add_figure("it", {"data": [], "layout": {}}, 2, False, AT),
    "audio": lambda writer: writer.add_audio("it", np.zeros((1, 100), np.float32), 2, 8000, AT),
    "video": lambda writer: writer.add_video("it", np.zeros((1, 2, 3, 4, 6)), 2, 4, AT),
    "text": lambda writer: writer.add_text("it", "hello", 2, AT),
    "pr curve": lambda writer: writer.add_pr_curve("it", [0, 1], [0.1, 0.9], 2, walltime=AT),
    "raw pr curve": lambda writer: writer.add_pr_curve_raw(
        "it", [2, 1, 0], [2, 0, 0], [0, 2, 2], [0, 1, 2], [0.5, 1, 0], [1, 0.5, 0], 2, 127, None, AT
    ),
    "mesh": lambda writer: writer.add_mesh("it", np.zeros((1, 3, 3)), global_step=2, walltime=AT),
}


@pytest.mark.parametrize("call", TIMED.values(), ids=TIMED)
def test_walltime_is_the_time_of_the_value(tmp_path: Path, call: Callable[[SummaryWriter], Any]) -> None:
    with SummaryWriter("logs/first") as writer:
        call(writer)
    times = [at for metric in recorded.only(tmp_path).metrics.values() for trace in metric for at in trace.times]
    times += [point.time for _, point in recorded.media(tmp_path).get("it", [])]
    assert times == [AT]


@pytest.mark.parametrize("walltime", [math.nan, -1.0, 1.7e12, "noon"])
def test_a_walltime_that_is_no_time_costs_no_value(
    tmp_path: Path, walltime: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    begun = time.time()
    with SummaryWriter("logs/first") as writer:
        writer.add_scalar("it", 0.5, 2, walltime)
    (at,) = recorded.only(tmp_path).metrics["it"].traces[0].times
    assert begun - 1 <= at <= time.time()
    assert "have the time of their call" in capfd.readouterr().err


def test_scalars_and_hparams(tmp_path: Path) -> None:
    writer = SummaryWriter("logs/first", experiment="digits")
    writer.add_scalar("loss", np.float32(0.5))
    writer.add_scalar("loss", 0.25, global_step=7)
    writer.add_scalars("both", {"a": 1, "b": 2}, 3)
    writer.add_hparams({"lr": 0.1, "optimizer": "sgd"}, {"accuracy": 0.9})
    writer.close()
    run = recorded.only(tmp_path)
    assert (run.experiment, run.name, run.hash, run.status) == ("digits", "logs/first", "logs/first", "finished")
    assert run.params == {"hparams": {"lr": 0.1, "optimizer": "sgd"}}
    assert run.metrics["loss"].traces[0].steps.tolist() == [0, 7]
    assert {trace.context["line"]: trace.last for trace in run.metrics["both"]} == {"a": 1.0, "b": 2.0}
    assert run.metrics["accuracy"].traces[0].last == 0.9


@pytest.mark.parametrize(
    ("purge_step", "points"), [(None, [0, 1, 2, 9]), (1, [0, 9]), (0, [9])], ids=["append", "purge", "purge all"]
)
def test_a_writer_of_the_same_folder_continues_the_run(
    tmp_path: Path, purge_step: int | None, points: list[int]
) -> None:
    with SummaryWriter("logs/first") as writer:
        for step in range(3):
            writer.add_scalar("loss", 1.0, step)
    with SummaryWriter("logs/first", purge_step=purge_step) as writer:
        writer.add_scalar("loss", 1.0, 9)
    assert [step for step, _ in recorded.points(tmp_path)["loss"]] == points


def test_a_given_run_stays_open_and_an_error_fails_the_writers_own(tmp_path: Path) -> None:
    with aim.Run("mine") as run, SummaryWriter(run=run) as writer:
        writer.add_scalar("loss", 0.5, 1)
        writer.close()
        assert not run.closed
    with pytest.raises(KeyError), SummaryWriter("logs/second"):
        raise KeyError
    status = {run.hash: run.status for run in aim.Repo(tmp_path).select_runs()}
    assert status == {"mine": "finished", "logs/second": "failed"}


def test_a_closed_writer_has_no_writer_of_files() -> None:
    with SummaryWriter("logs") as writer:
        assert writer.file_writer is not None and writer.file_writer.get_logdir() == "logs"
    assert writer.file_writer is None
