"""Turns text into tokens. It reads every Python literal that a query can use by hand, and never evaluates anything."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, NoReturn, TypeAlias

from aim.errors import QueryError
from aim.query.nodes import Span

MAX_LENGTH = 10_000
MAX_DIGITS = 100
KEYWORDS = frozenset({"and", "or", "not", "in", "is", "if", "else", "True", "False", "None"})

TokenKind: TypeAlias = Literal["name", "keyword", "number", "text", "symbol", "end"]

_SKIPPED = re.compile(r"(?:\s|\\\n|#[^\n]*)+")
_NUMBER = re.compile(
    r"0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+"
    r"|(?:[0-9](?:_?[0-9])*\.(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*|[0-9](?:_?[0-9])*)"
    r"(?:[eE][+-]?[0-9](?:_?[0-9])*)?"
)
WORD = re.compile(r"[^\W\d]\w*")
QUOTE = re.compile(r"""([A-Za-z]{0,2})(["'])""")
_SYMBOL = re.compile(r"\*\*|//|==|!=|<>|<=|>=|[-+*/%<>()\[\]{},.:;]")
_ESCAPE = re.compile(
    r"\\(?:(?P<line>\n)|x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})|(?P<octal>[0-7]{1,3})|(?P<one>.))",
    re.DOTALL,
)
_ONE = {
    "\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip
_INSTEAD = {
    "=": "write `==` to compare",
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not`",
    "~": "write `not`",
    "^": "write `**` for a power",
    "`": "write names as they are, and texts in quotes",
    "$": "write names as they are",
}
# What Python makes of bytes on the command line that are not UTF-8. No engine takes it.
_HALF = re.compile("[\ud800-\udfff]")
_CURLED = "“”„‟‘’‚«»"


class Token(NamedTuple):
    kind: TokenKind
    text: str
    start: int
    end: int
    value: None | bool | int | float | str = None

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


def tokenize(text: str) -> list[Token]:
    """All tokens of the text, ending with one of kind "end"."""
    if not isinstance(text, str):
        raise TypeError(f"a query is text, such as 'loss if hparams.lr < 0.01', not {type(text).__name__} {text!r:.40}")
    if len(text) > MAX_LENGTH:
        raise QueryError(
            f"The query is {len(text):,} characters long; at most {MAX_LENGTH:,} are read.",
            text=text[:80],
            hint="Name runs by a tag or an experiment rather than one by one.",
        )
    if half := _HALF.search(text):
        raise QueryError(
            f"{half[0]!a} is not a character: the query must be UTF-8.",
            text=text,
            start=half.start(),
            end=half.end(),
            hint='Find a recorded text with it by the part before it, such as startswith(run.name, "train").',
        )
    tokens: list[Token] = []
    at = _skip(text, 0)
    while at < len(text):
        tokens.append(_token(text, at))
        at = _skip(text, tokens[-1].end)
    return [*tokens, Token("end", "", len(text.rstrip()), len(text.rstrip()))]


def _skip(text: str, at: int) -> int:
    skipped = _SKIPPED.match(text, at)
    return skipped.end() if skipped else at


def _token(text: str, at: int) -> Token:
    if quote := QUOTE.match(text, at):
        return _quoted(text, quote)
    if number := _NUMBER.match(text, at):
        return _number(text, number)
    if word := WORD.match(text, at):
        return Token("keyword" if word[0] in KEYWORDS else "name", word[0], at, word.end())
    if symbol := _SYMBOL.match(text, at):
        return Token("symbol", symbol[0], at, symbol.end())
    _refuse(text, at)


def _refuse(text: str, at: int) -> NoReturn:
    sign = text[at : at + 2] if text[at : at + 2] in ("&&", "||") else text[at]
    hint = 'write texts in plain quotes: "..."' if sign in _CURLED else _INSTEAD.get(sign[0])
    shown = sign if sign.isprintable() else ascii(sign)
    raise QueryError(f"`{shown}` is not part of AimQL.", text=text, start=at, end=at + len(sign), hint=_sentence(hint))


def _sentence(hint: str | None) -> str | None:
    return hint and f"{hint[0].upper()}{hint[1:]}."


def _number(text: str, match: re.Match[str]) -> Token:
    start, end, digits = match.start(), match.end(), match[0]
    if tail := re.compile(r"[\w.]+").match(text, end):
        _refuse_number(text, start, tail.end())
    if len(digits) > 4 * MAX_DIGITS:
        _refuse_length(text, start, end)
    if re.fullmatch(r"0[\d_]*[1-9][\d_]*", digits):
        raise QueryError(
            f"`{digits}` begins with a zero.", text=text, start=start, end=end, hint=f"Write {digits.lstrip('0_')}."
        )
    whole = digits[:2].lower() in ("0x", "0o", "0b") or digits.replace("_", "").isdigit()
    value = int(digits.replace("_", ""), 0) if whole else float(digits)
    if whole and value >= 10**MAX_DIGITS:
        _refuse_length(text, start, end)
    return Token("number", digits, start, end, value)


def _refuse_length(text: str, start: int, end: int) -> NoReturn:
    raise QueryError(f"Numbers have at most {MAX_DIGITS} digits.", text=text, start=start, end=end)


def _refuse_number(text: str, start: int, end: int) -> NoReturn:
    word = text[start:end]
    raise QueryError(
        f"`{word}` is neither a number nor a name.",
        text=text,
        start=start,
        end=end,
        hint=f'A name or text that begins with a digit is written in quotes: "{word}".',
    )


def _quoted(text: str, opening: re.Match[str]) -> Token:
    prefix, quote, start = opening[1].lower(), opening[2], opening.start()
    if prefix not in ("", "r", "u"):
        message = f"Texts have no prefix `{opening[1]}` in AimQL."
        raise QueryError(message, text=text, start=start, end=opening.end(1), hint="Leave it out.")
    end = _closing(text, opening.end(), quote)
    if end < 0:
        hint = f"Add {quote} where it ends."
        raise QueryError("The text is not closed.", text=text, start=start, end=len(text.rstrip()), hint=hint)
    inner = text[opening.end() : end]
    value = inner if prefix == "r" else _unescape(text, inner, opening.end())
    return Token("text", text[start : end + 1], start, end + 1, value)


def _closing(text: str, at: int, quote: str) -> int:
    while at < len(text) and text[at] != quote:
        at += 2 if text[at] == "\\" else 1
    return at if at < len(text) else -1


def _unescape(text: str, inner: str, at: int) -> str:
    def char(match: re.Match[str]) -> str:
        if match["line"]:
            return ""
        if match["one"]:
            return _ONE.get(match["one"], match[0])
        code = int(match["octal"], 8) if match["octal"] else int(match["x"] or match["u"] or match["U"], 16)
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            place = at + match.start()
            raise QueryError(f"`{match[0]}` is not a character.", text=text, start=place, end=place + len(match[0]))
        return chr(code)

    return _ESCAPE.sub(char, inner)
