"""What the tests of queues share: a repository's records, and a queue in it."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from aim import layout
from aim.launch.records import Records
from tests.commands import environment
from tests.launch.queues import BY

# Ctrl-C is tested: a CI runner or a script's background job may have started this process with SIGINT ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def records(tmp_path: Path) -> Records:
    layout.create(tmp_path / ".aim")
    return Records(tmp_path / ".aim", BY)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a repository."""
    folder = tmp_path / "here"
    layout.create(folder / ".aim")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
    return folder
