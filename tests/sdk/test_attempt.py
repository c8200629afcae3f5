"""Opening a run that exists: refused, resumed, or joined by the processes of one launch."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

import aim
from aim.errors import RunError, RunExists
from aim.log import edits, status
from aim.log.edits import Editor
from tests.processes import at_once
from tests.sdk.recorded import File, environment, files, only, python, started, status_of
from tests.sdk.scripts import RANK

NODE_7 = {"host": "node-7", "pid": 7, "started": "5", "boot": "b", "pid_ns": "p"}


def recorded(here: Path, name: str = "x", *steps: int) -> File:
    """A finished run with a point of 'loss' at these steps."""
    run = aim.Run(name)
    for step in steps or (0, 1, 2):
        run.track(step / 2, "loss", step=step)
    run.close()
    return files(here)[-1]


def test_a_name_that_exists_is_refused_and_the_message_says_how_to_go_on(here: Path) -> None:
    recorded(here)
    for opening in (lambda: aim.Run("x"), lambda: aim.Session(run="x")):
        with pytest.raises(RunExists, match=r"run 'x' already exists.*resume=True.*resume_from=STEP.*another name"):
            opening()
    assert len(files(here)) == 1, "and nothing was written"


def test_a_message_tells_ranks_of_an_unknown_launcher_how_to_join(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(here)
    with pytest.raises(RunExists) as refused:
        aim.Run("x")
    assert "AIM_ATTEMPT" not in str(refused.value)
    monkeypatch.setenv("RANK", "1")
    with pytest.raises(RunExists, match="AIM_ATTEMPT"):
        aim.Run("x")


def test_a_name_is_free_again_when_its_run_was_deleted(here: Path) -> None:
    first = recorded(here)
    editor = Editor(here / ".aim")
    editor.edit(first.run, "deleted", True)
    editor.close()
    again = aim.Run("x")
    assert again.id != first.run
    again.close()


@pytest.mark.parametrize("name", ["my_run", "a/b/../c", "..", "näme 名 🌱", "x" * 512, "con", "a\\b", "C:", "~", "-rf"])
def test_any_printable_name_is_a_name_and_never_a_path(here: Path, name: str) -> None:
    run = aim.Run(name)
    assert run.hash == run.run_hash == name
    run.close()
    file = only(here)
    assert file.start["hash"] == name
    assert set(os.listdir(here)) == {".aim"} and file.path.parent.parent == here / ".aim" / "runs"
    with pytest.raises(RunExists):
        aim.Run(name)


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\0b", "x" * 513, 5, b"x", ["x"]])
@pytest.mark.parametrize("what", ["run", "experiment"])
def test_an_invalid_name_is_refused_when_the_run_is_opened(here: Path, what: str, name: object) -> None:
    with pytest.raises((TypeError, ValueError), match=what):
        aim.Run(**{what: name})
    assert not (here / ".aim").exists()


def test_a_run_without_a_name_is_called_by_its_id(here: Path) -> None:
    run = aim.Run()
    run.close()
    assert run.hash == run.id == only(here).run and len(run.id) == 32
    resumed = aim.Run(run.hash, resume=True)
    assert resumed.id == run.id
    resumed.close()


def test_resume_of_a_name_that_is_new_begins_it(here: Path) -> None:
    run = aim.Run("x", resume=True)
    run.track(1.0, "loss")
    run.close()
    assert (only(here).start["role"], only(here).start["earlier"]) == ("main", {})


def test_resume_continues_in_its_own_file(here: Path) -> None:
    before = recorded(here)
    run = aim.Run("x", resume=True)
    for value in (0.5, 1):
        run.track(value, "loss")
        run.track(value, "new")
    run.close()
    first, second = files(here)
    assert (first.run, second.start["hash"]) == (second.run, "x")
    assert second.start["earlier"] == {before.writer: before.path.stat().st_size}
    assert (second.start["role"], second.start["resume_from"]) == ("main", None)
    assert second.start["attempt"] != first.start["attempt"]
    assert second.steps("loss") == [3, 4], "behind the highest step of the run"
    assert second.steps("new") == [0, 1]


def test_resume_from_hides_points_after_the_checkpoint(here: Path) -> None:
    recorded(here, "x", 0, 1, 2, 50, 3)
    run = aim.Run("x", resume_from=2)
    run.track(0.5, "loss")
    run.track(0.5, "loss")
    run.close()
    first, second = files(here)
    assert second.start["resume_from"] == 2
    assert second.steps("loss") == [2, 3], "the step after the highest that is not hidden"
    third = aim.Run("x", resume=True)
    third.track(0.5, "loss")
    third.close()
    assert files(here)[2].steps("loss") == [4], "what the second attempt hid stays hidden"
    assert set(files(here)[2].start["earlier"]) == {first.writer, second.writer}


def test_resume_from_0_hides_everything_and_its_own_points_stay(here: Path) -> None:
    recorded(here)
    run = aim.Run("x", resume_from=0)
    run.track(0.5, "loss")
    run.track(0.5, "loss")
    run.close()
    assert files(here)[1].steps("loss") == [0, 1]


def test_explicit_steps_of_a_resumed_run_move_the_counter_too(here: Path) -> None:
    recorded(here, "x", 0, 9)
    run = aim.Run("x", resume=True)
    run.track(0.5, "loss", step=3)
    run.track(0.5, "loss")
    run.track(0.5, "loss", step=20)
    run.track(0.5, "loss")
    run.close()
    assert files(here)[1].steps("loss") == [3, 10, 20, 21]


@pytest.mark.parametrize("step", ["2", 1.5, 1 << 64, None.__class__])
def test_an_invalid_checkpoint_is_refused(here: Path, step: object) -> None:
    with pytest.raises((TypeError, ValueError), match="resume_from"):
        aim.Run("x", resume_from=step)  # type: ignore[arg-type]


def test_resume_keeps_the_experiment_unless_another_is_given(here: Path) -> None:
    aim.Run("x", experiment="vision").close()
    again = aim.Run("x", resume=True)
    assert again.experiment == "vision"
    again.close()
    moved = aim.Run("x", resume=True, experiment="speech")
    assert moved.experiment == "speech"
    moved.close()
    assert files(here)[2].fields == {"experiment": "speech"}


def test_params_set_after_a_resume_win_over_earlier_ones_also_with_a_clock_that_lags(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as clock:
        clock.setattr(time, "time_ns", lambda: 4_000_000_000 * 10**9)
        run = aim.Run("x")
        run["lr"] = "of the host with the fast clock"
        run.close()
    run = aim.Run("x", resume=True)
    run["lr"] = "later"
    run.close()
    stamps = [stamp_of(file) for file in files(here)]
    assert stamps[1] == stamps[0] + 1


def stamp_of(file: File) -> int:
    from aim.log import record
    from aim.log.reader import Log

    (params,) = [entry.payload for entry in Log(file.path).records() if entry.kind == record.PARAMS]
    return int(record.decode_json(params)["stamp"])


CRASH = """
import aim, os, signal
run = aim.Run("x")
for step in range(10):
    run.track(step / 2, "loss")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_run_that_crashed_is_resumed_by_its_name(here: Path) -> None:
    assert python(here, CRASH).returncode == -9
    assert status_of(here).word == "killed"
    run = aim.Run("x", resume=True)
    run.track(0.5, "loss")
    assert status_of(here).word == "running"
    run.close()
    assert status_of(here).word == "finished"
    assert files(here)[1].steps("loss") == [10]


