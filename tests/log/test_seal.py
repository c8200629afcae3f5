from __future__ import annotations

import hashlib
import json
import lzma
import os
import random
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Barrier
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aim.errors import LogError
from aim.log import record, seal
from aim.log.reader import Log, writers
from tests.log.logs import NAME, Draft, small
from tests.waiting import PATIENCE

DATA = bytes(small().data)
FLOATS = st.floats(allow_nan=True, allow_infinity=True)
INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
POINTS = st.tuples(st.integers(0, 3), INT64, FLOATS, FLOATS, FLOATS | st.none())
OTHERS = st.tuples(st.integers(0, 255).filter(lambda kind: kind != record.POINT), st.binary(max_size=40))


@settings(max_examples=60)
@given(st.lists(POINTS | OTHERS, max_size=40))
def test_a_seal_opens_to_exactly_the_bytes_of_the_log(records: list[tuple[object, ...]]) -> None:
    draft = Draft()
    for entry in records:
        if isinstance(entry[1], bytes):
            kind, payload = entry
            assert isinstance(kind, int) and isinstance(payload, bytes)
            draft.add(kind, payload + b" " * (-len(payload) % 4))
        else:
            number, step, value, time, epoch = entry
            draft.point(number, step, value, time=time, epoch=epoch)  # type: ignore[arg-type]
    data = bytes(draft.data)
    assert seal.decode(seal.encode(data)) == data


def test_a_point_record_of_another_length_is_kept_too() -> None:
    data = bytes(Draft().start().add(record.POINT, b"shorter than 36 bytes...").point(0, 0, 1.0).data)
    assert seal.decode(seal.encode(data)) == data


def long_log(points: int) -> bytes:
    """Values as float32 gives them, one series after another within each step, like a training."""
    draft = Draft().start()
    for number in range(10):
        draft.series(number, f"metric_{number}")
    for step in range(points // 10):
        for number in range(10):
            value = struct.unpack("<f", struct.pack("<f", 1 / (step + 1) + number))[0]
            draft.point(number, step, value, time=1.7e9 + step * 0.25 + number * 1e-5, epoch=float(step // 100))
    return bytes(draft.end().data)


def test_a_sealed_point_takes_less_than_ten_bytes() -> None:
    data = long_log(10_000)
    assert len(seal.encode(data)) / 10_000 <= 10


def noisy_log(points: int) -> bytes:
    """Values whose lower bytes do not compress, in planes that are longer than one uncompressed part of LZMA2."""
    rng = random.Random(7)
    draft = Draft().start().series(0, "loss").series(1, "lr")
    for step in range(points // 2):
        for number in range(2):
            draft.point(number, step, rng.gauss(1, 0.1), time=1.7e9 + step + rng.random())
    return bytes(draft.end().data)


def test_noise_is_stored_in_streams_that_any_lzma_decoder_reads() -> None:
    data = noisy_log(140_000)
    sealed = seal.encode(data)
    assert len(sealed) < 11 * 140_000
    assert seal.decode(sealed) == data
    (length,) = struct.unpack_from("<I", sealed, 48)
    directory = json.loads(sealed[56 : 56 + length])
    begin = 56 + length
    for name, size in directory["blobs"].items():
        blob, begin = sealed[begin : begin + size], begin + size
        planes = lzma.decompress(blob, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 4}])
        if name == "value":
            assert len(planes) == 8 * 140_000 and blob.startswith(b"\1\xff\xff" + planes[:100])


@pytest.mark.parametrize("wrong", ["torn tail", "flipped bit", "no header"])
def test_a_log_with_damage_is_not_sealed_since_that_would_hide_it(wrong: str) -> None:
    data = bytearray(DATA)
    if wrong == "torn tail":
        del data[-3:]
    elif wrong == "flipped bit":
        data[200] ^= 1
    else:
        data[3] ^= 1
    with pytest.raises(LogError, match="header" if wrong == "no header" else "damaged at byte"):
        seal.encode(bytes(data))


def test_a_seal_damaged_at_any_byte_is_refused_by_name() -> None:
    sealed = seal.encode(DATA)
    for byte in range(len(sealed)):
        wrong = bytearray(sealed)
        wrong[byte] ^= 1 << byte % 8
        with pytest.raises(LogError, match=r"copy-7\.seal"):
            seal.decode(bytes(wrong), source="copy-7.seal")


def test_a_seal_torn_at_any_byte_is_refused() -> None:
    sealed = seal.encode(DATA)
    for size in range(len(sealed)):
        with pytest.raises(LogError):
            seal.decode(sealed[:size])


def forged(covered: int, directory: str, blobs: bytes = b"") -> bytes:
    """A seal with valid checksums and false content."""
    text = directory.encode()
    tail = text + blobs
    head = struct.pack("<8sQ32sII", seal.MAGIC, covered, hashlib.sha256(b"").digest(), len(text), crc32(tail))
    return head + tail


@pytest.mark.parametrize(
    ("sealed", "says"),
    [
        (forged(100, "[]"), "content is invalid"),
        (forged(100, "{}"), "content is invalid"),
        (forged(100, "not json"), "content is invalid"),
        (forged(100, '{"run":"zz","writer":"00","points":0,"others":0,"blobs":{}}'), "content is invalid"),
        (forged(100, f'{{"run":"{"0" * 32}","writer":"{"0" * 16}","points":99999999999,"blobs":{{}}}}'), "999,999"),
        (b"", "not a seal"),
        (b"PK\x03\x04" + bytes(100), "not a seal"),
    ],
)
def test_a_forged_seal_is_refused_and_takes_no_memory(sealed: bytes, says: str) -> None:
    with pytest.raises(LogError, match=says):
        seal.decode(sealed)


def test_a_forged_seal_that_expands_is_refused() -> None:
    bomb = lzma.compress(bytes(64 << 20), lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 4}])
    with pytest.raises(LogError, match="longer than the 100 bytes"):
        seal.decode(forged(100, f'{{"points":0,"blobs":{{"others":{len(bomb)}}}}}', bomb))


