"""A repository: open it, query it, edit it, merge it. The CLI, the server, notebooks and scripts share this object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aim.files import Freed, Merged
from aim.query.find import Find, Numbers
from aim.query.plan import Group, MetricColumn, ParamColumn
from aim.query.runs import RunRow
from aim.query.select import Selection
from aim.repo.edits import Edited
from aim.repo.repo import Repo, select_metrics, select_runs

if TYPE_CHECKING:
    from aim.query.table import RunsPage, TableRows

__all__ = [
    "Edited",
    "Find",
    "Freed",
    "Group",
    "Merged",
    "MetricColumn",
    "Numbers",
    "ParamColumn",
    "Repo",
    "RunRow",
    "RunsPage",
    "Selection",
    "TableRows",
    "select_metrics",
    "select_runs",
]


def __getattr__(name: str) -> Any:
    """Answers of tables, which a query alone does not need."""
    if name in ("RunsPage", "TableRows"):
        from aim.query import table

        return getattr(table, name)
    raise AttributeError(f"module 'aim.repo' has no attribute {name!r}")
