from __future__ import annotations

import os
from pathlib import Path

import pytest

from aim.errors import LogError
from aim.log import record, seal
from aim.log.reader import Log, writers
from aim.log.record import Damage
from tests.log.logs import NAME, RUN, UNKNOWN, WRITER, Draft, log_files, read, small

DRAFT = small()
DATA = bytes(DRAFT.data)
SPANS = DRAFT.spans()
KINDS = [one.kind for one in read(DATA)[1]]
OTHER = bytes(range(0xB0, 0xB8))


def chosen(folder: Path) -> list[Path]:
    return [file.path for file in writers(folder)]


def test_a_whole_log_gives_all_its_records() -> None:
    log, found = read(DATA)
    assert [(one.offset, one.end) for one in found] == SPANS
    assert set(KINDS) == record.KNOWN_TYPES | {UNKNOWN}
    assert (log.damage, log.torn, log.end) == ([], 0, len(DATA))


def test_a_tail_torn_at_any_byte_costs_that_record_alone() -> None:
    for size in range(len(DATA)):
        log, found = read(DATA[:size])
        whole = [span for span in SPANS if span[1] <= size]
        assert [(one.offset, one.end) for one in found] == whole
        assert log.damage == [], "a torn tail may still be written, so it is no damage"
        begin = whole[-1][1] if whole else min(size, record.HEADER_SIZE)
        assert (log.end, log.torn) == (begin, size - begin)


