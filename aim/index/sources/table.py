"""The table of sources, one row each. A row's place gives its segments their numbers, so new rows go last.

Nothing here imports the readers, so that a command or a query can name the sources without loading them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from aim.index.sources.source import Source

# The count of segment numbers reserved for each source.
NUMBERS: Final = 1 << 26


class SourceRow(NamedTuple):
    """`name` is the name of its cache folder. `prefix` precedes the names of its series in queries, as in `tf:loss`.
    `title` is its name for people, and `hint` tells in a command's help how to query it."""

    name: str
    prefix: str
    title: str
    hint: str
    open: Callable[[Path], Source]

    @property
    def option(self) -> str:
        """The command-line option that takes the folder of this source."""
        return f"{self.prefix}_logs"


def _logs(folder: Path) -> Source:
    from aim.index.sources.logs import Logs

    return Logs(folder)


def _tensorboard(folder: Path) -> Source:
    from aim.index.sources.tensorboard.source import EventFiles

    return EventFiles(folder)


SOURCES: list[SourceRow] = [
    SourceRow("aim", "", "Aim", "", _logs),
    SourceRow("tensorboard", "tf", "TensorBoard", "query scalars as tf:TAG", _tensorboard),
]


def by_prefix() -> dict[str, SourceRow]:
    """The sources whose series have a prefix in queries."""
    return {row.prefix: row for row in SOURCES if row.prefix}
