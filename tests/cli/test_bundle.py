"""A bundle is unpacked from a wheel only if it matches its manifest exactly."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest

from aim.cli import bundle
from aim.cli.bundle import API, DISTRIBUTION, FOLDER, MAX_BYTES, pack, read_manifest, unpack, verify
from aim.errors import BundleError

INDEX = b"<!doctype html>"
DIGEST = hashlib.sha256(INDEX).hexdigest()
GOOD: dict[str, Any] = {"name": DISTRIBUTION, "version": "1.0", "api": API, "files": {"index.html": DIGEST}}


def wheel_of(folder: Path, manifest: object, members: dict[str, bytes], *, mode: int = stat.S_IFREG | 0o644) -> Path:
    path = folder / f"{FOLDER}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{FOLDER}/manifest.json", json.dumps(manifest))
        for name, content in members.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = mode << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return path


def test_packing_and_unpacking_are_inverse(built_ui: Path, tmp_path: Path) -> None:
    wheel = pack(built_ui, "1.2.0", tmp_path)
    assert wheel.name == f"{FOLDER}-1.2.0-py3-none-any.whl"
    manifest = unpack(wheel, tmp_path / "out")
    assert (manifest.version, manifest.compatible) == ("1.2.0", True)
    for file in built_ui.rglob("*.*"):
        assert (tmp_path / "out" / "ui" / file.relative_to(built_ui)).read_bytes() == file.read_bytes()
    assert verify(tmp_path / "out") == manifest == read_manifest(wheel)


def test_the_same_files_give_the_same_wheel(built_ui: Path, tmp_path: Path) -> None:
    assert pack(built_ui, "1.0", tmp_path / "a").read_bytes() == pack(built_ui, "1.0", tmp_path / "b").read_bytes()


def test_a_folder_without_an_index_page_is_not_a_ui(tmp_path: Path) -> None:
    (tmp_path / "ui").mkdir()
    with pytest.raises(BundleError, match=r"needs an index\.html"):
        pack(tmp_path / "ui", "1.0", tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "aim-ui"}, "must name 'aim-explorer-ui'"),
        ({"version": "../../etc"}, "'../../etc' is not a version"),
        ({"version": 3}, "broken manifest.json"),
        ({"api": "1"}, "must name 'aim-explorer-ui', an api"),
        ({"api": True}, "must name 'aim-explorer-ui', an api"),
        ({"files": {}}, "needs an index.html"),
        ({"files": []}, "an api and files"),
        ({"files": {"index.html": DIGEST, "../evil.js": DIGEST}}, "not a plain relative path"),
        ({"files": {"index.html": DIGEST, "/etc/passwd": DIGEST}}, "not a plain relative path"),
        ({"files": {"index.html": DIGEST, "C:/evil": DIGEST}}, "not a plain relative path"),
        ({"files": {"index.html": DIGEST, "a\\b": DIGEST}}, "not a plain relative path"),
        ({"files": {"index.html": DIGEST, ".hidden": DIGEST}}, "not a plain relative path"),
        ({"files": {"index.html": DIGEST, "a//b": DIGEST}}, "not a plain relative path"),
        ({"files": {"index.html": DIGEST, "a/../b": DIGEST}}, "not a plain relative path"),
        ({"files": {"index.html": DIGEST, "Index.html": DIGEST}}, "one file twice"),
        ({"files": {"index.html": DIGEST} | {f"{number}": DIGEST for number in range(2000)}}, "2000 files at most"),
        ({"files": {"index.html": "0" * 64}}, "index.html is not the file that its manifest.json promises"),
        ({"files": {"index.html": 5}}, "index.html is not the file"),
        ({"files": {"index.html": DIGEST, "gone.js": DIGEST}}, "holds no aim_explorer_ui/ui/gone.js"),
    ],
)
def test_a_wrong_manifest_is_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    wheel = wheel_of(tmp_path, {**GOOD, **change}, {f"{FOLDER}/ui/index.html": INDEX})
    with pytest.raises(BundleError) as caught:
        unpack(wheel, tmp_path / "out")
    assert said in str(caught.value)
    assert not (tmp_path / "evil.js").exists()


@pytest.mark.parametrize(
    "name",
    [
        f"{FOLDER}/ui/extra.js",
        f"{FOLDER}/ui/../../evil.js",
        f"{FOLDER}/__init__.py",
        "../evil.js",
        "/evil.js",
        f"{FOLDER}-1.0.dist-info/../../evil.js",
        "evil.pth",
    ],
)
def test_a_file_that_the_manifest_does_not_name_is_refused(tmp_path: Path, name: str) -> None:
    wheel = wheel_of(tmp_path, GOOD, {f"{FOLDER}/ui/index.html": INDEX, name: b"evil"})
    with pytest.raises(BundleError, match="does not name"):
        unpack(wheel, tmp_path / "a" / "b" / "out")
    assert not list(tmp_path.rglob("*evil*"))


def test_metadata_of_the_wheel_is_left_in_it(tmp_path: Path) -> None:
    members = {f"{FOLDER}/ui/index.html": INDEX, f"{FOLDER}-1.0.dist-info/METADATA": b"Name: x"}
    unpack(wheel_of(tmp_path, GOOD, members), tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").rglob("*.*")) == ["index.html", "manifest.json"]


def test_links_are_refused(tmp_path: Path) -> None:
    wheel = wheel_of(tmp_path, GOOD, {f"{FOLDER}/ui/index.html": INDEX}, mode=stat.S_IFLNK | 0o777)
    with pytest.raises(BundleError, match="is a link or not a regular file"):
        unpack(wheel, tmp_path / "out")


def test_a_file_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    wheel = wheel_of(tmp_path, GOOD, {f"{FOLDER}/ui/index.html": INDEX})
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr(f"{FOLDER}/ui/index.html", b"other")
    with pytest.raises(BundleError, match="does not name"):
        unpack(wheel, tmp_path / "out")


def test_a_bomb_is_refused_before_it_unfolds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MAX_BYTES", 1000)
    wheel = wheel_of(tmp_path, GOOD, {f"{FOLDER}/ui/index.html": b"\0" * 1001})
    with pytest.raises(BundleError, match="too large"):
        unpack(wheel, tmp_path / "out")
    assert MAX_BYTES <= 1 << 27


def test_every_cut_and_many_flips_of_a_wheel_are_refused_or_harmless(built_ui: Path, tmp_path: Path) -> None:
    """Whatever happens to the bytes, the result is the packed content, or nothing."""
    whole = pack(built_ui, "1.0", tmp_path).read_bytes()
    good = read_manifest(tmp_path / f"{FOLDER}-1.0-py3-none-any.whl")
    broken = [whole[:cut] for cut in range(0, len(whole), 37)]
    broken += [whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :] for at in range(0, len(whole), 11)]
    for number, content in enumerate(broken):
        wheel = tmp_path / "broken.whl"
        wheel.write_bytes(content)
        try:
            assert unpack(wheel, tmp_path / str(number)).files == good.files
        except BundleError:
            continue


def test_files_that_are_not_wheels_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.whl").write_text("<html>404</html>")
    with pytest.raises(BundleError, match="cannot be read as a wheel"):
        read_manifest(tmp_path / "x.whl")
    with zipfile.ZipFile(tmp_path / "y.whl", "w") as archive:
        archive.writestr("other/data", io.BytesIO(b"x").read())
    with pytest.raises(BundleError, match="is not an Aim UI"):
        read_manifest(tmp_path / "y.whl")


@pytest.mark.parametrize("damage", ["changed", "gone", "link"])
def test_a_changed_bundle_is_noticed(built_ui: Path, tmp_path: Path, damage: str) -> None:
    unpack(pack(built_ui, "1.0", tmp_path), tmp_path / "out")
    index = tmp_path / "out" / "ui" / "index.html"
    content = index.read_bytes()
    index.unlink()
    if damage == "changed":
        index.write_bytes(content + b" ")
    elif damage == "link":
        (tmp_path / "elsewhere").write_bytes(content)
        index.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleError):
        verify(tmp_path / "out")


OPEN_TO_OTHERS = {
    "its folder": "",
    "its manifest": "out/manifest.json",
    "a folder in it": "out/ui/assets",
    "a file": "out/ui/index.html",
}


@pytest.mark.skipif(os.name != "posix", reason="permission bits are those of POSIX")
@pytest.mark.parametrize("name", OPEN_TO_OTHERS)
def test_a_bundle_that_others_can_write_is_not_served(built_ui: Path, tmp_path: Path, name: str) -> None:
    """As in a cache folder that a group shares: its scripts would act for whoever opens the page."""
    umask = os.umask(0)
    unpack(pack(built_ui, "1.0", tmp_path), tmp_path / "out")
    os.umask(umask)
    assert verify(tmp_path / "out").version == "1.0"
    place = tmp_path / OPEN_TO_OTHERS[name]
    place.chmod(place.stat().st_mode | 0o002)
    with pytest.raises(BundleError, match="can be written by others, so its UI is not served: set AIM_CACHE_DIR"):
        verify(tmp_path / "out")


def test_versions_sort_as_python_packages_do() -> None:
    ascending = "0.9 1.0.dev1 1.0a1 1.0b2 1.0rc1.dev3 1.0rc1 1.0 1.0.post1 1.0.1 1.2 1.10".split()
    assert sorted(reversed(ascending), key=bundle.order) == ascending
    assert bundle.order("1.0.0") == bundle.order("1")
    for wrong in ("", "v1", "latest", "1..2", "1.0/../x", "1.0+local", "1" * 50):
        with pytest.raises(BundleError, match="is not a version"):
            bundle.order(wrong)
