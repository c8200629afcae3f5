"""An object store on loopback, and a repository whose seals can be moved there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from aim import Repo, store
from aim.cli import sealing
from tests.cli.conftest import Aim
from tests.cli.moving.runs import recorded
from tests.stores import S3, Proxy, environment


@pytest.fixture
def bucket(s3: S3, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty store, chosen in the environment."""
    address = s3.bucket()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {**environment(s3.url), "AIM_STORE": address}.items():
        monkeypatch.setenv(name, value)
    store._opened.cache_clear()
    return address


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sealed runs, and one that is still a log."""
    root = tmp_path_factory.mktemp("model")
    for name in ("one", "two"):
        recorded(root, name)
    sealing.seal_finished(root / ".aim", progress=lambda done, total: None)
    recorded(root, "log")
    return root


@pytest.fixture
def repo(here: Path, model: Path) -> Path:
    shutil.copytree(model, here, dirs_exist_ok=True)
    return here


@pytest.fixture
def away(aim: Aim, repo: Path, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository, whose seals are in a store that is away."""
    Repo(repo).select_runs()
    aim("storage", "move")
    with Proxy(0) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    store._opened.cache_clear()
    return repo
