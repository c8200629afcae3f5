"""`aim.pytorch_lightning.AimLogger`: a logger for `lightning` 2 and for `pytorch_lightning`."""

from __future__ import annotations

import importlib
import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from typing import Any, TypeAlias

import aim
from aim.integrations.training_run import harmless, needed
from aim.sdk.aim3 import ours

# Of each key of a context: its values, and what names begin or end with that have them.
Affixes: TypeAlias = Mapping[str, Mapping[str, str | None]]
_PACKAGES = ("lightning.pytorch", "pytorch_lightning")


def _framework() -> str:
    """The package that the script already uses, else the one that is installed."""
    for package in _PACKAGES:
        if package in sys.modules:
            return package
    try:
        importlib.import_module(_PACKAGES[1])
        return _PACKAGES[1]
    except ModuleNotFoundError:
        with needed("lightning"):
            importlib.import_module(_PACKAGES[0])
        return _PACKAGES[0]


_loggers: Any = importlib.import_module(f"{_framework()}.loggers.logger")
_rank_zero: Any = importlib.import_module("lightning_utilities.core.rank_zero").rank_zero_only


class AimLogger(_loggers.Logger):  # type: ignore[misc]
    """Records metrics and hyperparameters of a Trainer, on rank zero.

    - `repo`, `experiment`, `flush_frequency`, `run`, `resume`, `resume_from`: as in aim.Session.
    - `train_metric_prefix`, `test_metric_prefix`, `val_metric_prefix`: a metric called by the prefix and a name is
      recorded under the name, with subset='train', 'test' or 'val' as its context. None keeps names as they are.
    - `run_hash`, `system_tracking_interval`, `log_system_params`, `capture_terminal_logs`: as in Aim 3. `run_name`: the
      readable name of the run. `context_prefixes`, `context_postfixes`: the keys of the context with the values that
      names begin or end with: `{"subset": {"train": "train_", "val": "val_"}}`, instead of the three above.
    - `save_dir`: where Lightning puts checkpoints and other files, below folders called by the experiment and the run.
      Default: the working directory.
    """

    def __init__(
        self,
        repo: str | None = None,
        experiment: str | None = None,
        train_metric_prefix: str | None = "train_",
        test_metric_prefix: str | None = "test_",
        val_metric_prefix: str | None = "val_",
        flush_frequency: int = 128,
        *,
        run: str | None = None,
        resume: bool = False,
        resume_from: int | None = None,
        save_dir: str | os.PathLike[str] | None = None,
        run_name: str | None = None,
        context_prefixes: Affixes | None = None,
        context_postfixes: Affixes | None = None,
        **aim3: Any,
    ) -> None:
        super().__init__()
        self._save_dir = os.fspath(save_dir) if save_dir is not None else os.getcwd()
        given = {
            **{"repo": repo, "experiment": experiment, "flush_frequency": flush_frequency, "run": run},
            **{"resume": resume, "resume_from": resume_from, "system_interval": None},
            **{"environment": None, "console": None},
        }
        self._arguments = ours("AimLogger", given, aim3)
        self._run_name = run_name
        prefixes = {"train": train_metric_prefix, "test": test_metric_prefix, "val": val_metric_prefix}
        self._prefixes = {"subset": prefixes} if context_prefixes is None else context_prefixes
        self._postfixes = {} if context_postfixes is None else context_postfixes
        self._session: aim.Session | None = None

    @property
    @_loggers.rank_zero_experiment  # type: ignore[untyped-decorator]
    def experiment(self) -> Any:
        """The session, opened at its first use on rank zero; on other ranks an object that accepts every call."""
        return self._open()

    @property
    def name(self) -> str:
        session = self._open()
        return str(session.run.experiment if session is not None else self._arguments["experiment"] or "default")

    @property
    def version(self) -> str | None:
        session = self._open()
        return session.run_hash if session is not None else None

    @property
    def save_dir(self) -> str:
        """Outside of `.aim`, whose folders are not for files of others."""
        return self._save_dir

    def log_hyperparams(self, params: Mapping[str, Any] | Namespace, *args: Any, **kwargs: Any) -> None:
        if (session := self._open()) is not None:
            session.set_params(params, name="hparams")

    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        if (session := self._open()) is None:
            return
        epoch = metrics.get("epoch")
        for name, value in metrics.items():
            if name != "epoch":
                metric, context = self._split(name)
                session.run.track(value, metric, step, epoch, context=context or None)

    @harmless
    def finalize(self, status: str) -> None:
        """A failed training ends the run. After a good one it stays open for `trainer.test`, until `close` or exit."""
        if self._session is not None and status not in ("success", "finished"):
            self._session.run.close(error=sys.exc_info()[1] or f"training ended with status {status!r}")

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def __del__(self) -> None:
        if getattr(self, "_session", None) is not None:
            self.close()

    def __getstate__(self) -> dict[str, Any]:
        """For processes that are spawned: they join the run by its name."""
        state = {**self.__dict__, "_session": None}
        if (session := self._open()) is not None:
            where = {"repo": session.repo_path, "run": session.run_hash, "resume": False, "resume_from": None}
            state["_arguments"] = {**self._arguments, **where}
        return state

    def _open(self) -> aim.Session | None:
        if self._session is None and _rank_zero.rank == 0:
            self._session = aim.Session(**self._arguments)
            if self._run_name is not None:
                self._session.run.name = self._run_name
        return self._session

    def _split(self, name: str) -> tuple[str, dict[str, str]]:
        context: dict[str, str] = {}
        for key, prefixes in self._prefixes.items():
            for value, prefix in prefixes.items():
                if prefix and name.startswith(prefix) and len(name) > len(prefix) and key not in context:
                    context[key], name = value, name[len(prefix) :]
        for key, postfixes in self._postfixes.items():
            for value, postfix in postfixes.items():
                if postfix and name.endswith(postfix) and len(name) > len(postfix) and key not in context:
                    context[key], name = value, name[: -len(postfix)]
        return name, context
