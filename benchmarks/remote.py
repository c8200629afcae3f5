"""Measures recording over the network, and what it costs a training when the server is away, slow or killed.

    python benchmarks/remote.py --only kill,stop,delete      a minute
    python benchmarks/remote.py --away 600 --writers 1000    the whole: about 30 minutes
    python benchmarks/remote.py --only peers --venvs DIR     beside other trackers' servers; venvs are made in DIR

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

from aim.log import record
from aim.log.reader import OpenLog
from aim.remote import files
from aim.repo import Repo
from aim.server.tokens import Tokens

HERE = Path(__file__).resolve().parent
PEERS = {
    "aim": ("**Aim (this)**", ()),
    "mlflow": ("MLflow 3 on sqlite", ("mlflow",)),
    "aim3": ("Aim 3.29.1", ("aim==3.29.1", "setuptools<81")),
    "trackio": ("trackio", ("trackio",)),
}
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
print(json.dumps({"open": opened, "close": time.perf_counter() - begun, "calls": calls}), flush=True)
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
        self.process.wait()

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
        lags: list[float] = []
        for _ in range(options.kills):
            lags += _lags(server, options.seconds / (options.kills + 1))
            server.kill()
            server.start()
        results = [_ended(training) for training in trainings]
        _until(lambda: server.lacks() == 0)
        called = sum(len(result["calls"]) for result in results)
        kept, differ = server.points(), server.differ()
    return [
        f"| {options.writers:,} writers for {options.seconds:g} s, server killed {options.kills} times "
        f"| {called:,} points, {called - kept:,} lost, {differ} files differ; "
        f"from `track` to the server {_spread(lags, 's')} |"
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


def peers(work: Path, options: argparse.Namespace) -> list[str]:
    rows = []
    for name in options.peers.split(","):
        try:
            rows.append(_peer_row(name, work / name, options))
        except (subprocess.SubprocessError, OSError, ValueError, AssertionError) as error:
            rows.append(f"| {PEERS[name][0]} | could not be measured: {error!r:.120} | | | | | |")
        _say(rows[-1])
    columns = (
        "one client: `track` median, p99",
        "visible after",
        "100 writers, server killed: points lost",
        "raised in training",
        "`track` median, longest",
        "visible after",
    )
    head = "| | " + " | ".join(columns) + " |"
    return ["", head, "|---|---|---|---|---|---|---|", *rows]


def _peer_row(name: str, work: Path, options: argparse.Namespace) -> str:
    peer = Peer(name, work, options)
    try:
        watch = peer.started("watch", points=1000, until=time.time() + 120)
        time.sleep(5)
        one = peer.ask("write", runs=1, points=1000, pause=0)
        seen = _answer(watch)
        visible = seen["at"] - one["ended"] if seen["count"] >= 1000 else float("nan")
        trainings = [peer.started("write", runs=10, points=100, pause=0.1) for _ in range(10)]
        watch = peer.started("watch", points=11_000, until=time.time() + 240)
        time.sleep(8)
        peer.kill()
        time.sleep(2)
        peer.serve()
        many = [_answer(training) for training in trainings]
        seen = _answer(watch)
    finally:
        peer.end()
    calls = [second * 1e6 for second in one["seconds"]]
    all_calls = [second * 1e3 for each in many for second in each["seconds"]]
    after = seen["at"] - max(each["ended"] for each in many)
    cells = [
        f"{statistics.median(calls):,.0f} µs, {_at(calls, 0.99):,.0f} µs",
        f"{max(0, visible):.1f} s" if visible == visible else f"{seen['count']:,} of 1,000 in 120 s",
        f"{11_000 - seen['count']:,} of 10,000" if visible == visible else "no figure",
        f"{sum(each['raised'] for each in many):,}",
        f"{statistics.median(all_calls):,.2f} ms, {max(all_calls):,.0f} ms",
        f"{max(0, after):.1f} s" if seen["count"] >= 11_000 else f"{seen['count']:,} of 11,000 in 240 s",
    ]
    return f"| {PEERS[name][0]} | " + " | ".join(cells) + " |"


class Peer:
    """A tracker with its server in a folder."""

    def __init__(self, name: str, work: Path, options: argparse.Namespace) -> None:
        self.name, self.folder, self.port = name, work / "server", _free_port()
        self.folder.mkdir(parents=True)
        self.python = _python(name, options.venvs)
        self.environ = {**os.environ, "PYTHONPATH": str(HERE.parent) if name == "aim" else "", "HOME": str(work)}
        if name == "aim":
            self.environ |= {
                "AIM_TOKEN": Tokens(self.folder / ".aim").add("bench", "write"),
                "AIM_SPOOL": str(work / "spool"),
            }
        self.serve()

    def serve(self) -> None:
        self.server = self._process("serve", {}, stdout=subprocess.DEVNULL, start_new_session=True)
        _until(lambda: _answers(self.port))
        time.sleep(2)

    def kill(self) -> None:
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait()

    def end(self) -> None:
        self.kill()
        for pid in _shippers(self.folder.parent):
            os.kill(pid, signal.SIGKILL)

    def ask(self, task: str, **given: Any) -> dict[str, Any]:
        return _answer(self.started(task, **given))

    def started(self, task: str, **given: Any) -> subprocess.Popen[str]:
        return self._process(task, given, stdout=subprocess.PIPE)

    def _process(self, task: str, given: dict[str, Any], **more: Any) -> subprocess.Popen[str]:
        script = str(HERE / "peers" / "servers.py")
        words = [str(self.python), script, self.name, task, str(self.folder), str(self.port), json.dumps(given)]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(words, text=True, env=self.environ, stderr=quiet, cwd=self.folder, **more)


def _python(name: str, venvs: str) -> Path:
    packages = PEERS[name][1]
    if not packages:
        return Path(sys.executable)
    python = Path(venvs) / name / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(python.parent.parent)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *packages], check=True)
    return python


def _answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    try:
        out, _ = process.communicate(timeout=300)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    answer: dict[str, Any] = json.loads(out.rstrip().rsplit("\n", 1)[-1])
    return answer


def _ended(training: subprocess.Popen[str]) -> dict[str, Any]:
    out, _ = training.communicate()
    result: dict[str, Any] = json.loads(out.rsplit("\n", 2)[-2])
    return result


def _lags(server: Served, seconds: float) -> list[float]:
    """How old the newest point of each file is when it is new on the server: its value is the time of its call."""
    lags: list[float] = []
    end, sizes = time.monotonic() + seconds, dict[Path, int]()
    while time.monotonic() < end:
        for path in list((server.aim_dir / "runs").glob("*/*.log"))[:: max(1, len(sizes) // 100)]:
            size = _size(path)
            if size != sizes.get(path) and path in sizes:
                lags.append(time.time() - _newest(path))
            sizes[path] = size
        time.sleep(0.05)
    return lags


def _newest(path: Path) -> float:
    log = OpenLog(path)
    try:
        entries, _ = log.before(log.size, 1 << 10)
        points = [entry for entry in entries if entry.kind == record.POINT]
        return float(record.POINT_STRUCT.unpack(points[-1].payload)[2]) if points else time.time()
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


def _shippers(folder: Path) -> list[int]:
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return [pid for pid in pids if str(folder).encode() in _words(pid) and b"/remote/ship.py" in _words(pid)]


def _words(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


PARTS = {"writers": writers, "away": away, "kill": kill, "stop": stop, "delete": delete, "peers": peers}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    parser.add_argument("--writers", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=90.0, help="how long the writers record")
    parser.add_argument("--kills", type=int, default=9)
    parser.add_argument("--away", type=float, default=600.0, help="seconds without the server")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--venvs", default=str(HERE / ".venvs"), help="where the peers' environments are, or are made")
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
