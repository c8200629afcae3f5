"""`aim run` and detached runners, with real commands: what is recorded, and that the command notices nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from aim import layout
from aim.errors import LaunchError, RunExists
from aim.launch import processes, runner
from aim.launch.runner import Spec
from aim.log import status
from aim.repo import Repo
from tests.commands import AIM, aim, environment
from tests.launch.commands import facts, lives, only_run, printed, python, text_in
from tests.waiting import until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="runners need process groups and signals")


def test_a_command_that_knows_nothing_of_aim_is_recorded(here: Path) -> None:
    code = "import sys; print('out \\x1b[31mred\\x1b[0m'); print('err', file=sys.stderr); sys.exit(3)"
    ended = aim(here, "run", "--experiment", "tiny", "--name", "first", "--param", "lr=0.1", "--", *python(code))
    assert (ended.returncode, ended.stdout) == (3, "out \x1b[31mred\x1b[0m\n")
    row, repo = only_run(here), Repo(here)
    assert ended.stderr.splitlines() == [f"aim: run {row.hash} records this command in {here / '.aim'}", "err"]
    assert (row.experiment, row.name, row.params) == ("tiny", "first", {"default": {"lr": 0.1}})
    assert (row.status, row.error) == ("failed", "exit status 3")
    assert printed(repo, row.hash, 1) == b"out \x1b[31mred\x1b[0m\n"
    assert printed(repo, row.hash, 2) == b"err\n"
    recorded = facts(repo, row.hash)
    assert (recorded["exit_code"], recorded["signal"]) == (3, None)
    assert recorded["argv"] == row.facts["argv"] == python(code)
    assert recorded["asked_by"]["via"] == "cli"
    assert repo.table.rows("run.facts.process.exit_code == 3").runs == [row]


SCRIPT = """
import os, sys, aim
run = aim.Run("another name", experiment="elsewhere", repo=sys.argv[1])
run.track(0.5, "loss")
later = aim.Run("a second run", repo=sys.argv[1])
print(run.hash, run.experiment, later.hash, sep=";")
"""


def test_a_script_that_imports_aim_records_to_the_run_of_its_runner(here: Path) -> None:
    ended = aim(here, "run", "-e", "tiny", "--", *python(SCRIPT, "."))
    assert ended.returncode == 0, ended.stderr
    repo = Repo(here)
    name, experiment, second = ended.stdout.strip().split(";")
    assert (experiment, second) == ("tiny", "a second run")
    first = repo.run(name)
    assert {row.hash for row in repo.table.rows().runs} == {first.hash, "a second run"}
    assert repo.select_metrics("loss")[0].hash == first.hash
    assert first.status == "finished"


def test_a_run_in_another_repository_is_as_the_script_says(here: Path, tmp_path: Path) -> None:
    ended = aim(here, "run", "--", *python(SCRIPT, str(tmp_path / "other")))
    assert ended.stdout == "another name;elsewhere;a second run\n"
    assert only_run(here).status == "finished"


ENDINGS: list[tuple[list[str], int, str, str | None]] = [
    (["true"], 0, "finished", None),
    (["sh", "-c", "exit 77"], 77, "failed", "exit status 77"),
    (["sh", "-c", "kill -KILL $$"], 137, "killed", "ended by SIGKILL"),
    (["sh", "-c", "kill -TERM $$"], 143, "killed", "ended by SIGTERM"),
    (["no-such-program"], 127, "failed", "program 'no-such-program' was not found in PATH"),
    (["./no-such-file"], 127, "failed", "the file ./no-such-file does not exist"),
    (["./plain.txt"], 126, "failed", "it is not executable"),
    (["./folder"], 126, "failed", "it is not executable"),
    (["./lost.sh"], 127, "failed", "has a first line (#!) with a program that does not exist"),
    (["./bare"], 126, "failed", "it is not a program"),
]


@pytest.mark.parametrize("command, code, word, error", ENDINGS, ids=lambda ending: str(ending)[:40])
def test_how_a_command_ends_is_recorded_and_passed_on(
    here: Path, command: list[str], code: int, word: str, error: str | None
) -> None:
    (here / "plain.txt").write_text("text")
    (here / "folder").mkdir()
    for name, text in (("lost.sh", "#!/no/such/interpreter\n"), ("bare", "\x7fnothing that runs")):
        (here / name).write_text(text)
        (here / name).chmod(stat.S_IRWXU)
    ended = aim(here, "run", "--", *command)
    row = only_run(here)
    assert (ended.returncode, row.status) == (code, word)
    assert row.error is None if error is None else error in row.error
    if code in (126, 127):
        assert error is not None and error in ended.stderr, "and it is told"


HOSTILE = ["; touch hit", "$(touch hit)", "`touch hit`", "|touch hit", "a b", "*", "", "'", '"', "\n", "{a}", "ü", "-c"]


def test_no_shell_sees_an_argument(here: Path) -> None:
    code = "import json, os, sys; print(json.dumps([sys.argv[1:], os.environ['X']]))"
    ended = aim(here, "run", "--env", "X=$(touch hit); touch hit", "--", *python(code, *HOSTILE))
    assert json.loads(ended.stdout) == [HOSTILE, "$(touch hit); touch hit"]
    assert not (here / "hit").exists()
    assert facts(Repo(here), only_run(here).hash)["argv"][3:] == HOSTILE


def test_secrets_reach_the_command_and_not_the_disk(here: Path) -> None:
    code = "import os, sys; sys.exit(len(os.environ['HF_TOKEN']) + len(sys.argv[2]) != 12)"
    given = ["--env", "HF_TOKEN=hush-1", "--env", "URL=https://me:hush-3@host/x", "--env", "SIZE=3"]
    assert aim(here, "run", *given, "--", *python(code, "--api-key", "hush-2")).returncode == 0
    recorded = facts(Repo(here), only_run(here).hash)
    assert recorded["env"] == {"HF_TOKEN": None, "URL": None, "SIZE": "3"}
    assert recorded["argv"][-2:] == ["--api-key", "***"]
    written = b"".join(path.read_bytes() for path in (here / ".aim").rglob("*") if path.is_file())
    assert b"hush-" not in written


def test_what_the_command_gets(here: Path, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    code = "import json, os; print(json.dumps([os.getcwd(), dict(os.environ)]))"
    given = environment(AIM_ATTEMPT="of the caller")
    ended = aim(here, "run", "-e", "tiny", "--cwd", str(tmp_path / "work"), "--", *python(code), env=given)
    folder, env = json.loads(ended.stdout)
    row = only_run(here)
    assert folder == row.facts["cwd"] == str(tmp_path / "work")
    own = {name: env[name] for name in env if name.startswith(("AIM_", "__AIM_"))}
    assert own == {
        "AIM_REPO": str(here / ".aim"),
        "AIM_EXPERIMENT": "tiny",
        "AIM_RUN": row.hash,
        "AIM_PROCESS": row.id,
        "__AIM_AUTOMATED_EXEC__": "1",
        "__AIM_BRANCH__": "tiny",
        "__AIM_COMMIT__": row.hash,
        "__AIM_PROCESS_UUID__": row.id,
        # Those of the caller.
        "AIM_ENVIRONMENT": "0",
        "AIM_SYSTEM_INTERVAL": "0",
    }


def test_aim_run_inside_of_aim_run_is_a_run_of_its_own(here: Path) -> None:
    assert aim(here, "run", "--", *AIM, "run", "--", *python("import aim; aim.track(1.0, 'x')")).returncode == 0
    repo = Repo(here)
    inner, outer = repo.table.rows().runs
    assert [inner.status, outer.status] == ["finished", "finished"]
    assert repo.select_metrics("x")[0].hash == inner.hash


def test_aim_run_takes_its_name_from_AIM_RUN(here: Path) -> None:
    assert aim(here, "run", "--", "true", env=environment(AIM_RUN="mine")).returncode == 0
    assert only_run(here).hash == "mine"
    again = aim(here, "run", "--", "touch", "hit", env=environment(AIM_RUN="mine"))
    assert (again.returncode, (here / "hit").exists()) == (1, False)
    assert "already exists" in again.stderr


def test_wrong_options_start_nothing(here: Path) -> None:
    for words in (["--env", "X"], ["--param", "=1"], ["--cwd", "no/such/folder"], []):
        ended = aim(here, "run", *words, "--", *(["touch", "hit"] if words else []))
        assert ended.returncode == 2, ended.stderr
    assert not (here / "hit").exists()
    assert Repo(here).count() == 0


def test_a_repository_that_cannot_be_made_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = aim(tmp_path, "run", "--repo", str(tmp_path / "file"), "--", "touch", "hit")
    assert ended.returncode == 1
    assert "cannot create a repository" in ended.stderr
    assert not (tmp_path / "hit").exists()


def test_a_disk_that_takes_nothing_costs_the_command_nothing(here: Path) -> None:
    """No file may grow beyond 32 KiB: the log cannot, and the command prints more."""
    code = "print('x' * 1_000_000); open('done', 'w').close()"
    limited = ["sh", "-c", 'ulimit -f 64; exec "$@"', "sh", *AIM, "run", "--", *python(code)]
    ended = subprocess.run(limited, cwd=here, env=environment(), capture_output=True, text=True, check=False)
    assert (ended.returncode, len(ended.stdout), (here / "done").exists()) == (0, 1_000_001, True)
    assert "cannot write to run" in ended.stderr


def test_aim_run_that_is_disabled_only_runs_the_command(here: Path) -> None:
    ended = aim(here, "run", "--", "sh", "-c", "exit 5", env=environment(AIM_DISABLED="1"))
    assert (ended.returncode, ended.stderr, Repo(here).count()) == (5, "", 0)


# Stopping

STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if len(sys.argv) > 2:
    os.setsid()
    os.environ.clear()
else:
    child = subprocess.Popen([sys.executable, "-c", sys.argv[1] and open(sys.argv[1]).read(), sys.argv[1], "far"])
with open("pids", "a") as file:
    file.write(f"{os.getpid()}\\n")
time.sleep(600)
"""


