"""Records what the process prints, at its file descriptors, including output of children and C extensions.

Descriptors 1 and 2 lead to a process next to this one (aim/sdk/tee.py), which passes everything on to its original
destination and records it. If that was a terminal, they lead to a terminal again, so that colors, progress bars and
queries of its size work. If the other process dies, which it does not do by itself, this one restores its descriptors
and passes on the output in transit.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from aim import layout
from aim.log import output, record, status
from aim.log.reader import writers
from aim.log.writer import Writer
from aim.sdk import beside, notebook
from aim.sdk.attempt import Attempt

DRAIN_SECONDS, BEGIN_SECONDS = 0.2, 1.0
_START_SECONDS = 5.0
_PIPE_BYTES = 1 << 20
_F_SETPIPE_SZ = 1031
_BLOCK = 1 << 16
_BLOCKS_AT_ONCE = 2 * _PIPE_BYTES // _BLOCK


class Target(NamedTuple):
    """The run that the output belongs to."""

    attempt: Attempt
    aim_dir: Path
    experiment: str

    def start(self, captures: list[list[int]]) -> dict[str, Any]:
        """The START of the file of output, without the fields that the process writing it adds itself."""
        attempt = self.attempt
        return {
            "format": layout.FORMAT,
            "run": attempt.run.hex(),
            "hash": attempt.hash,
            "time": time.time(),
            "experiment": self.experiment,
            "attempt": attempt.id,
            "launch": attempt.launch,
            "role": "output",
            "resume_from": None,
            "earlier": {},
            "process": {},
            "facts": {},
            "captures": captures,
        }


class Redirect(NamedTuple):
    """Descriptors that led to one destination: `saved` still does, `source` is the end that the other process reads."""

    stream: int
    fds: tuple[int, ...]
    saved: int
    source: int
    inode: tuple[int, int]


class Capture:
    """The output of this process on its way through the other one, until `release`."""

    watch_seconds = 1.0

    def __init__(self, target: Target, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._lock = threading.RLock()
        self._redirects: list[Redirect] = []
        self._released = self._alone = False
        self._began_at = time.monotonic()
        self._control, theirs = socket.socketpair()
        self._control.setblocking(False)
        self.ready = False
        entrances: list[int] = []
        try:
            for stream, fds in _streams():
                redirect, entrance = _redirect(stream, fds)
                self._redirects.append(redirect)
                entrances.append(entrance)
            if not self._redirects:
                raise OSError("standard output and standard error are closed")
            self._start(target, theirs)
            _flush()
            for redirect, entrance in zip(self._redirects, entrances, strict=True):
                for fd in redirect.fds:
                    os.dup2(entrance, fd)
        except BaseException:
            self._give_back(self._redirects)
            self._close()
            raise
        finally:
            theirs.close()
            for entrance in entrances:
                os.close(entrance)

    def pending(self) -> bool:
        """Whether to check again soon: the other process is still starting, or it is gone while children print."""
        if not self._lock.acquire(blocking=False):
            return True
        try:
            if self._alone:
                self._pass_on()
                return bool(self._redirects)
            if not self._released:
                self._listen()
        finally:
            self._lock.release()
        return not (self.ready or self._released) and time.monotonic() - self._began_at < _START_SECONDS

    def release(self) -> None:
        """Restore the descriptors, and wait a moment for output in transit. Children keep printing as before."""
        with self._lock:
            if self._released:
                return
            self._released = True
            _forget(self)
            _flush()
            self._give_back(self._redirects)
            if self._alone:
                self._pass_on()
            elif not self._drained():
                self._go_on_alone("")
            self._close()

    def forget(self) -> None:
        """In a forked child: its output goes the same way, and the parent remains responsible for it."""
        self._released = True
        self._close()

    def _start(self, target: Target, control: socket.socket) -> None:
        channels = [
            {
                "stream": redirect.stream,
                "source": redirect.source,
                "target": redirect.saved,
                "terminal": os.isatty(redirect.saved),
            }
            for redirect in self._redirects
        ]
        spec = {
            "folder": str(target.attempt.folder),
            "aim_dir": str(target.aim_dir),
            "start": target.start([list(redirect.inode) for redirect in self._redirects]),
            "limit": output.LIMIT,
            "parent": os.getpid(),
            "control": control.fileno(),
            "channels": channels,
        }
        fds = [control.fileno(), *(fd for redirect in self._redirects for fd in (redirect.source, redirect.saved))]
        beside.start(Path(__file__).with_name("tee.py"), json.dumps(spec), pass_fds=fds)

    def _listen(self) -> None:
        try:
            told = self._control.recv(512)
        except BlockingIOError:
            return
        except OSError:
            told = b""
        said, failed, why = told.partition(b"!")
        if failed or not told:
            self._go_on_alone(why.decode("utf-8", "replace"))
            return
        self.ready = True
        # Nobody reads there anymore. Whoever prints should notice, as without Aim.
        gone = [redirect for redirect in self._redirects if str(redirect.stream).encode() in said]
        self._give_back(gone)
        self._let_go(gone)

    def _go_on_alone(self, why: str) -> None:
        """The other process is gone; children that print still need a reader."""
        self._alone = True
        self._give_back(self._redirects)
        self._pass_on()
        self._tell(f"console output is no longer recorded: {why or 'the recording process ended'}")

    def _pass_on(self) -> None:
        """Pass unread output on to its destination."""
        self._let_go([redirect for redirect in self._redirects if not _passed_on(redirect)])

    def _let_go(self, redirects: list[Redirect]) -> None:
        self._redirects = [redirect for redirect in self._redirects if redirect not in redirects]
        for redirect in redirects:
            os.close(redirect.source)
            os.close(redirect.saved)

    def _give_back(self, redirects: list[Redirect]) -> None:
        """Restore the descriptors. Those that other code has redirected since are left alone."""
        for redirect in redirects:
            for fd in redirect.fds:
                try:
                    stat = os.fstat(fd)
                    if (stat.st_dev, stat.st_ino) == redirect.inode:
                        os.dup2(redirect.saved, fd)
                except OSError:
                    pass

    def _drained(self) -> bool:
        """Wait until the output is passed on or time is up. False if the other process is gone. A process that is only
        starting gets more time, because later output must not overtake earlier output."""
        until = time.monotonic() + (DRAIN_SECONDS if self.ready else BEGIN_SECONDS)
        try:
            self._control.send(b"d")
            while (left := until - time.monotonic()) > 0:
                self._control.settimeout(left)
                told = self._control.recv(512)
                if not told or b"d" in told or b"e" in told:
                    return bool(told)
                until = min(until, time.monotonic() + DRAIN_SECONDS)
        except TimeoutError:
            return True
        except OSError:
            return False
        return True

    def _close(self) -> None:
        self._control.close()
        self._let_go(self._redirects)


class Listener:
    """A notebook's output. Cells do not print to the descriptors, so it is recorded on its way to the notebook."""

    watch_seconds = status.PULSE_SECONDS

    def __init__(self, target: Target, tell: Callable[[str], None]) -> None:
        self._writer = Writer(target.attempt.folder, target.attempt.run, aim_dir=target.aim_dir)
        start = {**target.start([]), "writer": self._writer.id.hex(), "process": status.this_process()}
        self._writer.append(record.START, record.encode_json(start))
        self._recorder = output.Recorder(self._writer.append)
        self._before = sys.stdout, sys.stderr
        sys.stdout = self._out = _Heard(sys.stdout, output.STDOUT, self._recorder)
        sys.stderr = self._err = _Heard(sys.stderr, output.STDERR, self._recorder)

    def pending(self) -> bool:
        return False

    def release(self) -> None:
        _forget(self)
        if sys.stdout is self._out:
            sys.stdout = self._before[0]
        if sys.stderr is self._err:
            sys.stderr = self._before[1]
        self._recorder.close()
        end = {"time": time.time(), "status": "finished", "error": None, "dropped": 0, "troubles": {}}
        self._writer.append(record.END, record.encode_json(end))
        self._writer.close()

    def forget(self) -> None:
        """In a forked child: a thread that no longer exists may hold the recorder."""
        self._out.recorder = self._err.recorder = None
        sys.stdout, sys.stderr = self._before
        self._writer.abandon()


