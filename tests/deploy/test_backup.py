"""A backup as docs/deploy.md describes it: of real files, while trainings record to a server and runs are sealed."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import aim
from aim import Repo, layout
from aim.artifacts import versions
from aim.artifacts.artifact import Artifact
from aim.artifacts.store import store
from aim.cli import damage, sealing
from aim.log import reader
from aim.log.reader import folders, paths
from aim.server.tokens import Tokens
from tests.remote.processes import end_shippers
from tests.server.receiving import Receiving
from tests.waiting import until

RUNS = 3
STEPS = 60
TRAIN = f"""
import itertools, sys, time, aim
for number in itertools.count():
    with aim.Run(f"{{sys.argv[1]}}-{{number}}") as run:
        for step in range({STEPS}):
            run.track(step / 3, "loss")
            time.sleep(0.002)
    print(number, flush=True)
"""
COPIES = {
    "cp": ["cp", "-a", "{source}/.", "{target}/"],
    "rsync": ["rsync", "-a", "--exclude", "/runs/.aim/cache", "{source}/", "{target}/"],
    "tar": ["sh", "-c", "tar -C {source} --exclude ./runs/.aim/cache -c . | tar -C {target} -xp --no-overwrite-dir"],
}


@contextmanager
def training(port: int, token: str, spool: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that record one run after the other."""
    root = str(Path(aim.__file__).parent.parent)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AIM_")}
    environ |= {"AIM_REPO": f"aim://127.0.0.1:{port}", "AIM_TOKEN": token, "AIM_SPOOL": str(spool), "PYTHONPATH": root}
    started = [
        subprocess.Popen([sys.executable, "-c", TRAIN, name], stdout=subprocess.PIPE, text=True, env=environ, cwd=spool)
        for name in ("a", "b")
    ]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate(timeout=60)
        end_shippers(spool)


@contextmanager
def sealing_all_the_time(aim_dir: Path) -> Iterator[None]:
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.05):
            sealing.seal_finished(aim_dir, progress=lambda done, total: None)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)


def ended(root: Path) -> dict[str, int]:
    """The number of points of each run that ended."""
    runs = Repo(root, read_only=True).select_runs("run.status == finished")
    return {run.hash: len(run.metrics["loss"].traces[0].values) for run in runs}


def logs(aim_dir: Path) -> dict[str, bytes]:
    """What was recorded by each writer, in a log or a seal."""
    there: dict[str, bytes] = {}
    for folder in (*folders(aim_dir / "runs"), aim_dir / "edits"):
        for path in paths(folder):
            data = reader.read(path)
            if len(data) > len(there.get(path.stem, b"")):
                there[path.stem] = data
    return there


def wait_for(root: Path, count: int) -> dict[str, int]:
    """The runs that ended, when there are so many."""
    return until(lambda: known if (root / ".aim/runs").is_dir() and len(known := ended(root)) >= count else None) or {}


@pytest.mark.parametrize("tool", COPIES)
def test_a_backup_of_a_server_that_records_reads_the_same(tmp_path: Path, tool: str) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"needs {tool}")
    source, target, spool = tmp_path / "data", tmp_path / "backup", tmp_path / "spool"
    for folder in (source / "runs", target, spool):
        folder.mkdir(parents=True)
    copy = [word.format(source=source, target=target) for word in COPIES[tool]]
    with Receiving(source / "runs") as served, training(served.port, served.token, spool):
        with sealing_all_the_time(served.aim_dir):
            before = wait_for(source / "runs", RUNS)
            Repo(source / "runs").runs.tag([Repo(source / "runs").run(next(iter(before))).id], "kept")
            for _ in range(2):
                subprocess.run(copy, check=False, capture_output=True, timeout=120)
            wait_for(source / "runs", len(before) + 1)
    restored = tmp_path / "elsewhere"
    shutil.copytree(target, restored, symlinks=True)
    shutil.rmtree(restored / "runs" / ".aim" / "cache", ignore_errors=True)
    again = ended(restored / "runs")
    assert before.items() <= again.items() and set(before.values()) == {STEPS}
    original = logs(served.aim_dir)
    for name, data in logs(restored / "runs" / ".aim").items():
        assert original[name].startswith(data), "what was copied is the beginning of what was recorded"
    places, checked = damage.look(restored / "runs" / ".aim", progress=lambda done, total: None)
    assert [place.text for place in places if "are not a whole record" not in place.text] == [] and checked.files
    tagged = Repo(restored / "runs").select_runs("'kept' in run.tags")
    assert [run.hash for run in tagged] == [next(iter(before))]
    assert {token.user for token in Tokens(restored / "runs" / ".aim")} == {"alice"}
    with Receiving(restored / "runs") as other:
        assert other.client().ask("GET", "/v1/health").status == 200


@contextmanager
def storing_all_the_time(aim_dir: Path, file: Path) -> Iterator[None]:
    """A thread that stores one version after the other, each with a file of its own."""
    stop = threading.Event()

    def work() -> None:
        for number in itertools.count():
            if stop.wait(0.002):
                return
            file.write_text(str(number))
            store(aim_dir, file, name="data")

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)


@pytest.mark.parametrize("tool", COPIES)
def test_a_backup_has_every_version_of_an_artifact_that_was_there_when_it_began(tmp_path: Path, tool: str) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"needs {tool}")
    source, target = tmp_path / "data", tmp_path / "backup"
    target.mkdir()
    copy = [word.format(source=source, target=target) for word in COPIES[tool]]
    aim_dir, copied = source / "runs" / ".aim", target / "runs" / ".aim"
    layout.create(aim_dir)
    with storing_all_the_time(aim_dir, tmp_path / "file.txt"):
        until(lambda: len(versions.every(aim_dir)) > 20)
        before = [version.id for version in versions.every(aim_dir)]
        for _ in range(2):
            subprocess.run(copy, check=False, capture_output=True, timeout=120)
    whole = {one.id: Artifact(copied, one).check() for one in versions.every(copied) if one.id in before}
    assert whole == dict.fromkeys(before, [])
