"""Seals in an object store: moved, read, brought back, and what can go wrong. The store is a real one on loopback."""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

import aim as package
from aim import Repo, layout, store
from aim.cli import moving, sealing
from aim.errors import LogError, RunError, StoreError
from aim.log import output, reader, record, seal, stored
from aim.server import wire
from aim.server.media import content
from aim.server.problems import problem
from tests.cli.conftest import Aim
from tests.cli.moving.runs import STEPS, answers, seals
from tests.log.logs import NAME, Draft
from tests.server.receiving import Threaded
from tests.stores import MISSING, S3, SECRET, Proxy

pytestmark = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))


def test_what_was_moved_is_read_as_before(aim: Aim, repo: Path, bucket: str) -> None:
    before, logs = answers(repo), {path: reader.read(path) for path in seals(repo)}
    sizes = {path: path.stat().st_size for path in seals(repo)}
    out = aim("storage", "move").stdout
    assert out.startswith(f"Moved 2 seals to {bucket}: ")
    assert [path.stat().st_size for path in seals(repo)] == [stored.SIZE] * 2
    assert answers(repo) == before
    assert {path: reader.read(path) for path in seals(repo)} == logs
    assert {path: seal.length(path) for path in seals(repo)} == sizes
    assert "No damage" in aim("storage", "check").stdout
    shutil.rmtree(repo / ".aim" / "cache")
    assert answers(repo) == before, "the index can be made again from the store"
    assert aim("storage", "move").stdout == f"Moved 0 seals to {bucket}\n"


