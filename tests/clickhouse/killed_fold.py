"""`killed_fold.py AIM_DIR ADDRESS COUNT`: folds, and is killed at its statement COUNT, after the server has it if COUNT
is odd."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from aim.clickhouse.address import parse
from aim.clickhouse.client import DatabaseClient
from aim.clickhouse.database import Database
from aim.index import folding

send, left = DatabaseClient._send, int(sys.argv[3])


def counted(self: DatabaseClient, body: bytes, options: Any, **given: Any) -> bytes:
    global left
    left -= 2
    if left == -2:
        os.kill(os.getpid(), signal.SIGKILL)
    answer = send(self, body, options, **given)
    if left == -1:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer


DatabaseClient._send = counted  # type: ignore[method-assign]
with folding.filling(Path(sys.argv[1]), Database(parse(sys.argv[2]))) as filling:
    filling.refresh()
