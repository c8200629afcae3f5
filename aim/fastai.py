"""The import path that Aim 3 has for `aim.integrations.fastai`."""

from __future__ import annotations

from aim.integrations.fastai import AimCallback

__all__ = ["AimCallback"]
