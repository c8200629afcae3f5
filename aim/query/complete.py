"""Completes an unfinished query at the cursor, from the content of the repository."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Literal, NamedTuple, TypeAlias

from aim.errors import QueryError
from aim.index.sources.table import by_prefix
from aim.log import status
from aim.media import PLURALS
from aim.natural import natural
from aim.query.format import format_path, quote
from aim.query.functions import FUNCTIONS
from aim.query.nodes import MEDIA_FIELDS, REDUCERS, RUN_FIELDS
from aim.query.parse import CONSTANTS
from aim.query.tokens import KEYWORDS, QUOTE, WORD, Token, tokenize
from aim.query.vocabulary import UNGROUPED, Vocabulary, written

MAX_ITEMS = 100
MAX_FAULTS = 20

Kind: TypeAlias = Literal["metric", "param", "context", "run", "function", "keyword", "value", "experiment", "media"]

_COMPARISONS = {
    "==": "equal", "!=": "not equal", "<": "less", "<=": "at most", ">": "greater", ">=": "at least",
    "in": "one of a list", "not in": "none of a list", "is": "as ==, but True is not 1", "is not": "the opposite of is",
}  # fmt: skip
_JOINS = {"and": "both hold", "or": "either holds"}


class Item(NamedTuple):
    text: str
    kind: Kind
    detail: str


class Completion(NamedTuple):
    """Any of `items` can replace the characters from `start` to `end`. They are the first of `total`."""

    start: int
    end: int
    items: list[Item]
    total: int


def complete(
    text: str, cursor: int, vocabulary: Vocabulary, *, selects: bool = True, media: bool = False
) -> Completion:
    """`selects`: the text is a whole statement; otherwise it is a filter of runs. `media`: the statement selects
    media."""
    vocabulary = replace(vocabulary, media=cache(vocabulary.media)) if media else vocabulary
    cursor = max(0, min(cursor, len(text)))
    before = text[:cursor]
    tokens, opened = _tokens(before)
    condition = next((at + 1 for at, token in enumerate(tokens) if token.text == "if"), None) if selects else 0
    if condition is None:
        return _selecting(text, cursor, vocabulary, media=media)
    of = _MediaCondition if media else _Condition
    return of(text, cursor, tokens[condition:], opened, vocabulary).completion()


def _tokens(before: str) -> tuple[list[Token], int | None]:
    """The tokens before the cursor, and the start of an unclosed text."""
    for _ in range(MAX_FAULTS):
        try:
            return tokenize(before)[:-1], None
        except QueryError as error:
            if QUOTE.match(before, error.start) and error.end == len(before.rstrip()):
                return _tokens(before[: error.start])[0], error.start
            before = before[: error.start] + " " * (error.end - error.start) + before[error.end :]
    return [], None


def _selecting(text: str, cursor: int, vocabulary: Vocabulary, *, media: bool) -> Completion:
    prefixes = "|".join(map(re.escape, by_prefix()))
    match = re.compile(rf'(?:(?P<source>{prefixes}):)?(?P<word>"[^"]*|[^\s,;"]*)$').search(text, 0, cursor)
    assert match is not None, "the pattern fits an empty text"
    start = match.start("word")
    if text[: match.start()].rstrip().endswith(",") or not text[: match.start()].strip():
        word = match["word"].lstrip('"')
        if media:
            items = _media(vocabulary)
        else:
            items = _elsewhere(vocabulary, match["source"]) if match["source"] else _selectable(vocabulary, word)
        return _matching(text, start, cursor, word, items)
    return _matching(text, start, cursor, match["word"], _then_if("name" if media else "metric"))


def _then_if(what: str) -> Iterator[Item]:
    yield Item("if", "keyword", "the condition follows")
    yield Item(",", "keyword", f"one more {what} follows")


def _selectable(vocabulary: Vocabulary, word: str) -> Iterator[Item]:
    for name in vocabulary.metrics:
        yield Item(_bare(name), "metric", "metric")
    yield from _params(vocabulary, word)
    yield Item("*", "keyword", "every metric")


def _media(vocabulary: Vocabulary) -> Iterator[Item]:
    yield from _media_names(vocabulary)
    for plural in _plurals(vocabulary):
        yield Item(plural, "media", f"all {plural}")
    yield Item("*", "keyword", "all media")


def _media_names(vocabulary: Vocabulary, kind: str | None = None) -> Iterator[Item]:
    known = vocabulary.media()
    for name in sorted(known, key=natural):
        if kind is None or kind in known[name]:
            yield Item(_bare(name), "media", ", ".join(sorted(known[name])))


def _plurals(vocabulary: Vocabulary) -> list[str]:
    """The words for the kinds of media that there are."""
    there = {kind for kinds in vocabulary.media().values() for kind in kinds}
    return [plural for plural, kind in PLURALS.items() if kind in there]


def _elsewhere(vocabulary: Vocabulary, prefix: str) -> Iterator[Item]:
    """The names of another source, grouped by the part after the last slash, which selects all names that end with
    it."""
    names = vocabulary.others.get(prefix, ())
    for name in sorted({name.rpartition("/")[2] for name in names}, key=natural) + list(names):
        yield Item(_bare(name), "metric", by_prefix()[prefix].title)


def _params(vocabulary: Vocabulary, word: str) -> Iterator[Item]:
    """The shortest spelling of each param, or the full path if the word begins like it."""
    for path in vocabulary.params:
        whole = format_path(("params", *path))
        short = written(path)
        yield Item(whole if whole.startswith(word) and not short.startswith(word) else short, "param", "param")


def _bare(text: str) -> str:
    """The name itself if it is one word, else in quotes."""
    return text if WORD.fullmatch(text) and text not in KEYWORDS and text not in CONSTANTS else quote(text)


def _shown(value: object) -> str:
    return _bare(value) if isinstance(value, str) else repr(value)


def _matching(text: str, start: int, cursor: int, word: str, items: Iterable[Item]) -> Completion:
    """The items with a part that begins with the word, then the items that contain it."""
    rest = re.compile(r'\w*"?' if text[start : start + 1] == '"' else r"\w*").match(text, cursor)
    wanted = word.lower()
    kept = [item for item in dict.fromkeys(items) if wanted in item.text.lower()]
    begins = re.compile(rf'(?:^|[."]){re.escape(wanted)}')
    kept.sort(key=lambda item: not begins.search(item.text.lower()))
    return Completion(start, rest.end() if rest else cursor, kept[:MAX_ITEMS], len(kept))


class _Condition:
    """The text after `if`, up to the cursor."""

    def __init__(self, text: str, cursor: int, tokens: list[Token], opened: int | None, known: Vocabulary) -> None:
        self.text = text
        self.cursor = cursor
        self.vocabulary = known
        self.start, self.word = cursor, ""
        self.quoted = opened is not None
        if opened is not None:
            self.start, self.word = opened, text[opened + 1 : cursor]
        elif tokens and tokens[-1].end == cursor and tokens[-1].kind in ("name", "keyword"):
            self.start, self.word = tokens[-1].start, tokens.pop().text
        self.tokens = tokens

    def completion(self) -> Completion:
        items = self.items()
        if self.quoted:
            items = (item if item.text[0] == '"' else item._replace(text=quote(item.text)) for item in items)
        return _matching(self.text, self.start, self.cursor, self.word, items)

    def items(self) -> Iterable[Item]:
        last = self.tokens[-1].text if self.tokens else ""
        if last == "." or (last == "[" and self.quoted):
            owner = self.path(len(self.tokens) - 1)
            if owner:
                return self.members(owner)
        if self.follows_value():
            return [] if self.quoted else self.operators()
        compared = self.compared()
        if self.quoted:
            return self.values(compared) if compared else []
        return [*(self.values(compared) if compared else ()), *self.beginnings()]

    def follows_value(self) -> bool:
        if not self.tokens:
            return False
        last = self.tokens[-1]
        return last.kind in ("name", "number", "text") or last.text in (")", "]", "}", "True", "False", "None")

    def path(self, end: int) -> tuple[str, ...] | None:
        """The parts of the dotted or indexed name that ends before token `end`."""
        parts: list[str] = []
        at = end - 1
        while at >= 0:
            if self.tokens[at].text == "]" and at >= 3 and self.tokens[at - 1].kind == "text":
                parts.append(str(self.tokens[at - 1].value))
                at -= 3
            elif self.tokens[at].kind in ("name", "keyword"):
                parts.append(self.tokens[at].text)
                if at == 0 or self.tokens[at - 1].text != ".":
                    return tuple(reversed(parts))
                at -= 2
            else:
                return None
        return None

    def members(self, owner: tuple[str, ...]) -> Iterator[Item]:
        vocabulary = self.vocabulary
        match owner:
            case ("run",):
                yield from (Item(_field(name), "run", field.meaning) for name, field in RUN_FIELDS.items())
                yield from (Item(_part(name), "metric", "its last value") for name in vocabulary.metrics)
                others = {*RUN_FIELDS, *map(_part, vocabulary.metrics)}
                yield from (item for item in self.params_below(()) if item.text not in others)
            case ("run", metric, *_) if metric in vocabulary.metrics:
                yield from (
                    Item(_part(word), "context", "context value") for word in sorted(vocabulary.words(), key=natural)
                )
                yield from (Item(name, "function", meaning) for name, meaning in REDUCERS.items())
            case ("run", first, *rest) if first not in RUN_FIELDS:
                yield from self.params_below((first, *rest))
            case ("context",) | ("metric", "context"):
                for key, values in vocabulary.contexts.items():
                    yield Item(_part(key), "context", _several(values))
            case ("metric",):
                yield Item("name", "metric", "the name of the series")
                yield Item("context", "context", "the context of the series")
            case _:
                yield from self.params_below(owner)

    def params_below(self, owner: tuple[str, ...]) -> Iterator[Item]:
        owners = [owner, owner[1:]] if owner[:1] == ("params",) else [owner]
        for path in self.vocabulary.params:
            for whole in (path, path[1:]) if path[0] not in UNGROUPED or owner == path[:1] else (path[1:],):
                for parts in owners:
                    if whole[: len(parts)] == parts and len(whole) > len(parts):
                        is_last = len(whole) == len(parts) + 1
                        yield Item(_part(whole[len(parts)]), "param", "param" if is_last else "group of params")

    def operators(self) -> Iterator[Item]:
        for name, meaning in {**_JOINS, **_COMPARISONS}.items():
            if not self.word or name[0].isalpha():
                yield Item(name, "keyword", meaning)

    def compared(self) -> tuple[str, ...] | None:
        """The operand that the value under the cursor is compared with, directly or as an item of a list."""
        at = len(self.tokens) - 1
        if at >= 0 and self.tokens[at].text in ("(", "[", "{", ","):
            while at >= 0 and (self.tokens[at].kind in ("text", "number", "name") or self.tokens[at].text == ","):
                at -= 1
            at -= 1
            if at < 0 or self.tokens[at].text != "in":
                return None
        if at < 0 or self.tokens[at].text not in ("==", "!=", "<>", "in", "is", "not"):
            return None
        if at and self.tokens[at].text in ("in", "not") and self.tokens[at - 1].text in ("not", "is"):
            at -= 1
        return self.path(at)

    def values(self, compared: tuple[str, ...]) -> Iterator[Item]:
        match compared:
            case ("context", key) | ("metric", "context", key):
                yield from (Item(_shown(value), "value", key) for value in self.vocabulary.contexts.get(key, ()))
            case ("experiment",) | ("run", "experiment"):
                yield from (Item(_bare(name), "experiment", "experiment") for name in self.vocabulary.experiments)
            case ("metric",) | ("metric", "name"):
                yield from (Item(_bare(name), "metric", "metric") for name in self.vocabulary.metrics)
            case ("run", "status"):
                yield from (Item(word, "value", "status") for word in status.WORDS)
            case ("run", "archived"):
                yield from (Item(flag, "value", "archived") for flag in ("True", "False"))

    def beginnings(self) -> Iterator[Item]:
        """What a value can begin with."""
        for key, values in self.vocabulary.contexts.items():
            yield Item(format_path(("context", key)), "context", _several(values))
        yield from _params(self.vocabulary, self.word)
        yield Item("experiment", "experiment", "the experiment of the run")
        yield Item("metric", "metric", "the name of the series")
        yield from (Item(f"run.{_field(name)}", "run", field.meaning) for name, field in RUN_FIELDS.items())
        yield from (Item(format_path(("run", name)), "metric", "its last value") for name in self.vocabulary.metrics)
        yield from (Item(f"{_bare(tag)} in run.tags", "value", "tag") for tag in self.vocabulary.tags)
        yield from (Item(f"{name}(", "function", row.meaning) for name, row in FUNCTIONS.items())
        yield Item("not", "keyword", "the opposite")


class _MediaCondition(_Condition):
    """The same in a statement that selects media."""

    def __init__(self, text: str, cursor: int, tokens: list[Token], opened: int | None, known: Vocabulary) -> None:
        super().__init__(text, cursor, tokens, opened, replace(known, contexts=known.media_contexts()))

    def members(self, owner: tuple[str, ...]) -> Iterator[Item]:
        match owner:
            case (plural,) if plural in PLURALS:
                for name, field in MEDIA_FIELDS.items():
                    yield Item(f"{name}." if field.type == "group" else name, "media", field.meaning)
            case (plural, "context") if plural in PLURALS:
                yield from super().members(("context",))
            case _:
                yield from super().members(owner)

    def values(self, compared: tuple[str, ...]) -> Iterator[Item]:
        match compared:
            case ("metric",) | ("metric", "name"):
                yield from _media_names(self.vocabulary)
            case (plural, "name") if plural in PLURALS:
                yield from _media_names(self.vocabulary, PLURALS[plural])
            case (plural, "context", key) if plural in PLURALS:
                yield from super().values(("context", key))
            case _:
                yield from super().values(compared)

    def beginnings(self) -> Iterator[Item]:
        for plural in _plurals(self.vocabulary):
            yield Item(f"{plural}.", "media", f"a field of single {plural}")
        yield from super().beginnings()


def _part(name: str) -> str:
    """The spelling after a dot."""
    return name if WORD.fullmatch(name) else quote(name)


def _field(name: str) -> str:
    return f"{name}." if RUN_FIELDS[name].type == "group" else name


def _several(values: Sequence[object]) -> str:
    shown = ", ".join(_shown(value) for value in values[:5])
    return f"{shown}, ..." if len(values) > 5 else shown
