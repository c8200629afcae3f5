"""Measures recording over the network, and what it costs a training when the server is away, slow or killed.

    python benchmarks/remote.py --only kill,stop,delete      a minute
    python benchmarks/remote.py --away 600 --writers 1000    the whole: about 30 minutes

Everything runs in processes of its own on this machine: a server, trainings, and what looks at the server. It prints
Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from run import _machine, _processor, _say, _today

from aim.log import record, status
from aim.log.reader import OpenLog
from aim.remote import files
from aim.repo import Repo
from aim.sdk import tree
from aim.server.tokens import Tokens

HERE = Path(__file__).resolve().parent
# Records values that are the time of their call, at a pace; says how long each call took.
TRAIN = """
import json, sys, time, aim
runs, rate, seconds, name = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), sys.argv[4] or None
begun = time.perf_counter()
all = [aim.Run(name, system_interval=0, environment=False) for _ in range(runs)]
opened = time.perf_counter() - begun
calls, end, due = [], time.monotonic() + seconds, time.monotonic()
print("on", all[0].id, flush=True)
clock, now = time.perf_counter_ns, time.time
while time.monotonic() < end:
    for run in all:
        at = clock()
        run.track(now(), "loss")
        calls.append((now(), clock() - at))
    due += runs / rate
    time.sleep(max(0, due - time.monotonic()))
begun = time.perf_counter()
for run in all: run.close()
cost = time.process_time()
print(json.dumps({"open": opened, "close": time.perf_counter() - begun, "calls": calls, "cpu": cost}), flush=True)
"""
# Looks for news as the watcher of `aim up` does, and reads some series as a chart does. Prints how old points are when
# they are there, until its input ends.
READ = """
import json, os, sys, threading, time
from aim.repo import Repo
from aim.server import live
repo, lags, seen, revision, before = Repo(sys.argv[1], read_only=True), [], {}, 0, 0.0
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
while not ended.is_set():
    begun = time.thread_time()
    news = repo.news(revision)
    cost, revision = time.thread_time() - begun, news.revision
    rest, before = live.REST_PER_COST * min(cost, before), cost
    if chosen := {run for run in news.changed if run < "06"}:
        selection = repo.select("loss", only=chosen)
        points = selection.points()
        now = time.time()
        for place, row in enumerate(selection.series.run.tolist()):
            values = points.values[points.offsets[place] : points.offsets[place + 1]].tolist()
            run = selection.runs[row].id
            lags += [now - value for value in values[seen[run] :]] if run in seen else []
            seen[run] = len(values)
    ended.wait(min(max(rest, live.SHORTEST_REST), live.LONGEST_REST))
