"""The few pages that the server renders itself: refused, not found, not built. They contain no script."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from starlette.responses import Response

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f27; --soft: #5c6573; --ground: #f6f7f9; --card: #fff; --line: #dfe3e9; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --soft: #9aa4b2; --ground: #101318; --card: #181c23; --line: #2a303a; }
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

POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'"
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
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)} · Aim</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>\n"
    )
    return Response(
        html.encode("utf-8", "replace"),
        status,
        {"content-security-policy": POLICY, "cache-control": "no-store"},
        "text/html",
    )
