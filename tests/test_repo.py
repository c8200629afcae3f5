"""A repository as people use it: found, asked, edited, merged, and emptied."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import aim
from aim import engine, files
from aim.cli import sealing
from aim.errors import EditError, LogError, RepoError, RunError
from aim.index import rows
from aim.index.sources.logs import Logs
from aim.log import edits
from aim.query import select
from aim.repo import Repo


def train(folder: Path, hash: str, *, lr: float = 0.1, steps: int = 5, experiment: str | None = None) -> str:
    """One finished run; returns its id."""
    with aim.Run(hash, repo=folder, experiment=experiment) as run:
        run["hparams"] = {"lr": lr, "net": {"depth": 3}}
        for step in range(steps):
            run.track(1 / (step + 1), name="loss", step=step, epoch=step / 2, context={"subset": "train"})
        return run.id


def answers(repo: Repo) -> list[Any]:
    """Everything that a repository says of its runs."""
    rows = repo.table.rows("run.archived in (True, False)").runs
    facts = [(r.id, r.hash, r.name, r.experiment, r.description, r.tags, r.archived, r.status, r.params) for r in rows]
    series = repo.select("* if run.archived in (True, False)").series
    numbers = list(zip(series.name, map(str, series.context), series.count.tolist(), series.last.tolist(), strict=True))
    return [facts, numbers, repo.experiments.names(), repo.experiments.active]


# Finding it


def test_the_nearest_one_upward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train(tmp_path, "a")
    deep = tmp_path / "x" / "y"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert Repo().root == tmp_path
    assert [run.hash for run in aim.select_runs()] == ["a"]
    other = tmp_path / "other"
    train(other, "b")
    monkeypatch.setenv("AIM_REPO", str(other))
    assert [run.hash for run in aim.select_metrics("loss")] == ["b"]


def test_by_either_folder(tmp_path: Path) -> None:
    train(tmp_path, "a")
    for path in (tmp_path, tmp_path / ".aim", str(tmp_path)):
        assert len(aim.select_runs(repo_path=path)) == 1
        assert Repo(path).aim_dir == tmp_path / ".aim"


def test_no_repository_exists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RepoError, match="aim init"):
        Repo(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RepoError, match="or above it"):
        aim.select_runs()


def test_a_repository_that_cannot_be_changed_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    id = train(tmp_path, "a")
    with pytest.raises(RepoError, match="opened read-only. Open it without read_only=True, or without --read-only"):
        Repo(tmp_path, read_only=True).runs.tag(id, "x")
    monkeypatch.setattr(os, "access", lambda place, mode: False)
    with pytest.raises(RepoError, match="may not write to it. Ask its owner for access, or merge it into your own"):
        Repo(tmp_path).runs.tag(id, "x")


def test_nothing_is_deleted_or_sealed_through_a_link(tmp_path: Path) -> None:
    """A repository of a stranger may link to the runs of another one, and hold their deletion as an edit."""
    id = train(tmp_path / "mine", "a")
    logs = sorted((tmp_path / "mine" / ".aim" / "runs").rglob("*.log"))
    theirs = Repo.init(tmp_path / "theirs").aim_dir
    (theirs / "runs").rmdir()
    (theirs / "runs").symlink_to(tmp_path / "mine" / ".aim" / "runs")
    with pytest.raises(EditError, match="is a link, and no file is deleted through it"):
        Repo(theirs).runs.delete(id)
    assert files.remove_runs(theirs, {id}) == files.Freed(0, 0, 0)
    assert list(sealing.seal_finished(theirs, progress=lambda done, total: None).skipped.values()) == [
        [theirs / "runs"]
    ]
    with pytest.raises(NotADirectoryError, match="runs is a link, and Aim writes through no link"):
        Repo(theirs).merge(tmp_path / "mine")
    other = Repo.init(tmp_path / "other").aim_dir
    (other / "runs" / ("1" * 32)).symlink_to(logs[0].parent)
    assert sealing.seal_finished(other, progress=lambda done, total: None).files == 0
    assert sorted((tmp_path / "mine" / ".aim" / "runs").rglob("*.log")) == logs


def test_a_newer_format(tmp_path: Path) -> None:
    train(tmp_path, "a")
    (tmp_path / ".aim" / "repo.json").write_text('{"format": 2, "copy": 2}')
    with pytest.raises(RepoError, match="upgrade aim"):
        Repo(tmp_path)


def test_init_again_keeps_what_is_there_unless_asked(tmp_path: Path) -> None:
    train(tmp_path, "a")
    assert Repo.init(tmp_path).count() == 1
    assert Repo.init(tmp_path, reinitialize=True).count() == 0
    assert (tmp_path / ".aim" / "repo.json").is_file()


# Asking it


def test_a_run_by_hash_id_or_beginning(tmp_path: Path) -> None:
    id = train(tmp_path, "base line")
    repo = Repo(tmp_path)
    for name in ("base line", id, id[:8]):
        assert repo.run(name).id == id
    with pytest.raises(RunError, match="aim runs ls"):
        repo.run("nobody")
    other = tmp_path / "other"
    train(other, "base line")
    repo.merge(other)
    with pytest.raises(RunError, match="2 runs"):
        repo.run("base line")
    assert len(repo.table.rows('run.hash == "base line"').runs) == 2


def test_a_run_gathers_its_series_when_they_are_first_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with aim.Run("a", repo=tmp_path) as run:
        run["lr"] = 0.1
        run.track(1.0, name="loss")
        run.track(aim.Text("hello"), name="samples")
    gathered: list[object] = []
    gather = select.gather
    monkeypatch.setattr(select, "gather", lambda *given, **more: gathered.append(given) or gather(*given, **more))
    opened = Repo(tmp_path).run("a")
    (samples,) = opened.objects()
    assert (opened.params, samples[0].data, gathered) == ({"lr": 0.1}, b"hello", [])
    assert [trace.last for _ in range(2) for trace in opened.metrics["loss"]] == [1.0, 1.0] and len(gathered) == 1


def test_a_run_outlives_the_segments_it_was_found_in(tmp_path: Path) -> None:
    for number in range(70):  # more than the index keeps in memory alone
        train(tmp_path, f"run {number}", steps=2)
    Repo(tmp_path).count()
    run = Repo(tmp_path).run("run 3")
    shutil.rmtree(tmp_path / ".aim" / "cache")
    assert [trace.last for trace in run.metrics["loss"]] == [0.5]


QUESTIONS: dict[str, Callable[[Repo, str], object]] = {
    "writers": lambda repo, id: repo.logs.writers(id)[0].ended,
    "output": lambda repo, id: (repo.logs.output_writers(id), repo.logs.may_print(id)),
    "messages": lambda repo, id: repo.logs.messages("run 3").left_out,
    "environment": lambda repo, id: repo.logs.environment(id) is None,
    "news": lambda repo, id: len(repo.news(-1).changed),
    "overview": lambda repo, id: repo.overview()[1:],
    "fields": lambda repo, id: repo.edits.fields(id),
    "experiments": lambda repo, id: repo.experiments.names(),
    "deletable": lambda repo, id: repo.runs.check_deletable([id]),
    "edit": lambda repo, id: repo.runs.tag(id, "seen"),
    "add params": lambda repo, id: repo.runs.add_params(id, {"a": 1}),
}


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("indexed")
    for number in range(66):  # more than the index keeps in memory alone
        train(folder, f"run {number}", steps=1)
    Repo(folder).count()
    return folder


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_segment_that_another_process_removed_is_not_an_error(indexed: Path, tmp_path: Path, question: str) -> None:
    answers, id = [], Repo(indexed).run("run 3").id
    for name in ("whole", "removed"):
        shutil.copytree(indexed, tmp_path / name)
        repo = Repo(tmp_path / name)
        assert repo.count() == 66
        if name == "removed":
            for path in repo.aim_dir.glob("cache/*.parquet"):
                path.unlink()
        answers.append(QUESTIONS[question](repo, id))
    assert answers[0] == answers[1]


def test_a_live_run_is_seen_point_by_point(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path)
    before = repo.revision()
    with aim.Run("live", repo=tmp_path) as run:
        for step in range(3):
            run.track(float(step), name="loss")
            assert repo.select("loss").points().values.tolist() == [float(i) for i in range(step + 1)]
        assert repo.table.rows().runs[0].status == "running"
        assert repo.news(before)[1:3] == ({run.id}, {run.id})
    assert repo.table.rows().runs[0].status == "finished"
    latest = repo.revision()
    assert latest != before and repo.revision() == latest and repo.news(latest)[:3] == (latest, set(), set())


def test_news_tell_also_what_is_read_while_they_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the thread does that reads many new runs."""
    repo = Repo.init(tmp_path)
    before, changes = repo.revision(), repo._index.changes

    def read_on(since: int) -> frozenset[str] | None:
        told = changes(since)
        train(tmp_path, "late", steps=1)
        repo.count()
        return told

    with monkeypatch.context() as patched:
        patched.setattr(repo._index, "changes", read_on)
        first = repo.news(before)
    assert first.changed | repo.news(first.revision).changed == {repo.run("late").id}


