"""Scripts that write with tensorboard or tensorboardX, here packages of the same shape: they write as before, and each
folder is a run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import aim
from aim.dropins.table import on_path

WRITER = """
class Event:
    def __init__(self, step, tag, value):
        self.step, self.wall_time, self.summary = step, 1_700_000_000.5, self
        self.value = [Value(tag, value)]
    def HasField(self, name):
        return True

class Value:
    def __init__(self, tag, value):
        self.tag, self.simple_value, self.metadata, self.plugin_data, self.plugin_name = tag, value, self, self, ""
    def HasField(self, name):
        return name == "simple_value"

class EventFileWriter:
    def __init__(self, folder):
        self.folder = folder
    def get_logdir(self):
        return self.folder
    def add_event(self, event):
        print(self.folder, event.step)
"""
PACKAGES = {
    "tensorboard": "tensorboard/summary/writer/event_file_writer.py",
    "tensorboardX": "tensorboardX/event_file_writer.py",
}
SCRIPT = """
import importlib, sys
import PACKAGE
assert PACKAGE.__file__.startswith(sys.argv[1]) and PACKAGE.installed, PACKAGE.__file__
made = importlib.import_module("MODULE")
writers = [made.EventFileWriter(folder) for folder in ("logs/a", "logs/a/part", "logs/a/1764.5", "logs/b", "logs/a")]
for step, writer in enumerate(writers):
    writer.add_event(made.Event(step, "loss", step / 2))
"""


def install(folder: Path, package: str) -> None:
    """A package in place of the tracker, and the script that uses it."""
    site = folder / "site"
    file = site / PACKAGES[package]
    file.parent.mkdir(parents=True)
    for part in [site / package, *(site / package).rglob("*")]:
        if part.is_dir():
            (part / "__init__.py").write_text("installed = True\n")
    file.write_text(WRITER)
    module = PACKAGES[package].removesuffix(".py").replace("/", ".")
    (folder / "train.py").write_text(SCRIPT.replace("PACKAGE", package).replace("MODULE", module))


def python(folder: Path, *words: str, trackers: tuple[str, ...] = ("tensorboard",)) -> subprocess.CompletedProcess[str]:
    home = os.pathsep.join([str(folder / "site"), str(Path(aim.__file__).parents[1])])
    there = {**os.environ, "PYTHONPATH": home, "AIM_REPO": str(folder)}
    there["PYTHONPATH"] = on_path(trackers, there)
    return subprocess.run([sys.executable, *words], env=there, capture_output=True, text=True, cwd=folder)


def written(folder: Path, text: str) -> None:
    """A package tensorboard that has only this."""
    (folder / "site" / "tensorboard").mkdir(parents=True)
    (folder / "site" / "tensorboard" / "__init__.py").write_text(text)


@pytest.mark.parametrize("package", PACKAGES)
def test_each_folder_is_a_run(tmp_path: Path, package: str) -> None:
    install(tmp_path, package)
    done = python(tmp_path, "train.py", str(tmp_path / "site"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:-1] == ["logs/a 0", "logs/a/part 1", "logs/a/1764.5 2", "logs/b 3", "logs/a 4"]
    runs = {run.name: run for run in aim.Repo(tmp_path).select_runs()}
    assert set(runs) == {"logs/a", "logs/b"} and {run.status for run in runs.values()} == {"finished"}
    points = {str(trace.context): trace.values.tolist() for trace in runs["logs/a"].metrics["loss"]}
    assert points == {"{}": [0.0, 1.0, 2.0], "{'folder': 'part'}": [0.5]}
    assert runs["logs/b"].metrics["loss"].traces[0].steps.tolist() == [3]


def test_where_it_is_not_installed_the_import_fails_as_without_aim(tmp_path: Path) -> None:
    script = "try:\n    import tensorboard\nexcept ModuleNotFoundError as error:\n    print(error.name, error)"
    (tmp_path / "tensorboard").mkdir()
    done = python(tmp_path, "-S", "-c", script)
    assert done.stdout == "tensorboard No module named 'tensorboard'\n", done.stderr
    assert not (tmp_path / ".aim").exists()


def test_an_error_of_the_package_is_its_own(tmp_path: Path) -> None:
    written(tmp_path, "raise ImportError('too old')")
    assert "ImportError: too old" in python(tmp_path, "-c", "import tensorboard").stderr


def test_a_package_without_writer_is_told_and_left_alone(tmp_path: Path) -> None:
    written(tmp_path, "installed = True")
    done = python(tmp_path, "-c", "import tensorboard; print(tensorboard.installed)")
    assert done.stdout == "True\n" and "it has no EventFileWriter" in done.stderr


def test_events_of_a_script_that_syncs_go_to_its_run(tmp_path: Path) -> None:
    install(tmp_path, "tensorboard")
    script = "import tensorboard\nimport aim.wandb as wandb\nwandb.init(project='synced', sync_tensorboard=True)\n"
    (tmp_path / "train.py").write_text(script + (tmp_path / "train.py").read_text())
    done = python(tmp_path, "train.py", str(tmp_path / "site"))
    assert done.returncode == 0, done.stderr
    (run,) = aim.Repo(tmp_path).select_runs()
    assert run.experiment == "synced"


BOTH = """
import sys
import tensorboard, wandb
from tensorboard.summary.writer.event_file_writer import Event, EventFileWriter

