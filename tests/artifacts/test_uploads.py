"""Versions reach their store whole, whoever is killed, and come back from it checked."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from aim import layout
from aim.artifacts import copies, fetch, uploads, versions
from aim.artifacts.artifact import Artifact
from aim.errors import ArtifactError, StoreAway
from aim.log import edits
from tests.artifacts.folders import FILES, content_of, read, stored_in
from tests.artifacts.stores import contents_at, emptied, made, names_at, pushed
from tests.commands import environment
from tests.stores import NEEDS_S3, S3, Proxy
from tests.stores import environment as of_s3

pytest.importorskip("fsspec")
KILLED = Path(__file__).parent / "killed_upload.py"


@pytest.fixture
def aim_dir(tmp_path: Path) -> Path:
    return tmp_path / "repo" / ".aim"


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"file://{tmp_path}/store"


def latest(aim_dir: Path, name: str = "data") -> Artifact:
    return Artifact(aim_dir, versions.find(aim_dir, name))


def test_a_version_is_in_its_store_when_everything_is_there(aim_dir: Path, address: str) -> None:
    artifact = made(aim_dir, address)
    assert (artifact.store, artifact.stored) == (address, "")
    assert [version.title for version in uploads.waiting(aim_dir)] == ["data:v0"]
    done = pushed(artifact, aim_dir)
    assert (done.contents, done.sent) == (4, 4)
    assert (latest(aim_dir).stored, uploads.waiting(aim_dir)) == (address, [])
    assert names_at(address) == stored_in(aim_dir)
    assert all(hashlib.sha256(data).hexdigest() == name for name, data in contents_at(address).items())


def test_equal_contents_are_sent_once(aim_dir: Path, address: str) -> None:
    pushed(made(aim_dir, address), aim_dir)
    second = made(aim_dir, address, {"a.txt": b"beta", "same.bin": FILES["deep/b.bin"]})
    assert second.version == "v1"
    done = pushed(second, aim_dir)
    assert (done.contents, done.sent) == (4, 2), "the changed file, and the list of files"
    other = made(aim_dir, address, name="other")
    assert pushed(other, aim_dir).sent == 1, "another list of files"


def test_a_file_of_another_size_there_is_replaced(aim_dir: Path, address: str, tmp_path: Path) -> None:
    artifact = made(aim_dir, address)
    pushed(artifact, aim_dir)
    name = hashlib.sha256(FILES["a.txt"]).hexdigest()
    (tmp_path / "store" / name[:2] / name).write_bytes(b"al")
    assert pushed(artifact, aim_dir).sent == 1
    assert contents_at(address)[name] == FILES["a.txt"]


def test_other_files_or_another_store_make_a_version(aim_dir: Path, address: str) -> None:
    made(aim_dir, "")
    assert made(aim_dir, "").version == "v0"
    assert made(aim_dir, address).version == "v1", "the same files, to be in a store"
    assert made(aim_dir, address).version == "v1"
    assert made(aim_dir, "").version == "v1"
    assert made(aim_dir, "s3://other/x").version == "v2"


def test_a_kill_at_any_moment_says_nothing_that_is_not_there(aim_dir: Path, tmp_path: Path) -> None:
    made(aim_dir, "file:///unused")
    copies_dir = tmp_path / "copies"
    copies_dir.mkdir()
    command = [sys.executable, KILLED, aim_dir.parent, copies_dir, "500"]
    ended = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    kills = ended.stdout.splitlines()
    assert 30 < len(kills) < 499, "it was killed at each moment, and at last not any more"
    assert {"os.mkdir", "os.rename"} <= {line.split()[0] for line in kills}
    had = set()
    for number in range(1, len(kills) + 2):
        copy, store = copies_dir / str(number) / ".aim", f"file://{copies_dir}/{number}/store"
        said = latest(copy).stored
        had.add(said)
        there = contents_at(store)
        assert all(hashlib.sha256(data).hexdigest() == name for name, data in there.items()), "no part has a name"
        if said:
            assert said == store and there.keys() == stored_in(copy)
        else:
            pushed(latest(copy), copy, store)
            assert names_at(store) == stored_in(copy)
    assert len(had) > 1


def test_what_is_missing_comes_from_the_store(aim_dir: Path, address: str, tmp_path: Path) -> None:
    pushed(made(aim_dir, address), aim_dir)
    emptied(aim_dir)
    artifact = latest(aim_dir)
    assert artifact.check() == []
    assert stored_in(aim_dir) == {artifact.digest}, "a check keeps nothing but the list of files"
    assert read(artifact, "a.txt") == b"alpha"
    assert content_of(artifact.get(tmp_path / "copy")) == FILES
    assert content_of(artifact.path()) == FILES
    assert len(stored_in(aim_dir)) == 4


def test_a_version_that_shares_a_content_gives_it(aim_dir: Path, address: str) -> None:
    pushed(made(aim_dir, address), aim_dir)
    made(aim_dir, "", {"new.txt": b"new"})
    name = hashlib.sha256(FILES["a.txt"]).hexdigest()
    layout.artifact_file(aim_dir, name).unlink()
    assert read(latest(aim_dir), "a.txt") == b"alpha"


@pytest.mark.parametrize(
    ("there", "text"),
    [
        (b"alphA", "is damaged: log the file again"),
        (b"alpha and more", "has 14 of the 5 bytes"),
        (None, "has no content"),
    ],
)
def test_hostile_contents_never_get_the_name(
    there: bytes | None, text: str, aim_dir: Path, address: str, tmp_path: Path
) -> None:
    pushed(made(aim_dir, address), aim_dir)
    name = hashlib.sha256(FILES["a.txt"]).hexdigest()
    place = tmp_path / "store" / name[:2] / name
    place.unlink() if there is None else place.write_bytes(there)
    layout.artifact_file(aim_dir, name).unlink()
    artifact = latest(aim_dir)
    with pytest.raises(ArtifactError, match=text) as error:
        artifact.open("a.txt")
    assert address in str(error.value)
    with pytest.raises(ArtifactError, match=text):
        artifact.get(tmp_path / "copy")
    assert [problem.partition(":")[0] for problem in artifact.check()] == ["a.txt"]
    assert name not in stored_in(aim_dir) and not (tmp_path / "copy" / "a.txt").exists()
    assert [path for path in (aim_dir / "artifacts").rglob(".*") if path.is_file()] == [], "no drafts are left"


def test_who_may_not_write_to_the_repository_reads_all_the_same(
    aim_dir: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed(made(aim_dir, address), aim_dir)
    artifact = latest(aim_dir)
    assert artifact.files
    emptied(aim_dir)

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(fetch.contents, "write", refused)
    assert read(artifact, "deep/b.bin") == FILES["deep/b.bin"]
    assert stored_in(aim_dir) == set()


def test_a_damaged_content_is_not_uploaded(aim_dir: Path, address: str) -> None:
    artifact = made(aim_dir, address)
    name = hashlib.sha256(FILES["a.txt"]).hexdigest()
    layout.artifact_file(aim_dir, name).write_bytes(b"alphA")
    with pytest.raises(ArtifactError, match="of data:v0 is damaged in the repository"):
        pushed(artifact, aim_dir)
    assert name not in names_at(address)
    assert latest(aim_dir).stored == ""


def test_a_reference_has_no_store(aim_dir: Path, address: str) -> None:
    with pytest.raises(ArtifactError, match="leave out the store"):
        made(aim_dir, address, reference=True)
    with pytest.raises(ArtifactError, match="files that stay where they are"):
        pushed(made(aim_dir, "", reference=True), aim_dir, address)


@pytest.mark.parametrize("given", ["http://internal/x", "file://host/x", "s3://a:b@bucket", 3, ["s3://bucket"], None])
def test_addresses_in_a_repository_are_input(given: object, aim_dir: Path) -> None:
    artifact = made(aim_dir, "")
    data = json.loads(versions.path_of(aim_dir, artifact._version).read_bytes())
    forged = json.dumps({**data, "store": given}).encode()
    id = hashlib.sha256(forged).hexdigest()[:32]
    place = layout.artifact_versions(aim_dir, "data") / "v1" / f"{id}.json"
    place.parent.mkdir()
    place.write_bytes(forged)
    with closing(edits.Editor(aim_dir)) as editor:
        editor.edit(None, versions.stored_field(id), given)
    assert [(version.id, version.store, version.stored) for version in versions.every(aim_dir)][-1] == (id, "", "")
    assert uploads.waiting(aim_dir) == []


def test_a_merge_brings_what_is_here_and_the_store_has_the_rest(aim_dir: Path, address: str, tmp_path: Path) -> None:
    pushed(made(aim_dir, address), aim_dir)
    name = hashlib.sha256(FILES["a.txt"]).hexdigest()
    layout.artifact_file(aim_dir, name).unlink()
    target = tmp_path / "target" / ".aim"
    layout.create(target)
    assert copies.bring(aim_dir, target).missing == []
    assert name not in stored_in(target)
    with closing(edits.Editor(target)) as editor:
        editor.edit(None, versions.stored_field(latest(target).id), address)
    assert content_of(latest(target).get(tmp_path / "copy")) == FILES


@NEEDS_S3
def test_a_store_that_dies_in_mid_upload_is_taken_up_again(
    s3: S3, aim_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"{number}.bin": os.urandom(100) for number in range(60)}
    puts = 0

    def dies(method: str, path: str) -> tuple[int, dict[str, str], bytes] | None:
        nonlocal puts
        puts += method == "PUT"
        return (503, {}, b"") if 20 < puts < 1_000 else None

    address = s3.bucket()
    with Proxy(s3.port, dies) as proxy:
        for name, value in of_s3(proxy.url).items():
            monkeypatch.setenv(name, value)
        artifact = made(aim_dir, address, files)
        with pytest.raises(StoreAway, match="does not answer"):
            pushed(artifact, aim_dir)
        assert latest(aim_dir).stored == ""
        puts = 1_000
        there = len(names_at(address))
        assert 0 < there < 61
        assert pushed(artifact, aim_dir).sent == 61 - there
        assert names_at(address) == stored_in(aim_dir)
