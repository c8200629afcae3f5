"""Processes of one launch join one run; other launches, restarts and scripts do not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from aim.log import status
from aim.sdk.ranks import Member, launch_name
from tests.sdk.recorded import environment, files, python, started, status_of
from tests.sdk.scripts import RANK

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
