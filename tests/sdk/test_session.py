"""Session, the module-level functions and the environment: the interface of version 2."""

from __future__ import annotations

import inspect
import math
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import aim
from aim import layout
from aim.log.edits import Editor
from tests.sdk.recorded import File, environment, files, only, python, status_of

README = """
import aim
from aim import layout

aim.set_params({"learning_rate": 0.0001, "batch_size": 32}, name="hparams")
for step in range(10):
    aim.track(1 / (step + 1), name="loss", epoch=step // 5, subset="train")
"""


def test_the_lines_of_the_readme_record_a_run(here: Path) -> None:
    ended = python(here, README)
    assert (ended.returncode, ended.stdout) == (0, "")
    file = only(here)
    assert file.values("loss", subset="train") == [1 / (step + 1) for step in range(10)]
    assert file.params == {"hparams": {"learning_rate": 0.0001, "batch_size": 32}}
    assert status_of(here).word == "finished"


def test_a_repository_above_is_used_and_reported_once(here: Path) -> None:
    first = python(here, README)
    assert first.stderr == f"aim: recording to {here / '.aim'}\n"
    below = here / "a" / "b"
    below.mkdir(parents=True)
    second = python(below, README)
    assert second.stderr == ""
    assert len(files(here)) == 2 and not (below / ".aim").exists()


def test_session_has_the_arguments_of_version_2_in_their_order() -> None:
    names = list(inspect.signature(aim.Session).parameters)
    assert names[:5] == ["repo", "experiment", "flush_frequency", "block_termination", "run"]
    assert list(inspect.signature(aim.track).parameters)[:2] == ["value", "name"]
    assert list(inspect.signature(aim.set_params).parameters) == ["params", "name"]


