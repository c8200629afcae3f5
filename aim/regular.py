"""Opens files of a repository. A repository is input: opening a device, a pipe or a link in it could block forever, use
up memory, or read files elsewhere. So only regular files that are in the repository itself are opened, and what is
written or removed in a folder is named below its descriptor: another user may put a link in its place at any moment."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import BinaryIO, NamedTuple

from aim.handlers import let_through

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # On Windows.
    fcntl = None

LARGE = 64 << 20
_AHEAD_NS = 60 * 10**9
# For os.open, of files that this process may also create.
FLAGS = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))
_FOLDER = sum(getattr(os, name, 0) for name in ("O_RDONLY", "O_DIRECTORY", "O_CLOEXEC"))
_DESCRIPTORS = os.open in os.supports_dir_fd
_KINDS = {
    stat.S_IFLNK: "a link", stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device", stat.S_IFBLK: "a device",
}  # fmt: skip


class NotRegular(OSError):
    """Something other than a regular file is in the place of a file."""


def lstat(path: str | os.PathLike[str]) -> os.stat_result:
    """The system's facts about a file, without opening it. Raises NotRegular, and OSError as os.lstat does."""
    return _checked(os.lstat(path), path)


def changed(about: os.stat_result) -> int:
    """When a file was last written or touched, in nanoseconds since 1970. Programs can set this time,
    also to one in the future, but not the ctime."""
    made_up = os.name != "nt" and about.st_mtime_ns > about.st_ctime_ns + _AHEAD_NS
    return about.st_ctime_ns if made_up else about.st_mtime_ns


def descriptor(path: str | os.PathLike[str], *, seen: bool = False) -> int:
    """Open a file to read it. `seen`: `lstat` of this module just said that it is a file."""
    if not seen:
        lstat(path)
    return _only_regular(os.open(path, os.O_RDONLY | FLAGS), path)


def lock_file(path: str | os.PathLike[str], mode: int = 0o600) -> int:
    """Open a file that is there to be locked, and create it if it is missing. Raises NotRegular, and OSError."""
    return _only_regular(os.open(path, os.O_RDWR | os.O_CREAT | FLAGS, mode), path)


def _only_regular(fd: int, path: str | os.PathLike[str]) -> int:
    try:
        _checked(os.fstat(fd), path)
    except NotRegular:
        os.close(fd)
        raise
    return fd


def opened(path: str | os.PathLike[str]) -> BinaryIO:
    return open(descriptor(path), "rb")


def read(path: str | os.PathLike[str], *, most: int = -1) -> bytes:
    """Its bytes, or the first `most`. If that may be many, a large file that is mostly holes is refused: a few bytes
    on the disk can make a terabyte of zeros."""
    with opened(path) as file:
        if not 0 <= most <= LARGE:
            refuse_holes(file.fileno(), path)
        return file.read(most)


