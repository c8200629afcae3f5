"""A query has a time limit and ends when its client leaves, inside of every long loop; clients take turns."""

from __future__ import annotations

import asyncio
import os
import random
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

import aim
from aim import deadline, engine
from aim.deadline import Cancellation
from aim.errors import Stopped
from aim.query.beside import SeriesName
from aim.query.find import Find, Numbers
from aim.query.group import FOLDS
from aim.query.parse import parse_statement
from aim.query.plan import Group, MetricColumn, Sample, column_node
from aim.query.regex import compile_pattern
from aim.repo import Repo
from aim.server import series, table, wire
from aim.server.door import network
from aim.server.problems import Refused
from aim.server.work import THREADS, THREADS_BESIDE_LONG, THREADS_OF_A_CLIENT, WAITING_OF_A_CLIENT, Workers
from tests.waiting import PATIENCE, until

# A state of this pattern holds the last 118 letters, so nothing that was computed before can be used again.
HARD = "".join(random.Random(1).choices("ab", k=9400))
SLOW = f'loss if search(run.hash + "{HARD}", "(a|b)*a(a|b){{118}}c")'

SCRIPT = """
import sys
from aim.repo import Repo
from aim.server import work
from aim.server.serve import serve
work.SECONDS = float(sys.argv[2])
serve(Repo(sys.argv[1]), port=0, ready=lambda port: print(port, flush=True))
"""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs enough for minutes of matching."""
    folder = tmp_path_factory.mktemp("many")
    for number in range(200):
        with aim.Run(f"run {number}", repo=folder, console=False, system_interval=0) as run:
            run["hparams"] = {"lr": number / 1000, "name": f"n{number}"}
            for step in range(3):
                run.track(number / (step + 1), "loss", step=step, context={"subset": f"s{number % 7}"})
                run.track(number + step, "accuracy", step=step)
            run.track(aim.Text(f"text {number}"), "texts")
    Repo(folder).count()
    return folder


class Server:
    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port

    def client(self, address: str = "127.0.0.1") -> httpx.Client:
        transport = httpx.HTTPTransport(local_address=address)
        base = f"http://127.0.0.1:{self.port}"
        return httpx.Client(base_url=base, transport=transport, trust_env=False, timeout=PATIENCE)

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def is_busy(self) -> bool:
        """Whether it computes while this process does. On a busy machine, one gets as little time as the other."""
        before, end = self.cpu(), time.process_time() + 0.3
        while time.process_time() < end:
            pass
        return self.cpu() - before > 0.1


@contextmanager
def serving(folder: Path, seconds: float) -> Iterator[Server]:
    command = [sys.executable, "-c", SCRIPT, str(folder), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Server(process, int(process.stdout.readline()))
        finally:
            process.kill()


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="CPU time of a process is read from /proc")


@contextmanager
def asking(server: Server) -> Iterator[socket.socket]:
    """A client that waits for a query of minutes."""
    with socket.create_connection(("127.0.0.1", server.port), source_address=("127.0.0.2", 0)) as sock:
        target = httpx.URL("/api/series", params={"q": SLOW})
        sock.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        yield sock


HOSTILE = THREADS_OF_A_CLIENT + WAITING_OF_A_CLIENT
OTHERS = ("127.0.0.1", "127.0.0.3", "127.0.0.4")
PATHS = ("/api/project", "/api/series?q=accuracy", "/api/page", "/api/overview")


@needs_proc
def test_queries_of_minutes_keep_no_other_client_waiting_and_end_when_theirs_leaves(many: Path) -> None:
    with serving(many, 600) as server:
        with ExitStack() as stack:
            socks = [stack.enter_context(asking(server)) for _ in range(HOSTILE + 2)]
            refused = until(lambda: len(ready := select.select(socks, [], [], 0)[0]) >= 2 and ready)
            assert [sock.recv(4096)[:12] for sock in refused] == [b"HTTP/1.1 429"] * 2
            until(server.is_busy)
            with ThreadPoolExecutor(len(OTHERS) * len(PATHS)) as threads:
                clients = [stack.enter_context(server.client(address)) for address in OTHERS]
                answers = [threads.submit(client.get, path) for path in PATHS for client in clients]
            assert {answer.result().status_code for answer in answers} == {200}
            assert set(select.select(socks, [], [], 0)[0]) <= set(refused), "the hostile ones are still worked on"
        until(lambda: not server.is_busy())


@needs_proc
def test_a_query_that_would_take_minutes_is_refused(many: Path) -> None:
    with serving(many, 2) as server, server.client() as client:
        answer = client.get("/api/series", params={"q": SLOW})
        assert answer.status_code == 503
        error = answer.json()["error"]
        assert error["message"] == "The answer took longer than 2 seconds."
        assert "aim query" in error["hint"]
        until(lambda: not server.is_busy())


COMMAND_LINE = """
from aim.cli.main import main
from aim.query.regex import Pattern
search = Pattern.search
def began(self, text):
    print("began", flush=True)
    Pattern.search = search
    return search(self, text)
