"""`aim up` and `aim down` as real processes: they answer, end, free the port, and leave other processes alone."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import aim as package
from aim.cli import servers
from aim.cli.bundle import pack
from tests.cli.conftest import Aim
from tests.cli.terminal import on_terminal
from tests.commands import AIM, environment, output_of
from tests.index.sources.tensorboard.events import event_file, scalar
from tests.index.sources.wandb_files import began, framed, history, write
from tests.ports import free_port
from tests.waiting import PATIENCE, until


@pytest.fixture
def repo(here: Path) -> Iterator[Path]:
    with package.Run("one", repo=here) as run:
        run.track(1.0, "loss")
    yield here
    for aim_dir in here.parent.rglob(".aim"):
        served = servers.of_repo(aim_dir)
        if served is not None:
            served.end()


@contextlib.contextmanager
def up(repo: Path, *words: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in the foreground, and the address that it printed."""
    command = [*AIM, "up", "--repo", str(repo), "-p", "0", *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdout=pipe, stderr=pipe, text=True, env={**environment(), **variables}, cwd=repo
    ) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(3)]
            if lines[2].startswith("From other machines: http://"):
                lines[2] = process.stdout.readline()
            assert (lines[0], lines[2]) == (f"Running Aim UI on repo {repo}/.aim\n", "Press Ctrl+C to exit\n")
            yield process, lines[1].removeprefix("Open ").strip()
        finally:
            process.kill()


def detached(repo: Path, *words: str) -> str:
    """Start a detached server, and return its address."""
    command = ("up", "-d", "-p", str(free_port()), "--repo", str(repo))
    match = re.search(r"^Open (\S+)$", output_of(None, *command, *words), re.MULTILINE)
    assert match is not None
    return match[1]


def get(url: str, path: str = "/api/project", **headers: str) -> httpx.Response:
    return httpx.get(url + path, trust_env=False, headers=headers, timeout=PATIENCE)


def is_free(url: str) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) != 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal_comes(repo: Path, number: signal.Signals) -> None:
    with up(repo) as (process, url):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        assert get(url).json()["root"] == str(repo)
        process.send_signal(number)
        out, err = process.communicate()
    assert (process.returncode, out, err) == (0, "Shutting down...\nDone\n", "")
    assert is_free(url)
    assert servers.of_repo(repo / ".aim") is None and not list(servers.folder().glob("*.json"))


def test_ctrl_c_on_a_terminal(repo: Path) -> None:
    code, shown = on_terminal(["up", "-p", "0"], repo, wait_for="Press Ctrl+C to exit", then="\x03")
    assert code == 0
    begin, end = f"Running Aim UI on repo {repo}/.aim\nOpen http://", "Shutting down...\nDone\n"
    assert shown.startswith(begin) and shown.endswith(end)


def seen_by_others(pid: int) -> str:
    """The command line of a process, as any user of the machine can see it."""
    shown = Path(f"/proc/{pid}/cmdline")
    if shown.exists():
        return shown.read_text().replace("\0", " ")
    return subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True).stdout


def test_detach_returns_when_it_answers_and_down_ends_it(repo: Path) -> None:
    url = detached(repo, "--token", "not-for-everybody")
    assert url.endswith("/?token=not-for-everybody")
    address = url.partition("/?")[0]
    assert get(address, authorization="Bearer not-for-everybody").json()["runs"] == 1
    served = servers.of_repo(repo / ".aim")
    assert served is not None and os.getsid(served.pid) == served.pid, "Ctrl+C in this terminal does not reach it"
    shown = seen_by_others(served.pid)
    assert "up --repo" in shown and "not-for-everybody" not in shown
    out = output_of(None, "down", "--repo", str(repo))
    assert out == f"Shutting down Aim UI at {repo}/.aim\nDone\n"
    assert is_free(address)
    assert output_of(None, "down", "--repo", str(repo)) == f"No running Aim UI at {repo}/.aim\n"


NOBODY = ["unshare", "--user", "--map-user=12345", "--map-group=12345"]


