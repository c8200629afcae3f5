"""A value that raises wherever it is asked anything."""

from __future__ import annotations

from typing import Any


class Hostile:
    """Whatever it is asked, it answers with an exception."""

    def __getattr__(self, name: str) -> Any:
        raise ZeroDivisionError(name)

    def __repr__(self) -> str:
        raise ZeroDivisionError("repr")

    def __str__(self) -> str:
        raise ZeroDivisionError("str")

    def __float__(self) -> float:
        raise ZeroDivisionError("float")
