"""Why the process ends, as its runs record it: an unhandled exception, or a nonzero status of `sys.exit`.

Python does not expose its exit status. Since 3.12 it calls `_left` when an exception leaves a function
(`sys.monitoring`): a SystemExit that leaves the script ends the process.

Before 3.12, `sys.exit`, `exit` and `quit` keep the status until their SystemExit is freed. If Python code still runs
then, somebody handled it; if no frame is left, it ended the process. A SystemExit in a reference cycle, such as asyncio
makes, is not freed in time. Then the script's `__file__` decides: Python deletes it when a script runs to its end.
"""

from __future__ import annotations

import builtins
import functools
import sys
from collections.abc import Callable
from types import CodeType
from typing import Any, NoReturn

from aim.plain import text_of
from aim.sdk import notebook

# Tool ids that Python does not reserve for debuggers, coverage, profilers and optimizers.
_TOOLS = (4, 3)
_SCRIPT, _MODULE_RUNNER = "<module>", "_run_module_as_main"
_OUTERMOST = (_SCRIPT, _MODULE_RUNNER)


class _ExitNote:
    """A call of `sys.exit`. `is_over`: its SystemExit was freed and nobody had handled it."""

    def __init__(self, reason: str | None = None, *, is_over: bool = False) -> None:
        self.reason = reason
        self.is_over = is_over


class _Leaving:
    """A local variable of the frame that raised a SystemExit: both are freed together."""

    def __init__(self, note: _ExitNote) -> None:
        self._note = note

    def __del__(self) -> None:
        global _note
        self._note.is_over = _is_last(1)
        if _note is self._note and not _note.is_over:
            _note = None


_note: _ExitNote | None = None
_has_file = False
_wrapped = False


def watch() -> None:
    """Start to observe exit statuses."""
    global _has_file
    if _monitors():
        return
    _has_file = "__file__" in vars(sys.modules["__main__"])
    _wrap()


def reason(*, at_exit: bool) -> BaseException | str | None:
    """Why the runs of this process failed; None if it ends well. `at_exit` is False when `Run.__del__` asks."""
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


def _monitors() -> bool:
    """Whether Python calls `_left` from now on. Code that raises no exceptions runs as fast as before."""
    if sys.version_info < (3, 12):
        return False
    monitoring = sys.monitoring
    for tool in _TOOLS:
        try:
            monitoring.use_tool_id(tool, "aim")
        except ValueError:
            continue
        monitoring.register_callback(tool, monitoring.events.PY_UNWIND, _left)
        monitoring.set_events(tool, monitoring.events.PY_UNWIND)
        return True
    return False


def _left(code: CodeType, _: int, error: BaseException) -> None:
    """Called when an exception leaves a function. One from a function of `atexit` does not end the process."""
    global _note
    if isinstance(error, SystemExit) and code.co_name in _OUTERMOST and sys._getframe(1).f_back is None:
        _note = _ExitNote(status(error), is_over=True)


def _wrap() -> None:
    global _wrapped
    if _wrapped:
        return
    _wrapped = True
    sys.exit = _noting(sys.exit)
    quitter = type(getattr(builtins, "exit", None))
    if quitter.__module__ == "_sitebuiltins":
        quitter.__call__ = _noting(quitter.__call__)  # type: ignore[method-assign]


def _noting(leave: Callable[..., NoReturn]) -> Callable[..., NoReturn]:
    @functools.wraps(leave)
    def noted(*args: Any, **options: Any) -> NoReturn:
        global _note
        if not _ends_the_script():
            leave(*args, **options)
        note = _ExitNote()
        leaving = _Leaving(note)  # noqa: F841
        try:
            leave(*args, **options)
        except SystemExit as error:
            note.reason = status(error)
            _note = note
            raise

    return noted


def _ends_the_script() -> bool:
    """Whether an unhandled exception ends the process here: not in a thread, nor in a function of `atexit`."""
    frame = sys._getframe(2)
    while frame.f_back is not None:
        frame = frame.f_back
    return frame.f_code.co_name in _OUTERMOST


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
    """The exception that ended the script. Others that were printed, such as those of a failed test, do not count."""
    error = getattr(sys, "last_value", None)
    trace = getattr(error, "__traceback__", None)
    if not isinstance(error, BaseException) or trace is None:
        return None
    code, namespace = trace.tb_frame.f_code, trace.tb_frame.f_globals
    of_script = code.co_name == _SCRIPT and namespace is vars(sys.modules["__main__"])
    return error if of_script or code.co_name == _MODULE_RUNNER else None


if sys.version_info < (3, 12):
    # `sys.exit(main())` reads `sys.exit` before `main` opens a run.
    _wrap()
