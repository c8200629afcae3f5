"""Measures how long one client of `aim up` waits while eight others, each from an address of its own, ask queries that
would take minutes.

    python benchmarks/slow_queries.py                     300 runs, 60 seconds
    python benchmarks/slow_queries.py --seconds 20

It needs Linux, where 127.0.0.2 and the following addresses are this machine too.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from run import _processor, _today

import aim

CLIENTS = 8
RUNS = 300
# A state of this pattern holds the last 118 letters, so nothing that was computed before can be used again.
HARD = "".join(random.Random(1).choices("ab", k=9400))
SLOW = quote(f'loss if search(run.hash + "{HARD}", "(a|b)*a(a|b){{118}}c")')
PAGES = ("/", "/api/project", "/api/page?limit=50", f"/api/series?q={quote('loss if hparams.lr < 0.1')}")


def record(folder: Path) -> None:
    for number in range(RUNS):
        with aim.Run(f"run {number}", repo=folder, console=False, system_interval=0) as run:
            run["hparams"] = {"lr": number / 1000}
            for step in range(20):
                run.track(number / (step + 1), "loss", step=step)


def ask(port: int, path: str, address: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120, source_address=(address, 0))
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def hold(port: int, address: str, stop: threading.Event) -> None:
    with suppress(OSError, http.client.HTTPException):  # the server is gone
        while not stop.is_set():
            ask(port, f"/api/series?q={SLOW}", address)


def waits(port: int, seconds: float) -> list[float]:
    """How long each page took, one after the other."""
    taken, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        for path in PAGES:
            begun = time.monotonic()
            status = ask(port, path, "127.0.0.10")
            taken.append(time.monotonic() - begun)
            assert status == 200, (path, status)
    return taken


def measured(port: int, seconds: float) -> tuple[list[float], list[float]]:
    """The waits of one client alone, then beside clients with slow queries."""
    waits(port, 2)
    alone = waits(port, min(10.0, seconds))
    stop = threading.Event()
    for number in range(CLIENTS):
        threading.Thread(target=hold, args=(port, f"127.0.0.{number + 2}", stop), daemon=True).start()
    time.sleep(2)
    try:
        return alone, waits(port, seconds)
    finally:
        stop.set()


def told(name: str, taken: list[float]) -> str:
    p99 = statistics.quantiles(taken, n=100)[98]
    return f"| {name} | {len(taken):,} | {statistics.median(taken):.3f} s | {p99:.2f} s | {max(taken):.2f} s |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        record(Path(folder))
        command = [sys.executable, "-m", "aim", "up", "--repo", folder, "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/") as server:
            try:
                assert server.stdout is not None
                matches = (re.search(r"http://[^\s/]*:(\d+)", line) for line in server.stdout)
                alone, beside = measured(next(int(match[1]) for match in matches if match), options.seconds)
            finally:
                server.kill()
    print(f"{_today()}, {os.cpu_count()} CPUs, {_processor()}, load {os.getloadavg()[0]:.0f}\n")
    print("| | pages | median | p99 | longest |\n|---|---|---|---|---|")
    print(told("alone", alone))
    print(told(f"beside {CLIENTS} clients with slow queries", beside))


if __name__ == "__main__":
    main()
