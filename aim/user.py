"""The user of this process. In a container, a user may have neither a home folder nor an entry in the list of users."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from aim.errors import RepoError


def name() -> str:
    """The user's name, if the system knows it, else the number."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return number()


def number() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "user"


def expanded(path: str | os.PathLike[str]) -> str:
    """The path with `~` or `~name` replaced. Raises RepoError if there is no such home, instead of creating a folder
    called `~`."""
    full = os.path.expanduser(path)
    first = full.partition(os.sep)[0].partition("/")[0]
    if not first.startswith("~"):
        return full
    whose = "this user has no home" if first == "~" else f"there is no user {first[1:]!r} with a home"
    raise RepoError(
        f"{os.fspath(path)!r} means no folder, because {whose}: write the whole path, or ./{full} for a folder here"
    )


def home() -> Path:
    """The home folder, which need not exist; without one, a private folder among the temporary files."""
    folder = os.path.expanduser("~")
    if os.path.isabs(folder):
        return Path(folder)
    import tempfile

    place = Path(tempfile.gettempdir(), f"aim-{number()}")
    with suppress(FileExistsError):
        place.mkdir(mode=0o700)
    return place if is_mine(place) else Path(tempfile.mkdtemp(prefix="aim-"))


def state() -> Path | None:
    """The folder for the state of programs, which need not exist; None if this user has no home."""
    given = os.environ.get("XDG_STATE_HOME", "")
    folder = given if os.path.isabs(given) else os.path.join(os.path.expanduser("~"), ".local", "state")
    return Path(folder) if os.path.isabs(folder) else None


def is_mine(place: Path) -> bool:
    """Whether an existing folder, or the link to it, belongs to this user: anybody can make one among temporary
    files."""
    return not hasattr(os, "getuid") or place.lstat().st_uid == os.getuid()


def alone_writes(place: str | os.PathLike[str]) -> bool:
    """Whether a file or folder belongs to this user and nobody else can write to it, as far as the system tells. Raises
    OSError."""
    if not hasattr(os, "getuid"):
        return True
    about = os.lstat(place)
    if about.st_uid != os.getuid() or about.st_mode & 0o002:
        return False
    return not about.st_mode & 0o020 or (_is_alone_in(about.st_gid) and not _has_more_rights(place))


def _is_alone_in(group: int) -> bool:
    """Many systems give each user a group of their own, and let it write to what they make."""
    import grp
    import pwd

    try:
        me, some = pwd.getpwuid(os.getuid()), grp.getgrgid(group)
    except KeyError:
        return False
    return me.pw_gid == group and some.gr_name == me.pw_name and set(some.gr_mem) <= {me.pw_name}


def _has_more_rights(place: str | os.PathLike[str]) -> bool:
    """Whether there is an access list: it may name users beside owner and group."""
    with suppress(OSError):
        return hasattr(os, "listxattr") and "system.posix_acl_access" in os.listxattr(place, follow_symlinks=False)
    return False
