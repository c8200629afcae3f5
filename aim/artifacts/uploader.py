"""Uploads what waits in a repository: `python -I uploader.py AIM_DIR PATHS`, one process for each repository.

A run starts it beside the training, so a store that is slow or away costs the training nothing, and what a killed
training stored is still uploaded. It ends when nothing waits. PATHS is where the training finds packages, in JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
import types
from contextlib import suppress
from pathlib import Path
from typing import Any

_NICE = 10
_SHORTEST, _LONGEST = 1.0, 60.0
_LINGER, _POLL = 2.0, 0.25
# After so long without any success it gives up. The next upload of the repository starts another one.
_PATIENCE = 3_600.0


class UploaderProcess:
    """`skipped`: the ids of versions whose own contents cannot be read; other versions do not wait for them."""

    def __init__(self, aim_dir: Path) -> None:
        self._aim_dir = aim_dir
        self._uploads: Any = importlib.import_module("aim.artifacts.uploads")
        self._own_stores: Any = importlib.import_module("aim.artifacts.own_stores")
        self._errors: Any = importlib.import_module("aim.errors")
        self._skipped: set[str] = set()

    def work(self) -> None:
        """A run that stored a version after the last look, and before the lock was free, started no other process, so
        look again."""
        done = True
        while done and self._waiting():
            with self._uploads.lock(self._aim_dir) as is_alone:
                done = is_alone and self._loop()

    def _loop(self) -> bool:
        """True when nothing waited for a while, False when it gives up."""
        wait, failing_since = _SHORTEST, time.monotonic()
        while self._is_needed():
            problem, uploaded = self._turn()
            self._uploads.report(self._aim_dir, problem)
            if uploaded:
                wait, failing_since = _SHORTEST, time.monotonic()
            elif time.monotonic() - failing_since > _PATIENCE:
                return False
            if problem and self._waiting():
                time.sleep(wait)
                wait = min(_LONGEST, 2 * wait)
        return True

    def _is_needed(self) -> bool:
        """Whether something waits, now or soon: less time passes between two starts (aim/sdk/uploading.py)."""
        until = time.monotonic() + _LINGER
        while not (waits := bool(self._waiting())) and time.monotonic() < until:
            time.sleep(_POLL)
        return waits

    def _turn(self) -> tuple[str, int]:
        """Upload each version that waits; the last problem, and how many versions were uploaded. A store that failed is
        asked again in the next turn."""
        problem, uploaded, failed = "", 0, set()
        for version in self._waiting():
            if version.store in failed:
                continue
            try:
                self._uploads.upload(self._aim_dir, version, version.store)
                uploaded += 1
            except self._errors.StoreError as error:
                problem = str(error)
                failed.add(version.store)
            except (self._errors.ArtifactError, OSError) as error:
                problem = f"{version.title} is not uploaded: {error}"
                self._skipped.add(version.id)
        return problem, uploaded

    def _waiting(self) -> list[Any]:
        there = self._uploads.waiting(self._aim_dir)
        own = [version for version in there if self._own_stores.is_named(version.store)]
        return [version for version in own if version.id not in self._skipped]


def main() -> None:
    """Without the package's `__init__`, which would import all of recording."""
    os.nice(_NICE)
    for name in ("SIGINT", "SIGHUP", "SIGPIPE"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    sys.path.extend(path for path in json.loads(sys.argv[2]) if path not in sys.path)
    package = types.ModuleType("aim")
    package.__path__ = [str(Path(__file__).resolve().parents[1])]
    sys.modules["aim"] = package
    with suppress(OSError):
        Path("/proc/self/comm").write_text(importlib.import_module("aim.log.status").SHIPPER)
    UploaderProcess(Path(sys.argv[1])).work()


if __name__ == "__main__":
    main()
