"""constraints.txt pins what the tests install: every requirement, by version alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
CONSTRAINTS = ROOT / "constraints.txt"
if not CONSTRAINTS.is_file():
    pytest.skip("these tests need a checkout", allow_module_level=True)

PYTHONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]


def pins() -> list[Requirement]:
    return [Requirement(line) for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines()]


def asked() -> list[Requirement]:
    """The requirements of pyproject.toml, the UI's build and the integrations."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("[project.scripts]")[0]
    lines = re.findall(r'^ *"([a-z0-9-]+[>=]?[^" ]*)",$', project, re.MULTILINE)
    listed = (ROOT / "tests" / "integrations" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    node = re.findall(r'^NODE_WHEEL = "(.*)"', (ROOT / "hatch_build.py").read_text(encoding="utf-8"), re.MULTILINE)
    return [Requirement(line) for line in (*lines, *listed, *node) if not line.startswith("#")]


def test_every_line_is_a_version() -> None:
    for pin in pins():
        assert re.fullmatch(r"==[\w.+]+", str(pin.specifier)), f"{pin} is not one version"
        assert pin.url is None and not pin.extras, f"{pin} names more than a version"


@pytest.mark.parametrize("python", PYTHONS)
def test_every_requirement_is_pinned_for_each_python(python: str) -> None:
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    versions: dict[str, list[str]] = {}
    for pin in pins():
        if pin.marker is None or pin.marker.evaluate(environment):
            versions.setdefault(canonicalize_name(pin.name), []).append(str(pin.specifier)[2:])
    assert {name: pinned for name, pinned in versions.items() if len(pinned) > 1} == {}
    assert len(asked()) > 40
    for requirement in asked():
        if requirement.marker is None or requirement.marker.evaluate(environment):
            (version,) = versions.get(canonicalize_name(requirement.name), ["none"])
            assert version != "none", f"{requirement} is not pinned: run scripts/pin"
            assert requirement.specifier.contains(version), f"{requirement}, but {version} is pinned: run scripts/pin"
