"""The few pages that the server renders itself: sign in, refused, not found, not built. They contain no script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from html import escape

from starlette.responses import Response

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f27; --soft: #5c6573; --ground: #f6f7f9; --card: #fff; --line: #dfe3e9;
  --strong: #c3c8d2; --accent: #4156d6; --accent-hover: #3549c2; --focus: #4156d6; --danger: #c62f3b;
  --danger-soft: #fdeeee; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --soft: #9aa4b2; --ground: #101318; --card: #181c23; --line: #2a303a;
    --strong: #414855; --accent: #5468e6; --accent-hover: #4a5dd9; --focus: #8b9bff; --danger: #ff7a80;
    --danger-soft: #35191d; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px; background: var(--ground);
  color: var(--ink); font: 15px/1.6 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { width: 100%; max-width: 620px; padding: 36px 40px; background: var(--card); border: 1px solid var(--line);
  border-radius: 14px; }
h1 { margin: 0 0 12px; font-size: 22px; line-height: 1.3; font-weight: 650; letter-spacing: -0.01em; }
p { margin: 0 0 14px; color: var(--soft); overflow-wrap: anywhere; }
pre { margin: 0 0 14px; padding: 14px 16px; border: 1px solid var(--line); border-radius: 9px;
  background: var(--ground); font: 13.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
p:last-child, pre:last-child { margin-bottom: 0; }
a { color: inherit; }
"""
SIGN_IN_STYLE = """
main { max-width: 400px; padding: 32px 32px 28px; }
svg { display: block; margin: 0 0 22px -2px; }
svg path { fill: none; stroke: var(--accent); stroke-width: 2.4; stroke-linecap: round; stroke-linejoin: round; }
svg circle { fill: #f2a93b; }
svg text { fill: var(--ink); font: 650 17px system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 20px; }
label { display: block; margin: 0 0 6px; font-size: 13.5px; font-weight: 600; }
input { width: 100%; height: 40px; padding: 0 12px; border: 1px solid var(--strong); border-radius: 7px;
  background: var(--ground); color: var(--ink); font: 13.5px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
button { width: 100%; height: 40px; margin: 14px 0 0; border: 0; border-radius: 7px; background: var(--accent);
  color: #fff; font: 600 14.5px system-ui, -apple-system, "Segoe UI", sans-serif; cursor: pointer; }
button:hover { background: var(--accent-hover); }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
[aria-invalid] { border-color: var(--danger); }
.alert { margin: 0 0 16px; padding: 9px 12px; border-radius: 7px; background: var(--danger-soft); color: var(--danger);
  font-size: 13.5px; line-height: 1.5; }
.foot { margin: 20px 0 0; padding: 16px 0 0; border-top: 1px solid var(--line); font-size: 13.5px; }
code { font: 12.5px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; color: var(--ink);
  white-space: nowrap; }
"""

WORDMARK = (
    '<svg viewBox="0 0 76 24" width="84" height="27" role="img" aria-label="Aim">'
    '<path d="M2 19 7.5 8.5l5 7.5L19.5 5"/><circle cx="19.5" cy="5" r="2.6"/><text x="30" y="18.5">Aim</text></svg>'
)


def policy(style: str, forms: str = "'none'") -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; base-uri 'none'; form-action {forms}; frame-ancestors 'none'; style-src 'sha256-{digest}'"
    )


def page(
    status: int, title: str, *paragraphs: str, command: str | None = None, link: tuple[str, str] | None = None
) -> Response:
    """`command` is shown for copying; `link` is an address and its text. All text is escaped here."""
    body = f"<h1>{escape(title)}</h1>" + "".join(f"<p>{escape(text)}</p>" for text in paragraphs)
    if command is not None:
        body += f"<pre>{escape(command)}</pre>"
    if link is not None:
        body += f'<p><a href="{escape(link[0])}">{escape(link[1])}</a></p>'
    return html(status, title, body)


def sign_in_page(status: int, wanted: str, told: str | None = None, *, headers: Mapping[str, str] = {}) -> Response:
    """`wanted`: the query string of the page to show afterwards. `told`: why the last attempt failed. Its own site
    learns the address, so that the browser says where the form comes from."""
    alert = "" if told is None else f'<p class="alert" role="alert" id="told">{escape(told)}</p>'
    wrong = "" if told is None else ' aria-invalid="true" aria-describedby="told"'
    body = (
        f"{WORDMARK}<h1>Sign in</h1>{alert}"
        '<form method="post" action="login"><label for="token">Token</label>'
        '<input id="token" name="token" type="password" autocomplete="current-password" spellcheck="false" '
        f'autocapitalize="off" maxlength="200" required autofocus{wrong}>'
        f'<input type="hidden" name="next" value="{escape(wanted)}">'
        "<button>Sign in</button></form>"
        "<p class=foot>No token yet? Ask the person who runs this server to make one: "
        "<code>aim token add YOUR_NAME</code></p>"
    )
    own = {"referrer-policy": "same-origin", **headers}
    return html(status, "Sign in", body, style=STYLE + SIGN_IN_STYLE, forms="'self'", headers=own)


def again(address: str) -> Response:
    """A page that opens an address of ours at once."""
    refresh = f'<meta http-equiv="refresh" content="0;url={escape(address)}">'
    link = f'<p><a href="{escape(address)}">Open the page</a></p>'
    return html(200, "Opening", link, head=refresh)


def html(
    status: int,
    title: str,
    body: str,
    *,
    style: str = STYLE,
    head: str = "",
    forms: str = "'none'",
    headers: Mapping[str, str] = {},
) -> Response:
    document = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"{head}<title>{escape(title)} · Aim</title><style>{style}</style></head><body><main>{body}</main></body>"
        "</html>\n"
    )
    return Response(
        document.encode("utf-8", "replace"),
        status,
        {"content-security-policy": policy(style, forms), "cache-control": "no-store", **headers},
        "text/html",
    )
