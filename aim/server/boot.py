"""One server for each repository, and what it does after the system crashed.

While a server runs, `.aim/server/running` says in which boot of the system it began, and when everything was last on
the disk. A server that finds the file of another boot looks at every log that changed since: a crash of the system can
leave zeros, at the end or in the middle, where bytes never reached the disk. Such a log is cut there, and its sender
goes on from that place. A server that was only killed leaves nothing to repair.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType

from aim import layout, regular
from aim.errors import LogError, ServerError
from aim.log import record, status
from aim.log.reader import OpenLog
from aim.log.record import Damage
from aim.log.writer import sync_folder
from aim.remote import files

log = logging.getLogger("aim.server")

_BLOCK = 512
_PAGE = 1 << 20
_SLACK = 5.0
_MOST = 1 << 12


class Boot:
    """Held while a server runs. Raises ServerError if another one serves this repository. `cut` are the names of the
    logs that lost bytes."""

    def __init__(self, aim_dir: Path) -> None:
        self.aim_dir = aim_dir
        self.cut: list[str] = []
        self._marker = layout.server_folder(aim_dir) / "running"
        self._lock = -1

    def __enter__(self) -> Boot:
        self._lock = _locked(self.aim_dir / "server" / "lock")
        try:
            refuse_links(self.aim_dir)
            since = self._crashed()
            if since is not None:
                self.cut = list(cut_since(self.aim_dir, since))
            self.synced()
        except BaseException:
            os.close(self._lock)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._marker.unlink(missing_ok=True)
            sync_folder(self._marker.parent)
        os.close(self._lock)

    def synced(self) -> None:
        """Note that everything is on the disk."""
        with regular.replacing(self._marker, mode=0o600, sync=True) as file:
            file.write(json.dumps({"boot": status.boot_id(), "pid": os.getpid()}).encode())
        sync_folder(self._marker.parent)

    def _crashed(self) -> float | None:
        """When everything was on the disk for the last time, if the system crashed since; else None."""
        try:
            about = regular.lstat(self._marker)
            boot = json.loads(regular.read(self._marker, most=_MOST))["boot"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return 0.0
        return None if boot is not None and boot == status.boot_id() else about.st_mtime


def _locked(path: Path) -> int:
    import fcntl

    fd = regular.lock_file(path)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(fd, 20).decode(errors="replace")
        os.close(fd)
        raise ServerError(f"process {owner} already serves {path.parent.parent}: stop it first") from None
    except OSError as error:
        os.close(fd)
        raise ServerError(
            f"cannot lock {path}, which keeps a second server away: {error.strerror}. Put the repository on a file "
            "system with locks: a local disk, or NFS that is mounted without nolock"
        ) from None
    os.ftruncate(fd, 0)
    os.write(fd, str(os.getpid()).encode())
    return fd


def refuse_links(aim_dir: Path) -> None:
    for folder in (aim_dir / "runs", aim_dir / "edits"):
        if folder.is_symlink():
            raise ServerError(f"{folder} is a link, and a server writes through none: put the folder there")


def cut_since(aim_dir: Path, since: float) -> Iterator[str]:
    """Cut each log that changed since then where a crash left zeros or half a record, and give its name."""
    for place in files.every(aim_dir):
        path = aim_dir / place.name
        with suppress(OSError, LogError):
            about = regular.lstat(path)
            if place.kind == "log" and max(about.st_mtime, about.st_ctime) >= since - _SLACK:
                end = kept_bytes(path)
                if end < about.st_size:
                    log.warning("%s: %d bytes were lost in a crash of the system", place.name, about.st_size - end)
                    _cut(path, end, aim_dir)
                    yield place.name


def _cut(path: Path, end: int, aim_dir: Path) -> None:
    with regular.folder(path.parent, aim_dir) as folder:
        file = folder.open(path.name, os.O_WRONLY)
        try:
            os.ftruncate(file, end)
        finally:
            os.close(file)


def kept_bytes(path: Path) -> int:
    """How much of a log to keep. Damage without a block of zeros was recorded like that."""
    with closing(OpenLog(path)) as opened:
        end = min(record.HEADER_SIZE, opened.size)
        if opened.header() is None and _lost(opened, 0, end):
            return 0
        for entry in opened.walk():
            if isinstance(entry, Damage) and _lost(opened, entry.start, entry.end):
                return entry.start
            end = entry.end
        return end


def _lost(opened: OpenLog, start: int, end: int) -> bool:
    """Whether a block there has only zeros; of less than a block, all of it."""
    zeros = bytes(min(_BLOCK, end - start))
    return any(zeros in opened.read(place, min(_PAGE, end - place)) for place in range(start, end, _PAGE - _BLOCK))
