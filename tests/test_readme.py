"""The scripts of README and of the quickstart run as printed, and the queries and commands that they name work."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import aim
from aim import demo
from aim.cli.main import main

ROOT = Path(aim.__file__).parent.parent
README = ROOT / "README.md"

if not README.is_file():
    pytest.skip("these tests need a checkout", allow_module_level=True)

TEXT = README.read_text(encoding="utf-8")
TEXTS = {page: (ROOT / page).read_text(encoding="utf-8") for page in ("README.md", "docs/quickstart.md")}
SCRIPTS = [
    pytest.param(script, id=f"{page}-{number}")
    for page, text in TEXTS.items()
    for number, script in enumerate(re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
]
QUERIES = sorted({query for text in TEXTS.values() for query in re.findall(r"""aim query (["'])(.*?)\1""", text)})


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_run_as_printed(script: str, tmp_path: Path) -> None:
    demo.generate(tmp_path, runs=4, metrics=4, steps=10)
    (tmp_path / "train.py").write_text(script, encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-W", "error", "train.py"]
    environment = {**os.environ, "PYTHONPATH": path}
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("query", [query for _, query in QUERIES])
def test_queries_are_answered(query: str, tmp_path: Path) -> None:
    demo.generate(tmp_path, runs=4, metrics=4, steps=10)
    answered = CliRunner().invoke(main, ["query", query, "--repo", str(tmp_path)])
    assert answered.exit_code == 0, answered.output


def test_commands_that_start_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("import sys; print(sys.argv)", encoding="utf-8")
    section = TEXT.partition("## Re-run and sweep")[2].partition("```shell\n")[2].partition("```")[0]
    lines = [shlex.split(line, comments=True)[1:] for line in section.splitlines()]
    assert [line[0] for line in lines] == ["run", "template", "queue", "up"]
    subprocess.run([sys.executable, "-m", "aim", "init"], check=True)
    for line in (*lines[:2], [*lines[2], "--dry-run"]):
        command = [sys.executable, "-m", "aim", *line]
        ended = subprocess.run(command, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr
    assert "6  python train.py --lr 0.01 --seed 3" in ended.stdout


def test_the_training_script_is_five_lines() -> None:
    script = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)[0]
    lines = [line for line in script.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(lines) <= 5 and lines[0] == "import aim"


def test_named_files_exist() -> None:
    named = set(re.findall(r"\b(?:scripts|examples|benchmarks|docs)/[\w./-]*\w", TEXT))
    assert {"scripts/try", "scripts/test"} <= named
    assert [name for name in named if not (ROOT / name).exists()] == []
