"""Hydra: two lines of config record every job, multirun included.

hydra:
  callbacks:
    aim:
      _target_: aim.integrations.hydra.AimCallback
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aim
from aim.integrations.training_run import harmless, needed

with needed("hydra-core"):
    from hydra.core.utils import JobReturn, JobStatus
    from hydra.experimental.callback import Callback
    from omegaconf import OmegaConf


class AimCallback(Callback):  # type: ignore[misc]
    """Opens a session for each job, which `aim.track` and the other integrations then record to, and ends it.

    The composed config is kept as `hparams`, the job's name, number and overrides as `hydra`; a job that raised is a
    failed run. `repo`, `experiment`: as in aim.Session; default: the nearest `.aim` to where the script was started.
    """

    def __init__(self, repo: str | None = None, experiment: str | None = None) -> None:
        self._repo = repo
        self._experiment = experiment
        self._session: aim.Session | None = None

    def on_job_start(self, config: Any, **others: Any) -> None:
        self._session = aim.Session(self._repo or _nearest(config.hydra.runtime.cwd), self._experiment)
        self._describe(self._session, config)

    @harmless
    def on_job_end(self, config: Any, job_return: JobReturn, **others: Any) -> None:
        if self._session is not None:
            failed = job_return.status == JobStatus.FAILED
            self._session.run.close(error=job_return._return_value if failed else None)

    @harmless
    def _describe(self, session: aim.Session, config: Any) -> None:
        task = OmegaConf.masked_copy(config, [key for key in config if key != "hydra"])
        session.set_params(task, name="hparams")
        job = config.hydra.job
        overrides = OmegaConf.to_container(config.hydra.overrides.task, resolve=False)
        facts = {"job": job.name, "num": job.get("num"), "overrides": overrides}
        session.set_params(facts, name="hydra")


def _nearest(folder: str) -> str | None:
    """The folder with `.aim` at or above the folder of the script's start. The job may run in a folder of its own."""
    started = Path(folder)
    return str(next((parent for parent in (started, *started.parents) if (parent / ".aim").is_dir()), started))