def begin(which):
    if which == "wandb":
        return wandb.init(project="digits", config={"lr": 0.1}, **OTHERS)
    writer = EventFileWriter("logs/a")
    writer.add_event(Event(0, "loss", 0.1))
    return writer

begun = {which: begin(which) for which in sys.argv[1:]}
run, writer, other = begun["wandb"], begun["events"], EventFileWriter("logs/b")
for step in range(4):
    calls = [lambda: writer.add_event(Event(step, "loss", 0.1 * step)), lambda: run.log({"loss": 0.1 * step})]
    for call in calls if step % 2 else reversed(calls):
        call()
    other.add_event(Event(step, "loss", -step))
run.finish()
other.add_event(Event(9, "late", 9))
"""


@pytest.mark.parametrize("order", [("wandb", "events"), ("events", "wandb")])
def test_a_script_with_another_tracker_too_has_one_run(tmp_path: Path, order: tuple[str, ...]) -> None:
    install(tmp_path, "tensorboard")
    (tmp_path / "train.py").write_text(BOTH.replace("OTHERS", "{}"))
    done = python(tmp_path, "train.py", *order, trackers=("wandb", "tensorboard"))
    assert done.returncode == 0, done.stderr
    late, run = sorted(aim.Repo(tmp_path).select_runs(), key=lambda run: run.experiment == "digits")
    assert (run.experiment, run.params["hparams"], run.status) == ("digits", {"lr": 0.1}, "finished")
    loss = {str(trace.context): (trace.steps.tolist(), trace.values.tolist()) for trace in run.metrics["loss"]}
    steps, values = loss.pop("{}")
    assert steps == [0, 0, 1, 2, 3], "what both log at a step is recorded once; 0.1 at step 0 is another value"
    assert values == pytest.approx([0.1, 0, 0.1, 0.2, 0.3])
    assert loss == {"{'folder': 'b'}": ([0, 1, 2, 3], [0, -1, -2, -3])}
    assert late.metrics["late"].traces[0].values.tolist() == [9], "after its end, a folder is a run again"


def test_a_run_with_an_id_is_not_the_one_of_the_events_before(tmp_path: Path) -> None:
    install(tmp_path, "tensorboard")
    (tmp_path / "train.py").write_text(BOTH.replace("OTHERS", "{'id': 'mine'}"))
    done = python(tmp_path, "train.py", "events", "wandb", trackers=("wandb", "tensorboard"))
    assert done.returncode == 0, done.stderr
    runs = {run.hash: run for run in aim.Repo(tmp_path).select_runs()}
    assert runs["mine"].metrics["loss"].traces[0].steps.tolist() == [0, 1, 2, 3]
    assert {run.name for hash, run in runs.items() if hash != "mine"} == {"logs/a", "logs/b"}


def test_the_first_folder_is_the_run_of_the_command(tmp_path: Path) -> None:
    install(tmp_path, "tensorboard")
    command = [sys.executable, "train.py", str(tmp_path / "site")]
    done = python(tmp_path, "-m", "aim", "run", "-n", "mine", "--as", "tensorboard", "--", *command)
    assert done.returncode == 0, done.stderr
    runs = {run.name: run for run in aim.Repo(tmp_path).select_runs()}
    assert set(runs) == {"mine", "logs/b"} and "loss" in runs["mine"].metrics
