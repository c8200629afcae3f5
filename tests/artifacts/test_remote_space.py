"""Space is freed here when a store has the contents, and in a store when no version refers to them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from aim import layout
from aim.artifacts import remote_space, uploads
from aim.artifacts.artifact import Artifact
from aim.artifacts.space import DAY
from aim.errors import ArtifactError
from aim.repo import Repo
from tests.artifacts.folders import FILES, content_of, stored_in
from tests.artifacts.stores import made, names_at, pushed

pytest.importorskip("fsspec")


def nothing(done: int, total: int) -> None: ...


@pytest.fixture
def aim_dir(tmp_path: Path) -> Path:
    return tmp_path / "repo" / ".aim"


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"file://{tmp_path}/store"


def aged(folder: Path, seconds: float) -> None:
    """Let every file below a folder be so old."""
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (time.time() - seconds,) * 2)


def freed(aim_dir: Path, older_than: float = 60.0) -> set[str]:
    listed = remote_space.stored(aim_dir, older_than=older_than)
    return {one.path.name for one in remote_space.free_stored(aim_dir, listed, older_than=older_than, progress=nothing)}


def test_contents_of_stored_versions_are_freed_and_come_back(aim_dir: Path, address: str, tmp_path: Path) -> None:
    artifact = made(aim_dir, address)
    aged(aim_dir / "artifacts", 100)
    assert freed(aim_dir) == set(), "not before they are in the store"
    pushed(artifact, aim_dir)
    assert freed(aim_dir, older_than=200) == set(), "not what somebody stored since"
    assert len(freed(aim_dir)) == 3
    assert stored_in(aim_dir) == {artifact.digest}, "the list of files stays"
    again = Repo(tmp_path / "repo").artifacts.get("data")
    assert content_of(again.get(tmp_path / "copy")) == FILES


def test_a_content_that_a_version_has_here_alone_stays(aim_dir: Path, address: str) -> None:
    pushed(made(aim_dir, address), aim_dir)
    made(aim_dir, "", {"new.txt": b"new"})
    aged(aim_dir / "artifacts", 100)
    assert freed(aim_dir) == set()


def test_what_the_store_lost_stays_here(aim_dir: Path, address: str, tmp_path: Path) -> None:
    pushed(made(aim_dir, address), aim_dir)
    lost, cut = sorted(path for path in (tmp_path / "store").glob("*/*") if path.name in stored_in(aim_dir))[:2]
    lost.unlink()
    cut.write_bytes(b"")
    aged(aim_dir / "artifacts", 100)
    kept = stored_in(aim_dir) - freed(aim_dir)
    assert {lost.name, cut.name} <= kept


def test_a_store_is_cleaned_of_what_no_version_refers_to(aim_dir: Path, address: str, tmp_path: Path) -> None:
    for files in ({"a.txt": b"old"}, {"a.txt": b"new"}):
        artifact = made(aim_dir, address, files)
        pushed(artifact, aim_dir)
    artifacts = Repo(tmp_path / "repo").artifacts
    artifacts.remove("data:v0")
    assert remote_space.unused_in(aim_dir, address) == [], "younger than a day"
    aged(tmp_path / "store", DAY + 100)
    unused = remote_space.unused_in(aim_dir, address)
    assert len(unused) == 2, "the file and the list of files"
    remote_space.remove_in(aim_dir, address, unused, progress=nothing)
    assert names_at(address) == {artifact.digest, *(file.sha256 for file in artifact.files)}


def test_what_was_stored_again_meanwhile_is_not_removed(aim_dir: Path, address: str, tmp_path: Path) -> None:
    pushed(made(aim_dir, address, {"a.txt": b"old"}), aim_dir)
    Repo(tmp_path / "repo").artifacts.remove("data:v0")
    aged(tmp_path / "store", DAY + 100)
    unused = remote_space.unused_in(aim_dir, address)
    made(aim_dir, address, {"a.txt": b"old"}, name="again")
    removed = remote_space.remove_in(aim_dir, address, unused, progress=nothing)
    assert removed == []
    with uploads.lock(aim_dir), pytest.raises(ArtifactError, match="uploads artifacts of this repository now"):
        remote_space.remove_in(aim_dir, address, unused, progress=nothing)


def test_a_version_that_cannot_be_read_stops_every_cleanup(aim_dir: Path, address: str) -> None:
    artifact = made(aim_dir, address)
    pushed(artifact, aim_dir)
    place = layout.artifact_versions(aim_dir, "data") / "v7" / f"{'0' * 32}.json"
    place.parent.mkdir()
    place.write_bytes(b"damaged")
    for cleanup in (
        lambda: remote_space.stored(aim_dir, older_than=0),
        lambda: remote_space.unused_in(aim_dir, address),
    ):
        with pytest.raises(ArtifactError, match="cannot be read: checksum mismatch"):
            cleanup()
    assert Artifact(aim_dir, artifact._version).check() == []
