"""Without an optional package, the tests that need it are skipped and the others run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent
OPTIONAL = ["playwright", "pandas", "pyarrow", "plotly", "matplotlib", "PIL"]
FOLDERS = ["browser", "ui", "media", "query"]

# It makes thousands of tests, and needs none of them.
LARGE = TESTS / "query" / "test_cases.py"

COLLECT = """
import sys
import pytest
sys.modules.update(dict.fromkeys({names!r}))
sys.exit(pytest.main(["-q", "--collect-only", "-p", "no:cacheprovider", *sys.argv[1:]]))
"""


def test_collection_does_not_stop_at_a_missing_package() -> None:
    folders = [str(TESTS / folder) for folder in FOLDERS]
    command = [sys.executable, "-c", COLLECT.format(names=OPTIONAL), f"--ignore={LARGE}", *folders]
    ended = subprocess.run(command, cwd=TESTS.parent, capture_output=True, text=True, timeout=290)
    assert ended.returncode == 0, ended.stdout
    for skipped in ("ui/test_explorer.py", "browser/pages/test_processes_page.py", "media/test_image.py"):
        assert f"{skipped}:" in ended.stdout and f"{skipped}::" not in ended.stdout
    for kept in ("media/test_audio.py", "query/test_result.py"):
        assert f"{kept}::" in ended.stdout
