"""The sender of a signal: a process by its pid, and 0 for the kernel, as for Ctrl-C on a terminal."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "waitid"), reason="macOS does not tell who sent a signal")

WAY = """
import ctypes, os, select, signal
from aim.launch.signals import Signals

signals = Signals({{signal.SIGALRM}})
signals.listen()
{way}
select.select([signals.fd], [], [])
(sent,) = signals.take()
print(sent.number == signal.SIGALRM, sent.sender == os.getpid(), sent.sender)
"""
WAYS = {
    "os.kill(os.getpid(), signal.SIGALRM)": "True True",
    "ctypes.CDLL(None).sigqueue(os.getpid(), signal.SIGALRM, None)": "True True",
    "signal.setitimer(signal.ITIMER_REAL, 0.001)": "True False 0",
}


@pytest.mark.parametrize("way", WAYS)
def test_the_sender_of_a_signal(way: str) -> None:
    command = [sys.executable, "-c", WAY.format(way=way)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stdout.startswith(WAYS[way])
