"""Other versions of Python at hand: the SDK needs the standard library alone, so any of them can record.

They are found as python3.10, python3.11, ... on PATH, and in AIM_TEST_PYTHONS, paths joined like PATH.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import lru_cache

VERSIONS = [f"python3.{minor}" for minor in range(10, 16)]


@lru_cache(maxsize=1)
def interpreters() -> dict[str, str]:
    """Version -> path; this one is always among them."""
    by_version = {version(sys.executable): sys.executable}
    named = os.environ.get("AIM_TEST_PYTHONS", "").split(os.pathsep)
    for path in [*named, *map(shutil.which, VERSIONS)]:
        if path and (number := version(path)):
            by_version.setdefault(number, path)
    return by_version


def version(path: str) -> str:
    """As "3.12"; empty for what does not run or is too old."""
    code = "import sys; sys.version_info >= (3, 10) and print('%d.%d' % sys.version_info[:2])"
    ended = subprocess.run([path, "-S", "-c", code], capture_output=True, text=True, check=False)
    return ended.stdout.strip() if ended.returncode == 0 else ""
