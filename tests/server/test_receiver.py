from __future__ import annotations

import json
import os
import random
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from aim import layout
from aim.log import edits, seal, status
from aim.log.edits import Editor
from aim.log.stored import SealPointer
from aim.remote import frames
from aim.remote.answers import Outcome
from aim.repo import Repo
from aim.server import throttle
from aim.server.receiver import ENDPOINTS
from aim.server.tokens import Tokens
from tests.log.logs import Draft
from tests.server.receiving import DIR, NAME, RUN, WRITER, Client, Served, Threaded, a_log, piece
from tests.waiting import PATIENCE, until

DATA = a_log(200)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with Threaded(tmp_path) as running:
        yield running


@pytest.fixture
def client(server: Served) -> Client:
    return server.client()


def test_a_file_arrives_byte_for_byte_in_any_number_of_frames(server: Served, client: Client) -> None:
    for start in range(0, len(DATA), 999):
        stop = min(start + 999, len(DATA))
        assert client.ship(piece(DATA, start, stop)) == [Outcome(200, stop)]
    assert server.bytes_of() == DATA
    assert client.sizes(NAME) == client.confirm(NAME) == [len(DATA)]


def test_arrived_files_are_a_run_at_once(server: Served, client: Client) -> None:
    data = a_log(20, ended=False)
    client.ship(piece(data, 0, 500))
    repo = Repo(server.root)
    assert [run.status for run in repo.select_runs()] == ["running"]
    client.ship(piece(data, 500, len(data)))
    (run,) = repo.select_metrics("loss")
    assert [len(trace.values) for trace in run.metrics["loss"].traces] == [20]


def test_every_request_twice_reordered_and_cut_gives_the_same_file(server: Served, client: Client) -> None:
    chance = random.Random(7)
    while (size := len(server.bytes_of() or b"")) < len(DATA):
        cut = sorted(chance.sample(range(len(DATA) + 1), 8))
        pieces = [piece(DATA, start, stop) for start, stop in zip(cut, cut[1:], strict=False)]
        pieces.append(piece(DATA, size, min(len(DATA), size + 400)))
        for packed in chance.sample(pieces, len(pieces)):
            for _ in range(2):
                (outcome,) = client.ship(packed)
                assert outcome.status in (200, 409)
                assert outcome.size == len(server.bytes_of() or b"")
        assert DATA.startswith(server.bytes_of() or b"")
    assert server.bytes_of() == DATA


def test_a_request_that_breaks_off_keeps_whole_frames(server: Served) -> None:
    body = piece(DATA, 0, 1000) + piece(DATA, 1000, 2000)
    for cut in (0, 1, 30, 1200):
        with begun(server, "POST /v1/ship", body, cut):
            pass
    client = server.client()
    until(lambda: client.sizes(NAME) == [1000])
    assert [outcome.status for outcome in client.ship(piece(DATA, 0, 1000), piece(DATA, 1000, 2000))] == [200, 200]
    assert server.bytes_of() == DATA[:2000]


@pytest.mark.parametrize(
    ("start", "change", "status"),
    [
        (0, 0, 412),
        (0, 1999, 412),
        (1000, 1500, 412),
        (1990, 1999, 412),
        (2000, 1999, 412),
        (2000, 1936, 412),
        (2000, 1935, 200),
    ],
)
def test_other_bytes_are_refused(client: Client, server: Served, start: int, change: int, status: int) -> None:
    """The server has 2,000 bytes, up to the end of a record; a frame compares 64 bytes before it and what overlaps."""
    have = len(DATA) - (len(DATA) - 40) % 4
    client.ship(piece(DATA, 0, len(DATA)))
    other = bytearray(DATA)
    scale = change - 2000 + len(DATA)
    other[scale if change else 0] ^= 1
    begin = start - 2000 + len(DATA) if start else 0
    (outcome,) = client.ship(piece(bytes(other), begin, len(DATA)))
    assert (outcome.status, outcome.size) == (status, have)
    assert server.bytes_of() == DATA
    assert status == 200 or "another file has this name" in (outcome.error or "")


