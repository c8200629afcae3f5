from __future__ import annotations

import errno
import math
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from aim.log import record
from aim.log import writer as module
from aim.log.reader import Log
from aim.log.record import Record
from aim.log.writer import WAITING_LIMIT, Writer
from tests.log.alarms import alarms, interrupted
from tests.log.disks import files_of_at_most, fill, mounted, remount
from tests.waiting import PATIENCE

RUN = bytes(range(16))
POINT = record.POINT_SIZE


def opened(folder: Path, told: list[OSError] | None = None) -> Writer:
    (folder / ".aim").mkdir(parents=True, exist_ok=True)
    trouble = None if told is None else told.append
    return Writer(folder / ".aim" / "runs" / "r", RUN, aim_dir=folder / ".aim", on_trouble=trouble)


def put(writer: Writer, step: int) -> bool:
    return writer.append_float(0, step, step / 2, 1.0, math.nan)


def records(path: Path, *, damage: int = 0) -> list[Record]:
    log = Log(path)
    entries = list(log.records())
    assert (len(log.damage), log.torn) == (damage, 0)
    return entries


def steps(path: Path, *, damage: int = 0) -> list[int]:
    entries = records(path, damage=damage)
    return [record.unpack_point(entry.payload).step for entry in entries if entry.kind == record.POINT]


