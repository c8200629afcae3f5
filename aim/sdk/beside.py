"""Starts processes beside a training: grandchildren, so that the user's own os.wait() never returns them."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from aim.interpreter import python


def start(
    script: Path,
    *arguments: str,
    pass_fds: Sequence[int] = (),
    env: Mapping[str, str] | None = None,
    packages: bool = False,
) -> None:
    """Run a file of Aim in a session of its own: with the standard library alone, or with installed `packages`. Raises
    OSError and SubprocessError."""
    command = [python(), "-I", *([] if packages else ["-S"]), str(script), *arguments]
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
