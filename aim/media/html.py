"""Pages of HTML, kept as UTF-8."""

from __future__ import annotations

import importlib
import os
from typing import Any

from aim.media.media import Media, caption, content_of, fill, refused_if_unread
from aim.plain import builtin, shown


class Html(Media):
    """A page of HTML, shown in a frame of its own that cannot call Aim and loads nothing from a network.

    - `html`: the source as a str; a path, also a str that ends with `.html` or `.htm`; bytes or an open file; or an
      object with `to_html()` or `_repr_html_()`, such as a chart of altair or a table of pandas; or a model of bokeh.
    - `caption`: text, cut at 20,000 characters.

    The page loads nothing from other servers: styles, images and scripts must be inside it. Scripts run when a viewer
    allows it. Raises ValueError or TypeError for anything else.
    """

    kind = "html"
    plain = "html"

    def __init__(self, html: Any, caption: str = "") -> None:
        with refused_if_unread("a page", html):
            data = _source(html)
        fill(self, data, describe(caption))

    @property
    def html(self) -> str:
        return self.data.decode("utf-8", "replace")


def describe(text: str = "") -> dict[str, Any]:
    return {"caption": caption(text)}


def _source(html: Any) -> bytes:
    text = builtin(html)
    if isinstance(text, str) and not _is_path(text):
        return text.encode("utf-8", "backslashreplace")
    if isinstance(text, (str, bytes, bytearray, memoryview, os.PathLike)):
        return content_of(text, "page") or b""
    if type(html).__module__.partition(".")[0] == "bokeh":
        resources = importlib.import_module("bokeh.resources").INLINE
        return str(importlib.import_module("bokeh.embed").file_html(html, resources)).encode()
    made: object = None
    for name in ("to_html", "_repr_html_", "read"):
        if callable(method := getattr(html, name, None)):
            made = method()
            break
    if isinstance(made, str):
        return made.encode("utf-8", "backslashreplace")
    if isinstance(made, bytes):
        return made
    raise TypeError(f"a page cannot be made from {type(html).__name__} {shown(html)}; pass HTML, a path or bytes")


def _is_path(text: str) -> bool:
    return "<" not in text and text.lower().endswith((".html", ".htm"))