def test_an_appended_record_is_in_the_file_at_once(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    for step in range(3):
        assert put(writer, step)
        assert steps(writer.path) == list(range(step + 1))
    assert writer.append_int(1 | record.INT << 28, 7, -5, 1.0, math.nan)
    assert writer.append(record.PARAMS, record.encode_json({"stamp": 1, "value": {}}))
    assert [entry.kind for entry in records(writer.path)] == [record.POINT] * 4 + [record.PARAMS]
    assert writer.written == writer.path.stat().st_size
    writer.close()


def test_the_file_is_named_by_its_ids_and_new_for_every_writer(tmp_path: Path) -> None:
    first, second = opened(tmp_path), opened(tmp_path)
    assert first.path != second.path
    log = Log(first.path)
    assert (log.run, log.writer) == (RUN.hex(), first.id.hex())
    assert first.path.name == f"{RUN.hex()}-{first.id.hex()}.log"
    first.close()
    second.close()


def test_one_point_is_one_write_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer, calls = opened(tmp_path), []
    for name in ("write", "fstat", "stat", "fsync", "open", "lseek", "utime"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, _n=name, _r=real, **k: (calls.append(_n), _r(*a, **k))[1])
    for step in range(5):
        put(writer, step)
    assert calls == ["write"] * 5
    writer.append_int(0 | record.INT << 28, 5, 5, 1.0, math.nan)
    assert calls == ["write"] * 6
    writer.close()


def test_many_points_of_one_moment_are_one_write_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer, calls, real = opened(tmp_path), [], os.write
    monkeypatch.setattr(os, "write", lambda fd, data: (calls.append(len(data)), real(fd, data))[1])
    assert writer.append_floats([(0, step, step / 2) for step in range(100)], 1.0, math.nan) == 0
    assert writer.append_floats([], 1.0, math.nan) == 0
    assert calls[0] == 100 * POINT and sum(calls) == 100 * POINT
    writer.close()
    assert steps(writer.path) == list(range(100))


@pytest.mark.parametrize("room", [40, 41, 84, 100, 400])
def test_many_points_cut_short_are_finished_when_there_is_room(tmp_path: Path, room: int) -> None:
    writer = opened(tmp_path)
    with files_of_at_most(room):
        assert writer.append_floats([(0, step, 1.0) for step in range(10)], 1.0, math.nan) == 0
        assert writer.append_floats([(0, step, 1.0) for step in range(10, 20)], 1.0, 2.0) == 0
    writer.close()
    assert steps(writer.path) == list(range(20))


def test_points_that_do_not_fit_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING_LIMIT", 5 * POINT)
    writer = opened(tmp_path)
    with files_of_at_most(40):
        put(writer, -1)
        assert writer.append_floats([(0, step, 1.0) for step in range(10)], 1.0, math.nan) == 6
    writer.close()
    assert writer.append_floats([(0, 1, 1.0)] * 3, 1.0, math.nan) == 3
    assert steps(writer.path) == [-1, 0, 1, 2, 3] and writer.dropped == 6


def test_after_close_records_are_refused_without_errors(tmp_path: Path) -> None:
    told: list[OSError] = []
    writer = opened(tmp_path, told)
    put(writer, 0)
    writer.close()
    writer.close()
    assert not put(writer, 1)
    assert not writer.append(record.END, record.encode_json({}))
    assert not writer.flush() and not writer.displaced()
    writer.touch()
    assert steps(writer.path) == [0] and told == []


def test_flush_syncs_the_file_and_the_folders_above_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer, synced, real = opened(tmp_path), [], os.fsync

    def fsync(fd: int) -> None:
        synced.append(os.stat(fd).st_ino)
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    put(writer, 0)
    assert synced == [], "only flush waits for the disk"
    assert writer.flush()
    runs = writer.folder.parent
    assert synced == [os.stat(path).st_ino for path in (writer.path, writer.folder, runs, runs.parent, tmp_path)]
    del synced[:]
    assert writer.flush()
    assert synced == [os.stat(writer.path).st_ino], "the folders only once"
    writer.close()


def test_flush_does_not_block_other_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer, reached, release = opened(tmp_path), threading.Event(), threading.Event()

    def slow(fd: int) -> None:
        reached.set()
        release.wait(PATIENCE)

    monkeypatch.setattr(os, "fsync", slow)
    flushing = threading.Thread(target=writer.flush)
    flushing.start()
    assert reached.wait(PATIENCE)
    assert put(writer, 0), "while the disk is asked to sync, points are taken"
    assert steps(writer.path) == [0]
    release.set()
    flushing.join()
    writer.close()


def test_a_failed_sync_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[OSError] = []
    writer = opened(tmp_path, told)

    def broken(fd: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", broken)
        assert not writer.flush()
    assert [error.errno for error in told] == [errno.EIO]
    assert writer.flush()
    writer.close()


def test_touch_is_a_heartbeat_only_without_recent_records(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    put(writer, 0)
    os.utime(writer.path, (5, 5))
    writer.touch()
    assert writer.path.stat().st_mtime == 5, "points came since the last touch"
    writer.touch()
    assert abs(writer.path.stat().st_mtime - time.time()) < 60
    writer.close()


def test_new_files_have_the_group_and_mode_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".aim").mkdir()
    (tmp_path / ".aim").chmod(0o2770)
    writer = opened(tmp_path)
    assert writer.path.stat().st_mode & 0o777 == 0o660
    assert writer.folder.stat().st_mode & 0o7777 == 0o2770
    assert writer.path.stat().st_gid == (tmp_path / ".aim").stat().st_gid
    writer.close()


# Disks that refuse


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
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.0)
    writer = opened(tmp_path)
    fit = WAITING_LIMIT // POINT
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


# Signals and threads


def test_eight_threads_lose_and_damage_nothing(tmp_path: Path) -> None:
    writer = opened(tmp_path)

    def work(number: int) -> None:
        for step in range(10_000):
            if step % 100:
                writer.append_float(number, step, 1.0, 1.0, math.nan)
            else:
                writer.append_int(number | record.INT << 28, step, 1, 1.0, math.nan)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    seen: dict[int, list[int]] = {}
    for entry in records(writer.path):
        point = record.unpack_point(entry.payload)
        seen.setdefault(point.series, []).append(point.step)
    assert seen == {number: list(range(10_000)) for number in range(8)}


def numbered(writer: Writer, step: int) -> None:
    """A point by each way that points take."""
    if step % 3 == 1:
        put(writer, step)
    elif step % 3 == 2:
        writer.append_floats([(0, step, 1.0)], 1.0, math.nan)
    else:
        writer.append_int(0 | record.INT << 28, step, 1, 1.0, math.nan)


def test_exceptions_of_signal_handlers_at_any_moment_leave_a_whole_log(tmp_path: Path) -> None:
    """Ctrl-C, repeatedly: a point whose call returned is there once; an interrupted one at most once."""
    writer = opened(tmp_path)
    returned = interrupted(lambda step: numbered(writer, step), times=300)
    writer.close()
    recorded = steps(writer.path)
    assert len(recorded) == len(set(recorded)), "none doubled"
    assert set(returned) <= set(recorded)
    assert recorded == sorted(recorded)


def test_a_signal_handler_that_records_is_in_the_file_when_it_returns(tmp_path: Path) -> None:
    """It may interrupt a call for the same log, and then end the process."""
    writer, mine = opened(tmp_path), []

    def handler(signum: int, frame: object) -> None:
        mine.append(-1 - len(mine))
        if len(mine) % 2:
            put(writer, mine[-1])
        else:
            writer.append_int(0 | record.INT << 28, mine[-1], 1, 1.0, math.nan)
        tail = writer.path.read_bytes()[-POINT:]
        assert record.POINT_STRUCT.unpack_from(tail, 4)[1] == mine[-1]
        signal.setitimer(signal.ITIMER_REAL, 0.0003)

    step = 0
    with alarms(handler):
        signal.setitimer(signal.ITIMER_REAL, 0.0003)
        while len(mine) < 300:
            numbered(writer, step)
            step += 1
    writer.close()
    recorded = steps(writer.path)
    assert [entry for entry in recorded if entry >= 0] == list(range(step))
    assert [entry for entry in recorded if entry < 0] == mine[: len(recorded) - step]


def test_exceptions_while_the_disk_refuses_leave_a_whole_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path of waiting records is interrupted as well."""
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.0)
    writer, real, calls = opened(tmp_path), os.write, []

    def moody(fd: int, data: bytes) -> int:
        """Takes a part, then nothing, then everything."""
        calls.append(fd)
        if len(calls) % 3 == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, data[:17] if len(calls) % 3 else data)

    monkeypatch.setattr(os, "write", moody)
    returned = interrupted(lambda step: put(writer, step), times=200)
    monkeypatch.setattr(os, "write", real)
    writer.close()
    recorded = steps(writer.path)
    assert len(recorded) == len(set(recorded)) and set(returned) <= set(recorded)


KILLED = """
import math, os, sys
from pathlib import Path
from aim.log.writer import Writer
writer = Writer(Path(sys.argv[1]) / "r", bytes(16), aim_dir=Path(sys.argv[1]))
step = 0
while True:
    writer.append_float(0, step, 1.0, 1.0, math.nan)
    step += 1
    os.write(1, step.to_bytes(8, "little"))
"""


def acknowledged(child: subprocess.Popen[bytes], at_least: int) -> int:
    """Kill the child after it has counted to `at_least`; returns how many points had returned by then."""
    assert child.stdout is not None
    counted = b""
    while len(counted) < 8 * at_least:
        counted += os.read(child.stdout.fileno(), 8 * at_least - len(counted))
    child.kill()
    counted += child.stdout.read()
    child.stdout.close()
    child.wait()
    whole = len(counted) // 8 * 8
    return int.from_bytes(counted[whole - 8 : whole], "little")


@pytest.mark.parametrize("moment", [1, 2, 17, 450])
def test_a_kill_at_any_moment_keeps_every_point_that_returned(tmp_path: Path, moment: int) -> None:
    (tmp_path / ".aim").mkdir()
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / ".aim")], stdout=subprocess.PIPE)
    count = acknowledged(child, moment)
    (path,) = (tmp_path / ".aim").glob("r/*.log")
    log = Log(path)
    recorded = [record.unpack_point(entry.payload).step for entry in log.records() if entry.kind == record.POINT]
    assert count >= moment and recorded[:count] == list(range(count))
    assert len(recorded) <= count + 1
    assert not log.damage and log.torn < POINT, "a kill may stop the system between two pages of the last write"
