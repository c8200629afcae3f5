"""Gradients and parameters of a real model: the numbers match torch's."""

from __future__ import annotations

from pathlib import Path

import pytest

import aim
from tests.integrations.frameworks import framework

torch = framework("torch")

from aim.integrations.pytorch import track_gradients, track_parameters  # noqa: E402


def trained() -> object:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Linear(3, 1))
    model(torch.randn(8, 4)).pow(2).mean().backward()
    return model


def tracked(repo: Path, parameter: str | None) -> dict[str, float]:
    (run,) = aim.select_metrics("*", repo)
    traces = [trace for metric in run.metrics.values() for trace in metric.traces]
    return {trace.name: trace.last for trace in traces if trace.context.get("parameter") == parameter}


def test_gradients(tmp_path: Path) -> None:
    model = trained()
    with aim.Run(repo=tmp_path) as run:
        track_gradients(model, run, step=7, context={"subset": "train"})
    gradient = model[0].weight.grad.flatten()
    assert tracked(tmp_path, "0.weight") == pytest.approx(
        {
            "grad_norm": float(gradient.norm()),
            "grad_mean": float(gradient.mean()),
            "grad_std": float(gradient.std(correction=0)),
            "grad_min": float(gradient.min()),
            "grad_q05": float(gradient.quantile(0.05)),
            "grad_q50": float(gradient.quantile(0.5)),
            "grad_q95": float(gradient.quantile(0.95)),
            "grad_max": float(gradient.max()),
        },
        rel=1e-5,
    )
    whole = torch.cat([parameter.grad.flatten() for parameter in model.parameters()]).norm()
    assert tracked(tmp_path, None) == pytest.approx({"grad_norm": float(whole)}, rel=1e-5)
    (run,) = aim.select_metrics("grad_norm", tmp_path)
    assert all(trace.steps.tolist() == [7] for trace in run.metrics["grad_norm"].traces)


def test_the_distributions_count_every_element(tmp_path: Path) -> None:
    model = trained()
    model[1].weight.grad[0, :2] = torch.tensor([float("nan"), float("inf")])
    with aim.Run(repo=tmp_path) as run:
        track_gradients(model, run, step=7)
        track_parameters(model, run, step=7)
    kinds = {series.context["parameter"]: series for series in aim.Repo(tmp_path).objects("grad_distribution")}
    assert {name: list(series.steps) for name, series in kinds.items()} == {
        name: [7] for name, _ in model.named_parameters()
    }
    gradient = model[0].weight.grad.flatten()
    value = kinds["0.weight"][0].value
    assert sum(value.counts) == gradient.numel()
    assert (value.edges[0], value.edges[-1]) == (float(gradient.min()), float(gradient.max()))
    ours, theirs = aim.Distribution(gradient), value
    assert sum(abs(a - b) for a, b in zip(ours.counts, theirs.counts, strict=True)) <= 2, "but for rounding at an edge"
    odd = kinds["1.weight"][0].value.counted
    assert (sum(odd.counts), odd.nan, odd.below, odd.above) == (1, 1, 0, 1)
    assert len(aim.Repo(tmp_path).objects("param_distribution")) == 4


def test_elements_that_are_all_equal(tmp_path: Path) -> None:
    model = torch.nn.Linear(3, 2)
    torch.nn.init.constant_(model.weight, 3e9)
    with aim.Run(repo=tmp_path) as run:
        track_parameters(model, run)
    by_parameter = {
        series.context["parameter"]: series[0].value for series in aim.Repo(tmp_path).objects(kind="distribution")
    }
    value = by_parameter["weight"]
    assert sum(value.counts) == 6 and value.edges[0] < 3e9 < value.edges[-1]


def test_parameters_in_the_open_session(tmp_path: Path) -> None:
    model = trained()
    for _ in range(2):
        track_parameters(model)
    assert tracked(tmp_path, "1.bias")["param_max"] == pytest.approx(float(model[1].bias.max()))
    (run,) = aim.select_metrics("param_norm", tmp_path)
    assert all(trace.steps.tolist() == [0, 1] for trace in run.metrics["param_norm"].traces)


def test_large_tensors_are_sampled(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = torch.nn.Linear(1000, 999, bias=False)
    track_parameters(model)
    exact = float(model.weight.detach().quantile(0.95))
    assert tracked(tmp_path, "weight")["param_q95"] == pytest.approx(exact, rel=0.1)


def test_before_the_first_backward_nothing_is_tracked(tmp_path: Path) -> None:
    track_gradients(torch.nn.Linear(2, 1))
    assert not (tmp_path / ".aim").exists()


def test_an_invalid_model_stops_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    track_parameters(torch.nn.ParameterDict({"empty": torch.nn.Parameter(torch.zeros(0))}))
    assert capsys.readouterr().err == ""
