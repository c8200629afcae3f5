"""TensorBoard logs: how long all points of one tag of all runs take, here and in TensorBoard, side by side.

    python benchmarks/tensorboard_logs.py [--runs 1000] [--tags 10] [--points 1000] [--peer]

`--peer` needs network once: it installs TensorBoard in benchmarks/.venvs. Memory is the peak of all processes together.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from aim.index.sources.crc32c import masked_rows
from aim.repo import Repo

HERE = Path(__file__).parent
VENV = HERE / ".venvs" / "tensorboard"
BEGAN = 1_700_000_000.0


def framed(rows: np.ndarray) -> np.ndarray:
    """TFRecords around rows of data."""
    count, length = rows.shape
    head = np.tile(np.frombuffer(length.to_bytes(8, "little"), np.uint8), (count, 1))
    checks = [masked_rows(part, part.shape[1]).view(np.uint8).reshape(count, 4) for part in (head, rows)]
    return np.concatenate((head, checks[0], rows, checks[1]), axis=1)


def scalars(tags: list[bytes], first: int, last: int, seed: int) -> bytes:
    """Events of the steps `first` to `last`, one for each tag, as torch writes them."""
    steps = np.repeat(np.arange(first, last), len(tags))
    rng = np.random.default_rng(seed)
    varint = np.empty((len(steps), 0), np.uint8)
    for place in range(0 if last == 1 else 1 if last <= 128 else 2):
        more = 0x80 if place == 0 and first >= 128 else 0
        varint = np.concatenate((varint, ((steps >> 7 * place & 0x7F) | more)[:, None].astype(np.uint8)), axis=1)
    step = np.concatenate((np.full((len(steps), 1), 0x10, np.uint8), varint), axis=1) if last > 1 else varint
    wall = (BEGAN + seed + steps * 0.5).astype("<f8").view(np.uint8).reshape(-1, 8)
    value = rng.standard_normal(len(steps)).astype("<f4").view(np.uint8).reshape(-1, 4)
    size = len(tags[0])
    text = b"\x2a" + bytes([size + 9]) + b"\x0a" + bytes([size + 7]) + b"\x0a" + bytes([size])
    fixed = np.array([list(text + tag + b"\x15") for tag in tags], np.uint8)
    rows = [np.full((len(steps), 1), 9, np.uint8), wall, step, np.tile(fixed, (last - first, 1)), value]
    return framed(np.concatenate(rows, axis=1)).tobytes()


def event_file(tags: list[bytes], points: int, seed: int) -> bytes:
    version = b"\x09" + np.float64(BEGAN + seed).tobytes() + b"\x1a\x0dbrain.Event:2"
    parts = [framed(np.frombuffer(version, np.uint8)[None, :]).tobytes()]
    for first, last in ((0, 1), (1, 128), (128, 16384)):
        if points > first:
            parts.append(scalars(tags, first, min(last, points), seed))
    return b"".join(parts)


def write_logs(root: Path, *, runs: int, tags: int, points: int) -> int:
    names = [f"t/m{tag:02}".encode() for tag in range(tags)]
    for run in range(runs):
        folder = root / f"sweep-{run % 10}" / f"run-{run:04}"
        folder.mkdir(parents=True)
        (folder / f"events.out.tfevents.{int(BEGAN) + run}.host.1.0").write_bytes(event_file(names, points, run))
    return sum(path.stat().st_size for path in root.rglob("*tfevents*"))


ASK = """
import resource, sys, time
began = time.perf_counter()
from aim.repo import Repo
repo = Repo(sys.argv[1], tf_logs=sys.argv[2])
found = repo.select("tf:m03")
points = found.points()
seconds = time.perf_counter() - began
print(len(found.runs), len(points.values), seconds)
"""


def ask(repo: Path, logs: Path) -> dict[str, Any]:
    """One question in a fresh process, with its start."""
    began = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-c", ASK, str(repo), str(logs)], stdout=subprocess.PIPE, text=True)
    with watched(child.pid) as memory:
        out, _ = child.communicate()
    runs, points, within = out.split()
    total = time.perf_counter() - began
    return {"seconds": round(total, 2), "of the call": round(float(within), 2), "MB": memory[0] >> 20,
            "runs": int(runs), "points": int(points)}  # fmt: skip


@contextmanager
def watched(pid: int) -> Iterator[list[int]]:
    """The peak memory of a process and its children while the block runs."""
    peak, done = [0], threading.Event()

    def look() -> None:
        while not done.wait(0.02):
            peak[0] = max(peak[0], sum(resident(process) for process in family(pid)))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def family(pid: int) -> list[int]:
    members = [pid]
    for member in members:
        try:
            text = Path(f"/proc/{member}/task/{member}/children").read_text()
        except OSError:
            continue
        members += [int(child) for child in text.split()]
    return members


def resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def live(repo_path: Path, logs: Path) -> float:
    """Seconds from the write of a point to an answer that has it, in a process that looks all the time."""
    repo = Repo(repo_path, tf_logs=logs)
    repo.revision()
    path = next(logs.rglob("*tfevents*"))
    before = repo.select("tf:m03").series.count.sum()
    names = [b"t/m03"]
    began = time.perf_counter()
    with open(path, "ab") as file:
        file.write(scalars(names, 5000, 5001, 1))
    while repo.select("tf:m03").series.count.sum() == before:
        time.sleep(0.05)
    return time.perf_counter() - began


def peer(logs: Path, *, runs: int, points: int) -> dict[str, Any]:
    """The same question to TensorBoard, from its start until it has all points of all runs."""
    if not VENV.is_dir():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        subprocess.run([str(VENV / "bin" / "pip"), "install", "-q", "tensorboard", "setuptools<81"], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(VENV / "bin" / "tensorboard"), "--logdir", str(logs), "--port", str(port), "--host", "127.0.0.1",
               "--load_fast", "auto"]  # fmt: skip
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    names = [path.parent.relative_to(logs).as_posix() for path in logs.rglob("*tfevents*")]
    body = urllib.parse.urlencode([("tag", "t/m03"), *(("runs", name) for name in names)]).encode()
    try:
        with watched(child.pid) as memory:
            while True:
                series = asked(f"http://127.0.0.1:{port}/data/plugin/scalars/scalars_multirun", body)
                if len(series) == runs and sum(map(len, series.values())) >= runs * min(points, 1000):
                    break
                if time.perf_counter() - began > 300:
                    return {"gave up after": 300, "runs": len(series)}
                time.sleep(0.3)
        return {"seconds": round(time.perf_counter() - began, 2), "MB": memory[0] >> 20, "runs": len(series),
                "points": sum(map(len, series.values()))}  # fmt: skip
    finally:
        child.terminate()
        child.wait()


def asked(url: str, body: bytes) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(url, body, timeout=60) as answer:
            return dict(json.load(answer))
    except OSError:
        return {}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("runs", 1000), ("tags", 10), ("points", 1000)):
        options.add_argument(f"--{name}", type=int, default=default)
    options.add_argument("--peer", action="store_true", help="also ask TensorBoard")
    options.add_argument("--keep", type=Path, help="a folder for the logs, kept for the next time")
    chosen = options.parse_args()
    root = Path(tempfile.mkdtemp())
    logs = chosen.keep or root / "logs"
    try:
        if not logs.is_dir():
            write_logs(logs, runs=chosen.runs, tags=chosen.tags, points=chosen.points)
        size = sum(path.stat().st_size for path in logs.rglob("*tfevents*"))
        print(f"{chosen.runs:,} runs x {chosen.tags} tags x {chosen.points:,} points, {size / 1e6:.0f} MB")
        Repo.init(root / "repo")
        print("cold       ", ask(root / "repo", logs))
        print("from cache ", ask(root / "repo", logs))
        if chosen.peer:
            print("TensorBoard", peer(logs, runs=chosen.runs, points=chosen.points))
        print("new point seen after", round(live(root / "repo", logs), 3), "s")
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
