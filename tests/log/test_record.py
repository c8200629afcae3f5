from __future__ import annotations

import math
import re
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aim.log import record
from tests.log.logs import RUN, WRITER, Draft, small

HEADER = record.pack_header(RUN, WRITER)
INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
FLOATS = st.floats(allow_nan=True, allow_infinity=True)


def test_a_header_gives_its_ids_back() -> None:
    assert len(HEADER) == record.HEADER_SIZE
    assert record.unpack_header(HEADER) == (RUN, WRITER)


def test_a_header_with_one_wrong_bit_is_not_believed() -> None:
    for bit in range(36 * 8):
        wrong = bytearray(HEADER)
        wrong[bit // 8] ^= 1 << bit % 8
        assert record.unpack_header(bytes(wrong)) is None, bit


def test_a_torn_header_is_not_believed() -> None:
    for size in range(record.HEADER_SIZE):
        assert record.unpack_header(HEADER[:size]) is None, size


def test_the_word_of_a_point_is_the_one_on_the_page() -> None:
    assert record.POINT_WORD == 0xA0300024
    assert record.POINT_SIZE == 44


@given(series=st.integers(0, record.MAX_SERIES - 1), step=INT64, value=FLOATS, time=FLOATS, epoch=FLOATS)
def test_points_of_floats_come_back_bit_by_bit(series: int, step: int, value: float, time: float, epoch: float) -> None:
    payload = record.POINT_STRUCT.pack(series | record.HAS_EPOCH << 28, step, value, time, epoch)
    point = record.unpack_point(payload)
    assert (point.series, point.step) == (series, step)
    assert point.epoch is not None and isinstance(point.value, float)
    assert struct.pack("<ddd", point.value, point.time, point.epoch) == struct.pack("<ddd", value, time, epoch)


@given(value=st.one_of(INT64, st.booleans()))
def test_points_of_ints_and_bools_keep_their_type(value: int) -> None:
    kind = record.BOOL if isinstance(value, bool) else record.INT
    point = record.unpack_point(record.INT_POINT_STRUCT.pack(7 | kind << 28, 1, int(value), 2.0, math.nan))
    assert point.value == value and type(point.value) is type(value)
    assert point.epoch is None, "an epoch that was not given is None, not NaN"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(value=JSON)
def test_json_is_padded_and_comes_back(value: Any) -> None:
    payload = record.encode_json(value)
    assert len(payload) % 4 == 0
    assert record.decode_json(payload) == value


def test_json_keeps_nan_and_invalid_unicode() -> None:
    decoded = record.decode_json(record.encode_json({"a": math.nan, "b": -math.inf, "c": "file\udc80"}))
    assert math.isnan(decoded["a"]) and decoded["b"] == -math.inf
    assert decoded["c"] == "file\udc80", "a file name that is no UTF-8 is kept"


@given(number=st.integers(0, record.MAX_SERIES - 1), name=st.text(), context=st.dictionaries(st.text(), st.integers()))
def test_series_come_back(number: int, name: str, context: dict[str, Any]) -> None:
    assert record.decode_series(record.encode_series(number, name, context)) == (number, name, context)


@pytest.mark.parametrize("size", [record.MAX_PAYLOAD + 4, 2 << 20, 5, 3])
def test_a_payload_that_the_word_cannot_hold_is_refused(size: int) -> None:
    """Its length would overwrite the type, and everything after it would be lost."""
    with pytest.raises(ValueError, match=f"{size:,} bytes"):
        record.pack(record.EDIT, b" " * size, 0, 40)


def test_the_longest_payload_is_taken() -> None:
    assert len(record.pack(record.EDIT, b" " * record.MAX_PAYLOAD, 0, 40)) == record.MAX_PAYLOAD + 8


SEED = record.seed(RUN, WRITER)


def test_a_record_holds_as_much_as_its_word_can_say() -> None:
    assert (record.MAX_PAYLOAD, record.LONGEST) == (0xFFFFC, 0x100004)
    packed = record.pack(record.BLOB, bytes(record.MAX_PAYLOAD), SEED, 0)
    assert len(packed) == record.size_at(packed) == record.LONGEST
    assert record.at(packed, 0, SEED) == (0, record.BLOB, bytes(record.MAX_PAYLOAD))
    for size in (record.MAX_PAYLOAD + 4, 5):
        with pytest.raises(ValueError, match="do not fit in one record"):
            record.pack(record.BLOB, bytes(size), SEED, 0)


def test_a_record_is_read_only_at_its_beginning() -> None:
    draft = small()
    data = bytes(draft.data)
    for place in range(len(data) + 1):
        entry = record.at(data, place, SEED)
        assert (entry is not None) == (place in draft.offsets), place
        assert entry is None or entry.offset == place
        assert record.at(data[40:], place - 40, SEED, 40) == entry
        assert record.at(data, place, SEED + 1) is None


def test_a_truncated_record_is_not_read() -> None:
    draft = Draft().add(record.END, b"").point(0, 0, 0.5)
    for begin, end in draft.spans():
        for cut in range(begin, end):
            assert record.at(bytes(draft.data[:cut]), begin, SEED) is None
            assert record.next_good(bytes(draft.data[begin:cut]), 0, SEED, begin) is None
        assert record.next_good(bytes(draft.data[begin:end]), 0, SEED, begin) == 0


def test_a_record_whose_length_is_not_a_multiple_of_four_is_not_read() -> None:
    for length in (1, 2, 3, 5):
        body = record.word(record.END, length).to_bytes(4, "little") + bytes(length)
        data = record.signed(body, SEED, 40)
        assert record.at(data, 0, SEED, 40) is None and record.next_good(data, 0, SEED, 40) is None


@pytest.mark.parametrize("gap", [4, 8, (1 << 18) - 8, (1 << 18) - 4, 1 << 18, (1 << 18) + 4, 3 << 18])
@pytest.mark.parametrize("base", [0, 400])
def test_the_next_record_is_found_at_any_distance(gap: int, base: int) -> None:
    """The last record takes 8 bytes, the minimum for a record."""
    data = bytes(gap) + record.pack(record.END, b"", SEED, base + gap)
    for place in range(0, gap + 1, gap):
        assert record.next_good(data, place, SEED, base) == gap
    assert record.next_good(data, gap + 4, SEED, base) is None
    assert list(record.walk(data, 0, SEED, base)) == [(base, base + gap), (base + gap, record.END, b"")]


def test_walking_begins_at_a_place_and_ends_with_the_data() -> None:
    draft = Draft().start().add(record.END, b"").add(record.END, b"")
    data = bytes(draft.data)
    assert [entry[0] for entry in record.walk(data, draft.offsets[1], SEED)] == draft.offsets[1:]
    assert list(record.walk(data, len(data), SEED)) == []


def test_only_a_start_record_with_an_object_is_a_start() -> None:
    content = {"role": "main"}
    cases = [(record.START, content, content), (record.END, content, None), (record.START, [content], None)]
    for kind, value, expected in cases:
        assert record.decode_start(record.Record(40, kind, record.encode_json(value))) == expected
    assert record.decode_start(None) is None


def test_a_series_says_what_its_values_are() -> None:
    assert record.kind_of_series(record.encode_series(3, "n", {"a": 1}, "text")) == "text"
    assert record.kind_of_series(record.encode_series(3, "n", {"a": 1})) == ""
    assert record.decode_series(record.encode_series(3, "n", {"a": 1}, "text")) == (3, "n", {"a": 1})


def test_only_the_codec_takes_the_word_of_a_record_apart() -> None:
    """A mask or shift of the word in another module would be a second parser; that of points in bulk compares words."""
    apart = re.compile(r"0xFFFFF\b|>> 20 & |>> 28 (?:==|!=) 0xA|<< 20 \|")
    package = Path(record.__file__).parent.parent
    there = [path.relative_to(package).as_posix() for path in package.rglob("*.py") if apart.search(path.read_text())]
    assert there == ["log/record.py"]


def test_frames_are_the_records_that_are_not_points_and_the_place_where_none_begins() -> None:
    draft = Draft().start().series(0, "loss").point(0, 0, 0.5).point(0, 1, 0.25).add(record.END, b"{}  ")
    data = bytes(draft.data)
    whole = list(record.frames(data, record.HEADER_SIZE))
    assert [kind for _, _, kind in whole] == [record.START, record.SERIES, record.END, None]
    assert whole[2][0] - whole[1][1] == 2 * record.POINT_SIZE and whole[-1][:2] == (len(data), len(data))
    assert list(record.frames(data[:-1], record.HEADER_SIZE))[-1] == (whole[2][0], whole[2][0], None)
