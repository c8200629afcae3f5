"""Tests find the signals as on a terminal, whatever started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import aim

ROOT = Path(aim.__file__).parent.parent
PROBE = """
import signal, subprocess, sys, pytest

@pytest.mark.parametrize("name", ["SIGINT", "SIGQUIT", "SIGHUP", "SIGTERM"])
def test_a_signal_ends_a_process(name):
    code = f"import os, signal; os.kill(os.getpid(), signal.{name}); print('it went on')"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert (ended.returncode, ended.stdout) == (-getattr(signal, name), b"")

def test_ctrl_c_is_an_exception():
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signals")
@pytest.mark.parametrize("way", ["ignored", "blocked"])
def test_signals_that_were_off_when_the_tests_began(tmp_path: Path, way: str) -> None:
    stops = [signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM]

    def turn_off() -> None:
        if way == "blocked":
            signal.pthread_sigmask(signal.SIG_BLOCK, stops)
        for number in stops if way == "ignored" else []:
            signal.signal(number, signal.SIG_IGN)

    (tmp_path / "test_probe.py").write_text(PROBE)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.conftest",
        "-c",
        os.devnull,
        "--rootdir",
        str(tmp_path),
    ]
    ended = subprocess.run([*command, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, preexec_fn=turn_off)
    assert "5 passed" in ended.stdout, ended.stdout + ended.stderr
