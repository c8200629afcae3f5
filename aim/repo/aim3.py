"""Aim 3's names for questions about a repository. docs/aim3.md maps each to ours."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from aim.errors import RepoError, RunError
from aim.query.aim3 import MediaCollection, SequenceCollection
from aim.query.nodes import Selector, Statement
from aim.query.parse import parse_expression
from aim.repo.opening import find

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

    from aim.query.media import MediaSeries
    from aim.query.result import Run
    from aim.repo.runs import RunEdits

_ALL = "run.archived in (True, False)"


class Aim3Repo:
    """Methods of Aim 3's Repo that ours has under other names."""

    if TYPE_CHECKING:
        aim_dir: Path
        runs: RunEdits

        def __init__(self, path: Any = None, *, read_only: bool = False) -> None: ...
        @classmethod
        def init(cls, path: Any) -> Self: ...
        def run(self, hash_or_id: str) -> Run: ...
        def objects(self, statement: str | Statement = "", kind: str | None = None) -> list[MediaSeries]: ...
        def select_metrics(self, statement: str | Statement) -> list[Run]: ...
        def select_runs(self, expression: str | None = None) -> list[Run]: ...

    @property
    def path(self) -> str:
        return str(self.aim_dir)

    @classmethod
    def from_path(cls, path: str | os.PathLike[str], read_only: bool | None = None, init: bool = False) -> Self:
        return cls.init(path) if init and not cls.exists(path) else cls(path, read_only=bool(read_only))

    @classmethod
    def default_repo(cls, init: bool = False) -> Self:
        """The repository that runs are recorded to from here."""
        try:
            return cls()
        except RepoError:
            if not init:
                raise
            return cls.init(os.getcwd())

    @classmethod
    def exists(cls, path: str | os.PathLike[str]) -> bool:
        return find(path, needed=False).is_dir()

    # Runs

    def get_run(self, run_hash: str) -> Run | None:
        """One run, archived or not; None if there is none."""
        try:
            return self.run(run_hash)
        except RunError:
            return None

    def run_exists(self, run_hash: str) -> bool:
        return self.get_run(run_hash) is not None

    def iter_runs(self) -> Iterator[Run]:
        """All runs, the archived ones too, newest first."""
        return iter(self.select_runs(_ALL))

    def list_all_runs(self) -> list[str]:
        return [run.hash for run in self.iter_runs()]

    def list_active_runs(self) -> list[str]:
        return [run.hash for run in self.iter_runs() if run.active]

    def total_runs_count(self) -> int:
        return len(self.list_all_runs())

    def delete_run(self, run_hash: str) -> bool:
        return self.delete_runs([run_hash])[0]

    def delete_runs(self, run_hashes: Sequence[str]) -> tuple[bool, list[str]]:
        """Whether all were deleted, and those that are not there."""
        known = {hash: self.get_run(hash) for hash in run_hashes}
        there = [run.id for run in known.values() if run is not None]
        if there:
            self.runs.delete(there)
        return len(there) == len(known), [hash for hash, run in known.items() if run is None]

    # Queries

    def query_metrics(self, query: str = "", *args: Any, **others: Any) -> SequenceCollection:
        """The series for which an expression such as `metric.name == "loss" and run.hparams.lr < 0.1` holds."""
        return SequenceCollection(self.select_metrics(_all_if(query, media=False)))

    def query_runs(self, query: str = "", *args: Any, **others: Any) -> SequenceCollection:
        """The runs for which an expression holds, with all their series."""
        return SequenceCollection(self.select_runs(query or None))

    def query_images(self, query: str = "", *args: Any, **others: Any) -> MediaCollection:
        """The series of images for which an expression such as `images.name == "samples" and run.hparams.lr < 0.1`
        holds."""
        return self._media(query, "image")

    def query_texts(self, query: str = "", *args: Any, **others: Any) -> MediaCollection:
        return self._media(query, "text")

    def query_audios(self, query: str = "", *args: Any, **others: Any) -> MediaCollection:
        return self._media(query, "audio")

    def query_distributions(self, query: str = "", *args: Any, **others: Any) -> MediaCollection:
        return self._media(query, "distribution")

    def query_figure_objects(self, query: str = "", *args: Any, **others: Any) -> MediaCollection:
        return self._media(query, "figure")

    def _media(self, query: str, kind: str) -> MediaCollection:
        return MediaCollection(self.objects(_all_if(query, media=True), kind), self.run)


def _all_if(query: str, *, media: bool) -> Statement:
    return Statement((Selector("all"),), parse_expression(query, media=media), query)
