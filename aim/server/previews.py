"""What is made of media so that a page can show thousands of them: small copies of images, outlines of sounds,
projections of embeddings. Each is made in another process (`aim/media/apart.py`), several at a time, and the last ones
are kept in memory.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections import OrderedDict

from aim.processes import IsolatedProcesses

SECONDS = 10.0
KEPT_BYTES = 64 << 20
# What keeping one takes beside its bytes.
ENTRY = 500

Key = tuple[bytes, tuple[tuple[str, int], ...]]


class Previews:
    """Previews by content and options: several repositories have runs of the same id, and files of other trackers are
    replaced. What could not be made is kept too, so that it is tried once, unless the process could not be started.
    `function` makes one, as `aim/media/apart.py` says."""

    def __init__(self, function: str, *, seconds: float = SECONDS, processes: int = 1) -> None:
        self._maker = IsolatedProcesses(function, seconds=seconds, count=processes)
        self._kept: OrderedDict[Key, bytes | str] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Start a process while the page that will ask for previews is answered."""
        self._maker.begin()

    def made(self, data: bytes, **options: int) -> bytes | str:
        """The preview, or why there is none."""
        key = (hashlib.sha256(data).digest(), tuple(options.items()))
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        try:
            preview = self._make(data, options)
        except OSError as error:
            return str(error)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = preview
                self._bytes += len(preview) + ENTRY
            while self._bytes > KEPT_BYTES:
                self._bytes -= len(self._kept.popitem(last=False)[1]) + ENTRY
        return preview

    def _make(self, data: bytes, options: dict[str, int]) -> bytes | str:
        try:
            answer = self._maker.ask({"data": base64.b64encode(data).decode(), **options})
        except ChildProcessError as error:
            return str(error)
        return base64.b64decode(answer["data"]) if "data" in answer else str(answer["problem"])
