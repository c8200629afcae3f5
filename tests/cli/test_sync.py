from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import aim as aim_package
from aim import Run
from aim.log.reader import folders, paths
from aim.remote import address, spool
from tests.cli.conftest import Aim
from tests.remote.processes import end_shippers
from tests.remote.receiver import Receiver, receiving
from tests.waiting import until


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("AIM_TOKEN", "secret")
    monkeypatch.setenv("AIM_SPOOL", str(tmp_path / "spool"))
    with receiving(tmp_path / "server") as receiver:
        yield receiver
    end_shippers(tmp_path)


@pytest.fixture
def offline(server: Receiver, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A spool whose run nobody ships."""
    monkeypatch.setattr("aim.sdk.shipping.Shipping.ensure", lambda self: None)
    with Run(repo=server.address, system_interval=0) as run:
        run.track(0.5, "loss")
    return Path(run.repo_path)


def repository(here: Path, *names: str) -> dict[str, bytes]:
    """Record runs in a repository here; returns its files."""
    for name in names:
        with Run(name, repo=here, system_interval=0) as run:
            for step in range(100):
                run.track(step / 100, "loss")
    return content(here / ".aim")


def content(aim_dir: Path) -> dict[str, bytes]:
    files = [path for folder in folders(aim_dir / "runs") for path in paths(folder)]
    return {path.relative_to(aim_dir).as_posix(): path.read_bytes() for path in files}


def test_a_repository_is_sent_as_it_is_and_stays(aim: Aim, here: Path, server: Receiver) -> None:
    files = repository(here, "a", "b")
    sent = aim("sync", "--repo", here, "--to", server.address).output
    assert "2 files of" in sent and f"were sent, and all are on {server.address}" in sent
    assert content(server.folder) == files == content(here / ".aim")
    assert "0 B were sent" in aim("sync", "--repo", here, "--to", server.address).output


def test_runs_that_still_record_are_sent_too(aim: Aim, here: Path, server: Receiver) -> None:
    run = Run("live", repo=here, system_interval=0)
    run.track(0.5, "loss")
    aim("sync", "--repo", here, "--to", server.address)
    assert content(server.folder) == content(here / ".aim")
    run.track(0.4, "loss")
    run.close()
    aim("sync", "--repo", here, "--to", server.address)
    assert content(server.folder) == content(here / ".aim")


def test_sealed_runs_are_sent_sealed(aim: Aim, here: Path, server: Receiver) -> None:
    repository(here, "a")
    aim("storage", "seal", "--repo", here)
    aim("sync", "--repo", here, "--to", server.address)
    assert [name.rpartition(".")[2] for name in content(server.folder)] == ["seal"]
    assert content(server.folder) == content(here / ".aim")


def test_waiting_spools_are_sent_and_removed(aim: Aim, offline: Path, server: Receiver) -> None:
    files = content(offline)
    assert len(files) == 1
    row = json.loads(aim("sync", "--status", "--json").output)[0]
    assert (row["server"], row["files"], row["shipper"]) == (server.address, 1, "none: run `aim sync`")
    assert row["bytes"] == sum(map(len, files.values())) and row["problem"] is None
    aim("sync")
    assert content(server.folder) == files and content(offline) == {}
    assert json.loads(aim("sync", "--status", "--json").output)[0]["files"] == 0


def test_a_shipper_at_work_is_left_to_remove_what_it_sends(aim: Aim, offline: Path, server: Receiver) -> None:
    lock = subprocess.Popen([sys.executable, "-c", HOLD, str(offline)], stdout=subprocess.PIPE, stdin=subprocess.PIPE)
    with lock:
        assert lock.stdout is not None and lock.stdout.readline()
        spool.report(offline, spool.ShipperStatus(pid=lock.pid))
        assert f"process {lock.pid} " in aim("sync", "--status").output
        aim("sync")
        assert len(content(server.folder)) == 1 and len(content(offline)) == 1
        lock.communicate()


HOLD = "import sys, pathlib\nfrom aim.remote import spool\nlock = spool.take_lock(pathlib.Path(sys.argv[1]))\n"
HOLD += "print(lock is not None, flush=True)\nsys.stdin.read()\n"


def test_a_server_that_is_away_is_an_error_with_what_is_left(aim: Aim, offline: Path, server: Receiver) -> None:
    server.close()
    told = aim("sync", code=1).output
    assert f"{server.address} cannot be reached: Connection refused. 1 file, " in told
    assert "are not there yet" in told
    assert "Connection refused" in aim("sync", "--status").output
    assert len(content(offline)) == 1


def test_a_wrong_token_is_an_error(aim: Aim, here: Path, server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    repository(here, "a")
    monkeypatch.setenv("AIM_TOKEN", "wrong")
    assert "refuses the token: wrong token" in aim("sync", "--repo", here, "--to", server.address, code=1).output


def test_files_that_the_server_refused_are_reported(aim: Aim, here: Path, server: Receiver) -> None:
    (name, data), *_ = repository(here, "a").items()
    (server.folder / name).parent.mkdir(parents=True)
    (server.folder / name).write_bytes(b"another file" + data[12:60])
    told = aim("sync", "--repo", here, "--to", server.address, code=1).output
    assert f"{name}: another file has its name on the server; this one is kept there as {name}." in told


def test_runs_deleted_on_the_server_are_reported(aim: Aim, here: Path, server: Receiver) -> None:
    (name, _), *_ = repository(here, "a", "b").items()
    server.deleted.add(Path(name).name.partition("-")[0])
    told = aim("sync", "--repo", here, "--to", server.address).output
    assert "Not sent: 1 run that was deleted on the server" in told
    assert len(content(server.folder)) == 1 and len(content(here / ".aim")) == 2


def test_follow_sends_what_comes_until_it_is_stopped(tmp_path: Path, here: Path, server: Receiver) -> None:
    """The sidecar of a pod: it starts before the training, is stopped after it, and sends the rest before it ends."""
    command = [sys.executable, "-m", "aim", "sync", "--repo", str(here), "--to", server.address, "--follow"]
    root = str(Path(aim_package.__file__).parent.parent)
    sidecar = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": root}, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    assert sidecar.stdout is not None and sidecar.stdout.readline().endswith("Press Ctrl+C to stop\n")
    repository(here, "a")
    until(lambda: len(content(server.folder)) == 1)
    run = Run("b", repo=here, system_interval=0)
    run.track(0.5, "loss")
    until(lambda: len(content(server.folder)) == 2)
    run.track(0.4, "loss")
    run.close()
    sidecar.send_signal(signal.SIGTERM)
    _, err = sidecar.communicate()
    assert sidecar.returncode == 0 and err == ""
    assert content(server.folder) == content(here / ".aim")


def test_missing_options_are_named(aim: Aim, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIM_SPOOL", str(tmp_path / "spool"))
    assert "Nothing waits for a server" in aim("sync").output
    repository(here, "a")
    assert "pass the server that gets" in aim("sync", "--repo", here, code=1).output
    assert "names no host" in aim("sync", "--to", "aim://", code=1).output
    assert "belong to --status" in aim("sync", "--json", code=2).output
    assert "no .aim" in aim("sync", "--repo", tmp_path / "nowhere", "--to", "aim://localhost", code=1).output


def test_a_token_is_kept_when_the_server_takes_it(aim: Aim, server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIM_TOKEN")
    from click.testing import CliRunner

    from aim.cli.main import main

    wrong = CliRunner().invoke(main, ["login", server.address], input="wrong\n")
    assert wrong.exit_code == 1 and "refuses the token" in wrong.output
    where = address.parse(server.address)
    assert address.token(where) is None
    right = CliRunner().invoke(main, ["login", server.address], input="secret\n")
    assert right.exit_code == 0 and "secret" not in right.output
    assert f"Record with: AIM_REPO={server.address}" in right.output
    assert address.token(where) == "secret"
    assert "is not a token" in CliRunner().invoke(main, ["login", server.address], input="a b\n").output


def test_a_token_that_cannot_record_is_not_kept(aim: Aim, server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIM_TOKEN")
    body = b'{"error": {"message": "The token of bob has the role read, so it cannot record.", "hint": "Ask."}}'
    server.fault = lambda method, target, _: (403, {}, body) if "confirm" in target else None
    told = aim("login", server.address, typed="secret\n", code=1).output
    assert "the role read, so it cannot record. Ask" in " ".join(told.split())
    assert address.token(address.parse(server.address)) is None


@pytest.mark.parametrize(
    ("status", "told"), [(None, "Connection refused"), (503, "is busy"), (502, "a proxy answers with status 502")]
)
def test_a_token_is_kept_unchecked_while_the_server_is_away(
    aim: Aim, server: Receiver, monkeypatch: pytest.MonkeyPatch, status: int | None, told: str
) -> None:
    monkeypatch.delenv("AIM_TOKEN")
    if status is None:
        server.close()
    else:
        server.fault = lambda method, target, body: (status, {}, b"")
    kept = aim("login", server.address, typed="secret\n")
    where = address.parse(server.address)
    assert address.token(where) == "secret"
    assert f"is kept in {address.token_file(where)}, but was not checked: {where}" in kept.output
    assert told in kept.output and "Then check with: aim sync --status" in kept.output


def test_an_unchecked_token_does_not_replace_another(
    aim: Aim, server: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIM_TOKEN")
    where = address.parse(server.address)
    aim("login", server.address, typed="secret\n")
    server.close()
    refused = aim("login", server.address, typed="other\n", code=1).output
    assert "The old one stays" in refused and address.token(where) == "secret"


def test_a_token_for_what_is_no_aim_server_is_not_kept(aim: Aim, server: Receiver) -> None:
    server.fault = lambda method, target, body: (404, {}, b"")
    assert "is it an aim server" in aim("login", server.address, typed="secret\n", code=1).output
    assert not address.token_file(address.parse(server.address)).exists()


def test_other_commands_name_what_to_do_with_an_address(aim: Aim) -> None:
    assert "is an address, and a folder is needed here" in aim("runs", "ls", "--repo", "aim://localhost", code=1).output
    assert spool.every() == []
