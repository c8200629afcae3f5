"""A refresh of a large repository does not check every folder, and still misses no change."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from aim import Run
from aim.files import copy_runs
from aim.index import partition, sweep
from aim.index.cache_folder import CacheFolder
from aim.index.refresh import Index
from aim.index.sources import logs
from aim.log.edits import Editor
from tests.index.checks import contents, index, partition_of
from tests.index.logs import LogFile, finished

RUNS = 40
FEW = 4


class Clock:
    """The time by which folders are due."""

    def __init__(self) -> None:
        self.now = time.time()

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Few runs make a large repository here, and every folder is old enough to be believed."""
    monkeypatch.setattr(sweep, "FEW", FEW)
    monkeypatch.setattr(logs, "RACY_NS", 0)
    clock = Clock()
    monkeypatch.setattr(partition, "time", clock)
    return clock


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the run folders that were checked."""
    names: list[str] = []
    stamps = logs.Logs.stamps

    def watched(self: logs.Logs, folders: set[str]) -> object:
        names.extend(name for name in folders if name)
        return stamps(self, folders)

    monkeypatch.setattr(logs.Logs, "stamps", watched)
    return names


@pytest.fixture
def files(tmp_path: Path) -> list[LogFile]:
    """Finished runs, the oldest first."""
    return [LogFile(tmp_path, f"run {n}").start(1.7e9 + n).point(0, 1, 0.5).end(1.7e9 + n + 1) for n in range(RUNS)]


@pytest.fixture
def watching(files: list[LogFile], tmp_path: Path, clock: Clock, checked: list[str]) -> Index:
    for file in files:
        file.save()
    index(tmp_path).refresh()
    watching = index(tmp_path)
    assert len(watching.refresh()) == RUNS
    checked.clear()
    return watching


def test_a_refresh_checks_the_newest_and_a_few_others(watching: Index, clock: Clock, checked: list[str]) -> None:
    for _ in range(3):
        checked.clear()
        clock.now += 1
        watching.refresh()
        assert len(set(checked)) <= FEW + RUNS / sweep.PERIOD + 1


def test_every_folder_is_checked_within_the_period(watching: Index, clock: Clock, checked: list[str]) -> None:
    for _ in range(int(sweep.PERIOD / 2) + 1):
        clock.now += 2
        watching.refresh()
    assert len(set(checked)) == RUNS


def test_every_folder_is_checked_after_a_pause(watching: Index, clock: Clock, checked: list[str]) -> None:
    clock.now += sweep.PERIOD
    watching.refresh()
    assert len(set(checked)) == RUNS


def copied_in(files: list[LogFile]) -> None:
    """Another writer's file appears in the folder of the oldest run."""
    run = files[0]
    LogFile(run.path.parents[3], "run 0", run=run.run, writer=b"anotherw").start(1.8e9).end(1.8e9 + 1).save()


def removed(files: list[LogFile]) -> None:
    shutil.rmtree(files[0].path.parent)


def emptied(files: list[LogFile]) -> None:
    os.unlink(files[0].path)


@pytest.mark.parametrize(
    ("change", "runs", "writers"), [(copied_in, RUNS, 2), (removed, RUNS - 1, 1), (emptied, RUNS - 1, 1)]
)
def test_a_change_of_an_old_run_is_seen(
    files: list[LogFile],
    tmp_path: Path,
    watching: Index,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[list[LogFile]], None],
    runs: int,
    writers: int,
) -> None:
    """By a new process once no note is believed, and within the period by one that goes on."""
    change(files)
    with monkeypatch.context() as later:
        later.setattr(clock, "now", clock.now + sweep.BELIEVED)
        catalog = index(tmp_path).refresh()
        assert (len(catalog), catalog.writers[-1]) == (runs, writers)
    for _ in range(int(sweep.PERIOD / 2) + 1):
        clock.now += 2
        catalog = watching.refresh()
    assert (len(catalog), catalog.writers[-1]) == (runs, writers)