def test_it_runs_without_a_home_and_a_user_name(repo: Path, tmp_path: Path) -> None:
    """As in a container that runs under any number."""
    if shutil.which("unshare") is None or subprocess.run([*NOBODY, "true"], capture_output=True).returncode != 0:
        pytest.skip("this machine has no user namespaces")
    hidden = {"HOME", "USER", "LOGNAME", "LNAME", "USERNAME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"}
    (tmp_path / "tmp").mkdir()
    env = {name: value for name, value in environment().items() if name not in hidden}
    env["TMPDIR"] = str(tmp_path / "tmp")

    def nobody(*words: str) -> str:
        command = [*NOBODY, *AIM, *words, "--repo", str(repo)]
        ended = subprocess.run(command, env=env, capture_output=True, text=True)
        assert (ended.returncode, ended.stderr) == (0, "")
        return ended.stdout

    url = nobody("up", "-d", "-p", "0").splitlines()[1].removeprefix("Open ").strip()
    assert get(url).status_code == 200
    assert [place.name for place in (tmp_path / "tmp").glob("aim-*")] == ["aim-12345"]
    assert nobody("down").splitlines()[-1] == "Done" and is_free(url)


def test_down_ends_only_the_server_of_its_repository(repo: Path, tmp_path: Path) -> None:
    package.Run(repo=tmp_path / "other").close()
    mine, other = detached(repo), detached(tmp_path / "other")
    output_of(None, "down", "--repo", str(repo))
    assert is_free(mine)
    assert get(other).json()["root"] == str(tmp_path / "other")


def test_a_second_one_says_so_and_refuses_without_a_terminal(repo: Path) -> None:
    url = detached(repo)
    out = output_of(None, "up", "--repo", str(repo), code=1)
    assert f"The UI of {repo}/.aim is at {url}\n" in out
    assert "Pass --restart to restart it, or stop it with: aim down" in out
    assert get(url).status_code == 200


def test_restart_takes_the_same_port_although_a_page_is_open(repo: Path) -> None:
    url = detached(repo)
    before = servers.of_repo(repo / ".aim")
    with httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE) as page:
        assert page.get("/api/project").status_code == 200
        out = output_of(None, "up", "-d", "--restart", "--repo", str(repo), "-p", url.rpartition(":")[2])
    after = servers.of_repo(repo / ".aim")
    assert f"Open {url}\n" in out and get(url).status_code == 200
    assert before and after and before.pid != after.pid and not before.lives()


def test_on_a_terminal_it_asks(repo: Path) -> None:
    detached(repo)
    for answer, restarted in (("n", False), ("y", True)):
        before = servers.of_repo(repo / ".aim")
        code, shown = on_terminal(["up", "-d", "-p", "0"], repo, wait_for="[y/N]: ", then=f"{answer}\n")
        assert code == 0
        assert "Aim UI is already running. Do you want to restart it? [y/N]: " in shown
        after = servers.of_repo(repo / ".aim")
        assert before and after and (before.pid != after.pid) == restarted


def test_a_killed_server_leaves_nothing_to_clean_up(repo: Path) -> None:
    url = detached(repo)
    served = servers.of_repo(repo / ".aim")
    assert served is not None
    os.kill(served.pid, signal.SIGKILL)
    until(lambda: not served.lives())
    assert "No running Aim UI" in output_of(None, "down", "--repo", str(repo))
    out = output_of(None, "up", "-d", "--repo", str(repo), "-p", url.rpartition(":")[2])
    assert f"Open {url}\n" in out


def test_a_taken_port_names_its_owner_and_a_free_one(repo: Path, tmp_path: Path) -> None:
    package.Run(repo=tmp_path / "other").close()
    port = detached(tmp_path / "other").rpartition(":")[2]
    for words in ([], ["-d"]):
        out = output_of(None, "up", "--repo", str(repo), "-p", port, *words, code=1)
        assert f"port {port} of 127.0.0.1 is in use" in out
        assert f"It belongs to the Aim UI of {tmp_path}/other/.aim" in out
        free = re.search(r"Port (\d+) is free: aim up --port (\d+)", out)
        assert free and free[1] == free[2] != port
    assert servers.of_repo(repo / ".aim") is None


def test_a_pulled_version_is_served(aim: Aim, repo: Path, built_ui: Path, tmp_path: Path) -> None:
    pack(built_ui, "9.0", tmp_path / "wheels")
    assert "Pull it first: aim pull -v 9.0" in output_of(None, "up", "--repo", str(repo), "-v", "9.0", code=1)
    aim("pull", "-v", "9.0", "--from", tmp_path / "wheels")
    with up(repo, "-v", "9.0") as (_, url):
        page = get(url, "/")
        assert "A pulled UI" in page.text and "default-src 'none'" in page.headers["content-security-policy"]
        assert get(url, "/assets/index-0a1b2c3d.js").text == "export {}"
        assert get(url, "/manifest.json").status_code == 404
    with up(repo, "-v", package.__version__) as (_, url):
        assert "A pulled UI" not in get(url, "/").text


