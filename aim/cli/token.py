"""`aim token`: who may record to `aim server`, and look at runs in `aim up --tokens`."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import click

from aim import layout
from aim.cli.opening import find_repo, to_paste, to_record
from aim.cli.options import form_options, repo_option, utc_option
from aim.cli.printer import exact, say
from aim.cli.table import moment, show
from aim.remote.address import PORT, SCHEME
from aim.server.tokens import ROLES, Tokens, id_of

if TYPE_CHECKING:
    from aim.server.tokens import AccessToken, Role

COLUMNS = ("id", "user", "role", "created", "expires", "link")
LINK_DAYS = 30.0


@click.group()
def token() -> None:
    """Create, list and revoke the tokens of a server's users.

    A token with the role read may view everything, one with write may also record and edit, and one with
    admin may also delete runs and start commands in `aim up`, where that is allowed.
    """


@token.command()
@click.argument("user")
@click.option("--role", type=click.Choice(ROLES), help="What it allows. Default: write; of a link, read.")
@click.option("--days", type=float, metavar="N", help="Expire after N days. Default: never; of a link, 30.")
@click.option("--link", metavar="ADDRESS", help="Make a read-only link to this page of `aim up --tokens` instead.")
@repo_option
def add(user: str, role: Role | None, days: float | None, link: str | None, repo: str | None) -> None:
    """Create a token for USER and print it. It is not shown again."""
    if link is not None:
        address = urlsplit(link)
        if address.scheme not in ("http", "https") or not address.netloc:
            raise click.UsageError(f"--link {link} is not an address: copy it from your browser, with https://.")
        if role not in (None, "read"):
            raise click.UsageError(f"--link makes a read-only link, so it cannot have the role {role}: omit --role.")
        view, aim_dir = f"?{address.query}" if address.query else "", to_serve(repo)
        text = Tokens(aim_dir).add(user, "read", days=LINK_DAYS if days is None else days, link=view)
        say("A read-only link. It is not shown again:", err=True)
        query = "&".join(part for part in (address.query, f"token={text}") if part)
        exact(urlunsplit(address._replace(query=query, fragment="")) + "\n")
        say(f"Revoke it with: {to_paste(aim_dir, 'token', 'rm', id_of(text))}", err=True)
        return
    role, aim_dir = role or "write", to_serve(repo)
    text = Tokens(aim_dir).add(user, role, days=days)
    say(f"A token for {user} to {role}. It is not shown again:", err=True)
    exact(text + "\n")
    say(use_of(role, aim_dir), err=True)


@token.command()
@repo_option
@form_options
@utc_option
def ls(repo: str | None, form: str | None) -> None:
    """List the tokens, without their secrets."""
    aim_dir = find_repo(repo)
    tokens = sorted(Tokens(aim_dir), key=lambda token: token.created)
    if not tokens:
        say(f"No tokens. Create one with: {to_paste(aim_dir, 'token', 'add', 'USER')}", err=True)
    show(COLUMNS, [row(token, exact=bool(form)) for token in tokens], form)


@token.command()
@click.argument("names", metavar="ID_OR_USER...", nargs=-1, required=True)
@repo_option
def rm(names: tuple[str, ...], repo: str | None) -> None:
    """Revoke tokens by id, or all tokens of a user. A running server refuses them at once."""
    for gone in Tokens(find_repo(repo)).remove(names):
        say(f"Revoked {gone.id} of {gone.user}")


def to_serve(repo: str | None) -> Path:
    """The repository of a server, which may be new."""
    aim_dir = to_record(repo)
    if not aim_dir.is_dir():
        layout.create(aim_dir)
        say(f"Created {aim_dir}", err=True)
    layout.check_version(aim_dir)
    return aim_dir


def use_of(role: Role, aim_dir: Path) -> str:
    """The next step of who gets a new token."""
    sign_in = f"Sign in with it where this runs: {to_paste(aim_dir, 'up', '--tokens')}"
    if role == "read":
        return sign_in
    login = f"aim login {SCHEME}{socket.gethostname()}:{PORT}"
    return f"To record, keep it on the machine that trains, with the address of this server: {login}\n{sign_in}"


def row(token: AccessToken, *, exact: bool) -> dict[str, Any]:
    expires = "expired" if token.expired else when(token.expires)
    shown = (token.created, token.expires) if exact else (when(token.created), expires)
    return dict(zip(COLUMNS, (token.id, token.user, token.role, *shown, token.link), strict=True))


def when(seconds: float | None) -> str:
    return "never" if seconds is None else moment(seconds)
