"""Only regular files of a repository are read: links, pipes, sockets, devices and folders in their places are named."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Callable
from errno import EACCES, ELOOP, EMLINK
from pathlib import Path

import pytest

import aim
from aim import files, layout, regular
from aim.cli import sealing
from aim.cli.sealing import seal_some
from aim.errors import RepoError, RunError
from aim.log import edits, reader, record
from aim.log.writer import Writer
from aim.remote import frames
from aim.remote.frames import FileFrame
from aim.repo import Repo
from aim.server import boot
from aim.server.arrivals import Arrivals
from aim.server.deletions import Deletions
from tests import commands
from tests.sockets import bind

if os.name != "posix":
    pytest.skip("these kinds of files are those of POSIX", allow_module_level=True)

ZEROS = "0" * 32


KINDS: dict[str, Callable[[Path], None]] = {
    "a named pipe": lambda path: os.mkfifo(path),
    "a socket": bind,
    "a folder": lambda path: path.mkdir(),
    "a link": lambda path: path.symlink_to("/dev/zero"),
    "a link to a file": lambda path: path.symlink_to("/etc/passwd"),
    "a link to nothing": lambda path: path.symlink_to("nothing"),
}

PLACES: dict[str, Callable[[Path], Path]] = {
    "a log": lambda run: run.with_name(f"{run.name[:33]}{'1' * 16}.log"),
    "the log of another run": lambda run: run.with_name(f"{'2' * 32}-{'1' * 16}.log"),
    "a seal": lambda run: run.with_suffix(".seal"),
    "edits": lambda run: run.parents[2] / "edits" / f"{ZEROS}-{'1' * 16}.log",
    "a sealed edit": lambda run: run.parents[2] / "edits" / f"{ZEROS}-{'1' * 16}.seal",
    "the folder of a run": lambda run: run.parents[1] / ("3" * 32),
    "repo.json": lambda run: run.parents[2] / "repo.json",
    "the manifest": lambda run: run.parents[2] / "cache" / "manifest",
    "the lock": lambda run: run.parents[2] / "cache" / "lock",
    "a table": lambda run: run.parents[2] / "cache" / f"runs-{'1' * 32}.parquet",
}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log of the one run of a repository."""
    with aim.Run("a", repo=tmp_path) as run:
        run.track(0.5, "loss")
    (path,) = (tmp_path / ".aim" / "runs").rglob("*.log")
    return path


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", KINDS)
def test_it_stops_no_reader_and_is_named(log: Path, tmp_path: Path, place: str, kind: str) -> None:
    path = PLACES[place](log)
    path.unlink(missing_ok=True)
    KINDS[kind](path)
    assert [run.hash for run in Repo(tmp_path).select_metrics("loss")] == ["a"]
    assert edits.latest(tmp_path / ".aim") == {}
    with aim.Run("b", repo=tmp_path) as run:
        run.track(1.0, "loss")
    assert Repo(tmp_path).count() == 2
    if place not in ("repo.json", "a table") and (place, kind) != ("the folder of a run", "a folder"):
        other = Repo.init(tmp_path / "other")
        assert (other.merge(tmp_path).runs, other.count()) == (2, 2)
    assert "fail" not in [run.status for run in Repo(tmp_path).select_runs()]


@pytest.mark.parametrize("kind", KINDS)
def test_the_check_names_each(log: Path, tmp_path: Path, kind: str) -> None:
    Repo(tmp_path).count()
    folder = {"the folder of a run"} if kind == "a folder" else set()
    paths = [PLACES[place](log) for place in PLACES.keys() - {"the manifest", "the lock", *folder}]
    for path in paths:
        path.unlink(missing_ok=True)
        KINDS[kind](path)
    said = commands.aim(None, "storage", "check", "--repo", tmp_path)
    named = {line.partition(": ")[0] for line in said.stdout.splitlines()}
    tables = {str(path) for path in paths if path.suffix == ".parquet" and kind == "a folder"}
    assert (said.returncode, named | tables) == (1, set(map(str, paths))), said.stdout
    assert "in 1 file (" in said.stderr
    repaired = commands.aim(None, "storage", "check", "--repair", "--repo", tmp_path)
    assert "repo.json" in repaired.stdout.splitlines()[0]
    assert layout.version_damage(tmp_path / ".aim") is None


def test_a_merge_copies_no_other_file(log: Path, tmp_path: Path) -> None:
    """A link to a private key must not reach a repository that others read."""
    (tmp_path / "key").write_text("a private key")
    log.with_name(f"{log.name[:33]}{'1' * 16}.log").symlink_to(tmp_path / "key")
    other = tmp_path / "other" / ".aim"
    layout.create(other)
    assert files.copy_runs(tmp_path / ".aim", other, deleted=()).files == 1
    assert b"a private key" not in b"".join(path.read_bytes() for path in other.rglob("*.log"))


