"""How many calls lie between a question and what answers it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

import aim

PACKAGE = Path(aim.__file__).parent


def watch(
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    names: Iterable[str],
    *,
    named: Callable[[str, tuple[Any, ...]], str] = lambda name, given: name,
    below: str = "",
) -> dict[str, int]:
    """The deepest call of each function of a module, in functions of Aim above it in its thread. Comprehensions,
    lambdas and the look-up of a cached property do not count, but its function does. `named` gives the calls of one
    function several names by what they were given. `below`: a file of Aim whose functions do not count."""
    depths: dict[str, int] = {}

    def watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named_given: Any) -> Any:
            key = named(name, given)
            depths[key] = max(depth(below), depths.get(key, 0))
            return function(*given, **named_given)

        return call

    for name in names:
        monkeypatch.setattr(module, name, watched(name, getattr(module, name)))
    return depths


def depth(below: str) -> int:
    files = {str(path) for path in PACKAGE.rglob("*.py")} - {str(PACKAGE / below)}
    names = [frame.function for frame in inspect.stack(0) if frame.filename in files]
    return len([name for name in names if not name.startswith(("<", "__get__"))])
