"""Measures front ends that have nothing but a ClickHouse database.

    python benchmarks/engine.py --engine clickhouse://127.0.0.1:8123/bench            a minute
    python benchmarks/engine.py --engine ... --clients 50 --seconds 60                two front ends, under load
    python benchmarks/engine.py --engine ... --runs 100000 --metrics 3 --steps 20 --only fold,pages

The database is made, filled from a repository of `aim demo`, and dropped. A third `aim up` on the repository itself
says what is right. It prints Markdown, and ends with 1 if an answer was wrong.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from remote import _answers, _at, _free_port, _until
from run import _processor, _today

from aim.clickhouse.address import parse
from aim.clickhouse.client import DatabaseClient
from aim.clickhouse.database import Database
from aim.repo import Repo

HERE = Path(__file__).resolve().parent
MOST_POLLS = 200
POLL_SECONDS = 0.01
AGAIN = 5
Q = "hparams.lr < 0.01"
ORDER = json.dumps([{"metric": "loss", "context": {"subset": "train"}, "reducer": "last"}])
# Titles, addresses, and how often a client asks.
QUESTIONS: dict[str, tuple[str, dict[str, str], int]] = {
    "a page of 50 of the table, ordered by a metric": (
        "/api/page", {"q": Q, "order": ORDER, "limit": "50", "metrics": '["loss"]'}, 4,
    ),
    "the overview": ("/api/overview", {}, 1),
    "the chart of one metric of the same runs": ("/api/series", {"q": f"loss if {Q}"}, 2),
    "one run": ("/api/run", {"run": ""}, 4),
    "completion": ("/api/complete", {"q": "loss if hpa"}, 4),
}  # fmt: skip


class Answer(NamedTuple):
    status: int
    body: bytes


class FrontEnd:
    """An `aim up` in a process of its own. `state`: its folder for state; None: that of this user."""

    def __init__(self, words: list[str], cwd: Path, state: Path | None) -> None:
        self.port = _free_port()
        command = [sys.executable, "-m", "aim", "up", *words, "--port", str(self.port)]
        environ = {**os.environ, "PYTHONPATH": str(HERE.parent), **({"XDG_STATE_HOME": str(state)} if state else {})}
        self.begun, self.started = time.perf_counter(), 0.0
        self.process = subprocess.Popen(command, cwd=cwd, env=environ, stdout=subprocess.DEVNULL)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def wait(self) -> None:
        _until(lambda: _answers(self.port) or self.process.poll() is not None, 120)
        if self.process.poll() is not None:
            raise SystemExit("a front end did not start")
        # It takes connections before it has read the runs.
        get(self.connect(), "/api/project")
        self.started = time.perf_counter() - self.begun

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        finally:
            self.process.kill()


def get(connection: http.client.HTTPConnection, path: str) -> Answer:
    connection.request("GET", path)
    response = connection.getresponse()
    return Answer(response.status, response.read())


def post(connection: http.client.HTTPConnection, path: str, message: dict[str, Any]) -> Answer:
    origin = f"http://{connection.host}:{connection.port}"
    headers = {"content-type": "application/json", "origin": origin}
    connection.request("POST", path, json.dumps(message), headers)
    response = connection.getresponse()
    return Answer(response.status, response.read())


def plain(body: bytes) -> bytes:
    """Without names of revisions, which each process counts alone, and how long an answer took."""
    return re.sub(rb'[0-9a-f]{8}-\d+|"seconds":[0-9.e-]+|AIMF....(?={)| +', b"", body, flags=re.DOTALL)


def addresses(run: str) -> dict[str, str]:
    filled = {
        title: (path, {**given, "run": run} if "run" in given else given)
        for title, (path, given, _) in QUESTIONS.items()
    }
    return {title: f"{path}?{urlencode(given, quote_via=quote)}" for title, (path, given) in filled.items()}


class Asked:
    """What the clients saw."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {title: [] for title in QUESTIONS}
        self.wrong: list[str] = []
        self.busy = self.closed = 0
        self.lock = threading.Lock()

    def take(self, title: str, seconds: float, answer: Answer, right: bytes) -> None:
        with self.lock:
            if answer.status == 429:
                self.busy += 1
                return
            self.seconds[title].append(seconds)
            if answer.status != 200 or plain(answer.body) != right:
                self.wrong.append(f"{title}: {answer.status} {unlike(plain(answer.body), right)}")


