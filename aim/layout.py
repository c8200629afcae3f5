"""Every path inside `.aim`, and how to find and create a repository.

.aim/repo.json                                 the format version; equal in every copy
.aim/runs/<run dir>/<run id>-<writer id>.log   one file per writer process
.aim/runs/<run dir>/<run id>-<writer id>.seal  the same bytes, compressed
.aim/edits/<zeros>-<writer id>.log             one file per editing process
.aim/artifacts/files/<2 digits>/<sha256>       the content of a file of artifacts, stored once
.aim/artifacts/versions/<name dir>/v<n>/<id>.json  one version of an artifact
.aim/claims                                    empty; its lock decides who starts a trial
.aim/server/                                   tokens of the users, locks; only their owner opens it; never copied
.aim/cache/                                    computed; can be deleted at any time
.aim/cache/uploads.json                        why artifacts wait to be uploaded to their store
.aim/cache/launch/                             locks and messages of the processes that start commands
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from aim import regular, user
from aim.errors import RepoError
from aim.handlers import let_through
from aim.plain import visible

FORMAT = 1
NO_RUN = b"\0" * 16
REPAIR = "To repair it: aim storage check --repair"
NOT_YOURS = "this user may not write to it. Ask its owner for access, or merge it into your own: aim merge"
NO_LINK = "is a link, and Aim writes through no link in a repository: put the folder there instead"
_ADDRESSES = {
    "aim://": "run the command on the machine of that server, in the folder that it records to",
    "clickhouse://": "an engine has no files; name the folder that is folded into it, on its machine",
    "http://": "a server to record to is written aim://HOST:PORT",
    "https://": "a server to record to is written aim://HOST:PORT",
    "s3://": "name the folder of the repository, whose moved objects are found in the store",
}
_NO_ADDRESS = "name the folder of a repository"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_LATEST = 1 << 16
_MOST = 1 << 16
_RUN = re.compile(r"[0-9a-f]{32}").fullmatch
_WRITER_FILE = re.compile(r"([0-9a-f]{32})-([0-9a-f]{16})\.(log|seal)").fullmatch
# Also copies that were shipped under a name that was taken, and seals that are arriving.
_OF_RUN = re.compile(r"\.?([0-9a-f]{32})-[0-9a-f]{16}\.(?:log|seal)(?:\.[0-9a-z.]+)?").fullmatch
# What only the repositories of earlier versions have.
_EARLIER = {"run_metadata.sqlite": 3, "config.json": 2}
_told: set[Path] = set()


class WriterFile(NamedTuple):
    """The parts of a log's or a seal's file name."""

    run: str
    writer: str
    suffix: str


def find(start: str | os.PathLike[str] | None = None) -> Path | None:
    """The nearest `.aim` folder at or above `start` (default: the working directory), or None."""
    here = Path(os.path.abspath(start or os.getcwd()))
    for folder in (here, *here.parents):
        aim_dir = _checked(folder / ".aim")
        if aim_dir.is_dir():
            return aim_dir
    return None


def nearest() -> tuple[Path, str | None]:
    """The `.aim` folder to use where none was named, and what to tell: the nearest one, else one in the working
    directory, which may not exist. One above it that another user owns is not used: anybody can make it in a shared
    folder."""
    here = Path(os.getcwd())
    there = find(here)
    if there is None or there.parent == here or user.is_mine(there):
        return there or resolve(here), None
    above = (folder / ".aim" for folder in here.parents)
    own = next((aim_dir for aim_dir in above if aim_dir.is_dir() and user.is_mine(aim_dir)), here / ".aim")
    return own, f"{there} belongs to another user and is not used; to use it, set AIM_REPO={there.parent}"


def resolve(path: str | os.PathLike[str]) -> Path:
    """The `.aim` folder of `path`: `path` itself if it is called `.aim`, else `path/.aim`."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", os.fspath(path)):
        # A password may hold any character.
        address = re.split("[?#]", re.sub("//.*@", "//...@", os.fspath(path), flags=re.DOTALL))[0]
        advice = next((text for start, text in _ADDRESSES.items() if address.lower().startswith(start)), _NO_ADDRESS)
        raise RepoError(f"{address!r} is an address, and a folder is needed here: {advice}")
    folder = Path(os.path.abspath(user.expanded(path)))
    return _checked(folder if folder.name == ".aim" else folder / ".aim")


def _checked(aim_dir: Path) -> Path:
    """Raise RepoError for a link to nothing, as when a disk is not mounted: another repository is not meant."""
    if aim_dir.is_symlink() and not aim_dir.exists():
        target = os.readlink(aim_dir)
        raise RepoError(
            f"{aim_dir} is a link to {target}, which does not exist: create that folder, or remove the link"
        )
    return aim_dir


