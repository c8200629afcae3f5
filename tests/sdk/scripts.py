"""Scripts that the tests of several files record with."""

from __future__ import annotations

RANK = """
import aim, sys, time
run = aim.Run("x", **eval(sys.argv[1]) if len(sys.argv) > 1 else {})
for step in range(20):
    run.track(float(run._recording.attempt.role == "main"), "loss", step=step, context={"rank": int(sys.argv[2])})
print(run.id, flush=True)
sys.stdin.read()
run.close()
"""

TEN = """
import aim, os, signal, sys, threading
run = aim.Run("x")
for step in range(10):
    run.track(step / 2, "loss")
"""
VALUES = [step / 2 for step in range(10)]
