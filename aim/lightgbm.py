"""The import path that Aim 3 has for `aim.integrations.lightgbm`."""

from __future__ import annotations

from aim.integrations.lightgbm import AimCallback

__all__ = ["AimCallback"]