def not_written(path: Path, error: OSError) -> str:
    """Why the system did not write to a path, and what to do."""
    if error.errno is None:
        return str(error)
    advice = "Free some space and try again" if error.errno in _FULL else "Check who owns it and who may write to it"
    return f"cannot write to {path}: {error.strerror or error}. {advice}"


def create(aim_dir: Path) -> None:
    """Create the folders of a repository. Many processes may call it at once, also for an existing one."""
    fresh = not _mode(aim_dir / "repo.json")
    if not fresh:
        check_version(aim_dir)
    for folder in (aim_dir / "runs", aim_dir / "edits"):
        make_folder(folder, aim_dir)
    with suppress(NotADirectoryError):  # it can do without
        make_folder(aim_dir / "cache", aim_dir)
    if fresh:
        write_version(aim_dir)


def write_version(aim_dir: Path) -> None:
    with regular.replacing(aim_dir / "repo.json", finish=lambda draft: inherit_access(draft, aim_dir)) as file:
        file.write(json.dumps({"format": FORMAT, "copy": FORMAT}).encode() + b"\n")


def check_version(aim_dir: Path) -> None:
    """Raise RepoError if a newer version wrote `aim_dir` in a format that this version cannot read. A damaged file
    costs nothing but a line on standard error, once for each repository."""
    damage = version_damage(aim_dir)
    if damage is not None and aim_dir not in _told:
        _told.add(aim_dir)
        if sys.stderr is not None:
            with suppress(OSError, ValueError):  # it is closed, or full
                print(visible(f"aim: {aim_dir / 'repo.json'} {damage}. Nothing is lost. {REPAIR}"), file=sys.stderr)


def refuse_earlier(aim_dir: Path, *, alone: bool = True) -> None:
    """Raise RepoError for a folder of Aim 2 or 3. `alone`: only if this version did not record to it too."""
    version = next((version for name, version in _EARLIER.items() if (aim_dir / name).is_file()), None)
    if version is None:
        return
    if (aim_dir / "runs").exists():
        if not alone:
            raise RepoError(
                f"{aim_dir} has the runs of a repository of Aim {version}, and others of this version. It is a "
                f"repository already, and is not cleared. Show the runs of Aim {version}: aim up --logs "
                f"{aim_dir.name}, or copy them into it: aim convert aim{version} {aim_dir.name}. aim runs rm deletes "
                "those of this version"
            )
    else:
        renamed = f"{aim_dir.name}{version}"
        raise RepoError(
            f"a repository of Aim {version} is not opened, so that nothing is written to it. Rename it: mv "
            f"{aim_dir.name} {renamed}, then show its runs: aim up --logs {renamed}, or copy them: aim convert "
            f"aim{version} {renamed}. Another repository is chosen with --repo: {aim_dir}"
        )


def version_damage(aim_dir: Path) -> str | None:
    """What is wrong with the file that states the version; None if nothing is. Raises RepoError for a newer version.

    It states the version twice, because one flipped bit makes 3, 5 or 9 of 1. The first versions of aim wrote format 1
    once."""
    path = aim_dir / "repo.json"
    try:
        stated = json.loads(regular.read(path, most=_MOST))
        version, copy = stated["format"], stated.get("copy", 1)
    except PermissionError as error:
        raise RepoError(f"cannot read {path}: {error.strerror}. Ask its owner for access") from error
    except FileNotFoundError:
        refuse_earlier(aim_dir)
        return "is missing" if aim_dir.is_dir() else None
    except OSError as error:
        let_through(error)
        return f"cannot be read: {error.strerror}"
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        let_through(error)
        return "is damaged"
    if type(version) is not int or not 1 <= version < _LATEST or version != copy:
        return "is damaged"
    if version > FORMAT:
        raise RepoError(
            f"repository format {version} is newer than {FORMAT}, the newest this aim reads: upgrade aim. {path}"
        )
    return None


def make_folder(folder: Path, aim_dir: Path) -> None:
    """Make `folder` and its parents with the group and mode of `.aim`. Raises NotADirectoryError for a link in a
    repository: who recorded there may have led it anywhere."""
    mode = _mode(folder)
    if stat.S_ISLNK(mode) and aim_dir in folder.parents:
        raise NotADirectoryError(errno.ENOTDIR, f"{folder.name} {NO_LINK}", str(folder))
    if stat.S_ISDIR(mode) or (stat.S_ISLNK(mode) and folder.is_dir()):
        return
    try:
        if folder == aim_dir:
            folder.mkdir(parents=True, exist_ok=True)
        else:
            make_folder(folder.parent, aim_dir)
            make_new_folder(folder, aim_dir)
    except FileExistsError:
        if not folder.is_dir():
            wrong = f"{folder.name} is a file, not a folder: move it away"
            raise NotADirectoryError(errno.ENOTDIR, wrong, str(folder)) from None