def test_no_log_with_a_flipped_bit_is_sealed() -> None:
    for place in range(len(DATA)):
        data = bytearray(DATA)
        data[place] ^= 1 << place % 8
        with pytest.raises(LogError, match="header is damaged|damaged at byte"):
            seal.encode(bytes(data))


def put(folder: Path, data: bytes = DATA) -> Path:
    path = folder / NAME
    path.write_bytes(data)
    os.utime(path, (1.6e9, 1.6e9))
    return path


def test_a_written_seal_takes_the_place_of_its_log(tmp_path: Path) -> None:
    log = put(tmp_path)
    log.chmod(0o640)
    (target,) = seal.write({log: seal.encode(DATA)})
    assert os.listdir(tmp_path) == [target.name] and target.suffix == ".seal"
    assert target.stat().st_mode & 0o777 == 0o640
    assert target.stat().st_mtime == 1.6e9, "the last heartbeat stays the same"
    assert Log(target).data == DATA
    assert seal.covers(target) == len(DATA)
    assert seal.digest(target) == hashlib.sha256(DATA).hexdigest()


def test_a_log_that_grew_while_it_was_sealed_stays(tmp_path: Path) -> None:
    sealed, longer = seal.encode(DATA), bytes(small().point(0, 4, 1.0).data)
    log = put(tmp_path, longer)
    seal.write({log: sealed})
    assert log.read_bytes() == longer
    assert [file.path for file in writers(tmp_path)] == [log]


INTERRUPTED = """
import os, sys
from pathlib import Path
from aim.log import seal
log, moment = Path(sys.argv[1]), sys.argv[2]
def die(*args, **kwargs):
    os._exit(9)
setattr(os, moment, die)
seal.write({log: seal.encode(log.read_bytes())})
"""


