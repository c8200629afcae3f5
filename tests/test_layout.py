"""Where things are inside `.aim`, and how a repository is found and made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aim import layout
from aim.errors import RepoError


def test_the_nearest_repository_at_or_above_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    layout.create(tmp_path / ".aim")
    layout.create(tmp_path / "a" / ".aim")
    assert layout.find(below) == layout.find(tmp_path / "a") == tmp_path / "a" / ".aim"
    assert layout.find(tmp_path) == tmp_path / ".aim"
    monkeypatch.chdir(below)
    assert layout.find() == tmp_path / "a" / ".aim"


def test_a_file_named_aim_is_not_a_repository(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    layout.create(tmp_path / ".aim")
    (tmp_path / "a" / ".aim").write_text("")
    assert layout.find(tmp_path / "a") == tmp_path / ".aim"


def test_a_path_means_the_folder_or_its_aim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for spelled in (tmp_path, tmp_path / ".aim", str(tmp_path), "~", ".", "~/.aim", f"{tmp_path}/x/.."):
        assert layout.resolve(spelled) == tmp_path / ".aim"


@pytest.mark.parametrize(
    "address",
    [
        "clickhouse://u:{}@host:9000/db", "clickhouse://u:a/{}@host/db", "clickhouse://u:a@{}@host/db",
        "clickhouse://u:a?{}@host/db", "clickhouse://u:a#{}@host/db", "clickhouse://u:a\n{}@host/db", "s3://k:a/{}@b",
        "clickhouse://u:a//{}@host/db", "clickhouse://host/db?password={}", "clickhouse://host/db#{}",
    ],
)  # fmt: skip
def test_the_password_of_an_address_is_not_shown(address: str) -> None:
    with pytest.raises(RepoError, match="is an address, and a folder is needed here") as refused:
        layout.resolve(address.format("hunter2"))
    assert "hunter2" not in str(refused.value)


def test_new_repositories_are_identical(tmp_path: Path) -> None:
    for name in ("a", "b"):
        layout.create(tmp_path / name / ".aim")
        layout.create(tmp_path / name / ".aim")
    contents = [sorted(os.listdir(tmp_path / name / ".aim")) for name in ("a", "b")]
    assert contents == [["cache", "edits", "repo.json", "runs"]] * 2
    texts = {(tmp_path / name / ".aim" / "repo.json").read_text() for name in ("a", "b")}
    assert [json.loads(text) for text in texts] == [{"format": 1, "copy": 1}]


def test_many_processes_make_it_at_once(tmp_path: Path) -> None:
    code = "import sys, pathlib, aim.layout; sys.stdin.readline(); aim.layout.create(pathlib.Path(sys.argv[1]))"
    aim_dir = tmp_path / "new" / ".aim"
    children = [
        subprocess.Popen([sys.executable, "-c", code, str(aim_dir)], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(8)
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write(b"go\n")
        child.stdin.flush()
    for child in children:
        assert (child.communicate()[1], child.returncode) == (b"", 0)
    assert sorted(os.listdir(aim_dir)) == ["cache", "edits", "repo.json", "runs"], "and no draft is left"


def test_a_newer_format_is_refused_and_a_broken_file_is_not(tmp_path: Path) -> None:
    aim_dir = tmp_path / ".aim"
    layout.create(aim_dir)
    assert layout.version_damage(aim_dir) is None
    texts = ("", "{}", "[1]", '{"format": "x"}', '{"format": 0}', '{"format": true}', "[" * 60_000, "\udc80", "\0" * 12)
    for text in texts:
        (aim_dir / "repo.json").write_bytes(text.encode("utf-8", "surrogateescape"))
        assert layout.version_damage(aim_dir) == "is damaged"
        layout.create(aim_dir)
    (aim_dir / "repo.json").write_text('{"format": 2, "copy": 2}')
    with pytest.raises(RepoError, match="format 2 is newer than 1.*upgrade"):
        layout.create(aim_dir)


def test_a_damaged_version_is_reported_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    aim_dir = tmp_path / ".aim"
    layout.create(aim_dir)
    assert capsys.readouterr().err == ""
    (aim_dir / "repo.json").unlink()
    for _ in range(3):
        layout.check_version(aim_dir)
    told = capsys.readouterr().err
    assert told == f"aim: {aim_dir}/repo.json is missing. Nothing is lost. To repair it: aim storage check --repair\n"


def test_a_damaged_version_stops_nothing_without_standard_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = open(os.devnull, "w")
    closed.close()
    for number, stream in enumerate((closed, None)):
        aim_dir = tmp_path / str(number) / ".aim"
        layout.create(aim_dir)
        (aim_dir / "repo.json").unlink()
        monkeypatch.setattr("sys.stderr", stream)
        layout.check_version(aim_dir)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("whole", [None, b'{"format": 1}\n'], ids=["as written", "as first versions wrote it"])
def test_one_flipped_bit_of_the_version_stops_nothing(tmp_path: Path, whole: bytes | None) -> None:
    aim_dir = tmp_path / ".aim"
    layout.create(aim_dir)
    whole = whole or (aim_dir / "repo.json").read_bytes()
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        (aim_dir / "repo.json").write_bytes(flipped)
        layout.check_version(aim_dir)
        if b'"format": 1' not in flipped:
            assert layout.version_damage(aim_dir) == "is damaged"


@pytest.mark.parametrize("name", ["runs", "edits"])
def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path, name: str) -> None:
    places: dict[str, Callable[[Path], None]] = {
        "is a file, not a folder: move it away": Path.touch,
        "is a link, and Aim writes through no link": lambda path: path.symlink_to("nothing"),
    }
    for number, (told, put) in enumerate(places.items()):
        aim_dir = tmp_path / str(number) / ".aim"
        aim_dir.mkdir(parents=True)
        put(aim_dir / name)
        with pytest.raises(NotADirectoryError, match=f"{name} {told}"):
            layout.create(aim_dir)


def test_recording_works_without_the_cache_folder(tmp_path: Path) -> None:
    (tmp_path / ".aim").mkdir()
    (tmp_path / ".aim" / "cache").symlink_to("nothing")
    layout.create(tmp_path / ".aim")
    assert (tmp_path / ".aim" / "repo.json").is_file()


def test_a_link_to_nothing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a disk is not mounted: neither is another repository above it meant, nor a new one."""
    layout.create(tmp_path / ".aim")
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / ".aim").symlink_to("/mnt/gone/.aim")
    for look in (lambda: layout.find(tmp_path / "a" / "b"), lambda: layout.resolve(tmp_path / "a")):
        with pytest.raises(RepoError, match="is a link to /mnt/gone/.aim, which does not exist: create that folder"):
            look()
    (tmp_path / "a" / ".aim").unlink()
    (tmp_path / "a" / ".aim").symlink_to(tmp_path / ".aim")
    assert layout.find(tmp_path / "a" / "b") == tmp_path / "a" / ".aim"


