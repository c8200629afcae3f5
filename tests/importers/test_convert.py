from __future__ import annotations

import os
from pathlib import Path

import pytest

from aim.importers import convert
from aim.repo import Repo
from tests.index.sources.tensorboard.answers import GOLDEN, pairs, series_of
from tests.index.sources.tensorboard.events import (
    event,
    event_file,
    frame,
    message,
    scalar,
    scalars,
    session,
    session_start,
    tensor,
)

Series = dict[str, dict[str, list[tuple[int, float]]]]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.init(tmp_path / "home")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    return tmp_path / "logs"


def values(repo: Repo) -> list[tuple[str, str, str, int, bytes]]:
    return sorted((s.run.hash, s.kind, s.name, p.step, p.data) for s in repo.objects() for p in s)


def files(repo: Repo) -> list[Path]:
    return sorted(path for path in (repo.aim_dir / "runs").rglob("*") if path.is_file())


def test_the_copy_equals_the_shown_runs(repo: Repo, tmp_path: Path) -> None:
    shown = Repo(Repo.init(tmp_path / "other").root, tf_logs=GOLDEN / "logs")
    copied = repo.convert_tensorboard(GOLDEN / "logs")
    assert repr(series_of(repo)) == repr(series_of(shown))
    assert (copied.runs, copied.points) == (7, 1293), "four of them are texts and histograms"
    assert values(repo) == values(shown) and len(values(repo)) == 4
    columns = [
        [
            [[str(trace.times.tolist()) for trace in run.metrics[name].traces] for name in sorted(run.metrics)]
            for run in opened.select_runs()
        ]
        for opened in (repo, shown)
    ]
    assert columns[0] == columns[1]
    mine, theirs = ({run.hash: run for run in opened.table.rows().runs} for opened in (repo, shown))
    assert {name: run.params for name, run in mine.items()} == {name: run.params for name, run in theirs.items()}
    assert {(run.experiment, run.status, run.damaged) for run in mine.values()} == {("TF", "finished", 0)}


def test_a_second_copy_adds_nothing(repo: Repo) -> None:
    repo.convert_tensorboard(GOLDEN / "logs")
    before = [(path, path.read_bytes()) for path in files(repo)]
    again = Repo(repo.root).convert_tensorboard(GOLDEN / "logs")
    assert (again.runs, again.points, len(again.ids)) == (0, 0, 7)
    assert [(path, path.read_bytes()) for path in files(repo)] == before


def test_only_new_points_are_copied(repo: Repo, logs: Path) -> None:
    path = event_file(logs / "a", session({"lr": 0.5}), *scalars(1.0, 2.0))
    event_file(logs / "b", *scalars(5.0))
    repo.convert_tensorboard(logs, experiment="old")
    before = files(repo)
    with open(path, "ab") as file:
        file.write(scalar("loss", 2, 3.0) + scalar("new", 0, 4.0) + scalar("loss", 3, 9.0)[:-1])
    os.utime(repo.aim_dir / "runs", (1, 1))
    copied = repo.convert_tensorboard(logs)
    assert (repo.aim_dir / "runs").stat().st_mtime > 1, "readers check the folders of all runs"
    assert (copied.runs, copied.points) == (1, 2)
    assert len(files(repo)) == len(before) + 1
    event_file(logs / "a", *scalars(6.0, first=4), number=2)
    assert repo.convert_tensorboard(logs).points == 1
    expected: Series = {"a": {"loss": [*pairs(1.0, 2.0, 3.0), (4, 6.0)], "new": pairs(4.0)}, "b": {"loss": pairs(5.0)}}
    assert series_of(repo) == expected
    (run,) = repo.table.rows("hparams.lr == 0.5").runs
    assert (run.hash, run.experiment, run.status) == ("a", "old", "finished")


