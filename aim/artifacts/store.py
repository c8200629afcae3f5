"""Stores files as the next version of an artifact. A process that is killed at any moment leaves the whole new version,
or none of it; contents that it stored until then are found by the next try."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from aim import content_store
from aim.artifacts import contents, listing, versions
from aim.artifacts.gather import LocalFile, gather, path_of
from aim.artifacts.listing import ArtifactFile
from aim.artifacts.versions import Version
from aim.errors import ArtifactError
from aim.log import edits
from aim.plain import builtin, shown


class StoreResult(NamedTuple):
    """`is_new`: False if the latest version had the same files already, and is kept."""

    version: Version
    is_new: bool


def store(
    aim_dir: Path,
    source: str | os.PathLike[str] | Mapping[str, str | os.PathLike[str]],
    *,
    name: str | None = None,
    type: str = "artifact",
    aliases: Sequence[str] = (),
    metadata: Mapping[str, Any] | None = None,
    reference: bool = False,
    address: str = "",
    run: str | None = None,
    user: str = "",
) -> StoreResult:
    """Store a file, a folder, or files by their paths in the artifact. Without a `name`, that of the file or folder.
    `reference`: the files stay where they are; their addresses, sizes and SHA-256 are kept. `address`: the store to
    which the contents are to be uploaded (aim/artifacts/uploads.py). Raises ArtifactError, TypeError and OSError."""
    if address and reference:
        raise ArtifactError("files of a reference stay where they are: leave out the store, or reference=True")
    address = content_store.check(address) if address else ""
    if name is None and isinstance(source, Mapping):
        raise ArtifactError("an artifact of several files needs a name: log_artifact({'a.txt': path}, name='data')")
    checked = versions.check_name(os.path.basename(os.path.abspath(path_of(source))) if name is None else name)
    kind, plain = versions.check_type(type), _metadata(metadata)
    wanted = [alias for alias in _aliases(aliases) if alias != versions.LATEST]
    local_files = gather(source, aim_dir)
    files = [_referred(file) if reference else _kept(aim_dir, file) for file in local_files]
    data = listing.encode(files)
    new = versions.NewVersion(
        name=checked, type=kind, run=run, user=user, aliases=wanted, metadata=plain,
        listing=contents.keep_bytes(aim_dir, data), listed=len(data), files=len(files),
        bytes=sum(file.bytes for file in files), reference=reference, store=address,
    )  # fmt: skip
    _restore(aim_dir, files, local_files)
    version, is_new = versions.publish(aim_dir, new)
    contents.keep_bytes(aim_dir, data)
    _restore(aim_dir, files, local_files)
    return StoreResult(version if is_new else _with(aim_dir, version, wanted), is_new)


def _aliases(given: object) -> list[str]:
    listed = [given] if isinstance(builtin(given), str) else given
    if not isinstance(listed, (list, tuple, set, frozenset)) or len(listed) > versions.MAX_ALIASES:
        raise ArtifactError(
            f"aliases={shown(given)} must be a list of up to {versions.MAX_ALIASES} names, such as aliases=['best']"
        )
    return sorted({versions.check_alias(alias) for alias in listed})


def _metadata(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """As it is read back from JSON, so that equal metadata compare equal."""
    try:
        text = json.dumps(dict(given or {}), ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise ArtifactError(
            f"metadata={shown(given)} cannot be stored as JSON ({error}): pass text, numbers, lists and dicts"
        ) from None
    if len(text.encode("utf-8", "backslashreplace")) > versions.MAX_METADATA:
        raise ArtifactError(
            f"the metadata has more than {versions.MAX_METADATA:,} bytes of JSON: put it into a file of the artifact"
        )
    kept: dict[str, Any] = json.loads(text)
    return kept


def _kept(aim_dir: Path, file: LocalFile) -> ArtifactFile:
    sha256, size = contents.keep(aim_dir, file.place)
    return ArtifactFile(file.path, size, sha256)


def _referred(file: LocalFile) -> ArtifactFile:
    sha256, size = contents.measured(file.place)
    return ArtifactFile(file.path, size, sha256, file.place.as_uri())


def _restore(aim_dir: Path, files: Sequence[ArtifactFile], local_files: Sequence[LocalFile]) -> None:
    """Store again what a cleanup removed while other files were stored. What is there counts as new to the next one."""
    for file, origin in zip(files, local_files, strict=True):
        if not file.address and not contents.renewed(aim_dir, file.sha256, file.bytes):
            if contents.keep(aim_dir, origin.place)[0] != file.sha256:
                raise contents.changed(origin.place)


def _with(aim_dir: Path, version: Version, aliases: Sequence[str]) -> Version:
    """A version that was there, with more aliases."""
    new = [alias for alias in aliases if alias not in version.aliases]
    if not new:
        return version
    seen = max((edit.stamp for edit in edits.every(aim_dir) if edit.run is None), default=0)
    seen = max(seen, int(version.time * 1e6))
    with closing(edits.Editor(aim_dir, waits=False)) as editor:
        editor.edit_many([versions.renaming(version.name, alias, version) for alias in new], seen=seen)
    return next(there for there in versions.every(aim_dir, version.name) if there.id == version.id)
