"""A repository on disk: open it, query its runs, merge another one."""

from __future__ import annotations

import copy
import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aim import files, layout
from aim.errors import FilesElsewhere, RepoError
from aim.files import Freed, Merged
from aim.index.catalog import Catalog, Indexing
from aim.index.partition import Progress
from aim.index.sources.table import ALL, by_prefix
from aim.log.edits import deleted
from aim.query import result
from aim.query.cells import MediaCells, MediaWindow, cells_of
from aim.query.execute import explained
from aim.query.media import MediaPoint, MediaSeries, point_at, series_of
from aim.query.nodes import Statement
from aim.query.objects import select_objects
from aim.query.parse import parse_statement
from aim.query.plan import Sample, SortKey
from aim.query.result import Run
from aim.query.runs import run_rows
from aim.query.select import Selection, planned, runs_and_series, select
from aim.query.vocabulary import Vocabulary, vocabulary_of
from aim.repo.aim3 import Aim3Repo
from aim.repo.edits import Change, Edits
from aim.repo.opening import find, folder_of, index_of
from aim.repo.runs import RunEdits, place_named
from aim.threads import cached_property

if TYPE_CHECKING:
    from aim.importers import convert, keep
    from aim.repo.artifacts import Artifacts
    from aim.repo.bookmarks import Bookmarks
    from aim.repo.dashboards import Dashboards
    from aim.repo.experiments import Experiments
    from aim.repo.logs import RunLogs
    from aim.repo.metrics import Metrics
    from aim.repo.notes import Notes
    from aim.repo.table import RunsTable
    from aim.repo.tags import Tags
    from aim.repo.views import Views


class News(NamedTuple):
    """`changed`: the ids of runs with new records. `running`: the ids of runs that are recording; a process that
    dies leaves it without a new revision. `edited`: the stamp of the last change of what belongs to the repository
    itself, such as a dashboard."""

    revision: int
    changed: set[str]
    running: set[str]
    edited: int = 0


class Overview(NamedTuple):
    """`running`: the ids of runs that are recording. `sources`: the prefixes of its sources; "" stands for its own
    logs. `indexing`: None if no runs are left out."""

    revision: int
    runs: int
    running: set[str]
    experiments: list[str]
    sources: list[str]
    indexing: Indexing | None


