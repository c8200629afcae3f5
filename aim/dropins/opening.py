"""Opens the aim.Run behind the run of another tracker. Nothing here raises: what cannot be as asked is told once."""

from __future__ import annotations

import atexit
import re
from collections.abc import Mapping
from itertools import count
from typing import Any
from weakref import WeakSet, WeakValueDictionary

import aim
from aim.dropins.absent import trouble
from aim.dropins.runs import Run, StepCounter
from aim.errors import RunExists
from aim.handlers import let_through
from aim.plain import shown, text_of
from aim.sdk.run import recording_of

_TEXTS = ("id", "experiment", "name", "notes")
_STEP = re.compile(r"(.+)\?_step=(\d{1,18})")
# In the order in which they were opened; those of event files are in both.
_open: WeakValueDictionary[int, Run] = WeakValueDictionary()
_beside: WeakSet[Run] = WeakSet()
_numbers = count()
_hooked = False


def open_run(settings: Mapping[str, Any], counter: type[StepCounter] = StepCounter, *, beside: bool = False) -> Run:
    """A run with the `settings` id, resume, resume_from, experiment, name, notes and tags; the others are those of its
    tracker. `mode="disabled"` records nothing. `beside` is for event files, until a tracker begins without an id: a
    script that uses both has one run."""
    if settings.get("mode") == "disabled":
        return Run(None, settings, counter=counter)
    settings = {**settings, **{key: text_of(settings[key]) for key in _TEXTS if settings.get(key) is not None}}
    try:
        opened, id = _named(settings, None if beside else _newest(beside=True))
    except Exception as error:
        let_through(error)
        trouble.tell("open", f"nothing is recorded, because no run could be opened: {error}")
        return Run(None, settings, counter=counter)
    if settings.get("experiment") and opened.experiment == "default":
        # `aim run` chose none, and gave the name of that to what it started.
        opened.experiment = settings["experiment"]
    run = Run(opened, settings, id=id, counter=counter)
    if settings.get("name"):
        run.name = settings["name"]
    if settings.get("notes"):
        run.notes = settings["notes"]
    if settings.get("tags"):
        run.tags = settings["tags"]
    if beside:
        _beside.add(run)
    _keep(run)
    return run


def tracker_run() -> Run | None:
    """The open run of a tracker, to which event files go that the script writes too."""
    return _newest(beside=False)


def _newest(*, beside: bool) -> Run | None:
    return next((run for run in reversed(open_runs()) if (run in _beside) is beside), None)


def _named(settings: Mapping[str, Any], taken: Run | None) -> tuple[aim.Run, str | None]:
    """The run, and the id by which the script knows it if that is another than its hash."""
    id, resume, experiment = settings.get("id"), settings.get("resume"), settings.get("experiment")
    if settings.get("resume_from"):
        return _from_step(text_of(settings["resume_from"]), experiment), None
    if not id and taken is not None:
        taken.finished = True
        taken_over: aim.Run = taken.aim_run
        return taken_over, None
    if not id:
        return aim.Run(experiment=experiment), None
    if resume not in (None, False, "never"):
        run = aim.Run(id, experiment=experiment, resume=True)
        if resume == "must" and not recording_of(run).attempt.earlier:
            trouble.tell("must", f"resume='must': this repository has no run {shown(id)}, so it is a new one")
        return run, id
    try:
        return aim.Run(id, experiment=experiment), id
    except RunExists as error:
        if resume == "never":
            trouble.tell("never", f"resume='never': {error}; this run has another id")
            return aim.Run(experiment=experiment), None
        trouble.tell(f"again {id}", f"run {shown(id)} is recorded again from step 0; its earlier points are hidden")
        return aim.Run(id, experiment=experiment, resume_from=0), id


def _from_step(given: str, experiment: Any) -> aim.Run:
    """`ID?_step=N` keeps the steps up to N."""
    if (match := _STEP.fullmatch(given)) is None:
        raise ValueError(f"resume_from={given!r:.100} must be written ID?_step=N")
    return aim.Run(match[1], experiment=experiment, resume_from=int(match[2]) + 1)


def _keep(run: Run) -> None:
    """Collect the files of the run at the exit of Python, before aim.Run ends."""
    global _hooked
    _open[next(_numbers)] = run
    if not _hooked:
        _hooked = True
        atexit.register(_collect_all)


def _collect_all() -> None:
    for run in open_runs():
        run.collect()


def open_runs() -> list[Run]:
    return [run for run in list(_open.values()) if not run.finished]