def test_a_process_that_begins_believes_another_that_just_checked_all(
    watching: Index, tmp_path: Path, clock: Clock, checked: list[str], files: list[LogFile]
) -> None:
    clock.now += sweep.PERIOD / 2
    second = index(tmp_path)
    assert len(second.refresh()) == RUNS
    assert len(checked) == FEW
    for _ in range(int(sweep.PERIOD / 2)):
        clock.now += 2
        second.refresh()
    assert len(set(checked)) == RUNS, "each within the period after the other process checked it"


@pytest.mark.parametrize(
    "why",
    ["another code", "another text", "another manifest", "later", "earlier", "no runs"],
)
def test_no_other_note_is_believed(
    watching: Index, tmp_path: Path, clock: Clock, checked: list[str], why: str, files: list[LogFile]
) -> None:
    note = tmp_path / ".aim" / "cache" / "note"
    if why == "another code":
        note.write_bytes(b"0" + note.read_bytes()[1:])
    elif why == "another text":
        folder = CacheFolder(tmp_path / ".aim")
        folder.load()
        folder.note('["soon", [1], []]')
    elif why == "another manifest":
        os.utime(tmp_path / ".aim" / "cache" / "manifest")
    elif why == "no runs":
        shutil.copy(tmp_path / ".aim" / "cache" / "manifest", note)
    clock.now += {"later": sweep.BELIEVED, "earlier": -1}.get(why, 1)
    assert len(index(tmp_path).refresh()) == RUNS
    assert len(set(checked)) == RUNS


def unchanged(files: list[LogFile]) -> None:
    """Only the clock goes on."""


def added(files: list[LogFile]) -> None:
    finished(files[0].path.parents[3], 99)


def merged(files: list[LogFile]) -> None:
    """A merge brings another writer's file of the oldest run."""
    aim_dir = files[0].path.parents[2]
    elsewhere = aim_dir.parent / "elsewhere"
    other = LogFile(elsewhere, "run 0", run=files[0].run, writer=b"anotherw").start(1.8e9).end(1.8e9 + 1)
    other.save()
    copy_runs(elsewhere / ".aim", aim_dir, deleted=())


def copied_with_times(files: list[LogFile]) -> None:
    """As `rsync -a` and `cp -a` do at the end."""
    copied_in(files)
    os.utime(files[0].path.parents[1])


def copied_without_times(files: list[LogFile]) -> None:
    """As `cp -r` of a whole repository does."""
    copied_in(files)
    (files[0].path.parents[2] / "repo.json").write_bytes(b"{}")


@pytest.mark.parametrize(
    ("change", "every", "writers"),
    [
        (unchanged, False, 1),
        (added, True, 1),
        (merged, True, 2),
        (copied_with_times, True, 2),
        (copied_without_times, True, 2),
    ],
)
def test_a_note_is_believed_for_longer_while_no_time_changes(
    files: list[LogFile],
    tmp_path: Path,
    watching: Index,
    clock: Clock,
    checked: list[str],
    change: Callable[[list[LogFile]], None],
    every: bool,
    writers: int,
) -> None:
    clock.now += sweep.BELIEVED - 1
    change(files)
    second = index(tmp_path)
    assert second.refresh().writers[-1] == writers
    assert (len(set(checked)) >= RUNS) is every
    checked.clear()
    clock.now += 2
    second.refresh()
    assert len(set(checked)) < RUNS
    for _ in range(int(sweep.PERIOD / 2) + 1):
        clock.now += 2
        second.refresh()
    assert len(set(checked)) >= RUNS, "a process that goes on checks each within the period"


def test_what_is_merged_beside_a_new_run_while_folders_are_checked_in_turns_is_seen(
    files: list[LogFile], tmp_path: Path, watching: Index, clock: Clock, checked: list[str]
) -> None:
    """Folders that were checked before the merge are no longer known to be as they were."""

    def on() -> None:
        clock.now += 2
        watching.refresh()

    run = files[-FEW - 1]
    while run.path.parent.name not in checked:
        on()
    LogFile(tmp_path, f"run {RUNS - FEW - 1}", run=run.run, writer=b"anotherw").start(1.6e9).end(1.8e9 + 1).save()
    finished(tmp_path, 99)
    checked.clear()
    while files[0].path.parent.name not in checked:
        on()
    on()
    assert run.path.parent.name not in checked
    catalog = index(tmp_path).refresh()
    assert catalog.writers[catalog.index[run.run.hex()]] == 2


