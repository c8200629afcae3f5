"""Edits of recorded runs: names, tags, params, the archive, and deletion."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from aim import files
from aim.errors import EditError, RunError
from aim.files import Freed
from aim.index.catalog import Catalog
from aim.index.sources.table import SOURCES
from aim.log.edits import deleted
from aim.log.status import Status
from aim.plain import builtin, shown, text_of
from aim.repo.edits import Edits, places

_TEXT_FIELDS = ("name", "description", "experiment")
_Param: TypeAlias = str | int | float | bool | None
_FIELDS = (*_TEXT_FIELDS, "archived", "tag", "untag", "note:<id>", "param:<name>")

Ids = str | Sequence[str]


class RunEdits:
    def __init__(self, edits: Edits) -> None:
        self._edits = edits

    def edit(self, run_ids: Ids, field: str, value: Any) -> None:
        """Set one field of some runs: name, description, experiment (which need not exist yet), archived, tag, untag,
        note:<id> (None removes it), or param:<name> (a text, number, bool or None)."""
        name, kept = _checked(field, value)
        self._edits.write([(id, name, kept) for id in self._known(run_ids)])

    def add_params(self, run_ids: Ids, params: Mapping[str, _Param] | Mapping[tuple[str, ...], _Param]) -> None:
        """Add params to recorded runs: `{"lr": 0.01, "model.depth": 18}`. A key that has a dot itself is in a path:
        `{("model", "layer.0"): 18}`."""
        if not isinstance(params, Mapping):
            raise EditError(f"params must be a dict, not {shown(params)}; write add_params(ids, {{'lr': 0.01}})")
        changes = [_checked_param(_param_name(name), value) for name, value in params.items()]
        self._edits.write([(id, name, value) for id in self._known(run_ids) for name, value in changes])

    # Its name in earlier docs.
    give_params = add_params

    def tag(self, run_ids: Ids, tag: str) -> None:
        self.edit(run_ids, "tag", tag)

    def archive(self, run_ids: Ids, archived: bool = True) -> None:
        """Archive runs, or restore them with `archived=False`."""
        self.edit(run_ids, "archived", archived)

    def close(self, run_id: str, *, status: str = "killed") -> None:
        """End a run whose process is gone without an end record. A process that still tracks is not stopped by this."""
        (id,) = self._known(run_id)
        now, began, is_unread = self._edits.index.ask(lambda catalog: _last_attempt(catalog, id))
        if is_unread:
            raise EditError(
                f"the end of run {run_id} may be in an object store that was not read: set AIM_STORE to its address, "
                "and try again when it answers"
            )
        if now.word in ("finished", "failed", "stopped"):
            raise EditError(f"run {run_id} is {now.word} already; only a run without an end can be closed")
        self._edits.write([(id, "ended", {"time": max(now.seen_at, began), "status": status})])

    def delete(self, run_ids: Ids) -> Freed:
        """Delete runs permanently. The deletion is recorded before the files are removed, so copies that come back by
        a merge are ignored, and later runs keep their positions. Where the engine alone is open, the process that folds
        removes the files."""
        ids = self._known(run_ids)
        self.check_deletable(ids)
        began = self._edits.index.ask(lambda catalog: catalog.created_at[places(catalog, ids)].tolist())
        starts = zip(ids, began, strict=True)
        self._edits.write([change for id, at in starts for change in ((id, "began", at), (id, "deleted", True))])
        if self._edits.index.catalogs.elsewhere:
            return Freed(len(ids), 0, 0)
        freed = files.remove_runs(self._edits.aim_dir, deleted(self._edits.aim_dir))
        return replace(freed, runs=len(ids))

    def check_deletable(self, ids: Sequence[str]) -> None:
        """Raise EditError for a run of another tracker, and where a link leads to the runs: they may be another
        repository's."""
        runs = self._edits.aim_dir / "runs"
        if runs.is_symlink():
            raise EditError(f"{runs} is a link, and no file is deleted through it: delete where it leads, or archive")

        def check(catalog: Catalog) -> None:
            for i in places(catalog, ids):
                source = SOURCES[int(catalog.source[i])]
                if source.prefix:
                    name = catalog.column("hash")[i]
                    raise EditError(f"{name!r} is in {source.title} logs, which are only shown here; archive the run")

        self._edits.index.ask(check)

    def _known(self, run_ids: Ids) -> list[str]:
        return self._edits.known([run_ids] if isinstance(run_ids, str) else run_ids)


