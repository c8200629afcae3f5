"""A cache is compared with the logs before a word of it is believed, and no cache at all is no obstacle."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from aim import engine, layout
from aim.index import cache_folder, partition, segment
from aim.index.local import Local
from aim.index.schema import TABLES, VERSION
from aim.index.series import gather
from aim.index.sources.table import NUMBERS
from aim.log import reader, record, status
from aim.log.edits import Editor
from tests.index.checks import check, index, partition_of, same_numbers
from tests.index.logs import LogFile, finished, wild
from tests.index.reading import age, opened


def test_a_finished_run_is_not_opened_again(tmp_path: Path) -> None:
    for number in range(20):
        finished(tmp_path, number)
    age()
    check(tmp_path, index(tmp_path).refresh())
    with opened() as files:
        again = index(tmp_path)
        assert len(again.refresh()) == 20
        again.refresh()
    assert files == []


def test_a_young_folder_is_looked_into_until_it_is_old(tmp_path: Path) -> None:
    finished(tmp_path, 1)
    index(tmp_path).refresh()
    with opened() as files:
        index(tmp_path).refresh()
    assert files
    age()
    index(tmp_path).refresh()
    with opened() as files:
        index(tmp_path).refresh()
    assert files == []


def test_a_copy_that_sets_the_time_of_a_folder_back_hides_no_file(tmp_path: Path) -> None:
    """`rsync -a` and `cp -a` give a folder the time that it has where the newest file is not yet."""
    kept, gone = finished(tmp_path, 1), finished(tmp_path, 2)
    Editor(tmp_path / ".aim").edit(kept.run.hex(), "name", "kept")
    age()
    assert len(index(tmp_path).refresh()) == 2
    folders = [tmp_path / ".aim" / "edits", kept.save().parent]
    before = [folder.stat().st_mtime_ns for folder in folders]
    Editor(tmp_path / ".aim").edit(gone.run.hex(), "deleted", True)
    LogFile(tmp_path, "run 1", run=kept.run, writer=b"anotherw").start(1.8e9).end(1.8e9 + 1).save()
    for folder, time_ns in zip(folders, before, strict=True):
        os.utime(folder, ns=(time_ns, time_ns))
    catalog = index(tmp_path).refresh()
    assert (catalog.ids, catalog.writers.tolist()) == ([kept.run.hex()], [2])


def test_another_repository_s_cache(tmp_path: Path) -> None:
    original, other = tmp_path / "one", tmp_path / "other"
    for file in wild(original, 1):
        file.save()
    for file in wild(other, 2):
        file.save()
    wanted = check(other, index(other).refresh())
    check(original, index(original).refresh())
    shutil.rmtree(other / ".aim" / "cache")
    shutil.copytree(original / ".aim" / "cache", other / ".aim" / "cache")
    assert same_numbers(check(other, index(other).refresh()), wanted)


@pytest.mark.parametrize("number", [NUMBERS // 2, NUMBERS // 2 + 1, NUMBERS - 1, NUMBERS, NUMBERS + 1])
def test_a_cache_with_numbers_of_another_source(tmp_path: Path, number: int) -> None:
    finished(tmp_path, 1)
    index(tmp_path).refresh()
    manifest = tmp_path / ".aim" / "cache" / "manifest"
    body = json.loads(manifest.read_bytes().partition(b"\n")[2])
    body["segments"][0]["number"] = number
    manifest.write_bytes(cache_folder.CacheFolder(tmp_path / ".aim")._signed(json.dumps(body).encode()))
    assert [segment.number for segment in cache_folder.CacheFolder(tmp_path / ".aim").load()] == [number]
    again = index(tmp_path)
    check(tmp_path, again.refresh())
    assert [segment.number for segment in partition_of(again).on_disk()] == [1]


def test_the_cache_of_a_stranger_answers_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It came with the repository: other values, and a table of 2,000,000 rows in a few kilobytes."""
    for number in range(70):
        finished(tmp_path, number)
    cache = tmp_path / ".aim" / "cache"
    with monkeypatch.context() as stranger:
        stranger.setenv("XDG_STATE_HOME", str(tmp_path / "stranger"))
        wanted = check(tmp_path, index(tmp_path).refresh())
        theirs = cache_folder.CacheFolder(tmp_path / ".aim")
        kept = theirs.load()
        tables = {name: engine.read(segment.stored(kept, name), list(TABLES[name])) for name in TABLES}
        tables["points"]["value"] += 1000
        tables["params"] = {name: np.repeat(column[:1], 2_000_000) for name, column in tables["params"].items()}
        written = theirs.write(1, tables)
        assert written is not None and theirs.commit([1])
        assert written.files["params"].stat().st_size < 20_000
    hostile = {str(path) for path in cache.glob("*.parquet")}
    asked: set[str] = set()
    quoted = engine._quoted
    monkeypatch.setattr(engine, "_quoted", lambda path: asked.add(str(path)) or quoted(path))
    for _ in range(2):
        assert same_numbers(check(tmp_path, index(tmp_path).refresh()), wanted)
    assert asked and not asked & hostile


