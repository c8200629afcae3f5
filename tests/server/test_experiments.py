"""Experiments and overviews, and the changes that a server must refuse."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest

import aim
from aim.repo import Repo
from tests.index.logs import LogFile
from tests.server.conftest import Serving, record


def experiments(client: httpx.Client) -> dict[str, dict[str, Any]]:
    return {experiment["name"]: experiment for experiment in client.get("/api/experiments").json()["experiments"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    record(tmp_path, "first")
    record(tmp_path, "second", experiment="other")
    record(tmp_path, "third", experiment="other")
    return tmp_path


def test_experiments_count_their_runs(folder: Path, serving: Serving) -> None:
    repo = Repo(folder)
    repo.experiments.add("empty")
    repo.runs.archive(repo.run("third").id)
    with aim.Run(repo=folder, run="live", experiment="other"), serving(repo) as client:
        listed = experiments(client)
    counts = {
        name: (experiment["runs"], experiment["archived_runs"], experiment["running"])
        for name, experiment in listed.items()
    }
    assert counts == {"default": (1, 0, 0), "empty": (0, 0, 0), "other": (3, 1, 1)}
    assert listed["default"]["active"] and not listed["other"]["active"]
    assert listed["empty"]["last_at"] is None
    assert listed["other"]["created_at"] < listed["other"]["last_at"]


def test_an_experiment_is_noted_renamed_archived_and_deleted(folder: Path, serving: Serving) -> None:
    with serving(Repo(folder)) as client:
        edit = lambda **body: client.post("/api/experiments/edit", json=body)  # noqa: E731
        assert edit(name="other", note="# why", archived=True).json() == {"changed": 1}
        assert edit(name="other", rename="a/b <c>").json() == {"changed": 1}
        experiment = experiments(client)["a/b <c>"]
        assert (experiment["note"], experiment["archived"], experiment["archived_runs"]) == ("# why", True, 2)
        assert "other" not in experiments(client)
        edit(name="a/b <c>", archived=False)
        assert experiments(client)["a/b <c>"]["archived_runs"] == 0
        freed = client.post("/api/experiments/delete", json={"name": "a/b <c>"}).json()
        assert freed["runs"] == freed["files"] == 2 and freed["bytes"] > 1000
        assert set(experiments(client)) == {"default"}
        client.post("/api/experiments/add", json={"name": "new"})
        assert set(experiments(client)) == {"default", "new"}


@pytest.mark.parametrize(
    ("address", "body", "words"),
    [
        ("add", {"name": "other"}, "exists"),
        ("add", {"name": " "}, "needs a name"),
        ("add", {"name": ""}, "length >= 1"),
        ("delete", {"name": "default"}, "cannot be removed"),
        ("delete", {"name": "nothing"}, "there is no experiment 'nothing'"),
        ("edit", {"name": "default", "rename": "x"}, "cannot be renamed"),
        ("edit", {"name": "other", "rename": "default"}, "exists"),
        ("edit", {"name": "nothing", "archived": True}, "there is no experiment"),
        ("edit", {"name": "other", "color": "red"}, "color"),
    ],
)
def test_experiments_refuse_invalid_changes(
    folder: Path, serving: Serving, address: str, body: dict[str, Any], words: str
) -> None:
    with serving(Repo(folder)) as client:
        answer = client.post(f"/api/experiments/{address}", json=body)
        assert answer.status_code == 400
        assert words in answer.json()["error"]["message"]


def test_the_overview(folder: Path, serving: Serving) -> None:
    repo = Repo(folder)
    repo.runs.archive(repo.run("third").id)
    with aim.Run(repo=folder, run="live", experiment="other"), serving(repo) as client:
        whole = client.get("/api/overview").json()
        part = client.get("/api/overview", params={"experiment": "other"}).json()
        unknown = client.get("/api/overview", params={"experiment": "nope"})
    assert (unknown.status_code, unknown.json()["error"]["message"]) == (
        404, "there is no experiment 'nope'; there are: default, other",
    )  # fmt: skip
    assert (whole["runs"], whole["archived"], whole["metrics"]) == (4, 1, 2)
    assert whole["statuses"] == {"finished": 2, "running": 1}
    assert [run["hash"] for run in whole["active"]] == ["live"]
    assert [run["hash"] for run in whole["recent"]] == ["live", "second", "first"]
    today = datetime.fromtimestamp(whole["recent"][0]["created_at"], timezone.utc).date().isoformat()
    assert whole["days"][-1]["day"] == today
    assert sum(day["runs"] for day in whole["days"]) == 3
    assert [run["hash"] for run in part["recent"]] == ["live", "second"]


def test_days_of_runs_and_of_queries_are_those_of_the_zone(tmp_path: Path, serving: Serving) -> None:
    """16:30 on the last day of February in UTC is March in Tokyo."""
    started = datetime(2026, 2, 28, 16, 30, tzinfo=timezone.utc).timestamp()
    LogFile(tmp_path, "one").start(started).series(0, "loss").point(0, 0, 1.0).end(started + 1).save()
    with serving(Repo(tmp_path)) as client:
        for zone, day in (("UTC", "2026-02-28"), ("Asia/Tokyo", "2026-03-01"), ("America/New_York", "2026-02-28")):
            days = client.get("/api/overview", params={"zone": zone}).json()["days"]
            assert days == [{"day": day, "runs": 1}]
            parts = ", ".join(str(int(part)) for part in day.split("-"))
            for condition in (f"run.created_at == '{day}'", f"date(run.created_at) == date({parts})"):
                page = client.get("/api/page/facts", params={"q": condition, "zone": zone}).json()
                assert page["runs"] == 1, (zone, condition)


@pytest.mark.parametrize("started", [-1e30, 1.8e12, 1e30])
def test_a_run_with_an_impossible_start_breaks_no_overview(folder: Path, serving: Serving, started: float) -> None:
    LogFile(folder, "odd").start(started).series(0, "loss").point(0, 0, 1.0).end(started).save()
    with serving(Repo(folder)) as client:
        overview = client.get("/api/overview")
    assert overview.status_code == 200
    assert sum(day["runs"] for day in overview.json()["days"]) == 4


WRITES: list[tuple[str, dict[str, Any]]] = [
    ("runs/note", {"run": "0" * 32, "text": "x"}),
    ("experiments/add", {"name": "x"}),
    ("experiments/edit", {"name": "default", "note": "x"}),
    ("experiments/delete", {"name": "other"}),
    ("tags/save", {"name": "x", "color": "#112233"}),
    ("tags/delete", {"name": "x"}),
    ("metrics/direction", {"metric": "x", "direction": "max"}),
    ("bookmarks/save", {"name": "x", "search": "?q=loss"}),
    ("bookmarks/delete", {"id": "00"}),
    ("dashboards/save", {"name": "x", "charts": []}),
    ("dashboards/home", {"id": "00"}),
    ("dashboards/delete", {"id": "00"}),
    ("views/save", {"text": "hidden=a"}),
]


@pytest.mark.parametrize(("address", "body"), WRITES)
def test_no_write_where_only_reading_is_allowed(client: httpx.Client, address: str, body: dict[str, Any]) -> None:
    answer = client.post(f"/api/{address}", json=body)
    assert answer.status_code == 403
    assert "read-only" in answer.json()["error"]["message"]


@pytest.mark.parametrize(("address", "body"), WRITES)
def test_no_write_from_another_site_or_without_json(
    folder: Path, serving: Serving, address: str, body: dict[str, Any]
) -> None:
    with serving(Repo(folder)) as client:
        foreign = client.post(f"/api/{address}", json=body, headers={"origin": "http://evil.example"})
        plain = client.post(f"/api/{address}", content="{}", headers={"content-type": "text/plain"})
        read = client.get(f"/api/{address}")
        assert (foreign.status_code, plain.status_code, read.status_code) == (403, 415, 405)
    assert Repo(folder).edits.fields() == {}
