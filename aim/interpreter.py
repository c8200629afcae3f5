"""Finds the Python interpreter that runs this process, to start another process of this package."""

from __future__ import annotations

import os
import re
import sys

_PYTHON = re.compile(r"(?:python|pypy)[\d.]*t?(?:\.exe)?", re.IGNORECASE)


def python() -> str:
    """This interpreter. An application that embeds Python names itself as the executable, and must not be started.
    Raises OSError if there is none."""
    candidates = [sys.executable, *(os.path.join(prefix, "bin", "python3") for prefix in (sys.prefix, sys.base_prefix))]
    for path in candidates:
        if path and _PYTHON.fullmatch(os.path.basename(path)) and os.access(path, os.X_OK):
            return path
    raise OSError(f"no Python interpreter was found beside {sys.executable!r}")
