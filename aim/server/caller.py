"""Who sends a request, and what they may do."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal

from starlette.types import Scope

from aim import user
from aim.server.problems import Refused
from aim.server.route import Access
from aim.server.tokens import AccessToken, Role, includes

# How a caller proved who they are. An owner had to prove nothing, or has the one token of a server.
Via = Literal["owner", "bearer", "session", "link", "header"]

# Where a request keeps its caller.
CALLER = "aim.caller"

NEEDS: dict[Access, tuple[Role, str]] = {
    "read": ("read", "Looking at runs"),
    "visit": ("read", "Looking at runs"),
    "watch": ("read", "Looking at commands"),
    "edit": ("write", "Changing runs"),
    "share": ("write", "Sharing a link"),
    "delete": ("admin", "Deleting runs"),
    "start": ("admin", "Starting commands"),
}


@dataclass(frozen=True)
class Caller:
    """`user` is None where the server knows no users. `token` is the id of the token that they came with, which may be
    revoked while they are answered; `bearer`: they sent a token with this request, as no page of another site can;
    `foreign`: their token came with the repository. `cookie`: that of their session."""

    user: str | None
    role: Role
    via: Via
    token: str | None = None
    bearer: bool = False
    foreign: bool = False
    cookie: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """Whom edits are recorded for."""
        return user.name() if self.user is None else self.user

    @property
    def client(self) -> str | None:
        """Who shares the limits of one client; None for those who share them by address."""
        if self.user is None:
            return None
        return f"link {self.token}" if self.via == "link" else f"user {self.user}"

    def refusal(self, access: Access) -> str | None:
        """Why this caller may not do it; None if they may."""
        if access == "start" and self.via == "header":
            return "Commands start only for a user with a token: programs of other users can send a proxy's header."
        if access == "start" and self.foreign:
            return "Commands start only for tokens that the user of this server made: aim token add makes one."
        role, what = NEEDS[access]
        if includes(self.role, role):
            return None
        if self.via == "link":
            return "This is a read-only link."
        return f"{what} needs the role {role}, and {self.name} has the role {self.role}."

    def demand(self, access: Access) -> None:
        """Raises Refused if this caller may not do it."""
        if refusal := self.refusal(access):
            raise Refused(403, refusal, hint=f"Ask the server's admin for the role {NEEDS[access][0]}.")


def expired(token: AccessToken) -> Refused:
    """What is told to who comes with a token after its time."""
    day, headers = time.strftime("%Y-%m-%d", time.localtime(token.expires)), {"www-authenticate": "Bearer"}
    if token.link is not None:
        hint = f"Ask {token.user}, who made it, for another one."
        return Refused(401, f"This link expired on {day}.", hint=hint, headers=headers)
    hint = f"Ask the server's admin for another one: aim token add {token.user} --role {token.role}"
    return Refused(401, f"This token of {token.user} expired on {day}.", hint=hint, headers=headers)


OWNER = Caller(None, "admin", "owner")


def caller_of(scope: Scope) -> Caller:
    """The caller whom the guard admitted. Raises KeyError if it admitted none."""
    caller: Caller = scope[CALLER]
    return caller
