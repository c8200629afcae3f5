"""What a killed conversion left is removed by a later one, and a draft that may still be written is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from aim.importers import aside
from aim.repo import Repo
from tests.index.sources.tensorboard.events import event_file, scalar


def test_what_a_killed_conversion_left_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    event_file(tmp_path / "tb" / "one", scalar("loss", 0, 0.5))
    (tmp_path / "csv").mkdir()
    (tmp_path / "csv" / "metrics.csv").write_text("step,loss\n0,0.5\n")
    repo = Repo.init(tmp_path)
    draft = aside.folder(repo.aim_dir)
    for convert in (lambda: repo.convert_tensorboard(tmp_path / "tb"), lambda: repo.convert("csv", tmp_path / "csv")):
        draft.mkdir()
        (draft / "any.log").write_bytes(b"half")
        monkeypatch.setattr(aside, "KEPT", 86_400.0)
        convert()
        assert draft.exists()
        monkeypatch.setattr(aside, "KEPT", -1.0)
        convert()
        assert not draft.exists()
    assert len(repo.select_runs()) == 2