@pytest.mark.parametrize(("silent", "points"), [(3_600.0, [2, 2]), (2 * sweep.LATELY, [1, 2])])
def test_a_quiet_run_that_goes_on_is_seen_while_a_note_is_believed(
    files: list[LogFile], tmp_path: Path, clock: Clock, checked: list[str], silent: float, points: list[int]
) -> None:
    """Its file grows, which gives no folder another time. If it was silent for long, once no note is believed."""
    quiet = LogFile(tmp_path, "quiet").start(1.6e9).series(0, "loss").point(0, 1, 0.5)
    for file in [quiet, *files]:
        file.save()
    os.utime(quiet.path, (clock.now - silent, clock.now - silent))
    index(tmp_path).refresh()
    assert index(tmp_path).refresh().ids[-1] == quiet.run.hex()
    checked.clear()
    clock.now += sweep.BELIEVED - 1
    quiet.point(0, 2, 0.25).save()
    assert _points(tmp_path, quiet) == points[0]
    assert len(set(checked)) < RUNS
    clock.now += 2
    assert _points(tmp_path, quiet) == points[1]


def _points(repo: Path, file: LogFile) -> int:
    points, _ = contents(index(repo).refresh())
    return len(points[file.run.hex(), "loss", "{}"])


def test_what_the_cache_does_not_have_yet_is_in_the_note(
    files: list[LogFile], tmp_path: Path, clock: Clock, checked: list[str]
) -> None:
    """A folder that changed, of which nothing is in a segment yet, and one that is gone."""
    for file in files:
        file.save()
    index(tmp_path).refresh()
    LogFile(tmp_path, "run 0", run=files[0].run, writer=b"anotherw").start(1.8e9).save()
    shutil.rmtree(files[1].path.parent)
    first = index(tmp_path).refresh()
    assert (len(first), first.writers[-1]) == (RUNS - 1, 2)
    checked.clear()
    second = index(tmp_path).refresh()
    assert (len(second), second.writers[-1]) == (RUNS - 1, 2)
    assert len(set(checked)) < RUNS


def test_edits_and_new_runs_are_seen_at_once(
    watching: Index, tmp_path: Path, checked: list[str], files: list[LogFile]
) -> None:
    Editor(tmp_path / ".aim").edit(files[0].run.hex(), "name", "edited")
    finished(tmp_path, 99)
    catalog = index(tmp_path).refresh()
    assert (len(catalog), catalog.column("name")[-1]) == (RUNS + 1, "edited")
    assert len(set(checked)) < RUNS


def test_a_folder_that_has_no_file_yet(tmp_path: Path, watching: Index, clock: Clock) -> None:
    file = LogFile(tmp_path, "late").start(1.8e9).end(1.8e9 + 1)
    file.path.parent.mkdir()
    assert len(watching.refresh()) == RUNS
    listed = partition_of(watching).source.listing()
    file.save()
    assert partition_of(watching).source.listing() == listed
    assert len(watching.refresh()) == RUNS + 1


def test_a_new_time_of_the_folder_of_runs_makes_all_due(
    tmp_path: Path, watching: Index, clock: Clock, checked: list[str], files: list[LogFile]
) -> None:
    """As when a copy sets the time of the folder."""
    copied_in(files)
    os.utime(tmp_path / ".aim" / "runs")
    assert watching.refresh().writers[-1] == 2


def test_a_resume_of_an_old_run_is_seen_at_once(tmp_path: Path, watching: Index, clock: Clock) -> None:
    """Also by a process that begins just after another one checked all."""
    with Run("run 0", repo=tmp_path, resume=True):
        assert [index(tmp_path).refresh().writers[-1], watching.refresh().writers[-1]] == [2, 2]


def test_new_runs_are_seen_at_once(tmp_path: Path, watching: Index, clock: Clock, checked: list[str]) -> None:
    finished(tmp_path, 99)
    assert len(watching.refresh()) == RUNS + 1
    assert len(set(checked)) < RUNS
