"""Every test of the SDK starts where no run is open and no repository is near."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aim.sdk import naming, run, session
from tests.remote.processes import end_shippers
from tests.remote.receiver import Receiver
from tests.sdk.checkouts import git


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A working folder of its own, and environments as by default; what a test leaves open is closed behind it."""
    monkeypatch.delenv("AIM_ENVIRONMENT")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(session, "_refused_at", -session._RETRY_SECONDS)
    monkeypatch.setattr(naming, "_used", False)
    yield
    for left_open in run.open_runs():
        left_open.close()
    session._sessions.clear()


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path / "here"


@pytest.fixture
def checkout(here: Path) -> Path:
    """A repository with one commit on the branch `trunk`."""
    git(here, "init", "--quiet", "--initial-branch=trunk")
    (here / "model.py").write_text("depth = 3\n")
    (here / ".gitignore").write_text(".aim/\n")
    git(here, "add", ".")
    git(here, "commit", "--quiet", "-m", "first")
    return here


@pytest.fixture
def hasty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A server to which this process records. It waits no longer for an answer than a training does."""
    receiver = Receiver(tmp_path / "server" / ".aim")
    monkeypatch.setenv("AIM_REPO", receiver.address)
    monkeypatch.setenv("AIM_TOKEN", "secret")
    monkeypatch.setenv("AIM_SPOOL", str(tmp_path / "spool"))
    yield receiver
    end_shippers(tmp_path)
    receiver.close()
