"""A text, kept as UTF-8."""

from __future__ import annotations

from aim.media.media import Media, fill
from aim.plain import builtin, shown


class Text(Media):
    """Any text: a sample of a language model, a report. It is shown verbatim, never as markup.

    Raises TypeError for other types.
    """

    kind = "text"
    plain = "text"

    def __init__(self, text: str) -> None:
        content = builtin(text)
        if not isinstance(content, str):
            raise TypeError(f"text must be str, not {type(text).__name__} {shown(text)}; write aim.Text(str(value))")
        fill(self, content.encode("utf-8", "backslashreplace"), {})

    @property
    def text(self) -> str:
        return self.data.decode("utf-8", "replace")

    def __str__(self) -> str:
        return self.text
