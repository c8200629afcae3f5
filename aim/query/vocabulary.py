"""The names in a repository that a query can use. It decides what a selected name means, and suggests names."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from aim.index.catalog import Catalog
from aim.index.segment import distinct
from aim.index.sources.table import by_prefix
from aim.log import status
from aim.query.check import near
from aim.query.columns import spellings
from aim.query.format import format_node, format_path, quote
from aim.query.nodes import (
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
from aim.threads import cached_property

MAX_NOTES = 5
_MEANT = {"true": "True", "false": "False", "none": "None", "null": "None"}
MAX_RUNS = 2_000
MAX_MEDIA = 10_000
# The kind of a value by the first letter of its JSON.
_KINDS = {'"': "text", "t": "truth", "f": "truth", "n": "nothing", "[": "list", "{": "group", "": "nothing"}
_OTHER = {"text": "number", "number": "text"}
UNGROUPED = ("default", "params")


@dataclass(frozen=True)
class Vocabulary:
    """`params` are paths of single values, the group first: ("default", "lr"), ("hparams", "net", "depth"). `others`
    are the series of other sources by prefix, which are selected as `prefix:name`. `kinds` reads which kinds of values
    a param has, and `media` which kinds of media a name has."""

    metrics: Sequence[str] = ()
    others: Mapping[str, Sequence[str]] = field(default_factory=dict)
    params: Sequence[tuple[str, ...]] = ()
    contexts: Mapping[str, Sequence[object]] = field(default_factory=dict)
    experiments: Sequence[str] = ()
    tags: Sequence[str] = ()
    kinds: Callable[[tuple[str, ...]], Collection[str]] = field(default=lambda parts: ())
    media: Callable[[str], Collection[str]] = field(default=lambda name: ())

    @cached_property
    def names(self) -> list[str]:
        """The names of all series of all sources."""
        return [*self.metrics, *(name for names in self.others.values() for name in names)]

    @cached_property
    def paths(self) -> frozenset[tuple[str, ...]]:
        """Every way to write a param or a group of params, without "params" in front."""
        whole = {path[:end] for path in self.params for end in range(1, len(path) + 1)}
        return frozenset(whole | {path[1:] for path in whole if len(path) > 1})

    @cached_property
    def spellings(self) -> dict[str, str]:
        """Each param with and without its group, and its usual spelling."""
        written_as: dict[str, str] = {}
        for path in self.params:
            written_as.setdefault(".".join(path), written(path))
            written_as.setdefault(".".join(path[1:] or path), written(path))
        return written_as

    def has_param(self, parts: tuple[str, ...]) -> bool:
        return parts in self.paths or (parts[0] == "params" and parts[1:] in self.paths)

    def words(self) -> set[str]:
        return {str(value) for values in self.contexts.values() for value in values}


def vocabulary_of(catalog: Catalog) -> Vocabulary:
    contexts: dict[str, dict[object, None]] = {}
    for context in catalog.contexts:
        for key, value in context.items():
            contexts.setdefault(key, {})[value if not isinstance(value, list | dict) else str(value)] = None
    return Vocabulary(
        metrics=catalog.names(""),
        others={prefix: catalog.names(prefix) for prefix in catalog.open_prefixes if prefix},
        params=catalog.param_paths,
        contexts={key: list(values) for key, values in contexts.items()},
        experiments=catalog.experiments,
        tags=catalog.tags,
        kinds=partial(_kinds, catalog),
        media=partial(_media, catalog),
    )


def _kinds(catalog: Catalog, parts: tuple[str, ...]) -> set[str]:
    """Of the newest runs, because the others take time."""
    runs = np.arange(min(len(catalog), MAX_RUNS))
    _, _, values = catalog.params(spellings(parts, catalog.param_paths)[:1], runs)
    return {_KINDS.get(text[:1], "number") for text in values}


def _media(catalog: Catalog, name: str) -> set[str]:
    known = distinct(catalog.segments, "objects", ["kind", "name"], limit=MAX_MEDIA)
    return {kind for kind, named in known if named == name}


def settle(select: Sequence[Selector], vocabulary: Vocabulary) -> tuple[Selector, ...]:
    """The same items, each as a metric or a param. The repository's content decides ambiguous spellings."""
    return tuple(_settled(item, vocabulary) for item in select)


def _settled(item: Selector, vocabulary: Vocabulary) -> Selector:
    if item.kind == "metric" and not item.quoted and not item.source and item.parts[0] not in vocabulary.metrics:
        return replace(item, kind="param") if vocabulary.has_param(item.parts) else item
    if item.kind == "param" and not vocabulary.has_param(item.parts):
        name = ".".join(item.parts)
        return replace(item, kind="metric", parts=(name,), quoted=True) if name in vocabulary.metrics else item
    return item


def did_you_mean(parts: tuple[str, ...], vocabulary: Vocabulary) -> str | None:
    """The known param or field of a run that a path probably means, as written in a query."""
    wanted = parts[1:] if parts[0] == "params" and len(parts) > 1 else parts
    if len(wanted) == 1 and wanted[0] in RUN_FIELDS:
        return f"run.{wanted[0]}"
    guess = near(".".join(wanted), vocabulary.spellings)
    return vocabulary.spellings[guess] if guess else None


def written(path: tuple[str, ...]) -> str:
    """The usual spelling of a param."""
    return format_path(("params", *path[1:]) if path[0] in UNGROUPED and len(path) > 1 else path)


