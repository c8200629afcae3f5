"""The import path that Aim 3 has for `aim.integrations.pytorch`."""

from __future__ import annotations

from aim.integrations.pytorch import track_gradients, track_gradients_dists, track_parameters, track_params_dists

__all__ = ["track_gradients", "track_gradients_dists", "track_parameters", "track_params_dists"]
