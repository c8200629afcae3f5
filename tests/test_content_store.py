"""A store for contents at an address of fsspec: which addresses are taken, and what a store may answer."""

from __future__ import annotations

import hashlib
import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from aim import content_store
from aim.content_store import PART, ContentStore
from aim.errors import ArtifactError, StoreAway, StoreError
from tests.ports import free_port
from tests.stores import NEEDS_S3, S3, SECRET, Fault, Proxy, environment

pytest.importorskip("fsspec")


@pytest.fixture(params=["file", pytest.param("s3", marks=NEEDS_S3)])
def address(request: pytest.FixtureRequest, tmp_path: Path, clean_environ: pytest.MonkeyPatch) -> str:
    if request.param == "file":
        return f"file://{tmp_path}/store"
    served: S3 = request.getfixturevalue("s3")
    set_up(clean_environ, served.url)
    return served.bucket()


@pytest.fixture
def clean_environ(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return monkeypatch


def set_up(environ: pytest.MonkeyPatch, url: str) -> None:
    for name, value in environment(url).items():
        environ.setenv(name, value)


def name_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def put(store: ContentStore, data: bytes) -> str:
    store.put(name_of(data), io.BytesIO(data), len(data))
    return name_of(data)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("s3://bucket", "s3://bucket"),
        ("s3://bucket/team/runs/", "s3://bucket/team/runs"),
        ("gs://my.bucket-1/a_b", "gs://my.bucket-1/a_b"),
        ("az://container/x", "az://container/x"),
        ("sftp://ada@host.example:2222/data", "sftp://ada@host.example:2222/data"),
        ("ssh://host/data", "ssh://host/data"),
        ("file:///mnt/shared", "file:///mnt/shared"),
    ],
)
def test_addresses(given: str, kept: str) -> None:
    assert content_store.check(given) == kept


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (f"s3://AKIA:{SECRET}@bucket/x", "must not have a user and a password"),
        (f"sftp://ada:{SECRET}@host/x", "must not have a user and a password"),
        (f"https://{SECRET}@host/x", "must not have a user and a password"),
        (f"az://container/x?sig={SECRET}", "write s3://BUCKET/PREFIX"),
        ("", "write s3://"),
        (3, "write s3://"),
        ("/mnt/shared", "file:///FOLDER"),
        ("file://host/x", "file:///FOLDER"),
        ("file:///", "file:///FOLDER"),
        ("http://host/x", "write s3://"),
        ("memory://x", "write s3://"),
        ("simplecache::s3://bucket/x", "write s3://"),
        ("s3://bucket/../other", "write s3://"),
        ("s3://bucket/a//b", "write s3://"),
        ("s3://bucket/a\nb", "write s3://"),
        ("s3://bucket/" + "x/" * 300, "write s3://"),
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(given: Any, text: str) -> None:
    with pytest.raises(ArtifactError, match=text) as refused:
        content_store.check(given)
    assert SECRET not in str(refused.value)


def test_the_environment_names_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIM_ARTIFACT_STORE", raising=False)
    assert content_store.chosen() == ""
    monkeypatch.setenv("AIM_ARTIFACT_STORE", "s3://bucket/x/")
    assert content_store.chosen() == "s3://bucket/x"
    monkeypatch.setenv("AIM_ARTIFACT_STORE", "bucket")
    with pytest.raises(ArtifactError, match="AIM_ARTIFACT_STORE is not the address"):
        content_store.chosen()


@pytest.mark.parametrize("size", [0, 5, PART + 1])
def test_a_content_comes_back(size: int, address: str) -> None:
    store, data = ContentStore(address), os.urandom(size)
    assert store.size(name_of(data)) is None
    name = put(store, data)
    assert (store.size(name), list(store.names())) == (size, [name])
    assert b"".join(store.parts(name, size)) == data
    about = store.about(name)
    assert about is not None and about.bytes == size and about.time > 1.7e9
    store.remove(name)
    store.remove(name)
    assert (store.size(name), store.about(name), list(store.names())) == (None, None, [])


def test_another_size_is_refused_before_it_is_read(address: str) -> None:
    store = ContentStore(address)
    name = put(store, b"short")
    for size, text in [(7, "has 5 of the 7 bytes"), (2, "has 5 of the 2 bytes")]:
        with pytest.raises(StoreError, match=text):
            next(store.parts(name, size))
    with pytest.raises(StoreError, match="has no content"):
        next(store.parts("0" * 64, 1))


def test_nothing_in_a_folder_has_its_name_before_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ContentStore(f"file://{tmp_path}/store")
    name = name_of(b"whole")

    class Torn(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("the disk is gone")

    with pytest.raises(StoreAway, match="does not answer as a store"):
        store.put(name, Torn(), 5)
    assert [path for path in (tmp_path / "store").rglob("*") if path.is_file()] == []


def refused(method: str, path: str) -> tuple[int, dict[str, str], bytes]:
    return 403, {}, f"<Error><Code>AccessDenied</Code><Message>{SECRET}</Message></Error>".encode()


def full(method: str, path: str) -> tuple[int, dict[str, str], bytes] | None:
    return (507, {}, SECRET.encode()) if method == "PUT" else None


def senseless(method: str, path: str) -> tuple[int, dict[str, str], bytes]:
    return 418, {}, SECRET.encode()


@NEEDS_S3
@pytest.mark.parametrize(
    ("fault", "text"),
    [(refused, "refuses access: check AWS_ACCESS_KEY_ID"), (full, "status 507"), (senseless, "status 418")],
)
def test_what_a_store_refuses_is_told_without_its_words(
    fault: Fault, text: str, s3: S3, clean_environ: pytest.MonkeyPatch
) -> None:
    with Proxy(s3.port, fault) as proxy:
        set_up(clean_environ, proxy.url)
        with pytest.raises(StoreAway, match=text) as error:
            put(ContentStore(s3.bucket()), b"x")
        assert SECRET not in str(error.value)


@NEEDS_S3
def test_a_store_that_is_not_there_is_named(s3: S3, clean_environ: pytest.MonkeyPatch) -> None:
    set_up(clean_environ, s3.url)
    with pytest.raises(StoreAway, match="s3://nosuch/x does not exist: make the bucket"):
        put(ContentStore("s3://nosuch/x"), b"x")
    set_up(clean_environ, f"http://127.0.0.1:{free_port()}")
    with pytest.raises(StoreAway, match="check that 127.0.0.1 can be reached"):
        put(ContentStore("s3://nosuch/x"), b"x")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ContentStore(f"file://{tmp_path}/store")
    monkeypatch.setattr(store._files, "pipe_file", lambda place, data: Path("/dev/full").write_bytes(data))
    with pytest.raises(StoreAway, match="is full: free some space there"):
        put(store, b"x" * 10)


@pytest.mark.parametrize(
    ("address", "command"),
    [("s3://bucket/x", r"pip install 'aim\[stores\]'$"), ("sftp://host/x", r"pip install 'aim\[stores\]' paramiko$")],
)
def test_without_the_packages_the_extra_is_named(address: str, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("obstore.fsspec", "fsspec.implementations.sftp"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(StoreAway, match=command):
        ContentStore(address)
