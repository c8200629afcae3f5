"""A writer whose disk is full, refuses writes, or lost the file."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from aim.log import record
from aim.log import writer as module
from aim.log.reader import Log
from aim.log.writer import WAITING_LIMIT
from tests.log.disks import files_of_at_most, fill, mounted, remount
from tests.log.writing import POINT, opened, put, records, steps


@pytest.mark.parametrize("room", [0, 1, 39, 40, 41, 60, 84, 100, 127, 128, 129])
def test_a_write_cut_short_at_any_byte_is_finished_when_there_is_room(tmp_path: Path, room: int) -> None:
    """Room for the 40 bytes of the header and two points, less or more."""
    told: list[OSError] = []
    with files_of_at_most(room):
        writer = opened(tmp_path, told)
        for step in range(4):
            assert put(writer, step), "nothing is dropped while it can wait"
        assert writer.path.stat().st_size == room
        assert not writer.flush(), "what waits in memory is not on the disk"
    assert {error.errno for error in told} == {errno.EFBIG}
    writer.close()
    assert steps(writer.path) == [0, 1, 2, 3]


def test_waiting_records_are_written_first_when_there_is_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.0)
    writer = opened(tmp_path)
    with files_of_at_most(100):
        for step in range(50):
            put(writer, step)
    assert put(writer, 50)
    assert steps(writer.path) == list(range(51))
    assert writer.waiting == 0
    assert put(writer, 51) and steps(writer.path)[-1] == 51
    writer.close()


def test_a_full_disk_is_not_retried_for_every_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RETRY_SECONDS", 1e9)
    told: list[OSError] = []
    with files_of_at_most(100):
        writer = opened(tmp_path, told)
        for step in range(1000):
            put(writer, step)
        assert len(told) == 1
    writer.close()
    assert steps(writer.path) == list(range(1000))


def test_beyond_the_limit_points_are_dropped_counted_and_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert WAITING_LIMIT == 1 << 20, "docs/sdk.md says 1 MB; reaching it takes long, as every point tries again"
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.0)
    monkeypatch.setattr(module, "WAITING_LIMIT", 1 << 14)
    writer = opened(tmp_path)
    fit = (1 << 14) // POINT
    with files_of_at_most(40):
        kept = [put(writer, step) for step in range(fit + 100)]
    assert kept == [True] * fit + [False] * 100
    assert writer.dropped == 100
    assert put(writer, 10**6)
    entries = records(writer.path)
    assert steps(writer.path) == [*range(fit), 10**6]
    (note,) = [record.decode_json(entry.payload) for entry in entries if entry.kind == record.DROPPED]
    assert note["points"] == 100
    assert [entry.kind for entry in entries[-2:]] == [record.DROPPED, record.POINT], "where they are missing"
    writer.close()


def test_every_gap_is_noted_with_its_own_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.0)
    monkeypatch.setattr(module, "WAITING_LIMIT", 2 * POINT)
    writer = opened(tmp_path)
    for lost in (3, 5):
        with files_of_at_most(writer.path.stat().st_size):
            for step in range(2 + lost):
                put(writer, step)
        writer.touch()
    writer.close()
    notes = [record.decode_json(entry.payload) for entry in records(writer.path) if entry.kind == record.DROPPED]
    assert [note["points"] for note in notes] == [3, 5]
    assert writer.dropped == 8


def test_dropped_points_are_noted_at_close(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING_LIMIT", 2 * POINT)
    writer = opened(tmp_path)
    with files_of_at_most(40):
        for step in range(10):
            put(writer, step)
    writer.close()
    assert steps(writer.path) == [0, 1]
    assert [entry.kind for entry in records(writer.path)][-1] == record.DROPPED


def test_other_records_have_their_own_room(tmp_path: Path) -> None:
    """So that params and the end of a run are kept when points have filled the memory."""
    writer = opened(tmp_path)
    with files_of_at_most(40):
        while put(writer, 0):
            pass
        assert writer.append(record.END, record.encode_json({"status": "finished"}))
    writer.close()
    assert record.END in [entry.kind for entry in records(writer.path)]


def test_memory_stays_bounded_while_nothing_can_be_written(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    with files_of_at_most(40):
        for step in range(40_000):
            put(writer, step)
        for _ in range(100):
            writer.append(record.PARAMS, record.encode_json("x" * 10_000))
        assert len(writer._waiting) <= WAITING_LIMIT + module._RESERVE
    writer.close()


def test_a_full_filesystem(tmp_path: Path) -> None:
    with mounted(tmp_path / "tiny", "size=64k") as folder:
        told: list[OSError] = []
        writer = opened(folder, told)
        acknowledged = 0
        for step in range(3000):
            kept = put(writer, step)
            acknowledged += kept and not told
        assert {error.errno for error in told} == {errno.ENOSPC}
        assert steps_so_far(writer.path)[:acknowledged] == list(range(acknowledged)), "before the first word of trouble"
        assert not writer.flush()
        remount(folder, "size=1m")
        assert writer.flush()
        assert steps(writer.path) == list(range(3000))
        writer.close()


def steps_so_far(path: Path) -> list[int]:
    return [record.unpack_point(entry.payload).step for entry in Log(path).records() if entry.kind == record.POINT]


def test_a_filesystem_filled_by_another_process(tmp_path: Path) -> None:
    with mounted(tmp_path / "tiny", "size=256k") as folder:
        told: list[OSError] = []
        writer = opened(folder, told)
        put(writer, 0)
        ballast = fill(folder)
        for step in range(1, 500):
            put(writer, step)
        assert told
        ballast.unlink()
        writer.close()
        assert steps(writer.path) == list(range(500))


def test_a_full_filesystem_when_the_run_begins(tmp_path: Path) -> None:
    with mounted(tmp_path / "tiny", "size=16k") as folder:
        (folder / ".aim").mkdir()
        ballast, told = fill(folder), []
        writer = opened(folder, told)
        assert put(writer, 0) and {error.errno for error in told} == {errno.ENOSPC}
        ballast.unlink()
        put(writer, 1)
        writer.close()
        assert steps(writer.path) == [0, 1]


def test_no_inode_left_when_the_run_begins(tmp_path: Path) -> None:
    with mounted(tmp_path / "tiny", "size=1m,nr_inodes=3") as folder:
        (folder / ".aim").mkdir()
        told: list[OSError] = []
        writer = opened(folder, told)
        assert put(writer, 0)
        assert {error.errno for error in told} == {errno.ENOSPC}
        remount(folder, "nr_inodes=100")
        writer.close()
        assert steps(writer.path) == [0]


def test_a_disk_that_becomes_read_only(tmp_path: Path) -> None:
    with mounted(tmp_path / "tiny", "size=1m") as folder:
        told: list[OSError] = []
        writer = opened(folder, told)
        put(writer, 0)
        writer.close()
        remount(folder, "ro")
        writer = opened(folder, told)
        for step in range(100):
            assert put(writer, step)
        assert {error.errno for error in told} == {errno.EROFS}
        assert not writer.flush()
        remount(folder, "rw")
        assert writer.flush() and steps(writer.path) == list(range(100))
        writer.close()


# Files that are moved, removed, replaced or cut


def test_an_unmoved_file_is_not_displaced(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    put(writer, 0)
    assert not writer.displaced()
    with files_of_at_most(50):
        put(writer, 1)
        assert not writer.displaced(), "a full disk is another matter"
    writer.close()


def moved(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def removed(path: Path) -> None:
    path.unlink()


def replaced_by_rsync(path: Path) -> None:
    """A copy is written beside it and renamed over it."""
    draft = path.with_name(".draft")
    shutil.copy2(path, draft)
    draft.rename(path)


def replaced_by_an_older_copy(path: Path) -> None:
    draft = path.with_name(".draft")
    draft.write_bytes(path.read_bytes()[:60])
    draft.rename(path)


def folder_moved(path: Path) -> None:
    path.parent.rename(path.parent.with_name("moved"))
    path.parent.mkdir()


@pytest.mark.parametrize(
    "harm", [moved, removed, replaced_by_rsync, replaced_by_an_older_copy, folder_moved], ids=lambda harm: harm.__name__
)
def test_a_file_that_lost_its_place_is_put_back_whole(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    writer = opened(tmp_path)
    put(writer, 0)
    before = writer.path
    harm(before)
    put(writer, 1)
    assert writer.displaced()
    assert writer.restore() == 40 + 2 * POINT
    assert not writer.displaced()
    put(writer, 2)
    assert writer.flush()
    writer.close()
    assert writer.path == before, "under the same name, so that copies of it merge to one"
    assert steps(before) == [0, 1, 2]
    assert [name for name in os.listdir(before.parent) if name.startswith(".")] == []


def test_a_file_that_was_cut_short_cannot_be_put_back(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    for step in range(5):
        put(writer, step)
    os.truncate(writer.path, 100)
    assert writer.displaced()
    assert writer.restore() is None
    writer.close()


def test_a_file_that_took_the_number_of_ours_is_left_alone(tmp_path: Path) -> None:
    """The heartbeat notices it, where no high number was free."""
    writer = opened(tmp_path)
    put(writer, 0)
    other = os.open(tmp_path / "other", os.O_RDWR | os.O_CREAT)
    os.dup2(other, writer._fd)
    number = writer._fd
    assert not writer.displaced()
    put(writer, 1)
    writer.close()
    assert steps(writer.path) == [0, 1] and (tmp_path / "other").read_bytes() == b""
    os.close(number)
    os.close(other)


def test_no_room_to_put_it_back_keeps_the_open_file(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    for step in range(50):
        put(writer, step)
    copy = writer.path.with_name("copy")
    os.link(writer.path, copy)
    writer.path.unlink()
    with files_of_at_most(100), pytest.raises(OSError, match="File too large"):
        writer.restore()
    assert os.listdir(writer.folder) == ["copy"], "no draft stays behind"
    put(writer, 50)
    assert writer.restore() is not None
    writer.close()
    assert steps(writer.path) == list(range(51))
