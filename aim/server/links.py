"""What a caller sees of themselves, the read-only links that they share, and the tokens that they may revoke."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aim.server import wire
from aim.server.problems import Refused
from aim.server.runs import revision_name, why_not_edit
from aim.server.tokens import includes
from aim.version import __version__

if TYPE_CHECKING:
    from aim.repo import Repo
    from aim.server.caller import Caller
    from aim.server.tokens import AccessToken, Tokens

MOST_DAYS = 3650.0


@dataclass(frozen=True)
class Visit:
    """A repository and who looks at it. `tokens` are those of the server's users, if it has users."""

    repo: Repo
    caller: Caller
    tokens: Tokens | None = None


def project(visit: Visit) -> wire.Project:
    repo, caller = visit.repo, visit.caller
    home = repo.dashboards.home
    overview, reason = repo.overview(), why_not_edit(repo) or caller.refusal("edit")
    return wire.Project(
        root=repo.place,
        version=__version__,
        runs=overview.runs,
        running=len(overview.running),
        experiments=overview.experiments,
        active_experiment=repo.experiments.active,
        sources=overview.sources,
        writable=reason is None,
        reason=reason,
        undeletable=reason or caller.refusal("delete"),
        revision=revision_name(overview.revision),
        indexing=wire.Indexing(*overview.indexing) if overview.indexing else None,
        user=caller.user,
        role=caller.role,
        via=caller.via,
        home_dashboard=None if home is None else home.id,
        shares=visit.tokens is not None and caller.refusal("share") is None,
    )


def add(visit: Visit, given: wire.LinkRequest) -> wire.ReadOnlyLink:
    if visit.tokens is None and visit.caller.user is not None:
        raise Refused(
            403, "A proxy names the users of this server, and a link needs a token.", hint="Start it with --tokens too."
        )
    if visit.tokens is None or visit.caller.user is None:
        raise Refused(
            403, "This server has no users, so its links need no token.", hint="Start it with: aim up --tokens"
        )
    if not 0 < given.days <= MOST_DAYS:
        raise Refused(400, f"A link for {given.days:g} days is not possible.", hint=f"Give up to {MOST_DAYS:g} days.")
    if not given.view.isprintable():
        raise Refused(400, "The view has control characters.", hint='Give it as in the address bar: "?page=runs".')
    text = visit.tokens.add(visit.caller.user, "read", days=given.days, link=given.view)
    token = visit.tokens.find(text)
    assert token is not None and token.expires is not None
    return wire.ReadOnlyLink(id=token.id, token=text, expires=token.expires)


def list_tokens(visit: Visit) -> wire.TokenRows:
    rows = [
        wire.TokenRow(
            id=token.id,
            user=token.user,
            role=token.role,
            created=token.created,
            expires=token.expires,
            link=token.link,
        )
        for token in sorted(_seen(visit), key=lambda token: token.created, reverse=True)
    ]
    repo = None if visit.repo.elsewhere else str(visit.repo.root)
    return wire.TokenRows(tokens=rows, all=_sees_all(visit.caller), repo=repo, own=visit.caller.token)


def revoke(visit: Visit, given: wire.TokenIds) -> wire.Changed:
    seen = {token.id for token in _seen(visit)}
    if unknown := [id for id in given.ids if id not in seen]:
        hint = "Reload the page. An admin may revoke all, others their own with no higher role than they have here."
        raise Refused(404, f"There is no token {unknown[0]} that you may revoke.", hint=hint)
    assert visit.tokens is not None
    return wire.Changed(changed=len(visit.tokens.revoke(given.ids)))


def _seen(visit: Visit) -> list[AccessToken]:
    """All of them for an admin. For others their own, but none that may do more than what they came with: a leaked
    token must not revoke the others of its user. Who came with a link sees none."""
    caller = visit.caller
    if visit.tokens is None or caller.via == "link":
        return []
    return [
        token
        for token in visit.tokens
        if _sees_all(caller) or token.user == caller.user and includes(caller.role, token.role)
    ]


def _sees_all(caller: Caller) -> bool:
    return includes(caller.role, "admin")
