"""Run: the handle that records one training run. Session is its v2 face; there is one write path.

Opening raises on wrong arguments. After that nothing here raises, whatever the disk does: `Trouble` tells and counts.
"""

from __future__ import annotations

import atexit
import functools
import math
import os
import sys
import threading
import time as clock
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec
from weakref import WeakValueDictionary

from aim import layout
from aim.errors import RunError
from aim.log import edits, objects, record, status
from aim.log.writer import Writer
from aim.media import media_in
from aim.sdk import environment, messages, notebook, pulse, surroundings
from aim.sdk import params as plain_params
from aim.sdk.arguments import check_bool, check_text, experiment_name, interval, moment, repository, switch, whole
from aim.sdk.attempt import Attempt, open_attempt
from aim.sdk.context import CONTEXTS_WARNED, SERIES_KEPT, Series, canonical, most_varied, series_key
from aim.sdk.history import History
from aim.sdk.scalar import scalar
from aim.sdk.surroundings import Late
from aim.sdk.system import Sampling
from aim.sdk.trouble import Trouble, say, text_of

if TYPE_CHECKING:
    from aim.media.media import Media
    from aim.sdk.console import Capture, Listener

NAN = math.nan
_FAST_KEPT = 1 << 14
_STEPS = frozenset({int, type(None)})
_EPOCHS = frozenset({int, float, type(None)})
_P = ParamSpec("_P")
_open: WeakValueDictionary[int, Run] = WeakValueDictionary()
_exit_hooked = False
_exiting = False
_environment_name_used = False