def unlike(body: bytes, right: bytes) -> str:
    """Where an answer differs first from the right one."""
    at = next((at for at, pair in enumerate(zip(body, right, strict=False)) if pair[0] != pair[1]), len(body))
    begin = max(0, at - 60)
    return f"at byte {at:,}: {body[begin : at + 60]!r}, not {right[begin : at + 60]!r}"


def clients(ends: list[FrontEnd], truth: FrontEnd, run: str, options: argparse.Namespace) -> bool:
    paths, asked = addresses(run), Asked()
    connection = truth.connect()
    right = {title: plain(get(connection, path).body) for title, path in paths.items()}
    titles = [title for title, (_, _, weight) in QUESTIONS.items() for _ in range(weight)]
    until = time.monotonic() + options.seconds

    def client(number: int) -> None:
        chance, connection = random.Random(number), ends[number % len(ends)].connect()
        while time.monotonic() < until:
            title = chance.choice(titles)
            begun = time.perf_counter()
            try:
                answer = get(connection, paths[title])
            except ConnectionError:
                # A server closes connections that rest, and asks for patience when there are too many.
                connection.close()
                asked.closed += 1
                time.sleep(1.0)
                continue
            asked.take(title, time.perf_counter() - begun, answer, right[title])
            time.sleep(1.0 if answer.status == 429 else chance.random() * options.pause)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(options.clients * len(ends))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"\nTwo front ends with {options.clients} clients each for {options.seconds:g} s:\n")
    print("| question | answers | median | p99 | longest |\n|---|---|---|---|---|")
    for title, seconds in asked.seconds.items():
        print(f"| {title} | {len(seconds):,} | {_spread(seconds)} |")
    turned_away = f"{asked.busy} times asked to come back (429), {asked.closed} connections closed"
    print(f"\n{len(asked.wrong)} wrong answers, {turned_away}")
    print(*asked.wrong[:5], sep="\n")
    return not asked.wrong


def _spread(seconds: list[float]) -> str:
    if not seconds:
        return "- | - | -"
    ends = (statistics.median(seconds), _at(seconds, 0.99), max(seconds))
    return " | ".join(f"{value * 1000:,.0f} ms" for value in ends)


def edits(ends: list[FrontEnd], truth: FrontEnd, run: str, options: argparse.Namespace) -> bool:
    """From an edit in one front end until the other has it, and until it is in the files."""
    there, files = (end.connect() for end in (ends[1], truth))
    seen: list[float] = []
    folded: list[float] = []
    for number in range(options.edits):
        name = f"edit-{number}"
        begun = time.perf_counter()
        # A server closes a connection that rests meanwhile.
        answer = post(ends[0].connect(), "/api/experiments/add", {"name": name})
        if answer.status != 200:
            raise SystemExit(f"an edit was refused: {answer}")
        seen.append(_seen(there, name, begun))
        folded.append(_seen(files, name, begun))
    print("\n| from an edit in one front end | median | p99 | longest |\n|---|---|---|---|")
    print(f"| until another front end has it | {_spread(seen)} |")
    print(f"| until it is in the files of the repository | {_spread(folded)} |")
    return True


def _seen(connection: http.client.HTTPConnection, name: str, begun: float) -> float:
    for _ in range(MOST_POLLS):
        if f'"{name}"'.encode() in get(connection, "/api/experiments").body:
            return time.perf_counter() - begun
        time.sleep(POLL_SECONDS)
    raise SystemExit(f"{name} was not seen after {MOST_POLLS} questions")


def pages(ends: list[FrontEnd], truth: FrontEnd, run: str, options: argparse.Namespace) -> bool:
    """What each page costs, alone: seconds over HTTP, statements, and rows that the database read for them."""
    print(f"\nA front end gave its first answer {ends[0].started:.2f} s after its start")
    print("\n| question | first | again | statements | rows read |\n|---|---|---|---|---|")
    for title, path in addresses(run).items():
        # A server closes a connection that rests while the cost of the page before is counted.
        connection, times = ends[0].connect(), list[float]()
        for _ in range(1 + AGAIN):
            begun = time.perf_counter()
            answer = get(connection, path)
            times.append(time.perf_counter() - begun)
            if answer.status != 200:
                raise SystemExit(f"{title}: {answer.status} {answer.body[:300]!r}")
        statements, rows = cost(options.engine, path)
        print(
            f"| {title} | {times[0]:.2f} s | {statistics.median(times[1:]):.2f} s | {statements} | {rows:,} |",
            flush=True,
        )
    return True