@pytest.mark.parametrize("damage", ["truncated", "zeros", "garbage", "header of zeros", "only zeros"])
def test_a_damaged_tail_heals(client: Client, server: Served, damage: str) -> None:
    client.ship(piece(DATA, 0, 5000))
    path = server.aim_dir / NAME
    kept = DATA[:3000]
    path.write_bytes(
        {
            "truncated": kept,
            "zeros": kept + bytes(2000),
            "garbage": kept + random.Random(1).randbytes(2000),
            "header of zeros": bytes(4096),
            "only zeros": bytes(5000),
        }[damage]
    )
    place, steps = 5000, 0
    while place < len(DATA) or steps == 0:
        (outcome,) = client.ship(piece(DATA, place, len(DATA)))
        assert outcome.status in (200, 409), outcome
        place, steps = outcome.size, steps + 1
        assert steps < 5
    assert server.bytes_of() == DATA


def test_a_conflicting_copy_is_kept_beside(client: Client, server: Served) -> None:
    client.ship(piece(DATA, 0, len(DATA)))
    other = a_log(3, name="another")
    assert client.ship(piece(other, 0, len(other)))[0].status == 412
    beside = f"{NAME}.0123abcd.conflict"
    assert client.ship(piece(other, 0, len(other), beside)) == [Outcome(200, len(other))]
    assert (server.bytes_of(), server.bytes_of(beside)) == (DATA, other)
    assert len(Repo(server.root).select_runs()) == 1


def test_large_backlogs_come_by_put(client: Client, server: Served) -> None:
    data = a_log(30_000)
    half = len(data) // 2 + 1
    for at, stop in ((0, half), (0, half), (half, len(data))):
        answer = client.put(NAME, data, at, stop)
        assert json.loads(answer.content) == {"frames": [{"status": 200, "size": stop}]}
    assert server.bytes_of() == data
    answer = client.put(NAME, data + b"xx", len(data) + 1, len(data) + 2)
    assert (answer.status, json.loads(answer.content)["frames"][0]["size"]) == (409, len(data))


def test_of_a_put_that_breaks_off_what_came_is_kept(client: Client, server: Served) -> None:
    with begun(server, f"PUT /v1/logs/{NAME}?at=0&check=0", DATA, 700):
        pass
    until(lambda: client.sizes(NAME) == [700])
    assert client.put(NAME, DATA, 700, len(DATA)).status == 200
    assert server.bytes_of() == DATA


SEAL = NAME.replace(".log", ".seal")


def test_another_file_of_an_earlier_run_shows(client: Client, server: Served) -> None:
    """As a log and as a seal: readers then check the folders of all runs. What only grows does not."""
    runs = server.root / ".aim" / "runs"
    client.ship(piece(DATA, 0, 3000))
    os.utime(runs, (1, 1))
    client.ship(piece(DATA, 3000, 6000))
    assert runs.stat().st_mtime == 1
    for shipped in ("log", "seal"):
        os.utime(runs, (1, 1))
        writer = {"log": "1" * 16, "seal": "2" * 16}[shipped]
        name, data = f"runs/{DIR}/{RUN}-{writer}.{shipped}", a_log(9, writer=writer)
        if shipped == "log":
            client.ship(piece(data, 0, len(data), name))
        else:
            sealed = seal.encode(data)
            client.put(name, sealed, 0, len(sealed), size=len(sealed))
        assert runs.stat().st_mtime > 1


def put_seal(client: Client, sealed: bytes, *, step: int = 700) -> list[int]:
    parts = range(0, len(sealed), step)
    return [client.put(SEAL, sealed, at, at + step, size=len(sealed)).status for at in parts]