def test_nothing_is_written_through_the_link_of_a_run_folder(log: Path, tmp_path: Path) -> None:
    """Neither by a merge, which brings everything else, nor by a run of that name."""
    with aim.Run("another", repo=tmp_path) as run:
        run.track(1.0, "loss")
    other, elsewhere = tmp_path / "other" / ".aim", tmp_path / "elsewhere"
    elsewhere.mkdir()
    layout.create(other)
    for name in (log.parent.name, layout.run_dir(other, "mine").name):
        (other / "runs" / name).symlink_to(elsewhere)
    with pytest.raises(NotADirectoryError, match="is a link, and Aim writes through no link"):
        files.copy_runs(tmp_path / ".aim", other, deleted=())
    assert len(list((other / "runs").rglob("*.log"))) == 1
    for resume in (False, True):
        with pytest.raises(RunError, match="'mine' cannot be recorded in .* it is a link"):
            aim.Run("mine", repo=tmp_path / "other", resume=resume)
    assert os.listdir(elsewhere) == []
    assert "is a link" in commands.aim(None, "merge", tmp_path / "other", tmp_path).stderr


def remove(log: Path) -> None:
    files.remove_runs(log.parents[2], {log.name[:32]})


def seal_it(log: Path) -> None:
    seal_some({"logs": [str(log)], "since": 0.0, "older_than": 0.0})


def cut(log: Path) -> None:
    list(boot.cut_since(log.parents[2], 0.0))


def merge(log: Path) -> None:
    """What is there is longer in another repository."""
    longer = log.parents[3] / "longer" / ".aim"
    shutil.copytree(log.parents[2], longer)
    os.truncate(log, 64)
    files.copy_runs(longer, log.parents[2], deleted=())


def arrive(log: Path) -> None:
    """At a server."""
    data = log.read_bytes()
    log.unlink()
    arrivals = Arrivals(log.parents[2], Deletions(log.parents[2]))
    arrivals.append(FileFrame(log.relative_to(log.parents[2]).as_posix(), 0, frames.check(b""), 0, data))


def record_there(log: Path) -> None:
    Writer(log.parent, bytes(16), aim_dir=log.parents[2]).close()


def make(log: Path) -> None:
    shutil.rmtree(log.parent)
    layout.make_folder(log.parent, log.parents[2])


def make_below(log: Path) -> None:
    layout.make_folder(log.parent / "below", log.parents[2])


def about(path: Path) -> tuple[int, ...]:
    """Which file it is, and who may do what with it."""
    stat = path.stat()
    return stat.st_ino, stat.st_mode, stat.st_gid


def contents(folder: Path) -> list[object]:
    """Of the folder and of its files. Another file may have the same bytes."""
    files = [path for path in folder.iterdir() if not path.is_symlink()]
    return [about(folder), *((path.name, about(path), path.stat().st_mtime_ns, path.read_bytes()) for path in files)]


# An action in a repository, and what it calls before it writes in the folder of the run, or between two steps of that.
SWAPS: list[tuple[Callable[[Path], None], object, str]] = [
    (remove, files.stored, "free"),
    (seal_it, sealing, "covered"),
    (cut, boot, "kept_bytes"),
    (merge, files.stored, "at"),
    (merge, files, "_copy_part"),
    (seal_it, os, "fsync"),
    (arrive, regular.OpenFolder, "open"),
    (record_there, os, "open"),
    (record_there, layout, "make_folder"),
    (make, os, "mkdir"),
    (make_below, layout, "make_folder"),
]


@pytest.mark.parametrize(("act", "module", "name"), SWAPS, ids=lambda given: getattr(given, "__name__", given))
def test_a_link_that_takes_the_place_of_a_run_folder_meanwhile_leads_nowhere(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: Callable[[Path], None], module: object, name: str
) -> None:
    """Who else can write to a repository knows the names of files in others of its user, and can put links to them."""
    theirs = tmp_path / "shared" / ".aim" / "runs" / log.parent.name / log.name
    shutil.copytree(log.parents[2], theirs.parents[2])
    key = log.with_name("key")
    key.touch()
    os.utime(key, (5, 5))
    for path, mode in ((log, 0o600), (key, 0o600), (log.parent, 0o700)):
        path.chmod(mode)
    called = getattr(module, name)
    swaps: list[object] = []

    def swap(*given: object, **options: object) -> object:
        answer = called(*given, **options)
        if not swaps:
            swaps.append(theirs.parent.rename(theirs.parents[1] / "aside"))
            for name in set(os.listdir(theirs.parents[1] / "aside")) - set(os.listdir(log.parent)):
                (log.parent / name).symlink_to(key)
            theirs.parent.symlink_to(log.parent)
        return 64 if act is cut else answer

    monkeypatch.setattr(module, name, swap)
    before = contents(log.parent)
    with contextlib.suppress(NotADirectoryError):
        act(theirs)
    assert swaps and contents(log.parent) == before


