"""What can be tracked, one file a type: numbers (scalar.py), and objects of the classes in KINDS."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from aim.values.value import Value

# What a series of such values is called, and their class, which is in the module of that name.
KINDS = {"text": "Text", "image": "Image", "audio": "Audio", "distribution": "Distribution", "figure": "Figure"}


def class_of(kind: str) -> type[Value]:
    return cast("type[Value]", getattr(importlib.import_module(f"aim.values.{kind}"), KINDS[kind]))


def named(name: str) -> type[Value]:
    """The class called `name`, such as Image."""
    return class_of(next(kind for kind, other in KINDS.items() if other == name))


def objects(value: Any) -> Sequence[Value] | None:
    """The values of one `track` call that are no numbers; None where it is about a number. Raises TypeError where
    they are of several kinds."""
    module = sys.modules.get("aim.values.value")
    if module is None:
        return None
    if isinstance(value, module.Value):
        return (value,)
    if not isinstance(value, (list, tuple)) or not any(isinstance(one, module.Value) for one in value):
        return None
    kinds = sorted({one.kind if isinstance(one, module.Value) else type(one).__name__ for one in value})
    if len(kinds) > 1:
        raise TypeError(f"a list of {' and '.join(kinds)} is no series; track each kind under a name of its own")
    return value
