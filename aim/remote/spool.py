"""Spools: ordinary repositories on this machine that hold what is recorded to a server until the server has it.

    <spool>/<address>/.aim             the repository: runs, edits
    <spool>/<address>/<host>.lock      held by the shipper of this host
    <spool>/<address>/<host>.json      what the shipper says about its work

`<spool>` is AIM_SPOOL, else `aim/spool` in the user's folder for state. The address is the folder's name: nothing in a
repository says where it is shipped, so a repository of a stranger cannot choose it.
"""

from __future__ import annotations

import json
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, NamedTuple

from aim import layout, regular, user
from aim.handlers import let_through
from aim.log import status
from aim.remote import address
from aim.remote.address import Address

_MOST = 1 << 20


def root() -> Path:
    """The folder of all spools. A relative AIM_SPOOL counts from the folder in which this process first used it."""
    given = os.environ.get("AIM_SPOOL", "").strip()
    return _absolute(given) if given else address.state() / "spool"


@lru_cache
def _absolute(given: str) -> Path:
    return Path(os.path.abspath(user.expanded(given)))


def environment() -> dict[str, str]:
    """The variables of this process, for one that works in another folder: with the same spools."""
    given = os.environ.get("AIM_SPOOL", "").strip()
    return {**os.environ, "AIM_SPOOL": str(root())} if given else dict(os.environ)


def resolve(repo: str | os.PathLike[str]) -> Path:
    """The `.aim` folder of a repository: of an address, its spool."""
    text = os.fspath(repo)
    return of(address.parse(text)) if address.is_address(text) else layout.resolve(repo)


def of(server: Address) -> Path:
    return root() / server.place / ".aim"


def create(server: Address) -> Path:
    """The spool of a server, which only this user can read. Raises OSError."""
    aim_dir = of(server)
    root().mkdir(mode=0o700, parents=True, exist_ok=True)
    layout.create(aim_dir)
    return aim_dir


def address_of(aim_dir: Path) -> Address | None:
    """Where a spool is shipped; None for any other repository."""
    place = aim_dir.parent
    return address.from_place(place.name) if aim_dir.name == ".aim" and place.parent == root() else None


def every() -> list[tuple[Address, Path]]:
    """All spools of this user."""
    try:
        names = sorted(os.listdir(root()))
    except OSError:
        return []
    servers = [server for name in names if (server := address.from_place(name)) is not None]
    return [(server, of(server)) for server in servers if of(server).is_dir()]


def keep() -> int:
    """How many bytes of what is safe on the server may stay in a spool: AIM_SPOOL_KEEP, else none."""
    text = os.environ.get("AIM_SPOOL_KEEP", "").strip()
    return int(text) if re.fullmatch(r"\d{1,18}", text, re.ASCII) else 0


class ShipperStatus(NamedTuple):
    """What a shipper says about its work: `problem`, why nothing arrives now; `kept`, files that stay here and why;
    `deleted`, runs that were deleted on the server. Everything that was there at `clear_at` is safe on the server."""

    time: float = 0.0
    pid: int = 0
    problem: str = ""
    since: float = 0.0
    files: int = 0
    bytes: int = 0
    clear_at: float = 0.0
    kept: tuple[tuple[str, str], ...] = ()
    deleted: tuple[str, ...] = ()


def report(aim_dir: Path, work: ShipperStatus) -> None:
    """Write what a shipper says. A disk that refuses costs only the report."""
    path = _beside(aim_dir, "json")
    try:
        with regular.replacing(path) as file:
            file.write(json.dumps(work._asdict()).encode())
    except OSError as error:
        let_through(error)


def reported(aim_dir: Path) -> ShipperStatus:
    """What the last shipper of this host said; empty if nothing can be read."""
    try:
        content: dict[str, Any] = json.loads(regular.read(_beside(aim_dir, "json"), most=_MOST))
        told = {name: type(default)(content[name]) for name, default in ShipperStatus()._asdict().items()}
        return ShipperStatus(**{**told, "kept": tuple((str(name), str(why)) for name, why in told["kept"])})
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        let_through(error)
        return ShipperStatus()


def take_lock(aim_dir: Path) -> IO[bytes] | None:
    """The lock of this host's shipper, which the system releases when the process ends; None while another process has
    it. Without locks (Windows), no shipper starts by itself, and there is nobody to exclude. Raises OSError."""
    path = _beside(aim_dir, "lock")
    file = open(regular.lock_file(path), "r+b")
    try:
        import fcntl
    except ImportError:
        return file
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        let_through(error)
        file.close()
        return None
    return file


def _beside(aim_dir: Path, suffix: str) -> Path:
    return aim_dir.parent / f"{status.hostname()}.{suffix}"
