"""A repository: open it, query it, edit it, merge it. The CLI, the server, notebooks and scripts share this object."""

from __future__ import annotations

from aim.files import Freed, Merged
from aim.query.find import Find, Numbers
from aim.query.plan import Group, MetricColumn, ParamColumn
from aim.query.runs import RunRow
from aim.query.select import Selection
from aim.query.table import RunsPage, TableRows
from aim.repo.edits import Edited
from aim.repo.repo import Repo, select_metrics, select_runs

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
