"""Servers are found and ended by their identity, never by their pid alone."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from aim.cli import servers
from aim.cli.servers import Served, claimed, identity
from aim.errors import ServerError
from tests.commands import environment
from tests.processes import at_once


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        yield process
        process.kill()


def served_by(pid: int, aim_dir: Path, **changes: Any) -> Served:
    return Served(str(aim_dir), {**identity(pid), **changes}, "127.0.0.1", 1)


def note(served: Served) -> None:
    servers._write(served)


def test_a_living_server_is_found_and_ended(sleeper: subprocess.Popen[bytes], here: Path) -> None:
    note(served_by(sleeper.pid, here / ".aim"))
    known_server = servers.of_repo(here / ".aim")
    assert known_server is not None and known_server.pid == sleeper.pid
    known_server.end()
    assert sleeper.wait() == -signal.SIGTERM
    assert servers.of_repo(here / ".aim") is None
    assert not list(servers.folder().glob("*.json"))


@pytest.mark.parametrize(
    "change",
    [
        {"started": "1"},
        {"started": None},
        {"boot": "another boot"},
        {"pid_ns": "pid:[1]"},
        {"host": "another host"},
    ],
)
def test_a_stranger_with_the_same_number_is_left_alone(
    sleeper: subprocess.Popen[bytes], here: Path, change: dict[str, Any]
) -> None:
    stale = served_by(sleeper.pid, here / ".aim", **change)
    note(stale)
    assert servers.of_repo(here / ".aim") is None
    stale.end()
    stale._signal(signal.SIGKILL)
    assert sleeper.poll() is None


def test_a_dead_server_does_not_block_a_new_one(sleeper: subprocess.Popen[bytes], here: Path) -> None:
    note(served_by(sleeper.pid, here / ".aim"))
    sleeper.kill()
    sleeper.wait()
    assert servers.of_repo(here / ".aim") is None
    with claimed(here / ".aim", host="127.0.0.1", port=5) as mine:
        assert servers.of_repo(here / ".aim") == mine
        assert servers.on_port(5) == mine
    assert servers.of_repo(here / ".aim") is None


def test_a_repository_is_served_once(sleeper: subprocess.Popen[bytes], here: Path) -> None:
    note(served_by(sleeper.pid, here / ".aim"))
    with pytest.raises(ServerError, match=f"by process {sleeper.pid}"), claimed(here / ".aim", host="h", port=1):
        pass
    assert servers.of_repo(here / ".aim") is not None, "the other one's note is still there"


def test_only_one_of_many_that_start_at_once_gets_it(here: Path) -> None:
    code = """
import sys
from pathlib import Path
from aim.cli.servers import claimed
from aim.errors import ServerError
sys.stdin.readline()
try:
    with claimed(Path(sys.argv[1]), host="h", port=1):
        print("mine", flush=True)
        sys.stdin.readline()
except ServerError:
    print("taken", flush=True)
    sys.stdin.readline()
"""
    command = [sys.executable, "-c", code, str(here / ".aim")]
    pipe = subprocess.PIPE
    many = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment()) for _ in range(6)]
    assert sorted(at_once(many)) == ["mine"] + ["taken"] * 5


def test_the_note_is_found_by_any_way_to_the_repository(
    sleeper: subprocess.Popen[bytes], here: Path, tmp_path: Path
) -> None:
    (here / ".aim").mkdir()
    (tmp_path / "link").symlink_to(here)
    note(served_by(sleeper.pid, here / ".aim"))
    assert servers.of_repo(tmp_path / "link" / ".aim") is not None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', json.dumps(asdict(Served("x", {}, "h", 1)))])
def test_a_broken_server_file_is_not_a_server(here: Path, content: str) -> None:
    servers._file(here / ".aim").write_text(content)
    assert servers.of_repo(here / ".aim") is None


def test_a_note_of_another_server_is_not_removed(sleeper: subprocess.Popen[bytes], here: Path) -> None:
    other = served_by(sleeper.pid, here / ".aim")
    with claimed(here / ".aim", host="h", port=1) as mine:
        note(other)
    assert servers.of_repo(here / ".aim") == other != mine


def test_the_folder_is_private(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    assert servers.folder().stat().st_mode & 0o777 == 0o700
    with claimed(here / ".aim", host="h", port=1) as mine:
        servers.answers(mine, "http://secret")
        assert servers._file(here / ".aim").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null")
    monkeypatch.setenv("TMPDIR", str(here))
    monkeypatch.setattr(servers.tempfile, "tempdir", None)
    assert servers.folder() == here / f"aim-servers-{os.getuid()}"


@pytest.mark.skipif(shutil.which("ps") is None, reason="this machine has no ps")
def test_without_proc_ps_gives_the_start_time(
    monkeypatch: pytest.MonkeyPatch, sleeper: subprocess.Popen[bytes]
) -> None:
    nothing: Callable[[str], bool] = lambda path: False  # noqa: E731
    monkeypatch.setattr(servers.os.path, "isdir", nothing)
    said = servers.started_by_ps(sleeper.pid)
    assert said and said == servers.started_by_ps(sleeper.pid)
    sleeper.kill()
    sleeper.wait()
    assert servers.started_by_ps(sleeper.pid) is None


def test_a_server_that_ignores_sigterm_is_killed(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    monkeypatch.setattr(servers, "END_SECONDS", 0.5)
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        served = replace(served_by(process.pid, here / ".aim"), port=2)
        served.end()
        assert process.wait() == -signal.SIGKILL
