"""What a run does with artifacts: it stores files as versions, says which it uses, and keeps its best checkpoints."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from aim import content_store
from aim.artifacts import space, uploads, versions
from aim.artifacts.artifact import Artifact
from aim.artifacts.store import store
from aim.artifacts.versions import Version
from aim.errors import ArtifactError
from aim.handlers import let_through
from aim.log import edits
from aim.log.direction import FIELD, Direction, guessed, stored
from aim.plain import shown
from aim.sdk import params, uploading
from aim.sdk.arguments import whole
from aim.sdk.recording import Recording
from aim.sdk.scalar import scalar

CHECKPOINT = "checkpoint"
BEST = "best"
# What a process said longer ago may be over.
_NEWS_SECONDS = 600.0


class RunStore:
    """The artifacts of one run in this process. Wrong values raise; Run reports them."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._aim_dir = recording.aim_dir
        # Contents of removed checkpoints that were too young to be freed.
        self._unfreed: set[str] = set()
        self._store: str | None = None

    def upload_to(self, address: str) -> None:
        self._store = content_store.check(address)

    def log(
        self,
        source: str | os.PathLike[str] | Mapping[str, str | os.PathLike[str]],
        *,
        name: str | None,
        type: str,
        aliases: Sequence[str],
        metadata: Mapping[str, Any] | None,
        reference: bool,
        address: str | None,
    ) -> Artifact | None:
        """None if nothing is recorded, because the run is closed or recording is off."""
        recording = self._recording
        if recording.ready("log_artifact") is None:
            return None
        self._refuse_server()
        version, _ = store(
            self._aim_dir, source, name=name, type=type, aliases=aliases, metadata=_plain(metadata),
            reference=reference, address=self._address(address, reference), run=recording.id,
        )  # fmt: skip
        recording.edit(f"made:{version.id}", version.title)
        if version.store and not version.stored:
            self._upload(version)
        return Artifact(self._aim_dir, version)

    def _address(self, given: str | None, reference: bool) -> str:
        """Of the store for a version. A wrong one of the environment must not cost the files."""
        if given is not None:
            return content_store.check(given) if given != "" else ""
        if self._store is not None:
            return "" if reference else self._store
        try:
            return "" if reference else content_store.chosen()
        except ArtifactError as error:
            told = f"artifacts are stored in the repository alone, because {error}"
            self._recording.trouble.tell(content_store.VARIABLE, told)
            return ""

    def _upload(self, version: Version) -> None:
        """Let a process upload what waits, and tell why earlier versions still do."""
        later = "It stays in the repository. Upload it with: aim artifact push"
        try:
            before = uploads.reported(self._aim_dir)
            uploading.ensure(self._aim_dir, version.store)
        except Exception as error:
            let_through(error)
            self._recording.trouble.tell("upload", f"{version.title} is not uploaded: {error}. {later}")
            return
        if before.problem and time.time() - before.time < _NEWS_SECONDS:
            self._recording.trouble.tell(f"upload:{version.store}", f"{before.problem}. {later}")

    def use(self, reference: str) -> Artifact:
        self._refuse_server()
        version = versions.find(self._aim_dir, reference)
        self._recording.edit(f"used:{version.id}", version.title)
        return Artifact(self._aim_dir, version)

    def _refuse_server(self) -> None:
        if self._recording.shipping is not None:
            raise ArtifactError(
                "this run records to a server, and artifacts are only stored in folders: record to a folder that this "
                "machine shares with the server, or keep the path of the files as a param"
            )

    def checkpoint(
        self,
        source: str | os.PathLike[str],
        *,
        step: int | None,
        metric: Mapping[str, Any] | None,
        name: str | None,
        direction: Direction | None,
        last: int,
        best: int,
        address: str | None,
    ) -> Artifact | None:
        if (last := whole("last", last)) < 1 or (best := whole("best", best)) < 0:
            raise ValueError(f"last={last} must be 1 or more, and best={best} 0 or more")
        measured, value = _measured(metric)
        about: dict[str, Any] = {} if step is None else {"step": whole("step", step)}
        if measured:
            about |= {"metric": measured, "value": value}
        name, way = self._own_name() if name is None else name, self._direction(measured, direction)
        made = self.log(
            source, name=name, type=CHECKPOINT, aliases=(), metadata=about, reference=False, address=address
        )
        if made is not None:
            try:
                self._keep(made.name, last, best, way)
            except Exception as error:
                let_through(error)
                told = f"{made.title} is stored, and earlier checkpoints were not removed: {error}"
                self._recording.trouble.tell("checkpoints", told)
        return made

    def _keep(self, name: str, last: int, best: int, direction: Direction) -> None:
        """Remove the run's checkpoints that are neither among the last nor among the best, and let `best` name the best
        one. What has an alias of a person stays."""
        checkpoints = [version for version in versions.every(self._aim_dir, name) if self._is_checkpoint(version)]
        ranked = [version for version in checkpoints if not math.isnan(_value(version))]
        ranked.sort(key=_value, reverse=direction == "max")
        kept = {version.id for version in (*checkpoints[-last:], *ranked[:best])}
        changes = []
        if ranked and best and BEST not in ranked[0].aliases:
            changes.append(versions.renaming(name, BEST, ranked[0]))
        ours = {BEST, versions.LATEST}
        dropped = [version for version in checkpoints if version.id not in kept and {*version.aliases} <= ours]
        changes += [versions.removal(version) for version in dropped]
        if changes:
            self._recording.edit_repository(changes)
        for version in dropped:
            self._unfreed |= space.contents_of(self._aim_dir, version)
            versions.forget(self._aim_dir, version)
        if self._unfreed:
            self._unfreed = space.free(self._aim_dir, self._unfreed)

    def _is_checkpoint(self, version: Version) -> bool:
        return version.run == self._recording.id and version.type == CHECKPOINT

    def _direction(self, measured: str, direction: Direction | None) -> Direction:
        if direction not in (None, "min", "max"):
            raise ValueError(f"direction={shown(direction)} must be 'max' if higher values are better, or 'min'")
        chosen = edits.latest(self._aim_dir).get((None, FIELD + measured))
        return direction or (stored(chosen.value) if chosen else None) or guessed(measured)

    def _own_name(self) -> str:
        """Of the run's checkpoints. Not every name of a run can be one of an artifact."""
        name = f"{self._recording.hash}-checkpoint"
        return name if versions.can_be_name(name) else f"{self._recording.id}-checkpoint"


def _value(checkpoint: Version) -> float:
    """Of its metric; NaN where it has none."""
    value = checkpoint.metadata.get("value")
    return value if isinstance(value, float) else math.nan


def _plain(metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    refused: list[str] = []

    def refuse(path: str, why: str) -> None:
        refused.append(f"{path} {why}")

    plain = params.plain({} if metadata is None else metadata, "metadata", _accept, refuse)
    if refused or not isinstance(plain, dict):
        raise ArtifactError(
            refused[0] if refused else f"metadata={shown(metadata)} must be a mapping of names to values"
        )
    return plain


def _accept(path: str, why: str) -> None:
    """A value of metadata that is kept in another form, such as a number of numpy."""


def _measured(metric: Mapping[str, Any] | None) -> tuple[str, float]:
    """The name and the value of `{"val/loss": 0.3}`."""
    if metric is None:
        return "", 0.0
    if not isinstance(metric, Mapping) or len(metric) != 1:
        raise TypeError(f"metric={shown(metric)} must be one name with its value, such as metric={{'val/loss': 0.3}}")
    ((name, value),) = metric.items()
    return str(name), float(scalar(value))
