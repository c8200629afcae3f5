"""The keeper: looks after one command. It records the command as a run of which it is the main writer, so that a script
that imports aim joins it; copies what the command prints into the run; stops it when told to; and records how it ended.

In the foreground it is `aim run`. Detached it is a process of its own (`python -m aim.launch.keeper`), which needs
neither a server nor the one who started it. Standard library and aim.sdk only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WAITS = (10.0, 10.0)


@dataclass(frozen=True)
class Spec:
    """What to start, and what is recorded of it.

    - `argv`: the program and its arguments, each as it is: no shell sees them.
    - `cwd`: an absolute folder; None is the caller's. `env`: added to the caller's environment.
    - `hash`: the run is called so, and nothing starts when such a run exists; None is a new run with a random id.
      `name`: its readable name.
    - `params`: recorded as params, of a trial in the group `trial`.
    - `template`, `queue`, `trial`: ids that are recorded as facts. `asked_by`: {user, via, address}.
    - `waits`: when it is stopped, seconds from SIGINT to SIGTERM, and from there to SIGKILL.
    """

    argv: Sequence[str]
    cwd: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    experiment: str | None = None
    hash: str | None = None
    name: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    template: str | None = None
    queue: str | None = None
    trial: int | None = None
    asked_by: Mapping[str, Any] = field(default_factory=dict)
    waits: tuple[float, float] = WAITS


def start_detached(repo_root: Path, spec: Spec) -> str:
    """Start a keeper that outlives the caller; returns the id of the run as soon as it is recorded.

    A command that cannot be executed is a run that failed. Raises RunExists when a run of that hash exists, and
    LaunchError when no run can be recorded: nothing was started then.
    """
    raise NotImplementedError
