"""A project with content on every page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import aim
from aim.repo import Repo
from tests.browser.pages.rich import record_rich
from tests.browsing import Serve, up


def record(folder: Path) -> Path:
    """Three runs in two experiments, one of them failed, one resumed; a tag, a note and a bookmark."""
    for number in range(2):
        with aim.Run(f"run {number}", repo=folder, experiment="first") as run:
            run["hparams"] = {"lr": 0.1 / (number + 1), "optimizer": {"name": "adam"}}
            run["data set"] = {"n of rows": 1000}
            for step in range(50):
                for subset in ("train", "val"):
                    run.track((number + 1) / (step + 1), "loss", step=step, context={"subset": subset})
                run.track(step / 50, "accuracy", step=step)
    with aim.Run("run 1", repo=folder, resume=True) as run:
        run.track(0.5, "loss", context={"subset": "train"})
    with pytest.raises(ValueError), aim.Run("broken", repo=folder, experiment="second") as run:
        run.track(float("nan"), "loss")
        raise ValueError("CUDA out of memory")
    repo = Repo(folder)
    id = repo.run("run 0").id
    repo.runs.tag(id, "good")
    repo.tags.save("good", color="#1a7f4b", comment="worth a look")
    repo.runs.edit(id, "note:00", "# Idea\n\n**Warm up** first, see [the docs](https://example.org)")
    repo.bookmarks.save("?q=loss&logY=1", name="All losses", description="log y")
    return folder


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A project that a test may change."""
    return record(tmp_path)


@pytest.fixture
def url(repo: Path, serve: Serve) -> Iterator[str]:
    with serve(repo) as url:
        yield url.rstrip("/")


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory, profile: object) -> Iterator[str]:
    """A server with a project that no test changes."""
    with up(record(tmp_path_factory.mktemp("shown")), "--read-only") as url:
        yield url.rstrip("/")


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory, profile: object) -> Iterator[str]:
    """A server with one run that fills every tab of its page."""
    folder = tmp_path_factory.mktemp("rich")
    record_rich(folder / "project", folder / "code")
    with up(folder / "project", "--read-only") as url:
        yield url.rstrip("/")
