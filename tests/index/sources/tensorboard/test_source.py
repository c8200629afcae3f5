"""TensorBoard's logs next to the runs of a repository: real files, live files, damaged files."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

import aim
from aim.errors import EditError, RepoError
from aim.index import fold
from aim.index.sources.tensorboard import source
from aim.repo import Repo
from tests.index.sources.tensorboard.answers import GOLDEN, pairs, series_of
from tests.index.sources.tensorboard.events import (
    event,
    event_file,
    frame,
    scalar,
    scalars,
    session,
    session_start,
    simple,
    value,
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The repository's folder."""
    Repo.init(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    return tmp_path / "logs"


def test_real_files_as_tensorboard_reads_them(home: Path) -> None:
    repo = Repo(home, tf_logs=GOLDEN / "logs")
    expected = json.loads((GOLDEN / "expected.json").read_text())
    seen: dict[str, dict[str, Any]] = {folder: {} for folder in expected}
    for run in repo.select_metrics("*"):
        for name, metric in run.metrics.items():
            for trace in metric.traces:
                # Folders of `add_scalars` belong to the run of the folder above.
                folder = run.hash + (f"/{name}/{trace.context['tag']}" if trace.context else "")
                columns = zip(trace.steps.tolist(), trace.values.tolist(), trace.times.tolist(), strict=True)
                seen[folder][name] = list(map(list, columns))
    assert [point[:2] for point in seen["tensorflow/train"].pop("of/bfloat16")] == [[1, 1.0], [1 << 40, 1.0]]
    # TensorBoard's Python reader does not treat the first session start as a restart; torch writes only that one.
    restarted = [row for row in expected["torch/restarted"]["loss"] if row[0] < 5 or row[1] >= 100]
    expected["torch/restarted"] = {"loss": restarted}
    assert {run: set(tags) for run, tags in seen.items()} == {run: set(tags) for run, tags in expected.items()}
    for run, tags in expected.items():
        for tag, rows in tags.items():
            assert_alike(seen[run][tag], sorted(rows, key=lambda row: int(row[0])))


def assert_alike(mine: list[list[float]], theirs: list[list[float]]) -> None:
    assert len(mine) == len(theirs)
    for (step, number, wall), (their_step, their_number, their_wall) in zip(mine, theirs, strict=True):
        assert (step, repr(number)) == (their_step, repr(their_number))
        assert abs(wall - their_wall) < 1e-6


def test_a_page_of_the_table_has_their_numbers(home: Path, logs: Path) -> None:
    event_file(logs / "run", *scalars(0.5, 0.25, tag="eval/loss"))
    repo = Repo(home, tf_logs=logs)
    numbers = {name: repo.table.page(metrics=[name]).series.last.tolist() for name in ("eval/loss", "loss")}
    assert numbers == {"eval/loss": [0.25], "loss": []}, "a column is a metric by its whole name"


def test_against_the_installed_tensorboard() -> None:
    """The checked-in expectation matches TensorBoard's own reader, if it is installed."""
    pytest.importorskip("tensorboard.backend.event_processing.plugin_event_accumulator")
    from tests.golden.tensorboard.expect import expected

    assert json.dumps(expected(GOLDEN / "logs"), sort_keys=True) == (GOLDEN / "expected.json").read_text()


def test_hparams_facts_and_status_of_real_files(home: Path) -> None:
    repo = Repo(home, tf_logs=GOLDEN / "logs")
    runs = {run.hash: run for run in repo.table.rows().runs}
    assert runs["tensorflow/train"].params == {"hparams": {"learning_rate": 0.001, "units": 64, "optimizer": "adam"}}
    assert runs["torch/simple/hp"].params["hparams"]["name"] == "große"
    assert "skipped" not in runs["torch/simple"].facts["tensorboard"], "what is no scalar is a value of its kind"
    assert {run.experiment for run in runs.values()} == {"TF"} and {run.status for run in runs.values()} == {"finished"}
    assert repo.source_notes() == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("loss", {"mine": ["loss"]}),
        ("tf:loss", {"a": ["loss"], "b/c": ["train/loss", "val/loss"]}),
        ('tf:"train/loss"', {"b/c": ["train/loss"]}),
        ("loss, tf:acc", {"mine": ["loss"], "a": ["acc"]}),
        ("*", {"mine": ["loss"], "a": ["acc", "loss"], "b/c": ["train/loss", "val/loss"]}),
        ("tf:loss if hparams.lr == 0.5", {"b/c": ["train/loss", "val/loss"]}),
        ("loss, tf:loss if lr < 1", {"mine": ["loss"], "b/c": ["train/loss", "val/loss"]}),
        ("loss, tf:loss if experiment == TF", {"a": ["loss"], "b/c": ["train/loss", "val/loss"]}),
        ("loss, tf:loss if context.subset == train", {"mine": ["loss"]}),
        ("tf:loss if metric == 'val/loss'", {"b/c": ["val/loss"]}),
        ('tf:loss if run.hash == "a" or run.acc.max > 1', {"a": ["loss"]}),
        ("tf:lo", {}),
        ("tf:train", {}),
    ],
)
def test_selecting(home: Path, logs: Path, statement: str, expected: dict[str, list[str]]) -> None:
    with aim.Run("mine", repo=home) as run:
        run["hparams"] = {"lr": 0.5}
        run.track(1.0, "loss", context={"subset": "train"})
    event_file(logs / "a", *scalars(1.0), *scalars(0.5, tag="acc"))
    event_file(logs / "b" / "c", session({"lr": 0.5}), *scalars(2.0, tag="train/loss"), *scalars(3.0, tag="val/loss"))
    answer = series_of(Repo(home, tf_logs=logs), statement)
    assert {run: sorted(series) for run, series in answer.items()} == expected


