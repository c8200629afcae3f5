"""The runs of a tracking server are copied as MLflow 3.17 serves them, in pages."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from aim.errors import RemoteError, RepoError
from aim.importers import mlflow_server, service
from aim.repo import Repo
from tests.importers.answering import Asked, Said, answering
from tests.recorded import points_of

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
IMAGE = "images/a~b+step+3+timestamp+1700000001000+00000000-0000.png"


def run(id: str, **more: Any) -> dict[str, Any]:
    info = {
        "run_id": id, "run_name": f"name of {id}", "experiment_id": "1", "status": "FINISHED",
        "start_time": 1_700_000_000_000, "end_time": "1700000060000",
    }  # fmt: skip
    data = {
        "params": [{"key": "lr", "value": "0.01"}],
        "tags": [{"key": "mlflow.note.content", "value": "a note"}, {"key": "team", "value": "vision"}],
        "metrics": [{"key": "loss"}, {"key": "odd/one"}],
    }
    return {"info": {**info, **more}, "data": data}


def point(step: int, value: Any) -> dict[str, Any]:
    return {"key": "loss", "value": value, "step": str(step), "timestamp": 1_700_000_000_000 + step * 1000}


class Store:
    """What a server has; it serves pages of two."""

    def __init__(self) -> None:
        self.runs = {id: run(id) for id in ("r1", "r2", "r3")}
        self.points = {
            "loss": [point(i, 1 / (i + 1)) for i in range(5)],
            "odd/one": [point(0, "NaN"), point(1, "Infinity"), point(2, -1.7976931348623157e308), point(3, "text")],
        }
        self.files = ["images", "model.pkl"]
        self.asked: list[str] = []

    def __call__(self, asked: Asked) -> Said:
        self.asked.append(asked.path.rpartition("mlflow/")[2])
        name, given = self.asked[-1], asked.given
        if name == "experiments/search":
            return self._page("experiments", [{"experiment_id": "1", "name": "vision"}], given)
        if name == "runs/search":
            assert given["experiment_ids"] == ["1"]
            return self._page("runs", list(self.runs.values()), given)
        if name == "runs/get":
            return Said(200, {"run": self.runs[given["run_id"]]})
        if name == "metrics/get-history":
            return self._page("metrics", self.points[given["metric_key"]], given)
        if name == "artifacts/list":
            files = [IMAGE, "images/other.txt"] if given.get("path") == "images" else self.files
            return Said(200, {"files": [{"path": path} for path in files]})
        assert (asked.path, given["path"]) == ("/get-artifact", IMAGE)
        return Said(200, PNG)

    @staticmethod
    def _page(name: str, items: list[Any], given: dict[str, Any]) -> Said:
        start = int(given.get("page_token", 0))
        token = {"next_page_token": str(start + 2)} if start + 2 < len(items) else {}
        return Said(200, {name: items[start : start + 2], **token})


LOSS = [(i, repr(1 / (i + 1))) for i in range(5)]


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    monkeypatch.setattr(service, "FIRST_WAIT", 0.001)
    return Repo.init(tmp_path / "home")


def test_runs_are_copied_in_pages_and_once(repo: Repo) -> None:
    store = Store()
    with answering(store) as url:
        kept = repo.convert("mlflow", tracking_uri=url)
        assert (kept.runs, kept.points, kept.left) == (3, 27, [])
        (copy,) = (run for run in repo.select_runs() if run.hash == "r1")
        assert points_of(copy) == {"loss": LOSS, "odd/one": [(0, "nan"), (1, "inf"), (2, "-inf")]}
        assert (copy.name, copy.description, copy.experiment, copy.status) == (
            "name of r1", "a note", "vision", "finished",
        )  # fmt: skip
        assert (copy.created_at, copy.finished_at) == (1_700_000_000.0, 1_700_000_060.0)
        assert copy.params == {"hparams": {"lr": 0.01}, "tags": {"team": "vision"}}
        assert copy.metrics["loss"].traces[0].times.tolist()[:2] == [1_700_000_000.0, 1_700_000_001.0]
        assert [(s.name, item.step, item.data) for s in copy.objects() for item in s] == [("a/b", 3, PNG)]
        assert copy.facts["mlflow"]["skipped"] == {"artifacts": ["model.pkl"]}
        store.asked = []
        assert repo.convert("mlflow", tracking_uri=f"{url}/").runs == 0
        assert set(store.asked) == {"experiments/search", "runs/search"}, "runs that did not change are not read again"


def test_a_run_that_goes_on_gets_what_is_new(repo: Repo) -> None:
    store = Store()
    store.runs = {"r1": run("r1", status="RUNNING", end_time=None)}
    with answering(store) as url:
        repo.convert("mlflow", tracking_uri=url)
        assert repo.select_runs()[0].status in ("running", "lost")
        store.points["loss"].append(point(5, 0.1))
        store.runs["r1"] = run("r1")
        assert repo.convert("mlflow", tracking_uri=url).points == 1
        (copy,) = Repo(repo.root).select_runs()
        assert (points_of(copy)["loss"], copy.status) == ([*LOSS, (5, "0.1")], "finished")


@pytest.mark.parametrize("stop", range(4, 22, 3))
def test_a_copy_that_breaks_off_loses_nothing_and_copies_nothing_twice(repo: Repo, stop: int) -> None:
    store = Store()

    def breaking(asked: Asked) -> Said:
        return Said(500) if len(store.asked) >= stop else store(asked)

    with answering(lambda asked: breaking(asked)) as url:
        with pytest.raises(RemoteError, match="answers with status 500"):
            repo.convert("mlflow", tracking_uri=url)
        stop = 1 << 30
        again = Repo(repo.root)
        again.convert("mlflow", tracking_uri=url)
        runs = again.select_runs()
        assert sorted(run.hash for run in runs) == ["r1", "r2", "r3"]
        assert all(points_of(run)["loss"] == LOSS and len(run.objects()) == 1 for run in runs)
    assert not [path for path in (repo.aim_dir / "runs").iterdir() if path.name.startswith(".")]


def test_the_credentials_of_mlflow_are_used_and_never_kept(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Asked] = []
    store = Store()

    def answers(request: Asked) -> Said:
        asked.append(request)
        return store(request)

    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "me")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "secret-word")
    with answering(answers) as url:
        repo.convert("mlflow", tracking_uri=url)
        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "secret-token")
        repo.convert("mlflow", tracking_uri=url)
    assert {request.authorization for request in asked} == {service.basic("me", "secret-word"), "Bearer secret-token"}
    kept = b"".join(path.read_bytes() for path in repo.aim_dir.rglob("*") if path.is_file())
    assert b"secret" not in kept


ODD: list[Any] = [
    {}, {"runs": 1}, {"runs": [1, {}, {"info": 1}]}, {"runs": [{"info": {"run_id": "r1"}, "data": {"metrics": {}}}]},
]  # fmt: skip


@pytest.mark.parametrize("page", ODD, ids=range(len(ODD)))
def test_odd_answers_harm_nothing(repo: Repo, page: Any) -> None:
    store = Store()

    def answers(asked: Asked) -> Said:
        if asked.path.endswith("runs/search"):
            return Said(200, page)
        if asked.path.endswith("runs/get"):
            return Said(200, {"run": [page]})
        return store(asked)

    with answering(answers) as url:
        repo.convert("mlflow", tracking_uri=url)
    assert all(not run.metrics for run in repo.select_runs())


def test_pages_without_an_end_are_asked_for_twice(repo: Repo) -> None:
    store = Store()

    def answers(asked: Asked) -> Said:
        said = store(asked)
        return Said(200, {**said.body, "next_page_token": "0"}) if isinstance(said.body, dict) else said

    with answering(answers) as url:
        repo.convert("mlflow", tracking_uri=url)
    assert store.asked.count("experiments/search") == store.asked.count("runs/search") == 2


def test_images_that_are_gone_are_told_and_asked_for_again(repo: Repo) -> None:
    store, gone = Store(), True

    def answers(asked: Asked) -> Said:
        return Said(404) if gone and asked.path == "/get-artifact" else store(asked)

    with answering(answers) as url:
        kept = repo.convert("mlflow", tracking_uri=url)
        assert len(kept.left) == 3 and IMAGE in kept.left[0]
        assert repo.convert("mlflow", tracking_uri=url).points == 0
        gone = False
        kept = repo.convert("mlflow", tracking_uri=url)
        assert (kept.points, kept.left) == (3, [])
        assert repo.convert("mlflow", tracking_uri=url).points == 0


def test_a_run_with_many_metrics_of_long_names(repo: Repo) -> None:
    store, names = Store(), [f"{i:0950}" for i in range(1_500)]
    store.runs = {"r1": run("r1")}
    store.runs["r1"]["data"]["metrics"] = [{"key": name} for name in names]
    store.points = {name: [point(0, 1)] for name in names}
    with answering(store) as url:
        assert repo.convert("mlflow", tracking_uri=url).points == len(names) + 1, "and an image"
        store.runs["r1"]["info"]["end_time"] = "1700000061000"
        assert repo.convert("mlflow", tracking_uri=url).points == 0


def test_a_run_that_the_server_does_not_serve_costs_itself(repo: Repo) -> None:
    store, away = Store(), True

    def answers(asked: Asked) -> Said:
        wanted = {asked.given.get("run_id"), asked.given.get("metric_key")}
        return Said(404) if away and wanted == {"r1", "odd/one"} else store(asked)

    with answering(answers) as url:
        kept = repo.convert("mlflow", tracking_uri=url)
        assert (kept.runs, len(kept.left)) == (3, 1)
        away = False
        kept = repo.convert("mlflow", tracking_uri=url)
        assert (kept.runs, kept.left) == (1, [])
    first, *others = (points_of(run) for run in repo.select_runs())
    assert all(other == first for other in others)


@pytest.mark.parametrize(
    ("format", "words"),
    [
        ("mlflow", {}), ("mlflow", {"folder": ".", "tracking_uri": "http://a"}), ("csv", {"tracking_uri": "http://a"}),
        ("mlflow", {"entity": "a", "project": "b"}), ("wandb", {"project": "b"}),
    ],
)  # fmt: skip
def test_what_names_no_server_is_refused(repo: Repo, format: str, words: dict[str, str]) -> None:
    with pytest.raises(RepoError, match="tracking_uri"):
        repo.convert(format, **words)  # type: ignore[arg-type]


def test_a_number_is_one_of_64_bits() -> None:
    assert [mlflow_server._whole(value) for value in ("12", "-3", 7, "--5", "9" * 30, 1 << 70, "x", None)] == [
        12, -3, 7, None, None, None, None, None,
    ]  # fmt: skip
    assert math.isinf(mlflow_server._value(1.7976931348623157e308) or 0)


@pytest.mark.parametrize("status", [403, 404])
def test_a_run_whose_artifacts_are_not_listed_says_so(repo: Repo, status: int) -> None:
    store = Store()

    def answers(asked: Asked) -> Said:
        return Said(status) if asked.path.endswith("artifacts/list") else store(asked)

    with answering(answers) as url:
        kept = repo.convert("mlflow", tracking_uri=url)
    assert (kept.runs, kept.left) == (3, [])
    for run in repo.select_runs():
        assert f"status {status}" in str(run.facts), run.facts
