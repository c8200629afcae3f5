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

from aim import files, layout, user
from aim.clickhouse import address
from aim.errors import FilesElsewhere, RepoError
from aim.files import Freed, Merged
from aim.index.catalog import Catalog, Indexing
from aim.index.local import Local
from aim.index.partition import Progress
from aim.index.refresh import Index
from aim.index.sources.table import SourceRow, by_prefix
from aim.index.tables import metrics_of
from aim.log.edits import deleted
from aim.query import plan, result
from aim.query.beside import Beside, SeriesName, Side, beside
from aim.query.execute import execute, explained
from aim.query.find import Find
from aim.query.media import MediaSeries, select_media
from aim.query.nodes import Statement
from aim.query.notes import notes
from aim.query.parse import parse_expression, parse_statement
from aim.query.plan import Group, Sample, TableColumn
from aim.query.result import Run
from aim.query.runs import run_rows
from aim.query.select import (
    Facts,
    GroupsPage,
    RunColumns,
    RunsPage,
    RunsTable,
    Selection,
    facts_of,
    groups_page,
    planned,
    run_columns,
    runs_and_series,
    runs_page,
    select,
)
from aim.query.vocabulary import Vocabulary, vocabulary_of
from aim.repo.bookmarks import Bookmarks
from aim.repo.edits import Change, Edits
from aim.repo.experiments import Experiments
from aim.repo.logs import RunLogs
from aim.repo.notes import Notes
from aim.repo.runs import RunEdits, place_named
from aim.repo.tags import Tags

if TYPE_CHECKING:
    from aim.importers import convert


class News(NamedTuple):
    """`changed`: the ids of runs with new records. `running`: the ids of runs that are recording; a process that
    dies leaves it without a new revision."""

    revision: int
    changed: set[str]
    running: set[str]


class Overview(NamedTuple):
    """`running`: the ids of runs that are recording. `indexing`: None if no runs are left out."""

    revision: int
    runs: int
    running: set[str]
    experiments: list[str]
    indexing: Indexing | None


class MetricsOfRuns(NamedTuple):
    """`sources`: the prefixes of the sources that the runs come from; "" stands for the repository's own logs."""

    names: list[str]
    sources: list[str]