@pytest.mark.parametrize("moment", ["fsync", "utime", "replace", "unlink"])
def test_sealing_that_is_killed_at_any_moment_loses_nothing(tmp_path: Path, moment: str) -> None:
    log = put(tmp_path)
    ended = subprocess.run([sys.executable, "-c", INTERRUPTED, str(log), moment], check=False)
    assert ended.returncode == 9
    (chosen, *_), *_ = writers(tmp_path)
    assert Log(chosen).data == DATA
    seal.write({log: seal.encode(DATA)})
    assert [file.path for file in writers(tmp_path)] == [log.with_suffix(".seal")], "and sealing again works"


SEVERAL = """
import os, sys
from pathlib import Path
from aim.log import seal
moment, left = sys.argv[1], int(sys.argv[2])
was = getattr(os, moment)
def die_at_last(*args, **kwargs):
    global left
    left -= 1
    if left < 0:
        os._exit(9)
    return was(*args, **kwargs)
setattr(os, moment, die_at_last)
seal.write({log: seal.encode(log.read_bytes()) for log in map(Path, sys.argv[3:])})
"""


CALLS = {"fsync": 6, "utime": 3, "replace": 3, "unlink": 3}
MOMENTS = [(name, left) for name, calls in CALLS.items() for left in range(calls)]


@pytest.mark.parametrize(("moment", "left"), MOMENTS)
def test_sealing_several_logs_that_is_killed_at_any_moment_loses_nothing(
    tmp_path: Path, moment: str, left: int
) -> None:
    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        folder.mkdir()
    logs = [put(folder) for folder in folders]
    ended = subprocess.run([sys.executable, "-c", SEVERAL, moment, str(left), *map(str, logs)], check=False)
    assert ended.returncode == 9
    assert [Log(file.path).data for folder in folders for file in writers(folder)] == [DATA] * 3
    there = [log for log in logs if log.exists()]
    assert there == logs or moment == "unlink"
    seal.write({log: seal.encode(DATA) for log in there})
    assert [file.path for folder in folders for file in writers(folder)] == [log.with_suffix(".seal") for log in logs]


def test_no_log_is_removed_before_all_seals_are_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logs = []
    for name in "abc":
        (tmp_path / name).mkdir()
        logs.append(put(tmp_path / name))
    done: list[tuple[str, str]] = []
    for name in ("fsync", "replace", "unlink"):
        was = getattr(os, name)

        def told(*args: object, name: str = name, was: Callable[..., object] = was, **given: object) -> object:
            place = os.readlink(f"/proc/self/fd/{args[0]}") if isinstance(args[0], int) else str(args[0])
            done.append((name, os.path.basename(place)))
            return was(*args, **given)

        monkeypatch.setattr(os, name, told)
    seal.write({log: seal.encode(DATA) for log in logs})
    kinds = [kind for kind, _ in done]
    first = kinds.index("unlink")
    assert kinds.count("fsync") == 6 and kinds[:first].count("replace") == 3 and kinds[first:] == ["unlink"] * 3
    assert {file for kind, file in done if kind == "fsync"} >= {"a", "b", "c"}


def test_several_seals_wait_for_the_disk_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        (tmp_path / name).mkdir()
    together, real = Barrier(3), os.fsync

    def waits_for_the_others(fd: int) -> None:
        together.wait(PATIENCE)
        real(fd)

    monkeypatch.setattr(os, "fsync", waits_for_the_others)
    seals = seal.write({put(tmp_path / name): seal.encode(DATA) for name in "abc"})
    assert [Log(sealed).data for sealed in seals] == [DATA] * 3


def test_a_full_disk_while_sealing_leaves_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = put(tmp_path)

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        seal.write({log: seal.encode(DATA)})
    assert os.listdir(tmp_path) == [NAME], "and no draft stays behind"