def test_a_session_with_all_its_arguments(here: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    session = aim.Session(str(place), "e1", 1, False, "my_run")
    session.track(0.5, "loss", 3, 7, subset="train", dataset="d1")
    session.set_params({"lr": 0.1})
    session.set_params({"depth": 3}, "net")
    session.flush()
    session.close()
    assert (session.run_hash, session.repo_path) == ("my_run", str(place / ".aim"))
    file = only(place)
    (point,) = file.points["loss", '{"dataset": "d1", "subset": "train"}']
    assert (point.step, point.epoch, point.value) == (7, 3.0, 0.5)
    assert file.params == {"default": {"lr": 0.1}, "net": {"depth": 3}}
    assert file.start["experiment"] == "e1"


@pytest.mark.parametrize("spelled", ["{place}", "{place}/", "{place}/.aim", "{place}/../place", "~/place"])
def test_the_repository_may_be_spelled_in_many_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelled: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    place = tmp_path / "place"
    place.mkdir()
    for repo in (spelled.format(place=place), Path(spelled.format(place=place))):
        session = aim.Session(repo=repo)
        session.close()
        assert session.repo_path == str(place / ".aim")
    assert len(files(place)) == 2


@pytest.mark.parametrize(
    ("arguments", "kind", "says"),
    [
        ({"flush_frequency": -1}, ValueError, "flush_frequency=-1"),
        ({"repo": 5}, TypeError, "repo=5 must be the path of a folder"),
        ({"flush_frequency": "128"}, ValueError, "flush_frequency='128'"),
        ({"flush_frequency": True}, ValueError, "flush_frequency=True"),
        ({"block_termination": 1}, TypeError, "block_termination=1"),
        ({"experiment": 5}, TypeError, "experiment must be text, not int 5"),
        ({"run": 5}, TypeError, "run must be text, not int 5"),
        ({"run": ""}, ValueError, "run ''"),
        ({"resume_from": "x"}, TypeError, "resume_from 'x' is not an integer"),
    ],
)
def test_wrong_arguments_are_refused_where_a_session_is_opened(
    here: Path, arguments: dict[str, Any], kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=says):
        aim.Session(**arguments)
    assert not (here / ".aim").exists()


@pytest.mark.parametrize("moment", ["yesterday", math.nan, math.inf, True, -1.0, 1.8e12])
def test_an_invalid_start_time_is_refused_by_its_value(here: Path, moment: Any) -> None:
    with pytest.raises(ValueError, match=f"started_at={moment!r} must be a time in seconds from 1970 to 9999"):
        aim.Run("r", started_at=moment)
    assert not (here / ".aim").exists()


def by_hash(here: Path) -> dict[str, File]:
    return {file.start["hash"]: file for file in files(here)}


def test_two_sessions_interleaved_are_two_runs(here: Path, tmp_path: Path) -> None:
    here_session, two = aim.Session(run="one"), aim.Session(repo=tmp_path / "there", run="two", experiment="other")
    for step in range(10):
        here_session.track(float(step), name="loss")
        two.track(-float(step), name="loss")
        two.track(step, name="loss", subset="val")
    here_session.set_params({"a": 1})
    two.set_params({"b": 2})
    here_session.close()
    two.track(99.0, name="loss")
    two.close()
    first, second = only(here), only(tmp_path / "there")
    assert first.values("loss") == [float(step) for step in range(10)] and first.params == {"default": {"a": 1}}
    assert second.values("loss") == [*(-float(step) for step in range(10)), 99.0]
    assert second.values("loss", subset="val") == list(range(10)) and second.params == {"default": {"b": 2}}


def test_module_level_functions_go_to_the_first_open_session_then_to_the_next(here: Path) -> None:
    first, two = aim.Session(run="one"), aim.Session(run="two")
    aim.track(1.0, name="m")
    aim.set_params({"p": 1})
    first.close()
    aim.track(2.0, name="m")
    aim.flush()
    two.close()
    aim.track(3.0, name="m")
    aim.track(4.0, name="m")
    recorded_files = files(here)
    assert [file.values("m") for file in recorded_files] == [[1.0], [2.0], [3.0, 4.0]], "none is open: a new run begins"
    assert recorded_files[0].params == {"default": {"p": 1}}


KERAS = """
import aim, os
aim.set_params({"lr": 0.1}, name="hparams")
"""


@pytest.mark.parametrize(
    ("more", "runs"),
    [
        ("aim.Session(experiment='digits').track(0.5, 'loss')", 1),
        ("aim.Session().track(0.5, 'loss')", 1),
        ("aim.Session('.', 'digits').track(0.5, 'loss')", 1),
        ("aim.Session(run='mine').track(0.5, 'loss')", 2),
        ("aim.Session(environment=False).track(0.5, 'loss')", 2),
        ("aim.Session('other').track(0.5, 'loss')", 2),
        ("aim.track(1, name='before'); aim.Session(experiment='digits').track(0.5, 'loss')", 2),
        ("aim.Session().close(); aim.Session().track(0.5, 'loss')", 2),
        ("first, second = aim.Session(), aim.Session(); second.track(0.5, 'loss')", 2),
        ("if os.fork() == 0: aim.Session(experiment='digits').track(0.5, 'loss')\nelse: os.wait()", 2),
    ],
)
def test_a_session_continues_a_run_that_holds_only_params(here: Path, more: str, runs: int) -> None:
    """As in the first README's snippet for Keras, whose queries find metrics by params."""
    ended = python(here, KERAS + more)
    assert ended.returncode == 0, ended.stderr
    recorded = [file for folder in (here, here / "other") if folder.is_dir() for file in files(folder)]
    assert len({file.run for file in recorded}) == runs
    with_both = [file for file in recorded if file.params and file.values("loss")]
    assert len(with_both) == (runs == 1)
    assert ("this session continues run" in ended.stderr) == (runs == 1 or ".close()" in more or "second" in more)
    if runs == 1:
        wanted = "digits" if "digits" in more else "default"
        assert (aim.Repo(here).run(recorded[0].run).experiment) == wanted


def test_a_run_does_not_receive_module_level_calls(here: Path) -> None:
    with aim.Run("own") as run:
        run.track(1.0, "m")
        aim.track(2.0, name="m")
    assert by_hash(here)["own"].values("m") == [1.0] and len(files(here)) == 2


def test_the_default_session_is_opened_once_by_many_threads(here: Path) -> None:
    ready = threading.Barrier(8)

    def work(number: int) -> None:
        ready.wait()
        aim.track(float(number), name="m")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(only(here).values("m")) == [float(number) for number in range(8)]


def test_sessions_opened_and_closed_by_threads_during_module_level_calls(here: Path) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(30):
                session = aim.Session()
                aim.track(1.0, name="m")
                session.close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_flush_without_a_session_opens_none(here: Path) -> None:
    aim.flush()
    assert not (here / ".aim").exists()


def test_a_session_is_a_context_manager(here: Path) -> None:
    with pytest.raises(ZeroDivisionError), aim.Session(run="x") as session:
        session.track(1.0, name="m")
        1 / 0  # noqa: B018
    assert (status_of(here).word, status_of(here).error) == ("failed", "ZeroDivisionError: division by zero")


def test_init_makes_a_repository_and_keeps_the_one_that_is_there(here: Path, tmp_path: Path) -> None:
    assert aim.init() == str(here / ".aim")
    run = aim.Run("x")
    run.close()
    assert aim.init() == str(here / ".aim") and len(files(here)) == 1
    assert aim.init(tmp_path / "new" / "deep") == str(tmp_path / "new" / "deep" / ".aim")
    assert sorted(os.listdir(tmp_path / "new" / "deep" / ".aim")) == ["cache", "edits", "repo.json", "runs"]


# The experiment


def test_the_experiment_is_the_active_one_of_its_own_repository(here: Path, tmp_path: Path) -> None:
    editor = Editor(here / ".aim")
    editor.edit(None, "active_experiment", "night")
    editor.close()
    aim.Run("here").close()
    aim.Run("there", repo=tmp_path / "there").close()
    aim.Run("named", experiment="day").close()
    assert {name: file.start["experiment"] for name, file in by_hash(here).items()} == {"here": "night", "named": "day"}
    assert only(tmp_path / "there").start["experiment"] == "default"


# The environment


def test_arguments_override_aim_repo_and_aim_experiment(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIM_REPO", str(tmp_path / "env"))
    monkeypatch.setenv("AIM_EXPERIMENT", "env")
    aim.Run("a").close()
    aim.Run("b", repo=here, experiment="given").close()
    assert only(tmp_path / "env").start["experiment"] == "env"
    assert only(here).start["experiment"] == "given"
    assert aim.init() == str(tmp_path / "env" / ".aim")


def test_aim_run_names_the_first_run_that_has_no_name(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIM_RUN", "from-env")
    named, first, second = aim.Run("given"), aim.Run(), aim.Run()
    assert (named.hash, first.hash) == ("given", "from-env") and second.hash == second.id
    for run in (named, first, second):
        run.close()


def test_an_existing_aim_run_costs_the_name_and_not_the_points(here: Path) -> None:
    for _ in range(2):
        ended = python(here, "import aim; aim.track(1.0, name='m')", AIM_RUN="x")
        assert ended.returncode == 0
    assert "AIM_RUN='x' could not be used" in ended.stderr and "Recording to run" in ended.stderr
    assert [file.values("m") for file in files(here)] == [[1.0], [1.0]]


def test_aim_disabled_records_nothing_and_the_script_is_the_same(here: Path) -> None:
    code = """
import aim
from aim import layout
aim.track(1.0, name="m")
with aim.Run("x", experiment="e") as run:
    run["hparams"] = {"lr": 0.1}
    print(run["hparams"]["lr"], run["hparams", "lr"], run.hash, run.closed, run.lost, run.tags, run.experiment)
    run.track("wrong", "m")
    run.name = "n"
    run.add_tag("t")
    run.flush()
session = aim.Session(run="x")
session.track(1.0, name="m")
session.close()
print(len(aim.Run().hash))
"""
    disabled = python(here, code, AIM_DISABLED="1")
    assert disabled.returncode == 0, disabled.stderr
    assert disabled.stdout.splitlines() == ["0.1 0.1 x False 0 () e", "32"]
    assert disabled.stderr == "" and not (here / ".aim").exists()


@pytest.mark.parametrize("value", ["", "0"])
def test_aim_disabled_0_records(here: Path, value: str) -> None:
    assert python(here, README, AIM_DISABLED=value).returncode == 0
    assert len(files(here)) == 1


# What is loaded


def test_recording_loads_nothing_outside_the_standard_library(here: Path) -> None:
    code = """
import sys
import aim
from aim import layout
with aim.Run("x", experiment="e") as run:
    run.track({"loss": 0.5}, context={"subset": "train"})
    run["p"] = {"a": [1]}
    run.flush()
foreign = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names) - {"aim", "__mp_main__"}
print(*sorted(name for name in foreign if not name.startswith(("_", "sitecustomize", "usercustomize"))))
"""
    (here / "t.py").write_text(code)
    command = [sys.executable, "-S", "-W", "error", "t.py"]
    ended = subprocess.run(command, cwd=here, capture_output=True, text=True, env=environment(), check=True)
    assert ended.stdout.strip() == ""


def test_a_run_opens_with_few_calls_of_the_system(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The count stands for the time: with a thousand other runs, a new run costs no more."""
    for _ in range(20):
        aim.Run().close()
    opens: list[str] = []
    real = os.open
    monkeypatch.setattr(os, "open", lambda path, *a, **k: (opens.append(Path(path).name[:32]), real(path, *a, **k))[1])
    listed: list[str] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path=".": (listed.append(str(path)), scandir(path))[1])
    run = aim.Run()
    run.track(1.0, "m")
    run.close()
    monkeypatch.undo()
    folder = layout.run_dir(here / ".aim", run.id).name
    way = [".aim", "runs", folder]
    expected = ["repo.json", *way, *way, run.id]
    assert [name for name in opens if name in expected] == expected
    assert [path for path in listed if path.endswith("runs")] == []
