"""What users hold of a version: files to read and to copy, each compared with its checksum."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aim import layout
from aim.artifacts.artifact import Artifact
from aim.artifacts.store import store
from aim.errors import ArtifactError
from tests.artifacts.folders import FILES, content_of, read, written
from tests.commands import environment


@pytest.fixture
def artifact(tmp_path: Path) -> Artifact:
    layout.create(tmp_path / ".aim")
    return Artifact(tmp_path / ".aim", store(tmp_path / ".aim", written(tmp_path / "data"), aliases=["raw"]).version)


def test_its_facts(artifact: Artifact) -> None:
    assert (artifact.title, artifact.name, artifact.version, artifact.type) == ("data:v0", "data", "v0", "artifact")
    assert (artifact.count, artifact.bytes) == (3, sum(map(len, FILES.values())))
    assert artifact.aliases == ("latest", "raw")
    assert (artifact.made_by, artifact.reference) == (None, False)
    assert [file.path for file in artifact.files] == sorted(FILES)


def test_open_names_what_is_there(artifact: Artifact) -> None:
    assert read(artifact, "deep/er/c.json") == FILES["deep/er/c.json"]
    with pytest.raises(ArtifactError, match=r"has no file 'b.bin'; it has a.txt, deep/b.bin"):
        artifact.open("b.bin")


def test_get_goes_on_and_refuses_other_content(artifact: Artifact, tmp_path: Path) -> None:
    copy = artifact.get(tmp_path / "new" / "copy")
    (copy / "a.txt").unlink()
    (copy / "mine.txt").write_text("mine")
    kept = (copy / "deep" / "b.bin").stat().st_mtime_ns
    artifact.get(copy)
    assert content_of(copy) == {**FILES, "mine.txt": b"mine"}
    assert (copy / "deep" / "b.bin").stat().st_mtime_ns == kept, "what is there is not written again"
    (copy / "a.txt").write_text("mine")
    with pytest.raises(ArtifactError, match="exists with different content"):
        artifact.get(copy)
    assert (copy / "a.txt").read_text() == "mine"
    artifact.get(copy, overwrite=True)
    assert (copy / "a.txt").read_bytes() == FILES["a.txt"]


def test_get_writes_through_no_link(artifact: Artifact, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "deep").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ArtifactError, match="is a file or a link"):
        artifact.get(tmp_path / "copy")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_damage_is_found_before_a_file_appears(artifact: Artifact, tmp_path: Path) -> None:
    file = artifact.file("deep/b.bin")
    place = layout.artifact_file(tmp_path / ".aim", file.sha256)
    data = bytearray(place.read_bytes())
    data[7] ^= 1
    place.write_bytes(data)
    with pytest.raises(ArtifactError, match="damaged"):
        artifact.get(tmp_path / "copy")
    assert sorted(content_of(tmp_path / "copy")) == ["a.txt"]
    assert artifact.check() == [f"deep/b.bin: the content {file.sha256[:16]} is damaged"]


def test_path_is_one_copy_for_all_processes(artifact: Artifact, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from aim.artifacts import versions; "
        "from aim.artifacts.artifact import Artifact\n"
        "aim_dir = Path(sys.argv[1]); print(Artifact(aim_dir, versions.find(aim_dir, 'data')).path())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / ".aim")]
    started = [subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) for _ in range(4)]
    places = {process.communicate(timeout=60)[0].strip() for process in started}
    assert places == {str(artifact.path())}
    assert content_of(artifact.path()) == FILES
    assert os.listdir(artifact.path().parent) == [artifact.digest], "no drafts are left"
    assert artifact.path("a.txt").read_bytes() == b"alpha"


def test_a_cut_file_of_the_cache_is_copied_again(artifact: Artifact) -> None:
    (artifact.path() / "a.txt").write_text("")
    assert artifact.path("a.txt").read_bytes() == b"alpha"


def test_a_link_in_the_cache_is_refused(artifact: Artifact, tmp_path: Path) -> None:
    (tmp_path / ".aim" / "cache" / "artifacts").mkdir(parents=True)
    (tmp_path / ".aim" / "cache" / "artifacts" / artifact.digest).symlink_to("/etc")
    with pytest.raises(ArtifactError, match="is a link"):
        artifact.path()
