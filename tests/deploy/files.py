"""What deploy/ says, for tests of several kinds."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
if not DEPLOY.is_dir():
    pytest.skip("these tests need a checkout", allow_module_level=True)
yaml = pytest.importorskip("yaml", reason="needs the package pyyaml")


def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return content


def kustomization(folder: Path = KUBERNETES) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((folder / "kustomization.yaml").read_text())
    return content


@cache
def objects() -> list[dict[str, Any]]:
    """Those of every file that deploy/kubernetes names."""
    files = [KUBERNETES / name for name in kustomization()["resources"] if name.endswith(".yaml")]
    return [content for file in files for content in yaml.safe_load_all(file.read_text())]


def of_kind(*kinds: str) -> list[dict[str, Any]]:
    return [content for content in objects() if content["kind"] in kinds]


def pods() -> list[tuple[str, dict[str, Any]]]:
    """The name and template of everything that starts pods."""
    return [(each["metadata"]["name"], each["spec"]["template"]) for each in of_kind("StatefulSet", "Deployment")]


def containers() -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{name}/{container['name']}", container)
        for name, template in pods()
        for container in template["spec"]["containers"] + template["spec"].get("initContainers", [])
    ]


def dockerfile() -> list[tuple[str, str]]:
    """Its instructions, with lines joined."""
    lines = [line for line in (DEPLOY / "Dockerfile").read_text().splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    pairs = (line.strip().partition(" ") for line in joined.splitlines() if line.strip())
    return [(name, re.sub(r"\s+", " ", rest).strip()) for name, _, rest in pairs]


def instruction(name: str) -> list[str]:
    return [rest for other, rest in dockerfile() if other == name]
