"""PPO on a tiny environment of our own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import aim
from tests.integrations.frameworks import framework, only

framework("torch")
sb3 = framework("stable_baselines3")
gymnasium = framework("gymnasium")
numpy = framework("numpy")

from aim.integrations.stable_baselines3 import AimCallback  # noqa: E402


class Guess(gymnasium.Env):  # type: ignore[misc]
    """Ten guesses an episode."""

    observation_space = gymnasium.spaces.Box(-1, 1, (1,))
    action_space = gymnasium.spaces.Discrete(2)

    def reset(self, **options: Any) -> Any:
        self.count = 0
        return numpy.zeros(1, numpy.float32), {}

    def step(self, action: int) -> Any:
        self.count += 1
        return numpy.zeros(1, numpy.float32), float(action), self.count == 10, False, {}


def learn(callback: Any, steps: int = 64) -> None:
    options = {"n_steps": 32, "batch_size": 32, "n_epochs": 1, "policy_kwargs": {"net_arch": [4]}}
    model = sb3.PPO("MlpPolicy", Guess(), device="cpu", **options)
    model.learn(steps, callback=callback)


def test_the_values_of_the_logger_are_recorded(tmp_path: Path) -> None:
    learn(AimCallback(experiment="guessing"))
    run, series = only(tmp_path)
    assert series["ep_rew_mean", "rollout"].steps.tolist() == [32, 64]
    assert ("lr", "train") in series and ("fps", "time") in series
    assert run.params["hparams"]["algorithm"] == "PPO"
    assert run.params["hparams"]["gamma"] == 0.99
    assert (run.status, run.experiment) == ("finished", "guessing")


def test_a_failed_training_is_a_failed_run(tmp_path: Path) -> None:
    class Diverges(sb3.common.callbacks.BaseCallback):  # type: ignore[misc]
        def _on_step(self) -> bool:
            raise ArithmeticError("diverged")

    callback = AimCallback()
    with pytest.raises(ArithmeticError):
        learn([callback, Diverges()])
    learn(callback)
    assert sorted(run.status for run in aim.select_runs(None, tmp_path)) == ["failed", "finished"]
