"""Record, search and compare training runs. Recording needs the standard library alone; reading loads on first use."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from aim import errors, media
from aim.sdk import aim3
from aim.sdk.run import Run
from aim.sdk.session import Session, flush, init, set_params, track
from aim.version import __version__

if TYPE_CHECKING:
    from aim.media.audio import Audio
    from aim.media.confusion import ConfusionMatrix
    from aim.media.curve import PRCurve, ROCCurve
    from aim.media.distribution import Distribution
    from aim.media.embedding import Embedding
    from aim.media.figure import Figure
    from aim.media.html import Html
    from aim.media.image import Image
    from aim.media.points import Points3D
    from aim.media.table import Table
    from aim.media.text import Text
    from aim.media.video import Video
    from aim.repo import Repo, select_metrics, select_runs

__all__ = [
    "Audio",
    "ConfusionMatrix",
    "Distribution",
    "Embedding",
    "Figure",
    "Html",
    "Image",
    "PRCurve",
    "Points3D",
    "ROCCurve",
    "Repo",
    "Run",
    "Session",
    "Table",
    "Text",
    "Video",
    "__version__",
    "errors",
    "flush",
    "init",
    "select_metrics",
    "select_runs",
    "set_params",
    "track",
]

_READING = {"Repo", "select_metrics", "select_runs"}
_FRAMEWORKS = {
    *("catboost", "fastai", "hugging_face", "keras", "lightgbm", "optuna", "pytorch", "pytorch_ignite"),
    *("pytorch_lightning", "sb3", "tensorflow", "xgboost"),
}


def __getattr__(name: str) -> Any:
    if name in _FRAMEWORKS:
        return importlib.import_module(f"aim.{name}")
    if name in media.CLASSES:
        return media.named(name)
    if name in _READING:
        return getattr(_reading(f"aim.{name}"), name)
    raise AttributeError(f"module 'aim' has no attribute {name!r}")


def _reading(what: str) -> Any:
    """The part of Aim that reads, for `what`."""
    try:
        from aim import repo
    except ModuleNotFoundError as error:
        raise errors.MissingDependency(
            f"{what} needs the package {error.name!r}, which is not installed; recording works without it. "
            f"Run: pip install {error.name}"
        ) from error
    return repo


aim3.read_with(lambda repo, run: _reading("reading a run").Repo(repo).run(run))