RESTARTED: Series = {"a": {"loss": pairs(1.0, 2.0, 8.0, 9.0)}}


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("separate", [True, False])
def test_restarts(repo: Repo, logs: Path, at_once: bool, separate: bool) -> None:
    path = event_file(logs / "a", session_start(0), *scalars(1.0, 2.0, 3.0, 4.0))
    if not at_once:
        repo.convert_tensorboard(logs)
    again = [session_start(2), *scalars(8.0, 9.0, first=2)]
    if separate:
        event_file(logs / "a", *again, number=2)
    else:
        with open(path, "ab") as file:
            file.write(b"".join(again))
    repo.convert_tensorboard(logs)
    assert series_of(repo) == RESTARTED
    assert repo.convert_tensorboard(logs).runs == 0
    assert series_of(repo) == RESTARTED


@pytest.mark.parametrize("moved", [1, 2])
def test_a_copy_that_was_interrupted_is_completed(
    repo: Repo, logs: Path, monkeypatch: pytest.MonkeyPatch, moved: int
) -> None:
    """Killed between the logs of one run: logs in place are complete and say how far they reach."""
    restart = [session_start(0), *scalars(1.0, 2.0, 3.0, 4.0), session_start(2), *scalars(8.0, 9.0, 7.0, first=2)]
    event_file(logs / "a", *restart, session_start(4), *scalars(6.0, first=4))
    left = [moved]
    real = convert.os.replace

    def replace(source: Path, target: str, *, dst_dir_fd: int) -> None:
        if not left[0]:
            raise OSError("the disk is gone")
        left[0] -= 1
        real(source, target, dst_dir_fd=dst_dir_fd)

    with monkeypatch.context() as patch:
        patch.setattr(convert.os, "replace", replace)
        with pytest.raises(OSError, match="the disk is gone"):
            repo.convert_tensorboard(logs)
    assert len(files(repo)) == moved
    repo.convert_tensorboard(logs)
    assert series_of(repo) == {"a": {"loss": pairs(1.0, 2.0, 8.0, 9.0, 6.0)}}
    assert repo.convert_tensorboard(logs).runs == 0


def test_two_folders_of_one_name(repo: Repo, tmp_path: Path) -> None:
    event_file(tmp_path / "x" / "a", *scalars(1.0), number=1)
    event_file(tmp_path / "y" / "a", *scalars(2.0), number=2)
    for logs in ("x", "y"):
        repo.convert_tensorboard(tmp_path / logs)
    assert sorted(run.metrics["loss"].traces[0].last for run in repo.select_runs()) == [1.0, 2.0]


def test_the_folder_itself(repo: Repo, logs: Path) -> None:
    event_file(logs, *scalars(1.0))
    repo.convert_tensorboard(logs)
    assert series_of(repo) == {"logs": {"loss": pairs(1.0)}}


def test_a_deleted_run_stays_deleted(repo: Repo, logs: Path) -> None:
    event_file(logs / "a", *scalars(1.0))
    (id,) = repo.convert_tensorboard(logs).ids.values()
    repo.runs.delete(id)
    assert repo.convert_tensorboard(logs).runs == 0 and repo.count() == 0


def test_edits_go_with_the_runs(repo: Repo, logs: Path) -> None:
    event_file(logs / "trial", session({"lr": 0.5}))
    event_file(logs / "trial" / "a", *scalars(1.0))
    shown = Repo(repo.root, tf_logs=logs)
    id = next(run.id for run in shown.table.rows().runs if run.hash == "trial/a")
    shown.runs.tag(id, "best")
    shown.runs.edit(id, "param:seed", 7)
    repo.convert_tensorboard(logs)
    (run,) = repo.table.rows("best in run.tags").runs
    assert run.params == {"hparams": {"lr": 0.5}, "default": {"seed": 7}}
    repo.runs.edit(run.id, "untag", "best")
    repo.convert_tensorboard(logs)
    assert repo.table.rows("best in run.tags").runs == []


def test_empty_files_make_no_run(repo: Repo, logs: Path) -> None:
    event_file(logs / "a")
    (logs / "events.out.tfevents.0").write_bytes(b"")
    copied = repo.convert_tensorboard(logs)
    assert (copied.runs, repo.count()) == (0, 0)


FOLDERS = GOLDEN.parent / "tensorboard-folders" / "logs"