def test_a_seal_appears_when_it_is_complete(client: Client, server: Served) -> None:
    data = a_log(2000)
    sealed = seal.encode(data)
    client.ship(piece(data, 0, 4000))
    assert set(put_seal(client, sealed[:-1] + bytes([sealed[-1] ^ 1]))) == {200, 409}
    assert server.bytes_of(SEAL) is None
    assert client.sizes(SEAL, NAME) == [None, 4000]
    assert set(put_seal(client, sealed)) == {200}
    assert (server.bytes_of(SEAL), server.bytes_of()) == (sealed, None)
    assert client.sizes(SEAL, NAME) == [len(sealed), len(data)]
    (run,) = Repo(server.root).select_metrics("loss")
    assert [len(trace.values) for trace in run.metrics["loss"].traces] == [2000]
    assert client.ship(piece(data, 100, 900)) == [Outcome(200, len(data))]
    assert client.ship(piece(data, len(data), len(data))) == [Outcome(200, len(data))]
    assert client.ship(piece(b"x" * 1000, 100, 900))[0].status == 412
    assert set(put_seal(client, sealed)) == {200}
    assert client.ask("GET", f"/v1/logs/{NAME}?at=5&length=10").content == data[5:15]


def test_a_seal_of_another_log_is_refused(client: Client, server: Served) -> None:
    client.ship(piece(DATA, 0, 3000))
    assert put_seal(client, seal.encode(a_log(400)), step=1 << 20) == [412]
    assert server.bytes_of() == DATA[:3000]
    assert os.listdir(server.aim_dir / "runs" / DIR) == [f"{RUN}-{WRITER}.log"]


ODD_SEALS = {
    "claims everything": b"AIMSEAL\x02" + b"\xff" * 200,
    "zeros": b"AIMSEAL\x01" + bytes(200),
    "a byte": b"x",
    "of an object store": SealPointer(1000, bytes(32), 0, bytes(56)).packed(),
}


@pytest.mark.parametrize("odd", ODD_SEALS)
def test_what_is_no_seal_is_dropped_and_its_log_stays(client: Client, server: Served, odd: str) -> None:
    """The sender is not told that the disk is full, or it would send again and again."""
    client.ship(piece(DATA, 0, 3000))
    assert put_seal(client, ODD_SEALS[odd], step=1 << 20) == [409]
    assert server.bytes_of() == DATA[:3000]
    assert os.listdir(server.aim_dir / "runs" / DIR) == [f"{RUN}-{WRITER}.log"]


@pytest.mark.parametrize("at", ["-1", "9" * 30, "9" * 400])
def test_a_place_that_no_file_has_is_refused(client: Client, at: str) -> None:
    client.ship(piece(DATA, 0, 3000))
    assert client.ask("GET", f"/v1/logs/{NAME}?at={at}").status == 400


def test_a_heartbeat_keeps_a_quiet_run_running(client: Client, server: Served) -> None:
    silent = status.LOST_AFTER + 60
    data = a_log(5, ended=False, ago=silent)
    client.ship(piece(data, 0, len(data), age=silent))
    path = server.aim_dir / NAME
    assert silent - 10 < time.time() - path.stat().st_mtime < silent + 30
    assert [run.status for run in Repo(server.root).select_runs()] == ["lost"]
    client.ship(piece(data, len(data), len(data), age=2))
    assert time.time() - path.stat().st_mtime < 30
    assert [run.status for run in Repo(server.root).select_runs()] == ["running"]
    client.ship(piece(data, len(data), len(data), age=silent))
    assert time.time() - path.stat().st_mtime < 30, "an older sign changes nothing"


@pytest.mark.parametrize("ahead", [3600.0, -3600.0, 86_400.0 * 400], ids=["an hour", "an hour behind", "a year"])
def test_the_clock_of_a_machine_does_not_keep_its_run_alive(client: Client, server: Served, ahead: float) -> None:
    """The server knows when bytes arrived: that is the time of the file, and the heartbeat."""
    data = a_log(5, ended=False, ago=-ahead)
    client.ship(piece(data, 0, len(data)))
    repo = Repo(server.root)
    assert [run.status for run in repo.select_runs()] == ["running"]
    silent = time.time() - status.LOST_AFTER - 60
    os.utime(server.aim_dir / NAME, (silent, silent))
    (run,) = repo.select_runs()
    assert (run.status, run.duration >= 0, (run.finished_at or 0) >= run.created_at) == ("lost", True, True)
    assert [run.status for run in Repo(server.root).select_runs()] == ["lost"], "also after it was folded as quiet"
    repo.runs.close(run.id)
    assert [run.status for run in repo.select_runs()] == ["killed"], "a person ends it, whatever its clock says"


