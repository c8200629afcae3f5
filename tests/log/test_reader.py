from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from aim.errors import LogError
from aim.log import reader as module
from aim.log import record, seal
from aim.log.reader import Log, OpenLog, OpenSeal, covers, open_longest, windows, writers
from aim.log.record import Damage
from tests.log.logs import NAME, RUN, UNKNOWN, WRITER, Draft, log_files, read, small

DRAFT = small()
DATA = bytes(DRAFT.data)
SPANS = DRAFT.spans()
KINDS = [entry.kind for entry in read(DATA)[1]]
OTHER = bytes(range(0xB0, 0xB8))


def chosen(folder: Path) -> list[Path]:
    return [file.path for file in writers(folder)]


def test_a_whole_log_gives_all_its_records() -> None:
    log, entries = read(DATA)
    assert [(entry.offset, entry.end) for entry in entries] == SPANS
    assert set(KINDS) == record.KNOWN_TYPES | {UNKNOWN}
    assert (log.damage, log.torn, log.end) == ([], 0, len(DATA))


def test_a_tail_cut_at_any_byte_loses_only_that_record() -> None:
    for size in range(len(DATA)):
        log, entries = read(DATA[:size])
        whole = [span for span in SPANS if span[1] <= size]
        assert [(entry.offset, entry.end) for entry in entries] == whole
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
        log, entries = read(wrong)
        assert [(entry.offset, entry.end) for entry in entries] == left
        if behind:
            assert log.damage == [Damage(begin, behind[0])]
        else:
            assert (log.damage, log.torn) == ([], SPANS[-1][1] - begin)


def test_a_damaged_header_loses_no_records() -> None:
    for byte in range(36):
        wrong = bytearray(DATA)
        wrong[byte] ^= 0x10
        log, entries = read(wrong)
        assert (log.run, log.writer) == (RUN.hex(), WRITER.hex()), "from the file's name"
        assert [(entry.offset, entry.end) for entry in entries] == SPANS
        assert log.damage == [Damage(0, record.HEADER_SIZE)]


def test_a_damaged_header_without_ids_in_the_name_is_refused_by_name() -> None:
    with pytest.raises(LogError, match=r"not a log: .*notes\.log"):
        read(b"x" + DATA[1:], name="notes.log")


def test_the_name_does_not_matter_where_the_header_is_whole() -> None:
    log, entries = read(DATA, name="copy-of-my.log")
    assert log.run == RUN.hex() and len(entries) == len(SPANS)


@pytest.mark.parametrize("size", [1, 4, 60, 300])
def test_a_page_of_zeros_costs_only_the_records_it_covers(size: int) -> None:
    for begin in range(SPANS[1][0], SPANS[-1][0] - size, 4):
        end = begin + size
        wrong = DATA[:begin] + bytes(size) + DATA[end:]
        hit = [number for number, span in enumerate(SPANS) if span[0] < end and begin < span[1]]
        log, entries = read(wrong)
        if wrong == DATA:
            continue
        clear = [span for number, span in enumerate(SPANS) if number not in hit]
        kept = [(entry.offset, entry.end) for entry in entries]
        assert [
            span for span in kept if span not in clear and wrong[span[0] : span[1]] != DATA[span[0] : span[1]]
        ] == []
        assert [span for span in clear if span not in kept] == []
        assert len(log.damage) == 1


def test_a_good_record_in_another_place_is_not_believed() -> None:
    begin, end = SPANS[2]
    copied = DATA + DATA[begin:end]
    log, entries = read(copied)
    assert len(entries) == len(SPANS) and log.torn == end - begin


def test_a_good_record_of_another_writer_or_run_is_not_believed() -> None:
    for run, writer in ((RUN, OTHER), (OTHER * 2, WRITER)):
        other = Draft(run, writer).start().series(0, "loss", subset="train").point(0, 0, 99.0)
        begin, end = other.spans()[2]
        assert (begin, end) != SPANS[2] or DATA[begin:end] != other.data[begin:end]
        swapped = DATA[: SPANS[2][0]] + bytes(other.data[begin:end]) + DATA[SPANS[2][1] :]
        log, entries = read(swapped)
        assert [entry.offset for entry in entries] == [begin for number, (begin, _) in enumerate(SPANS) if number != 2]
        assert log.damage == [Damage(*SPANS[2])]