def notes(statement: Statement, vocabulary: Vocabulary, *, matched: int = 0) -> list[str]:
    """A sentence for each name that the repository does not have, and for each comparison that cannot hold. At most
    MAX_NOTES, because suggestions take time that grows with the repository. If runs matched, no values of params are
    read for this."""
    if matched:
        vocabulary = replace(vocabulary, kinds=lambda parts: ())
    told: dict[str, None] = {}
    for note in _notes(statement, vocabulary):
        told[note] = None
        if len(told) == MAX_NOTES:
            break
    return list(told)


def _notes(statement: Statement, vocabulary: Vocabulary) -> Iterator[str]:
    yield from filter(None, (_selected(item, vocabulary) for item in settle(statement.select, vocabulary)))
    yield from filter(None, (_unknown(reference, vocabulary) for reference in references(statement.where)))
    for node in walk(statement.where):
        if isinstance(node, Compare):
            yield from _compared(node, vocabulary)


def _sentence(fact: str, guess: str | None) -> str:
    return f"{fact}; did you mean {guess}?" if guess else f"{fact}."


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
    if kinds := sorted(vocabulary.media(name)):
        return f"{name} is not a metric, but media: on the command line, add --kind {kinds[0]}."
    return _sentence(f"No run has a metric {name}", near(name, vocabulary.metrics) or did_you_mean((name,), vocabulary))


def _selected_elsewhere(prefix: str, name: str, vocabulary: Vocabulary) -> str | None:
    source, names = by_prefix()[prefix], vocabulary.others.get(prefix, ())
    if not names:
        return f"No {source.title} logs are open; --{source.option} DIR adds a folder of them."
    if any(is_called(known, name) for known in names):
        return None
    guess = near(name, [*names, *(known.rpartition("/")[2] for known in names)])
    fact = f"No {source.title} run has a metric {name}"
    return _sentence(fact, guess and f"{prefix}:{quote(guess) if '/' in guess else guess}")


def is_called(series: str, name: str) -> bool:
    """Whether `prefix:name` selects this series: by its whole name, or by the part after its last slash."""
    return series == name or series.rpartition("/")[2] == name


def _unknown(node: Reference, vocabulary: Vocabulary) -> str | None:
    kinds: dict[str, Callable[[Reference, Vocabulary], str | None]] = {
        "param": _unknown_param,
        "name": _unknown_param,
        "context": _unknown_key,
        "aggregate": _unknown_series,
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
            return _sentence(f"No run has a metric {asked.metric}", _instead_of_metric(node, asked.metric, vocabulary))
        words = vocabulary.words()
        for word in asked.words:
            if word not in words:
                return _sentence(f"{asked.metric} has no context value {word}", near(word, words))
        asked = asked.by
    return None


def _instead_of_metric(node: Reference, metric: str, vocabulary: Vocabulary) -> str | None:
    if metric in RUN_FIELDS:
        return f"run.{metric}"
    if vocabulary.has_param(node.parts[1:]):
        return format_path(("params", *node.parts[1:]))
    guess = near(metric, [*vocabulary.metrics, *RUN_FIELDS])
    return guess and format_path(("run", guess))


# comparisons


def _compared(node: Compare, vocabulary: Vocabulary) -> Iterator[str]:
    operands = (node.first, *node.rest)
    for operator, left, right in zip(node.operators, operands, node.rest, strict=False):
        for operand, other in ((left, right), (right, left)):
            if isinstance(operand, Reference):
                yield from _beside(operand, operator, other, vocabulary)


def _beside(reference: Reference, operator: str, other: Node, vocabulary: Vocabulary) -> Iterator[str]:
    if _type(reference) == "list" and operator in ("==", "is") and isinstance(other, Literal):
        yield f"{format_node(reference)} is a list: write `{_shown(other)} in {format_node(reference)}`."
        return
    if _type(reference) == "text" and isinstance(other, Binary) and other.operator == "-":
        difference = format_node(other)
        yield f"{format_node(reference)} is text, but {difference} is a difference: text with a minus needs quotes."
    if reference.kind == "param":
        yield from filter(None, (_unlike(reference, operator, item, vocabulary) for item in _items(other)))
    known = _values(reference, vocabulary)
    for item in _items(other):
        if not (isinstance(item, Literal) and isinstance(item.value, str)):
            continue
        if item.bare and item.value.lower() in _MEANT:
            yield f"{item.value} is text here; did you mean {_MEANT[item.value.lower()]}?"
        elif _type(reference) == "number":
            yield _text_beside_number(reference, item)
        elif known and operator in ("==", "!=", "is", "is not", "in", "not in") and item.value not in known:
            verb = "never holds" if _type(reference) == "list" else "is never"
            yield _sentence(f"{format_node(reference)} {verb} {quote(item.value)}", near(item.value, known))


def _items(node: Node) -> Sequence[Node]:
    return node.items if isinstance(node, List) else (node,)


def _unlike(reference: Reference, operator: str, item: Node, vocabulary: Vocabulary) -> str | None:
    """A number compared with a param that is text in every run, or the other way round."""
    if not isinstance(item, Literal) or item.bare or operator in ("!=", "is not", "not in"):
        return None
    kind = "text" if isinstance(item.value, str) else "number"
    if type(item.value) not in (str, int, float) or set(vocabulary.kinds(reference.parts)) != {_OTHER[kind]}:
        return None
    own = "text" if kind == "number" else "a number"
    fact = f"{format_node(reference)} is {own}, so it never matches the {kind} {_shown(item)}"
    instead = quote(str(item.value)) if kind == "number" else str(item.value)
    return _sentence(fact, instead if kind == "number" or _is_number(instead) else None)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _type(node: Reference) -> str:
    if node.kind == "aggregate":
        return "number"
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