class Repo(Aim3Repo):
    """A repository on disk. `path` is the folder that holds `.aim`, or `.aim` itself; without it AIM_REPO counts, then
    the nearest `.aim` at or above the working directory. Every question sees what was recorded up to that moment. Safe
    in several threads."""

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        read_only: bool = False,
        logs: str | os.PathLike[str] | None = None,
        tf_logs: str | os.PathLike[str] | None = None,
        sources: Mapping[str, str | os.PathLike[str]] | None = None,
        progress: Progress | None = None,
        engine: str | None = None,
        partly: bool = False,
    ) -> None:
        """`engine`: the address of a database that the repository is folded into, which then answers queries. Such an
        address as `path` gives a repository without its files: media and output are not there, and edits reach the
        files by the process that folds. `logs`: a folder of other trackers' files in any of the formats that Aim
        reads, whose runs are shown together with those of the repository. `tf_logs`: the same of TensorBoard alone.
        `sources`: folders by the name of their source; `{"tensorboard": "runs"}` is the same. With
        them, the repository need not exist; the first edit makes it. `partly`: while thousands of runs are not indexed
        yet, answer from those that are (`overview().indexing`)."""
        named = dict(sources or {})
        named.update({name: given for name, given in ((ALL, logs), ("tensorboard", tf_logs)) if given is not None})
        self._index = index_of(path, sources=named, progress=progress, engine=engine, partly=partly)
        self.aim_dir = self._index.catalogs.aim_dir
        self._progress = progress
        self.root = self.aim_dir.parent
        layout.check_version(self.aim_dir)
        self.edits = Edits(self._index, read_only=read_only)

    def acting(self, by: str) -> Repo:
        """The same repository, whose edits carry the name of another user than that of this process."""
        other = copy.copy(self)
        for name, part in vars(Repo).items():
            if isinstance(part, cached_property):
                vars(other).pop(name, None)
        other.edits = self.edits.acting(by)
        return other

    # Nouns of a repository. A script that only asks a query imports none of them.

    @cached_property
    def runs(self) -> RunEdits:
        return RunEdits(self.edits)

    @cached_property
    def table(self) -> RunsTable:
        from aim.repo.table import RunsTable

        return RunsTable(self._index)

    @cached_property
    def logs(self) -> RunLogs:
        from aim.repo.logs import RunLogs

        return RunLogs(self._index)

    @cached_property
    def experiments(self) -> Experiments:
        from aim.repo.experiments import Experiments

        return Experiments(self.edits, self.runs)

    @cached_property
    def tags(self) -> Tags:
        from aim.repo.tags import Tags

        return Tags(self.edits)

    @cached_property
    def notes(self) -> Notes:
        from aim.repo.notes import Notes

        return Notes(self.edits, self.runs)

    @cached_property
    def bookmarks(self) -> Bookmarks:
        from aim.repo.bookmarks import Bookmarks

        return Bookmarks(self.edits)

    @cached_property
    def dashboards(self) -> Dashboards:
        from aim.repo.dashboards import Dashboards

        return Dashboards(self.edits)

    @cached_property
    def views(self) -> Views:
        from aim.repo.views import Views

        return Views(self.edits, self.bookmarks)

    @cached_property
    def metrics(self) -> Metrics:
        from aim.repo.metrics import Metrics

        return Metrics(self.edits)

    @cached_property
    def artifacts(self) -> Artifacts:
        from aim.repo.artifacts import Artifacts

        return Artifacts(self.edits, self.check_files)

    def __repr__(self) -> str:
        return f"<Repo {self.place}>"

    def __fspath__(self) -> str:
        """Where a path is asked for, as by `aim.Run(repo=...)`."""
        return str(self.aim_dir)

    @property
    def place(self) -> str:
        """Where the repository is: its folder, or the address of its engine if that alone is open."""
        return self._index.catalogs.place

    @property
    def elsewhere(self) -> bool:
        """Whether the engine alone is open, without the files of the repository."""
        return self._index.catalogs.elsewhere

    def check_files(self, why: str) -> None:
        """Raise FilesElsewhere unless the files of the repository are here. `why`: what needs them."""
        if self.elsewhere:
            raise FilesElsewhere(why)

    @classmethod
    def init(cls, path: str | os.PathLike[str], *, reinitialize: bool = False) -> Repo:
        """Make a repository, or open the one that is there. `reinitialize` removes everything that was recorded in
        it."""
        aim_dir = layout.resolve(path)
        layout.refuse_earlier(aim_dir, alone=not reinitialize)
        if reinitialize and aim_dir.is_dir():
            for entry in list(aim_dir.iterdir()):
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        layout.create(aim_dir)
        return cls(aim_dir)

    def select(self, statement: str, *, only: Collection[str] | None = None) -> Selection:
        """The series of `metric, ... if expression`, of all runs or `only` of runs with these ids."""
        question = partial(select, statement=parse_statement(statement), only=only, ask=self._index.ask)
        return self._index.ask(question)

    def select_metrics(self, statement: str | Statement) -> list[Run]:
        """The runs with the metrics of `metric, ... if expression`: `"loss if params.lr < 0.01"`."""
        parsed = statement if isinstance(statement, Statement) else parse_statement(statement)
        question = partial(select, statement=parsed, ask=self._index.ask)
        selection = self._index.ask(question)
        return result.of_selection(selection, selection.runs[:], self._index)

    def select_runs(self, expression: str | None = None) -> list[Run]:
        """The runs for which the expression holds (all but archived ones without it), with all their metrics."""
        from aim.repo.table import about_runs

        question = partial(runs_and_series, statement=about_runs(expression), ask=self._index.ask)
        selection = self._index.ask(question)
        return result.of_selection(selection, selection.runs[:], self._index)

    def explain(self, statement: str, *, sample: Sample | None = None) -> list[str]:
        """How a statement is answered, and the `sample` of its points, a line for each operation."""
        parsed, points = parse_statement(statement), () if sample is None else (sample,)
        return self._index.ask(lambda catalog: explained(catalog, (*planned(catalog, parsed), *points)))

    def objects(self, statement: str | Statement = "", kind: str | None = None) -> list[MediaSeries]:
        """The series of media that a statement selects: `"samples if params.lr < 0.01"`, or
        `"images if images.step > 100"`, which have only the values that match. Without a statement, all of runs that
        are not archived. `kind`: text, html, image, video, audio, distribution, figure or table."""
        parsed = statement if isinstance(statement, Statement) else None
        if isinstance(statement, str) and statement.strip():
            parsed = parse_statement(statement, media=True)
        return self._index.ask(lambda catalog: series_of(catalog, select_objects(catalog, parsed, kind)))

    def cells(
        self, statement: str, kind: str | None, *, window: MediaWindow, order: Sequence[SortKey] = ()
    ) -> MediaCells:
        """Some of the media that a statement selects, as an explorer shows them."""
        parsed = parse_statement(statement, media=True) if statement.strip() else None
        ask = self._index.ask
        shown = partial(cells_of, statement=parsed, window=window, order=order, ask=ask)
        return ask(lambda catalog: shown(catalog, select_objects(catalog, parsed, kind)))

    def run(self, hash_or_id: str) -> Run:
        """One run, archived or not, by its hash, its id, or the beginning of its id."""
        catalog, (row,) = self._index.ask(
            lambda catalog: (catalog, run_rows(catalog, np.array([place_named(catalog, hash_or_id)])))
        )
        return result.single(row, self._index.as_of(catalog))

    def object_at(self, run: str, writer: str, at: int) -> MediaPoint | None:
        """The value of this run whose `id` is `writer-at`. Of the run itself nothing is read."""
        return self._index.ask(lambda catalog: point_at(catalog, place_named(catalog, run), writer, at))

    def count(self) -> int:
        return len(self._index.refresh())

    def vocabulary(self) -> Vocabulary:
        """What queries can name in this repository."""
        return self._index.ask(vocabulary_of)

    def revision(self) -> int:
        """A number that grows when anything was recorded or edited."""
        self._index.refresh()
        return self._index.revision

    def source_notes(self) -> list[str]:
        """A sentence for each thing in the logs of other trackers that cannot be shown, as far as they were read."""
        return self._index.notes()

    def news(self, since: int) -> News:
        """What changed since a revision."""

        def answer(catalog: Catalog) -> News:
            changed = self._index.changes(since)
            known = set(catalog.ids if changed is None else changed)
            # Not the latest revision: a thread that reads many new runs may have counted another one meanwhile.
            return News(catalog.revision, known, _running(catalog), catalog.highest_edit)

        return self._index.ask(answer)

    def overview(self) -> Overview:
        """Counts and names of everything, from one catalog."""

        def answer(catalog: Catalog) -> Overview:
            names = catalog.experiments, catalog.open_prefixes
            return Overview(catalog.revision, len(catalog), _running(catalog), *names, catalog.indexing)

        return self._index.ask(answer)

    def merge(self, other: Repo | str | os.PathLike[str]) -> Merged:
        """Bring everything from another repository that is new there. The other one is only read; doing it again
        changes nothing."""
        from aim.artifacts import copies

        self.check_files("a merge copies files")
        source = other.aim_dir if isinstance(other, Repo) else find(other)
        self.edits.check_writable()
        if source.resolve() == self.aim_dir.resolve():
            raise RepoError(f"a repository cannot be merged with itself: {source}")
        layout.check_version(source)
        layout.create(self.aim_dir)
        edited, missing = files.copy_edits(source, self.aim_dir)
        brought = copies.bring(source, self.aim_dir)
        gone = deleted(self.aim_dir)
        swept = files.remove_runs(self.aim_dir, gone) if gone else Freed(0, 0, 0)
        merged = files.copy_runs(source, self.aim_dir, deleted=gone, missing=[*missing, *brought.missing])
        copied, size = merged.files + len(edited) + brought.files, merged.bytes + sum(edited) + brought.bytes
        return Merged(merged.runs, copied, size, swept.files, swept.left)

    def convert_tensorboard(self, logdir: str | os.PathLike[str], *, experiment: str = "TF") -> convert.Copied:
        """Copy TensorBoard's logs into the repository for good: again, it adds only what is new. What people gave to
        the runs while the logs were only shown is theirs here too."""
        from aim.importers import convert
        from aim.index.sources.tensorboard.source import run_id

        folder, progress = self._to_copy(logdir, "TensorBoard"), self._progress

        def copy(catalog: Catalog) -> convert.Copied:
            return convert.copy(self.aim_dir, catalog, folder, experiment=experiment, progress=progress)

        catalog = self._index.refresh()
        copied = self._index.as_of(catalog)(copy)
        self._copy_edits(catalog, {run_id(folder): id for folder, id in copied.ids.items()})
        if copied.joined:
            self._join_edits(copied.joined)
            self.runs.delete(list(copied.joined))
        return copied

    def convert(
        self,
        format: str,
        folder: str | os.PathLike[str] | None = None,
        *,
        tracking_uri: str | None = None,
        entity: str | None = None,
        project: str | None = None,
    ) -> keep.Kept:
        """Copy the runs of another tracker below a folder into the repository for good, as `convert_tensorboard` does.
        `format`: wandb, mlflow, csv, trainer, trackio, aim3, aim2, dvclive, sacred, swanlab, clearml, comet
        or neptune.

        Instead of a folder: `tracking_uri` is the address of a server of MLflow, and `entity` and `project` are on the
        server of W&B."""
        from aim.importers import keep, servers

        row = next((row for row in by_prefix().values() if row.name == format and row.option == ALL), None)
        if row is None:
            names = ", ".join(row.name for row in by_prefix().values() if row.option == ALL)
            raise RepoError(f"there is no format {format!r}; there are: {names}")
        server = servers.named(row.name, folder, tracking_uri=tracking_uri, entity=entity, project=project)
        self.check_files("copies of runs are files")
        self.edits.check_writable()
        if server is None:
            place = folder_of(folder or ".", row.title)
            source, top = row.open(place), os.path.realpath(place)
        else:
            source, top = server, server.place
        progress = self._progress

        def copy(catalog: Catalog) -> keep.Kept:
            versions = server.versions if server is not None else None
            return keep.keep(self.aim_dir, catalog, row.name, source, top, versions=versions, progress=progress)

        catalog = self._index.refresh()
        kept = self._index.as_of(catalog)(copy)
        self._copy_edits(catalog, kept.ids)
        return kept

    def _join_edits(self, joined: Mapping[str, str]) -> None:
        """Give a run what people gave to those that are a part of it now, unless they gave it something else."""
        edits = self._index.refresh().edits
        given = [(id, edits.get(alone, {}), edits.get(id, {})) for alone, id in joined.items()]
        changes: list[Change] = [
            (id, field, value)
            for id, fields, known in given
            for field, (_, _, value) in fields.items()
            if field not in known and field != "archived"
        ]
        if changes:
            self.edits.write(changes)

    def _to_copy(self, folder: str | os.PathLike[str], title: str) -> Path:
        self.check_files("copies of runs are files")
        self.edits.check_writable()
        return folder_of(folder, title)

    def _copy_edits(self, before: Catalog, ids: Mapping[str, str]) -> None:
        """Give new copies what people gave to the shown runs. `ids`: the copy of each."""
        new = {id: shown for shown, id in ids.items() if id not in before.index and id not in before.deleted}
        there = self._index.refresh()
        given = [(id, before.edits.get(shown, {})) for id, shown in new.items() if id in there.index]
        changes: list[Change] = [(id, field, value) for id, fields in given for field, (_, _, value) in fields.items()]
        if changes:
            self.edits.write(changes)


def select_metrics(statement: str, repo_path: str | os.PathLike[str] | None = None) -> list[Run]:
    """The runs with the metrics of `metric, ... if expression`, from the repository at `repo_path` (default: as
    Repo())."""
    return Repo(repo_path).select_metrics(statement)


def select_runs(expression: str | None = None, repo_path: str | os.PathLike[str] | None = None) -> list[Run]:
    """The runs for which the expression holds, with all their metrics."""
    return Repo(repo_path).select_runs(expression)


def _running(catalog: Catalog) -> set[str]:
    return {catalog.ids[i] for i in catalog.open_runs() if catalog.status(i).word == "running"}
