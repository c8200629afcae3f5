"""The cache on disk: immutable segments named by their content, and a manifest that is swapped atomically.

Only what this user wrote is believed. `.aim/cache` can come with the repository, so it is used if nobody else can write
there, and its manifest counts if it carries a code made with the key of this user (aim/key.py). Otherwise the cache is
in a private folder. A segment must be the file that the manifest describes, and the folded state of each run is
compared with the logs (partition.py). Every process of this user may write, one at a time. An advisory lock avoids
double work; without it the last manifest wins, which costs another fold and never an answer.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from aim import engine, key, layout, regular, user
from aim.engine import Columns
from aim.errors import EngineError, KeyFileError
from aim.index.schema import OPTIONAL, TABLES, VERSION
from aim.index.segment import Segment

USER_CACHE_LIMIT = 5 << 30
_KEEP_SECONDS = 600.0
# A manifest of another key is left alone while it is in use: two users of one folder would fold in turn.
_IN_USE_SECONDS = 86_400.0
_MOST_BYTES = 16 << 20
_OWN_FILES = re.compile(
    rf"(?:{'|'.join(TABLES)})-[0-9a-f]{{32}}\.parquet|\.(?:draft|manifest|note)\.[0-9]+\.[0-9a-f]{{8}}"
)
_PRIVATE = re.compile("[0-9a-f]{32}")
_PURPOSE = b"aim index manifest 1\n"
_NOTE_PURPOSE = b"aim index note 1\n"
_FIRST_LINE = re.compile(b"([0-9a-f]{16}) [0-9a-f]{64}\n")
_KEPT_FILES = ("lock", "manifest", "note")


class Signature(NamedTuple):
    """Tells whether another process swapped the manifest."""

    mtime: int
    inode: int
    size: int


class CacheFolder:
    """One cache folder: the repository's own, or the one called `name` inside it. `folder` is None if nothing can be
    kept on disk."""

    def __init__(self, aim_dir: Path, name: str = "") -> None:
        self.aim_dir = aim_dir
        self.name = name
        own = self._own = aim_dir / "cache" / name
        self._key = _key(aim_dir) if engine.takes(own) and _only_mine(aim_dir, own) else None
        self.writable = self._key is not None and _writable(own, aim_dir)
        self.folder: Path | None = own
        if not self.writable and not (self._key is not None and (own / "manifest").is_file()):
            self.leave()
        self.signature: Signature | None = None
        self._entries: dict[int, dict[str, Any]] = {}

    def leave(self) -> None:
        """Use a private folder instead of `.aim/cache`, or none. Its owner alone proves who wrote there."""
        self.folder = next(filter(_is_private, private_folders(self.aim_dir / self.name)), None)
        self._key = b""
        self.writable = self.folder is not None
        if self.folder is not None:
            _limit_private(self.folder)

    @property
    def private(self) -> bool:
        return self.folder is not None and self.folder != self._own

    def changed(self) -> bool:
        return self._signature() != self.signature

    def load(self) -> list[Segment]:
        """The segments of the current manifest; none if there is no valid manifest."""
        if self._is_of_another_key():
            self.leave()
        self.signature = self._signature()
        self._entries = {}
        there: list[tuple[Segment, dict[str, Any]]] = []
        for entry in self._manifest():
            segment = self._opened(entry)
            if segment is None:
                # A run's points may lie in several segments: without one of them, the later ones cannot be trusted
                # either.
                break
            there.append((segment, entry))
        segments = _counted(there)
        self._entries = {segment.number: entry for segment, entry in there[: len(segments)]}
        return segments

    @contextlib.contextmanager
    def lock(self, *, wait: float = 0.0) -> Iterator[bool]:
        """Whether this process may write now. True while no other process holds the lock."""
        if not self.writable:
            yield False
            return
        assert self.folder is not None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            fd = regular.lock_file(self.folder / "lock", 0o666)
        except OSError:
            yield False
            return
        _held.add(fd)
        try:
            yield regular.lock(fd, wait=wait)
        finally:
            if fd in _held:
                _held.discard(fd)
                os.close(fd)

    def write(self, number: int, tables: Mapping[str, Columns]) -> Segment | None:
        """Write a segment's tables next to the others. It counts once `commit` names it. None if there is no room."""
        if self.folder is None:
            return None
        entry: dict[str, Any] = {"number": number, "files": {}}
        try:
            for name, types in TABLES.items():
                if name not in OPTIONAL or len(tables[name]["segment"]):
                    entry["files"][name] = self._write_table(name, tables[name], types)
        except (OSError, EngineError):
            return None
        self._entries[number] = entry
        return self._described(entry)

    def entry(self, number: int) -> dict[str, Any]:
        """What the manifest says of a segment."""
        return self._entries[number]

    def adopt(self, entries: Sequence[dict[str, Any]]) -> list[Segment]:
        """Segments that another process of ours wrote into this folder. They count once `commit` names them. Raises
        OSError if a file is not as it was written."""
        opened = ((self._opened(entry), entry) for entry in entries)
        segments = _counted([(segment, entry) for segment, entry in opened if segment])
        if len(segments) < len(entries):
            raise OSError(f"segments in {self.folder} are gone")
        self._entries.update({segment.number: entry for segment, entry in zip(segments, entries, strict=True)})
        return segments

    def rewrite(self, number: int, name: str, columns: Columns) -> Segment | None:
        """Write another version of one table of a segment, which counts once `commit` names it."""
        entry = self._entries[number]
        try:
            files = {**entry["files"], name: self._write_table(name, columns, TABLES[name])}
        except (OSError, EngineError):
            return None
        with contextlib.suppress(OSError):
            os.utime(self._described(entry).files[name])
        self._entries[number] = {**entry, "files": files}
        return self._described(self._entries[number])

    def commit(self, numbers: Sequence[int]) -> bool:
        """Make the manifest name exactly the segments with these numbers, then remove files that it no longer names."""
        if self.folder is None:
            return False
        entries = [self._entries[number] for number in sorted(numbers)]
        text = self._signed(json.dumps({"version": VERSION, "segments": entries}).encode())
        if not self._swapped("manifest", text):
            return False
        before = self._named()
        self._entries = {entry["number"]: entry for entry in entries}
        for name in before - self._named():
            with contextlib.suppress(OSError):
                os.utime(self.folder / name)
        self.signature = self._signature()
        self._sweep()
        return True

    def note(self, text: str) -> None:
        """Keep a text for the processes that read the current manifest."""
        if self.signature is not None and self.writable:
            body = json.dumps([self.signature, text]).encode()
            self._swapped("note", self._signed(body, _NOTE_PURPOSE))

    def noted(self) -> str:
        """The text that was kept with the manifest that was loaded; "" if there is none."""
        body = self._body("note", _NOTE_PURPOSE)
        try:
            signature, text = json.loads(body or b"[[], 0]")
        except (ValueError, TypeError, RecursionError):
            return ""
        return text if isinstance(text, str) and signature == list(self.signature or ()) else ""

    def _swapped(self, name: str, text: bytes) -> bool:
        """Whether a file has another content now."""
        assert self.folder is not None
        try:
            with regular.replacing(self.folder / name, finish=self._share) as file:
                file.write(text)
        except OSError:
            return False
        return True

    def _share(self, draft: int | Path) -> None:
        """Whoever may read the repository may read its cache."""
        if not self.private:
            layout.inherit_access(draft, self.aim_dir)

    def _named(self) -> set[str]:
        return {file["name"] for entry in self._entries.values() for file in entry["files"].values()}

    def _write_table(self, name: str, columns: Columns, types: Mapping[str, str]) -> dict[str, Any]:
        assert self.folder is not None
        draft = self.folder / f".draft.{os.getpid()}.{os.urandom(4).hex()}"
        try:
            engine.write(draft, columns, types)
            digest = _digest(draft)
            target = self.folder / f"{name}-{digest}.parquet"
            with regular.opened(draft) as file:
                self._share(file.fileno())
            os.replace(draft, target)
        finally:
            draft.unlink(missing_ok=True)
        rows = len(next(iter(columns.values())))
        return {"name": target.name, "digest": digest, "rows": rows, "stat": _stat(target)}

    def _signature(self) -> Signature | None:
        if self.folder is None:
            return None
        try:
            stat = regular.lstat(self.folder / "manifest")
        except OSError:
            return None
        return Signature(stat.st_mtime_ns, stat.st_ino, stat.st_size)

    def _manifest(self) -> list[dict[str, Any]]:
        try:
            manifest = json.loads(self._body("manifest", _PURPOSE))
            if manifest["version"] != VERSION:
                return []
            return sorted(manifest["segments"], key=lambda entry: int(entry["number"]))
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return []

    def _body(self, name: str, purpose: bytes) -> bytes:
        """What a signed file holds, b"" if it is not ours. Nothing in it is read before its code."""
        if self.folder is None:
            return b""
        try:
            text = regular.read(self.folder / name, most=_MOST_BYTES)
        except OSError:
            return b""
        _, _, body = text.partition(b"\n")
        return body if hmac.compare_digest(text, self._signed(body, purpose)) else b""

    def _signed(self, body: bytes, purpose: bytes = _PURPOSE) -> bytes:
        """A file of ours: a line that names the key and holds the code, then the body."""
        assert self._key is not None
        code = hmac.digest(self._key, purpose + body, "sha256").hex()
        return b"%s %s\n%s" % (self._key_name(), code.encode(), body)

    def _key_name(self) -> bytes:
        return hmac.digest(self._key or b"", _PURPOSE, "sha256").hex()[:16].encode()

    def _is_of_another_key(self) -> bool:
        """Whether the cache of the repository is in use with another key, as by a container."""
        if self.folder is None:
            return False
        path = self.folder / "manifest"
        try:
            named = _FIRST_LINE.match(regular.read(path, most=128))
            age = time.time() - regular.lstat(path).st_mtime
        except OSError:
            return False
        return named is not None and named[1] != self._key_name() and age < _IN_USE_SECONDS

    def _opened(self, entry: dict[str, Any]) -> Segment | None:
        """The segment, if its files are the ones that were written: by size and time, or else by content."""
        try:
            segment = self._described(entry)
            for name, path in segment.files.items():
                file = entry["files"][name]
                if _stat(path) == file["stat"]:
                    continue
                if _stat(path)[0] != file["stat"][0] or _digest(path) != file["digest"]:
                    return None
                file["stat"] = _stat(path)
            return segment
        except (OSError, ValueError, LookupError, TypeError, OverflowError):
            return None

    def _described(self, entry: dict[str, Any]) -> Segment:
        assert self.folder is not None
        there = [name for name in TABLES if name in entry["files"] or name not in OPTIONAL]
        files = {name: self.folder / os.path.basename(entry["files"][name]["name"]) for name in there}
        points, runs = (int(entry["files"][name]["rows"]) for name in ("points", "runs"))
        return Segment(int(entry["number"]), points, runs, files=files)

    def _sweep(self) -> None:
        """Remove files that no manifest has named for a while. A file's time is when it was written or dropped; until
        then, an answer of any process may still read it."""
        assert self.folder is not None
        named = self._named()
        with contextlib.suppress(OSError), os.scandir(self.folder) as entries:
            for file in entries:
                if not _OWN_FILES.fullmatch(file.name) or file.name in named:
                    continue
                if time.time() - file.stat(follow_symlinks=False).st_mtime > _KEEP_SECONDS:
                    os.unlink(file.path)


