"""Ports of servers that start again where they were, or that are told to others before they start."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 10_000
# What most systems begin with.
_USUAL = 32_768


def free_port() -> int:
    """A free port that stays free: the system gives it neither to clients nor for port 0."""
    highest = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else _USUAL
    while True:
        port = _LOWEST + secrets.randbelow(max(1000, highest - _LOWEST))
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
