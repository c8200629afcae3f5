"""The name that the environment gives to the first run that a process opens: from a launcher, or from AIM_RUN."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from aim.sdk.arguments import repository

_used = False


class Launched(NamedTuple):
    """The choices of a launcher for the process that it started. `repo` is where they apply; None means everywhere."""

    run: str | None
    experiment: str | None
    repo: str | None


def launched(environ: Mapping[str, str]) -> Launched | None:
    """The variables of Aim 2's launcher, which `aim run` sets too."""
    if not environ.get("__AIM_AUTOMATED_EXEC__", "").strip("0"):
        return None
    names = ("__AIM_COMMIT__", "__AIM_BRANCH__", "AIM_REPO")
    return Launched(*(environ.get(name) or None for name in names))


def named(run: str | None, experiment: str | None, aim_dir: Path) -> tuple[str | None, str | None]:
    """The name and experiment of a run to open. A launcher overrides the arguments; AIM_RUN names a run without one."""
    global _used
    launch = launched(os.environ)
    if launch is not None and not _used and _same_repository(launch.repo, aim_dir):
        _used = True
        run, experiment = launch.run or run, launch.experiment or experiment
    if run is None and not _used and (from_environment := os.environ.get("AIM_RUN")):
        _used = True
        run = from_environment
    return run, experiment


def _same_repository(repo: str | None, aim_dir: Path) -> bool:
    return repo is None or os.path.realpath(repository(repo, create=False)) == os.path.realpath(aim_dir)


def started_as(run_id: str) -> bool:
    """Whether `aim run` started this process as the command of this run."""
    return os.environ.get("AIM_PROCESS") == run_id
