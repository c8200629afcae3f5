"""Artifacts of wandb, as aim.Repo and later runs read them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

import aim
import aim.wandb as wandb
from aim.errors import ArtifactError


def test_an_artifact_is_stored_and_used(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    (tmp_path / "folder" / "deep" / "b.txt").write_text("bb")
    with wandb.init() as run:
        made = wandb.Artifact("entity/data set", type="dataset", description="d", metadata={"rows": 3})
        made.add_file("a.txt", name="in/a.txt")
        made.add_dir("folder")
        made.add_dir("folder", name="again")
        with made.new_file("n.txt") as file:
            file.write("new")
        made.add(wandb.Table(columns=["x"], data=[[1]]), "rows")
        made.add_file("missing.txt")
        assert run.log_artifact(made, aliases=["latest", "best"]).wait() is made
        assert (made.name, made.version, made.state) == ("data-set:v0", "v0", "COMMITTED")
    with wandb.init() as run:
        used = run.use_artifact("entity/digits/data-set:best", type="dataset")
        folder = Path(used.download(tmp_path / "out"))
        assert (folder / "in" / "a.txt").read_text() == "a" and (folder / "n.txt").read_text() == "new"
        assert used.metadata == {"rows": 3, "description": "d"} and used.get_path("n.txt").name == "n.txt"
    stored = aim.Repo(tmp_path).artifacts.get("data-set")
    assert [file.path for file in stored.files] == [
        "again/deep/b.txt", "deep/b.txt", "in/a.txt", "n.txt", "rows.parquet",
    ]  # fmt: skip
    assert stored.type == "dataset" and {"best", "latest"} == set(stored.aliases)


def test_a_path_and_a_model_become_artifacts(tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_text("weights")
    with wandb.init(id="mine") as run:
        run.log_artifact("model.pt")
        run.log_model("model.pt", name="net")
        assert Path(run.use_model("net")).read_text() == "weights"
    assert set(aim.Repo(tmp_path).artifacts.names()) == {"run-mine-model.pt", "net"}


def test_an_artifact_that_is_not_there_cannot_be_used() -> None:
    with wandb.init() as run, pytest.raises(ArtifactError, match="nothing"):
        run.use_artifact("nothing:latest")


def test_no_name_leads_out_of_the_artifact(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    with wandb.init() as run:
        made = wandb.Artifact("data")
        made.add_file("a.txt", name="../../etc/a.txt")
        run.log_artifact(made)
    assert [file.path for file in aim.Repo(tmp_path).artifacts.get("data").files] == ["etc/a.txt"]


def test_files_are_not_copied_to_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.pt").write_text("weights")
    with wandb.init() as run:
        made = wandb.Artifact("model")
        made.add_file("model.pt")
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
        run.log_artifact(made)
    assert [file.path for file in aim.Repo(tmp_path).artifacts.get("model").files] == ["model.pt"]


def test_a_run_that_records_nothing_makes_no_folder(tmp_path: Path) -> None:
    with wandb.init(mode="disabled") as run:
        (Path(run.dir) / f"{tmp_path.name}.txt").write_text("kept nowhere")
        (Path(run.dir) / f"{tmp_path.name}.txt").unlink()
    assert list(tmp_path.iterdir()) == []
