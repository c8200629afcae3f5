"""Embeddings: vectors and their labels. The server projects them. docs/format/media.md describes the bytes."""

from __future__ import annotations

import json
import struct
from typing import Any, NamedTuple

from aim.media.figure import Figure
from aim.media.labels import labels_in
from aim.media.media import caption, fill, refused_if_unread
from aim.media.points import floats, matrix
from aim.plain import text_of

MAGIC = b"AIME"
MAX_VECTORS = 100_000
MAX_NUMBERS = 8_000_000
MAX_LABEL = 200
_head = struct.Struct("<4sIII")


class Vectors(NamedTuple):
    """`numbers` are 32-bit floats, little-endian; `labels` are empty, or one for each vector."""

    numbers: bytes
    rows: int
    width: int
    labels: list[str]


class Embedding(Figure):
    """Vectors, which the page projects to two or three dimensions.

    - `vectors`: an array, tensor or list with a row for each vector; one from a scipy matrix by `.toarray()`.
    - `labels`: a text or number for each vector, cut at 200 characters. Vectors with equal labels get one color.
    - `caption`: text, cut at 20,000 characters.

    2 to 100,000 vectors of 2 numbers and more, at most 8,000,000 numbers. Raises ValueError or TypeError for others.
    """

    def __init__(self, vectors: Any, labels: Any = None, caption: str = "") -> None:
        with refused_if_unread("an embedding", vectors):
            rows = matrix(vectors.toarray() if hasattr(vectors, "toarray") else vectors, "vectors", None)
            width = rows.shape[1] if hasattr(rows, "shape") else len(rows[0]) if rows else 0
            if not (2 <= len(rows) <= MAX_VECTORS and width >= 2 and len(rows) * width <= MAX_NUMBERS):
                raise ValueError(
                    f"{len(rows):,} vectors of {width:,} numbers cannot be recorded; pass 2 to {MAX_VECTORS:,} vectors "
                    f"of 2 or more numbers, {MAX_NUMBERS:,} numbers at most: a sample of them"
                )
            numbers = floats(rows, "vectors", width)
            named = [] if labels is None else [text_of(label)[:MAX_LABEL] for label in labels_in(labels, "labels")]
            if named and len(named) != len(rows):
                raise ValueError(f"there are {len(named):,} labels for {len(rows):,} vectors; pass one for each")
        fill(self, *encode(Vectors(numbers, len(rows), width, named), caption))

    @property
    def labels(self) -> list[str]:
        return decode(self.data).labels

    @property
    def vectors(self) -> list[tuple[float, ...]]:
        known = decode(self.data)
        return list(struct.iter_unpack(f"<{known.width}f", known.numbers))


def encode(vectors: Vectors, text: str = "") -> tuple[bytes, dict[str, Any]]:
    told = json.dumps({"labels": vectors.labels}, separators=(",", ":")).encode() if vectors.labels else b""
    data = _head.pack(MAGIC, vectors.rows, vectors.width, len(told)) + vectors.numbers + told
    about = {"format": "embedding", "vectors": vectors.rows, "dimensions": vectors.width}
    return data, {**about, "caption": caption(text)}


def decode(data: bytes) -> Vectors:
    """Raises ValueError or struct.error if the bytes are not an embedding."""
    magic, count, width, told = _head.unpack_from(data)
    end = _head.size + 4 * count * width
    if magic != MAGIC or not count or not width or len(data) != end + told:
        raise ValueError(f"{len(data):,} bytes do not hold {count:,} vectors of {width:,} numbers")
    labels = json.loads(data[end:])["labels"] if told else []
    if not isinstance(labels, list) or len(labels) not in (0, count):
        raise ValueError(f"there are not as many labels as the {count:,} vectors")
    return Vectors(data[_head.size : end], count, width, [str(label) for label in labels])
