from __future__ import annotations

import asyncio
import errno
import json
import os
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from aim import layout
from aim.errors import EditError, RepoError, ServerError
from aim.index import folding
from aim.server import throttle, tokens
from aim.server.problems import Refused
from aim.server.throttle import Throttle
from aim.server.tokens import Tokens


@pytest.fixture
def aim_dir(tmp_path: Path) -> Path:
    return tmp_path / ".aim"


def test_a_token_is_found_by_its_text_and_kept_by_its_hash(aim_dir: Path) -> None:
    text = Tokens(aim_dir).add("alice", "write")
    token = Tokens(aim_dir).find(text)
    assert token is not None
    assert (token.user, token.role, token.expires) == ("alice", "write", None)
    kept = (aim_dir / "server" / "tokens.json").read_text()
    assert text not in kept
    assert text.rpartition("_")[2] not in kept
    assert token.id in text


def test_only_its_user_can_read_the_file(aim_dir: Path) -> None:
    os.umask(os.umask(0o022))
    Tokens(aim_dir).add("alice", "read")
    assert stat.S_IMODE((aim_dir / "server").stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in (aim_dir / "server").iterdir()] == [0o600, 0o600]


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
@pytest.mark.parametrize("mode", [0o2775, 0o755, 0o710])
def test_nobody_else_opens_the_folder_in_a_shared_repository(aim_dir: Path, mode: int) -> None:
    layout.create(aim_dir)
    aim_dir.chmod(mode)
    with folding._alone(aim_dir):
        assert stat.S_IMODE((aim_dir / "server").stat().st_mode) & 0o777 == 0o700
    (aim_dir / "server").chmod(mode)
    Tokens(aim_dir).add("boss", "admin")
    assert stat.S_IMODE((aim_dir / "server").stat().st_mode) & 0o777 == 0o700


@pytest.mark.parametrize("role", ["read", "write", "admin"])
def test_each_role_includes_those_before_it(aim_dir: Path, role: tokens.Role) -> None:
    token = Tokens(aim_dir).find(Tokens(aim_dir).add("alice", role))
    assert token is not None
    order = ["read", "write", "admin"]
    assert [token.may(other) for other in tokens.ROLES] == [order.index(other) <= order.index(role) for other in order]


def wrong_texts(text: str) -> list[str]:
    last = "A" if text[-1] != "A" else "B"
    return [
        "", "x", text[:-1], text + "A", text[:-1] + last, text.upper(), f" {text}", f"{text}\n", text[4:],
        text[:17] + "A" * 43, "aim_" + "0" * 12 + text[16:], "aim_" + "0" * 12 + "_" + "A" * 43, "\ud800", "ä" * 60,
    ]  # fmt: skip


def test_any_other_text_is_wrong(aim_dir: Path) -> None:
    store = Tokens(aim_dir)
    text = store.add("alice", "admin")
    assert store.find(text) is not None
    for wrong in wrong_texts(text):
        assert store.find(wrong) is None, wrong


def test_a_running_server_sees_what_others_change(aim_dir: Path) -> None:
    running = Tokens(aim_dir)
    assert running.find("x") is None
    text = Tokens(aim_dir).add("alice", "write")
    assert running.find(text) is not None
    Tokens(aim_dir).remove(["alice"])
    assert running.find(text) is None


def test_an_expired_token_is_wrong(aim_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Tokens(aim_dir)
    text = store.add("alice", "write", days=2)
    assert store.find(text) is not None
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 2 * tokens.DAY + 1)
    assert store.find(text) is None


def test_tokens_are_revoked_by_id_or_by_user(aim_dir: Path) -> None:
    store = Tokens(aim_dir)
    first, second, third = (store.add(user, "read") for user in ("alice", "alice", "bob"))
    assert [token.id for token in store.remove([first[4:16]])] == [first[4:16]]
    assert [store.find(text) is not None for text in (first, second, third)] == [False, True, True]
    assert {token.user for token in store.remove(["bob", "alice"])} == {"alice", "bob"}
    assert list(store) == []
    with pytest.raises(ServerError, match="'bob' is neither a token's id nor a user"):
        store.remove(["bob"])


@pytest.mark.parametrize("user", ["", " ", "a\n", " a", "a ", "x" * 255, "\x1b[2J", "\ud800"])
def test_odd_names_are_refused(aim_dir: Path, user: str) -> None:
    with pytest.raises(ServerError, match="cannot name a user: 1 to 254"):
        Tokens(aim_dir).add(user, "read")


@pytest.mark.parametrize("days", [0, -1, float("nan"), float("inf"), 1e9])
def test_odd_times_are_refused(aim_dir: Path, days: float) -> None:
    with pytest.raises(ServerError, match="not possible"):
        Tokens(aim_dir).add("alice", "read", days=days)


