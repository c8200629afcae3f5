"""What scripts write for TensorBoard, recorded beside it: the writers of `tensorboard` and `tensorboardX` hand over
each event."""

from __future__ import annotations

import functools
import importlib
import os
import re
from collections.abc import Callable
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import aim
from aim.dropins.absent import trouble
from aim.dropins.installed import load_installed
from aim.dropins.opening import open_run, tracker_run
from aim.dropins.runs import Run
from aim.handlers import let_through
from aim.sdk.naming import started_as

_WRITERS = {
    "tensorboard": "tensorboard.summary.writer.event_file_writer",
    "tensorboardX": "tensorboardX.event_file_writer",
}
_HPARAMS = "tensorboard.plugins.hparams.plugin_data_pb2"
_PATCHED = "_aim_records"
_TIME = re.compile(r"[\d.]+")

Context: TypeAlias = dict[str, str] | None
# The run and the context of what a writer to this folder writes.
Target: TypeAlias = Callable[[str], tuple[Run | None, Context]]
_target: Target | None = None


def record_into(run: Callable[[], Run | None]) -> None:
    """From now on, events go to the run that `run` names, too."""
    global _target
    first = ""

    def place_of(folder: str) -> tuple[Run | None, Context]:
        nonlocal first
        first = first or folder
        return run(), _context(first, folder)

    _target = place_of
    if not any([_patch(module) for module in _WRITERS.values()]):
        trouble.tell("tensorboard", "TensorBoard events are not recorded: neither tensorboard nor tensorboardX is here")


def record_beside(package: str) -> None:
    """Load `package`, tensorboard or tensorboardX, in place of the module that a script imports. From now on, the
    events of each folder go to a run of its own too, or to the open run of another tracker."""
    global _target
    load_installed(package)
    _target = _target or _RunOfEach().place_of
    if not _patch(_WRITERS[package]):
        trouble.tell(package, f"the events of this {package} are not recorded: it has no EventFileWriter")


class _RunOfEach:
    """A run for each folder; what is written below a folder, as by `add_scalars`, belongs to its run. While a tracker
    has a run open, all folders belong to that."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        # The first folder of each run, also when a tracker took it over.
        self._first: WeakKeyDictionary[Any, str] = WeakKeyDictionary()

    def place_of(self, folder: str) -> tuple[Run | None, Context]:
        run = tracker_run() or self._own(folder)
        return run, _context(self._first.setdefault(run.aim_run, folder), folder)

    def _own(self, folder: str) -> Run:
        top = next((top for top in self._runs if folder == top or folder.startswith(top + os.sep)), folder)
        if top not in self._runs or self._runs[top].finished:
            self._runs[top] = self._open(top)
        return self._runs[top]

    @staticmethod
    def _open(folder: str) -> Run:
        run = open_run({}, beside=True)
        if not run.disabled and not started_as(run.aim_run.id):
            run.name = os.path.relpath(folder) if folder.startswith(os.getcwd() + os.sep) else os.path.basename(folder)
        return run


def _patch(module: str) -> bool:
    try:
        writer: Any = importlib.import_module(module).EventFileWriter
    except Exception as error:
        let_through(error)
        return False
    if not getattr(writer, _PATCHED, False):
        add_event = writer.add_event

        @functools.wraps(add_event)
        def record_too(self: Any, event: Any, *args: Any, **others: Any) -> Any:
            _record(event, self)
            return add_event(self, event, *args, **others)

        writer.add_event = record_too
        setattr(writer, _PATCHED, True)
    return True


def _context(first: str, folder: str) -> Context:
    """The context of a writer that is not the first of its run: below that, as `add_scalars` makes, or elsewhere. Those
    of `add_hparams` are called like a time, and have none."""
    if not first or not folder or folder == first:
        return None
    if folder.startswith(first + os.sep):
        below = os.path.relpath(folder, first)
        return None if _TIME.fullmatch(below) else {"folder": below}
    above = os.path.commonpath([first, folder])
    return {"folder": os.path.basename(folder) if above == folder else os.path.relpath(folder, above)}


def _record(event: Any, writer: Any) -> None:
    try:
        if _target is not None and event.HasField("summary") and event.summary.value:
            run, context = _target(os.path.abspath(str(writer.get_logdir())) if hasattr(writer, "get_logdir") else "")
            if run is not None:
                at = event.wall_time or None
                for value in event.summary.value:
                    _record_value(run, value, int(event.step), context, at)
    except Exception as error:
        let_through(error)
        trouble.failed("add_event()", error)


def _record_value(run: Run, value: Any, step: int, context: Context, at: float | None) -> None:
    plugin = value.metadata.plugin_data.plugin_name
    if plugin == "hparams":
        _record_hparams(run, value.metadata.plugin_data.content)
    elif (made := _value(value, plugin)) is not None:
        run.log_at(value.tag, made, step, context, at)


def _value(value: Any, plugin: str) -> Any:
    if value.HasField("simple_value"):
        return value.simple_value
    if value.HasField("image"):
        return aim.Image(value.image.encoded_image_string)
    if value.HasField("audio"):
        return aim.Audio(value.audio.encoded_audio_string)
    if value.HasField("histo"):
        return _distribution(value.histo)
    if value.HasField("tensor"):
        return _tensor(value.tensor, plugin)
    return None


def _tensor(tensor: Any, plugin: str) -> Any:
    if plugin == "text":
        return aim.Text("\n".join(text.decode("utf-8", "replace") for text in tensor.string_val))
    numbers = [*tensor.float_val, *tensor.double_val]
    return numbers[0] if plugin in ("", "scalars") and len(numbers) == 1 else None


def _distribution(histo: Any) -> Any:
    """Buckets of TensorBoard have only upper limits; the first and the last may be those of all floats."""
    counts, limits = list(histo.bucket), list(histo.bucket_limit)
    if not counts:
        return None
    edges = [min(histo.min, limits[0]), *limits]
    edges[-1] = max(min(edges[-1], histo.max), edges[-2])
    kept = [i for i in range(len(counts)) if edges[i] < edges[i + 1]]
    if not kept or kept[-1] - kept[0] + 1 != len(kept) or len(kept) > 512:
        return aim.Distribution(hist=[sum(counts)], bin_range=(histo.min, max(histo.max, histo.min + 1e-9)))
    return aim.Distribution(hist=[counts[i] for i in kept], edges=[edges[kept[0]], *(edges[i + 1] for i in kept)])


def _record_hparams(run: Run, content: bytes) -> None:
    data = importlib.import_module(_HPARAMS).HParamsPluginData.FromString(content)
    params = {}
    for name, value in data.session_start_info.hparams.items():
        kind = value.WhichOneof("kind")
        params[name] = getattr(value, kind) if kind else None
    if params:
        run.config.update(params)
