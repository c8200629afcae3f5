"""MLflow records to a repository with `MLFLOW_TRACKING_URI=aim:FOLDER`; scripts stay as they are.

MLflow finds these functions by its entry points in pyproject.toml, and loads them while it is imported itself. So what
needs MLflow is imported when they are called.
"""

from __future__ import annotations

from typing import Any


def tracking_store(store_uri: str | None = None, artifact_uri: str | None = None) -> Any:
    from aim.integrations.mlflow_store import AimStore

    return AimStore(store_uri, artifact_uri)


def registry_store(store_uri: str | None = None, *args: Any, **others: Any) -> Any:
    """The model registry, in the same database."""
    from aim.integrations.mlflow_store import registry_of

    return registry_of(store_uri)


def artifact_repository(artifact_uri: str, *args: Any, **others: Any) -> Any:
    from aim.integrations.mlflow_store import AimArtifactRepository

    return AimArtifactRepository(artifact_uri, *args, **others)
