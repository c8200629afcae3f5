"""Prints generated code for the UI: the types of the messages, or with `aimql` the words of AimQL."""

from __future__ import annotations

import sys

from aim.server.aimql import aimql
from aim.server.typescript import typescript

sys.stdout.write(aimql() if sys.argv[1:] == ["aimql"] else typescript())