class Repo:
    """A repository on disk. `path` is the folder that holds `.aim`, or `.aim` itself; without it AIM_REPO counts, then
    the nearest `.aim` at or above the working directory. Every question sees what was recorded up to that moment. Safe
    in several threads."""

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        read_only: bool = False,
        tf_logs: str | os.PathLike[str] | None = None,
        sources: Mapping[str, str | os.PathLike[str]] | None = None,
        progress: Progress | None = None,
        engine: str | None = None,
        partly: bool = False,
    ) -> None:
        """`engine`: the address of a database that the repository is folded into, which then answers queries. Such an
        address as `path` gives a repository without its files: media and output are not there, and edits reach the
        files by the process that folds. `tf_logs`: a folder of TensorBoard logs, whose runs are shown together with
        those of the repository.
        `sources`: folders of other trackers by the name of their source; `{"tensorboard": "runs"}` is the same. With
        them, the repository need not exist; the first edit makes it. `partly`: while thousands of runs are not indexed
        yet, answer from those that are (`overview().indexing`)."""
        named = {**(sources or {}), **({"tensorboard": tf_logs} if tf_logs is not None else {})}
        if path is None and engine is None and address.is_address(os.environ.get("AIM_REPO")):
            path = os.environ["AIM_REPO"]
        if address.is_address(path):
            engine, path = str(path), None
            self._index = _shared(engine, named, None)
        elif engine is not None:
            self._index = _shared(engine, named, _find(path))
        else:
            others = {name: _folder(folder, _source(name).title) for name, folder in named.items()}
            aim_dir = _find(path, needed=not named)
            self._index = Index(Local(aim_dir, others=others, progress=progress, partly=partly))
        self.aim_dir = self._index.catalogs.aim_dir
        self._progress = progress
        self.root = self.aim_dir.parent
        layout.check_version(self.aim_dir)
        self.logs = RunLogs(self._index)
        self._edit_with(Edits(self._index, read_only=read_only))

    def _edit_with(self, edits: Edits) -> None:
        self.edits = edits
        self.runs = RunEdits(self.edits)
        self.experiments = Experiments(self.edits, self.runs)
        self.tags = Tags(self.edits)
        self.notes = Notes(self.edits, self.runs)
        self.bookmarks = Bookmarks(self.edits)

    def acting(self, by: str) -> Repo:
        """The same repository, whose edits carry the name of another user than that of this process."""
        other = copy.copy(self)
        other._edit_with(self.edits.acting(by))
        return other

    def __repr__(self) -> str:
        return f"<Repo {self.place}>"

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
        if reinitialize and aim_dir.is_dir():
            for entry in list(aim_dir.iterdir()):
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        layout.create(aim_dir)
        return cls(aim_dir)

    def select(self, statement: str, *, only: Collection[str] | None = None) -> Selection:
        """The series of `metric, ... if expression`, of all runs or `only` of runs with these ids."""
        question = partial(select, statement=parse_statement(statement), only=only, ask=self._index.ask)
        return self._index.ask(question)

    def select_metrics(self, statement: str) -> list[Run]:
        """The runs with the metrics of `metric, ... if expression`: `"loss if params.lr < 0.01"`."""
        question = partial(select, statement=parse_statement(statement), ask=self._index.ask)
        selection = self._index.ask(question)
        return result.of_selection(selection, selection.runs[:], self._index)

    def select_runs(self, expression: str | None = None) -> list[Run]:
        """The runs for which the expression holds (all but archived ones without it), with all their metrics."""
        question = partial(runs_and_series, statement=_about_runs(expression), ask=self._index.ask)
        selection = self._index.ask(question)
        return result.of_selection(selection, selection.runs[:], self._index)

    def runs_and_series(self, expression: str | None = None, *, only: Collection[str] | None = None) -> Selection:
        """The same runs, or those of them in `only`, with a table of all their series."""
        question = partial(runs_and_series, statement=_about_runs(expression), only=only, ask=self._index.ask)
        return self._index.ask(question)

    def beside(
        self,
        expression: str | None,
        shown: SeriesName,
        by: SeriesName,
        side: Side,
        *,
        only: Collection[str] | None = None,
    ) -> Beside:
        """For the same runs, the value of one series at the step where another one has its min or max."""
        steps = plan.of_runs(parse_expression(expression), only=only)
        return self._index.ask(lambda catalog: beside(catalog, execute(catalog, steps).runs, shown, by, side))

    def runs_table(
        self,
        expression: str | None = None,
        *,
        only: Collection[str] | None = None,
        order: Sequence[tuple[TableColumn, bool]] = (),
        group: Group | None = None,
    ) -> RunsTable:
        """The same runs, or those of them in `only`, as rows of a table. `order` and `group`: as in `runs_page`."""
        statement, keys = _about_runs(expression), _keys(order)
        steps = plan.of_list(statement.where, keys, group=group, only=only)
        columns = [*(key.column for key in keys), *(() if group is None else group.by)]

        def answer(catalog: Catalog) -> RunsTable:
            rows = run_rows(catalog, execute(catalog, steps).runs)
            told = notes(statement, vocabulary_of(catalog), columns=columns, matched=len(rows))
            return RunsTable(rows, told, catalog.revision)

        return self._index.ask(answer)

    def run_columns(self, expression: str | None, fields: Sequence[str]) -> RunColumns:
        """Some fields of the same runs as columns, such as status and created_at."""
        where = parse_expression(expression)
        return self._index.ask(partial(run_columns, where=where, names=fields))

    def metric_names(self, expression: str | None = None, *, only: Collection[str] | None = None) -> MetricsOfRuns:
        """The names of the metrics of the same runs, or of those of them in `only`."""
        steps = plan.of_runs(parse_expression(expression), only=only)

        def answer(catalog: Catalog) -> MetricsOfRuns:
            runs = execute(catalog, steps).runs
            names = dict.fromkeys(metric.name for metric in metrics_of(catalog, runs))
            return MetricsOfRuns(list(names), sorted({catalog.prefixes[run] for run in runs.tolist()}))

        return self._index.ask(answer)

    def runs_page(
        self,
        expression: str | None = None,
        *,
        order: Sequence[tuple[TableColumn, bool]] = (),
        find: Find | None = None,
        group: Group | None = None,
        offset: int = 0,
        limit: int = 100,
        near: str | None = None,
        before: int = 0,
        metrics: Sequence[str] = (),
        columns: bool = False,
    ) -> RunsPage:
        """Some of the same runs, with the series of some metrics; nothing else is read.

        `order`: columns, and whether each descends. A column is AimQL, such as `run.duration` or `hparams.lr`, the
        number of a metric in one context, or the param of one path. `find`: only runs that show a text. `group`: the
        runs of a group stand together. `near`: the id of a run; where it is among them, the page begins `before` rows
        before it instead of at `offset`. `columns`: also say which params and metrics all of these runs have."""
        statement = _about_runs(expression)
        listed = plan.of_list(statement.where, _keys(order), find=find, group=group)
        steps = plan.of_page(listed, plan.Page(offset, limit, near, before), metrics)
        return self._index.ask(partial(runs_page, steps=steps, statement=statement, columns=columns))

    def groups_page(
        self,
        expression: str | None = None,
        *,
        group: Group,
        order: Sequence[tuple[TableColumn, bool]] = (),
        find: Find | None = None,
        offset: int = 0,
        limit: int = 100,
        columns: Sequence[TableColumn] = (),
    ) -> GroupsPage:
        """Some groups of the same runs in their order, with one value of each for some columns."""
        steps = plan.of_list(_about_runs(expression).where, _keys(order), find=find, group=group)
        nodes = [plan.column_node(column) for column in columns]
        return self._index.ask(partial(groups_page, steps=steps, columns=nodes, offset=offset, limit=limit))

    def facts(self, expression: str | None = None, *, bounds: Sequence[TableColumn] = (), values: bool = True) -> Facts:
        """How many values the columns of a table of these runs have, and the min and max of some."""
        nodes = [plan.column_node(column) for column in bounds]
        return self._index.ask(partial(facts_of, where=parse_expression(expression), bounds=nodes, values=values))

    def explain(
        self,
        text: str,
        *,
        runs: bool = False,
        order: Sequence[tuple[TableColumn, bool]] = (),
        group: Group | None = None,
        sample: Sample | None = None,
    ) -> list[str]:
        """How a statement is answered, and the `sample` of its points, a line for each operation. `runs`: how
        `runs_table` answers an expression."""
        if runs:
            steps = plan.of_list(parse_expression(text), _keys(order), group=group)
            return self._index.ask(lambda catalog: explained(catalog, steps))
        parsed, points = parse_statement(text), () if sample is None else (sample,)
        return self._index.ask(lambda catalog: explained(catalog, (*planned(catalog, parsed), *points)))

    def objects(self, statement: str = "", kind: str | None = None) -> list[MediaSeries]:
        """The series of media that a statement selects: `"samples if params.lr < 0.01"`. Without one, all of runs that
        are not archived. `kind`: text, image, audio, distribution or figure."""
        parsed = parse_statement(statement) if statement.strip() else None
        return self._index.ask(lambda catalog: select_media(catalog, parsed, kind))

    def run(self, hash_or_id: str) -> Run:
        """One run, archived or not, by its hash, its id, or the beginning of its id."""
        catalog, (row,) = self._index.ask(
            lambda catalog: (catalog, run_rows(catalog, np.array([place_named(catalog, hash_or_id)])))
        )
        return result.single(row, self._index.as_of(catalog))

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
            return News(self._index.revision, set(catalog.ids if changed is None else changed), _running(catalog))

        return self._index.ask(answer)

    def overview(self) -> Overview:
        """Counts and names of everything, from one catalog."""

        def answer(catalog: Catalog) -> Overview:
            running = _running(catalog)
            return Overview(catalog.revision, len(catalog), running, catalog.experiments, catalog.indexing)

        return self._index.ask(answer)

    def merge(self, other: Repo | str | os.PathLike[str]) -> Merged:
        """Bring everything from another repository that is new there. The other one is only read; doing it again
        changes nothing."""
        self.check_files("a merge copies files")
        source = other.aim_dir if isinstance(other, Repo) else _find(other)
        self.edits.check_writable()
        if source.resolve() == self.aim_dir.resolve():
            raise RepoError(f"a repository cannot be merged with itself: {source}")
        layout.check_version(source)
        layout.create(self.aim_dir)
        edited = files.copy_edits(source, self.aim_dir)
        gone = deleted(self.aim_dir)
        swept = files.remove_runs(self.aim_dir, gone) if gone else Freed(0, 0, 0)
        merged = files.copy_runs(source, self.aim_dir, deleted=gone)
        return Merged(merged.runs, merged.files + len(edited), merged.bytes + sum(edited), swept.files, swept.left)

    def convert_tensorboard(self, logdir: str | os.PathLike[str], *, experiment: str = "TF") -> convert.Copied:
        """Copy TensorBoard's logs into the repository for good: again, it adds only what is new. What people gave to
        the runs while the logs were only shown is theirs here too."""
        from aim.importers import convert
        from aim.index.sources.tensorboard.source import run_id

        self.check_files("copies of runs are files")
        self.edits.check_writable()
        folder, progress = _folder(logdir, "TensorBoard"), self._progress

        def copy(catalog: Catalog) -> convert.Copied:
            return convert.copy(self.aim_dir, catalog, folder, experiment=experiment, progress=progress)

        catalog = self._index.refresh()
        copied = self._index.as_of(catalog)(copy)
        new = {id: folder for folder, id in copied.ids.items() if id not in catalog.index and id not in catalog.deleted}
        there = self._index.refresh()
        given = [(id, catalog.edits.get(run_id(folder), {})) for id, folder in new.items() if id in there.index]
        changes: list[Change] = [(id, field, value) for id, fields in given for field, (_, _, value) in fields.items()]
        if changes:
            self.edits.write(changes)
        return copied