def started_stubborn(here: Path, waits: tuple[float, float]) -> tuple[str, list[int]]:
    """A command and a child of it in a session of its own, which both ignore SIGINT and SIGTERM."""
    (here / "stubborn.py").write_text(STUBBORN)
    id = runner.start_detached(here, Spec(python(STUBBORN, "stubborn.py"), waits=waits))
    until(lambda: text_in(here / "pids").count("\n") == 2)
    return id, [int(line) for line in text_in(here / "pids").split()]


def test_a_stop_reaches_grandchildren_that_ignore_it_in_other_sessions(here: Path) -> None:
    id, pids = started_stubborn(here, (0.2, 0.2))
    repo = Repo(here)
    assert processes.stop(repo, id, by={"user": "ada", "via": "ui"}, why="loss is nan")
    assert processes.stop(repo, id, by={"user": "bob", "via": "ui"}, why="me too") in (True, False)
    until(lambda: repo.run(id).status == "stopped")
    assert not any(map(lives, pids))
    recorded = facts(repo, id)
    assert (recorded["signal"], recorded["exit_code"]) == ("SIGKILL", None)
    assert (recorded["stop"]["by"], recorded["stop"]["why"]) == ({"user": "ada", "via": "ui"}, "loss is nan"), (
        "the first one"
    )
    (process,) = processes.processes(repo)
    assert (process.state, process.why) == ("stopped", "loss is nan")
    (row,) = repo.table.rows('run.status == "stopped"').runs
    assert (row.status, row.error) == ("stopped", "loss is nan"), "and so it is found"
    assert aim(here, "runs", "ls", "-q", "run.status == stopped").stdout.count("stopped") == 1
    assert not processes.stop(repo, id, by={}, why="again"), "it has ended"


