"""Session and the module-level functions: the API of Aim 2, on top of Run."""

from __future__ import annotations

import os
import time as clock
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aim import layout
from aim.errors import RepoError, RunError
from aim.handlers import let_through
from aim.plain import text_of
from aim.sdk.arguments import repository, text
from aim.sdk.run import Run, exiting, recording_of
from aim.sdk.trouble import say
from aim.threads import Turn

if TYPE_CHECKING:
    from aim.log.direction import Direction

_RETRY_SECONDS = 5.0


class Session:
    """One run, opened with the arguments of Aim 2.

    - `repo`, `experiment`, `run`, `resume`, `resume_from`, `system_interval`, `environment`, `console`: as in Run.
    - `flush_frequency`, `block_termination`: accepted and checked, without effect. Every point is written when `track`
      returns, so there is nothing to flush every N steps and nothing to wait for at the end.

    A run that `aim.set_params` opened before in this process, in the same repository and without metrics, is continued
    by a session that names no other run and chooses no `system_interval`, `environment` or `console`.
    """

    def __init__(
        self,
        repo: str | os.PathLike[str] | None = None,
        experiment: str | None = None,
        flush_frequency: int = 128,
        block_termination: bool = True,
        run: str | None = None,
        *,
        resume: bool = False,
        resume_from: int | None = None,
        system_interval: float | None = None,
        environment: bool | Sequence[str] | None = None,
        console: bool | None = None,
    ) -> None:
        if isinstance(flush_frequency, bool) or not isinstance(flush_frequency, int) or flush_frequency < 0:
            raise ValueError(f"flush_frequency={flush_frequency!r} must be an integer number of steps, 0 or more")
        if not isinstance(block_termination, bool):
            raise TypeError(f"block_termination={block_termination!r} must be True or False")
        self._opened_at = 0  # The process in which a module-level function opened this session.
        began = None
        if run is None and resume is False and resume_from is system_interval is environment is console is None:
            began = _only_params(repo, experiment)
        self.run = began or Run(
            run,
            repo=repo,
            experiment=experiment,
            resume=resume,
            resume_from=resume_from,
            system_interval=system_interval,
            environment=environment,
            console=console,
        )
        self._recording = recording_of(self.run)
        _sessions[:] = [*(session for session in _sessions if not session.run.closed), self]

    def __getstate__(self) -> dict[str, Any]:
        """A copy takes the recording from its run."""
        return {name: value for name, value in vars(self).items() if name != "_recording"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._recording = recording_of(self.run)

    @property
    def run_hash(self) -> str:
        return self.run.hash

    @property
    def repo_path(self) -> str:
        """The `.aim` folder."""
        return self.run.repo_path

    def track(
        self, value: Any, name: str | None = None, epoch: float | None = None, step: int | None = None, **context: Any
    ) -> None:
        """Record one point; other keywords are the metric's context. `context=` takes a whole one, as in Run."""
        if "context" in context:
            _track_in(self.run, value, name, step, epoch, context)
        else:
            self.run.track(value, name, step, epoch, context=context)

    def set_params(self, params: Mapping[str, Any] | Any, name: str | None = None) -> None:
        self.run.set_params(params, name)

    def define_metric(self, name: str, *more: Any, direction: Direction | None = None, **others: Any) -> None:
        self.run.define_metric(name, *more, direction=direction, **others)

    def __setitem__(self, key: str | tuple[str, ...], value: Any) -> None:
        self.run[key] = value

    def __getitem__(self, key: str | tuple[str, ...]) -> Any:
        return self.run[key]

    def log_debug(self, message: object, /, **params: Any) -> None:
        self.run.log_debug(message, **params)

    def log_info(self, message: object, /, **params: Any) -> None:
        """Record a line of text with params. The run shows it; nothing is printed."""
        self.run.log_info(message, **params)

    def log_warning(self, message: object, /, **params: Any) -> None:
        self.run.log_warning(message, **params)

    def log_error(self, message: object, /, **params: Any) -> None:
        self.run.log_error(message, **params)

    def flush(self) -> None:
        self.run.flush()

    def close(self) -> None:
        self.run.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error: Any) -> None:
        self.run.__exit__(*error)


