"""Links to a view, and tokens in addresses."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from aim.server.tokens import Role, Tokens
from tests.server.signing import ARRIVES, PAGE, bearer, sign_in


def test_a_link_opens_its_view_without_its_token(team: httpx.Client, tokens: Tokens) -> None:
    sign_in(team, tokens.add("ann", "write"))
    made = team.post("/api/links/add", json={"view": "?page=runs&q=loss", "days": 3}).json()
    assert abs(made["expires"] - time.time() - 3 * 86_400) < 60
    team.cookies.clear()
    arrival = team.get("/", params={"page": "runs", "q": "loss", "token": made["token"]}, headers=ARRIVES)
    assert arrival.status_code == 200 and "set-cookie" not in arrival.headers
    onward = re.search(r'content="0;url=([^"]*)"', arrival.text)
    assert onward is not None
    welcome = team.get("/" + onward[1].replace("&amp;", "&").removeprefix("./"), headers=PAGE)
    assert (welcome.status_code, welcome.headers["location"]) == (303, "./?page=runs&q=loss")
    assert welcome.headers["referrer-policy"] == "no-referrer"
    about = team.get("/api/project").json()
    assert (about["user"], about["via"], about["writable"], about["shares"]) == ("ann", "link", False, False)
    assert about["reason"] == "This is a read-only link."
    refused = team.post("/api/links/add", json={"view": "?page=runs"})
    assert (refused.status_code, refused.json()["error"]["message"]) == (403, "This is a read-only link.")
    assert [token.link for token in tokens if token.link] == ["?page=runs&q=loss"]
    tokens.remove([made["id"]])
    assert team.get("/api/project").status_code == 401


def test_a_link_takes_no_rights_from_who_is_signed_in(team: httpx.Client, tokens: Tokens) -> None:
    sign_in(team, tokens.add("boss", "admin"))
    link = tokens.add("ann", "read", link="?page=runs")
    assert "set-cookie" not in team.get("/", params={"token": link}, headers=PAGE).headers
    assert team.get("/api/project").json()["role"] == "admin"


@pytest.mark.parametrize("link", [None, "?page=runs"])
@pytest.mark.parametrize("other", ["admin", "read"])
def test_a_token_in_an_address_replaces_no_session(
    team: httpx.Client, tokens: Tokens, link: str | None, other: Role
) -> None:
    sign_in(team, tokens.add("ann", "read", link=link))
    for text in (tokens.add("mallory", other), "wrong"):
        arrival = team.get("/", params={"token": text}, headers=ARRIVES)
        onward = re.search(r'content="0;url=([^"]*)"', arrival.text)
        assert onward is not None
        answer = team.get("/" + onward[1].removeprefix("./"), headers=PAGE)
        assert (answer.status_code, answer.headers["location"]) == (303, "./")
        assert "set-cookie" not in answer.headers
        assert team.get("/api/project").json()["user"] == "ann"


def test_a_link_from_another_site_finds_who_is_signed_in(team: httpx.Client, tokens: Tokens) -> None:
    assert 'content="0;url=./?page=runs"' in team.get("/?page=runs", headers=ARRIVES).text
    sign_in(team, tokens.add("ann", "read"))
    assert team.get("/?page=runs", headers=PAGE).status_code in (200, 503)


@pytest.mark.parametrize(
    "body",
    [
        {"view": "?a\nb"},
        {"view": "javascript:alert(1)"},
        {"view": "https://evil.example/?page=runs"},
        {"view": "//evil.example"},
        {"view": "?", "days": 0},
        {"view": "?", "days": -1},
        {"view": "?", "days": 1e9},
        {"view": "?" + "x" * 20_000},
        {},
    ],
)
def test_odd_links_are_refused(team: httpx.Client, tokens: Tokens, body: dict[str, Any]) -> None:
    assert team.post("/api/links/add", json=body, headers=bearer(tokens.add("ann", "write"))).status_code == 400


def test_links_are_few(team: httpx.Client, tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.server.tokens.MOST_LINKS", 1)
    headers = bearer(tokens.add("ann", "write"))
    assert team.post("/api/links/add", json={"view": "?"}, headers=headers).status_code == 200
    assert "1 links" in team.post("/api/links/add", json={"view": "?"}, headers=headers).json()["error"]["message"]


def test_links_that_are_made_at_once_are_all_kept(team: httpx.Client, tokens: Tokens) -> None:
    headers = bearer(tokens.add("ann", "write"))
    with ThreadPoolExecutor(12) as threads:
        made = list(threads.map(lambda _: team.post("/api/links/add", json={"view": "?"}, headers=headers), range(24)))
    assert [answer.status_code for answer in made] == [200] * 24
    assert all(tokens.find(answer.json()["token"]) for answer in made)


def test_a_link_too_many_is_refused_and_not_a_fault_of_the_server(
    team: httpx.Client, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = bearer(tokens.add("ann", "write"))
    monkeypatch.setattr("aim.server.tokens.MOST", 1)
    refused = team.post("/api/links/add", json={"view": "?"}, headers=headers)
    assert refused.status_code == 400 and "1 tokens" in refused.json()["error"]["message"]


def late(tokens: Tokens, monkeypatch: pytest.MonkeyPatch, user: str, link: str | None = None) -> str:
    """A token that expired."""
    text = tokens.add(user, "read", days=3, link=link)
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 4 * 86_400)
    return text


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("?page=runs", ["This link expired on ", "Ask ann, who made it, for another one."]),
        (None, ["This token of ann expired on ", "aim token add ann --role read"]),
    ],
)
def test_who_comes_late_is_told_whom_to_ask(
    team: httpx.Client, tokens: Tokens, monkeypatch: pytest.MonkeyPatch, link: str | None, told: list[str]
) -> None:
    text = late(tokens, monkeypatch, "ann", link)
    page = team.get("/", params={"token": text}, headers=PAGE)
    error = team.get("/api/project", headers=bearer(text)).json()["error"]
    for words in told:
        assert words in page.text and words in f"{error['message']} {error['hint']}"
    assert page.status_code == 401 and "set-cookie" not in page.headers
    guess = text[:-1] + ("A" if text[-1] != "A" else "B")
    assert "wrong or revoked" in team.get("/", params={"token": guess}, headers=PAGE).text, "a guess learns nothing"


def test_expired_links_make_place_for_others(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.server.tokens.MOST_LINKS", 1)
    late(tokens, monkeypatch, "ann", "?page=runs")
    (kept,) = tokens
    tokens.add("bob", "read", link="?page=runs")
    assert kept in set(tokens)
    tokens.add("ann", "read", link="?page=runs")
    assert kept not in set(tokens)


def test_links_end_with_their_user(tokens: Tokens) -> None:
    tokens.add("ann", "write")
    link = tokens.add("ann", "read", link="?page=runs")
    tokens.remove(["ann"])
    assert tokens.find(link) is None
