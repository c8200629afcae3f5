"""One run without its points, and its notes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

import aim
from aim.layout import run_dir
from aim.log.reader import Log
from aim.repo import Repo
from tests.server.conftest import Serving

BEFORE = 1_790_000_000.0


def detail(client: httpx.Client, run: str) -> dict[str, Any]:
    answer = client.get("/api/run", params={"run": run})
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


def test_everything_about_a_run(client: httpx.Client) -> None:
    answer = detail(client, "third")
    assert answer["run"]["hash"] == "third"
    assert answer["params"] == {"hparams": {"lr": "NaN", "layers": [64, 32]}}
    assert answer["facts"]["python"].count(".") == 2
    assert answer["damaged"] == 0
    loss = next(metric for metric in answer["metrics"] if metric["context"] == {"subset": "train"})
    assert loss == {
        "name": "loss", "context": {"subset": "train"}, "count": 4, "first": 1.0, "last": 0.25, "min": 0.25, "max": 1.0,
        "mean": pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4), "last_step": 3, "nonfinite": 0,
    }  # fmt: skip
    [writer] = answer["writers"]
    assert (writer["role"], writer["status"], writer["dropped"]) == ("main", "finished", 0)
    assert writer["pid"] > 0
    assert detail(client, answer["run"]["id"][:20])["run"]["hash"] == "third"


def test_values_that_json_cannot_hold(tmp_path: Path, serving: Serving) -> None:
    with aim.Run(repo=tmp_path, run="odd") as run:
        run.track(float("nan"), name="loss")
        run.track(float("inf"), name="loss")
    with serving(Repo(tmp_path)) as client:
        [loss] = detail(client, "odd")["metrics"]
    assert (loss["first"], loss["last"], loss["nonfinite"]) == ("NaN", "Infinity", 2)


@pytest.mark.parametrize("sealed", [True, False])
def test_a_run_whose_only_file_cannot_be_read_is_not_running(tmp_path: Path, serving: Serving, sealed: bool) -> None:
    with aim.Run(repo=tmp_path, run="broken") as run:
        run.track(1.0, name="loss")
    [log] = run_dir(tmp_path / ".aim", "broken").iterdir()
    file = log.with_suffix(".seal") if sealed else log
    file.write_bytes(b"no bytes of a seal, nor of a log" * 4)
    for other in {log, file} - {file}:
        other.unlink()
    os.utime(file, (BEFORE, BEFORE))
    with serving(Repo(tmp_path)) as client:
        shown = detail(client, run.id)
    assert (shown["run"]["status"], shown["run"]["created_at"], shown["damaged"]) == ("lost", BEFORE, 1)
    [reason] = shown["reasons"]
    assert reason.startswith(f"{file.name}: ") and str(tmp_path) not in reason


def test_the_first_reasons_of_damage_are_told(tmp_path: Path, serving: Serving) -> None:
    # Facts that come late would be one long record among the short ones.
    with aim.Run(repo=tmp_path, run="holes", environment=False) as run:
        for step in range(100):
            run.track(1.0, name="loss", step=step)
    [log] = run_dir(tmp_path / ".aim", "holes").iterdir()
    with open(log, "r+b") as file:
        for place in range(1, 21):
            file.seek(-200 * place - 400, os.SEEK_END)
            file.write(b"#")
    with serving(Repo(tmp_path)) as client:
        shown = detail(client, "holes")
    assert shown["damaged"] >= 12 and len(shown["reasons"]) == 10
    places = [
        re.fullmatch(rf"{log.name}: bytes ([\d,]+) to ([\d,]+) cannot be read", text) for text in shown["reasons"]
    ]
    assert all(places) and shown["run"]["status"] == "finished"
    bytes = [tuple(int(number.replace(",", "")) for number in place.groups()) for place in places if place]
    read = Log(log)
    assert len(list(read.records())) and bytes == [(gap.start, gap.end) for gap in read.damage[:10]]


def test_each_process_that_recorded_is_named(tmp_path: Path, serving: Serving) -> None:
    for resume in (False, True):
        with aim.Run(repo=tmp_path, run="twice", resume=resume) as run:
            run.track(1.0, name="loss")
    with serving(Repo(tmp_path)) as client:
        first, second = detail(client, "twice")["writers"]
    assert first["started"] < second["started"]
    assert first["attempt"] != second["attempt"]


def test_folders_of_one_tensorboard_writer_are_one_process(tmp_path: Path, serving: Serving) -> None:
    logs = Path(__file__).parents[1] / "golden" / "tensorboard-folders" / "logs"
    repo = Repo(tmp_path, tf_logs=logs)
    (run,) = repo.select_runs("hparams.layers == 3")
    with serving(repo) as client:
        answer = detail(client, run.id)
    assert len(answer["writers"]) == 1
    assert sorted(str(metric["context"].get("tag")) for metric in answer["metrics"]) == [
        *("None", "easy", "hard/set", "hparams")
    ]


def test_notes_are_written_changed_and_removed(folder: Path, serving: Serving) -> None:
    repo = Repo(folder)
    run = repo.run("first").id
    with serving(repo) as client:
        ids = [client.post("/api/runs/note", json={"run": run, "text": text}).json()["id"] for text in ("one", "two")]
        assert [(note["id"], note["text"]) for note in detail(client, run)["notes"]] == [
            (ids[0], "one"),
            (ids[1], "two"),
        ]
        assert client.post("/api/runs/note", json={"run": run, "note": ids[0], "text": "new"}).json() == {"id": ids[0]}
        assert client.post("/api/runs/note", json={"run": run, "note": ids[1], "text": None}).status_code == 200
        assert [note["text"] for note in detail(client, run)["notes"]] == ["new"]
    assert [note.text for note in Repo(folder).notes.of(run) if note.id == ids[0]] == ["new"]


@pytest.mark.parametrize(
    ("run", "status", "words"),
    [("nobody", 404, "no run is called 'nobody'"), ("", 400, "length >= 1")],
)
def test_a_missing_run(client: httpx.Client, run: str, status: int, words: str) -> None:
    answer = client.get("/api/run", params={"run": run})
    assert answer.status_code == status
    assert words in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"run": "0" * 32, "text": "x"}, 404, "no run with the id"),
        ({"run": "first", "text": "x"}, 400, "regex"),
        ({"text": "x"}, 400, "`run`"),
        ({"run": "0" * 32, "text": None}, 400, "needs a text"),
        ({"run": "0" * 32, "note": "../x", "text": "x"}, 400, "regex"),
        ({"run": "0" * 32, "text": "x" * 100_001}, 400, "length"),
    ],
)
def test_invalid_notes(folder: Path, serving: Serving, body: dict[str, Any], status: int, words: str) -> None:
    with serving(Repo(folder)) as client:
        answer = client.post("/api/runs/note", json=body)
        assert answer.status_code == status
        assert words in answer.json()["error"]["message"]
