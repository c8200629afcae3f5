"""The run of wandb and of trackio: their calls, recorded by an aim.Run."""

from __future__ import annotations

import contextlib
import enum
import glob
import math
import os
import re
import shutil
import tempfile
import time
from array import array
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import aim
from aim.dropins import values
from aim.dropins.absent import Absent, harmless, nothing, trouble
from aim.dropins.config import Config, Summary
from aim.dropins.files import WandbArtifact, known, plain_name
from aim.dropins.gradients import WatchedModels
from aim.plain import builtin, shown, text_of
from aim.sdk.arguments import moment
from aim.sdk.run import recording_of

_EPOCHS = ("epoch", "train/epoch", "trainer/epoch")
_NO_FILE = re.compile(r"[^A-Za-z0-9._-]+")


class AlertLevel(enum.Enum):
    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


class DefinedMetric(NamedTuple):
    """What `define_metric` was told: the metric whose values are the steps of `name`, and whether its last value counts
    for calls that do not log it."""

    name: str
    step_metric: str | None = None
    step_sync: bool = True


class StepCounter:
    """The counter of steps. `log` writes each value at once; the counter decides at which step.

    As in wandb: a call without `step` counts on, unless `commit` is False; a call with `step` does not, unless `commit`
    is True, and a step before the counter is refused.
    """

    def __init__(self, run: aim.Run, first: int) -> None:
        self.run = run
        self.step = first
        self.last: dict[str, Any] = {}
        self._steps: dict[str, int] = {}
        self._beside: dict[str, tuple[int, bytes]] = {}
        self._defined: dict[str, DefinedMetric] = {}

    def define(self, metric: DefinedMetric) -> None:
        self._defined[metric.name] = metric

    def log(self, data: Mapping[Any, Any], step: Any = None, commit: bool | None = None) -> None:
        if step is not None:
            step = _step(step)
            if step < self.step:
                trouble.tell(
                    "step",
                    f"log(step={step}) recorded nothing: the step is {self.step} already, and steps only go up",
                    lost=1,
                )
                return
            self.step = step
        try:
            self.write(data)
        finally:
            if commit or (commit is None and step is None):
                self.step += 1

    def write(self, values_by_name: Mapping[Any, Any]) -> None:
        """Record values at the step of now."""
        data = dict(values.flat(values_by_name))
        numbers = {name: number for name, value in data.items() if (number := values.number(value)) is not None}
        places: dict[tuple[int, float | None], dict[str, Any]] = {}
        epoch = next((numbers[name] for name in _EPOCHS if name in numbers), None)
        for name in data:
            place = self._place(name, numbers)
            places.setdefault((place[0], epoch if place[1] is None else place[1]), {})[name] = data[name]
        for (step, at), group in places.items():
            new = {name: numbers[name] for name in group if name in numbers}
            if self._beside:
                new = {name: number for name, number in new.items() if not self._is_beside(name, step, number)}
            self.run.track(new, step=step, epoch=at)
            self._steps.update(dict.fromkeys(new, step))
            for name in group.keys() - numbers.keys():
                self._write_media(name, group[name], step, at)
        self.last.update(numbers)

    def write_beside(
        self, name: str, value: Any, step: int, context: Mapping[str, Any] | None, at: float | None
    ) -> None:
        """A value of another logger of the script, at a step and perhaps a time of its own, which moves no counter. A
        number that both log at one step is recorded once: event files have it in single precision."""
        number = None if context else values.number(value)
        if number is not None:
            if self._steps.get(name) == step and _single(self.last[name]) == _single(number):
                return
            self._beside[name] = (step, _single(number))
        elif not context:
            self._steps.pop(name, None)
        self.run.track(value, name, step, context=context, time=at)
        self.last[name] = value

    def _is_beside(self, name: str, step: int, number: float) -> bool:
        return name in self._beside and self._beside[name] == (step, _single(number))

    @harmless()
    def _write_media(self, name: str, value: Any, step: int, epoch: float | None) -> None:
        for items in values.media(value):
            self.run.track(items, name, step, epoch)
            self.last[name] = value
            self._steps.pop(name, None)

    def _place(self, name: str, numbers: Mapping[str, Any]) -> tuple[int, float | None]:
        """The step of a value, and its epoch if the step metric has a fraction."""
        metric = self._defined.get(name) or self._pattern(name)
        if metric is None or not metric.step_metric or metric.step_metric == name:
            return self.step, None
        at = numbers.get(metric.step_metric)
        if at is None and metric.step_sync:
            at = self.last.get(metric.step_metric)
        if not isinstance(at, (int, float)) or not math.isfinite(at):
            return self.step, None
        return (int(at), None) if float(at).is_integer() else (self.step, float(at))

    def _pattern(self, name: str) -> DefinedMetric | None:
        starts = (metric for given, metric in self._defined.items() if given.endswith("*"))
        fitting = [metric for metric in starts if name.startswith(metric.name[:-1])]
        return max(fitting, key=lambda metric: len(metric.name), default=None)


