"""The files of a version, and the list of them, which is stored as a content of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from aim.artifacts.contents import is_sha256
from aim.errors import ArtifactError
from aim.log import bounds
from aim.plain import shown

MAX_FILES = 100_000
MAX_LIST = 64 << 20
MAX_PATH = 1_000
_MAX_SIZE = 1 << 50
_ROW = (str, int, str)
# What no system takes for more than a name: no drive, no stream, no separator of Windows, and no control characters.
_is_part = re.compile(r'[^\x00-\x1f\x7f/\\:*?"<>|\ud800-\udfff]{1,255}').fullmatch


class ArtifactFile(NamedTuple):
    """One file: its path in the artifact, its size in bytes, and the SHA-256 of its content. A file that is only
    referred to stays at `address`."""

    path: str
    bytes: int
    sha256: str
    address: str = ""


def path_problem(path: str) -> str:
    """Why a path cannot be one of a file in an artifact; empty if it can."""
    if len(path) > MAX_PATH:
        return f"is longer than {MAX_PATH:,} characters"
    parts = path.split("/")
    if not all(map(_is_part, parts)) or not {".", ".."}.isdisjoint(parts):
        return "has a character or a part that not every system allows in a name"
    return ""


def encode(files: Sequence[ArtifactFile]) -> bytes:
    """Files by path, so that equal folders have equal lists."""
    rows = [list(file) if file.address else list(file[:3]) for file in sorted(files)]
    data = b"[" + b",\n".join(json.dumps(row, ensure_ascii=False).encode() for row in rows) + b"]\n"
    if len(data) > MAX_LIST:
        raise ArtifactError(
            f"the list of its {len(files):,} files is larger than {MAX_LIST:,} bytes: log fewer at once"
        )
    return data


def decode(data: bytes) -> list[ArtifactFile]:
    """Raises ArtifactError for a list that no version of Aim writes: its paths become files of the reader."""
    try:
        rows = bounds.loads(data)
        files = [_file(row) for row in rows]
    except (ValueError, TypeError) as error:
        raise ArtifactError(f"the list of its files is damaged: {error}") from None
    if len(files) > MAX_FILES:
        raise ArtifactError(f"the list of its files has {len(files):,}, and {MAX_FILES:,} are allowed")
    taken = {file.path for file in files}
    if len(taken) < len(files) or any(above in taken for file in files for above in folders_of(file.path)):
        raise ArtifactError("the list of its files has a path twice, or a file in the place of a folder")
    return files


def folders_of(path: str) -> list[str]:
    """The folders above a path: of a/b/c, a and a/b."""
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


def _file(row: object) -> ArtifactFile:
    if isinstance(row, list) and len(row) in (3, 4) and bounds.are(row[:3], *_ROW):
        path, size, sha256, address = (*row, "")[:4]
        if not path_problem(path) and 0 <= size <= _MAX_SIZE and is_sha256(sha256) and isinstance(address, str):
            return ArtifactFile(path, size, sha256, address)
    raise ValueError(f"{shown(row)} is not a path, a size and a SHA-256")
