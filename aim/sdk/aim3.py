"""Aim 3's names for what a run does: arguments, and methods of Run. docs/aim3.md maps each to ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypedDict

from aim.errors import RunError
from aim.handlers import let_through

if TYPE_CHECKING:
    import os

    from aim.artifacts.artifact import Artifact


class RunArguments(TypedDict, total=False):
    run_hash: str | None
    read_only: bool
    force_resume: bool
    system_tracking_interval: float | None
    log_system_params: bool | None
    capture_terminal_logs: bool | None


# Aim 3's arguments and ours.
_OURS = {
    "run_hash": "run",
    "experiment_name": "experiment",
    "system_tracking_interval": "system_interval",
    "log_system_params": "environment",
    "capture_terminal_logs": "console",
}
# Of these, Aim 3 turns off by None what None leaves at its default here.
_OFF = {"system_interval": 0, "environment": False, "console": False}
# It changes nothing here: no process locks a run.
_UNUSED = "force_resume"


def ours(call: str, given: Mapping[str, Any], aim3: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `call`: those that were given, with Aim 3's under our names. `run_hash` continues a run."""
    arguments = dict(given)
    for name, value in aim3.items():
        own = _OURS.get(name, "")
        if own not in given:
            if name == _UNUSED and "resume" in given:
                continue
            known = (old for old, new in _OURS.items() if new in given)
            raise TypeError(
                f"{call}() got an unexpected keyword argument {name!r:.100}; it takes {', '.join(given)} and, as in "
                f"Aim 3, {', '.join(known)}"
            )
        if given[own] is not None:
            raise TypeError(f"{call}() got {own}= and {name}=, which mean the same: keep {own}=")
        arguments[own] = _OFF.get(own) if value is None else value
        if own == "run" and value is not None:
            arguments["resume"] = True
    return arguments


_read: Callable[[Any, str], Any] | None = None


def read_with(read: Callable[[Any, str], Any]) -> None:
    """`read` gives the recorded run of a repository and a name. This layer knows no repositories."""
    global _read
    _read = read


def recorded(repo: Any, run: object) -> Any:
    """A run as `aim.Repo(repo).run(run)` gives it."""
    if not isinstance(run, str):
        raise RunError(f"read_only=True reads a recorded run by its name, not {run!r:.40}; write aim.Repo().runs")
    assert _read is not None, "aim/__init__.py says how runs are read"
    return _read(repo, run)


class Aim3Calls:
    """Methods of Aim 3's Run that ours has under other names."""

    if TYPE_CHECKING:

        @property
        def id(self) -> str: ...
        @property
        def repo_path(self) -> str: ...
        @property
        def closed(self) -> bool: ...
        def __getitem__(self, key: Any) -> Any: ...
        def __setitem__(self, key: Any, value: Any) -> None: ...
        def close(self) -> None: ...
        def flush(self) -> None: ...
        def log_artifact(self, path: Any, name: str | None = None) -> Artifact | None: ...

    def __new__(cls, *args: Any, read_only: bool = False, **others: Any) -> Any:
        if read_only:
            return recorded(others.get("repo"), args[0] if args else others.get("run", others.get("run_hash")))
        return super().__new__(cls)

    def set(self, key: Any, val: Any, strict: bool = True) -> None:
        """The same as `run[key] = val`."""
        self[key] = val

    def get(self, key: Any, default: Any = None, strict: bool = True, resolve_objects: bool = False) -> Any:
        """The params that this handle has set at `key`, else `default`."""
        try:
            return self[key]
        except Exception as error:
            let_through(error)
            return default

    def log_artifacts(self, path: str | os.PathLike[str], name: str | None = None, *, block: bool = False) -> Any:
        """The same as `log_artifact`, which takes folders too."""
        return self.log_artifact(path, name)

    @property
    def active(self) -> bool:
        return not self.closed

    def finalize(self) -> None:
        """The same as `close`."""
        self.close()

    def report_progress(self, expect_next_in: int = 0, block: bool = False) -> None:
        """A run shows by itself that it is alive; `block` waits for the disk."""
        if block:
            self.flush()

    def report_successful_finish(self, block: bool = True) -> None:
        """The run is finished when it is closed; `block` waits for the disk."""
        if block:
            self.flush()

    # What is recorded so far, as `aim.Repo().run(run.id)` gives it

    def metrics(self) -> Any:
        """The series of all metrics."""
        return recorded(self.repo_path, self.id).metrics()

    def get_metric(self, name: str, context: Any = None) -> Any:
        """The series of a metric in exactly this context; None if there is none."""
        return recorded(self.repo_path, self.id).get_metric(name, context)

    def dataframe(self, *args: Any, **others: Any) -> Any:
        """The points of all metrics as a pandas DataFrame."""
        return recorded(self.repo_path, self.id).dataframe()
