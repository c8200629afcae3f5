"""The import path that Aim 3 has for `aim.integrations.catboost`."""

from __future__ import annotations

from aim.integrations.catboost import AimCallback, AimLogger

__all__ = ["AimCallback", "AimLogger"]
