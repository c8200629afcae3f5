"""Writes the UI's types to standard output."""

from __future__ import annotations

import sys

from aim.server.typescript import typescript

sys.stdout.write(typescript())