@pytest.mark.parametrize("name", [name for name in TABLES if name != "objects"])
@pytest.mark.parametrize("stated", ["2000000", "-1", '"x"'])
def test_a_table_of_other_rows_than_the_manifest_states_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, stated: str
) -> None:
    finished(tmp_path, 1)
    wanted = check(tmp_path, index(tmp_path).refresh())
    folder = cache_folder.CacheFolder(tmp_path / ".aim")
    body = (tmp_path / ".aim" / "cache" / "manifest").read_bytes().partition(b"\n")[2]
    odd = re.sub(rb'(%s-[^}]*"rows": )\d+' % name.encode(), rb"\g<1>" + stated.encode(), body)
    assert odd != body
    (tmp_path / ".aim" / "cache" / "manifest").write_bytes(folder._signed(odd))
    asked: list[str] = []
    fetch = engine._fetch
    monkeypatch.setattr(engine, "_fetch", lambda query, *given: asked.append(query) or fetch(query, *given))
    assert cache_folder.CacheFolder(tmp_path / ".aim").load() == []
    assert all("num_rows" in query for query in asked)
    assert same_numbers(check(tmp_path, index(tmp_path).refresh()), wanted)


def test_a_heartbeat_counts_where_nothing_else_changed(tmp_path: Path) -> None:
    path = LogFile(tmp_path, "far").start(1.7e9).save()
    os.utime(path, (1.7e9, 1.7e9))
    age()
    watching = index(tmp_path)
    assert watching.refresh().status(0).word == "lost"
    os.utime(path)
    assert watching.refresh().status(0).word == "running"
    os.utime(path, (1.7e9, 1.7e9))
    assert watching.refresh().status(0).word == "lost"


def test_an_older_cache_of_the_same_repository(tmp_path: Path) -> None:
    files = [finished(tmp_path, number, end=False) for number in range(6)]
    check(tmp_path, index(tmp_path).refresh())
    watching = index(tmp_path)
    watching.refresh()
    shutil.copytree(tmp_path / ".aim" / "cache", tmp_path / "kept")
    for file in files:
        file.point(0, 9, 9.0).end(1.8e9).save()
    wanted = check(tmp_path, index(tmp_path).refresh())
    shutil.rmtree(tmp_path / ".aim" / "cache")
    shutil.copytree(tmp_path / "kept", tmp_path / ".aim" / "cache")
    assert same_numbers(check(tmp_path, index(tmp_path).refresh()), wanted)
    assert same_numbers(check(tmp_path, watching.refresh()), wanted)


def test_a_newer_cache_than_the_logs(tmp_path: Path) -> None:
    files = [finished(tmp_path, number) for number in range(3)]
    age()
    check(tmp_path, index(tmp_path).refresh())
    for file in files:
        os.unlink(file.path)
        file.save(len(file.data) - 100)
    check(tmp_path, index(tmp_path).refresh())


