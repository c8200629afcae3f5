from __future__ import annotations

import json
from pathlib import Path

import pytest

from aim.server.tokens import Tokens
from tests.cli.conftest import Aim


def test_a_token_is_added_listed_and_revoked(aim: Aim, here: Path) -> None:
    text = aim("token", "add", "alice", "--days", 30).stdout.strip()
    token = Tokens(here / ".aim").find(text)
    assert token is not None
    assert (token.user, token.role) == ("alice", "write")
    listed = aim("token", "ls").output
    assert token.id in listed
    assert text not in listed
    (row,) = json.loads(aim("token", "ls", "--json").output)
    assert row["id"] == token.id
    assert row["expires"] - row["created"] == 30 * 86_400
    assert "sha256" not in row
    assert aim("token", "rm", "alice").output == f"Revoked {token.id} of alice\n"
    assert Tokens(here / ".aim").find(text) is None
    assert f"aim token add USER --repo {here}" in aim("token", "ls").output


def test_only_the_token_is_on_standard_output(aim: Aim) -> None:
    result = aim("token", "add", "bob", "--role", "read")
    assert result.stdout.startswith("aim_")
    assert result.stdout.count("\n") == 1
    assert "not shown again" in result.stderr


@pytest.mark.parametrize(
    ("role", "steps"),
    [("read", ["aim up --tokens --repo {}"]), ("write", ["aim login aim://", "aim up --tokens --repo {}"])],
)
def test_the_next_step_can_be_pasted(aim: Aim, here: Path, role: str, steps: list[str]) -> None:
    told = aim("token", "add", "bob", "--role", role).stderr
    assert [step for step in steps if step.format(here) not in told] == []
    assert ("aim login" in told) == (role == "write")


def test_a_link_says_how_to_revoke_it(aim: Aim, here: Path) -> None:
    told = aim("token", "add", "bob", "--link", "https://aim.lab/?page=runs").stderr
    (link,) = Tokens(here / ".aim")
    assert f"aim token rm {link.id} --repo {here}" in told


def test_wrong_input_names_what_is_allowed(aim: Aim) -> None:
    assert "'root' is not one of 'read', 'write', 'admin'" in aim("token", "add", "x", "--role", "root", code=2).output
    assert "days is not possible" in aim("token", "add", "x", "--days", "0", code=1).output
    aim("token", "add", "x")
    assert "'y' is neither a token's id nor a user" in aim("token", "rm", "y", code=1).output