@contextmanager
def replacing(
    path: Path,
    *,
    top: Path | None = None,
    mode: int = 0o666,
    sync: bool = False,
    finish: Callable[[int | Path], object] = lambda draft: None,
) -> Iterator[BinaryIO]:
    """Write a file that takes the place of `path` at the end of the block, completely or not at all. `top`: as in
    `folder`. `sync`: its bytes are on the disk first. `finish` gets the descriptor of the complete draft, on systems
    without those of folders its path, and may raise to leave the place as it is."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    with folder(path.parent, top or path.parent) as place:
        try:
            with open(place.open(draft.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                yield file
                file.flush()
                if sync:
                    os.fsync(file.fileno())
                finish(draft if place.fd is None else file.fileno())
            place.take(draft.name, path.name)
        except BaseException:
            with suppress(FileNotFoundError):
                place.remove(draft.name)
            raise


class OpenFolder(NamedTuple):
    """An open folder. If another one takes its place, files are still written and removed in this one."""

    path: Path
    fd: int | None

    def open(self, name: str, flags: int, mode: int = 0o666) -> int:
        return os.open(self._named(name), flags | FLAGS, mode, dir_fd=self.fd)

    @contextmanager
    def inner(self, name: str) -> Iterator[OpenFolder]:
        """Open a folder in this one. Raises NotADirectoryError for a link."""
        _refuse_way(name, self.path)
        path = self.path / name
        if self.fd is None:
            yield OpenFolder(path, None)
            return
        fd = _open_inner(name, self.fd, path)
        try:
            yield OpenFolder(path, fd)
        finally:
            os.close(fd)

    def make(self, name: str) -> None:
        """Make a folder. Raises FileExistsError if something has this name."""
        os.mkdir(self._named(name), dir_fd=self.fd)

    def take(self, name: str, new: str) -> None:
        """Give the file `name` the name `new`. A file that has this name is replaced."""
        os.replace(self._named(name), self._named(new), src_dir_fd=self.fd, dst_dir_fd=self.fd)

    def bring(self, path: Path) -> None:
        """Move a file from another folder here."""
        os.replace(path, self._named(path.name), dst_dir_fd=self.fd)

    def remove(self, name: str) -> None:
        os.unlink(self._named(name), dir_fd=self.fd)

    def _named(self, name: str) -> str:
        _refuse_way(name, self.path)
        return str(self.path / name) if self.fd is None else name


@contextmanager
def folder(path: Path, top: Path) -> Iterator[OpenFolder]:
    """Open a folder in `top`, below which no part of the path may be a link. Raises NotADirectoryError for a link.
    Systems without such descriptors (Windows) check the path, and then use it."""
    parts = _below(path, top)
    for part in parts:
        _refuse_way(part, path)
    if not _DESCRIPTORS:
        if any(top.joinpath(*parts[: at + 1]).is_symlink() for at in range(len(parts))):
            raise NotADirectoryError(errno.ENOTDIR, "it is a link", str(path))
        yield OpenFolder(path, None)
        return
    fd = os.open(top, _FOLDER)
    try:
        for part in parts:
            inner = _open_inner(part, fd, path)
            os.close(fd)
            fd = inner
        yield OpenFolder(path, fd)
    finally:
        os.close(fd)


def _below(path: Path, top: Path) -> Sequence[str]:
    """The parts of a path below `top`. A server asks for each frame, and `Path.relative_to` is slower than a write."""
    text, above = str(path), f"{top}{os.sep}"
    return text[len(above) :].split(os.sep) if text.startswith(above) else path.relative_to(top).parts


def _refuse_way(name: str, path: Path) -> None:
    """Raises NotRegular for a name that leads elsewhere, and for one that no file can have."""
    if name in ("", ".", "..") or not {"/", os.sep, "\0"}.isdisjoint(name):
        raise NotRegular(errno.EINVAL, f"{name!r:.100} is not the name of a file or folder in a folder", str(path))


def _open_inner(name: str, fd: int, path: Path) -> int:
    """Systems refuse a link with different errors."""
    try:
        return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=fd)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise NotADirectoryError(errno.ENOTDIR, "it is a link", str(path)) from error
        raise


def remove(path: Path, top: Path) -> None:
    """Remove a file. `top`: as in `folder`."""
    with folder(path.parent, top) as place:
        place.remove(path.name)


def refuse_holes(descriptor: int, path: str | os.PathLike[str]) -> None:
    """Raises NotRegular for a large file that is mostly holes."""
    size = os.fstat(descriptor).st_size
    if size > LARGE:
        data = sum(end - start for start, end in extents(descriptor))
        if data < size // 4:
            what = f"it is mostly holes: of its {size:,} bytes, {data:,} are on the disk"
            raise NotRegular(errno.EFBIG, what, path)


def extents(descriptor: int, start: int = 0) -> Iterator[tuple[int, int]]:
    """The parts of a file that are on the disk, from `start` on. Between them are holes, which read as zeros. The
    position in the file is afterwards as it was."""
    size, position = os.fstat(descriptor).st_size, os.lseek(descriptor, 0, os.SEEK_CUR)
    try:
        while start < size:
            start = os.lseek(descriptor, start, getattr(os, "SEEK_DATA", -1))
            end = os.lseek(descriptor, start, getattr(os, "SEEK_HOLE", -1))
            yield start, end
            start = end
    except OSError as error:
        if error.errno == errno.EINVAL:  # this system does not tell
            yield start, size
    finally:
        os.lseek(descriptor, position, os.SEEK_SET)


def lock(fd: int, *, wait: float = 0.0) -> bool:
    """Whether this process holds the lock of an open file now, which ends with the descriptor. True where the system or
    the file system has no locks."""
    until = time.monotonic() + wait
    while fcntl is not None:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.01)
        except OSError as error:
            let_through(error)
            return True
    return True


def _checked(about: os.stat_result, path: str | os.PathLike[str]) -> os.stat_result:
    if not stat.S_ISREG(about.st_mode):
        kind = _KINDS.get(stat.S_IFMT(about.st_mode), "something else")
        raise NotRegular(errno.EINVAL, f"it is {kind}, and only files are read", path)
    return about
