"""The process next to a training script that passes on its output and records it.

It is a file to run, `python -I -S tee.py SPEC`, and needs only the standard library. It is a process rather than a
thread so that it continues while the script holds the GIL, and keeps the last output when the script is killed. It ends
when nobody is left who could print: neither the script nor any child that it started.
"""

from __future__ import annotations

import errno
import fcntl
import importlib
import json
import os
import select
import signal
import socket
import sys
import termios
import threading
import time
import traceback
import types
from pathlib import Path
from typing import Any

_BLOCK = 1 << 16
_SIZE_SECONDS = 0.25
_HOLD_SECONDS = 0.05
_FILE_SECONDS = 30.0
_IGNORED = ("SIGINT", "SIGQUIT", "SIGHUP", "SIGTERM", "SIGTSTP", "SIGPIPE", "SIGTTOU")


class Channel(threading.Thread):
    """One channel of output: read from `source`, recorded, and written to `target`, its original destination."""

    def __init__(self, spec: dict[str, Any], recorder: Any, tell: socket.socket, parent: int) -> None:
        super().__init__(name=f"stream {spec['stream']}")
        self.stream: int = spec["stream"]
        self.source = _low(spec["source"])
        self.target = _low(spec["target"])
        self.terminal: bool = spec["terminal"]
        self.recorder = recorder
        self.tell = tell
        self.parent = parent
        self.drained = threading.Event()
        self._asked, self._wake = os.pipe()
        os.set_blocking(self.source, False)

    def drain(self) -> None:
        """Set `drained` once everything printed up to now is passed on."""
        self.drained.clear()
        os.write(self._wake, b"d")

    def run(self) -> None:
        try:
            while True:
                wait = _HOLD_SECONDS if self.recorder.holds else _SIZE_SECONDS if self.terminal else None
                ready, _, _ = select.select([self.source, self._asked], [], [], wait)
                if not ready:
                    self.recorder.flush()
                if self.terminal:
                    self._follow_size()
                asked = self._asked in ready
                if asked:
                    os.read(self._asked, _BLOCK)
                if not self._pass_on():
                    break
                if asked:
                    self.recorder.flush()
                    self.drained.set()
        finally:
            os.close(self.source)
            self.drained.set()

    def _pass_on(self) -> bool:
        """Pass on everything pending. False if no more can come, or nobody reads it."""
        while True:
            try:
                data = os.read(self.source, _BLOCK)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not data:
                return False
            try:
                self.recorder.take(self.stream, data)
            except Exception:
                traceback.print_exc()
            if not self._write(data):
                send(self.tell, str(self.stream).encode())
                return False

    def _write(self, data: bytes) -> bool:
        """False if the other end is gone. Output that a full disk refuses is not passed on."""
        while data:
            try:
                data = data[os.write(self.target, data) :]
            except BlockingIOError:
                select.select([], [self.target], [])
            except OSError as error:
                if error.errno in (errno.EPIPE, errno.ECONNRESET):
                    return False
                break
        return True

    def _follow_size(self) -> None:
        """Copy the window size of the original terminal. The script received its signal before this."""
        try:
            size = fcntl.ioctl(self.target, termios.TIOCGWINSZ, bytes(8))
            if size != fcntl.ioctl(self.source, termios.TIOCGWINSZ, bytes(8)):
                fcntl.ioctl(self.source, termios.TIOCSWINSZ, size)
                os.killpg(os.getpgid(self.parent), signal.SIGWINCH)
        except OSError:
            pass


class Tee:
    def __init__(self, spec: dict[str, Any], control: socket.socket) -> None:
        log = _log_modules()
        aim_dir = Path(spec["aim_dir"])
        self.record, self.edits, self.aim_dir = log["record"], log["edits"], aim_dir
        self.control = control
        self.writer = log["writer"].Writer(Path(spec["folder"]), bytes.fromhex(spec["start"]["run"]), aim_dir=aim_dir)
        start = {**spec["start"], "writer": self.writer.id.hex(), "process": log["status"].this_process()}
        self.run: str = start["run"]
        self.writer.append(self.record.START, self.record.encode_json(start))
        self.recorder = log["output"].Recorder(self.writer.append, limit=spec["limit"], hold=_HOLD_SECONDS)
        self.channels = [Channel(channel, self.recorder, control, spec["parent"]) for channel in spec["channels"]]

    def serve(self) -> None:
        for channel in self.channels:
            channel.start()
        send(self.control, b"r")
        threading.Thread(target=self._listen, daemon=True).start()
        for channel in self.channels:
            channel.join()
        self.recorder.close()
        end = {"time": time.time(), "status": "finished", "error": None, "dropped": 0, "troubles": {}}
        self.writer.append(self.record.END, self.record.encode_json(end))
        self.writer.close()
        send(self.control, b"e")

    def _listen(self) -> None:
        """Answer the script while it lives, and flush and touch the file."""
        gone = False
        while True:
            ready, _, _ = select.select([] if gone else [self.control], [], [], _FILE_SECONDS)
            if not ready:
                self._look_after_file()
                continue
            asked = self.control.recv(64)
            gone = not asked
            if b"d" in asked:
                for channel in self.channels:
                    channel.drain()
                for channel in self.channels:
                    channel.drained.wait()
                send(self.control, b"d")

    def _look_after_file(self) -> None:
        try:
            if self.writer.displaced() and self.run not in self.edits.deleted(self.aim_dir):
                self.writer.restore()
        except OSError:
            pass


def send(control: socket.socket, text: bytes) -> None:
    """Send to the script, if it still lives."""
    try:
        control.send(text)
    except OSError:
        pass


def _low(fd: int) -> int:
    """A low descriptor: `select` accepts none from 1024 on, and the script may have that many files open."""
    low = os.dup(fd)
    os.close(fd)
    return low


def _log_modules() -> dict[str, Any]:
    """The modules that write logs, without the package's `__init__`, which would import all of recording."""
    root = Path(__file__).resolve().parents[1]
    package = types.ModuleType("aim")
    package.__path__ = [str(root)]
    sys.modules["aim"] = package
    names = ("edits", "output", "record", "status", "writer")
    return {name: importlib.import_module(f"aim.log.{name}") for name in names}


def main() -> None:
    for name in _IGNORED:
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    spec = json.loads(sys.argv[1])
    control = socket.socket(fileno=_low(spec["control"]))
    try:
        tee = Tee(spec, control)
    except Exception as error:
        send(control, f"!{type(error).__name__}: {error}".encode()[:500])
        raise
    tee.serve()


if __name__ == "__main__":
    main()
