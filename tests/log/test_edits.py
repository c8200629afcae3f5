from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from aim import layout
from aim.log import edits, record
from aim.log.edits import Editor
from tests.log.disks import files_of_at_most
from tests.log.logs import Draft

A, B = "a" * 32, "b" * 32


@pytest.fixture
def aim_dir(tmp_path: Path) -> Path:
    return tmp_path / ".aim"


def values(aim_dir: Path) -> dict[edits.Key, object]:
    return {key: edit.value for key, edit in edits.latest(aim_dir).items()}


def test_no_file_exists_before_the_first_edit(aim_dir: Path) -> None:
    editor = Editor(aim_dir)
    editor.close()
    assert not aim_dir.exists() and edits.latest(aim_dir) == {}
    assert edits.active_experiment(aim_dir) == "default"


def test_the_last_edit_of_a_field_wins(aim_dir: Path) -> None:
    editor = Editor(aim_dir)
    editor.edit(A, "archived", True)
    editor.edit(A, "archived", False)
    editor.edit(B, "archived", True)
    editor.edit(None, "active_experiment", "night")
    editor.close()
    assert values(aim_dir) == {(A, "archived"): False, (B, "archived"): True, (None, "active_experiment"): "night"}
    assert edits.active_experiment(aim_dir) == "night"


def test_edits_of_two_processes_have_one_order(aim_dir: Path) -> None:
    first, second = Editor(aim_dir), Editor(aim_dir)
    for number in range(10):
        (first if number % 2 else second).edit(A, "name", str(number))
        time.sleep(0.00001)
    first.close()
    second.close()
    assert values(aim_dir) == {(A, "name"): "9"}
    assert len(list((aim_dir / "edits").iterdir())) == 2


def test_a_fast_clock_elsewhere_does_not_block_later_edits(aim_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = Editor(aim_dir)
    with monkeypatch.context() as clock:
        clock.setattr(time, "time_ns", lambda: 4_000_000_000 * 10**9)
        ahead.edit(A, "name", "from the future")
    ahead.close()
    seen = edits.latest(aim_dir)[A, "name"].stamp
    here = Editor(aim_dir)
    here.edit(A, "name", "now", seen=seen)
    here.close()
    assert values(aim_dir) == {(A, "name"): "now"}
    assert edits.latest(aim_dir)[A, "name"].stamp == seen + 1


def test_the_writer_decides_equal_stamps_everywhere(aim_dir: Path) -> None:
    edit_of_aa = edits.Edit(5, "aa", A, "name", "x")
    other = edits.Edit(5, "ab", A, "name", "a")
    assert max([edit_of_aa, other], key=lambda edit: edit[:2]) == other


def test_an_edit_that_cannot_be_kept_is_an_error_at_once(aim_dir: Path) -> None:
    editor = Editor(aim_dir)
    editor.edit(A, "name", "kept")
    size = editor._writer.path.stat().st_size if editor._writer else 0
    with files_of_at_most(size), pytest.raises(OSError, match="Free some space"):
        editor.edit(A, "name", "lost")
    editor.close()


def test_an_edit_too_long_for_a_record_is_refused(aim_dir: Path) -> None:
    editor = Editor(aim_dir)
    with pytest.raises(ValueError, match="do not fit in one record"):
        editor.edit(A, "note:1", "x" * (1 << 20))
    editor.edit(A, "note:1", "x" * 1000)
    editor.close()
    assert values(aim_dir) == {(A, "note:1"): "x" * 1000}


def test_each_edit_is_on_the_disk_when_it_returns(aim_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced, real = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(os.fstat(fd).st_ino), real(fd))[1])
    editor = Editor(aim_dir)
    editor.edit(A, "name", "n")
    assert editor._writer is not None and os.stat(editor._writer.path).st_ino in synced
    editor.close()