def make_new_folder(folder: Path, aim_dir: Path) -> None:
    """Make a folder in one that exists in `.aim`, with the group and mode of `.aim`. Raises FileExistsError."""
    with regular.folder(folder.parent, aim_dir) as place:
        place.make(folder.name)
        try:
            with place.inner(folder.name) as made:
                inherit_access(folder if made.fd is None else made.fd, aim_dir)
        except OSError as error:
            let_through(error)


def show_grown(aim_dir: Path) -> None:
    """Give the folder of all runs a new time after an earlier run got a file, so that readers check every folder
    (aim/index/sweep.py)."""
    try:
        os.utime(aim_dir / "runs")
    except OSError as error:
        let_through(error)


def _mode(path: Path) -> int:
    """As lstat gives it; 0 for a path that leads to nothing."""
    try:
        return os.lstat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return 0


def inherit_access(file: int | Path, aim_dir: Path) -> None:
    """Give an open file or folder the group and permission bits of `.aim`, as far as the system allows. A system that
    names it by its path (Windows) has neither."""
    if isinstance(file, Path) or os.name != "posix":
        return
    try:
        model, about = os.stat(aim_dir), os.fstat(file)
        if about.st_gid != model.st_gid:
            os.fchown(file, -1, model.st_gid)
        os.fchmod(file, model.st_mode & (0o7777 if stat.S_ISDIR(about.st_mode) else 0o666))
    except OSError as error:
        let_through(error)


def aim_dir_of(path: Path) -> Path:
    """The `.aim` folder of a file in the folder of a run."""
    return path.parents[2]


def run_dir(aim_dir: Path, run_hash: str) -> Path:
    """The folder of all runs called `run_hash`: a user's name is hashed, so it never becomes a path."""
    return aim_dir / "runs" / hashlib.sha256(run_hash.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def artifact_file(aim_dir: Path, digest: str) -> Path:
    """The content with this SHA-256."""
    return aim_dir / "artifacts" / "files" / digest[:2] / digest


def upload_report(aim_dir: Path) -> Path:
    """Why artifacts wait to be uploaded."""
    return aim_dir / "cache" / "uploads.json"


def artifact_versions(aim_dir: Path, name: str) -> Path:
    """The folder of all versions of an artifact. Its name is hashed, as that of a run."""
    return aim_dir / "artifacts" / "versions" / hashlib.sha256(name.encode()).hexdigest()[:32]


def folder_named(aim_dir: Path, name: str) -> Path:
    """The folder of `runs` that an index or a database names. It names nothing elsewhere."""
    last = os.path.basename(name)
    return aim_dir / "runs" / (last if last == name and last.strip(".") and "\0" not in last else "none")


def folder_of_id(aim_dir: Path, id: str) -> Path | None:
    """The folder of the run with this id; None if `id` is not the id of a run with another name."""
    if not _RUN(id) or run_dir(aim_dir, id).exists():
        return None
    return next((path.parent for path in (aim_dir / "runs").glob(f"*/{id}-*") if parse_name(path.name)), None)


def why_not_write(aim_dir: Path) -> str | None:
    """Why this user may not change the files of a repository; None if they may."""
    places = (aim_dir / "edits", aim_dir, *aim_dir.parents)
    return None if os.access(next(place for place in places if place.is_dir()), os.W_OK) else NOT_YOURS


def unwritable(aim_dir: Path) -> str:
    return f"{aim_dir.parent} cannot be changed: {NOT_YOURS}"


def check_writable(aim_dir: Path) -> None:
    if why_not_write(aim_dir):
        raise RepoError(unwritable(aim_dir))


def server_folder(aim_dir: Path) -> Path:
    """The folder of a repository's server, which only its user can open. It is made here alone."""
    create(aim_dir)
    place = aim_dir / "server"
    if not os.access(place if place.is_dir() else aim_dir, os.W_OK):
        raise RepoError(unwritable(aim_dir))
    with suppress(FileExistsError):
        place.mkdir(mode=0o700)
    if place.is_symlink() or not place.is_dir() or not user.is_mine(place):
        raise RepoError(f"{place} must be a folder of the user of the server: move it away, or start as its owner")
    if stat.S_IMODE(place.stat().st_mode) & 0o077:
        place.chmod(0o700)
    return place


def claims(aim_dir: Path) -> Path:
    return aim_dir / "claims"


def launch_dir(aim_dir: Path) -> Path:
    return aim_dir / "cache" / "launch"


def log_name(run: str, writer: str) -> str:
    return f"{run}-{writer}.log"


def run_of(name: str) -> str | None:
    """The run to which a file of a run folder belongs, or None for one that Aim did not write."""
    match = _OF_RUN(name)
    return match[1] if match else None


def parse_name(name: str) -> WriterFile | None:
    """The parts of a writer's file name, or None for any other file."""
    match = _WRITER_FILE(name)
    return WriterFile(*match.groups()) if match else None
