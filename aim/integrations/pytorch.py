"""PyTorch without a framework: what the gradients and the parameters of a model look like, as metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aim
from aim.integrations.recording import harmless, needed

with needed("torch"):
    import torch

_STATISTICS = ("norm", "mean", "std", "min", "q05", "q50", "q95", "max")
_QUANTILES = (0.05, 0.5, 0.95)
_SAMPLE = 1024


def track_gradients(
    model: Any,
    run: aim.Run | aim.Session | None = None,
    *,
    step: int | None = None,
    epoch: float | None = None,
    context: Mapping[str, Any] | None = None,
) -> None:
    """After `loss.backward()`: `grad_norm`, `grad_mean` and so on of every parameter, and `grad_norm` of all together.

    The name of the parameter is its context, `parameter="layer1.weight"`. Quantiles of large tensors are those of
    1,024 evenly spaced elements. Where `run` is not given, `aim.track` records.
    """
    tensors = {name: one.grad for name, one in model.named_parameters() if one.grad is not None}
    _track("grad", tensors, run, step, epoch, dict(context or {}))


def track_parameters(
    model: Any,
    run: aim.Run | aim.Session | None = None,
    *,
    step: int | None = None,
    epoch: float | None = None,
    context: Mapping[str, Any] | None = None,
) -> None:
    """The same of the parameters themselves: `param_norm`, `param_mean` and so on."""
    _track("param", dict(model.named_parameters()), run, step, epoch, dict(context or {}))


@harmless
def _track(
    what: str,
    tensors: Mapping[str, Any],
    run: aim.Run | aim.Session | None,
    step: int | None,
    epoch: float | None,
    context: dict[str, Any],
) -> None:
    found = {name: one for name, one in tensors.items() if one.numel() and one.is_floating_point()}
    if not found:
        return
    target: Any = aim if run is None else run.run if isinstance(run, aim.Session) else run
    device = next(iter(found.values())).device
    with torch.no_grad():
        rows = torch.stack([_statistics(one.detach()).to(device) for one in found.values()]).cpu()
    for name, row in zip(found, rows.tolist(), strict=True):
        for statistic, value in zip(_STATISTICS, row, strict=True):
            _point(target, value, f"{what}_{statistic}", step, epoch, {**context, "parameter": name})
    _point(target, float(rows[:, 0].norm()), f"{what}_norm", step, epoch, context)


def _point(
    target: Any, value: float, name: str, step: int | None, epoch: float | None, context: dict[str, Any]
) -> None:
    if target is aim:
        aim.track(value, name=name, step=step, epoch=epoch, **context)
    else:
        target.track(value, name, step, epoch, context=context)


def _statistics(tensor: Any) -> Any:
    """One tensor with all of them: the device is waited for once, not once a number."""
    flat = (tensor.to_dense() if tensor.is_sparse else tensor).reshape(-1).float()
    deviation, mean = torch.std_mean(flat, correction=0)
    least, greatest = torch.aminmax(flat)
    ordered = flat[:: -(-flat.numel() // _SAMPLE)].sort().values
    quantiles = [_quantile(ordered, level) for level in _QUANTILES]
    return torch.stack([torch.linalg.vector_norm(flat), mean, deviation, least, *quantiles, greatest])


def _quantile(ordered: Any, level: float) -> Any:
    place = level * (len(ordered) - 1)
    below = int(place)
    return torch.lerp(ordered[below], ordered[min(below + 1, len(ordered) - 1)], place - below)
