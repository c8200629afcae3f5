from __future__ import annotations

import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aim.log import record
from tests.log.logs import RUN, WRITER

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
    found = record.unpack_point(payload)
    assert (found.series, found.step) == (series, step)
    assert found.epoch is not None and isinstance(found.value, float)
    assert struct.pack("<ddd", found.value, found.time, found.epoch) == struct.pack("<ddd", value, time, epoch)


@given(value=st.one_of(INT64, st.booleans()))
def test_points_of_ints_and_bools_keep_their_type(value: int) -> None:
    kind = record.BOOL if isinstance(value, bool) else record.INT
    found = record.unpack_point(record.INT_POINT_STRUCT.pack(7 | kind << 28, 1, int(value), 2.0, math.nan))
    assert found.value == value and type(found.value) is type(value)
    assert found.epoch is None, "an epoch that was not given is None, not NaN"


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


def test_json_keeps_what_is_no_number_and_no_unicode() -> None:
    found = record.decode_json(record.encode_json({"a": math.nan, "b": -math.inf, "c": "file\udc80"}))
    assert math.isnan(found["a"]) and found["b"] == -math.inf
    assert found["c"] == "file\udc80", "a file name that is no UTF-8 is kept"


@given(number=st.integers(0, record.MAX_SERIES - 1), name=st.text(), context=st.dictionaries(st.text(), st.integers()))
def test_series_come_back(number: int, name: str, context: dict[str, Any]) -> None:
    assert record.decode_series(record.encode_series(number, name, context)) == (number, name, context)


@pytest.mark.parametrize("size", [record.MAX_PAYLOAD + 4, 2 << 20, 5, 3])
def test_a_payload_that_the_word_cannot_hold_is_refused(size: int) -> None:
    """Its length would run into the type, and everything behind it be lost."""
    with pytest.raises(ValueError, match=f"{size:,} bytes"):
        record.pack(record.EDIT, b" " * size, 0, 40)


def test_the_longest_payload_is_taken() -> None:
    assert len(record.pack(record.EDIT, b" " * record.MAX_PAYLOAD, 0, 40)) == record.MAX_PAYLOAD + 8
