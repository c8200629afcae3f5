"""A limit that many files of a stranger share, so that many of them take no more than one could."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Budget:
    left: int
    what: str

    def take(self, amount: int) -> None:
        """Raises ValueError once more was taken than there was."""
        self.left -= amount
        if self.left < 0:
            raise ValueError(self.what)
