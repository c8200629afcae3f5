"""What is kept of sessions that ended: bounded, typed, and of one user apart from the others."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from aim.errors import ServerError
from aim.server import ended
from aim.server.ended import EndedSessions, number
from aim.server.tokens import Tokens

LATER = int(time.time()) + 86_400


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    (tmp_path / ".aim").mkdir()
    return Tokens(tmp_path / ".aim")


def made(tokens: Tokens, user: str) -> str:
    """The id of a new token."""
    return tokens.add(user, "read")[4:16]


def at(seconds: int) -> str:
    return f"{seconds:08x}{number()[8:]}"


def test_one_user_who_signs_out_often_ends_nothing_of_others(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ended, "MOST", 20)
    monkeypatch.setattr("os.fsync", lambda fd: None)
    ann, mallory = made(tokens, "ann"), made(tokens, "mallory")
    sessions = EndedSessions(tokens)
    anns, open_of_ann = at(1000), at(999)
    sessions.add(ann, anns, LATER)
    theirs = [at(2000 + turn) for turn in range(200)]
    for session in theirs:
        sessions.add(mallory, session, LATER)
    again = EndedSessions(tokens)
    assert again.has(ann, anns) and not again.has(ann, open_of_ann)
    assert all(again.has(mallory, session) for session in theirs) and not again.has(mallory, at(2200))
    kept = json.loads(sessions.path.read_text())["tokens"]
    assert sum(len(past["sessions"]) for past in kept.values()) <= 20


def test_what_expired_or_lost_its_token_is_dropped(tokens: Tokens) -> None:
    ann, bob = made(tokens, "ann"), made(tokens, "bob")
    sessions = EndedSessions(tokens)
    sessions.add(ann, number(), 1)
    sessions.add(bob, number(), LATER)
    tokens.remove(["bob"])
    sessions.add(ann, number(), LATER)
    kept = json.loads(sessions.path.read_text())["tokens"]
    assert {id: len(past["sessions"]) for id, past in kept.items()} == {ann: 1}


GOOD = {"version": 1, "until": 0, "tokens": {"a" * 12: {"until": 0, "sessions": {"b" * 16: 5}}}}
DAMAGED = [
    "", "[]", "null", "[" * 100_000, "{}", "\x00",
    json.dumps({**GOOD, "until": 1e999}), json.dumps({**GOOD, "until": -1}),
    json.dumps({**GOOD, "tokens": {"../x": {"until": 0, "sessions": {}}}}), json.dumps({**GOOD, "tokens": []}),
    json.dumps(GOOD).replace("5", "9" * 5000), json.dumps(GOOD).replace("5", "true"),
    json.dumps(GOOD).replace("b", "B"),
]  # fmt: skip


@pytest.mark.parametrize("text", DAMAGED, ids=range(len(DAMAGED)))
def test_after_damage_everybody_signs_in_again(tokens: Tokens, text: str) -> None:
    ann, session = made(tokens, "ann"), number()
    sessions = EndedSessions(tokens)
    sessions.path.write_text(text)
    assert sessions.has(ann, session)
    sessions.add(ann, session, LATER)
    later = at(int(time.time()) + 10)
    assert not sessions.has(ann, later) and EndedSessions(tokens).has(ann, session)


def test_more_than_is_ever_written_is_damage(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ended, "MOST", 0)
    made(tokens, "ann")
    sessions = EndedSessions(tokens)
    sessions.path.write_text(json.dumps(GOOD))
    assert sessions.has("c" * 12, number())


def test_a_sign_out_counts_where_nothing_can_be_written(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, session = made(tokens, "ann"), number()

    def refuse(path: Path, **options: object) -> None:
        raise ServerError("no")

    monkeypatch.setattr("aim.regular.replacing", refuse)
    sessions = EndedSessions(tokens)
    sessions.add(ann, session, LATER)
    assert sessions.has(ann, session) and not sessions.has(ann, at(int(time.time()) + 10))
