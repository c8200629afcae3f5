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
from aim.sdk.ranks import Member, launch_name
from tests.processes import at_once
from tests.sdk.recorded import File, environment, files, only, python, started, status_of

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
    seal.write(before.path, seal.encode(before.path.read_bytes()))
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
    sealed = seal.write(log, seal.encode(data))
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


# Ranks, children and strangers

RANK = """
import aim, sys, time
run = aim.Run("x", **eval(sys.argv[1]) if len(sys.argv) > 1 else {})
for step in range(20):
    run.track(float(run._recording.attempt.role == "main"), "loss", step=step, context={"rank": int(sys.argv[2])})
print(run.id, flush=True)
sys.stdin.read()
run.close()
"""

TORCHRUN = {"TORCHELASTIC_RUN_ID": "none", "TORCHELASTIC_RESTART_COUNT": "0", "MASTER_PORT": "29500"}
SLURM = {"SLURM_JOB_ID": "77", "SLURM_STEP_ID": "0"}
LAUNCHES = {
    "torchrun": TORCHRUN,
    "torchrun with an id": TORCHRUN | {"TORCHELASTIC_RUN_ID": "f00"},
    "slurm": SLURM,
    "open mpi": {"OMPI_COMM_WORLD_SIZE": "8", "PMIX_NAMESPACE": "prterun-node-7@1"},
    "mpich": {"PMI_SIZE": "8", "HYDI_CONTROL_FD": "7"},
    "by hand": {"AIM_ATTEMPT": "tuesday"},
}


def ranks(here: Path, count: int, variables: Mapping[str, str], options: str = "{}") -> list[subprocess.Popen[str]]:
    """So many processes that open run 'x' at the same moment; each has printed the run's id."""
    children = [started(here, RANK, options, str(rank), RANK=str(rank), **variables) for rank in range(count)]
    for child in children:
        assert child.stdout is not None and child.stderr is not None
        assert (line := child.stdout.readline()), child.stderr.read()
        assert len(line.strip()) == 32
    return children


def end(children: list[subprocess.Popen[str]]) -> None:
    for child in children:
        _, err = child.communicate()
        told = [line for line in err.splitlines() if not line.startswith("aim: recording to ")]
        assert (child.returncode, told) == (0, [])


@pytest.mark.parametrize("launcher", LAUNCHES)
def test_the_ranks_of_one_launch_join_one_run(here: Path, launcher: str) -> None:
    end(ranks(here, 8 if launcher == "torchrun" else 3, LAUNCHES[launcher]))
    recorded_files = files(here)
    assert (
        len({file.run for file in recorded_files}) == 1 and len({file.start["attempt"] for file in recorded_files}) == 1
    )
    assert sorted(file.start["role"] for file in recorded_files) == ["join"] * (len(recorded_files) - 1) + ["main"]
    for file in recorded_files:
        ((name, _),) = file.points
        assert name == "loss" and len(next(iter(file.points.values()))) == 20
    assert status_of(here).word == "finished"


# What gives two trainings, one after the other, the same variables.
REPEATED: dict[str, Mapping[str, str]] = {
    **LAUNCHES,
    "two scripts in the shell of srun --pty": {"SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0", "SLURM_PROCID": "0"},
    "two scripts in the shell of salloc": {"SLURM_JOB_ID": "7", "SLURM_STEP_ID": "4294967290", "SLURM_PROCID": "0"},
    "torchrun --rdzv_id=job1": {
        "TORCHELASTIC_RUN_ID": "job1", "TORCHELASTIC_RESTART_COUNT": "0", "TORCHELASTIC_MAX_RESTARTS": "0",
        "MASTER_ADDR": "node-1", "MASTER_PORT": "29400", "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "GROUP_RANK": "0",
    },
    "accelerate launch": TORCHRUN | {"ACCELERATE_MIXED_PRECISION": "no", "LOCAL_WORLD_SIZE": "2", "WORLD_SIZE": "2"},
    "a loop in the shell of mpirun": {
        "OMPI_COMM_WORLD_SIZE": "2", "PMIX_NAMESPACE": "prterun-node-7-5@1", "OMPI_MCA_ess_base_jobid": "3105",
    },
    "MPICH with a job id": {"PMI_SIZE": "2", "PMI_JOBID": "kvs_5_0"},
}  # fmt: skip


@pytest.mark.parametrize("launcher", REPEATED)
def test_the_next_training_with_the_same_variables_is_not_part_of_the_last_one(here: Path, launcher: str) -> None:
    end(ranks(here, 2, REPEATED[launcher]))
    for rank in ("0", "2"):
        refused = python(here, "import aim; aim.Run('x')", RANK=rank, **REPEATED[launcher])
        assert refused.returncode == 1 and "RunExists" in refused.stderr and "resume=True" in refused.stderr
    assert len(files(here)) == 2
    end(ranks(here, 2, REPEATED[launcher], "{'resume_from': 5}"))
    before, after = files(here)[:2], files(here)[2:]
    assert {file.start["attempt"] for file in before} & {file.start["attempt"] for file in after} == set()
    for main in (file for file in after if file.start["role"] == "main"):
        assert main.start["resume_from"] == 5 and {file.writer for file in before} <= set(main.start["earlier"])


