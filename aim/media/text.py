"""A text, kept as UTF-8."""

from __future__ import annotations

from aim.media.media import Media


class Text(Media):
    """Any text: a sample of a language model, a report. It is shown verbatim, never as markup.

    Raises TypeError for other types.
    """

    kind = "text"
    plain = "text"

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"text must be str, not {type(text).__name__} {text!r:.80}; write aim.Text(str(value))")
        self._keep(text.encode("utf-8", "backslashreplace"), {})

    @property
    def text(self) -> str:
        return self.data.decode("utf-8", "replace")

    def __str__(self) -> str:
        return self.text