def test_notes_and_completion(home: Path, logs: Path) -> None:
    event_file(logs / "a", *scalars(1.0, tag="train/loss"))
    repo = Repo(home, tf_logs=logs)
    assert repo.select("tf:los").notes == ["No TensorBoard run has a metric los; did you mean tf:loss?"]
    assert repo.select("loss").notes == ["No run has a metric loss."]
    assert repo.select("tf:loss").notes == []
    assert "--tf_logs" in repo.select("tf:loss").notes or "--tf_logs" in Repo(home).select("tf:loss").notes[0]


def test_growth_is_seen_and_only_growth_is_read(home: Path, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = event_file(logs / "a", *scalars(1.0, 2.0))
    repo = Repo(home, tf_logs=logs)
    assert series_of(repo) == {"a": {"loss": pairs(1.0, 2.0)}}
    starts = []
    real = source.blocks
    monkeypatch.setattr(source, "blocks", lambda path, start: starts.append(start) or real(path, start))
    size = path.stat().st_size
    new = scalar("loss", 2, 3.0)
    with open(path, "ab") as file:
        file.write(new[:-5])
    assert series_of(repo) == {"a": {"loss": pairs(1.0, 2.0)}}
    with open(path, "ab") as file:
        file.write(new[-5:] + scalar("other", 0, 9.0))
    assert series_of(repo) == {"a": {"loss": pairs(1.0, 2.0, 3.0), "other": pairs(9.0)}}
    assert starts == [size, size]
    revision = repo.revision()
    event_file(logs / "b", *scalars(5.0))
    assert set(series_of(repo)) == {"a", "b"} and repo.revision() > revision
    shutil.rmtree(logs / "a")
    assert set(series_of(repo)) == {"b"}


def test_a_file_that_was_only_touched_is_not_read_again(
    home: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = event_file(logs / "a", *scalars(1.0, 2.0))
    repo = Repo(home, tf_logs=logs)
    first = series_of(repo)
    starts = []
    real = source.blocks
    monkeypatch.setattr(source, "blocks", lambda path, start: starts.append(start) or real(path, start))
    os.utime(path, (0, 0))
    assert series_of(repo) == first
    assert starts == []


def test_a_file_whose_end_cannot_be_compared_is_read_again(
    home: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = event_file(logs / "a", *scalars(1.0, 2.0))
    repo = Repo(home, tf_logs=logs)
    first = series_of(repo)
    starts, real, last_word = [], source.blocks, source._last_word
    failures = [OSError(5, "Input/output error")]

    def failing(path: str, end: int) -> Any:
        if failures:
            raise failures.pop()
        return last_word(path, end)

    monkeypatch.setattr(source, "blocks", lambda path, start: starts.append(start) or real(path, start))
    monkeypatch.setattr(source, "_last_word", failing)
    os.utime(path, (0, 0))
    assert series_of(repo) == first
    assert starts == [0]


def test_the_cache_is_used_and_not_believed(home: Path, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold, "KEEP_POINTS", 1)
    for run in range(5):
        event_file(logs / f"run{run}", *scalars(1.0 * run, 2.0))
    first = series_of(Repo(home, tf_logs=logs))
    with monkeypatch.context() as patch:
        patch.setattr(source, "blocks", lambda path, start: pytest.fail(f"{path} was read again"))
        assert series_of(Repo(home, tf_logs=logs)) == first
    path = event_file(logs / "run0", *scalars(8.0, 9.0))
    os.utime(path, (0, 0))
    assert series_of(Repo(home, tf_logs=logs)) == first | {"run0": {"loss": pairs(8.0, 9.0)}}
    assert Repo(home).count() == 0, "the cache of the logs is not that of the repository"


def test_what_an_earlier_version_read_is_read_again(home: Path, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold, "KEEP_POINTS", 1)
    path = event_file(logs / "a", *scalars(1.0))
    with monkeypatch.context() as patch:
        patch.setattr(source, "_READING", 1)
        Repo(home, tf_logs=logs).revision()
    starts = []
    real = source.blocks
    monkeypatch.setattr(source, "blocks", lambda path, start: starts.append((path, start)) or real(path, start))
    assert series_of(Repo(home, tf_logs=logs)) == {"a": {"loss": pairs(1.0)}}
    assert starts == [(path, 0)]


def test_damage_is_reported_and_the_rest_is_shown(home: Path, logs: Path) -> None:
    path = event_file(logs / "a", *scalars(1.0, 2.0, 3.0))
    whole = path.read_bytes()
    at = len(whole) - 2 * len(scalar("loss", 2, 0.0))
    path.write_bytes(whole[: at + 20] + b"!" + whole[at + 21 : -2])
    repo = Repo(home, tf_logs=logs)
    assert series_of(repo) == {"a": {"loss": [(0, 1.0)]}}
    (run,) = repo.table.rows().runs
    end = len(whole) - len(scalar("loss", 2, 0.0))
    assert run.facts["tensorboard"]["damaged"] == [f"{path.name}: bytes {at:,} to {end:,}"]
    assert run.damaged == 2
    assert repo.source_notes() == [
        f"{path}: bytes {at:,} to {end:,} are damaged; what stands around them is shown",
        f"{path}: bytes {end:,} to {len(whole) - 2:,}, at its end, hold no whole record",
    ]


def test_a_live_file_is_not_called_damaged(home: Path, logs: Path) -> None:
    path = event_file(logs / "a", scalar("loss", 0, 1.0, wall=time.time()))
    with open(path, "ab") as file:
        file.write(scalar("loss", 1, 1.0)[:20])
    repo = Repo(home, tf_logs=logs)
    (run,) = repo.table.rows().runs
    assert (run.status, run.damaged) == ("running", 0)
    assert repo.source_notes() == []


@pytest.mark.parametrize(("changed", "word"), [(-10.0, "running"), (-1e4, "finished"), (3600.0, "running")])
def test_events_in_the_future_are_not_heartbeats(home: Path, logs: Path, changed: float, word: str) -> None:
    path = event_file(logs / "a", scalar("loss", 1, 1.0, wall=time.time() + 3600))
    os.utime(path, (time.time() + changed,) * 2)
    (run,) = Repo(home, tf_logs=logs).table.rows().runs
    assert run.status == word


@pytest.mark.parametrize("content", [b"", b"not an event file, but text of some length" * 100, bytes(10_000)])
def test_empty_files(home: Path, logs: Path, content: bytes) -> None:
    (logs / "odd").mkdir()
    (logs / "odd" / "events.out.tfevents.1").write_bytes(content)
    event_file(logs / "good", *scalars(1.0))
    assert series_of(Repo(home, tf_logs=logs)) == {"good": {"loss": pairs(1.0)}}


def test_several_files_of_one_run(home: Path, logs: Path) -> None:
    event_file(logs / "a", *scalars(1.0, 2.0), number=1)
    event_file(logs / "a", *scalars(3.0, 4.0, first=2), *scalars(7.0, tag="new"), number=2)
    assert series_of(Repo(home, tf_logs=logs)) == {"a": {"loss": pairs(1.0, 2.0, 3.0, 4.0), "new": pairs(7.0)}}


@pytest.mark.parametrize("separate", [False, True])
def test_a_restart_hides_the_steps_that_it_repeats(home: Path, logs: Path, separate: bool) -> None:
    before = [session_start(0), *scalars(1.0, 2.0, 3.0, 4.0)]
    again = [session_start(2), *scalars(8.0, 9.0, first=2)]
    if separate:
        event_file(logs / "a", *before, number=1)
        event_file(logs / "a", *again, number=2)
    else:
        event_file(logs / "a", *before, *again)
    repo = Repo(home, tf_logs=logs)
    assert series_of(repo) == {"a": {"loss": pairs(1.0, 2.0, 8.0, 9.0)}}
    assert repo.select("tf:loss").series.max.tolist() == [9.0]


def test_the_first_session_start_of_a_file_hides_nothing_of_it(home: Path, logs: Path) -> None:
    """Writers in several threads may record a point before it."""
    event_file(logs / "a", *scalars(1.0), session_start(0), *scalars(2.0, first=1))
    assert series_of(Repo(home, tf_logs=logs)) == {"a": {"loss": pairs(1.0, 2.0)}}


def test_hparams_of_a_folder_are_those_of_the_folders_below(home: Path, logs: Path) -> None:
    event_file(logs / "trial", session({"lr": 0.5}))
    event_file(logs / "trial" / "train", *scalars(1.0))
    event_file(logs / "trial" / "own", session({"lr": 0.7}), *scalars(1.0))
    event_file(logs / "apart", *scalars(1.0))
    repo = Repo(home, tf_logs=logs)
    assert set(series_of(repo, "tf:loss if hparams.lr == 0.5")) == {"trial/train"}
    assert set(series_of(repo, "tf:loss if hparams.lr > 0")) == {"trial/train", "trial/own"}


def test_edits_belong_to_the_folder(home: Path, logs: Path, tmp_path: Path) -> None:
    event_file(logs / "a", *scalars(1.0))
    event_file(logs / "b", *scalars(1.0))
    repo = Repo(home, tf_logs=logs)
    ids = {run.hash: run.id for run in repo.table.rows().runs}
    repo.runs.tag(ids["a"], "best")
    repo.runs.edit(ids["a"], "param:tf_lr", 0.001)
    repo.runs.edit(ids["a"], "param:hparams.layers", 3)
    repo.runs.archive(ids["b"])
    moved = logs.rename(tmp_path / "moved")
    again = Repo(home, tf_logs=moved)
    (run,) = again.table.rows().runs
    assert (run.hash, run.id, run.tags) == ("a", ids["a"], ("best",))
    assert run.params == {"default": {"tf_lr": 0.001}, "hparams": {"layers": 3}}
    for statement in ("tf:loss if params.tf_lr == 0.001", "tf:loss if layers == 3", "tf:loss if best in run.tags"):
        assert set(series_of(again, statement)) == {"a"}
    assert ("default", "tf_lr") in again.vocabulary().params
    assert set(series_of(again, "tf:loss if run.archived")) == {"b"}
    again.runs.edit(run.id, "param:tf_lr", 0.5)
    assert set(series_of(again, "tf:loss if tf_lr == 0.5")) == {"a"}


def test_event_files_are_never_deleted(home: Path, logs: Path) -> None:
    path = event_file(logs / "a", *scalars(1.0))
    repo = Repo(home, tf_logs=logs)
    with pytest.raises(EditError, match="only shown here; archive"):
        repo.runs.delete([run.id for run in repo.table.rows().runs])
    repo.experiments.checkout("TF")
    before = sorted((path, path.read_bytes()) for path in (home / ".aim" / "edits").iterdir())
    with pytest.raises(EditError, match="only shown here; archive"):
        repo.experiments.remove("TF")
    assert path.is_file() and set(series_of(repo)) == {"a"} and "TF" in repo.experiments.names()
    assert repo.experiments.active == "TF"
    assert before == sorted((path, path.read_bytes()) for path in (home / ".aim" / "edits").iterdir())


def test_event_files_are_never_written(home: Path, logs: Path) -> None:
    path = event_file(logs / "a", *scalars(1.0))
    before = (path.read_bytes(), path.stat().st_mtime_ns, sorted(logs.rglob("*")))
    series_of(Repo(home, tf_logs=logs))
    assert (path.read_bytes(), path.stat().st_mtime_ns, sorted(logs.rglob("*"))) == before


def test_links_in_a_circle(home: Path, logs: Path) -> None:
    event_file(logs, *scalars(2.0))
    event_file(logs / "a", *scalars(1.0))
    (logs / "a" / "back").symlink_to(logs, target_is_directory=True)
    assert set(series_of(Repo(home, tf_logs=logs))) == {".", "a"}


@pytest.mark.parametrize("to", ["/", "..", "../..", "."])
def test_a_link_to_a_folder_that_holds_the_logs_is_not_followed(home: Path, logs: Path, to: str) -> None:
    """It would walk the whole disk, again and again."""
    event_file(logs / "a", *scalars(1.0))
    event_file(logs.parent / "beside", *scalars(2.0))
    event_file(logs.parent / "elsewhere", *scalars(3.0))
    (logs / "up").symlink_to(to, target_is_directory=True)
    (logs / "b").symlink_to(logs.parent / "elsewhere", target_is_directory=True)
    assert set(series_of(Repo(home, tf_logs=logs))) == {"a", "b"}


def test_a_folder_that_is_removed_later(home: Path, logs: Path) -> None:
    event_file(logs / "a", *scalars(1.0))
    repo = Repo(home, tf_logs=logs)
    assert set(series_of(repo)) == {"a"}
    shutil.rmtree(logs)
    assert series_of(repo) == {}


def test_a_missing_folder(home: Path, logs: Path) -> None:
    with pytest.raises(RepoError, match="there is no folder"):
        Repo(home, tf_logs=logs / "nothing")


def test_a_repository_that_cannot_be_written(home: Path, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIM_CACHE_DIR", str(logs.parent / "private"))
    monkeypatch.setattr(
        "aim.index.cache_folder._writable", lambda folder, aim_dir: aim_dir is None and not made(folder)
    )
    event_file(logs / "a", *scalars(1.0))
    assert series_of(Repo(home, tf_logs=logs)) == {"a": {"loss": pairs(1.0)}}


def made(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


def test_odd_tags(home: Path, logs: Path) -> None:
    bad = value("x", b"").replace(b"x", b"\xff")
    names = ["", "ä/ö", "a\nb", "x" * 3000]
    records = [frame(event(0, values=simple(name, 1.0))) for name in names]
    event_file(logs / "a", *records, frame(event(0, values=bad)))
    assert set(series_of(Repo(home, tf_logs=logs))["a"]) == set(names)