def test_a_record_removed_from_the_middle_invalidates_all_later_ones() -> None:
    """The following records are in a wrong place, so they are lost too: they could be an old page of the disk."""
    begin, end = SPANS[2]
    log, entries = read(DATA[:begin] + DATA[end:])
    assert [entry.offset for entry in entries] == [begin for begin, _ in SPANS[:2]]
    assert log.torn == len(DATA) - end


def test_a_record_of_any_type_is_read_in_sequence_and_found_after_damage() -> None:
    for kind in range(256):
        check_type(kind)


def check_type(kind: int) -> None:
    draft = Draft().start().point(0, 0, 0.5).add(kind, b"new!").add(kind, b"").point(0, 1, 1.0)
    log, entries = read(draft.data)
    assert [entry.kind for entry in entries] == [record.START, record.POINT, kind, kind, record.POINT]
    assert log.damage == []
    begin, behind = draft.offsets[1:3]
    draft.data[begin] ^= 1
    log, entries = read(draft.data)
    assert [entry.kind for entry in entries] == [record.START, kind, kind, record.POINT]
    assert log.damage == [Damage(begin, behind)]


@pytest.mark.parametrize("number", range(len(SPANS)))
def test_a_reader_continues_from_any_record(number: int) -> None:
    log = Log(Path(NAME), DATA)
    assert [entry.offset for entry in log.records(SPANS[number][0])] == [begin for begin, _ in SPANS[number:]]


def test_a_live_file_is_read_on_from_its_end(tmp_path: Path) -> None:
    """Byte by byte, as from a slow disk: every record is read once, however the reads are split."""
    path, end, seen = tmp_path / NAME, record.HEADER_SIZE, []
    for size in range(0, len(DATA) + 1, 7):
        path.write_bytes(DATA[:size])
        log = Log(path)
        seen += [entry.offset for entry in log.records(end)]
        end = max(log.end, end)
        assert log.damage == []
    path.write_bytes(DATA)
    seen += [entry.offset for entry in Log(path).records(end)]
    assert seen == [begin for begin, _ in SPANS]


def test_damage_before_the_offset_is_not_reported_again() -> None:
    wrong = bytearray(DATA)
    wrong[SPANS[2][0] + 5] ^= 1
    log = Log(Path(NAME), bytes(wrong))
    assert [entry.offset for entry in log.records(SPANS[3][0])] == [begin for begin, _ in SPANS[3:]]
    assert log.damage == []


@pytest.mark.parametrize("gap", [0, 12, 3000, 3 << 20, 9 << 20])
def test_a_log_is_walked_in_pages_as_in_one_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gap: int) -> None:
    """With damage anywhere, records longer than a page, and a torn tail."""
    monkeypatch.setattr(module, "_PAGE", 128)
    seed = record.seed(RUN, WRITER)
    data = bytearray(record.pack_header(RUN, WRITER))
    for number in range(60):
        data += record.pack(record.PARAMS, b" " * (4 * number), seed, len(data))
        if number in (0, 20, 21, 40):
            data += b"x" * gap
    data += record.pack(record.PARAMS, b"y" * record.MAX_PAYLOAD, seed, len(data))
    data += record.pack(record.END, b"{}  ", seed, len(data))[:-4]
    data[700] ^= 1
    path = tmp_path / NAME
    path.write_bytes(data)
    read: list[int] = []
    plain = OpenLog.read
    monkeypatch.setattr(OpenLog, "read", lambda log, at, size: read.append(size) or plain(log, at, size))
    with closing(OpenLog(path)) as log:
        assert list(log.walk()) == list(record.walk(bytes(data), record.HEADER_SIZE, seed))
    assert max(read) <= module._WIDE


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


def test_the_longer_of_seal_and_log_is_read(tmp_path: Path) -> None:
    log, sealed = tmp_path / NAME, tmp_path / NAME.replace(".log", ".seal")
    sealed.write_bytes(seal.encode(DATA))
    log.write_bytes(DATA[: SPANS[4][0]])
    assert chosen(tmp_path) == [sealed], "an older copy of the log came back by rsync"
    assert [entry.offset for entry in Log(sealed).records()] == [begin for begin, _ in SPANS]
    longer = bytes(small().point(0, 4, 1.0).data)
    log.write_bytes(longer)
    assert chosen(tmp_path) == [log]


