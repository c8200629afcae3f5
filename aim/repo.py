"""A repository: open it, ask it, edit it, merge it. What the CLI, the server, notebooks and scripts share."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from aim import files, layout
from aim.engine import EngineError
from aim.errors import EditError, RepoError, RunError
from aim.files import Freed, Merged
from aim.importers import convert
from aim.importers.tensorboard import EventIndex, run_id
from aim.index.catalog import Catalog
from aim.index.refresh import Index, Progress
from aim.index.state import RunState, WriterState
from aim.log import edits
from aim.log.output import Transcript
from aim.query import logged, result
from aim.query.beside import Beside, SeriesName, Side, beside
from aim.query.nodes import Statement
from aim.query.objects import ObjectSeries, select_objects
from aim.query.parse import parse_expression, parse_statement
from aim.query.result import Run
from aim.query.select import RunRow, RunsTable, Selection, all_series, matching_runs, run_rows, select
from aim.query.vocabulary import Vocabulary, notes

__all__ = ["Edited", "Freed", "Merged", "Repo", "RunRow", "RunsTable", "Selection", "select_metrics", "select_runs"]

T = TypeVar("T")
_TEXT_FIELDS = ("name", "description", "experiment")
_FIELDS = (*_TEXT_FIELDS, "archived", "tag", "untag", "note:<id>", "param:<name>")
_SHARED_FIELDS = ("tag:<name>", "bookmark:<id>", "experiment_note:<name>", "experiment_archived:<name>")
MAX_TAG_NAME = 50
MAX_TAG_COMMENT = 200


class News(NamedTuple):
    """`changed`: the ids of runs with something new. `running`: of those that record now; a process that dies leaves it
    without a new revision."""

    revision: int
    changed: set[str]
    running: set[str]


class Overview(NamedTuple):
    """`running`: the ids of runs that record now."""

    revision: int
    runs: int
    running: set[str]
    experiments: list[str]


class Edited(NamedTuple):
    """The value that won for one field, and when it was given, in seconds since 1970."""

    value: Any
    at: float


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
        progress: Progress | None = None,
    ) -> None:
        """`tf_logs`: a folder of TensorBoard logs, whose runs are shown beside those of the repository."""
        self.aim_dir = _find(path)
        self.root = self.aim_dir.parent
        layout.check_version(self.aim_dir)
        self.read_only = read_only
        self.tf_logs = None if tf_logs is None else EventIndex(self.aim_dir, _folder(tf_logs), progress=progress)
        self._index = Index(self.aim_dir, progress=progress, beside=self.tf_logs)
        self._editor = edits.Editor(self.aim_dir)

    def __repr__(self) -> str:
        return f"<Repo {self.root}>"

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

    @property
    def writable(self) -> bool:
        folder = self.aim_dir / "edits"
        return not self.read_only and os.access(folder if folder.is_dir() else self.aim_dir, os.W_OK)

    # Questions

    def select(self, statement: str, *, only: Collection[str] | None = None) -> Selection:
        """The series of `metric, ... if expression`, of all runs or `only` of runs with these ids."""
        parsed = parse_statement(statement)
        return self._ask(lambda catalog: select(catalog, parsed, self._vocabulary(catalog), only=only))

    def select_metrics(self, statement: str) -> list[Run]:
        """The runs with the metrics of `metric, ... if expression`: `"loss if params.lr < 0.01"`."""
        return result.of_selection(self.select(statement))

    def select_runs(self, expression: str | None = None) -> list[Run]:
        """The runs for which the expression holds (all but archived ones without it), with all their metrics."""
        return result.of_selection(self.runs_and_series(expression))

    def runs_and_series(self, expression: str | None = None, *, only: Collection[str] | None = None) -> Selection:
        """The same runs, or those of them in `only`, with a table of all their series."""
        where = parse_expression(expression)
        statement = Statement((), where, expression or "")

        def answer(catalog: Catalog) -> Selection:
            found = all_series(catalog, matching_runs(catalog, where, only=only))
            return replace(found, notes=notes(statement, self._vocabulary(catalog)))

        return self._ask(answer)

    def beside(
        self,
        expression: str | None,
        shown: SeriesName,
        by: SeriesName,
        side: Side,
        *,
        only: Collection[str] | None = None,
    ) -> Beside:
        """Of the same runs the value of one series at the step where another one is least or greatest."""
        where = parse_expression(expression)
        return self._ask(lambda catalog: beside(catalog, matching_runs(catalog, where, only=only), shown, by, side))

    def runs_table(self, expression: str | None = None, *, only: Collection[str] | None = None) -> RunsTable:
        """The same runs, or those of them in `only`, as rows of a table."""
        where = parse_expression(expression)
        statement = Statement((), where, expression or "")

        def answer(catalog: Catalog) -> RunsTable:
            which = matching_runs(catalog, where, only=only)
            return RunsTable(run_rows(catalog, which.tolist()), notes(statement, self._vocabulary(catalog)))

        return self._ask(answer)

    def objects(self, statement: str = "", kind: str | None = None) -> list[ObjectSeries]:
        """The series whose values are no numbers, by a statement: `"samples if params.lr < 0.01"`. Without one, all of
        runs that are not archived. `kind`: text, image, audio, distribution or figure."""
        parsed = parse_statement(statement) if statement.strip() else None
        return self._ask(lambda catalog: select_objects(catalog, parsed, kind))

    def run(self, hash_or_id: str) -> Run:
        """One run, archived or not, by its hash, its id, or the beginning of its id."""
        found = self._ask(lambda catalog: all_series(catalog, np.array(_named(catalog, hash_or_id), np.int64)))
        if len(found.runs) == 1:
            return result.of_selection(found)[0]
        if not found.runs:
            raise RunError(
                f"no run is called {hash_or_id!r}, and no run's id begins with it; list them with: aim runs ls"
            )
        ids = ", ".join(row.id for row in found.runs[:5])
        raise RunError(f"{hash_or_id!r} means {len(found.runs)} runs; name one by its id: {ids}")

    def count(self) -> int:
        return len(self._index.refresh())

    def fields(self, run_id: str | None = None) -> dict[str, Edited]:
        """Every edited field of a run, or of the repository itself: notes, tags with their looks, bookmarks."""
        catalog = self._index.refresh()
        if run_id is None:
            found = dict(catalog.edits.get("", {}))
        else:
            found = catalog.fields(catalog.index[self._known([run_id])[0]])
        return {field: Edited(value, stamp / 1e6) for field, (stamp, _, value) in found.items()}

    def writers(self, run_id: str) -> list[WriterState]:
        """The processes that recorded a run, in the order in which they began."""
        catalog = self._index.refresh()
        found = catalog.state(catalog.index[self._known([run_id])[0]]).writers
        return sorted(found, key=lambda writer: (writer.started, writer.id))

    def output(self, hash_or_id: str, *, writer: str | None = None) -> Transcript:
        """What a run printed, to be read from any place and closed: `with repo.output("baseline") as output`."""
        return logged.transcript(*self._logs(hash_or_id), writer=writer)

    def output_writers(self, hash_or_id: str) -> list[WriterState]:
        """The processes that recorded what a run printed, in the order in which they began."""
        return logged.output_writers(self._logs(hash_or_id)[1])

    def may_print(self, hash_or_id: str) -> bool:
        """Whether more output of a run may come."""
        _, state = self._logs(hash_or_id)
        return self.run(state.id).status == "running" or any(map(logged.may_print, logged.output_writers(state)))

    def messages(self, hash_or_id: str) -> logged.Messages:
        """The lines that a run logged."""
        return logged.messages(*self._logs(hash_or_id))

    def environment(self, hash_or_id: str) -> logged.Environment | None:
        """Packages, variables and uncommitted changes of a run; None where they were not recorded."""
        return logged.environment(*self._logs(hash_or_id))

    def _logs(self, hash_or_id: str) -> tuple[Path, RunState]:
        """The folder of a run's files, and what they say."""
        catalog = self._index.refresh()
        i = catalog.index[self.run(hash_or_id).id] if hash_or_id not in catalog.index else catalog.index[hash_or_id]
        return self.aim_dir / "runs" / catalog.column("dir")[i], catalog.state(i)

    def vocabulary(self) -> Vocabulary:
        """What queries can name in this repository."""
        return self._ask(self._vocabulary)

    def revision(self) -> int:
        """A number that grows when anything was recorded or edited."""
        self._index.refresh()
        return self._index.revision

    def news(self, since: int) -> News:
        """What a watcher wants to know, in one look."""
        catalog = self._index.refresh()
        changed = self._index.changes(since)
        return News(self._index.revision, set(catalog.ids) if changed is None else set(changed), _running(catalog))

    def overview(self) -> Overview:
        """What there is, in one look."""
        catalog = self._index.refresh()
        return Overview(catalog.revision, len(catalog), _running(catalog), _experiments(catalog))

    def _ask(self, question: Callable[[Catalog], T]) -> T:
        try:
            return question(self._index.refresh())
        except EngineError:
            # Another process swept a segment that was being read, or one is damaged.
            return question(self._index.reload())

    def _vocabulary(self, catalog: Catalog) -> Vocabulary:
        contexts: dict[str, dict[object, None]] = {}
        for context in catalog.contexts:
            for key, value in context.items():
                contexts.setdefault(key, {})[value if not isinstance(value, list | dict) else str(value)] = None
        return Vocabulary(
            metrics=catalog.metric_names,
            foreign=catalog.foreign_names,
            params=catalog.param_paths,
            contexts={key: list(values) for key, values in contexts.items()},
            experiments=_experiments(catalog),
            tags=catalog.tags,
        )

    # Experiments

    def experiments(self) -> list[str]:
        return _experiments(self._index.refresh())

    @property
    def active_experiment(self) -> str:
        """Where the next run goes that names no experiment."""
        return edits.active_experiment(self.aim_dir)

    def add_experiment(self, name: str) -> None:
        if not name.strip():
            raise EditError("an experiment needs a name; it can hold any characters")
        if name in self.experiments():
            raise EditError(f"the experiment {name!r} exists; check it out with: aim experiment checkout -n {name}")
        self._edit([(None, f"experiment:{name}", True)])

    def checkout(self, name: str) -> None:
        """Make it the active experiment."""
        self._existing(name)
        self._edit([(None, "active_experiment", name)])

    def remove_experiment(self, name: str) -> Freed:
        """Remove an experiment and all its runs."""
        if name == "default":
            raise EditError("the experiment 'default' cannot be removed; delete its runs with: aim runs rm")
        self._existing(name)
        mine = self.runs_of(name)
        active: list[tuple[str | None, str, Any]] = []
        if self.active_experiment == name:
            active = [(None, "active_experiment", "default")]
        self._edit([(None, f"experiment:{name}", False), *active])
        return self.delete_runs(mine) if mine else Freed(0, 0, 0)

    def rename_experiment(self, name: str, new: str) -> None:
        """Give an experiment and all its runs another name. A script that still names the old one makes it anew."""
        self._existing(name)
        if name == "default":
            raise EditError("the experiment 'default' cannot be renamed; move its runs to another one instead")
        if not new.strip():
            raise EditError("an experiment needs a name; it can hold any characters")
        if new in self.experiments():
            raise EditError(f"the experiment {new!r} exists; choose another name, or move the runs there")
        kept = self.fields()
        changes: list[tuple[str | None, str, Any]] = [(id, "experiment", new) for id in self.runs_of(name)]
        changes += [(None, f"experiment:{name}", False), (None, f"experiment:{new}", True)]
        for field in ("experiment_note", "experiment_archived"):
            if (old := kept.get(f"{field}:{name}")) is not None:
                changes.append((None, f"{field}:{new}", old.value))
        if self.active_experiment == name:
            changes.append((None, "active_experiment", new))
        self._edit(changes)

    def archive_experiment(self, name: str, archived: bool = True) -> None:
        """Archive an experiment with all its runs, or bring them back."""
        self._existing(name)
        runs: list[tuple[str | None, str, Any]] = [(id, "archived", archived) for id in self.runs_of(name)]
        self._edit([*runs, (None, f"experiment_archived:{name}", archived)])

    def runs_of(self, experiment: str) -> list[str]:
        catalog = self._index.refresh()
        named = zip(catalog.ids, catalog.column("experiment"), strict=True)
        return [id for id, own in named if own == experiment]

    def _existing(self, name: str) -> None:
        there = self.experiments()
        if name not in there:
            raise EditError(f"there is no experiment {name!r}; there are: {', '.join(there)}")

    # Edits

    def edit(self, run_ids: str | Sequence[str], field: str, value: Any) -> None:
        """Change a field of some runs: name, description, experiment, archived, tag, untag, note:<id> (None removes
        it), or param:<name> (a text, number, bool or None)."""
        ids = [run_ids] if isinstance(run_ids, str) else list(run_ids)
        name, kept = _checked(field, value)
        self._edit([(id, name, kept) for id in self._known(ids)])

    def give_params(self, run_ids: str | Sequence[str], params: Mapping[str, str | int | float | bool | None]) -> None:
        """Params for runs that are recorded already: `{"lr": 0.01, "model.depth": 18}`."""
        ids = [run_ids] if isinstance(run_ids, str) else list(run_ids)
        changes = [_checked(f"param:{name}", value) for name, value in params.items()]
        self._edit([(id, name, value) for id in self._known(ids) for name, value in changes])

    def archive(self, run_ids: str | Sequence[str], archived: bool = True) -> None:
        self.edit(run_ids, "archived", archived)

    def rename(self, run_id: str, name: str) -> None:
        self.edit(run_id, "name", name)

    def describe(self, run_id: str, description: str) -> None:
        self.edit(run_id, "description", description)

    def tag(self, run_ids: str | Sequence[str], tag: str) -> None:
        self.edit(run_ids, "tag", tag)

    def untag(self, run_ids: str | Sequence[str], tag: str) -> None:
        self.edit(run_ids, "untag", tag)

    def save_tag(self, name: str, *, color: str, comment: str = "", archived: bool = False, was: str = "") -> None:
        """Make a tag or change its looks; with `was`, rename that one, on all runs that have it."""
        renamed = bool(was) and was != name
        if renamed and name in {*self.vocabulary().tags, *_shared(self.fields(), "tag")}:
            raise EditError(f"the tag {name!r} exists; choose another name")
        runs = self._tagged(was) if renamed else []
        changes: list[tuple[str | None, str, Any]] = [
            (None, *_checked_shared(f"tag:{name}", {"color": color, "comment": comment, "archived": archived}))
        ]
        if renamed:
            changes += [(None, f"tag:{was}", None)]
            changes += [(id, f"tag:{tag}", tag == name) for id in runs for tag in (name, was)]
        self._edit(changes)

    def remove_tag(self, name: str) -> int:
        """Take a tag off all runs and forget its looks; returns how many runs had it."""
        runs = self._tagged(name)
        if not runs and self.fields().get(f"tag:{name}", Edited(None, 0)).value is None:
            raise EditError(f"there is no tag {name!r}")
        self._edit([(None, f"tag:{name}", None), *((id, f"tag:{name}", False) for id in runs)])
        return len(runs)

    def _tagged(self, tag: str) -> list[str]:
        catalog = self._index.refresh()
        return [id for id, text in zip(catalog.ids, catalog.column("tags"), strict=True) if tag in json.loads(text)]

    def set_field(self, field: str, value: Any) -> None:
        """Change a field of the repository itself: bookmark:<id> or experiment_note:<name>; None removes it."""
        self._edit([(None, *_checked_shared(field, value))])

    def move(self, run_ids: str | Sequence[str], experiment: str) -> None:
        """Put runs into another experiment, which need not exist yet."""
        self.edit(run_ids, "experiment", experiment)

    def close_run(self, run_id: str, *, status: str = "killed") -> None:
        """End a run whose process is gone without an end record. A process that still tracks is not stopped by this."""
        (id,) = self._known([run_id])
        catalog = self._index.refresh()
        found = catalog.status(catalog.index[id])
        if found.word in ("finished", "failed"):
            raise EditError(f"run {run_id} is {found.word} already; only a run without an end can be closed")
        self._edit([(id, "ended", {"time": found.seen_at, "status": status})])

    def delete_runs(self, run_ids: str | Sequence[str]) -> Freed:
        """Delete runs for ever: first noted, so that copies that come back by a merge are ignored, then the files
        go."""
        ids = self._known([run_ids] if isinstance(run_ids, str) else list(run_ids))
        catalog = self._index.refresh()
        for id in ids:
            if catalog.foreign[catalog.index[id]]:
                name = catalog.column("hash")[catalog.index[id]]
                raise EditError(f"{name!r} is a folder of TensorBoard logs, which is only shown here; archive the run")
        self._edit([(id, "deleted", True) for id in ids])
        return files.remove_runs(self.aim_dir, edits.deleted(self.aim_dir))

    def merge(self, other: Repo | str | os.PathLike[str]) -> Merged:
        """Bring everything from another repository that is new there. The other one is only read; doing it again
        changes nothing."""
        source = other.aim_dir if isinstance(other, Repo) else _find(other)
        self._may_write()
        if source.resolve() == self.aim_dir.resolve():
            raise RepoError(f"a repository cannot be merged with itself: {source}")
        layout.check_version(source)
        layout.create(self.aim_dir)
        edited = files.copy_edits(source, self.aim_dir)
        deleted = edits.deleted(self.aim_dir)
        swept = files.remove_runs(self.aim_dir, deleted) if deleted else Freed(0, 0, 0)
        merged = files.copy_runs(source, self.aim_dir, deleted=deleted)
        return Merged(merged.runs, merged.files + edited, merged.bytes, swept.files)

    def convert_tensorboard(self, logdir: str | os.PathLike[str], *, experiment: str = "TF") -> convert.Copied:
        """Copy TensorBoard's logs into the repository for good: again, it adds only what is new. What people gave to
        the runs while the logs were only shown is theirs here too."""
        self._may_write()
        catalog = self._index.refresh()
        copied = convert.copy(
            self.aim_dir, catalog, _folder(logdir), experiment=experiment, progress=self._index.progress
        )
        new = {id: folder for folder, id in copied.ids.items() if id not in catalog.index and id not in catalog.deleted}
        there = self._index.refresh()
        given = [(id, catalog.edits.get(run_id(folder), {})) for id, folder in new.items() if id in there.index]
        changes: list[tuple[str | None, str, Any]]
        changes = [(id, field, value) for id, fields in given for field, (_, _, value) in fields.items()]
        if changes:
            self._edit(changes)
        return copied

    def _known(self, ids: Sequence[str]) -> list[str]:
        catalog = self._index.refresh()
        for id in ids:
            if id not in catalog.index:
                raise RunError(f"there is no run with the id {id!r}; list the ids with: aim runs ls --json")
        return list(dict.fromkeys(ids))

    def _edit(self, changes: list[tuple[str | None, str, Any]]) -> None:
        self._may_write()
        catalog = self._index.refresh()
        known = [catalog.index[run] for run, _, _ in changes if run is not None]
        seen = max([catalog.highest_stamp(i) for i in known], default=catalog.highest_edit)
        try:
            self._editor.edit_many(changes, seen=seen)
        except OSError as error:
            raise RepoError(
                f"cannot write to {self.aim_dir / 'edits'}: {error.strerror or error}. Check its owner and free space."
            ) from error

    def _may_write(self) -> None:
        if not self.writable:
            why = "it was opened with read_only=True" if self.read_only else "this user may not write to it"
            raise RepoError(f"the repository cannot be changed: {why}. {self.aim_dir}")


