"""Facts about the run's environment, read in this process without a child, with secrets masked."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from typing import Any

from aim.sdk.masking import masked_argv
from aim.version import __version__

_ARGV_CHARACTERS = 1 << 16
_ARGUMENT_CHARACTERS = 1 << 12


def facts() -> dict[str, Any]:
    """The facts recorded when a run opens. Never raises; unreadable facts are left out."""
    recorded: dict[str, Any] = {
        "argv": masked_argv(shortened([str(argument) for argument in getattr(sys, "argv", [])])),
        "python": platform.python_version(),
        "executable": sys.executable,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "aim": __version__,
    }
    if module := _module():
        recorded["module"] = module
    with contextlib.suppress(OSError):
        recorded["cwd"] = os.getcwd()
    return recorded


def _module() -> str | None:
    """The argument of `python -m`; argv contains only the file that it resolved to."""
    name = getattr(getattr(sys.modules.get("__main__"), "__spec__", None), "name", None)
    return name.removesuffix(".__main__") if isinstance(name, str) and name != "__main__" else None


def shortened(argv: list[str]) -> list[str]:
    """A command line of limited length, with a mark at the cut."""
    shown: list[str] = []
    room = _ARGV_CHARACTERS
    for number, argument in enumerate(argv):
        shown.append(argument if len(argument) <= _ARGUMENT_CHARACTERS else argument[:_ARGUMENT_CHARACTERS] + "…")
        room -= len(shown[-1])
        if room < 0:
            return [*shown, f"… {len(argv) - number - 1} more"]
    return shown
