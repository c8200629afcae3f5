"""What the README of version 2 printed, run as printed: names that it leaves open are given before each block."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import aim

ROOT = Path(aim.__file__).parents[1]
GIVEN = (
    "hyperparam_dict = {'learning_rate': 0.001}\nmetric_value = metric_val = 0.5\nepoch_number = current_epoch = 3\n"
)

BLOCKS = {
    "any python script": """
import aim

# Save inputs, hparams or any other `key: value` pairs
aim.set_params(hyperparam_dict, name='hparams') # Passing name argument is optional

...
for step in range(10):
    # Log metrics to visualize performance
    aim.track(metric_value, name='metric_name', epoch=epoch_number)
...
""",
    "two functions": """
import aim
...
aim.track(metric_val, name='metric_name', epoch=current_epoch)
aim.set_params(hyperparam_dict, name='dict_name')
...
""",
    "contexts": """
import aim
aim.track(0.01, name='loss', epoch=43, subset='train', dataset='train_1')
aim.track(0.003, name='loss', epoch=43, subset='val', dataset='val_1')
""",
    "params": """
import aim
 # really any dictionary can go here
hyperparam_dict = {
  'learning_rate': 0.0001,
  'batch_siz': 32}
aim.set_params(hyperparam_dict, name='params')
""".replace("\n # really", "\n# really"),
    "flush and session": """
import aim
aim.flush()
session = aim.Session(repo='.', experiment='e1', flush_frequency=1, block_termination=False, run='my_run')
session.set_params({'learning_rate': 0.1})
session.track(1, name='loss', epoch=1, subset='train')
session.flush()
session.close()
""",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(code: str, folder: Path) -> None:
    script = folder / "train.py"
    script.write_text(GIVEN + code)
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert [line for line in done.stderr.splitlines() if not line.startswith("aim: recording to ")] == []


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_runs_as_printed(name: str, project: Path) -> None:
    run(BLOCKS[name], project)
    assert [recorded_run.status for recorded_run in aim.select_runs()] == ["finished"]


def test_the_first_block_records_ten_points_and_the_params(project: Path) -> None:
    run(BLOCKS["any python script"], project)
    (recorded_run,) = aim.select_metrics("metric_name")
    (trace,) = recorded_run.metrics["metric_name"].traces
    assert trace.steps.tolist() == list(range(10))
    assert trace.epochs.tolist() == [3] * 10
    assert recorded_run.params == {"hparams": {"learning_rate": 0.001}}


def test_a_script_below_a_repository_records_into_it(project: Path) -> None:
    aim.init(project)
    (project / "src" / "deep").mkdir(parents=True)
    run(BLOCKS["two functions"], project / "src" / "deep")
    assert len(aim.select_runs(None, project)) == 1
    assert not (project / "src" / "deep" / ".aim").exists()


CONTEXT_QUERIES = [
    ("loss if context.subset in (train, val)", 2),
    ("loss if context.subset == train and context.dataset in (train_1)", 1),
    ("loss if context.subset == test", 0),
]


@pytest.mark.parametrize(("query", "series"), CONTEXT_QUERIES)
def test_series_are_found_by_their_context(query: str, series: int, project: Path) -> None:
    run(BLOCKS["contexts"], project)
    assert sum(len(recorded_run.metrics["loss"].traces) for recorded_run in aim.select_metrics(query)) == series


PARAM_QUERIES = [
    "loss if params.learning_rate < 0.01",
    "loss if params.learning_rate == 0.0001 and params.batch_size == 32",
]


@pytest.mark.parametrize("query", PARAM_QUERIES)
@pytest.mark.parametrize("name", ["params", None])
def test_runs_are_found_by_params_with_and_without_a_name(query: str, name: str | None, project: Path) -> None:
    with aim.Run(repo=project) as recorded:
        recorded.set_params({"learning_rate": 0.0001, "batch_size": 32}, name)
        recorded.track(0.1, "loss")
    assert [recorded_run.hash for recorded_run in aim.select_metrics(query)] == [recorded.hash]


SEARCHES = [
    ("loss, accuracy if params.learning_rate == 0.001", {"a": {"loss", "accuracy"}}),
    ("loss if context.subset == train and params.learning_rate > 0.0001", {"a": {"loss"}, "b": {"loss"}}),
    ("loss if experiment == default", {"a": {"loss"}}),
    ("loss if experiment == other", {"b": {"loss"}}),
    ('loss if run.hash == "a"', {"a": {"loss"}}),
    ('loss if run.hash in ("a", "b")', {"a": {"loss"}, "b": {"loss"}}),
    ("loss if run.archived is True", {"c": {"loss"}}),
    ("loss", {"a": {"loss"}, "b": {"loss"}}),
]


@pytest.mark.parametrize(("query", "expected"), SEARCHES)
def test_ways_to_search(query: str, expected: dict[str, set[str]], project: Path) -> None:
    for name, experiment, rate in (("a", "default", 0.001), ("b", "other", 0.1), ("c", "other", 0.1)):
        with aim.Run(name, repo=project, experiment=experiment) as recorded:
            recorded["params"] = {"learning_rate": rate}
            recorded.archived = name == "c"
            for metric in ("loss", "accuracy"):
                recorded.track(0.5, metric, context={"subset": "train"})
    assert {recorded_run.hash: set(recorded_run.metrics) for recorded_run in aim.select_metrics(query)} == expected