def select_metrics(statement: str, repo_path: str | os.PathLike[str] | None = None) -> list[Run]:
    """The runs with the metrics of `metric, ... if expression`, from the repository at `repo_path` (default: as
    Repo())."""
    return Repo(repo_path).select_metrics(statement)


def select_runs(expression: str | None = None, repo_path: str | os.PathLike[str] | None = None) -> list[Run]:
    """The runs for which the expression holds, with all their metrics."""
    return Repo(repo_path).select_runs(expression)


def _find(path: str | os.PathLike[str] | None) -> Path:
    chosen = path if path is not None else os.environ.get("AIM_REPO") or None
    aim_dir = layout.resolve(chosen) if chosen is not None else layout.find()
    if aim_dir is None or not aim_dir.is_dir():
        place = f"at {chosen}" if chosen is not None else f"in {os.getcwd()} or above it"
        raise RepoError(
            f"there is no repository {place}: no folder .aim. Record a run there, or make one with: aim init"
        )
    return aim_dir


def _folder(path: str | os.PathLike[str]) -> Path:
    folder = Path(os.path.abspath(os.path.expanduser(path)))
    if not folder.is_dir():
        raise RepoError(f"there is no folder {folder}; name one that holds TensorBoard's event files")
    return folder


def _named(catalog: Catalog, name: str) -> list[int]:
    if name in catalog.index:
        return [catalog.index[name]]
    same = [i for i, hash in enumerate(catalog.column("hash")) if hash == name]
    return same or [i for i, id in enumerate(catalog.ids) if name and id.startswith(name)]


