"""Media from end to end: recorded, folded, found by AimQL and read again."""

from __future__ import annotations

import os
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aim
from aim.cli.sealing import seal_finished
from aim.errors import LogError, QueryError, RunError
from aim.log import record
from aim.query.media import MediaSeries
from aim.repo import Repo
from tests.log.logs import Draft

NOISE = np.random.default_rng(0).integers(0, 256, (600, 700, 3), dtype=np.uint8)


def text(repo: Repo, statement: str = "", **only: Any) -> list[tuple[str, str, list[str]]]:
    """Run, name and texts of every series of texts."""
    return [
        (series.run.hash, series.name, [str(point.value) for point in series])
        for series in repo.objects(statement, "text", **only)
    ]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two runs with texts in two contexts, pictures of two sizes, and metrics."""
    for hash, lr in (("a", 0.1), ("b", 0.001)):
        with aim.Run(hash, repo=tmp_path, system_interval=0) as run:
            run["hparams"] = {"lr": lr}
            for step in range(3):
                for subset in ("train", "val"):
                    run.track(aim.Text(f"{subset} {step} of {hash}"), "samples", context={"subset": subset})
                run.track(1 / (step + 1), "loss")
            run.track([aim.Image(NOISE[:9, :9], caption="small"), aim.Image(NOISE)], "views/front")
    return tmp_path


SELECTED = {
    "": 4,
    "samples": 4,
    "*": 4,
    '"views/front"': 0,
    "samples if hparams.lr < 0.01": 2,
    "samples if context.subset == val": 2,
    "samples if context.subset == val and run.hash == 'a'": 1,
    "samples if run.loss.last < 0.4": 4,
    "samples if run.loss.last > 0.4": 0,
    "* if metric == samples and context.subset in (train)": 2,
    "loss": 0,
    "tf:samples": 0,
    "samples, loss": 4,
}


@pytest.mark.parametrize("statement", SELECTED)
def test_selecting(home: Path, statement: str) -> None:
    assert len(Repo(home).objects(statement, "text")) == SELECTED[statement]


def test_the_attributes_of_a_series(home: Path) -> None:
    repo = Repo(home)
    [front] = repo.objects('"views/front" if run.hash == "a"')
    assert isinstance(front, MediaSeries)
    assert (front.kind, front.name, front.context, front.run.params["hparams"]["lr"]) == (
        "image",
        "views/front",
        {},
        0.1,
    )
    small, large = front
    assert (small.place, large.place, small.step, large.epoch) == (0, 1, 0, None)
    assert (small.caption, small.about["width"], large.about["height"]) == ("small", 9, 600)
    assert small.data == aim.Image(NOISE[:9, :9]).data and large.data == aim.Image(NOISE).data
    assert large.beginning(10)[:8] == b"\x89PNG\r\n\x1a\n" and len(large.beginning(10)) < large.size
    assert front[-1].id == large.id != small.id
    assert front.size == small.size + large.size
    assert [series.name for series in repo.run("a").objects("image")] == ["views/front"]
    assert len(repo.run("b").objects()) == 3
    for holder in (repo.run("a").object_at, partial(repo.object_at, "a")):
        point = holder(*_parts(large.id))
        assert point is not None and (point.data, point.run) == (large.data, repo.run("a").id)
    assert repo.run("b").object_at(*_parts(large.id)) is None, "a value belongs to one run"
    assert repo.object_at("b", *_parts(large.id)) is None


def _parts(id: str) -> tuple[str, int]:
    writer, _, at = id.partition("-")
    return writer, int(at)


def test_invalid_queries(home: Path) -> None:
    with pytest.raises(
        QueryError, match="kind='film' is none of text, html, image, video, audio, distribution, figure, table"
    ):
        Repo(home).objects(kind="film")
    with pytest.raises(QueryError):
        Repo(home).objects("samples if")


def test_media_are_not_metrics(home: Path) -> None:
    repo = Repo(home)
    assert repo.vocabulary().metrics == ["loss"]
    assert {name for run in repo.select_runs() for name in run.metrics} == {"loss"}
    assert len(repo.select("samples").series) == 0


def everything(repo: Repo) -> list[tuple[Any, ...]]:
    return [
        (s.run.id, s.kind, s.name, s.context, p.step, p.epoch, p.time, p.place, p.about, p.id, p.data)
        for s in repo.objects()
        for p in s
    ]


def ids(repo: Repo) -> list[str]:
    return [point.id for series in repo.objects() for point in series]


def test_the_cache_is_a_cache(home: Path) -> None:
    first = everything(Repo(home))
    assert any((home / ".aim" / "cache").glob("objects-*.parquet"))
    assert everything(Repo(home)) == first
    shutil.rmtree(home / ".aim" / "cache")
    assert everything(Repo(home)) == first
    for path in (home / ".aim" / "cache").glob("objects-*.parquet"):
        path.write_bytes(b"not what was written")
    assert everything(Repo(home)) == first, "a table that is another file is not believed"


def test_a_repository_without_values_has_no_table_of_them(tmp_path: Path) -> None:
    with aim.Run("a", repo=tmp_path, system_interval=0) as run:
        run.track(0.5, "loss")
    assert Repo(tmp_path).objects() == []
    assert not any((tmp_path / ".aim" / "cache").glob("objects-*.parquet"))


def test_sealed(home: Path) -> None:
    repo = Repo(home)
    first, old = everything(repo), repo.objects()
    done = seal_finished(home / ".aim", progress=lambda *_: None)
    assert (done.files, done.skipped) == (2, {})
    assert [p.data for s in old for p in s] == [row[-1] for row in first], "an answer from before goes on"
    assert everything(repo) == everything(Repo(home)) == first
    shutil.rmtree(home / ".aim" / "cache")
    assert everything(Repo(home)) == first


def test_the_index_is_removed_after_a_run_was_looked_up(home: Path) -> None:
    """As when another process compacts the segments."""
    everything(Repo(home))
    run, (selected,) = Repo(home).run("a"), Repo(home).select_runs("run.hash == 'a'")
    shutil.rmtree(home / ".aim" / "cache")
    texts = run.objects("text")
    shutil.rmtree(home / ".aim" / "cache")
    contents = [(point.id, point.data) for series in texts for point in series]
    assert len(contents) == 6
    for kept in (run, selected):
        assert [(text.id, text.data) for series in kept.objects("text") for text in series] == contents
        shutil.rmtree(home / ".aim" / "cache")
        for id, data in contents:
            point = kept.object_at(*_parts(id))
            assert point is not None and point.data == data


def test_a_run_is_deleted_after_it_was_looked_up(home: Path) -> None:
    everything(Repo(home))
    run = Repo(home).run("a")
    Repo(home).runs.delete(run.id)
    shutil.rmtree(home / ".aim" / "cache")
    for read in (lambda: run.metrics, run.objects, lambda: run.object_at("w", 4)):
        with pytest.raises(RunError, match="was deleted since"):
            read()


def test_merged_and_deleted(home: Path, tmp_path: Path) -> None:
    with aim.Run("c", repo=tmp_path / "other", system_interval=0) as run:
        run.track(aim.Text("of c"), "samples")
    other, repo = Repo(tmp_path / "other"), Repo(home)
    before = everything(repo)
    other.merge(repo)
    assert text(other, "samples if run.hash == 'c'") == [("c", "samples", ["of c"])]
    assert [row for row in everything(other) if row[-1] != b"of c"] == before
    other.runs.delete(other.run("a").id)
    assert {hash for hash, _, _ in text(other)} == {"b", "c"}
    other.merge(repo)
    assert {hash for hash, _, _ in text(other)} == {"b", "c"}


def test_archived_runs_are_left_out_unless_they_are_asked_for(home: Path) -> None:
    repo = Repo(home)
    repo.runs.archive(repo.run("a").id)
    assert {hash for hash, _, _ in text(repo)} == {"b"}
    assert {hash for hash, _, _ in text(repo, "samples if run.archived is True")} == {"a"}
    assert len(repo.run("a").objects("text")) == 2


def test_while_it_is_recorded(tmp_path: Path) -> None:
    run = aim.Run("a", repo=tmp_path, system_interval=0)
    repo = Repo(tmp_path)
    for step in range(5):
        run.track(aim.Text(str(step)), "samples")
        run.track(aim.Image(NOISE), "views")
        assert [words for _, _, words in text(repo)] == [[str(number) for number in range(step + 1)]]
        assert repo.objects(kind="image")[0][-1].data == aim.Image(NOISE).data
    run.close()
    assert [words for _, _, words in text(repo)] == [[str(number) for number in range(5)]]
    assert text(repo) == text(Repo(tmp_path))


def test_over_many_segments(tmp_path: Path) -> None:
    """Small segments are merged into larger ones; a resume hides values in all of them."""
    repo = Repo(Repo.init(tmp_path).root)
    for part in range(9):
        with aim.Run("a", repo=tmp_path, system_interval=0, resume=part > 0) as run:
            run.track(aim.Text(f"part {part}"), "samples")
            run.track(0.5, "loss")
        assert [len(words) for _, _, words in text(repo)] == [part + 1]
    with aim.Run("a", repo=tmp_path, system_interval=0, resume_from=4) as run:
        run.track(aim.Text("again"), "samples")
    expected = [("a", "samples", ["part 0", "part 1", "part 2", "part 3", "again"])]
    assert text(repo) == text(Repo(tmp_path)) == expected
    assert len(list((tmp_path / ".aim" / "cache").glob("points-*.parquet"))) < 40
    shutil.rmtree(tmp_path / ".aim" / "cache")
    assert text(Repo(tmp_path)) == expected


def test_damage_costs_one_value(home: Path) -> None:
    repo = Repo(home)
    [front] = repo.objects('"views/front" if run.hash == "a"')
    [path] = [path for path in (home / ".aim" / "runs").glob("*/*.log") if path.name[:32] == front.run.id]
    data = bytearray(path.read_bytes())
    data[-200_000] ^= 1
    path.write_bytes(data)
    [front] = Repo(home).objects('"views/front" if run.hash == "a"')
    assert [point.place for point in front] == [0, 1]
    assert front[0].data == aim.Image(NOISE[:9, :9]).data
    with pytest.raises(LogError, match="is damaged"):
        _ = front[1].data
    shutil.rmtree(home / ".aim" / "cache")
    assert Repo(home).run("a").damaged == 1, "and it is seen when the log is read again"
    assert ids(Repo(home)) == ids(repo)


def test_a_value_of_an_unknown_kind_is_skipped(tmp_path: Path) -> None:
    draft = Draft().start(hash="a").series(0, "x", kind="hologram").series(1, "y", kind="text").value(0, 0, b"?")
    draft.value(1, 0, b"known").value(7, 0, b"of no series").add(record.OBJECT, b"odd!").end()
    folder = tmp_path / ".aim" / "runs" / aim.layout.run_dir(tmp_path / ".aim", "a").name
    Repo.init(tmp_path)
    folder.mkdir(parents=True)
    (folder / f"{draft.run.hex()}-{draft.writer.hex()}.log").write_bytes(draft.data)
    assert text(Repo(tmp_path)) == [("a", "y", ["known"])]
    assert Repo(tmp_path).run("a").metrics == {}


def test_many_small_values(tmp_path: Path) -> None:
    with aim.Run("a", repo=tmp_path, system_interval=0) as run:
        for step in range(2000):
            run.track(aim.Distribution(hist=[1, step], bin_range=(0, 1)), "weights", step=step)
    [weights] = Repo(tmp_path).objects(kind="distribution")
    assert weights.steps.tolist() == list(range(2000))
    assert weights[1999].value.counts == [1, 1999]  # type: ignore[attr-defined]


def test_an_answer_does_not_keep_files_open(home: Path) -> None:
    repo = Repo(home)
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else 0
    everything(repo)
    after = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else 0
    assert after <= before