@pytest.mark.parametrize("act", [Writer.restore, Writer._send])
def test_a_writer_continues_in_no_folder_that_a_link_replaced(
    log: Path, tmp_path: Path, act: Callable[[Writer], object]
) -> None:
    """When its file was removed, and when something in its process closed it."""
    folder, aim_dir = log.parents[1] / ("4" * 32), log.parents[2]
    layout.make_folder(folder, aim_dir)
    writer = Writer(folder, bytes(16), aim_dir=aim_dir)
    fd = writer._fd
    if act is Writer._send:
        os.close(fd)
        writer._fd, writer._in_doubt = -1, True
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    before = contents(tmp_path / "elsewhere")
    with contextlib.suppress(NotADirectoryError):
        act(writer)
    assert contents(tmp_path / "elsewhere") == before and writer._fd in (fd, -1)
    writer.close()


@pytest.mark.parametrize("errno", [ELOOP, EMLINK, EACCES])
def test_systems_refuse_the_link_of_a_folder_in_their_own_words(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, errno: int
) -> None:
    """Linux says ENOTDIR."""
    opened = os.open

    def refuse(path: str, *given: int, **options: int) -> int:
        if path == log.parent.name:
            raise OSError(errno, "")
        return opened(path, *given, **options)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(NotADirectoryError if errno != EACCES else PermissionError):
        regular.remove(log, tmp_path)


