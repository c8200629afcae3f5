"""The parser finds the same records as the plain reader, in any damage and with windows of any size."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from aim.index import parse as parsing
from aim.index.bulk import Tail, parse_together
from aim.index.checksum import points_hold
from aim.index.parse import Parsed, parse
from aim.log import record
from aim.log.reader import Log
from tests.index.logs import LogFile

HEAD = record.HEADER_SIZE


def log(rng: random.Random, points: int) -> LogFile:
    file = LogFile(Path("/nowhere"), "x", run=rng.randbytes(16), writer=rng.randbytes(8)).start(1.7e9)
    for step in range(points):
        if rng.random() < 0.02:
            file.series(rng.randrange(5), "loss", {"a": "b" * rng.randrange(9)})
        if rng.random() < 0.01:
            file.put(rng.choice([0, 9, 13, 16, 77, 255]), rng.randbytes(4 * rng.randrange(8)))
        file.point(rng.randrange(3), step, rng.random(), 1.7e9)
    return file.end(1.8e9)


def flip(data: bytearray, rng: random.Random) -> None:
    data[rng.randrange(HEAD, len(data))] ^= 1 << rng.randrange(8)


def cut(data: bytearray, rng: random.Random) -> None:
    del data[rng.randrange(HEAD, len(data) + 1) :]


def lose(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(HEAD, len(data))
    del data[at : at + rng.randrange(200)]


def insert(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(HEAD, len(data)) // 4 * 4
    data[at:at] = rng.choice([bytes, rng.randbytes])(4 * rng.randrange(100))


def repeat(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(HEAD, len(data)) // 4 * 4
    data[at:at] = data[HEAD : HEAD + 44 * rng.randrange(40)]


def long_length(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(HEAD, len(data) - 4) // 4 * 4
    data[at : at + 4] = (record.MARK | record.PARAMS << 20 | 0xFFFFC).to_bytes(4, "little")


HARMS: list[Callable[[bytearray, random.Random], None]] = [flip, cut, lose, insert, repeat, long_length]


def as_read(file: LogFile, data: bytes) -> tuple[object, ...]:
    plain = Log(file.path, data)
    known = [
        tuple(entry) for entry in plain.records() if entry.kind in record.KNOWN_TYPES - {record.OUTPUT, record.BLOB}
    ]
    return known, [tuple(place) for place in plain.damage], max(plain.end, HEAD)


def as_parsed(parts: list[Parsed], begins: list[int] | None = None) -> tuple[object, ...]:
    entries = [tuple(other) for part in parts for other in part.others]
    for part in parts:
        for stretch in part.stretches:
            rows = enumerate(stretch.records)
            entries += [(stretch.offset + 44 * i, record.POINT, row.tobytes()[4:40]) for i, row in rows]
    ends = [part.end for part, begin in zip(parts, begins or [HEAD], strict=True) if part.end > begin]
    return sorted(entries), [place for part in parts for place in part.damage], max(ends, default=HEAD)


@pytest.mark.parametrize("harm", [None, *HARMS], ids=lambda harm: getattr(harm, "__name__", "whole"))
@pytest.mark.parametrize("points", [0, 1, 31, 33, 1500])
def test_the_same_records_and_the_same_damage(harm: Callable[..., None] | None, points: int) -> None:
    for seed in range(12):
        rng = random.Random(seed)
        file = log(rng, points)
        for _ in range(rng.choice([1, 1, 5])):
            if harm is not None and len(file.data) > HEAD + 4:
                harm(file.data, rng)
        data = bytes(file.data)
        assert as_parsed([parse(data[HEAD:], HEAD, file.seed)]) == as_read(file, data)


@pytest.mark.parametrize("window", [400, 4000, 50_000])
def test_in_windows(monkeypatch: pytest.MonkeyPatch, window: int) -> None:
    monkeypatch.setattr(parsing, "_LONGEST", 75)
    for seed in range(12):
        rng = random.Random(seed)
        file = log(rng, 1500)
        for _ in range(rng.randrange(4)):
            rng.choice([flip, insert, lose])(file.data, rng)
        data, at, skipped = bytes(file.data), HEAD, None
        parts, begins = [], []
        while True:
            final = at + window >= len(data)
            parsed = parse(data[at : at + window], at, file.seed, final=final, skipped=skipped)
            parts.append(parsed)
            begins.append(at)
            if final:
                break
            assert parsed.next > at
            at, skipped = parsed.next, parsed.skipped
        assert as_parsed(parts, begins) == as_read(file, data)


@pytest.mark.parametrize("hit", [0, 7, 39])
def test_a_record_of_any_type_ends_damage_for_both(hit: int) -> None:
    for kind in range(256):
        compare_behind_damage(kind, hit)


def compare_behind_damage(kind: int, hit: int) -> None:
    """Records alternate between points and this type, and one point is damaged."""
    file = LogFile(Path("/nowhere"), "x", run=bytes(16), writer=bytes(8))
    begins = []
    for step in range(40):
        begins.append(len(file.data))
        file.point(0, step, 0.5).put(kind, bytes([kind]) * 36)
    file.data[begins[hit] + 20] ^= 4
    data = bytes(file.data)
    plain = list(record.walk(data, HEAD, file.seed))
    assert plain[2 * hit] == record.Damage(begins[hit], begins[hit] + 44)
    assert [entry.kind for entry in plain if isinstance(entry, record.Record)].count(kind) == 40 + 39 * (
        kind == record.POINT
    )
    parsed = parse(data[HEAD:], HEAD, file.seed)
    assert as_parsed([parsed]) == as_read(file, data)
    assert parsed.end == len(data)


def test_a_file_of_another_run_in_linear_time() -> None:
    file = log(random.Random(1), 20_000)
    parsed = parse(bytes(file.data[HEAD:]), HEAD, file.seed + 1)
    assert (parsed.stretches, parsed.others, parsed.end) == ([], [], HEAD)


def test_every_bit_of_a_point_counts() -> None:
    file = LogFile(Path("/nowhere"), "x")
    for step in range(40):
        file.point(0, step, 0.5, 1.7e9)
    words = np.frombuffer(bytes(file.data[HEAD:]), "<u4").reshape(-1, 11)
    starts = np.array([file.seed + HEAD + 44 * i & 0xFFFFFFFF for i in range(40)], np.uint32)
    assert points_hold(words, starts).all()
    for bit in range(32, 44 * 8):
        harmed = words.copy()
        harmed[7, bit // 32] ^= np.uint32(1 << bit % 32)
        assert np.flatnonzero(~points_hold(harmed, starts)).tolist() == [7]
    assert not points_hold(words, starts + np.uint32(44)).any()


def tail(file: LogFile, data: bytes, offset: int = HEAD) -> Tail:
    return Tail(data[offset:], offset, file.seed)


def test_what_was_added_to_many_logs() -> None:
    """From any record on, and from nowhere else."""
    files = [log(random.Random(seed), points) for seed in range(6) for points in (1, 40)]
    logs = [bytes(file.data) for file in files]
    for part in (0.3, 0.8):
        known = [list(record.walk(data, HEAD, file.seed)) for file, data in zip(files, logs, strict=True)]
        begins = [int(len(entries) * part) for entries in known]
        offsets = [entries[begin].offset for entries, begin in zip(known, begins, strict=True)]
        rest = parse_together(list(map(tail, files, logs, offsets)))
        for file, data, offset, content in zip(files, logs, offsets, rest, strict=True):
            assert content is not None
            assert as_parsed([content]) == as_parsed([parse(data[offset:], offset, file.seed)])
        assert parse_together(list(map(tail, files, logs, (offset + 4 for offset in offsets)))) == [None] * len(files)


@pytest.mark.parametrize("harm", [None, *HARMS], ids=lambda harm: getattr(harm, "__name__", "whole"))
def test_many_logs_at_once(harm: Callable[..., None] | None) -> None:
    for seed in range(12):
        rng = random.Random(seed)
        files = [log(rng, rng.choice([0, 1, 2, 40, 300])) for _ in range(rng.choice([1, 2, 60]))]
        for file in files:
            if harm is not None and rng.random() < 0.5:
                harm(file.data, rng)
        logs = [bytes(file.data) for file in files]
        tails = [tail(file, data) for file, data in zip(files, logs, strict=True)]
        for file, data, content in zip(files, logs, parse_together(tails), strict=True):
            known, damage, end = as_read(file, data)
            whole = not damage and end == len(data) > HEAD
            assert (content is not None) == whole
            if content is not None:
                assert as_parsed([content]) == (known, damage, end)
                assert content.printed == parse(data[HEAD:], HEAD, file.seed).printed


def test_a_run_without_logs() -> None:
    assert parse_together([]) == []
    assert parse_together([Tail(data, HEAD, 0) for data in (b"", b"abc", b"\0" * 8)]) == [None, None, None]


def test_every_bit_of_a_log_counts_among_others() -> None:
    file = LogFile(Path("/nowhere"), "x").series(0, "loss").point(0, 1, 0.5).point(0, 2, 0.5)
    beside = LogFile(Path("/nowhere"), "y").point(0, 1, 0.5).series(1, "loss")
    for bit in range(HEAD * 8, len(file.data) * 8):
        harmed = bytearray(file.data)
        harmed[bit // 8] ^= 1 << bit % 8
        around = tail(beside, bytes(beside.data))
        contents = parse_together([around, tail(file, bytes(harmed)), around])
        assert [entry is None for entry in contents] == [False, True, False]
