"""`aim artifact` and what `aim storage` and `aim merge` know of artifacts."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

import aim as package
from aim import layout
from tests.artifacts.folders import FILES, content_of, written
from tests.cli.conftest import Aim


@pytest.fixture
def repo(here: Path) -> Path:
    written(here / "data")
    with package.Run("maker") as run:
        run.log_artifact(here / "data", type="dataset", aliases=["raw"])
        run.log_artifact(written(here / "data", {"a.txt": b"beta"}))
    return here


def test_ls(repo: Path, aim: Aim) -> None:
    rows = json.loads(aim("artifact", "ls", "--json").stdout)
    assert [(row["artifact"], row["version"], row["aliases"], row["files"]) for row in rows] == [
        ("data", "v1", ["latest"], 3)
    ]
    rows = json.loads(aim("artifact", "ls", "data", "--json").stdout)
    assert [(row["version"], row["type"], row["aliases"]) for row in rows] == [
        ("v0", "dataset", ["raw"]),
        ("v1", "artifact", ["latest"]),
    ]
    assert "2.1 kB" in aim("artifact", "ls", "data:raw").stdout
    files = json.loads(aim("artifact", "ls", "data:v0", "--files", "--json").stdout)
    assert [(row["path"], row["size"]) for row in files] == [(path, len(FILES[path])) for path in sorted(FILES)]
    assert "did you mean 'data'" in aim("artifact", "ls", "dta", code=1).output
    assert "Which artifact?" in aim("artifact", "ls", "--files", code=2).output


def test_an_empty_repository_says_so(here: Path, aim: Aim) -> None:
    aim("init")
    assert aim("artifact", "ls").output == "No artifacts.\n"
    assert json.loads(aim("artifact", "ls", "--json").stdout) == []


def test_get(repo: Path, aim: Aim) -> None:
    assert "Copied data:v0 to" in aim("artifact", "get", "data:raw", "copy").output
    assert content_of(repo / "copy") == FILES
    assert "exists with different content" in aim("artifact", "get", "data", "copy", code=1).output
    aim("artifact", "get", "data", "copy", "--overwrite")
    assert (repo / "copy" / "a.txt").read_bytes() == b"beta"


def test_put_alias_and_rm(repo: Path, aim: Aim) -> None:
    words = ("artifact", "put", "data/a.txt", "--name", "text", "--metadata", '{"n": 1}', "--alias", "one")
    assert "Stored text:v0: 1 file, 4 B" in aim(*words).output
    assert "Unchanged: text:v0" in aim(*words).output
    assert "must be a JSON object" in aim(*words[:5], "--metadata", "[1]", code=2).output
    assert "data:v0 is golden" in aim("artifact", "alias", "data:v0", "golden").output
    assert json.loads(aim("artifact", "ls", "data:golden", "--json").stdout)[0]["version"] == "v0"
    aim("artifact", "alias", "data", "golden", "--remove")
    assert "no version 'golden'" in aim("artifact", "get", "data:golden", code=1).output
    assert "Which version of data?" in aim("artifact", "rm", "data", code=2).output
    assert "Pass --yes" in aim("artifact", "rm", "data:v0", code=1).output
    assert "Removed data:v0" in aim("artifact", "rm", "data:v0", "--yes").output
    assert [row["version"] for row in json.loads(aim("artifact", "ls", "data", "--json").stdout)] == ["v1"]


def test_verify_and_check_name_damaged_files(repo: Path, aim: Aim) -> None:
    assert "No damage in 2 versions, 6 files" in aim("artifact", "verify").output
    aim("storage", "check")
    file = package.Repo().artifacts.get("data:v0").file("a.txt")
    place = layout.artifact_file(repo / ".aim", file.sha256)
    place.write_bytes(b"alphA")
    shown = aim("artifact", "verify", code=1).output
    assert "data:v0: a.txt: the content" in shown
    assert "1 file damaged or missing in 2 versions, 6 files" in shown
    assert "a.txt of data:v0: the content" in aim("storage", "check", code=1).output
    aim("artifact", "verify", "data:v1")
    place.unlink()
    assert "is not in the repository" in aim("artifact", "verify", "data", code=1).output


def test_gc_shows_before_it_removes(repo: Path, aim: Aim) -> None:
    assert aim("storage", "gc").output == "Nothing to free.\n"
    aim("artifact", "rm", "data:v0", "--yes")
    for path in (repo / ".aim" / "artifacts").rglob("*"):
        os.utime(path, (time.time() - 10_000,) * 2)
    assert "To free: 2 contents" in aim("storage", "gc").output
    assert "To free: 2 contents" in aim("storage", "gc").output
    assert aim("storage", "gc", "--older-than", "1000").output == "Nothing to free.\n"
    assert "Removed 2 contents" in aim("storage", "gc", "--remove").output
    assert aim("storage", "gc").output == "Nothing to free.\n"
    aim("artifact", "verify")


def test_du_and_merge_know_artifacts(repo: Path, aim: Aim) -> None:
    rows = {row["what"]: row for row in json.loads(aim("storage", "du", "--json").stdout)}
    assert rows["artifacts"]["files"] == 8, "four files, two lists, two versions"
    aim("merge", repo, "--into", "other")
    assert "No damage in 2 versions" in aim("artifact", "verify", "--repo", "other").output


def test_no_text_of_an_artifact_acts_on_the_terminal(here: Path, aim: Aim) -> None:
    written(here / "data")
    with package.Run("x") as run:
        run.log_artifact(here / "data", type="a\u202eb")
        run.log_artifact(here / "data", name="data", type="model", metadata={"x": "\x1b[31m"})
    for words in (("ls", "data"), ("ls", "data", "--files"), ("verify",)):
        assert "\x1b" not in aim("artifact", *words).output


def test_a_store_gets_what_is_put_and_pushed(repo: Path, aim: Aim, tmp_path_factory: pytest.TempPathFactory) -> None:
    pytest.importorskip("fsspec")
    folder = tmp_path_factory.mktemp("store")
    address = f"file://{folder}/x"
    words = aim("artifact", "put", "data/a.txt", "--name", "text", "--store", address).output
    assert f"Uploaded text:v0 to {address}: 2 of 2 contents sent" in words
    rows = {row["artifact"]: row for row in json.loads(aim("artifact", "ls", "--json").stdout)}
    assert (rows["text"]["store"], rows["text"]["stored"], rows["data"]["store"]) == (address, address, "")
    assert "Nothing is waiting" in aim("artifact", "push").output
    assert "Which artifact?" in aim("artifact", "push", "--store", address, code=2).output
    assert "data:v1 has no store: pass one with --store" in aim("artifact", "push", "data:v1", code=1).output
    assert "Uploaded data:v1" in aim("artifact", "push", "data", "--store", address).output
    for path in (repo / ".aim" / "artifacts" / "files").rglob("*"):
        os.utime(path, (time.time() - 10_000,) * 2)
    assert "To free: 4 contents" in aim("storage", "gc", "--stored").output
    assert "Removed 4 contents" in aim("storage", "gc", "--stored", "--remove").output
    aim("artifact", "verify")
    aim("storage", "check")
    aim("artifact", "get", "data", "copy")
    assert (repo / "copy" / "a.txt").read_bytes() == b"beta"
    aim("artifact", "rm", "data:v1", "--yes")
    assert aim("storage", "gc", "--store", address).output == "Nothing to free.\n"
    for path in folder.rglob("*"):
        os.utime(path, (time.time() - 100_000,) * 2)
    assert (
        f"Remove them with: aim storage gc --store {address} --remove"
        in aim("storage", "gc", "--store", address).output
    )
    assert "not both" in aim("storage", "gc", "--store", address, "--stored", code=2).output


def test_what_fails_to_be_uploaded_is_waiting(repo: Path, aim: Aim) -> None:
    pytest.importorskip("fsspec")
    (repo / "file").write_text("")
    address = f"file://{repo}/file/x"
    shown = aim("artifact", "put", "data/a.txt", "--store", address, code=1).output
    assert "Stored a.txt:v0" in shown and f"a.txt:v0 is not uploaded: {address}" in shown
    assert "waiting: file://" in aim("artifact", "ls", "a.txt").stdout
    assert "1 version waiting to be uploaded" in aim("artifact", "ls").stderr
    assert "Go on with: aim artifact push" in aim("artifact", "push", code=1).output
    (repo / "file").unlink()
    assert "Uploaded a.txt:v0" in aim("artifact", "push").output
    assert "must not have a user" in aim("artifact", "put", "data", "--store", "s3://a:b@x", code=1).output
