"""`aim up` for a team, as a real process: tokens over TLS, a proxy's header, and what it refuses to start with."""

from __future__ import annotations

import re
import shlex
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

import aim as package
from aim.server.tls import Tls
from aim.server.tokens import Tokens
from tests.cli.conftest import Aim
from tests.commands import AIM, environment


@pytest.fixture
def repo(here: Path) -> Path:
    with package.Run("one", repo=here) as run:
        run.track(1.0, "loss")
    return here


@contextmanager
def up(repo: Path, *words: str, **variables: str) -> Iterator[tuple[str, list[str]]]:
    """The address that a server printed, and all that it printed before."""
    command = [*AIM, "up", "--repo", str(repo), "-p", "0", *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**environment(), **variables}, cwd=repo
    ) as process:
        try:
            assert process.stdout is not None
            lines = list(iter(process.stdout.readline, "Press Ctrl+C to exit\n"))
            yield lines[1].removeprefix("Open ").strip(), lines
        finally:
            process.terminate()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    made = tmp_path / "cert.pem", tmp_path / "key.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
        + ["-out", str(made[0]), "-keyout", str(made[1])],
        check=True,
        capture_output=True,
    )
    return made


def test_the_certificate_of_the_docs_is_one_for_its_name(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "remote.md").read_text(encoding="utf-8")
    (command,) = re.findall("^openssl req .*", text, re.MULTILINE)
    subprocess.run(shlex.split(command), cwd=tmp_path, check=True, capture_output=True)
    Tls(tmp_path / "cert.pem", tmp_path / "key.pem").check()
    verify = ["openssl", "verify", "-CAfile", "cert.pem", "-verify_hostname"]
    for name, good in {"aim.example.org": True, "localhost": False}.items():
        assert (subprocess.run([*verify, name, "cert.pem"], cwd=tmp_path, capture_output=True).returncode == 0) == good


