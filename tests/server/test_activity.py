"""The recent activity of the overview."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import aim
from aim.repo import Repo
from aim.server.activity import latest_events
from aim.server.experiments import FIELDS
from tests.server.conftest import Serving

Change = Callable[[Repo, str], object]


def told(client: httpx.Client, **query: str) -> list[dict[str, Any]]:
    return list(client.get("/api/overview", params=query).json()["activity"])


def record(folder: Path, name: str, experiment: str = "first") -> str:
    with aim.Run(name, repo=folder, experiment=experiment) as run:
        run.track(1, "loss")
    return run.id


def test_runs_begin_and_end(tmp_path: Path, serving: Serving) -> None:
    record(tmp_path, "good")
    with pytest.raises(ValueError), aim.Run("bad", repo=tmp_path, experiment="second"):
        raise ValueError("no data")
    with aim.Run("live", repo=tmp_path), serving(Repo(tmp_path)) as client:
        events = [(event["kind"], event["run"]["hash"], event["subject"]) for event in told(client)]
        assert events[0] == ("started", "live", None)
        assert ("finished", "good", None) in events and ("started", "good", None) in events
        assert [subject for kind, _, subject in events if kind == "failed"] == ["ValueError: no data"]
        assert not any(hash == "live" for kind, hash, _ in events if kind != "started")
        assert {event["run"]["hash"] for event in told(client, experiment="second")} == {"bad"}


def test_an_end_has_the_time_of_the_end_record_or_else_of_the_last_heartbeat(tmp_path: Path) -> None:
    record(tmp_path, "good")
    told = Repo(tmp_path).table.fields(None, FIELDS)
    times = {"created_at": 10.0, "finished_at": 20.0, "seen_at": 30.0}
    for word, more, end in (("finished", {}, 20.0), ("lost", {"finished_at": np.nan}, 30.0)):
        changed = {name: np.array([value]) for name, value in {**times, **more, "status": word}.items()}
        events = latest_events(Repo(tmp_path), told._replace(fields={**told.fields, **changed}))
        assert [(event.kind, event.at) for event, _ in events] == [(word, end), ("started", 10.0)]


@pytest.mark.parametrize(
    ("change", "kind", "subject"),
    [
        (lambda repo, id: repo.runs.archive(id), "archived", None),
        (lambda repo, id: repo.runs.archive(id, False), "brought back", None),
        (lambda repo, id: repo.runs.tag(id, "best"), "tagged", "best"),
        (lambda repo, id: repo.runs.edit(id, "untag", "best"), "untagged", "best"),
        (lambda repo, id: repo.runs.edit(id, "name", "new name"), "renamed", "new name"),
        (lambda repo, id: repo.runs.edit(id, "description", "why"), "described", "why"),
        (lambda repo, id: repo.runs.edit(id, "experiment", "second"), "moved", "second"),
        (lambda repo, id: repo.runs.edit(id, "note:00", "# Idea"), "noted", "# Idea"),
        (lambda repo, id: repo.experiments.add("new"), "experiment", "new"),
        (lambda repo, id: repo.experiments.note("first", "why"), "experiment noted", "first"),
        (lambda repo, id: repo.bookmarks.save("?q=loss", name="All"), "bookmarked", "All"),
        (lambda repo, id: repo.dashboards.save("Main", []), "dashboard saved", "Main"),
        (lambda repo, id: repo.runs.delete(id), "deleted", None),
    ],
)
def test_changes_by_people_are_reported(
    tmp_path: Path, serving: Serving, change: Change, kind: str, subject: str | None
) -> None:
    id = record(tmp_path, "one")
    repo = Repo(tmp_path)
    change(repo, id)
    with serving(repo) as client:
        newest = told(client)[0]
    assert (newest["kind"], newest["subject"], newest["runs"]) == (kind, subject, 1)


def test_unreported_changes(tmp_path: Path, serving: Serving) -> None:
    id = record(tmp_path, "one")
    repo = Repo(tmp_path)
    repo.runs.edit(id, "note:00", "text")
    repo.runs.edit(id, "note:00", None)
    repo.tags.save("looks", color="#112233")
    with serving(repo) as client:
        assert [event["kind"] for event in told(client)] == ["finished", "started"]


def test_one_change_of_many_runs_is_reported_once(tmp_path: Path, serving: Serving) -> None:
    ids = [record(tmp_path, str(number)) for number in range(5)]
    repo = Repo(tmp_path)
    repo.runs.archive(ids)
    with serving(repo) as client:
        newest = told(client)[0]
    assert (newest["kind"], newest["runs"]) == ("archived", 5)


def test_an_experiment_reports_only_its_own_activity(tmp_path: Path, serving: Serving) -> None:
    tagged, other = record(tmp_path, "one"), record(tmp_path, "other", "second")
    repo = Repo(tmp_path)
    repo.runs.tag(other, "theirs")
    repo.runs.tag(tagged, "mine")
    repo.experiments.note("second", "theirs")
    repo.bookmarks.save("?q=loss", name="All")
    repo.runs.delete(other)
    with serving(repo) as client:
        kinds = [(event["kind"], event["subject"]) for event in told(client, experiment="first")]
    assert kinds == [("tagged", "mine"), ("finished", None), ("started", None)]


def test_the_newest_forty(tmp_path: Path, serving: Serving) -> None:
    id = record(tmp_path, "one")
    repo = Repo(tmp_path)
    for number in range(50):
        repo.runs.edit(id, f"note:{number:02}", f"note {number}")
    with serving(repo) as client:
        events = told(client)
    assert len(events) == 40 and events[0]["subject"] == "note 49"
