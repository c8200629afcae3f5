"""Heartbeat: the work of the pulse thread for one run. It touches a quiet file, samples the system, and follows up on
facts and console output that take time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from aim.log import status
from aim.sdk import git, naming
from aim.sdk.recording import Recording
from aim.sdk.system import Sampling

if TYPE_CHECKING:
    from aim.sdk.console import Capture, Listener


class Heartbeat:
    """`console` is the capture of the process's output, if this run records it."""

    def __init__(self, recording: Recording, sampling: Sampling) -> None:
        self.console: Capture | Listener | None = None
        self._recording = recording
        self.sampling = sampling
        self._last_at = time.monotonic()

    @property
    def pulse_seconds(self) -> float:
        return self._rest if self.console is None else min(self._rest, self.console.watch_seconds)

    @property
    def _rest(self) -> float:
        return min(self.sampling.interval or status.PULSE_SECONDS, status.PULSE_SECONDS)

    def beat(self) -> None:
        if self.console is not None and time.monotonic() - self._last_at < self._rest * 0.9:
            return
        self._last_at = time.monotonic()
        try:
            self._touch_and_sample()
        except Exception as error:
            self._recording.trouble.failed("beat", error)

    def _touch_and_sample(self) -> None:
        recording = self._recording
        writer = None if recording.stopped else recording.checked()
        if writer is not None and recording.shipping is not None:
            recording.shipping.ensure()
            recording.shipping.tell(recording.trouble)
        if writer is not None:
            writer.touch()
            for name, value, context in self.sampling.due(joined=recording.attempt.role == "join"):
                recording.sample(writer, f"system/{name}", value, context or {})

    def late_facts(self) -> bool:
        """Record the known facts about the environment; True while more may come."""
        console, writer = self.console, self._recording.writer
        starting = console is not None and console.pending()
        return writer is not None and (self._recording.record_late(writer, ask=True) or starting)

    def record_console(self) -> None:
        """Record the output of the process, unless `aim run` started it: then its runner does."""
        recording = self._recording
        if naming.started_as(recording.id):
            return
        from aim.sdk import console

        target = console.Target(recording.attempt, recording.aim_dir, str(recording.fields["experiment"]))
        self.console = console.begin(
            target, lambda text: recording.trouble.tell("console", f"run {recording.hash!r}: {text}")
        )

    def release_console(self) -> None:
        console, self.console = self.console, None
        if console is not None:
            console.release()

    def forked_in_child(self) -> None:
        git.forked_in_child()
        self.console = None
        self._recording.forked_in_child()
