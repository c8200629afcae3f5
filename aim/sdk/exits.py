"""Why the process ends, as its runs record it: an exception that nobody handled, or a nonzero status of `sys.exit`.

Python does not tell its exit status, so `sys.exit`, `exit` and `quit` note it until somebody handles their SystemExit.
The one that ends the process is freed when no frame is left, any other while Python code runs. One in a reference
cycle, such as asyncio makes, is not freed in time. Then the script's `__file__` tells, which Python deletes from a
script that comes to its end.
"""

from __future__ import annotations

import builtins
import functools
import sys
import threading
from collections.abc import Callable
from typing import Any, NoReturn

from aim.plain import text_of
from aim.sdk import notebook


class _Note:
    """What was asked of `sys.exit`. `is_over`: its SystemExit was freed and nobody had handled it."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self.is_over = False


class _Leaving:
    """A local variable of the frame that raised a SystemExit: both are freed together."""

    def __init__(self, note: _Note) -> None:
        self._note = note

    def __del__(self) -> None:
        global _note
        self._note.is_over = _is_last(1)
        if _note is self._note and not _note.is_over:
            _note = None


_note: _Note | None = None
_has_file = False


def watch() -> None:
    """Note exit statuses from now on."""
    global _has_file
    _has_file = "__file__" in vars(sys.modules["__main__"])
    sys.exit = _noting(sys.exit)
    quitter = type(getattr(builtins, "exit", None))
    if quitter.__module__ == "_sitebuiltins":
        quitter.__call__ = _noting(quitter.__call__)  # type: ignore[method-assign]


def reason(*, at_exit: bool) -> BaseException | str | None:
    """What makes the runs of this process failed; None if it ends well. Else than `at_exit`, `Run.__del__` asks."""
    if notebook.active() or hasattr(sys, "ps1"):
        return None
    if at_exit and (error := _uncaught()) is not None:
        return error
    if _note is None or not (_note.is_over or (not _came_to_its_end() if at_exit else _is_last(2))):
        return None
    return _note.reason


def status(error: SystemExit) -> str | None:
    """The exit status of a SystemExit, with the exception that led to it; None for 0."""
    code = error.code
    if code is None or (isinstance(code, int) and not code & 0xFF):
        return None
    text = f"exit status {code & 0xFF}" if isinstance(code, int) else f"exit status 1: {text_of(code)}"
    cause = error.__context__
    if cause is None or isinstance(cause, SystemExit) or text_of(cause) == text_of(code):
        return text
    return f"{text} after {type(cause).__name__}: {text_of(cause)}".rstrip(": ")


def _noting(leave: Callable[..., NoReturn]) -> Callable[..., NoReturn]:
    @functools.wraps(leave)
    def noted(*args: Any, **options: Any) -> NoReturn:
        global _note
        if threading.current_thread() is not threading.main_thread():
            leave(*args, **options)
        note = _Note()
        leaving = _Leaving(note)  # noqa: F841
        try:
            leave(*args, **options)
        except SystemExit as error:
            note.reason = status(error)
            _note = note
            raise

    return noted


def _is_last(frames: int) -> bool:
    """Whether the caller and the frames above it (`frames` in total) are the only frames of this thread."""
    try:
        sys._getframe(frames + 1)
    except ValueError:
        return True
    return False


def _came_to_its_end() -> bool:
    return _has_file and "__file__" not in vars(sys.modules["__main__"])


def _uncaught() -> BaseException | None:
    """The exception that ended the script. Other exceptions are printed as if they had, such as those of a failed
    test."""
    error = getattr(sys, "last_value", None)
    trace = getattr(error, "__traceback__", None)
    if not isinstance(error, BaseException) or trace is None:
        return None
    code, namespace = trace.tb_frame.f_code, trace.tb_frame.f_globals
    of_script = code.co_name == "<module>" and namespace is vars(sys.modules["__main__"])
    return error if of_script or code.co_name == "_run_module_as_main" else None