def test_a_move_makes_the_index_read_nothing_again(
    aim: Aim, repo: Path, s3: S3, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Repo(repo)
    assert len(opened.select_runs()) == 3
    aim("storage", "move")
    with Proxy(s3.port) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        store._opened.cache_clear()
        assert len(opened.select_runs()) == 3
        assert len(Repo(repo).select("loss if run.experiment == 'one'").runs) == 1
        assert proxy.requests == []


def test_a_value_is_read_by_range(aim: Aim, repo: Path, s3: S3, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path, log = seals(repo)[0], reader.read(seals(repo)[0])
    places = seal.Values(path).places(record.OBJECT)
    aim("storage", "move")
    with Proxy(s3.port) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        store._opened.cache_clear()
        value = reader.open_file(path).at(places[0])
        assert value is not None and value.payload in log
        ends = [range.removeprefix("bytes=").split("-") for _, _, range in proxy.requests]
        assert 0 < sum(int(end) - int(start) + 1 for start, end in ends) < seal.length(path) * 2 / 3
        assert len(ends) <= 3


def test_back_again(aim: Aim, repo: Path, bucket: str) -> None:
    content = {path: path.read_bytes() for path in seals(repo)}
    times = {path: path.stat().st_mtime_ns for path in seals(repo)}
    aim("storage", "move")
    assert aim("storage", "move", "--back").stdout.startswith(f"Moved 2 seals back from {bucket}: ")
    assert {path: path.read_bytes() for path in seals(repo)} == content
    assert {path: path.stat().st_mtime_ns for path in seals(repo)} == times
    assert aim("storage", "move").stdout.startswith("Moved 2 seals"), "the store has them already"


def test_another_object_of_the_name_is_not_replaced(aim: Aim, repo: Path, bucket: str) -> None:
    (first, second), opened = seals(repo), store.chosen()
    name = stored.parts(first, 1)[0].name
    assert opened.put(name, b"something else")
    result = aim("storage", "move", code=1)
    assert f"Not moved: 1 seal, {bucket} has it without an owner" in result.stderr
    assert opened.put(f"{name}.owner", stored.marked(first, moving.pointer_to(first)).mark)
    result = aim("storage", "move", code=1)
    assert f"Not moved: 1 seal, {bucket} has something else under the name {name}" in result.stderr
    assert opened.read(name, 0, 14) == b"something else"
    assert first.stat().st_size > stored.SIZE == second.stat().st_size


def test_a_damaged_seal_is_not_moved(aim: Aim, repo: Path, bucket: str) -> None:
    path = seals(repo)[0]
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert "its checksum is wrong" in aim("storage", "move", code=1).stderr
    assert path.read_bytes() == data


def test_a_seal_beside_its_log_waits(aim: Aim, repo: Path, bucket: str) -> None:
    path = seals(repo)[0]
    path.with_suffix(".log").write_bytes(reader.read(path))
    assert aim("storage", "move").stdout.startswith("Moved 1 seal to")


def test_a_linked_folder_of_runs_is_not_touched(aim: Aim, repo: Path, bucket: str) -> None:
    (repo / ".aim" / "runs").rename(repo / "elsewhere")
    (repo / ".aim" / "runs").symlink_to(repo / "elsewhere")
    assert "is a link" in aim("storage", "move", code=1).stderr


def test_which_store_must_be_said(aim: Aim, repo: Path, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    aim("storage", "move")
    monkeypatch.delenv("AIM_STORE")
    assert "Which object store? Pass --store s3://BUCKET/PREFIX" in aim("storage", "move", code=2).stderr
    told = aim("storage", "check", code=1).stderr
    assert told.startswith("Not checked: 2 seals in an object store. ") and "set AIM_STORE=s3://BUCKET/PREFIX" in told
    assert aim("runs", "ls").stdout.count("\n") >= 3


def test_a_seal_that_is_longer_than_an_object_has_several(
    aim: Aim, repo: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "PART", 100_000)
    before = answers(repo)
    aim("storage", "move")
    assert len(stored.parts(seals(repo)[0], seal.length(seals(repo)[0]))) > 3
    assert answers(repo) == before
    assert "No damage" in aim("storage", "check").stdout
    aim("storage", "move", "--back")
    assert answers(repo) == before


# What goes wrong


MOVE = "import aim.log.stored as stored; stored.PART = 100_000; from aim.cli.main import main; main()"


def mover(root: Path, **variables: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", MOVE, "storage", "move", "--repo", str(root)]
    return subprocess.Popen(
        command, env={**os.environ, **variables}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=root
    )


@pytest.mark.parametrize("puts", [0, 1, 3, 5])
def test_killed_in_mid_put_the_seal_remains_and_the_next_start_goes_on(
    repo: Path, s3: S3, bucket: str, monkeypatch: pytest.MonkeyPatch, puts: int
) -> None:
    """The request hangs after so many that ended."""
    monkeypatch.setattr(stored, "PART", 100_000)
    content, before = {path: path.read_bytes() for path in seals(repo)}, answers(repo)
    hanging, seen, release = threading.Event(), [], threading.Event()

    def fault(method: str, path: str) -> tuple[int, Mapping[str, str], bytes] | None:
        if method == "PUT":
            seen.append(path)
            if len(seen) > puts:
                hanging.set()
                release.wait(60)
                return 500, {}, b""
        return None

    with Proxy(s3.port, fault) as proxy:
        process = mover(repo, AWS_ENDPOINT_URL=proxy.url)
        assert hanging.wait(60)
        process.kill()
        process.communicate(timeout=60)
        release.set()
    moved = [path for path in seals(repo) if path.stat().st_size == stored.SIZE]
    assert all(path.read_bytes() == data for path, data in content.items() if path not in moved)
    assert len(moved) < 2
    process = mover(repo)
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert f"Moved {2 - len(moved)} seal" in out.decode()
    assert answers(repo) == before
    assert not list((repo / ".aim" / "runs").rglob(".*"))


PEAK = f"""
try:
    {MOVE}
finally:
    print([line for line in open("/proc/self/status") if line.startswith("VmHWM")][0].split()[1])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_a_move_takes_memory_for_parts_and_not_for_the_seal(here: Path, bucket: str) -> None:
    noise = random.Random(7)
    with package.Run("large", repo=here) as run:
        for _ in range(16):
            run.track(package.Audio(wave(noise.randbytes(2_000_000)), format="wav"), "sound")
    sealing.seal_finished(here / ".aim", progress=lambda done, total: None)
    (path,) = seals(here)
    assert path.stat().st_size > 30_000_000
    idle, moving_it, back = (peak(here, *words) for words in (["--older-than", "9999"], [], ["--back"]))
    assert max(moving_it, back) - idle < 15_000, "in kilobytes"
    assert path.stat().st_size > 30_000_000


def wave(samples: bytes) -> bytes:
    head = struct.pack(
        "<4sI8sIHHIIHH4sI", b"RIFF", 36 + len(samples), b"WAVEfmt ", 16, 1, 1, 8000, 8000, 1, 8, b"data", len(samples)
    )
    return head + samples


def peak(root: Path, *words: str) -> int:
    """The most memory that a move took, in kilobytes."""
    command = [sys.executable, "-c", PEAK, "storage", "move", "--repo", str(root), *words]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=root, timeout=120)
    assert ended.returncode == 0, ended.stderr
    return int(ended.stdout.split()[-1])


def test_two_that_move_at_once(repo: Path, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "PART", 100_000)
    before = answers(repo)
    processes = [mover(repo) for _ in range(2)]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    assert [path.stat().st_size for path in seals(repo)] == [stored.SIZE] * 2
    assert answers(repo) == before


def test_a_seal_that_another_process_moves_meanwhile_is_moved(
    aim: Aim, repo: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "PART", 100_000)
    before, real, waits = answers(repo), moving.pointer_to, [True]

    def slow(path: Path) -> stored.SealPointer:
        pointer = real(path)
        while waits:
            waits.pop()
            assert mover(repo).communicate(timeout=120)[1] == b""
        return pointer

    monkeypatch.setattr(moving, "pointer_to", slow)
    assert aim("storage", "move").stderr == ""
    assert [path.stat().st_size for path in seals(repo)] == [stored.SIZE] * 2
    assert answers(repo) == before


def test_a_store_that_keeps_other_bytes_gets_nothing(
    aim: Aim, repo: Path, s3: S3, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = {path: path.read_bytes() for path in seals(repo)}

    def fault(method: str, path: str) -> tuple[int, Mapping[str, str], bytes] | None:
        return (200, {"etag": '"0"'}, b"") if method == "PUT" else None

    with Proxy(s3.port, fault) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        store._opened.cache_clear()
        assert "Not moved: 2 seals" in aim("storage", "move", code=1).stderr.replace(
            "Not moved: 1 seal", "Not moved: 2 seals"
        )
    assert {path: path.read_bytes() for path in seals(repo)} == content


def test_a_store_that_is_away_takes_nothing_else_away(aim: Aim, away: Path, bucket: str) -> None:
    opened = Repo(away)
    runs = {run.hash: run for run in opened.select_runs()}
    assert set(runs) == {"one", "two", "log"}
    assert all(len(run.metrics["loss"].traces[0].values) == STEPS for run in runs.values())
    values = {series.run.hash: series for series in opened.objects()}
    assert len(next(iter(values["log"])).data) > 0
    with pytest.raises(StoreError, match=f"{bucket} does not answer as an object store"):
        str(next(iter(values["one"])).data)
    out = aim("storage", "check", code=1).output
    assert "No damage in 1 file " in out and f"Not checked: 2 seals in an object store. {bucket}" in out
    assert SECRET not in out
    assert "does not answer as an object store" in aim("storage", "move", "--back", code=1).stderr


@pytest.mark.parametrize("hours", [0, 3])
def test_an_index_that_is_made_while_the_store_is_away_gets_the_rest_later(
    aim: Aim, away: Path, s3: S3, bucket: str, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    for path in seals(away):
        times = path.stat()
        os.utime(path, (times.st_atime, times.st_mtime - 3600 * hours))
    shutil.rmtree(away / ".aim" / "cache")
    opened = Repo(away)
    for repo in (opened, opened, Repo(away)):
        runs = repo.select_runs()
        assert sorted((run.status, run.damaged) for run in runs) == [("finished", 0), ("lost", 1), ("lost", 1)]
    unread = next(run for run in runs if run.damaged)
    assert f"{bucket} does not answer as an object store" in aim("runs", "show", unread.hash).output
    assert aim("runs", "close", "*").output.count("not closed: the end of run") == 2
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3.url)
    store._opened.cache_clear()
    for repo in (opened, Repo(away)):
        assert {
            run.hash: (run.status, run.damaged, len(run.metrics["loss"].traces[0].values)) for run in repo.select_runs()
        } == {name: ("finished", 0, STEPS) for name in ("one", "two", "log")}


def printed(root: Path) -> None:
    """A sealed run that printed something."""
    aim_dir = root / ".aim"
    draft = Draft().start(hash="printed").add(record.OUTPUT, output.encode(output.STDOUT, 1.0, b"hello\n")).end()
    folder = layout.run_dir(aim_dir, "printed")
    folder.mkdir()
    (folder / NAME).write_bytes(draft.data)
    sealing.seal_finished(aim_dir, progress=lambda done, total: None)


def test_output_is_read_from_the_store(aim: Aim, repo: Path, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    printed(repo)
    aim("storage", "move")
    assert aim("runs", "logs", "printed").stdout == "hello\n"
    with Proxy(0) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    store._opened.cache_clear()
    seal._table.cache_clear()
    seal._chunk.cache_clear()
    told = aim("runs", "logs", "printed", code=1).stderr
    assert f"{bucket} does not answer as an object store" in told


def test_a_page_says_that_the_store_is_away(away: Path) -> None:
    run = Repo(away).run("one")
    (series,) = (series for series in Repo(away).objects() if series.run.id == run.id)
    with pytest.raises(StoreError) as refused:
        content(Repo(away), wire.BlobQuery(run=run.id, blob=series[0].id))
    status, told = problem(refused.value)
    assert status == 503 and "does not answer as an object store" in told.message
    assert told.hint == "Try again when the object store answers."


def test_a_run_goes_on_from_what_is_in_the_store(aim: Aim, repo: Path, bucket: str) -> None:
    aim("storage", "move")
    with package.Run("one", repo=repo, resume=True) as run:
        run.track(5.0, "loss")
    (trace,) = Repo(repo).run("one").metrics["loss"].traces
    assert trace.steps.tolist() == list(range(STEPS + 1))


@pytest.mark.parametrize("resume", [False, True])
def test_no_run_is_continued_or_made_again_without_what_is_in_the_store(away: Path, resume: bool) -> None:
    before = sorted(path for path in away.rglob("*") if "cache" not in path.parts)
    with pytest.raises(RunError, match="cannot be continued without its earlier records: s3://.* does not"):
        package.Run("one", repo=away, resume=resume)
    assert sorted(path for path in away.rglob("*") if "cache" not in path.parts) == before


def test_a_server_does_not_answer_for_a_run_that_it_cannot_read(away: Path) -> None:
    with Threaded(away) as served:
        client = served.client()
        refused = client.json("GET", "/v1/run?name=one", status=503)
        assert "does not answer as an object store" in refused["error"]["message"]
        assert len(client.json("GET", "/v1/run?name=log")["runs"]) == 1


def test_no_file_and_no_text_has_the_credentials(aim: Aim, repo: Path, bucket: str) -> None:
    texts = [aim("storage", "move").output, aim("storage", "check").output, aim("runs", "ls").output]
    files = [path.read_bytes() for path in repo.rglob("*") if path.is_file()]
    assert not any(SECRET in text or "AKIAEXAMPLE" in text for text in texts)
    assert not any(SECRET.encode() in data or b"AKIAEXAMPLE" in data for data in files)


def test_a_check_tells_once_that_the_store_is_away(
    aim: Aim, away: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check() -> str:
        told = aim("storage", "check", code=1)
        assert told.stdout.startswith("No damage in "), "what is away is not damaged"
        assert told.stderr.count("\n") == 1
        assert told.stderr.startswith("Not checked: 2 seals in an object store. ")
        return told.stderr

    assert f"{bucket} does not answer as an object store" in check()
    monkeypatch.delenv("AIM_STORE")
    assert "none is chosen: set AIM_STORE=" in check()


def test_a_missing_bucket_is_told_once(aim: Aim, repo: Path, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = (
        "cannot be used, because 127.0.0.1 has no bucket nobody-made-it: make it there, or set AIM_STORE to another "
        "store\n"
    )
    missing = "s3://nobody-made-it/team"
    assert aim("storage", "move", "--store", missing, code=1).stderr == f"Error: {missing} {words}"
    with pytest.raises(StoreError, match="has no bucket"):
        store.opened(missing + "/other").size("runs/x")
    aim("storage", "move")
    store._opened.cache_clear()
    monkeypatch.setenv("AIM_STORE", missing)
    told = aim("storage", "check", code=1)
    assert told.stdout.startswith("No damage in ") and told.stderr.endswith(f"{missing} {words}")


def test_a_backup_of_the_folder_and_the_bucket_is_restored_elsewhere(
    aim: Aim, repo: Path, s3: S3, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = answers(repo)
    aim("storage", "move")
    shutil.copytree(repo, tmp_path / "backup", ignore=shutil.ignore_patterns("cache"))
    kept = objects()
    assert sum(name.endswith(".seal") for name in kept) == 2
    shutil.rmtree(repo)
    for name in kept:
        store.chosen().remove(name)
    monkeypatch.setenv("AIM_STORE", s3.bucket())
    for name, data in kept.items():
        store.chosen().put(name, data)
    shutil.copytree(tmp_path / "backup", tmp_path / "restored")
    told = aim("storage", "check", "--repo", tmp_path / "restored")
    assert told.stdout.startswith("No damage in 3 files") and told.stderr == ""
    assert answers(tmp_path / "restored") == before


def objects() -> dict[str, bytes]:
    """What is in the store, as any tool that copies a bucket finds it."""
    obstore = pytest.importorskip("obstore")
    inside = store.chosen()._bucket
    names = [str(meta["path"]) for some in obstore.list(inside) for meta in some]
    return {name: bytes(obstore.get(inside, name).bytes()) for name in names}


# Hostile objects and files


@pytest.mark.parametrize("wrong", ["longer", "shorter", "other bytes", "a page", "gone"])
def test_an_object_that_was_changed_is_noticed(aim: Aim, repo: Path, bucket: str, wrong: str) -> None:
    path, opened = seals(repo)[0], store.chosen()
    data = path.read_bytes()
    aim("storage", "move")
    name = stored.parts(path, 1)[0].name
    opened.remove(name)
    middle = len(data) // 2
    content = {
        "longer": data + b"\0" * 1000,
        "shorter": data[:-1],
        "other bytes": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        "a page": b"<!doctype html><title>Not found</title>" * 20,
    }
    if wrong in content:
        opened.put(name, content[wrong])
    result = aim("storage", "check", code=0 if wrong == "longer" else 1)
    if wrong != "longer":
        assert str(path) in result.stdout and "cannot be read" in result.stdout
        assert aim("storage", "move", "--back", code=1).stderr.startswith("Not moved: 1 seal")
        assert stored.at(path) is not None
    assert aim("runs", "ls").stdout.count("\n") >= 3


@pytest.mark.parametrize("size", [0, 1 << 63, (1 << 30) + 1])
def test_a_file_that_claims_any_size_takes_no_memory(repo: Path, bucket: str, size: int) -> None:
    path = seals(repo)[0]
    path.write_bytes(moving.pointer_to(path)._replace(size=size).packed())
    with pytest.raises(LogError, match="a seal cannot have"):
        seal.read(path)
    assert len({"one", "two", "log"} & {run.hash for run in Repo(repo).select_runs()}) == 2


def test_a_file_of_a_repository_names_no_other_object(repo: Path, bucket: str) -> None:
    folder = repo / ".aim" / "runs" / ("%2e%2e" + "x" * 26)
    folder.mkdir()
    path = folder / seals(repo)[0].name
    path.write_bytes(moving.pointer_to(seals(repo)[0]).packed())
    with pytest.raises(LogError, match="not the seal of a run, by its name"):
        seal.read(path)