def test_a_resumed_run_hides_abandoned_points(tmp_path: Path) -> None:
    train(tmp_path, "a", steps=10)
    with aim.Run("a", repo=tmp_path, resume_from=4) as run:
        for step in range(4, 6):
            run.track(9.0, name="loss", step=step, context={"subset": "train"})
    selection = Repo(tmp_path).select("loss")
    assert selection.points().steps.tolist() == [0, 1, 2, 3, 4, 5]
    assert (selection.series.count.tolist(), selection.series.max.tolist()) == ([6], [9.0])


KILLED = (
    "import aim, os, sys; run = aim.Run('k', repo=sys.argv[1]); run.track(1.0, name='loss'); os.kill(os.getpid(), 9)"
)


def test_a_killed_run_can_be_closed(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)])
    repo = Repo(tmp_path)
    (row,) = repo.table.rows().runs
    assert row.status == "killed"
    repo.runs.close(row.id, status="failed")
    assert Repo(tmp_path).table.rows().runs[0].status == "failed"
    with pytest.raises(EditError, match="already"):
        repo.runs.close(train(tmp_path, "b"))


# Editing it


EDITS = [
    ("name", "best", lambda row: row.name == "best"),
    ("description", "", lambda row: row.description == ""),
    ("experiment", "other", lambda row: row.experiment == "other"),
    ("archived", True, lambda row: row.archived),
    ("tag", "good", lambda row: row.tags == ("good",)),
]


