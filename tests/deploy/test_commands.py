"""The commands of the compose file, as they run in the image: as a user without rights, with a root file system that
cannot be written where this system allows that, beside a real ClickHouse and a server of S3 where there are some."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import aim
from aim import Repo
from tests import stores
from tests.clickhouse.servers import COMMANDS, Server
from tests.deploy.files import compose, instruction
from tests.ports import free_port

ROOT = Path(aim.__file__).parent.parent
USER = 10001
# Trainings speak TLS to any name but localhost.
NAME = socket.gethostname()
SERVICES = compose()["services"]
# Mounts the volume, makes the rest read-only, and gives up all rights.
CONFINED = f"""
set -e
mount --bind "$VOLUME" /mnt
mount --options remount,bind,ro /
cd /mnt
exec setpriv --reuid {USER} --regid {USER} --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all "$@"
"""


PACKAGES = [str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))]
PYTHONS = [sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"]
# The packages of this process, in a Python that starts another one.
CHECK = "import subprocess, sys, aim.cli.main, duckdb; subprocess.run([sys.executable, '-c', ''], check=True)"


def address() -> str:
    return socket.gethostbyname(NAME)


def resolves() -> bool:
    try:
        with socket.create_server((address(), 0)):
            return True
    except OSError:
        return False


def python_for(folder: Path) -> str | None:
    """A Python that a user without rights can run, if this system can confine it."""
    if os.name != "posix" or os.getuid() != 0 or not all(map(shutil.which, ("unshare", "setpriv", "mount"))):
        return None
    there = [python for python in PYTHONS if os.path.exists(python)]
    return next((python for python in there if confined(folder, [python, "-c", CHECK], {}).wait(60) == 0), None)


def confined(folder: Path, words: list[str], environ: dict[str, str]) -> subprocess.Popen[bytes]:
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", CONFINED, "sh", *words]
    log = open(folder.parent / f"{folder.name}.log", "ab")
    with log:
        known = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        given = {**known, "PYTHONPATH": os.pathsep.join(PACKAGES), "VOLUME": str(folder), **environ}
        return subprocess.Popen(command, stdout=log, stderr=log, env=given, start_new_session=True)


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    folder = tmp_path / "volume"
    folder.mkdir(mode=0o700)
    os.chown(folder, USER, USER) if os.getuid() == 0 else None
    return folder


@pytest.fixture
def python(volume: Path) -> str:
    chosen = python_for(volume)
    if chosen is None:
        pytest.skip("needs root, unshare and setpriv, and a Python and a checkout that every user can read")
    return chosen


@pytest.fixture
def certificate(volume: Path) -> Path:
    """In the place where compose mounts secrets."""
    if shutil.which("openssl") is None or not resolves():
        pytest.skip("needs openssl, and a name of this machine that leads to it")
    folder = volume / "secrets"
    folder.mkdir()
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    names = ["-addext", f"subjectAltName=DNS:{NAME}"]
    files = ["-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    subprocess.run([*make, *names, *files], check=True, capture_output=True, timeout=60)
    os.chmod(folder / "key", 0o600)
    for path in (folder, *folder.iterdir()):
        os.chown(path, USER, USER)
    return folder / "cert"


@contextmanager
def started(volume: Path, words: list[str], environ: dict[str, str]) -> Iterator[None]:
    process = confined(volume, words, environ)
    try:
        yield
    finally:
        with_children(process, signal.SIGTERM)
        try:
            process.wait(30)
        finally:
            with_children(process, signal.SIGKILL)
            process.wait(30)


def command(python: str, service: str, port: int) -> list[str]:
    """That of a service, on a port of this test."""
    assert json.loads(instruction("ENTRYPOINT")[0]) == ["aim"]
    words = [word.replace("/run/secrets", "/mnt/secrets") for word in SERVICES[service]["command"]]
    words = [re.sub(r"\$\{AIM_HOST.*?\}", NAME, word).replace("0.0.0.0", address()) for word in words]
    return [python, "-m", "aim", *words, "--port", str(port)]


def with_children(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


def image_environment(volume: Path, **variables: str) -> dict[str, str]:
    pairs = dict(pair.split("=", 1) for line in instruction("ENV") for pair in line.split())
    named = {name: value.replace("/data", "/mnt") for name, value in pairs.items() if name != "PATH"}
    # /tmp of the image is in memory; the rest of this system's is not writable here.
    shared = volume / "tmp"
    shared.mkdir(exist_ok=True)
    os.chown(shared, USER, USER)
    return {**named, "HOME": "/nonexistent", "TMPDIR": "/mnt/tmp", **variables}


def ask(port: int, path: str, certificate: Path, **headers: str) -> tuple[int, Any]:
    context = ssl.create_default_context(cafile=str(certificate))
    connection = http.client.HTTPSConnection(NAME, port, context=context, timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        data = response.read()
        return response.status, json.loads(data) if data.startswith(b"{") else data
    finally:
        connection.close()


def until(what: str, volume: Path, check: Any) -> Any:
    last: Exception | None = None
    for _ in range(2000):
        try:
            if answer := check():
                return answer
        except OSError as error:
            last = error
        time.sleep(0.1)
    raise AssertionError(f"{what}: {last}; {(volume.parent / 'volume.log').read_text()[-4000:]}")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[str | None]:
    if "18.16" not in COMMANDS:
        yield None
        return
    server = Server("18.16", tmp_path / "clickhouse", free_port(), free_port())
    server.start()
    try:
        yield f"clickhouse://default@127.0.0.1:{server.port}/aim?tls=off"
    finally:
        server.kill()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[dict[str, str]]:
    if stores.MISSING:
        yield {}
        return
    with stores.serving(tmp_path) as served:
        yield {**stores.environment(served.url), "AIM_STORE": served.bucket()}


def test_the_image_commands_serve_a_team(
    python: str, volume: Path, certificate: Path, engine: str | None, store: dict[str, str], tmp_path: Path
) -> None:
    environ = image_environment(volume, **store, **({"AIM_ENGINE": engine} if engine else {}))
    server_port, ui_port = free_port(), free_port()
    for _ in range(2 if engine else 0):
        tables = confined(volume, [python, "-m", "aim", *SERVICES["tables"]["command"]], environ)
        assert tables.wait(60) == 0, (tmp_path / "volume.log").read_text()
    with started(volume, command(python, "server", server_port), environ):
        health = until("server", volume, lambda: ask(server_port, "/v1/health", certificate))
        assert health == (200, {"status": "ok"})
        add = confined(volume, [python, "-m", "aim", "token", "add", "ann", "--role", "admin"], environ)
        assert add.wait(60) == 0
        (token,) = re.findall(r"^aim_\S+$", (tmp_path / "volume.log").read_text(), re.MULTILINE)
        recorded(server_port, token, certificate, tmp_path / "spool")
        with started(volume, command(python, "ui", ui_port), environ):
            health = until("ui", volume, lambda: ask(ui_port, "/api/health", certificate))
            assert health == (200, {"status": "ok"})
            assert ask(ui_port, "/api/health", certificate, Host="10.1.2.3:43800")[0] == 200, "as a probe asks"
            assert ask(ui_port, "/api/project", certificate)[0] == 401
            bearer = {"Authorization": f"Bearer {token}"}
            project = until("runs", volume, lambda: shown(ui_port, certificate, bearer))
            assert (project["user"], project["writable"]) == ("ann", True)
    assert owners(volume) <= {USER}
    os.environ.pop("AIM_STORE", None)
    assert [run.hash for run in Repo(volume / "runs", read_only=True).select_runs()] == ["deployed"]


def owners(volume: Path) -> set[int]:
    return {path.lstat().st_uid for path in volume.rglob("*")}


def shown(port: int, certificate: Path, bearer: dict[str, str]) -> Any:
    status, answer = ask(port, "/api/project", certificate, **bearer)
    assert status == 200, answer
    return answer if answer["runs"] == 1 else None


def recorded(port: int, token: str, certificate: Path, spool: Path) -> None:
    """By a training on another machine, which waits until all is on the server."""
    code = "import aim\nwith aim.Run('deployed') as run:\n    run.track(1.0, 'loss')"
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AIM_", "AWS_"))}
    environ |= {"AIM_REPO": f"aim://{NAME}:{port}", "AIM_TOKEN": token, "AIM_SPOOL": str(spool)}
    environ |= {"SSL_CERT_FILE": str(certificate), "AIM_SYNC_WAIT": "30", "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environ, cwd=spool.parent, capture_output=True, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
