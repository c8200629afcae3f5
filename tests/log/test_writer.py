from __future__ import annotations

import errno
import math
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from aim.log import record
from aim.log import writer as module
from aim.log.reader import Log
from aim.log.writer import Writer
from tests.log.alarms import alarm_in, alarms, interrupted
from tests.log.disks import files_of_at_most
from tests.log.writing import POINT, RUN, opened, put, records, steps
from tests.waiting import PATIENCE


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
        alarm_in(0.0003)

    step = 0
    with alarms(handler):
        alarm_in(0.0003)
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
