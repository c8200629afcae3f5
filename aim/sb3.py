"""The import path that Aim 3 has for `aim.integrations.stable_baselines3`."""

from __future__ import annotations

from aim.integrations.stable_baselines3 import AimCallback

__all__ = ["AimCallback"]
