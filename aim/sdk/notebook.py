"""In a notebook, running a cell again ends the runs that the same cell had opened before."""

from __future__ import annotations

import sys
from typing import Any, Protocol
from weakref import WeakSet


class OpenedRun(Protocol):
    def close(self) -> None: ...


_cells: dict[str, tuple[int, WeakSet[OpenedRun]]] = {}


def active() -> bool:
    return _shell() is not None


def opened(run: OpenedRun) -> None:
    """Note the cell that opens `run`, and end the runs that its earlier execution left open."""
    shell = _shell()
    cell = _cell(shell) if shell is not None else None
    if cell is None:
        return
    execution = int(getattr(shell, "execution_count", 0))
    before, runs = _cells.get(cell, (execution, WeakSet()))
    if before != execution:
        for earlier in list(runs):
            earlier.close()
        runs = WeakSet()
    runs.add(run)
    _cells[cell] = (execution, runs)


def _shell() -> Any:
    """The running IPython shell, without importing IPython."""
    ipython = sys.modules.get("IPython")
    get = getattr(ipython, "get_ipython", None)
    return get() if callable(get) else None


def _cell(shell: Any) -> str | None:
    """The notebook's own id of the cell, else the name under which its code was compiled (equal for equal code)."""
    header = getattr(shell, "parent_header", None) or {}
    cell = (header.get("metadata") or {}).get("cellId") if isinstance(header, dict) else None
    if cell:
        return str(cell)
    namespace = getattr(shell, "user_ns", None)
    frame = sys._getframe()
    while frame is not None and frame.f_globals is not namespace:
        frame = frame.f_back  # type: ignore[assignment]
    return frame.f_code.co_filename.split("-")[-1] if frame is not None else None
