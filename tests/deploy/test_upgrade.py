"""A new version over what older ones left: their logs and seals, their repo.json, and a cache that it cannot read."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import aim
from aim import Repo, layout
from aim.index.schema import VERSION
from aim.log import reader

GOLDEN = Path(__file__).parents[1] / "golden"
FOLD = """
import sys
import aim.index.schema as schema
schema.VERSION += int(sys.argv[2])
from aim import Repo
print(sorted((run.id, run.status, len(run.metrics)) for run in Repo(sys.argv[1]).select_runs()))
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A repository with the oldest log and seals of each version, as the first version of Aim marked it."""
    aim_dir = tmp_path / ".aim"
    for folder in ("log-v1", "seal-v2", "edits-v1"):
        (file,) = [path for path in (GOLDEN / folder).iterdir() if path.suffix in (".log", ".seal")]
        place = aim_dir / ("edits" if folder == "edits-v1" else f"runs/{'0' * 32}")
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, place)
    (aim_dir / "repo.json").write_text(json.dumps({"format": 1}))
    return tmp_path


def fold(root: Path, difference: int) -> str:
    """What a version of Aim says whose index has another version; it also leaves its cache."""
    command = [sys.executable, "-c", FOLD, str(root), str(difference)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=Path(aim.__file__).parent.parent)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.parametrize("difference", [-1, 1])
def test_the_cache_of_another_version_is_thrown_away_and_made_again(old: Path, difference: int) -> None:
    said = fold(old, difference)
    (manifest,) = (old / ".aim" / "cache").rglob("manifest*")
    before = manifest.read_bytes()
    assert f'"version": {VERSION + difference}'.encode() in before
    now = Repo(old)
    assert str(sorted((run.id, run.status, len(run.metrics)) for run in now.select_runs())) == said.strip()
    (manifest,) = (old / ".aim" / "cache").rglob("manifest*")
    assert f'"version": {VERSION}'.encode() in manifest.read_bytes()


def test_the_oldest_files_are_read_and_can_be_added_to(old: Path) -> None:
    layout.check_version(old / ".aim")
    files = {path: path.read_bytes() for path in (old / ".aim").rglob("*-*.*") if path.is_file()}
    with aim.Run("new", repo=old) as run:
        run.track(1.0, "loss")
    runs = {run.id for run in Repo(old).select_runs("run.archived or not run.archived")}
    assert {path.name[:32] for path in files if "runs" in path.parts} < runs
    assert all(path.read_bytes() == data for path, data in files.items())
    assert all(len(reader.read(path)) > 0 for path in files)