def test_the_log_is_read_if_a_seal_covers_the_same(tmp_path: Path) -> None:
    """It needs no decoding, and damage costs single records instead of everything."""
    (tmp_path / NAME.replace(".log", ".seal")).write_bytes(seal.encode(DATA))
    (tmp_path / NAME).write_bytes(DATA)
    assert chosen(tmp_path) == [tmp_path / NAME]


def test_an_invalid_seal_does_not_hide_the_log(tmp_path: Path) -> None:
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


SEAL_NAME = NAME.replace(".log", ".seal")


def put(folder: Path, *, log: bytes | None = None, sealed: bytes | None = None) -> Path:
    """The path of a log, which exists if it has bytes; a seal with other bytes may exist too."""
    if log is not None:
        (folder / NAME).write_bytes(log)
    if sealed is not None:
        (folder / SEAL_NAME).write_bytes(seal.encode(sealed))
    return folder / NAME


LONGER = bytes(small().point(0, 4, 1.0).data)


@pytest.mark.parametrize(
    ("log", "sealed", "expected"),
    [(DATA, None, OpenLog), (None, DATA, OpenSeal), (DATA, DATA, OpenLog), (DATA, LONGER, OpenSeal),
     (LONGER, DATA, OpenLog), (b"", DATA, OpenSeal)],
)  # fmt: skip
def test_whichever_covers_more_is_opened(
    tmp_path: Path, log: bytes | None, sealed: bytes | None, expected: type
) -> None:
    path = put(tmp_path, log=log, sealed=sealed)
    for name in (path, path.with_suffix(".seal")):
        with closing(open_longest(name)) as file:
            assert isinstance(file, expected)
            assert file.writer == WRITER.hex()
            assert file.end() == max(len(data) for data in (log, sealed) if data is not None)
            (writer,) = writers(tmp_path)
            assert writer.path == file.path and writer.size == covers(file.path) == file.end()
            assert (writer.run, writer.writer, writer.mtime) == (
                RUN.hex(),
                WRITER.hex(),
                writer.path.stat().st_mtime_ns,
            )


def test_neither_log_nor_seal_and_a_log_that_is_sealed_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FileNotFoundError, match="neither a log nor a seal"):
        open_longest(tmp_path / NAME)
    path = put(tmp_path, sealed=DATA)
    monkeypatch.setattr(module, "covers", lambda path: len(DATA) + 1 if path.suffix == ".log" else len(DATA))
    assert isinstance(open_longest(path), OpenSeal)
    with pytest.raises(LogError, match=r"not a log or a seal, by its name: .*notes\.log"):
        OpenLog(tmp_path / "notes.log")


@pytest.mark.parametrize("content", [b"", b"torn", b"AIMSEAL\x03" + bytes(48)])
def test_a_lone_seal_that_cannot_be_read_is_listed_with_its_own_size(tmp_path: Path, content: bytes) -> None:
    (tmp_path / SEAL_NAME).write_bytes(content)
    assert covers(tmp_path / SEAL_NAME) == -1 == covers(tmp_path / NAME)
    assert [(file.path.name, file.size) for file in writers(tmp_path)] == [(SEAL_NAME, len(content))]
    (tmp_path / NAME).write_bytes(b"")
    assert chosen(tmp_path) == [tmp_path / NAME]


def test_a_folder_that_cannot_be_listed_is_an_error_and_a_missing_one_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert writers(tmp_path / "nowhere") == [] == writers(put(tmp_path, log=DATA))

    def refused(path: Path) -> list[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "listdir", refused)
    with pytest.raises(PermissionError):
        writers(tmp_path)


def test_each_record_is_read_by_its_offset_from_log_and_seal(tmp_path: Path) -> None:
    path = put(tmp_path, log=DATA)
    sealed = tmp_path / "sealed" / SEAL_NAME
    sealed.parent.mkdir()
    sealed.write_bytes(seal.encode(DATA))
    whole = {record_there.offset: record_there for record_there in read(DATA)[1]}
    with closing(OpenLog(path)) as log, closing(OpenSeal(sealed)) as closed:
        for offset in (-4, *range(0, len(DATA) + 8), 1 << 62, (1 << 64) - 1):
            assert log.at(offset) == closed.at(offset) == whole.get(offset)
        for kind in (record.OUTPUT, record.OBJECT, record.BLOB):
            there = [record_there for record_there in whole.values() if record_there.kind == kind]
            assert there and list(log.forward(kind)) == list(closed.forward(kind)) == there
            assert list(log.backward(kind)) == list(closed.backward(kind)) == there[::-1]


