from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

import aim as package
from aim import processes
from aim.cli import damage, sealing
from aim.log import record
from aim.log.reader import Log, writers
from tests.cli.conftest import Aim, kill_a_run
from tests.commands import environment
from tests.waiting import until

POINTS = 50


@pytest.fixture
def repo(here: Path) -> Path:
    with package.Run("whole", repo=here, experiment="e") as run:
        run["hparams"] = {"lr": 0.1}
        for step in range(POINTS):
            run.track(0.5 / (step + 1), "loss", context={"subset": "train"})
    return here


def log_of(repo: Path, name: str = "whole") -> Path:
    (path,) = (
        path for path in (repo / ".aim" / "runs").rglob("*.log") if f'"hash":"{name}"'.encode() in path.read_bytes()
    )
    return path


def offsets(path: Path, kind: int = record.POINT) -> list[int]:
    return [entry.offset for entry in Log(path).records() if entry.kind == kind]


def overwrite(path: Path, offset: int, content: bytes) -> None:
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(content)


def test_check_of_an_intact_repository(aim: Aim, repo: Path) -> None:
    out = aim("storage", "check").stdout
    assert re.fullmatch(rf"No damage in 1 file \([\d.]+ kB\) of {repo}/\.aim\n", out)


def test_check_says_where_and_what_is_lost(aim: Aim, repo: Path) -> None:
    path = log_of(repo)
    places = offsets(path)
    overwrite(path, places[10] + 20, b"\xff")
    overwrite(path, places[20], bytes(places[23] - places[20]))
    before = path.read_bytes()
    result = aim("storage", "check", code=1)
    assert result.stdout.splitlines() == [
        f"{path}: bytes {places[10]:,} to {places[11]:,} (44 bytes) damaged, run whole. "
        "Lost: records between step 9 of loss (subset=train) and step 11 of loss (subset=train)",
        f"{path}: bytes {places[20]:,} to {places[23]:,} (132 bytes, at most 3 points) damaged, run whole. "
        "Lost: records between step 19 of loss (subset=train) and step 23 of loss (subset=train)",
    ]
    assert "Found 2 damaged places in 1 file" in result.stderr
    assert path.read_bytes() == before, "it only reads"


def test_check_names_a_log_under_the_name_of_another_writer(aim: Aim, repo: Path) -> None:
    path = log_of(repo)
    other = path.with_name(path.name[:-20] + "c" * 16 + ".log")
    path.rename(other)
    aim("runs", "ls")
    assert aim("storage", "check", code=1).stdout == (
        f"{other}: is {path.name} under another name, so it is not read. Rename it, or remove it\n"
    )


def test_check_finds_a_damaged_header_and_a_torn_tail(aim: Aim, repo: Path) -> None:
    kill_a_run(repo, "dead")
    path = log_of(repo, "dead")
    overwrite(path, 3, b"?")
    os.truncate(path, path.stat().st_size - 10)
    lines = aim("storage", "check", code=1).stdout.splitlines()
    assert "bytes 0 to 40 (40 bytes) damaged, run dead. Lost: the header" in lines[0]
    assert "(34 bytes) are not a whole record, run dead. Lost: records after the name of a series" in lines[1]


def test_a_run_is_shown_with_what_is_damaged_in_it(aim: Aim, repo: Path) -> None:
    path = log_of(repo)
    path.write_bytes(b"not a log" * 9)
    listed = json.loads(aim("runs", "ls", "-q", "run.damaged == 1", "--json").stdout)
    [run] = [run["id"] for run in listed]
    assert [run["status"] for run in listed] == ["lost"]
    shown = aim("runs", "show", run).stdout
    assert f"Damage\n{path.name}: " in shown
    assert json.loads(aim("runs", "show", run, "--json").stdout)["damage"][0].startswith(f"{path.name}: ")


