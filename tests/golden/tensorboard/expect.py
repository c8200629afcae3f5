"""Prints what TensorBoard's own reader finds in event files, as JSON: run folder -> tag -> [[step, value, wall time]].

python tests/golden/tensorboard/expect.py tests/golden/tensorboard/logs > tests/golden/tensorboard/expected.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray

# Without TensorFlow, TensorBoard has no numpy type for it.
BFLOAT16 = 14


def scalars(folder: Path) -> dict[str, Any]:
    accumulator = EventAccumulator(str(folder), tensor_size_guidance={"scalars": 0})
    accumulator.Reload()
    tags: dict[str, Any] = {}
    for tag in accumulator.Tags()["tensors"]:
        events = accumulator.Tensors(tag)
        of_scalars = accumulator.SummaryMetadata(tag).plugin_data.plugin_name == "scalars"
        if events and of_scalars and events[0].tensor_proto.dtype != BFLOAT16:
            tags[tag] = [
                [event.step, float(make_ndarray(event.tensor_proto).item()), event.wall_time] for event in events
            ]
    return tags


def expected(root: Path) -> dict[str, Any]:
    folders = sorted({path.parent for path in root.rglob("*tfevents*")})
    return {folder.relative_to(root).as_posix(): scalars(folder) for folder in folders}


if __name__ == "__main__":
    json.dump(expected(Path(sys.argv[1])), sys.stdout, sort_keys=True)
