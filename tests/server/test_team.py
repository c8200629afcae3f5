"""A server with users: who gets in, what each role may do, and who is kept out, over real sockets."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from aim import user
from aim.cli.up import tokens_of
from aim.log import edits
from aim.repo import Repo
from aim.server import routes, security
from aim.server.app import create_app
from aim.server.caller import NEEDS, caller_of
from aim.server.route import Route
from aim.server.sessions import Sessions
from aim.server.team import ProxyHeader, Team
from aim.server.throttle import FREE, Throttle
from aim.server.tokens import ROLES, Tokens
from tests.server.conftest import record
from tests.server.signing import FORM, JSON, PAGE, bearer, cookie_of, sign_in
from tests.waiting import PATIENCE


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory) -> Tokens:
    folder = tmp_path_factory.mktemp("roles")
    record(folder, "first")
    return Tokens(folder / ".aim")


@pytest.fixture(scope="module")
def lasting(roles: Tokens, serving: Any) -> Iterator[httpx.Client]:
    """A client of a server that all routes are tried on. Wrong tokens cost no time there."""
    app = create_app(Repo(roles.path.parent.parent), tokens=True)
    app.policy.entrance.throttle = Patient()  # type: ignore[attr-defined]
    with serving(app) as client:
        yield client


class Patient(Throttle):
    def seconds(self, address: str) -> float:
        return 0.0


@pytest.mark.parametrize("route", [*routes.ROUTES, Route("GET", "api/openapi.json", print, "", None)])
def test_every_route_needs_a_token_and_its_role(lasting: httpx.Client, roles: Tokens, route: Route) -> None:
    needs = NEEDS[route.access][0]
    below = [role for role in ROLES if ROLES.index(role) < ROLES.index(needs)]

    def call(headers: dict[str, str]) -> httpx.Response:
        if route.path == "api/live":
            return lasting.head(route.path, headers=headers)
        return lasting.request(
            route.method, route.path, headers={**JSON, **headers} if route.method == "POST" else headers
        )

    assert call({}).status_code == 401
    assert call(bearer("aim_" + "0" * 12 + "_" + "A" * 43)).status_code == 401
    for role in below:
        refused = call(bearer(roles.add(f"r{role}", role)))
        assert refused.status_code == 403
        assert f"needs the role {needs}" in refused.json()["error"]["message"]
    link = call(bearer(roles.add("ann", "read", link="?page=runs")))
    assert (link.status_code == 403) == (needs != "read")
    allowed = call(bearer(roles.add("boss", needs)))
    assert allowed.status_code != 401
    if allowed.status_code == 403:
        assert allowed.json()["error"]["message"].startswith("Starting commands is off")


@pytest.mark.parametrize(
    "path", ["/", "/index.html", "/assets/x.js", "/favicon.ico", "/api/project", "/no", "/a/login/b"]
)
def test_nothing_is_shown_to_strangers(team: httpx.Client, path: str) -> None:
    assert team.get(path).status_code == 401
    assert team.get(path, headers=PAGE).status_code == 401
    assert team.get(path, headers={"host": "evil.example"}).status_code == 403


@pytest.mark.parametrize("who", [{"tokens": True}, {"header": ProxyHeader("X-User")}, {"token": "x" * 20}])
@pytest.mark.parametrize("headers", [PAGE, {}])
def test_a_stranger_with_a_wrong_host_does_not_see_the_command(
    folder: Path, serving: Any, who: dict[str, Any], headers: dict[str, str]
) -> None:
    app = create_app(Repo(folder), command="aim up --repo /secret/place --tls-key /secret/key.pem", **who)
    with serving(app) as client:
        answer = client.get("/", headers={**headers, "host": "evil.example"})
        assert answer.status_code == 403
        assert "--allow-host evil.example" in answer.text and "secret" not in answer.text


WRONG = [
    "", " ", "x", "aim_0", "aim_000000000000_" + "A" * 43, "ü" * 60, "\x00", "A" * 1000,
    "aim_000000000000_" + "A" * 44,
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_token_signs_nobody_in(team: httpx.Client, text: str) -> None:
    answer = sign_in(team, text)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert 'role="alert"' in answer.text and "wrong or revoked" in answer.text


def test_signing_in_and_out(team: httpx.Client, tokens: Tokens) -> None:
    asked = team.get("/?page=runs&q=a%22%3Cb%3E", headers=PAGE)
    assert asked.status_code == 401 and asked.headers["referrer-policy"] == "same-origin"
    assert "form-action 'self'" in asked.headers["content-security-policy"] and "<script" not in asked.text
    wanted = re.search(r'name="next" value="([^"]*)"', asked.text)
    assert wanted is not None
    answer = sign_in(team, f" {tokens.add('ann', 'write')} ", next=wanted[1].replace("&amp;", "&"))
    assert (answer.status_code, answer.headers["location"]) == (303, "./?page=runs&q=a%22%3Cb%3E")
    kept = answer.headers["set-cookie"]
    assert re.fullmatch(r"aim_[0-9a-f]{8}=\S+; Max-Age=5184000; HttpOnly; SameSite=Strict", kept)
    about = team.get("/api/project").json()
    assert (about["user"], about["role"], about["via"], about["writable"]) == ("ann", "write", "session", True)
    assert about["undeletable"] == "Deleting runs needs the role admin, and ann has the role write."
    old = dict(team.cookies)
    out = team.post("/logout", json={})
    assert out.status_code == 204 and "Max-Age=0" in out.headers["set-cookie"]
    assert team.get("/api/project").status_code == 401
    team.cookies.update(old)
    assert team.get("/api/project").status_code == 401, "a copy of the cookie does not work either"


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "a\r\nset-cookie: x=y", "a b", "ü", "?", "\\\\evil.example"]
)
def test_signing_in_leads_to_no_other_site(team: httpx.Client, tokens: Tokens, wanted: str) -> None:
    answer = sign_in(team, tokens.add("ann", "read"), next=wanted)
    assert answer.status_code == 303
    assert re.fullmatch(r"\./(\?[!-~]*)?", answer.headers["location"])
    assert "x=y" not in answer.headers.get("set-cookie", "").split("; ")


@pytest.mark.parametrize("path", ["/login", "/logout"])
@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (403, {"origin": "http://evil.example"}),
        (403, {"origin": "null"}),
        (403, {"origin": ""}),
        (403, {"sec-fetch-site": "cross-site"}),
        (403, {"host": "evil.example"}),
        (415, {"content-type": "text/plain"}),
        (415, {"content-type": "multipart/form-data; boundary=x"}),
        (413, {"x-large": "1"}),
    ],
)
def test_another_site_signs_nobody_in_or_out(
    team: httpx.Client, tokens: Tokens, path: str, status: int, headers: dict[str, str]
) -> None:
    sign_in(team, tokens.add("ann", "read"))
    large = b"a" * 70_000 if "x-large" in headers else b"token=x"
    assert team.post(path, content=large, headers={**FORM, **headers}).status_code == status
    assert team.get("/api/project").status_code == 200


def test_a_form_changes_nothing_elsewhere(team: httpx.Client, tokens: Tokens) -> None:
    sign_in(team, tokens.add("ann", "admin"))
    for path in ("/api/runs/delete", "/api/links/add", "/api/runs/archive"):
        assert team.post(path, content=b"runs=1", headers=FORM).status_code == 415
        assert team.post(path, json={}, headers={"origin": "http://evil.example"}).status_code == 403
    assert team.post("/api/runs/archive/login", json={"runs": []}).status_code == 401


def forged(value: str) -> list[str]:
    id, expires, nonce, code = value.split(".")
    return [
        f"{id}.{int(expires) + 1}.{nonce}.{code}", f"{id}.{expires}.{'0' * 16}.{code}",
        f"{'0' * 12}.{expires}.{nonce}.{code}",
        f"{id}.{expires}.{nonce}.{'0' * 64}", f"{id}.{expires}.{nonce}", value + "0",
        value.upper(), "", "\u00fc", "." * 3,
    ]  # fmt: skip


def test_a_forged_cookie_lets_nobody_in(team: httpx.Client, tokens: Tokens) -> None:
    name, value = cookie_of(sign_in(team, tokens.add("ann", "admin")))
    team.cookies.clear()
    for wrong in forged(value):
        headers = {"cookie": f"{name}={wrong}".encode("latin-1")}
        assert team.get("/api/project", headers=headers).status_code == 401, wrong
    assert team.get("/api/project", headers={"cookie": f"{name}={value}"}).status_code == 200


def test_a_cookie_counts_in_one_repository_and_with_one_token(
    folder: Path, tmp_path_factory: Any, tokens: Tokens
) -> None:
    ann, bob = (tokens.find(tokens.add(name, "read")) for name in ("ann", "bob"))
    assert ann is not None and bob is not None
    here = Sessions(folder / ".aim", tokens)
    value = here.begin(ann).value
    assert here.token(value) == ann
    assert here.token(value.replace(ann.id, bob.id)) is None
    assert Sessions(folder / ".aim", tokens).token(value) == ann, "also after a restart"
    other = tmp_path_factory.mktemp("other") / ".aim"
    other.mkdir()
    assert Sessions(other, tokens).token(value) is None


def test_a_cookie_expires(folder: Path, tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    token = tokens.find(tokens.add("ann", "read", days=2))
    assert token is not None
    sessions, now = Sessions(folder / ".aim", tokens), time.time()
    cookie = sessions.begin(token)
    assert cookie.seconds > 3 * 86_400, "a browser keeps it, and the page says why it does not count"
    monkeypatch.setattr("time.time", lambda: now + 3 * 86_400)
    assert sessions.token(cookie.value) is None and sessions.over(cookie.value) == token
    forged = cookie.value[:-1] + ("0" if cookie.value[-1] != "0" else "1")
    assert sessions.over(forged) is None


def test_a_copy_of_a_cookie_counts_for_nothing_after_a_restart(folder: Path, tokens: Tokens) -> None:
    ann = tokens.find(tokens.add("ann", "read"))
    assert ann is not None
    sessions = Sessions(folder / ".aim", tokens)
    first, second = (sessions.begin(ann).value for _ in range(2))
    sessions.end(first)
    for again in (sessions, Sessions(folder / ".aim", Tokens(folder / ".aim"))):
        assert (again.token(first), again.token(second)) == (None, ann)
    path = folder / ".aim" / "server" / "ended.json"
    assert (path.stat().st_mode & 0o077, first.split(".")[3] in path.read_text()) == (0, False)


@pytest.mark.parametrize("headers", [PAGE, {}])
@pytest.mark.parametrize("gone", ["the file", "the folder"])
def test_a_server_whose_tokens_are_gone_says_so(
    team: httpx.Client, tokens: Tokens, gone: str, headers: dict[str, str]
) -> None:
    text = tokens.add("ann", "read")
    assert sign_in(team, text).status_code == 303
    kept = tokens.path.with_name("kept.json") if gone == "the file" else tokens.path.parent.with_name("kept")
    (tokens.path if gone == "the file" else tokens.path.parent).rename(kept)
    for answer in (
        team.get("/", headers=headers), sign_in(team, text), team.get("/", headers=headers, params={"token": text}),
        team.get("/api/project", headers=bearer(text)),
    ):  # fmt: skip
        assert answer.status_code == 503
        assert "cannot read who may come in" in answer.text and str(tokens.path.parent) not in answer.text
    kept.rename(tokens.path if gone == "the file" else tokens.path.parent)
    assert team.get("/api/project", headers=bearer(text)).status_code == 200


def test_a_revoked_token_is_refused_at_once(team: httpx.Client, tokens: Tokens) -> None:
    text = tokens.add("ann", "write")
    sign_in(team, text)
    assert team.get("/api/project").status_code == 200
    assert team.get("/api/project", headers=bearer(text)).status_code == 200
    tokens.remove(["ann"])
    assert team.get("/api/project").status_code == 401
    assert team.get("/api/project", headers=bearer(text)).status_code == 401
    page = team.get("/?page=runs", headers=PAGE)
    assert page.status_code == 401 and 'role="alert"' in page.text and "page=runs" in page.text
    assert "was revoked. Ask the person who runs this server for another one." in page.text


@pytest.mark.parametrize("link", [None, "?page=runs"])
def test_the_page_says_that_the_token_of_a_session_expired(
    team: httpx.Client, tokens: Tokens, monkeypatch: pytest.MonkeyPatch, link: str | None
) -> None:
    text = tokens.add("ann", "read", days=3, link=link)
    team.get("/", params={"token": text}, headers=PAGE)
    assert team.get("/api/project").status_code == 200
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 4 * 86_400)
    page = team.get("/", headers=PAGE)
    words = ("This token of ann expired on ", "aim token add ann") if link is None else ("This link expired", "Ask ann")
    assert page.status_code == 401 and all(word in page.text for word in words)


def test_the_page_says_nothing_to_who_signed_out(team: httpx.Client, tokens: Tokens) -> None:
    sign_in(team, tokens.add("ann", "read"))
    name, value = next(iter(team.cookies.items()))
    assert team.post("/logout", headers=JSON, content="{}").status_code == 204
    page = team.get("/", headers={**PAGE, "cookie": f"{name}={value}"})
    assert page.status_code == 401 and 'role="alert"' not in page.text


@pytest.mark.parametrize("end", ["revoked", "signed out"])
def test_a_page_that_listens_hears_nothing_after_its_token_was_revoked(
    team: httpx.Client, tokens: Tokens, end: str
) -> None:
    text = tokens.add("ann", "read")
    name, value = cookie_of(sign_in(team, text))
    cookie = {"cookie": f"{name}={value}"}
    team.cookies.clear()
    ended = threading.Event()

    def listen() -> None:
        with team.stream("GET", "/api/live", headers=bearer(text) if end == "revoked" else cookie) as live:
            try:
                for _ in live.iter_raw():
                    begun.set()
            except httpx.TransportError:
                pass
        ended.set()

    begun = threading.Event()
    listening = threading.Thread(target=listen)
    listening.start()
    assert begun.wait(PATIENCE)
    assert not ended.wait(2 * security.KNOWN_SECONDS)
    if end == "revoked":
        tokens.remove(["ann"])
    else:
        assert team.post("/logout", headers={**cookie, **FORM, "sec-fetch-site": "same-origin"}).status_code == 204
    assert ended.wait(PATIENCE)
    listening.join()
    assert security.KNOWN_SECONDS <= 0.5, "a second at most"


def test_1000_wrong_tokens_are_slowed_down(
    folder: Path, tokens: Tokens, serving: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("aim.server.throttle.asyncio", SimpleNamespace(sleep=sleep))
    right = tokens.add("ann", "read")
    with serving(Repo(folder), tokens=True) as client:
        for number in range(1000):
            wrong = f"aim_{number:012x}_{'A' * 43}"
            answer = (
                sign_in(client, wrong)
                if number % 3 == 0
                else client.get("/api/project", headers=bearer(wrong))
                if number % 3 == 1
                else client.get("/", params={"token": wrong}, headers=PAGE)
            )
            assert answer.status_code == 401
        assert len(waited) == 1000 - FREE
        assert waited == sorted(waited) and waited[-1] == 10.0
        assert client.get("/api/project", headers=bearer(right)).status_code == 200
        assert len(waited) == 1000 - FREE, "a right token waits for nothing"


def test_too_many_who_wait_are_told_so(folder: Path, serving: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.server.throttle.MAX_WAITING", 0)
    monkeypatch.setattr("aim.server.throttle.FREE", 0)
    with serving(Repo(folder), tokens=True) as client:
        answer = sign_in(client, "x")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")
        assert "Too many wrong tokens" in answer.text


def test_users_see_and_revoke_their_own_tokens_and_an_admin_all(team: httpx.Client, tokens: Tokens) -> None:
    texts = {name: tokens.add(name, role) for name, role in (("ann", "write"), ("bob", "write"), ("boss", "admin"))}
    texts["reader"] = tokens.add("rob", "read")
    texts["dashboard"], texts["recorder"] = tokens.add("kim", "read"), tokens.add("kim", "write")
    texts["link"] = tokens.add("ann", "read", link="?page=runs")
    ids = {name: text.split("_")[1] for name, text in texts.items()}

    def seen(name: str) -> list[str]:
        rows = team.get("/api/tokens", headers=bearer(texts[name])).json()
        assert texts[name] not in str(rows) and "sha256" not in str(rows)
        return sorted(row["id"] for row in rows["tokens"])

    def revoke(name: str, *gone: str) -> int:
        return team.post("/api/tokens/revoke", json={"ids": list(gone)}, headers=bearer(texts[name])).status_code

    assert seen("ann") == sorted([ids["ann"], ids["link"]])
    assert seen("boss") == sorted(ids.values())
    assert seen("link") == [], "who came with a link is not its user"
    assert revoke("link", ids["link"]) == 404
    assert seen("recorder") == sorted([ids["dashboard"], ids["recorder"]])
    assert seen("dashboard") == [ids["dashboard"]]
    assert revoke("dashboard", ids["recorder"]) == 404, "a leaked token that may only read stops no recording"
    assert revoke("recorder", ids["dashboard"], ids["recorder"]) == 200
    for name in ("bob", "reader"):
        assert revoke(name, ids["link"]) == revoke(name, ids["ann"]) == 404
    assert revoke("ann", "0" * 12) == 404 and revoke("ann", "ann") == 400
    assert revoke("reader", ids["reader"]) == 200, "nobody needs a role to give up their own"
    assert team.get("/api/project", headers=bearer(texts["reader"])).status_code == 401
    assert revoke("ann", ids["link"]) == 200
    assert team.get("/api/project", headers=bearer(texts["link"])).status_code == 401
    assert revoke("boss", ids["bob"]) == 200
    assert team.get("/api/project", headers=bearer(texts["bob"])).status_code == 401
    assert seen("boss") == sorted([ids["ann"], ids["boss"]])


def test_an_id_revokes_no_user_of_that_name(team: httpx.Client, tokens: Tokens) -> None:
    ann, boss = tokens.add("ann", "write"), tokens.add("boss", "admin")
    tokens.add(ann.split("_")[1], "read")
    assert team.post("/api/tokens/revoke", json={"ids": [ann.split("_")[1]]}, headers=bearer(boss)).status_code == 200
    assert sorted(token.user for token in tokens) == sorted([ann.split("_")[1], "boss"])


@pytest.mark.parametrize(("scheme", "secure"), [("https", True), ("http", False), (None, False)])
def test_a_cookie_is_for_tls_alone_if_it_came_over_tls(
    team: httpx.Client, tokens: Tokens, scheme: str | None, secure: bool
) -> None:
    headers = {} if scheme is None else {"x-forwarded-proto": scheme}
    answer = team.post("/login", data={"token": tokens.add("ann", "read")}, headers=headers)
    assert answer.headers["set-cookie"].endswith("; Secure") is secure


def test_of_two_who_edit_at_once_the_second_is_told(team: httpx.Client, tokens: Tokens) -> None:
    ann, bob = (bearer(tokens.add(name, "write")) for name in ("ann", "bob"))
    run = team.get("/api/run", params={"run": "first"}, headers=ann).json()["run"]["id"]

    def name(value: str, was: str | None, headers: dict[str, str]) -> httpx.Response:
        body = {"runs": [run], "field": "name", "value": value, "was": was}
        return team.post("/api/runs/edit", json=body, headers=headers)

    def note(text: str, was: str | None, headers: dict[str, str], note: str | None = None) -> httpx.Response:
        body = {"run": run, "note": note, "text": text, "was": was}
        return team.post("/api/runs/note", json=body, headers=headers)

    assert name("mine", "", ann).status_code == 200
    refused = name("other", "", bob)
    assert refused.status_code == 409
    assert refused.json()["error"]["message"] == "ann changed the name meanwhile. It is 'mine' now."
    assert name("other", None, bob).status_code == 200, "the second may replace it"
    id = note("a", None, ann).json()["id"]
    assert note("b", "a", bob, id).status_code == 200
    assert note("c", "a", ann, id).json()["error"]["message"] == "bob changed the note meanwhile. It is 'b' now."
    shown = team.get("/api/run", params={"run": run}, headers=ann).json()
    assert (shown["run"]["name"], [each["text"] for each in shown["notes"]]) == ("other", ["b"])


def test_a_token_that_came_with_a_repository_starts_no_command(
    folder: Path, tokens: Tokens, serving: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "theirs"))
    foreign = [bearer(tokens.add(user, "admin")) for user in ("mallory", "boss")]
    assert tokens_of(folder / ".aim") == "Tokens: boss (admin), mallory (admin)"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "mine"))
    mine = bearer(tokens.add("boss", "admin"))
    raised = next(token for token in tokens if token.user == "mallory")
    copied = replace(raised, code=next(token.code for token in tokens if tokens.is_ours(token)))
    assert not tokens.is_ours(copied), "the code of another token"
    with serving(Repo(folder), tokens=True, allow_run=True) as client:
        starts = [route for route in routes.ROUTES if route.access == "start"]
        assert starts
        for route in starts:
            for token in foreign:
                refused = client.request(route.method, route.path, headers={**token, **JSON})
                assert refused.status_code == 403
                assert "only for tokens that the user of this server made" in refused.json()["error"]["message"]
            assert client.request(route.method, route.path, headers={**mine, **JSON}).status_code != 403
        assert client.get("/api/project", headers=foreign[0]).status_code == 200
    assert tokens_of(folder / ".aim") == (
        "Tokens: boss (admin), boss (admin, from elsewhere), mallory (admin, from elsewhere)"
    )


def test_a_request_that_nobody_let_in_has_no_caller() -> None:
    with pytest.raises(KeyError):
        caller_of({"type": "http"})


def test_clients_are_users(folder: Path, tokens: Tokens) -> None:
    team = Team(folder / ".aim", tokens=True)
    ann, link = (tokens.find(tokens.add("ann", "read", link=link)) for link in (None, "?"))
    assert ann is not None and link is not None
    assert team.caller(ann, "session").client == team.caller(ann, "bearer").client == "user ann"
    assert team.caller(link, "session").client == f"link {link.id}"


# Who changed something


def test_edits_carry_the_user(folder: Path, team: httpx.Client, tokens: Tokens) -> None:
    run = Repo(folder).run("first").id
    headers = bearer(tokens.add("ann", "write"))
    assert team.post(
        "/api/runs/edit", json={"runs": [run], "field": "tag", "value": "best"}, headers=headers
    ).is_success
    Repo(folder).runs.edit([run], "name", "by hand")
    by = {edit.field: edit.by for edit in edits.every(folder / ".aim")}
    assert by == {"tag:best": "ann", "name": user.name()}


def test_queries_know_who_edited_a_run_last(folder: Path, team: httpx.Client, tokens: Tokens) -> None:
    repo = Repo(folder)
    first, second = (repo.run(name).id for name in ("first", "second"))
    ann, bob = (bearer(tokens.add(name, "write")) for name in ("ann", "bob"))
    for headers, field, value in ((ann, "name", "x"), (bob, "tag", "best"), (ann, "untag", "best")):
        body = {"runs": [first], "field": field, "value": value}
        assert team.post("/api/runs/edit", json=body, headers=headers).is_success
    assert team.post("/api/runs/archive", json={"runs": [second], "archived": True}, headers=bob).is_success
    assert [run.id for run in repo.select_runs('run.edited_by == "ann"')] == [first]
    assert [run.id for run in repo.select_runs('run.edited_by == "bob" and run.archived')] == [second]
    shown = team.get("/api/run", params={"run": first}, headers=ann).json()["run"]
    assert (shown["edited_by"], shown["started_by"]) == ("ann", None)
