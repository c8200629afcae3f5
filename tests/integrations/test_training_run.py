"""The run that an integration records to, its end, and the names of metrics; no framework is needed."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import aim
from aim.integrations.training_run import EXPERIMENT, TrainingRun, harmless, needed, place, subset
from tests.integrations.frameworks import only


class Model:
    pass


def statuses(repo: Path) -> list[str]:
    return sorted(run.status for run in aim.select_runs(None, repo))


@pytest.mark.parametrize("kind", [aim.Run, aim.Session])
def test_a_given_run_is_used_and_left_open(kind: Any, tmp_path: Path) -> None:
    given = kind(repo=tmp_path)
    recording = TrainingRun(given)
    recording.begin(Model()).track(1.0, "loss")
    recording.end()
    recording.begin(Model()).track(2.0, "loss")
    recording.end()
    assert statuses(tmp_path) == ["running"]
    given.close()


def test_the_open_session_is_used(tmp_path: Path) -> None:
    session = aim.Session()
    assert TrainingRun().begin(Model()) is session.run
    assert TrainingRun(experiment="other").begin(Model()) is not session.run, "what was asked for is not there"


def test_a_session_that_was_closed_is_not_used_again(tmp_path: Path) -> None:
    recording, model = TrainingRun(), Model()
    with aim.Session() as session:
        assert recording.begin(model) is session.run
        recording.end()
    assert not recording.begin(model).closed


def test_a_run_of_another_training_is_not_used(tmp_path: Path) -> None:
    first, second = TrainingRun(), TrainingRun()
    assert first.begin(Model()) is not second.begin(Model())


def test_the_same_model_goes_on_in_the_same_run(tmp_path: Path) -> None:
    recording, model = TrainingRun(), Model()
    for value in (1.0, 2.0):
        recording.begin(model).track(value, "loss")
        recording.end()
    run, series = only(tmp_path)
    assert series["loss", None].steps.tolist() == [0, 1]
    assert run.status == "finished"


def test_values_before_the_training_belong_to_it(tmp_path: Path) -> None:
    recording = TrainingRun()
    recording.run.set_params({"lr": 0.1}, "hparams")
    recording.begin(Model()).track(1.0, "loss")
    recording.end()
    run, series = only(tmp_path)
    assert run.params["hparams"] == {"lr": 0.1} and ("loss", None) in series


def test_another_model_has_another_run(tmp_path: Path) -> None:
    recording = TrainingRun()
    for model in (Model(), Model()):
        recording.begin(model).track(1.0, "loss")
        recording.end()
    assert statuses(tmp_path) == ["finished", "finished"]


def test_values_after_the_end_still_belong_to_the_run(tmp_path: Path) -> None:
    recording = TrainingRun()
    recording.begin(Model()).track(1.0, "loss", context={"subset": "train"})
    recording.end()
    recording.run.track(2.0, "loss", context={"subset": "test"})
    del recording
    run, series = only(tmp_path)
    assert set(series) == {("loss", "train"), ("loss", "test")}
    assert run.status == "finished"


@pytest.mark.parametrize("ends, expected", [(True, "failed"), (False, "finished")])
def test_a_training_without_an_end(ends: bool, expected: str, tmp_path: Path) -> None:
    recording = TrainingRun(ends=ends)
    recording.begin(Model())
    del recording
    assert statuses(tmp_path) == [expected]


STOPPED = """
import sys
from aim.integrations.training_run import TrainingRun
class Model: pass
kept = TrainingRun()
kept.begin(model := Model())
{ending}
"""


@pytest.mark.parametrize(
    "ending, status, error",
    [
        ("", "failed", "the training stopped before its end"),
        ("raise ArithmeticError('diverged')", "failed", "ArithmeticError: diverged"),
        ("kept.end()", "finished", None),
        ("kept.end(); kept.run", "finished", None),
    ],
)
def test_at_exit(ending: str, status: str, error: str | None, tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(Path(aim.__file__).parents[1])}
    command = [sys.executable, "-c", STOPPED.format(ending=ending)]
    subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True)
    (run,) = aim.select_runs(None, tmp_path)
    assert (run.status, run.error) == (status, error)


def test_copies(tmp_path: Path) -> None:
    with aim.Run(repo=tmp_path / "there", experiment="tried") as run:
        recording = TrainingRun(run)
        assert copy.deepcopy(recording).run is run
        elsewhere = pickle.loads(pickle.dumps(recording)).run
    assert elsewhere is not run
    assert (elsewhere.repo_path, elsewhere.experiment) == (run.repo_path, "tried")


def test_an_invalid_run_is_refused() -> None:
    with pytest.raises(TypeError, match=r"not 'exp'; write aim.Run\('exp'\)"):
        TrainingRun("exp")  # type: ignore[arg-type]


def test_wrong_arguments_raise_where_the_run_is_opened(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="experiment must be text"):
        TrainingRun(experiment=3).begin(Model())  # type: ignore[arg-type]


def test_errors_stay_inside_and_are_reported_once(capsys: Any) -> None:
    @harmless
    def mistaken() -> None:
        raise KeyError("layers")

    mistaken()
    mistaken()
    assert capsys.readouterr().err.count("layers") == 1


def test_missing_packages_are_named() -> None:
    with pytest.raises(aim.errors.MissingDependency, match="'keras_of_tomorrow'.*pip install keras"), needed("keras"):
        import keras_of_tomorrow  # noqa: F401


@pytest.mark.parametrize(
    "name, otherwise, expected",
    [
        ("loss", None, ("loss", {})),
        ("loss", "train", ("loss", {"subset": "train"})),
        ("val_loss", "train", ("loss", {"subset": "val"})),
        ("eval_loss", None, ("loss", {"subset": "val"})),
        ("valid/loss", None, ("loss", {"subset": "val"})),
        ("validation_loss", None, ("loss", {"subset": "val"})),
        ("test_loss", None, ("loss", {"subset": "test"})),
        ("train/acc_top5", None, ("acc_top5", {"subset": "train"})),
        ("learning_rate", "train", ("lr", {"subset": "train"})),
        ("train/learning_rate", None, ("lr", {"subset": "train"})),
        ("value_loss", None, ("value_loss", {})),
        ("val_", None, ("val_", {})),
        ("training", None, ("training", {})),
    ],
)
def test_names(name: str, otherwise: str | None, expected: tuple[str, dict[str, str]]) -> None:
    assert place(name, otherwise) == expected


@pytest.mark.parametrize("name, expected", [("eval", "val"), ("Valid", "val"), ("learn", "train"), ("squad", "squad")])
def test_subsets(name: str, expected: str) -> None:
    assert subset(name) == expected


def test_arguments_of_aim_3(tmp_path: Path) -> None:
    off = {"system_tracking_interval": None, "log_system_params": False, "capture_terminal_logs": False}
    recording = TrainingRun(experiment_name="old", **off)  # type: ignore[typeddict-item]
    recording.begin(Model()).track(1.0, "loss")
    recording.end()
    run, _ = only(tmp_path)
    assert run.experiment == "old" and "packages" not in run.facts
    assert not any(name.startswith("system") for name in run.metrics)
    with pytest.raises(TypeError, match=r"'experimnt'.*experiment_name"):
        TrainingRun(experimnt="old")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="keep experiment="):
        TrainingRun(experiment="new", experiment_name="old")


def test_options_alone_do_not_part_from_the_open_session(tmp_path: Path) -> None:
    with aim.Session() as session:
        assert TrainingRun(log_system_params=True).begin(Model()) is session.run
        assert TrainingRun(experiment_name="other").begin(Model()) is not session.run


class Callback:
    experiment = EXPERIMENT

    def __init__(self) -> None:
        self._recording = TrainingRun()


def test_the_run_of_a_callback(tmp_path: Path) -> None:
    with aim.Session() as session:
        assert Callback().experiment is session.run
