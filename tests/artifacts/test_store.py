"""Files become versions: whole or not at all, once for each content, and with clear errors for what cannot be one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from aim import layout
from aim.artifacts import contents, space, versions
from aim.artifacts.artifact import Artifact
from aim.artifacts.store import store
from aim.errors import ArtifactError
from tests.artifacts.folders import FILES, content_of, read, stored_in, written
from tests.commands import environment

KILLED = Path(__file__).parent / "killed.py"


@pytest.fixture
def aim_dir(tmp_path: Path) -> Path:
    layout.create(tmp_path / "repo" / ".aim")
    return tmp_path / "repo" / ".aim"


def test_a_folder_comes_back_as_it_was(aim_dir: Path, tmp_path: Path) -> None:
    made, is_new = store(aim_dir, written(tmp_path / "data"), type="dataset", metadata={"rows": 3})
    assert (made.title, made.type, made.metadata, is_new) == ("data:v0", "dataset", {"rows": 3}, True)
    assert (made.files, made.bytes) == (3, sum(map(len, FILES.values())))
    assert content_of(Artifact(aim_dir, made).get(tmp_path / "copy")) == FILES


def test_one_file_has_its_name(aim_dir: Path, tmp_path: Path) -> None:
    written(tmp_path / "data")
    artifact = Artifact(aim_dir, store(aim_dir, tmp_path / "data" / "a.txt").version)
    assert artifact.title == "a.txt:v0"
    assert [file.path for file in artifact.files] == ["a.txt"]
    assert artifact.path().name == "a.txt"
    assert artifact.path().read_bytes() == b"alpha"


def test_files_by_their_paths_in_the_artifact(aim_dir: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "data")
    by_path = {path: folder / path for path in reversed(FILES)}
    (tmp_path / "link").symlink_to(folder / "a.txt")
    made = store(aim_dir, {**by_path, "a.txt": tmp_path / "link"}, name="data").version
    assert content_of(Artifact(aim_dir, made).get(tmp_path / "copy")) == FILES
    assert not store(aim_dir, folder, name="data").is_new, "the same as the folder"


@pytest.mark.parametrize(
    ("files", "name", "words"),
    [
        ({"a.txt": "data/a.txt"}, None, "needs a name"),
        ({}, "data", "1 to 100,000 files, not 0"),
        ({"a": "data/a.txt", "a/b": "data/a.txt"}, "data", "'a' is a file and a folder"),
        ({"../a": "data/a.txt"}, "data", "rename the file"),
        ({"/a": "data/a.txt"}, "data", "rename the file"),
        ({"a": "data/none.txt"}, "data", "cannot be read"),
        ({"a": "data"}, "data", "an artifact has regular files"),
    ],
)
def test_files_that_cannot_be_listed(
    aim_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], name: str | None, words: str
) -> None:
    written(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArtifactError, match=words):
        store(aim_dir, files, name=name)
    assert stored_in(aim_dir) == set()


def test_the_same_folder_twice_costs_one_copy_and_makes_one_version(aim_dir: Path, tmp_path: Path) -> None:
    store(aim_dir, written(tmp_path / "data"))
    before = content_of(aim_dir)
    again = store(aim_dir, tmp_path / "data")
    assert (again.version.title, again.is_new) == ("data:v0", False)
    assert content_of(aim_dir) == before
    other = store(aim_dir, tmp_path / "data", name="other")
    assert other.version.title == "other:v0"
    assert len(content_of(aim_dir)) == len(before) + 1, "the file of the version alone"


def test_a_changed_file_makes_a_version_that_shares_the_others(aim_dir: Path, tmp_path: Path) -> None:
    store(aim_dir, written(tmp_path / "data"))
    before = stored_in(aim_dir)
    written(tmp_path / "data", {"a.txt": b"beta"})
    made = store(aim_dir, tmp_path / "data").version
    assert made.title == "data:v1"
    assert len(stored_in(aim_dir) - before) == 2, "the changed file, and the list of files"
    old = versions.find(aim_dir, "data:v0")
    assert read(Artifact(aim_dir, old), "a.txt") == b"alpha"


def test_other_metadata_or_another_type_make_a_version(aim_dir: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "data")
    for options in ({}, {"metadata": {"a": 1}}, {"metadata": {"a": 1}, "type": "x"}):
        store(aim_dir, folder, **options)  # type: ignore[arg-type]
    assert [one.version for one in versions.every(aim_dir, "data")] == ["v0", "v1", "v2"]


def test_a_kill_at_any_moment_leaves_a_whole_version_or_none(aim_dir: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "data")
    store(aim_dir, folder)
    written(folder, {"a.txt": b"beta", "new.txt": b"new"})
    copies = tmp_path / "copies"
    copies.mkdir()
    command = [sys.executable, KILLED, aim_dir.parent, copies, folder, "500"]
    ended = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    kills = len(ended.stdout.splitlines())
    assert 30 < kills < 499, "it was killed at each moment, and at last not any more"
    assert {"os.mkdir", "os.rename"} <= {line.split()[0] for line in ended.stdout.splitlines()}
    had = set()
    for number in range(1, kills + 2):
        copy = copies / str(number) / ".aim"
        had.add(len(versions.every(copy, "data")))
        assert [problem for one in versions.every(copy) for problem in Artifact(copy, one).check()] == []
        again = store(copy, folder).version
        assert (again.title, Artifact(copy, again).check()) == ("data:v1", [])
        assert space.referred(copy) <= stored_in(copy)
    assert had == {1, 2}


def test_processes_at_once_make_different_versions(aim_dir: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from aim.artifacts.store import store\n"
        "me, aim_dir = sys.argv[1:]\n"
        "for number in range(5):\n"
        "    file = Path(f'{me}.txt'); file.write_text(f'{me} {number}')\n"
        "    print(store(Path(aim_dir), file, name='data').version.title)"
    )
    command = [sys.executable, "-c", code]
    started = [
        subprocess.Popen(
            [*command, str(me), aim_dir], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True
        )
        for me in range(4)
    ]
    titles = [line for process in started for line in process.communicate(timeout=120)[0].split()]
    assert sorted(titles) == sorted(f"data:v{number}" for number in range(20))
    there = versions.every(aim_dir)
    assert [one.version for one in there] == [f"v{number}" for number in range(20)], "later numbers are later"
    assert there[-1].aliases == ("latest",)


def test_processes_that_store_one_folder_at_once_make_one_version(aim_dir: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from aim.artifacts.store import store\n"
        "print(store(Path(sys.argv[1]), sys.argv[2]).version.title)"
    )
    command = [sys.executable, "-c", code, aim_dir, written(tmp_path / "data")]
    started = [subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) for _ in range(6)]
    assert {process.communicate(timeout=120)[0].strip() for process in started} == {"data:v0"}
    assert [one.version for one in versions.every(aim_dir)] == ["v0"]


def test_memory_does_not_grow_with_the_files(aim_dir: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "data", {f"{number}.txt": str(number).encode() for number in range(1_000)})
    with open(folder / "large.bin", "wb") as file:
        for number in range(32):
            file.write(bytes([number]) * (1 << 20))
    tracemalloc.start()
    made = store(aim_dir, folder).version
    Artifact(aim_dir, made).get(tmp_path / "copy")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20
    assert made.files == 1_001


def test_what_a_cleanup_removes_meanwhile_is_stored_again(
    aim_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = versions.publish

    def cleaned_before(*args: Any, **options: Any) -> versions.Version:
        for path in (aim_dir / "artifacts" / "files").glob("*/*"):
            path.unlink()
        return publish(*args, **options)

    monkeypatch.setattr(versions, "publish", cleaned_before)
    made = store(aim_dir, written(tmp_path / "data")).version
    assert Artifact(aim_dir, made).check() == []


def test_a_content_that_power_loss_cut_is_stored_again(aim_dir: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "data")
    made = store(aim_dir, folder).version
    for path in (aim_dir / "artifacts" / "files").glob("*/*"):
        path.write_bytes(b"")
    with pytest.raises(ArtifactError, match="merge a copy"):
        Artifact(aim_dir, made).get(tmp_path / "copy")
    store(aim_dir, folder)
    assert Artifact(aim_dir, made).check() == []


def test_links_in_the_folder_are_followed_to_what_is_in_it(aim_dir: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "data")
    (folder / "link.txt").symlink_to("a.txt")
    (folder / "latest").symlink_to("deep")
    (tmp_path / "outer").symlink_to(folder)
    made = store(aim_dir, tmp_path / "outer").version
    assert [file.path for file in Artifact(aim_dir, made).files] == [
        "a.txt", "deep/b.bin", "deep/er/c.json", "latest/b.bin", "latest/er/c.json", "link.txt",
    ]  # fmt: skip
    assert made.name == "outer"


def test_the_repository_itself_is_left_out(aim_dir: Path, tmp_path: Path) -> None:
    written(aim_dir.parent, {"train.py": b"pass"})
    made = store(aim_dir, aim_dir.parent).version
    assert [file.path for file in Artifact(aim_dir, made).files] == ["train.py"]


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe")


def local_socket(folder: Path) -> None:
    os.chdir(folder)
    with socket.socket(socket.AF_UNIX) as place:
        place.bind("socket")


BAD = {
    "link out": (lambda folder: (folder / "out").symlink_to("/etc/hostname"), "leads out of"),
    "link to nothing": (lambda folder: (folder / "gone").symlink_to("nothing"), "cannot be read"),
    "link above": (lambda folder: (folder / "deep" / "loop").symlink_to("../deep"), "a folder above it"),
    "link to itself": (lambda folder: (folder / "deep" / "top").symlink_to(folder), "a folder above it"),
    "pipe": (pipe, "is a pipe"),
    "socket": (local_socket, "is a pipe, a socket"),
    "not UTF-8": (lambda folder: Path(os.fsdecode(os.fsencode(folder) + b"/\xff")).write_bytes(b""), "rename the file"),
    "of Windows": (lambda folder: (folder / "a:b").write_bytes(b""), "rename the file"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_regular_file_is_refused_by_name(
    kind: str, aim_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make, text = BAD[kind]
    make(written(tmp_path / "data"))
    with pytest.raises(ArtifactError, match=text):
        store(aim_dir, tmp_path / "data")
    assert versions.every(aim_dir) == []


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"name": "a:b"}, "cannot be called 'a:b'"),
        ({"name": ""}, "cannot be called"),
        ({"name": "../up"}, "cannot be called"),
        ({"name": 3}, "cannot be called 3"),
        ({"name": "x" * 129}, "up to 128"),
        ({"aliases": ["v3"]}, "'v3' cannot be an alias"),
        ({"aliases": ["a b"]}, "cannot be an alias"),
        ({"aliases": 3}, "must be a list"),
        ({"type": ""}, "type=''"),
        ({"type": "a\nb"}, "printable"),
        ({"metadata": {"x": object()}}, "cannot be stored as JSON"),
        ({"metadata": {"x": "y" * 70_000}}, "put it into a file"),
    ],
)
def test_wrong_arguments_are_named(options: dict[str, Any], text: str, aim_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=text):
        store(aim_dir, written(tmp_path / "data"), **options)
    assert versions.every(aim_dir) == []


@pytest.mark.parametrize("path", [None, 3, b"data"])
def test_a_path_is_text(path: Any, aim_dir: Path) -> None:
    with pytest.raises(TypeError, match="must be a file or a folder"):
        store(aim_dir, path, name="x")


def test_an_empty_folder_and_a_missing_one_are_refused(aim_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ArtifactError, match="has no files"):
        store(aim_dir, tmp_path / "empty")
    with pytest.raises(ArtifactError, match="No such file"):
        store(aim_dir, tmp_path / "missing")


def test_a_file_that_changes_meanwhile_is_refused(
    aim_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path / "data") / "a.txt"
    monkeypatch.setattr(contents, "renewed", lambda *_: bool(file.write_bytes(b"other")) and False)
    with pytest.raises(ArtifactError, match="changed while it was stored"):
        store(aim_dir, file)
    assert stored_in(aim_dir) == set()


def test_a_reference_keeps_files_where_they_are(aim_dir: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "the data")
    made = store(aim_dir, folder, name="data", reference=True).version
    artifact = Artifact(aim_dir, made)
    assert len(stored_in(aim_dir)) == 1, "the list of files"
    assert artifact.files[0].address == (folder / "a.txt").as_uri()
    assert content_of(artifact.get(tmp_path / "copy")) == FILES
    written(folder, {"a.txt": b"alphA"})
    assert len(artifact.check()) == 1
    with pytest.raises(ArtifactError, match="damaged"):
        artifact.get(tmp_path / "other")
    written(folder, {"a.txt": b"longer"})
    with pytest.raises(ArtifactError, match="changed since data:v0 was stored"):
        artifact.open("a.txt")
