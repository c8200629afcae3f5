"""`python -m aim` is the command `aim`."""

from __future__ import annotations

from aim.cli.main import main

main(prog_name="aim")
