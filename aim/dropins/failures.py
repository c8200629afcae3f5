"""The exceptions of wandb, which scripts catch."""

from __future__ import annotations


class Error(Exception):
    """The base of the others."""


class CommError(Error, ValueError):
    """What `Api` is asked for is not in the repository."""


class UsageError(Error):
    """Never raised: what is wrong in a call is told once."""


class ConfigError(Error):
    """Never raised: values of a config may change."""