def test_a_stop_can_be_hurried(here: Path) -> None:
    id, pids = started_stubborn(here, (3_000, 3_000))
    repo = Repo(here)
    assert processes.stop(repo, id, by={"user": "ada"}, why="first")
    assert lives(pids[0])
    assert processes.stop(repo, id, by={"user": "bob"}, why="second", now=True)
    until(lambda: repo.run(id).status == "stopped")
    assert not any(map(lives, pids))
    assert facts(repo, id)["stop"]["why"] == "first"


POLITE = """
import signal, sys, time
try:
    print("ready", flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    print("bye", flush=True)
    sys.exit({code})
"""


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_aim_run_stops_the_command_by_sigint(here: Path, sent: int) -> None:
    command = [*AIM, "run", "--", *python(POLITE.format(code=4))]
    with subprocess.Popen(
        command, cwd=here, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(sent)
        assert process.stdout.read() == b"bye\n"
        assert process.wait() == 4
    (shown,) = processes.processes(Repo(here))
    assert (shown.state, shown.exit_code) == ("stopped", 4)
    assert shown.why is not None and shown.why.startswith(signal.Signals(sent).name)


IGNORING = """
import os, signal, sys
for name in sys.argv[1].split():
    signal.signal(getattr(signal, name), signal.SIG_IGN)
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.mark.parametrize("ignored", ["SIGINT", "SIGINT SIGQUIT", "SIGINT SIGTERM SIGHUP SIGQUIT"])
def test_a_polite_stop_arrives_in_a_job_that_was_started_with_signals_ignored(here: Path, ignored: str) -> None:
    """As shells do with the background jobs of a script, and some CI runners with everything."""
    command = [*python(IGNORING, ignored), *AIM, "run", "--", *python(POLITE.format(code=4))]
    with subprocess.Popen(
        command, cwd=here, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        repo = Repo(here)
        (shown,) = processes.processes(repo)
        assert processes.stop(repo, shown.id, by={"user": "ada"}, why="enough")
        assert process.stdout.read() == b"bye\n"
        assert process.wait() == 4
    assert facts(repo, shown.id)["exit_code"] == 4, "by SIGINT, not by what follows it"


@pytest.mark.parametrize(
    ("ignored", "kept"), [("SIGINT SIGTERM SIGQUIT", []), ("SIGHUP", ["SIGHUP"]), ("SIGHUP SIGINT", ["SIGHUP"])]
)
def test_only_nohup_reaches_the_command(here: Path, ignored: str, kept: list[str]) -> None:
    code = (
        "import signal\nprint([one for one in ('SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM')"
        " if signal.getsignal(getattr(signal, one)) == signal.SIG_IGN])"
    )
    command = [*python(IGNORING, ignored), *AIM, "run", "--", *python(code)]
    ended = subprocess.run(command, cwd=here, env=environment(), capture_output=True, text=True, check=True)
    assert ended.stdout == f"{kept}\n"


def test_other_signals_are_passed_on(here: Path) -> None:
    code = (
        "import signal, time\nsignal.signal(signal.SIGUSR1, lambda *_: (print('saved', flush=True), exit(0)))\n"
        "print('ready', flush=True)\ntime.sleep(600)"
    )
    command = [*AIM, "run", "--", *python(code)]
    with subprocess.Popen(
        command, cwd=here, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGUSR1)
        assert process.stdout.read() == b"saved\n"
    assert process.returncode == 0


# Runners that are killed, and those that race


def test_processes_of_a_killed_runner_are_listed_and_can_be_stopped(here: Path) -> None:
    id, pids = started_stubborn(here, (0.2, 0.2))
    repo = Repo(here)
    (process,) = processes.processes(repo)
    assert (process.state, process.orphan, process.pid) == ("running", False, pids[0])
    os.kill(process.runner["pid"], signal.SIGKILL)
    until(lambda: repo.run(id).status == "killed")
    (process,) = processes.processes(repo)
    assert (process.state, process.orphan) == ("killed", True)
    assert all(map(lives, pids)), "they print nothing, so they live on"
    assert processes.stop(repo, id, by={"user": "ada"}, why="left over")
    assert not any(map(lives, pids))
    (process,) = processes.processes(repo)
    assert (process.state, process.orphan, process.why) == ("stopped", False, "left over")
    assert (repo.run(id).status, repo.run(id).error) == ("stopped", "left over")


LATE = """
import os, sys, time, aim
while not os.path.exists("go"): time.sleep(0.01)
run = aim.Run()
run.track(1.0, "late")
open("done", "w").write(run.hash)
"""


def test_a_script_that_opens_its_run_after_its_runner_was_killed_still_records_to_it(here: Path) -> None:
    id = runner.start_detached(here, Spec(python(LATE)))
    repo = Repo(here)
    (process,) = until(lambda: [known for known in processes.processes(repo) if known.pid])
    os.kill(process.runner["pid"], signal.SIGKILL)
    until(lambda: status.alive(process.runner) is False)
    (here / "go").touch()
    assert until(lambda: text_in(here / "done")) == id
    assert repo.select_metrics("late")[0].hash == id


CLAIM = """
import signal, sys
from pathlib import Path
from aim.launch import kept
signal.alarm(int(sys.argv[2]))
with kept._claim(Path(sys.argv[1])):
    print("claimed", flush=True)
    sys.stdin.read()
"""


def test_a_claim_holds_while_the_cache_is_deleted(here: Path) -> None:
    command = [*python(CLAIM), str(here / ".aim")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "env": environment()}
    with subprocess.Popen([*command, "0"], **pipes) as first:  # type: ignore[call-overload]
        assert first.stdout.readline() == b"claimed\n"
        shutil.rmtree(here / ".aim" / "cache")
        second = subprocess.run([*command, "3"], env=environment(), input=b"", capture_output=True, check=False)
        assert (second.returncode, second.stdout) == (-signal.SIGALRM, b""), "it waits"
        first.stdin.close()
    third = subprocess.run([*command, "60"], env=environment(), input=b"", capture_output=True, check=False)
    assert third.stdout == b"claimed\n", third.stderr
    id = runner.start_detached(here, Spec(python("print('x')"), hash="q1-1", queue="q1", trial=1))
    until(lambda: Repo(here).run(id).status == "finished")


def test_a_run_of_a_hash_is_started_once_however_many_ask(here: Path) -> None:
    code = "open('started', 'a').write('once\\n')"
    answers: list[object] = []

    def ask() -> None:
        try:
            answers.append(runner.start_detached(here, Spec(python(code), hash="q1-1", queue="q1", trial=1)))
        except RunExists as error:
            answers.append(error)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(isinstance(answer, RunExists) for answer in answers) == [False] + [True] * 5
    repo = Repo(here)
    until(lambda: repo.run("q1-1").status == "finished")
    assert text_in(here / "started") == "once\n"
    assert [row.hash for row in repo.table.rows('run.queue == "q1"').runs] == ["q1-1"]
    assert repo.table.rows('run.queue == "q2"').runs == []


def test_the_claim_of_a_runner_that_died_in_it_can_be_taken(here: Path) -> None:
    layout.run_dir(here / ".aim", "q1-1").mkdir(parents=True)
    assert runner.start_detached(here, Spec(["true"], hash="q1-1"))


def test_params_of_a_trial_are_recorded(here: Path) -> None:
    asked_by = {"user": "ada", "via": "queue"}
    spec = Spec(["true"], params={"lr": 0.1}, queue="q1", trial=3, template="t1", asked_by=asked_by)
    id = runner.start_detached(here, spec)
    repo = Repo(here)
    until(lambda: repo.run(id).status == "finished")
    (process,) = processes.processes(repo)
    assert (process.queue, process.trial, process.template, process.asked_by) == ("q1", 3, "t1", asked_by)
    assert repo.select_runs("trial.lr == 0.1")[0].id == id


def test_a_folder_that_is_gone_fails_the_run(here: Path) -> None:
    id = runner.start_detached(here, Spec(["true"], cwd=str(here / "gone")))
    repo = Repo(here)
    until(lambda: repo.run(id).status == "failed")
    (process,) = processes.processes(repo)
    assert process.exit_code == 126
    assert "cannot enter" in str(process.error)


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_repository_that_cannot_be_written_starts_nothing(here: Path) -> None:
    (here / ".aim").chmod(0o500)
    try:
        with pytest.raises(LaunchError, match="nothing can be recorded in it"):
            runner.start_detached(here, Spec(["touch", str(here / "hit")]))
    finally:
        (here / ".aim").chmod(0o700)
    assert not (here / "hit").exists()


def test_a_runner_needs_the_standard_library_alone(tmp_path: Path) -> None:
    preamble = f"import sys; sys.path.insert(0, {environment()['PYTHONPATH']!r})"
    code = f"{preamble}; import aim.launch.runner, aim.launch.watch; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in ended.stdout.split()} - {"aim", "__main__", "__mp_main__"}
    assert loaded <= set(sys.stdlib_module_names)


def test_no_code_in_a_repository_is_run(here: Path) -> None:
    """Somebody else may have made it."""
    for folder in (here / ".aim", layout.launch_dir(here / ".aim"), here):
        (folder / "aim").mkdir(parents=True)
        (folder / "aim" / "__init__.py").write_text(f"open({str(here / 'was run')!r}, 'w')")
    assert Repo(here).run(runner.start_detached(here, Spec(["/bin/true"])))
    assert not (here / "was run").exists()
