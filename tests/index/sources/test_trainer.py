"""The newest checkpoint of a Transformers' Trainer is its run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aim.repo import Repo
from tests.index.sources.trainer_states import STATE, save


def test_the_newest_checkpoint_is_the_run_and_a_newer_one_replaces_it(tmp_path: Path) -> None:
    before = {**STATE, "log_history": STATE["log_history"][:1], "global_step": 2}
    save(tmp_path / "logs" / "out" / "checkpoint-2", before)
    repo = Repo(tmp_path, logs=tmp_path / "logs")
    (run,) = repo.select_runs()
    assert (run.hash, sorted(run.metrics)) == ("out", ["grad_norm", "learning_rate", "loss"])
    save(tmp_path / "logs" / "out" / "checkpoint-16", STATE)
    for again in (repo, Repo(tmp_path, logs=tmp_path / "logs")):
        (run,) = again.select_metrics("hf:loss, hf:eval_loss")
        trace = run.metrics["loss"].traces[0]
        assert (trace.steps.tolist(), trace.epochs.tolist(), str(trace.values.tolist())) == (
            [2, 16],
            [0.25, 2.0],
            "[0.7, nan]",
        )
        assert run.metrics["eval_loss"].traces[0].values.tolist() == [0.69]
        params = {"eval_steps": 500, "logging_steps": 2, "max_steps": 16, "num_train_epochs": 2, "total_flos": 72.0}
        assert run.params == {"trainer": {**params, "train_batch_size": 8}}


ODD = ["", "[]", "{", '{"log_history": 1}', '{"log_history": [1, null, {"loss": 1}, {"step": "x"}]}', "[" * 100_000]


@pytest.mark.parametrize("text", ODD)
def test_damage_is_its_own(tmp_path: Path, text: str) -> None:
    save(tmp_path / "logs" / "good" / "checkpoint-16", STATE)
    odd = save(tmp_path / "logs" / "odd" / "checkpoint-2", text)
    repo = Repo(tmp_path, logs=tmp_path / "logs")
    assert "loss" in repo.run("good").metrics
    odd.write_text(json.dumps(STATE))
    assert "loss" in repo.run("odd").metrics


def test_a_file_cut_at_any_byte_shows_nothing_wrong(tmp_path: Path) -> None:
    text = json.dumps(STATE)
    for length in range(0, len(text), 40):
        save(tmp_path / "logs" / f"r{length}" / "checkpoint-2", text[:length])
    assert all(not run.metrics for run in Repo(tmp_path, logs=tmp_path / "logs").select_runs())
