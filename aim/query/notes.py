"""Why a query matches nothing, or does not sort: names that the repository does not have, and comparisons that cannot
hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from aim.index.sources.table import by_prefix
from aim.log import status
from aim.media import PLURALS
from aim.query.check import near
from aim.query.format import format_node, format_path, quote
from aim.query.nodes import (
    MEDIA_FIELDS,
    REDUCERS,
    RUN_FIELDS,
    Binary,
    Compare,
    List,
    Literal,
    Node,
    Reference,
    Selector,
    Statement,
    references,
    walk,
)
from aim.query.shapes import never_equal, without_value
from aim.query.vocabulary import Vocabulary, did_you_mean, is_called, settle

MAX_NOTES = 5
_MEANT = {"true": "True", "false": "False", "none": "None", "null": "None"}


def notes(statement: Statement, vocabulary: Vocabulary, *, columns: Sequence[Node] = (), matched: int = 0) -> list[str]:
    """A sentence for each name that the repository does not have, and for each comparison that cannot hold. At most
    MAX_NOTES, because suggestions take time that grows with the repository. If runs matched, no values are read for the
    statement. `columns`: what its runs are sorted and grouped by."""
    vocabulary = replace(vocabulary, values=cache(vocabulary.values))
    told: dict[str, None] = {}
    for note in _notes(statement, columns, vocabulary, matched):
        told[note] = None
        if len(told) == MAX_NOTES:
            break
    return list(told)


def _notes(statement: Statement, columns: Sequence[Node], vocabulary: Vocabulary, matched: int) -> Iterator[str]:
    yield from filter(None, (_selected(item, vocabulary) for item in settle(statement.select, vocabulary)))
    yield from _about(statement.where, replace(vocabulary, values=lambda node: None) if matched else vocabulary)
    for column in columns:
        yield from _about(column, vocabulary)


def _about(expression: Node | None, vocabulary: Vocabulary) -> Iterator[str]:
    meant = map(vocabulary.meant, references(expression))
    yield from filter(None, (_unknown(reference, vocabulary) for reference in meant))
    for node in walk(expression):
        if isinstance(node, Compare):
            yield from _compared(node, vocabulary)
    yield from without_value(expression, vocabulary)


def _sentence(fact: str, guess: str | None) -> str:
    return f"{fact}; did you mean {guess}?" if guess else f"{fact}."


def notes_of_media(statement: Statement, vocabulary: Vocabulary) -> list[str]:
    """The same for a statement that selects media, and matches none."""
    known = vocabulary.media()
    names = {".".join(item.parts) for item in statement.select if item.kind != "all" and not item.source}
    told = [
        _sentence(f"No run has media called {name}", near(name, [*known, *PLURALS]))
        for name in sorted(names - {*known, *PLURALS})
    ]
    every = replace(statement, select=(Selector("all"),))
    return [*told, *notes(every, replace(vocabulary, contexts=vocabulary.media_contexts()))][:MAX_NOTES]


def _selected(item: Selector, vocabulary: Vocabulary) -> str | None:
    if item.kind == "all":
        return None
    if item.source:
        return _selected_elsewhere(item.source, item.parts[0], vocabulary)
    if item.kind == "param":
        known = vocabulary.has_param(item.parts)
        fact = f"No run has a param {format_path(item.parts)}"
        return None if known else _sentence(fact, did_you_mean(item.parts, vocabulary))
    name = item.parts[0]
    if name in vocabulary.metrics:
        return None
    if kinds := sorted(vocabulary.media().get(name, ())):
        return f"{name} is not a metric, but media: on the command line, add --kind {kinds[0]}."
    guess = near(name, vocabulary.metrics) or _with_part(name, vocabulary) or did_you_mean((name,), vocabulary)
    return _sentence(f"No run has a metric {name}", guess)


def _with_part(part: str, vocabulary: Vocabulary) -> str | None:
    """The first metric that has this part, as `train/loss` has `train` and `loss`."""
    return next((name for name in vocabulary.metrics if part.lower() in name.lower().split("/")), None)


def _selected_elsewhere(prefix: str, name: str, vocabulary: Vocabulary) -> str | None:
    source, names = by_prefix()[prefix], vocabulary.others.get(prefix, ())
    if not names:
        return f"No {source.title} logs are open; --{source.option} DIR adds a folder of them."
    if any(is_called(known, name) for known in names):
        return None
    guess = near(name, [*names, *(known.rpartition("/")[2] for known in names)])
    fact = f"No {source.title} run has a metric {name}"
    return _sentence(fact, guess and f"{prefix}:{quote(guess) if '/' in guess else guess}")


def _unknown(node: Reference, vocabulary: Vocabulary) -> str | None:
    kinds: dict[str, Callable[[Reference, Vocabulary], str | None]] = {
        "param": _unknown_param,
        "name": _unknown_param,
        "leaf": _unknown_leaf,
        "context": _unknown_key,
        "aggregate": _unknown_series,
        "run": _unknown_fact,
    }
    return kinds[node.kind](node, vocabulary) if node.kind in kinds else None


def _unknown_param(node: Reference, vocabulary: Vocabulary) -> str | None:
    if vocabulary.has_param(node.parts):
        return None
    fact = f"No run has a param {format_path(node.parts)}"
    if node.kind == "name":
        fact += f', so it stands for the text "{node.parts[0]}"'
    metric = format_path(("run", *node.parts)) if node.parts[0] in vocabulary.metrics else None
    return _sentence(fact, metric or did_you_mean(node.parts, vocabulary))


def _unknown_leaf(node: Reference, vocabulary: Vocabulary) -> str | None:
    if node.parts in vocabulary.params:
        return None
    return _sentence(f"No run has a param {format_path(node.parts)}", did_you_mean(node.parts, vocabulary))


def _unknown_key(node: Reference, vocabulary: Vocabulary) -> str | None:
    key = node.parts[1]
    if key in vocabulary.contexts:
        return None
    guess = near(key, vocabulary.contexts)
    return _sentence(f"No metric has a context {key}", guess and format_path(("context", guess)))


def _unknown_series(node: Reference, vocabulary: Vocabulary) -> str | None:
    asked = node.aggregate
    while asked is not None:
        if asked.metric not in vocabulary.names:
            parts = node.parts[1:] if asked is node.aggregate and asked.by is None else (asked.metric, *asked.words)
            return _not_a_metric(parts, vocabulary)
        words = vocabulary.words()
        for word in asked.words:
            if word not in words and word in REDUCERS:
                return f"{asked.metric} has no context value {word}; a statistic such as {word} is written at the end."
            if word not in words:
                return _sentence(f"{asked.metric} has no context value {word}", near(word, [*words, *REDUCERS]))
        asked = asked.by
    return None


def _not_a_metric(parts: tuple[str, ...], vocabulary: Vocabulary) -> str:
    if kinds := sorted(vocabulary.media().get(parts[0], ())):
        return f"{parts[0]} is not a metric, but media of the kind {kinds[0]}, which a condition cannot compare."
    if parts[:1] in vocabulary.paths and not vocabulary.has_param(parts):
        return _sentence(f"No run has a param {format_path(parts)}", did_you_mean(parts, vocabulary))
    return _sentence(f"No run has a metric {parts[0]}", _instead_of_metric(parts, vocabulary))


def _instead_of_metric(parts: tuple[str, ...], vocabulary: Vocabulary) -> str | None:
    if parts[0] in RUN_FIELDS:
        return f"run.{parts[0]}"
    if vocabulary.has_param(parts):
        return format_path(("params", *parts))
    if parts[1:2] and parts[1] in vocabulary.metrics:
        return format_path(("run", *parts[1:]))
    guess = near(parts[0], [*vocabulary.metrics, *RUN_FIELDS]) or _with_part(parts[0], vocabulary)
    return guess and format_path(("run", guess))


def _unknown_fact(node: Reference, vocabulary: Vocabulary) -> str | None:
    """A part of a group of fields that no run has, such as `run.packages.torhc`."""
    if len(node.parts) < 3 or vocabulary.values(node) != []:
        return None
    for end in range(3, len(node.parts) + 1):
        owner, part = node.parts[: end - 1], node.parts[end - 1]
        owners = vocabulary.values(replace(node, parts=owner)) or ()
        keys = {key for value in owners if isinstance(value, dict) for key in value}
        if part not in keys:
            guess = near(part, sorted(keys))
            return _sentence(f"No run has {format_path(node.parts[:end])}", guess and format_path((*owner, guess)))
    return None


# comparisons


def _compared(node: Compare, vocabulary: Vocabulary) -> Iterator[str]:
    operands = [vocabulary.meant(part) if isinstance(part, Reference) else part for part in (node.first, *node.rest)]
    for operator, left, right in zip(node.operators, operands, operands[1:], strict=False):
        for operand, other in ((left, right), (right, left)):
            if isinstance(operand, Reference):
                yield from _beside(operand, operator, other, vocabulary)
            yield from never_equal(operand, operator, other, vocabulary)


def _beside(reference: Reference, operator: str, other: Node, vocabulary: Vocabulary) -> Iterator[str]:
    if _type(reference) == "list" and operator in ("==", "is") and isinstance(other, Literal):
        yield f"{format_node(reference)} is a list: write `{_shown(other)} in {format_node(reference)}`."
        return
    if _type(reference) == "text" and isinstance(other, Binary) and other.operator == "-":
        difference = format_node(other)
        yield f"{format_node(reference)} is text, but {difference} is a difference: text with a minus needs quotes."
    known = _values(reference, vocabulary)
    for item in _items(other):
        if not (isinstance(item, Literal) and isinstance(item.value, str)):
            continue
        if item.bare and item.value.lower() in _MEANT:
            yield f"{item.value} is text here; did you mean {_MEANT[item.value.lower()]}?"
        elif _type(reference) == "number" and _unknown(reference, vocabulary) is None:
            yield _text_beside_number(reference, item)
        elif known and operator in ("==", "!=", "is", "is not", "in", "not in") and item.value not in known:
            verb = "never holds" if _type(reference) == "list" else "is never"
            yield _sentence(f"{format_node(reference)} {verb} {quote(item.value)}", near(item.value, known))


def _items(node: Node) -> Sequence[Node]:
    return node.items if isinstance(node, List) else (node,)


def _type(node: Reference) -> str:
    if node.kind == "aggregate":
        return "number"
    if node.kind == "media":
        return MEDIA_FIELDS[node.parts[1]].type
    if node.kind in ("experiment", "metric"):
        return "text"
    return RUN_FIELDS[node.parts[1]].type if node.kind == "run" else "any"


def _values(node: Reference, vocabulary: Vocabulary) -> Sequence[str]:
    """All known texts of the reference; empty if they are not known."""
    if node.kind == "context":
        return [str(value) for value in vocabulary.contexts.get(node.parts[1], ())]
    if node.kind == "metric":
        return vocabulary.names
    if node.kind == "experiment" or node.parts == ("run", "experiment"):
        return vocabulary.experiments
    if node.parts == ("run", "status"):
        return status.WORDS
    return vocabulary.tags if node.parts == ("run", "tags") else ()


def _text_beside_number(reference: Reference, item: Literal) -> str:
    fact = f"{format_node(reference)} is a number, so it never matches the text {quote(str(item.value))}"
    return _sentence(fact, f"params.{item.value}" if item.bare else None)


def _shown(item: Literal) -> str:
    return str(item.value) if item.bare or not isinstance(item.value, str) else quote(item.value)
