"""Artifacts: their versions, files, differences and lineage. What a file contains comes from others and is not trusted:
it is shown as text or as an image of a known format, and everything else is only downloaded."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, BinaryIO

from aim.content_store import names_a_host
from aim.errors import ArtifactError, RunError
from aim.media import pictures
from aim.natural import natural
from aim.server import wire
from aim.server.frames import plain
from aim.server.media import TYPES
from aim.server.problems import Refused
from aim.server.route import FILE, FileContent
from aim.server.runs import wire_run

if TYPE_CHECKING:
    from aim.artifacts.artifact import Artifact
    from aim.artifacts.listing import ArtifactFile
    from aim.repo import Repo

MAX_FILES = 5_000
MAX_DIFFERENT = 2_000
MAX_RUNS = 50
MAX_VERSIONS = 1_000
MAX_DOWNLOAD = 64 << 20
MAX_PREVIEW = 200_000
MAX_IMAGE = 20 << 20
MAX_ROWS, MAX_CELLS, MAX_CELL = 200, 50, 1_000
_TABLES = {".csv": ",", ".tsv": "\t"}


def list_artifacts(repo: Repo) -> wire.ArtifactList:
    if repo.elsewhere:
        return wire.ArtifactList(artifacts=[])
    by_name: dict[str, list[Artifact]] = {}
    for artifact in repo.artifacts.versions():
        by_name.setdefault(artifact.name, []).append(artifact)
    rows = [wire.ArtifactRow(versions=len(versions), latest=_wire(versions[-1])) for versions in by_name.values()]
    return wire.ArtifactList(artifacts=rows)


def detail(repo: Repo, query: wire.ArtifactQuery) -> wire.ArtifactDetail:
    artifact = _version(repo, query.name, query.version)
    versions = repo.artifacts.versions(artifact.name)
    files = _files(artifact)
    lineage = repo.artifacts.lineage(artifact)
    made, used = lineage.made[:MAX_RUNS], lineage.used[:MAX_RUNS]
    inputs = [version for version in repo.artifacts.of_runs(made).used if version.id != artifact.id]
    outputs = [version for version in repo.artifacts.of_runs(used).made if version.id != artifact.id]
    return wire.ArtifactDetail(
        version=_wire(artifact),
        metadata=plain(dict(artifact.metadata)),
        files=[_wire_file(file) for file in files[:MAX_FILES]],
        left_out=max(0, len(files) - MAX_FILES),
        versions=[_wire(version) for version in versions[::-1][:MAX_VERSIONS]],
        made=_runs(repo, made),
        used=_runs(repo, used),
        inputs=_each(inputs),
        outputs=_each(outputs),
    )


def of_run(repo: Repo, query: wire.RunQuery) -> wire.RunArtifactList:
    known = repo.artifacts.of_run(repo.run(query.run).id)
    return wire.RunArtifactList(made=_each(known.made), used=_each(known.used))


def difference(repo: Repo, query: wire.ArtifactDiffQuery) -> wire.ArtifactDiff:
    here, base = (
        {file.path: file for file in _files(_version(repo, query.name, version))}
        for version in (query.version, query.base)
    )
    rows = [
        wire.ChangedFile(path=path, bytes=_bytes(here.get(path)), base=_bytes(base.get(path)))
        for path in sorted({*here, *base}, key=natural)
        if path not in here or path not in base or here[path].sha256 != base[path].sha256
    ]
    changed = sum(row.bytes is not None and row.base is not None for row in rows)
    return wire.ArtifactDiff(
        files=rows[:MAX_DIFFERENT],
        added=sum(row.base is None for row in rows),
        removed=sum(row.bytes is None for row in rows),
        changed=changed,
        same=len({*here, *base}) - len(rows),
    )


def preview(repo: Repo, query: wire.ArtifactFileQuery) -> wire.ArtifactPreview:
    artifact = _with_id(repo, query)
    file = _file(artifact, query.path)
    if file.address:
        return _nothing("The file stays where it is, outside the repository.")
    if why := _not_brought(artifact, file):
        return _nothing(why)
    with _opened(artifact, file.path) as source:
        data = source.read(MAX_PREVIEW + 4)
    if pictures.format_of(data):
        big = file.bytes > MAX_IMAGE
        return _nothing("The image is too large to be shown here.") if big else _shown("image")
    cut = file.bytes > MAX_PREVIEW
    text = _text(data[:MAX_PREVIEW], cut=cut)
    if text is None:
        return _nothing("The file is neither text nor an image that can be shown.")
    ending = file.path[file.path.rfind(".") :].lower()
    if ending in _TABLES:
        rows = _rows(text, _TABLES[ending])
        if rows is not None:
            return _shown("table", rows=rows[:MAX_ROWS], cut=cut or len(rows) > MAX_ROWS)
    if ending == ".json" and not cut:
        return _shown("json", text=_indented(text))
    return _shown("text", text=text, cut=cut)


def content(repo: Repo, query: wire.ArtifactFileQuery) -> FileContent:
    """The bytes of a file, which the browser shows only if it is an image."""
    artifact = _with_id(repo, query)
    file = _file(artifact, query.path)
    command = f"aim artifact get {artifact.title}"
    if file.address:
        raise Refused(404, "The file is not in the repository.", hint=f"On a machine that has it: {command}")
    if file.bytes > MAX_DOWNLOAD:
        what = f"The file has {file.bytes:,} bytes, and a page downloads at most {MAX_DOWNLOAD:,}."
        raise Refused(413, what, hint=f"Copy it with: {command}")
    if why := _not_brought(artifact, file):
        raise Refused(404, why, hint=f"Copy it with: {command}")
    with _opened(artifact, file.path) as source:
        data = source.read(MAX_DOWNLOAD)
    format = pictures.format_of(data)
    name = "".join(letter if letter.isascii() and letter.isalnum() or letter in ".-_" else "_" for letter in file.path)
    return FileContent(data, TYPES[format] if format else FILE, name[-100:])


def set_alias(repo: Repo, given: wire.AliasRequest) -> wire.Changed:
    if given.version is None:
        repo.artifacts.remove_alias(given.name, given.alias)
    else:
        repo.artifacts.set_alias(f"{given.name}:{given.version}", given.alias)
    return wire.Changed(changed=1)


def _version(repo: Repo, name: str, version: str) -> Artifact:
    try:
        return repo.artifacts.get(f"{name}:{version}")
    except ArtifactError as error:
        raise Refused(404, f"{error}.", hint="It may be removed: open the list of artifacts.") from None


def _with_id(repo: Repo, query: wire.ArtifactFileQuery) -> Artifact:
    for artifact in repo.artifacts.versions(query.name):
        if artifact.id == query.id:
            return artifact
    raise Refused(404, f"{query.name[:128]!r} has no such version.", hint="It may be removed: reload the page.")


def _is_on_host(artifact: Artifact) -> bool:
    return any(map(names_a_host, artifact.stores()))


def _files(artifact: Artifact) -> list[ArtifactFile]:
    try:
        if not artifact.has_list() and _is_on_host(artifact):
            raise ArtifactError("its list of files is in a store on another host, which only commands connect to")
        return artifact.files
    except ArtifactError as error:
        raise Refused(410, f"{artifact.title} cannot be read: {error}.", hint="Merge a copy that has it.") from None


def _file(artifact: Artifact, path: str) -> ArtifactFile:
    for file in _files(artifact):
        if file.path == path:
            return file
    raise Refused(404, f"{artifact.title} has no file {path[:200]!r}.", hint="Choose one in the list of files.")


def _not_brought(artifact: Artifact, file: ArtifactFile) -> str:
    """Why a file that only a store has is not brought for a page; empty if it is, or is here. A repository of a
    stranger must not make the server connect to hosts that it names."""
    if artifact.has(file):
        return ""
    if _is_on_host(artifact):
        return "The file is in a store on another host, which only commands connect to."
    if file.bytes > MAX_DOWNLOAD:
        return f"The file is in a store, and larger than the {MAX_DOWNLOAD >> 20} MiB that are brought for a page."
    return ""


def _opened(artifact: Artifact, path: str) -> BinaryIO:
    try:
        return artifact.open(path)
    except (ArtifactError, OSError) as error:
        raise Refused(410, f"The file cannot be read: {error}.", hint="Merge a copy that has it.") from None


def _wire(artifact: Artifact) -> wire.ArtifactVersion:
    return wire.ArtifactVersion(
        name=artifact.name,
        version=artifact.version,
        id=artifact.id,
        type=artifact.type,
        aliases=list(artifact.aliases),
        files=artifact.count,
        bytes=artifact.bytes,
        created_at=artifact.created_at,
        made_by=artifact.made_by,
        user=artifact.user,
        reference=artifact.reference,
        store=artifact.store,
        stored=artifact.stored,
    )


def _wire_file(file: ArtifactFile) -> wire.ArtifactFile:
    return wire.ArtifactFile(path=file.path, bytes=file.bytes, sha256=file.sha256, address=file.address)


def _each(artifacts: Iterable[Artifact]) -> list[wire.ArtifactVersion]:
    by_id = {artifact.id: artifact for artifact in artifacts}
    return [_wire(artifact) for artifact in list(by_id.values())[:MAX_RUNS]]


def _runs(repo: Repo, ids: Sequence[str]) -> list[wire.Run]:
    runs = []
    for id in ids:
        try:
            runs.append(wire_run(repo.run(id)))
        except RunError:
            continue
    return runs


def _bytes(file: ArtifactFile | None) -> int | None:
    return None if file is None else file.bytes


def _shown(
    kind: wire.PreviewKind, *, text: str = "", rows: Sequence[list[str]] = (), cut: bool = False
) -> wire.ArtifactPreview:
    return wire.ArtifactPreview(kind=kind, text=text, rows=list(rows), cut=cut, why="")


def _nothing(why: str) -> wire.ArtifactPreview:
    return wire.ArtifactPreview(kind="none", text="", rows=[], cut=False, why=why)


def _text(data: bytes, *, cut: bool) -> str | None:
    """Of UTF-8, and None for anything else. A file that is cut may end within a character."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if not cut or error.start < len(data) - 4:
            return None
        text = data[: error.start].decode("utf-8-sig")
    return None if "\0" in text else text


def _rows(text: str, delimiter: str) -> list[list[str]] | None:
    """One row more than is shown, so that more is known."""
    rows = []
    try:
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            rows.append([cell[:MAX_CELL] for cell in row[:MAX_CELLS]])
            if len(rows) > MAX_ROWS:
                break
    except csv.Error:
        return None
    return rows


def _indented(text: str) -> str:
    """JSON as people read it; the text itself if it is no JSON."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
