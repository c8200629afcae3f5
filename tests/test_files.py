"""Copying and removing writers' files."""

from __future__ import annotations

import os
import shutil
import tracemalloc
from pathlib import Path

import pytest

from aim import files, layout
from aim.errors import StoreError
from aim.log import seal
from aim.log.edits import Editor
from aim.repo import Repo
from tests.index.logs import LogFile
from tests.log.disks import files_of_at_most


def log(repo: Path, *, points: int, run: int = 1) -> LogFile:
    layout.create(repo / ".aim")
    file = LogFile(repo, "x", run=bytes([run] * 16), writer=b"w" * 8).start(1.7e9).series(0, "loss")
    for step in range(points):
        file.point(0, step, 1.0)
    file.save()
    return file


def merge(source: Path, target: Path) -> files.Merged:
    return files.copy_runs(source / ".aim", target / ".aim", deleted=())


@pytest.mark.parametrize(("there", "here", "copied"), [(5, None, 1), (5, 3, 1), (3, 5, 0), (5, 5, 0)])
def test_the_longer_file_is_copied(tmp_path: Path, there: int, here: int | None, copied: int) -> None:
    source = log(tmp_path / "a", points=there)
    layout.create(tmp_path / "b" / ".aim")
    before = 0 if here is None else len(log(tmp_path / "b", points=here).data)
    assert merge(tmp_path / "a", tmp_path / "b").files == copied
    brought = tmp_path / "b" / source.path.relative_to(tmp_path / "a")
    assert brought.stat().st_size == max(len(source.data), before)
    assert merge(tmp_path / "a", tmp_path / "b").files == 0
    if copied:
        assert brought.stat().st_mtime_ns == source.path.stat().st_mtime_ns


def test_a_merge_takes_no_more_memory_for_more_runs(tmp_path: Path) -> None:
    """The names of the folders alone are kept."""
    peaks = []
    for count in (50, 550):
        for run in range(count):
            file = LogFile(tmp_path / f"{count}", f"{run}", run=run.to_bytes(16, "big"), writer=b"w" * 8)
            file.start(1.7e9).save()
        tracemalloc.start()
        try:
            assert merge(tmp_path / f"{count}", tmp_path / f"{count} merged").runs == count
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert (peaks[1] - peaks[0]) / 500 < 200, "bytes for a run"


def sizes(aim_dir: Path) -> list[int]:
    return [path.stat().st_size for path in (aim_dir / "edits").iterdir()]


def test_one_file_that_cannot_be_copied_stops_no_other(tmp_path: Path) -> None:
    """A hole of a sparse file may be longer than any file of this disk."""
    for run in (1, 3):
        log(tmp_path / "a", points=3, run=run)
    hollow = log(tmp_path / "a", points=3, run=2).path
    os.truncate(hollow, 1 << 40)
    layout.create(tmp_path / "b" / ".aim")
    with (
        files_of_at_most(1 << 30),
        pytest.raises(StoreError, match=f"1 file not merged.*{hollow.name}: File too large"),
    ):
        merge(tmp_path / "a", tmp_path / "b")
    assert len(list((tmp_path / "b" / ".aim" / "runs").glob("*/*.log"))) == 2


