"""The constraints files pin what the scripts install: every requirement, by version and hash, and no host."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import io
import re
import sysconfig
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
CONSTRAINTS = ROOT / "constraints.txt"
INTEGRATIONS = ROOT / "tests" / "integrations" / "constraints.txt"
if not (ROOT / "scripts" / "locked.py").is_file():
    pytest.skip("these tests need a checkout", allow_module_level=True)

PYTHONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LOCKED = script("locked")
FETCH = script("fetch_pip")


def pins(constraints: Path) -> list[Requirement]:
    return [Requirement(entry.lines.partition(" \\\n")[0]) for entry in LOCKED.entries(constraints)]


def asked_by_project() -> list[Requirement]:
    """What pyproject.toml and the UI's build ask for."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("[project.scripts]")[0]
    lines = re.findall(r'^ *"([a-z0-9-]+[>=]?[^" ]*)",$', project, re.MULTILINE)
    node = re.findall(r'^NODE_WHEEL = "(.*)"', (ROOT / "hatch_build.py").read_text(encoding="utf-8"), re.MULTILINE)
    return [Requirement(line) for line in (*lines, *node)]


def asked_by_integrations() -> list[Requirement]:
    listed = (ROOT / "tests" / "integrations" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in listed if not line.startswith("#")]


@pytest.mark.parametrize("constraints", [CONSTRAINTS, INTEGRATIONS])
def test_every_entry_is_a_version_with_hashes(constraints: Path) -> None:
    for entry in LOCKED.entries(constraints):
        name, _, hashes = entry.lines.partition(" \\\n")
        assert re.fullmatch(r"==[\w.+]+", str(Requirement(name).specifier)), f"{name} is not one version"
        assert re.fullmatch(r"(    --hash=sha256:[0-9a-f]{64}( \\\n)?)+", hashes), f"{name} has no hash"
    text = constraints.read_text(encoding="utf-8")
    assert "://" not in text and "--index" not in text


@pytest.mark.parametrize("python", PYTHONS)
def test_every_requirement_is_pinned_for_each_python(python: str) -> None:
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    for constraints, asked in [(CONSTRAINTS, asked_by_project()), (INTEGRATIONS, asked_by_integrations())]:
        versions: dict[str, list[str]] = {}
        for pin in pins(constraints):
            if pin.marker is None or pin.marker.evaluate(environment):
                versions.setdefault(canonicalize_name(pin.name), []).append(str(pin.specifier)[2:])
        assert {name: pinned for name, pinned in versions.items() if len(pinned) > 1} == {}
        assert len(asked) > 20
        for requirement in asked:
            if requirement.marker is None or requirement.marker.evaluate(environment):
                (version,) = versions.get(canonicalize_name(requirement.name), ["none"])
                assert version != "none", f"{requirement} is not pinned: run scripts/pin"
                assert requirement.specifier.contains(version), f"{requirement}, but {version} is pinned"


def test_both_files_pin_the_same_versions() -> None:
    ours, other = (
        {(pin.name, str(pin.marker)): str(pin.specifier) for pin in pins(path)} for path in (CONSTRAINTS, INTEGRATIONS)
    )
    assert {name: (ours[name], other[name]) for name in ours.keys() & other.keys() if ours[name] != other[name]} == {}


def test_a_package_comes_with_everything_that_it_needs() -> None:
    names = {entry.name for entry in LOCKED.locked(LOCKED.entries(CONSTRAINTS), ["aim", "aim[test]", "hatchling"])}
    assert {"numpy", "duckdb", "pytest", "hypothesis", "hatchling", "sortedcontainers"} <= names
    assert names.isdisjoint({"cosmic-ray", "scikit-learn", "uv"})
    for name in names:
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for need in map(Requirement, needs):
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                assert canonicalize_name(need.name) in names, f"{name} needs {need}"


@pytest.mark.parametrize(
    ("asked", "words"), [("nosuch", "no version is pinned of nosuch"), ("aim[gpu]", "not an extra")]
)
def test_unpinned_requirements_are_refused(asked: str, words: str) -> None:
    with pytest.raises(SystemExit, match=words):
        LOCKED.locked(LOCKED.entries(CONSTRAINTS), ["aim", asked])


def wheel() -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        archive.writestr(zipfile.ZipInfo("pip/__init__.py"), "")
    return into.getvalue()


@pytest.mark.parametrize(
    ("arguments", "pinned", "refused"),
    [
        ([], ("9.1", [hashlib.sha256(wheel()).hexdigest()]), None),
        ([], ("9.1", ["0" * 64]), "another hash"),
        ([], ("9.9", ["0" * 64]), "No wheel of pip 9.9"),
        (["--latest"], ("", []), None),
    ],
)
def test_pip_is_fetched_by_the_version_and_hash_of_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], pinned: object, refused: str | None
) -> None:
    page = f'<a href="../files/pip-9.1-py3-none-any.whl#sha256={hashlib.sha256(wheel()).hexdigest()}">'
    monkeypatch.setenv("PIP_INDEX_URL", "https://example.org/simple")
    monkeypatch.setattr(FETCH, "read", lambda url: wheel() if url.endswith(".whl") else page.encode())
    monkeypatch.setattr(FETCH, "pinned", lambda: pinned)
    monkeypatch.setattr(FETCH.sys, "base_prefix", "/elsewhere")
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    if refused is None:
        FETCH.main(arguments)
    else:
        with pytest.raises(SystemExit, match=refused):
            FETCH.main(arguments)
    assert (tmp_path / "pip" / "__init__.py").exists() == (refused is None)


def test_pip_is_pinned() -> None:
    version, hashes = FETCH.pinned()
    assert [str(pin.specifier) for pin in pins(CONSTRAINTS) if pin.name == "pip"] == [f"=={version}"]
    assert len(hashes) == 2