def cost(engine: str, path: str) -> tuple[int, int]:
    """How many statements a front end that knows the runs already sends for a page, and how many rows they read."""
    from aim.server.app import create_app
    from aim.server.serve import Server, bind

    sent: list[str] = []
    query, sock = DatabaseClient.query, bind("127.0.0.1", 0)

    def counted(self: DatabaseClient, statement: str, *given: Any, **options: Any) -> Any:
        sent.append(statement)
        return query(self, statement, *given, **options)

    server = Server(create_app(Repo(engine)))
    connection = http.client.HTTPConnection("127.0.0.1", sock.getsockname()[1], timeout=120)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
    thread.start()
    try:
        get(connection, "/api/project")
        DatabaseClient.query = counted  # type: ignore[assignment,method-assign]
        get(connection, path)
    finally:
        DatabaseClient.query = query  # type: ignore[method-assign]
        connection.close()
        server.should_exit = True
        thread.join()
    return len(sent), sum(rows_read(engine, statement) for statement in sent)


def rows_read(engine: str, statement: str) -> int:
    address = parse(engine)
    connection = http.client.HTTPConnection(address.host, address.port, timeout=300)
    options = {"database": address.database, "default_format": "JSON", "max_query_size": str(64 << 20)}
    connection.request("POST", f"/?{urlencode(options)}", statement.encode())
    answer = connection.getresponse().read().decode("utf-8", "replace")
    match = re.search(r'"rows_read": (\d+)', answer[-400:])
    return int(match[1]) if match else 0


def fold(root: Path, engine: str) -> None:
    begun = time.perf_counter()
    words = [sys.executable, "-m", "aim", "engine", "fold", engine, "--repo", str(root)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(HERE.parent)})
    seconds, sizes = time.perf_counter() - begun, Database(parse(engine)).sizes()
    rows, size = sizes["points"].rows, sum(each.bytes for each in sizes.values())
    each = size / max(1, rows)
    print(f"\nFolded {rows:,} points in {seconds:.0f} s; {size / 1e6:,.0f} MB, {each:.1f} bytes a point")


PARTS: dict[str, Callable[..., bool]] = {"pages": pages, "edits": edits, "clients": clients}


@contextmanager
def filled(options: argparse.Namespace, work: Path) -> Iterator[Path]:
    """A repository, folded into the database, and a process that goes on folding."""
    root = Path(options.repo or work / "repo")
    if not options.repo:
        numbers = [f"--{name}={getattr(options, name)}" for name in ("runs", "metrics", "steps")]
        subprocess.run(
            [sys.executable, "-m", "aim", "demo", "--repo", str(root), *numbers], check=True, stdout=sys.stderr
        )
    database = Database(parse(options.engine))
    database.make()
    following = None
    try:
        fold(root, options.engine)
        words = [sys.executable, "-m", "aim", "engine", "fold", options.engine, "--repo", str(root), "--follow"]
        following = subprocess.Popen(
            words, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(HERE.parent)}
        )
        yield root
    finally:
        if following is not None:
            following.send_signal(signal.SIGTERM)
            following.wait(120)
        if not options.keep:
            database.drop()


def main() -> None:
    options = _options()
    chosen = options.only.split(",") if options.only else list(PARTS)
    print(f"{_processor()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}, {_today()}")
    with tempfile.TemporaryDirectory(prefix="engine-") as folder, filled(options, Path(folder)) as root:
        (away := Path(folder, "away")).mkdir()
        run = Repo(options.engine).table.page(limit=1).runs[0].id
        ends = [FrontEnd(["--repo", options.engine], away, away / "state") for _ in range(2)]
        truth = FrontEnd(["--repo", str(root)], away, away / "state")
        try:
            for end in (*ends, truth):
                end.wait()
            right = [PARTS[name](ends, truth, run, options) for name in PARTS if name in chosen]
        finally:
            for end in (*ends, truth):
                end.end()
    sys.exit(not all(right))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", required=True, help="a database that is made, filled and dropped")
    parser.add_argument("--repo", help="a repository of `aim demo`")
    for name, default in (("runs", 200), ("metrics", 5), ("steps", 50), ("clients", 5), ("edits", 20)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--pause", type=float, default=0.2, help="the longest rest of a client between two questions")
    parser.add_argument("--only", help=f"some of {','.join(PARTS)}")
    parser.add_argument("--keep", action="store_true", help="leave the database")
    return parser.parse_args()


if __name__ == "__main__":
    main()
