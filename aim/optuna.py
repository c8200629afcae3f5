"""The import path that Aim 3 has for `aim.integrations.optuna`."""

from __future__ import annotations

from aim.integrations.optuna import AimCallback

__all__ = ["AimCallback"]
