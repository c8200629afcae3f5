"""Signals to wait for together with pipes. Unlike a handler, this tells who sent a signal: the command receives the
terminal's signals too."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

_QUIET = (signal.SIGCHLD, signal.SIGWINCH, signal.SIGCONT)


class Sent(NamedTuple):
    """`sender` is a process; 0 for the kernel, which sends a terminal's signals."""

    number: int
    sender: int


class Signals:
    """Blocks these signals for the whole process, and takes them from `listen` on; `fd` becomes readable when one
    arrives.

    Create it before other threads, because they inherit the blocked signals. Commands started by posix_spawn with an
    empty mask receive signals as usual.
    """

    def __init__(self, numbers: Iterable[int]) -> None:
        self.numbers = set(numbers)
        unheard = {number for number in self.numbers if signal.getsignal(number) == signal.SIG_IGN}
        for number in {*_QUIET, *unheard}:
            # Without a handler, some systems drop a blocked signal that is ignored.
            signal.signal(number, _nothing)
        signal.pthread_sigmask(signal.SIG_BLOCK, self.numbers)
        self.fd, self._bell = os.pipe()
        os.set_blocking(self.fd, False)
        self._came: deque[Sent] = deque()

    def waiting(self) -> set[int]:
        """The signals that arrived before `listen`."""
        return {int(number) for number in signal.sigpending()} & self.numbers

    def listen(self) -> None:
        threading.Thread(target=self._wait, name="aim-signals", daemon=True).start()

    def take(self) -> list[Sent]:
        try:
            os.read(self.fd, 4096)
        except BlockingIOError:
            pass
        return [self._came.popleft() for _ in range(len(self._came))]

    def _wait(self) -> None:
        while True:
            self._came.append(self._next())
            os.write(self._bell, b"!")

    def _next(self) -> Sent:
        if not hasattr(signal, "sigwaitinfo"):  # macOS
            return Sent(signal.sigwait(self.numbers), 0)
        received = signal.sigwaitinfo(self.numbers)
        return Sent(received.si_signo, received.si_pid if received.si_code <= 0 else 0)


def _nothing(number: int, frame: object) -> None:
    pass
