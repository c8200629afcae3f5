"""The key of this user: 32 random bytes in a file that only they can read, outside every repository. A repository can
come from anybody; what carries a code made with this key was written by this user."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from aim import regular, user
from aim.errors import KeyFileError

BYTES = 32
_PLACE = "set XDG_STATE_HOME to a folder that only you can write to"


def made(aim_dir: Path) -> bytes:
    """The key, made if there is none. Of processes that make it at once, the first one wins."""
    path = _path(aim_dir)
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(BYTES))
            file.flush()
            os.fsync(file.fileno())
        _place(draft, path)
    except OSError as error:
        raise KeyFileError(f"the key file cannot be written ({error.strerror}): {_PLACE}. {path}") from error
    return _read(path)


def known(aim_dir: Path) -> bytes | None:
    """None if there is none yet, and while others could read it."""
    try:
        return _read(_path(aim_dir))
    except (KeyFileError, FileNotFoundError):
        return None


def _path(aim_dir: Path) -> Path:
    """Raises KeyFileError where there is no home, and for a place in the repository."""
    state = user.state()
    if state is None:
        raise KeyFileError(f"there is no place for the key file, because this user has no home: {_PLACE}")
    folder = Path(os.path.realpath(state), "aim")
    if folder.is_relative_to(os.path.realpath(aim_dir)):
        raise KeyFileError(f"the key file must be outside the repository, not in {folder}: {_PLACE}")
    return folder / "launch.key"


def _place(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError:  # a filesystem without hard links
        os.rename(draft, path)
        return
    os.unlink(draft)


def _read(path: Path) -> bytes:
    """Raises FileNotFoundError if there is none, and KeyFileError for one that may be known to others."""
    try:
        fd = regular.descriptor(path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise KeyFileError(f"the key file cannot be read: {error.strerror}. Remove it: {path}") from error
    try:
        _check_private(os.fstat(fd), path)
        return os.read(fd, BYTES)
    finally:
        os.close(fd)


def _check_private(file: os.stat_result, path: Path) -> None:
    if file.st_size != BYTES:
        raise KeyFileError(f"the key file has {file.st_size} bytes, not {BYTES}; remove it: {path}")
    if os.name == "posix" and (file.st_uid != os.getuid() or file.st_mode & 0o077):
        raise KeyFileError(f"the key file can be read or was made by others; remove it, and resume your queues: {path}")