def _track_in(
    run: Run, value: Any, name: str | None, step: int | None, epoch: float | None, context: dict[str, Any]
) -> None:
    """`Run.track` for a call that may give a whole context as `context={...}`, whose own code may raise."""
    given = context.pop("context")
    try:
        if isinstance(given, Mapping):
            context = {**given, **context}
        elif given is not None:
            context["context"] = given
    except Exception as error:
        let_through(error)
        recording_of(run).trouble.failed(f"track({text_of(name):.100})", error)
    else:
        run.track(value, name, step, epoch, context=context)


_sessions: list[Session] = []
_opening = Turn()
_refused_at = -_RETRY_SECONDS


def track(
    value: Any, name: str | None = None, epoch: float | None = None, step: int | None = None, **context: Any
) -> None:
    """Record one point in the first open session. Opens one when there is none."""
    if "context" in context:
        if (session := current() or _open_default()) is not None:
            _track_in(session.run, value, name, step, epoch, context)
    # As `current`, which takes a tenth of the time of a call.
    elif _sessions and not (first := _sessions[0])._recording.closed:
        first.run.track(value, name, step, epoch, context=context)
    elif (session := current() or _open_default()) is not None:
        session.run.track(value, name, step, epoch, context=context)


def set_params(params: Mapping[str, Any] | Any, name: str | None = None) -> None:
    """Add params to the first open session. Opens one when there is none."""
    session = current() or _open_default()
    if session is not None:
        session.run.set_params(params, name)


def flush() -> None:
    """Wait until everything that the first open session recorded is on the disk."""
    session = current()
    if session is not None:
        session.run.flush()


def init(path: str | os.PathLike[str] | None = None) -> str:
    """Create a repository in `path` (default: the working directory), or keep an existing one.

    Returns its `.aim` folder. Raises RepoError when it cannot be created.
    """
    chosen = path if path is not None else os.environ.get("AIM_REPO") or os.getcwd()
    aim_dir = repository(chosen, create=False)
    try:
        layout.create(aim_dir)
    except OSError as error:
        raise RepoError(f"cannot create a repository at {aim_dir}: {error.strerror}") from error
    return str(aim_dir)


def current() -> Session | None:
    """The session that the module-level functions record to, when one is open."""
    for session in tuple(_sessions):
        if not session.run.closed:
            return session
    return None


def _only_params(repo: str | os.PathLike[str] | None, experiment: str | None) -> Run | None:
    """The open run that `aim.set_params` began in this process and repository, now in `experiment`."""
    session = current()
    if session is None or session._opened_at != os.getpid() or not session._recording.series.only_system():
        return None
    run = session.run
    if os.path.realpath(repository(repo, create=False)) != os.path.realpath(run.repo_path):
        return None
    session._opened_at = 0
    experiment = text("experiment", experiment)
    if experiment is not None and experiment != run.experiment:
        run.experiment = experiment
    say(f"this session continues run {run.hash!r}, which aim.set_params opened, in experiment {run.experiment!r}")
    return run


def _open_default() -> Session | None:
    """The session behind the module-level functions. Errors print a warning once; opening is retried later."""
    global _refused_at
    with _opening:
        if (session := current()) is not None:
            return session
        if exiting() or clock.monotonic() - _refused_at < _RETRY_SECONDS:
            return None
        try:
            session = _named_or_new()
            session._opened_at = os.getpid()
            return session
        except Exception as error:
            let_through(error)
            if _refused_at < 0:
                say(f"nothing is recorded until a run can be opened: {error}")
            _refused_at = clock.monotonic()
            return None


def _named_or_new() -> Session:
    try:
        return Session()
    except RunError as error:
        session = Session()
        asked = os.environ.get("AIM_RUN")
        say(f"AIM_RUN={asked!r} could not be used: {error}. Recording to run {session.run_hash!r} instead")
        return session
