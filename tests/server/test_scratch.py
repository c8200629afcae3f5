"""Files of a server that was killed are removed; those of one that lives stay."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from aim.server import scratch

HOLDS = """
import sys, time
from aim.server.scratch import Scratch
held = Scratch()
(held.folder / "0").write_text("x")
print(held.folder, flush=True)
time.sleep(240)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(scratch.tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_it_is_removed_once_its_process_was_killed(temporary: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(temporary)}
    holder = subprocess.Popen([sys.executable, "-c", HOLDS], stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert holder.stdout is not None
        left = Path(holder.stdout.readline().strip())
        mine = scratch.Scratch()
        assert sorted(temporary.iterdir()) == sorted([left, mine.folder])
    finally:
        holder.kill()
        holder.communicate()
    another = scratch.Scratch()
    assert another.folder.exists() and not left.exists()


def test_where_nothing_can_be_locked_nothing_is_removed(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch.regular, "lock", lambda descriptor: True)
    first, second = scratch.Scratch(), scratch.Scratch()
    assert first.folder.exists() and second.folder.exists()


def test_a_folder_that_was_removed_or_is_of_others_is_not_there(temporary: Path) -> None:
    mine = scratch.Scratch()
    assert mine.is_there()
    mine.folder.rename(temporary / "elsewhere")
    assert not mine.is_there()
    mine.folder.symlink_to(temporary / "elsewhere")
    assert not mine.is_there()


def test_what_is_not_ours_or_too_new_stays(temporary: Path) -> None:
    (temporary / "elsewhere").mkdir()
    (temporary / "aim-tables-link").symlink_to(temporary / "elsewhere")
    (temporary / "aim-tables-file").touch()
    (temporary / "aim-tables-new").mkdir()
    (temporary / "aim-tables-old").mkdir()
    os.utime(temporary / "aim-tables-old", times=(time.time() - 7200,) * 2)
    mine = scratch.Scratch()
    assert sorted(path.name for path in temporary.iterdir()) == sorted(
        ["aim-tables-file", "aim-tables-link", "aim-tables-new", "elsewhere", mine.folder.name]
    )