@pytest.mark.parametrize(("field", "value", "holds"), EDITS, ids=[edit[0] for edit in EDITS])
def test_an_edit_reaches_every_client(tmp_path: Path, field: str, value: Any, holds: Any) -> None:
    id = train(tmp_path, "a")
    repo, other = Repo(tmp_path), Repo(tmp_path)
    before = other.revision()
    repo.runs.edit(id, field, value)
    for reader in (repo, other, Repo(tmp_path)):
        assert holds(reader.table.rows("run.archived in (True, False)").runs[0])
    assert other.news(before)[1] == {id}


def test_the_last_edit_wins_whoever_made_it(tmp_path: Path) -> None:
    with aim.Run("a", repo=tmp_path) as run:
        run.name = "by the script"
        repo = Repo(tmp_path)
        repo.runs.edit(run.id, "name", "by a person")
        assert repo.run("a").name == "by a person"
        run.name = "by the script again"
        assert repo.run("a").name == "by the script again"
    repo.runs.tag(run.id, "x")
    repo.runs.edit(run.id, "untag", "x")
    assert repo.run("a").tags == []


def test_a_fast_clock_does_not_block_later_edits(tmp_path: Path) -> None:
    id = train(tmp_path, "a")
    ahead = edits.Editor(tmp_path / ".aim")
    ahead.edit(id, "name", "from the future", seen=4_000_000_000_000_000)
    repo = Repo(tmp_path)
    repo.runs.edit(id, "name", "from today")
    assert repo.run("a").name == "from today"


