"""The common part of all integrations: a run to record to, one way to name metrics, and a boundary for their own
errors."""

from __future__ import annotations

import atexit
import contextlib
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ParamSpec, TypedDict
from weakref import WeakSet, ref

import aim
from aim.errors import MissingDependency
from aim.sdk import exits
from aim.sdk.aim3 import ours
from aim.sdk.session import current
from aim.sdk.trouble import Trouble

if TYPE_CHECKING:
    from typing_extensions import Unpack

_P = ParamSpec("_P")
_OWN = ("repo", "experiment", "system_interval", "environment", "console")
# The run of an integration, under the name that Aim 3 gives it.
EXPERIMENT = property(attrgetter("_recording.run"), doc="The run that is recorded to.")
_trouble = Trouble()
_open: WeakSet[TrainingRun] = WeakSet()
_exit_hooked = False
_SUBSETS = {
    "train": "train",
    "training": "train",
    "learn": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "eval": "val",
    "evaluation": "val",
    "test": "test",
}
_PREFIX = re.compile(rf"({'|'.join(sorted(_SUBSETS, key=len, reverse=True))})[_/](?=.)")


class Where(TypedDict, total=False):
    """Arguments of aim.Session for a run that an integration opens, also under their names in Aim 3."""

    repo: str | None
    experiment: str | None
    system_interval: float | None
    environment: bool | None
    console: bool | None
    experiment_name: str | None
    system_tracking_interval: float | None
    log_system_params: bool | None
    capture_terminal_logs: bool | None


class TrainingRun:
    """The run of one training: the given one, else the open session, else one opened here.

    A run opened here is ended here, as failed if the training never reached its end. `ends=False` is for libraries that
    do not report the end of a training: the run then ends with the object that records.
    """

    def __init__(
        self, given: aim.Run | aim.Session | None = None, *, ends: bool = True, **where: Unpack[Where]
    ) -> None:
        if given is not None and not isinstance(given, (aim.Run, aim.Session)):
            raise TypeError(
                f"run must be an aim.Run or aim.Session, not {given!r:.80}; write aim.Run({str(given)!r:.40})"
            )
        self._given = given.run if isinstance(given, aim.Session) else given
        self._where = session_arguments(where)
        self._ends = ends
        self._forget()

    def _forget(self) -> None:
        self._run: aim.Run | None = self._given
        self._own: aim.Session | None = None
        self._ended: aim.Session | None = None
        self._training = False
        self._of: Callable[[], Any] | None = None

    def begin(self, of: object) -> aim.Run:
        """A training of the model `of` begins: in the same run if the last training had the same model, else in a new
        one.

        Raises what aim.Run raises if a run cannot be opened.
        """
        other = self._of is not None and self._of() is not of
        if other or (self._run is not None and self._run.closed):
            self.end(self._unfinished())
            self._forget()
        self._of = _weakly(of)
        self._training = self._ends
        return self.run

    @property
    def run(self) -> aim.Run:
        """The run to record to. After its end, the same run is opened again."""
        if self._run is None:
            self._run = self._choose()
        return self._run

    def end(self, error: BaseException | str | None = None) -> None:
        """The training has ended."""
        self._training = False
        if self._own is not None:
            self._own.run.close(error=error)
            self._ended, self._own, self._run = self._own, None, None
        _open.discard(self)

    def __del__(self) -> None:
        if getattr(self, "_own", None) is not None:
            self.end(self._unfinished())

    def __deepcopy__(self, memo: dict[int, Any]) -> TrainingRun:
        return TrainingRun(self._given, **self._where, ends=self._ends)

    def __reduce__(self) -> tuple[Any, ...]:
        """In another process: its own run in the same place."""
        run = self._given
        where = {"repo": run.repo_path, "experiment": run.experiment} if run is not None else self._where
        return functools.partial(TrainingRun, **where, ends=self._ends), ()

    def _choose(self) -> aim.Run:
        session = current()
        if self._ended is not None:
            self._own = aim.Session(self._ended.repo_path, run=self._ended.run.id, resume=True)
        elif session is None or self._is_elsewhere or any(other._own is session for other in _open):
            self._own = aim.Session(**self._where)
        else:
            return session.run
        _open.add(self)
        _hook_exit()
        return self._own.run

    @property
    def _is_elsewhere(self) -> bool:
        return bool(self._where["repo"] or self._where["experiment"])

    def _unfinished(self) -> str | None:
        return "the training stopped before its end" if self._training else None


def harmless(call: Callable[_P, None]) -> Callable[_P, None]:
    """Errors in `call` are printed once and never reach the training."""

    @functools.wraps(call)
    def inner(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            call(*args, **kwargs)
        except Exception as error:
            _trouble.failed(f"{call.__qualname__}()", error)

    return inner


def session_arguments(where: Where) -> dict[str, Any]:
    """All arguments of aim.Session that say where and what a run records; None where nothing is chosen."""
    aim3: dict[str, Any] = {**where}
    return ours("AimCallback", {name: aim3.pop(name, None) for name in _OWN}, aim3)


@contextlib.contextmanager
def needed(package: str) -> Iterator[None]:
    """Wraps the imports of a framework, and says what to install if it is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingDependency(
            f"this needs the package {error.name!r}, which is not installed. Run: pip install {package}"
        ) from error


def subset(name: str) -> str:
    """`eval`, `valid` and `validation` become `val`; other names stay as they are."""
    return _SUBSETS.get(name.lower(), name)


def place(name: str, otherwise: str | None = None) -> tuple[str, dict[str, str]]:
    """The metric and context of a name with a prefix: `eval_loss`, `valid/loss` are `loss` with subset='val'."""
    match = _PREFIX.match(name)
    if match is not None:
        return _plain(name[match.end() :]), {"subset": _SUBSETS[match[1]]}
    return _plain(name), {"subset": otherwise} if otherwise else {}


def scalars(values: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of `values` that are numbers."""
    return {name: value for name, value in values.items() if isinstance(value, (int, float)) or hasattr(value, "item")}


def _weakly(holder: object) -> Callable[[], Any]:
    try:
        return ref(holder)
    except TypeError:
        return lambda: holder


def _plain(name: str) -> str:
    return "lr" if name == "learning_rate" else name


def _hook_exit() -> None:
    global _exit_hooked
    if not _exit_hooked:
        _exit_hooked = True
        atexit.register(_exit)


def _exit() -> None:
    """Before the SDK ends open runs: a training that did not end has failed, with its exception if there is one."""
    if exits.reason(at_exit=True) is None:
        for recording in list(_open):
            recording.end(recording._unfinished())
