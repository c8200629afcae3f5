"""The Native format: every type there and back, blocks joined, and answers that are cut."""

from __future__ import annotations

import numpy as np
import pytest

from aim.clickhouse import native
from aim.errors import EngineError

COLUMNS = {
    "whole": np.array([-(2**62), 0, 7]), "small": np.array([1, -2, 3], np.int32), "flag": np.array([1, 0, 1], np.uint8),
    "real": np.array([0.1, np.nan, -np.inf]), "text": np.array(["", "ä" * 100, "b\n'\\"], object),
    "maybe": np.array([None, "", "x"], object),
}  # fmt: skip
TYPES = {
    "whole": "Int64", "small": "Int32", "flag": "UInt8", "real": "Float64", "text": "String",
    "maybe": "Nullable(String)",
}  # fmt: skip


def test_every_type_returns_as_it_was() -> None:
    block = native.encode(COLUMNS, TYPES)
    for data, times in ((block, 1), (block + block, 2)):
        for name, column in native.decode(data).items():
            np.testing.assert_array_equal(column, np.concatenate([COLUMNS[name]] * times))


def test_half_a_character_of_a_path_is_written_as_text() -> None:
    block = native.encode({"a": np.array(["/home/\udce4"], object)}, {"a": "String"})
    assert native.decode(block)["a"].tolist() == ["/home/\\udce4"]


def test_no_rows() -> None:
    assert native.decode(b"") == {}
    empty = native.decode(native.encode({"a": np.empty(0)}, {"a": "Float64"}))
    assert list(empty) == ["a"] and len(empty["a"]) == 0


@pytest.mark.parametrize("cut", range(1, len(native.encode(COLUMNS, TYPES)), 7))
def test_a_cut_answer_is_refused(cut: int) -> None:
    with pytest.raises(EngineError, match="cannot be read"):
        native.decode(native.encode(COLUMNS, TYPES)[:-cut])


def test_another_type_is_refused() -> None:
    with pytest.raises(EngineError, match="Decimal"):
        native.decode(b"\x01\x01\x01a\x07Decimal\x00")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"\x01\xff\xff\xff\xff\xff\x7f\x01a\x06String", "cut"),
        (b"\x01\xff\xff\xff\xff\xff\x7f\x01a\x10Nullable(String)", "cut"),
        (b"\x01\xff\xff\xff\xff\xff\x7f\x01a\x05Int64", "cut"),
        (b"\x01\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x01a\x06String", "cut"),
        (b"\x01\xff\xff\xff\xff\xff\x7f\xff\xff\xff\x7f", "cut"),
        (b"\x80" * 100_000, "too large"),
        (b"\x01\x01\x01a\xa8\xc3\x01" + b"Nullable(" * 2900 + b")" * 2900, "Nullable"),
        (native.encode({"a": np.ones(2)}, {"a": "Float64"}) * 2 + b"\x01\x01\x01b\x05UInt8\x01", "length"),
    ],
)
def test_an_answer_that_claims_too_much_is_refused(answer: bytes, words: str) -> None:
    with pytest.raises(EngineError, match=words):
        native.decode(answer)