def test_others_reach_it_only_with_a_token(repo: Path) -> None:
    with up(repo, "-h", "0.0.0.0") as (_, url):
        match = re.fullmatch(r"(http://127\.0\.0\.1:\d+)/\?token=(\S{32})", url)
        assert match is not None
        assert get(match[1]).status_code == 401
        assert get(match[1], authorization=f"Bearer {match[2]}").status_code == 200


def test_read_only_and_a_host_name_that_is_allowed(repo: Path) -> None:
    with up(repo, "--read-only", "--allow-host", "aim.lab") as (_, url):
        assert get(url).json()["writable"] is False
        body = {"runs": [], "archived": True}
        answer = httpx.post(f"{url}/api/runs/archive", json=body, headers={"origin": url}, trust_env=False)
        assert answer.status_code == 403
        assert get(url, host="aim.lab").status_code == 200
        refused = get(url, host="evil.lab")
        assert refused.status_code == 403 and "--allow-host aim.lab --read-only --allow-host evil.lab" in refused.text


def test_no_repository(tmp_path: Path) -> None:
    out = output_of(None, "up", "--repo", str(tmp_path / "nothing"), code=1)
    assert "Repository does not exist" in out and '"aim init"' in out
    assert "No running Aim UI" in output_of(None, "down", "--repo", str(tmp_path / "nothing"))


def test_tf_logs_are_shown_beside_the_runs_and_grow(repo: Path) -> None:
    path = event_file(repo / "tb" / "nested" / "one", scalar("eval/accuracy", 3, 0.5))
    url = detached(repo, "--tf_logs", os.path.relpath(repo / "tb"))
    asked = "/api/series?q=loss,%20tf:accuracy%20if%20experiment%20in%20(default,%20TF)&columns=100"
    shown = get(url, asked).content
    assert b'"nested/one"' in shown and b'"eval/accuracy"' in shown and b'"loss"' in shown
    assert b'"points":2' in shown
    with open(path, "ab") as file:
        file.write(scalar("eval/accuracy", 4, 0.6))
    assert b'"points":3' in get(url, asked).content


def test_tf_logs_need_no_repository(tmp_path: Path, repo: Path) -> None:
    event_file(tmp_path / "tb" / "one", scalar("accuracy", 0, 0.5))
    (tmp_path / "empty").mkdir()
    url = detached(tmp_path / "empty", "--tf_logs", str(tmp_path / "tb"))
    assert get(url).json()["runs"] == 1
    assert "Done" in output_of(None, "down", "--repo", str(tmp_path / "empty")) and is_free(url)
    assert not (tmp_path / "empty" / ".aim").exists()


def test_logs_of_other_trackers_need_no_repository(tmp_path: Path, repo: Path) -> None:
    path = write(tmp_path / "logs" / "run-1-abc" / "run-abc.wandb", began("a"), history(0, {"loss": 2.0}))
    (tmp_path / "empty").mkdir()
    url = detached(tmp_path / "empty", "--logs", str(tmp_path / "logs"))
    asked = "/api/series?q=wandb:loss&columns=100"
    assert b'"points":1' in get(url, asked).content
    path.write_bytes(framed([history(1, {"loss": 1.0})], path.read_bytes()))
    assert b'"points":2' in get(url, asked).content
    assert "Done" in output_of(None, "down", "--repo", str(tmp_path / "empty")) and is_free(url)
    assert not (tmp_path / "empty" / ".aim").exists()


