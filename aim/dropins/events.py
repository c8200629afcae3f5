"""What scripts write for TensorBoard, recorded beside it: the writers of `tensorboard` and `tensorboardX` hand over
each event."""

from __future__ import annotations

import functools
import importlib
import os
import re
from collections.abc import Callable
from typing import Any

import aim
from aim.dropins.absent import trouble
from aim.dropins.runs import Run
from aim.handlers import let_through

_WRITERS = ("tensorboard.summary.writer.event_file_writer", "tensorboardX.event_file_writer")
_HPARAMS = "tensorboard.plugins.hparams.plugin_data_pb2"
_target: Callable[[], Run | None] = lambda: None  # noqa: E731
_PATCHED = "_aim_records"
_TIME = re.compile(r"[\d.]+")
_first = ""


def record_into(target: Callable[[], Run | None]) -> None:
    """From now on, events go to the run that `target` names, too."""
    global _target, _first
    _target, _first = target, ""
    patched = [module for module in _WRITERS if _patch(module)]
    if not patched:
        trouble.tell("tensorboard", "TensorBoard events are not recorded: neither tensorboard nor tensorboardX is here")


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
            _record(event, _folder(self))
            return add_event(self, event, *args, **others)

        writer.add_event = record_too
        setattr(writer, _PATCHED, True)
    return True


def _folder(writer: Any) -> dict[str, str] | None:
    """The context of a writer below the folder of the first one, such as `add_scalars` makes. Those of `add_hparams`
    are called like a time, and have none."""
    global _first
    place = os.path.abspath(str(writer.get_logdir())) if hasattr(writer, "get_logdir") else ""
    _first = _first or place
    below = os.path.relpath(place, _first) if place.startswith(_first + os.sep) else ""
    return {"folder": below} if below and not _TIME.fullmatch(below) else None


def _record(event: Any, context: dict[str, str] | None) -> None:
    try:
        run = _target()
        if run is not None and event.HasField("summary"):
            for value in event.summary.value:
                _record_value(run, value, int(event.step), context)
    except Exception as error:
        let_through(error)
        trouble.failed("add_event()", error)


def _record_value(run: Run, value: Any, step: int, context: dict[str, str] | None) -> None:
    plugin = value.metadata.plugin_data.plugin_name
    if plugin == "hparams":
        _record_hparams(run, value.metadata.plugin_data.content)
    elif (made := _value(value, plugin)) is not None:
        run.log_at(value.tag, made, step, context)


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
