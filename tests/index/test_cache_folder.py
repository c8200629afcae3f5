"""The cache folder: what is believed of it, what is written there, and what is removed."""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from aim import engine, layout, regular
from aim.errors import EngineError
from aim.index import cache_folder, segment
from aim.index.cache_folder import CacheFolder
from aim.index.schema import OPTIONAL, TABLES, VERSION
from tests.index.caches import EMPTY, believed, folder_of, full, parquet, row

LONG_AGO = (1.0e9, 1.0e9)


def rewrite(some: CacheFolder, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest, with a code that is right."""
    path = folder_of(some) / "manifest"
    body = json.loads(path.read_bytes().partition(b"\n")[2])
    change(body)
    path.write_bytes(some._signed(json.dumps(body).encode()))


def test_a_cache_as_it_was_written_is_believed(kept: CacheFolder) -> None:
    assert believed(kept) == [1, 2, 3]
    rewrite(kept, lambda body: None)
    assert believed(kept) == [1, 2, 3]


def first_line(key: bytes, body: bytes) -> Callable[[bytes], bytes]:
    """The line that belongs to a key and a body, instead of the one of the manifest."""
    other = CacheFolder.__new__(CacheFolder)
    other._key = key
    return lambda text: other._signed(body or text.partition(b"\n")[2]).partition(b"\n")[0]


FORGED: dict[str, Callable[[bytes], bytes]] = {
    "another body": lambda text: text.replace(b'"number": 3', b'"number": 4'),
    "one more space": lambda text: text + b" ",
    "another code": lambda text: text[:17] + b"0" * 64 + text[81:],
    "the code of an empty key": lambda text: text[:17] + first_line(b"", b"")(text)[17:] + text[81:],
    "the line of an empty key": lambda text: first_line(b"", b"")(text) + text[81:],
    "the line of another key": lambda text: first_line(b"k" * 32, b"")(text) + text[81:],
    "the line of another manifest": lambda text: first_line(b"", b"{}")(text) + text[81:],
    "no line": lambda text: text[82:],
    "an empty line": lambda text: text[81:],
    "a line that is not ASCII": lambda text: "é".encode() + text,
    "the manifest of a version without codes": lambda text: b'{"check": 305419896, ' + text[83:],
}


@pytest.mark.parametrize("name", FORGED)
def test_a_manifest_that_this_user_did_not_write_is_not_believed(kept: CacheFolder, name: str) -> None:
    path = folder_of(kept) / "manifest"
    forged = FORGED[name](path.read_bytes())
    assert forged != path.read_bytes()
    path.write_bytes(forged)
    assert believed(kept) == []


def test_a_cache_of_another_key_is_left_alone_while_it_is_in_use(
    kept: CacheFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a container with its own home: in one folder, both would fold everything again and again."""
    path = folder_of(kept) / "manifest"
    before = path.read_bytes()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "container"))
    other = CacheFolder(kept.aim_dir)
    assert other.load() == [] and other.private
    assert other.write(1, EMPTY) and other.commit([1])
    assert path.read_bytes() == before and believed(kept) == [1]
    os.utime(path, LONG_AGO)
    other = CacheFolder(kept.aim_dir)
    assert other.load() == [] and not other.private
    assert other.write(5, EMPTY) and other.commit([5]) and believed(kept) == [5]
    monkeypatch.setenv("XDG_STATE_HOME", str(kept.aim_dir.parent / ".user-state"))
    kept.load()
    assert kept.private, "the cache has changed hands"


def test_two_keys_that_begin_at_once_do_not_take_turns(
    aim_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = CacheFolder(aim_dir)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "container"))
    other = CacheFolder(aim_dir)
    for some in (first, other):
        assert some.load() == [] and not some.private
    assert first.write(1, EMPTY) and first.commit([1])
    assert other.changed() and other.load() == [] and other.private


def test_a_note_counts_with_its_manifest(kept: CacheFolder) -> None:
    kept.note("x")
    again = CacheFolder(kept.aim_dir)
    assert again.noted() == ""
    assert again.load() and again.noted() == "x"
    assert kept.commit([1, 2]) and again.load() and again.noted() == ""


