"""How well runs do: the best run of each experiment, the progress of running ones, and how many diverged."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

import aim
from aim.index.tables import MetricCount
from aim.repo import Repo
from aim.server.standings import progress_of, telling_metric
from tests.index.sources.tensorboard.events import event_file, scalars
from tests.server.conftest import Serving

NAN = float("nan")


def train(folder: Path, hash: str, experiment: str, **metrics: list[float]) -> None:
    with aim.Run(hash, repo=folder, experiment=experiment) as run:
        for name, values in metrics.items():
            for value in values:
                run.track(value, name)


def asked(client: httpx.Client) -> dict[str, Any]:
    answer: dict[str, Any] = client.get("/api/standings").json()
    return answer


def best(client: httpx.Client) -> dict[str, tuple[Any, ...]]:
    return {
        each["experiment"]: (each["run"] and each["run"]["hash"], each["metric"], each["direction"], each["value"])
        for each in asked(client)["experiments"]
    }


def test_the_best_run_of_each_experiment(tmp_path: Path, serving: Serving) -> None:
    train(tmp_path, "a", "old", loss=[3.0, 1.0])
    train(tmp_path, "b", "old", loss=[2.0], lr=[0.1])
    train(tmp_path, "c", 'new "one"', accuracy=[0.1, 0.9, 0.2])
    train(tmp_path, "d", 'new "one"', accuracy=[0.95, NAN])
    train(tmp_path, "e", "nothing", lr=[0.1])
    train(tmp_path, "f", "odd", **{"two\nlosses": [0.5]})
    repo = Repo(tmp_path)
    with serving(repo) as client:
        assert best(client) == {
            "odd": ("f", "two\nlosses", "min", 0.5),
            "nothing": (None, None, None, None),
            'new "one"': ("c", "accuracy", "max", 0.9),
            "old": ("a", "loss", "min", 1.0),
        }
        answer = asked(client)
        curves = {each["experiment"]: each["curve"] for each in answer["experiments"]}
        assert curves == {"odd": [0.5], "nothing": [], 'new "one"': [0.1, 0.9, 0.2], "old": [3.0, 1.0]}
        assert [(each["runs"], each["diverged"]) for each in answer["experiments"]] == [(1, 0), (1, 0), (2, 1), (2, 0)]
        assert (answer["diverged"], answer["active"], answer["running"]) == (1, 0, [])
        repo.metrics.set_direction("lr", "max")
        assert best(client)["old"] == ("b", "lr", "max", 0.1), "a person says that it counts"
        repo.metrics.set_direction("lr", None)
        repo.metrics.set_direction("loss", "max")
        assert best(client)["old"] == ("a", "loss", "max", 3.0)
        repo.runs.archive(repo.run("a").id)
        assert best(client)["old"] == ("b", "loss", "max", 2.0)


def test_metrics_of_tensorboard_say_how_well_runs_do_too(tmp_path: Path, serving: Serving) -> None:
    logs = tmp_path / "logs"
    event_file(logs / "good", *scalars(0.5, 0.25, tag="eval/loss"))
    event_file(logs / "poor", *scalars(0.75, tag="eval/loss"))
    train(tmp_path, "own", "vision", loss=[0.1])
    with serving(Repo(tmp_path, tf_logs=logs)) as client:
        assert best(client) == {
            "vision": ("own", "loss", "min", 0.1),
            "TF": ("good", "eval/loss", "min", 0.25),
        }
        assert [each["curve"] for each in asked(client)["experiments"] if each["experiment"] == "TF"] == [[0.5, 0.25]]


def test_a_run_without_a_name_is_told_by_its_params(tmp_path: Path, serving: Serving) -> None:
    for lr in (0.1, 0.01):
        with aim.Run(repo=tmp_path, experiment="sweep") as run:
            run["hparams"] = {"lr": lr, "epochs": 3, "layers": [lr], "note": "x" * int(1000 * lr)}
            run.track(lr, "loss")
    train(tmp_path, "named", "other", loss=[1.0])
    with aim.Run(repo=tmp_path, experiment="sweep") as now, serving(Repo(tmp_path)) as client:
        now["hparams"] = {"lr": 1.0, "epochs": 3}
        answer = asked(client)
    params = {each["experiment"]: each["params"] for each in answer["experiments"]}
    assert params == {"sweep": {"hparams.lr": 0.01, "hparams.note": "x" * 10}, "other": {}}
    assert [each["params"] for each in answer["running"]] == [{"hparams.lr": 1.0}]


def test_the_progress_of_running_runs(tmp_path: Path, serving: Serving) -> None:
    with aim.Run("now", repo=tmp_path) as run:
        run["hparams"] = {"max_steps": 200}
        run.track(1.0, "loss", step=50)
        with serving(Repo(tmp_path)) as client:
            answer = asked(client)
            (running,) = answer["running"]
            assert (running["run"]["hash"], running["step"], running["steps"], answer["active"]) == ("now", 50, 200, 1)


def test_an_empty_repository(tmp_path: Path, serving: Serving) -> None:
    with serving(Repo.init(tmp_path)) as client:
        assert asked(client) == {"experiments": [], "running": [], "active": 0, "diverged": 0}


@pytest.mark.parametrize(
    ("params", "step", "epoch", "progress"),
    [
        ({"hparams": {"steps": 10}}, 3, None, (3, 10)),
        ({"a": {"b": {"num_train_steps": 10.0}}}, 3, 1.0, (3, 10)),
        ({"epochs": 4}, 300, 2.5, (2.5, 4)),
        ({"epochs": 4}, 3, None, (3, None)),
        ({"steps": 10}, None, None, (None, None)),
        ({"steps": 2}, 3, None, (3, None)),
        ({"steps": "10"}, 3, None, (3, None)),
        ({"steps": True}, 3, None, (3, None)),
        ({"steps": NAN}, 3, None, (3, None)),
        ({"steps": 0}, 3, None, (3, None)),
        ({"steps": 10**600}, 3, None, (3, None)),
        ({"steps": float("inf")}, 3, None, (3, None)),
        ({"a": {"steps": 10}, "b": {"steps": 20}}, 3, None, (3, None)),
        ({"a": {"steps": 10}, "b": {"max_steps": 10}}, 3, None, (3, 10)),
        ({"warmup_steps": 10, "log_every_steps": 5}, 3, None, (3, None)),
    ],
)
def test_where_a_run_ends(
    params: Mapping[str, Any], step: int | None, epoch: float | None, progress: tuple[float | None, float | None]
) -> None:
    assert progress_of(params, step, epoch) == progress


METRICS = [
    MetricCount("accuracy", "{}", 1),
    MetricCount("loss", '{"subset":"train"}', 10),
    MetricCount("loss", '{"subset":"val"}', 10),
    MetricCount("learning_rate", "{}", 12),
    MetricCount("system/errors", "{}", 20),
]


@pytest.mark.parametrize(
    ("some", "chosen", "expected"),
    [
        (METRICS, {}, METRICS[2]),
        (METRICS, {"accuracy": "max"}, METRICS[0]),
        (METRICS[:1], {}, METRICS[0]),
        (METRICS[3:], {}, None),
        ([], {}, None),
    ],
)
def test_the_metric_that_says_how_well_runs_do(
    some: list[MetricCount], chosen: dict[str, str], expected: MetricCount | None
) -> None:
    assert telling_metric(some, chosen) == expected


def test_a_curve_is_short_and_says_where_it_has_no_number(tmp_path: Path, serving: Serving) -> None:
    train(tmp_path, "long", "long", loss=[float(step % 50) for step in range(5_000)])
    train(tmp_path, "gap", "gap", loss=[3.0, NAN, 1.0])
    with serving(Repo(tmp_path)) as client:
        gap, long = (each["curve"] for each in asked(client)["experiments"])
    assert gap == [3.0, "NaN", 1.0]
    assert len(long) < 300 and (min(long), max(long), long[0], long[-1]) == (0.0, 49.0, 0.0, 49.0)
