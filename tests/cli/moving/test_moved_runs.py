"""Runs whose seals are in an object store: deleted, merged, sent and served."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from aim import Repo, store
from aim.errors import StoreError
from aim.log import edits, reader, stored
from aim.server import wire
from aim.server.runs import delete as delete_runs
from tests.cli.conftest import Aim
from tests.cli.moving.runs import answers, seals
from tests.server.receiving import Receiving, Threaded
from tests.stores import MISSING, S3
from tests.waiting import until

pytestmark = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))


def test_a_deleted_run_is_removed_from_the_store(aim: Aim, repo: Path, bucket: str) -> None:
    path, opened = seals(repo)[0], store.chosen()
    name = stored.parts(path, 1)[0].name
    aim("storage", "move")
    run = next(run for run in Repo(repo).select_runs() if run.id in path.name)
    aim("runs", "rm", run.hash, "--yes")
    assert not path.exists()
    with pytest.raises(StoreError, match="has no"):
        opened.size(name)


def test_a_run_that_is_deleted_while_the_store_is_away_is_removed_later(
    aim: Aim, away: Path, s3: S3, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = seals(away)[0]
    run = next(run for run in Repo(away).select_runs() if run.id in path.name)
    told = aim("runs", "rm", run.hash, "--yes", code=1)
    assert told.stdout == "Removed 1 run: 0 files, 0 B freed\n"
    assert f"1 seal of a deleted run is still in an object store: {bucket} does not answer" in told.stderr
    assert told.stderr.endswith("remove what is left with: aim storage move\n")
    assert path.exists(), "nothing else tells what is in the store"
    assert run.hash not in {other.hash for other in Repo(away).select_runs()}
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3.url)
    store._opened.cache_clear()
    assert f"Removed 1 seal of deleted runs from {bucket}" in aim("storage", "move").stdout
    assert not path.exists()


def test_each_deletion_says_what_is_left_in_the_store(aim: Aim, away: Path, bucket: str, tmp_path: Path) -> None:
    told = aim("experiment", "rm", "-n", "one", code=1)
    assert told.stdout.endswith("Deleted 1 run: 0 files, 0 B freed\n")
    assert f"Error: 1 seal of a deleted run is still in an object store: {bucket}" in told.stderr
    [run] = [run for run in Repo(away).select_runs() if run.hash == "two"]
    left = delete_runs(Repo(away), wire.DeleteRequest(runs=[run.id])).left
    assert f"2 seals of deleted runs are still in an object store: {bucket}" in left and "aim storage move" in left
    aim("init", "--repo", tmp_path / "other")
    assert "2 seals of deleted runs are still" in aim("merge", away, tmp_path / "other", code=1).stderr


def test_only_what_was_removed_from_the_store_is_counted(aim: Aim, repo: Path, bucket: str, tmp_path: Path) -> None:
    aim("storage", "move")
    shutil.copytree(repo, tmp_path / "copy")
    path = seals(tmp_path / "copy")[0]
    editor = edits.Editor(tmp_path / "copy" / ".aim")
    editor.edit(path.name.partition("-")[0], "deleted", True)
    editor.close()
    assert aim("storage", "move", "--repo", tmp_path / "copy").stdout == f"Moved 0 seals to {bucket}\n"
    assert not path.exists()


def test_a_merged_repository_has_its_own_copy_of_what_is_in_the_store(
    aim: Aim, repo: Path, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "PART", 100_000)
    before, content = answers(repo), [path.read_bytes() for path in seals(repo)]
    aim("storage", "move")
    aim("merge", repo, "--into", tmp_path / "other")
    assert [path.read_bytes() for path in seals(tmp_path / "other")] == content
    for run in Repo(repo).select_runs():
        aim("runs", "rm", run.hash, "--yes")
    assert answers(tmp_path / "other") == before


def test_a_merge_names_what_it_cannot_copy_from_the_store(
    aim: Aim, away: Path, s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = aim("merge", away, "--into", tmp_path / "other", code=1).stderr
    assert f"2 files not merged, the first is {seals(away)[0]}: s3://" in told
    assert "does not answer as an object store" in told
    assert [run.hash for run in Repo(tmp_path / "other").select_runs()] == ["log"]
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3.url)
    store._opened.cache_clear()
    aim("merge", away, "--into", tmp_path / "other")
    assert [path.stat().st_size > stored.SIZE for path in seals(tmp_path / "other")] == [True, True]


def test_a_merge_does_not_copy_what_was_changed_in_the_store(aim: Aim, repo: Path, bucket: str, tmp_path: Path) -> None:
    path, opened = seals(repo)[0], store.chosen()
    name, size = stored.parts(path, 1)[0].name, path.stat().st_size
    aim("storage", "move")
    opened.remove(name)
    opened.put(name, bytes(size))
    assert "1 file not merged, " in aim("merge", repo, "--into", tmp_path / "other", code=1).stderr
    assert len(seals(tmp_path / "other")) == 1


def test_a_repository_is_sent_with_what_is_in_the_store(aim: Aim, repo: Path, bucket: str, tmp_path: Path) -> None:
    before = answers(repo)
    aim("storage", "move")
    with Threaded(tmp_path / "served") as served:
        os.environ["AIM_TOKEN"] = served.token
        try:
            aim("sync", "--repo", repo, "--to", f"aim://127.0.0.1:{served.port}")
        finally:
            del os.environ["AIM_TOKEN"]
    assert answers(tmp_path / "served") == before
    assert all(path.stat().st_size > stored.SIZE for path in seals(tmp_path / "served"))


def test_a_server_answers_for_what_is_in_the_store(aim: Aim, repo: Path, bucket: str) -> None:
    path = seals(repo)[0]
    data, log = path.read_bytes(), reader.read(path)
    aim("storage", "move")
    name = path.relative_to(repo / ".aim").as_posix()
    with Threaded(repo) as served:
        client = served.client()
        assert client.sizes(name, name.replace(".seal", ".log")) == [len(data), len(log)]
        assert client.put(name, data, 0, 1000, size=len(data)).status == 200, "a sender may send it again"
        assert client.put(name, bytes(1000), 0, 1000, size=len(data)).status == 412


def test_a_server_moves_what_ended(repo: Path, s3: S3, bucket: str) -> None:
    before = answers(repo)
    early = "from aim.cli import sealing; sealing.FIRST_AFTER = 0.0; sealing.OLD_MINUTES = 0"
    with Receiving(repo, before=early, arguments=["--store", bucket]):
        until(lambda: [path.stat().st_size for path in seals(repo)] == [stored.SIZE] * 3, besides=(OSError,))
    assert [path.stat().st_size for path in seals(repo)] == [stored.SIZE] * 3
    assert answers(repo) == before
