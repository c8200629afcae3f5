"""Signing in, what each role sees, sharing a link, and signing out, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from aim.server.tokens import Tokens
from tests.browsing import Opened, Serve

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page

pytestmark = pytest.mark.browser


@pytest.fixture
def tokens(repo: Path) -> Tokens:
    return Tokens(repo / ".aim")


@pytest.fixture
def team(repo: Path, serve: Serve) -> Iterator[str]:
    with serve(repo, "--tokens") as url:
        yield url.rstrip("/")


def sign_in(page: Page, token: str) -> None:
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Sign in").click()


def test_signing_in_leads_to_the_page_that_was_asked_for(team: str, tokens: Tokens, opened: Opened) -> None:
    page = opened(f"{team}/some/folder/?page=run&run=run+0&tab=settings")
    expect(page.get_by_label("Token")).to_be_focused()
    sign_in(page, "nonsense")
    expect(page.get_by_role("alert")).to_have_text("This token is wrong or revoked.")
    sign_in(page, tokens.add("ann", "write"))
    page.wait_for_url(f"{team}/some/folder/?page=run&run=run+0&tab=settings")
    expect(page.get_by_role("button", name="Signed in: ann")).to_be_visible()
    expect(page.get_by_role("button", name="Archive run")).to_be_enabled()
    expect(page.get_by_role("button", name="Delete run")).to_be_disabled()
    expect(page.get_by_text("Deleting runs needs the role admin, and ann has the role write.")).to_be_visible()
    page.get_by_role("button", name="Signed in: ann").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_label("Token")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Token")).to_be_visible()


def test_a_revoked_user_is_asked_again(team: str, tokens: Tokens, opened: Opened) -> None:
    page = opened(f"{team}/?page=dashboard")
    sign_in(page, tokens.add("bob", "read"))
    expect(page.get_by_role("button", name="Signed in: bob")).to_be_visible()
    expect(page.get_by_text("read only", exact=True)).to_have_attribute(
        "title", "Changing runs needs the role write, and bob has the role read."
    )
    tokens.remove(["bob"])
    expect(page.get_by_label("Token")).to_be_visible()


def test_a_link_is_named_and_revoked(team: str, tokens: Tokens, opened: Opened) -> None:
    page = opened(f"{team}/?page=dashboard")
    sign_in(page, tokens.add("ann", "write"))
    page.get_by_role("button", name="Signed in: ann").click()
    page.get_by_role("menuitem", name="Share read-only link").click()
    page.get_by_role("button", name="Make link").click()
    expect(page.get_by_label("Link", exact=True)).to_be_visible()
    (link,) = [token for token in tokens if token.link is not None]
    expect(page.get_by_text(f"aim token rm {link.id}")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Signed in: ann").click()
    page.get_by_role("menuitem", name="Tokens and links").click()
    own = page.get_by_role("row", name=re.compile("signed in with this"))
    expect(own).to_have_count(1)
    expect(own).to_contain_text("write")
    page.set_viewport_size({"width": 390, "height": 800})
    table = page.get_by_role("region", name="Table of tokens and links")
    expect(table).to_have_class(re.compile("more-after"))
    table.evaluate("element => { element.scrollLeft = element.scrollWidth; }")
    expect(table).to_have_class(re.compile("more-before$"))
    page.get_by_role("button", name=f"Revoke the link {link.id} of ann").click()
    page.get_by_role("button", name="Revoke", exact=True).click()
    expect(page.get_by_text("The link was revoked.")).to_be_visible()
    expect(page.get_by_role("row", name=link.id)).to_have_count(0)
    assert link not in set(tokens)


def test_a_shared_link_opens_the_view_from_another_site(team: str, tokens: Tokens, opened: Opened) -> None:
    view = "/?page=run&run=run+0&tab=settings"
    page = opened(team + view)
    sign_in(page, tokens.add("ann", "write"))
    page.get_by_role("button", name="Signed in: ann").click()
    page.get_by_role("menuitem", name="Share read-only link").click()
    page.get_by_role("button", name="Make link").click()
    link = page.get_by_label("Link", exact=True).input_value()
    assert link.startswith(f"{team}/?page=run&run=run+0&tab=settings&token=aim_")
    page.get_by_role("button", name="Close").click()
    page.context.clear_cookies()
    page.goto(team.replace("127.0.0.1", "localhost") + "/login")
    page.evaluate(
        "to => { const a = document.createElement('a'); a.href = to; document.body.append(a); a.click(); }", link
    )
    page.wait_for_url(re.compile(re.escape(view) + "$"))
    expect(page.get_by_text("This is a read-only link.")).to_be_visible()
    expect(page.get_by_role("button", name="Archive run")).to_be_disabled()
    assert page.evaluate("document.referrer") == ""
    page.go_back()
    assert "token=" not in page.url
