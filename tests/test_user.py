"""A user without a home folder and without a name, as in a container that runs under any number."""

from __future__ import annotations

import os
import pwd
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

import aim
from aim import user
from aim.cli import servers, versions
from aim.cli.main import main
from aim.errors import RepoError
from aim.index import cache_folder


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(number: int) -> pwd.struct_passwd:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    for name in ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    (tmp_path / "tmp").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.chdir(tmp_path / "work")


def test_a_private_folder_is_the_home(tmp_path: Path) -> None:
    home = tmp_path / "tmp" / f"aim-{os.getuid()}"
    assert user.home() == user.home() == home and home.stat().st_mode & 0o777 == 0o700
    assert user.name() == str(os.getuid())
    assert versions.folder() == home / ".cache" / "aim" / "ui"
    assert home in cache_folder.user_cache().parents and home in servers.folder().parents


def test_the_state_of_programs_needs_an_absolute_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert user.state() is None
    monkeypatch.setenv("HOME", str(tmp_path))
    for given in ("", "relative"):
        monkeypatch.setenv("XDG_STATE_HOME", given)
        assert user.state() == tmp_path / ".local" / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert user.state() == tmp_path / "state"


def test_the_folder_of_another_user_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp" / f"aim-{os.getuid()}").mkdir()
    monkeypatch.setattr(user, "is_mine", lambda place: False)
    assert user.home().parent == tmp_path / "tmp" and user.home().name != f"aim-{os.getuid()}"


@pytest.mark.skipif(os.name != "posix", reason="owners and groups are those of POSIX")
@pytest.mark.parametrize(
    ("mode", "group", "members", "alone"),
    [
        (0o700, "team", ["ann"], True),
        (0o755, "team", [], True),
        (0o770, "ann", [], True),
        (0o775, "ann", ["ann"], True),
        (0o770, "ann", ["ann", "bob"], False),
        (0o770, "team", ["ann"], False),
        (0o702, "ann", [], False),
        (0o1777, "ann", [], False),
    ],
)
def test_who_can_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, group: str, members: list[str], alone: bool
) -> None:
    """Many systems give each user a group of their own, and its members are listed only if there are more."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder").chmod(mode)
    number = (tmp_path / "folder").stat().st_gid
    monkeypatch.setattr("pwd.getpwuid", lambda uid: SimpleNamespace(pw_name="ann", pw_gid=number))
    monkeypatch.setattr("grp.getgrgid", lambda gid: SimpleNamespace(gr_name=group, gr_mem=members))
    assert user.alone_writes(tmp_path / "folder") is alone
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)
    assert user.alone_writes(tmp_path / "folder") is (not mode & 0o022)
    monkeypatch.setattr(os, "getuid", lambda: -7)
    assert not user.alone_writes(tmp_path / "folder")


def test_an_access_list_names_more_who_can_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o770)
    monkeypatch.setattr(user, "_is_alone_in", lambda group: True)
    monkeypatch.setattr(os, "listxattr", lambda *given, **options: [], raising=False)
    assert user.alone_writes(tmp_path)
    monkeypatch.setattr(os, "listxattr", lambda *given, **options: ["system.posix_acl_access"])
    assert not user.alone_writes(tmp_path)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("~", "this user has no home"),
        ("~/runs", "this user has no home"),
        ("~nobody-here", "there is no user 'nobody-here' with a home"),
        ("~nobody-here/runs", "there is no user 'nobody-here' with a home"),
    ],
)
def test_no_folder_is_called_tilde(path: str, why: str) -> None:
    for use in (aim.Repo, aim.init, lambda path: aim.Run("a", repo=path)):
        with pytest.raises(
            RepoError, match=f"{path!r} means no folder, because {why}: write the whole path, or ./{path}"
        ):
            use(path)
    assert os.listdir() == []
    aim.Run("a", repo=f"./{path}").close()
    assert os.listdir() == [path.split("/")[0]]


@pytest.mark.parametrize(
    "words",
    [
        "runs ls", "query loss", "storage du", "storage check", "storage seal", "runs archive a", "up --version 0.0.7",
        "ps", "template add t -- true", "experiment ls", "down", "pull -v 1.0 --from .",
    ],
)  # fmt: skip
def test_no_command_ends_in_a_traceback(words: str) -> None:
    with aim.Run("a", repo=".") as run:
        run.track(0.5, "loss")
    os.chmod(".aim", 0o555)
    ended = CliRunner().invoke(main, words.split())
    os.chmod(".aim", 0o755)
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    assert not os.path.lexists("~")


def test_a_read_only_repository_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with aim.Run("a", repo=".") as run:
        run.track(0.5, "loss")
    writable = cache_folder._writable
    monkeypatch.setattr(cache_folder, "_writable", lambda folder, aim_dir: aim_dir is None and writable(folder, None))
    assert aim.Repo(".").count() == 1