REFUSED = [
    ("archived", "yes", "True or False"),
    ("name", 5, "not empty"),
    ("tag", " ", "not empty"),
    ("experiment", "", "not empty"),
    ("color", "red", "name, description"),
    ("note:", "x", "no field"),
]


@pytest.mark.parametrize(("field", "value", "words"), REFUSED)
def test_invalid_edits(tmp_path: Path, field: str, value: Any, words: str) -> None:
    id = train(tmp_path, "a")
    with pytest.raises(EditError, match=words):
        Repo(tmp_path).runs.edit(id, field, value)


def test_an_unknown_run_is_not_edited(tmp_path: Path) -> None:
    train(tmp_path, "a")
    for change in (lambda repo: repo.runs.archive(["f" * 32]), lambda repo: repo.runs.delete("f" * 32)):
        with pytest.raises(RunError, match="ids"):
            change(Repo(tmp_path))


def test_read_only(tmp_path: Path) -> None:
    id = train(tmp_path, "a")
    repo = Repo(tmp_path, read_only=True)
    assert not repo.edits.writable
    with pytest.raises(RepoError, match="read_only"):
        repo.runs.archive(id)
    with pytest.raises(RepoError, match="read_only"):
        repo.merge(tmp_path)
    assert repo.count() == 1


# Experiments


def test_experiments(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path)
    assert (repo.experiments.names(), repo.experiments.active) == (["default"], "default")
    repo.experiments.add("x")
    with pytest.raises(EditError, match="exists"):
        repo.experiments.add("x")
    repo.experiments.checkout("x")
    id = train(tmp_path, "in x")
    train(tmp_path, "in y", experiment="y")
    assert (repo.experiments.names(), repo.experiments.active) == (["default", "x", "y"], "x")
    assert repo.run(id).experiment == "x"
    freed = repo.experiments.remove("x")
    assert (freed.runs, freed.files) == (1, 1) and freed.bytes > 0
    assert (repo.experiments.names(), repo.experiments.active, repo.count()) == (["default", "y"], "default", 1)
    with pytest.raises(EditError, match="no experiment 'x'"):
        repo.experiments.checkout("x")
    with pytest.raises(EditError, match="default"):
        repo.experiments.remove("default")


def test_an_experiment_is_renamed_with_its_runs_note_and_place(tmp_path: Path) -> None:
    train(tmp_path, "in x", experiment="x")
    repo = Repo(tmp_path)
    repo.experiments.checkout("x")
    repo.experiments.note("x", "why")
    repo.experiments.archive("x")
    repo.experiments.rename("x", "y")
    assert list(repo.experiments) == [("default", False, False, ""), ("y", True, True, "why")]
    assert (repo.run("in x").experiment, repo.run("in x").archived) == ("y", True)
    repo.experiments.archive("y", False)
    repo.experiments.note("y", None)
    assert list(repo.experiments)[1] == ("y", True, False, "") and not repo.run("in x").archived
    for old, new, words in (
        ("default", "z", "cannot be renamed"),
        ("y", " ", "needs a name"),
        ("y", "default", "exist"),
    ):
        with pytest.raises(EditError, match=words):
            repo.experiments.rename(old, new)


# Tags, notes, bookmarks


def test_tags(tmp_path: Path) -> None:
    ids = [train(tmp_path, "a"), train(tmp_path, "b")]
    repo = Repo(tmp_path)
    repo.runs.tag(ids, "plain")
    repo.tags.save("good", color="#1a7f4b", comment="worth keeping")
    assert list(repo.tags) == [("good", "#1a7f4b", "worth keeping", False), ("plain", None, "", False)]
    repo.tags.save("better", color="#1a7f4b", was="plain")
    assert [tag.name for tag in repo.tags] == ["better", "good"]
    assert [row.tags for row in repo.table.rows().runs] == [("better",)] * 2
    assert (repo.tags.remove("better"), repo.tags.remove("good"), list(repo.tags)) == (2, 0, [])
    with pytest.raises(EditError, match="no tag 'good'"):
        repo.tags.remove("good")


