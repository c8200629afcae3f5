"""Servers to record to, and what records to them: `python servers.py PEER TASK FOLDER PORT {options}`, in the venv of
the peer. Tasks: `serve`, `write` (so many runs, one thread each), `watch` (until so many points can be read).
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Track = Callable[[float, int], object]
# Starting a client takes long on a busy machine.
_FIRST_SECONDS = 120.0


class Aim:
    """This checkout. AIM_TOKEN and AIM_SPOOL are in the environment."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.address = f"aim://127.0.0.1:{port}"
        self.serve = [sys.executable, "-m", "aim", "server", "--repo", str(folder), "--port", str(port)]

    def opened(self, number: int) -> tuple[Track, Callable[[], object]]:
        import aim

        run = aim.Run(repo=self.address, system_interval=0, environment=False)
        return (lambda value, step: run.track(value, "loss", step=step)), run.close

    def count(self) -> int:
        from aim.repo import Repo

        runs = Repo(self.folder).select_metrics("loss")
        return sum(len(trace.values) for run in runs for trace in run.metrics["loss"].traces)


class Aim3:
    """Aim 3.29.1 of the public index."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.address = f"aim://127.0.0.1:{port}"
        program = str(Path(sys.executable).parent / "aim")
        if not (folder / ".aim").exists():
            subprocess.run([program, "init", "--repo", str(folder)], check=True, stdout=subprocess.DEVNULL)
        self.serve = [program, "server", "--repo", str(folder), "--host", "127.0.0.1", "--port", str(port)]

    def opened(self, number: int) -> tuple[Track, Callable[[], object]]:
        import aim

        run = aim.Run(
            repo=self.address, system_tracking_interval=None, capture_terminal_logs=False, log_system_params=False
        )
        return (lambda value, step: run.track(value, name="loss", step=step)), run.close

    def count(self) -> int:
        import aim

        repo = aim.Repo(str(self.folder))
        return sum(len(metric.values.sparse_list()[0]) for run in repo.iter_runs() for metric in run.metrics())


class Mlflow:
    """MLflow's server, on sqlite or on the database of PEER_STORE."""

    def __init__(self, folder: Path, port: int) -> None:
        self.uri = f"http://127.0.0.1:{port}"
        database = os.environ.get("PEER_STORE") or f"sqlite:///{folder / 'mlflow.db'}"
        store = ["--backend-store-uri", database, "--artifacts-destination", str(folder)]
        # Of several workers, those that take five seconds to start are killed and started again, for ever.
        place = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
        self.serve = [sys.executable, "-m", "mlflow", "server", *store, *place]

    def opened(self, number: int) -> tuple[Track, Callable[[], object]]:
        client = self._client()
        run = client.create_run("0").info.run_id
        return (lambda value, step: client.log_metric(run, "loss", value, step=step)), lambda: client.set_terminated(
            run
        )

    def count(self) -> int:
        client = self._client()
        runs = client.search_runs(["0"], max_results=1000)
        return sum(len(client.get_metric_history(run.info.run_id, "loss")) for run in runs)

    def _client(self) -> Any:
        from mlflow.tracking import MlflowClient

        return MlflowClient(tracking_uri=self.uri)


class Trackio:
    """trackio's own server, in its folder."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.address = f"http://127.0.0.1:{port}"
        os.environ.update(TRACKIO_DIR=str(folder), GRADIO_SERVER_PORT=str(port), GRADIO_ANALYTICS_ENABLED="False")
        self.serve = [sys.executable, "-c", TRACKIO_SERVER]

    def opened(self, number: int) -> tuple[Track, Callable[[], object]]:
        import trackio

        token = (self.folder / "address").read_text().strip()
        run = trackio.init(project="bench", name=f"run {os.getpid()} {number}", server_url=token, embed=False)
        return (lambda value, step: run.log({"loss": value}, step=step)), run.finish

    def count(self) -> int:
        import sqlite3

        with contextlib.closing(sqlite3.connect(f"file:{self.folder / 'bench.db'}?mode=ro", uri=True)) as database:
            return int(database.execute("select count(*) from metrics").fetchone()[0])


TRACKIO_SERVER = """
import os, pathlib, time, trackio
shown = trackio.show(project="bench", open_browser=False, block_thread=False)
pathlib.Path(os.environ["TRACKIO_DIR"], "address").write_text(str(shown[3] if isinstance(shown, tuple) else shown))
while True: time.sleep(1)
"""
PEERS: dict[str, type] = {"aim": Aim, "aim3": Aim3, "mlflow": Mlflow, "mlflow-postgres": Mlflow, "trackio": Trackio}


def write(peer: Any, *, runs: int, points: int, pause: float, limit: float) -> dict[str, Any]:
    """How long each call took in the caller, how many raised, and when the last one returned. `limit` seconds after a
    run was opened, it makes no more calls."""
    seconds: list[float] = []
    raised: list[str] = []

    def one(number: int) -> None:
        try:
            track, close = peer.opened(number)
        except Exception as error:
            unopened.append(f"open: {error!r:.200}")
            return
        until = time.monotonic() + limit
        for step in range(points):
            if time.monotonic() > until:
                break
            begun = time.perf_counter()
            try:
                track(step / 3, step)
            except Exception as error:
                raised.append(f"{error!r:.200}")
            seconds.append(time.perf_counter() - begun)
            time.sleep(pause)
        ended.append(time.time())
        with contextlib.suppress(Exception):
            close()

    ended: list[float] = []
    unopened: list[str] = []
    threads = [threading.Thread(target=one, args=(number,)) for number in range(runs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "seconds": seconds,
        "raised": len(raised),
        "unopened": len(unopened),
        "error": [*unopened, *raised, ""][0],
        "ended": max(ended, default=0),
    }


def watch(peer: Any, *, points: int, patience: float) -> dict[str, Any]:
    """How many points could be read at last, and when: so many, or nothing new came for `patience` seconds."""
    best, wrong, news, at = 0, "", time.monotonic(), time.time()
    while best < points and time.monotonic() - news < (patience if best else _FIRST_SECONDS):
        begun = time.monotonic()
        try:
            count = peer.count()
        except Exception as error:
            wrong = f"{error!r:.200}"
        else:
            if count > best:
                best, news, at = count, time.monotonic(), time.time()
        time.sleep(max(0.1, time.monotonic() - begun))
    return {"count": best, "at": at, "error": wrong if best < points else ""}


def main() -> None:
    name, task, folder, port, options = sys.argv[1:6]
    peer = PEERS[name](Path(folder), int(port))
    if task == "serve":
        os.execv(peer.serve[0], peer.serve)
    answer = {"write": write, "watch": watch}[task](peer, **json.loads(options))
    print(json.dumps(answer))
    sys.stdout.flush()
    os._exit(0) if task == "watch" else None


if __name__ == "__main__":
    main()
