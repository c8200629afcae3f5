"""How often tests of chance repeat: a few rounds with fixed seeds, and AIM_TEST_ROUNDS=N times as many for who changes
what they test."""

from __future__ import annotations

import os

# Read before a test removes it.
ROUNDS = int(os.environ.get("AIM_TEST_ROUNDS", "1"))
