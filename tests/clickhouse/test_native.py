"""The Native format: every type there and back, blocks joined, and answers that are cut."""

from __future__ import annotations

import numpy as np
import pytest

from aim.clickhouse import native
from aim.engine import EngineError

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
