"""Which versions of ClickHouse these tests ran on: the others have no case in any test, and are named here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.clickhouse import servers


@pytest.mark.parametrize("kind", servers.KINDS)
def test_each_version_is_here(kind: str) -> None:
    if kind not in servers.HERE:
        pytest.skip(f"no ClickHouse {kind}: install Debian's clickhouse-server for 18.16, chdb for 26.9")
    program, *_ = servers.COMMANDS[kind](Path("config.xml"), Path("folder"), 8123)
    assert shutil.which(program)