def test_an_interrupted_merge_shows_readers_what_it_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for run in (1, 2):
        log(tmp_path / "a", points=5, run=run)
        log(tmp_path / "b", points=3, run=run)
    os.utime(tmp_path / "b" / ".aim" / "runs", (1, 1))
    bring, left = files.bring, iter([None])

    def interrupted(path: Path, folder: Path, aim_dir: Path) -> int | None:
        if next(left, KeyboardInterrupt) is not None:
            raise KeyboardInterrupt
        return bring(path, folder, aim_dir)

    monkeypatch.setattr(files, "bring", interrupted)
    with pytest.raises(KeyboardInterrupt):
        merge(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b" / ".aim" / "runs").stat().st_mtime > 1


def test_an_edit_file_that_cannot_be_copied_stops_no_run(tmp_path: Path) -> None:
    log(tmp_path / "a", points=3)
    Editor(tmp_path / "a" / ".aim").edit("0" * 32, "name", "n")
    (hollow,) = (tmp_path / "a" / ".aim" / "edits").glob("*.log")
    os.truncate(hollow, 1 << 40)
    layout.create(tmp_path / "b" / ".aim")
    with files_of_at_most(1 << 30), pytest.raises(StoreError, match=f"1 file not.*{hollow.name}: File too large"):
        Repo(tmp_path / "b").merge(tmp_path / "a")
    assert len(list((tmp_path / "b" / ".aim" / "runs").glob("*/*.log"))) == 1


def test_new_and_longer_files_of_edits_are_copied_and_counted(tmp_path: Path) -> None:
    source, target = tmp_path / "a" / ".aim", tmp_path / "b" / ".aim"
    for place in (source, target):
        layout.create(place)
    editor = Editor(source)
    editor.edit("0" * 32, "tag:a", True)
    assert [files.copy_edits(source, target) for _ in range(2)] == [(sizes(source), []), ([], [])]
    editor.edit("0" * 32, "tag:b", True)
    editor.close()
    assert [files.copy_edits(source, target) for _ in range(2)] == [(sizes(source), []), ([], [])]
    assert {path.name: path.read_bytes() for path in (target / "edits").iterdir()} == {
        path.name: path.read_bytes() for path in (source / "edits").iterdir()
    }


def test_a_merge_counts_the_bytes_of_edits_too(tmp_path: Path) -> None:
    for name in ("a", "b"):
        layout.create(tmp_path / name / ".aim")
    editor = Editor(tmp_path / "b" / ".aim")
    editor.edit("0" * 32, "tag:a", True)
    editor.close()
    merged = Repo(tmp_path / "a").merge(tmp_path / "b")
    assert (merged.runs, merged.files, [merged.bytes]) == (0, 1, sizes(tmp_path / "b" / ".aim"))


def test_a_seal_and_a_log_of_one_writer(tmp_path: Path) -> None:
    sealed, two = log(tmp_path / "a", points=9), log(tmp_path / "b", points=9)
    seal.write({sealed.path: seal.encode(bytes(sealed.data))})
    assert merge(tmp_path / "a", tmp_path / "b").files == merge(tmp_path / "b", tmp_path / "a").files == 0
    log(tmp_path / "b", points=12)
    assert merge(tmp_path / "b", tmp_path / "a").files == 1
    assert sealed.path.stat().st_size > len(two.data)


def test_runs_are_removed_whole(tmp_path: Path) -> None:
    file = log(tmp_path, points=1)
    shutil.copy(file.path, file.path.with_suffix(".seal"))
    other = log(tmp_path, points=1, run=2)
    freed = files.remove_runs(tmp_path / ".aim", {file.run.hex()})
    assert (freed.runs, freed.files, freed.bytes) == (1, 2, 2 * len(file.data))
    assert [path.name for path in other.path.parent.iterdir()] == [other.path.name]
    files.remove_runs(tmp_path / ".aim", {other.run.hex()})
    assert not other.path.parent.exists()


def test_no_run_is_removed_behind_a_link(tmp_path: Path) -> None:
    file = log(tmp_path / "a", points=1)
    (tmp_path / "b" / ".aim").mkdir(parents=True)
    (tmp_path / "b" / ".aim" / "runs").symlink_to(tmp_path / "a" / ".aim" / "runs")
    assert files.remove_runs(tmp_path / "b" / ".aim", {file.run.hex()}) == files.Freed(0, 0, 0)
    assert file.path.exists()


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    file = log(tmp_path / "a", points=1)
    file.path.with_name("notes.txt").write_text("mine")
    layout.create(tmp_path / "b" / ".aim")
    merge(tmp_path / "a", tmp_path / "b")
    assert len(list((tmp_path / "b" / ".aim" / "runs").rglob("*.*"))) == 1
    files.remove_runs(tmp_path / "a" / ".aim", {file.run.hex()})
    assert file.path.with_name("notes.txt").read_text() == "mine"
