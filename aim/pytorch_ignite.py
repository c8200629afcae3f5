"""The import path that Aim 3 has for `aim.integrations.ignite`."""

from __future__ import annotations

from aim.integrations.ignite import AimLogger

__all__ = ["AimLogger"]