def test_a_folder_of_logs_is_named_and_shown(tmp_path: Path, repo: Path) -> None:
    write(tmp_path / "logs" / "w" / "run-abc.wandb", began("a"), history(0, {"loss": 2.0}))
    event_file(tmp_path / "logs" / "tb", scalar("loss", 0, 0.5))
    said = output_of(None, "up", str(tmp_path / "logs"), "-d", "-p", "0")
    assert f"Logs of other trackers in {tmp_path / 'logs'}: TensorBoard (1 run), W&B (1 run)" in said
    assert get(re.search(r"http://\S+", said)[0]).json()["runs"] == 2  # type: ignore[index]
    output_of(None, "down", "--repo", str(tmp_path / "logs"))
    write(repo / "w" / "run-abc.wandb", began("a"), history(0, {"loss": 2.0}))
    said = output_of(None, "up", str(repo), "-d", "-p", "0")
    assert f"To show them too: aim up {repo} --logs {repo}" in said
    assert get(re.search(r"http://\S+", said)[0]).json()["runs"] == 1  # type: ignore[index]
    output_of(None, "down", "--repo", str(repo))
    assert "pass one of them" in output_of(None, "up", str(repo), "--repo", str(repo), code=2)


def test_missing_tf_logs(repo: Path) -> None:
    words = ("up", "-p", "0", "--repo", str(repo), "--tf_logs", "nothing")
    assert "there is no folder" in output_of(None, *words, code=1)


def test_a_users_module_is_not_imported_as_ours(repo: Path) -> None:
    (repo / "aim.py").write_text("raise SystemExit('not this one')")
    program = Path(AIM[0]).with_name("aim")
    if not program.is_file():
        pytest.skip("needs the program 'aim' of an installed package")
    ended = subprocess.run(
        [program, "up", "-d", "-p", "0"], cwd=repo, env=environment(), capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


WATCH = """
import os, sys
def note(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.gethostbyname"):
        with open(os.environ["NOTES"], "a") as file:
            print(event, args[1:], file=file)
sys.addaudithook(note)
"""


@pytest.mark.parametrize("setting", [{}, {"AIM_UI_TELEMETRY_ENABLED": "0"}])
def test_nothing_is_sent_anywhere(repo: Path, tmp_path: Path, setting: dict[str, str]) -> None:
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(WATCH)
    path = os.pathsep.join([str(tmp_path / "watch"), environment()["PYTHONPATH"]])
    with up(repo, PYTHONPATH=path, NOTES=str(tmp_path / "notes"), **setting) as (process, url):
        assert get(url).status_code == 200
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (out, err) == ("Shutting down...\nDone\n", ""), "and no notice is printed"
    assert not (tmp_path / "notes").exists(), (tmp_path / "notes").read_text()


def test_allow_run_makes_a_token_on_loopback_too_and_keeps_it_from_commands(repo: Path) -> None:
    secrets = {"AIM_TOKEN": "a token of the environment", "AIM_CLICKHOUSE_PASSWORD": "hush", "AIM_ENGINE": ""}
    with up(repo, "--allow-run") as (_, url):
        base, _, token = url.partition("/?token=")
        assert len(token) == 32 and get(base).status_code == 401
    with up(repo, "--allow-run", **secrets) as (_, url):
        base = url.partition("/?")[0]
        assert url == f"{base}/?token=a token of the environment"
        client = httpx.Client(
            base_url=base,
            headers={"authorization": "Bearer a token of the environment"},
            trust_env=False,
            timeout=PATIENCE,
        )
        with client:
            assert client.get("/api/launch").json()["allowed"] is True
            code = f"import os; print(sorted(name for name in os.environ if name in {tuple(secrets)}))"
            body = {"command": {"argv": [sys.executable, "-c", code]}}
            run = client.post("/api/launch/start", json=body).json()["run"]
            until(lambda: client.get("/api/process", params={"run": run}).json()["state"] != "running")
            (piece,) = client.get("/api/run/output", params={"run": run}).json()["pieces"]
            assert piece["text"].strip() == "[]"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--read-only"], "cannot be combined with --read-only"),
        (["--host", "0.0.0.0"], "--allow-run cannot be combined with --host 0.0.0.0"),
        (["--host", "::"], "ssh -L"),
        (["--host", "runs.example.org"], "only this machine can start commands"),
    ],
)
def test_allow_run_refuses_options_that_let_others_in(aim: Aim, repo: Path, words: list[str], told: str) -> None:
    output = " ".join(aim("up", "--repo", str(repo), "--allow-run", *words, code=2).output.split())
    assert told in output
    assert servers.of_repo(repo / ".aim") is None


def test_allow_run_of_a_detached_server(repo: Path) -> None:
    url = detached(repo, "--allow-run")
    base, _, token = url.partition("/?token=")
    assert get(base, "/api/launch", authorization=f"Bearer {token}").json()["allowed"] is True
    output_of(None, "down", "--repo", str(repo))