def test_folders_that_belong_to_a_run(repo: Repo, tmp_path: Path) -> None:
    shown = Repo(tmp_path / "none", tf_logs=FOLDERS)
    repo.convert_tensorboard(FOLDERS)
    assert series_of(repo) == series_of(shown)
    assert "val/loss hard/set" in series_of(repo)["trained"]
    mine, theirs = ({run.hash: run.params for run in opened.select_runs()} for opened in (repo, shown))
    assert mine == {name: params for name, params in theirs.items() if name != "tried"}, "nothing is in that folder"
    assert values(repo) == values(shown) and len(values(repo)) == 1
    before = files(repo)
    assert repo.convert_tensorboard(FOLDERS).runs == 0 and files(repo) == before


def test_a_restart_hides_nothing_of_folders_that_belong_to_the_run(repo: Repo, logs: Path) -> None:
    event_file(logs / "a", session_start(0), *scalars(1.0, 2.0, 3.0))
    path = event_file(logs / "a" / "loss_x", *scalars(4.0, 5.0, 6.0))
    repo.convert_tensorboard(logs)
    event_file(logs / "a", session_start(1), *scalars(9.0, first=1), number=2)
    path.write_bytes(path.read_bytes() + scalar("loss", 3, 7.0))
    assert repo.convert_tensorboard(logs).points == 2
    assert series_of(repo) == {"a": {"loss": pairs(1.0, 9.0), "loss x": pairs(4.0, 5.0, 6.0, 7.0)}}
    assert repo.convert_tensorboard(logs).runs == 0


def test_hparams_of_texts_that_come_later_replace_none(repo: Repo, logs: Path) -> None:
    table = b"|param|value|\n|-|-|\n|lr|9.0|\n|seed|3|"
    text = frame(event(0, values=tensor("hyperparameters", 7, message(8, table), plugin="text")))
    path = event_file(logs / "a", session({"lr": 0.5}), *scalars(1.0))
    repo.convert_tensorboard(logs)
    path.write_bytes(path.read_bytes() + text)
    repo.convert_tensorboard(logs)
    (run,) = repo.select_runs()
    assert run.params == {"hparams": {"lr": 0.5, "seed": 3}}


def test_an_invalid_time_is_that_of_a_neighbor(repo: Repo, logs: Path) -> None:
    path = event_file(logs / "a", scalar("loss", 0, 1.0, wall=5e8), scalar("loss", 1, 2.0, wall=float("nan")))
    repo.convert_tensorboard(logs)
    path.write_bytes(path.read_bytes() + scalar("loss", 2, 3.0, wall=float("inf")))
    repo.convert_tensorboard(logs)
    for opened, statement in ((repo, "loss"), (Repo(repo.root, tf_logs=logs), "tf:loss")):
        (run,) = opened.select_metrics(statement)
        assert run.metrics["loss"].traces[0].times.tolist() == [5e8, 5e8, 5e8]


def test_no_repository_is_made_for_nothing(tmp_path: Path, logs: Path) -> None:
    assert Repo(tmp_path, tf_logs=logs).convert_tensorboard(logs).ids == {}
    assert not (tmp_path / ".aim").exists()


def test_an_earlier_run_of_a_folder_that_belongs_to_another_is_joined(repo: Repo, logs: Path) -> None:
    event_file(logs / "a" / "1700000000.5", session({"lr": 0.5}), scalar("accuracy", 0, 0.9))
    event_file(logs / "b", *scalars(7.0))
    assert repo.convert_tensorboard(logs).joined == {}
    (alone,) = (run for run in repo.select_runs() if "1700" in run.hash)
    repo.runs.edit(alone.id, "description", "the best one")
    repo.runs.tag(alone.id, "good")
    event_file(logs / "a", *scalars(1.0, 2.0))
    copied = repo.convert_tensorboard(logs)
    (run,) = (run for run in repo.select_runs() if run.hash == "a")
    assert (copied.joined, len(repo.select_runs())) == ({alone.id: run.id}, 2)
    assert set(run.metrics) == {"loss", "accuracy"} and run.params == {"hparams": {"lr": 0.5}}
    assert (run.description, run.tags) == ("the best one", ["good"])
    assert repo.convert_tensorboard(logs)[:2] == (0, 0)
    assert len(Repo(repo.root).select_runs()) == 2