@pytest.mark.parametrize("ending", ["os.kill(os.getpid(), 9)", "1 / 0", "run.close()"])
def test_a_loop_that_restarts_the_script_in_one_step_of_slurm(here: Path, ending: str) -> None:
    code = f"import aim, os; run = aim.Run('x', resume=True); run.track(1.0, 'loss'); {ending}"
    for _ in range(3):
        python(here, code, SLURM_PROCID="0", **SLURM)
    assert [file.start["role"] for file in files(here)] == ["main"] * 3
    assert [file.steps("loss") for file in files(here)] == [[0], [1], [2]]


LATE = """
import sys
sys.stdin.readline()
import aim
run = aim.Run("x")
run.track(1.0, "loss")
run.close()
"""


@pytest.mark.parametrize(("variables", "joins"), [
    (SLURM | {"SLURM_PROCID": "1"}, True),
    (SLURM | {"SLURM_PROCID": "0"}, False),
    (SLURM, False),
    ({"AIM_ATTEMPT": "tuesday"}, True),
])  # fmt: skip
def test_a_rank_that_opens_the_run_after_the_others_ended(here: Path, variables: dict[str, str], joins: bool) -> None:
    """It joins if it had started before they ended, and is not one of them again."""
    late = started(here, LATE, **variables)
    first = python(here, "import aim; aim.Run('x').close()", **variables | {"SLURM_PROCID": "0"})
    assert first.returncode == 0, first.stderr
    _, err = late.communicate("go\n")
    assert (late.returncode == 0, "RunExists" in err) == (joins, not joins), err
    assert [file.start["role"] for file in files(here)] == ["main", "join"][: 1 + joins]


def test_a_rank_that_failed_does_not_join_what_it_left(here: Path) -> None:
    """Its steps would be there twice. The others end with it, and then the next start resumes."""
    (other,) = ranks(here, 1, SLURM | {"SLURM_PROCID": "1"})
    failed = python(here, "import aim; run = aim.Run('x'); 1 / 0", SLURM_PROCID="0", **SLURM)
    assert "ZeroDivisionError" in failed.stderr and files(here)[1].start["role"] == "join"
    again = python(here, "import aim; aim.Run('x')", SLURM_PROCID="0", **SLURM)
    assert f"RunExists: run 'x' already exists. Process {other.pid} on" in again.stderr
    end([other])
    again = python(here, "import aim; aim.Run('x', resume=True)", SLURM_PROCID="0", **SLURM)
    assert (again.returncode, files(here)[2].start["role"]) == (0, "main")


def test_a_rank_that_finished_may_open_the_run_again_while_the_launch_lives(here: Path) -> None:
    (other,) = ranks(here, 1, SLURM | {"SLURM_PROCID": "1"})
    for _ in range(2):
        evaluated = python(here, "import aim; aim.Run('x').close()", SLURM_PROCID="0", **SLURM)
        assert evaluated.returncode == 0, evaluated.stderr
    assert [file.start["role"] for file in files(here)] == ["main", "join", "join"]
    end([other])


@pytest.mark.parametrize("launcher", ["torchrun", "slurm"])
def test_ranks_resume_together(here: Path, launcher: str) -> None:
    first = LAUNCHES[launcher]
    end(ranks(here, 3, first))
    again = first if launcher == "torchrun" else first | {"SLURM_RESTART_COUNT": "1"}
    end(ranks(here, 3, again, "{'resume_from': 5}"))
    recorded_files = files(here)
    assert len({file.run for file in recorded_files}) == 1
    before, after = {file.writer for file in recorded_files[:3]}, recorded_files[3:]
    assert len({file.start["attempt"] for file in after}) == 1
    assert after[0].start["attempt"] != recorded_files[0].start["attempt"]
    for file in after:
        if file.start["role"] == "main":
            assert file.start["resume_from"] == 5 and before <= set(file.start["earlier"])
        assert not set(file.start["earlier"]) & {other.writer for other in after}, "never those of the same attempt"


AT_ONCE = {
    "slurm": SLURM | {"SLURM_PROCID": "0"},
    "mpich": {"PMI_SIZE": "1", "PMI_RANK": "0", "HYDI_CONTROL_FD": "7"},
    "torchrun": TORCHRUN | {"RANK": "0", "LOCAL_RANK": "0"},
}


