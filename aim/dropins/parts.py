"""Submodules of a face, such as `wandb.sdk.lib`. Each has what the face has, and anything else is absent. What needs a
framework is made when a script imports it, and is absent without the framework."""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from importlib.abc import Loader
from types import ModuleType
from typing import Any, TypeAlias

from aim.dropins.absent import Absent

Own: TypeAlias = Mapping[str, Any] | Callable[[ModuleType], Mapping[str, Any]]


class FacePart(ModuleType):
    """A submodule. `own` is what it has beside the names of the face."""

    def __init__(self, name: str, face: ModuleType, own: Mapping[str, Any], parts: Collection[str]) -> None:
        """`parts` are the known submodules, by their whole names."""
        super().__init__(name)
        self.__dict__.update(own)
        self._face, self._parts = face, parts

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if (part := f"{self.__name__}.{name}") in self._parts:
            return importlib.import_module(part)
        return self._face.__dict__.get(name, Absent(part.removeprefix("aim.")))


class PartFinder(Loader):
    """Finds the submodules of a face under both of its names. It is asked last."""

    def __init__(self, face: ModuleType, names: Sequence[str], own: Mapping[str, Own]) -> None:
        self.face, self.names, self.own = face, tuple(names), own

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if not any(name.startswith(f"{root}.") for root in self.names):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        root = next(root for root in self.names if spec.name.startswith(f"{root}."))
        parts = {f"{root}.{name}" for name in self.own}
        return FacePart(spec.name, self.face, self._made(self.own.get(spec.name[len(root) + 1 :], {})), parts)

    def _made(self, own: Own) -> Mapping[str, Any]:
        if isinstance(own, Mapping):
            return own
        try:
            return own(self.face)
        except ImportError:
            return {}

    def exec_module(self, module: ModuleType) -> None:
        """It is complete when it is made."""


def find_parts(face: str, tracker: str, own: Mapping[str, Own]) -> None:
    """Let `import wandb.sdk.lib` find a submodule of the face `aim.wandb`, as of the package `wandb`."""
    sys.meta_path.append(PartFinder(sys.modules[face], (face, tracker), own))
