"""Stores files as the next version of an artifact. A process that is killed at any moment leaves the whole new version,
or none of it; contents that it stored until then are found by the next try."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from aim.artifacts import contents, listing, versions
from aim.artifacts.gather import Found, gather
from aim.artifacts.listing import ArtifactFile
from aim.artifacts.versions import Version
from aim.errors import ArtifactError
from aim.log import edits
from aim.plain import builtin, shown


class Stored(NamedTuple):
    """`is_new`: False if the latest version had the same files already, and is kept."""

    version: Version
    is_new: bool


def store(
    aim_dir: Path,
    source: str | os.PathLike[str],
    *,
    name: str | None = None,
    type: str = "artifact",
    aliases: Sequence[str] = (),
    metadata: Mapping[str, Any] | None = None,
    reference: bool = False,
    run: str | None = None,
    by: str = "",
) -> Stored:
    """Store a file or a folder. Without a `name`, that of the file or folder. `reference`: the files stay where they
    are; their addresses, sizes and SHA-256 are kept. Raises ArtifactError, TypeError and OSError."""
    given = versions.check_name(_own_name(source) if name is None else name)
    kind = versions.check_type(type)
    wanted = [alias for alias in _aliases(aliases) if alias != versions.LATEST]
    about = _metadata(metadata)
    found = gather(source, aim_dir)
    files = [_referred(file) if reference else _kept(aim_dir, file) for file in found]
    data = listing.encode(files)
    digest = contents.keep_bytes(aim_dir, data)
    _restore(aim_dir, files, found)
    made, is_new = versions.publish(
        aim_dir, given, type=kind, run=run, by=by, aliases=wanted, metadata=about, listing=digest, listed=len(data),
        files=len(files), bytes=sum(file.size for file in files), reference=reference,
    )  # fmt: skip
    contents.keep_bytes(aim_dir, data)
    _restore(aim_dir, files, found)
    return Stored(made if is_new else _with(aim_dir, made, wanted), is_new)


def _own_name(source: object) -> str:
    given = builtin(source)
    if not isinstance(given, (str, os.PathLike)):
        raise TypeError(f"path must be a file or a folder, not {source.__class__.__name__} {shown(source)}")
    return Path(os.path.abspath(os.path.expanduser(os.fsdecode(given)))).name


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


def _kept(aim_dir: Path, file: Found) -> ArtifactFile:
    digest, size = contents.keep(aim_dir, file.place)
    return ArtifactFile(file.path, size, digest)


def _referred(file: Found) -> ArtifactFile:
    digest, size = contents.measured(file.place)
    return ArtifactFile(file.path, size, digest, file.place.as_uri())


def _restore(aim_dir: Path, files: Sequence[ArtifactFile], found: Sequence[Found]) -> None:
    """Store again what a cleanup removed while other files were stored. What is there counts as new to the next one."""
    for file, origin in zip(files, found, strict=True):
        if not file.address and not contents.renewed(aim_dir, file.digest, file.size):
            if contents.keep(aim_dir, origin.place)[0] != file.digest:
                raise ArtifactError(
                    f"{str(origin.place)!r:.300} changed while it was stored: log it when its writer is done"
                )


def _with(aim_dir: Path, version: Version, aliases: Sequence[str]) -> Version:
    """A version that was there, with more aliases."""
    new = [alias for alias in aliases if alias not in version.aliases]
    if not new:
        return version
    editor = edits.Editor(aim_dir, waits=False)
    seen = max((edit.stamp for edit in edits.every(aim_dir) if edit.run is None), default=0)
    seen = max(seen, int(version.time * 1e6))
    editor.edit_many([versions.renaming(version.name, alias, version) for alias in new], seen=seen)
    editor.close()
    return next(there for there in versions.every(aim_dir, version.name) if there.id == version.id)
