"""Run: the handle that records one training run. Session is its Aim 2 interface; both share one write path.

Opening a run raises on wrong arguments. After that nothing here raises, whatever the disk does: errors are printed once
and counted.
"""

from __future__ import annotations

import atexit
import functools
import math
import os
import struct
import time as clock
from collections.abc import Callable, Mapping, Sequence
from marshal import dumps
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, ParamSpec
from weakref import WeakValueDictionary

from aim import layout
from aim.errors import RunError
from aim.handlers import let_through
from aim.log import edits
from aim.plain import shown, text_of
from aim.sdk import aim3 as names
from aim.sdk import dropped, exits, naming, notebook, pulse, surroundings
from aim.sdk.arguments import check_bool, experiment_name, interval, moment, repository, switch, text, whole
from aim.sdk.attempt import Attempt, open_attempt, turn, unrecorded
from aim.sdk.heartbeat import Heartbeat
from aim.sdk.params import is_group
from aim.sdk.recording import EPOCHS, Recording, shipping_of
from aim.sdk.system import Sampling

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from aim.artifacts.artifact import Artifact
    from aim.log.direction import Direction
    from aim.sdk.artifacts import RunStore

NAN = math.nan
_P = ParamSpec("_P")
_open: WeakValueDictionary[int, Run] = WeakValueDictionary()
_exit_hooked = False
_exiting = False


