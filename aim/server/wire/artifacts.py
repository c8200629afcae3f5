"""Messages about artifacts."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from aim.server.wire.runs import Run
from aim.server.wire.types import ArtifactName, ArtifactPath, PreviewKind, VersionId


class ArtifactQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """`version`: a version or an alias."""

    name: ArtifactName
    version: ArtifactName = "latest"


class ArtifactFileQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """`id`: of the version."""

    name: ArtifactName
    id: VersionId
    path: ArtifactPath


class ArtifactDiffQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is in `version` and was not in `base`, and the other way around."""

    name: ArtifactName
    version: ArtifactName
    base: ArtifactName


class AliasRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """Without a `version`, the alias is taken away."""

    name: ArtifactName
    alias: Annotated[str, Meta(min_length=1, max_length=128)]
    version: ArtifactName | None


class ArtifactVersion(Struct, kw_only=True):
    """`made_by` is the id of the run that made it, `user` who stored it without one. `reference`: its files are not in
    the repository. `store`: the address that they are to be uploaded to, and `stored`: the one that has them; or
    empty."""

    name: str
    version: str
    id: str
    type: str
    aliases: list[str]
    files: int
    bytes: int
    created_at: float
    made_by: str | None
    user: str
    reference: bool
    store: str
    stored: str


class ArtifactRow(Struct, kw_only=True):
    versions: int
    latest: ArtifactVersion


class ArtifactList(Struct, kw_only=True):
    """By name."""

    artifacts: list[ArtifactRow]


class ArtifactFile(Struct, kw_only=True):
    """`address`: where a file is that is only referred to."""

    path: str
    bytes: int
    sha256: str
    address: str


class ArtifactDetail(Struct, kw_only=True):
    """One version with its files, of which `left_out` are not listed, and all versions of the artifact, the latest
    first. `made` and `used` are the runs that made and used the version, newest first and at most 50 of each; `inputs`
    are versions that the first ones used, `outputs` those that the others made."""

    version: ArtifactVersion
    metadata: dict[str, Any]
    files: list[ArtifactFile]
    left_out: int
    versions: list[ArtifactVersion]
    made: list[Run]
    used: list[Run]
    inputs: list[ArtifactVersion]
    outputs: list[ArtifactVersion]


class ArtifactPreview(Struct, kw_only=True):
    """What a page shows of a file: its `text`, its `rows`, or the image that api/artifact/file has. `cut`: the file has
    more. `why`: of the kind none, why there is nothing to show."""

    kind: PreviewKind
    text: str
    rows: list[list[str]]
    cut: bool
    why: str


class ChangedFile(Struct, kw_only=True):
    """The size in the version and in the base; None where it is not."""

    path: str
    bytes: int | None
    base: int | None


class ArtifactDiff(Struct, kw_only=True):
    """The first 2,000 files that differ, by path."""

    files: list[ChangedFile]
    added: int
    removed: int
    changed: int
    same: int


class RunArtifactList(Struct, kw_only=True):
    """The versions that a run made and used."""

    made: list[ArtifactVersion]
    used: list[ArtifactVersion]
