"""Runs a function in the parent of a fork once `os.fork` has returned.

Since Python 3.13, `os.fork` counts threads after its hooks ran, and warns if there are several. A function that starts
a thread must therefore run after them: as a pending call, which Python makes in the main thread when the current one
ends.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

_TURNS = 1000


class _Waiting:
    """Calls a function when Python is back in `frame`, which called `os.fork`, and no longer in a hook."""

    def __init__(self, then: Callable[[], None], frame: FrameType) -> None:
        import ctypes

        self._then = then
        self._frame: FrameType | None = frame
        self._turns = _TURNS
        self._library: Any = ctypes.pythonapi
        self._call = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(self._look)

    def again(self) -> bool:
        """Schedule the next look. False if Python has too many pending calls."""
        self._turns -= 1
        return self._turns > 0 and self._library.Py_AddPendingCall(self._call, None) == 0

    def _look(self, _: Any) -> int:
        if sys._getframe(1) is self._frame:
            self._frame = None
            self._then()
        elif not self.again():
            self._frame = None
        return 0


_waiting: _Waiting | None = None


def after_return(then: Callable[[], None]) -> None:
    """Call `then` when `os.fork` has returned, or now where that is impossible. For functions that a hook of the fork
    calls."""
    global _waiting
    if sys.version_info < (3, 13) or threading.current_thread() is not threading.main_thread():
        then()
        return
    try:
        _waiting = _Waiting(then, sys._getframe(2))
        waits = _waiting.again()
    except (ImportError, AttributeError, ValueError):
        waits = False
    if not waits:
        then()
