"""Keeps the latest lists of runs with the catalog that they were computed from, so that the next page of a list, or the
same one again, filters and orders nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aim.index.catalog import STATUS, Catalog
from aim.query.dates import zone
from aim.query.find import Find
from aim.query.nodes import Call, Node, Reference, walk
from aim.query.plan import Filter, Group, Having, Order, Plan, Scan

# Shorter lists take no longer to compute.
KEPT_FROM = 5_000
_MOST = 18
# These fields of a run without an end change while nothing is recorded.
_PASSING = {*STATUS, "duration", "damaged"}


def recall(catalog: Catalog, plan: Plan, what: str = "runs") -> Any:
    """What was remembered about a plan; None if nothing was, or if it may be another answer by now."""
    return catalog.kept.get(_key(plan, what)) if _lasts(catalog, plan) else None


def remember(catalog: Catalog, plan: Plan, answer: object, what: str = "runs") -> None:
    if _lasts(catalog, plan):
        catalog.kept[_key(plan, what)] = answer
        for old in list(catalog.kept)[:-_MOST]:
            catalog.kept.pop(old, None)


def _key(plan: Plan, what: str) -> str:
    """The same dates are other moments in another time zone."""
    return f"{what} of {plan!r} in {zone()!r}"


def _lasts(catalog: Catalog, plan: Plan) -> bool:
    """Whether an answer holds as long as the catalog."""
    if len(catalog) < KEPT_FROM or any(isinstance(operation, Scan) and operation.only for operation in plan):
        return False
    nodes = [node for operation in plan for top in _nodes(operation) for node in walk(top)]
    if any(isinstance(node, Call) and node.function == "now" for node in nodes):
        return False
    passing = any(isinstance(operation, Find) for operation in plan) or any(map(_passes, nodes))
    return not passing or not catalog.open_runs()


def _nodes(operation: object) -> Iterator[Node]:
    match operation:
        case Filter(where=where) | Having(where=where):
            yield where
        case Order(keys=keys):
            yield from (key.column for key in keys)
        case Group(by=by):
            yield from by


def _passes(node: Node) -> bool:
    return isinstance(node, Reference) and node.kind == "run" and node.parts[1] in _PASSING
