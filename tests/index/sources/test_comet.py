"""The archives of offline experiments of Comet are read as comet_ml 3.58 writes them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from aim.index.sources import archives
from aim.repo import Repo
from tests.index.sources.comet_files import ABOUT, MESSAGES, PNG, POINTS, archive, metric, upload
from tests.index.sources.damaging import media_are_small_or_damaged, write_damaged
from tests.recorded import points_of


def test_a_run_is_what_its_archive_says(tmp_path: Path) -> None:
    archive(tmp_path / "logs" / "8745cbd0.zip", MESSAGES)
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    (run,) = repo.select_metrics("comet:train_loss if hparams.model.depth == 3")
    assert (run.hash, run.experiment, run.name, run.status, sorted(run.tags)) == (
        "8745cbd0", "demo", "run-a", "finished", ["t1", "t2"],
    )  # fmt: skip
    assert (run.created_at, run.finished_at) == (1_700_000_000.5, 1_700_000_100.0)
    assert run.params == {
        "hparams": {"lr": 0.02, "model": {"depth": 3}, "layers": [1, 2]}, "other": {"best": 0.5, "k": "v"},
        "comet": {"workspace": "w"},
    }  # fmt: skip
    (run,) = repo.select_runs()
    assert points_of(run) == POINTS
    assert run.metrics["train_loss"].traces[0].epochs.tolist() == [2, 2]
    values = {(series.name, item.step): item.data for series in run.objects() for item in series}
    assert values == {("im", 3): PNG, ("text", 4): b"hello", ("snd.wav", 5): b"RIFF", ("html", 0): b"<b>x</b>"}
    assert run.facts["comet"]["host"] == "host"
    assert run.facts["comet"]["skipped"] == {"assets": ["a.bin"], "texts and lists": ["text"]}


def test_an_archive_that_is_replaced_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "8745cbd0.zip"
    path.parent.mkdir()
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    with zipfile.ZipFile(path, "w"):
        pass
    assert repo.select_runs() == []
    archive(path, MESSAGES)
    assert points_of(repo.select_runs()[0]) == POINTS
    archive(path, MESSAGES[:10])
    assert points_of(repo.select_runs()[0]) == {"train_loss": [(0, "1.0")]}


def test_messages_are_unpacked_once_for_all_media(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "logs" / "8745cbd0.zip"
    archive(path, [upload("text-sample", f"tmp{2 + step % 2}", fileName="said", step=step) for step in range(50)])
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    (series,) = repo.select_runs()[0].objects()
    unpacked: list[str] = []
    opened = archives.opened
    monkeypatch.setattr(archives, "opened", lambda path, name: [unpacked.append(name), opened(path, name)][1])
    assert [item.data for item in series] == [b"hello", b"RIFF"] * 25
    assert unpacked.count("messages.json") == 1
    archive(path, [upload("text-sample", "tmp3", fileName="said", step=0)])
    assert [item.data for item in repo.select_runs()[0].objects()[0]] == [b"RIFF"]


def test_a_copy_equals_what_is_shown(tmp_path: Path) -> None:
    archive(tmp_path / "logs" / "8745cbd0.zip", MESSAGES)
    (shown,) = Repo(tmp_path / "other", logs=tmp_path / "logs").select_runs()
    repo = Repo.init(tmp_path / "home")
    assert repo.convert("comet", tmp_path / "logs").points == 10
    (run,) = repo.select_runs()
    assert (points_of(run), run.params, run.status) == (points_of(shown), shown.params, "finished")
    assert repo.convert("comet", tmp_path / "logs").points == 0


ODD = ["", "{}", "[", "null", "[1, 2]", '{"payload": 1}', '{"payload": {"metric": {"metricName": 1}}}', "[" * 100_000]


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("name", ["experiment.json", "messages.json"])
def test_damage_is_its_own(tmp_path: Path, name: str, text: str) -> None:
    archive(tmp_path / "logs" / "good.zip", MESSAGES, offline_id="good")
    with zipfile.ZipFile(tmp_path / "logs" / "odd.zip", "w") as file:
        file.writestr("experiment.json", text if name == "experiment.json" else json.dumps(ABOUT))
        first = text + "\n" if name == "messages.json" else ""
        file.writestr("messages.json", first + json.dumps(metric("loss", 1.0, 0)))
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    assert points_of(repo.run("good")) == POINTS
    if name == "messages.json":
        assert points_of(repo.run("8745cbd0"))["loss"] == [(0, "1.0")]


def test_an_archive_cut_or_changed_anywhere_harms_nothing(tmp_path: Path) -> None:
    data = archive(tmp_path / "made.zip", MESSAGES).read_bytes()
    logs = tmp_path / "logs"
    logs.mkdir()
    write_damaged(data, 29, lambda name: logs / f"{name}.zip")
    (logs / "good.zip").write_bytes(data)
    repo = Repo(tmp_path / "home", logs=logs)
    runs = repo.select_runs()
    assert any(points_of(run) == POINTS for run in runs)
    media_are_small_or_damaged(runs)


def test_a_member_above_the_limits_costs_its_run_alone(tmp_path: Path) -> None:
    data = archive(tmp_path / "made.zip", MESSAGES).read_bytes()
    (tmp_path / "logs").mkdir()
    size = len("".join(json.dumps(message) + "\n" for message in MESSAGES)).to_bytes(4, "little")
    (tmp_path / "logs" / "huge.zip").write_bytes(data.replace(size, b"\xff\xff\xff\x7f"))
    archive(tmp_path / "logs" / "good.zip", MESSAGES, offline_id="good")
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    assert points_of(repo.run("good")) == POINTS
    assert "above 1 GiB" in " ".join(repo.source_notes())
