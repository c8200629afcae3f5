"""Measures recording to `aim server` beside other trackers' servers: 1,000 points of one client, then 100 writers while
the server is killed and started again.

    python benchmarks/servers.py --python mlflow=VENV/bin/python --python aim3=... --python trackio=...

Each peer has an environment of its own, made by hand, outside of this repository: `pip install mlflow psycopg2-binary`,
`pip install 'aim==3.*'`, `pip install trackio`. What is missing is left out. MLflow is measured on sqlite, and on
PostgreSQL where its programs are installed (`--postgres`). It prints Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from remote import HERE, _answers, _at, _free_port, _shippers, _until
from run import _machine, _processor, _say, _today

from aim.server.tokens import Tokens
from aim.version import __version__

COLUMNS = (
    "one client: `track` median, p99",
    "visible after",
    "100 writers, server killed: points lost",
    "raised in training",
    "`track` median, longest",
    "visible after",
)
PATIENCE = 30.0
# After so long, clients make no more calls: the table then says how many they made.
LIMIT = 60.0
# What a client and a reader may take, with their start and everything that they wait for.
TASK_LIMIT = 200.0


class Row(NamedTuple):
    """A tracker and its store. `python`: the name of its environment; `package`: whose version is shown."""

    title: str
    python: str
    package: str


ROWS = {
    "aim": Row("**Aim (this)**", "", ""),
    "mlflow": Row("MLflow on sqlite", "mlflow", "mlflow"),
    "mlflow-postgres": Row("MLflow on PostgreSQL", "mlflow", "mlflow"),
    "aim3": Row("Aim 3", "aim3", "aim"),
    "trackio": Row("trackio", "trackio", "trackio"),
}


class Postgres:
    """A database server in a folder, on a port of its own. It refuses to run as root, so root runs it as `postgres`."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.port = _free_port()
        self.user = "postgres" if os.getuid() == 0 else None
        folder.mkdir(parents=True)
        data = folder / "data"
        if self.user is not None:
            for place in (folder, *folder.parents[: len(folder.parents) - 2]):
                place.chmod(0o755)
            subprocess.run(["chown", self.user, str(folder)], check=True)
        self.run(programs / "initdb", "-D", data, "-U", "bench", "-A", "trust")
        words = [programs / "postgres", "-D", data, "-p", self.port, "-h", "127.0.0.1", "-k", folder]
        self.process = subprocess.Popen(
            list(map(str, words)), user=self.user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _until(lambda: _answers(self.port))
        self.run(programs / "createdb", "-h", "127.0.0.1", "-p", self.port, "-U", "bench", "bench")

    def run(self, *words: object) -> None:
        subprocess.run(list(map(str, words)), check=True, user=self.user, cwd="/", stdout=subprocess.DEVNULL)

    @property
    def address(self) -> str:
        return f"postgresql+psycopg2://bench@127.0.0.1:{self.port}/bench"

    def end(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


class Peer:
    """A tracker with its server in a folder."""

    def __init__(self, name: str, work: Path, options: argparse.Namespace) -> None:
        self.name, self.folder, self.port = name, work / "server", _free_port()
        self.folder.mkdir(parents=True)
        self.python = options.pythons.get(ROWS[name].python, sys.executable)
        # Jobs of MLflow's server are not measured, and would keep the machine busy.
        self.environ = {
            **os.environ,
            "PYTHONPATH": str(HERE.parent) if name == "aim" else "",
            "HOME": str(work),
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        }
        self.postgres: Postgres | None = None
        if name == "aim":
            self.environ |= {
                "AIM_TOKEN": Tokens(self.folder / ".aim").add("bench", "write"),
                "AIM_SPOOL": str(work / "spool"),
            }
        elif name == "trackio":
            # Else a server that is started again refuses the clients of the one before.
            self.environ["TRACKIO_WRITE_TOKEN"] = "bench"
        elif name == "mlflow-postgres":
            self.postgres = Postgres(options.postgres, work / "postgres")
            self.environ["PEER_STORE"] = self.postgres.address
        self.log = open(work / "log", "wb")
        try:
            self.serve()
        except BaseException:
            self.end()
            raise

    def serve(self) -> None:
        self.server = self._process("serve", {}, stdout=self.log, start_new_session=True)
        _until(lambda: _answers(self.port))
        time.sleep(2)

    def kill(self) -> None:
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait()

    def end(self) -> None:
        self.kill()
        for pid in _shippers(self.folder.parent):
            os.kill(pid, signal.SIGKILL)
        if self.postgres is not None:
            self.postgres.end()
        self.log.close()

    def ask(self, task: str, **given: Any) -> dict[str, Any]:
        return _answer(self.started(task, **given))

    def started(self, task: str, **given: Any) -> subprocess.Popen[str]:
        return self._process(task, given, stdout=subprocess.PIPE)

    def _process(self, task: str, given: dict[str, Any], **more: Any) -> subprocess.Popen[str]:
        script = str(HERE / "peers" / "servers.py")
        words = [str(self.python), script, self.name, task, str(self.folder), str(self.port), json.dumps(given)]
        return subprocess.Popen(words, text=True, env=self.environ, stderr=self.log, cwd=self.folder, **more)


def measured(name: str, work: Path, options: argparse.Namespace) -> str:
    peer = Peer(name, work, options)
    trainings: list[subprocess.Popen[str]] = []
    try:
        watch = peer.started("watch", points=1000, patience=PATIENCE)
        time.sleep(5)
        one = peer.ask("write", runs=1, points=1000, pause=0, limit=LIMIT)
        seen = _answer(watch)
        trainings = [peer.started("write", runs=10, points=100, pause=0.1, limit=LIMIT) for _ in range(10)]
        time.sleep(8)
        peer.kill()
        time.sleep(2)
        peer.serve()
        watch = peer.started("watch", points=seen["count"] + 10_000, patience=PATIENCE)
        many = [_answer(training) for training in trainings]
        last = _answer(watch)
    except subprocess.TimeoutExpired:
        if not trainings:
            raise
        return f"{_of_one(one, seen)} | its 100 clients did not end within {TASK_LIMIT:g} s | | | "
    finally:
        for training in trainings:
            training.kill()
        peer.end()
    for error in {one["error"], seen["error"], last["error"], *(each["error"] for each in many)} - {""}:
        _say(f"{name}: {error}")
    return f"{_of_one(one, seen)} | {_of_many(many, last['count'] - seen['count'], last['at'])}"


def _of_one(one: dict[str, Any], seen: dict[str, Any]) -> str:
    calls = [second * 1e6 for second in one["seconds"]]
    if not calls:
        return f"no call: {one['error']:.80} | "
    made = "" if len(calls) == 1000 else f" ({len(calls):,} calls in {LIMIT:g} s)"
    spread = f"{statistics.median(calls):,.0f} µs, {_at(calls, 0.99):,.0f} µs{made}"
    return f"{spread} | {_visible(one['ended'], seen['at'], len(calls) - one['raised'] - seen['count'])}"


def _of_many(many: list[dict[str, Any]], kept: int, at: float) -> str:
    calls = [second * 1e3 for each in many for second in each["seconds"]]
    raised, unopened = (sum(each[name] for each in many) for name in ("raised", "unopened"))
    if not calls:
        return f"no call: {many[0]['error']:.80} | | | "
    # A call that raised lost its point unless the server has it all the same.
    lost = max(0, len(calls) - kept)
    cells = [
        f"{lost:,} of {len(calls):,}",
        f"{raised:,} calls" + f", {unopened} of 100 openings" * bool(unopened),
        f"{statistics.median(calls):,.2f} ms, {max(calls):,.0f} ms",
        _visible(max(each["ended"] for each in many), at, lost - raised),
    ]
    return " | ".join(cells)


def _visible(ended: float, at: float, missing: int) -> str:
    """How long after the last call everything could be read."""
    return f"{max(0, at - ended):.1f} s" if missing <= 0 else f"{missing:,} not within {PATIENCE:g} s"


def _answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    try:
        out, _ = process.communicate(timeout=TASK_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    answer: dict[str, Any] = json.loads(out.rstrip().rsplit("\n", 1)[-1])
    return answer


def _missing(name: str, options: argparse.Namespace) -> str:
    """Why a peer cannot be measured; empty if it can."""
    python = ROWS[name].python
    if python and python not in options.pythons:
        return f"pass --python {python}=PYTHON"
    if name == "mlflow-postgres" and not (options.postgres / "initdb").exists():
        return f"there is no initdb in {options.postgres}"
    return ""


def _title(name: str, options: argparse.Namespace) -> str:
    row = ROWS[name]
    if not row.python:
        return f"{row.title} {__version__}"
    code = f"import importlib.metadata as m; print(m.version({row.package!r}))"
    words = [str(options.pythons[row.python]), "-c", code]
    return f"{row.title}, {subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(ROWS), help="peers, separated by commas")
    parser.add_argument("--python", action="append", default=[], metavar="NAME=PATH", help="of a peer's environment")
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"))
    parser.add_argument("--postgres", type=Path, default=programs, help="folder of initdb and postgres")
    options = parser.parse_args()
    options.pythons = dict(word.partition("=")[::2] for word in options.python)
    return options


def main() -> None:
    options = _options()
    # So that a run that takes too long leaves no server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended before everything was measured"))
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        for name in options.only.split(","):
            if why := _missing(name, options):
                _say(f"{name} is left out: {why}")
                continue
            try:
                rows.append(f"| {_title(name, options)} | {measured(name, Path(work) / name, options)} |")
            except (subprocess.SubprocessError, OSError, ValueError, AssertionError) as error:
                rows.append(f"| {ROWS[name].title} | could not be measured: {error!r:.200} | | | | | |")
            _say(rows[-1])
    machine = _machine()
    load = f"load {os.getloadavg()[1]:.1f}"
    print(f"{_today()}, {_processor()}, {machine['cores']} cores, {load}, Python {machine['python']}\n")
    print("| | " + " | ".join(COLUMNS) + " |")
    print("|---|---|---|---|---|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
