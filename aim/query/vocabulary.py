"""The names in a repository that a query can use. It decides what a selected name means, and suggests names."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from aim import engine
from aim.index.catalog import Catalog
from aim.index.segment import stored
from aim.natural import natural
from aim.query import evaluate
from aim.query.check import near
from aim.query.columns import answers, param_of, reader
from aim.query.format import format_path
from aim.query.nodes import (
    MISSING,
    RUN_FIELDS,
    Node,
    Reference,
    Selector,
    references,
)
from aim.threads import cached_property

MAX_RUNS = 2_000
MAX_MEDIA = 10_000
UNGROUPED = ("default", "params")


@dataclass(frozen=True)
class Vocabulary:
    """`params` are paths of single values, the group first: ("default", "lr"), ("hparams", "net", "depth"). `others`
    are the series of other sources by prefix, which are selected as `prefix:name`. `values` computes the distinct
    values of an expression other than None, or gives None where they are not known. `media` reads the names of media,
    each with its kinds, and `media_contexts` the keys and values of their contexts."""

    metrics: Sequence[str] = ()
    others: Mapping[str, Sequence[str]] = field(default_factory=dict)
    params: Sequence[tuple[str, ...]] = ()
    contexts: Mapping[str, Sequence[object]] = field(default_factory=dict)
    experiments: Sequence[str] = ()
    tags: Sequence[str] = ()
    values: Callable[[Node], Sequence[object] | None] = field(default=lambda node: None)
    media: Callable[[], Mapping[str, Collection[str]]] = field(default=dict)
    media_contexts: Callable[[], Mapping[str, Sequence[object]]] = field(default=dict)

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

    def meant(self, reference: Reference) -> Reference:
        """The param that it means if no metric is called so, else itself."""
        param = param_of(reference, self.names)
        return param if param and self.has_param(param.parts) else reference

    def words(self) -> set[str]:
        return {str(value) for values in self.contexts.values() for value in values}


def vocabulary_of(catalog: Catalog) -> Vocabulary:
    return Vocabulary(
        metrics=catalog.names(""),
        others={prefix: catalog.names(prefix) for prefix in catalog.open_prefixes if prefix},
        params=catalog.param_paths,
        contexts=_keys_and_values(catalog.contexts),
        experiments=catalog.experiments,
        tags=catalog.tags,
        values=partial(_values, catalog),
        media=partial(_media, catalog),
        media_contexts=partial(_media_contexts, catalog),
    )


def _keys_and_values(contexts: Iterable[str]) -> dict[str, list[object]]:
    """Of contexts in JSON."""
    known: dict[str, dict[object, None]] = {}
    for text in contexts:
        for key, value in json.loads(text).items():
            known.setdefault(key, {})[value if not isinstance(value, list | dict) else str(value)] = None
    return {key: list(values) for key, values in known.items()}


def _values(catalog: Catalog, node: Node) -> list[object] | None:
    """Of the newest runs, because the others take time."""
    needed = references(node)
    if any(reference.kind in ("metric", "context", "media") for reference in needed):
        return None
    runs = np.arange(min(len(catalog), MAX_RUNS))
    columns = [reader(reference)(catalog, runs) for reference in needed]
    _, values = answers(columns, evaluate.compile(node, needed), len(runs))
    return [value for value in values if value is not None and value is not MISSING]


def _media(catalog: Catalog) -> dict[str, set[str]]:
    known = engine.distinct(stored(catalog.segments, "objects"), ["kind", "name"], limit=MAX_MEDIA)
    kinds: dict[str, set[str]] = {}
    for kind, name in zip(known["kind"].tolist(), known["name"].tolist(), strict=True):
        kinds.setdefault(name, set()).add(kind)
    return kinds


def _media_contexts(catalog: Catalog) -> dict[str, list[object]]:
    known = engine.distinct(stored(catalog.segments, "objects"), ["context"], limit=MAX_MEDIA)
    return _keys_and_values(sorted(known["context"].tolist(), key=natural))


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


def is_called(series: str, name: str) -> bool:
    """Whether `prefix:name` selects this series: by its whole name, or by the part after its last slash."""
    return series == name or series.rpartition("/")[2] == name
