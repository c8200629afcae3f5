"""Calls of wandb, and what aim.Repo then reads. The steps are those that wandb 0.31 records."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import aim
import aim.wandb as wandb
from tests.dropins import recorded

Calls = Callable[[wandb.Run], object]


def each(run: wandb.Run, *calls: dict[str, Any]) -> None:
    for call in calls:
        run.log(**call)


LOGGED: list[tuple[str, Calls, recorded.Points, int]] = [
    ("counts", lambda run: each(run, {"data": {"a": 1}}, {"data": {"a": 2}}), {"a": [(0, 1), (1, 2)]}, 2),
    (
        "commit=False stays at the step",
        lambda run: each(run, {"data": {"a": 1}, "commit": False}, {"data": {"b": 2}}, {"data": {"a": 3}}),
        {"a": [(0, 1), (1, 3)], "b": [(0, 2)]},
        2,
    ),
    (
        "step= does not count",
        lambda run: each(run, {"data": {"a": 1}, "step": 5}, {"data": {"b": 2}, "step": 5}, {"data": {"c": 3}}),
        {"a": [(5, 1)], "b": [(5, 2)], "c": [(5, 3)]},
        6,
    ),
    (
        "step= with commit counts",
        lambda run: each(run, {"data": {"a": 1}, "step": 5, "commit": True}, {"data": {"a": 2}}),
        {"a": [(5, 1), (6, 2)]},
        7,
    ),
    (
        "a step before the counter is refused",
        lambda run: each(run, {"data": {"a": 1}, "step": 5}, {"data": {"a": 2}, "step": 4}),
        {"a": [(5, 1)]},
        5,
    ),
    ("log() only counts", lambda run: each(run, {}, {"data": None}, {"data": {"a": 1}}), {"a": [(2, 1)]}, 3),
    (
        "nested dicts",
        lambda run: run.log({"val": {"loss": 0.5, "top": {"1": 0.25}}}),
        {"val.loss": [(0, 0.5)], "val.top.1": [(0, 0.25)]},
        1,
    ),
    ("bool, None", lambda run: run.log({"a": True, "b": None}), {"a": [(0, 1)]}, 1),
    ("no dict", lambda run: run.log(5), {}, 0),
]


@pytest.mark.parametrize(("calls", "points", "step"), [row[1:] for row in LOGGED], ids=[row[0] for row in LOGGED])
def test_log(tmp_path: Path, calls: Calls, points: recorded.Points, step: int) -> None:
    run = wandb.init()
    calls(run)
    assert run.step == step
    run.finish()
    assert recorded.points(tmp_path) == points


def test_a_step_metric_is_the_step_and_one_with_a_fraction_the_epoch(tmp_path: Path) -> None:
    with wandb.init() as run:
        run.define_metric("global_step")
        run.define_metric("*", step_metric="global_step", step_sync=True)
        run.define_metric("val/*", step_metric="part")
        run.log({"loss": 1.0, "global_step": 100})
        run.log({"loss": 0.5})
        run.log({"val/loss": 2.0, "part": 1.5})
    assert recorded.points(tmp_path) == {
        "loss": [(100, 1.0), (100, 0.5)],
        "global_step": [(0, 100)],
        "val/loss": [(2, 2.0)],
        "part": [(100, 1.5)],
    }
    assert recorded.epochs(tmp_path, "val/loss") == [1.5]


def test_an_epoch_among_the_values_is_the_epoch_of_the_others(tmp_path: Path) -> None:
    with wandb.init() as run:
        run.log({"loss": 1.0, "epoch": 3})
    assert recorded.epochs(tmp_path, "loss") == [3.0]


@pytest.mark.parametrize(
    ("words", "direction"), [({"summary": "max"}, "max"), ({"summary": "best", "goal": "minimize"}, "min")]
)
def test_a_summary_says_which_values_are_better(tmp_path: Path, words: dict[str, Any], direction: str) -> None:
    with wandb.init() as run:
        run.define_metric("score", **words)
        run.log({"score": 1})
    assert aim.Repo(tmp_path).metrics.direction("score").direction == direction


CONFIGS: list[tuple[str, Any, dict[str, Any]]] = [
    ("dict", {"lr": 0.1, "opt": {"name": "sgd", "betas": [0.9, 0.99]}}, {"lr": 0.1, "opt": {"name": "sgd"}}),
    ("namespace", argparse.Namespace(lr=0.1), {"lr": 0.1}),
    ("object", SimpleNamespace(lr=0.1), {"lr": 0.1}),
    ("dashes in front", {"--lr": 0.1}, {"lr": 0.1}),
    ("a list", [1, 2], {}),
]


@pytest.mark.parametrize(("given", "kept"), [row[1:] for row in CONFIGS], ids=[row[0] for row in CONFIGS])
def test_config(tmp_path: Path, given: Any, kept: dict[str, Any]) -> None:
    with wandb.init(config=given):
        wandb.config.extra = 5
        wandb.config["more"] = {"deep": [1]}
        wandb.config.update({"extra": 6}, allow_val_change=True)
        wandb.config.setdefaults({"extra": 7, "other": 8})
        assert (wandb.config.extra, wandb.config["other"], wandb.config.get("none", 1)) == (6, 8, 1)
        assert "extra" in wandb.config and not hasattr(wandb.config, "none")
    read = recorded.params(tmp_path, "hparams")
    assert (read["extra"], read["more"], read["other"]) == (6, {"deep": [1]}, 8)
    assert {key: read[key] for key in kept if key != "opt"} == {key: kept[key] for key in kept if key != "opt"}
    assert read.get("opt", {}).get("name") == kept.get("opt", {}).get("name")


def test_what_a_run_is_called(tmp_path: Path) -> None:
    with wandb.init(
        project="digits", entity="team", name="first", notes="why", tags=["a", "b"], group="g", job_type="train"
    ) as run:
        run.tags += ("c",)
        run.name = "renamed"
        assert (run.project, run.entity, run.group, run.path) == ("digits", "team", "g", f"team/digits/{run.id}")
        assert run.url and run.offline and not run.disabled and isinstance(run, wandb.Run)
    read = recorded.only(tmp_path)
    assert (read.experiment, read.name, read.description) == ("digits", "renamed", "why")
    assert sorted(read.tags) == ["a", "b", "c"]
    assert read.params["wandb"] == {"entity": "team", "group": "g", "job_type": "train"}


def test_init_takes_values_of_other_types_as_text(tmp_path: Path) -> None:
    given: dict[str, Any] = {"project": 7, "id": 5, "name": 1.5, "notes": ["a"], "tags": 5, "dir": tmp_path}
    with wandb.init(**given) as run:
        run.log({"loss": 1.0})
        run.tags = ("b", 6)  # type: ignore[assignment]
        assert Path(run.dir).is_relative_to(tmp_path)
    read = recorded.only(tmp_path)
    assert (read.experiment, read.hash, read.name, read.description) == ("7", "5", "1.5", "['a']")
    assert sorted(read.tags) == ["6", "b"]


def test_the_environment_gives_what_init_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PROJECT": "other", "NAME": "named", "TAGS": "x, y", "RUN_ID": "mine", "NOTES": "n"}.items():
        monkeypatch.setenv(f"WANDB_{name}", value)
    wandb.init(project="digits", settings=wandb.Settings(run_name="by settings")).finish()
    read = recorded.only(tmp_path)
    assert (read.experiment, read.name, read.hash, read.description) == ("digits", "by settings", "mine", "n")
    assert sorted(read.tags) == ["x", "y"]


@pytest.mark.parametrize("mode", ["disabled", "WANDB_MODE", "WANDB_DISABLED"])
def test_a_disabled_run_records_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    if mode.startswith("WANDB"):
        monkeypatch.setenv(mode, "disabled" if mode == "WANDB_MODE" else "true")
    with wandb.init(mode="disabled" if mode == "disabled" else None, config={"lr": 1}, tags=["a"]) as run:
        run.log({"loss": 1.0})
        run.summary["best"] = 1
        assert run.disabled and run.config.lr == 1 and run.summary["loss"] == 1.0 and run.step == 1
        assert run.save("*.pt") == []
    assert not (tmp_path / ".aim").exists()


def test_a_run_is_resumed_behind_its_last_step(tmp_path: Path) -> None:
    for resume in (None, "allow", "must", True):
        with wandb.init(id="mine", resume=resume) as run:
            assert (run.resumed, run.step) == (resume is not None, 0 if resume is None else run.starting_step)
            run.log({"loss": 1.0})
    assert recorded.points(tmp_path) == {"loss": [(0, 1.0), (1, 1.0), (2, 1.0), (3, 1.0)]}


def test_the_same_id_again_hides_what_was_recorded_before(tmp_path: Path) -> None:
    for value in (1.0, 2.0):
        with wandb.init(id="mine") as run:
            run.log({"loss": value})
    assert recorded.points(tmp_path) == {"loss": [(0, 2.0)]}


@pytest.mark.parametrize(("resume", "runs"), [("must", 1), ("never", 2)])
def test_what_cannot_be_resumed_as_asked_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], resume: str, runs: int
) -> None:
    if resume == "never":
        wandb.init(id="mine").finish()
    wandb.init(id="mine", resume=resume).finish()
    assert len(aim.Repo(tmp_path).select_runs()) == runs
    assert f"resume='{resume}'" in capsys.readouterr().err


def test_a_rewind_keeps_the_steps_before(tmp_path: Path) -> None:
    with wandb.init(id="mine") as run:
        each(run, *({"data": {"loss": float(i)}} for i in range(5)))
    with wandb.init(resume_from="mine?_step=1") as run:
        assert run.step == 2
        run.log({"loss": 9.0})
    assert recorded.points(tmp_path) == {"loss": [(0, 0.0), (1, 1.0), (2, 9.0)]}


def test_init_again_returns_the_open_run_unless_told_otherwise(tmp_path: Path) -> None:
    first = wandb.init()
    assert wandb.init(project="other") is first is wandb.run
    second = wandb.init(reinit=True)
    assert second is not first and first.finished and wandb.run is second
    third = wandb.init(reinit="create_new")
    assert wandb.run is second and not second.finished
    third.finish()
    assert wandb.run is second
    wandb.finish()
    assert wandb.run is None


def test_an_exit_code_and_an_exception_fail_the_run(tmp_path: Path) -> None:
    wandb.init(id="code")
    wandb.finish(3)
    with pytest.raises(KeyError), wandb.init(id="error"):
        raise KeyError("x")
    wandb.init(id="good").finish(0)
    status = {run.hash: (run.status, run.error) for run in aim.Repo(tmp_path).select_runs()}
    assert status == {
        "code": ("failed", "exit code 3"),
        "error": ("failed", "KeyError: 'x'"),
        "good": ("finished", None),
    }


def test_the_summary_has_the_last_values_and_what_is_set(tmp_path: Path) -> None:
    with wandb.init():
        wandb.log({"loss": 1.0})
        wandb.log({"loss": 0.5})
        wandb.summary["best"] = 0.25
        wandb.summary.update({"at": {"step": 3}})
        assert (wandb.summary["loss"], wandb.summary.get("best"), wandb.summary.best) == (0.5, 0.25, 0.25)
    assert recorded.params(tmp_path, "summary") == {"best": 0.25, "at": {"step": 3}}


def test_nothing_raises_without_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    wandb.log({"loss": 1.0})
    wandb.config.lr = 1
    wandb.summary["best"] = 1
    wandb.save("x")
    wandb.finish()
    told = capsys.readouterr().err
    assert "log() recorded nothing: there is no run; call init() before" in told and "lr is not recorded" in told


def test_files_of_the_run_become_an_artifact(tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_text("weights")
    with wandb.init(id="mine") as run:
        Path(run.dir, "notes.txt").write_text("x")
        (copied,) = wandb.save("model.pt") or []
        assert Path(copied).read_text() == "weights"
        (tmp_path / "model.pt").write_text("later weights")
    files = {file.path: file.bytes for file in aim.Repo(tmp_path).artifacts.get("run-mine-files").files}
    assert files == {"model.pt": 13, "notes.txt": 1}
    assert not (tmp_path / ".aim" / "notes.txt").exists()


def test_alerts_are_lines_of_the_run(tmp_path: Path) -> None:
    with wandb.init() as run:
        run.alert("Loss", "is high", level=wandb.AlertLevel.WARN)
        id = run.aim_run.id
    lines = aim.Repo(tmp_path).logs.messages(id).messages
    assert [(line.level, line.text) for line in lines] == [("warning", "Loss: is high")]


def test_submodules_of_frameworks_can_be_imported() -> None:
    from aim.wandb.sdk import wandb_run  # type: ignore[import-untyped, import-not-found]
    from aim.wandb.sdk.lib import RunDisabled, runid  # type: ignore[import-untyped, import-not-found]

    assert wandb_run.Run is wandb.Run and RunDisabled is wandb.RunDisabled
    assert len(runid.generate_id()) == 8 and wandb.util.generate_id(4).isalnum()
    assert issubclass(wandb.errors.CommError, Exception)
    assert "aim.wandb.sdk" in sys.modules


def test_what_is_not_there_is_told_once_by_name_and_does_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        wandb.beta.workflows.log_model(1).link[2].to("x")
        wandb.init().bring_back(1)
    wandb.sweep({"method": "grid"})
    wandb.agent("sweep", lambda: None)
    told = [line for line in capsys.readouterr().err.splitlines() if "recording to" not in line]
    assert [line.partition(" ")[2].partition(" ")[0] for line in told] == [
        "wandb.beta.workflows.log_model", "run.bring_back", "sweep()", "agent()",
    ]  # fmt: skip


class Tensor(np.ndarray[Any, Any]):
    """What `watch` uses of a tensor and a parameter of torch."""

    requires_grad, is_sparse = True, False
    hooks: Hooks

    def detach(self) -> Any:
        return self

    def numel(self) -> int:
        return self.size

    def register_hook(self, call: Any) -> Any:
        return self.hooks.add(call)


class Hooks:
    def __init__(self) -> None:
        self.calls: list[Any] = []

    def add(self, call: Any) -> Any:
        self.calls.append(call)
        return SimpleNamespace(remove=lambda: self.calls.remove(call))

    def call(self, *given: Any) -> None:
        assert [call(*given) for call in self.calls] == [None] * len(self.calls), "torch takes results for its own"


class Model:
    """A model of torch: its hooks are called with each batch."""

    def __init__(self) -> None:
        self.weight = np.arange(3.0).view(Tensor)
        self.weight.hooks, self.forward = Hooks(), Hooks()
        self.register_forward_hook = self.forward.add

    def named_parameters(self) -> Any:
        return [("weight", self.weight)]

    def train(self, batches: int) -> None:
        for _ in range(batches):
            self.forward.call(self, (), 1)
            self.weight.hooks.call(self.weight)
            wandb.log({"loss": 0.5})


def test_gradients_and_parameters_of_a_watched_model(tmp_path: Path) -> None:
    first, second = Model(), Model()
    run = wandb.init()
    wandb.watch(first, log="all", log_freq=2)
    wandb.watch(second, log_freq=3)
    first.train(4)
    second.train(3)
    wandb.unwatch(first)
    first.train(4)
    run.finish()
    second.train(4)
    assert {name: [step for step, _ in items] for name, items in recorded.media(tmp_path).items()} == {
        "gradients/weight": [1, 3], "parameters/weight": [1, 3], "gradients/graph_1weight": [6],
    }  # fmt: skip


@pytest.mark.parametrize(("given", "said"), [({"models": 3}, "torch.nn.Module"), ({"log": "some"}, "'gradients'")])
def test_what_cannot_be_watched_is_told(capsys: pytest.CaptureFixture[str], given: dict[str, Any], said: str) -> None:
    wandb.init()
    assert wandb.watch(**{"models": Model(), **given}) == []
    assert said in capsys.readouterr().err


def test_a_text_of_an_event_file_between_equal_numbers(tmp_path: Path) -> None:
    run = wandb.init()
    run.log({"loss": 0.5}, step=0)
    run.log_at("loss", aim.Text("a text of the same name"), 0)
    run.log_at("loss", 0.25, 0)
    run.finish()
    (copy,) = aim.Repo(tmp_path).select_runs()
    assert copy.metrics["loss"].traces[0].values.tolist() == [0.5, 0.25]