@pytest.mark.parametrize("name", ["runs", "params", "series", "points"])
@pytest.mark.parametrize("harm", ["flip", "truncate", "empty", "remove", "swap"])
def test_a_damaged_segment(tmp_path: Path, name: str, harm: str) -> None:
    for number in range(4):
        finished(tmp_path, number)
    wanted = check(tmp_path, index(tmp_path).refresh())
    watching = index(tmp_path)
    watching.refresh()
    for path in (tmp_path / ".aim" / "cache").glob(f"{name}-*.parquet"):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0x40
        if harm == "remove":
            path.unlink()
        elif harm == "swap":
            shutil.copy(next((tmp_path / ".aim" / "cache").glob("lock*")), path)
        else:
            path.write_bytes({"flip": bytes(data), "truncate": bytes(data[: len(data) // 2]), "empty": b""}[harm])
    assert same_numbers(check(tmp_path, index(tmp_path).refresh()), wanted)
    assert same_numbers(check(tmp_path, watching.reload()), wanted)


BAD_MANIFESTS = [
    b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"{}", b"[" * 100_000,
    b'{"version": 99, "segments": []}', b'{"version": %d, "segments": "x"}' % VERSION,
]  # fmt: skip


@pytest.mark.parametrize("text", BAD_MANIFESTS, ids=range(len(BAD_MANIFESTS)))
def test_a_damaged_manifest(tmp_path: Path, text: bytes) -> None:
    finished(tmp_path, 1)
    wanted = check(tmp_path, index(tmp_path).refresh())
    for written in (text, cache_folder.CacheFolder(tmp_path / ".aim")._signed(text)):
        (tmp_path / ".aim" / "cache" / "manifest").write_bytes(written)
        assert same_numbers(check(tmp_path, index(tmp_path).refresh()), wanted)


@pytest.mark.parametrize("entry", [{}, {"number": 1}, {"number": "x", "points": 1, "files": {}}, 7, None])
def test_a_manifest_of_nonsense_with_a_right_code(tmp_path: Path, entry: object) -> None:
    finished(tmp_path, 1)
    index(tmp_path).refresh()
    text = json.dumps({"version": VERSION, "segments": [entry]}).encode()
    (tmp_path / ".aim" / "cache" / "manifest").write_bytes(cache_folder.CacheFolder(tmp_path / ".aim")._signed(text))
    check(tmp_path, index(tmp_path).refresh())


def test_a_log_that_was_replaced(tmp_path: Path) -> None:
    file = finished(tmp_path, 1, end=False)
    watching = index(tmp_path)
    check(tmp_path, watching.refresh())
    other = LogFile(tmp_path, "run 1", run=file.run, writer=file.writer).start(1.7e9).series(0, "else")
    for step in range(50):
        other.point(0, step, 1.0)
    other.save()
    check(tmp_path, watching.refresh())
    check(tmp_path, index(tmp_path).refresh())


def test_a_damaged_log_that_was_repaired(tmp_path: Path) -> None:
    file = finished(tmp_path, 1, points=20)
    good = bytes(file.data)
    file.data[len(good) // 2] ^= 1
    file.save()
    age()
    catalog = index(tmp_path).refresh()
    check(tmp_path, catalog)
    assert catalog.column("damaged").tolist() == [1]
    file.path.unlink()
    file.path.write_bytes(good)
    catalog = index(tmp_path).refresh()
    check(tmp_path, catalog)
    assert catalog.column("damaged").tolist() == [0]


def test_a_file_under_another_name_counts_once(tmp_path: Path) -> None:
    file = finished(tmp_path, 1)
    shutil.copy(file.path, file.path.with_name(layout.log_name(file.run.hex(), "f" * 16)))
    rows = gather(index(tmp_path).refresh())
    assert rows.columns["count"].tolist() == [3]


def nonsense(folder: Path) -> None:
    name = layout.log_name("a" * 32, "b" * 16)
    (folder / name).write_bytes(b"")
    (folder / layout.log_name("a" * 32, "c" * 16)).write_bytes(b"AIMLOG\x01\n")
    (folder / layout.log_name("c" * 32, "b" * 16)).write_bytes(os.urandom(5000))
    (folder / layout.log_name("d" * 32, "b" * 16)).mkdir()
    (folder / name).with_suffix(".seal").write_bytes(os.urandom(5000))
    (folder / "notes.txt").write_text("mine")
    (folder / "deeper").mkdir()
    header = record.pack_header(b"\x0e" * 16, b"\x0f" * 8)
    (folder / layout.log_name("0e" * 16, "0f" * 8)).write_bytes(header)


def test_garbage_next_to_a_run(tmp_path: Path) -> None:
    file = finished(tmp_path, 1)
    nonsense(file.path.parent)
    other = tmp_path / ".aim" / "runs" / ("e" * 32)
    other.mkdir()
    nonsense(other)
    (tmp_path / ".aim" / "runs" / ("f" * 32)).mkdir()
    (tmp_path / ".aim" / "runs" / ("9" * 32)).write_text("a file where a folder should be")
    (tmp_path / ".aim" / "edits").mkdir()
    nonsense(tmp_path / ".aim" / "edits")
    for _ in range(2):
        catalog = index(tmp_path).refresh()
        assert [i for i, hash in enumerate(catalog.column("hash")) if hash == "run 1"]
        assert gather(catalog).columns["count"].tolist() == [3]
        [catalog.status(i) for i in range(len(catalog))]


@pytest.mark.parametrize("spoiled", [True, False])
def test_a_run_whose_start_is_lost(tmp_path: Path, spoiled: bool) -> None:
    file = LogFile(tmp_path, "x").start(1.7e9).series(0, "loss").point(0, 1, 2.0, 1.7e9).end(1.7e9 + 5)
    if spoiled:
        file.data[60] ^= 1
    file.save()
    catalog = index(tmp_path).refresh()
    check(tmp_path, catalog)
    assert catalog.column("hash").tolist() == [file.run.hex() if spoiled else "x"]
    assert catalog.status(0).word == "finished"
    assert catalog.created_at.tolist() == [1.7e9 + 5 if spoiled else 1.7e9]


def test_invalid_records(tmp_path: Path) -> None:
    file = LogFile(tmp_path, "x").start(1.7e9)
    for kind in (*record.KNOWN_TYPES, 9, 255):
        for payload in (
            b"",
            b"null",
            b"[1] ",
            b"{}  ",
            b"\xff\xff\xff\xff",
            b'{"a"',
            b'{"stamp":[],"value":1,"run":{},"field":[]}  ',
        ):
            if len(payload) % 4 == 0:
                file.put(kind, payload)
    file.json(record.EDIT, stamp=1, run=None, field="name", value=["a", {"b": None}])
    file.json(
        record.START, time="soon", hash=5, experiment=[], role={}, attempt=7, facts=[], earlier=3, resume_from="k"
    )
    file.series(0, "loss").point(0, 1, 2.0).point(7, 1, 2.0).end(1.7e9).save()
    catalog = index(tmp_path).refresh()
    assert gather(catalog).columns["count"].tolist() == [1]
    assert catalog.column("hash").tolist() == ["x"]
    [catalog.status(i) for i in range(len(catalog))]


ODD_STARTS = [
    {"time": "soon", "process": [], "attempt": {}, "role": {}, "facts": 5, "earlier": 7, "resume_from": 3, "hash": 1},
    {
        "time": float("nan"),
        "process": {"pid": "x", "boot": {}},
        "attempt": None,
        "sessions": [5, [1], ["a", 2]],
        "experiment": ["a"],
    },
    {"time": 1e400, "resume_from": "x", "earlier": {"ff": "many"}, "hash": None, "facts": {"git": None}},
]


@pytest.mark.parametrize("start", ODD_STARTS)
def test_a_start_with_odd_parts(tmp_path: Path, start: dict[str, object]) -> None:
    file = LogFile(tmp_path, "x").json(record.START, **start).series(0, "loss")
    file.point(0, 1, 1.0, float("nan")).point(0, 2, 1.0, 1e300).json(
        record.END, time="late", status=7, error=[1]
    ).save()
    for _ in range(2):
        catalog = index(tmp_path).refresh()
        assert gather(catalog).columns["count"].tolist() == [2]
        assert catalog.status(0).word
        assert all(np.isfinite(catalog.created_at))


def test_a_cache_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = cache_folder._writable
    monkeypatch.setattr(
        cache_folder, "_writable", lambda folder, aim_dir: folder.parent.name != ".aim" and plain(folder, None)
    )
    monkeypatch.setenv("AIM_CACHE_DIR", str(tmp_path / "mine"))
    for number in range(3):
        finished(tmp_path, number)
    check(tmp_path, index(tmp_path).refresh())
    (private,) = (tmp_path / "mine").iterdir()
    assert (private / "manifest").is_file()
    assert not (tmp_path / ".aim" / "cache").exists()
    age()
    index(tmp_path).refresh()
    with opened() as files:
        index(tmp_path).refresh()
    assert files == []


def test_a_cache_of_its_owner_is_used_where_it_may_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished(tmp_path, 1)
    age()
    index(tmp_path).refresh()
    monkeypatch.setattr(cache_folder, "_writable", lambda folder, aim_dir: False)
    finished(tmp_path, 2)
    with opened() as files:
        check(tmp_path, index(tmp_path).refresh())
    assert not [name for name in files if f"{2:032x}" in name and "/runs/" in name][2:]


def test_folding_while_another_process_holds_the_lock(tmp_path: Path) -> None:
    finished(tmp_path, 1)
    with cache_folder.CacheFolder(tmp_path / ".aim").lock() as held:
        assert held
        check(tmp_path, index(tmp_path).refresh())
        assert not (tmp_path / ".aim" / "cache" / "manifest").exists()
    check(tmp_path, index(tmp_path).refresh())
    assert (tmp_path / ".aim" / "cache" / "manifest").exists()


def test_private_caches_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIM_CACHE_DIR", str(tmp_path))
    for i, key in enumerate(("a" * 32, "b" * 32)):
        (tmp_path / key).mkdir()
        (tmp_path / key / f"points-{'1' * 32}.parquet").write_bytes(bytes(1000))
        os.utime(tmp_path / key, (1e9 + i, 1e9 + i))
    monkeypatch.setattr(cache_folder, "USER_CACHE_LIMIT", 1500)
    cache_folder._limit_private(tmp_path / ("c" * 32))
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["b" * 32, "c" * 32]


def test_a_file_that_cannot_be_read_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = finished(tmp_path, 1, end=False)
    watching = index(tmp_path)
    check(tmp_path, watching.refresh())
    file.point(0, 9, 9.0).save()
    plain = os.read

    def stale(file: int, size: int) -> bytes:
        """The checksum of the last record is four bytes."""
        if size > 4:
            raise OSError(116, "Stale file handle")
        return plain(file, size)

    def gone(*given: object) -> object:
        raise OSError(116, "Stale file handle")

    with monkeypatch.context() as patch:
        patch.setattr(os, "read", stale)
        patch.setattr(reader, "windows", gone)
        assert gather(watching.refresh()).columns["count"].tolist() == [3]
    check(tmp_path, watching.refresh())


def test_a_folder_that_cannot_be_listed_hides_no_other_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = finished(tmp_path, 1), finished(tmp_path, 2)
    listdir = os.listdir

    def partly(path: Path) -> list[str]:
        if Path(path) == first.path.parent:
            raise PermissionError(13, "Permission denied")
        return listdir(path)

    monkeypatch.setattr(os, "listdir", partly)
    assert gather(index(tmp_path).refresh()).columns["count"].tolist() == [3]


def test_a_folder_name_that_the_engine_would_read_as_a_pattern(tmp_path: Path) -> None:
    repo = tmp_path / "exp[1]*"
    finished(repo, 1)
    for _ in range(2):
        check(repo, index(repo).refresh())
    assert not (repo / ".aim" / "cache" / "manifest").exists()


def test_a_torn_record_is_damage_once_its_writer_is_gone(tmp_path: Path) -> None:
    gone = {"boot": status.boot_id(), "pid_ns": status.pid_namespace(), "pid": 2**22 - 1, "started": "1"}
    file = LogFile(tmp_path, "x").start(1.7e9, process=gone).series(0, "loss").point(0, 1, 1.0)
    file.save(len(file.data) - 8)
    catalog = index(tmp_path).refresh()
    assert catalog.status(0).word == "killed"
    runs = np.zeros(2, np.int64)
    assert catalog.damaged(runs, np.array(["killed", "running"], object)).tolist() == [1, 0]


MANY = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
from pathlib import Path
from aim.index.local import Local
from aim.index.series import gather
catalog = Local(Path(sys.argv[1])).current(None)
rows = gather(catalog, ["loss"])
print(len(catalog), len(rows.points(["value"])[0]["value"]))
"""


def test_many_runs_and_few_open_files(tmp_path: Path) -> None:
    for number in range(5000):
        finished(tmp_path, number, points=1, end=number % 2 == 0)
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", MANY, str(tmp_path / ".aim")], capture_output=True, text=True)
        assert (done.stdout, done.stderr) == ("5000 5000\n", "")


def test_progress_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "_PATIENT_BYTES", 1000)
    for number in range(10):
        finished(tmp_path, number)
    told: list[tuple[int, int, str]] = []
    watching = Local(tmp_path / ".aim", progress=lambda *given: told.append(given))
    check(tmp_path, watching.current(None))
    assert told[-1][0] == told[-1][1] and [progress[0] for progress in told] == sorted(progress[0] for progress in told)