def select_metrics(statement: str, repo_path: str | os.PathLike[str] | None = None) -> list[Run]:
    """The runs with the metrics of `metric, ... if expression`, from the repository at `repo_path` (default: as
    Repo())."""
    return Repo(repo_path).select_metrics(statement)


def select_runs(expression: str | None = None, repo_path: str | os.PathLike[str] | None = None) -> list[Run]:
    """The runs for which the expression holds, with all their metrics."""
    return Repo(repo_path).select_runs(expression)


def _shared(engine: str, sources: Mapping[str, object], aim_dir: Path | None) -> Index:
    from aim.clickhouse.database import Database
    from aim.index.folding import name_of
    from aim.index.shared import Shared

    if sources:
        raise RepoError(
            f"{', '.join(sources)} cannot be shown with an engine, which has the runs of one repository: leave one of "
            "the two out, or copy the logs into the repository with: aim convert"
        )
    database = Database(address.parse(engine))
    owner, mine = database.check().get("repository"), None if aim_dir is None else name_of(aim_dir)
    if owner is not None and mine is not None and owner != mine:
        raise RepoError(
            f"{database.address} has the runs of another repository than {aim_dir}. Name the repository that is "
            "folded into it, or the engine alone; to fold this repository into another engine, use: aim engine fold"
        )
    return Index(Shared(database, aim_dir))