@pytest.mark.parametrize("body", ["[[], 0]", '[[], "x"]', "[SIGNATURE, 5]", "[1]", "5", "{", "[" * 100_000])
def test_an_invalid_note_is_not_believed(kept: CacheFolder, body: str) -> None:
    body = body.replace("SIGNATURE", json.dumps(kept.signature))
    (folder_of(kept) / "note").write_bytes(kept._signed(body.encode(), cache_folder._NOTE_PURPOSE))
    assert kept.noted() == ""


def test_no_note_is_left_without_a_manifest_or_where_nothing_is_written(kept: CacheFolder) -> None:
    CacheFolder(kept.aim_dir).note("not loaded")
    kept.writable = False
    kept.note("not writable")
    assert not (folder_of(kept) / "note").exists()


OPEN_TO_OTHERS: dict[str, Callable[[Path], object]] = {
    "the repository, to all": lambda aim_dir: aim_dir.chmod(0o777),
    "the cache, to all": lambda aim_dir: (aim_dir / "cache").chmod(0o1777),
    "the repository, to a group": lambda aim_dir: (os.chown(aim_dir, -1, 54321), aim_dir.chmod(0o775)),
    "the cache, to a group": lambda aim_dir: (os.chown(aim_dir / "cache", -1, 54321), (aim_dir / "cache").chmod(0o770)),
    "the repository, to its owner": lambda aim_dir: os.chown(aim_dir, 54321, -1),
    "the cache, to its owner": lambda aim_dir: os.chown(aim_dir / "cache", 54321, -1),
}


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("name", OPEN_TO_OTHERS)
def test_a_cache_that_others_can_write_is_not_used(kept: CacheFolder, name: str) -> None:
    OPEN_TO_OTHERS[name](kept.aim_dir)
    mine = CacheFolder(kept.aim_dir)
    assert mine.private and mine.writable and mine.load() == []


def test_a_manifest_of_another_version_is_not_believed(kept: CacheFolder) -> None:
    rewrite(kept, lambda body: body.update(version=VERSION - 1))
    assert believed(kept) == []


NONSENSE: dict[str, Callable[[dict[str, Any]], object]] = {
    "segments are a number": lambda body: body.update(segments=5),
    "segments are a text": lambda body: body.update(segments="x"),
    "a segment is a number": lambda body: body.update(segments=[5]),
    "a segment is nothing": lambda body: body.update(segments=[{}]),
    "a number is a text": lambda body: body["segments"][0].update(number="x"),
    "a number is infinite": lambda body: body["segments"][0].update(number=math.inf),
    "a number is a list": lambda body: body["segments"][0].update(number=[]),
    "rows are a text": lambda body: body["segments"][0]["files"]["points"].update(rows="many"),
    "rows without end": lambda body: body["segments"][0]["files"]["points"].update(rows=math.inf),
    "no rows": lambda body: body["segments"][0]["files"]["points"].pop("rows"),
    "no files": lambda body: body["segments"][0].pop("files"),
    "files are a list": lambda body: body["segments"][0].update(files=[]),
    "files are a text": lambda body: body["segments"][0].update(files="runs params series points"),
    "no table of params": lambda body: body["segments"][0]["files"].pop("params"),
    "a table is nothing": lambda body: body["segments"][0]["files"].update(params={}),
    "a table without a digest": lambda body: body["segments"][0]["files"]["params"].update(stat=[], digest=None),
    "a table is called by a number": lambda body: body["segments"][0]["files"]["params"].update(name=5),
    "a table that is not there": lambda body: body["segments"][0]["files"]["params"].update(name="params-0.parquet"),
    "a name that no file can have": lambda body: body["segments"][0]["files"]["params"].update(name="a\0b"),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_a_malformed_manifest_is_not_believed(kept: CacheFolder, name: str) -> None:
    rewrite(kept, NONSENSE[name])
    assert believed(kept) == []


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '"text"', "5", "{}", "[" * 100_000, '{"version": 5}'])
def test_an_invalid_manifest_is_not_believed(kept: CacheFolder, text: str) -> None:
    path = folder_of(kept) / "manifest"
    path.write_text(text)
    assert believed(kept) == []
    path.write_bytes(kept._signed(text.encode()))
    assert believed(kept) == []