def _counted(there: Sequence[tuple[Segment, Mapping[str, Any]]]) -> list[Segment]:
    """These segments up to the first one with a table that has another number of rows than the manifest states. Only
    the ends of the files are read for that: a few kilobytes can be a table of millions of rows."""
    try:
        rows = engine.row_counts([path for segment, _ in there for path in segment.files.values()])
    except EngineError:
        return []
    kept = []
    for segment, entry in there:
        if any(rows[path] != entry["files"][name]["rows"] for name, path in segment.files.items()):
            break
        kept.append(segment)
    return kept


def private_folders(aim_dir: Path) -> list[Path]:
    """The place of the index of `aim_dir` if its own cache is not writable."""
    key = hashlib.sha256(os.fsencode(os.path.realpath(aim_dir))).hexdigest()[:32]
    chosen = os.environ.get("AIM_CACHE_DIR")
    return [folder / key for folder in ([Path(user.expanded(chosen))] if chosen else []) + [user_cache()]]


def user_cache() -> Path:
    """The folder of this user's caches for repositories that they cannot write."""
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or user.home() / "AppData" / "Local") / "aim" / "index"
    if sys.platform == "darwin":
        return user.home() / "Library" / "Caches" / "aim" / "index"
    return Path(os.environ.get("XDG_CACHE_HOME") or user.home() / ".cache") / "aim" / "index"


