"""Writes archives of Comet's offline experiments."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
ABOUT = {
    "offline_id": "8745cbd0", "project_name": "demo", "workspace": "w", "tags": ["t1", "t2"],
    "start_time": 1_700_000_000_500, "stop_time": 1_700_000_100_000,
}  # fmt: skip


def message(type: str, **payload: Any) -> dict[str, Any]:
    return {"type": type, "payload": {"local_timestamp": 1_700_000_001_000, **payload}}


def metric(name: str, value: Any, step: int | None, context: str | None = None) -> dict[str, Any]:
    said = {"metricName": name, "metricValue": value, "step": step, "epoch": 2}
    return message("metric_msg", metric=said, **({"context": context} if context else {}))


def param(name: str, value: Any) -> dict[str, Any]:
    return message("parameter_msg", param={"paramName": name, "paramValue": value, "step": None})


def upload(type: str, file: str, **about: Any) -> dict[str, Any]:
    return message("file_upload", upload_type=type, file_path=file, additional_params=about)


MESSAGES = [
    message("system_details", hostname="host", os="Linux", python_version="3.11.7", command=["t.py"]),
    message("log_other", key="Name", value="run-a"), message("log_other", key="best", value=0.5),
    message("log_other", key="offline_experiment", value=True),
    param("lr", 0.01), param("lr", 0.02), param("model|depth", 3), param("curr_step", 1),
    message("parameter_msg", params={"paramName": "layers", "paramValue": [1, 2]}),
    metric("loss", 1.0, 0, "train"), metric("loss", "NaN", 1, "train"), metric("loss", 0.7, 1, "validate"),
    metric("sys.cpu.percent.avg", 5, None), metric("sys.cpu.percent.avg", 6, None), metric("text", "good", 1),
    message("ws_msg", metric={"metricName": "old", "metricValue": 1, "step": 4}, log_other={"key": "k", "val": "v"}),
    upload("visualization", "tmp1", figName="im", step=3, extension="png"),
    upload("text-sample", "tmp2", fileName="auto-generated-in-the-backend", step=4),
    upload("audio", "tmp3", fileName="snd.wav", step=5, extension="wav"), upload("asset", "tmp1", fileName="a.bin"),
    message("html", html="<b>x</b>"), message("standard_output", output="hi\n", stderr=False),
]  # fmt: skip
FILES = {"tmp1": PNG, "tmp2": b"hello", "tmp3": b"RIFF"}
POINTS = {
    "train_loss": [(0, "1.0"), (1, "nan")], "validate_loss": [(1, "0.7")], "old": [(4, "1.0")],
    "system/cpu.percent.avg": [(0, "5.0"), (1, "6.0")],
}  # fmt: skip


def archive(path: Path, messages: list[Any], **about: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("experiment.json", json.dumps({**ABOUT, **about}))
        file.writestr("messages.json", "".join(json.dumps(message) + "\n" for message in messages))
        for name, data in FILES.items():
            file.writestr(name, data)
    return path
