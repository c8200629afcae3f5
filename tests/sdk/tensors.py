"""A scalar of a framework that is not installed."""

from __future__ import annotations


class Tensor:
    """The common interface of torch, tensorflow and jax scalars."""

    def __init__(self, *values: float) -> None:
        self.values = values

    def item(self) -> float:
        if len(self.values) != 1:
            raise RuntimeError(f"a Tensor with {len(self.values)} elements cannot be converted to Scalar")
        return self.values[0]

    def __repr__(self) -> str:
        return f"Tensor{self.values}"
