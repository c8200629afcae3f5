"""TensorBoard's writers hand over their events; here with a writer of the same shape in place of tensorboard."""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import aim.wandb as wandb
from tests.dropins import recorded

WRITER = "tensorboard.summary.writer.event_file_writer"


class Message(SimpleNamespace):
    """A message of protobuf: it has the fields that were set."""

    def HasField(self, name: str) -> bool:
        return name in vars(self)


def value(tag: str, plugin: str = "", **fields: Any) -> Message:
    about = SimpleNamespace(plugin_data=SimpleNamespace(plugin_name=plugin, content=b""))
    return Message(tag=tag, metadata=about, **fields)


def event(step: int, *values: Message, time: float = 0.0) -> Message:
    return Message(step=step, wall_time=time, summary=SimpleNamespace(value=values))


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The class EventFileWriter of a tensorboard that is not there."""
    parts = WRITER.split(".")
    for i in range(1, len(parts) + 1):
        monkeypatch.setitem(sys.modules, ".".join(parts[:i]), ModuleType(".".join(parts[:i])))

    class FileWriter:
        def __init__(self, folder: str) -> None:
            self.folder, self.written = folder, 0

        def get_logdir(self) -> str:
            return self.folder

        def add_event(self, event: Any) -> None:
            self.written += 1

    vars(sys.modules[WRITER])["EventFileWriter"] = FileWriter
    return FileWriter


def test_events_go_to_the_run_and_to_their_file(tmp_path: Path, writer: Any) -> None:
    run = wandb.init(sync_tensorboard=True)
    whole, part, timed = writer("logs"), writer("logs/loss_a"), writer("logs/1764.5")
    whole.add_event(event(100, value("loss", simple_value=0.5)))
    whole.add_event(event(200, value("loss", "scalars", tensor=SimpleNamespace(float_val=[0.25], double_val=[]))))
    whole.add_event(event(0, value("args", "text", tensor=SimpleNamespace(string_val=[b"lr: 0.1"]))))
    counted = SimpleNamespace(min=0.5, max=2.5, bucket=[0.0, 3.0, 2.0], bucket_limit=[0.0, 1.0, 3.0])
    whole.add_event(event(3, value("weights", histo=counted)))
    whole.add_event(event(4, value("odd", histo=SimpleNamespace(min=0, max=0, bucket=[1], bucket_limit=[]))))
    part.add_event(event(1, value("loss", simple_value=9.0)))
    timed.add_event(event(1, value("accuracy", simple_value=0.9)))
    whole.add_event(Message(step=5))
    run.finish()
    whole.add_event(event(300, value("loss", simple_value=0.1)))
    assert (whole.written, part.written) == (7, 1)
    read = recorded.only(tmp_path)
    loss = {trace.context.get("folder", ""): trace.values.tolist() for trace in read.metrics["loss"]}
    assert loss == {"": [0.5, 0.25], "loss_a": [9.0]}
    assert [trace.context for trace in read.metrics["accuracy"]] == [{}]
    assert {name: points[0][1].kind for name, points in recorded.media(tmp_path).items()} == {
        "args": "text",
        "weights": "distribution",
    }


def test_points_have_the_time_of_their_event(tmp_path: Path, writer: Any) -> None:
    run, begun = wandb.init(sync_tensorboard=True), time.time()
    whole = writer("logs")
    for step, at in enumerate((1_700_000_000.5, 0.0, 9e12, math.nan)):
        whole.add_event(event(step, value("loss", simple_value=0.5), time=at))
    run.finish()
    first, *others = recorded.only(tmp_path).metrics["loss"].traces[0].times.tolist()
    assert first == 1_700_000_000.5
    assert all(begun - 1 <= at <= time.time() for at in others)


def test_no_tensorboard_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("tensorboard", "tensorboardX"):
        monkeypatch.setitem(sys.modules, module, None)
    wandb.init(sync_tensorboard=True)
    assert "neither tensorboard nor tensorboardX" in capsys.readouterr().err