def _keys(order: Sequence[tuple[TableColumn, bool]]) -> list[plan.SortKey]:
    return [plan.key(column, descending=down) for column, down in order]


def _find(path: str | os.PathLike[str] | None, *, needed: bool = True) -> Path:
    chosen = path if path is not None else os.environ.get("AIM_REPO") or None
    aim_dir, notice = (layout.resolve(chosen), None) if chosen is not None else layout.nearest()
    if needed and not aim_dir.is_dir():
        place = f"at {chosen}" if chosen is not None else f"in {os.getcwd()} or above it"
        raise RepoError(
            f"there is no repository {place}: no folder .aim. Record a run there, or make one with: aim init"
            + (f". {notice}" if notice else "")
        )
    return aim_dir


def _folder(path: str | os.PathLike[str], title: str) -> Path:
    folder = Path(os.path.abspath(user.expanded(path)))
    if not folder.is_dir():
        raise RepoError(f"there is no folder {folder}; name one with {title} logs")
    return folder


def _source(name: str) -> SourceRow:
    rows = {row.name: row for row in by_prefix().values()}
    if name not in rows:
        raise RepoError(f"there is no source {name!r}; there are: {', '.join(rows)}")
    return rows[name]


def _about_runs(expression: str | None) -> Statement:
    """An expression as a statement that selects no metrics."""
    return Statement((), parse_expression(expression), expression or "")


def _running(catalog: Catalog) -> set[str]:
    return {catalog.ids[i] for i in catalog.open_runs() if catalog.status(i).word == "running"}