@pytest.mark.parametrize("hit", range(len(SPANS)))
def test_a_bit_flipped_at_any_byte_costs_the_record_it_is_in_and_is_reported_once(hit: int) -> None:
    begin, end = SPANS[hit]
    left = SPANS[:hit] + SPANS[hit + 1 :]
    behind = [other for other, _ in left if other > begin]
    for bit in range(begin * 8, end * 8):
        wrong = bytearray(DATA)
        wrong[bit // 8] ^= 1 << bit % 8
        log, found = read(wrong)
        assert [(one.offset, one.end) for one in found] == left
        if behind:
            assert log.damage == [Damage(begin, behind[0])]
        else:
            assert (log.damage, log.torn) == ([], SPANS[-1][1] - begin)


def test_a_header_damaged_at_any_byte_costs_nothing_but_itself() -> None:
    for byte in range(36):
        wrong = bytearray(DATA)
        wrong[byte] ^= 0x10
        log, found = read(wrong)
        assert (log.run, log.writer) == (RUN.hex(), WRITER.hex()), "from the file's name"
        assert [(one.offset, one.end) for one in found] == SPANS
        assert log.damage == [Damage(0, record.HEADER_SIZE)]


def test_a_damaged_header_without_ids_in_the_name_is_refused_by_name() -> None:
    with pytest.raises(LogError, match=r"not a log: .*notes\.log"):
        read(b"x" + DATA[1:], name="notes.log")


def test_the_name_does_not_matter_where_the_header_is_whole() -> None:
    log, found = read(DATA, name="copy-of-my.log")
    assert log.run == RUN.hex() and len(found) == len(SPANS)


@pytest.mark.parametrize("size", [1, 4, 60, 300])
def test_zeros_where_a_disk_lost_a_page_cost_what_they_cover(size: int) -> None:
    for begin in range(SPANS[1][0], SPANS[-1][0] - size, 4):
        end = begin + size
        wrong = DATA[:begin] + bytes(size) + DATA[end:]
        hit = [number for number, span in enumerate(SPANS) if span[0] < end and begin < span[1]]
        log, found = read(wrong)
        if wrong == DATA:
            continue
        clear = [span for number, span in enumerate(SPANS) if number not in hit]
        kept = [(one.offset, one.end) for one in found]
        assert [
            span for span in kept if span not in clear and wrong[span[0] : span[1]] != DATA[span[0] : span[1]]
        ] == []
        assert [span for span in clear if span not in kept] == []
        assert len(log.damage) == 1


def test_a_good_record_in_another_place_is_not_believed() -> None:
    begin, end = SPANS[2]
    copied = DATA + DATA[begin:end]
    log, found = read(copied)
    assert len(found) == len(SPANS) and log.torn == end - begin


def test_a_good_record_of_another_writer_or_run_is_not_believed() -> None:
    for run, writer in ((RUN, OTHER), (OTHER * 2, WRITER)):
        other = Draft(run, writer).start().series(0, "loss", subset="train").point(0, 0, 99.0)
        begin, end = other.spans()[2]
        assert (begin, end) != SPANS[2] or DATA[begin:end] != other.data[begin:end]
        swapped = DATA[: SPANS[2][0]] + bytes(other.data[begin:end]) + DATA[SPANS[2][1] :]
        log, found = read(swapped)
        assert [one.offset for one in found] == [begin for number, (begin, _) in enumerate(SPANS) if number != 2]
        assert log.damage == [Damage(*SPANS[2])]


def test_a_record_removed_from_the_middle_displaces_all_behind_it() -> None:
    """What follows stands in a wrong place, so it is lost too: it could as well be an old page of the disk."""
    begin, end = SPANS[2]
    log, found = read(DATA[:begin] + DATA[end:])
    assert [one.offset for one in found] == [begin for begin, _ in SPANS[:2]]
    assert log.torn == len(DATA) - end


def test_a_record_of_any_type_is_read_in_step_and_found_again_behind_damage() -> None:
    for kind in range(256):
        check_type(kind)


def check_type(kind: int) -> None:
    draft = Draft().start().point(0, 0, 0.5).add(kind, b"new!").add(kind, b"").point(0, 1, 1.0)
    log, found = read(draft.data)
    assert [one.kind for one in found] == [record.START, record.POINT, kind, kind, record.POINT]
    assert log.damage == []
    begin, behind = draft.offsets[1:3]
    draft.data[begin] ^= 1
    log, found = read(draft.data)
    assert [one.kind for one in found] == [record.START, kind, kind, record.POINT]
    assert log.damage == [Damage(begin, behind)]


@pytest.mark.parametrize("number", range(len(SPANS)))
def test_a_reader_goes_on_from_any_record(number: int) -> None:
    log = Log(Path(NAME), DATA)
    assert [one.offset for one in log.records(SPANS[number][0])] == [begin for begin, _ in SPANS[number:]]


def test_a_live_file_is_read_on_from_its_end(tmp_path: Path) -> None:
    """Byte by byte, as a slow disk would show it: every record comes once, however the reads fall."""
    path, end, seen = tmp_path / NAME, record.HEADER_SIZE, []
    for size in range(0, len(DATA) + 1, 7):
        path.write_bytes(DATA[:size])
        log = Log(path)
        seen += [one.offset for one in log.records(end)]
        end = max(log.end, end)
        assert log.damage == []
    path.write_bytes(DATA)
    seen += [one.offset for one in Log(path).records(end)]
    assert seen == [begin for begin, _ in SPANS]


def test_damage_before_the_offset_is_not_reported_again() -> None:
    wrong = bytearray(DATA)
    wrong[SPANS[2][0] + 5] ^= 1
    log = Log(Path(NAME), bytes(wrong))
    assert [one.offset for one in log.records(SPANS[3][0])] == [begin for begin, _ in SPANS[3:]]
    assert log.damage == []


def test_reading_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(DATA[:-3])
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    before = path.stat()
    log = Log(path)
    assert list(log.records()) and chosen(tmp_path) == [path]
    after = path.stat()
    tmp_path.chmod(0o755)
    assert (after.st_mtime_ns, after.st_size, after.st_ino) == (before.st_mtime_ns, before.st_size, before.st_ino)
    assert os.listdir(tmp_path) == [NAME]


def test_of_a_seal_and_a_log_the_one_that_covers_more_is_read(tmp_path: Path) -> None:
    log, sealed = tmp_path / NAME, tmp_path / NAME.replace(".log", ".seal")
    sealed.write_bytes(seal.encode(DATA))
    log.write_bytes(DATA[: SPANS[4][0]])
    assert chosen(tmp_path) == [sealed], "an older copy of the log came back by rsync"
    assert [one.offset for one in Log(sealed).records()] == [begin for begin, _ in SPANS]
    longer = bytes(small().point(0, 4, 1.0).data)
    log.write_bytes(longer)
    assert chosen(tmp_path) == [log]


def test_of_a_seal_and_a_log_that_cover_the_same_the_log_is_read(tmp_path: Path) -> None:
    """It needs no decoding, and its damage costs records, not everything."""
    (tmp_path / NAME.replace(".log", ".seal")).write_bytes(seal.encode(DATA))
    (tmp_path / NAME).write_bytes(DATA)
    assert chosen(tmp_path) == [tmp_path / NAME]


def test_a_seal_that_is_none_does_not_hide_the_log(tmp_path: Path) -> None:
    (tmp_path / NAME.replace(".log", ".seal")).write_bytes(b"torn")
    (tmp_path / NAME).write_bytes(DATA)
    assert chosen(tmp_path) == [tmp_path / NAME]


def test_scan_finds_each_writer_once_and_nothing_else(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / NAME).write_bytes(DATA)
    for stray in ("notes.txt", f".{NAME}.abcd", "short-name.log", f"{'g' * 32}-{'0' * 16}.log", f"{NAME}.tmp"):
        (tmp_path / "a" / stray).write_bytes(DATA)
    (tmp_path / "file").write_bytes(b"")
    assert log_files(tmp_path) == [tmp_path / "a" / NAME, tmp_path / "b" / NAME]
    assert log_files(tmp_path / "nowhere") == [] and chosen(tmp_path / "nowhere") == []
