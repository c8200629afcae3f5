"""The keeper: looks after one command. It records the command as a run of which it is the main writer, so that a script
that imports aim joins it; copies what the command prints into the run; stops it when told to; and records how it ended.

In the foreground it is `aim run`. Detached it is a process of its own (`python -m aim.launch.keeper`), which needs
neither a server nor the one who started it. Standard library and aim.sdk only.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aim import layout
from aim.errors import AimError, LaunchError, RunExists
from aim.launch.kept import Spec, open_run
from aim.sdk.trouble import say

__all__ = ["Spec", "check_system", "keep", "start_detached"]

# What tells a process which run it belongs to: for a keeper that is itself inside of one, not its own.
_IDENTITY = ("AIM_RUN", "AIM_PROCESS", "AIM_ATTEMPT", "__AIM_AUTOMATED_EXEC__", "__AIM_BRANCH__", "__AIM_COMMIT__",
             "__AIM_PROCESS_UUID__")  # fmt: skip
_LOG_BYTES = 1 << 20


def check_system() -> None:
    """Raises LaunchError where commands cannot be supervised."""
    if os.name != "posix":
        raise LaunchError(
            "supervised commands need Linux or macOS: this system has no process groups, signals and terminals of that "
            "kind. Start the script itself; what it tracks is recorded all the same"
        )


def keep(spec: Spec, aim_dir: Path) -> int:
    """Run the command in the foreground, as if it had been started by itself; returns its exit status as a shell gives
    it. Raises AimError when no run can be recorded: nothing was started then."""
    check_system()
    if "AIM_PROCESS" in os.environ:
        for name in _IDENTITY:
            os.environ.pop(name, None)
    from aim.launch.watch import Watch

    cannot_start = _enter(spec)
    watch = Watch(foreground=True)
    run = open_run(spec, aim_dir)
    say(f"run {run.hash} records this command in {aim_dir}")
    ended = watch.run(spec, run, cannot_start)
    if ended.by and watch.on_terminal:
        watch.die_alike(ended)
    return ended.status


def start_detached(repo_root: Path, spec: Spec) -> str:
    """Start a keeper that outlives the caller; returns the id of the run as soon as it is recorded.

    A command that cannot be executed is a run that failed. Raises RunExists when a run of that hash exists, and
    LaunchError when no run can be recorded: nothing was started then.
    """
    check_system()
    aim_dir = layout.resolve(repo_root)
    whole = asdict(spec) | {"cwd": os.path.abspath(spec.cwd or os.getcwd())}
    answer = subprocess.run(
        [sys.executable, "-m", "aim.launch.keeper"],
        input=json.dumps({"repo": str(aim_dir), "spec": whole}).encode(),
        capture_output=True,
        # Not in the command's folder: `-m aim` would take an aim.py there for the package.
        cwd=place(aim_dir),
        env={name: value for name, value in os.environ.items() if name not in _IDENTITY},
        check=False,
    )
    try:
        told = json.loads(answer.stdout)
    except ValueError:
        raise LaunchError(
            f"the keeper ended before it recorded a run: {answer.stderr.decode(errors='replace').strip()[-2000:]}"
        ) from None
    if told.get("exists"):
        raise RunExists(told["error"])
    if "error" in told:
        raise LaunchError(told["error"])
    return str(told["id"])


def place(aim_dir: Path) -> Path:
    """The folder in which detached processes work, made if it is not there. Raises LaunchError."""
    folder = layout.launch_dir(aim_dir)
    try:
        layout.make_folder(folder, aim_dir)
    except OSError as error:
        raise LaunchError(
            f"commands cannot be started in this repository, because nothing can be recorded in it: {error.strerror}. "
            f"Ask its owner for access: {aim_dir}"
        ) from error
    return folder


def _enter(spec: Spec) -> LaunchError | None:
    """Go to the command's folder; what stands in the way."""
    try:
        if spec.cwd is not None:
            os.chdir(spec.cwd)
    except OSError as error:
        return LaunchError(f"the working folder {spec.cwd} cannot be entered: {error.strerror}")
    return None


def main() -> None:
    """A detached keeper: reads what to start, leaves the caller, and tells the run's id or why there is none."""
    order = json.loads(sys.stdin.buffer.read())
    spec = Spec(**{**order["spec"], "waits": tuple(order["spec"]["waits"])})
    hear, tell = os.pipe()
    if os.fork():
        os.close(tell)
        with open(hear, "rb") as answer:
            sys.stdout.buffer.write(answer.read())
        sys.stdout.flush()
        os._exit(0)
    os.close(hear)
    aim_dir = Path(order["repo"])
    leave(aim_dir)
    _keep_detached(spec, aim_dir, tell)


def _keep_detached(spec: Spec, aim_dir: Path, tell: int) -> None:
    from aim.launch.watch import Watch

    cannot_start = _enter(spec)
    watch = Watch(foreground=False)
    try:
        run = open_run(spec, aim_dir)
    except (AimError, OSError) as error:
        _answer(tell, {"error": str(error), "exists": isinstance(error, RunExists)})
        return
    _answer(tell, {"id": run.id})
    watch.run(spec, run, cannot_start)


def _answer(tell: int, told: Mapping[str, Any]) -> None:
    with contextlib.suppress(OSError), open(tell, "wb") as out:
        out.write(json.dumps(told).encode())


def leave(aim_dir: Path) -> None:
    """Become a process that no terminal and no caller ends. What it has to say goes to a file."""
    os.setsid()
    log = place(aim_dir) / "messages.log"
    with contextlib.suppress(OSError):
        if log.stat().st_size > _LOG_BYTES:
            os.truncate(log, 0)
    nothing = os.open(os.devnull, os.O_RDWR)
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for fd, instead in ((0, nothing), (1, nothing), (2, said)):
        os.dup2(instead, fd)
    os.close(nothing)
    os.close(said)


if __name__ == "__main__":
    main()