def test_an_edit_that_the_disk_refuses_is_an_error(aim_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(fd: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    editor = Editor(aim_dir)
    editor.edit(A, "name", "before")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", broken)
        with pytest.raises(OSError, match="cannot write to .*: Input/output error"):
            editor.edit(A, "name", "n")
    editor.edit(A, "name", "after")
    editor.close()
    assert values(aim_dir) == {(A, "name"): "after"}


FORKED = """
import os, sys
from pathlib import Path
from aim.log.edits import Editor
editor = Editor(Path(sys.argv[1]))
editor.edit("a" * 32, "name", "parent")
if os.fork() == 0:
    editor.edit("a" * 32, "name", "child")
    os._exit(0)
os.wait()
editor.edit("a" * 32, "description", "parent")
"""


def test_a_fork_edits_in_a_file_of_its_own(aim_dir: Path) -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", FORKED, str(aim_dir)], check=True)
    assert values(aim_dir) == {(A, "name"): "child", (A, "description"): "parent"}
    assert len(list((aim_dir / "edits").iterdir())) == 2


def test_a_run_is_deleted_if_its_last_edit_says_so(aim_dir: Path) -> None:
    editor = Editor(aim_dir)
    editor.edit_many([(A, "deleted", True), (B, "deleted", True), (B, "deleted", False)])
    editor.close()
    assert edits.deleted(aim_dir) == {A}


def test_only_files_that_grew_are_read_again(aim_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = Editor(aim_dir)
    editor.edit(A, "name", "1")
    assert values(aim_dir) == {(A, "name"): "1"}
    editor.edit(A, "name", "2")
    assert values(aim_dir) == {(A, "name"): "2"}
    with monkeypatch.context() as patch:
        patch.setattr(edits, "open_file", None)
        assert values(aim_dir) == {(A, "name"): "2"}
    written = editor._writer
    editor.close()
    assert written is not None and not written.append(record.EDIT, b""), "the file is closed"


@pytest.mark.parametrize("content", [b"", b"AIMLOG", b"\0" * 100, b"no log, but text that is long enough to be one"])
def test_a_broken_edit_file_does_not_hide_others(aim_dir: Path, content: bytes) -> None:
    editor = Editor(aim_dir)
    editor.edit(A, "name", "n")
    editor.close()
    for writer, suffix in (("1" * 16, "log"), ("2" * 16, "seal")):
        (aim_dir / "edits" / f"{'0' * 32}-{writer}.{suffix}").write_bytes(content)
    assert values(aim_dir) == {(A, "name"): "n"}


@pytest.mark.parametrize(
    "content", [b"[]", b"{}", b'{"stamp":"x","run":null,"field":"f","value":1}', b'{"stamp":1}', b"\xff" * 4, b"1"]
)
def test_an_edit_without_its_fields_is_skipped(content: bytes) -> None:
    assert edits.parse(content, "w", None) is None


def test_an_edit_in_a_runs_own_log_is_about_that_run() -> None:
    payload = record.encode_json({"stamp": 1, "run": None, "field": "name", "value": "n"})
    assert edits.parse(payload, "w", A) == edits.Edit(1, "w", A, "name", "n")


def test_for_equal_stamps_the_higher_writer_wins_in_any_order_of_files(aim_dir: Path) -> None:
    (aim_dir / "edits").mkdir(parents=True)
    for writer, value in ((b"a" * 8, "low"), (b"c" * 8, "high"), (b"b" * 8, "middle")):
        draft = Draft(layout.NO_RUN, writer).json(record.EDIT, {"stamp": 5, "run": A, "field": "name", "value": value})
        draft.json(record.EDIT, {"stamp": 4, "run": A, "field": "name", "value": "older"})
        (aim_dir / "edits" / layout.log_name(layout.NO_RUN.hex(), writer.hex())).write_bytes(draft.data)
    assert values(aim_dir) == {(A, "name"): "high"}


@pytest.mark.parametrize(("seen", "expected"), [(0, 7_000_000), (6_999_999, 7_000_000), (7_000_000, 7_000_001)])
def test_a_stamp_is_the_time_in_microseconds_or_the_highest_stamp_plus_one(
    monkeypatch: pytest.MonkeyPatch, seen: int, expected: int
) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 7_000_000_999)
    assert edits.next_stamp(seen) == expected


@pytest.mark.parametrize(("value", "active"), [("night", "night"), (None, "default"), (5, "default")])
def test_the_active_experiment_is_a_name(aim_dir: Path, value: object, active: str) -> None:
    editor = Editor(aim_dir)
    editor.edit(None, "active_experiment", value)
    editor.edit(None, "deleted", True)
    editor.close()
    assert edits.active_experiment(aim_dir) == active
    assert edits.deleted(aim_dir) == set(), "an edit of no run deletes none"