@pytest.mark.parametrize("size", [1000, 400_000, record.MAX_PAYLOAD])
@pytest.mark.parametrize("inside", [4, 500, 996])
def test_a_record_before_damage_of_any_length(tmp_path: Path, size: int, inside: int) -> None:
    """The windows of a backward reader may begin `inside` the record."""
    draft = Draft()
    draft.add(record.OUTPUT, b"a" * size)
    begin, end = draft.spans()[-1]
    for wide in (1, 2, 5):
        path = tmp_path / f"{wide}" / NAME
        path.parent.mkdir()
        path.write_bytes(bytes(draft.data) + bytes(begin + inside + 2 * wide * record.LONGEST - end))
        with closing(OpenLog(path)) as log:
            assert [record_there.offset for record_there in log.backward(record.OUTPUT)] == [begin]
            assert log.end() == end


def test_the_records_before_an_offset(tmp_path: Path) -> None:
    path = put(tmp_path, log=DATA)
    with closing(OpenLog(path)) as log:
        for number, (begin, _) in enumerate(SPANS[1:], 1):
            earlier, first = log.before(begin)
            assert first == record.HEADER_SIZE and [(entry.offset, entry.end) for entry in earlier] == SPANS[:number]
        earlier, first = log.before(len(DATA), 200)
        assert [(entry.offset, entry.end) for entry in earlier] == [
            span for span in SPANS if span[0] >= len(DATA) - 200
        ]
        assert first == earlier[0].offset and log.size == len(DATA)
    path.write_bytes(DATA[: record.HEADER_SIZE])
    with closing(OpenLog(path)) as log:
        assert log.before(log.size) == ([], record.HEADER_SIZE) and log.end() == record.HEADER_SIZE


def test_a_log_is_read_in_windows_and_a_seal_at_once(tmp_path: Path) -> None:
    path = put(tmp_path, log=DATA)
    size = len(DATA) // 4
    there = list(windows(path, size=size))
    assert b"".join(window.data for window in there) == DATA
    assert [window.offset for window in there] == list(range(0, len(DATA) + 1, size))
    assert [window.final for window in there] == [False] * 4 + [True]
    steps = windows(path, 40, size=100)
    assert next(steps) == (DATA[40:140], 40, False)
    assert steps.send(60) == (DATA[60:160], 60, False)
    assert next(steps) == (DATA[160:260], 160, False)
    assert list(windows(path, len(DATA) - 8, size=100)) == [(DATA[-8:], len(DATA) - 8, True)]
    put(tmp_path, sealed=DATA)
    assert list(windows(tmp_path / SEAL_NAME, 40, size=100)) == [(DATA[40:], 40, True)]


@pytest.mark.parametrize("first", [1, 4, len(SPANS) - 2])
def test_a_part_of_a_log_gives_offsets_of_the_whole(first: int) -> None:
    base = SPANS[first][0]
    wrong = bytearray(DATA)
    wrong[base + 5] ^= 1
    part = Log(Path(NAME), bytes(wrong[base:-1]), base=base)
    assert (part.run, part.writer, part.end, part.size) == (RUN.hex(), WRITER.hex(), base, len(DATA) - 1)
    assert [(entry.offset, entry.end) for entry in part.records(base)] == SPANS[first + 1 : -1]
    if first < len(SPANS) - 2:
        assert part.damage == [Damage(*SPANS[first])]
        assert (part.end, part.torn) == (SPANS[-1][0], len(DATA) - 1 - SPANS[-1][0])


def test_the_head_of_a_log_knows_the_size_of_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_HEAD", SPANS[2][1])
    head = Log.head(put(tmp_path, log=DATA))
    assert (head.size, len(head.data)) == (len(DATA), SPANS[2][1])
    start = head.start()
    assert start is not None and start["role"] == "main"
    sealed = Log.head(put(tmp_path, sealed=DATA).with_suffix(".seal"))
    assert (sealed.size, sealed.start()) == (len(DATA), start)
    assert Log(Path(NAME), DATA[:40]).start() is None
