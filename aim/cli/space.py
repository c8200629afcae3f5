"""The disk usage of a repository."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from aim import layout, regular
from aim.cli import versions
from aim.cli.opening import open_repo
from aim.cli.selection import every_run

COLUMNS = ("what", "runs", "files", "bytes")
# The folders of caches and of UIs are less deep.
_DEEPEST = 20


def measure(repo: str | None) -> list[dict[str, Any]]:
    """A row for each experiment and kind of file, then one for each other part of the repository and of the caches."""
    from aim.index.cache_folder import private_folders

    opened = open_repo(repo)
    opened.check_files("only files have sizes")
    experiments = {row.id: row.experiment for row in every_run(opened)}
    rows = list(runs_by_experiment(opened.aim_dir, experiments))
    rows.append(of_folder("edits", opened.aim_dir / "edits", deep=0))
    artifacts = opened.aim_dir / "artifacts"
    if artifacts.is_dir() and not artifacts.is_symlink():
        rows.append(of_folder("artifacts", artifacts))
    cache = opened.aim_dir / "cache"
    rows.append(of_folder("cache", cache, deep=-1 if cache.is_symlink() else _DEEPEST))
    rows += [of_folder(f"cache in {place}", place) for place in private_folders(opened.aim_dir) if place.is_dir()]
    rows += [of_folder(f"UI versions in {place}", place) for place in [versions.folder()] if place.is_dir()]
    return rows


def runs_by_experiment(aim_dir: Path, experiments: dict[str, str]) -> list[dict[str, Any]]:
    """Logs that belong to no indexed run (deleted, or not readable yet) come last."""
    sizes: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    for path, size in files_in(aim_dir / "runs", deep=1):
        named = layout.parse_name(path.name)
        if named is None:
            sizes["other files", ""].append(("", size))
        else:
            sizes[experiments.get(named.run, ""), named.suffix].append((named.run, size))
    rows = []
    for (experiment, suffix), files in sorted(sizes.items(), key=lambda item: (not item[0][0], item[0])):
        rows.append(
            {
                "what": f"experiment {experiment}, {suffix}s" if suffix else experiment,
                "runs": len({run for run, _ in files}) if suffix else None,
                "files": len(files),
                "bytes": sum(count for _, count in files),
            }
        )
    return rows


def of_folder(what: str, folder: Path, *, deep: int = _DEEPEST) -> dict[str, Any]:
    sizes = [size for _, size in files_in(folder, deep=deep)]
    return {"what": what, "runs": None, "files": len(sizes), "bytes": sum(sizes)}


def files_in(folder: Path, *, deep: int) -> Iterator[tuple[Path, int]]:
    """Every file in a folder and in the folders at most so deep below it, and its size. A link in a repository may
    lead to the whole disk, so none is followed from there on."""
    if deep < 0:
        return
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir(follow_symlinks=False):
                yield from files_in(Path(entry.path), deep=deep - 1)
            else:
                with suppress(OSError):
                    yield Path(entry.path), regular.lstat(entry.path).st_size
