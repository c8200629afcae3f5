"""Lets exceptions of the user's signal handlers through.

Python can call a handler at any time, also while Aim records. Errors of Aim itself never reach the training there.
"""

from __future__ import annotations

import functools
import itertools
import signal
from collections.abc import Callable, Iterator
from types import CodeType, FrameType, FunctionType, TracebackType

_HAS_VARARGS = 4


def let_through(error: BaseException) -> None:
    """Raise the exception again if a signal handler raised it, or raise the exception of a handler that caused it.

    An exception that the user handles while calling Aim is in the chain too. It is not raised: no frame of `error`
    caught it.
    """
    cause: BaseException | None = error
    frames = [trace.tb_frame for trace in _traces(error)]
    handlers = _handlers()
    seen: set[int] = set()
    converted = False
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        places = [trace.tb_frame for trace in _traces(cause)]
        if not places or (places[0] not in frames and not converted):
            return
        if any(_interrupts(*pair, handlers) for pair in itertools.pairwise(places)):
            raise cause
        frames += places
        # Python makes a RuntimeError of a StopIteration that leaves a generator. The frame of it is in one trace only.
        converted = isinstance(cause, RuntimeError) and isinstance(cause.__cause__, StopIteration)
        cause = cause.__cause__ or cause.__context__


def _traces(error: BaseException) -> Iterator[TracebackType]:
    trace = error.__traceback__
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _interrupts(frame: FrameType, called: FrameType, handlers: set[CodeType]) -> bool:
    """Whether `called` is a signal handler that interrupted `frame`: Python passes that frame to it. A handler may have
    deleted it, as linters ask of arguments that are not used."""
    ours = str(called.f_globals.get("__name__")).startswith("aim.")
    return not ours and (any(value is frame for value in _arguments(called)) or called.f_code in handlers)


def _handlers() -> set[CodeType]:
    """The code of the functions that handle signals now."""
    found = map(signal.getsignal, signal.valid_signals())
    return {code for handler in found if callable(handler) and (code := _code_of(handler))}


def _code_of(handler: Callable[..., object]) -> CodeType | None:
    while isinstance(handler, functools.partial):
        handler = handler.func
    function = getattr(handler, "__func__", handler)
    if not isinstance(function, FunctionType):
        function = type(handler).__dict__.get("__call__")
    return function.__code__ if isinstance(function, FunctionType) else None


def _arguments(frame: FrameType) -> list[object]:
    code, values = frame.f_code, frame.f_locals
    given = [values.get(name) for name in code.co_varnames[: code.co_argcount]]
    if code.co_flags & _HAS_VARARGS:
        given += values.get(code.co_varnames[code.co_argcount + code.co_kwonlyargcount]) or ()
    return given