def test_notes(tmp_path: Path) -> None:
    id = train(tmp_path, "a")
    repo = Repo(tmp_path)
    first, second = repo.notes.save(id, "one"), repo.notes.save(id, "two")
    assert repo.notes.save(id, "changed", id=first) == first
    assert [(note.id, note.text) for note in repo.notes.of(id)] == [(first, "changed"), (second, "two")]
    repo.notes.remove(id, first)
    assert [note.text for note in Repo(tmp_path).notes.of(id)] == ["two"]


def test_bookmarks(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path)
    old, new = repo.bookmarks.save("?q=loss", name="Loss"), repo.bookmarks.save("?q=lr", name="Rate")
    repo.bookmarks.save("?q=loss&logY=1", name="Loss", description="log", id=old)
    shown = [
        (bookmark.id, bookmark.name, bookmark.description, bookmark.search) for bookmark in Repo(tmp_path).bookmarks
    ]
    assert shown == [(new, "Rate", "", "?q=lr"), (old, "Loss", "log", "?q=loss&logY=1")]
    repo.bookmarks.remove(old)
    assert [bookmark.id for bookmark in repo.bookmarks] == [new]
    for wrong in (lambda: repo.bookmarks.remove(old), lambda: repo.bookmarks.save("q=loss", name="x")):
        with pytest.raises(EditError):
            wrong()


def test_invalid_values_from_other_programs_are_left_out(tmp_path: Path) -> None:
    id = train(tmp_path, "a")
    writer = edits.Editor(tmp_path / ".aim")
    for run, field in ((None, "tag:x"), (None, "bookmark:x"), (id, "note:x")):
        writer.edit(run, field, ["not", "ours"])
    repo = Repo(tmp_path)
    assert (list(repo.tags), list(repo.bookmarks), repo.notes.of(id)) == ([], [], [])


def test_an_edit_of_many_runs_reads_their_documents_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [train(tmp_path, str(number)) for number in range(6)]
    repo = Repo(tmp_path)
    monkeypatch.setattr(rows, "_KEPT_ROWS", 0)
    read, documents = engine.read, [0]

    def counted(parts: Any, columns: list[str], *, among: Any = None) -> engine.Columns:
        documents[-1] += "doc" in columns
        return read(parts, columns, among=among)

    monkeypatch.setattr(engine, "read", counted)
    for some in (ids[:1], ids[:2], ids):
        repo.runs.tag(some, f"tag {len(some)}")
        documents.append(0)
    assert documents[1] == documents[2] > 0
    assert all("tag 6" in run.tags for run in repo.select_runs())


@pytest.mark.parametrize("name", ["add_params", "give_params"])
def test_params_are_added_also_by_the_earlier_name(tmp_path: Path, name: str) -> None:
    id = train(tmp_path, "a")
    repo = Repo(tmp_path)
    getattr(repo.runs, name)(id, {"model.depth": 18})
    assert repo.run(id).params["model"] == {"depth": 18}


# Deleting and merging


def test_a_deleted_run_stays_deleted(tmp_path: Path) -> None:
    original, copy = tmp_path / "one", tmp_path / "copy"
    kept, gone = train(original, "kept"), train(original, "gone")
    shutil.copytree(original, copy)
    repo = Repo(original)
    size = sum(path.stat().st_size for path in (original / ".aim" / "runs").rglob(f"{gone}*"))
    freed = repo.runs.delete(gone)
    assert (freed.runs, freed.files, freed.bytes) == (1, 1, size)
    assert not list((original / ".aim" / "runs").rglob(f"{gone}*"))
    assert repo.merge(copy).runs == 0
    assert [row.id for row in repo.table.rows().runs] == [kept]
    shutil.copytree(copy / ".aim" / "runs", original / ".aim" / "runs", dirs_exist_ok=True)
    assert [row.id for row in Repo(original).table.rows().runs] == [kept]
    back = Repo(copy).merge(original)
    assert (back.swept, [row.id for row in Repo(copy).table.rows().runs]) == (1, [kept])


