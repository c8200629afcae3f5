"""Loads the installed package that a folder of `path` comes before."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys
from types import ModuleType

from aim.dropins.table import PATH


def load_installed(name: str) -> ModuleType:
    """Put the installed package `name` in the place of the module that is being imported. Raises ModuleNotFoundError if
    there is none, as without Aim."""
    spec = _spec(name)
    if spec is None or spec.loader is None or spec.origin is None:
        as_python = f"No module named {name!r}"
        raise ModuleNotFoundError(as_python, name=name)
    ours, module = sys.modules.pop(name, None), importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        if ours is not None:
            sys.modules[name] = ours
        raise
    return sys.modules[name]


def _spec(name: str) -> importlib.machinery.ModuleSpec | None:
    """As `import` finds it without our folders."""
    theirs = [entry for entry in sys.path if not _is_ours(entry)]
    for finder in sys.meta_path:
        if finder is importlib.machinery.PathFinder:
            spec = importlib.machinery.PathFinder.find_spec(name, theirs)
        else:
            spec = finder.find_spec(name, None)
        if spec is not None:
            return spec
    return None


def _is_ours(entry: str) -> bool:
    return os.path.realpath(os.path.dirname(os.path.abspath(entry))) == os.path.realpath(PATH)
