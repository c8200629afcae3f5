"""The table of sources, one row each. A row's place gives its segments their numbers, so new rows go last.

Nothing here imports the readers, so that a command or a query can name the sources without loading them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

if TYPE_CHECKING:
    from aim.index.sources.source import Source

T = TypeVar("T")

# Stands for all formats, in options and in the mapping of sources to folders.
ALL: Final = "logs"
# The count of segment numbers reserved for each source.
NUMBERS: Final = 1 << 26


class SourceRow(NamedTuple):
    """`name` is the name of its cache folder. `prefix` precedes the names of its series in queries, as in `tf:loss`.
    `title` is its name for people. `option`: the command-line option that takes its folder, and `hint` tells in a
    command's help how to query it; without one of its own, it is among the formats of `--logs`."""

    name: str
    prefix: str
    title: str
    hint: str
    open: Callable[[Path], Source]
    option: str = ALL


def _logs(folder: Path) -> Source:
    from aim.index.sources.logs import Logs

    return Logs(folder)


def _tensorboard(folder: Path) -> Source:
    from aim.index.sources.tensorboard.source import EventFiles

    return EventFiles(folder)


def _wandb(folder: Path) -> Source:
    from aim.index.sources.wandb import WandbFiles

    return WandbFiles(folder)


def _mlflow(folder: Path) -> Source:
    from aim.index.sources.mlflow import MlflowStores

    return MlflowStores(folder)


def _rows(folder: Path) -> Source:
    from aim.index.sources.rows import RowFiles

    return RowFiles(folder)


def _trainer(folder: Path) -> Source:
    from aim.index.sources.trainer import TrainerStates

    return TrainerStates(folder)


def _trackio(folder: Path) -> Source:
    from aim.index.sources.trackio import TrackioProjects

    return TrackioProjects(folder)


def _aim3(folder: Path) -> Source:
    from aim.index.sources.aim3 import Aim3Repos

    return Aim3Repos(folder)


def _aim2(folder: Path) -> Source:
    from aim.index.sources.aim2 import Aim2Repos

    return Aim2Repos(folder)


def _dvclive(folder: Path) -> Source:
    from aim.index.sources.dvclive import DvcliveFolders

    return DvcliveFolders(folder)


def _sacred(folder: Path) -> Source:
    from aim.index.sources.sacred import SacredRuns

    return SacredRuns(folder)


def _swanlab(folder: Path) -> Source:
    from aim.index.sources.swanlab import SwanlabFiles

    return SwanlabFiles(folder)


def _clearml(folder: Path) -> Source:
    from aim.index.sources.clearml import ClearmlTasks

    return ClearmlTasks(folder)


def _comet(folder: Path) -> Source:
    from aim.index.sources.comet import CometExperiments

    return CometExperiments(folder)


def _neptune(folder: Path) -> Source:
    from aim.index.sources.neptune import NeptuneExports

    return NeptuneExports(folder)


SOURCES: list[SourceRow] = [
    SourceRow("aim", "", "Aim", "", _logs, ""),
    SourceRow("tensorboard", "tf", "TensorBoard", "query scalars as tf:TAG", _tensorboard, "tf_logs"),
    SourceRow("wandb", "wandb", "W&B", "", _wandb),
    SourceRow("mlflow", "mlflow", "MLflow", "", _mlflow),
    SourceRow("csv", "csv", "CSV and JSON lines", "", _rows),
    SourceRow("trainer", "hf", "Transformers", "", _trainer),
    SourceRow("trackio", "trackio", "trackio", "", _trackio),
    SourceRow("aim3", "aim3", "Aim 3", "", _aim3),
    SourceRow("aim2", "aim2", "Aim 2", "", _aim2),
    SourceRow("dvclive", "dvclive", "DVCLive", "", _dvclive),
    SourceRow("sacred", "sacred", "Sacred", "", _sacred),
    SourceRow("swanlab", "swanlab", "SwanLab", "", _swanlab),
    SourceRow("clearml", "clearml", "ClearML", "", _clearml),
    SourceRow("comet", "comet", "Comet", "", _comet),
    SourceRow("neptune", "neptune", "Neptune", "", _neptune),
]


def by_prefix() -> dict[str, SourceRow]:
    """The sources whose series have a prefix in queries."""
    return {row.prefix: row for row in SOURCES if row.prefix}


def formats_in(folder: Path) -> list[tuple[SourceRow, int]]:
    """The formats below a folder, each with the number of its runs."""
    counted = [(row, len(row.open(folder).names())) for row in by_prefix().values()]
    return [(row, count) for row, count in counted if count]


def folders_of(sources: Mapping[str, T]) -> dict[str, T]:
    """The folder of each source. That of `logs` is the folder of all that have no other one."""
    named = dict(sources)
    if ALL in named:
        every = named.pop(ALL)
        named = {**{row.name: every for row in by_prefix().values()}, **named}
    return named
