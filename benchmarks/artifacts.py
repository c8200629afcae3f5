"""Measures artifacts: many files are stored, stored again, copied out, checked and uploaded to a folder.

    python benchmarks/artifacts.py                          2 GB in 10,000 files: a few minutes, and 6 GB of disk
    python benchmarks/artifacts.py --files 1000 --megabytes 100

Each step runs in a process of its own, beside `cp -r` and one SHA-256 of every byte. It prints Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

STEP = """
import json, resource, sys, time
from pathlib import Path
from aim.artifacts import contents, versions
from aim.artifacts.artifact import Artifact
from aim.artifacts.store import store
from aim.artifacts.uploads import upload
what, aim_dir, folder, copy = sys.argv[1], *map(Path, sys.argv[2:])
start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
begun = time.perf_counter()
if what == "store": store(aim_dir, folder, name="data")
elif what == "get": Artifact(aim_dir, versions.find(aim_dir, "data")).get(copy)
elif what == "push": upload(aim_dir, versions.find(aim_dir, "data"), f"file://{aim_dir.parent}/store")
elif what == "check": assert Artifact(aim_dir, versions.find(aim_dir, "data")).check() == []
else: [contents.measured(path) for path in folder.rglob("*") if path.is_file()]
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([time.perf_counter() - begun, used.ru_utime + used.ru_stime, (used.ru_maxrss - start) / 1024]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--megabytes", type=int, default=2_000)
    parser.add_argument("--folder", default=None, help="where to work; default: a temporary folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as place:
        measure(Path(place), given.files, given.megabytes)


def measure(place: Path, files: int, megabytes: int) -> None:
    from aim import layout

    folder, aim_dir = place / "data", place / "repo" / ".aim"
    make(folder, files, megabytes * 10**6 // files)
    layout.create(aim_dir)
    print(f"{files:,} files, {megabytes:,} MB\n\n| step | seconds | CPU seconds | MiB more memory |\n|---|---|---|---|")
    steps = (
        ("one SHA-256 of every byte", "hash"), ("store", "store"), ("store again, nothing changed", "store"),
        ("get", "get"), ("check", "check"), ("push to a folder", "push"), ("push again, nothing new", "push"),
    )  # fmt: skip
    for title, what in steps:
        command = [sys.executable, "-c", STEP, what, str(aim_dir), str(folder), str(place / "copy")]
        ended = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
        wall, cpu, memory = json.loads(ended.stdout)
        print(f"| {title} | {wall:.1f} | {cpu:.1f} | {memory:.1f} |", flush=True)
        if what == "get":
            shutil.rmtree(place / "copy")
    before = os.times()
    subprocess.run(["cp", "-r", str(folder), str(place / "copy")], check=True)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    print(f"| `cp -r` | {after.elapsed - before.elapsed:.1f} | {used:.1f} | |")
    size = sum(path.stat().st_size for path in (aim_dir / "artifacts").rglob("*") if path.is_file())
    print(f"\nThe repository has {size / 10**6:,.1f} MB of artifacts after storing the folder twice.")


def make(folder: Path, files: int, size: int) -> None:
    """Files of noise, a hundred in a folder."""
    noise = random.Random(7)
    for number in range(files):
        path = folder / f"{number // 100:03}" / f"{number:05}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(noise.randbytes(size))


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}


if __name__ == "__main__":
    main()
