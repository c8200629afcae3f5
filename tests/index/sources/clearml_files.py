"""Writes offline sessions of ClearML, and their archives."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
PLOT = '{"data": [], "layout": {}}'
TASK: dict[str, Any] = {
    "id": "offline-1", "name": "run-a", "project_name": "demo", "comment": "a note", "tags": ["t1"], "type": "training",
    "offline_folder": "/somewhere", "execution": {"artifacts": [{"key": "weights"}]}, "script": {"entry_point": "t.py"},
    "hyperparams": {
        "General": {
            "lr": {"name": "lr", "type": "float", "value": "0.01"},
            "model/depth": {"name": "model/depth", "type": "int", "value": "3"},
            "code": {"name": "code", "type": "str", "value": "12"},
        },
        "Args": {"seed": {"value": "7"}},
    },
}  # fmt: skip


def event(type: str, metric: str, variant: str, step: int, **more: Any) -> dict[str, Any]:
    about = {"timestamp": 1_700_000_000_000 + step * 1000, "type": type, "iter": step, "metric": metric}
    return {**about, "variant": variant, **more}


def scalar(metric: str, variant: str, step: int, value: Any) -> dict[str, Any]:
    return event("training_stats_scalar", metric, variant, step, value=value)


KEY = "demo/run-a.offline-1/metrics/im/a/im_00.png"
LINES = [
    [scalar("loss", "train", 0, 1.0), scalar("loss", "val", 0, 2.0), scalar("acc", "acc", 0, 0.5)],
    [scalar("loss", "train", 1, 0.5), scalar(":monitor:machine", "cpu", 1, 9.0)],
    [event("training_debug_image", "im", "a", 1, key=KEY), event("plot", "h", "s", 2, plot_str=PLOT)],
    [event("training_stats_scalar", "Summary", "best", -(1 << 31), value=0.25, timestamp=1_700_000_003_000)],
    [event("training_stats_vector", "v", "w", 0), scalar("loss", "train", 2, None)],
]
POINTS = {
    "loss/train": [(0, 1.0), (1, 0.5)],
    "loss/val": [(0, 2.0)],
    "acc": [(0, 0.5)],
    "system/machine/cpu": [(1, 9.0)],
}


def session(folder: Path, lines: list[Any], **task: Any) -> Path:
    (folder / "data" / KEY).parent.mkdir(parents=True, exist_ok=True)
    (folder / "data" / KEY).write_bytes(PNG)
    (folder / "task.json").write_text(json.dumps({**TASK, **task}))
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def archive(folder: Path, *, keep: bool = False) -> Path:
    path = folder.parent / f"{folder.name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for inner in sorted(folder.rglob("*")):
            if inner.is_file():
                file.write(inner, inner.relative_to(folder).as_posix())
    if not keep:
        shutil.rmtree(folder)
    return path
