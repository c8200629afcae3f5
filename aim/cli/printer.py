"""All output of the command line. A repository can come from anybody, so recorded text must not control the terminal:
write the clipboard, change the title, or hide or move other text.

Control characters are printed as escapes such as `\\x1b`. Output of runs (`TerminalFilter`) keeps colors and the cursor
movements of progress bars.
"""

from __future__ import annotations

import codecs
import re
import sys

import click

from aim.plain import ACTING, visible

# A part of output is text, a code that is kept, or removed: other codes, strings such as titles and the clipboard up to
# their end or the end of the line, and single control characters.
_PART = re.compile(
    r"(?P<kept>[^\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+|\x1b\[[\d;:]{0,32}[mKABCDG])"
    r"|(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x18\x1a\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]{0,8}[0-~]?|."
)
_UNFINISHED = re.compile(
    r"(?:\x1b(?:\[[0-?]{0,64}[ -/]{0,8}|[ -/]{0,8})?|\x9b[0-?]{0,64}[ -/]{0,8}"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x18\x1a\x1b\x9c\n]*\x1b?)\Z"
)
_STRING = 1_000


class Heading(str):
    """A line that is printed bold."""


class Active(str):
    """A line that is printed in yellow."""


_STYLES = {Heading: {"bold": True}, Active: {"fg": "yellow"}}


def say(*lines: str, err: bool = False) -> None:
    """Print lines for people, and flush."""
    click.echo("\n".join(map(_styled, lines)), err=err)


def draw(line: str) -> None:
    """Replace the unfinished last line of standard error."""
    click.echo(f"\r{visible(line)}\x1b[K", nl=False, err=True)


def exact(text: str) -> None:
    """Print text for a program, byte by byte; visible on a terminal. Always UTF-8: half of a surrogate pair becomes an
    escape."""
    shown = visible(text) if sys.stdout.isatty() else text
    click.echo(shown.encode("utf-8", "backslashreplace"), nl=False)


def exact_json(text: str) -> None:
    """Print JSON. Characters that control a terminal are only in strings, where JSON has escapes for them."""
    exact(ACTING.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n")


class TerminalFilter:
    """Filters the output of one stream of a run for a terminal: decodes it, and keeps text and some codes. Each part
    that is kept is text or a whole code, so removing the parts between them never makes a new code."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._unfinished = ""

    def filtered(self, data: bytes) -> bytes:
        text = self._unfinished + self._decoder.decode(data)
        unfinished = _UNFINISHED.search(text, max(0, len(text) - _STRING))
        cut = unfinished.start() if unfinished else len(text)
        self._unfinished = text[cut:]
        return "".join(match["kept"] or "" for match in _PART.finditer(text, 0, cut)).encode()


def _styled(line: str) -> str:
    style = _STYLES.get(type(line))
    return click.style(visible(line), **style) if style else visible(line)  # type: ignore[arg-type]
