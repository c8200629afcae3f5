"""Views that are too long for an address: stored once, bounded, and only by who may edit."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from aim.repo import Repo, views
from tests.server.conftest import Serving

TEXT = "hidden=" + ".".join(f"s{number:015x}" for number in range(2_000))


def save(client: httpx.Client, text: str) -> str:
    id: str = client.post("/api/views/save", json={"text": text}).raise_for_status().json()["id"]
    return id


def test_a_view_is_found_by_its_id_and_stored_once(folder: Path, serving: Serving) -> None:
    with serving(Repo(folder)) as client:
        id = save(client, TEXT)
        size = sum(path.stat().st_size for path in (folder / ".aim" / "edits").iterdir())
        assert len(id) == 16 and save(client, TEXT) == id
        assert sum(path.stat().st_size for path in (folder / ".aim" / "edits").iterdir()) == size
        assert save(client, TEXT + ".s1") != id
    with serving(Repo(folder, read_only=True)) as client:
        assert client.get(f"/api/view?id={id}").json() == {"text": TEXT}


@pytest.mark.parametrize(
    "body", [{"text": ""}, {"text": "a" * 500_001}, {"text": 1}, {}, {"text": "a", "id": "0" * 16}]
)
def test_what_is_no_view_is_refused(folder: Path, serving: Serving, body: dict[str, object]) -> None:
    with serving(Repo(folder)) as client:
        assert client.post("/api/views/save", json=body).status_code == 400
    assert Repo(folder).edits.items("view") == {}


@pytest.mark.parametrize(("most", "characters"), [(3, 10_000), (100, 30)])
def test_the_oldest_is_forgotten_that_no_bookmark_needs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, most: int, characters: int
) -> None:
    monkeypatch.setattr(views, "MOST", most)
    monkeypatch.setattr(views, "MOST_CHARACTERS", characters)
    repo = Repo(folder)
    texts = [f"hidden={number}xx" for number in range(6)]
    ids = [repo.views.save(texts[0])]
    repo.bookmarks.save(f"?q=loss&kept={ids[0]}", name="Some")
    ids += [repo.views.save(text) for text in texts[1:]]
    found = [repo.views.text(id) for id in ids]
    assert found == [texts[0], None, None, None, texts[4], texts[5]]


def test_what_other_programs_wrote_is_no_view(folder: Path) -> None:
    repo = Repo(folder)
    repo.edits.write([(None, "view:0000000000000001", {"text": 7}), (None, "view:0000000000000002", "text")])
    assert repo.views.text("0000000000000001") is None is repo.views.text("0000000000000002")
