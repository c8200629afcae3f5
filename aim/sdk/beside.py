"""Starts processes beside a training: grandchildren, so that the user's own os.wait() never returns them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_PYTHON = re.compile(r"(?:python|pypy)[\d.]*t?(?:\.exe)?", re.IGNORECASE)


def start(script: Path, *arguments: str, pass_fds: Sequence[int] = (), env: Mapping[str, str] | None = None) -> None:
    """Run a file of Aim, which needs only the standard library, in a session of its own. Raises OSError and
    SubprocessError."""
    command = [python(), "-I", "-S", str(script), *arguments]
    quiet = subprocess.DEVNULL
    subprocess.run(
        ["/bin/sh", "-c", '"$@" &', "sh", *command],
        stdin=quiet,
        stdout=quiet,
        stderr=quiet,
        cwd="/",
        start_new_session=True,
        pass_fds=pass_fds,
        env=env,
        check=True,
    )


def python() -> str:
    """This interpreter. An application that embeds Python names itself as the executable, and must not be started."""
    candidates = [sys.executable, *(os.path.join(prefix, "bin", "python3") for prefix in (sys.prefix, sys.base_prefix))]
    for path in candidates:
        if path and _PYTHON.fullmatch(os.path.basename(path)) and os.access(path, os.X_OK):
            return path
    raise OSError(f"no Python interpreter was found beside {sys.executable!r}")
