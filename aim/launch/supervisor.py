"""Starts the trials of queues, in free slots. One process a repository and machine, started on demand, gone when there
is nothing left to do. Its state is records: it may be killed at any point, and the next one goes on.
"""

from __future__ import annotations

from pathlib import Path


def ensure(repo_root: Path) -> bool:
    """Start a supervisor unless one is at work: call it after every change to a queue. True when one was started.

    Raises RepoError when the repository cannot be written.
    """
    raise NotImplementedError
