"""ClickHouse's Native format: blocks of columns, to and from numpy.

    block = varint columns, varint rows, columns x (text name, text type, values)

Numbers are little-endian arrays. A text is a varint length and bytes. A Nullable column has a byte for each row before
its values, which is 1 for NULL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from aim.engine import Columns
from aim.errors import EngineError

Array = npt.NDArray[Any]
_NUMBERS = {
    **{f"Int{bits}": f"<i{bits // 8}" for bits in (8, 16, 32, 64)},
    **{f"UInt{bits}": f"<u{bits // 8}" for bits in (8, 16, 32, 64)},
    "Float64": "<f8",
}  # fmt: skip
_NULLABLE = "Nullable("


def encode(columns: Mapping[str, Array], types: Mapping[str, str]) -> bytes:
    """One block; `types` orders the columns."""
    rows = len(next(iter(columns.values())))
    parts = [_varint(len(types)), _varint(rows)]
    for name, kind in types.items():
        parts += [_text(name), _text(kind), _values(columns[name], kind)]
    return b"".join(parts)


def _values(column: Array, kind: str) -> bytes:
    if kind.startswith(_NULLABLE):
        nulls = np.fromiter((value is None for value in column.tolist()), np.uint8, len(column))
        filled = np.array(["" if value is None else value for value in column.tolist()], object)
        return nulls.tobytes() + _values(filled, kind[len(_NULLABLE) : -1])
    if kind == "String":
        return _texts(column.tolist())
    return column.astype(_NUMBERS[kind], copy=False).tobytes()


def _texts(values: Sequence[str]) -> bytes:
    """Equal texts are often neighbors, as in columns that are sorted."""
    parts: list[bytes] = []
    before: str | None = None
    encoded = b""
    for value in values:
        if value is not before and value != before:
            before, encoded = value, _text(value)
        parts.append(encoded)
    return b"".join(parts)


def _text(value: str) -> bytes:
    encoded = value.encode("utf-8", "backslashreplace")  # of a path, half a character
    return _varint(len(encoded)) + encoded


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def decode(data: bytes | bytearray) -> Columns:
    """All blocks of an answer as one table. Raises EngineError for anything else."""
    try:
        return _Reader(data).table()
    except (IndexError, ValueError, KeyError) as error:
        what = f"{type(error).__name__}: {error}"
        raise EngineError(
            f"the answer of ClickHouse cannot be read ({what:.100}); is it behind another server?"
        ) from error


class _Reader:
    def __init__(self, data: bytes | bytearray) -> None:
        self.data = data
        self.at = 0

    def table(self) -> Columns:
        parts: dict[str, list[Array]] = {}
        while self.at < len(self.data):
            columns, rows = self.number(), self.number()
            for _ in range(columns):
                name, kind = self.text(), self.text()
                if rows > len(self.data) - self.at:
                    raise ValueError("it is cut")
                parts.setdefault(name, []).append(self.values(kind, rows))
        made = {name: some[0] if len(some) == 1 else np.concatenate(some) for name, some in parts.items()}
        if len({len(values) for values in made.values()}) > 1:
            raise ValueError("its columns differ in length")
        return made

    def values(self, kind: str, rows: int) -> Array:
        if kind.startswith(_NULLABLE):
            nulls = self.array("<u1", rows)
            values = self.plain(kind[len(_NULLABLE) : -1], rows)
            if values.dtype != object:
                values = values.astype(np.float64)
            values[nulls == 1] = None if values.dtype == object else np.nan
            return values
        return self.plain(kind, rows)

    def plain(self, kind: str, rows: int) -> Array:
        return self.texts(rows) if kind == "String" else self.array(_NUMBERS[kind], rows)

    def array(self, kind: str, rows: int) -> Array:
        values = np.frombuffer(self.data, kind, rows, self.at)
        self.at += values.nbytes
        return values

    def texts(self, rows: int) -> Array:
        made = np.empty(rows, object)
        data, at, known = self.data, self.at, dict[bytes, str]()
        for row in range(rows):
            length = data[at]
            at += 1
            if length > 127:
                self.at = at - 1
                length = self.number()
                at = self.at
            part = bytes(data[at : at + length])
            at += length
            text = known.get(part)
            if text is None:
                text = known[part] = part.decode("utf-8", "replace")
            made[row] = text
        if at > len(data):
            raise ValueError("a text is cut")
        self.at = at
        return made

    def text(self) -> str:
        length = self.number()
        self.at += length
        if self.at > len(self.data):
            raise ValueError("it is cut")
        return self.data[self.at - length : self.at].decode()

    def number(self) -> int:
        number = 0
        for shift in range(0, 64, 7):
            byte = self.data[self.at]
            self.at += 1
            number |= (byte & 127) << shift
            if byte < 128:
                return number
        raise ValueError("a number is too large")