def _guarded(call: Callable[_P, None]) -> Callable[_P, None]:
    """Errors of `call` are reported and counted by its run."""

    @functools.wraps(call)
    def inner(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            call(*args, **kwargs)
        except Exception as error:
            let_through(error)
            run = args[0]
            assert isinstance(run, Run)
            run._recording.trouble.failed(f"{call.__name__}()", error)

    return inner


def _text(value: Any) -> str:
    return "" if value is None else text_of(value)


def _no_arguments(more: Sequence[object], others: Mapping[str, object]) -> str:
    """Why `Run.track` refuses arguments beyond its own, which are most often the context."""
    context = "{'subset': 'val'}"
    if not more:
        context = "{" + ", ".join(f"{name!r:.100}: {shown(value)}" for name, value in others.items()) + "}"
    given = f"a fifth argument, {shown(more[0])}" if more else ", ".join(f"{name:.100}=" for name in others)
    return f"it takes value, name, step, epoch and context=, not {given}; write context={context}"


def _path(key: object) -> tuple[str, ...]:
    if key is ...:
        return ()
    return tuple(map(text_of, key)) if isinstance(key, tuple) else (text_of(key),)


def _field(field: str, doc: str, kind: Callable[[Any], Any]) -> property:
    """A property of the run that is recorded as an edit."""

    def get(run: Run) -> Any:
        return run._recording.fields.get(field)

    def set_(run: Run, value: Any) -> None:
        try:
            run._recording.edit(field, kind(value))
        except Exception as error:
            let_through(error)
            run._recording.trouble.failed(f"run.{field} = {shown(value)}", error)

    return property(get, set_, doc=doc)


class Run(names.Aim3Calls):
    """One training run, recorded as it happens.

    - `run`: the name of the run, any text. Default: a new run that is called by its random id. A name that exists is
      refused, unless `resume` is True or `resume_from` is a step: then the run continues. `resume_from` also hides
      earlier points with step >= `resume_from`.
    - `repo`: the folder that holds `.aim`, or `.aim` itself, or a server, `aim://HOST:PORT`. Default: AIM_REPO, else
      the nearest `.aim` at or above the working directory, else a new one there.
    - `experiment`: default AIM_EXPERIMENT, else the repository's active experiment, else `default`.
    - `system_interval`: seconds between two samples of CPU, memory, disk, network and GPUs, recorded as metrics called
      `system/...`; 0 turns them off. Default: AIM_SYSTEM_INTERVAL, else 10.
    - `environment`: whether to record packages, environment variables and uncommitted changes; or names of more
      variables, such as `["MY_*"]`. Default: AIM_ENVIRONMENT, else True.
    - `console`: whether to record what this process and its children print. Default: AIM_CONSOLE, else False.
    - `started_at`: when the run began, in seconds since 1970. Default: now.
    - `aim3`: arguments of Aim 3, such as `run_hash`; `read_only=True` gives a recorded run, as `aim.Repo().run(run)`.

    Raises RunExists, RunError, RepoError, TypeError or ValueError when it cannot be opened as asked. No other method
    raises, except those that read: `run[key]`, `use_artifact`, `metrics`, `get_metric` and `dataframe`.
    """

    _measures_children: ClassVar[bool] = False

    def __init_subclass__(cls, *, measures_children: bool = False, **others: Any) -> None:
        """`measures_children`: system metrics measure the processes that this one started instead of itself."""
        super().__init_subclass__(**others)
        cls._measures_children = measures_children

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
        **aim3: Unpack[names.RunArguments],
    ) -> None:
        aim3.pop("read_only", None)  # `__new__` took it.
        if aim3:
            given = {
                "run": run, "repo": repo, "experiment": experiment, "resume": resume, "resume_from": resume_from,
                "system_interval": system_interval, "environment": environment, "console": console,
                "started_at": started_at,
            }  # fmt: skip
            Run.__init__(self, **names.ours("Run", given, aim3))
            return
        run = text("run", run)
        experiment = text("experiment", experiment)
        resume = check_bool("resume", resume)
        started_at = moment("started_at", started_at)
        if resume_from is not None:
            resume_from = whole("resume_from", resume_from)
        disabled = _is_disabled()
        aim_dir = repository(repo, create=not disabled)
        variables = surroundings.names_of(environment)
        sampling = Sampling(str(aim_dir), interval(system_interval), children=self._measures_children)
        console = switch("console", console, "AIM_CONSOLE", False)
        name, experiment = naming.named(run, experiment, aim_dir)
        resume = resume or resume_from is not None
        if name is None and resume:
            raise RunError("resume needs the name or id of a run to continue; write aim.Run('name', resume=True)")
        shipping = None if disabled else shipping_of(aim_dir)
        with turn(aim_dir, name if resume and not disabled else None) as known:
            if disabled:
                attempt = unrecorded(aim_dir, name, experiment or "default")
            elif shipping is not None:
                attempt = shipping.open_attempt(name, resume=resume, resume_from=resume_from)
            else:
                attempt = open_attempt(aim_dir, name, resume=resume, resume_from=resume_from, known=known)
            belongs_to = (
                attempt.experiment or experiment or os.environ.get("AIM_EXPERIMENT") or edits.active_experiment(aim_dir)
            )
            recording = Recording(
                aim_dir, attempt, belongs_to, variables=variables, stopped=disabled, shipping=shipping
            )
            self._take(recording, sampling)
            if not disabled:
                self._open(started_at, experiment, console=console)
                if attempt.earlier:
                    layout.show_grown(aim_dir)

    def _take(self, recording: Recording, sampling: Sampling) -> None:
        self._recording = recording
        self._known = recording.series.fast
        self._tags: dict[str, bool] = {}
        self._heartbeat = Heartbeat(recording, sampling)

    def _open(self, started_at: float | None, experiment: str | None, *, console: bool) -> None:
        notebook.opened(self)
        self._recording.start(started_at)
        if experiment and experiment != self.experiment:
            self.experiment = experiment
        if console:
            self._heartbeat.record_console()
        self._watch()

    def _watch(self) -> None:
        """Beat while the run is open, and end it with the process."""
        _open[id(self)] = self
        dropped.forget()
        _hook_exit()
        pulse.watch(self._heartbeat)

    # What a training script calls

    def track(
        self,
        value: Any,
        name: str | None = None,
        step: int | None = None,
        epoch: float | None = None,
        *more: NoReturn,
        context: Mapping[str, Any] | None = None,
        time: float | None = None,
        **others: NoReturn,
    ) -> None:
        """Record one point of the metric `name`, or one point for each entry of a dict.

        - `value`: a number, or anything with one element and `.item()` or `__float__`, such as a tensor of shape `()`
          or `(1,)`. Or an aim.Text, Html, Image, Video, Audio, Distribution, Figure or Table, or a list of one kind of
          them.
        - `step`: an integer. Default: the highest step of this series plus 1, from 0.
        - `epoch`: a number.
        - `context`: tells series of one metric apart, such as `{"subset": "val"}`.
        - `time`: when the value was measured, in seconds since 1970. Default: now.

        Any other argument is reported, and nothing is recorded.
        """
        try:
            if more or others:
                raise TypeError(_no_arguments(more, others))
            if (
                type(value) is float
                and type(name) is str
                and (step is None or type(step) is int)
                and (epoch is None or type(epoch) in EPOCHS)
                and time is None
            ):
                try:
                    # As `known_as`, whose call would take longer than the rest of this line.
                    series = self._known.get((name, dumps(context, 2)) if context else name)  # type: ignore[arg-type]
                except (ValueError, TypeError, RuntimeError) as error:
                    let_through(error)
                    series = None
                if series is not None and (step is not None or series.settled):
                    if step is None:
                        step = series.upcoming
                        series.upcoming = step + 1
                    try:
                        if epoch is None:
                            recorded = series.append(series.number, step, value, clock.time(), NAN)
                        else:
                            recorded = series.append(series.epoch_number, step, value, clock.time(), epoch)
                    except BaseException:
                        self._recording.uncount([(series, step)])
                        raise
                    # Behind the write, which refuses a step beyond 64 bits.
                    if step >= series.upcoming:
                        series.upcoming = step + 1
                    if not recorded:
                        self._recording.not_kept("points are")
                    return
            self._recording.track(value, name, step, epoch, context, moment("time", time))
        except struct.error:
            beyond = ValueError("its step does not fit in 64 bits; count in larger units, or pass a smaller step=")
            self._recording.trouble.failed(f"track({text_of(name):.100})", beyond)
        except Exception as error:
            let_through(error)
            self._recording.trouble.failed(f"track({text_of(name):.100})", error)

    @_guarded
    def set_params(self, params: Any, name: str | None = None) -> None:
        """Add params to the group `name`, by default `default`.

        `params` is a mapping, dataclass or Namespace; with a `name` also a single value. Groups of repeated calls are
        merged.
        """
        if name is None and not is_group(params):
            raise TypeError(
                f"params must be a mapping, dataclass or Namespace, not {type(params).__name__} {shown(params)}; write "
                "run.set_params({'name': value}), or run['name'] = value"
            )
        self._recording.set_params((text_of(name) if name is not None else "default",), params)

    @_guarded
    def define_metric(
        self,
        name: str,
        step_metric: Any = None,
        step_sync: Any = None,
        hidden: Any = None,
        summary: str | None = None,
        goal: str | None = None,
        overwrite: Any = None,
        *,
        direction: Direction | None = None,
    ) -> None:
        """Say for the whole repository whether higher ("max") or lower ("min") values of a metric are better. Without
        it, its name decides. `val/*` stands for every metric of this run that begins with `val/`.

        The other arguments are those of `wandb.define_metric`: `goal` and `summary` may say a direction; what is not
        used is told by name.
        """
        from aim.sdk import definition

        if (called := text("name", name)) is None:
            raise ValueError(f"it takes the name of a metric, not {shown(name)}")
        given = {"step_metric": step_metric, "step_sync": step_sync, "hidden": hidden, "summary": summary}
        told = definition.direction_of(direction, goal, summary)
        for word, reason in definition.unused(called, told, {**given, "overwrite": overwrite}):
            self._recording.trouble.tell(f"define_metric:{word}", f"define_metric() does not use {word}: {reason}")
        if told is not None:
            self._recording.define_metric(called, told)

    def log_artifact(
        self,
        path: str | os.PathLike[str] | Mapping[str, str | os.PathLike[str]],
        name: str | None = None,
        *,
        type: str = "artifact",
        aliases: Sequence[str] = (),
        metadata: Mapping[str, Any] | None = None,
        reference: bool = False,
        store: str | None = None,
        block: bool = False,
    ) -> Artifact | None:
        """Store a file or a folder in the repository as the next version of the artifact `name`.

        - `path`: also files by their paths in the artifact, `{"in/a.txt": "/data/a.txt"}`, with a `name`.
        - `name`: default: the name of the file or folder.
        - `type`: any word, such as `model` or `dataset`.
        - `aliases`: names that this version gets, such as `["best"]`. `latest` always is the last version.
        - `metadata`: a mapping of at most 64 KiB as JSON.
        - `reference`: the files stay where they are; their address, size and checksum are kept.
        - `store`: the address of a store, `"s3://bucket/prefix"`, to which another process uploads the files. Default:
          AIM_ARTIFACT_STORE; `""` for none.
        - `block`: as in Aim 3. It always waits until the repository has the files.

        The files may change or go when it returns. A content that the repository has is not stored again, and the files
        of the latest version make no new one. Returns None, and says why once, if nothing could be stored.
        """
        try:
            return self._artifacts.log(
                path, name=name, type=type, aliases=aliases, metadata=metadata, reference=reference,
                address=store,
            )  # fmt: skip
        except Exception as error:
            let_through(error)
            self._recording.trouble.failed(f"log_artifact({shown(path)})", error)
            return None

    def checkpoint(
        self,
        path: str | os.PathLike[str],
        *,
        step: int | None = None,
        metric: Mapping[str, Any] | None = None,
        name: str | None = None,
        direction: Direction | None = None,
        last: int = 2,
        best: int = 1,
        store: str | None = None,
    ) -> Artifact | None:
        """Store a checkpoint as an artifact, and remove this run's earlier ones but the last and the best.

        - `metric`: one name with its value, `{"val/loss": 0.3}`. The best checkpoint gets the alias `best`.
        - `name`: default: that of the run, and `-checkpoint`.
        - `direction`: "max" if higher values are better, else "min". Default: as for the metric everywhere in Aim.
        - `last`, `best`: how many are kept. One to which a person gave another alias stays too.
        - `store`: as in `log_artifact`.
        """
        try:
            return self._artifacts.checkpoint(
                path, step=step, metric=metric, name=name, direction=direction, last=last, best=best,
                address=store,
            )  # fmt: skip
        except Exception as error:
            let_through(error)
            self._recording.trouble.failed(f"checkpoint({shown(path)})", error)
            return None

    def use_artifact(self, name: str) -> Artifact:
        """An artifact of the repository, `"digits"`, `"digits:v3"` or `"digits:best"`; the run keeps that it used it.
        Raises ArtifactError if there is none."""
        return self._artifacts.use(name)

    @_guarded
    def set_artifacts_uri(self, uri: str) -> None:
        """Upload later artifacts of this run to this store, as with `store=`. Aim 3's name."""
        self._artifacts.upload_to(uri)

    @functools.cached_property
    def _artifacts(self) -> RunStore:
        from aim.sdk.artifacts import RunStore

        return RunStore(self._recording)

    @_guarded
    def flush(self) -> None:
        """Wait until everything recorded so far is on the disk and survives power loss (fsync)."""
        recording = self._recording
        if recording.writer is None and not recording.closed:
            return
        if recording.ready("flush") is not None and (writer := recording.checked()) is not None:
            writer.flush()

    @_guarded
    def close(self, *, error: BaseException | str | None = None) -> None:
        """End the run with the status finished, or failed when there is an `error`. Called automatically at exit."""
        if self._recording.closed:
            return
        pulse.unwatch(self._heartbeat)
        _open.pop(id(self), None)
        self._recording.end(error)
        self._heartbeat.release_console()
        if (shipping := self._recording.shipping) is not None:
            shipping.ended(self.hash, self._recording.trouble)

    def __setitem__(self, key: str | tuple[str, ...], value: Any) -> None:
        try:
            self._recording.set_params(_path(key), value)
        except Exception as error:
            let_through(error)
            self._recording.trouble.failed(f"run[{shown(key)}] = …", error)

    def __getitem__(self, key: str | tuple[str, ...]) -> Any:
        """The params that this handle has set at `key`. Raises KeyError when there are none."""
        params: Any = self._recording.params
        for part in _path(key):
            params = params[part]
        return params

    @_guarded
    def add_tag(self, tag: str) -> None:
        self._tag(tag, True)

    @_guarded
    def remove_tag(self, tag: str) -> None:
        self._tag(tag, False)

    def _tag(self, tag: str, attached: bool) -> None:
        if (name := text("tag", tag)) is None:
            raise TypeError("tag must be text, not None; write run.add_tag('good')")
        self._recording.edit(f"tag:{name}", attached)
        self._tags[name] = attached

    @_guarded
    def log_debug(self, message: object, /, **params: Any) -> None:
        self._recording.log("debug", message, params)

    @_guarded
    def log_info(self, message: object, /, **params: Any) -> None:
        """Record a line of text with params. The run shows it; nothing is printed."""
        self._recording.log("info", message, params)

    @_guarded
    def log_warning(self, message: object, /, **params: Any) -> None:
        self._recording.log("warning", message, params)

    @_guarded
    def log_error(self, message: object, /, **params: Any) -> None:
        self._recording.log("error", message, params)

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(error=exits.status(error) if isinstance(error, SystemExit) else error)

    def __del__(self) -> None:
        recording = getattr(self, "_recording", None)
        if recording is not None and recording.writer is not None:
            error = exits.reason(at_exit=False)
            self.close(error=error)
            if error is None:
                dropped.note(recording)

    def __copy__(self) -> Run:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Run:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """In another process: a handle that joins the run when it records, as a forked child's does."""
        recording = self._recording
        parent = recording.writer.path if recording.writer is not None else recording.parent
        attempt = recording.attempt._replace(role="join", earlier={}, resume_from=None)
        interval = self._heartbeat.sampling.interval
        return _received, (recording.aim_dir, attempt, self.experiment, parent, interval, recording.closed)

    def __repr__(self) -> str:
        return f"<aim.Run {self.hash!r} in {self.repo_path}>"

    # What this handle has set

    name = _field("name", "A readable name.", _text)
    description = _field("description", "What the run is about, in words.", _text)
    experiment = _field("experiment", "The experiment that the run belongs to.", experiment_name)
    archived = _field("archived", "Whether searches leave the run out.", functools.partial(check_bool, "archived"))

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that this handle has attached."""
        return tuple(tag for tag, attached in self._tags.items() if attached)

    @property
    def hash(self) -> str:
        """The name of the run, or its id when it has no name."""
        return self._recording.hash

    run_hash = hash

    @property
    def id(self) -> str:
        """32 hexadecimal digits that no other run has."""
        return self._recording.id

    @property
    def repo_path(self) -> str:
        """The `.aim` folder."""
        return str(self._recording.aim_dir)

    @property
    def closed(self) -> bool:
        return self._recording.closed

    @property
    def lost(self) -> int:
        """How many calls and points were not recorded, because of wrong values or a disk that refused."""
        return self._recording.trouble.lost


def recording_of(run: Run) -> Recording:
    """What records, for the rest of Aim. Scripts have no use for it."""
    return run._recording


def _received(
    aim_dir: Path, attempt: Attempt, experiment: str, parent: Path | None, interval: float, closed: bool
) -> Run:
    """The run that was pickled: the handle that this process has, or a new one."""
    for there in open_runs():
        if there._recording.attempt[:4] == attempt[:4]:
            return there
    run: Run = Run.__new__(Run)
    disabled = _is_disabled()
    shipping = None if disabled else shipping_of(aim_dir)
    recording = Recording(aim_dir, attempt, experiment, variables=None, stopped=disabled, shipping=shipping)
    recording.parent, recording.received, recording.closed = parent, True, closed
    run._take(recording, Sampling(str(aim_dir), interval))
    if not closed and not recording.stopped:
        run._watch()
    return run


def _is_disabled() -> bool:
    return bool(os.environ.get("AIM_DISABLED", "").strip("0"))


def open_runs() -> list[Run]:
    """The runs of this process that are not closed. `valuerefs` copies at once, as another thread may open a run."""
    return [run for ref in _open.valuerefs() if (run := ref()) is not None and not run.closed]


def _hook_exit() -> None:
    global _exit_hooked
    if not _exit_hooked:
        _exit_hooked = True
        atexit.register(_close_all)
        exits.watch()


def exiting() -> bool:
    """Whether the runs of this process were closed because it ends."""
    return _exiting


def _close_all() -> None:
    global _exiting
    _exiting = True
    error = exits.reason(at_exit=True)
    runs = open_runs()
    for run in runs:
        run.close(error=error)
    if error is not None and not runs:
        dropped.fail(error)
