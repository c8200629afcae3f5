"""Copies a command's output, from a pipe or a pseudo-terminal, to our own output and into the run.

Memory stays bounded, and a slow reader of our output slows the command down, as it would without us.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import termios
import time
from collections.abc import Sequence

from aim.log.output import STDERR, STDOUT, Recorder

CHUNK = 1 << 16
HOLD_SECONDS = 0.1
# The bytes that a writable pipe accepts without waiting.
_WRITE = min(4096, getattr(select, "PIPE_BUF", 512))
_PENDING = 1 << 16


class Outlet:
    """One channel of the command's output: `inner` is the command's end, `target` our descriptor that it is copied
    to."""

    def __init__(self, stream: int, target: int | None) -> None:
        self.stream = stream
        self.pending = bytearray()
        self.held = bytearray()
        self.terminal = target is not None and os.isatty(target)
        self.target = _patient(target) if target is not None and self.terminal else target
        outer, inner = os.openpty() if self.terminal else os.pipe()
        self.outer, self.inner = _high(outer), _high(inner)
        os.set_blocking(self.outer, False)
        if self.terminal:
            _plain(self.inner)
            self.resize()

    @property
    def open(self) -> bool:
        return self.outer >= 0

    @property
    def readable(self) -> bool:
        return self.open and len(self.pending) < _PENDING

    def resize(self) -> None:
        """Give the command's terminal the size of ours."""
        if self.terminal and self.target is not None and self.open:
            try:
                size = fcntl.ioctl(self.target, termios.TIOCGWINSZ, b"\0" * 8)
                fcntl.ioctl(self.outer, termios.TIOCSWINSZ, size)
            except OSError:
                pass

    def started(self) -> None:
        """Close our copy of the command's end, so that its exit can be seen."""
        os.close(self.inner)

    def read(self) -> bytes:
        try:
            data = os.read(self.outer, CHUNK)
        except BlockingIOError:
            return b""
        except OSError:  # A terminal whose last user is gone.
            data = b""
        if not data:
            self.close()
        elif self.target is not None:
            self.pending += data
        return data

    def write(self) -> None:
        """Pass on a piece of the pending output, if the reader accepts it without waiting."""
        assert self.target is not None
        try:
            del self.pending[: os.write(self.target, self.pending[:_WRITE])]
        except BlockingIOError:
            pass
        except OSError as error:
            self.target = None
            self.pending.clear()
            if error.errno == errno.EPIPE:
                # Nobody reads our output anymore (`| head`). The command should notice, as it would without us.
                self.close()

    def close(self) -> None:
        outer, self.outer = self.outer, -1
        if outer >= 0:
            os.close(outer)


class Copying:
    """Copies all channels, and records them; output within a moment becomes one record."""

    def __init__(self, channels: Sequence[Outlet], recorder: Recorder) -> None:
        self.channels = channels
        self._recorder = recorder
        self._held_since: float | None = None
        self._order: list[Outlet] = []

    @property
    def open(self) -> bool:
        return any(channel.open for channel in self.channels)

    @property
    def pending(self) -> bool:
        return any(channel.pending for channel in self.channels)

    def step(self, bell: int, wait: float | None) -> int:
        """Copy the pending output; else wait for more, for `bell` to become readable, or `wait` seconds. Returns the
        bytes copied."""
        poll = select.poll()
        poll.register(bell, select.POLLIN)
        for channel in self.channels:
            if channel.readable:
                poll.register(channel.outer, select.POLLIN)
            if channel.pending and channel.target is not None:
                poll.register(channel.target, select.POLLOUT)
        ready = dict(poll.poll(self._milliseconds(wait)))
        came = 0
        for channel in self.channels:
            if channel.pending and channel.target in ready:
                channel.write()
            if channel.readable and channel.outer in ready:
                came += self._hold(channel, channel.read())
        if self._held_since is not None and time.monotonic() - self._held_since >= HOLD_SECONDS:
            self.record()
        return came

    def record(self) -> None:
        """Write the held output to the run."""
        for channel in self._order:
            if channel.held:
                self._recorder.take(channel.stream, bytes(channel.held))
                channel.held.clear()
        self._order.clear()
        self._held_since = None

    def close(self) -> None:
        self.record()
        self._recorder.close()
        for channel in self.channels:
            channel.close()

    def _hold(self, channel: Outlet, data: bytes) -> int:
        if data:
            if self._held_since is None:
                self._held_since = time.monotonic()
            if channel not in self._order:
                self._order.append(channel)
            channel.held += data
            if len(channel.held) >= CHUNK:
                self.record()
        return len(data)

    def _milliseconds(self, wait: float | None) -> float | None:
        waits = [wait] if wait is not None else []
        if self._held_since is not None:
            waits.append(self._held_since + HOLD_SECONDS - time.monotonic())
        return max(0.0, min(waits)) * 1000 if waits else None


def channels(outputs: tuple[int, int] | None) -> tuple[list[Outlet], dict[int, int]]:
    """The channels of a command whose output is copied to these two descriptors (None: nowhere), and the end for each
    of its descriptors.

    If both lead to one destination, they share one channel, which keeps the order.
    """
    if outputs is not None and _same(*outputs):
        both = Outlet(STDOUT, outputs[0])
        return [both], {1: both.inner, 2: both.inner}
    out, err = outputs or (None, None)
    made = [Outlet(STDOUT, out), Outlet(STDERR, err)]
    return made, {1: made[0].inner, 2: made[1].inner}


def _same(descriptor: int, other: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.fstat(other))
    except OSError:
        return False


def _high(fd: int) -> int:
    """A descriptor above the standard ones, which may be free if the caller closed them."""
    if fd > 2:
        return fd
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
    os.close(fd)
    return moved


def _patient(terminal: int) -> int:
    """The same terminal through a non-blocking descriptor. Setting the flag on our own would affect everyone who shares
    it."""
    try:
        return os.open(os.ttyname(terminal), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return terminal


def _plain(terminal: int) -> None:
    r"""Pass bytes unchanged; our own terminal converts \n."""
    modes = termios.tcgetattr(terminal)
    modes[1] &= ~termios.OPOST
    termios.tcsetattr(terminal, termios.TCSANOW, modes)
