"""Writes `repo`, the runs of Aim 3.29, and `expected.json`, what Aim 3 itself reads of them. It is run by hand, with
Aim 3 installed in an environment of its own: python make.py"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
GROWN = 260
RUNS = ("whole", "killed", "grown")


def record(kind: str) -> None:
    import numpy as np

    from aim import Audio, Distribution, Image, Run, Text

    rng = np.random.default_rng(0)
    options = dict(system_tracking_interval=None, log_system_params=False, capture_terminal_logs=False)
    run = Run(repo=".", experiment="vision", **options)
    Path(kind).write_text(run.hash)
    run["hparams"] = {
        "lr": 0.1,
        "model": {"depth": 3, "name": "mlp"},
        "betas": [0.9, 0.999],
        "flag": True,
        "none": None,
    }
    run["seed"] = 7
    run.name, run.description = kind, "about it"
    run.add_tag("t1")
    run.add_tag("t2")
    for step in range(GROWN if kind == "grown" else 12):
        run.track(1 / (step + 1), name="loss", step=step, epoch=step // 5, context={"subset": "train"})
        run.track(step / 20, name="loss", step=step, context={"subset": "val", "fold": 1})
    for step in (5, 0, 300, 2):
        run.track(step, name="late/metric", step=step)
    for value in (float("nan"), float("inf")):
        run.track(value, name="odd")
    if kind == "whole":
        pixels = rng.integers(0, 255, (8, 9, 3), dtype=np.uint8)
        run.track(Image(pixels, caption="cap"), name="image", step=3, context={"subset": "val"})
        run.track([Image(pixels), Image(255 - pixels, caption="second")], name="images", step=0, epoch=1)
        run.track([Text("first"), Text("second")], name="texts", step=0)
        for step in range(3):
            run.track(Text(f"text {step}"), name="text", step=step)
        run.track(Distribution(rng.normal(size=100), bin_count=8), name="distribution", step=0)
        run.track(Audio(rng.integers(-99, 99, 200).astype(np.int16), rate=8000, format="wav"), name="audio", step=0)
        run.log_info("a message")
    if kind == "killed":
        run.archived = True
        os._exit(1)
    run.close()


def read() -> dict[str, object]:
    """What Aim 3 gives for the key of each value that was tracked: aimrocks 0.5 cannot list them."""
    from aim import Run
    from aim.storage import encoding
    from aim.storage.context import Context
    from aim.storage.hashing import hash_auto

    expected: dict[str, object] = {}
    for kind in RUNS:
        hash = Path(kind).read_text()
        run = Run(hash, repo=".", read_only=True)
        count = GROWN if kind == "grown" else 12
        tracked = {
            ("loss", "subset", "train"): range(count), ("late/metric",): (0, 2, 5, 300), ("odd",): (0, 1),
            ("loss", "subset", "val"): range(count),
        }  # fmt: skip
        points = {}
        for (name, *given), steps in tracked.items():
            context = dict([given]) if given else {}
            context = {**context, "fold": 1} if context.get("subset") == "val" else context
            container = run.series_run_trees[2].subtree((Context(context).idx, name)).container
            columns = [
                [encoding.decode(container.get(encoding.encode_path((column, hash_auto(step))))) for step in steps]
                for column in ("val", "epoch", "time")
            ]
            texts = [[repr(math.nan if value is None else float(value)) for value in column] for column in columns]
            points[f"{name} {json.dumps(context, sort_keys=True)}"] = [list(steps), *texts]
        expected[kind] = {
            "hash": hash, "points": points, "created": run.creation_time, "ended": run.end_time,
            "archived": bool(run.archived),
        }  # fmt: skip
    return expected


def main() -> None:
    if len(sys.argv) > 1:
        record(sys.argv[1])
        return
    work = HERE / "work"
    shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(HERE / "repo", ignore_errors=True)
    work.mkdir()
    for kind in RUNS:
        subprocess.run([sys.executable, str(HERE / "make.py"), kind], cwd=work, check=kind != "killed")
    os.chdir(work)
    expected = read()
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    os.chdir(HERE)
    for path in sorted((work / ".aim").rglob("*")):
        kept = path.suffix in (".sst", ".log", ".sqlite") or path.name == "CURRENT" or path.name.startswith("MANIFEST")
        inside = path.relative_to(work / ".aim")
        if (
            path.is_file()
            and (kept or inside.parts[:2] == ("meta", "progress"))
            and inside.parts[:2] != ("meta", "index")
        ):
            (HERE / "repo" / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, HERE / "repo" / inside)
    shutil.rmtree(work)


if __name__ == "__main__":
    main()
