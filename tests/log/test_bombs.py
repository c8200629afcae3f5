"""Small files that claim to be large: each is refused, or read in memory that is in proportion to its size."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from array import array
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import aim
from aim.errors import LogError
from aim.index.sources.crc32c import masked_rows
from aim.log import objects, output, planes, record, seal
from aim.log.reader import OpenLog, open_longest, writers
from aim.media.distribution import decode
from tests.index.logs import LogFile
from tests.index.sources.tensorboard import events
from tests.log.logs import NAME, RUN, WRITER, Draft, small

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system has no /proc")
LIMIT_MB = 300
READ = """
import re, sys
sys.path.insert(0, sys.argv[1])
import aim
from aim.repo import Repo
runs = aim.select_runs(None, sys.argv[2])
print(len(runs), sum(len(run.metrics) for run in runs), sum(run.damaged for run in runs))
[series.points for run in runs for series in run.objects()]
# Unlike getrusage, this is without the memory of the parent, which a child has until it runs another program.
print(int(re.search("VmHWM:[^0-9]*([0-9]+) kB", open("/proc/self/status").read())[1]) >> 10)
"""


def read_within_limits(folder: Path, code: str = READ) -> str:
    """The numbers of runs, series and damaged places that a process of its own read there, in little memory."""
    command = [sys.executable, "-c", code, str(Path(aim.__file__).parents[1]), str(folder)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert ended.returncode == 0, ended.stderr
    counts, megabytes = ended.stdout.splitlines()
    assert int(megabytes) < LIMIT_MB, ended.stdout
    return counts


def sealed(covered: int, *, points: int = 0, blobs: dict[str, bytes] | None = None, **more: object) -> bytes:
    """A seal with a right checksum that claims whatever it is told to."""
    empty = planes.squeeze(b"")
    parts = {**dict.fromkeys(("others", "gaps", "number", "step", "value", "time", "epoch"), empty), **(blobs or {})}
    directory = {"run": RUN.hex(), "writer": WRITER.hex(), "points": points, "others": 0, **more}
    text = record.encode_json({**directory, "blobs": {name: len(blob) for name, blob in parts.items()}})
    tail = text + b"".join(parts.values())
    return seal._head.pack(seal.MAGIC, covered, bytes(32), len(text), seal.crc32(tail)) + tail


@cache
def zeros() -> bytes:
    return planes.squeeze(bytes(64 << 20))


def expanding_chunk() -> bytes:
    chunks = struct.pack("<3I", 1 << 31, len(zeros()), seal.crc32(zeros()))
    blobs = {
        "places": planes.squeeze(bytes(8)),
        "words": planes.squeeze(bytes(4)),
        "chunks": planes.squeeze(bytes(chunks[i] for k in range(4) for i in range(k, 12, 4))),
    }
    return sealed(16 << 20, blobs=blobs, values={"records": 1, "chunks": 1, "check": 0})


def split(code: str, *numbers: int) -> bytes:
    return planes.squeeze(planes.split(array(code, numbers)))


def valued_seal(offset: int, *, records: int = 1, chunks: int = 1, **more: object) -> bytes:
    """A seal with a value of no bytes at an offset, and as many more as it claims, of zeros."""
    tables = {
        "places": split("Q", offset) if records == 1 else planes.squeeze(bytes(8 * records)),
        "words": split("I", record.word(record.OUTPUT, 0)) if records == 1 else planes.squeeze(bytes(4 * records)),
        "chunks": planes.squeeze(bytes(12 * chunks)),
    }
    values = {"records": records, "chunks": chunks, "check": seal.crc32(b"".join(tables.values()))}
    blobs = {**tables, **more.pop("blobs", {})}  # type: ignore[dict-item]
    return sealed(16 << 20, blobs=blobs, values=values, **more)  # type: ignore[arg-type]


SEALS = {
    "claims more than it can hold": lambda: sealed(1 << 60),
    "points without end": lambda: sealed(16 << 20, points=1 << 40),
    "a column that expands": lambda: sealed(16 << 20, points=100, blobs={"number": zeros()}),
    "many columns that expand": lambda: sealed(
        16 << 20, blobs=dict.fromkeys("abcdefghi", planes.squeeze(bytes(16 << 20)))
    ),
    "deep": lambda: sealed(16 << 20, deep=json.loads("[" * 500 + "]" * 500)),
    "a chunk that expands": expanding_chunk,
    "gaps of points that do not exist": lambda: valued_seal(
        1 << 40, others=1, blobs={"gaps": split("I", (1 << 32) - 1)}
    ),
    "gaps without records": lambda: sealed(1 << 20, others=1 << 17, blobs={"gaps": planes.squeeze(bytes(1 << 19))}),
    "more gaps than bytes": lambda: sealed(1 << 20, others=1 << 18, blobs={"gaps": planes.squeeze(bytes(1 << 20))}),
    "more values than are sealed": lambda: valued_seal(40, records=300_000),
    "more chunks than values": lambda: valued_seal(40, chunks=2),
    "a value within a point": lambda: valued_seal(
        100,
        points=2,
        blobs={
            name: planes.squeeze(bytes(16 if name != "number" else 8))
            for name in ("number", "step", "value", "time", "epoch")
        },
    ),
}
# These are refused before what they claim is computed.
EARLY = {
    "gaps of points that do not exist": "gaps are longer than the log",
    "gaps without records": "more gaps than records",
    "more gaps than bytes": "gaps are longer than the log",
    "more values than are sealed": "claims 300,000 values in 1 chunks; 200,000 values are the most",
    "more chunks than values": "claims 1 values in 2 chunks",
}


def test_a_directory_of_any_length_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}.seal"
    path.write_bytes(sealed(0, more="x" * (1 << 16)))
    with pytest.raises(LogError, match="claims a directory of 65,"):
        list(seal.others(path))


@pytest.mark.parametrize("name", SEALS)
def test_a_seal_that_claims_too_much_is_refused(name: str) -> None:
    with pytest.raises(LogError, match=EARLY.get(name)):
        seal.decode(SEALS[name]())


@pytest.mark.parametrize("name", ["more values than are sealed", "more chunks than values"])
def test_values_are_not_read_from_a_seal_that_claims_too_many(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}.seal"
    path.write_bytes(SEALS[name]())
    with pytest.raises(LogError, match=EARLY[name]):
        seal.Values(path).places(record.OUTPUT)


def test_a_seal_that_claims_too_much_hides_no_log(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(small().data)
    (tmp_path / NAME).with_suffix(".seal").write_bytes(SEALS["claims more than it can hold"]())
    (file,) = writers(tmp_path)
    assert (file.path.suffix, file.size) == (".log", len(small().data))


def test_a_log_that_compresses_too_well_is_not_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = Draft().start().series(0, "loss")
    for _ in range(3000):
        draft.point(0, 0, 0.0)
    assert seal.decode(seal.encode(bytes(draft.data))) == bytes(draft.data)
    monkeypatch.setattr(seal, "ALWAYS", 1 << 10)
    monkeypatch.setattr(seal, "RATIO", 64)
    with pytest.raises(LogError, match="compresses to less than 1/64 of its 132,[0-9]+ bytes, so it stays a log"):
        seal.encode(bytes(draft.data))


def test_repeated_output_is_sealed_and_read_in_little_memory(tmp_path: Path) -> None:
    file = LogFile(tmp_path, "chatty").start(1.7e9)
    for _ in range(1000):
        file.put(record.OUTPUT, output.encode(output.STDOUT, 1.7e9, b"warning\n" * 7500))
    file.end(1.7e9 + 1).save()
    (tmp_path / ".aim" / "repo.json").write_text('{"format": 1}')
    data = file.path.read_bytes()
    (target,) = seal.write({file.path: seal.encode(data)})
    assert target.stat().st_size * 1000 < len(data) and not file.path.exists()
    assert sum(entry.payload.count(b"warning") for entry in open_longest(file.path).forward(record.OUTPUT)) == 7_500_000
    assert read_within_limits(tmp_path) == "1 0 0"


def test_a_value_whose_pieces_repeat_is_refused(tmp_path: Path) -> None:
    draft = Draft().start().series(0, "samples", kind="image").add(record.BLOB, bytes(1 << 19))
    places = struct.pack("<Q", draft.offsets[-1]) * 100_000
    head = struct.pack("<IqddIIII", 0, 0, 1.0, 0.0, 0, 1 << 20, 4, 100_000)
    path = tmp_path / NAME
    path.write_bytes(draft.add(record.OBJECT, head + b"{}  " + places).data)
    file = OpenLog(path)
    try:
        with pytest.raises(LogError, match="a value of 1,048,576 bytes has pieces of"):
            objects.content(file, objects.at(file, draft.offsets[-1]))
    finally:
        file.close()


def test_a_distribution_without_its_bins() -> None:
    with pytest.raises(ValueError, match="bytes do not hold"):
        decode(struct.pack("<IIddd", (1 << 32) - 1, 1, 0.0, 0.0, 0.0) + bytes(64))


def numbers_far_apart(file: LogFile) -> None:
    for i in range(8_000):
        number = i * 30_000
        file.put(record.SERIES, struct.pack("<I", number) + record.encode_json({"name": "a", "context": {}}))
        file.point(number, i, 0.5, 1.7e9)


def params_of_brackets(file: LogFile) -> None:
    for stamp in range(4):
        file.put(record.PARAMS, record.encode_json({"stamp": stamp, "value": {"a": [[] for _ in range(100_000)]}}))


def long_names(file: LogFile) -> None:
    for number in range(20):
        file.series(number, chr(97 + number) * 500_000).point(number, 0, 1.0, 1.7e9)


def many_params(file: LogFile) -> None:
    for stamp in range(8):
        values = {f"{stamp}_{number}": 0 for number in range(60_000)}
        file.put(record.PARAMS, record.encode_json({"stamp": stamp, "value": values}))


FILLS = [numbers_far_apart, params_of_brackets, long_names, many_params]


@pytest.mark.parametrize("fill", FILLS, ids=lambda fill: fill.__name__)
def test_a_log_is_read_in_memory_in_proportion_to_its_size(tmp_path: Path, fill: object) -> None:
    file = LogFile(tmp_path, "bomb").start(1.7e9)
    fill(file)  # type: ignore[operator]
    file.end(1.7e9 + 1).save()
    (tmp_path / ".aim" / "repo.json").write_text('{"format": 1}')
    assert read_within_limits(tmp_path).startswith("1 ")


def test_a_folder_of_seals_that_claim_too_much_is_read_in_little_memory(tmp_path: Path) -> None:
    file = LogFile(tmp_path, "bomb").start(1.7e9).series(0, "loss").point(0, 0, 1.0, 1.7e9)
    file.end(1.7e9 + 1).save()
    (tmp_path / ".aim" / "repo.json").write_text('{"format": 1}')
    for place, bomb in enumerate(SEALS.values()):
        name = f"{file.run.hex()}-{place:016x}.seal"
        (file.path.parent / name).write_bytes(bomb())
    assert read_within_limits(tmp_path).startswith("1 1 ")


def filled(part: Callable[[int], bytes]) -> bytes:
    """Parts of a megabyte in all."""
    content = bytearray()
    while len(content) < 1 << 20:
        content += part(len(content))
    return bytes(content)


def framed(data: bytes) -> bytes:
    head = struct.pack("<Q", len(data))
    sums = (masked_rows(np.frombuffer(part, np.uint8)[None], len(part))[0] for part in (head, data))
    return struct.pack(f"<8sI{len(data)}sI", head, next(sums), data, next(sums))


def length(stated: int) -> bytes:
    """The head of a record that claims so many bytes."""
    head = struct.pack("<Q", stated)
    return head + struct.pack("<I", events.masked(head))


EMPTY = framed(b"")


def valued(values: bytes) -> bytes:
    """The record of one event with these values."""
    return framed(events.event(1, values=values))


def nested(depth: int) -> bytes:
    """A google.protobuf.Value of lists within lists."""
    content = b""
    for _ in range(depth):
        content = events.message(6, events.message(1, content))
    return content


def hparams(content: bytes) -> bytes:
    kept = events.message(3, events.message(1, events.message(1, b"a") + events.message(2, content)))
    return valued(events.value("_hparams_/session_start_info", b"", plugin="hparams", kept=kept))


EVENTS: dict[str, Callable[[], bytes]] = {
    "lengths of 4 GB": lambda: filled(lambda _: length((1 << 32) - 1)),
    "lengths of 256 MB": lambda: filled(lambda _: length(1 << 28)),
    "values without tags": lambda: valued(filled(lambda _: events.message(1, events.fixed(2, b"abcd")))),
    "tags": lambda: valued(filled(lambda at: events.simple(f"{at:x}", 1.0))),
    "pictures": lambda: valued(filled(lambda at: events.value(f"{at:x}", events.message(4, events.message(4, b""))))),
    "pictures in a tensor": lambda: valued(
        events.value(
            "a", events.message(8, events.number(1, 7) + filled(lambda _: events.message(8, b""))), plugin="images"
        )
    ),
    "a trillion numbers": lambda: valued(events.tensor("a", 1, events.message(4, b"abcd"), shape=(1 << 20, 1 << 20))),
    "events without anything": lambda: filled(lambda _: EMPTY),
    "deep hparams": lambda: hparams(nested(5_000)),
    "a list of nothing": lambda: hparams(events.message(6, filled(lambda _: events.message(1, b"")))),
}


def test_small_event_files_are_read_in_little_memory(tmp_path: Path) -> None:
    for name, content in EVENTS.items():
        path = events.event_file(tmp_path / "logs" / name, *events.scalars(0.5), content())
        assert path.stat().st_size < 2 << 20
    read = READ.replace("aim.select_runs(None, sys.argv[2])", "Repo(sys.argv[2], tf_logs=sys.argv[2]).select_runs()")
    assert read_within_limits(tmp_path, read).startswith(f"{len(EVENTS)} ")