def test_a_large_manifest_is_not_believed(kept: CacheFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder_of(kept) / "manifest"
    monkeypatch.setattr(cache_folder, "_MOST_BYTES", path.stat().st_size)
    assert believed(kept) == [1, 2, 3]
    rewrite(kept, lambda body: body.update(more="x"))
    assert believed(kept) == []


def test_segments_are_in_the_order_of_their_numbers(kept: CacheFolder) -> None:
    rewrite(kept, lambda body: body["segments"].reverse())
    assert believed(kept) == [1, 2, 3]


def test_a_file_outside_the_folder_is_not_read(kept: CacheFolder) -> None:
    (path,) = [path for path in parquet(kept) if path.name.startswith("params")][:1]
    os.rename(path, path.parents[1] / path.name)
    digest = path.stem.partition("-")[2]
    outside: list[str] = []

    def point_outside(body: dict[str, Any]) -> None:
        for entry in body["segments"]:
            file = entry["files"]["params"]
            if file["digest"] == digest:
                outside.append(file["name"])
                file["name"] = f"../{path.name}"
        body["segments"] = [entry for entry in body["segments"] if entry["files"]["params"]["digest"] == digest]

    rewrite(kept, point_outside)
    assert outside and believed(kept) == []


def damage(some: CacheFolder, number: int) -> None:
    entry = some._entries[number]
    path = folder_of(some) / entry["files"]["params"]["name"]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(("number", "left"), [(1, []), (2, [1]), (3, [1, 2])])
def test_neither_a_changed_segment_nor_a_later_one_is_believed(kept: CacheFolder, number: int, left: list[int]) -> None:
    damage(kept, number)
    assert believed(kept) == left


def test_a_file_with_another_time_is_read_once_to_believe_it(
    kept: CacheFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    plain = cache_folder._digest
    monkeypatch.setattr(cache_folder, "_digest", lambda path: read.append(path.name) or plain(path))
    assert believed(kept) == [1, 2, 3] and read == []
    touched = parquet(kept)[0]
    os.utime(touched, LONG_AGO)
    again = CacheFolder(kept.aim_dir)
    assert len(again.load()) == 3 and set(read) == {touched.name}
    assert again.commit([1, 2, 3])
    read.clear()
    assert believed(kept) == [1, 2, 3] and read == []


def test_a_file_that_was_changed_and_got_its_time_back_is_not_believed(kept: CacheFolder) -> None:
    """As by `cp -a` of another copy over this one."""
    path = folder_of(kept) / kept._entries[2]["files"]["params"]["name"]
    before = path.stat()
    damage(kept, 2)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino)
    assert believed(kept) == [1]


def test_a_link_to_the_same_bytes_is_not_believed(kept: CacheFolder) -> None:
    path = folder_of(kept) / kept._entries[2]["files"]["params"]["name"]
    os.rename(path, path.with_name("other"))
    path.symlink_to("other")
    assert believed(kept) == [1]


def test_whether_another_process_swapped_the_manifest(kept: CacheFolder) -> None:
    assert not kept.changed()
    other = CacheFolder(kept.aim_dir)
    other.load()
    assert other.commit([1, 2])
    assert kept.changed() and not other.changed()
    assert len(kept.load()) == 2 and not kept.changed()
    (folder_of(kept) / "manifest").unlink()
    assert kept.changed()
    assert kept.load() == [] and not kept.changed()


def give_another_number(path: Path) -> None:
    """A copy with the same size and time takes its place."""
    shutil.copy2(path, path.with_name("copy"))
    os.replace(path.with_name("copy"), path)


def lengthen(path: Path) -> None:
    before = path.stat()
    path.write_bytes(path.read_bytes() + b" ")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("change", [lambda path: os.utime(path, LONG_AGO), give_another_number, lengthen])
def test_each_sign_of_another_manifest_is_noticed(kept: CacheFolder, change: Callable[[Path], object]) -> None:
    change(folder_of(kept) / "manifest")
    assert kept.changed()


def test_a_file_that_was_just_dropped_can_still_be_read(kept: CacheFolder) -> None:
    files = parquet(kept)
    for file in files:
        os.utime(file, LONG_AGO)
    assert kept.commit([])
    assert parquet(kept) == files, "an answer that began before may be half read"
    for file in files:
        os.utime(file, LONG_AGO)
    assert kept.commit([])
    assert parquet(kept) == []


def test_a_file_that_was_just_replaced_can_still_be_read(kept: CacheFolder) -> None:
    files = parquet(kept)
    for file in files:
        os.utime(file, LONG_AGO)
    assert kept.rewrite(2, "params", segment.table([row(7)], "params")) and kept.commit([1, 2, 3])
    assert set(files) < set(parquet(kept)) and believed(kept) == [1, 2, 3]


def test_files_that_are_gone_can_be_replaced_and_dropped(kept: CacheFolder) -> None:
    for file in parquet(kept):
        if file.name.startswith("params"):
            file.unlink()
    assert kept.rewrite(2, "params", segment.table([row(7)], "params")) and kept.commit([2])
    assert believed(kept) == [2]


def test_only_old_files_of_the_cache_itself_are_removed(kept: CacheFolder) -> None:
    new = [f".draft.2.{'e' * 8}", f"runs-{'e' * 32}.parquet"]
    old = [f".draft.1.{'a' * 8}", f".manifest.1.{'a' * 8}", f"runs-{'0' * 32}.parquet"]
    other = ["notes.txt", "lock", "mine.parquet", f"points-{'1' * 31}.parquet", ".draft.mine"]
    other.append(f"runs-{'2' * 32}.parquet.bak")
    names = [*new, *old, *other]
    for name in names:
        (folder_of(kept) / name).write_text("x")
        if name not in new:
            os.utime(folder_of(kept) / name, LONG_AGO)
    link = folder_of(kept) / f"series-{'3' * 32}.parquet"
    link.symlink_to("nowhere")
    os.utime(link, LONG_AGO, follow_symlinks=False)
    named = [path for path in parquet(kept) if path.name not in (*names, link.name)]
    for file in named:
        os.utime(file, LONG_AGO)
    assert kept.commit([1, 2, 3])
    left = {name for name in names if (folder_of(kept) / name).exists()}
    assert left == {*new, *other} and not link.is_symlink()
    assert set(named) <= set(parquet(kept))


def broken(path: Path, *given: object) -> None:
    path.write_text("half")
    raise EngineError("the engine failed")


FAILURES: list[tuple[object, str, Callable[..., None]]] = [(os, "replace", full), (engine, "write", broken)]


@pytest.mark.parametrize(("where", "name", "fail"), FAILURES, ids=["disk", "engine"])
def test_a_segment_that_cannot_be_written(
    kept: CacheFolder, monkeypatch: pytest.MonkeyPatch, where: object, name: str, fail: Callable[..., None]
) -> None:
    monkeypatch.setattr(where, name, fail)
    assert kept.write(4, EMPTY) is None and kept.rewrite(3, "params", EMPTY["params"]) is None
    assert not list(folder_of(kept).glob(".draft*"))
    assert kept.commit([1, 2, 3]) is (where is engine)
    assert believed(kept) == [1, 2, 3]


def test_a_manifest_that_cannot_be_written(kept: CacheFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        assert not kept.commit([1])
    assert not list(folder_of(kept).glob(".manifest*"))
    assert believed(kept) == [1, 2, 3]


def test_a_table_without_rows_has_no_file_where_it_is_optional(kept: CacheFolder) -> None:
    kinds = {path.name.partition("-")[0] for path in parquet(kept)}
    assert kinds == set(TABLES) - OPTIONAL


@pytest.mark.skipif(os.name != "posix", reason="permission bits are those of POSIX")
def test_files_have_the_access_of_the_repository(aim_dir: Path) -> None:
    aim_dir.chmod(0o2750)
    made = CacheFolder(aim_dir)
    made.load()
    assert made.write(1, EMPTY) and made.commit([1])
    modes = {path.name: path.stat().st_mode & 0o777 for path in [*parquet(made), folder_of(made) / "manifest"]}
    assert set(modes.values()) == {0o640}


def test_one_process_writes_at_a_time(kept: CacheFolder) -> None:
    other = CacheFolder(kept.aim_dir)
    with kept.lock() as mine, other.lock() as theirs:
        assert (mine, theirs) == (True, False)
    with other.lock() as theirs:
        assert theirs


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_neither_holds_the_lock_nor_closes_what_has_its_number(kept: CacheFolder) -> None:
    mine, its = socket.socketpair()
    with mine, contextlib.ExitStack() as locked:
        assert locked.enter_context(kept.lock())
        child = os.fork()
        if child == 0:
            code = 1
            try:
                file = os.open(os.devnull, os.O_RDONLY)
                mine.close()
                its.send(b"!")
                its.recv(1)
                locked.close()
                os.fstat(file)
                code = 0
            finally:
                os._exit(code)
        its.close()
        mine.recv(1)
        locked.close()
        with CacheFolder(kept.aim_dir).lock() as held:
            assert held
    assert os.waitpid(child, 0)[1] == 0


def test_a_cache_that_cannot_be_written_is_not_locked(kept: CacheFolder) -> None:
    (folder_of(kept) / "lock").unlink(missing_ok=True)
    kept.writable = False
    with kept.lock() as held:
        assert not held
    assert not (folder_of(kept) / "lock").exists()


def linked(path: Path) -> None:
    path.symlink_to(path.parents[2] / "elsewhere")


@pytest.mark.parametrize("make", [Path.mkdir, linked], ids=["a folder", "a link"])
def test_a_lock_that_cannot_be_opened(kept: CacheFolder, make: Callable[[Path], object]) -> None:
    path = folder_of(kept) / "lock"
    path.unlink(missing_ok=True)
    make(path)
    with kept.lock() as held:
        assert not held
    assert not (path.parents[2] / "elsewhere").exists()


def test_a_file_system_without_locks(kept: CacheFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without locks the last manifest counts, which costs a later fold and no answer."""

    def refuse(*given: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(regular, "fcntl", SimpleNamespace(flock=refuse, LOCK_EX=2, LOCK_NB=4))
    with kept.lock() as held:
        assert held
    monkeypatch.setattr(regular, "fcntl", None)
    with kept.lock() as held:
        assert held


def test_a_folder_that_the_engine_cannot_address_is_skipped(
    aim_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIM_CACHE_DIR", str(tmp_path / "a[1]*"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    odd = tmp_path / "b[1]*" / ".aim"
    layout.create(odd)
    layout.make_folder(odd / "cache", odd)
    (odd / "cache" / "manifest").write_text("{}")
    made = CacheFolder(odd)
    assert made.private and made.writable
    assert engine.takes(folder_of(made)) and tmp_path / "home" in folder_of(made).parents


def test_without_any_folder_nothing_is_kept(aim_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_folder, "_writable", lambda folder, aim_dir: False)
    made = CacheFolder(aim_dir)
    assert (made.folder, made.writable, made.changed(), made.load()) == (None, False, False, [])
    assert made.write(1, EMPTY) is None and not made.commit([]) and made.noted() == ""
    with made.lock() as held:
        assert not held


def test_folders_that_take_no_file_are_not_used(aim_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def read_only(path: Any, *given: Any) -> int:
        return full() if ".draft." in str(path) else opened(path, *given)

    monkeypatch.setattr(os, "open", read_only)
    made = CacheFolder(aim_dir)
    assert (made.folder, made.writable) == (None, False)
