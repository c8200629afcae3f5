"""Nothing is uploaded to an address that a repository alone names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aim.artifacts import own_stores, uploader
from aim.errors import ArtifactError
from aim.repo import Repo
from tests.artifacts.stores import made
from tests.commands import environment

pytest.importorskip("fsspec")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("AIM_ARTIFACT_STORE", raising=False)
    return tmp_path / "state"


def uploaded(aim_dir: Path) -> None:
    command = [sys.executable, "-I", str(uploader.__file__), str(aim_dir), "[]"]
    subprocess.run(
        command, env=environment() | {"XDG_STATE_HOME": os.environ["XDG_STATE_HOME"]}, check=True, timeout=60
    )


def test_the_repository_of_a_stranger_sends_nothing(tmp_path: Path) -> None:
    address = f"file://{tmp_path}/store"
    made(tmp_path / ".aim", address)
    uploaded(tmp_path / ".aim")
    artifacts = Repo(tmp_path).artifacts
    with pytest.raises(ArtifactError, match=f"pass --store {address}"):
        artifacts.push("data")
    assert not (tmp_path / "store").exists()
    own_stores.note(address)
    uploaded(tmp_path / ".aim")
    assert artifacts.get("data").stored == address


def test_an_address_is_kept_once_and_for_this_user_alone(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("s3://a-bucket/x", "s3://other", "s3://a-bucket/x"):
        own_stores.note(address)
    place = state / "aim" / "artifact-stores"
    assert place.read_text() == "s3://a-bucket/x\ns3://other\n"
    assert place.stat().st_mode & 0o077 == 0
    assert own_stores.is_named("s3://other") and not own_stores.is_named("s3://a-bucket")
    monkeypatch.setenv("AIM_ARTIFACT_STORE", "s3://a-bucket")
    assert own_stores.is_named("s3://a-bucket")
