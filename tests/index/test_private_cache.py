"""Where the cache of a repository is that this user does not own or cannot write, and which private caches go."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from aim import user
from aim.index import cache_folder
from aim.index.cache_folder import CacheFolder
from tests.index.caches import EMPTY, believed, folder_of, full, parquet


@pytest.mark.skipif(os.name != "posix", reason="permission bits are those of POSIX")
@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o757])
def test_a_private_folder_that_others_can_write_is_not_used(
    aim_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    monkeypatch.setenv("AIM_CACHE_DIR", str(tmp_path / "shared"))
    aim_dir.chmod(0o777)
    assert folder_of(CacheFolder(aim_dir)).parent == tmp_path / "shared"
    folder_of(CacheFolder(aim_dir)).chmod(mode)
    assert Path(os.environ["XDG_CACHE_HOME"]) in folder_of(CacheFolder(aim_dir)).parents


def test_a_repository_of_this_user_has_its_cache_inside(aim_dir: Path) -> None:
    for mode in (0o755, 0o700, 0o2750):
        aim_dir.chmod(mode)
        assert not CacheFolder(aim_dir).private


@pytest.mark.skipif(os.name != "posix", reason="permission bits are those of POSIX")
def test_files_of_a_private_cache_do_not(aim_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIM_CACHE_DIR", str(tmp_path / "mine"))
    shutil.rmtree(aim_dir / "cache", ignore_errors=True)
    (aim_dir / "cache").write_text("a file where the folder should be")
    aim_dir.chmod(0o777)
    made = CacheFolder(aim_dir)
    assert made.private and made.writable and folder_of(made).parent == tmp_path / "mine"
    assert made.write(1, EMPTY) and made.commit([1])
    paths = [*parquet(made), folder_of(made) / "manifest"]
    assert not {path.name for path in paths if path.stat().st_mode & 0o022}
    assert folder_of(made).stat().st_mode & 0o777 == 0o700


def test_a_repository_that_cannot_be_examined_or_is_gone_has_a_private_cache(
    aim_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CacheFolder(tmp_path / "gone" / ".aim").private and not (tmp_path / "gone").exists()

    def denied(place: Path) -> bool:
        return full() if aim_dir in (place, *place.parents) else True

    monkeypatch.setattr(user, "alone_writes", denied)
    assert CacheFolder(aim_dir).private


def test_a_cache_of_this_user_is_read_where_it_cannot_be_written(
    kept: CacheFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_folder, "_writable", lambda folder, aim_dir: False)
    mine = CacheFolder(kept.aim_dir)
    assert (mine.private, mine.writable, len(mine.load())) == (False, False, 3)


@pytest.mark.parametrize("home", [True, False])
def test_without_a_key_the_cache_is_private(kept: CacheFolder, monkeypatch: pytest.MonkeyPatch, home: bool) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null" if home else "")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    mine = CacheFolder(kept.aim_dir)
    assert mine.private and mine.writable and mine.load() == []
    assert mine.write(1, EMPTY) and mine.commit([1]) and believed(kept) == [1]


def test_other_folders_beside_private_caches_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_folder, "USER_CACHE_LIMIT", 10)
    made = (f"points-{'1' * 32}.parquet", "lock", "manifest", f".draft.12.{'0' * 8}")
    contents = {"a" * 32: made, "b" * 32: (*made, "photo.jpg"), "mine": made, "a" * 33: made}
    for name, files in contents.items():
        (tmp_path / name).mkdir()
        for file in files:
            (tmp_path / name / file).write_bytes(bytes(100))
    (tmp_path / "kept" / "folder").mkdir(parents=True)
    (tmp_path / ("d" * 32)).mkdir()
    (tmp_path / ("d" * 32) / made[0]).symlink_to(tmp_path / "kept", target_is_directory=True)
    (tmp_path / ("d" * 32) / "note").symlink_to("nowhere")
    (tmp_path / ("e" * 32)).symlink_to(tmp_path / "mine", target_is_directory=True)
    (tmp_path / ("f" * 32)).write_text("a file")
    cache_folder._limit_private(tmp_path / ("c" * 32))
    left = sorted(entry.name for entry in tmp_path.iterdir())
    assert left == ["a" * 33, "b" * 32, "c" * 32, "e" * 32, "f" * 32, "kept", "mine"]
    assert len(list((tmp_path / ("b" * 32)).iterdir())) == 5 and (tmp_path / "kept" / "folder").is_dir()
    assert len(list((tmp_path / "mine").iterdir())) == 4


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can give files away")
def test_private_caches_of_other_users_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_folder, "USER_CACHE_LIMIT", 0)
    (tmp_path / ("a" * 32)).mkdir()
    (tmp_path / ("a" * 32) / "manifest").write_text("theirs")
    os.chown(tmp_path / ("a" * 32), 54321, -1)
    cache_folder._limit_private(tmp_path / ("c" * 32))
    assert (tmp_path / ("a" * 32) / "manifest").exists()


def test_the_least_recently_used_private_caches_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_folder, "USER_CACHE_LIMIT", 200)
    for age, letter in enumerate("cab"):
        folder = tmp_path / (letter * 32)
        folder.mkdir()
        (folder / "manifest").write_bytes(bytes(100))
        os.utime(folder, (1e9 - age, 1e9 - age))
    cache_folder._limit_private(tmp_path / ("d" * 32))
    assert sorted(entry.name[0] for entry in tmp_path.iterdir()) == ["a", "c", "d"]


def test_a_repository_behind_a_link_has_its_cache_inside(aim_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "linked").symlink_to(aim_dir)
    assert not CacheFolder(tmp_path / "linked").private


def test_private_caches_are_limited_when_one_is_opened(
    aim_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_folder, "USER_CACHE_LIMIT", 10)
    monkeypatch.setenv("AIM_CACHE_DIR", str(tmp_path / "mine"))
    other = tmp_path / "mine" / ("a" * 32)
    other.mkdir(parents=True)
    (other / "manifest").write_bytes(bytes(100))
    assert not CacheFolder(aim_dir).private and other.exists()
    aim_dir.chmod(0o777)
    assert folder_of(CacheFolder(aim_dir)).parent == other.parent and not other.exists()


def test_a_cache_that_is_a_link_is_not_used(aim_dir: Path, tmp_path: Path) -> None:
    """A repository of a stranger may link it to a folder of this user, where files would be removed."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    old = elsewhere / f"points-{'1' * 32}.parquet"
    old.write_text("not ours")
    os.utime(old, (1e9, 1e9))
    shutil.rmtree(aim_dir / "cache")
    (aim_dir / "cache").symlink_to(elsewhere, target_is_directory=True)
    for name in ("", "tensorboard-0"):
        made = CacheFolder(aim_dir, name)
        assert made.private and made.write(1, EMPTY) and made.commit([1])
    assert os.listdir(elsewhere) == [old.name]
