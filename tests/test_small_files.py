"""Every small file of ours, in a repository and beside it, can be damaged, empty, gone or a folder: nothing stops."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import pytest

import aim
from aim.cli import servers, versions
from aim.cli.bundle import pack
from aim.cli.servers import Served
from aim.errors import LaunchError
from aim.launch import detached, supervisor
from aim.launch.command import Template
from aim.launch.queue import templates
from aim.launch.records import Records
from aim.remote import address, spool
from aim.repo import Repo


def flip_each(path: Path, look: Callable[[], None], *, count: int = 8) -> None:
    whole = path.read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // count)):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << place % 8
        path.write_bytes(flipped)
        look()
    path.write_bytes(whole)


def put(path: Path, content: bytes | None) -> None:
    path.unlink()
    if content is not None:
        path.write_bytes(content)


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Callable[[Path, Callable[[], None]], object]] = {
    "flipped": flip_each,
    "flipped in many places": lambda path, look: flip_each(path, look, count=100),
    "empty": lambda path, look: (put(path, b""), look()),
    "gone": lambda path, look: (put(path, None), look()),
    "not UTF-8": lambda path, look: (put(path, b"\xff\xfe{}"), look()),
    "another JSON": lambda path, look: (put(path, b'[{"version": [], "format": null}]'), look()),
    "nested": lambda path, look: (put(path, b"[" * 100_000), look()),
    "a folder": lambda path, look: (make_folder(path), look()),
}


def put_odd_numbers(path: Path, look: Callable[[], None]) -> None:
    """In the place of each number of JSON."""
    whole = path.read_bytes()
    for number in (b"1e999", b"9" * 400):
        path.write_bytes(re.sub(rb"(?<=[:\[,])( ?)-?[0-9.]+", rb"\g<1>" + number, whole))
        look()


SERVER = address.parse("aim://localhost:1")
FILES: dict[str, Callable[[Path], Path]] = {
    "version": lambda root: root / ".aim" / "repo.json",
    "manifest of the index": lambda root: root / ".aim" / "cache" / "manifest",
    "table of the index": lambda root: next((root / ".aim" / "cache").glob("runs-*.parquet")),
    "edits": lambda root: next((root / ".aim" / "edits").glob("*.log")),
    "lock of the supervisor": lambda root: supervisor._lock_path(root / ".aim"),
    "messages of the supervisor": lambda root: detached.place(root / ".aim") / detached.own_name("messages.log"),
    "key of what starts": lambda root: root.parent / "state" / "aim" / "launch.key",
    "note of a server": lambda root: servers._file(root / ".aim"),
    "report of a shipper": lambda root: spool._beside(spool.of(SERVER), "json"),
    "manifest of a pulled UI": lambda root: versions.folder() / "1.0" / "manifest.json",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_STATE_HOME", str(folder / "state"))
        patched.setenv("XDG_CACHE_HOME", str(folder / "caches"))
        root = folder / "root"
        for number in range(66):  # more than the index keeps in memory alone
            with aim.Run(f"run {number}", repo=root) as run:
                run.track(0.5, "loss")
        Records(root / ".aim").save_template(Template(name="t", argv=("true",)))
        Repo(root).count()
        spool.report(spool.create(SERVER), spool.ShipperStatus(time=1.0, kept=(("a", "b"),)))
        for name in ("messages of the supervisor", "lock of the supervisor"):
            FILES[name](root).write_text("words")
        (folder / "ui").mkdir()
        (folder / "ui" / "index.html").write_text("<title>Aim</title>")
        wheels = folder / "wheels"
        pack(folder / "ui", "1.0", wheels)
        versions.pull("1.0", wheels)
    return folder


@pytest.mark.parametrize(
    "damage", [pytest.param(name, marks=pytest.mark.stress) if "many" in name else name for name in DAMAGES]
)
@pytest.mark.parametrize("file", FILES)
def test_nothing_stops(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, damage: str) -> None:
    run_on_after(made, tmp_path, monkeypatch, file, DAMAGES[damage])


@pytest.mark.parametrize("file", ["version", "manifest of the index", "note of a server", "report of a shipper"])
def test_odd_numbers_stop_nothing(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    run_on_after(made, tmp_path, monkeypatch, file, put_odd_numbers)


def run_on_after(
    made: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    damage: Callable[[Path, Callable[[], None]], object],
) -> None:
    shutil.copytree(made, tmp_path / "copy")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "copy" / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "copy" / "caches"))
    root = tmp_path / "copy" / "root"
    note = servers._file(root / ".aim")
    note.write_text(json.dumps(asdict(Served(str(root), servers.identity(os.getpid()), "localhost", 1))))

    def look() -> None:
        assert len(Repo(root).select_metrics("loss")) == 66
        assert [template.name for template in templates(root / ".aim")] in (["t"], [])
        servers.of_repo(root / ".aim")
        servers.on_port(2)
        spool.reported(spool.of(SERVER))
        versions.chosen("latest")
        with suppress(OSError):
            os.close(detached._messages(FILES["messages of the supervisor"](root)))
        with suppress(LaunchError):
            if lock := supervisor.take_lock(root / ".aim"):
                lock.close()

    path = FILES[file](root)
    damage(path, look)
    with aim.Run("after", repo=root) as run:
        run.track(1.0, "loss")
    assert Repo(root).count() == 67