def place_named(catalog: Catalog, name: str) -> int:
    """The place of a run, archived or not, by its hash, its id, or the beginning of its id."""
    name = text_of(name)
    if name in catalog.index:
        return catalog.index[name]
    same = np.flatnonzero(catalog.column("hash") == name).tolist()
    places = same or [i for i, id in enumerate(catalog.ids) if name and id.startswith(name)]
    if not places:
        raise RunError(f"no run is called {name!r}, and no run's id begins with it; list them with: aim runs ls")
    if len(places) > 1:
        ids = ", ".join(catalog.ids[i] for i in places[:5])
        raise RunError(f"{name!r} means {len(places)} runs; name one by its id: {ids}")
    return int(places[0])


def _last_attempt(catalog: Catalog, id: str) -> tuple[Status, float, bool]:
    """The status of a run, when its newest writer began by that writer's own clock, which may be ahead, and whether one
    is in an object store that was not read yet."""
    (place,) = places(catalog, [id])
    writers = catalog.state(place).writers
    return catalog.status(place), max(writer.started for writer in writers), any(writer.unread for writer in writers)


def _checked(field: str, value: Any) -> tuple[str, Any]:
    """The EDIT field and value of an edit."""
    field, value = text_of(field), builtin(value)
    if field == "archived" and isinstance(value, bool):
        return field, value
    if field.startswith("note:") and len(field) > 5 and (value is None or isinstance(value, str)):
        return field, value
    if field.startswith("param:") and len(field) > 6:
        return _checked_param(field[6:], value)
    if field in ("tag", "untag") and isinstance(value, str) and value.strip():
        return f"tag:{value}", field == "tag"
    if field in _TEXT_FIELDS and isinstance(value, str) and (value.strip() or field != "experiment"):
        return field, value
    if field in (*_TEXT_FIELDS, "archived", "tag", "untag"):
        wanted = "True or False" if field == "archived" else "a text that is not empty"
        raise EditError(f"{field} cannot be {shown(value)}; it is {wanted}")
    if field.startswith("note:") and field != "note:":
        raise EditError(f"{field} cannot be {shown(value)}; it is text, or None to remove it")
    raise EditError(f"a run has no field {field!r} that can be edited; there are {', '.join(_FIELDS)}")


def _param_name(name: object) -> str:
    """As EDIT has it: with dots between keys, or as a list in JSON if a key has one."""
    if not isinstance(name, tuple):
        return text_of(name)
    keys = list(map(text_of, name))
    return json.dumps(keys, ensure_ascii=False) if any("." in key for key in keys) else ".".join(keys)


def _checked_param(name: str, value: Any) -> tuple[str, Any]:
    """The EDIT field and value of a param."""
    value = builtin(value)
    if not name:
        raise EditError("a param has no name; write {'lr': 0.01}, or {'model.depth': 18} for one in a group")
    if isinstance(value, Mapping):
        leaf: Any = value
        dotted, depth = name, 0
        while isinstance(leaf, Mapping) and depth < 9:  # It may contain itself.
            key, leaf = next(iter(leaf.items()), ("c", 1))
            dotted, depth = f"{dotted:.200}.{text_of(key)}", depth + 1
        raise EditError(
            f"param {name!r:.100} cannot be {shown(value)}; write its params with dots: "
            f"{{{dotted!r:.300}: {shown(leaf)}}}"
        )
    if value is None or isinstance(value, str | int | float):
        return f"param:{name}", value
    raise EditError(f"param {name!r:.100} cannot be {shown(value)}; it is text, a number, True, False or None")
