"""A process beside the training uploads artifacts; whatever the store does, training goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import aim
from aim.artifacts import uploads
from tests.artifacts.folders import written
from tests.artifacts.stores import names_at
from tests.commands import environment
from tests.ports import free_port
from tests.stores import MISSING, SECRET, serving
from tests.stores import environment as of_s3
from tests.waiting import until

pytest.importorskip("fsspec")
NEEDS_S3 = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))


@pytest.fixture(autouse=True)
def no_uploader_survives(here: Path) -> Iterator[None]:
    yield
    for pid in uploaders(here):
        os.kill(pid, signal.SIGKILL)


def uploaders(here: Path) -> list[int]:
    """The processes that upload from this repository."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(word.endswith(b"uploader.py") for word in words) and os.fsencode(here / ".aim") in words:
            found.append(int(folder.name))
    return found


def is_stored(name: str) -> Callable[[], bool]:
    return lambda: bool(aim.Repo().artifacts.get(name).stored)


@NEEDS_S3
def test_a_run_uploads_in_the_background_to_s3(
    here: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path_factory.mktemp("s3")) as s3:
        for name, value in of_s3(s3.url).items():
            monkeypatch.setenv(name, value)
        address = s3.bucket()
        monkeypatch.setenv("AIM_ARTIFACT_STORE", address)
        with aim.Run() as run:
            made = run.log_artifact(written(here / "data"))
            best = run.checkpoint(here / "data" / "a.txt", step=1, name="model")
            kept = run.log_artifact(here / "data" / "deep", store="")
        assert made and best and kept
        assert (made.store, best.store, kept.store) == (address, address, "")
        until(is_stored("data"))
        until(is_stored("model"))
        assert names_at(address) >= {file.sha256 for file in made.files}
        assert SECRET.encode() not in b"".join(
            path.read_bytes() for path in (here / ".aim").rglob("*") if path.is_file()
        )


SCRIPT = """
import sys, aim
run = aim.Run()
run.log_artifact("data", store=sys.argv[1])
print(run.log_artifact.__name__, flush=True)
import os, signal; os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_training_stored_is_uploaded(here: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    written(here / "data")
    address = f"file://{tmp_path_factory.mktemp('store')}/x"
    ended = subprocess.run([sys.executable, "-c", SCRIPT, address], env=environment(), cwd=here, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    until(is_stored("data"))


def test_a_killed_uploader_is_followed_by_the_next(
    here: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in of_s3(f"http://127.0.0.1:{free_port()}").items():
        monkeypatch.setenv(name, value)
    written(here / "data")
    with aim.Run() as run:
        run.log_artifact(here / "data", store="s3://nobody/x")
        until(lambda: len(uploaders(here)) == 1)
        run.log_artifact(here / "data" / "a.txt", store="s3://nobody/x")
        assert len(uploaders(here)) == 1, "one for each repository"
        until(lambda: "check that 127.0.0.1 can be reached" in uploads.reported(here / ".aim").problem)
        os.kill(uploaders(here)[0], signal.SIGKILL)
        until(lambda: not uploaders(here))
        time.sleep(1.1)
        address = f"file://{tmp_path_factory.mktemp('store')}/x"
        run.log_artifact(here / "data" / "deep" / "b.bin", store=address)
        until(is_stored("b.bin"))
        assert len(aim.Repo().artifacts.waiting()) == 2, "a store that is away keeps no other waiting"


def test_wrong_stores_cost_no_training(
    here: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written(here / "data")
    monkeypatch.setenv("AIM_ARTIFACT_STORE", f"s3://key:{SECRET}@bucket")
    with aim.Run() as run:
        first = run.log_artifact(here / "data")
        assert first is not None and first.store == "", "a wrong setting must not cost the files"
        assert run.log_artifact(here / "data", store=f"s3://key:{SECRET}@bucket") is None
        assert run.log_artifact(here / "data", "other", store=3) is None  # type: ignore[arg-type]
    told = capfd.readouterr().err
    assert "AIM_ARTIFACT_STORE is the address" in told or "must not have a user and a password" in told
    assert SECRET not in told


def test_no_process_can_be_started(
    here: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from aim.sdk import beside

    def refused(*_: object, **__: object) -> None:
        raise OSError("too many processes")

    monkeypatch.setattr(beside, "start", refused)
    with aim.Run() as run:
        made = run.log_artifact(written(here / "data"), store="s3://bucket/x")
    assert made is not None and made.title == "data:v0"
    assert "is not uploaded: too many processes" in capfd.readouterr().err
    assert [one.title for one in aim.Repo().artifacts.waiting()] == ["data:v0"]