def test_a_deleted_run_is_refused_and_gone(client: Client, server: Served) -> None:
    client.ship(piece(DATA, 0, 3000))
    repo = Repo(server.root)
    repo.runs.delete(RUN)
    (outcome,) = client.ship(piece(DATA, 0, len(DATA)))
    assert outcome.status == 410
    until(lambda: client.ship(piece(DATA, 3000, len(DATA)))[0].status == 410)
    assert client.sizes(NAME) == client.confirm(NAME) == [-1]
    assert not (server.aim_dir / "runs" / DIR).exists()
    assert repo.select_runs() == []


def test_a_deletion_that_is_shipped_frees_the_files(client: Client, server: Served, tmp_path: Path) -> None:
    client.ship(piece(DATA, 0, 3000), piece(DATA, 0, 100, f"{NAME}.0123abcd.conflict"))
    elsewhere = tmp_path / "elsewhere" / ".aim"
    editor = Editor(elsewhere)
    editor.edit(RUN, "deleted", True)
    editor.close()
    (path,) = (elsewhere / "edits").iterdir()
    data = path.read_bytes()
    assert client.ship(piece(data, 0, len(data), f"edits/{path.name}")) == [Outcome(200, len(data))]
    until(lambda: not (server.aim_dir / "runs" / DIR).exists())
    assert client.ship(piece(DATA, 0, 100))[0].status == 410


def test_names_are_claimed_by_the_first(server: Served) -> None:
    first, two = server.client(), server.client()
    claim = {"name": "night", "run": RUN, "launch": "slurm:1", "attempt": "1" * 16}
    assert first.json("GET", "/v1/run?name=night") == {"runs": [], "claim": None}
    mine = {"run": RUN, "launch": "slurm:1", "attempt": "1" * 16, "rank": None, "starter": None}
    assert first.json("POST", "/v1/run", claim) == {"runs": [], "claim": mine}
    assert two.json("POST", "/v1/run", {**claim, "run": "e" * 32, "launch": None}) == {"runs": [], "claim": mine}
    data = a_log(3, name="night", ended=False)
    folder = layout.run_dir(server.aim_dir, "night").name
    name = NAME.replace(DIR, folder)
    first.ship(piece(data, 0, len(data), name))
    answer = two.json("POST", "/v1/run", {**claim, "run": "e" * 32})
    assert answer["claim"] is None
    (run,) = answer["runs"]
    assert (run["id"], run["name"], run["recording"]) == (RUN, "night", True)
    (file,) = run["files"]
    assert (file["name"], file["size"], file["start"]["hash"], file["end"]) == (name, len(data), "night", None)
    (by_id,) = two.json("GET", f"/v1/run?name={RUN}")["runs"]
    assert by_id["files"][0]["name"] == name
    assert two.json("GET", f"/v1/run?name={quote('no such run')}") == {"runs": [], "claim": None}


def test_of_many_claims_at_one_instant_one_wins(server: Served) -> None:
    ids = [f"{number:032x}" for number in range(16)]
    clients = [server.client() for _ in ids]

    def claim(client: Client, run: str) -> str:
        asked = {"name": "night", "run": run, "launch": "slurm:1", "attempt": run[:16]}
        return str(client.json("POST", "/v1/run", asked)["claim"]["run"])

    with ThreadPoolExecutor(len(ids)) as pool:
        winners = set(pool.map(claim, clients, ids))
    assert len(winners) == 1 and winners <= set(ids), "all ranks of the launch learn the id of one"


def test_bytes_can_be_read_back(client: Client) -> None:
    client.ship(piece(DATA, 0, len(DATA)))
    answer = client.ask("GET", f"/v1/logs/{NAME}?at=100&length=50")
    assert (answer.status, answer.content) == (200, DATA[100:150])
    assert client.ask("GET", f"/v1/logs/{NAME}").content == DATA
    assert client.ask("GET", f"/v1/logs/{NAME}?at={len(DATA)}").content == b""
    assert "no file" in client.json("GET", f"/v1/logs/{NAME}x", status=404)["error"]["message"]


