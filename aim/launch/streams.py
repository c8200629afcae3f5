"""What a command prints: from a pipe, or a pseudo-terminal where ours is one, on to our own output and into the run.

Memory stays bounded, and a reader of ours that is slow slows the command down, as it would without us.
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
# What a pipe that can be written to takes without a wait.
_WRITE = min(4096, getattr(select, "PIPE_BUF", 512))
_PENDING = 1 << 16


class Outlet:
    """One way out of the command: `inner` is its end, `target` the descriptor of ours that it goes on to."""

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
        """The command has its end now; ours of it goes, so that the command's exit can be seen."""
        os.close(self.inner)

    def read(self) -> bytes:
        try:
            data = os.read(self.outer, CHUNK)
        except BlockingIOError:
            return b""
        except OSError:  # of a terminal whose last user is gone
            data = b""
        if not data:
            self.close()
        elif self.target is not None:
            self.pending += data
        return data

    def write(self) -> None:
        """Pass on a piece of what is pending, to an output that takes it without a wait."""
        assert self.target is not None
        try:
            del self.pending[: os.write(self.target, self.pending[:_WRITE])]
        except BlockingIOError:
            pass
        except OSError as error:
            self.target = None
            self.pending.clear()
            if error.errno == errno.EPIPE:
                # Nobody reads us any more (`| head`): the command is to find out as it would without us.
                self.close()

    def close(self) -> None:
        outer, self.outer = self.outer, -1
        if outer >= 0:
            os.close(outer)


class Copying:
    """Copies all channels, and records: what came within a moment is one record."""

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
        """Copy what there is; else wait for more, for `bell` to be readable, or `wait` seconds. Returns the bytes that
        came."""
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
        """Write down what is held."""
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
    """The channels of a command whose output goes on to these two descriptors of ours (None: nowhere), and which of its
    descriptors is the end of which. Where both of ours are one place there is one channel: so the order is kept."""
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
    """Above the standard descriptors, which may be free where the caller closed them."""
    if fd > 2:
        return fd
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
    os.close(fd)
    return moved


def _patient(terminal: int) -> int:
    """The same terminal by a descriptor that never waits: the flag on our own would be everybody's who shares it."""
    try:
        return os.open(os.ttyname(terminal), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return terminal


def _plain(terminal: int) -> None:
    """Bytes pass as the command writes them; our own terminal turns \\n into what it needs."""
    modes = termios.tcgetattr(terminal)
    modes[1] &= ~termios.OPOST
    termios.tcsetattr(terminal, termios.TCSANOW, modes)