@pytest.mark.parametrize(
    ("names", "host", "printed"),
    [
        ("DNS:aim.example.org", "node17", "aim.example.org"),
        ("DNS:localhost,DNS:aim.example.org", "127.0.0.1", "aim.example.org"),
        ("DNS:localhost,IP:127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("DNS:localhost", "node17", "localhost"),
        ("DNS:*.example.org", "node17.example.org", "node17.example.org"),
        ("DNS:*.example.org,DNS:example.org", "node17", "example.org"),
        ("DNS:AIM.example.org", "aim.example.org", "aim.example.org"),
    ],
)
def test_the_printed_host_is_one_of_the_certificate(tmp_path: Path, names: str, host: str, printed: str) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += [
        "-days",
        "2",
        "-subj",
        "/CN=x",
        "-addext",
        f"subjectAltName={names}",
        "-out",
        "c.pem",
        "-keyout",
        "k.pem",
    ]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    tls = Tls(tmp_path / "c.pem", tmp_path / "k.pem")
    assert tls.name_for(host) == printed
    assert {name.lower() for name in tls.names()} == {name.partition(":")[2].lower() for name in names.split(",")}


def test_users_sign_in_over_tls(repo: Path, certificate: tuple[Path, Path]) -> None:
    text = Tokens(repo / ".aim").add("ann", "write")
    words = ["--tokens", "--tls-cert", str(certificate[0]), "--tls-key", str(certificate[1])]
    with up(repo, *words, AIM_TOKEN="another, for recording") as (url, lines):
        assert re.fullmatch(r"https://127\.0\.0\.1:\d+", url)
        assert "Tokens: ann (write)\n" in lines
        trusted = ssl.create_default_context(cafile=str(certificate[0]))
        with httpx.Client(base_url=url, verify=trusted, trust_env=False) as browser:
            assert browser.get("/api/project").status_code == 401
            answer = browser.post("/login", data={"token": text}, headers={"origin": url})
            assert answer.headers["set-cookie"].endswith("HttpOnly; SameSite=Strict; Secure")
            assert browser.get("/api/project").json()["user"] == "ann"


def test_a_proxy_on_this_machine_names_users(repo: Path) -> None:
    with up(repo, "--auth-header", "X-Forwarded-User", "--auth-role", "write", "--host", "0.0.0.0") as (url, _):
        assert httpx.get(f"{url}/api/project", trust_env=False).status_code == 401
        about = httpx.get(f"{url}/api/project", headers={"x-forwarded-user": "ada"}, trust_env=False).json()
        assert (about["user"], about["role"]) == ("ada", "write")


@pytest.mark.parametrize(
    ("code", "words", "told"),
    [
        (2, ["--tokens", "--token", "x" * 20], "--token is one token for everybody"),
        (2, ["--auth-role", "write"], "add --auth-header NAME"),
        (2, ["--trusted-proxy", "10.0.0.5"], "add --auth-header NAME"),
        (2, ["--auth-header", "X-User", "--auth-role", "admin", "--allow-run"], "--allow-run needs --tokens"),
        (2, ["--tls-cert", "c.pem"], "--tls-cert and --tls-key belong together"),
        (1, ["--tokens", "--host", "0.0.0.0"], "pass --tls-cert and --tls-key, or --plain"),
        (1, ["--auth-header", "Cookie"], "'Cookie' cannot name users"),
        (1, ["--auth-header", "X-User", "--trusted-proxy", "proxy"], "'proxy' is not an address"),
        (1, ["--tls-cert", "c.pem", "--tls-key", "c.pem"], "cannot use c.pem with c.pem"),
        (
            1,
            ["--tls-cert", "key.pem", "--tls-key", "cert.pem"],
            "key.pem has a key and no certificate: swap --tls-cert",
        ),
    ],
)
def test_it_does_not_start(aim: Aim, repo: Path, code: int, words: list[str], told: str) -> None:
    (repo / "c.pem").write_text("no certificate")
    (repo / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    (repo / "cert.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    output = " ".join(aim("up", "--repo", str(repo), "-p", "0", *words, code=code).output.split())
    assert told in output


def test_a_damaged_file_of_tokens_is_refused_before_anything_starts(aim: Aim, repo: Path) -> None:
    Tokens(repo / ".aim").add("ann", "read")
    Tokens(repo / ".aim").path.write_text("{")
    assert aim("up", "--repo", str(repo), "-p", "0", "--tokens", code=1).output.startswith("Error: ")


def test_a_link_is_an_address(aim: Aim, repo: Path) -> None:
    made = aim("token", "add", "ann", "--link", "https://aim.lab/x/?page=runs", "--repo", str(repo)).output
    text = re.search(r"https://aim\.lab/x/\?page=runs&token=(aim_\S+)", made)
    assert text is not None
    token = Tokens(repo / ".aim").find(text[1])
    assert token is not None and (token.role, token.link) == ("read", "?page=runs") and token.expires is not None
    assert (
        "is not an address: copy it from your browser"
        in aim("token", "add", "ann", "--link", "?page=runs", code=2).output
    )


@pytest.mark.parametrize(
    ("code", "words", "told"),
    [
        (1, ["--days", "0"], "a token for 0 days is not possible"),
        (2, ["--role", "admin"], "cannot have the role admin: omit --role"),
        (2, ["--role", "write"], "cannot have the role write: omit --role"),
        (1, ["--link", "https://aim.lab/?" + "x" * 2_000], "up to 2,000 printable characters"),
    ],
)
def test_a_link_that_is_not_possible_is_refused(aim: Aim, repo: Path, code: int, words: list[str], told: str) -> None:
    command = ["token", "add", "ann", "--link", "https://aim.lab/", "--repo", str(repo)]
    assert told in " ".join(aim(*command, *words, code=code).output.split())
    assert list(Tokens(repo / ".aim")) == []
