"""Versions: their numbers, aliases and removal, and that nothing in a repository of others misleads a reader."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from aim import layout
from aim.artifacts import contents, copies, listing, space, versions
from aim.artifacts.artifact import Artifact
from aim.artifacts.store import store
from aim.errors import ArtifactError
from aim.log import edits
from aim.repo import Repo
from tests.artifacts.folders import content_of, stored_in

GOLDEN = Path(__file__).parents[1] / "golden"


def repository(folder: Path) -> Path:
    layout.create(folder / ".aim")
    return folder / ".aim"


def stored(aim_dir: Path, *texts: str, name: str = "data", **options: Any) -> list[versions.Version]:
    file = aim_dir.parent / "file.txt"
    made = []
    for text in texts:
        file.write_text(text)
        made.append(store(aim_dir, file, name=name, **options).version)
    return made


def test_find_takes_numbers_aliases_and_latest(tmp_path: Path) -> None:
    aim_dir = repository(tmp_path)
    stored(aim_dir, "a", aliases=["raw"])
    stored(aim_dir, "b", aliases=["best"])
    for reference, label in {
        "data": "v1",
        "data:": "v1",
        "data:latest": "v1",
        "data:v0": "v0",
        "data:raw": "v0",
    }.items():
        assert versions.find(aim_dir, reference).version == label
    for reference, text in {
        "dta": "did you mean 'data'",
        "other": "aim artifact ls",
        "data:v9": "v0 to v1, and the aliases latest, raw, best",
        "data:v00": "no version",
    }.items():
        with pytest.raises(ArtifactError, match=text):
            versions.find(aim_dir, reference)
    with pytest.raises(ArtifactError, match="3 is not the name"):
        versions.find(aim_dir, 3)


def test_an_alias_moves_to_who_had_it_last(tmp_path: Path) -> None:
    aim_dir = repository(tmp_path)
    stored(aim_dir, "a", "b", aliases=["best"])
    assert versions.find(aim_dir, "data:best").version == "v1"
    artifacts = Repo(tmp_path).artifacts
    assert artifacts.set_alias("data:v0", "best").version == "v0"
    assert versions.find(aim_dir, "data:best").version == "v0"
    stored(aim_dir, "c", aliases=["best"])
    assert versions.find(aim_dir, "data:best").version == "v2"
    artifacts.remove_alias("data", "best")
    with pytest.raises(ArtifactError, match="no version 'best'"):
        versions.find(aim_dir, "data:best")
    with pytest.raises(ArtifactError, match="has the alias"):
        artifacts.remove_alias("data", "best")
    with pytest.raises(ArtifactError, match="always is the last"):
        artifacts.set_alias("data:v0", "latest")


@pytest.mark.parametrize(("later", "owner"), [(-1.0, "v0"), (1.0, "v1")])
def test_an_alias_of_a_version_counts_as_an_edit_at_its_time(later: float, owner: str, tmp_path: Path) -> None:
    aim_dir = repository(tmp_path)
    (first,) = stored(aim_dir, "a")
    Repo(tmp_path).artifacts.set_alias("data:v0", "best")
    (edit,) = (edit for edit in edits.every(aim_dir) if edit.run is None)
    content = json.loads(versions.path_of(aim_dir, first).read_bytes())
    forged(aim_dir, "data", "v1", {**content, "aliases": ["best"], "time": edit.stamp / 1e6 + later})
    assert versions.find(aim_dir, "data:best").version == owner


def test_files_that_are_there_get_a_new_alias_without_a_version(tmp_path: Path) -> None:
    aim_dir = repository(tmp_path)
    stored(aim_dir, "a")
    (version,) = stored(aim_dir, "a", aliases=["raw"])
    assert (version.version, version.aliases) == ("v0", ("latest", "raw"))


def test_a_number_is_never_given_again(tmp_path: Path) -> None:
    aim_dir = repository(tmp_path)
    stored(aim_dir, "a", "b")
    Repo(tmp_path).artifacts.remove("data:v1")
    assert versions.find(aim_dir, "data").version == "v0"
    assert stored(aim_dir, "c")[0].version == "v2"
    for label in ("v0", "v2"):
        Repo(tmp_path).artifacts.remove(f"data:{label}")
    assert versions.every(aim_dir) == []
    assert stored(aim_dir, "d")[0].version == "v3"


def test_merges_in_any_order_give_the_same_versions(tmp_path: Path) -> None:
    one, two = repository(tmp_path / "one"), repository(tmp_path / "two")
    stored(one, "a", "b", aliases=["best"])
    stored(two, "a", "c")
    merged = []
    for name, order in {"x": (one, two), "y": (two, one)}.items():
        repo = Repo(repository(tmp_path / name))
        for other in (*order, *order):
            repo.merge(other)
        merged.append([(one.version, one.id, one.aliases) for one in versions.every(repo.aim_dir)])
        assert [problem for one in repo.artifacts.versions() for problem in one.check()] == []
        assert len(stored_in(repo.aim_dir)) == 6, "three files and their lists"
    assert merged[0] == merged[1]
    labels = [label for label, _, _ in merged[0]]
    assert len(labels) == 4 == len(set(labels))
    assert {"v0", "v1"} < set(labels)
    for label in labels:
        assert versions.find(tmp_path / "x" / ".aim", f"data:{label}").version == label


def test_a_merge_brings_no_removed_version_back(tmp_path: Path) -> None:
    one, two = repository(tmp_path / "one"), repository(tmp_path / "two")
    stored(one, "a", "b")
    Repo(two).merge(one)
    Repo(two).artifacts.remove("data:v0")
    Repo(two).merge(one)
    assert [version.version for version in versions.every(two)] == ["v1"]
    assert copies.bring(one, two) == (0, 0, [])
    assert versions.removed(two) == []
    Repo(one).merge(two)
    assert [version.version for version in versions.every(one)] == ["v1"]
    assert list(versions.removed(one)) == []


def test_a_merge_names_what_it_cannot_bring(tmp_path: Path) -> None:
    one, two = repository(tmp_path / "one"), repository(tmp_path / "two")
    stored(one, "a", "b")
    first = Artifact(one, versions.find(one, "data:v0")).files[0]
    layout.artifact_file(one, first.sha256).unlink()
    brought = copies.bring(one, two)
    assert [version.version for version in versions.every(two)] == ["v1"]
    assert len(brought.missing) == 1
    with pytest.raises(Exception, match="1 file not merged"):
        Repo(two).merge(one)


@pytest.mark.parametrize(
    "rows",
    [
        [["../up", 1, "0" * 64]],
        [["/etc/passwd", 1, "0" * 64]],
        [["a\\..\\b", 1, "0" * 64]],
        [["C:x", 1, "0" * 64]],
        [["a", -1, "0" * 64]],
        [["a", 1, "../../x"]],
        [["a", 1, "0" * 64], ["a", 1, "0" * 64]],
        [["a", 1, "0" * 64], ["a/b", 1, "0" * 64]],
        [["a", True, "0" * 64, 3]],
        [7],
        {"a": 1},
        "a",
    ],
)
def test_a_list_of_others_leads_nowhere(rows: Any, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="the list of its files"):
        listing.decode(json.dumps(rows).encode())


def forged(aim_dir: Path, home: str, number: str, content: Any) -> Path:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    folder = layout.artifact_versions(aim_dir, home) / number
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(data).hexdigest()[:32]}.json"
    path.write_bytes(data)
    return path


def test_damaged_versions_are_left_out_and_named(tmp_path: Path) -> None:
    aim_dir = repository(tmp_path)
    (whole,) = stored(aim_dir, "a")
    content = json.loads(versions.path_of(aim_dir, whole).read_bytes())
    bad = [
        forged(aim_dir, "data", "v1", b"{"),
        forged(aim_dir, "data", "v2", b"[" * 5_000),
        forged(aim_dir, "data", "v3", [1]),
        forged(aim_dir, "data", "v4", {**content, "listing": "../../x"}),
        forged(aim_dir, "data", "v5", {**content, "name": "other"}),
        forged(aim_dir, "data", "v6", {**content, "metadata": 3}),
        forged(aim_dir, "data", "v7", {**content, "aliases": ["a b"]}),
    ]
    renamed = forged(aim_dir, "data", "v8", content)
    renamed.rename(renamed.with_name(f"{'0' * 32}.json"))
    (layout.artifact_versions(aim_dir, "data") / "v01").mkdir()
    (layout.artifact_versions(aim_dir, "data") / "v9").symlink_to("v0")
    assert [version.version for version in versions.every(aim_dir)] == ["v0"]
    assert {path for path, _ in versions.problems(aim_dir)} == {*bad, renamed.with_name(f"{'0' * 32}.json")}
    with pytest.raises(ArtifactError, match="cannot be read"):
        space.referred(aim_dir)


def test_nothing_of_artifacts_is_read_or_written_through_links(tmp_path: Path) -> None:
    elsewhere = repository(tmp_path / "elsewhere")
    stored(elsewhere, "secret")
    aim_dir = repository(tmp_path / "repo")
    (aim_dir / "artifacts").mkdir()
    (aim_dir / "artifacts" / "versions").symlink_to(elsewhere / "artifacts" / "versions")
    assert versions.every(aim_dir) == []
    before = content_of(elsewhere)
    with pytest.raises(NotADirectoryError):
        stored(aim_dir, "a")
    (aim_dir / "artifacts" / "versions").unlink()
    shutil.rmtree(aim_dir / "artifacts" / "files")
    (aim_dir / "artifacts" / "files").symlink_to(elsewhere / "artifacts" / "files")
    with pytest.raises(NotADirectoryError):
        stored(aim_dir, "b")
    assert content_of(elsewhere) == before


@pytest.mark.parametrize("golden", ["artifacts-v1", "artifacts-stored-v1"])
def test_a_released_format_stays_readable(golden: str, tmp_path: Path) -> None:
    """These files were written once, and are never written again."""
    copy = Path(shutil.copytree(GOLDEN / golden / "repo", tmp_path / "repo" / ".aim"))
    expected = [
        {"store": "", "stored": "", **one} for one in json.loads((GOLDEN / golden / "expected.json").read_text())
    ]
    found = [
        {**one._asdict(), "aliases": list(one.aliases), "list": [list(file) for file in Artifact(copy, one).files]}
        for one in versions.every(copy)
    ]
    for one in found:
        one["label"], one["by"] = one.pop("version"), one.pop("user")
    assert found == expected
    assert [problem for one in versions.every(copy) for problem in Artifact(copy, one).check()] == []


def test_a_content_is_as_the_page_says(tmp_path: Path) -> None:
    aim_dir = repository(tmp_path)
    (version,) = stored(aim_dir, "a")
    digest = hashlib.sha256(b"a").hexdigest()
    assert layout.artifact_file(aim_dir, digest).read_bytes() == b"a"
    listed = contents.opened(aim_dir, version.listing, version.listed)
    assert contents.read(listed, version.listing) == f'[["file.txt", 1, "{digest}"]]\n'.encode()
