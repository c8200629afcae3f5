from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Aim


def test_runs_have_the_requested_size(aim: Aim, here: Path) -> None:
    out = aim("demo", "--runs", "5", "--metrics", "3", "--steps", "7", "--seed", "3").stdout
    assert out == "Wrote 5 runs to aim-demo. Open them with: aim up --repo aim-demo\n"
    rows = json.loads(aim("query", "*", "--json", "--repo", "aim-demo").stdout)
    assert len(rows) == 15 and max(row["count"] for row in rows) == 7
    assert not (here / ".aim").exists(), "the real repository is left alone"


def test_a_seed_gives_the_same_curves(aim: Aim, here: Path) -> None:
    for repo in ("a", "b"):
        aim("demo", "--runs", "4", "--metrics", "2", "--steps", "5", "--seed", "1", "--repo", repo)
    curves = [
        [(row["name"], row["last"]) for row in json.loads(aim("query", "loss", "--json", "--repo", repo).stdout)]
        for repo in ("a", "b")
    ]
    assert curves[0] == curves[1]


def test_invalid_sizes(aim: Aim) -> None:
    assert "0 is not in the range" in aim("demo", "--runs", "0", code=2).output


def test_a_folder_that_is_not_writable(aim: Aim, here: Path) -> None:
    (here / "file").write_text("")
    told = aim("demo", "--runs", "1", "--repo", "file/inside", code=1).output
    assert "cannot write to file/inside" in told and "--repo" in told
