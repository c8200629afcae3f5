"""Versions of artifacts: one small file each, whose name is the SHA-256 of its bytes, in a folder named by its number.

A version is written beside its place and moved there whole. The folder of a number can be taken once, so two processes
never make the same version. After a merge it may hold versions of several repositories: docs/format/artifacts.md.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from aim import content_store, layout, regular
from aim.artifacts.contents import is_sha256
from aim.errors import ArtifactError
from aim.handlers import let_through
from aim.log import bounds, edits
from aim.plain import builtin, shown

LATEST = "latest"
MAX_METADATA = 64 << 10
MAX_ALIASES = 50
_MOST = MAX_METADATA + (64 << 10)
_TRIES = 1_000
_FIELDS = {
    "name": str, "type": str, "by": str, "metadata": dict, "listing": str, "listed": int, "files": int, "bytes": int,
}  # fmt: skip
_is_name = re.compile(r"[\w.-]+(?:/[\w.-]+)*").fullmatch
_is_alias = re.compile(r"[\w.-]+").fullmatch
_is_number = re.compile(r"v(0|[1-9][0-9]{0,8})").fullmatch
_is_label = re.compile(r"v[0-9]+(?:-[0-9a-f]{8})?").fullmatch
_is_id = re.compile(r"([0-9a-f]{32})\.json").fullmatch
_is_run = re.compile(r"[0-9a-f]{32}").fullmatch


class NewVersion(NamedTuple):
    """What a version says about itself, before it has a number."""

    name: str
    type: str
    run: str | None
    user: str
    aliases: Sequence[str]
    metadata: Mapping[str, Any]
    listing: str
    listed: int
    files: int
    bytes: int
    reference: bool
    store: str = ""


class Version(NamedTuple):
    """`version` is what users write behind the name: `v3`, or `v3-1f2e3d4c` where a merge brought another v3. `listing`
    is the SHA-256 of the list of files, which has `listed` bytes. `run` is the id of the run that made it, if any.
    `store` is the address where its contents are to be, and `stored` the one where all of them are."""

    id: str
    name: str
    number: int
    version: str
    type: str
    time: float
    run: str | None
    user: str
    aliases: tuple[str, ...]
    metadata: dict[str, Any]
    listing: str
    listed: int
    files: int
    bytes: int
    reference: bool
    store: str = ""
    stored: str = ""

    @property
    def title(self) -> str:
        return f"{self.name}:{self.version}"


def removed_field(id: str) -> str:
    """The field of an edit with which a version was removed."""
    return f"artifact_removed:{id}"


def alias_field(name: str, alias: str) -> str:
    """The field of an edit that gives an alias to the version whose id is its value."""
    return f"artifact_alias:{name}:{alias}"


def stored_field(id: str) -> str:
    """The field of an edit whose value is the address of the store that has all contents of a version."""
    return f"artifact_stored:{id}"


Change = tuple[None, str, Any]


def removal(version: Version) -> Change:
    """The edit that removes a version. Its number is never given again."""
    return None, removed_field(version.id), {"name": version.name, "number": version.number}


def renaming(name: str, alias: str, version: Version | None) -> Change:
    """The edit that gives an alias to a version, or takes it away."""
    return None, alias_field(name, alias), None if version is None else version.id


def can_be_name(name: str) -> bool:
    return len(name) <= 128 and bool(_is_name(name)) and {".", ".."}.isdisjoint(name.split("/"))


def check_name(given: object) -> str:
    name = builtin(given)
    if not isinstance(name, str) or not can_be_name(name):
        raise ArtifactError(
            f"the artifact cannot be called {shown(given)}: a name has up to 128 letters, digits, '.', '_' and '-', "
            "with '/' between parts, such as name='digits-model'"
        )
    return name


def check_alias(given: object) -> str:
    alias = builtin(given)
    if not isinstance(alias, str) or len(alias) > 128 or not _is_alias(alias) or _is_label(alias):
        raise ArtifactError(
            f"{shown(given)} cannot be an alias: it has up to 128 letters, digits, '.', '_' and '-', and is not the "
            "number of a version, such as 'best'"
        )
    return alias


def check_type(given: object) -> str:
    kind = builtin(given)
    if not isinstance(kind, str) or not 1 <= len(kind) <= 64 or not kind.isprintable():
        raise ArtifactError(f"type={shown(given)} must have 1 to 64 printable characters, such as 'model' or 'dataset'")
    return kind


def publish(aim_dir: Path, new: NewVersion) -> tuple[Version, bool]:
    """Make the next version of an artifact, and True; or the latest and False if it is the same, as when several
    processes store one folder. Everything that it refers to must be stored. Raises OSError."""
    fields = {
        "format": layout.FORMAT, "name": new.name, "type": new.type, "run": new.run, "by": new.user,
        "aliases": list(new.aliases), "metadata": new.metadata, "listing": new.listing, "listed": new.listed,
        "files": new.files, "bytes": new.bytes, "reference": new.reference,
    }  # fmt: skip
    if new.store:
        fields["store"] = new.store
    home = layout.artifact_versions(aim_dir, new.name)
    layout.make_folder(home, aim_dir)
    for _ in range(_TRIES):
        # Before the others are read: what has a lower number then is among them, and gets an earlier time.
        number = _next_number(aim_dir, new.name)
        before = every(aim_dir, new.name)
        if before and _is_same(before[-1], new):
            return before[-1], False
        fields["time"] = max(time.time(), before[-1].time + 1e-6 if before else 0.0)
        data = json.dumps(fields, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
        id = hashlib.sha256(data).hexdigest()[:32]
        if _placed(home, f"{id}.json", data, number, aim_dir):
            return next(version for version in every(aim_dir, new.name) if version.id == id), True
    raise OSError(errno.EEXIST, "other processes take every number for a new version", str(home))


def _is_same(version: Version, new: NewVersion) -> bool:
    """A version that is to be in no store, or in another one, is not enough for one that is to be in a store."""
    there = (version.listing, version.type, version.metadata) == (new.listing, new.type, new.metadata)
    return there and new.store in ("", version.store)


def _placed(home: Path, file_name: str, data: bytes, number: int, aim_dir: Path) -> bool:
    """Write a version into the folder of this number; False if another process took it."""
    draft = home / f".{os.getpid()}.{os.urandom(4).hex()}"
    layout.make_new_folder(draft, aim_dir)
    try:
        finish = partial(layout.inherit_access, aim_dir=aim_dir)
        with regular.replacing(draft / file_name, top=aim_dir, finish=finish) as file:
            file.write(data)
        with regular.folder(home, aim_dir) as place:
            place.take(draft.name, f"v{number}")
        return True
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY) or (os.name == "nt" and error.errno == errno.EACCES):
            return False
        raise
    finally:
        remove_draft(draft, aim_dir)


def remove_draft(draft: Path, aim_dir: Path) -> None:
    """Remove what a process left that ended before its version was in its place."""
    with suppress(OSError):
        for path in list(draft.iterdir()):
            regular.remove(path, aim_dir)
        draft.rmdir()


def _next_number(aim_dir: Path, name: str) -> int:
    """One more than every number that was ever given here, also to a version that was removed."""
    gone = [
        edit.value.get("number")
        for (run, field), edit in edits.latest(aim_dir).items()
        if run is None and field.startswith("artifact_removed:") and isinstance(edit.value, dict)
        and edit.value.get("name") == name
    ]  # fmt: skip
    there = [number for number, _ in _numbers(layout.artifact_versions(aim_dir, name))]
    return max([-1, *there, *(number for number in gone if type(number) is int and 0 <= number < 10**9)]) + 1


def names(aim_dir: Path) -> list[str]:
    """The names of all artifacts, sorted."""
    return sorted({version.name for version in every(aim_dir)})


def every(aim_dir: Path, name: str | None = None) -> list[Version]:
    """All versions, or those of one artifact: by name, and from the oldest to the latest. What is damaged, or has the
    name of something else, is left out; `problems` names it."""
    homes = _homes(aim_dir) if name is None else [layout.artifact_versions(aim_dir, name)]
    changes = _changes(aim_dir)
    versions = [version for home in homes for version in _as_now(_of_home(home, changes), changes)]
    return sorted(versions, key=lambda version: (version.name, version.time, version.number, version.id))


def find(aim_dir: Path, reference: object) -> Version:
    """The version that `NAME`, `NAME:v3` or `NAME:ALIAS` names. Raises ArtifactError if there is none."""
    text = builtin(reference)
    if not isinstance(text, str):
        raise ArtifactError(f"{shown(reference)} is not the name of an artifact; write 'NAME:latest' or 'NAME:v3'")
    name, _, wanted = text.partition(":")
    there = every(aim_dir, name)
    if not there:
        close = get_close_matches(name[:128], names(aim_dir), n=1)
        hint = f"did you mean {close[0]!r}?" if close else "list the artifacts with: aim artifact ls"
        raise ArtifactError(f"there is no artifact {shown(name)} in {aim_dir.parent}; {hint}")
    wanted = wanted or LATEST
    for version in there:
        if wanted == version.version or wanted in version.aliases:
            return version
    known = list(dict.fromkeys([LATEST, *(alias for version in there for alias in version.aliases)]))
    raise ArtifactError(
        f"{name!r} has no version {shown(wanted)}; it has {there[0].version} to {there[-1].version}, and the aliases "
        f"{', '.join(known[:10])}"
    )


Changes = Mapping[str, tuple[int, Any]]


def _changes(aim_dir: Path) -> dict[str, tuple[int, Any]]:
    """The stamp and the value of each edit of artifacts, by field."""
    return {
        field: (edit.stamp, edit.value)
        for (run, field), edit in edits.latest(aim_dir).items()
        if run is None and field.startswith("artifact_")
    }


def _homes(aim_dir: Path) -> list[Path]:
    return folders_in(aim_dir / "artifacts" / "versions")


def folders_in(folder: Path) -> list[Path]:
    """The folders in a folder that is not a link; none if it is not there."""
    if folder.is_symlink():
        return []
    try:
        with os.scandir(folder) as entries:
            return sorted(folder / entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _numbers(home: Path) -> Iterator[tuple[int, Path]]:
    for folder in folders_in(home):
        if match := _is_number(folder.name):
            yield int(match[1]), folder


def files_of(aim_dir: Path) -> Iterator[Path]:
    """The file of every version, also of damaged ones."""
    for home in _homes(aim_dir):
        for _, folder in _numbers(home):
            with os.scandir(folder) as entries:
                yield from sorted(folder / entry.name for entry in entries if _is_id(entry.name))


def path_of(aim_dir: Path, version: Version) -> Path:
    return layout.artifact_versions(aim_dir, version.name) / f"v{version.number}" / f"{version.id}.json"


def removals(aim_dir: Path) -> set[str]:
    """The ids of all versions that were removed."""
    start = removed_field("")
    return {field[len(start) :] for field in _changes(aim_dir) if field.startswith(start)}


def removed(aim_dir: Path) -> list[Version]:
    """Versions that were removed, and whose files are there: another copy brought them back."""
    gone = removals(aim_dir)
    brought_back = [read(path, int(path.parent.name[1:])) for path in files_of(aim_dir) if path.stem in gone]
    return [version for version in brought_back if version is not None]


def _of_home(home: Path, changes: Changes) -> list[Version]:
    labeled = []
    for number, folder in sorted(_numbers(home)):
        with os.scandir(folder) as entries:
            paths = [folder / entry.name for entry in entries if _is_id(entry.name)]
        versions = [version for path in paths if (version := read(path, number)) is not None]
        versions = [version for version in versions if removed_field(version.id) not in changes]
        for place, version in enumerate(sorted(versions, key=lambda version: (version.time, version.id))):
            labeled.append(version if not place else version._replace(version=f"v{number}-{version.id[:8]}"))
    return labeled


def read(path: Path, number: int) -> Version | None:
    """A version; None if its file is damaged, or lies elsewhere than its name and number say."""
    try:
        return _read(path, number)
    except (OSError, ArtifactError) as error:
        let_through(error)
        return None


@lru_cache(maxsize=1 << 12)
def _read(path: Path, number: int) -> Version:
    """Kept: the file of a version never changes. Raises ArtifactError if it is damaged."""
    data = regular.read(path, most=_MOST)
    id = path.name[:32]
    if hashlib.sha256(data).hexdigest()[:32] != id:
        raise ArtifactError("checksum mismatch")
    version = _decoded(data, id, number)
    if layout.artifact_versions(path.parents[4], version.name) != path.parents[1]:
        raise ArtifactError("it is in the folder of another artifact")
    return version


def _decoded(data: bytes, id: str, number: int) -> Version:
    """Raises ArtifactError unless it is as `publish` writes it."""
    try:
        fields = bounds.loads(data)
        if not bounds.are([fields[key] for key in _FIELDS], *_FIELDS.values()) or not is_sha256(fields["listing"]):
            raise ValueError("a field has a value of another kind")
        run, aliases = fields.get("run"), fields.get("aliases")
        return Version(
            id=id,
            name=check_name(fields["name"]),
            number=number,
            version=f"v{number}",
            type=check_type(fields["type"]),
            time=bounds.seconds(fields.get("time")),
            run=run if isinstance(run, str) and _is_run(run) else None,
            user=fields["by"][: edits.MAX_NAME],
            aliases=tuple(map(check_alias, aliases[:MAX_ALIASES])) if isinstance(aliases, list) else (),
            metadata=fields["metadata"],
            listing=fields["listing"],
            listed=bounds.count(fields["listed"]),
            files=bounds.count(fields["files"]),
            bytes=max(0, min(fields["bytes"], 1 << 60)),
            reference=fields.get("reference") is True,
            store=_address(fields.get("store")),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"it is damaged: {error}") from None


def _address(given: object) -> str:
    """Of a store; empty for what this version of Aim would not record."""
    try:
        return content_store.check(given) if given else ""
    except ArtifactError:
        return ""


def _as_now(versions: Sequence[Version], changes: Changes) -> Iterable[Version]:
    """Each with the aliases that it has now, and the store that has it. The last alias that was given wins: by a
    version when it was made, or by an edit."""
    if not versions:
        return []
    given: dict[str, tuple[int, str]] = {}
    for version in versions:
        for alias in version.aliases:
            given[alias] = max(given.get(alias, (0, "")), (int(version.time * 1e6), version.id))
    start = alias_field(versions[0].name, "")
    for field, (stamp, value) in changes.items():
        if field.startswith(start) and _is_alias(alias := field[len(start) :]):
            given[alias] = max(given.get(alias, (0, "")), (stamp, value if isinstance(value, str) else ""))
    latest = max(versions, key=lambda version: (version.time, version.number, version.id))
    given[LATEST] = (0, latest.id)
    owned: dict[str, list[str]] = {}
    for alias, (_, id) in sorted(given.items(), key=lambda item: (item[0] != LATEST, item[0])):
        owned.setdefault(id, []).append(alias)
    return [
        version._replace(
            aliases=tuple(owned.get(version.id, [])),
            stored=_address(changes.get(stored_field(version.id), (0, ""))[1]),
        )
        for version in versions
    ]


def problems(aim_dir: Path) -> Iterator[tuple[Path, str]]:
    """Each file of a version that is left out, and why."""
    for path in files_of(aim_dir):
        match = _is_number(path.parent.name)
        try:
            if match:
                _read(path, int(match[1]))
        except (OSError, ArtifactError) as error:
            yield path, str(getattr(error, "strerror", None) or error)


def forget(aim_dir: Path, version: Version) -> None:
    """Remove the file of a version whose removal is recorded."""
    home = layout.artifact_versions(aim_dir, version.name)
    with suppress(FileNotFoundError, NotADirectoryError):
        regular.remove(path_of(aim_dir, version), aim_dir)
    for folder in (home / f"v{version.number}", home):
        with suppress(OSError):
            folder.rmdir()
