"""What every integration needs: a run to record to, one way to name metrics, and a boundary around its own mistakes."""

from __future__ import annotations

import atexit
import contextlib
import functools
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ParamSpec
from weakref import WeakSet

import aim
from aim.errors import MissingDependency
from aim.sdk.session import current
from aim.sdk.trouble import Trouble

_P = ParamSpec("_P")
_trouble = Trouble()
_open: WeakSet[Recording] = WeakSet()
_exit_hooked = False
_STOPPED = "the training stopped before its end"
_SUBSETS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "eval": "val",
    "evaluation": "val",
    "test": "test",
}
_PREFIX = re.compile(rf"({'|'.join(sorted(_SUBSETS, key=len, reverse=True))})[_/](?=.)")


class Recording:
    """The run of one training: the one that was given, else the session that is open, else one opened here.

    What was opened here is ended here, as failed when the training never reached its end. `ends=False` is for libraries
    that do not tell when a training ends: the run then ends with the object that records.
    """

    def __init__(
        self,
        given: aim.Run | aim.Session | None = None,
        *,
        repo: str | None = None,
        experiment: str | None = None,
        ends: bool = True,
    ) -> None:
        if given is not None and not isinstance(given, (aim.Run, aim.Session)):
            raise TypeError(
                f"run must be an aim.Run or aim.Session, not {given!r:.80}; write aim.Run({str(given)!r:.40})"
            )
        self._given = given.run if isinstance(given, aim.Session) else given
        self._where: dict[str, Any] = {"repo": repo, "experiment": experiment}
        self._unfinished = _STOPPED if ends else None
        self._own: aim.Session | None = None
        self._run: aim.Run | None = self._given

    @property
    def run(self) -> aim.Run:
        """Raises what aim.Run raises when a run has to be opened and cannot be."""
        if self._run is None:
            self._run = self._choose()
        return self._run

    def begin(self) -> aim.Run:
        """Called when a training begins: what an earlier one left open has failed."""
        self.end(self._unfinished)
        return self.run

    def end(self, error: BaseException | str | None = None) -> None:
        if self._own is not None:
            self._own.run.close(error=error)
            self._own = None
        self._run = self._given
        _open.discard(self)

    def __del__(self) -> None:
        if getattr(self, "_own", None) is not None:
            self.end(self._unfinished)

    def __getstate__(self) -> dict[str, Any]:
        """For copies and other processes: they have what was given, and open nothing twice."""
        return {**self.__dict__, "_own": None, "_given": None, "_run": None}

    def _choose(self) -> aim.Run:
        session = current()
        if session is not None and not any(self._where.values()) and all(one._own is not session for one in _open):
            return session.run
        self._own = aim.Session(**self._where)
        _open.add(self)
        _hook_exit()
        return self._own.run


def harmless(call: Callable[_P, None]) -> Callable[_P, None]:
    """What goes wrong in `call` is told once and never reaches the training."""

    @functools.wraps(call)
    def inner(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            call(*args, **kwargs)
        except Exception as error:
            _trouble.failed(call.__qualname__, error)

    return inner


@contextlib.contextmanager
def needed(package: str) -> Iterator[None]:
    """Around the imports of a framework: says what to install when it is not there."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingDependency(
            f"this needs the package {error.name!r}, which is not installed. Run: pip install {package}"
        ) from error


def subset(name: str) -> str:
    """`eval`, `valid` and `validation` are `val` everywhere; a name of the user's own stays as it is."""
    return _SUBSETS.get(name.lower(), name)


def place(name: str, otherwise: str | None = None) -> tuple[str, dict[str, str]]:
    """The metric and context of a name with a prefix: `eval_loss`, `valid/loss` are `loss` with subset='val'."""
    found = _PREFIX.match(name)
    if found is not None:
        return _plain(name[found.end() :]), {"subset": _SUBSETS[found[1]]}
    return _plain(name), {"subset": otherwise} if otherwise else {}


def scalars(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `values` that are numbers."""
    return {name: value for name, value in values.items() if isinstance(value, (int, float)) or hasattr(value, "item")}


def _plain(name: str) -> str:
    return "lr" if name == "learning_rate" else name


def _hook_exit() -> None:
    global _exit_hooked
    if not _exit_hooked:
        _exit_hooked = True
        atexit.register(_exit)


def _exit() -> None:
    """Before the SDK ends what is open: a training without an end has failed, by its exception where there is one."""
    if getattr(sys, "last_value", None) is None:
        for recording in list(_open):
            recording.end(recording._unfinished)