@pytest.mark.parametrize("launcher", AT_ONCE)
def test_two_scripts_of_one_rank_are_not_ranks_of_one_launch(here: Path, launcher: str) -> None:
    """As two that are started with & in one shell of Slurm."""
    first = started(here, RANK, "{}", "0", **AT_ONCE[launcher])
    assert first.stdout is not None and first.stdout.readline()
    shell = ["sh", "-c", '"$0" -c "import aim; aim.Run(\'x\')"; exit $?', sys.executable]
    refused = subprocess.run(shell, cwd=here, env=environment(**AT_ONCE[launcher]), capture_output=True, text=True)
    assert f"RunExists: run 'x' already exists. Process {first.pid} on" in refused.stderr
    assert "set AIM_ATTEMPT to a text that is unique to the launch" in refused.stderr
    end([first])
    assert len(files(here)) == 1


def test_workers_of_one_rank_that_one_program_started_join(here: Path) -> None:
    """A driver that does not record, with workers that do."""
    (here / "work.py").write_text("import aim\ndef work(both): run = aim.Run('x'); both.wait(60)\n")
    code = "import multiprocessing, work\nif __name__ == '__main__':\n"
    code += "  spawn = multiprocessing.get_context('spawn'); both = spawn.Barrier(2)\n"
    code += "  workers = [spawn.Process(target=work.work, args=(both,)) for _ in range(2)]\n"
    code += "  for worker in workers: worker.start()\n  for worker in workers: worker.join()\n"
    ended = python(here, code, SLURM_PROCID="0", **SLURM)
    assert (ended.returncode, len(files(here))) == (0, 2), ended.stderr
    assert len({file.run for file in files(here)}) == 1


LAUNCHER = """
import os, subprocess, sys
variables = {"PMI_SIZE": sys.argv[2], "HYDI_CONTROL_FD": "7"}
command = [sys.executable, "-c", sys.argv[1]]
ranks = []
for rank in range(int(sys.argv[2])):
    ranks.append(subprocess.Popen(command, env={**os.environ, **variables, "PMI_RANK": str(rank)}))
sys.exit(max(rank.wait() for rank in ranks))
"""


def test_two_launches_with_the_same_variables_at_once_are_two(here: Path) -> None:
    """MPICH gives all launches the same variables. Ranks of the second have other numbers than those of the first."""
    code = "import aim, sys; run = aim.Run('x'); run.track(1.0, 'loss'); print(run.id, flush=True); sys.stdin.read()"
    first = started(here, LAUNCHER, code, "2")
    assert first.stdout is not None and len({first.stdout.readline() for _ in range(2)}) == 1
    second = python(here, LAUNCHER, "import aim; aim.Run('x')", "4")
    assert second.returncode == 1 and second.stderr.count("RunExists: run 'x' already exists.") == 4
    end([first])
    assert len(files(here)) == 2


KEYS: list[tuple[Mapping[str, str], Mapping[str, str]]] = [
    (TORCHRUN | {"TORCHELASTIC_RESTART_COUNT": "1"}, TORCHRUN),
    (TORCHRUN | {"TORCHELASTIC_RUN_ID": "other"}, TORCHRUN),
    (SLURM | {"SLURM_RESTART_COUNT": "1"}, SLURM),
    (SLURM | {"SLURM_STEP_ID": "1"}, SLURM),
    (SLURM | {"SLURM_JOB_ID": "78"}, SLURM),
    ({"AIM_ATTEMPT": "a"} | SLURM, SLURM),
]


@pytest.mark.parametrize(("first", "other"), KEYS, ids=range(len(KEYS)))
def test_another_launch_or_restart_has_another_key(first: Mapping[str, str], other: Mapping[str, str]) -> None:
    assert launch_name(first) != launch_name(other)
    assert launch_name({**first, "RANK": "0", "LOCAL_RANK": "0"}) == launch_name(
        {**first, "RANK": "5", "LOCAL_RANK": "1"}
    )


@pytest.mark.parametrize("variables", [{}, {"RANK": "0"}, {"SLURM_JOB_ID": "7"}, {"AIM_ATTEMPT": ""}])
def test_without_a_launcher_there_is_no_key(variables: Mapping[str, str]) -> None:
    assert launch_name(variables) is None


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


LAUNCHED = [
    (False, "1 2", "3 4", True), (True, None, "3 4", True), (True, "1 2", None, True), (True, "1 2", "1 2", True),
    (True, "1 2", "3 4", False),
]  # fmt: skip


@pytest.mark.parametrize(("known", "own", "theirs", "launched"), LAUNCHED)
def test_whether_another_process_is_known_to_have_launched_a_member(
    known: bool, own: str | None, theirs: str | None, launched: bool
) -> None:
    start = {"process": status.this_process() if known else {}, "launcher": theirs}
    assert Member(None, start, 0.0).was_launched_by(own) == launched  # type: ignore[arg-type]
