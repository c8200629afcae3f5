"""Runs of peers, and the servers of their pages: `python pages.py PEER TASK FOLDER {options}`, in the venv of the peer.
Tasks: `fill` (so many runs with so many metrics and steps) and `serve` (on a port, until it is killed).
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any


def metric_names(count: int) -> list[str]:
    return ["loss", *(f"metric_{number:03}" for number in range(1, count))]


@lru_cache(maxsize=64)
def curve(seed: int, steps: int) -> list[float]:
    """There are 64 curves, so that making them costs nothing."""
    rng = random.Random(seed)
    return [1 / (1 + step) + rng.gauss(0, 0.05) for step in range(steps)]


def rows(run: int, metrics: int, steps: int) -> list[dict[str, float]]:
    """The values of all metrics at each step of a run."""
    curves = {name: curve((run * 7 + at) % 64, steps) for at, name in enumerate(metric_names(metrics))}
    return [{name: values[step] for name, values in curves.items()} for step in range(steps)]


def params(run: int) -> dict[str, Any]:
    return {"lr": 10 ** random.Random(run).uniform(-4, -1), "seed": run}


class Aim:
    """This checkout."""

    def fill(self, folder: Path, runs: int, metrics: int, steps: int) -> None:
        import aim

        for number in range(runs):
            with aim.Run(f"run-{number}", repo=folder, system_interval=0, environment=False) as run:
                run["hparams"] = params(number)
                for step, values in enumerate(rows(number, metrics, steps)):
                    for name, value in values.items():
                        run.track(value, name, step)

    def serve(self, folder: Path, port: int) -> list[str]:
        return [sys.executable, "-m", "aim", "up", "--repo", str(folder), "--port", str(port)]


class Aim3:
    """Aim 3 of the public index. Its pages see runs that ended only after `reindex`."""

    def fill(self, folder: Path, runs: int, metrics: int, steps: int) -> None:
        import aim

        aim.Repo.from_path(str(folder), init=True)
        for number in range(runs):
            run = aim.Run(
                repo=str(folder), system_tracking_interval=None, capture_terminal_logs=False, log_system_params=False
            )
            run.name = f"run-{number}"
            run["hparams"] = params(number)
            for step, values in enumerate(rows(number, metrics, steps)):
                for name, value in values.items():
                    run.track(value, name=name, step=step)
            run.close()
        subprocess.run([self._program(), "storage", "--repo", str(folder), "reindex", "-y"], check=True, input=b"y\n")

    def serve(self, folder: Path, port: int) -> list[str]:
        return [self._program(), "up", "--repo", str(folder), "--host", "127.0.0.1", "--port", str(port)]

    def _program(self) -> str:
        return str(Path(sys.executable).parent / "aim")


class Trackio:
    """trackio. Its store is filled in bulk, without its server: only its pages are measured."""

    def fill(self, folder: Path, runs: int, metrics: int, steps: int) -> None:
        os.environ["TRACKIO_DIR"] = str(folder)
        from trackio.sqlite_storage import SQLiteStorage

        for number in range(runs):
            SQLiteStorage.bulk_log(
                project="bench",
                run=f"run-{number}",
                metrics_list=rows(number, metrics, steps),
                steps=list(range(steps)),
                config=params(number),
            )

    def serve(self, folder: Path, port: int) -> list[str]:
        os.environ.update(TRACKIO_DIR=str(folder), GRADIO_ANALYTICS_ENABLED="False")
        show = f"trackio.show(project='bench', open_browser=False, block_thread=True, server_port={port})"
        return [sys.executable, "-c", f"import trackio; {show}"]


PEERS: dict[str, Any] = {"aim": Aim(), "aim3": Aim3(), "trackio": Trackio()}


def main() -> None:
    name, task, folder, options = sys.argv[1:5]
    peer, place = PEERS[name], Path(folder)
    if task == "serve":
        command = peer.serve(place, **json.loads(options))
        os.execv(command[0], command)
    place.mkdir(parents=True, exist_ok=True)
    peer.fill(place, **json.loads(options))


if __name__ == "__main__":
    main()
