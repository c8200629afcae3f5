"""A repository, and a cache in it; how old a folder must be is the same before each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from aim import layout
from aim.index import segment
from aim.index.cache_folder import CacheFolder
from aim.index.sources import logs
from tests.index.caches import EMPTY, row


@pytest.fixture
def aim_dir(tmp_path: Path) -> Path:
    layout.create(tmp_path / ".aim")
    return tmp_path / ".aim"


@pytest.fixture
def kept(aim_dir: Path) -> CacheFolder:
    """A cache of three segments."""
    made = CacheFolder(aim_dir)
    made.load()
    for number in (1, 2, 3):
        params = segment.table([row(number)], "params")
        assert made.write(number, {**EMPTY, "params": params}) is not None
    assert made.commit([1, 2, 3])
    # Tables without rows are one file, which was written three times.
    assert len(made.load()) == 3 and made.commit([1, 2, 3])
    return made


@pytest.fixture(autouse=True)
def cautious(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives back, after the test, the caution that `age` takes away."""
    monkeypatch.setattr(logs, "RACY_NS", logs.RACY_NS)
