"""Finds what a repository is made of: its folder, the logs of other trackers, and the database it is folded into."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from aim import layout, user
from aim.clickhouse import address
from aim.errors import RepoError
from aim.index.local import Local
from aim.index.partition import Progress
from aim.index.refresh import Index
from aim.index.sources.table import ALL, SourceRow, by_prefix, folders_of

AnyPath = str | os.PathLike[str]


def index_of(
    path: AnyPath | None, *, sources: Mapping[str, AnyPath], progress: Progress | None, engine: str | None, partly: bool
) -> Index:
    """The index that answers; the arguments are those of `Repo`."""
    if path is None and engine is None and address.is_address(os.environ.get("AIM_REPO")):
        path = os.environ["AIM_REPO"]
    if address.is_address(path):
        return _shared(str(path), sources, None)
    if engine is not None:
        return _shared(engine, sources, find(path))
    for name in sources:
        _check_name(name)
    titles = {row.name: row.title for row in by_prefix().values()}
    given = {name: folder_of(folder, titles.get(name, "the")) for name, folder in sources.items()}
    others = folders_of(given)
    return Index(Local(find(path, needed=not sources), others=others, progress=progress, partly=partly))


def _shared(engine: str, sources: Mapping[str, AnyPath], aim_dir: Path | None) -> Index:
    from aim.clickhouse.database import Database
    from aim.index.folding import name_of
    from aim.index.shared import Shared

    if sources:
        raise RepoError(
            f"{', '.join(sources)} cannot be shown with an engine, which has the runs of one repository: leave one of "
            "the two out, or copy the logs into the repository with: aim convert"
        )
    database = Database(address.parse(engine))
    owner, mine = database.check().get("repository"), None if aim_dir is None else name_of(aim_dir)
    if owner is not None and mine is not None and owner != mine:
        raise RepoError(
            f"{database.address} has the runs of another repository than {aim_dir}. Name the repository that is "
            "folded into it, or the engine alone; to fold this repository into another engine, use: aim engine fold"
        )
    return Index(Shared(database, aim_dir))


def find(path: AnyPath | None, *, needed: bool = True) -> Path:
    chosen = path if path is not None else os.environ.get("AIM_REPO") or None
    aim_dir, notice = (layout.resolve(chosen), None) if chosen is not None else layout.nearest()
    if needed and not aim_dir.is_dir():
        place = f"at {chosen}" if chosen is not None else f"in {os.getcwd()} or above it"
        raise RepoError(
            f"there is no repository {place}: no folder .aim. Record a run there, or create one with: aim init"
            + (f". {notice}" if notice else "")
        )
    return aim_dir


def folder_of(path: AnyPath, title: str) -> Path:
    folder = Path(os.path.abspath(user.expanded(path)))
    if not folder.is_dir():
        raise RepoError(f"there is no folder {folder}; name one with {title} logs")
    return folder


def has_runs(
    row: SourceRow,
    folder: AnyPath | None,
    *,
    tracking_uri: str | None = None,
    entity: str | None = None,
    project: str | None = None,
) -> bool:
    """Whether there is something to copy, below a folder or on the server that these name."""
    from aim.importers import servers

    server = servers.named(row.name, folder, tracking_uri=tracking_uri, entity=entity, project=project)
    return bool((server or row.open(folder_of(folder or ".", row.title))).names())


def _check_name(name: str) -> None:
    names = [row.name for row in by_prefix().values()]
    if name != ALL and name not in names:
        raise RepoError(f"there is no source {name!r}; there are: {', '.join(names)}")
