"""Parts of the UI on their own page, bundled from the sources."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

Bundle = Callable[[Path], Path]

UI = Path(__file__).parents[2] / "ui"
BUILD = """
const [root, entry, outDir] = process.argv.slice(-3);
const lib = { entry, formats: ['iife'], name: 'bundle', fileName: () => 'stage.js', cssFileName: 'stage' };
const define = { 'process.env.NODE_ENV': '"production"' };
import('vite').then(({ build }) => build({
  configFile: false, logLevel: 'error', root, publicDir: false, define, build: { outDir, emptyOutDir: true, lib },
}));
"""


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Bundles an entry into a folder, once: `stage.js`, and `stage.css` where it has styles."""
    node = shutil.which("node")
    if node is None or not (UI / "node_modules" / "vite").exists():
        pytest.skip("parts of the UI are bundled for their tests by Node: run 'npm ci' in ui/")

    @cache
    def build(entry: Path) -> Path:
        out = tmp_path_factory.mktemp("stage")
        subprocess.run([node, "-e", BUILD, "--", str(UI), str(entry), str(out)], cwd=UI, check=True)
        return out

    return build
