"""Whatever the disk does, a run that is open raises nothing, says it once, counts, and goes on when it can."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import aim
from aim.cli.main import main
from aim.errors import RepoError
from aim.log import writer as log_writer
from aim.log.edits import Editor
from aim.repo import Repo
from tests.log.disks import files_of_at_most, fill, mounted, remount
from tests.sdk.recorded import files, only, python, status_of


@pytest.fixture(autouse=True)
def no_late_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that is recorded while the disk is full takes room in memory, or is one more that is lost."""
    monkeypatch.setenv("AIM_ENVIRONMENT", "0")


def told(capfd: pytest.CaptureFixture[str]) -> list[str]:
    return [line for line in capfd.readouterr().err.splitlines() if "recording to" not in line]


def every_call(run: aim.Run) -> None:
    """All that a training may ask of a run."""
    run.track(0.5, "loss")
    run.track(1, "count")
    run.track({"a": 1.0, "b": 2}, context={"subset": "val"})
    run.set_params({"lr": 0.1})
    run["net"] = {"depth": 3}
    run.name = "n"
    run.add_tag("t")
    run.flush()
    run._heartbeat.beat()


def test_a_disk_that_refuses_for_a_while_loses_nothing(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = aim.Run("x")
    run.track(0.0, "loss")
    with files_of_at_most(only(here).path.stat().st_size + 10):
        for step in range(1, 1000):
            run.track(float(step), "loss")
            if step % 100 == 0:
                every_call(run)
    run.track(-1.0, "after")
    run.close()
    lines = told(capfd)
    assert len(lines) == 1 and "cannot write to run 'x': File too large. Training continues" in lines[0]
    file = only(here)
    assert [value for value in file.values("loss") if value != 0.5] == [float(step) for step in range(1000)]
    assert file.params == {"default": {"lr": 0.1}, "net": {"depth": 3}} and file.values("after") == [-1.0]
    assert run.lost == 0 and file.dropped == []
    assert status_of(here).word == "finished"


def test_points_that_do_not_fit_in_memory_are_dropped_counted_and_reported_once(
    here: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_writer, "WAITING_LIMIT", 100 * 44)
    run = aim.Run("x")
    run.track(0.0, "loss")
    with files_of_at_most(only(here).path.stat().st_size):
        for step in range(1, 351):
            run.track(float(step), "loss") if step % 2 else run.track(step, "loss")
    run.flush()
    run.track(-1.0, "loss")
    run.close()
    lines = told(capfd)
    assert len(lines) == 3
    assert "points wait in memory" in lines[0]
    assert "points are dropped until it does" in lines[1]
    assert "250 calls or points were not recorded" in lines[2]
    file = only(here)
    assert file.values("loss") == [*range(101), -1.0]
    assert [note["points"] for note in file.dropped] == [250]
    assert (file.end or {})["dropped"] == run.lost == 250


def test_a_disk_that_stays_full_to_the_end_is_reported(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = aim.Run("x")
    run.track(0.0, "loss")
    with files_of_at_most(only(here).path.stat().st_size):
        run.track(1.0, "loss")
        run.close()
    lines = told(capfd)
    assert len(lines) == 2 and "the last records could not be written" in lines[1]
    assert "1 calls or points were not recorded" in lines[1] and run.lost == 1
    assert only(here).values("loss") == [0.0]


@pytest.mark.parametrize("room", [0, 1, 43, 44, 45, 1000, 50_000])
@pytest.mark.parametrize("count", [10, 3000, 40_000])
def test_every_point_that_a_disk_never_took_is_counted(here: Path, room: int, count: int) -> None:
    """Those that waited in memory to the end, and those that did not fit there."""
    run = aim.Run("x", system_interval=0, environment=False)
    run.track(0.0, "loss")
    with files_of_at_most(only(here).path.stat().st_size + room):
        for step in range(1, count + 1):
            run.track(float(step), "loss")
        run.close()
    assert run.lost == count + 1 - len(only(here).values("loss"))


def test_a_full_filesystem_before_during_and_after(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with mounted(tmp_path / "tiny", "size=128k") as folder:
        aim.init(folder)
        ballast = fill(folder)
        run = aim.Run("x", repo=folder)
        every_call(run)
        ballast.unlink()
        every_call(run)
        ballast = fill(folder)
        every_call(run)
        ballast.unlink()
        run.close()
        file = only(folder)
        assert file.values("loss") == [0.5] * 3 and file.params == {"default": {"lr": 0.1}, "net": {"depth": 3}}
        assert len(told(capfd)) == 1
        assert run.lost == 0


def test_a_filesystem_that_becomes_read_only(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with mounted(tmp_path / "tiny", "size=1m") as folder:
        aim.init(folder)
        remount(folder, "ro")
        run = aim.Run("x", repo=folder)
        every_call(run)
        remount(folder, "rw")
        run.close()
        assert "Read-only file system" in told(capfd)[0]
        assert only(folder).values("loss") == [0.5] and status_of(folder).word == "finished"


@pytest.fixture
def of_another(here: Path) -> Path:
    """A repository of another user above the working folder, as anybody can make in a shared temporary folder."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder to somebody else")
    aim.init(here)
    os.chown(here / ".aim", 65534, 65534)
    (here / "work").mkdir()
    return here / ".aim"


def test_a_repository_of_another_user_above_is_not_recorded_to(
    here: Path, of_another: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(here / "work")
    for _ in range(2):
        aim.Run().close()
    expected = f"aim: {of_another} belongs to another user and is not used; to use it, set AIM_REPO={here}"
    assert told(capfd) == [expected] and len(files(here / "work")) == 2
    monkeypatch.setenv("AIM_REPO", str(here))
    aim.Run().close()
    monkeypatch.delenv("AIM_REPO")
    monkeypatch.chdir(here)
    aim.Run().close()
    assert told(capfd) == [] and len(files(here)) == 2, "named, or in the working folder itself"


def test_the_command_line_passes_over_a_repository_of_another_user_above(
    here: Path, of_another: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(here / "work")
    before = sorted(of_another.rglob("*"))
    notice = f"{of_another} belongs to another user and is not used; to use it, set AIM_REPO={here}"
    for words in (["runs", "ls"], ["template", "add", "t", "--", "true"], ["experiment", "add", "-n", "x"]):
        ended = CliRunner().invoke(main, words)
        assert ended.exit_code == 1 and f"{notice}, and there is no .aim in" in ended.stderr, ended.output
    ended = CliRunner().invoke(main, ["down"])
    assert ended.stdout == f"No running Aim UI at {here / 'work' / '.aim'}\n" and notice in ended.stderr
    with pytest.raises(RepoError, match=f"no repository in .* {notice}"):
        Repo()
    assert CliRunner().invoke(main, ["runs", "ls", "--repo", str(here)]).exit_code == 0
    aim.init(here / "work")
    (here / "work" / "deep").mkdir()
    monkeypatch.chdir(here / "work" / "deep")
    assert CliRunner().invoke(main, ["runs", "ls"]).exit_code == 0
    assert [path for path in sorted(of_another.rglob("*")) if path.parent.name != "cache"] == before


def test_a_repository_of_ones_own_above_that_of_another_user_is_used(
    here: Path, of_another: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    aim.init(here / "work")
    os.renames(of_another, here / "work" / "deep" / ".aim")
    (here / "work" / "deep" / "deeper").mkdir()
    monkeypatch.chdir(here / "work" / "deep" / "deeper")
    aim.Run().close()
    assert len(files(here / "work")) == 1 and "belongs to another user" in told(capfd)[0]


def test_an_unprivileged_user_trains_in_the_repository_of_another_user(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    with tempfile.TemporaryDirectory() as shared:
        os.chmod(shared, 0o755)
        become_somebody_else(Path(shared), tmp_path)


def become_somebody_else(shared: Path, tmp_path: Path) -> None:
    aim.init(shared)
    code = f"""
import aim, os
os.setuid(65534)
run = aim.Run("x", repo={str(shared)!r})
run.track(1.0, "loss")
run.close()
print(run.lost)
"""
    ended = python(tmp_path, code)
    assert ended.returncode == 0, ended.stderr
    assert "cannot write to run 'x': Permission denied" in ended.stderr
    assert files(shared) == []


def test_a_repository_that_cannot_be_made_is_refused_where_the_run_is_opened(here: Path) -> None:
    (here / "file").write_text("")
    for opening in (aim.Run, aim.Session):
        with pytest.raises(RepoError, match="cannot create a repository at .*file.*Pass repo=FOLDER or set AIM_REPO"):
            opening(repo=here / "file")
    with pytest.raises(RepoError, match="cannot create a repository"):
        aim.init(here / "file")


def test_the_module_level_functions_go_on_without_a_repository(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (here / ".aim").write_text("in the way")
    for _ in range(3):
        aim.track(1.0, name="loss")
        aim.set_params({"a": 1})
        aim.flush()
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 1 and "nothing is recorded until a run can be opened" in lines[0]


def test_a_working_folder_that_is_gone(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    os.chdir(here)
    shutil.rmtree(here)
    with pytest.raises(RepoError, match="working directory"):
        aim.Run()
    aim.track(1.0, name="loss")
    assert "nothing is recorded" in capfd.readouterr().err
    here.mkdir()


def test_a_newer_repository_is_refused_by_its_number(here: Path) -> None:
    aim.init(here)
    (here / ".aim" / "repo.json").write_text('{"format": 99, "copy": 99}')
    with pytest.raises(RepoError, match="format 99 is newer than 1.*upgrade aim"):
        aim.Run()


# The file loses its place


def moved(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def removed(path: Path) -> None:
    path.unlink()


def folder_removed(path: Path) -> None:
    shutil.rmtree(path.parent)


def repository_removed(path: Path) -> None:
    shutil.rmtree(path.parent.parent.parent)


def repository_moved(path: Path) -> None:
    aim_dir = path.parent.parent.parent
    aim_dir.rename(aim_dir.with_name("moved"))


def replaced_by_rsync(path: Path) -> None:
    draft = path.with_name(".draft")
    shutil.copy2(path, draft)
    draft.rename(path)


HARMS = [moved, removed, folder_removed, repository_removed, repository_moved, replaced_by_rsync]


@pytest.mark.parametrize("noticed", ["flush", "beat", "close"])
@pytest.mark.parametrize("harm", HARMS, ids=lambda function: function.__name__)
def test_a_file_that_lost_its_place_is_put_back(
    here: Path, capfd: pytest.CaptureFixture[str], harm: Callable[[Path], None], noticed: str
) -> None:
    run = aim.Run("x")
    run["lr"] = 0.1
    run.track(0.0, "loss")
    path = only(here).path
    harm(path)
    run.track(1.0, "loss")
    {"flush": run.flush, "beat": run._heartbeat.beat, "close": run.close}[noticed]()
    run.track(2.0, "loss")
    run.close()
    lines = told(capfd)
    assert [line for line in lines if "was moved or replaced; it was written again" in line] == lines[:1]
    file = only(here)
    assert file.path == path and file.params == {"lr": 0.1}
    assert file.values("loss") == ([0.0, 1.0] if noticed == "close" else [0.0, 1.0, 2.0])
    assert status_of(here).word == "finished"


def test_a_copy_taken_away_and_merged_back_doubles_nothing(here: Path) -> None:
    """mv .aim elsewhere during the training; later both are brought together."""
    run = aim.Run("x")
    run.track(0.0, "loss")
    (here / ".aim").rename(here / "elsewhere")
    run.track(1.0, "loss")
    run.flush()
    run.track(2.0, "loss")
    run.close()
    (theirs,) = (here / "elsewhere").glob("runs/*/*.log")
    ours = only(here).path
    assert (theirs.parent.name, theirs.name) == (ours.parent.name, ours.name)
    assert ours.read_bytes().startswith(theirs.read_bytes())


def test_a_file_that_is_cut_short_goes_on_in_another(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = aim.Run("x")
    for step in range(10):
        run.track(float(step), "loss")
    run["lr"] = 0.1
    first = only(here).path
    os.truncate(first, 0)
    run.track(10.0, "loss")
    run.flush()
    run.track(11.0, "loss")
    run.track(1, "new")
    run.close()
    assert [line for line in told(capfd) if "was cut short or cannot be reached" in line] != []
    (other,) = [path for path in first.parent.iterdir() if path != first]
    from tests.sdk.recorded import read

    file = read(other)
    assert file.steps("loss") == [11] and file.values("new") == [1]
    assert file.start["role"] == "join" and file.end is not None


def test_a_stale_handle_of_a_network_share_goes_on_in_another_file(
    here: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = aim.Run("x")
    run.track(0.0, "loss")
    first = only(here).path
    inode, fstat, write = first.stat().st_ino, os.fstat, os.write

    def stale(fd: int) -> None:
        if fstat(fd).st_ino == inode:
            raise OSError(errno.ESTALE, "Stale file handle")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda fd, data: (stale(fd), write(fd, data))[1])
        patched.setattr(os, "fstat", lambda fd: (stale(fd), fstat(fd))[1])
        run.track(1.0, "loss")
        run.flush()
        run.track(2.0, "loss")
        run.close()
    lines = told(capfd)
    assert "Stale file handle" in lines[0] and "cannot be reached; recording continues in another file" in lines[1]
    before, after = files(here)
    assert (before.steps("loss"), after.steps("loss")) == ([0], [2])
    assert run.lost == 1 and (after.end or {})["dropped"] == 1


def test_a_deleted_run_stops_and_says_so_once(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = aim.Run("x")
    run.track(0.0, "loss")
    editor = Editor(here / ".aim")
    editor.edit(run.id, "deleted", True)
    editor.close()
    shutil.rmtree(only(here).path.parent)
    for _ in range(3):
        every_call(run)
    run.close()
    lines = told(capfd)
    assert len(lines) == 1 and "run 'x' was deleted; recording stops, training continues" in lines[0]
    assert files(here) == []


def test_points_tracked_after_a_deletion_are_counted(here: Path) -> None:
    run = aim.Run("x")
    editor = Editor(here / ".aim")
    editor.edit(run.id, "deleted", True)
    editor.close()
    shutil.rmtree(only(here).path.parent)
    run.flush()
    for _ in range(3):
        run.track(0.5, "loss")
    run.track({"a": 0.5, "b": 1})
    run.set_params({"lr": 0.1})
    assert run.lost == 6
    run.close()


CLOSES = """
import aim, os, shutil, sys
run = aim.Run("x", environment=False, system_interval=0)
for _ in range(10):
    run.track(0.5, "loss")
os.closerange(3, int(sys.argv[1]))
if sys.argv[2] == "moves":
    shutil.move(".aim/runs", "away")
for _ in range(int(sys.argv[3])):
    os.open(os.devnull, os.O_WRONLY)
with open("mine.txt", "wb", buffering=0) as mine:
    for _ in range(10):
        run.track(0.5, "loss")
    mine.write(b"hello")
    run.flush()
    for _ in range(10):
        run.track(0.5, "loss")
print(run.lost)
"""


@pytest.mark.parametrize(("most", "others"), [("64", "0"), ("1024", "0"), ("65536", "0"), ("65536", "509")])
def test_a_script_that_closes_all_files_keeps_what_it_writes_then(here: Path, most: str, others: str) -> None:
    """As a daemon does. Its next file may get the number that the file of the run had."""
    ended = python(here, CLOSES, most, "stays", others)
    assert (ended.returncode, ended.stdout) == (0, "0\n"), ended.stderr
    assert (here / "mine.txt").read_bytes() == b"hello"
    assert only(here).steps("loss") == list(range(30)) and only(here).end is not None
    assert [line for line in ended.stderr.splitlines() if "recording to" not in line] == []


def test_a_file_that_was_closed_and_moved_goes_on_in_another(here: Path) -> None:
    ended = python(here, CLOSES, "65536", "moves", "0")
    assert (ended.returncode, ended.stdout) == (0, "10\n"), "what was tracked before the flush"
    assert (here / "mine.txt").read_bytes() == b"hello"
    shutil.copytree(here / "away", here / ".aim" / "runs", dirs_exist_ok=True)
    first, second = files(here)
    assert (first.steps("loss"), second.steps("loss")) == (list(range(10)), list(range(20, 30)))


@pytest.mark.parametrize("name", ["n" * 1_500_000, "é" * 800_000])
def test_a_name_of_a_megabyte_is_refused_in_one_line(here: Path, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    run = aim.Run("x")
    run.track(0.5, name)
    run.track(0.5, "loss", context={"k": name})
    run.track(0.5, "loss", context={name: 1})
    run.track({name: 0.5, "loss": 0.5})
    run.track(aim.Text("t"), name)
    run.close()
    lines = told(capfd)
    assert len(lines) <= 6 and max(map(len, lines)) < 600
    assert only(here).steps("loss") == [0] and (only(here).end or {})["dropped"] == run.lost == 5


def test_a_live_run_survives_an_rsync_of_its_repository_in_both_directions(here: Path, tmp_path: Path) -> None:
    rsync = shutil.which("rsync")
    copy = tmp_path / "copy"
    run = aim.Run("x")
    for step in range(300):
        run.track(float(step), "loss")
        if step % 100 == 50:
            synchronize(rsync, here / ".aim", copy)
            synchronize(rsync, copy, here / ".aim")
            run.flush()
    run.close()
    assert only(here).values("loss") == [float(step) for step in range(300)]


def synchronize(rsync: str | None, source: Path, target: Path) -> None:
    """As `rsync -au`: newer files win; a file is replaced by a rename."""
    import subprocess

    if rsync:
        subprocess.run([rsync, "-au", f"{source}/", f"{target}/"], check=True)
        return
    for path in source.rglob("*"):
        there = target / path.relative_to(source)
        if path.is_dir():
            there.mkdir(parents=True, exist_ok=True)
        elif not there.exists() or path.stat().st_mtime > there.stat().st_mtime:
            shutil.copy2(path, there.with_name(".draft"))
            there.with_name(".draft").rename(there)


# Heartbeats


def test_a_heartbeat_touches_a_quiet_file(here: Path) -> None:
    run = aim.Run("x")
    run.track(1.0, "loss")
    path = only(here).path
    run._heartbeat.beat()
    os.utime(path, (5, 5))
    run._heartbeat.beat()
    assert path.stat().st_mtime > 5
    run.close()
    os.utime(path, (5, 5))
    run._heartbeat.beat()
    assert path.stat().st_mtime == 5, "a run that ended gives none"


def test_a_process_has_one_thread_for_all_its_runs(here: Path) -> None:
    from aim.sdk import pulse

    def named() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name == "aim-pulse"]

    runs = [aim.Run() for _ in range(5)]
    (one,) = named()
    assert one.daemon
    stop, failures = threading.Event(), []

    def watch() -> None:
        try:
            while not stop.is_set():
                for target in pulse._watched():
                    target.beat()
        except Exception as error:
            failures.append(error)

    thread = threading.Thread(target=watch)
    thread.start()
    for _ in range(200):
        aim.Run().close()
    aim.Run(system_interval=0.1).close()
    assert named() == [one], "no run starts a thread while there is one"
    stop.set()
    thread.join()
    for run in runs:
        run.close()
    assert failures == [] and [run.lost for run in runs] == [0] * 5


def test_without_threads_only_heartbeats_are_missing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from aim.sdk import pulse

    def none_left(thread: Any) -> None:
        raise RuntimeError("can't start new thread")

    pulse._before_fork()
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", none_left)
        run = aim.Run("x")
        run.track(1.0, "loss")
        run.close()
    assert only(here).values("loss") == [1.0] and run.lost == 0
