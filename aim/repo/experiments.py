"""Experiments: named groups of runs, one of which is active."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from aim.errors import EditError
from aim.files import Freed
from aim.index.catalog import Catalog
from aim.plain import builtin, shown, text_of
from aim.repo.edits import Change, Edits, check_name
from aim.repo.runs import RunEdits

DEFAULT = "default"


class Experiment(NamedTuple):
    name: str
    active: bool
    archived: bool
    note: str


class Experiments:
    def __init__(self, edits: Edits, runs: RunEdits) -> None:
        self._edits = edits
        self._runs = runs

    def __iter__(self) -> Iterator[Experiment]:
        fields = {field: edited.value for field, edited in self._edits.fields().items()}
        active = self.active
        for name in self.names():
            note, archived = fields.get(f"experiment_note:{name}"), fields.get(f"experiment_archived:{name}")
            yield Experiment(name, name == active, archived is True, note if isinstance(note, str) else "")

    def names(self) -> list[str]:
        return self._edits.index.ask(lambda catalog: catalog.experiments)

    @property
    def active(self) -> str:
        """The experiment of a next run that names none."""
        active = self._edits.fields().get("active_experiment")
        return active.value if active is not None and isinstance(active.value, str) else DEFAULT

    def add(self, name: str) -> None:
        name = _name(name)
        if name in self.names():
            raise EditError(f"the experiment {name!r} exists; check it out with: aim experiment checkout -n {name}")
        self._write(f"experiment:{name}", True)

    def checkout(self, name: str) -> None:
        """Make it the active experiment."""
        self._write("active_experiment", self._existing(name))

    def note(self, name: str, text: str | None) -> None:
        """Set the note of an experiment; None removes it."""
        name = check_name("experiment_note", name)
        self._write(f"experiment_note:{name}", text)

    def archive(self, name: str, archived: bool = True) -> None:
        """Archive an experiment with all its runs, or restore them."""
        name = self._existing(name)
        runs: list[Change] = [(id, "archived", archived) for id in self.runs_of(name)]
        self._edits.write([*runs, (None, f"experiment_archived:{name}", archived)])

    def rename(self, name: str, new: str) -> None:
        """Rename an experiment. A script that still uses the old name creates it again."""
        name, new = self._existing(name), _name(new)
        if name == DEFAULT:
            raise EditError("the experiment 'default' cannot be renamed; move its runs to another one instead")
        if new in self.names():
            raise EditError(f"the experiment {new!r} exists; choose another name, or move the runs there")
        before = self._edits.fields()
        changes: list[Change] = [(id, "experiment", new) for id in self.runs_of(name)]
        changes += [(None, f"experiment:{name}", False), (None, f"experiment:{new}", True)]
        for field in ("experiment_note", "experiment_archived"):
            if (old := before.get(f"{field}:{name}")) is not None:
                changes.append((None, f"{field}:{new}", old.value))
        if self.active == name:
            changes.append((None, "active_experiment", new))
        self._edits.write(changes)

    def remove(self, name: str) -> Freed:
        """Remove an experiment and all its runs."""
        if name == DEFAULT:
            raise EditError("the experiment 'default' cannot be removed; delete its runs with: aim runs rm")
        name = self._existing(name)
        runs = self.runs_of(name)
        self._runs.check_deletable(runs)
        changes: list[Change] = [(None, f"experiment:{name}", False)]
        if self.active == name:
            changes.append((None, "active_experiment", DEFAULT))
        self._edits.write(changes)
        return self._runs.delete(runs) if runs else Freed(0, 0, 0)

    def runs_of(self, name: str) -> list[str]:
        """The ids of its runs."""
        name = text_of(name)

        def answer(catalog: Catalog) -> list[str]:
            return [catalog.ids[i] for i in np.flatnonzero(catalog.column("experiment") == name).tolist()]

        return self._edits.index.ask(answer)

    def _existing(self, name: str) -> str:
        text, names = text_of(name), self.names()
        if text not in names:
            raise EditError(f"there is no experiment {text!r}; there are: {', '.join(names)}")
        return text

    def _write(self, field: str, value: Any) -> None:
        self._edits.write([(None, field, value)])


def _name(given: object) -> str:
    text = builtin(given)
    if not isinstance(text, str) or not text.strip():
        raise EditError(f"an experiment needs a name, not {shown(given)}; it can hold any characters")
    return text