def _guarded(call: Callable[_P, None]) -> Callable[_P, None]:
    """Errors of `call` become a told and counted trouble of its run."""

    @functools.wraps(call)
    def inner(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            call(*args, **kwargs)
        except Exception as error:
            run = args[0]
            assert isinstance(run, Run)
            run._trouble.failed(call.__name__, error)

    return inner


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _field(field: str, doc: str, kind: Callable[[Any], Any]) -> property:
    """A property of the run that is kept as an EDIT record."""

    def get(run: Run) -> Any:
        return run._fields.get(field)

    def set_(run: Run, value: Any) -> None:
        try:
            run._edit(field, kind(value))
        except Exception as error:
            run._trouble.failed(f"run.{field} =", error)

    return property(get, set_, doc=doc)


class Run:
    """One training run, recorded as it happens.

    - `run`: its name (any text). None: a new run, called by its random id. A name that exists is refused, unless
      `resume` is True or `resume_from` is a step: then the run goes on, and with `resume_from` earlier points with
      step >= `resume_from` are hidden.
    - `repo`: the folder that holds `.aim`, or `.aim` itself. Default: AIM_REPO, else the nearest `.aim` at or above the
      working directory, else a new one there.
    - `experiment`: default AIM_EXPERIMENT, else the repository's active experiment, else `default`.
    - `system_interval`: seconds between two samples of CPU, memory, disk, network and GPUs, recorded as metrics called
      `system/...`; 0 for none. Default: AIM_SYSTEM_INTERVAL, else 10.
    - `environment`: whether to record packages, variables and uncommitted changes; or names of more variables, such as
      `["MY_*"]`. Default: AIM_ENVIRONMENT, else yes.
    - `console`: whether to record what this process and its children print. Default: AIM_CONSOLE, else not.

    Raises RunExists, RunError, RepoError, TypeError or ValueError when it cannot be opened as asked; other methods
    never raise.
    """

    # Whether the system metrics of the process are those of what it started.
    _measures_below = False

    def __init__(
        self,
        run: str | None = None,
        *,
        repo: str | os.PathLike[str] | None = None,
        experiment: str | None = None,
        resume: bool = False,
        resume_from: int | None = None,
        system_interval: float | None = None,
        environment: bool | Sequence[str] | None = None,
        console: bool | None = None,
        started_at: float | None = None,
    ) -> None:
        check_text("run", run)
        check_text("experiment", experiment)
        check_bool("resume", resume)
        moment("started_at", started_at)
        if resume_from is not None:
            resume_from = whole("resume_from", resume_from)
        self._trouble = Trouble()
        self._lock = threading.RLock()
        self._known: dict[object, Series] = {}
        self._series: dict[str, Series] = {}
        self._upcoming: dict[int, int] = {}
        self._contexts: dict[str, int] = {}
        self._params: dict[str, Any] = {}
        self._fields: dict[str, Any] = {}
        self._tags: dict[str, bool] = {}
        self._numbers = 0
        self._stamp = 0
        self._logged = 0
        self._history: History | None = None
        self._writer: Writer | None = None
        self._closed = False
        self._disabled = bool(os.environ.get("AIM_DISABLED", "").strip("0"))
        # Its id, because a reference would keep all that the frames of an earlier notebook cell hold.
        self._exception_at_open = id(getattr(sys, "last_value", None))
        self._aim_dir = repository(repo, create=not self._disabled)
        self._variables = surroundings.names_of(environment)
        self._late = Late(dirty_known=True, names=None)
        self._sampling = Sampling(str(self._aim_dir), interval(system_interval), below=self._measures_below)
        self._beaten_at = clock.monotonic()
        self._console: Capture | Listener | None = None
        console = switch("console", console, "AIM_CONSOLE", False)
        # What the runner of a command says in END: how it ended.
        self._end_word: str | None = None
        self._end_facts: dict[str, Any] = {}
        launched = _launched(self._aim_dir)
        if launched is not None:
            run, experiment = launched.run or run, launched.experiment or experiment
        name = run or _name_from_environment()
        if name is None and (resume or resume_from is not None):
            raise RunError("resume needs the name or id of the run that goes on; write aim.Run('name', resume=True)")
        if self._disabled:
            unused = os.urandom(16)
            self._attempt = Attempt(self._aim_dir, unused, name or unused.hex(), "", None, "main", {}, None, None)
            self._fields["experiment"] = experiment or "default"
            return
        self._attempt = open_attempt(
            self._aim_dir, name, resume=resume or resume_from is not None, resume_from=resume_from
        )
        self._began_here = self._attempt.role == "main" and not self._attempt.earlier
        self._fields["experiment"] = (
            self._attempt.experiment
            or experiment
            or os.environ.get("AIM_EXPERIMENT")
            or edits.active_experiment(self._aim_dir)
        )
        notebook.opened(self)
        self._start(started_at)
        if experiment and self._attempt.experiment and experiment != self._attempt.experiment:
            self.experiment = experiment
        _open[id(self)] = self
        _hook_exit()
        if console:
            self._begin_console()
        pulse.watch(self)

    # What a training script calls

    def track(
        self,
        value: Any,
        name: str | None = None,
        step: int | None = None,
        epoch: float | None = None,
        *,
        context: Mapping[str, Any] | None = None,
    ) -> None:
        """Record one point of the metric `name`, or one of each in a dict of values.

        `value`: a number, or anything of one element with `.item()` or `__float__`; or an aim.Text, Image, Audio,
        Distribution or Figure, or a list of such. `step`: counts on per series when not given. `context`: tells series
        of one metric apart.
        """
        try:
            if type(value) is float and type(step) in _STEPS and type(epoch) in _EPOCHS:
                series = self._known.get((name, repr(context)) if context else name)
                writer = self._writer
                if series is not None and writer is not None and (step is not None or series.settled):
                    if step is None:
                        step = series.upcoming
                        series.upcoming = step + 1
                    if epoch is None:
                        recorded = writer.append_float(series.number, step, value, clock.time(), NAN)
                    else:
                        recorded = writer.append_float(series.epoch_number, step, value, clock.time(), epoch)
                    if step >= series.upcoming:
                        series.upcoming = step + 1
                    if not recorded:
                        self._not_kept("points are")
                    return
            self._track(value, name, step, epoch, context)
        except Exception as error:
            self._trouble.failed("track", error, about=name)

    @_guarded
    def set_params(self, params: Any, name: str | None = None) -> None:
        """Add `params` (a mapping, dataclass, Namespace or value) under `name`, default `default`. Repeats add up."""
        self._set((str(name) if name is not None else "default",), params)

    @_guarded
    def flush(self) -> None:
        """Wait until everything recorded so far is on the disk: it then survives power loss."""
        if self._writer is None and not self._closed:
            return
        writer = self._ready("flush")
        if writer is not None and (writer := self._look_after_file(writer)) is not None:
            writer.flush()

    @_guarded
    def close(self, *, error: BaseException | str | None = None) -> None:
        """End the run: finished, or failed with `error`. Called by itself at exit."""
        if self._closed:
            return
        self._closed = True
        self._known.clear()
        pulse.unwatch(self)
        _open.pop(id(self), None)
        writer, self._writer = self._writer, None
        if writer is not None and (writer := self._look_after_file(writer)) is not None:
            self._end(writer, error)
        self._end_console()

    def __setitem__(self, key: str | tuple[str, ...], value: Any) -> None:
        try:
            self._set(tuple(str(one) for one in key) if isinstance(key, tuple) else (str(key),), value)
        except Exception as error:
            self._trouble.failed("run[...] =", error, about=key)

    def __getitem__(self, key: str | tuple[str, ...]) -> Any:
        """What this handle has set at `key`. Raises KeyError when it has set nothing there."""
        found: Any = self._params
        for one in key if isinstance(key, tuple) else (key,):
            found = found[one]
        return found

    @_guarded
    def add_tag(self, tag: str) -> None:
        self._tag(tag, True)

    @_guarded
    def remove_tag(self, tag: str) -> None:
        self._tag(tag, False)

    @_guarded
    def log_debug(self, message: object, /, **params: Any) -> None:
        self._log("debug", message, params)

    @_guarded
    def log_info(self, message: object, /, **params: Any) -> None:
        """Record a line of text with params; it is shown with the run, and never printed."""
        self._log("info", message, params)

    @_guarded
    def log_warning(self, message: object, /, **params: Any) -> None:
        self._log("warning", message, params)

    @_guarded
    def log_error(self, message: object, /, **params: Any) -> None:
        self._log("error", message, params)

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        clean_exit = isinstance(error, SystemExit) and error.code in (None, 0)
        self.close(error=None if clean_exit else error)

    def __del__(self) -> None:
        if getattr(self, "_writer", None) is not None:
            self.close()

    def __repr__(self) -> str:
        return f"<aim.Run {self.hash!r} in {self._aim_dir}>"

    # What it is: fields give what this handle has set

    name = _field("name", "A readable name.", _text)
    description = _field("description", "What the run is about, in words.", _text)
    experiment = _field("experiment", "The experiment that the run belongs to.", experiment_name)
    archived = _field("archived", "Whether searches leave the run out.", functools.partial(check_bool, "archived"))

    @property
    def hash(self) -> str:
        return self._attempt.hash

    run_hash = hash

    @property
    def id(self) -> str:
        return self._attempt.run.hex()

    @property
    def repo_path(self) -> str:
        """The `.aim` folder."""
        return str(self._aim_dir)

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def lost(self) -> int:
        """Calls and points that recorded nothing, because of wrong values or a disk that refused."""
        return self._trouble.lost

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that this handle has attached."""
        return tuple(tag for tag, attached in self._tags.items() if attached)

    # The write path behind the calls

    def _start(self, started_at: float | None) -> None:
        """Open this process's file and write START."""
        attempt = self._attempt
        writer = Writer(attempt.folder, attempt.run, aim_dir=self._aim_dir, on_trouble=self._disk_trouble)
        facts = environment.facts()
        dirty = environment.dirty.answer if "git" in facts else None
        if dirty is not None:
            facts["git"] = {**facts["git"], "dirty": dirty}
        surveyed = attempt.role == "main" or self.id == os.environ.get("AIM_PROCESS")
        self._late = Late(dirty_known=dirty is not None, names=self._variables if surveyed else None)
        start = {
            "format": layout.FORMAT,
            "run": self.id,
            "writer": writer.id.hex(),
            "hash": attempt.hash,
            "time": clock.time() if started_at is None else started_at,
            "experiment": self._fields["experiment"],
            "attempt": attempt.id,
            "launch": attempt.launch,
            "role": attempt.role,
            "resume_from": attempt.resume_from,
            "earlier": attempt.earlier,
            "process": status.this_process(),
            "facts": facts,
        }
        writer.append(record.START, record.encode_json(start))
        self._writer = writer

    def _ready(self, call: str) -> Writer | None:
        """The writer, opened anew in a forked child; None when nothing can be recorded, which is told."""
        if self._disabled:
            return None
        if self._closed:
            self._after_close(call, 1)
            return None
        if self._writer is None:
            with self._lock:
                if self._writer is None:
                    self._start_again()
        pulse.wake()
        return self._writer

    def _after_close(self, call: str, lost: int) -> None:
        self._trouble.tell(
            "closed", f"{call}: run {self.hash!r} is closed; nothing is recorded from here on", lost=lost
        )

    def _start_again(self) -> None:
        """Open one more file in the same attempt: in a forked child, or where the first file lost bytes.

        Steps and stamps go on from what this process, or its parent at the fork, had in memory.
        """
        self._attempt = self._attempt._replace(role="join", earlier={}, resume_from=None)
        self._forget_series()
        self._numbers = 0
        self._start(None)

    def _track(self, value: Any, name: str | None, step: Any, epoch: Any, context: Mapping[str, Any] | None) -> None:
        """`track` without the short cuts."""
        if isinstance(value, Mapping):
            values = {str(key) if name is None else f"{name}{key}": value[key] for key in value}
            self._track_many(values, step, epoch, context)
            return
        writer = self._ready("track")
        if writer is None:
            return
        if not isinstance(name, str) or not name:
            raise TypeError(f"name must be text that is not empty, not {name!r}; write track(value, name='loss')")
        some = media_in(value)
        number = scalar(value) if some is None else 0.0
        if step is not None:
            step = whole("step", step)
        when = NAN if epoch is None else _epoch(epoch)
        series = self._find_series(writer, name, context or {}, some[0].kind if some else "")
        if series is None:
            self._not_kept("points are")
            return
        if step is None:
            if not series.settled:
                self._settle(series)
            step = series.upcoming
        series.upcoming = max(series.upcoming, step + 1)
        if some is not None:
            self._track_objects(writer, series, some, step, None if epoch is None else when)
            return
        flags = series.number if epoch is None else series.epoch_number
        if isinstance(number, float):
            kept = writer.append_float(flags, step, number, clock.time(), when)
        else:
            kind = record.BOOL if isinstance(number, bool) else record.INT
            kept = writer.append_int(flags | kind << 28, step, int(number), clock.time(), when)
        if not kept:
            self._not_kept("points are")
        if len(self._known) >= _FAST_KEPT:
            self._known.clear()
        self._known[(name, repr(context)) if context else name] = series

    def _track_many(self, values: Mapping[str, Any], step: Any, epoch: Any, context: Mapping[str, Any] | None) -> None:
        """One write for all floats of series that are known; anything else goes the way of a single point."""
        writer, shown = self._writer, repr(context) if context else None
        usual = writer is not None and type(step) in _STEPS and type(epoch) in _EPOCHS
        points: list[tuple[int, int, float]] = []
        moved: list[Series] = []
        for name, value in values.items():
            series = self._known.get((name, shown) if context else name) if usual and type(value) is float else None
            if series is None or (step is None and not series.settled):
                inner = f"{name}/" if isinstance(value, Mapping) else name
                self.track(value, inner, step, epoch, context=context)
                continue
            place = step
            if step is None:
                place = series.upcoming
                series.upcoming = place + 1
            else:
                moved.append(series)
            points.append((series.number if epoch is None else series.epoch_number, place, value))
        if writer is None or not points:
            return
        lost = writer.append_floats(points, clock.time(), NAN if epoch is None else epoch)
        for series in moved:
            series.upcoming = max(series.upcoming, step + 1)
        if lost:
            self._not_kept("points are", lost)

    def _track_objects(
        self, writer: Writer, series: Series, some: Sequence[Media], step: int, epoch: float | None
    ) -> None:
        now = clock.time()
        for place, one in enumerate(some):
            if not objects.append(
                writer, series.number, step=step, time=now, epoch=epoch, place=place, data=one.data, meta=one.meta
            ):
                self._not_kept("values are")

    def _find_series(self, writer: Writer, name: str, context: Mapping[str, Any], kind: str = "") -> Series | None:
        """The series of `name` in `context`, made known to the log at its first point."""
        known = canonical(context, self._context_as_text) if context else {}
        key = series_key(name, known, kind)
        series = self._series.get(key)
        if series is None:
            with self._lock:
                series = self._series.get(key) or self._new_series(writer, name, known, key, kind)
        return series

    def _new_series(self, writer: Writer, name: str, context: Mapping[str, Any], key: str, kind: str) -> Series | None:
        number = self._numbers
        self._numbers = number + 1
        if not writer.append(record.SERIES, record.encode_series(number, name, dict(context), kind)):
            return None
        if len(self._series) >= SERIES_KEPT:
            self._forget_series()
        upcoming = self._upcoming.get(hash(key))
        if upcoming is None and context and not kind:
            self._count_contexts(name)
        series = self._series[key] = Series(name, key, number, upcoming or 0, settled=self._began_here)
        return series

    def _forget_series(self) -> None:
        """Keep of each series only where its steps go on, in little memory."""
        self._upcoming.update((hash(series.key), series.upcoming) for series in self._series.values())
        self._series.clear()
        self._known.clear()

    def _settle(self, series: Series) -> None:
        """Let the steps of a series go on behind those that the run already has."""
        with self._lock:
            series.upcoming = max(series.upcoming, self._past().upcoming.get(series.key, 0))
            series.settled = True

    def _past(self) -> History:
        if self._history is None:
            self._history = History(self._attempt.folder, self.id)
        return self._history

    def _count_contexts(self, name: str) -> None:
        seen = self._contexts[name] = self._contexts.get(name, 0) + 1
        if seen == CONTEXTS_WARNED:
            key, value = most_varied(series.key for series in self._series.values() if series.name == name)
            say(
                f"metric {name!r} has {seen:,} contexts in run {self.hash!r}, mostly by {key!r}, now {value!r:.40}: "
                "each makes a series of its own. What changes at every point belongs in step= or epoch="
            )

    def _not_kept(self, what: str, lost: int = 1) -> None:
        if self._closed:
            self._after_close("track", lost)
            return
        self._trouble.tell(
            "full",
            f"run {self.hash!r}: the disk takes nothing and no more can wait in memory; {what} dropped until it does",
            lost=lost,
        )

    def _context_as_text(self, key: str, value: object) -> None:
        kind = type(value).__name__
        self._trouble.tell(f"context:{key}:{kind}", f"context {key!r}: a {kind} is kept as its text {str(value)!r:.80}")

    def _set(self, path: tuple[str, ...], value: Any) -> None:
        content = plain_params.plain(value, ".".join(path), self._param_as_text)
        for key in reversed(path):
            content = {key: content}
        with self._lock:
            plain_params.merge(self._params, content)
            writer = self._ready("set_params")
            if writer is None:
                return
            for part in plain_params.parts(content, self._param_refused):
                payload = record.encode_json({"stamp": self._next_stamp(), "value": part})
                if not writer.append(record.PARAMS, payload):
                    self._not_kept(f"params {'.'.join(path)!r} are")

    def _next_stamp(self) -> int:
        if not self._stamp and not self._began_here:
            self._stamp = self._past().stamp
        self._stamp = edits.next_stamp(self._stamp)
        return self._stamp

    def _param_as_text(self, path: str, why: str) -> None:
        self._trouble.tell(f"param:{path}", f"param {path!r} {why}")

    def _param_refused(self, path: str, why: str) -> None:
        self._trouble.tell(f"param:{path}", f"param {path!r} {why}", lost=1)

    def _edit(self, field: str, value: Any) -> None:
        writer = self._ready(field)
        if writer is not None:
            payload = {"stamp": self._next_stamp(), "run": None, "field": field, "value": value}
            if writer.append(record.EDIT, record.encode_json(payload)):
                self._fields[field] = value

    def _tag(self, tag: str, attached: bool) -> None:
        check_text("tag", tag)
        self._edit(f"tag:{tag}", attached)
        self._tags[tag] = attached

    def _log(self, level: str, message: object, params: Mapping[str, Any]) -> None:
        writer = self._ready(f"log_{level}")
        if writer is None:
            return
        payload = messages.encode(level, message, params, self._param_as_text)
        self._logged += len(payload)
        if self._logged > messages.LIMIT:
            self._trouble.tell(
                "messages", f"run {self.hash!r}: {messages.LIMIT:,} bytes of lines are logged; no more are", lost=1
            )
        elif not writer.append(record.MESSAGE, payload):
            self._not_kept("logged lines are")

    # What happens around it

    def _end(self, writer: Writer, error: BaseException | str | None) -> None:
        self._note_late(writer, ask=False)
        text = None if error is None else _describe(error)
        end = {
            "time": clock.time(),
            "status": self._end_word or ("finished" if error is None else "failed"),
            "error": text,
            "dropped": self._trouble.lost,
            "troubles": dict(self._trouble.counts.most_common(20)),
            **self._end_facts,
        }
        writer.append(record.END, record.encode_json(end))
        writer.close()
        if self._trouble.lost:
            say(f"run {self.hash!r} is closed; {self._trouble.lost:,} calls or points were not recorded")
        if writer.waiting:
            say(f"run {self.hash!r}: the last records could not be written to {writer.path}")

    def _disk_trouble(self, error: OSError) -> None:
        self._trouble.tell(
            f"disk:{error.errno}",
            f"cannot write to run {self.hash!r}: {error.strerror or error}. Training goes on; points wait in memory "
            f"and are written when the disk takes them again. {self._aim_dir}",
        )

    def _look_after_file(self, writer: Writer) -> Writer | None:
        """The writer to go on with when the file was moved, replaced or cut short; None when the run was deleted."""
        try:
            with self._lock:
                if not writer.displaced():
                    return writer
                if self.id in edits.deleted(self._aim_dir):
                    self._stop_deleted(writer)
                    return None
                layout.make_folder(writer.folder, self._aim_dir)
                copied = writer.restore()
                if copied is not None:
                    say(f"the file of run {self.hash!r} was moved or replaced; it is whole again: {writer.path}")
                    return writer
                return self._leave_short(writer)
        except OSError as error:
            self._disk_trouble(error)
            return writer

    def _stop_deleted(self, writer: Writer) -> None:
        self._trouble.tell(
            "deleted", f"run {self.hash!r} was deleted; nothing more of it is recorded, training goes on"
        )
        self._disabled = True
        self._writer = None
        self._known.clear()
        writer.close()

    def _leave_short(self, writer: Writer) -> Writer | None:
        """What was cut off is lost; the rest of the run goes into a new file."""
        self._start_again()
        writer.close()
        self._trouble.lost += writer.waiting // record.POINT_SIZE
        say(f"the file of run {self.hash!r} was cut short or is out of reach; it goes on in another one: {writer.path}")
        fresh = self._writer
        if self._closed:
            self._writer = None
        return fresh

    def _begin_console(self) -> None:
        """What a process of `aim run` prints is recorded by the one that started it."""
        if self.id == os.environ.get("AIM_PROCESS"):
            return
        from aim.sdk import console

        target = console.Target(self._attempt, self._aim_dir, str(self._fields["experiment"]))
        self._console = console.begin(target, lambda text: self._trouble.tell("console", f"run {self.hash!r}: {text}"))

    def _end_console(self) -> None:
        capture, self._console = self._console, None
        if capture is not None:
            capture.release()

    @_guarded
    def beat(self) -> None:
        """A sign of life, from the pulse thread."""
        if self._console is not None and clock.monotonic() - self._beaten_at < self._rest * 0.9:
            return
        self._beaten_at = clock.monotonic()
        writer = self._writer
        if writer is not None and not self._disabled and (writer := self._look_after_file(writer)) is not None:
            writer.touch()
            self._sample(writer)

    @property
    def pulse_seconds(self) -> float:
        return self._rest if self._console is None else min(self._rest, self._console.watch_seconds)

    @property
    def _rest(self) -> float:
        return min(self._sampling.interval or status.PULSE_SECONDS, status.PULSE_SECONDS)

    def _sample(self, writer: Writer) -> None:
        for name, value, context in self._sampling.due(joined=self._attempt.role == "join"):
            series = self._find_series(writer, f"system/{name}", context or {})
            if series is not None:
                if not series.settled:
                    self._settle(series)
                step, series.upcoming = series.upcoming, series.upcoming + 1
                writer.append_float(series.number, step, value, clock.time(), NAN)

    def late_facts(self) -> bool:
        """Record what is found out of the surroundings once it is known; True while more may come."""
        capture, writer = self._console, self._writer
        starting = capture is not None and capture.pending()
        return writer is not None and (self._note_late(writer, ask=True) or starting)

    def _note_late(self, writer: Writer, *, ask: bool) -> bool:
        try:
            for facts in self._late.take(ask=ask):
                writer.append(record.FACTS, facts)
        except Exception as error:
            self._trouble.failed("facts", error)
            self._late.forget()
        return self._late.pending

    def forked_in_child(self) -> None:
        """In a child nothing is written, until it tracks: then it gets a file of its own in the same attempt."""
        environment.dirty.forget()
        surroundings.diff.forget()
        self._lock = threading.RLock()
        self._known.clear()
        self._trouble = Trouble()
        self._variables = None
        self._late.forget()
        self._console = None
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.abandon()


def open_runs() -> list[Run]:
    """The runs of this process that are not closed. `valuerefs` copies at once, as another thread may open a run."""
    return [run for ref in _open.valuerefs() if (run := ref()) is not None and not run.closed]


def _name_from_environment() -> str | None:
    """AIM_RUN names the first run that a process opens without a name."""
    global _environment_name_used
    name = os.environ.get("AIM_RUN") or None
    if name is None or _environment_name_used:
        return None
    _environment_name_used = True
    return name


def _launched(aim_dir: Path) -> environment.Launched | None:
    """What the launcher of this process says of the first run that it opens in the launcher's repository."""
    global _environment_name_used
    launched = environment.launched(os.environ)
    if launched is None or _environment_name_used:
        return None
    if launched.repo and os.path.realpath(layout.resolve(launched.repo)) != os.path.realpath(aim_dir):
        return None
    _environment_name_used = True
    return launched


def _epoch(value: Any) -> float:
    try:
        return float(scalar(value))
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"epoch {value!r:.80} is not a number: {error}") from None


def _describe(error: BaseException | str) -> str:
    text = text_of(error)
    return text[:4000] if isinstance(error, str) else f"{type(error).__name__}: {text}"[:4000].rstrip(": ")


def _hook_exit() -> None:
    global _exit_hooked
    if not _exit_hooked:
        _exit_hooked = True
        atexit.register(_close_all)


def exiting() -> bool:
    """Whether the runs of this process were closed because it ends."""
    return _exiting


def _close_all() -> None:
    global _exiting
    _exiting = True
    uncaught = getattr(sys, "last_value", None)
    for run in open_runs():
        new = uncaught is not None and id(uncaught) != run._exception_at_open and not notebook.active()
        run.close(error=uncaught if new else None)
