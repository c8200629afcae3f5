"""README's scripts run as printed, and the commands that it names exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import aim
from aim import demo

ROOT = Path(aim.__file__).parent.parent
README = ROOT / "README.md"

if not README.is_file():
    pytest.skip("these tests need a checkout", allow_module_level=True)

TEXT = README.read_text(encoding="utf-8")
SCRIPTS = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.strip().splitlines()[-1][:40])
def test_scripts_run_as_printed(script: str, tmp_path: Path) -> None:
    demo.generate(tmp_path, runs=4, metrics=4, steps=10)
    (tmp_path / "train.py").write_text(script, encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-W", "error", "train.py"]
    environment = {**os.environ, "PYTHONPATH": path}
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr


def test_the_training_script_is_five_lines() -> None:
    lines = [line for line in SCRIPTS[0].splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(lines) <= 5 and lines[0] == "import aim"


def test_named_files_exist() -> None:
    named = set(re.findall(r"\b(?:scripts|examples|benchmarks|docs)/[\w./-]*\w", TEXT))
    assert {"scripts/try", "scripts/test"} <= named
    assert [name for name in named if not (ROOT / name).exists()] == []