ROW = {"id": "a", "user": "a", "role": "read", "created": 0, "expires": None, "sha256": "0" * 64}
ODD: list[dict[str, object]] = [
    {"id": 1},
    {"role": "root"},
    {"expires": "x"},
    {"sha256": ""},
    {"more": 1},
    {"user": None},
    {"expires": 10**400},
    {"created": 1e300},
    {"link": 1},
]
DAMAGED = ["", "{}", "[]", "null", "\x00", "[" * 100_000, '{"tokens": 1}', '{"tokens": [1]}', '{"tokens": [{}]}']


@pytest.mark.parametrize("content", [*DAMAGED, *(json.dumps({"tokens": [{**ROW, **odd}]}) for odd in ODD)])
def test_a_damaged_token_file_refuses_everybody(aim_dir: Path, content: str) -> None:
    store = Tokens(aim_dir)
    text = store.add("alice", "read")
    store.path.write_text(content)
    with pytest.raises(ServerError, match="is damaged"):
        store.find(text)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "page=runs", "?a\nb"])
def test_a_link_that_leads_elsewhere_keeps_nobody_else_out(aim_dir: Path, link: str) -> None:
    """An earlier version made links of any printable text."""
    store = Tokens(aim_dir)
    boss, shared = store.add("boss", "admin"), store.add("ann", "read", link="?page=runs")
    store.path.write_text(store.path.read_text().replace('"?page=runs"', json.dumps(link)))
    assert store.find(shared) is None and store.find(boss) is not None
    assert [token.user for token in store] == ["boss"]
    assert store.find(store.add("bob", "write")) is not None


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_a_file_that_others_can_open_is_not_used(aim_dir: Path) -> None:
    store = Tokens(aim_dir)
    text = store.add("alice", "read")
    store.path.chmod(0o640)
    with pytest.raises(ServerError, match="others may open .* chmod 600"):
        Tokens(aim_dir).find(text)


def test_no_link_leads_to_the_tokens(aim_dir: Path, tmp_path: Path) -> None:
    text = Tokens(tmp_path / "other" / ".aim").add("mallory", "admin")
    Tokens(aim_dir).add("alice", "read")
    (aim_dir / "server" / "tokens.json").unlink()
    (aim_dir / "server" / "tokens.json").symlink_to(tmp_path / "other" / ".aim" / "server" / "tokens.json")
    with pytest.raises(ServerError, match="cannot read"):
        Tokens(aim_dir).find(text)
    linked = tmp_path / "linked" / ".aim"
    linked.mkdir(parents=True)
    (linked / "server").symlink_to(tmp_path / "other" / ".aim" / "server")
    with pytest.raises(RepoError, match="must be a folder of the user"):
        Tokens(linked).add("alice", "read")


ADD = """
import sys
from pathlib import Path
from aim.server.tokens import Tokens
for _ in range(5):
    Tokens(Path(sys.argv[1])).add(sys.argv[2], "read")
"""


def test_processes_that_add_at_once_lose_nothing(aim_dir: Path) -> None:
    commands = [[sys.executable, "-c", ADD, str(aim_dir), f"user {number}"] for number in range(4)]
    for process in [subprocess.Popen(command) for command in commands]:
        assert process.wait() == 0
    assert len(list(Tokens(aim_dir))) == 20


def test_a_file_system_without_locks_has_tokens(aim_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refuse)
    assert Tokens(aim_dir).find(Tokens(aim_dir).add("ann", "read")) is not None


def test_threads_that_add_at_once_lose_nothing(aim_dir: Path) -> None:
    store = Tokens(aim_dir)

    def add(user: str) -> list[str]:
        return [store.add(user, "read", days=1, link="?page=runs") for _ in range(10)]

    with ThreadPoolExecutor(8) as threads:
        made = [text for texts in threads.map(add, [f"user {number}" for number in range(8)]) for text in texts]
    assert [store.find(text) is not None for text in made] == [True] * 80


ODD_LINKS = ["?" * (tokens.MAX_LINK + 1), "?a\nb", "?\ud800", "?\x1b", "javascript:alert(1)", "https://evil.example"]


@pytest.mark.parametrize("link", ODD_LINKS)
def test_odd_links_are_refused(aim_dir: Path, link: str) -> None:
    with pytest.raises(EditError, match="up to 2,000 printable characters"):
        Tokens(aim_dir).add("alice", "read", link=link)


