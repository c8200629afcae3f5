"""`aim pull` and `aim upgrade`: through the real pip from an index on this machine, from a folder, or without a
source."""

from __future__ import annotations

import functools
import http.server
import os
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import aim as package
from aim.cli import bundle, versions
from aim.cli.bundle import API, DISTRIBUTION, FOLDER, pack
from tests.cli.conftest import Aim

pytest.importorskip("pip", reason="pulling a UI needs pip")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def wheels(tmp_path: Path, built_ui: Path) -> Path:
    """Versions 1.0 and 1.1, and 2.0 for another API."""
    folder = tmp_path / "wheels"
    pack(built_ui, "1.0", folder)
    pack(built_ui, "1.1", folder)
    pack(built_ui, "2.0", folder, api=API + 1)
    return folder


@pytest.fixture
def index(tmp_path: Path, wheels: Path) -> Iterator[str]:
    """A package index that holds the wheels, and nothing else."""
    project = tmp_path / "index" / "simple" / DISTRIBUTION
    project.parent.mkdir(parents=True)
    wheels.rename(project)
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path / "index")
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/simple"
        server.shutdown()


@pytest.fixture
def pip_index(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """pip without settings from its environment."""
    for name in [name for name in os.environ if name.startswith("PIP_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    yield monkeypatch


def test_pull_through_pip(aim: Aim, index: str, pip_index: pytest.MonkeyPatch) -> None:
    pip_index.setenv("PIP_INDEX_URL", index)
    out = aim("pull", "-v", "1.0").output
    assert out == "Pulling Aim UI 1.0\nDone. Open it with: aim up -v 1.0\n"
    folder = versions.chosen("1.0")
    assert folder is not None and "A pulled UI" in (folder / "index.html").read_text()
    assert [manifest.version for manifest in versions.pulled()] == ["1.0"]
    assert [path.name for path in versions.folder().iterdir()] == ["1.0"], "nothing else is left behind"


def test_a_version_that_is_not_published(aim: Aim, index: str, pip_index: pytest.MonkeyPatch) -> None:
    pip_index.setenv("PIP_INDEX_URL", index)
    out = aim("pull", "-v", "7", code=1).output
    assert f"the package index has no {DISTRIBUTION}==7, but 1.0, 1.1, 2.0" in out


def test_upgrade_takes_the_newest_that_fits(aim: Aim, index: str, pip_index: pytest.MonkeyPatch) -> None:
    pip_index.setenv("PIP_INDEX_URL", index)
    out = aim("upgrade").output
    assert out == "Pulling latest Aim UI\nDone. aim up uses v1.1 from now on.\n"
    assert versions.chosen("latest") == versions.folder() / "1.1" / "ui"


def test_no_version_is_published(aim: Aim, tmp_path: Path, index: str, pip_index: pytest.MonkeyPatch) -> None:
    pip_index.setenv("PIP_INDEX_URL", index.replace("/simple", "/other"))
    out = aim("upgrade", code=1).output
    assert f"nothing is published as {DISTRIBUTION} on the package index that pip uses" in out
    assert "--from FOLDER" in out


def test_no_network(aim: Aim, pip_index: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        pip_index.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{unused.getsockname()[1]}/simple")
        out = aim("pull", "-v", "1.0", code=1).output
    assert "the package index cannot be reached" in out
    assert "--from FOLDER" in out


def test_no_pip(aim: Aim, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nshift 2\nexec {sys.executable} -I -S -m pip "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(versions.sys, "executable", str(python))
    out = aim("pull", "-v", "1.0", code=1).output
    assert f"pip, which fetches a UI, is missing. Run: {python} -m ensurepip" in out


def test_no_code_of_the_working_folder_is_run(aim: Aim, here: Path, index: str, pip_index: pytest.MonkeyPatch) -> None:
    pip_index.setenv("PIP_INDEX_URL", index)
    (here / "pip.py").write_text("raise SystemExit('this is not pip')")
    aim("pull", "-v", "1.0")


@pytest.mark.parametrize("typed", ["1.0", "1", "1.0.0"])
def test_pull_from_a_folder(aim: Aim, wheels: Path, typed: str) -> None:
    aim("pull", "-v", typed, "--from", wheels)
    assert versions.chosen(typed) == versions.folder() / "1.0" / "ui"


def test_upgrade_from_a_folder(aim: Aim, wheels: Path) -> None:
    assert "aim up uses v1.1 from now on" in aim("upgrade", "--from", wheels).output
    assert "aim up uses v1.1 from now on" in aim("upgrade", "--from", wheels).output, "again does no harm"
    assert aim("pull", "-v", "latest", "--from", wheels).output.endswith("Open it with: aim up -v 1.1\n")


def test_refusals_from_a_folder(aim: Aim, wheels: Path, tmp_path: Path) -> None:
    assert "holds no UI v3, but v1.0, v1.1, v2.0" in aim("pull", "-v", "3", "--from", wheels, code=1).output
    said = aim("pull", "-v", "2.0", "--from", wheels, code=1).output
    assert f"UI v2.0 supports API version {API + 1}, this Aim serves version {API}" in said
    (wheels / f"{FOLDER}-1.0-py3-none-any.whl").unlink()
    (wheels / f"{FOLDER}-1.1-py3-none-any.whl").unlink()
    assert "Upgrade Aim" in aim("upgrade", "--from", wheels, code=1).output
    (tmp_path / "empty").mkdir()
    assert "holds no UI" in aim("upgrade", "--from", tmp_path / "empty", code=1).output
    assert "does not exist" in aim("pull", "-v", "1", "--from", tmp_path / "gone", code=2).output
    assert "'x' is not a version" in aim("pull", "-v", "x", "--from", wheels, code=1).output


def test_a_wheel_under_a_wrong_name_is_refused(aim: Aim, wheels: Path) -> None:
    (wheels / f"{FOLDER}-1.0-py3-none-any.whl").rename(wheels / f"{FOLDER}-1.5-py3-none-any.whl")
    out = aim("pull", "-v", "1.5", "--from", wheels, code=1).output
    assert "holds UI v1.0, not v1.5" in out


def test_a_bad_wheel_leaves_the_good_one_in_place(aim: Aim, wheels: Path) -> None:
    aim("pull", "-v", "1.0", "--from", wheels)
    wheel = wheels / f"{FOLDER}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr(f"{FOLDER}/ui/evil.js", "")
    assert "does not name" in aim("pull", "-v", "1.0", "--from", wheels, code=1).output
    assert versions.chosen("1.0") is not None


def test_pulling_again_mends_a_version(aim: Aim, wheels: Path) -> None:
    aim("pull", "-v", "1.0", "--from", wheels)
    (versions.folder() / "1.0" / "ui" / "index.html").write_text("changed")
    with pytest.raises(versions.BundleError, match="aim pull -v 1.0"):
        versions.chosen("1.0")
    aim("pull", "-v", "1.0", "--from", wheels)
    assert versions.chosen("1.0") is not None


def test_which_ui_is_shown(aim: Aim, wheels: Path, built_ui: Path) -> None:
    assert versions.chosen("latest") is None, "the built-in one"
    assert versions.chosen(package.__version__) is None
    pack(built_ui, "0.0.1", wheels)
    aim("pull", "-v", "0.0.1", "--from", wheels)
    assert versions.chosen("latest") is None, "an older one is shown only when it is asked for"
    assert versions.chosen("0.0.1") is not None
    aim("pull", "-v", "1.0", "--from", wheels)
    assert versions.chosen("latest") == versions.folder() / "1.0" / "ui"
    with pytest.raises(versions.BundleError, match=r"Pull it first: aim pull -v 1\.1\. Installed: .*built in"):
        versions.chosen("1.1")


def test_a_cache_of_another_aim_is_not_shown(aim: Aim, wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aim("pull", "-v", "1.0", "--from", wheels)
    monkeypatch.setattr(bundle, "API", API + 1)
    assert versions.chosen("latest") is None
    with pytest.raises(versions.BundleError, match="this Aim serves"):
        versions.chosen("1.0")


def test_the_cache_folder_can_be_chosen(
    aim: Aim, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIM_CACHE_DIR", str(tmp_path / "mine"))
    aim("pull", "-v", "1.0", "--from", wheels)
    assert (tmp_path / "mine" / "ui" / "1.0" / "ui" / "index.html").is_file()
    monkeypatch.setenv("AIM_CACHE_DIR", os.devnull)
    assert "Set AIM_CACHE_DIR" in aim("pull", "-v", "1.0", "--from", wheels, code=1).output


def test_the_packaged_ui_can_be_bundled(tmp_path: Path) -> None:
    root = Path(package.__file__).parent.parent
    script = root / "scripts" / "build_ui_bundle.py"
    if not script.is_file() or not (root / "aim" / "server" / "ui" / "index.html").is_file():
        pytest.skip("needs a checkout with the UI built: python hatch_build.py build")
    command = [sys.executable, str(script), str(tmp_path), "5.0"]
    wheel = Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())
    assert bundle.unpack(wheel, tmp_path / "out").version == "5.0"
