"""How many calls lie between a question and what answers it."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable
from typing import Any

import pytest


def watch(
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    names: Iterable[str],
    *,
    named: Callable[[str, tuple[Any, ...]], str] = lambda name, given: name,
) -> dict[str, int]:
    """The deepest call of each function of a module, in functions of Aim above it in its thread, comprehensions and
    lambdas left out. `named` gives the calls of one function several names by what they were given."""
    depths: dict[str, int] = {}

    def watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named_given: Any) -> Any:
            key = named(name, given)
            depths[key] = max(depth(), depths.get(key, 0))
            return function(*given, **named_given)

        return call

    for name in names:
        monkeypatch.setattr(module, name, watched(name, getattr(module, name)))
    return depths


def depth() -> int:
    frames = [frame for frame in inspect.stack(0) if f"{os.sep}aim{os.sep}" in frame.filename]
    return len([frame for frame in frames if not frame.function.startswith("<")])
