"""What a shipper does, a step at a time, with a server that speaks docs/format/ship.md."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import aim
from aim.cli import moving
from aim.errors import RemoteError, StoreAway
from aim.log import edits, record, seal, status, stored
from aim.log.reader import OpenLog
from aim.remote import address, frames, spool
from aim.remote import shipper as shipping
from aim.remote.client import Busy, Client, Unauthorized, Unreachable
from aim.remote.shipper import Shipper
from tests.log.logs import Draft
from tests.remote.receiver import Receiver, read_frames, receiving
from tests.waiting import PATIENCE

LONG_AGO = time.time() - 1000
_opened: list[Client] = []


@pytest.fixture(autouse=True)
def closed_clients() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(tmp_path / "server") as receiver:
        yield receiver


@pytest.fixture
def aim_dir(tmp_path: Path, server: Receiver, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The spool of the server."""
    monkeypatch.setenv("AIM_SPOOL", str(tmp_path / "spool"))
    return spool.create(address.parse(server.address))


def shipper(aim_dir: Path, server: Receiver, *, token: str = "secret", clears: bool = True, keep: int = 0) -> Shipper:
    client = Client(address.parse(server.address), timeout=PATIENCE)
    client.token = token
    _opened.append(client)
    ships = Shipper(aim_dir, client, clears=clears, keep=keep)
    ships.hurries = not clears
    return ships


def ship(ships: Shipper, steps: int = 20) -> None:
    for _ in range(steps):
        ships.step()
        if ships.is_done:
            return
    pytest.fail("it is not done")


def log(aim_dir: Path, number: int = 1, *, end: bool = True, points: int = 100, **start: object) -> Path:
    """A file of a writer of this machine, or of another process if `start` says so."""
    draft = Draft(bytes([number] * 16), bytes([number] * 8)).start(**{"process": status.this_process(), **start})
    for step in range(points):
        draft.point(0, step, 0.5)
    if end:
        draft.end()
    path = aim_dir / "runs" / f"{number:032x}" / f"{draft.run.hex()}-{draft.writer.hex()}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(draft.data)
    return path


def kept(server: Receiver, path: Path, aim_dir: Path) -> bytes:
    return (server.folder / path.relative_to(aim_dir)).read_bytes()


def test_everything_of_a_repository_arrives_as_it_is(tmp_path: Path, server: Receiver) -> None:
    repo = tmp_path / "repo"
    with aim.Run("one", repo=repo, system_interval=0) as run:
        run.track(0.5, "loss")
        run.track(aim.Text("x" * 3_000_000), "samples")
        run.log_info("a line")
        run.add_tag("good")
    editor = edits.Editor(repo / ".aim")
    editor.edit(run.id, "note", "seen")
    editor.close()
    (repo / ".aim" / "claims").touch()
    ships = shipper(repo / ".aim", server, clears=False)
    ship(ships)
    sent = {path.relative_to(repo / ".aim").as_posix(): path.read_bytes() for path in repo.rglob("*.log")}
    assert len(sent) == 2
    assert {name: (server.folder / name).read_bytes() for name in server.names()} == sent
    assert server.confirmed == set(sent)


def test_another_shipper_asks_what_is_there_and_sends_nothing_again(aim_dir: Path, server: Receiver) -> None:
    log(aim_dir)
    ship(shipper(aim_dir, server, clears=False))
    server.requests.clear()
    ship(shipper(aim_dir, server, clears=False))
    assert server.requests == ["POST /v1/sizes", "POST /v1/confirm"]


def test_many_files_travel_in_one_request(aim_dir: Path, server: Receiver) -> None:
    for number in range(1, 31):
        log(aim_dir, number)
    ships = shipper(aim_dir, server)
    ships.step()
    assert len(server.names()) == 30
    assert server.requests == ["POST /v1/sizes", "POST /v1/ship", "POST /v1/confirm"]


def test_a_file_that_grows_is_followed(aim_dir: Path, server: Receiver) -> None:
    whole = log(aim_dir, 1).read_bytes()
    path = log(aim_dir, 1)
    for length in (10, 24, 1000, 1001, len(whole)):
        path.write_bytes(whole[:length])
        ships = shipper(aim_dir, server) if length == 24 else shipper(aim_dir, server)
        ships.step()
        assert kept(server, path, aim_dir) == whole[:length]


