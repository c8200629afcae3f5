"""The runner supervises one command.

It records the command as a run and is the run's main writer; a script that imports aim joins it. It copies the
command's output into the run, stops it on request, and records how it ended. In the foreground it is `aim run`.
Detached, it is a separate process (`python -m aim.launch.runner`) that needs neither a server nor its caller. Standard
library and aim.sdk only.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aim import layout
from aim.errors import AimError, LaunchError, RunExists
from aim.launch import detached
from aim.launch.kept import Spec, open_run
from aim.sdk.trouble import say

__all__ = ["Spec", "check_system", "keep", "start_detached"]


def check_system() -> None:
    """Raises LaunchError if commands cannot be supervised on this system."""
    if os.name != "posix":
        raise LaunchError(
            "starting commands needs Linux or macOS, because Aim uses process groups, signals and "
            "pseudo-terminals. Run the script directly; everything it tracks is still recorded"
        )


def keep(spec: Spec, aim_dir: Path) -> int:
    """Run the command in the foreground, as if it had been started directly; returns its exit status as a shell reports
    it.

    Raises AimError if no run can be recorded; then nothing was started.
    """
    check_system()
    if "AIM_PROCESS" in os.environ:
        for name in detached.IDENTITY:
            os.environ.pop(name, None)
    from aim.launch.watch import Watch

    cannot_start = _enter(spec)
    watch = Watch(foreground=True)
    run = open_run(spec, aim_dir)
    if run.records:
        say(f"run {run.hash} records this command in {run.place}")
    ended = watch.run(spec, run, cannot_start)
    watch.die_alike(ended)
    return ended.status


def start_detached(repo_root: Path, spec: Spec) -> str:
    """Start a runner that outlives the caller; returns the id of the run as soon as it is recorded.

    A command that cannot be executed becomes a failed run. Raises RunExists if a run with that hash exists, and
    LaunchError if no run can be recorded; then nothing was started.
    """
    check_system()
    whole = asdict(spec) | {"cwd": os.path.abspath(spec.cwd or os.getcwd())}
    told = detached.start("aim.launch.runner", layout.resolve(repo_root), {"spec": whole})
    if told.get("exists"):
        raise RunExists(told["error"])
    if "error" in told:
        raise LaunchError(told["error"])
    return str(told["id"])


def _enter(spec: Spec) -> LaunchError | None:
    """Change to the command's folder; returns the obstacle, if any."""
    try:
        if spec.cwd is not None:
            os.chdir(spec.cwd)
    except OSError as error:
        return LaunchError(f"cannot enter the working folder {spec.cwd}: {error.strerror}")
    return None


def _keep_detached(aim_dir: Path, order: Mapping[str, Any], tell: detached.Tell) -> None:
    from aim.launch.watch import Watch

    spec = Spec(**{**order["spec"], "waits": tuple(order["spec"]["waits"])})
    cannot_start = _enter(spec)
    watch = Watch(foreground=False)
    try:
        run = open_run(spec, aim_dir)
    except (AimError, OSError) as error:
        tell({"error": str(error), "exists": isinstance(error, RunExists)})
        return
    tell({"id": run.id})
    watch.run(spec, run, cannot_start)


def main() -> None:
    detached.begin(_keep_detached)


if __name__ == "__main__":
    main()
