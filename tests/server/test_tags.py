"""Tags with their styles, and bookmarks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

import aim
from aim.log.edits import Editor
from aim.repo import Repo
from aim.server.tags import list_tags
from tests.server.conftest import Serving


def tags(client: httpx.Client) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = client.get("/api/tags").json()["tags"]
    return listed


def bookmarks(client: httpx.Client) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = client.get("/api/bookmarks").json()["bookmarks"]
    return listed


def test_a_tag_attached_by_a_script_has_no_style_yet(folder: Path, serving: Serving) -> None:
    repo = Repo(folder)
    repo.runs.tag(repo.run("first").id, "seen")
    with serving(repo) as client:
        assert tags(client) == [{"name": "seen", "color": None, "comment": "", "archived": False, "runs": 1}]


def test_a_tag_is_made_changed_renamed_and_deleted(folder: Path, serving: Serving) -> None:
    repo = Repo(folder)
    first, second = repo.run("first").id, repo.run("second").id
    with serving(repo) as client:
        save = lambda **body: client.post("/api/tags/save", json={"color": "#aa0000", **body})  # noqa: E731
        save(name="good", comment="worth a look")
        repo.runs.tag([first, second], "good")
        save(name="best", was="good", comment="worth a look", archived=True)
        assert tags(client) == [
            {"name": "best", "color": "#aa0000", "comment": "worth a look", "archived": True, "runs": 2}
        ]
        assert repo.run("first").tags == ["best"]
        save(name="other")
        assert "exists" in save(name="other", was="best").json()["error"]["message"]
        assert client.post("/api/tags/delete", json={"name": "best"}).json() == {"changed": 2}
        assert [tag["name"] for tag in tags(client)] == ["other"]
        assert repo.run("second").tags == []
        assert client.post("/api/tags/delete", json={"name": "best"}).status_code == 400


def test_the_color_of_a_tag_from_an_early_repository_is_kept(folder: Path, serving: Serving) -> None:
    Editor(folder / ".aim").edit(None, "tag:old", {"colour": "#aa0000", "comment": "", "archived": False})
    with serving(Repo(folder)) as client:
        assert [tag["color"] for tag in tags(client)] == ["#aa0000"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"name": "x" * 51, "color": "#112233"}, "51 characters"),
        ({"name": "x", "color": "#112233", "comment": "y" * 201}, "201 characters"),
        ({"name": "x", "color": "red"}, "#rrggbb"),
        ({"name": "x", "color": "#12345g"}, "#rrggbb"),
        ({"name": "a\u001fb", "color": "#112233"}, "control characters"),
        ({"name": " ", "color": "#112233"}, "needs a name"),
        ({"name": "x"}, "color"),
        ({"name": "x", "color": "#112233", "size": 3}, "size"),
    ],
)
def test_invalid_tags(folder: Path, serving: Serving, body: dict[str, Any], words: str) -> None:
    with serving(Repo(folder)) as client:
        answer = client.post("/api/tags/save", json=body)
        assert answer.status_code == 400
        assert words in answer.json()["error"]["message"]


def test_a_bookmark_is_kept_changed_and_deleted(folder: Path, serving: Serving) -> None:
    with serving(Repo(folder)) as client:
        save = lambda **body: client.post("/api/bookmarks/save", json=body).json()["id"]  # noqa: E731
        first = save(name="Loss", search="?q=loss")
        second = save(name="Accuracy", description="of all", search="?q=accuracy&x=time")
        assert save(id=first, name="Loss, log", search="?q=loss&logY=1") == first
        assert [(bookmark["id"], bookmark["name"], bookmark["search"]) for bookmark in bookmarks(client)] == [
            (second, "Accuracy", "?q=accuracy&x=time"),
            (first, "Loss, log", "?q=loss&logY=1"),
        ]
        assert client.post("/api/bookmarks/delete", json={"id": second}).json() == {"changed": 1}
        assert [bookmark["id"] for bookmark in bookmarks(client)] == [first]
        assert client.post("/api/bookmarks/delete", json={"id": second}).status_code == 400
    with serving(Repo(folder)) as client:
        assert [bookmark["name"] for bookmark in bookmarks(client)] == ["Loss, log"]


@pytest.mark.parametrize("search", ["javascript:alert(1)", "//evil.example", "https://evil.example/?q=x", ""])
def test_a_bookmark_leads_nowhere_else(folder: Path, serving: Serving, search: str) -> None:
    with serving(Repo(folder)) as client:
        answer = client.post("/api/bookmarks/save", json={"name": "x", "search": search})
        assert answer.status_code == 400


@pytest.mark.parametrize("tags", [["a"], ["a", "b"], []])
def test_runs_with_equally_many_tags(tmp_path: Path, tags: list[str]) -> None:
    for number in range(2):
        with aim.Run(f"run {number}", repo=tmp_path) as run:
            for tag in tags:
                run.add_tag(tag)
    assert {tag.name: tag.runs for tag in list_tags(Repo(tmp_path)).tags} == dict.fromkeys(tags, 2)