def test_of_a_file_that_grows_only_what_is_new_is_read(
    aim_dir: Path, server: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 1,000 writers, reading a page of each in every step took a whole core."""
    log(aim_dir, end=False, points=1000)
    ships = shipper(aim_dir, server)
    ships.step()
    ships.step()
    read, opened, asked = list[int](), list[object](), list[object]()
    original, opens, lives = os.read, OpenLog.__init__, status.alive
    monkeypatch.setattr("os.read", lambda fd, size: (read.append(size), original(fd, size))[1])
    monkeypatch.setattr(OpenLog, "__init__", lambda self, path: (opened.append(path), opens(self, path))[1])
    monkeypatch.setattr(status, "alive", lambda process: (asked.append(process), lives(process))[1])
    path = log(aim_dir, end=False, points=1001)
    ships.step()
    new = record.POINT_SIZE
    assert [size for size in read if size < 1000] == [new + frames.BEFORE], "once, for both"
    assert (opened, asked) == ([], []), "who wrote it just now lives"
    ships.step()
    assert len(asked) > 0, "whether it still does is asked when nothing is new"
    log(aim_dir, points=1001)
    ship(ships)
    assert not path.exists(), "its end was seen"


def test_of_a_request_that_broke_off_only_the_rest_is_sent_again(
    aim_dir: Path, server: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a server that was killed in the middle of each request, nothing arrived as long as requests took longer
    than the server lived."""
    monkeypatch.setattr(shipping, "_BODY", 40_000)
    monkeypatch.setattr(shipping, "_LEAST_BODY", 5_000)
    paths = [log(aim_dir, number, points=300) for number in range(1, 5)]
    sent: list[list[frames.FileFrame]] = []

    def keep_one_and_break(method: str, target: str, body: bytes) -> tuple[int, dict[str, str], bytes] | None:
        if target != "/v1/ship":
            return None
        sent.append(read_frames(body))
        if len(sent) > 3:
            return None
        server._keep(sent[-1][0])
        return 200, {"Content-Length": "100", "Connection": "close"}, b"{"

    server.fault = keep_one_and_break
    ships = shipper(aim_dir, server, keep=1 << 30)
    for _ in range(3):
        with pytest.raises(Unreachable):
            ships.step()
    assert [sum(len(frame.data) for frame in each) < 20_000 for each in sent] == [False, True, True], (
        "the next is smaller"
    )
    ship(ships)
    assert all(kept(server, path, aim_dir) == path.read_bytes() for path in paths)
    told = sum(len(each[0].data) for each in sent[:3])
    assert told + sum(len(frame.data) for each in sent[3:] for frame in each) == sum(
        map(len, map(Path.read_bytes, paths))
    )
    assert ships.sent == sum(map(len, map(Path.read_bytes, paths)))


def test_only_large_requests_that_were_quick_make_the_next_one_larger(
    aim_dir: Path, server: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a slow link, heartbeats and new points are quick too."""
    monkeypatch.setattr(shipping, "_BODY", 80_000)
    monkeypatch.setattr(shipping, "_BODY_SECONDS", (PATIENCE, 2 * PATIENCE))
    path = log(aim_dir, end=False)
    ships = shipper(aim_dir, server)
    ships._body = 20_000
    for points in (101, 102):
        ships.step()
        log(aim_dir, end=False, points=points)
    os.utime(path, (LONG_AGO, LONG_AGO))
    ships.step()
    assert server.requests.count("POST /v1/ship") == 3 and ships._body == 20_000
    log(aim_dir, 2, points=1000)
    ships.step()
    assert ships._body == 40_000


def test_what_ended_waits_for_the_disk_of_the_server_in_parts(
    aim_dir: Path, server: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is recorded meanwhile does not wait with it."""
    monkeypatch.setattr(shipping, "_CONFIRMED", 2)
    monkeypatch.setattr(shipping, "_CONFIRM_SECONDS", -1.0)
    ended = [log(aim_dir, number) for number in range(1, 6)]
    log(aim_dir, 9, end=False)
    ships = shipper(aim_dir, server)
    left = []
    for _ in range(3):
        ships.step()
        left.append(sum(path.exists() for path in ended))
    assert left == [3, 1, 0]


def test_a_tail_that_the_server_lost_is_sent_again(aim_dir: Path, server: Receiver) -> None:
    """After a crash, the server cut its files to the last good checksum."""
    path = log(aim_dir, end=False)
    ships = shipper(aim_dir, server)
    ships.step()
    there = server.folder / path.relative_to(aim_dir)
    there.write_bytes(there.read_bytes()[:-300])
    with open(path, "ab") as file:
        file.write(b"more")
    ships.step()
    ships.step()
    assert there.read_bytes() == path.read_bytes()


def test_a_spool_keeps_what_is_recorded_and_frees_what_is_safe(aim_dir: Path, server: Receiver) -> None:
    ended, alive = log(aim_dir, 1), log(aim_dir, 2, end=False)
    mate = log(aim_dir, 3)
    rank = mate.with_name(mate.name.replace("-0303", "-0404"))
    rank.write_bytes(alive.read_bytes())
    ships = shipper(aim_dir, server)
    ships.step()
    assert not ended.exists() and not ended.parent.exists()
    assert alive.exists(), "its process lives"
    assert mate.exists(), "another writer of its run may need it"
    assert not ships.is_done


def test_the_last_bytes_of_a_process_that_ends_meanwhile_arrive_too(aim_dir: Path, server: Receiver) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = {**status.this_process(), "pid": child.pid, "started": status.started(child.pid)}
    path = log(aim_dir, process=process)
    whole = path.read_bytes()
    path.write_bytes(whole[:1000])

    def end(method: str, target: str, body: bytes) -> None:
        """The file grows and its process ends between a look at it and the server's answer."""
        if child.poll() is None and target == "/v1/ship":
            path.write_bytes(whole)
            child.communicate(b"\n")

    server.fault = end
    ship(shipper(aim_dir, server))
    assert kept(server, path, aim_dir) == whole and not path.exists()


def test_nothing_leaves_the_spool_before_it_is_safe(aim_dir: Path, server: Receiver) -> None:
    path = log(aim_dir)
    server.fault = lambda method, target, body: (503, {}, b"{}") if "confirm" in target else None
    ships = shipper(aim_dir, server)
    with pytest.raises(Busy):
        ships.step()
    assert path.exists() and kept(server, path, aim_dir) == path.read_bytes()
    server.fault = None
    ship(ships)
    assert not path.exists()


def test_the_oldest_leave_first_where_some_may_stay(aim_dir: Path, server: Receiver) -> None:
    old, older, new = paths = [log(aim_dir, number) for number in (1, 2, 3)]
    for age, path in enumerate((new, old, older)):
        os.utime(path, (LONG_AGO - age, LONG_AGO - age))
    ship(shipper(aim_dir, server, keep=2 * old.stat().st_size))
    assert [path.exists() for path in paths] == [True, False, True]


OTHERS = {
    "a live writer of another machine": ({"process": {"host": "elsewhere", "pid": 1}}, 0.0, False),
    "one that is silent for long": ({"process": {"host": "elsewhere", "pid": 1}}, 1000.0, True),
    "a writer of this machine": ({}, 0.0, True),
}


@pytest.mark.parametrize("which", OTHERS)
def test_machines_that_share_a_spool_ship_their_own(aim_dir: Path, server: Receiver, which: str) -> None:
    start, ago, shipped = OTHERS[which]
    path = log(aim_dir, end=False, **start)
    touched = time.time() - ago
    os.utime(path, (touched, touched))
    shipper(aim_dir, server).step()
    assert bool(server.names()) == shipped


def test_a_conflicting_file_is_kept_and_reported(aim_dir: Path, server: Receiver) -> None:
    path = log(aim_dir)
    there = server.folder / path.relative_to(aim_dir)
    there.parent.mkdir(parents=True)
    there.write_bytes(path.read_bytes()[:50] + b"another" + path.read_bytes()[57:100])
    ships = shipper(aim_dir, server)
    for _ in range(3):
        ships.step()
    name = path.relative_to(aim_dir).as_posix()
    beside = next(each for each in server.names() if each.endswith(".conflict"))
    assert beside.startswith(f"{name}.")
    assert (server.folder / beside).read_bytes() == path.read_bytes()
    assert path.exists(), "it stays here too"
    (told,) = ships.status().kept
    assert told[0] == name and "another file has its name" in told[1]
    assert ships.is_done, "there is nothing left to do"


def test_a_deleted_run_leaves_the_spool_and_its_writer_gets_a_message(
    aim_dir: Path, server: Receiver, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aim.sdk.shipping.Shipping.ensure", lambda self: None)
    run = aim.Run(repo=server.address, system_interval=0)
    run.track(0.5, "loss")
    ships = shipper(aim_dir, server)
    ships.step()
    server.deleted.add(run.id)
    run.track(0.4, "loss")
    ships.step()
    assert ships.status().deleted == (run.id,)
    assert not list(aim_dir.glob("runs/*/*.log"))
    run.flush()
    run.track(0.3, "loss")
    run.close()
    assert "was deleted; recording stops, training continues" in capsys.readouterr().err
    assert not list(aim_dir.glob("runs/*/*.log")), "and it does not come back"


def test_a_repository_of_the_user_loses_nothing_that_was_deleted_on_the_server(aim_dir: Path, server: Receiver) -> None:
    path = log(aim_dir)
    server.deleted.add("01" * 16)
    ships = shipper(aim_dir, server, clears=False)
    ship(ships)
    assert path.exists() and ships.status().deleted == ("01" * 16,) and not server.names()
    assert not list((aim_dir / "edits").iterdir())


def test_a_full_server_gets_the_rest_later(aim_dir: Path, server: Receiver) -> None:
    path = log(aim_dir)
    server.full = True
    ships = shipper(aim_dir, server)
    with pytest.raises(Busy, match="has no room: no space left") as raised:
        ships.step()
    assert raised.value.seconds > 0 and path.exists()
    server.full = False
    ship(ships)
    assert kept(server, path, aim_dir)


def test_a_wrong_token_is_reported(aim_dir: Path, server: Receiver) -> None:
    path = log(aim_dir)
    with pytest.raises(Unauthorized, match="refuses the token: wrong token ask for another"):
        shipper(aim_dir, server, token="wrong").step()
    assert path.exists()


def test_seals_travel_in_parts(aim_dir: Path, server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipping, "_BODY", 300)
    path = log(aim_dir, points=2000)
    (sealed,) = seal.write({path: seal.encode(path.read_bytes())})
    path.unlink(missing_ok=True)
    content = sealed.read_bytes()
    assert len(content) > 600
    ship(shipper(aim_dir, server))
    assert kept(server, sealed, aim_dir) == content
    assert not sealed.exists()


def test_a_seal_in_a_store_that_is_away_is_sent_later(
    aim_dir: Path, server: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is on the disk is sent meanwhile."""
    path, other = log(aim_dir, points=2000), log(aim_dir, 2)
    (sealed,) = seal.write({path: seal.encode(path.read_bytes())})
    path.unlink(missing_ok=True)
    content = sealed.read_bytes()
    sealed.write_bytes(moving.pointer_to(sealed).packed())
    monkeypatch.setattr(stored, "_chosen", away)
    ships = shipper(aim_dir, server)
    ships.step()
    with pytest.raises(RemoteError, match=f"{sealed.name} cannot be read: the store is away"):
        ships.step()
    assert not other.exists(), "it is safe on the server"
    assert (ships.has_all, ships.status().kept, sealed.exists()) == (False, (), True)
    sealed.write_bytes(content)
    ship(ships)
    assert kept(server, sealed, aim_dir) == content


def away() -> object:
    raise StoreAway("the store is away")


def test_a_seal_whose_log_the_server_has_stays_where_it_is(aim_dir: Path, server: Receiver) -> None:
    path = log(aim_dir, points=2000)
    ship(shipper(aim_dir, server, clears=False))
    (sealed,) = seal.write({path: seal.encode(path.read_bytes())})
    path.unlink(missing_ok=True)
    ship(shipper(aim_dir, server))
    assert not sealed.exists()
    assert [name.rpartition(".")[2] for name in server.names()] == ["log"]


def test_signs_of_life_travel(aim_dir: Path, server: Receiver) -> None:
    path = log(aim_dir, end=False)
    ships = shipper(aim_dir, server)
    ships.step()
    server.requests.clear()
    ships.step()
    assert server.requests == []
    os.utime(path, (time.time() + 1, time.time() + 1))
    ships.step()
    assert server.requests == ["POST /v1/ship"]


def test_a_file_from_the_future_has_no_heartbeat_until_it_changes(aim_dir: Path, server: Receiver) -> None:
    """The clock of this machine was set back, or that of the disk is ahead: each new shipper would show life again."""
    path = log(aim_dir, end=False)
    ship_all = shipper(aim_dir, server)
    ship_all.step()
    later = time.time() + 3600
    os.utime(path, (later, later))
    server.requests.clear()
    again = shipper(aim_dir, server)
    again.step()
    again.step()
    assert server.requests == ["POST /v1/sizes"]
    os.utime(path, (later + 1, later + 1))
    again.step()
    again.step()
    assert server.requests == ["POST /v1/sizes", "POST /v1/ship"]


LIES = {
    "it says that it has more than there is": lambda name, size: {"status": 200, "size": size + 1000},
    "it keeps asking for the beginning": lambda name, size: {"status": 409, "size": 0},
    "it takes everything and has nothing": lambda name, size: {"status": 200, "size": 0},
}


@pytest.mark.parametrize("lie", LIES)
def test_wrong_answers_of_a_server_lose_nothing(aim_dir: Path, server: Receiver, lie: str) -> None:
    path = log(aim_dir)
    before = path.read_bytes()

    def fault(method: str, target: str, body: bytes) -> tuple[int, dict[str, str], bytes] | None:
        answer = {"frames": [LIES[lie](path.name, len(before))]}
        return (200, {}, json.dumps(answer).encode()) if target == "/v1/ship" else None

    server.fault = fault
    ships = shipper(aim_dir, server)
    told = ""
    for _ in range(5):
        try:
            ships.step()
        except RemoteError as error:
            told = str(error)
    assert told or ships.status().kept, "somebody is told"
    assert path.read_bytes() == before
    assert len(server.requests) < 20, "and it does not ask without end"