@pytest.mark.parametrize("letter", ["\u3042", "\U0001f600", '"', "\\"])
def test_links_up_to_every_limit_keep_nobody_out(aim_dir: Path, monkeypatch: pytest.MonkeyPatch, letter: str) -> None:
    monkeypatch.setattr(os, "fsync", lambda fd: None)
    monkeypatch.setattr(tokens, "_MAX_BYTES", 200_000)
    monkeypatch.setattr(tokens, "_MAX_LINK_BYTES", 100_000)
    store = Tokens(aim_dir)
    admin = store.add("boss", "admin")
    with pytest.raises(EditError, match="at most 100,000 fit"):
        for number in range(60):
            store.add(f"mallory {number}", "read", days=10, link="?" + letter * (tokens.MAX_LINK - 1))
    assert store.find(admin) is not None
    assert Tokens(aim_dir).find(store.add("ann", "write")) is not None
    assert len(store.remove(["mallory 0"])) == 1


@pytest.mark.parametrize(("limit", "most"), [("_MAX_LINK_BYTES", 100_000), ("MOST", 41)])
def test_expired_links_of_anybody_make_room(
    aim_dir: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(os, "fsync", lambda fd: None)
    monkeypatch.setattr(tokens, limit, most)
    store, now = Tokens(aim_dir), time.time()
    kept = [store.add("boss", "admin"), store.add("leaver", "read", days=1)]
    lasting = store.add("ann", "read", days=90, link="?lasting")
    gone = [store.add(f"user {number}", "read", days=30, link="?" + "q" * 1900) for number in range(38)]
    monkeypatch.setattr(time, "time", lambda: now + 31 * tokens.DAY)
    assert all(store.known(text) for text in gone), "they are told that their link is expired"
    links = [store.add("bob", "read", days=30, link="?" + "q" * 1900) for _ in range(14)]
    assert all(store.find(text) for text in [*links, kept[0], lasting])
    assert store.known(kept[1]) is not None and not any(store.known(text) for text in gone)


def test_all_links_of_a_user_fit_and_the_admin_gets_in(aim_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda fd: None)
    store = Tokens(aim_dir)
    admin = store.add("boss", "admin")
    for _ in range(tokens.MOST_LINKS):
        store.add("mallory", "read", days=10, link="?" + "\U0001f600" * (tokens.MAX_LINK - 1))
    with pytest.raises(EditError, match="mallory has 200 links"):
        store.add("mallory", "read", days=10, link="?")
    assert Tokens(aim_dir).find(admin) is not None


def test_what_could_not_be_read_again_is_not_written(aim_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_MAX_BYTES", 1_000)
    store = Tokens(aim_dir)
    first = store.add("alice", "admin")
    with pytest.raises(EditError, match=r"at most 1,000 fit"):
        for number in range(10):
            store.add(f"user {number}", "read")
    assert Tokens(aim_dir).find(first) is not None


def test_the_wait_for_wrong_tokens_grows_and_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(throttle, "asyncio", SimpleNamespace(sleep=sleep))
    slow = Throttle()

    async def guess() -> None:
        for _ in range(1000):
            await slow.wrong("203.0.113.5")

    asyncio.run(guess())
    assert len(waited) == 1000 - throttle.FREE
    assert waited[:3] == [0.1, 0.2, 0.4]
    assert sum(waited) > 9_000, "a thousand guesses take hours"
    assert max(waited) == throttle.MAX_SECONDS
    assert slow.seconds("203.0.113.6") == 0.0


def test_a_network_of_ipv6_counts_as_one_address() -> None:
    slow = Throttle()

    async def guess() -> None:
        for number in range(throttle.FREE):
            await slow.wrong(f"2001:db8::{number:x}")

    asyncio.run(guess())
    assert slow.seconds("2001:db8::ffff") > 0
    assert slow.seconds("2001:db8:0:1::1") == 0.0


def test_addresses_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MAX_ADDRESSES", 3)
    slow = Throttle()

    async def guess() -> None:
        for number in range(5):
            await slow.wrong(f"10.0.0.{number}")

    asyncio.run(guess())
    assert len(slow._wrong) == 3
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + throttle.FORGET_SECONDS + 1)
    slow._wrong["10.0.0.9"] = (500, now)
    assert slow.seconds("10.0.0.9") == 0.0


def test_few_wait_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "FREE", 0)
    monkeypatch.setattr(throttle, "FIRST_SECONDS", 0.05)
    monkeypatch.setattr(throttle, "MAX_WAITING", 4)
    slow = Throttle()

    async def guess() -> list[BaseException | None]:
        return await asyncio.gather(*(slow.wrong(f"10.0.0.{n}") for n in range(10)), return_exceptions=True)

    outcomes = asyncio.run(guess())
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert len(refused) == 6
    assert refused[0].status == 429
    assert refused[0].headers["retry-after"] == "10"
