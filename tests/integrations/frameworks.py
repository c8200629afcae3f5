"""The real libraries, if they are installed: scripts/test-integrations installs them, other test runs skip."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

import aim

Series = dict[tuple[str, Any], Any]


def framework(*names: str) -> Any:
    """The last named library, or a skip. Warnings during imports are ignored."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [pytest.importorskip(name) for name in names][-1]


def only(repo: Path) -> tuple[Any, Series]:
    """The one run in `repo`, and each of its series by metric and subset."""
    (run,) = aim.select_metrics("*", repo)
    return run, {(trace.name, trace.context.get("subset")): trace for m in run.metrics.values() for trace in m.traces}
