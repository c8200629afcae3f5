"""Runs of Transformers' Trainer, from the `trainer_state.json` in its checkpoints: the newest one has all rows."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from aim import regular
from aim.errors import LogError
from aim.index.sources.collect import Collector, flat, number, whole
from aim.index.sources.files import FileSource, ListedFile, give_facts
from aim.index.sources.source import Batch, SourceFile
from aim.index.sources.tree import Found
from aim.index.state import RunState, WriterState
from aim.log import bounds

_LARGEST = 64 << 20
_CHECKPOINT = re.compile(r"checkpoint-([0-9]{1,15})")
_PARAMS = (
    *("num_train_epochs", "max_steps", "train_batch_size", "logging_steps", "eval_steps", "save_steps"),
    *("best_metric", "best_global_step", "total_flos", "trial_name", "trial_params"),
)
_PER_PART = 50_000


class TrainerStates(FileSource):
    name: ClassVar[str] = "trainer"
    title: ClassVar[str] = "Transformers"
    pattern: ClassVar[str] = r"^trainer_state\.json$"

    def grouped(self, files: Found) -> Mapping[str, list[ListedFile]]:
        """The folder above the checkpoints is the run."""
        newest: dict[str, tuple[tuple[int, int], ListedFile]] = {}
        for folder, there in files.files.items():
            above, _, name = folder.rpartition("/")
            match = _CHECKPOINT.fullmatch(name)
            run = (above or ".") if match else folder
            for file in there:
                rank = (int(match[1]) if match else 1 << 62, file.mtime)
                if run not in newest or newest[run][0] < rank:
                    newest[run] = (rank, ListedFile(run, file))
        return {run: [listed] for run, (_, listed) in sorted(newest.items())}

    def holds(self, writer: WriterState, file: SourceFile) -> bool:
        """A checkpoint is written once; another one, or another content, has everything anew."""
        place = [*file.identity, file.mtime]
        return writer.start.get("place") == place and writer.size == file.size

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        if file.size > _LARGEST:
            raise LogError(f"it has more than {_LARGEST:,} bytes: {file.where}")
        try:
            state = bounds.loads(regular.read(os.path.realpath(file.where), most=_LARGEST))
        except (ValueError, RecursionError) as error:
            # It may be written just now.
            raise LogError(f"it is not JSON ({error}): {file.where}") from None
        history = state.get("log_history") if isinstance(state, dict) else None
        if not isinstance(history, list):
            raise LogError(f"it has no log_history: {file.where}")
        self.begin(run, writer, file, points=0)
        writer.start["place"] = [*file.identity, file.mtime]
        params = {name: state[name] for name in _PARAMS if state.get(name) is not None}
        writer.params = [[int(writer.started * 1e6), {"trainer": params}]]
        values = Collector(writer)
        for row in history:
            _take(values, row, file.mtime / 1e9)
            if len(values) >= _PER_PART:
                yield values.batch()
        writer.length = file.size
        writer.last_time = max(writer.last_time, file.mtime / 1e9)
        give_facts(self.name, run, {"step": state.get("global_step")})
        yield values.batch()


def _take(values: Collector, row: Any, time: float) -> None:
    step = whole(row.get("step")) if isinstance(row, dict) else None
    if step is None:
        values.skip("rows without a step", "")
        return
    epoch = number(row.get("epoch"))
    for name, value in flat(row):
        if name not in ("step", "epoch") and (read := number(value)) is not None:
            values.point(name, step, read, time, epoch)
