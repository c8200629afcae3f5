"""`wandb.watch`: distributions of a PyTorch model's gradients and parameters, as the training computes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aim
from aim.dropins.absent import harmless
from aim.plain import shown

_WHAT = ("gradients", "parameters", "all", None)


class WatchedModels:
    """The hooks in the models of one run. `record` takes the name of a tensor and its distribution."""

    def __init__(self, record: Callable[[str, aim.Distribution], None]) -> None:
        self._record = record
        self._hooks: dict[int, list[Any]] = {}

    def add(self, models: Any, log: Any, log_freq: int, idx: int | None) -> None:
        if log not in _WHAT:
            raise ValueError(f"log={shown(log)} is none of 'gradients', 'parameters', 'all' and None")
        for model in models if isinstance(models, (tuple, list)) else (models,):
            if not hasattr(model, "named_parameters"):
                raise TypeError(f"{type(model).__name__} {shown(model)} is not a torch.nn.Module")
            number = len(self._hooks) + (idx or 0)
            prefix = f"graph_{number}" if number else ""
            hooks = self._hooks.setdefault(id(model), [])
            if log in ("gradients", "all"):
                for name, parameter in model.named_parameters():
                    if parameter.requires_grad:
                        call = _Every(log_freq, self.watch, f"gradients/{prefix}{name}")
                        hooks.append(parameter.register_hook(call.on_gradient))
            if log in ("parameters", "all"):
                call = _Every(log_freq, self._all, f"parameters/{prefix}")
                hooks.append(model.register_forward_hook(call.on_forward))

    def remove(self, models: Any = None) -> None:
        """Of these models, or of all."""
        chosen = models if isinstance(models, (tuple, list)) or models is None else (models,)
        for key in list(self._hooks) if chosen is None else map(id, chosen):
            for hook in self._hooks.pop(key, ()):
                hook.remove()

    @harmless()
    def watch(self, name: str, tensor: Any) -> None:
        tensor = tensor.detach()
        if tensor.numel():
            self._record(name, aim.Distribution(tensor.to_dense() if tensor.is_sparse else tensor))

    def _all(self, prefix: str, model: Any) -> None:
        for name, parameter in model.named_parameters():
            self.watch(prefix + name, parameter)


class _Every:
    """Every `count`-th call of a hook. A hook must return None, or it would replace the gradient or the output."""

    def __init__(self, count: int, call: Callable[[str, Any], None], name: str) -> None:
        self._count, self._call, self._name = max(1, count), call, name
        self._calls = 0

    def on_gradient(self, gradient: Any) -> None:
        self._calls += 1
        if self._calls >= self._count:
            self._calls = 0
            self._call(self._name, gradient)

    def on_forward(self, model: Any, given: Any, output: Any) -> None:
        self.on_gradient(model)
