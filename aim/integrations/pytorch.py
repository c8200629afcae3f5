"""PyTorch without a framework: statistics of a model's gradients and parameters, as metrics and distributions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aim
from aim.integrations.training_run import harmless, needed

with needed("torch"):
    import torch

_STATISTICS = ("norm", "mean", "std", "min", "q05", "q50", "q95", "max")
_QUANTILES = (0.05, 0.5, 0.95)
_SAMPLE = 1024
_BINS = 64
_PART = 1 << 22


def track_gradients(
    model: Any,
    run: aim.Run | aim.Session | None = None,
    *,
    step: int | None = None,
    epoch: float | None = None,
    context: Mapping[str, Any] | None = None,
) -> None:
    """Call after `loss.backward()`. Tracks `grad_norm`, `grad_mean` and so on of every parameter, the aim.Distribution
    `grad_distribution` of its elements, and the total `grad_norm`.

    The name of the parameter is its context, `parameter="layer1.weight"`. Quantiles of large tensors come from
    1,024 evenly spaced elements. Without `run`, `aim.track` records.
    """
    tensors = {name: parameter.grad for name, parameter in model.named_parameters() if parameter.grad is not None}
    _track("grad", tensors, run, step, epoch, dict(context or {}))


def track_parameters(
    model: Any,
    run: aim.Run | aim.Session | None = None,
    *,
    step: int | None = None,
    epoch: float | None = None,
    context: Mapping[str, Any] | None = None,
) -> None:
    """The same for the parameters: `param_norm`, `param_mean`, `param_distribution` and so on."""
    _track("param", dict(model.named_parameters()), run, step, epoch, dict(context or {}))


# Their names in Aim 3.
track_gradients_dists = track_gradients
track_params_dists = track_parameters


@harmless
def _track(
    what: str,
    tensors: Mapping[str, Any],
    run: aim.Run | aim.Session | None,
    step: int | None,
    epoch: float | None,
    context: dict[str, Any],
) -> None:
    chosen = {name: tensor for name, tensor in tensors.items() if tensor.numel() and tensor.is_floating_point()}
    if not chosen:
        return
    target: Any = aim if run is None else run.run if isinstance(run, aim.Session) else run
    device = next(iter(chosen.values())).device
    with torch.no_grad():
        flat = [_flat(tensor.detach()) for tensor in chosen.values()]
        rows = torch.stack([torch.cat([_statistics(tensor), *_limits(tensor)]).to(device) for tensor in flat]).cpu()
        counts = torch.stack([_counts(tensor, *_limits(tensor)).to(device) for tensor in flat]).cpu()
    for name, row, counted in zip(chosen, rows.tolist(), counts.tolist(), strict=True):
        where = {**context, "parameter": name}
        for statistic, value in zip(_STATISTICS, row, strict=False):
            _point(target, value, f"{what}_{statistic}", step, epoch, where)
        _point(target, _distribution(row[-2:], counted), f"{what}_distribution", step, epoch, where)
    _point(target, float(rows[:, 0].norm()), f"{what}_norm", step, epoch, context)


def _point(target: Any, value: Any, name: str, step: int | None, epoch: float | None, context: dict[str, Any]) -> None:
    if target is aim:
        aim.track(value, name=name, step=step, epoch=epoch, **context)
    else:
        target.track(value, name, step, epoch, context=context)


def _flat(tensor: Any) -> Any:
    return (tensor.to_dense() if tensor.is_sparse else tensor).reshape(-1).float()


def _statistics(flat: Any) -> Any:
    """One tensor with all statistics, so that Python waits for the device once and not for each number."""
    deviation, mean = torch.std_mean(flat, correction=0)
    low, high = torch.aminmax(flat)
    ordered = flat[:: -(-flat.numel() // _SAMPLE)].sort().values
    quantiles = [_quantile(ordered, level) for level in _QUANTILES]
    return torch.stack([torch.linalg.vector_norm(flat), mean, deviation, low, *quantiles, high])


def _quantile(ordered: Any, level: float) -> Any:
    place = level * (len(ordered) - 1)
    below = int(place)
    return torch.lerp(ordered[below], ordered[min(below + 1, len(ordered) - 1)], place - below)


def _limits(flat: Any) -> tuple[Any, Any]:
    """The min and max finite element, as tensors with one element; moved apart if they are equal."""
    finite = torch.isfinite(flat)
    low = torch.where(finite, flat, torch.inf).amin(0, keepdim=True)
    high = torch.where(finite, flat, -torch.inf).amax(0, keepdim=True)
    none = low > high
    low, high = low.masked_fill(none, 0), high.masked_fill(none, 1)
    around = torch.where(low < high, 0, high.abs().mul(2.0**-20).clamp(min=0.5))
    return low - around, high + around


def _counts(flat: Any, low: Any, high: Any) -> Any:
    """The number of elements in each bin, then of NaN, -inf and inf. Computed in parts, to use little memory."""
    counts = torch.zeros(_BINS + 3, dtype=torch.int64, device=flat.device)
    for part in flat.split(_PART):
        place = ((part - low) / (high - low) * _BINS).clamp(0, _BINS - 1).nan_to_num(0).long()
        place = place.masked_fill(part.isnan(), _BINS).masked_fill(part == -torch.inf, _BINS + 1)
        place = place.masked_fill(part == torch.inf, _BINS + 2)
        counts.scatter_add_(0, place, torch.ones_like(place))
    return counts


def _distribution(limits: list[float], counts: list[int]) -> aim.Distribution:
    nan, below, above = counts[_BINS:]
    return aim.Distribution(hist=counts[:_BINS], bin_range=(limits[0], limits[1]), nan=nan, below=below, above=above)
