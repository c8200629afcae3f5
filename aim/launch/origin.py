"""What in a repository this user made on this machine. A repository can come from anybody, so a record of a template or
a queue starts a command only if it carries a code (HMAC-SHA256) made with a key that is kept outside every repository:
32 random bytes in a file that only this user can read.

The code covers the user, the machine, the folder of the repository, the time of the record, its field and its value. So
a record that was merged, copied from another repository, changed, or written again with another time has none.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Any

from aim import regular, user
from aim.errors import LaunchError
from aim.log import status
from aim.log.edits import Edit

KEY_BYTES = 32
_PURPOSE = "aim launch record 1"
_AS_TEXT = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class Origin:
    """Of one repository."""

    def __init__(self, aim_dir: Path) -> None:
        self._folder = os.path.realpath(aim_dir)

    def bond(self, stamp: int, field: str, value: Any) -> dict[str, str] | None:
        """What a record is to carry; None where this user has no key."""
        try:
            key = _made(self._path)
        except LaunchError:
            return None
        host = status.hostname()
        return {"host": host, "mac": self._code(key, host, stamp, field, json.loads(json.dumps(value)))}

    def made(self, edit: Edit) -> bool:
        """Whether this user made the record, for this folder, on a machine with the same key."""
        bond = edit.bond if isinstance(edit.bond, dict) else {}
        host, mac = bond.get("host"), bond.get("mac")
        if self._key is None or not isinstance(host, str) or not isinstance(mac, str) or not mac.isascii():
            return False
        try:
            return hmac.compare_digest(mac, self._code(self._key, host, edit.stamp, edit.field, edit.value))
        except (ValueError, RecursionError):
            return False

    def demand_key(self) -> None:
        """Raises LaunchError where this user has no key, so that nothing may start by itself."""
        _made(self._path)

    def _code(self, key: bytes, host: str, stamp: int, field: str, value: Any) -> str:
        covered = [_PURPOSE, user.number(), host, self._folder, stamp, field, value]
        return hmac.digest(key, _AS_TEXT.encode(covered).encode(), "sha256").hex()

    @cached_property
    def _key(self) -> bytes | None:
        """None if there is none yet, and while others could read it."""
        try:
            return _read(self._path)
        except (LaunchError, FileNotFoundError):
            return None

    @property
    def _path(self) -> Path:
        folder = _state_folder()
        if folder.is_relative_to(self._folder):
            raise LaunchError(f"queues need a key outside the repository, not in {folder}: set XDG_STATE_HOME")
        return folder / "launch.key"


def digest(value: Any) -> str:
    """Names what a person was shown, so that they agree to nothing else. Empty if it is too deep to show."""
    try:
        return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]
    except RecursionError:
        return ""


def _state_folder() -> Path:
    """Raises LaunchError where there is no home."""
    state = user.state()
    if state is None:
        raise LaunchError(
            "queues need a key file in your home folder, and this user has none: set XDG_STATE_HOME to a folder that "
            "only you can write to"
        )
    return Path(os.path.realpath(state), "aim")


def _made(path: Path) -> bytes:
    """The key, made if there is none. Of processes that make it at once, the first one wins."""
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        _place(draft, path)
    except OSError as error:
        raise LaunchError(
            f"queues need a key file, which cannot be written ({error.strerror}): set XDG_STATE_HOME to a folder that "
            f"only you can write to. {path}"
        ) from error
    return _read(path)


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
    """Raises FileNotFoundError if there is none, and LaunchError for one that may be known to others."""
    try:
        fd = regular.descriptor(path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise LaunchError(f"the key file for queues cannot be read: {error.strerror}. Remove it: {path}") from error
    try:
        _check_private(os.fstat(fd), path)
        return os.read(fd, KEY_BYTES)
    finally:
        os.close(fd)


def _check_private(file: os.stat_result, path: Path) -> None:
    if file.st_size != KEY_BYTES:
        raise LaunchError(f"the key file for queues has {file.st_size} bytes, not {KEY_BYTES}; remove it: {path}")
    if os.name == "posix" and (file.st_uid != os.getuid() or file.st_mode & 0o077):
        raise LaunchError(
            f"the key file for queues can be read or was made by others; remove it, and resume your queues: {path}"
        )
