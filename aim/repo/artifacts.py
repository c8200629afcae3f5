"""Artifacts of a repository: their versions, aliases and removal, and which runs made and used each."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from aim import content_store, user
from aim.artifacts import own_stores, remote_space, space, uploads, versions
from aim.artifacts.artifact import Artifact
from aim.artifacts.remote_space import Progress, StoredContent
from aim.artifacts.space import Unused
from aim.artifacts.store import StoreResult, store
from aim.artifacts.uploads import Upload, UploadReport
from aim.content_store import RemoteContent
from aim.errors import ArtifactError
from aim.index.catalog import Catalog
from aim.plain import shown
from aim.repo.edits import Edits

MADE, USED = "made:", "used:"
HOUR = 3_600.0


class Lineage(NamedTuple):
    """The ids of the runs that made a version, and of those that used it, newest first."""

    made: list[str]
    used: list[str]


class RunArtifacts(NamedTuple):
    """The versions that a run made and used. One that was removed is left out."""

    made: list[Artifact]
    used: list[Artifact]


class Artifacts:
    def __init__(self, edits: Edits, check_files: Callable[[str], None]) -> None:
        self._edits = edits
        self._check_files = check_files

    @property
    def _aim_dir(self) -> Path:
        self._check_files("artifacts are files")
        return self._edits.aim_dir

    def names(self) -> list[str]:
        return versions.names(self._aim_dir)

    def versions(self, name: str | None = None) -> list[Artifact]:
        """All versions, or those of one artifact: by name, and from the oldest to the latest."""
        aim_dir = self._aim_dir
        return [Artifact(aim_dir, version) for version in versions.every(aim_dir, name)]

    def get(self, name: str) -> Artifact:
        """`"digits"`, `"digits:v3"` or `"digits:best"`. Raises ArtifactError if there is none."""
        return Artifact(self._aim_dir, versions.find(self._aim_dir, name))

    def put(
        self,
        path: str | os.PathLike[str],
        *,
        name: str | None = None,
        type: str = "artifact",
        aliases: Sequence[str] = (),
        metadata: Mapping[str, Any] | None = None,
        reference: bool = False,
        address: str | None = None,
    ) -> StoreResult:
        """Store a file or a folder without a run, as `Run.log_artifact` does with one. `address`: the store to which
        `push` uploads it; default: AIM_ARTIFACT_STORE, "" for none."""
        self._edits.check_writable()
        if address is None:
            address = "" if reference else content_store.chosen()
        if address:
            own_stores.note(content_store.check(address))
        return store(
            self._aim_dir, path, name=name, type=type, aliases=aliases, metadata=metadata, reference=reference,
            address=address, user=self._edits.by or user.name(),
        )  # fmt: skip

    def waiting(self) -> list[Artifact]:
        """The versions that are not yet in their store, from the oldest."""
        return [Artifact(self._aim_dir, version) for version in uploads.waiting(self._aim_dir)]

    def upload_report(self) -> UploadReport:
        """What the process said that uploads them."""
        return uploads.reported(self._aim_dir)

    def push(
        self, name: str, address: str | None = None, *, progress: Progress = lambda done, total: None
    ) -> tuple[Artifact, Upload]:
        """Upload the files of one version to its store, or to the one at `address`. What is there is not sent again.
        Raises ArtifactError, and StoreError if the store fails."""
        self._edits.check_writable()
        version = versions.find(self._aim_dir, name)
        target = address or version.store or version.stored or content_store.chosen()
        if not target:
            raise ArtifactError(f"{version.title} has no store: pass one with --store, or set {content_store.VARIABLE}")
        if address is not None:
            own_stores.note(content_store.check(address))
        if not own_stores.is_named(content_store.check(target)):
            raise ArtifactError(
                f"{target} was not named by this user, and a repository may come from anybody: to upload "
                f"{version.title} there, pass --store {target}"
            )
        done = uploads.upload(self._aim_dir, version, content_store.check(target), progress=progress)
        uploads.report(self._aim_dir, "")
        return self.get(version.title), done

    def set_alias(self, name: str, alias: str) -> Artifact:
        """Give a version an alias, which it takes from the version that had it."""
        version = versions.find(self._aim_dir, name)
        self._edits.write([versions.renaming(version.name, _own(alias), version)])
        return self.get(version.title)

    def remove_alias(self, name: str, alias: str) -> None:
        if not any(alias in artifact.aliases for artifact in self.versions(name)):
            raise ArtifactError(f"no version of {shown(name)} has the alias {shown(alias)}")
        self._edits.write([versions.renaming(name, _own(alias), None)])

    def remove(self, name: str) -> Artifact:
        """Remove one version. Its contents stay until nothing refers to them and `remove_unused` is called."""
        self._edits.check_writable()
        version = versions.find(self._aim_dir, name)
        self._edits.write([versions.removal(version)])
        versions.forget(self._aim_dir, version)
        return Artifact(self._aim_dir, version)

    def unused(self, *, older_than: float = HOUR) -> list[Unused]:
        """The contents that no version refers to and that nobody stored again for so many seconds."""
        return space.unused(self._aim_dir, older_than=older_than)

    def remove_unused(self, unused: Sequence[Unused], *, older_than: float = HOUR) -> list[Unused]:
        """Remove what `unused` listed, except what somebody stored again since; what was removed."""
        self._edits.check_writable()
        return space.remove(self._aim_dir, unused, older_than=older_than)

    def stored(self, *, older_than: float = HOUR) -> list[StoredContent]:
        """The contents here whose versions are all in a store, and that nobody stored again for so many seconds."""
        return remote_space.stored(self._aim_dir, older_than=older_than)

    def free_stored(
        self, contents: Sequence[StoredContent], *, older_than: float = HOUR, progress: Progress
    ) -> list[StoredContent]:
        """Remove what `stored` listed and its store has now; what was removed. They are brought back when needed."""
        self._edits.check_writable()
        return remote_space.free_stored(self._aim_dir, contents, older_than=older_than, progress=progress)

    def unused_in(self, address: str) -> list[RemoteContent]:
        """The contents in a store that no version here refers to and that are older than a day."""
        return remote_space.unused_in(self._aim_dir, address)

    def remove_in(self, address: str, contents: Sequence[RemoteContent], *, progress: Progress) -> list[RemoteContent]:
        """Remove what `unused_in` listed from the store; what was removed."""
        self._edits.check_writable()
        return remote_space.remove_in(self._aim_dir, address, contents, progress=progress)

    def lineage(self, artifact: Artifact) -> Lineage:
        """Which runs made a version, and which used it."""

        def answer(catalog: Catalog) -> Lineage:
            texts = catalog.with_text("edits", f":{artifact.id}", np.arange(len(catalog)))
            fields = {i: json.loads(text) for i, text in sorted(texts.items())}
            made, used = ([catalog.ids[i] for i in fields if kind + artifact.id in fields[i]] for kind in (MADE, USED))
            return Lineage(made, used)

        return self._edits.index.ask(answer)

    def of_run(self, run_id: str) -> RunArtifacts:
        """The versions that a run made and used, by name."""
        return self.of_runs([run_id])

    def of_runs(self, run_ids: Sequence[str]) -> RunArtifacts:
        """The versions that any of these runs made and used, by name."""
        fields = {field for id in run_ids for field in self._edits.fields(id) if field.startswith((MADE, USED))}
        if not fields or self._edits.index.catalogs.elsewhere:
            return RunArtifacts([], [])
        there = {artifact.id: artifact for artifact in self.versions()}
        made, used = ([each for id, each in there.items() if kind + id in fields] for kind in (MADE, USED))
        return RunArtifacts(made, used)


def _own(alias: str) -> str:
    if versions.check_alias(alias) == versions.LATEST:
        raise ArtifactError("the alias 'latest' always is the last version; choose another")
    return alias
