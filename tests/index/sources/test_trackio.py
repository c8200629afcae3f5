"""trackio's projects are read in place, with the tables and rows that trackio 0.43 writes."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

from aim.repo import Repo
from tests.index.sources.trackio_projects import MOMENT, SECONDS, configure, log


def points_in(repo: Repo, name: str = "run-a") -> dict[str, list[tuple[int, str]]]:
    (run,) = [run for run in repo.select_runs() if run.name == name]
    return {
        key: list(zip(metric.traces[0].steps.tolist(), map(repr, metric.traces[0].values.tolist()), strict=True))
        for key, metric in run.metrics.items()
    }


def test_a_run_is_what_its_rows_say_and_grows(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "demo.db"
    image = {"_type": "trackio.image", "file_path": "demo/run-a/1/x.png", "caption": "cap"}
    log(path, "run-a", (0, {"loss": 1.0, "nested": {"a": 0}}), (1, {"odd": "NaN", "inf": "Infinity", "s": "text"}))
    log(path, "run-a", (2, {"img": image}))
    configure(path, "run-a", {"lr": 0.01, "model": {"depth": 3}, "_Group": "g", "_Created": MOMENT})
    log(path, "run-b", (0, {"loss": 5.0}))
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    expected = {"loss": [(0, "1.0")], "nested.a": [(0, "0.0")], "odd": [(1, repr(math.nan))], "inf": [(1, "inf")]}
    assert points_in(repo) == expected
    (run,) = repo.select_metrics("trackio:loss if hparams.model.depth == 3")
    assert (run.name, run.experiment, run.created_at) == ("run-a", "demo", SECONDS)
    assert run.params == {"hparams": {"lr": 0.01, "model": {"depth": 3}}, "trackio": {"group": "g"}}
    assert run.metrics["loss"].traces[0].times.tolist() == [SECONDS]
    assert run.facts["trackio"]["skipped"] == {"image": ["img"], "texts and lists": ["s"]}
    log(path, "run-a", (3, {"loss": 0.5}))
    for again in (repo, Repo(tmp_path / "home", logs=tmp_path / "logs")):
        assert points_in(again)["loss"] == [(0, "1.0"), (3, "0.5")]
        assert points_in(again, "run-b") == {"loss": [(0, "5.0")]}


def test_a_config_of_megabytes_is_read_and_one_without_end_is_named(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "demo.db"
    for name, size in (("large", 3 << 20), ("huge", 20 << 20)):
        log(path, name, (0, {"loss": 1.0}), (1, {"loss": 2.0, "text": "x" * (size if name == "huge" else 1)}))
        configure(path, name, {"lr": 0.1, "text": "x" * size})
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    runs = {run.name: run for run in repo.select_runs()}
    assert (runs["large"].params["hparams"]["lr"], len(runs["large"].params["hparams"]["text"])) == (0.1, 3 << 20)
    assert points_in(repo, "large") == {"loss": [(0, "1.0"), (1, "2.0")]}
    assert "hparams" not in runs["huge"].params and points_in(repo, "huge") == {"loss": [(0, "1.0")]}
    assert runs["huge"].facts["trackio"]["skipped"] == {"configs above 8 MiB": ["huge"], "damaged rows": ["step 1"]}
    configure(path, "large", {"lr": 0.2, "text": "x" * (3 << 20)})
    assert {run.params["hparams"]["lr"] for run in repo.select_runs("hparams.lr > 0")} == {0.2}
    assert repo.convert("trackio", tmp_path / "logs").runs == 2


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, b"\xff\xfe", '{"loss": ' + "9" * 5_000 + "}"])
def test_odd_rows_cost_themselves(tmp_path: Path, text: str | bytes) -> None:
    log(tmp_path / "logs" / "demo.db", "run-a", (0, {"loss": 1.0}), (1, text), (2, {"loss": 2.0}))
    points = points_in(Repo(tmp_path / "home", logs=tmp_path / "logs"))["loss"]
    assert {(0, "1.0"), (2, "2.0")} <= set(points)


def test_any_bytes_are_a_project_or_none(tmp_path: Path) -> None:
    log(tmp_path / "whole.db", "run-a", *((step, {"loss": step}) for step in range(50)))
    whole, rng = (tmp_path / "whole.db").read_bytes(), random.Random(0)
    (tmp_path / "logs").mkdir()
    for number in range(60):
        data = bytearray(whole if number % 3 else whole[: rng.randrange(len(whole))])
        for _ in range(rng.randrange(1, 40) if data else 0):
            data[rng.randrange(len(data))] = rng.randrange(256)
        (tmp_path / "logs" / f"odd{number}.db").write_bytes(data)
    Repo(tmp_path / "home", logs=tmp_path / "logs").select_runs()