def test_a_link_leads_nowhere(client: Client, server: Served, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "victim.log").write_bytes(DATA[:100])
    (server.aim_dir / "runs" / DIR).symlink_to(outside)
    assert client.ship(piece(DATA, 0, 100))[0].status == 507
    folder = server.aim_dir / "runs" / ("e" * 32)
    folder.mkdir()
    name = NAME.replace(DIR, "e" * 32)
    (server.aim_dir / name).symlink_to(outside / "victim.log")
    assert client.ship(piece(DATA, 100, 200, name))[0].status == 507
    assert client.ask("GET", f"/v1/logs/{name}").status == 404
    assert [path.name for path in outside.iterdir()] == ["victim.log"]
    assert (outside / "victim.log").read_bytes() == DATA[:100]


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "runs/x/y.log", "server/tokens.json", "edits/\0", "a" * 200])
def test_no_name_leaves_the_repository(client: Client, server: Served, tmp_path: Path, name: str) -> None:
    before = sorted(path for path in tmp_path.rglob("*") if path.name != "lock")
    (outcome,) = client.ship(frames.pack(name, 0, b"x", before=b""))
    assert outcome.status == 400
    assert "does not travel" in (outcome.error or "")
    assert client.put(quote(name), b"x", 0, 1).status == 400
    assert client.ask("GET", f"/v1/logs/{quote(name)}").status == 404
    assert sorted(path for path in tmp_path.rglob("*") if path.name != "lock") == before


WRITES = [("POST", "/v1/ship"), ("POST", "/v1/confirm"), ("POST", "/v1/run"), ("PUT", f"/v1/logs/{NAME}")]
READS = [("POST", "/v1/sizes"), ("GET", f"/v1/logs/{NAME}"), ("GET", "/v1/run?name=x"), ("GET", "/v1/processes")]
STRANGERS: list[dict[str, str]] = [
    {},
    {"authorization": "Bearer"},
    {"authorization": "Bearer aim_" + "0" * 12 + "_" + "A" * 43},
    {"authorization": "Basic TOKEN"},
    {"authorization": "TOKEN"},
    {"cookie": "aim_00000000=TOKEN; token=TOKEN"},
    {"x-forwarded-user": "alice", "authorization": "Bearer"},
]


def test_every_address_is_attacked_here() -> None:
    asked = {(method, re.split(r"(?<=logs/)|[?]", path)[0].lstrip("/")) for method, path in (*WRITES, *READS)}
    assert {(row.method, row.path) for row in ENDPOINTS if row.role is not None} == asked


@pytest.mark.parametrize("headers", STRANGERS, ids=str)
def test_strangers_reach_no_address(server: Served, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "FREE", 1000)
    given = {name: value.replace("TOKEN", server.token) for name, value in headers.items()}
    for method, path in (*WRITES, *READS):
        connection = server.client().connection
        connection.request(method, f"{path}{'&' if '?' in path else '?'}token={server.token}", b"", given)
        with connection.getresponse() as response:
            assert (response.status, b"token" in response.read()) == (401, True), path
    assert server.bytes_of() is None


@pytest.mark.parametrize(
    ("method", "path", "length", "status"),
    [
        ("POST", "/v1/ship", 1 << 27, 413),
        ("PUT", f"/v1/logs/{NAME}?at=0&check=0", 1 << 27, 413),
        ("POST", "/v1/sizes", 1 << 27, 413),
        ("POST", "/v1/confirm", 1 << 27, 413),
        ("POST", "/v1/run", 1 << 27, 413),
        ("POST", "/v1/ship", None, 411),
        ("DELETE", "/v1/run", 0, 405),
        ("GET", "/v1/tokens", 0, 404),
        ("HEAD", "/v1/run?name=x", 0, 200),
    ],
)
def test_requests_are_bounded(server: Served, method: str, path: str, length: int | None, status: int) -> None:
    """The answer comes before the body is sent."""
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token}\r\n"
    sized = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as raw:
        raw.sendall(f"{head}{sized}\r\n\r\n".encode())
        assert raw.recv(100).startswith(f"HTTP/1.1 {status} ".encode())


