"""What the cache folder holds: a file that is no longer named stays for those who still read it, and then goes."""

from __future__ import annotations

import os
from pathlib import Path

from aim import layout
from aim.index import segment
from aim.index.schema import TABLES
from aim.index.store import Store

EMPTY = {name: segment.empty(name) for name in TABLES}
LONG_AGO = (1.0e9, 1.0e9)


def parquet(store: Store) -> list[Path]:
    assert store.folder is not None
    return sorted(store.folder.glob("*.parquet"))


def test_a_file_that_was_just_dropped_can_still_be_read(tmp_path: Path) -> None:
    layout.create(tmp_path / ".aim")
    store = Store(tmp_path / ".aim")
    store.load()
    assert store.write(1, EMPTY) is not None
    assert store.commit([1])
    files = parquet(store)
    assert files
    for file in files:
        os.utime(file, LONG_AGO)
    assert store.commit([])
    assert parquet(store) == files, "an answer that began before may be half read"
    for file in files:
        os.utime(file, LONG_AGO)
    assert store.commit([])
    assert parquet(store) == []