def _running(catalog: Catalog) -> set[str]:
    return {catalog.ids[i] for i in catalog.open_runs() if catalog.status(i).word == "running"}


def _experiments(catalog: Catalog) -> list[str]:
    fields = catalog.edits.get("", {})
    named = {
        field.partition(":")[2]: found[2] is True for field, found in fields.items() if field.startswith("experiment:")
    }
    there = {name for name, exists in named.items() if exists}
    active = fields.get("active_experiment")
    if active is not None and isinstance(active[2], str):
        there.add(active[2])
    return sorted({"default", *there, *catalog.column("experiment")})


def _checked(field: str, value: Any) -> tuple[str, Any]:
    """The EDIT field and value that an edit means."""
    if field == "archived" and isinstance(value, bool):
        return field, value
    if field.startswith("note:") and len(field) > 5 and (value is None or isinstance(value, str)):
        return field, value
    if field.startswith("param:") and len(field) > 6 and (value is None or isinstance(value, str | int | float)):
        return field, value
    if field in ("tag", "untag") and isinstance(value, str) and value.strip():
        return f"tag:{value}", field == "tag"
    if field in _TEXT_FIELDS and isinstance(value, str) and (value.strip() or field != "experiment"):
        return field, value
    if field in (*_TEXT_FIELDS, "archived", "tag", "untag"):
        wanted = "True or False" if field == "archived" else "a text that is not empty"
        raise EditError(f"{field} cannot be {value!r}; it is {wanted}")
    raise EditError(f"a run has no field {field!r} that can be edited; there are {', '.join(_FIELDS)}")