class CallCounter(StepCounter):
    """As in trackio: a call without `step` takes the one behind the highest, and any step is taken."""

    def log(self, data: Mapping[Any, Any], step: Any = None, commit: bool | None = None) -> None:
        upcoming = self.step
        self.step = upcoming if step is None else _step(step)
        try:
            self.write(data)
        finally:
            self.step = max(upcoming, self.step + 1)


def _single(number: float) -> bytes:
    try:
        return array("f", [number]).tobytes()
    except OverflowError:
        return array("f", [math.inf]).tobytes()


def _step(step: Any) -> int:
    number = values.number(step)
    if number is None or not math.isfinite(number):
        raise TypeError(f"step {shown(step)} is not an integer")
    return int(number)


class Run:
    """`wandb.run`. It is recorded by an aim.Run; what it does not have is told once, and does nothing."""

    def __init__(
        self,
        run: aim.Run | None,
        settings: Mapping[str, Any],
        *,
        id: str | None = None,
        counter: type[StepCounter] = StepCounter,
    ) -> None:
        """`run` is None for a run that records nothing."""
        self.disabled = run is None
        self.aim_run: Any = nothing("run") if run is None else run
        self.settings = settings
        recording = None if run is None else recording_of(run)
        self.id = id or (run.hash if run is not None else "disabled")
        self.resumed = recording is not None and bool(recording.attempt.earlier)
        self.starting_step = recording.upcoming_step() if recording is not None else 0
        self.start_time = time.time()
        self._history = counter(self.aim_run, self.starting_step)
        self._watch = WatchedModels(self._log_watched)
        self.config = Config(lambda content: self.aim_run.set_params(content, name="hparams"))
        self.summary = Summary(lambda content: self.aim_run.set_params(content, name="summary"), self._history.last)
        self._tags: tuple[str, ...] = ()
        self._dir: Path | None = None
        self._saved: list[tuple[str, str | None]] = []
        self.finished = False
        self.on_finish: list[Any] = []

    # What is logged

    @harmless()
    def log(
        self, data: Any = None, step: Any = None, commit: bool | None = None, sync: Any = None, *more: Any, **o: Any
    ) -> None:
        if data is not None and not isinstance(data, Mapping):
            raise TypeError(f"it takes a dict, not {type(data).__name__} {shown(data)}; write log({{'loss': 0.1}})")
        self._history.log(data or {}, step, commit)

    def log_at(
        self, name: str, value: Any, step: int, context: Mapping[str, Any] | None = None, walltime: Any = None
    ) -> None:
        """One value of another logger of the script, at a step of its own, which moves no counter. A `walltime` that is
        no time costs no value: it has the time of now, as without one."""
        try:
            at = moment("walltime", walltime)
        except ValueError as error:
            trouble.tell("walltime", f"{error}; values with such a walltime have the time of their call")
            at = None
        self._history.write_beside(name, value, step, context, at)

    @harmless()
    def define_metric(
        self,
        name: Any,
        step_metric: Any = None,
        step_sync: bool | None = None,
        hidden: bool | None = None,
        summary: str | None = None,
        goal: str | None = None,
        overwrite: bool | None = None,
        **others: Any,
    ) -> Any:
        name, axis = (builtin(getattr(given, "name", given)) for given in (name, step_metric))
        defined = DefinedMetric(text_of(name), axis and text_of(axis), step_sync is not False)
        self._history.define(defined)
        words = {word.strip() for word in summary.split(",")} if isinstance(summary, str) else set()
        if goal or words & {"min", "max"}:
            self.aim_run.define_metric(defined.name, summary=summary if words & {"min", "max"} else None, goal=goal)
        return defined

    @harmless()
    def alert(self, title: str, text: str = "", level: Any = None, wait_duration: Any = None, **others: Any) -> None:
        word = text_of(getattr(level, "value", level) or "INFO").lower()
        call = {"warn": "log_warning", "warning": "log_warning", "error": "log_error"}.get(word, "log_info")
        getattr(self.aim_run, call)(f"{text_of(title)}: {text_of(text)}" if text else title)

    @harmless([])
    def watch(
        self,
        models: Any,
        criterion: Any = None,
        log: Any = "gradients",
        log_freq: int = 1000,
        idx: int | None = None,
        log_graph: bool = False,
        **others: Any,
    ) -> list[Any]:
        if log_graph:
            trouble.tell("log_graph", "watch(log_graph=True) records no graph: Aim shows no graphs of models")
        if not self.disabled:
            self._watch.add(models, log, log_freq, idx)
        return []

    @harmless()
    def unwatch(self, models: Any = None) -> None:
        self._watch.remove(models)

    def _log_watched(self, name: str, value: Any) -> None:
        if not self.finished:
            self._history.write({name: value})

    # Artifacts and files

    @harmless()
    def log_artifact(
        self,
        artifact_or_path: Any,
        name: str | None = None,
        type: str | None = None,
        aliases: Sequence[str] | None = None,
        tags: Any = None,
    ) -> Any:
        artifact = artifact_or_path
        if not isinstance(artifact, WandbArtifact):
            path = Path(os.fspath(artifact_or_path))
            artifact = WandbArtifact(name or f"run-{self.id}-{path.name}", type or "unspecified")
            (artifact.add_dir if path.is_dir() else artifact.add_file)(path)
        if not self.disabled:
            artifact.store(self.aim_run, [aliases] if isinstance(aliases, str) else aliases)
        return artifact

    upsert_artifact = finish_artifact = log_artifact

    def use_artifact(self, artifact_or_name: Any, type: str | None = None, *more: Any, **others: Any) -> WandbArtifact:
        """Raises ArtifactError if there is none: its files are not there to be used."""
        if isinstance(artifact_or_name, WandbArtifact):
            if artifact_or_name.stored is None:
                self.log_artifact(artifact_or_name)
            return artifact_or_name
        _, _, version = text_of(artifact_or_name).rpartition("/")[2].partition(":")
        return known(self.aim_run.use_artifact(f"{plain_name(artifact_or_name)}:{version or 'latest'}"))

    def log_model(self, path: Any, name: str | None = None, aliases: Sequence[str] | None = None) -> Any:
        return self.log_artifact(path, name, "model", aliases)

    def use_model(self, name: str) -> str:
        model = self.use_artifact(name)
        folder = model.download()
        return model.file(folder) if len(model.files()) == 1 else folder

    def link_model(self, path: Any, registered_model_name: str, name: str | None = None, aliases: Any = None) -> Any:
        return self.log_model(path, name or registered_model_name, aliases)

    def link_artifact(self, artifact: Any, target_path: str, aliases: Any = None) -> Any:
        return self.log_artifact(artifact, aliases=aliases)

    @harmless([])
    def save(self, glob_str: Any = None, base_path: Any = None, policy: str = "live", **others: Any) -> list[str]:
        """Copy files to `dir` now, and again when the run ends; they become an artifact then."""
        if glob_str is None or self.disabled:
            return []
        saved = (os.path.abspath(os.fspath(glob_str)), base_path and os.path.abspath(os.fspath(base_path)))
        self._saved.append(saved)
        return self._copy_saved(*saved)

    def _copy_saved(self, pattern: str, base: str | None) -> list[str]:
        copied = []
        for source in sorted(glob.glob(pattern)):
            place = os.path.join(self.dir, os.path.relpath(source, base or os.path.dirname(pattern)))
            inside = os.path.abspath(place).startswith(os.path.abspath(self.dir) + os.sep)
            if os.path.isfile(source) and inside and os.path.abspath(place) != source:
                os.makedirs(os.path.dirname(place), exist_ok=True)
                shutil.copyfile(source, place)
                copied.append(place)
        return copied

    @property
    def dir(self) -> str:
        """A folder for files of the script, which become an artifact when the run ends. Made when it is asked for. For
        a run that records nothing, that for temporary files, as in wandb."""
        if self.disabled:
            return tempfile.gettempdir()
        if self._dir is None:
            stamp = time.strftime("%Y%m%d_%H%M%S", time.localtime(self.start_time))
            top = Path(text_of(self.settings.get("dir") or os.environ.get("WANDB_DIR") or os.getcwd()))
            self._dir = top / "wandb" / f"offline-run-{stamp}-{_NO_FILE.sub('-', self.id)[:64]}" / "files"
            with contextlib.suppress(OSError):
                self._dir.mkdir(parents=True, exist_ok=True)
        return str(self._dir)

    @harmless()
    def collect(self) -> None:
        for pattern, base in self._saved:
            self._copy_saved(pattern, base)
        if self._dir is not None and any(path.is_file() for path in self._dir.rglob("*")):
            self.log_artifact(self._dir, f"run-{plain_name(self.id)[:100]}-files", "run files")

    # What it is called

    @property
    def name(self) -> str:
        return self.id if self.disabled else text_of(self.aim_run.name or self.id)

    @name.setter
    def name(self, value: Any) -> None:
        self.aim_run.name = text_of(value)

    @property
    def notes(self) -> str | None:
        return None if self.disabled else self.aim_run.description

    @notes.setter
    def notes(self, value: Any) -> None:
        self.aim_run.description = "" if value is None else text_of(value)

    @property
    def tags(self) -> tuple[str, ...]:
        return self._tags

    @tags.setter
    def tags(self, value: Any) -> None:
        given = () if value is None else value
        several = isinstance(given, Iterable) and not isinstance(given, str)
        wanted = tuple(dict.fromkeys(map(text_of, given if several else (given,))))
        for tag in wanted:
            if tag not in self._tags:
                self.aim_run.add_tag(tag)
        for tag in self._tags:
            if tag not in wanted:
                self.aim_run.remove_tag(tag)
        self._tags = wanted

    @property
    def project(self) -> str:
        return text_of(self.aim_run.experiment) if not self.disabled else "dummy"

    @property
    def entity(self) -> str:
        return text_of(self.settings.get("entity") or "")

    @property
    def group(self) -> str:
        return text_of(self.settings.get("group") or "")

    @property
    def job_type(self) -> str:
        return text_of(self.settings.get("job_type") or "")

    @property
    def step(self) -> int:
        return self._history.step

    @property
    def path(self) -> str:
        return "/".join(filter(None, [self.entity, self.project, self.id]))

    @property
    def url(self) -> str:
        """The repository that has the run; `aim up` shows it."""
        return f"file://{self.aim_run.repo_path}#{self.id}" if not self.disabled else ""

    project_url = url
    offline = True
    sweep_id = sweep_url = None
    mode = "offline"

    def get_url(self) -> str:
        return self.url

    get_project_url = get_url

    def project_name(self) -> str:
        return self.project

    def _label(self, *more: Any, **others: Any) -> None:
        """How Transformers names itself to wandb."""

    def mark_preempting(self) -> None:
        """Aim needs no notice: a run that is killed keeps everything."""

    def status(self) -> None:
        """Nothing is sent."""

    def to_html(self, *more: Any, **others: Any) -> str:
        return ""

    def display(self, *more: Any, **others: Any) -> bool:
        return False

    # Its end

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:
        if self.finished:
            return
        self.collect()
        self.finished = True
        self._watch.remove()
        self.aim_run.close(error=f"exit code {exit_code}" if exit_code else None)
        for call in self.on_finish:
            call(self)

    join = finish

    def __enter__(self) -> Run:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is not None and not self.finished:
            self.collect()
            self.aim_run.__exit__(kind, error, trace)
        self.finish(1 if error is not None else None)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"the run has no {name!r}")
        return Absent(f"run.{name}")

    def __deepcopy__(self, memo: dict[int, Any]) -> Run:
        return self

    def __repr__(self) -> str:
        return f"<Run {self.path}>"
