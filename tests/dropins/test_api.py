"""`wandb.Api` gives what the drop-in recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import aim
import aim.wandb as wandb
from aim.dropins.filters import holds
from aim.errors import EditError


@pytest.fixture
def api(tmp_path: Path) -> wandb.Api:
    for number in range(3):
        config = {"lr": 0.1 * number, "net": {"depth": number}}
        with wandb.init(
            project="digits", id=f"id{number}", name=f"run {number}", config=config, group="g", tags=["t"]
        ) as run:
            for step in range(10):
                run.log({"loss": 1 / (step + 1) + number, **({"acc": step} if step % 2 else {})})
            run.summary["best"] = number
            (Path(run.dir) / "notes.txt").write_text(f"notes {number}")
            run.finish(1 if number == 2 else 0)
    with aim.Run("other", repo=tmp_path, experiment="other") as other:
        other.track(0.5, "loss", context={"subset": "val"})
    return wandb.Api()


def test_a_run(api: wandb.Api) -> None:
    run = api.run("me/digits/id1")
    assert (run.id, run.name, run.state, run.project, run.group, run.tags) == (
        "id1", "run 1", "finished", "digits", "g", ["t"],
    )  # fmt: skip
    assert run.config == {"lr": 0.1, "net": {"depth": 1}}
    assert (run.summary["loss"], run.summary["acc"], run.summary["best"], run.lastHistoryStep) == (1.1, 9, 1, 9)
    assert run.created_at.endswith("Z") and run.path == ["", "digits", "id1"] and api.run("id2").state == "failed"


def test_history(api: wandb.Api) -> None:
    run = api.run("id0")
    rows = list(run.scan_history())
    assert [row["_step"] for row in rows] == list(range(10)) and rows[1]["loss"] == 0.5
    assert "acc" not in rows[0] and rows[1]["acc"] == 1 and 0 <= rows[1]["_runtime"] < 60
    assert list(run.scan_history(keys=["loss", "acc"]))[0] == {"_step": 1, "loss": 0.5, "acc": 1}
    assert [row["_step"] for row in run.scan_history(min_step=3, max_step=6)] == [3, 4, 5]
    assert [row["_step"] for row in run.history(samples=4, pandas=False)] == [0, 3, 6, 9]
    assert list(run.scan_history(keys=["absent"])) == []
    assert list(api.run("other").history(pandas=False)[0])[-1] == "loss.val"


def test_history_as_a_data_frame(api: wandb.Api) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    frame = api.run("id0").history(keys=["loss"])
    assert list(frame.columns) == ["_step", "loss"] and len(frame) == 10


RUNS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["id0", "id1", "id2"]),
    ({"order": "-created_at"}, ["id2", "id1", "id0"]),
    ({"order": "-summary_metrics.loss"}, ["id2", "id1", "id0"]),
    ({"filters": {"config.lr": {"$gt": 0.05}, "state": "finished"}}, ["id1"]),
    ({"filters": {"$or": [{"display_name": "run 0"}, {"config.net.depth": 2}]}}, ["id0", "id2"]),
    ({"filters": {"tags": {"$in": ["t"]}, "name": {"$ne": "id0"}}, "order": "-config.lr"}, ["id2", "id1"]),
    ({"filters": {"config.absent": 1}}, []),
]


@pytest.mark.parametrize(("asked", "ids"), RUNS)
def test_runs(api: wandb.Api, asked: dict[str, Any], ids: list[str]) -> None:
    runs = api.runs("me/digits", **asked)
    assert [run.id for run in runs] == ids and len(runs) == len(ids)


@pytest.mark.parametrize("name", ["🚀", 'a "b"', "a\\b", "größe"])
def test_runs_of_a_project_called(tmp_path: Path, name: str) -> None:
    for experiment in (name, "other"):
        aim.Run(repo=tmp_path, experiment=experiment).close()
    assert [run.project for run in wandb.Api().runs(f"me/{name}")] == [name]


def test_projects(api: wandb.Api) -> None:
    assert {project.name for project in api.projects()} >= {"digits", "other"}
    assert len(api.runs()) == 4


FILTERS: list[tuple[dict[str, Any], bool]] = [
    ({"a": 1}, True),
    ({"a": {"$gte": 1, "$lt": 2}}, True),
    ({"a": {"$lt": "x"}}, False),
    ({"a": {"$not": {"$gt": 5}}}, True),
    ({"$nor": [{"a": 1}]}, False),
    ({"$and": [{"a": 1}, {"b": {"$exists": False}}]}, True),
    ({"c": {"$regex": "^ab"}}, True),
    ({"d": 2}, True),
    ({"d": {"$nin": [2]}}, False),
    ({"a": {"$ne": 1}}, False),
    ({"a": {"$lte": 1, "$eq": 1, "$in": [1, 2]}}, True),
]


@pytest.mark.parametrize(("condition", "expected"), FILTERS)
def test_filters(condition: dict[str, Any], expected: bool) -> None:
    assert holds(condition, {"a": 1, "c": "abc", "d": [1, 2]}.get) is expected


def test_wrong_filters_say_what_there_is(api: wandb.Api) -> None:
    with pytest.raises(ValueError, match=r"no operator '\$near'.*\$gt"):
        api.runs("digits", {"config.lr": {"$near": 1}})
    with pytest.raises(ValueError, match="no field 'lr'.*config.KEY"):
        api.runs("digits", {"lr": 1})
    with pytest.raises(ValueError, match="filters must be a dict"):
        api.runs("digits", {"$or": [1]})


def test_what_is_not_there_raises(api: wandb.Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for ask in (
        lambda: api.run("me/digits/none"),
        lambda: api.runs("me/none"),
        lambda: api.artifact("none:latest"),
        lambda: api.run("id0").file("none.txt"),
    ):
        with pytest.raises(wandb.CommError, match="none"):
            ask()
    monkeypatch.setenv("AIM_REPO", str(tmp_path / "nowhere"))
    with pytest.raises(wandb.CommError, match="no repository"):
        wandb.Api().runs()


def test_files_and_artifacts(api: wandb.Api, tmp_path: Path) -> None:
    run = api.run("id1")
    assert [file.name for file in run.files()] == ["notes.txt"]
    assert Path(run.file("notes.txt").download(tmp_path / "out")).read_text() == "notes 1"
    (made,) = run.logged_artifacts()
    assert api.artifact(f"me/digits/{made.name}").digest == made.digest and run.used_artifacts() == []
    assert [version.version for version in api.artifacts("run files", made.name)] == ["v0"]
    assert api.artifact_exists(made.name) and not api.artifact_exists("none")


def test_changes_are_kept(api: wandb.Api) -> None:
    run = api.run("id0")
    run.name, run.notes = "renamed", "why"
    run.tags.append("new")
    run.tags.remove("t")
    run.config["seed"] = 7
    run.update()
    run.update()
    again = api.run("id0")
    assert (again.name, again.notes, again.tags, again.config["seed"]) == ("renamed", "why", ["new"], 7)
    again.delete()
    assert [run.id for run in api.runs("digits")] == ["id1", "id2"]


EDITS: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("hparams", {"lr": 0.1, "a.b": 1}, {}, {"lr": 0.1, "a.b": 1}),
    ("default", {"lr": 0.1}, {}, {"lr": 0.1}),
    ("default", {"lr": 0.1}, {"seed": 7}, {"lr": 0.1, "seed": 7}),
    ("hparams", {"net": {"depth": 1, "sizes": [1]}}, {"net": {"depth": 2, "in": {"width": 3}}},
     {"net": {"depth": 2, "sizes": [1], "in": {"width": 3}}}),
    ("other", {"lr": 0.1}, {"lr": 0.2}, {"lr": 0.2}),
]  # fmt: skip


@pytest.mark.parametrize(("group", "recorded", "edits", "config"), EDITS)
def test_only_changes_of_a_config_are_kept(
    tmp_path: Path, group: str, recorded: dict[str, Any], edits: dict[str, Any], config: dict[str, Any]
) -> None:
    with aim.Run("a", repo=tmp_path) as made:
        made.set_params(recorded, name=group)
    run = wandb.Api().run("a")
    run.name = "renamed"
    for key, value in edits.items():
        run.config[key] = {**run.config.get(key, {}), **value} if isinstance(value, dict) else value
    run.update()
    read = aim.Repo(tmp_path).run("a")
    kept = "hparams" if group == "other" else group
    assert wandb.Api().run("a").config == config and read.params[kept] == config and read.name == "renamed"
    assert set(read.params) == {group, kept}
    run.update()
    edited = aim.Repo(tmp_path).edits.fields(read.id)
    assert len([field for field in edited if field.startswith("param:")]) == sum(
        len(value) if isinstance(value, dict) else 1 for value in edits.values()
    )


def test_a_value_changed_in_place_is_kept(api: wandb.Api) -> None:
    run = api.run("id1")
    run.config["net"]["depth"] = 9
    run.update()
    assert api.run("id1").config == {"lr": 0.1, "net": {"depth": 9}}


@pytest.mark.parametrize(
    ("change", "says"),
    [({"sizes": [1, 2]}, "cannot be"), ({"in": {"c.d": [1]}}, "cannot be")],
)
def test_a_config_that_cannot_be_kept_changes_nothing(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    with aim.Run("a", repo=tmp_path) as made:
        made["hparams"] = {"a.b": 1, "sizes": [1]}
    run = wandb.Api().run("a")
    run.name = "renamed"
    run.config.update(change)
    with pytest.raises((wandb.CommError, EditError), match=says):
        run.update()
    again = wandb.Api().run("a")
    assert again.name == "a" and again.config == {"a.b": 1, "sizes": [1]}


def test_keys_with_dots_are_changed_and_removed_ones_are_none(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with aim.Run("a", repo=tmp_path) as made:
        made["hparams"] = {"a.b": 1, "gone": 2, "net": {"depth": 3}}
    run = wandb.Api().run("a")
    run.config.update({"a.b": 5, "in": {"c.d": 6}, "net": 7})
    del run.config["gone"]
    run.update()
    assert wandb.Api().run("a").config == {"a.b": 5, "gone": None, "net": 7, "in": {"c.d": 6}}
    assert [each.hash for each in aim.Repo(tmp_path).select_runs('run["hparams", "a.b"] == 5')] == ["a"]
    assert "'gone' was removed: it is None from now on" in capfd.readouterr().err