Pattern.search = began
main()
"""


def test_ctrl_c_ends_a_query_on_the_command_line(many: Path) -> None:
    command = [sys.executable, "-c", COMMAND_LINE, "query", SLOW, "--repo", str(many)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "began\n"
            process.send_signal(2)
            out, err = process.communicate()
        finally:
            process.kill()
    assert (process.returncode != 0, out, "Traceback" in err) == (True, "", False)


ENDLESS = "SELECT count(*) AS n FROM range(100000000000) t(i) WHERE hash(i) % 7 = 3"


def test_the_engine_is_interrupted() -> None:
    stop = Cancellation()
    timer = threading.Timer(0.3, stop.request)
    timer.start()
    with pytest.raises(Stopped):
        stop.context().run(engine._translated(engine._fetch), ENDLESS, [])


@needs_proc
def test_ctrl_c_interrupts_the_engine() -> None:
    script = "import sys; from aim import engine; print(1, flush=True); engine._fetch(sys.argv[1], [])"
    with subprocess.Popen([sys.executable, "-c", script, ENDLESS], stdout=-1, stderr=-1, text=True) as process:
        try:
            assert process.stdout is not None and process.stdout.readline()
            until(Server(process, 0).is_busy)
            process.send_signal(2)
            _, err = process.communicate()
        finally:
            process.kill()
    assert err.splitlines()[-1] == "KeyboardInterrupt"


class Inside(Cancellation):
    """Is requested when a check happens in one function, or in one that it calls."""

    def __init__(self, function: str) -> None:
        self.function = ""
        super().__init__()
        self.function = function

    @property
    def requested(self) -> bool:  # type: ignore[override]
        frame = sys._getframe(1)
        while frame is not None and frame.f_code.co_name != self.function:
            frame = frame.f_back  # type: ignore[assignment]
        return bool(self.function) and frame is not None

    @requested.setter
    def requested(self, value: bool) -> None:
        pass


LOSS = MetricColumn("loss", {"subset": "s1"}, "last")
BY = Group((column_node("experiment"),), next(iter(FOLDS)))
BY_NAME = Group((column_node("name"),), next(iter(FOLDS)))


def page(repo: Repo, **options: Any) -> Any:
    return repo.table.page(limit=10, **options)


def frames(parts: Any) -> Any:
    return list(parts)


def groups(repo: Repo) -> Any:
    columns = [LOSS, "name"]
    return repo.table.groups(group=BY, order=[(LOSS, True)], limit=9, columns=columns)


def matched(repo: Repo) -> Any:
    compile_pattern.cache_clear()
    return repo.select('loss if search(run.hash, "a.*9")')


# The function in which a check happens, and a question that calls it.
LOOPS: list[tuple[str, Callable[[Repo], Any]]] = [
    ("answers", lambda repo: repo.select("loss if hparams.lr * 2 > 0.01")),
    ("_move", matched),
    ("fitting", lambda repo: repo.select("loss if context.subset == 's1'")),
    ("coded", lambda repo: repo.select("loss if run.status == 'finished'")),
    ("_made", lambda repo: repo.select("loss").runs[:]),
    ("gather", lambda repo: repo.select("loss")),
    ("series_table", lambda repo: repo.select("loss")),
    ("ranks_of", lambda repo: page(repo, order=[(LOSS, True)])),
    ("ranks_of", lambda repo: page(repo, order=[("name", False)])),
    ("in_order", lambda repo: page(repo, order=[("name", True)])),
    ("in_order", lambda repo: page(repo, group=BY_NAME)),
    ("_keys", lambda repo: page(repo, group=BY_NAME)),
    ("grouped", lambda repo: page(repo, group=BY)),
    ("_folded", groups),
    ("cells_of", groups),
    ("in_blocks", groups),
    ("_with", lambda repo: page(repo, find=Find("nothing"))),
    ("finding", lambda repo: page(repo, find=Find("ä"))),
    ("_number_columns", lambda repo: page(repo, find=Find("17", Numbers(("last",))))),
    ("_metrics", lambda repo: page(repo, find=Find("17", Numbers(("last",))))),
    ("of_runs", lambda repo: repo.select("loss if run.loss.last > 3")),
    ("_fetch", lambda repo: repo.select("loss").points()),
    ("points", lambda repo: repo.select("loss").points(sample=Sample(columns=10))),
    ("along_metric", lambda repo: repo.select("loss").points(sample=Sample(x="metric:accuracy"))),
    (
        "beside",
        lambda repo: repo.table.beside(None, SeriesName("accuracy", {}), SeriesName("loss", {"subset": "s1"}), "min"),
    ),
    ("facts_of", lambda repo: repo.table.facts(None, bounds=[LOSS], values=True)),
    ("_differing", lambda repo: repo.table.facts(None, bounds=[], values=True)),
    ("_selected", lambda repo: repo.objects("texts if hparams.lr > 0")),
    ("content", lambda repo: [value.data for item in repo.run("run 1").objects() for value in item]),
    ("param_columns", lambda repo: frames(table.rows(repo, wire.TableQuery()))),
    ("distinct", lambda repo: frames(series.search(repo, wire.SeriesQuery(q="loss")))),
]


@pytest.mark.parametrize(("function", "question"), LOOPS, ids=[name for name, _ in LOOPS])
def test_every_long_loop_looks_at_the_deadline(many: Path, function: str, question: Callable[[Repo], Any]) -> None:
    repo = Repo(many)
    repo.count()
    question(repo)
    with pytest.raises(Stopped):
        Inside(function).context().run(question, repo)


def test_bringing_the_index_up_to_date_is_never_stopped_halfway(tmp_path: Path) -> None:
    with aim.Run("one", repo=tmp_path) as run:
        run.track(1.0, "loss")
    repo = Repo(tmp_path)
    Inside("refresh").context().run(repo.count)
    assert repo.count() == 1


def test_without_a_deadline_nothing_is_checked() -> None:
    items = [1, 2]
    assert deadline.checked(items) is items
    assert list(Cancellation().context().run(deadline.checked, items)) == items


@pytest.mark.parametrize(
    ("computed", "others", "rests"),
    [
        (0.004, 3, []),
        (0.006, 0, [0.0]),
        (0.01, 3, [0.03]),
        (0.01, 500, [0.2]),
    ],
)
def test_long_work_rests_as_long_as_all_others_may_compute(
    monkeypatch: pytest.MonkeyPatch, computed: float, others: int, rests: list[float]
) -> None:
    used, rested = iter([1.0, 1.0, 1.0 + computed, 1.0 + computed]), list[float]()
    monkeypatch.setattr(deadline.time, "thread_time", lambda: next(used))
    monkeypatch.setattr(deadline.time, "sleep", rested.append)
    stop = Cancellation()
    loop = stop.context().run(deadline.checked, range(2))
    stop.give_way(lambda: others)
    stop.context().run(list, loop)
    assert rested == pytest.approx(rests)


# Turns


@pytest.fixture
def none_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine, any query may run for long."""
    monkeypatch.setattr("aim.server.work.LONG_SECONDS", PATIENCE)