def _shared(fields: dict[str, Edited], kind: str) -> dict[str, Edited]:
    """The repository's own fields of one kind by their names; removed ones are left out."""
    start = kind + ":"
    return {field[len(start) :]: found for field, found in fields.items() if field.startswith(start) and found.value}


def _checked_shared(field: str, value: Any) -> tuple[str, Any]:
    kind, _, name = field.partition(":")
    if not name.strip() or any(ord(letter) < 32 for letter in name):
        raise EditError(f"{kind} needs a name without control characters, not {name!r}")
    if value is None or (kind == "experiment_note" and isinstance(value, str)):
        return field, value
    if kind == "tag" and isinstance(value, dict):
        return field, _checked_tag(name, value)
    if kind == "bookmark" and isinstance(value, dict):
        if not str(value.get("search", "")).startswith("?"):
            raise EditError("a bookmark keeps the part of the page's address from '?' on")
        return field, value
    raise EditError(f"a repository has no field {field!r} for {value!r}; there are {', '.join(_SHARED_FIELDS)}")


def _checked_tag(name: str, look: dict[str, Any]) -> dict[str, Any]:
    if len(name) > MAX_TAG_NAME:
        raise EditError(f"the tag's name has {len(name)} characters; it can have {MAX_TAG_NAME}")
    if len(look["comment"]) > MAX_TAG_COMMENT:
        raise EditError(f"the comment has {len(look['comment'])} characters; it can have {MAX_TAG_COMMENT}")
    if not re.fullmatch("#[0-9a-f]{6}", look["color"]):
        raise EditError(f"{look['color']!r} is no color; it is written #rrggbb")
    return look
