"""Enums and subclasses of text and numbers, wherever a script passes one: each is its value, a plain enum its name."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aim
from aim.errors import EditError, RunError
from tests.sdk.recorded import only


class Name(str, enum.Enum):
    """f"{Name.X}" is its value up to Python 3.10 and "Name.X" from 3.11 on."""

    RUN = "baseline"
    LOSS = "loss"
    ACC = "acc"
    TOP = "top/"
    TRAIN = "train"
    TAG = "good"
    EXPERIMENT = "ablation"
    TEXT = "in words"
    GROUP = "hparams"
    LR = "lr"
    VARIABLE = "MY_*"


class Mode(enum.Enum):
    FAST = 1


class Level(enum.IntEnum):
    HIGH = 3


class Rate(float, enum.Enum):
    SLOW = 0.5


WAYS = {
    "enum": Name,
    "numpy": type("Numpy", (), {name: np.str_(member.value) for name, member in Name.__members__.items()}),
}


@pytest.fixture(params=WAYS)
def names(request: pytest.FixtureRequest) -> Any:
    return WAYS[request.param]


def test_recorded_values(here: Path, names: Any, capfd: pytest.CaptureFixture[str]) -> None:
    with aim.Run(names.RUN, experiment=names.EXPERIMENT, environment=[names.VARIABLE]) as run:
        for _ in range(2):
            run.track(0.5, names.LOSS, context={"subset": names.TRAIN, Mode.FAST: Level.HIGH, names.LR: Rate.SLOW})
            run.track({names.ACC: 0.5}, names.TOP)
            run.track({names.TRAIN: {names.LOSS: 0.5}})
        run.set_params({names.LR: Rate.SLOW, "mode": Mode.FAST, "level": Level.HIGH}, name=names.GROUP)
        run[names.GROUP, names.TRAIN] = names.TAG
        run.name, run.description = names.LOSS, names.TEXT
        run.add_tag(names.TAG)
        run.log_info(names.TEXT, level=Level.HIGH)
        assert run[names.GROUP, names.LR] == 0.5 and run.hash == "baseline" and run.tags == ("good",)
    file = only(here)
    assert {(name, context): len(points) for (name, context), points in file.points.items()} == {
        ("loss", '{"FAST": 3, "lr": 0.5, "subset": "train"}'): 2, ("top/acc", "{}"): 2, ("train/loss", "{}"): 2,
    }  # fmt: skip
    assert file.params == {"hparams": {"lr": 0.5, "mode": "FAST", "level": 3, "train": "good"}}
    assert file.start["hash"] == "baseline" and file.start["experiment"] == "ablation"
    assert file.fields == {"name": "loss", "description": "in words", "tag:good": True}
    assert [message.text for message in aim.Repo(".").logs.messages(names.RUN).messages] == ["in words"]
    assert capfd.readouterr().err.splitlines() == [f"aim: recording to {here / '.aim'}"]


@pytest.mark.parametrize("key", [Name.TRAIN, Mode.FAST, Level.HIGH, Rate.SLOW, np.str_("a"), np.int64(1), (1, 2)])
def test_a_context_key_of_any_type_costs_no_point(here: Path, key: Any) -> None:
    with aim.Run() as run:
        run.track(0.5, "loss", context={key: 1})
        run.track({"loss": 0.5}, context={key: 1})
    assert [len(points) for points in only(here).points.values()] == [2] and run.lost == 0


def test_names_accepted_by_the_reading_api(here: Path, names: Any) -> None:
    with aim.Run("baseline") as run:
        run.track(0.5, "loss", context={"subset": "train"})
    repo = aim.Repo(here)
    assert repo.run(names.RUN).id == run.id
    assert repo.run(names.RUN).metrics["loss"].trace(subset=names.TRAIN) is not None
    repo.experiments.add(names.EXPERIMENT)
    repo.experiments.note(names.EXPERIMENT, names.TEXT)
    repo.experiments.checkout(names.EXPERIMENT)
    repo.tags.save(names.TAG, color="#aabbcc", comment=names.TEXT)
    repo.runs.tag(run.id, names.TAG)
    repo.runs.edit([run.id], "experiment", names.EXPERIMENT)
    repo.runs.add_params(run.id, {names.LR: Rate.SLOW, "level": Level.HIGH, "n": np.int64(3), "f": np.float32(0.5)})
    repo.notes.save(run.id, names.TEXT)
    baseline = repo.run("baseline")
    assert (baseline.tags, baseline.experiment) == (["good"], "ablation")
    assert baseline.params["default"] == {"lr": 0.5, "level": 3, "n": 3, "f": 0.5}
    assert [tag.name for tag in repo.tags] == ["good"] and repo.tags.remove(names.TAG) == 1
    assert [experiment for experiment in repo.experiments if experiment.active] == [
        ("ablation", True, False, "in words")
    ]
    assert repo.experiments.runs_of(names.EXPERIMENT) == [run.id]
    assert [note.text for note in repo.notes.of(run.id)] == ["in words"]
    repo.experiments.rename(names.EXPERIMENT, names.TRAIN)
    assert "train" in repo.experiments.names() and "ablation" not in repo.experiments.names()


REFUSED: list[tuple[Any, type[Exception], str]] = [
    (lambda repo, id: repo.runs.add_params([id], 3), EditError, "params must be a dict, not 3; write add_params"),
    (lambda repo, id: repo.runs.add_params(id, {"lr": [1]}), EditError, r"param 'lr' cannot be \[1\]; it is text, a n"),
    (lambda repo, id: repo.runs.add_params(id, {"b": {"c": 1}}), EditError, r"with dots: \{'b\.c': 1\}$"),
    (lambda repo, id: repo.runs.add_params(id, {"b": {"c": {"d": 2}}}), EditError, r"dots: \{'b\.c\.d': 2\}$"),
    (lambda repo, id: repo.runs.add_params(id, {"": 1}), EditError, r"^a param has no name; write \{'lr': 0\.01\}"),
    (lambda repo, id: repo.runs.edit(id, "note:1", 3), EditError, "note:1 cannot be 3; it is text, or None to rem"),
    (lambda repo, id: repo.runs.edit(id, 5, 3), EditError, "a run has no field '5' that can be edited"),
    (lambda repo, id: repo.runs.tag(id, 5), EditError, "tag cannot be 5; it is a text"),
    (lambda repo, id: repo.tags.save(5, color="#aabbcc"), EditError, "tag needs a name without control .*, not 5"),
    (lambda repo, id: repo.experiments.add(5), EditError, "an experiment needs a name, not 5"),
    (lambda repo, id: repo.experiments.checkout(5), EditError, "there is no experiment '5'"),
    (lambda repo, id: repo.run(10**9), RunError, "no run is called '1000000000'"),
    (lambda repo, id: repo.runs.tag([5], "good"), RunError, "there is no run with the id '5'"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "words"), REFUSED, ids=range(len(REFUSED)))
def test_an_invalid_name_is_refused_by_its_value(here: Path, call: Any, error: type[Exception], words: str) -> None:
    with aim.Run("baseline") as run:
        pass
    with pytest.raises(error, match=words):
        call(aim.Repo(here), run.id)
