"""What a run printed: kept within bounds, read from any place in both directions, found by its text."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aim.errors import LogError
from aim.log import output, record, seal
from aim.log.output import (
    LIMIT,
    MAX_PIECE,
    SKIPPED,
    STDERR,
    STDOUT,
    TAIL,
    Output,
    OutputReader,
    Piece,
    Recorder,
    Transcript,
)
from aim.log.search import Search
from tests.log.logs import NAME, RUN, WRITER, Draft

OTHER = bytes(range(0xB0, 0xB8))
ROOT = Path(__file__).parents[2]


def wrote(folder: Path, draft: Draft, name: str = NAME) -> Path:
    path = folder / name
    path.write_bytes(draft.data)
    return path


def printed(count: int, *, writer: bytes = WRITER, every: int = 1, first: float = 0.0) -> Draft:
    """A log with `count` lines of output among other records."""
    draft = Draft(RUN, writer).start(role="output")
    for i in range(count):
        draft.add(record.OUTPUT, output.encode(1 + i % 2, first + i * every, b"line %d\n" % i * (1 + i % 7)))
        if i % 50 == 0:
            draft.json(record.PARAMS, {"stamp": i, "value": {"x": "y" * (i % 900)}})
    return draft.end()


def texts(pieces: list[Piece]) -> list[bytes]:
    return [piece.output.data for piece in pieces]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 1000, MAX_PIECE])
def test_encoding_and_decoding_are_inverse(size: int) -> None:
    data = bytes(i % 251 for i in range(size))
    payload = output.encode(STDERR, 12.5, data)
    assert len(payload) % 4 == 0
    assert output.decode(payload) == Output(12.5, STDERR, data)


@pytest.mark.parametrize("payload", [b"", b"\xff\xff\xff\x1f" + bytes(8), b"short"])
def test_invalid_payloads_decode_to_none(payload: bytes) -> None:
    assert output.decode(payload) is None


def test_a_piece_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="65,537 bytes do not fit"):
        output.encode(STDOUT, 0.0, bytes(MAX_PIECE + 1))


@pytest.mark.parametrize("count", [0, 1, 3, 5000])
def test_forwards_and_backwards_give_the_same_pieces(tmp_path: Path, count: int) -> None:
    draft = printed(count)
    reader = OutputReader(wrote(tmp_path, draft))
    there = list(reader.forward())
    assert [piece.output.time for piece in there] == list(range(count))
    assert list(reader.backward()) == there[::-1]
    assert reader.end() == len(draft.data)
    for piece in there[:: max(1, count // 7)]:
        assert next(reader.forward(piece.start)) == piece
        assert next(reader.backward(piece.end)) == piece
    reader.close()


def test_a_sealed_log_gives_the_same(tmp_path: Path) -> None:
    draft = printed(200)
    reader = OutputReader(wrote(tmp_path, draft))
    sealed = tmp_path / NAME.replace(".log", ".seal")
    sealed.write_bytes(seal.encode(bytes(draft.data)))
    closed = OutputReader(sealed)
    there = list(reader.forward())
    assert list(closed.forward()) == there and list(closed.backward()) == there[::-1]
    assert closed.end() == reader.end() and seal.decode(sealed.read_bytes()) == bytes(draft.data)
    for piece in there[::17]:
        assert list(closed.forward(piece.start)) == list(reader.forward(piece.start))
        assert list(closed.backward(piece.end)) == list(reader.backward(piece.end))
    reader.close()


def test_a_log_with_very_many_pieces_is_not_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "MOST_VALUES", 100)
    with pytest.raises(LogError, match="more than 100 pieces of output or media, so it is not sealed"):
        seal.encode(bytes(printed(200).data))


def test_reading_begins_anywhere_and_continues_after_damage(tmp_path: Path) -> None:
    draft = printed(3000)
    whole = wrote(tmp_path, draft)
    reader = OutputReader(whole)
    there = list(reader.forward())
    rng = random.Random(7)
    for _ in range(50):
        offset = rng.randrange(len(draft.data))
        assert list(reader.forward(offset)) == [piece for piece in there if piece.start >= offset]
        assert list(reader.backward(offset)) == [piece for piece in there[::-1] if piece.end <= offset]
    reader.close()
    hit = there[1234]
    draft.data[hit.start + 9] ^= 1
    reader = OutputReader(wrote(tmp_path, draft))
    rest = [piece for piece in there if piece is not hit]
    assert list(reader.forward()) == rest
    assert list(reader.backward()) == rest[::-1]
    reader.close()


def test_three_megabytes_of_garbage_are_skipped_in_both_directions(tmp_path: Path) -> None:
    draft = Draft().start(role="output")
    for i in range(6):
        if i == 3:
            draft.data += random.Random(1).randbytes(3 << 20)
        draft.add(record.OUTPUT, output.encode(STDOUT, float(i), b"around"))
    reader = OutputReader(wrote(tmp_path, draft))
    assert [piece.output.time for piece in reader.forward()] == [0, 1, 2, 3, 4, 5]
    assert [piece.output.time for piece in reader.backward()] == [5, 4, 3, 2, 1, 0]
    reader.close()


def test_a_torn_tail_is_read_once_it_is_complete(tmp_path: Path) -> None:
    draft = printed(20)
    end = draft.offsets[-1]
    path = tmp_path / NAME
    path.write_bytes(draft.data[: end + 5])
    reader = OutputReader(path)
    assert reader.end() == end
    path.write_bytes(draft.data)
    assert reader.end() == len(draft.data)
    reader.close()


def test_writers_are_merged_by_time(tmp_path: Path) -> None:
    even = wrote(tmp_path, printed(100, every=2))
    odd = wrote(tmp_path, printed(100, writer=OTHER, every=2, first=1.0), f"{RUN.hex()}-{OTHER.hex()}.log")
    with Transcript([even, odd]) as transcript:
        there = list(transcript.forward())
        assert [piece.output.time for piece in there] == list(range(200))
        assert list(transcript.backward()) == there[::-1]
        cut: dict[str, int] = {}
        for piece in there[:77]:
            cut[piece.writer] = piece.end
        assert list(transcript.forward(cut)) == there[77:]
        assert list(transcript.backward(cut)) == there[76::-1]
        assert output.read_cursor(output.write_cursor(cut)) == cut
        assert list(transcript.forward(transcript.ends())) == []


@pytest.mark.parametrize("text", ["", "x", "0123456789abcdef", "0123456789abcdef.x", "0123456789abcdef.1-", "../etc"])
def test_an_invalid_cursor(text: str) -> None:
    with pytest.raises(ValueError, match="is not a cursor"):
        output.read_cursor(text)


class Kept:
    """Records in memory, refused while `full`."""

    def __init__(self) -> None:
        self.outputs: list[Output] = []
        self.full = False

    def append(self, kind: int, payload: bytes) -> bool:
        decoded = output.decode(payload)
        assert kind == record.OUTPUT and decoded is not None
        if not self.full:
            self.outputs.append(decoded)
        return not self.full

    def text(self) -> bytes:
        return b"".join(piece.data for piece in self.outputs if piece.stream != SKIPPED)


def test_output_within_the_limit_is_kept_unchanged() -> None:
    kept = Kept()
    recorder = Recorder(kept.append)
    recorder.take(STDOUT, b"one\n")
    recorder.take(STDERR, b"\xff\xfe two\r")
    recorder.take(STDOUT, bytes(3 * MAX_PIECE))
    recorder.close()
    assert [(entry.stream, len(entry.data)) for entry in kept.outputs] == [
        (STDOUT, 4), (STDERR, 7), (STDOUT, MAX_PIECE), (STDOUT, MAX_PIECE), (STDOUT, MAX_PIECE),
    ]  # fmt: skip
    assert recorder.limit == LIMIT


def test_output_of_one_moment_is_one_piece() -> None:
    kept = Kept()
    recorder = Recorder(kept.append, hold=60)
    for stream, data in ((1, b"a"), (1, b"b"), (2, b"c"), (1, b"d")):
        recorder.take(stream, data)
    assert [entry.data for entry in kept.outputs] == [b"ab", b"c"] and recorder.holds
    recorder.flush()
    recorder.take(STDOUT, bytes(MAX_PIECE + 1))
    recorder.take(STDOUT, b"e")
    recorder.close()
    assert [len(entry.data) for entry in kept.outputs] == [2, 1, 1, MAX_PIECE, 1, 1]


def test_pieces_end_after_whole_characters() -> None:
    kept = Kept()
    recorder = Recorder(kept.append)
    data = "aéß€😀z".encode() * 3
    for i in range(len(data)):
        recorder.take(STDOUT, data[i : i + 1])
    recorder.close()
    assert kept.text() == data
    for entry in kept.outputs:
        entry.data.decode()


def test_a_character_that_never_ends_is_kept_at_the_end() -> None:
    kept = Kept()
    recorder = Recorder(kept.append)
    recorder.take(STDOUT, b"a\xf0\x9f")
    assert kept.text() == b"a"
    recorder.close()
    assert kept.text() == b"a\xf0\x9f"


def test_beyond_the_limit_only_the_end_is_kept_with_a_note_of_the_gap() -> None:
    kept = Kept()
    recorder = Recorder(kept.append, limit=10_000)
    lines = [b"%06d\n" % i for i in range(50_000)]
    for line in lines:
        recorder.take(STDOUT, line)
    head = kept.text()
    assert kept.outputs[-1].stream == SKIPPED and kept.outputs[-1].skipped == 0
    recorder.close()
    everything = b"".join(lines)
    assert everything.startswith(head) and 2000 < len(head) <= 10_000
    tail = kept.text()[len(head) :]
    assert everything.endswith(tail) and len(tail) == TAIL
    assert [entry.time for entry in kept.outputs] == sorted(entry.time for entry in kept.outputs)
    (note,) = [entry for entry in kept.outputs if entry.stream == SKIPPED and entry.skipped]
    assert note.skipped == len(everything) - len(head) - len(tail)
    assert sum(len(entry.data) + 20 for entry in kept.outputs) < 10_000 + TAIL + 20 * (TAIL // 7 + 10)


def test_output_refused_by_a_full_disk_is_noted() -> None:
    kept = Kept()
    recorder = Recorder(kept.append)
    recorder.take(STDOUT, b"before\n")
    kept.full = True
    recorder.take(STDOUT, b"lost\n")
    recorder.take(STDERR, b"too\n")
    kept.full = False
    recorder.take(STDOUT, b"after\n")
    assert [(entry.stream, entry.skipped or entry.data) for entry in kept.outputs] == [
        (STDOUT, b"before\n"), (SKIPPED, 9), (STDOUT, b"after\n"),
    ]  # fmt: skip


# Search


def searched(folder: Path, pieces: list[tuple[int, bytes]], text: str, **options: object) -> list[str]:
    draft = Draft().start(role="output")
    for i, (stream, data) in enumerate(pieces):
        draft.add(record.OUTPUT, output.encode(stream, float(i), data))
    with Transcript([wrote(folder, draft)]) as transcript:
        search = Search(text, **options)  # type: ignore[arg-type]
        places = search.places(transcript)
        assert search.next is None
        for place in places:
            at = next(transcript.forward(place.cursor))
            assert at.output.time == place.time and at.output.stream == place.stream
        return [place.line for place in places]


FINDS = [
    ("loss", [(1, b"epoch 1 loss 0.5\nacc 3\n")], {}, ["epoch 1 loss 0.5"]),
    ("LOSS", [(1, b"Loss\n")], {}, ["Loss"]),
    ("LOSS", [(1, b"Loss\n")], {"case": True}, []),
    ("across", [(1, b"it goes acr"), (1, b"oss pieces\n")], {}, ["it goes across pieces"]),
    ("across", [(1, b"it goes acr"), (2, b"oss streams\n")], {}, []),
    ("both", [(1, b"bo"), (2, b"other\n"), (1, b"th\n")], {}, ["both"]),
    ("red word", [(1, b"a \x1b[31mred\x1b[0m word\n")], {}, ["a red word"]),
    ("50%", [(2, b"\r 10%\r 50%\r100%\n")], {}, [" 50%"]),
    ("open", [(1, b"an open line")], {}, ["an open line"]),
    ("x", [(1, b"x\n"), (2, b"x\n")], {"stream": STDERR}, ["x"]),
    ("\xfc", ([(1, "\xfcber\n".encode())]), {}, ["\xfcber"]),
    ("in the middle", [(1, b"<" * 500 + b"in the middle" + b">" * 500)], {}, ["<" * 143 + "in the middle" + ">" * 144]),
    ("at first", [(1, b"at first" + b">" * 500)], {}, ["at first" + ">" * 292]),
]  # fmt: skip


@pytest.mark.parametrize("text, pieces, options, lines", FINDS)
def test_text_is_found_as_a_person_sees_it(
    tmp_path: Path, text: str, pieces: list[tuple[int, bytes]], options: dict[str, object], lines: list[str]
) -> None:
    assert searched(tmp_path, pieces, text, **options) == lines


def test_a_search_continues_where_it_stopped(tmp_path: Path) -> None:
    draft = Draft().start(role="output")
    for i in range(100):
        draft.add(record.OUTPUT, output.encode(STDOUT, float(i), b"needle %d\nhalf a nee" % i if i % 2 else b"dle\n"))
    lines, cursor = [], None
    with Transcript([wrote(tmp_path, draft)]) as transcript:
        while True:
            search = Search("needle")
            lines += [place.line for place in search.places(transcript, cursor, most=7)]
            if search.next is None:
                break
            assert search.next != cursor
            cursor = search.next
    assert {f"needle {i}" for i in range(1, 100, 2)} <= set(lines)
    assert lines.count("half a needle") >= 49


def test_a_long_line_is_shown_around_the_text(tmp_path: Path) -> None:
    (line,) = searched(tmp_path, [(1, b"a" * 5000 + b"here" + b"b" * 5000 + b"\n")], "here")
    assert len(line) == 300 and "here" in line


# A file of the released format, written once

(GOLDEN,) = (ROOT / "tests" / "golden" / "output-v1").glob("*.log")
SHA256 = "24156ee0cc7704c2c28a152e5ac74a7f3f83cd763275fac3d17fbd242fe6d326"
EXPECTED: list[dict[str, Any]] = json.loads(GOLDEN.with_name("expected.json").read_text(encoding="utf-8"))


def test_the_golden_file_is_read_as_it_was_written() -> None:
    assert hashlib.sha256(GOLDEN.read_bytes()).hexdigest() == SHA256
    reader = OutputReader(GOLDEN)
    read_back = [
        {"start": piece.start, "end": piece.end, "stream": piece.output.stream, "time": piece.output.time,
         "bytes": piece.output.data.hex(), "skipped": piece.output.skipped}
        for piece in reader.forward()
    ]  # fmt: skip
    reader.close()
    assert read_back == EXPECTED
    assert output.is_output(GOLDEN)


def test_this_version_still_writes_those_bytes() -> None:
    for entry in EXPECTED:
        payload = output.encode(entry["stream"], entry["time"], bytes.fromhex(entry["bytes"]))
        packed = record.pack(record.OUTPUT, payload, record.seed(RUN, WRITER), entry["start"])
        assert GOLDEN.read_bytes()[entry["start"] : entry["end"]] == packed


def test_a_reader_written_from_the_page_alone_agrees() -> None:
    reader = ROOT / "docs" / "format" / "read_log.py"
    printed = subprocess.run([sys.executable, "-I", "-S", str(reader), str(GOLDEN)], capture_output=True, check=True)
    lines = [json.loads(line) for line in printed.stdout.splitlines()]
    theirs = [{"start": line["offset"], **line["content"]} for line in lines if line["type"] == record.OUTPUT]
    assert theirs == [{name: entry[name] for name in ("start", "stream", "time", "bytes")} for entry in EXPECTED]
    (message,) = [line["content"] for line in lines if line["type"] == record.MESSAGE]
    assert (message["level"], message["params"]["n"]) == ("warning", 3)
