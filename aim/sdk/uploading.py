"""Starts the process that uploads artifacts to their stores (aim/artifacts/uploader.py), beside the training."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from aim.artifacts import own_stores, uploader, uploads
from aim.sdk import beside

_SCRIPT = Path(uploader.__file__)
# Less than an uploader stays when nothing waits, so that what is stored after its end starts another one.
_START_SECONDS = 1.0
_started: dict[Path, float] = {}


def ensure(aim_dir: Path, address: str) -> None:
    """Start it unless one is at work. `address`: a store that this program named. Raises OSError and
    SubprocessError."""
    own_stores.note(address)
    if time.monotonic() - _started.get(aim_dir, -_START_SECONDS) < _START_SECONDS:
        return
    with uploads.lock(aim_dir) as is_free:
        pass
    if is_free:
        _started[aim_dir] = time.monotonic()
        # A process with this variable counts as a part of the command.
        env = {name: value for name, value in os.environ.items() if name != "AIM_PROCESS"}
        paths = json.dumps([path for path in sys.path if os.path.isabs(path)])
        beside.start(_SCRIPT, str(aim_dir), paths, env=env, packages=True)
