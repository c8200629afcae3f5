"""What decodes media of strangers, in a process of its own: a decoder may take any time and memory for a few bytes, or
crash."""

from __future__ import annotations

import base64
import importlib
from collections.abc import Callable
from functools import cache
from typing import Any

MEMORY = 1 << 30


def answered(task: dict[str, Any], make: Callable[[bytes], bytes], *, memory: int = MEMORY) -> dict[str, str]:
    """`data` of the task is the content in base64. Answers with what is made of it, or the `problem`."""
    limit_memory(memory)
    try:
        return {"data": base64.b64encode(make(base64.b64decode(task["data"]))).decode()}
    except MemoryError:
        return {"problem": "it takes too much memory"}
    except Exception as error:  # whatever a decoder raises for bytes of others
        return {"problem": f"{type(error).__name__}: {error}"[:200]}


@cache
def limit_memory(memory: int) -> None:
    """No more memory for this process than the largest allowed content takes."""
    try:
        resource = importlib.import_module("resource")
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    except (ImportError, ValueError, OSError):  # Windows has no limits; others may have set a lower one
        return
