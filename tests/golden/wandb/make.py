"""Makes `logs` and `expected.json` here with wandb 0.31.0, numpy and Pillow: python -m tests.golden.wandb.make

What names this machine is taken out: the environment, the host, and where files were. `expected.json` is what the
classes of its records say."""

from __future__ import annotations

import json
import os
import shutil
import struct
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import wandb
from wandb.proto import wandb_internal_pb2

from tests.index.sources.wandb_files import framed

HERE = Path(__file__).parent
RUNS = ("aaaa1111", "bbbb2222", "cccc3333")


def record(folder: Path) -> None:
    os.chdir(folder)
    rng = np.random.default_rng(0)
    config = {"lr": 0.01, "model": {"depth": 3, "name": "mlp"}, "betas": [0.9, 0.999], "flag": True, "none": None}
    run = wandb.init(
        project="demo", entity="team", name="run-a", id=RUNS[0], group="g1", job_type="train", tags=["t1", "t2"],
        notes="a note", config=config, mode="offline", settings=wandb.Settings(x_stats_sampling_interval=0.5),
    )  # fmt: skip
    run.define_metric("val/*", step_metric="epoch", summary="min")
    run.config.batch_size = 32
    for i in range(30):
        run.log({"loss": 1 / (i + 1), "acc": i / 30, "nested": {"a": i, "b": {"c": 2 * i}}})
        if i % 10 == 9:
            run.log({"epoch": i // 10, "val/loss": 1 / (i + 2)})
    run.log({"step_explicit": 1.0}, step=100)
    run.log({"two": 1}, commit=False)
    run.log({"three": 3})
    run.log({"nan": float("nan"), "inf": float("inf"), "below": -float("inf"), "text": "hello", "bool": True})
    run.log({"big": 2**60, "float32": np.float32(0.1), "list": [1, 2], "none": None, "small": 1e-300})
    media = {
        "img": wandb.Image(rng.integers(0, 255, (8, 8, 3), dtype=np.uint8), caption="cap"),
        "imgs": [wandb.Image(np.zeros((4, 4), np.uint8)), wandb.Image(np.ones((4, 4), np.uint8))],
        "hist": wandb.Histogram(np_histogram=([3, 1, 2], [0.0, 1.0, 2.0, 4.0])),
        "html": wandb.Html("<b>x</b>"),
    }
    run.log(media)
    run.summary["best"] = 0.5
    run.alert(title="warned", text="x")
    time.sleep(1.5)
    run.finish()
    with wandb.init(project="demo", name="failed", id=RUNS[1], mode="offline", config={"lr": 0.1}) as run:
        run.log({"loss": 2.0})
        run.finish(exit_code=1)
    run = wandb.init(project="demo", id=RUNS[2], mode="offline")
    for i in range(220):
        run.log({"loss": i / 7, "text": "x" * 40 * (i % 40 == 0)})
    run.finish()


def scrubbed(path: Path) -> tuple[list[bytes], dict[str, object]]:
    kept: list[bytes] = []
    history: list[list[object]] = []
    expected: dict[str, object] = {"history": history, "stats": []}
    for data in unframed(path.read_bytes()):
        said = wandb_internal_pb2.Record()
        said.ParseFromString(data)
        kind = said.WhichOneof("record_type")
        if kind in ("environment", "files", "telemetry", "output_raw", "artifact"):
            continue
        if kind == "run":
            said.run.host = ""
            expected["name"], expected["tags"] = said.run.display_name, list(said.run.tags)
            expected["notes"], expected["started"] = said.run.notes, said.run.start_time.ToNanoseconds() / 1e9
        if kind == "history":
            items = {".".join(item.nested_key) or item.key: item.value_json for item in said.history.item}
            history.append([said.history.step.num, {name: json.loads(text) for name, text in items.items()}])
        if kind == "stats":
            items = {item.key: json.loads(item.value_json) for item in said.stats.item}
            expected["stats"].append([said.stats.timestamp.ToNanoseconds() / 1e9, items])
        kept.append(said.SerializeToString())
    return kept, expected


def unframed(data: bytes) -> Iterator[bytes]:
    at, parts = 7, b""
    while at + 7 <= len(data):
        if 32768 - at % 32768 < 7:
            at += 32768 - at % 32768
            continue
        _, length, kind = struct.unpack_from("<IHB", data, at)
        parts += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):
            yield parts
            parts = b""


def main() -> None:
    logs = HERE / "logs"
    shutil.rmtree(logs, ignore_errors=True)
    expected = {}
    with tempfile.TemporaryDirectory() as folder:
        record(Path(folder))
        for id in RUNS:
            (path,) = Path(folder).glob(f"wandb/offline-run-*-{id}/run-{id}.wandb")
            kept, expected[id] = scrubbed(path)
            target = logs / f"offline-run-20260101_000000-{id}"
            target.mkdir(parents=True)
            (target / path.name).write_bytes(framed(kept))
            if (path.parent / "files" / "media").is_dir():
                shutil.copytree(path.parent / "files" / "media", target / "files" / "media")
        (HERE / "expected.json").write_text(json.dumps(expected, indent=None, separators=(",", ":")) + "\n")
        os.chdir(HERE)


if __name__ == "__main__":
    main()