def _limit_private(folder: Path) -> None:
    """Keep all private caches together below USER_CACHE_LIMIT by removing the least recently used ones."""
    sizes = {}
    for other in folder.parent.iterdir():
        with contextlib.suppress(OSError):
            if _PRIVATE.fullmatch(other.name) and not other.is_symlink() and user.is_mine(other):
                sizes[other] = sum(file.lstat().st_size for file in other.iterdir())
    for other in sorted(sizes, key=lambda other: other.stat().st_mtime):
        if sum(sizes.values()) <= USER_CACHE_LIMIT:
            break
        _discard(other)
        del sizes[other]
    folder.mkdir(parents=True, exist_ok=True)


def _discard(cache: Path) -> None:
    """Remove a cache, unless something in it was not made here."""
    with contextlib.suppress(OSError):
        names = os.listdir(cache)
        if all(name in _KEPT_FILES or _OWN_FILES.fullmatch(name) for name in names):
            for name in names:
                os.unlink(cache / name)
            os.rmdir(cache)


def _key(aim_dir: Path) -> bytes | None:
    try:
        return key.made(aim_dir)
    except KeyFileError:
        return None


def _only_mine(aim_dir: Path, own: Path) -> bool:
    """Whether this user alone can write to the repository and its cache folder, which is none behind a link."""
    try:
        folders = [Path(os.path.realpath(aim_dir)), aim_dir / "cache", own]
        there = [folder for folder in folders if os.path.lexists(folder)]
        return (aim_dir / "runs").is_dir() and all(
            user.alone_writes(folder) and not folder.is_symlink() for folder in there
        )
    except OSError:
        return False


def _is_private(folder: Path) -> bool:
    return engine.takes(folder) and _writable(folder, None) and user.alone_writes(folder)


def _writable(folder: Path, aim_dir: Path | None) -> bool:
    try:
        if aim_dir is not None:
            layout.make_folder(folder, aim_dir)
        else:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / f".draft.{os.getpid()}.{os.urandom(4).hex()}"
        os.close(os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        probe.unlink()
    except OSError:
        return False
    return True


_held: set[int] = set()


def _in_child() -> None:
    """A fork copies the descriptor of a lock, and the lock lasts as long as any copy."""
    while _held:
        os.close(_held.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)


def _stat(path: Path) -> list[int]:
    stat = regular.lstat(path)
    # Programs can set the time of the content, but not that of the last change.
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with regular.opened(path) as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()[:32]