def test_without_descriptors_of_folders_a_link_is_refused_by_its_path(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows."""
    monkeypatch.setattr(regular, "_DESCRIPTORS", False)
    (tmp_path / "link").symlink_to(log.parent)
    with pytest.raises(NotADirectoryError):
        regular.remove(tmp_path / "link" / log.name, tmp_path)
    with regular.replacing(log, top=tmp_path) as file:
        file.write(b"other")
    assert log.read_bytes() == b"other"
    regular.remove(log, tmp_path)
    assert os.listdir(log.parent) == []


@pytest.mark.parametrize("name", ["runs", "edits"])
def test_nothing_is_written_to_a_linked_folder_of_a_repository(log: Path, tmp_path: Path, name: str) -> None:
    """It may lead into another repository of this user. What is there is shown, and the check names the link."""
    mine, theirs = tmp_path / ".aim", tmp_path / "theirs" / ".aim"
    layout.create(theirs)
    (theirs / name).rmdir()
    (theirs / name).symlink_to(mine / name)
    before = sorted(mine.rglob("*"))
    no_link = f"{name} is a link, and Aim writes through no link in a repository: put the folder there instead"
    with pytest.raises(RepoError, match=no_link):
        aim.Run("mine", repo=theirs)
    for words in (["experiment", "add", "-n", "x"], ["merge", theirs.parent, tmp_path]):
        where = ["--repo", theirs.parent] if words[0] == "experiment" else []
        said = commands.aim(None, *words, *where)
        assert said.returncode == 1 and no_link in said.stderr, said.stderr
    assert sorted(mine.rglob("*")) == before
    assert len(Repo(theirs).select_runs()) == (1 if name == "runs" else 0)
    checked = commands.aim(None, "storage", "check", "--repo", theirs).stdout
    assert f"{theirs / name}: is a link, so nothing is written to it" in checked


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_else_is_opened_to_be_locked(tmp_path: Path, kind: str) -> None:
    KINDS[kind](tmp_path / "lock")
    with pytest.raises(OSError, match=r"named pipe|No such device|Is a directory|symbolic links"):
        regular.lock_file(tmp_path / "lock")
    os.close(regular.lock_file(tmp_path / "another"))
    assert (tmp_path / "another").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["..", "../x", "/x", "a/x", "", ".", "a\0b"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    inner = tmp_path / "inner"
    for folder in (inner / "a", inner / ".aim"):
        folder.mkdir(parents=True)
    for path in (tmp_path / "x", inner / "a" / "x", inner / "file"):
        path.write_bytes(b"kept")
    with regular.folder(inner, tmp_path) as place:
        for call in (
            lambda: place.open(name, os.O_WRONLY | os.O_CREAT),
            lambda: place.remove(name),
            lambda: place.take("file", name),
            lambda: place.take(name, "file"),
        ):
            with pytest.raises(regular.NotRegular, match="is not the name of a file"):
                call()
    if name in ("..", "a\0b"):
        with pytest.raises(regular.NotRegular, match="is not the name"), regular.folder(inner / name / "x", tmp_path):
            pass
    assert (tmp_path / "x").read_bytes() == (inner / "a" / "x").read_bytes() == (inner / "file").read_bytes() == b"kept"


def test_a_device_is_not_even_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object) -> int:
        raise AssertionError("opened")

    monkeypatch.setattr(regular.os, "open", refuse)
    with pytest.raises(regular.NotRegular, match="it is a device"):
        regular.descriptor("/dev/null")


def test_a_file_that_appears_in_between_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("a")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    regular_file = os.lstat(tmp_path / "a")
    assert stat.S_ISREG(regular_file.st_mode) and regular.read(tmp_path / "a", most=9) == b"a"
    monkeypatch.setattr(regular.os, "lstat", lambda path: regular_file)
    for name in ("pipe", "link"):
        with pytest.raises(OSError):
            regular.read(tmp_path / name)


def test_edits_behind_a_hole_count(log: Path, tmp_path: Path) -> None:
    run = Repo(tmp_path).run("a")
    Repo(tmp_path).runs.edit(run.id, "name", "before")
    [path] = (tmp_path / ".aim" / "edits").glob("*.log")
    data, place = path.read_bytes(), 1 << 32
    header = record.unpack_header(data)
    assert header is not None
    edit = {"stamp": 1 << 52, "run": run.id, "field": "name", "value": "after"}
    with open(path, "r+b") as file:
        file.seek(place)
        file.write(record.pack(record.EDIT, record.encode_json(edit), record.seed(*header), place))
    assert Repo(tmp_path).run("a").name == "after"
    path.write_bytes(data)
    assert Repo(tmp_path).run("a").name == "before"


def test_holes_are_not_read(log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few kilobytes on the disk can be a log of a terabyte, with records behind the hole."""
    whole = log.read_bytes()
    end = 1 << 40
    with open(log, "r+b") as file:
        file.seek(end)
        file.write(b"\0")
    if log.stat().st_blocks * 512 > 1 << 20:
        pytest.skip("this file system has no holes")
    read = 0
    pread = os.pread

    def count(file: int, size: int, offset: int) -> bytes:
        nonlocal read
        data = pread(file, size, offset)
        read += len(data)
        return data

    monkeypatch.setattr(os, "pread", count)
    run = Repo(tmp_path).run("a")
    assert [trace.last for trace in run.metrics["loss"]] == [0.5]
    with contextlib.closing(reader.OpenLog(log)) as opened:
        assert opened.size == end + 1
        assert [entry.kind for entry in opened.forward(record.END)] == [record.END]
        assert [entry.kind for entry in opened.backward(record.POINT)] == [record.POINT]
        assert opened.end() == len(whole)
    assert read < 100 << 20
    with pytest.raises(regular.NotRegular, match="it is mostly holes: of its 1,099,511,627,777 bytes"):
        reader.read(log)
    said = commands.aim(None, "storage", "check", "--repo", tmp_path)
    assert f"{log}: bytes {len(whole):,} to {end + 1:,} (" in said.stdout and "not a whole record" in said.stdout
    assert "Not sealed" in commands.aim(None, "storage", "seal", "--repo", tmp_path).stdout
    assert Repo.init(tmp_path / "other").merge(tmp_path).bytes == end + 1
    assert Repo(tmp_path / "other").run("a").metrics["loss"].traces[0].last == 0.5


def test_a_record_that_reaches_into_a_hole_is_found(tmp_path: Path) -> None:
    """Copies with holes have them also within a record, where it holds many zeros."""
    with aim.Run("a", repo=tmp_path) as run:
        run.track(aim.Text("\0" * 900_000), "zeros")
        run.track(1.0, "loss")
    (log,) = (tmp_path / ".aim" / "runs").rglob("*.log")
    data = log.read_bytes()
    with open(log, "wb") as file:
        for place in range(0, len(data), 4096):
            part = data[place : place + 4096]
            file.seek(place + len(part)) if not any(part) else file.write(part)
    assert log.read_bytes() == data
    assert [len(series[0].data) for series in Repo(tmp_path).run("a").objects()] == [900_000]
    assert [trace.last for trace in Repo(tmp_path).run("a").metrics["loss"]] == [1.0]


def test_holes_are_not_read_up_to_a_large_limit(tmp_path: Path) -> None:
    path = tmp_path / "zeros"
    with open(path, "wb") as file:
        file.truncate(regular.LARGE + 1)
    assert regular.read(path, most=10) == bytes(10)
    with pytest.raises(regular.NotRegular, match="it is mostly holes"):
        regular.read(path, most=regular.LARGE + 1)
