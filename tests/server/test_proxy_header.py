"""A proxy that names the users in a header."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aim.errors import ServerError
from aim.repo import Repo
from aim.server import routes
from aim.server.app import App, create_app
from aim.server.team import ProxyHeader
from aim.server.tokens import ROLES, Role, Tokens
from tests.server.signing import JSON, bearer


def app(folder: Path, **options: Any) -> App:
    return create_app(Repo(folder), header=ProxyHeader("X-Forwarded-User", **options))


@pytest.mark.parametrize("role", ROLES)
def test_a_proxy_names_the_user(folder: Path, serving: Any, role: Role) -> None:
    with serving(app(folder, role=role)) as client:
        assert client.get("/api/project").status_code == 401
        about = client.get("/api/project", headers={"x-forwarded-user": "ada@example.org"}).json()
        assert (about["user"], about["role"], about["via"]) == ("ada@example.org", role, "header")
        assert about["writable"] is (role != "read")
        named = client.get("/api/project", headers={"x-forwarded-user": "Zoë".encode()}).json()
        assert named["user"] == "Zoë"


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (400, [("x-forwarded-user", "ada"), ("x-forwarded-user", "boss")]),
        (400, [("x-forwarded-user", "")]),
        (400, [("x-forwarded-user", "a\tb")]),
        (400, [("x-forwarded-user", "a" * 300)]),
        (400, [("x-forwarded-user", "\xff")]),
        (401, [("x_forwarded_user", "ada")]),
        (401, [("x-forwarded-user2", "ada")]),
        (401, [("authorization", "Bearer ada")]),
    ],
)
def test_odd_names_of_a_proxy(folder: Path, serving: Any, status: int, headers: list[tuple[str, str]]) -> None:
    with serving(app(folder)) as client:
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        assert client.get("/api/project", headers=raw).status_code == status


@pytest.mark.parametrize("proxies", [["10.0.0.5"], ["10.0.0.0/8", "192.168.1.1"], ["::1"]])
def test_a_name_from_elsewhere_counts_for_nothing(folder: Path, serving: Any, proxies: list[str]) -> None:
    with serving(app(folder, proxies=proxies, role="admin")) as client:
        answer = client.get("/api/project", headers={"x-forwarded-user": "boss", "x-forwarded-for": "10.0.0.5"})
        assert answer.status_code == 401
        assert answer.json()["error"]["message"] == "This address may not say who you are."


def test_tokens_work_beside_a_proxy(folder: Path, tokens: Tokens, serving: Any) -> None:
    header = ProxyHeader("X-Forwarded-User", proxies=["10.0.0.5"])
    with serving(Repo(folder), tokens=True, header=header) as client:
        forged = {"x-forwarded-user": "boss", **bearer(tokens.add("ann", "read"))}
        assert client.get("/api/project", headers=forged).json()["user"] == "ann"


@pytest.mark.parametrize("letters", [1, 64, 65, 254])
def test_users_of_a_proxy_share_links(folder: Path, tokens: Tokens, serving: Any, letters: int) -> None:
    named = {"x-user": "a" * letters}
    with serving(Repo(folder), tokens=True, header=ProxyHeader("X-User", role="write")) as client:
        made = client.post("/api/links/add", json={"view": "?page=runs"}, headers=named)
        token = tokens.find(made.json()["token"])
        assert made.status_code == 200 and token is not None and token.user == "a" * letters
    with serving(Repo(folder), header=ProxyHeader("X-User", role="write")) as client:
        refused = client.post("/api/links/add", json={"view": "?page=runs"}, headers=named)
        assert refused.status_code == 403
        assert "A proxy names the users of this server" in refused.json()["error"]["message"]


def test_a_name_from_a_proxy_starts_no_command(folder: Path, tokens: Tokens, serving: Any) -> None:
    header = ProxyHeader("X-Forwarded-User", role="admin")
    with pytest.raises(ServerError, match="Add --tokens"):
        create_app(Repo(folder), header=header, allow_run=True)
    with serving(Repo(folder), tokens=True, header=header, allow_run=True) as client:
        starts = [route for route in routes.ROUTES if route.access == "start"]
        assert starts
        for route in starts:
            forged = client.request(route.method, route.path, headers={"x-forwarded-user": "evil", **JSON})
            assert forged.status_code == 403
            assert "only for a user with a token" in forged.json()["error"]["message"]
            boss = client.request(route.method, route.path, headers={**bearer(tokens.add("boss", "admin")), **JSON})
            assert boss.status_code != 403


@pytest.mark.parametrize("name", ["", "Host", "cookie", "Sec-Fetch-Site", "a b", "a:b", "X_User", "ü", "Authorization"])
def test_a_header_that_cannot_name_users(name: str) -> None:
    with pytest.raises(ServerError, match="cannot name users"):
        ProxyHeader(name)


@pytest.mark.parametrize("proxy", ["", "x", "10.0.0.0/99", "10.0.0.5/8"])
def test_a_proxy_is_an_address(proxy: str) -> None:
    with pytest.raises(ServerError, match="not an address"):
        ProxyHeader("X-User", proxies=[proxy])
