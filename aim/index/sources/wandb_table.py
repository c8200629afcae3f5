"""Tables in files of W&B, as Aim keeps tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aim.deadline import checked
from aim.log import bounds
from aim.media.columns import mixed
from aim.media.image import Image
from aim.media.table import Table

# Python takes many times the bytes of JSON in memory, most of it for lists and objects.
_MAX_JSON = 32 << 20
_MAX_LISTS = 2_000_000
# Each takes two bytes of JSON, unless rows are shorter than others.
_MAX_CELLS = _MAX_JSON // 2
_MAX_IMAGES = 256 << 20


def table_of(data: bytes, read: Callable[[str], bytes]) -> bytes:
    """`data`: what is in the file. `read` gives the bytes of another file, which a cell names. Raises ValueError for
    anything that is not a table, and what `read` raises."""
    if len(data) > _MAX_JSON:
        raise ValueError(f"the table has {len(data):,} bytes of JSON; at most {_MAX_JSON:,} are read")
    if (lists := data.count(b"[") + data.count(b"{")) > _MAX_LISTS:
        raise ValueError(f"the table has {lists:,} lists and objects of JSON; at most {_MAX_LISTS:,} are read")
    known = bounds.loads(data)
    names, rows = (known.get(part) for part in ("columns", "data")) if isinstance(known, dict) else (None, None)
    if not isinstance(names, list) or not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise ValueError("the file has no rows and columns")
    if len(names) * len(rows) > _MAX_CELLS:
        raise ValueError(f"the table has {len(names) * len(rows):,} cells; at most {_MAX_CELLS:,} are read")
    cells = _WandbCells(read)
    return Table(mixed(names, [[cells.of(value) for value in row] for row in checked(rows)])).data


class _WandbCells:
    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._left = _MAX_IMAGES

    def of(self, value: Any) -> Any:
        if not isinstance(value, (dict, list)):
            return value
        if isinstance(value, dict) and value.get("_type") == "image-file" and isinstance(value.get("path"), str):
            return self._image(value["path"])
        return json.dumps(value, ensure_ascii=False)

    def _image(self, path: str) -> Image | None:
        """None where the file is elsewhere, as those of artifacts are."""
        try:
            data = self._read(path)
        except (OSError, ValueError):
            return None
        self._left -= len(data)
        if self._left < 0:
            raise ValueError(f"the images of the table have more than {_MAX_IMAGES:,} bytes")
        try:
            return Image(data)
        except (ValueError, TypeError):
            return None