@pytest.mark.parametrize("torn", [1, 3, 20, 43])
def test_a_run_with_a_torn_tail_is_resumed_after_it(here: Path, torn: int) -> None:
    before = recorded(here)
    data = before.path.read_bytes()
    end = len(data) - 44
    before.path.write_bytes(data[: end - torn])
    run = aim.Run("x", resume=True)
    run.track(0.5, "loss")
    run.close()
    resumed = next(path for path in (here / ".aim" / "runs").glob("*/*.log") if path != before.path)
    from tests.sdk.recorded import read

    assert read(resumed).start["earlier"] == {before.writer: end - torn}


def test_a_sealed_run_is_resumed(here: Path) -> None:
    from aim.log import seal

    before = recorded(here)
    size = before.path.stat().st_size
    seal.write({before.path: seal.encode(before.path.read_bytes())})
    assert not before.path.exists()
    run = aim.Run("x", resume=True)
    run.track(0.5, "loss")
    run.close()
    resumed = files(here)[1]
    assert resumed.steps("loss") == [3] and resumed.start["earlier"] == {before.writer: size}


@pytest.mark.parametrize("role", ["main", "output"])
def test_a_resume_does_not_read_all_of_a_sealed_output(here: Path, role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have 100 MB; what is needed is where the writer began and how it ended."""
    from aim.log import record, seal

    before = recorded(here)
    writer = bytes.fromhex("ab" * 8)
    log = before.path.with_name(f"{before.run}-{writer.hex()}.log")
    start = {**before.start, "writer": writer.hex(), "role": role}
    data = record.pack_header(bytes.fromhex(before.run), writer)
    parts = [(record.START, record.encode_json(start)), *[(record.OUTPUT, os.urandom(1 << 18))] * 8]
    for kind, payload in [*parts, (record.END, record.encode_json({"time": 1.0, "status": "finished"}))]:
        data += record.pack(kind, payload, record.seed(bytes.fromhex(before.run), writer), len(data))
    log.write_bytes(data)
    (sealed,) = seal.write({log: seal.encode(data)})
    monkeypatch.setattr(seal, "decode", None)
    run = aim.Run("x", resume=True)
    run.close()
    monkeypatch.undo()
    earlier = files(here)[-1].start["earlier"]
    assert earlier[before.writer] == before.path.stat().st_size
    assert (writer.hex() in earlier) == (role == "main") and sealed.exists()


def test_two_runs_with_one_name_after_a_merge_are_distinguished_by_id(here: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    ids = []
    for place in (here, there):
        run = aim.Run("baseline", repo=place)
        run.track(1.0, "loss")
        run.close()
        ids.append(run.id)
    shutil.copytree(there / ".aim", here / ".aim", dirs_exist_ok=True)
    with pytest.raises(RunError, match="2 runs are called 'baseline'") as refused:
        aim.Run("baseline", resume=True)
    assert all(f"run='{id}'" in str(refused.value) for id in ids)
    with pytest.raises(RunExists):
        aim.Run("baseline")
    for id in ids:
        with pytest.raises(RunExists):
            aim.Run(id)
        run = aim.Run(id, resume=True)
        assert (run.id, run.hash) == (id, "baseline")
        run.track(2.0, "loss")
        run.close()
    assert sorted(file.run for file in files(here)) == sorted(ids * 2)
    assert [file.steps("loss") for file in files(here)[2:]] == [[1], [1]]


# Children and strangers

CHILD = "import aim; run = aim.Run('x'); run.track(2.0, 'child'); run.close()"


def test_a_child_of_a_living_run_joins_it(here: Path) -> None:
    run = aim.Run("x")
    run.track(1.0, "loss")
    for _ in range(2):
        child = python(here, CHILD)
        assert (child.returncode, child.stderr) == (0, "")
    run.track(1.0, "loss")
    run.close()
    recorded_files = files(here)
    assert [file.start["role"] for file in recorded_files] == ["main", "join", "join"]
    assert len({file.start["attempt"] for file in recorded_files}) == 1
    assert [file.values("child") for file in recorded_files[1:]] == [[2.0]] * 2
    assert [file.steps("child") for file in recorded_files[1:]] == [[0], [1]], "one run, one counter"


def test_a_child_of_a_process_that_closed_the_run_is_refused(here: Path) -> None:
    run = aim.Run("x")
    run.close()
    child = python(here, CHILD)
    assert child.returncode == 1 and "RunExists" in child.stderr
    assert len(files(here)) == 1


@pytest.mark.parametrize("options", ["resume=True", "resume_from=5"])
def test_a_run_that_another_process_records_is_not_resumed(here: Path, options: str) -> None:
    child = started(here, RANK, "{}", "0")
    assert child.stdout is not None and child.stdout.readline()
    refused = python(here, f"import aim; aim.Run('x', {options})")
    assert f"RunError: run 'x' cannot be resumed while process {child.pid} on" in refused.stderr
    assert "Stop that process or wait for its end" in refused.stderr
    assert len(files(here)) == 1 and status_of(here).word == "running"
    child.communicate()
    assert python(here, f"import aim; aim.Run('x', {options})").returncode == 0


@pytest.mark.parametrize(
    ("process", "shown"),
    [
        (NODE_7, "process 7 on node-7"),
        ({}, "a process whose number is unknown on an unknown machine"),
        ({"pid": [7], "host": {}}, "a process whose number is unknown on an unknown machine"),
    ],
)
def test_a_resume_continues_with_a_warning_if_the_other_process_is_invisible(
    here: Path, capfd: pytest.CaptureFixture[str], process: dict[str, object], shown: str
) -> None:
    """A job that was requeued to another host must start, though the host that it left was never seen to end."""
    data = elsewhere(recorded(here), process)
    run = aim.Run("x", resume=True)
    told = capfd.readouterr().err
    assert f"run 'x' is resumed, but {shown} may still record it: its last heartbeat was " in told
    run.close()
    assert status_of(here).word == "finished", "the other sent no heartbeat since"
    beat = time.time() + status.PULSE_SECONDS + 1
    os.utime(data, (beat, beat))
    assert status_of(here).word == "running", "it does record"


def elsewhere(file: File, process: Mapping[str, object] = NODE_7) -> Path:
    """The file of a run, as if a process on another host recorded it."""
    from aim.log import record

    start = {**file.start, "process": process}
    run, writer = bytes.fromhex(file.run), bytes.fromhex(file.writer)
    head = record.pack_header(run, writer)
    file.path.write_bytes(
        head + record.pack(record.START, record.encode_json(start), record.seed(run, writer), len(head))
    )
    return file.path


def test_a_grandchild_joins_too(here: Path) -> None:
    run = aim.Run("x")
    shell = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" -c "{CHILD}"; true'], cwd=here, env=environment(), capture_output=True
    )
    assert shell.stderr == b""
    run.close()
    assert [file.start["role"] for file in files(here)] == ["main", "join"]


def test_a_stranger_is_refused_while_the_run_lives(here: Path) -> None:
    child = started(here, RANK, "{}", "0")
    assert child.stdout is not None and child.stdout.readline()
    with pytest.raises(RunExists, match="resume=True"):
        aim.Run("x")
    child.communicate()


def test_the_same_process_is_refused_while_it_has_the_run_open(here: Path) -> None:
    run = aim.Run("x")
    with pytest.raises(RunExists):
        aim.Run("x")
    run.close()


EIGHT = """
import aim, sys
sys.stdin.readline()
session = aim.Session(repo="shared", experiment="one")
for step in range(50):
    session.track(step / 2, name="loss")
session.close()
print(session.run_hash)
"""


def test_eight_processes_make_repository_and_experiment_at_the_same_moment(here: Path) -> None:
    children = [started(here, EIGHT) for _ in range(8)]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    hashes = []
    for child in children:
        out, err = child.communicate()
        assert child.returncode == 0, err
        hashes.append(out.strip())
    recorded_files = files(here / "shared")
    assert sorted(file.start["hash"] for file in recorded_files) == sorted(hashes) and len(set(hashes)) == 8
    assert all(file.values("loss") == [step / 2 for step in range(50)] for file in recorded_files)
    assert {file.start["experiment"] for file in recorded_files} == {"one"}
    assert {file.end and file.end["status"] for file in recorded_files} == {"finished"}
    assert edits.latest(here / "shared" / ".aim") == {}


STRANGER = """
import aim, sys
sys.stdin.readline()
run = aim.Run("x", repo="shared")
run.track(1.0, "loss")
sys.stdin.read()
"""


def test_of_eight_processes_that_claim_one_name_at_once_one_wins(here: Path) -> None:
    children = [started(here, STRANGER) for _ in range(8)]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    refused = 0
    for child in children:
        _, err = child.communicate()
        refused += child.returncode == 1 and "RunExists" in err
    assert refused == 7 and len(files(here / "shared")) == 1


def test_status_here_is_killed_as_soon_as_the_process_is_gone(here: Path) -> None:
    child = started(here, RANK, "{}", "0")
    assert child.stdout is not None and child.stdout.readline()
    assert status_of(here).word == "running"
    child.kill()
    child.communicate()
    assert status_of(here) == status.Status("killed", None, status_of(here).finished_at, status_of(here).seen_at)


RESUMES = """
import sys
import aim
print("ready", flush=True)
sys.stdin.readline()
try:
    run = aim.Run("exp", resume=True)
except aim.errors.RunError as error:
    print(error, flush=True)
else:
    print("resumed", flush=True)
    sys.stdin.readline()
"""


def test_of_processes_that_resume_at_the_same_instant_one_does(here: Path) -> None:
    with aim.Run("exp") as run:
        run.track(0.5, "loss")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RESUMES], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=here
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    said = at_once(processes)
    assert said.count("resumed") == 1
    assert sum("cannot be resumed while process" in text for text in said) == 2
