"""The version, stated once: the package, the wheel and the log's START record all read it here."""

from __future__ import annotations

__version__ = "0.1.0"
