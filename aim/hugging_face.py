"""The import path that Aim 3 has for `aim.integrations.transformers`."""

from __future__ import annotations

from aim.integrations.transformers import AimCallback

__all__ = ["AimCallback"]