def in_turns(script: Callable[[Workers], Any]) -> Any:
    async def play() -> Any:
        work = Workers()
        try:
            return await script(work)
        finally:
            work.close()

    return asyncio.run(play())


@pytest.mark.usefixtures("none_long")
def test_one_client_cannot_take_all_threads_or_places() -> None:
    go_on = threading.Event()

    async def script(work: Workers) -> list[Any]:
        greedy = [asyncio.ensure_future(work.run(go_on.wait, client="a")) for _ in range(THREADS_OF_A_CLIENT)]
        greedy += [asyncio.ensure_future(work.run(lambda: True, client="a")) for _ in range(WAITING_OF_A_CLIENT)]
        await asyncio.sleep(0)
        other = await work.run(lambda: "mine", client="b")
        with pytest.raises(Refused, match="32 queries of yours are already waiting; at most 32 can") as refused:
            await work.run(lambda: 1, client="a")
        begun = asyncio.ensure_future(work.run(lambda: "part", client="a", goes_on=True))
        await asyncio.sleep(0)
        go_on.set()
        return [other, refused.value.status, refused.value.headers, set(await asyncio.gather(*greedy)), await begun]

    assert in_turns(script) == ["mine", 429, {"retry-after": "1"}, {True}, "part"]


def test_long_queries_of_several_clients_keep_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.server.work.LONG_SECONDS", 0.0)
    counts: list[int] = []
    monkeypatch.setattr(Cancellation, "give_way", lambda _, others: counts.append(others()))
    go_on = threading.Event()

    async def script(work: Workers) -> tuple[str, int]:
        jobs = [asyncio.ensure_future(work.run(go_on.wait, client=f"{number}")) for number in range(THREADS)]
        other = await work.run(lambda: "mine", client="b")
        while not work.long["0"]:
            await asyncio.sleep(0)
        jobs += [asyncio.ensure_future(work.run(go_on.wait, client="0")) for _ in range(THREADS_OF_A_CLIENT)]
        await asyncio.sleep(0)
        running = work.running["0"]
        assert THREADS - 1 in counts
        go_on.set()
        await asyncio.gather(*jobs)
        assert not work.long and not work.running
        return other, running

    assert in_turns(script) == ("mine", THREADS_BESIDE_LONG)


