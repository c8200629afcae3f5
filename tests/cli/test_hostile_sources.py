"""The source of a command can hold anything in the place of any file: each is refused or left out by name, in bounded
time and memory, and no byte from elsewhere is copied."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import aim
from aim.cli.bundle import FOLDER
from aim.index.sources.tensorboard.listing import MARK
from aim.repo import Repo
from tests.index.sources.tensorboard.events import event_file, scalars
from tests.remote.receiver import receiving
from tests.sockets import bind

if not Path("/proc/self/mem").exists():
    pytest.skip("these files are those of Linux", allow_module_level=True)

SECRET = b"a private key of this user"
MOST_MB = 300
SECONDS = 100
# Prints its largest memory. That of `getrusage` would be the one of the process that started it.
MEASURED = """
import re, runpy, sys
try:
    runpy.run_module("aim", run_name="__main__", alter_sys=True)
finally:
    kilobytes = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]
    print("peak", int(kilobytes) // 1024, file=sys.stderr)
"""


def sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 40)


def to(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


KINDS: dict[str, Callable[[Path], None]] = {
    "a pipe": os.mkfifo,
    "a socket": bind,
    "a folder": Path.mkdir,
    "zeros without end": to("/dev/zero"),
    "the memory of the reader": to("/proc/self/mem"),
    "the pages of the reader": to("/proc/self/pagemap"),
    "a terminal": to("/dev/tty"),
    "a link to itself": lambda path: path.symlink_to(path),
    "a link to the folder above": to(".."),
    "a link to the whole disk": to("/"),
    "a private key": lambda path: path.symlink_to(secret_of(path)),
    "a terabyte of holes": sparse,
}


def secret_of(path: Path) -> Path:
    return next(folder / "secret" for folder in path.parents if (folder / "secret").exists())


class Ended(NamedTuple):
    code: int
    said: str
    peak: int


def command(*words: object) -> Ended:
    """`aim` in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(Path(aim.__file__).parents[1])}
    told = [sys.executable, "-c", MEASURED, *map(str, words)]
    ended = subprocess.run(told, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    said, _, peak = (ended.stdout + ended.stderr).rpartition("peak ")
    assert "Traceback" not in said, said
    return Ended(ended.returncode, said, int(peak))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one sound run, and each kind in the place of a log, a seal, edits and a folder of a run."""
    folder = tmp_path_factory.mktemp("source")
    (folder / "secret").write_bytes(SECRET)
    root = folder / "root"
    with aim.Run("sound", repo=root, console=False, system_interval=0) as run:
        run.track(0.5, "loss")
    (log,) = (root / ".aim" / "runs").rglob("*.log")
    for number, put in enumerate(KINDS.values(), 1):
        put(log.with_name(f"{log.name[:33]}{number:016x}.log"))
        put(log.with_name(f"{log.name[:33]}{number + 100:016x}.seal"))
        put(log.with_name(f"{number:032x}-{number:016x}.log"))
        put(root / ".aim" / "edits" / f"{'0' * 32}-{number:016x}.log")
        put(root / ".aim" / "runs" / f"{number:032x}")
        put(root / ".aim" / "cache" / f"runs-{number:032x}.parquet")
    return root


def copied(root: Path) -> bytes:
    return b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file() and not path.is_symlink())


def holes(folder: Path) -> int:
    """The bytes on the disk."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


def test_a_merge_copies_only_sound_files(source: Path, tmp_path: Path) -> None:
    Repo.init(tmp_path / "mine")
    ended = command("merge", tmp_path / "mine", source)
    assert (ended.code, ended.peak < MOST_MB) == (0, True), ended
    assert [run.hash for run in Repo(tmp_path / "mine").select_metrics("loss")] == ["sound"]
    assert holes(tmp_path / "mine") < 4 << 20
    small = [path for path in (tmp_path / "mine").rglob("*") if path.is_file() and path.stat().st_size < 1 << 30]
    assert all(SECRET not in path.read_bytes() for path in small)
    assert not [path for path in (tmp_path / "mine").rglob("*") if path.is_symlink() or path.is_fifo()]


def test_a_check_names_each_hostile_file(source: Path) -> None:
    ended = command("storage", "check", "--repo", source)
    assert (ended.code, ended.peak < MOST_MB) == (1, True), ended
    for number, kind in enumerate(KINDS, 1):
        for name in (f"-{number:016x}.log", f"-{number + 100:016x}.seal"):
            assert name in ended.said, (kind, name)
    assert SECRET.decode() not in ended.said


def test_a_seal_leaves_hostile_files(source: Path) -> None:
    ended = command("storage", "seal", "--repo", source)
    assert (ended.code, ended.peak < MOST_MB) == (0, True), ended
    assert "Not sealed" in ended.said and "not a file: it is a named pipe" in ended.said


def test_the_disk_usage_of_hostile_files(source: Path) -> None:
    ended = command("storage", "du", "--json", "--repo", source)
    assert (ended.code, ended.peak < MOST_MB) == (0, True), ended
    assert '"what": "experiment default' in ended.said


@pytest.mark.parametrize("name", ["runs", "edits", "cache"])
def test_the_disk_usage_where_a_link_leads_to_the_whole_disk(tmp_path: Path, name: str) -> None:
    Repo.init(tmp_path / "root")
    for folder in (tmp_path / "root" / ".aim" / name).rglob("*"):
        folder.rmdir()
    (tmp_path / "root" / ".aim" / name).rmdir()
    deep = tmp_path / "disk"
    (deep / "one" / "two" / "three").mkdir(parents=True)
    (deep / "one" / "two" / "three" / "file").write_bytes(b"x" * 5_000_000)
    (tmp_path / "root" / ".aim" / name).symlink_to(deep)
    ended = command("storage", "du", "--json", "--repo", tmp_path / "root")
    assert ended.code == 0 and not re.search(r"500\d{4}", ended.said), ended


def test_a_sync_sends_only_sound_files(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIM_TOKEN", "secret")
    with receiving(tmp_path / "server" / ".aim") as receiver:
        for words in (("--status",), ()):
            ended = command("sync", "--repo", source, "--to", receiver.address, *words)
            assert ended.peak < MOST_MB, ended
        runs = Repo(receiver.folder).select_metrics("loss")
        assert [run.hash for run in runs] == ["sound"]
        assert holes(receiver.folder) < 4 << 20


def test_a_conversion_reads_only_sound_files(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(SECRET)
    logs = tmp_path / "logs"
    event_file(logs / "sound", *scalars(0.5, 0.25))
    for number, put in enumerate(KINDS.values(), 1):
        put(logs / "sound" / f"events.out.{MARK}.{number}")
        put(logs / f"folder {number}")
    for _ in range(2):
        ended = command("convert", "tensorboard", "--logdir", logs, "--repo", tmp_path / "mine")
        assert ended.peak < MOST_MB and ended.code == 0, ended
    runs = Repo(tmp_path / "mine").select_metrics("loss")
    assert [run.hash for run in runs] == ["sound"]
    assert SECRET not in copied(tmp_path / "mine")


@pytest.mark.parametrize("kind", KINDS)
def test_a_pull_refuses_what_is_no_wheel(tmp_path: Path, kind: str) -> None:
    (tmp_path / "secret").write_bytes(SECRET)
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    KINDS[kind](wheels / f"{FOLDER}-1.0-py3-none-any.whl")
    for version in ("1.0", "latest"):
        ended = command("pull", "-v", version, "--from", wheels)
        assert (ended.code, ended.peak < MOST_MB) == (1, True), ended
        assert f"{FOLDER}-1.0-py3-none-any.whl" in ended.said
