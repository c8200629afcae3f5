"""An object store, asked over HTTP: addresses, credentials, and what a store may answer."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from aim import store
from aim.errors import StoreAway, StoreError
from tests.stores import NEEDS_S3, S3, SECRET, Fault, Proxy, environment


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Without any setting of the user's."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return monkeypatch


def at(environ: pytest.MonkeyPatch, url: str, address: str) -> store.ObjectStore:
    for name, value in environment(url).items():
        environ.setenv(name, value)
    return store.ObjectStore(store.parse(address))


@pytest.mark.parametrize(
    ("text", "bucket", "prefix"),
    [
        ("s3://runs", "runs", ""),
        ("s3://runs/", "runs", ""),
        ("s3://my.runs-1/team/a_b", "my.runs-1", "team/a_b"),
        ("s3://runs/team/", "runs", "team"),
    ],
)
def test_addresses(text: str, bucket: str, prefix: str) -> None:
    assert store.parse(text) == (bucket, prefix)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "runs",
        "https://runs.s3.amazonaws.com/x",
        "s3://",
        "s3://a",
        "s3:///prefix",
        "s3://runs/../other",
        "s3://runs/a//b",
        "s3://runs/a b",
        f"s3://AKIAEXAMPLE:{SECRET}@runs/team",
        f"s3://runs/team?secret={SECRET}",
        "s3://runs/\n",
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(StoreError, match="write s3://BUCKET/PREFIX") as refused:
        store.parse(text)
    assert SECRET not in str(refused.value)


def test_without_the_package_the_extra_is_named(environ: pytest.MonkeyPatch) -> None:
    environ.setitem(sys.modules, "obstore", None)
    environ.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(StoreAway, match=r"pip install 'aim\[s3\]'"):
        store.ObjectStore(store.parse("s3://runs"))


@pytest.mark.parametrize(
    "url", ["ftp://store", "http://", "http://user:secret@store:9000", "http://[::1", "store:9000"]
)
def test_an_endpoint_that_is_no_address_is_refused(environ: pytest.MonkeyPatch, url: str) -> None:
    environ.setenv("AWS_ENDPOINT_URL", url)
    with pytest.raises(StoreError, match="AWS_ENDPOINT_URL is not an address") as refused:
        store._endpoint({})
    assert "secret" not in str(refused.value)


PROFILES = """[default]
aws_access_key_id = ONE
aws_secret_access_key = first%secret
[team]
aws_access_key_id = TWO
aws_secret_access_key = second
aws_session_token = token
"""
CONFIG = """[default]
region = eu-west-1
[profile team]
region = eu-central-1
endpoint_url = https://s3.example.org
"""


@pytest.mark.parametrize(
    ("variables", "identity", "endpoint"),
    [
        ({}, {"access_key_id": "ONE", "secret_access_key": "first%secret", "region": "eu-west-1"}, ""),
        (
            {"AWS_PROFILE": "team"},
            {"access_key_id": "TWO", "secret_access_key": "second", "session_token": "token", "region": "eu-central-1"},
            "https://s3.example.org",
        ),
        ({"AWS_ACCESS_KEY_ID": "X", "AWS_REGION": "us-east-1"}, {}, ""),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/token"}, {"region": "eu-west-1"}, ""),
        ({"AWS_PROFILE": "nobody"}, {}, ""),
        ({"AWS_PROFILE": "team", "AWS_ENDPOINT_URL_S3": "http://here:1"}, None, "http://here:1"),
    ],
)
def test_credentials_are_those_of_awss_tools(
    environ: pytest.MonkeyPatch,
    tmp_path: Path,
    variables: dict[str, str],
    identity: dict[str, str] | None,
    endpoint: str,
) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text(PROFILES)
    (tmp_path / ".aws" / "config").write_text(CONFIG)
    for name, value in variables.items():
        environ.setenv(name, value)
    profile = store._profile()
    assert store._endpoint(profile) == endpoint
    if identity is not None:
        assert store._identity(profile) == identity


@pytest.mark.parametrize(
    "line",
    ["role_arn = arn:aws:iam::1:role/x", "source_profile = team", "credential_process = /bin/keys", "sso_session = it"],
)
def test_a_profile_whose_keys_are_elsewhere_is_refused(environ: pytest.MonkeyPatch, tmp_path: Path, line: str) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(f"[profile other]\n{line}\nregion = eu-west-1\n")
    environ.setenv("AWS_PROFILE", "other")
    key = line.split()[0]
    with pytest.raises(StoreError, match=f"has {key}, which Aim does not follow: .* set AWS_ACCESS_KEY_ID and"):
        store._identity(store._profile())
    (tmp_path / ".aws" / "credentials").write_text(PROFILES.replace("[team]", "[other]"))
    assert store._identity(store._profile())["access_key_id"] == "TWO"
    (tmp_path / ".aws" / "credentials").unlink()
    environ.setenv("AWS_ACCESS_KEY_ID", "X")
    assert store._identity(store._profile()) == {"region": "eu-west-1"}


@NEEDS_S3
def test_credentials_that_were_refused_are_read_again(environ: pytest.MonkeyPatch) -> None:
    with Proxy(0, lambda method, path: (403, {}, b"")) as proxy:
        for name, value in environment(proxy.url).items():
            environ.setenv(name, value)
        opened = store.opened("s3://bucket")
        assert store.opened("s3://bucket") is opened
        with pytest.raises(StoreAway, match="refuses these credentials"):
            opened.read("runs/a", 0, 4)
        assert store.opened("s3://bucket") is not opened
    store._opened.cache_clear()


def test_files_of_awss_tools_that_make_no_sense_are_left_out(environ: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_bytes(b"\xff\xfe[default\nno = section")
    (tmp_path / ".aws" / "config").mkdir()
    assert store._profile() == {}


@NEEDS_S3
def test_put_read_size_remove(s3: S3, environ: pytest.MonkeyPatch) -> None:
    opened = at(environ, s3.url, s3.bucket())
    assert opened.put("runs/a", b"0123456789")
    assert not opened.put("runs/a", b"other"), "an object is put once"
    assert (opened.size("runs/a"), opened.read("runs/a", 0, 10), opened.read("runs/a", 3, 5)) == (
        10,
        b"0123456789",
        b"34",
    )
    with pytest.raises(StoreError, match="has 7 of the bytes 3 to 20 of runs/a"):
        opened.read("runs/a", 3, 20)
    opened.remove("runs/a")
    opened.remove("runs/a")
    with pytest.raises(StoreError, match="has no runs/a"):
        opened.size("runs/a")


def told(text: str) -> None:
    assert SECRET not in text and "AKIAEXAMPLE" not in text, text


PART = {"content-range": "bytes 0-3/10", "etag": "x", "last-modified": "Wed, 12 Oct 2022 17:50:00 GMT"}
PAGE = b"<html>Please sign in. AKIAEXAMPLE very-secret-key-0123456789</html>"


@NEEDS_S3
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (lambda method, path: (403, {}, PAGE), "refuses these credentials"),
        (lambda method, path: (401, {}, PAGE), "refuses these credentials"),
        (lambda method, path: (404, {}, PAGE), "has no runs/a"),
        (lambda method, path: (400, {}, PAGE), "does not answer as an object store"),
        (lambda method, path: (500, {}, PAGE), "does not answer as an object store"),
        (lambda method, path: (200, {"content-type": "text/html"}, PAGE), "does not answer as an object store"),
        (
            lambda method, path: (206, PART, b"01"),
            "has 2 of the bytes 0 to 4|does not answer",
        ),
        (
            lambda method, path: (206, PART, b"0" * 99),
            "has 99 of the bytes 0 to 4|does not answer",
        ),
    ],
)
def test_what_a_store_may_answer(environ: pytest.MonkeyPatch, fault: Fault, expected: str) -> None:
    with Proxy(0, fault) as proxy:
        opened = at(environ, proxy.url, "s3://bucket")
        with pytest.raises(StoreError, match=expected) as wrong:
            opened.read("runs/a", 0, 4)
    told(str(wrong.value))
    assert wrong.value.__context__ is None or wrong.value.__suppress_context__, (
        "a traceback would show what the store said"
    )


@NEEDS_S3
def test_an_answer_that_is_too_long_is_left_at_once(environ: pytest.MonkeyPatch) -> None:
    with Proxy(0, lambda method, path: (206, PART, b"0" * (64 << 20))) as proxy:
        opened = at(environ, proxy.url, "s3://bucket")
        with pytest.raises(StoreError, match="of the bytes 0 to 4 of runs/a") as wrong:
            opened.read("runs/a", 0, 4)
    [taken] = re.findall("has ([0-9,]+) of", str(wrong.value))
    assert 4 < int(taken.replace(",", "")) < 1 << 20


@NEEDS_S3
def test_a_store_that_is_away_is_asked_once_in_a_while(environ: pytest.MonkeyPatch) -> None:
    with Proxy(0) as proxy:
        url = proxy.url
    opened = at(environ, url, "s3://bucket")
    with pytest.raises(StoreAway, match="does not answer as an object store: check that 127.0.0.1 can be reached"):
        opened.read("runs/a", 0, 4)
    environ.setattr(opened, "_bucket", None)
    with pytest.raises(StoreAway, match="does not answer"):
        opened.read("runs/b", 0, 4)


def test_the_package_is_imported_when_a_store_is_used() -> None:
    code = (
        "import sys, aim.cli.main, aim.cli.storage, aim.log.seal, aim.server.receiver, aim.repo; "
        "print([name for name in sys.modules if name.startswith(('obstore', 'aim.store'))])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert shown.stdout.strip() == "[]", shown.stdout + shown.stderr