def test_the_tail_of_a_living_writer_is_not_damage(aim: Aim, repo: Path) -> None:
    with package.Run("alive", repo=repo) as run:
        run.track(1.0, "loss")
        with open(log_of(repo, "alive"), "ab") as file:
            file.write(b"\x24\x00\x30")
        assert "No damage in 2 files" in aim("storage", "check").stdout


def test_check_reads_seals_and_edits_and_the_version(aim: Aim, repo: Path) -> None:
    aim("runs", "archive", "whole")
    aim("storage", "seal")
    (seal,) = (repo / ".aim" / "runs").rglob("*.seal")
    (edits,) = (repo / ".aim" / "edits").glob("*.log")
    assert "No damage in 2 files" in aim("storage", "check").stdout
    overwrite(seal, seal.stat().st_size // 2, b"\xff\xff")
    overwrite(edits, 60, b"\xff")
    (repo / ".aim" / "repo.json").write_text("?")
    out = aim("storage", "check", code=1).stdout
    assert f"{seal}: cannot be read: its checksum is wrong" in out
    assert f"{edits}: bytes 40 to " in out
    assert f"{repo}/.aim/repo.json: is damaged. Nothing is lost. To repair it: aim storage check --repair" in out
    repaired = aim("storage", "check", "--repair", code=1).output
    assert repaired.startswith(f"Repaired {repo}/.aim/repo.json\n") and "Found 2 damaged places" in repaired


def test_after_a_check_the_index_knows_damage_that_came_later_and_repairs(aim: Aim, repo: Path) -> None:
    def damaged_and_points() -> list[tuple[int, int]]:
        rows = json.loads(aim("query", "loss", "--json").stdout)
        listed = json.loads(aim("runs", "ls", "-q", "run.damaged == 1", "--json").stdout)
        return [(len(listed), row["count"]) for row in rows]

    path = log_of(repo)
    whole, before, place = path.read_bytes(), os.stat(path), offsets(path)[10] + 20
    assert damaged_and_points() == [(0, POINTS)]
    for content, code, now in ((b"\xff", 1, (1, POINTS - 1)), (whole[place : place + 1], 0, (0, POINTS))):
        overwrite(path, place, content)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        aim("storage", "check", code=code)
        assert damaged_and_points() == [now]
        shutil.rmtree(repo / ".aim" / "cache")
        assert damaged_and_points() == [now], "as an index that was just deleted"
    assert path.read_bytes() == whole


def test_check_names_every_type_of_record() -> None:
    unnamed = record.KNOWN_TYPES - damage.NAMES.keys() - {record.POINT}
    assert unnamed == set()


def test_check_tells_odd_names_and_no_codes(aim: Aim, here: Path) -> None:
    with package.Run("odd", repo=here) as run:
        for step in range(3):
            run.track(float(step), "a\x07\nb\x1b[31m")
    (path,) = (here / ".aim" / "runs").rglob("*.log")
    overwrite(path, offsets(path)[1] + 9, b"\xff")
    out = aim("storage", "check", code=1).stdout
    assert "\x07" not in out and "\x1b" not in out and out.count("\n") == 1
    assert r"Lost: records between step 0 of a\x07\nb\x1b[31m and step 2" in out


def test_seal_keeps_every_byte_and_every_answer(aim: Aim, repo: Path) -> None:
    path = log_of(repo)
    before, rows = path.read_bytes(), aim("query", "loss", "--json").stdout
    assert re.fullmatch(r"Sealed 1 file: [\d.]+ kB became [\d.]+ k?B\n", aim("storage", "seal").stdout)
    (seal,) = (repo / ".aim" / "runs").rglob("*.seal")
    assert not path.exists() and seal.stat().st_size < len(before)
    assert Log(seal).data == before
    assert aim("query", "loss", "--json").stdout == rows
    assert aim("storage", "seal").stdout == "Sealed 0 files\n"


def test_seal_skips_unfinished_and_damaged_logs(aim: Aim, repo: Path) -> None:
    overwrite(log_of(repo), offsets(log_of(repo))[5], bytes(44))
    kill_a_run(repo, "dead")
    with package.Run("alive", repo=repo) as alive:
        alive.track(1.0, "loss")
        lines = aim("storage", "seal").stdout.splitlines()
        alive.track(2.0, "loss")
    assert lines[0] == "Sealed 0 files"
    damaged = f"Not sealed: 1 file, damaged at byte {offsets(log_of(repo))[5] - 44}, so it is not sealed"
    assert sorted(lines[1:]) == [damaged, f"Not sealed: 2 files, {sealing.NOT_ENDED}"]
    assert len(list((repo / ".aim" / "runs").rglob("*.log"))) == 3


def test_seal_skips_logs_that_are_too_large(aim: Aim, repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST_BYTES", 100)
    done = sealing.seal_finished(repo / ".aim", progress=lambda *_: None)
    assert (done.files, done.skipped) == (0, {sealing.TOO_LARGE: [log_of(repo)]})


@pytest.mark.parametrize("state", ["the same log", "the log before it grew"])
def test_a_log_next_to_its_seal_is_removed(aim: Aim, repo: Path, state: str) -> None:
    path = log_of(repo)
    copy = path.read_bytes()
    aim("storage", "seal")
    path.write_bytes(copy if state == "the same log" else copy[: offsets(path.with_suffix(".seal"))[3]])
    assert aim("storage", "seal").stdout.startswith(
        "Sealed 1 file" if state == "the same log" else "Sealed 0 files\nNot sealed: 1 file"
    )
    assert path.exists() == (state != "the same log")
    assert json.loads(aim("query", "loss", "--json").stdout)[0]["count"] == POINTS


def test_a_log_is_removed_only_when_its_seal_is_on_the_disk(
    aim: Aim, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = log_of(repo)
    copy = path.read_bytes()
    aim("storage", "seal")
    path.write_bytes(copy)
    calls: list[tuple[str, str]] = []

    def spy(module: ModuleType, name: str) -> None:
        real = getattr(module, name)

        def noted(place: Path, *top: Path) -> None:
            calls.append((name, place.name))
            real(place, *top)

        monkeypatch.setattr(module, name, noted)

    spy(sealing, "sync_folder")
    spy(sealing.regular, "remove")
    sealing.seal_finished(repo / ".aim", progress=lambda *_: None)
    assert calls == [("sync_folder", path.parent.name), ("remove", path.name)]


def many_logs(repo: Path) -> dict[Path, bytes]:
    """The logs of finished runs, and one that has not ended."""
    for number in range(12):
        with package.Run(f"run-{number}", repo=repo) as run:
            for step in range(500):
                run.track(number + step / 7, "loss")
    kill_a_run(repo, "dead")
    return {path: path.read_bytes() for path in (repo / ".aim" / "runs").rglob("*.log")}


def files_in(repo: Path, kind: str) -> list[Path]:
    return sorted((repo / ".aim" / "runs").rglob(kind))


def test_several_processes_seal_the_same_bytes(aim: Aim, repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logs = many_logs(repo)
    shutil.copytree(repo, repo / "other")
    monkeypatch.setattr(sealing, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(sealing, "LOGS_AT_ONCE", 2)
    assert aim("storage", "seal", "--jobs", "3").stdout.splitlines()[1:] == [f"Not sealed: 1 file, {sealing.NOT_ENDED}"]
    aim("storage", "seal", "--jobs", "1", "--repo", repo / "other")
    seals = files_in(repo, "*.seal")
    assert len(seals) == len(logs) - 1 and len(files_in(repo, "*.log")) == 1
    for seal in seals:
        assert seal.read_bytes() == (repo / "other" / seal.relative_to(repo)).read_bytes()
        assert Log(seal).data == logs[seal.with_suffix(".log")]


def test_several_processes_seal_below_the_working_folder(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logs = many_logs(repo)
    monkeypatch.setattr(sealing, "WORTH_A_PROCESS", 1)
    monkeypatch.chdir(repo)
    done = sealing.seal_finished(Path(".aim"), jobs=3, progress=lambda *_: None)
    assert done.files == len(logs) - 1


@pytest.mark.parametrize("state", ["no process answers", "the disk is full"])
def test_what_processes_leave_is_sealed_by_this_one(
    aim: Aim, repo: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    logs = many_logs(repo)
    monkeypatch.setattr(sealing, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(processes, "python", lambda: "/bin/false")
    if state == "no process answers":
        assert aim("storage", "seal", "--jobs", "3").stdout.startswith("Sealed 13 files")
        return
    monkeypatch.setattr(sealing.seal, "sync_folder", raise_no_space)
    assert "No space left on device" in aim("storage", "seal", "--jobs", "3", code=1).stderr
    assert {path: path.read_bytes() for path in files_in(repo, "*.log")} == logs
    assert not [path for path in files_in(repo, ".*") if path.suffix != ".log"], "no draft is left"


@pytest.mark.parametrize("gone", ["a log", "the folder of a run"])
def test_what_is_deleted_while_it_is_sealed_stops_no_other_log(
    repo: Path, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    logs = many_logs(repo)
    victim = next(log for log in logs if sealing.has_ended(log))
    encode, left = sealing.seal.encode, [3]

    def deleting(data: bytes) -> bytes:
        left[0] -= 1
        if not left[0]:
            victim.unlink() if gone == "a log" else shutil.rmtree(victim.parent)
        return encode(data)

    monkeypatch.setattr(sealing.seal, "encode", deleting)
    done = sealing.seal_finished(repo / ".aim", progress=lambda *_: None)
    assert (done.files, done.tried) == (len(logs) - 2, len(logs))
    assert not victim.exists() and not victim.with_suffix(".seal").exists()
    for log in set(logs) - {victim}:
        (file,) = writers(log.parent)
        assert Log(file.path).data == logs[log]


def raise_no_space(folder: Path) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_sealing_that_is_ended_in_the_middle(repo: Path, end: signal.Signals) -> None:
    logs = many_logs(repo)
    code = "from aim.cli import sealing; sealing.WORTH_A_PROCESS = sealing.LOGS_AT_ONCE = 1"
    code += "; from aim.cli.main import main; main()"
    command = [sys.executable, "-c", code, "storage", "seal", "--jobs", "2", "--repo", str(repo)]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as sealing_:
        until(lambda: files_in(repo, "*.seal"))
        sealing_.send_signal(end)
        sealing_.wait()
    until(lambda: not files_in(repo, ".*.seal.*"))
    for log, data in logs.items():
        assert any(path.exists() and Log(path).data == data for path in (log, log.with_suffix(".seal")))


def test_only_logs_that_are_old_enough_are_sealed(aim: Aim, repo: Path) -> None:
    assert aim("storage", "seal", "--older-than", "5").stdout == "Sealed 0 files\n"
    then = time.time() - 301
    os.utime(log_of(repo), (then, then))
    assert aim("storage", "seal", "--older-than", "5").stdout.startswith("Sealed 1 file")


def test_the_end_is_found_from_both_ends_of_the_file(repo: Path) -> None:
    path = log_of(repo)
    assert sealing.has_ended(path)
    whole = path.read_bytes()
    for cut in range(0, len(whole), 4):
        path.write_bytes(whole[:cut])
        assert not sealing.has_ended(path)
    path.write_bytes(whole[:-44] + whole[-40:] + whole[-44:-40])
    assert not sealing.has_ended(path)


def test_a_child_of_the_server_seals_and_ends_with_it(
    repo: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    then = time.time() - 3600
    os.utime(log_of(repo), (then, then))
    monkeypatch.setattr(sealing, "FIRST_AFTER", 0.0)
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
    (repo / ".aim" / "aim.py").write_text("raise SystemExit('code in a repository is not to be run')")
    with sealing.sealing_when_idle(repo / ".aim"):
        until(lambda: not list((repo / ".aim" / "runs").rglob("*.log")))
    assert list((repo / ".aim" / "runs").rglob("*.seal"))
    monkeypatch.setattr(sealing.sys, "executable", shutil.which("true"))
    with sealing.sealing_when_idle(repo / ".aim"):
        pass
    assert capfd.readouterr().err.count("Error") == 0


def test_the_server_seals_later_if_no_process_can_start_now(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    then = time.time() - 3600
    os.utime(log_of(repo), (then, then))
    monkeypatch.setattr(sealing, "FIRST_AFTER", 0.0)
    monkeypatch.setattr(sealing, "AGAIN_AFTER", 0.1)
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
    python, tried = sealing.sys.executable, []
    monkeypatch.setattr(sealing.servers, "folder", lambda folder=sealing.servers.folder: tried.append(1) or folder())
    monkeypatch.setattr(sealing.sys, "executable", "/nowhere/python")
    with sealing.sealing_when_idle(repo / ".aim"):
        until(lambda: len(tried) >= 2)
        monkeypatch.setattr(sealing.sys, "executable", python)
        until(lambda: not list((repo / ".aim" / "runs").rglob("*.log")))


def test_a_log_that_cannot_be_sealed_is_not_read_every_ten_minutes(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pass leaves out what the one before it has seen. An old log that is copied into the repository is new."""
    changed = log_of(repo).stat().st_ctime
    os.utime(log_of(repo), (1e9, 1e9))
    assert sealing.seal_finished(repo / ".aim", since=time.time() + 5, progress=lambda *given: None).files == 0
    assert sealing.seal_finished(repo / ".aim", since=changed, progress=lambda *given: None).files == 1
    python, told = tmp_path / "python", tmp_path / "told"
    python.write_text(f'#!/bin/sh\necho "$@" >> {told}\n[ $(wc -l < {told}) != 1 ]\n')
    python.chmod(0o755)
    monkeypatch.setattr(sealing, "FIRST_AFTER", 0.0)
    monkeypatch.setattr(sealing, "AGAIN_AFTER", 0.0)
    monkeypatch.setattr(sealing.sys, "executable", str(python))
    with sealing.sealing_when_idle(repo / ".aim"):
        until(lambda: told.exists() and told.read_text().count("\n") >= 4)
    since = [float(line.rpartition(" ")[2]) for line in told.read_text().splitlines()]
    assert since[:2] == [0, 0], "the first pass failed"
    assert changed - 700 < since[2] <= since[3] < time.time() - 599


def test_du_adds_up(aim: Aim, repo: Path) -> None:
    with package.Run(repo=repo, experiment="other") as run:
        run.track(1.0, "loss")
    aim("runs", "archive", "whole")
    aim("storage", "seal")
    with package.Run(repo=repo, experiment="other") as run:
        run.track(1.0, "loss")
    (repo / ".aim" / "runs" / "stray").write_text("x")
    rows = json.loads(aim("storage", "du", "--json").stdout)
    named = {row["what"]: (row["runs"], row["files"]) for row in rows}
    assert named["experiment e, seals"] == (1, 1)
    assert named["experiment other, seals"] == (1, 1)
    assert named["experiment other, logs"] == (1, 1)
    assert named["edits"] == (None, 1)
    assert named["other files"] == (None, 1)
    inside = sum(path.stat().st_size for path in (repo / ".aim").rglob("*") if path.is_file())
    assert sum(row["bytes"] for row in rows) == inside - (repo / ".aim" / "repo.json").stat().st_size
    assert aim("storage", "du").stdout.splitlines()[-1].startswith("total ")


def test_progress_is_for_terminals(repo: Path) -> None:
    command = [sys.executable, "-m", "aim", "storage", "check"]
    ended = subprocess.run(command, cwd=repo, env=environment(), capture_output=True, text=True, check=True)
    assert ended.stderr == ""