@pytest.mark.parametrize("mode", [0o700, 0o755, 0o2775, 0o770])
def test_folders_and_files_take_the_mode_and_group_of_the_repository(tmp_path: Path, mode: int) -> None:
    aim_dir = tmp_path / ".aim"
    aim_dir.mkdir()
    aim_dir.chmod(mode)
    layout.create(aim_dir)
    run_dir = layout.run_dir(aim_dir, "x")
    layout.make_folder(run_dir, aim_dir)
    for folder in (aim_dir / "runs", run_dir, aim_dir / "edits"):
        assert folder.stat().st_mode & 0o7777 == mode
        assert folder.stat().st_gid == aim_dir.stat().st_gid
    assert (aim_dir / "repo.json").stat().st_mode & 0o777 == mode & 0o666


@pytest.mark.parametrize("name", ["..", "/etc/passwd", "a/../../b", "", "x" * 10_000, "näme 🌱", "file\udc80", "con"])
def test_a_name_never_becomes_a_path(tmp_path: Path, name: str) -> None:
    folder = layout.run_dir(tmp_path / ".aim", name)
    assert folder.parent == tmp_path / ".aim" / "runs"
    assert len(folder.name) == 32 and set(folder.name) <= set("0123456789abcdef")


NAMES = [
    (f"{'a' * 32}-{'0' * 16}.log", True),
    (f"{'a' * 32}-{'0' * 16}.seal", True),
    (f"{'A' * 32}-{'0' * 16}.log", False),
    (f"{'a' * 31}-{'0' * 16}.log", False),
    (f"{'a' * 32}-{'0' * 17}.log", False),
    (f"{'a' * 32}-{'0' * 16}.log.tmp", False),
    (f".{'a' * 32}-{'0' * 16}.log", False),
    (f"{'a' * 32}{'0' * 16}.log", False),
    ("", False),
    (".log", False),
]


@pytest.mark.parametrize(("name", "known"), NAMES)
def test_the_name_of_a_writers_file(name: str, known: bool) -> None:
    parsed = layout.parse_name(name)
    assert (parsed is not None) == known
    if parsed is not None:
        assert name == f"{parsed.run}-{parsed.writer}.{parsed.suffix}"


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "../../other/.aim/runs/a", "/etc", "a\0b", "..."])
def test_a_name_that_a_database_states_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    assert layout.folder_named(tmp_path, name) == tmp_path / "runs" / "none"
    assert layout.folder_named(tmp_path, "a" * 32) == tmp_path / "runs" / ("a" * 32)