class _Heard:
    """A stream whose text is recorded and then written."""

    def __init__(self, stream: Any, number: int, recorder: output.Recorder) -> None:
        self._stream = stream
        self._number = number
        self.recorder: output.Recorder | None = recorder

    def write(self, text: str) -> Any:
        if isinstance(text, str) and self.recorder is not None:
            self.recorder.take(self._number, text.encode("utf-8", "backslashreplace"))
        return self._stream.write(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __iter__(self) -> Any:
        return iter(self._stream)


_STREAMS = ((1, sys.__stdout__), (2, sys.__stderr__))
_active: Capture | Listener | None = None
_hooked = _told = False


def begin(target: Target, tell: Callable[[str], None]) -> Capture | Listener | None:
    """Record the output of this process from now on. None if it is already recorded or cannot be; the latter prints a
    warning."""
    global _active, _hooked, _told
    if _active is not None:
        if not _told:
            tell("console output is already recorded by the run that was opened first")
        _told = True
        return None
    try:
        if os.name != "posix":
            raise OSError(f"not supported on this system ({os.name}); neither is `aim run`")
        if target.attempt.role == "join" and _recorded_already(target):
            return None
        _active = Listener(target, tell) if notebook.active() else Capture(target, tell)
        if not _hooked:
            _hooked = True
            os.register_at_fork(after_in_child=_forked_in_child)
    except Exception as error:
        tell(f"console output is not recorded: {error}")
    return _active


def _forget(capture: Capture | Listener) -> None:
    global _active
    if capture is _active:
        _active = None


def _recorded_already(target: Target) -> bool:
    """Whether this process prints to a destination that a parent records for the same run."""
    there = [os.fstat(fd) for fd, stream in _STREAMS if _is_there(fd, stream)]
    mine = [[stat.st_dev, stat.st_ino] for stat in there]
    starts = [output.start_of(file.path) for file in writers(target.attempt.folder)]
    mates = [start for start in starts if start and start.get("run") == target.attempt.run.hex()]
    return any(capture in (start.get("captures") or []) for start in mates for capture in mine)


def _forked_in_child() -> None:
    global _active
    capture, _active = _active, None
    if capture is not None:
        capture.forget()


def _streams() -> list[tuple[int, tuple[int, ...]]]:
    """The existing streams with their descriptors. Descriptors with one destination share a stream, which keeps their
    order."""
    there = [(fd, os.fstat(fd)) for fd, stream in _STREAMS if _is_there(fd, stream)]
    if len(there) == 2 and len({(stat.st_dev, stat.st_ino) for _, stat in there}) == 1:
        return [(output.STDOUT, (1, 2))]
    return [(fd, (fd,)) for fd, _ in there]


def _is_there(fd: int, stream: Any) -> bool:
    """A closed descriptor may have been reused for another file; Python has no stream then."""
    try:
        os.fstat(fd)
    except OSError:
        return False
    return stream is not None


def _redirect(stream: int, fds: tuple[int, ...]) -> tuple[Redirect, int]:
    """A pipe, or a terminal in place of a terminal, and its write end."""
    import fcntl

    saved = fcntl.fcntl(fds[0], fcntl.F_DUPFD_CLOEXEC, 10)
    try:
        source, entrance = _terminal(saved) if os.isatty(saved) else _pipe()
    except BaseException:
        os.close(saved)
        raise
    stat = os.fstat(entrance)
    return Redirect(stream, fds, saved, source, (stat.st_dev, stat.st_ino)), entrance


def _pipe() -> tuple[int, int]:
    import fcntl

    source, entrance = os.pipe()
    try:
        fcntl.fcntl(entrance, _F_SETPIPE_SZ, _PIPE_BYTES)
    except OSError:
        pass
    return source, entrance


def _terminal(model: int) -> tuple[int, int]:
    """A terminal with the size of `model` that does not change what is written to it."""
    import fcntl
    import termios

    source, entrance = os.openpty()
    settings = termios.tcgetattr(model)
    settings[1] &= ~termios.OPOST
    termios.tcsetattr(entrance, termios.TCSANOW, settings)
    fcntl.ioctl(source, termios.TIOCSWINSZ, fcntl.ioctl(model, termios.TIOCGWINSZ, bytes(8)))
    return source, entrance


def _passed_on(redirect: Redirect) -> bool:
    """Write the pending output to its destination, and only a little of what follows, because a child may print
    forever. False if no more can come."""
    try:
        os.set_blocking(redirect.source, False)
        for _ in range(_BLOCKS_AT_ONCE):
            data = os.read(redirect.source, _BLOCK)
            if not data:
                return False
            while data:
                data = data[os.write(redirect.saved, data) :]
    except BlockingIOError:
        pass
    except OSError:
        return False
    return True


def _flush() -> None:
    """Flush the buffers of Python and C. Other C streams are left alone: they may be in use."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError, AttributeError):
            pass
    try:
        import ctypes

        libc = ctypes.CDLL(None)
        for name in ("stdout", "stderr"):
            libc.fflush(ctypes.c_void_p.in_dll(libc, name))
    except (ImportError, OSError, ValueError, AttributeError):
        pass
