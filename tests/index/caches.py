"""Cache folders as tests make and read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

from aim.index import segment
from aim.index.cache_folder import CacheFolder
from aim.index.schema import TABLES

EMPTY = {name: segment.empty(name) for name in TABLES}


def row(number: int) -> dict[str, Any]:
    return {"segment": number, "run": number, "path": "lr", "value": "0.1", "number": 0.1}


def folder_of(some: CacheFolder) -> Path:
    assert some.folder is not None
    return some.folder


def parquet(some: CacheFolder) -> list[Path]:
    return sorted(folder_of(some).glob("*.parquet"))


def believed(some: CacheFolder) -> list[int]:
    """The segments that a process which opens the cache now believes."""
    return [part.number for part in CacheFolder(some.aim_dir).load()]


def full(*given: object, **named: object) -> NoReturn:
    raise OSError(28, "No space left on device")
