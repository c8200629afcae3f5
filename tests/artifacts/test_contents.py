"""Contents of files: stored as they were at one moment, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from aim.artifacts import contents
from aim.errors import ArtifactError

CHANGES: dict[str, Callable[[Path], object]] = {
    "longer": lambda file: file.write_bytes(b"alphabet"),
    "shorter": lambda file: file.write_bytes(b"al"),
    "of an earlier time": lambda file: os.utime(file, (0, 0)),
    "of a later time": lambda file: os.utime(file, (1 << 32, 1 << 32)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_it_is_read_is_refused(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"alpha")
    sha256_of = contents.sha256_of

    def changed(file: BinaryIO) -> str:
        sha256 = sha256_of(file)
        CHANGES[change](path)
        return sha256

    monkeypatch.setattr(contents, "sha256_of", changed)
    with pytest.raises(ArtifactError, match="changed while it was stored"):
        contents.measured(path)
