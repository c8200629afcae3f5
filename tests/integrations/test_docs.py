"""Every integration has a page, and the script on it runs as printed and records."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import aim
from aim.dropins.table import DROPINS

ROOT = Path(aim.__file__).parents[1]
PAGES = sorted((ROOT / "docs" / "integrations").glob("[a-z]*.md"))
NEEDED = {
    "hydra": ["hydra"],
    "mlflow": ["mlflow", "sqlalchemy"],
    "pytorch": ["torch"],
    "pytorch_lightning": ["torch", "lightning"],
    "stable_baselines3": ["torch", "stable_baselines3", "gymnasium"],
    **{name: [] for name in (*DROPINS, "tensorboard")},
    "transformers": ["torch", "transformers", "accelerate"],
}

QUIET_RAY = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_raylet_start_wait_time_s": "300"}

if not PAGES:
    pytest.skip("these tests need a checkout", allow_module_level=True)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
@pytest.mark.timeout(600)
def test_the_script_runs_as_printed(page: Path, tmp_path: Path) -> None:
    for package in NEEDED.get(page.stem, [page.stem]):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    text = page.read_text(encoding="utf-8")
    (script,) = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    (tmp_path / "train.py").write_text(script, encoding="utf-8")
    for config in re.findall(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **QUIET_RAY}
    command = [sys.executable, "train.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr
    runs = aim.select_metrics("*", tmp_path)
    assert runs and all(run.metrics and run.params for run in runs)
    assert all(run.status != "running" and not run.dropped for run in runs)
    assert "aim: " not in done.stderr.replace("aim: recording to", ""), done.stderr


def test_every_integration_has_a_page() -> None:
    modules = {path.stem for path in (ROOT / "aim" / "integrations").glob("*.py")} - {
        "__init__",
        "mlflow_store",
        "training_run",
    }
    assert modules | {"pytorch_lightning", "tensorboard", *DROPINS} == {page.stem for page in PAGES}


def test_the_index_leads_to_every_page() -> None:
    index = (ROOT / "docs" / "integrations" / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(([a-z0-9_]+)\.md\)", index)) == {page.stem for page in PAGES}