def test_a_slow_uplink_has_more_time_than_a_page(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.server.security.BODY_SECONDS", 0.1)
    body = piece(DATA, 0, 1000)
    with begun(server, "POST /v1/ship", body, 500) as raw:
        time.sleep(0.5)
        raw.sendall(body[500:])
        assert raw.recv(100).startswith(b"HTTP/1.1 200 ")
    assert server.bytes_of() == DATA[:1000]


def test_a_body_that_never_ends(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.server.receiver.BODY_SECONDS", 0.2)
    with begun(server, "POST /v1/ship", piece(DATA, 0, 1000), 500) as raw:
        assert raw.recv(100).startswith(b"HTTP/1.1 408 ")


@contextmanager
def begun(server: Served, request: str, body: bytes, cut: int) -> Iterator[socket.socket]:
    """A request of whose body so many bytes were sent."""
    head = f"{request} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token}\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as raw:
        raw.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:cut])
        yield raw


def test_a_token_to_read_cannot_write(server: Served) -> None:
    reader = server.client(server.add("bob", "read"))
    assert reader.sizes(NAME) == [None]
    for method, path in WRITES:
        answer = reader.ask(method, path, b"{}")
        assert (answer.status, b"bob has the role read, so it cannot record" in answer.content) == (403, True)


def test_an_expired_token_is_told_apart(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    late = server.client(Tokens(server.aim_dir).add("bob", "write", days=3))
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 4 * 86_400)
    answer = late.ask("POST", "/v1/ship", piece(DATA, 0, 100))
    assert (answer.status, b"This token of bob expired on " in answer.content) == (401, True)
    assert b"aim token add bob --role write" in answer.content


def test_a_revoked_token_is_refused_at_once(server: Served, client: Client) -> None:
    assert client.ship(piece(DATA, 0, 100))[0].status == 200
    Tokens(server.aim_dir).remove(["alice"])
    assert client.ask("POST", "/v1/ship", piece(DATA, 100, 200)).status == 401
    assert server.bytes_of() == DATA[:100]


def test_wrong_tokens_wait_and_right_ones_do_not(server: Served, client: Client) -> None:
    wrong = server.client("aim_" + "0" * 12 + "_" + "A" * 43)
    for _ in range(12):
        assert wrong.ask("GET", "/v1/run?name=x").status == 401
    assert client.sizes(NAME) == [None]


def test_health_needs_no_token(server: Served) -> None:
    assert server.client("").json("GET", "/v1/health") == {"status": "ok"}
    assert server.client("").json("GET", "/prefix/v1/health") == {"status": "ok"}


def test_answers_say_when_to_come_back(client: Client) -> None:
    answer = client.ask("POST", "/v1/ship", piece(DATA, 0, 10))
    assert 0.5 <= float(answer.headers["aim-next"]) <= 30


def test_the_server_notes_who_started_a_run(server: Served, client: Client) -> None:
    log = bytes(Draft(bytes.fromhex(RUN), bytes.fromhex(WRITER)).start().data)
    assert client.put(NAME, log, 0, 40).status == 200
    bob = server.client(server.add("bob", "write"))
    assert bob.put(NAME, log, 40, len(log)).status == 200, "bob goes on with it"
    rank = bytes(Draft(bytes.fromhex(RUN), b"\xcc" * 8).start(role="join").data)
    assert bob.put(f"runs/{DIR}/{RUN}-{'c' * 16}.log", rank, 0, len(rank)).status == 200
    noted = [(edit.run, edit.value, edit.by) for edit in edits.every(server.aim_dir) if edit.field == "started_by"]
    assert noted == [(RUN, "alice", None)]
    (run,) = Repo(server.root).select_runs('run.started_by == "alice"')
    assert (run.id, run.started_by, run.edited_by) == (RUN, "alice", None)
    assert server.bytes_of() == log, "its file is as it was sent"
