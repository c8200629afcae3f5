"""The servers of other trackers whose runs can be copied, and what names one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Protocol

from aim.errors import RepoError
from aim.index.sources.source import Source


class ServerSource(Source, Protocol):
    """`place` is its address. `names` fills `versions` with a number for each run, which is another one when the run
    changed."""

    @property
    def place(self) -> str: ...

    @property
    def versions(self) -> Mapping[str, int]: ...


def named(
    format: str,
    folder: str | os.PathLike[str] | None,
    *,
    tracking_uri: str | None,
    entity: str | None,
    project: str | None,
) -> ServerSource | None:
    """The server that these name; None for a folder."""
    given = [value for value in (folder, tracking_uri, entity or project) if value is not None]
    if len(given) != 1:
        raise RepoError("name either a folder, or a server: tracking_uri of MLflow, or entity and project of W&B")
    if folder is not None:
        return None
    if tracking_uri is not None and format == "mlflow":
        from aim.importers.mlflow_server import MlflowServer, service_of

        return MlflowServer(service_of(tracking_uri))
    if entity and project and format == "wandb":
        from aim.importers.wandb_server import WandbServer, service

        return WandbServer(service(), entity, project)
    raise RepoError("a server of MLflow has a tracking_uri, and one of W&B an entity and a project")
