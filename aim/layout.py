"""Every path inside `.aim`, and how a repository is found and made.

.aim/repo.json                                 the format version; equal in every copy
.aim/runs/<run dir>/<run id>-<writer id>.log   one file per writer process
.aim/runs/<run dir>/<run id>-<writer id>.seal  the same bytes, compressed
.aim/edits/<zeros>-<writer id>.log             one file per editing process
.aim/cache/                                    computed; delete it and nothing is lost
.aim/cache/launch/                             locks and messages of the processes that start commands
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import NamedTuple

from aim.errors import RepoError

FORMAT = 1
NO_RUN = b"\0" * 16


class WriterFile(NamedTuple):
    """The parts of a log's or a seal's file name."""

    run: str
    writer: str
    suffix: str


def find(start: str | os.PathLike[str] | None = None) -> Path | None:
    """The nearest `.aim` folder at or above `start` (default: the working directory), or None."""
    here = Path(os.path.abspath(start or os.getcwd()))
    for folder in (here, *here.parents):
        aim_dir = folder / ".aim"
        if aim_dir.is_dir():
            return aim_dir
    return None


def resolve(path: str | os.PathLike[str]) -> Path:
    """The `.aim` folder of `path`: `path` itself if it is called `.aim`, else `path/.aim`."""
    folder = Path(os.path.abspath(os.path.expanduser(path)))
    return folder if folder.name == ".aim" else folder / ".aim"


def create(aim_dir: Path) -> None:
    """Create the folders of a repository. Many processes may call it at once, also for an existing one."""
    check_version(aim_dir)
    for folder in (aim_dir / "runs", aim_dir / "edits", aim_dir / "cache"):
        make_folder(folder, aim_dir)
    target = aim_dir / "repo.json"
    if target.exists():
        return
    draft = aim_dir / f".repo.json.{os.getpid()}.{os.urandom(4).hex()}"
    draft.write_text(json.dumps({"format": FORMAT}) + "\n", encoding="utf-8")
    inherit_access(draft, aim_dir)
    os.replace(draft, target)


def check_version(aim_dir: Path) -> None:
    """Raise RepoError if a newer version wrote `aim_dir` in a format that this version cannot read."""
    try:
        text = (aim_dir / "repo.json").read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise RepoError(f"cannot read {aim_dir / 'repo.json'}: {error.strerror}. Ask its owner for access.") from error
    try:
        version = json.loads(text)["format"]
    except (ValueError, TypeError, KeyError):
        return
    if isinstance(version, int) and version > FORMAT:
        raise RepoError(
            f"repository format {version} is newer than {FORMAT}, the newest this aim reads: upgrade aim. {aim_dir}"
        )


def make_folder(folder: Path, aim_dir: Path) -> None:
    """Make `folder` and its parents with the group and mode of `.aim`."""
    if folder.is_dir():
        return
    if folder == aim_dir:
        folder.parent.mkdir(parents=True, exist_ok=True)
    else:
        make_folder(folder.parent, aim_dir)
    try:
        folder.mkdir()
    except FileExistsError:
        if not folder.is_dir():
            raise
        return
    if folder != aim_dir:
        inherit_access(folder, aim_dir)


def inherit_access(path: Path, aim_dir: Path) -> None:
    """Give `path` the group and permission bits of `.aim`, as far as the system allows."""
    try:
        model = os.stat(aim_dir)
        mode = model.st_mode & 0o7777
        if not path.is_dir():
            mode &= 0o666
        if os.name == "posix" and os.stat(path).st_gid != model.st_gid:
            os.chown(path, -1, model.st_gid)
        os.chmod(path, mode)
    except OSError:
        pass


def run_dir(aim_dir: Path, run_hash: str) -> Path:
    """The folder of all runs called `run_hash`: a user's name is hashed, so it never becomes a path."""
    return aim_dir / "runs" / hashlib.sha256(run_hash.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def launch_dir(aim_dir: Path) -> Path:
    return aim_dir / "cache" / "launch"


def log_name(run: str, writer: str) -> str:
    return f"{run}-{writer}.log"


def parse_name(name: str) -> WriterFile | None:
    """The parts of a writer's file name, or None for any other file."""
    stem, dot, suffix = name.rpartition(".")
    run, dash, writer = stem.partition("-")
    if suffix in ("log", "seal") and len(run) == 32 and len(writer) == 16 and _is_hex(run) and _is_hex(writer):
        return WriterFile(run, writer, suffix)
    return None


def _is_hex(text: str) -> bool:
    return all(character in "0123456789abcdef" for character in text)
