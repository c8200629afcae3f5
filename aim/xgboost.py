"""The import path that Aim 3 has for `aim.integrations.xgboost`."""

from __future__ import annotations

from aim.integrations.xgboost import AimCallback

__all__ = ["AimCallback"]
