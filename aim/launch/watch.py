"""Starts the command of a run and stays with it until its end: output, signals, the stop, the end record."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aim.errors import LaunchError
from aim.launch import child, kept, streams
from aim.launch.child import CannotStart, Ended
from aim.launch.ending import Ending
from aim.launch.kept import CommandRun, Spec
from aim.launch.signals import Sent, Signals
from aim.log.output import Recorder
from aim.sdk import tree
from aim.sdk.trouble import say

_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
# SIGTERM is how `aim stop` reaches us.
_IGNORABLE = (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
_PASSED_ON = (signal.SIGUSR1, signal.SIGUSR2)
_DRAIN_SECONDS = 0.1
_DRAIN_BYTES = 1 << 20


class Watch:
    """Create it before the run is opened, because threads inherit the awaited signals.

    On a terminal, the command stays in our process group: Ctrl-C, Ctrl-Z and reading the terminal work as without us,
    and the command receives the terminal's signals directly. A background job of a script, for which the shell made us
    ignore SIGINT, gets its own group, so that Ctrl-C does not reach it either.
    """

    def __init__(self, *, foreground: bool) -> None:
        self.foreground = foreground
        ignored = {number for number in _IGNORABLE if foreground and signal.getsignal(number) == signal.SIG_IGN}
        self.on_terminal = foreground and signal.SIGINT not in ignored and _has_terminal()
        wanted = {*_STOPS, *_PASSED_ON, signal.SIGCHLD, signal.SIGWINCH}
        self._signals = Signals(wanted - ignored)
        self._pid = 0
        self._ending: Ending | None = None
        self._stopped: dict[str, Any] = {}
        child.adopt_orphans()

    def run(self, spec: Spec, run: CommandRun, cannot_start: LaunchError | None) -> Ended:
        """Run the command to its end, which is recorded when this returns."""
        self._spec, self._run = spec, run
        channels, ends = streams.channels((1, 2) if self.foreground else None)
        self._copying = streams.Copying(channels, Recorder(run.note))
        begun = time.monotonic()
        error: str | None
        try:
            if cannot_start is not None:
                raise CannotStart(str(cannot_start), child.CANNOT_EXECUTE)
            ended = self._live(ends)
            error = ended.error
        except CannotStart as failed:
            ended, error = Ended(failed.status), str(failed)
            say(error)
        self._copying.close()
        facts = {"exit_code": ended.code, "signal": ended.signal, "duration": round(time.monotonic() - begun, 3)}
        run.end({**facts, **({"stop": self._stopped} if self._stopped else {})}, error=error)
        return ended

    def die_alike(self, ended: Ended) -> None:
        """End by the same signal as the command after Ctrl-C, so that a shell script around it ends too."""
        if self.on_terminal and ended.by == signal.SIGINT and self._ending is None:
            sys.stdout.flush()
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            signal.raise_signal(signal.SIGINT)

    def _told_to_end(self) -> Ended | None:
        """Whether a signal arrived before the command could receive it."""
        came = self._signals.waiting().intersection(_STOPS)
        return Ended(None, min(came)) if came else None

    def _live(self, ends: Mapping[int, int]) -> Ended:
        env = kept.environment_of(self._spec, self._run)
        ends = dict(ends)
        if not self.foreground:
            ends[0] = os.open(os.devnull, os.O_RDONLY)
            env.setdefault("PYTHONUNBUFFERED", "1")
        try:
            if (ended := self._told_to_end()) is not None:
                return ended
            self._pid = child.spawn(
                self._spec.argv, env, ends, own_group=not self.on_terminal, keep_hangup=self.foreground
            )
        finally:
            for inner in set(ends.values()):
                os.close(inner)
        self._signals.listen()
        group = os.getpgrp() if self.on_terminal else self._pid
        self._run.facts(kept.child_facts(self._pid, group))
        return self._watch()

    def _watch(self) -> Ended:
        ended: Ended | None = None
        while True:
            wait = None
            if self._ending is not None and (wait := self._ending.step()) is None:
                ended = ended or child.reap(self._pid) or Ended(None, signal.SIGKILL)
            if ended is not None and wait is None:
                self._drain()
                return ended
            self._copying.step(self._signals.fd, wait)
            for sent in self._signals.take():
                if sent.number == signal.SIGCHLD:
                    ended = ended or child.reap(self._pid)
                else:
                    self._hear(sent)

    def _drain(self) -> None:
        """Read the last output of the command. Background processes may print forever and are not waited for."""
        left, since, is_quiet = _DRAIN_BYTES, time.monotonic(), False
        while self._copying.pending or (self._copying.open and left > 0 and not is_quiet):
            came = self._copying.step(self._signals.fd, _DRAIN_SECONDS)
            left -= came
            if came:
                since = time.monotonic()
            # On a busy machine the time may be over before anything was read.
            is_quiet = not came and time.monotonic() - since >= _DRAIN_SECONDS
            if any(sent.number in _STOPS for sent in self._signals.take()):
                return

    def _hear(self, sent: Sent) -> None:
        if sent.number == signal.SIGWINCH:
            for channel in self._copying.channels:
                channel.resize()
            self._pass_on(signal.SIGWINCH)
        elif sent.number in _PASSED_ON:
            self._pass_on(sent.number)
        elif not self.on_terminal or sent.number == signal.SIGTERM or (sent.sender and sent.number != signal.SIGHUP):
            self._stop(sent)

    def _stop(self, sent: Sent) -> None:
        """On the first request, begin with SIGINT. Later, only a request to stop at once makes a difference."""
        wish = kept.wish_to_stop(Path(self._run.repo_path), self._run.id)
        if self._ending is None:
            self._stopped = {"time": time.time(), **(wish or _by_signal(sent))}
            self._ending = Ending(self._left, self._spec.waits)
        if wish.get("now"):
            self._ending.hurry()

    def _left(self) -> list[tree.Node]:
        """The command's living descendants, itself included."""
        there = tree.living()
        if there:
            return tree.below([os.getpid()], there)
        # Without /proc: the process group, as a negative number, while the command lives.
        return [tree.Node(-self._pid if not self.on_terminal else self._pid, 0, "", 0.0, 0)] if self._lives() else []

    def _lives(self) -> bool:
        try:
            os.kill(self._pid, 0)
        except OSError:
            return False
        return True

    def _pass_on(self, number: int) -> None:
        if self._pid and (node := tree.node(self._pid)) is not None:
            with contextlib.suppress(PermissionError):
                tree.send(node, number)


def _by_signal(sent: Sent) -> dict[str, Any]:
    name = signal.Signals(sent.number).name
    return {"by": {"via": "signal"}, "why": f"{name} from process {sent.sender}" if sent.sender else name}


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
