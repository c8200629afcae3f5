from __future__ import annotations

import json
from pathlib import Path

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
    assert "aim token add USER" in aim("token", "ls").output


def test_only_the_token_is_on_standard_output(aim: Aim) -> None:
    result = aim("token", "add", "bob", "--role", "read")
    assert result.stdout.startswith("aim_")
    assert result.stdout.count("\n") == 1
    assert "not shown again" in result.stderr


def test_wrong_input_names_what_is_allowed(aim: Aim) -> None:
    assert "'root' is not one of 'read', 'write', 'admin'" in aim("token", "add", "x", "--role", "root", code=2).output
    assert "days is not possible" in aim("token", "add", "x", "--days", "0", code=1).output
    aim("token", "add", "x")
    assert "'y' is neither a token's id nor a user" in aim("token", "rm", "y", code=1).output