def three(tmp_path: Path) -> list[Path]:
    """Three copies that went their own ways."""
    first = tmp_path / "0"
    ids = [train(first, f"run {i}") for i in range(4)]
    for i in (1, 2):
        shutil.copytree(first, tmp_path / str(i))
    folders = [tmp_path / str(i) for i in range(3)]
    for i, folder in enumerate(folders):
        repo = Repo(folder)
        train(folder, "baseline", lr=float(i))
        repo.runs.edit(ids[0], "name", f"named by {i}")
        repo.runs.tag(ids[1], f"tag {i}")
        repo.experiments.add(f"of {i}")
        with aim.Run("run 2", repo=folder, resume=True) as run:
            run.track(float(i), name=f"only {i}")
            run["hparams"] = {"lr": i, f"of {i}": i}
    Repo(folders[1]).runs.delete(ids[3])
    Repo(folders[2]).runs.archive(ids[3])
    return folders


def test_merges_in_any_order_twice_or_interrupted_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = three(tmp_path)
    answered = []
    for number, order in enumerate(itertools.permutations(range(3))):
        target = tmp_path / f"merged {number}"
        repo = Repo.init(target)
        for i in order:
            with monkeypatch.context() as patch:
                patch.setattr(os, "replace", Interrupted(os.replace, after=number))
                with pytest.raises(KeyboardInterrupt):
                    repo.merge(folders[i])
                    raise KeyboardInterrupt
            repo.merge(folders[i])
            assert repo.merge(Repo(folders[i])).files == 0
        answered.append(answers(repo))
        shutil.rmtree(target / ".aim" / "cache")
        assert answers(Repo(target)) == answered[-1]
    assert all(entry == answered[0] for entry in answered)
    assert len(answered[0][0]) == 6


class Interrupted:
    """A call that works `after` times and then is Ctrl-C."""

    def __init__(self, call: Any, *, after: int) -> None:
        self.call, self.left = call, after

    def __call__(self, *given: Any, **named: Any) -> Any:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return self.call(*given, **named)


def test_a_merge_brings_what_a_live_run_wrote_since(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path / "target")
    with aim.Run("live", repo=tmp_path / "source") as run:
        run.track(1.0, name="loss")
        assert repo.merge(tmp_path / "source").files == 1
        run.track(2.0, name="loss")
        assert repo.merge(tmp_path / "source").files == 1
    assert repo.select("loss").points().values.tolist() == [1.0, 2.0]


def test_a_merge_with_itself_is_refused(tmp_path: Path) -> None:
    train(tmp_path, "a")
    with pytest.raises(RepoError, match="itself"):
        Repo(tmp_path).merge(tmp_path / ".aim")


def test_media_of_another_repository_are_not_read(tmp_path: Path) -> None:
    """A database can state any folder for a run."""
    for name in ("mine", "theirs"):
        with aim.Run("a", repo=tmp_path / name) as run:
            run.track(aim.Text(name), "texts")
    theirs = Repo(tmp_path / "theirs").run("a")
    (value,) = next(iter(theirs.objects()))
    place = value._objects.location(0)
    mine = Logs(tmp_path / "mine" / ".aim")
    assert Logs(tmp_path / "theirs" / ".aim").content(place, "text", "{}", None) == b"theirs"
    folder = str(tmp_path / "theirs" / ".aim" / "runs" / place.folder)
    for stated in (folder, os.path.relpath(folder, tmp_path / "mine" / ".aim" / "runs")):
        with pytest.raises(LogError, match="is gone"):
            mine.content(place._replace(folder=stated), "text", "{}", None)


NOUNS = ("bookmarks", "dashboards", "experiments", "logs", "notes", "table", "tags", "views")
UNNEEDED = {"difflib", "zoneinfo", "aim.importers.convert", "aim.query.table", "aim.query.beside"}


def test_a_query_imports_only_what_it_needs(tmp_path: Path) -> None:
    """Each module takes half a millisecond of every script that asks a question."""
    train(tmp_path, "a")
    unneeded = sorted({*UNNEEDED, *(f"aim.repo.{noun}" for noun in NOUNS)})
    code = f"import sys, aim; print(len(aim.select_metrics('loss')), *(set({unneeded}) & sys.modules.keys()))"
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["1"]