@pytest.mark.usefixtures("none_long")
def test_clients_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.server.work.THREADS", 1)
    order: list[str] = []
    go_on = threading.Event()

    async def script(work: Workers) -> None:
        jobs = [asyncio.ensure_future(work.run(go_on.wait, client="a"))]
        for client in "aaaabbc":
            jobs.append(asyncio.ensure_future(work.run(lambda client=client: order.append(client), client=client)))  # type: ignore[misc]
            await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(*jobs)

    in_turns(script)
    assert "".join(order) == "abcabaa"


@pytest.mark.usefixtures("none_long")
def test_a_client_that_leaves_the_queue_takes_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.server.work.THREADS", 1)
    go_on = threading.Event()

    async def script(work: Workers) -> Any:
        first = asyncio.ensure_future(work.run(go_on.wait, client="a"))
        gone = asyncio.ensure_future(work.run(lambda: pytest.fail("nobody waits"), client="b"))
        last = asyncio.ensure_future(work.run(lambda: "last", client="c"))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        go_on.set()
        await first
        return await last, work.waiting

    assert in_turns(script) == ("last", {})


def test_a_change_is_never_stopped_halfway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.server.work.SECONDS", 0.05)
    refusal, done = threading.Event(), threading.Event()

    def change() -> None:
        refusal.wait(PATIENCE)
        deadline.check()
        done.set()

    async def script(work: Workers) -> str | None:
        with pytest.raises(Refused) as refused:
            await work.run(change, whole=True)
        refusal.set()
        return refused.value.problem.hint

    assert "goes on" in str(in_turns(script))
    assert done.wait(PATIENCE)


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
    ],
)
def test_an_ipv6_network_is_one_client(host: str, client: str) -> None:
    assert network(host) == client


def test_a_pattern_that_repeats_nothing_a_million_times_is_refused() -> None:
    with pytest.raises(Exception, match="repeat less"):
        parse_statement('loss if search(run.hash, "' + "(){999999}" * 19 + '")')