print(json.dumps({"lags": lags, "cpu": time.process_time()}), flush=True)
os._exit(0)
"""


class Served:
    """An `aim server` on a folder, and the environment of what records to it."""

    def __init__(self, work: Path) -> None:
        self.root, self.spool, self.port = work / "server", work / "spool", _free_port()
        self.root.mkdir(parents=True)
        self.aim_dir = self.root / ".aim"
        self.environ = {
            **os.environ,
            "PYTHONPATH": str(HERE.parent),
            "AIM_REPO": f"aim://127.0.0.1:{self.port}",
            "AIM_TOKEN": Tokens(self.aim_dir).add("bench", "write"),
            "AIM_SPOOL": str(self.spool),
            "AIM_SPOOL_KEEP": str(1 << 40),
        }
        self.cpu = self.shipper_cpu = 0.0
        self.start()

    def start(self) -> None:
        words = [sys.executable, "-m", "aim", "server", "--repo", str(self.root), "--port", str(self.port)]
        environ = {"PYTHONPATH": str(HERE.parent), "PATH": os.environ["PATH"]}
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environ, text=True)
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "Press Ctrl+C" in line:
                return
        raise SystemExit("the server did not start")

    def kill(self) -> None:
        self.process.kill()
        _, ended, used = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(ended)
        self.cpu += used.ru_utime + used.ru_stime

    def look_at_shipper(self) -> None:
        """Note its seconds of CPU, which are gone with it."""
        for pid in _shippers(self.spool):
            self.shipper_cpu = max(self.shipper_cpu, _cpu(pid))

    def read(self) -> subprocess.Popen[str]:
        words = [sys.executable, "-c", READ, str(self.root)]
        pipe = subprocess.PIPE
        return subprocess.Popen(words, stdin=pipe, stdout=pipe, env=self.environ, text=True)

    def train(self, runs: int, rate: float, seconds: float, name: str = "") -> subprocess.Popen[str]:
        words = [sys.executable, "-c", TRAIN, str(runs), str(rate), str(seconds), name]
        return subprocess.Popen(words, stdout=subprocess.PIPE, env=self.environ, text=True, cwd=self.root.parent)

    def lacks(self) -> int:
        """How many bytes of the spool are not on the server."""
        spool = self.spool / f"127.0.0.1_{self.port}" / ".aim"
        return sum(_size(spool / place.name) - _size(self.aim_dir / place.name) for place in files.every(spool))

    def differ(self) -> int:
        """How many files of the spool are not byte for byte on the server."""
        spool = self.spool / f"127.0.0.1_{self.port}" / ".aim"
        names = [place.name for place in files.every(spool)]
        return sum((spool / name).read_bytes() != (self.aim_dir / name).read_bytes() for name in names)

    def points(self) -> int:
        runs = Repo(self.root).select_metrics("loss")
        return sum(len(trace.values) for run in runs for trace in run.metrics["loss"].traces)

    def end(self) -> None:
        for pid in _shippers(self.spool):
            os.kill(pid, signal.SIGKILL)
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGCONT)
            self.kill()


@contextmanager
def served(work: Path, name: str) -> Iterator[Served]:
    server = Served(work / name)
    try:
        yield server
    finally:
        server.end()


def writers(work: Path, options: argparse.Namespace) -> list[str]:
    """Many writers, while the server is killed."""
    with served(work, "writers") as server:
        processes = 4
        each = options.writers // processes
        trainings = [server.train(each, each * 10, options.seconds) for _ in range(processes)]
        reader = server.read()
        lags: list[float] = []
        for _ in range(options.kills):
            lags += _lags(server, options.seconds / (options.kills + 1))
            server.look_at_shipper()
            server.kill()
            server.start()
        results = [_ended(training) for training in trainings]
        _until(lambda: server.lacks() == 0)
        server.look_at_shipper()
        read = _ended(reader)
        called = sum(len(result["calls"]) for result in results)
        kept, differ = server.points(), server.differ()
        server.kill()
    used = {
        "writers": sum(result["cpu"] for result in results),
        "shipper": server.shipper_cpu,
        "server": server.cpu,
        "reader": read["cpu"],
    }
    costs = ", ".join(f"{name} {seconds:.1f} s ({seconds / called * 1e6:.1f} µs)" for name, seconds in used.items())
    return [
        f"| {options.writers:,} writers for {options.seconds:g} s, server killed {options.kills} times "
        f"| {called:,} points, {called - kept:,} lost, {differ} files differ; "
        f"from `track` to the server {_spread(lags, 's')}; to a reader {_spread(read['lags'], 's')}. "
        f"CPU, and that of a point: {costs} |"
    ]


def away(work: Path, options: argparse.Namespace) -> list[str]:
    """2,000 points/s: with the server, and then without it."""
    before = min(60.0, options.away)
    with served(work, "away") as server:
        training = server.train(20, 2000, before + options.away)
        assert training.stdout is not None and training.stdout.readline().startswith("on")
        time.sleep(before)
        left = time.time()
        server.kill()
        result = _ended(training)
        backlog, begun = server.lacks(), time.monotonic()
        server.start()
        _until(lambda: server.lacks() == 0)
        caught_up = time.monotonic() - begun
        kept, called = server.points(), len(result["calls"])
    there, gone = ([ns / 1e3 for at, ns in result["calls"] if (at < left) is here] for here in (True, False))
    return [
        f"| server away {options.away:g} s at 2,000 points/s | {called:,} points, {called - kept:,} lost; "
        f"`track` {_spread(there, 'µs')} with the server, {_spread(gone, 'µs')} without; "
        f"{backlog / 1e6:.1f} MB caught up in {caught_up:.1f} s, its start included |"
    ]


def kill(work: Path, options: argparse.Namespace) -> list[str]:
    """From `kill -9` of a training until its tail is on the server."""
    seconds = []
    with served(work, "kill") as server:
        for _ in range(10):
            training = server.train(1, 500, 60)
            assert training.stdout is not None and training.stdout.readline().startswith("on")
            time.sleep(2)
            training.kill()
            training.communicate()
            begun = time.monotonic()
            _until(lambda: server.lacks() == 0)
            seconds.append(time.monotonic() - begun)
    return [f"| training killed with SIGKILL, 10 times | its tail is on the server after {_spread(seconds, 's')} |"]


def stop(work: Path, options: argparse.Namespace) -> list[str]:
    """A server that hangs: opening by name, and closing."""
    opens, closes = [], []
    with served(work, "stop") as server:
        server.process.send_signal(signal.SIGSTOP)
        for number in range(5):
            result = _ended(server.train(1, 500, 0.5, f"run {number}"))
            opens.append(result["open"])
            closes.append(result["close"])
    return [f"| server stopped (SIGSTOP) | open by name {_spread(opens, 's')}; close {_spread(closes, 's')} |"]


def delete(work: Path, options: argparse.Namespace) -> list[str]:
    """From the deletion of a run that is recorded until nothing of it is there."""
    gone, freed, told = [], [], []
    with served(work, "delete") as server:
        reader = Repo(server.root)
        for _ in range(5):
            training = server.train(1, 500, 60)
            assert training.stdout is not None
            run = training.stdout.readline().split()[1]
            _until(lambda run=run: any(row.id == run for row in reader.select_runs()))
            begun = time.monotonic()
            Repo(server.root).runs.delete([run])
            _until(lambda run=run: all(row.id != run for row in reader.select_runs()))
            gone.append(time.monotonic() - begun)
            _until(lambda run=run: not list((server.aim_dir / "runs").glob(f"*/{run}-*")))
            freed.append(time.monotonic() - begun)
            _until(lambda run=run: not list(server.spool.glob(f"*/.aim/runs/*/{run}-*")))
            told.append(time.monotonic() - begun)
            training.kill()
            training.communicate()
    return [
        f"| run deleted while it is recorded, 5 times | invisible after {_spread(gone, 's')}, "
        f"files freed after {_spread(freed, 's')}, and on the machine that records after {_spread(told, 's')} |"
    ]


def _ended(training: subprocess.Popen[str]) -> dict[str, Any]:
    out, _ = training.communicate()
    result: dict[str, Any] = json.loads(out.rsplit("\n", 2)[-2])
    return result


def _lags(server: Served, seconds: float) -> list[float]:
    """How old points of about 50 files are when they are new on the server: the value of each is the time of its
    call. What was there before the first look does not count."""
    lags: list[float] = []
    end, ends = time.monotonic() + seconds, dict[Path, int]()
    while time.monotonic() < end:
        paths = sorted((server.aim_dir / "runs").glob("*/*.log"))
        for path in paths[:: max(1, len(paths) // 50)]:
            size = _size(path)
            if path in ends and size > ends[path]:
                lags += _ages(path, ends[path])
            ends[path] = size
        time.sleep(0.05)
    return lags


def _ages(path: Path, start: int) -> list[float]:
    log = OpenLog(path)
    try:
        points = [record.POINT_STRUCT.unpack(entry.payload) for entry in log.forward(record.POINT, start)]
        now = time.time()
        return [now - point[2] for point in points]
    finally:
        log.close()


def _spread(values: list[float], unit: str) -> str:
    return f"median {statistics.median(values):.3g} {unit}, p99 {_at(values, 0.99):.3g} {unit}"


def _at(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _until(what: Callable[[], object], seconds: float = 300.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _answers(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _cpu(pid: int) -> float:
    """The seconds of CPU that a process has used."""
    about = status.stat(pid)
    return sum(map(int, about.fields[11:13])) / os.sysconf("SC_CLK_TCK") if about is not None else 0.0


def _shippers(folder: Path) -> list[int]:
    """The processes that send what is recorded in this folder."""
    lines = {pid: "\0".join(tree.command_line(pid) or []) for pid in tree.living()}
    return [pid for pid, line in lines.items() if str(folder) in line and "/remote/ship.py" in line]


PARTS = {"writers": writers, "away": away, "kill": kill, "stop": stop, "delete": delete}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    parser.add_argument("--writers", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=90.0, help="how long the writers record")
    parser.add_argument("--kills", type=int, default=9)
    parser.add_argument("--away", type=float, default=600.0, help="seconds without the server")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        rows = []
        for name in options.only.split(","):
            rows += PARTS[name](Path(work), options)
            _say(rows[-1])
    machine = _machine()
    print(
        f"{_today()}, {_processor()}, {machine['cores']} cores, load {os.getloadavg()[1]:.1f}, "
        f"Python {machine['python']}\n"
    )
    print("| what | measured |\n|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
