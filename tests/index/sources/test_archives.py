"""A list of members above the limits is not read, whichever of the two records of an archive has its length."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from aim.index.sources import archives


@pytest.mark.parametrize(("count", "length", "place"), [(1, 1 << 40, 0), (1 << 30, 47, 0), (1, 47, 1)])
def test_a_long_list_of_members_is_not_read(tmp_path: Path, count: int, length: int, place: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", "text")
    assert archives.sizes(str(path)) == {"a": 4}
    whole = path.read_bytes()
    at = len(whole) - 22
    start, listed = struct.unpack_from("<LL", whole, at + 12)[::-1]
    for given in ((1, listed, at), (count, length, at + place)):
        large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, *given[:1] * 2, given[1], start)
        path.write_bytes(whole[:at] + large + struct.pack("<4sLQL", b"PK\x06\x07", 0, given[2], 1) + whole[at:])
        assert archives.sizes(str(path)) == ({"a": 4} if given == (1, listed, at) else {})
