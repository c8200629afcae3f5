"""Seals in an object store: the small file in the place of one, and reading the seal behind it.

The file has the head of the seal, so the store is not asked what a seal covers. It does not say where the store is: a
repository may come from anybody, and the user chooses the store. docs/format/seal.md describes it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from aim import key, layout, regular
from aim.deadline import check
from aim.errors import KeyFileError, LogError, StoreAway, StoreError

if TYPE_CHECKING:
    from aim.store import ObjectStore

MAGIC = b"AIMSEAL\x03"
HEAD = 56
_file = struct.Struct(f"<8sQ32sI{HEAD}s32sI")
# Of such a file. No seal is so small.
SIZE = _file.size
# No log above half of this is sealed, and a seal is not larger than its log.
_MOST = 1 << 30
# An object has at most so many bytes, because it is sent and compared in memory. A longer seal has several.
PART = 16 << 20
_AHEAD = 1 << 16
_MARK = 32
_FOLDER = re.compile("[0-9a-f]{32}").fullmatch


class SealPointer(NamedTuple):
    """The file in the place of a seal that is in an object store: size, SHA-256 and head of the seal, the checksum of
    the last record that it covers, and the mark of the user who moved it."""

    size: int
    digest: bytes
    last: int
    head: bytes
    mark: bytes = bytes(_MARK)

    def packed(self) -> bytes:
        data = _file.pack(MAGIC, *self, 0)[:-4]
        return data + crc32(data).to_bytes(4, "little")


def unpack(data: bytes, path: str | os.PathLike[str]) -> SealPointer:
    if not data.startswith(MAGIC):
        raise LogError(f"not a seal of version 1, 2 or 3; a newer aim may read it: {path}")
    if len(data) != SIZE or crc32(data[:-4]) != int.from_bytes(data[-4:], "little"):
        raise LogError(f"the file in the place of a seal is damaged; restore it from a copy: {path}")
    pointer = SealPointer(*_file.unpack(data)[1:-1])
    if not HEAD < pointer.size <= _MOST:
        raise LogError(f"a seal cannot have {pointer.size:,} bytes; restore it from a copy: {path}")
    return pointer


def at(path: str | os.PathLike[str]) -> SealPointer | None:
    """What stands in the place of the seal at `path`; None if the seal itself is there, or nothing."""
    with suppress(FileNotFoundError, regular.NotRegular):
        if regular.lstat(path).st_size == SIZE and (data := regular.read(path, most=SIZE)).startswith(MAGIC):
            return unpack(data, path)
    return None


def pointer_from_store(path: Path) -> SealPointer:
    """A pointer to the seal that would be at `path` in a repository whose files are not here. It has no digest, which
    only they know. Raises StoreError if the chosen store does not have the seal."""
    store = _chosen()
    size = store.size(parts(path, 1)[0].name)
    while size and not size % PART and size < _MOST:
        try:
            size += store.size(parts(path, size + 1)[-1].name)
        except StoreAway:
            raise
        except StoreError:
            break
    head = store.read(parts(path, 1)[0].name, 0, min(size, HEAD))
    return unpack(SealPointer(size, bytes(32), 0, head).packed(), path)


class Part(NamedTuple):
    """One object of a seal, and which bytes of the seal it has."""

    name: str
    start: int
    stop: int


def parts(path: str | os.PathLike[str], size: int) -> list[Part]:
    """The objects of the seal at `path`. Raises LogError if it is not in the folder of a run: names in the store come
    from the names in a repository."""
    path = Path(path)
    named = layout.parse_name(path.name)
    if named is None or named.suffix != "seal" or not _FOLDER(path.parent.name):
        raise LogError(f"not the seal of a run, by its name: {path}")
    name = f"runs/{path.parent.name}/{path.name}"
    starts = range(0, size, PART)
    return [Part(f"{name}.{i}" if i else name, start, min(start + PART, size)) for i, start in enumerate(starts)]


class OpenStored:
    """A seal in the chosen store, open for reading."""

    def __init__(self, path: str | os.PathLike[str], pointer: SealPointer) -> None:
        self.path = path
        self.pointer = pointer
        self._at = self._from = 0
        self._data = pointer.head

    def __enter__(self) -> OpenStored:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._data = b""

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._at = offset + {os.SEEK_CUR: self._at, os.SEEK_END: self.pointer.size}.get(whence, 0)
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        start, end = self._at, self.pointer.size
        stop = end if size < 0 else min(end, start + size)
        if stop <= start:
            return b""
        if start < self._from or stop > self._from + len(self._data):
            self._from, self._data = start, b"".join(self._fetched(start, max(stop, min(end, start + _AHEAD))))
        self._at = stop
        return self._data[start - self._from : stop - self._from]

    def _fetched(self, start: int, stop: int) -> Iterator[bytes]:
        chosen = _chosen()
        for part in parts(self.path, self.pointer.size):
            if part.start < stop and start < part.stop:
                check()
                yield chosen.read(part.name, max(start, part.start) - part.start, min(stop, part.stop) - part.start)


def put(path: Path, pointer: SealPointer, store: ObjectStore) -> SealPointer:
    """Put the seal at `path` into the store and read it back; returns what takes its place. Raises LogError if
    something else has its name there, and if it belongs to another copy of the repository."""
    pointer = marked(path, pointer)
    _own(path, pointer, store)
    with regular.opened(path) as file:
        for part in parts(path, pointer.size):
            file.seek(part.start)
            data = file.read(part.stop - part.start)
            is_new = store.put(part.name, data)
            if store.size(part.name) != len(data) or store.read(part.name, 0, len(data)) != data:
                what = "did not keep what was put as" if is_new else "has something else under the name"
                raise LogError(f"{store.address} {what} {part.name}")
    return pointer


def _own(path: Path, pointer: SealPointer, store: ObjectStore) -> None:
    """The owner is asked for after the seal and made before it, so that two movers do not refuse each other."""
    if _begin(store, parts(path, 1)[0].name, 1) and _begin(store, _owner(path), _MARK) is None:
        raise LogError(
            f"{store.address} has it without an owner, so another copy of this repository may need it: remove it "
            "there if none does, or set AIM_STORE to a prefix for this repository alone"
        )
    if not store.put(_owner(path), pointer.mark) and _begin(store, _owner(path), _MARK) != pointer.mark:
        raise LogError(
            f"{store.address} has it from another user or another copy of this repository, which may remove it: set "
            "AIM_STORE to a prefix for this repository alone"
        )


def _owner(path: Path) -> str:
    """The object with the mark of who put the seal at `path`. Earlier versions made none."""
    return f"{parts(path, 1)[0].name}.owner"


def _begin(store: ObjectStore, name: str, size: int) -> bytes | None:
    """The first bytes of an object; None if the store does not have it."""
    try:
        return store.read(name, 0, size)
    except StoreAway:
        raise
    except StoreError:
        return None


def get(path: Path, pointer: SealPointer, store: ObjectStore | None = None) -> Iterator[bytes]:
    """The parts of the seal behind the file at `path`. Raises LogError at the end if they are not what was put."""
    store, digest = store or _chosen(), hashlib.sha256()
    for part in parts(path, pointer.size):
        data = store.read(part.name, 0, part.stop - part.start)
        digest.update(data)
        yield data
    if digest.digest() != pointer.digest:
        raise LogError(f"{store.address} has other bytes than were put for {path}")


def marked(path: Path, pointer: SealPointer) -> SealPointer:
    """With the mark of this user for this place, which permits removing the seal from the store again. Where this
    user can have no key, without one."""
    with suppress(KeyFileError):
        return pointer._replace(mark=_mark(path, pointer, key.made(layout.aim_dir_of(path))))
    return pointer


def _mark(path: Path, pointer: SealPointer, secret: bytes) -> bytes:
    place = os.fsencode(os.path.realpath(path))
    return hmac.digest(secret, b"aim store 1\0" + pointer.digest + place, "sha256")


def free(path: Path, store: ObjectStore | None = None) -> bool:
    """If this user moved the seal at `path` into the store, remove it there, and say so: of a copy of a repository or a
    stranger's, the objects are somebody else's. Raises StoreError, also if the store does not have it, and the file
    must then stay: nothing else tells what is in which store."""
    with suppress(LogError):
        pointer = at(path) if path.suffix == ".seal" else None
        secret = key.known(layout.aim_dir_of(path)) if pointer is not None else None
        if pointer is None or secret is None:
            return False
        if hmac.compare_digest(pointer.mark, _mark(path, pointer, secret)):
            store = store or _chosen()
            if _is_owned(path, pointer, store):
                remove(path, pointer, store)
                return True
    return False


def _is_owned(path: Path, pointer: SealPointer, store: ObjectStore) -> bool:
    """Whether the seal in the store has this mark. One without an owner gets it, so that a removal can go on."""
    mark = _begin(store, _owner(path), _MARK)
    if mark is None:
        store.read(parts(path, 1)[0].name, 0, 1)
        return store.put(_owner(path), pointer.mark)
    return mark == pointer.mark


def remove(path: Path, pointer: SealPointer, store: ObjectStore) -> None:
    """Remove the objects of a seal. Its owner's goes last, so that a removal that was killed can go on."""
    for name in (*(part.name for part in parts(path, pointer.size)), _owner(path)):
        store.remove(name)


def _chosen() -> ObjectStore:
    # Obstore is heavy, and most repositories have no store.
    from aim import store

    return store.chosen()
