"""Starts processes beside a training: grandchildren, so that the user's own os.wait() never returns them."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from aim.interpreter import python


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
