"""What nothing refers to is freed, and nothing else: not what a living process is about to refer to."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from aim import Repo, layout
from aim.artifacts import space, versions
from aim.artifacts.artifact import Artifact
from aim.artifacts.store import store
from aim.errors import ArtifactError, RepoError
from tests.artifacts.folders import stored_in, written


@pytest.fixture
def aim_dir(tmp_path: Path) -> Path:
    layout.create(tmp_path / ".aim")
    return tmp_path / ".aim"


def aged(aim_dir: Path, seconds: float = 10_000) -> None:
    for path in (aim_dir / "artifacts").rglob("*"):
        os.utime(path, (time.time() - seconds,) * 2)


def test_a_removed_version_frees_what_no_other_has(aim_dir: Path, tmp_path: Path) -> None:
    store(aim_dir, written(tmp_path / "data"))
    store(aim_dir, written(tmp_path / "data", {"a.txt": b"beta"}))
    artifacts = Repo(aim_dir).artifacts
    artifacts.remove("data:v0")
    assert artifacts.unused() == [], "too young"
    aged(aim_dir)
    before = stored_in(aim_dir)
    found = artifacts.unused()
    assert len(found) == 2, "alpha, and the list of v0"
    assert stored_in(aim_dir) == before, "nothing is removed"
    assert artifacts.remove_unused(found) == found
    assert stored_in(aim_dir) == before - {one.path.name for one in found}
    assert artifacts.get("data:v1").check() == []
    assert artifacts.unused() == []


def test_what_was_found_again_meanwhile_stays(aim_dir: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "data")
    store(aim_dir, folder)
    artifacts = Repo(aim_dir).artifacts
    artifacts.remove("data:v0")
    aged(aim_dir)
    found = artifacts.unused()
    made = store(aim_dir, folder, name="other").version
    assert artifacts.remove_unused(found) == []
    assert Artifact(aim_dir, made).check() == []


def test_drafts_of_killed_processes_go_after_a_day(aim_dir: Path, tmp_path: Path) -> None:
    made = store(aim_dir, written(tmp_path / "data")).version
    content = layout.artifact_file(aim_dir, made.listing)
    draft = content.with_name(f".{content.name}.1.abc")
    draft.write_bytes(b"part")
    home = layout.artifact_versions(aim_dir, "data")
    (home / ".1.abc").mkdir()
    (home / ".1.abc" / f".{'0' * 32}.json.1.2").write_bytes(b"{")
    aged(aim_dir, 100_000)
    found = space.unused(aim_dir, older_than=space.DAY)
    assert [one.path for one in found] == [draft]
    space.remove(aim_dir, found, older_than=space.DAY)
    assert sorted(os.listdir(home)) == ["v0"]
    assert Artifact(aim_dir, made).check() == []


@pytest.mark.parametrize(
    ("age", "older_than", "stays"),
    [(space.DAY / 2, 0.0, True), (space.DAY * 1.5, 0.0, False), (space.DAY * 1.5, space.DAY * 2, True)],
)
def test_a_draft_stays_for_a_day_or_as_long_as_asked(
    age: float, older_than: float, stays: bool, aim_dir: Path, tmp_path: Path
) -> None:
    store(aim_dir, written(tmp_path / "data"))
    draft = layout.artifact_versions(aim_dir, "data") / ".1.abc"
    draft.mkdir()
    aged(aim_dir, age)
    space.remove(aim_dir, [], older_than=older_than)
    assert draft.exists() == stays


def test_nothing_is_freed_while_it_is_unknown_what_is_referred_to(aim_dir: Path, tmp_path: Path) -> None:
    made = store(aim_dir, written(tmp_path / "data")).version
    layout.artifact_file(aim_dir, made.listing).unlink()
    aged(aim_dir)
    with pytest.raises(ArtifactError, match="aim artifact rm data:v0"):
        space.unused(aim_dir, older_than=0)
    Repo(aim_dir).artifacts.remove("data:v0")
    aged(aim_dir)
    assert len(space.unused(aim_dir, older_than=60)) == 3


def test_a_repository_that_is_read_only_frees_nothing(aim_dir: Path, tmp_path: Path) -> None:
    store(aim_dir, written(tmp_path / "data"))
    artifacts = Repo(aim_dir, read_only=True).artifacts
    for change in (
        lambda: artifacts.remove("data:v0"),
        lambda: artifacts.remove_unused([]),
        lambda: artifacts.put(tmp_path / "data", name="x"),
        lambda: artifacts.set_alias("data", "x"),
    ):
        with pytest.raises(RepoError, match="read-only"):
            change()
    assert len(versions.every(aim_dir)) == 1


def test_free_keeps_what_is_young_or_referred_to(aim_dir: Path, tmp_path: Path) -> None:
    made = store(aim_dir, written(tmp_path / "data")).version
    digests = space.contents_of(aim_dir, made)
    assert space.free(aim_dir, digests) == set()
    versions.forget(aim_dir, made)
    assert space.free(aim_dir, digests) == digests, "too young"
    aged(aim_dir)
    assert space.free(aim_dir, digests) == set()
    assert stored_in(aim_dir) == set()
