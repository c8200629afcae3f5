"""The folders that go on PYTHONPATH: in every Python, with and without the tracker, and in children."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import aim
from aim.dropins.table import DROPINS, PATH, on_path

FACES = [name for name, row in DROPINS.items() if row.version is not None]
FACE, BESIDE = ((PATH / name / name / "__init__.py").read_text(encoding="utf-8") for name in ("wandb", "tensorboard"))
SCRIPT = """
import importlib.metadata, subprocess, sys
import TRACKER as tracker
run = tracker.init(project="digits", config={"lr": 0.1})
run.log({"loss": 0.5})
print(importlib.metadata.version("TRACKER"), tracker.__name__)
if len(sys.argv) < 2:
    run.finish()
    subprocess.run([*sys.orig_argv, "child"], check=True)
"""


def script(tmp_path: Path, name: str, *python: str) -> list[str]:
    (tmp_path / "train.py").write_text(SCRIPT.replace("TRACKER", name))
    return [sys.executable, *python, str(tmp_path / "train.py")]


def environment(tmp_path: Path, name: str, home: str) -> dict[str, str]:
    there = {**os.environ, "PYTHONPATH": home, "AIM_REPO": str(tmp_path)}
    return {**there, "PYTHONPATH": on_path([name], there)}


@pytest.mark.parametrize("name", DROPINS)
def test_every_row_has_its_folder(name: str) -> None:
    row = DROPINS[name]
    about = [] if row.version is None else [f"{name}-{row.version}.dist-info"]
    assert {path.name for path in row.folder.iterdir()} == {*row.packages, *about}
    begin, _, _ = FACE.partition("\nsys.modules[__name__] = ")
    assert BESIDE.split("\n", 1)[1].startswith(begin.split("\n", 1)[1])
    for package in row.packages:
        text = (row.folder / package / "__init__.py").read_text(encoding="utf-8")
        assert text == (FACE if row.version else BESIDE)


@pytest.mark.parametrize("name", FACES)
def test_a_face_has_the_metadata_of_a_release(name: str) -> None:
    folder = DROPINS[name].folder
    metadata = (folder / f"{name}-{DROPINS[name].version}.dist-info" / "METADATA").read_text(encoding="utf-8")
    assert f"Name: {name}\nVersion: {DROPINS[name].version}\n" in metadata


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize("installed", [False, True])
def test_a_script_and_its_children_record(tmp_path: Path, name: str, installed: bool) -> None:
    there = tmp_path / "site" / name
    if installed:
        there.mkdir(parents=True)
        (there / "__init__.py").write_text("raise ImportError('the tracker itself')")
    home = os.pathsep.join([*([str(there.parent)] if installed else []), str(Path(aim.__file__).parents[1])])
    done = subprocess.run(
        script(tmp_path, name), env=environment(tmp_path, name, home), capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout.split() == [DROPINS[name].version, f"aim.{name}"] * 2, done.stderr
    runs = aim.Repo(tmp_path).select_runs()
    assert [(run.experiment, run.params["hparams"], run.status) for run in runs] == [
        ("digits", {"lr": 0.1}, "finished")
    ] * 2


@pytest.mark.parametrize("name", FACES)
def test_a_python_without_aim_records_with_the_standard_library(tmp_path: Path, name: str) -> None:
    command = script(tmp_path, name, "-S")
    done = subprocess.run(
        command, env=environment(tmp_path, name, ""), capture_output=True, text=True, cwd=tmp_path / ".."
    )
    assert done.returncode == 0, done.stderr
    assert len(aim.Repo(tmp_path).select_runs()) == 2


def test_what_is_on_the_path_stays_and_ours_is_there_once() -> None:
    ours = str(PATH / "wandb")
    assert on_path(["wandb"], {}) == ours
    given = os.pathsep.join(["/a", ours, "/b"])
    assert on_path(["wandb"], {"PYTHONPATH": given}) == os.pathsep.join([ours, "/a", "/b"])


def test_an_older_aim_of_the_script_is_not_asked(tmp_path: Path) -> None:
    older = tmp_path / "site" / "aim"
    older.mkdir(parents=True)
    (older / "__init__.py").write_text("")
    command, variables = script(tmp_path, "wandb"), environment(tmp_path, "wandb", str(older.parent))
    done = subprocess.run(command, env=variables, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
