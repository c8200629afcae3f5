"""Contents of artifacts at an address of fsspec, each under its SHA-256. This is the only importer of fsspec.

An address stands in a repository, so it is input: of a few kinds, bounded, and without a password. Credentials come
from where the libraries of each kind look for them. What a store says in an error is not repeated, because it may
quote them.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import urlsplit

from aim import store
from aim.errors import ArtifactError, StoreAway, StoreError
from aim.handlers import let_through

VARIABLE = "AIM_ARTIFACT_STORE"
MAX_ADDRESS = 500
PART = 8 << 20
_HOST = r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}@)?[A-Za-z0-9][A-Za-z0-9.-]{0,252}(?::[0-9]{1,5})?"
_BUCKET = r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]"
_path = re.compile(r"(?:/[A-Za-z0-9!_.*'()=+-]{1,200}){0,20}").fullmatch
_is_content = re.compile(r"[0-9a-f]{64}").fullmatch
_says_missing = re.compile(r"NoSuchBucket|ContainerNotFound|\bstatus[^0-9]{1,10}404\b").search
_REFUSALS = ("PermissionError", "PermissionDeniedError", "UnauthenticatedError", "AuthenticationException",
             "BadHostKeyException", "PasswordRequiredException")  # fmt: skip
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Kind(NamedTuple):
    """Of addresses. `place`: the pattern of what stands behind `//`; `access`: what gives access; `extra`: the packages
    that it needs. `renames`: a file there is seen while it is written, so it is written under another name first."""

    form: str
    place: str
    opened: Callable[[str], Any]
    access: str
    extra: str
    renames: bool = False


class RemoteContent(NamedTuple):
    """One that a store has: its size, and when it was written, in seconds since 1970."""

    sha256: str
    bytes: int
    time: float


def check(given: object) -> str:
    """An address as it is recorded. Raises ArtifactError for any other text, without repeating it: it may hold a
    key."""
    text = given.strip().rstrip("/") if isinstance(given, str) else ""
    scheme, there, rest = text.partition("://")
    kind = KINDS.get(scheme)
    place, slash, path = rest.partition("/")
    if there and "@" in rest and (kind is None or not kind.renames or ":" in rest.partition("@")[0]):
        raise ArtifactError(
            "the address of a store must not have a user and a password, because it is recorded: leave them out. "
            f"Access comes from {kind.access if kind else 'the environment'}"
        )
    known = kind is not None and re.fullmatch(kind.place, place) and _path(slash + path)
    if not known or len(text) > MAX_ADDRESS or {".", ".."} & set(path.split("/")) or (scheme == "file" and not path):
        raise ArtifactError(
            f"not the address of a store for artifacts: write {', '.join(kind.form for kind in KINDS.values())}, with "
            "up to 20 folders of letters, digits and -_.!*'()=+"
        )
    return text


def chosen() -> str:
    """The address that AIM_ARTIFACT_STORE names; empty if it names none. Raises ArtifactError."""
    text = os.environ.get(VARIABLE, "").strip()
    try:
        return check(text) if text else ""
    except ArtifactError as error:
        raise ArtifactError(f"{VARIABLE} is {error}") from None


def names_a_host(address: str) -> bool:
    """Whether an address says which machine is connected to, which only its user may decide."""
    return address.startswith(("sftp:", "ssh:"))


class ContentStore:
    """The contents at one address. Safe in several threads. Every error is a StoreError."""

    def __init__(self, address: str) -> None:
        self.address = check(address)
        scheme, _, rest = self.address.partition("://")
        self._kind = KINDS[scheme]
        self._top = f"/{rest.partition('/')[2]}" if self._kind.renames else rest
        with self._asked():
            self._files = self._kind.opened(self.address)

    def size(self, sha256: str) -> int | None:
        """Of a content; None if it is not there."""
        there = self.about(sha256)
        return None if there is None else there.bytes

    def put(self, sha256: str, source: BinaryIO, size: int) -> None:
        """Store the content of an open file. It has its name when it is whole, or is replaced by the next try."""
        place = self._place(sha256)
        with self._asked():
            if self._kind.renames:
                self._write_beside(place, source, size)
            else:
                self._write(place, source, size)

    def parts(self, sha256: str, size: int) -> Iterator[bytes]:
        """Its bytes, which must be `size`."""
        there = self.size(sha256)
        if there is None:
            raise StoreError(f"{self.address} has no content {sha256[:16]}: restore it there")
        if there != size:
            raise StoreError(
                f"{self.address} has {there:,} of the {size:,} bytes of {sha256[:16]}: it is damaged there"
            )
        for start in range(0, size, PART):
            end = min(start + PART, size)
            with self._asked():
                data = bytes(self._files.cat_file(self._place(sha256), start=start, end=end))
            if len(data) != end - start:
                raise StoreError(f"{self.address} sends {len(data):,} of {end - start:,} bytes of {sha256[:16]}")
            yield data

    def names(self) -> Iterator[str]:
        """The SHA-256 of every content that is there."""
        for number in range(256):
            with self._asked():
                try:
                    listed = self._files.ls(f"{self._top}/{number:02x}", detail=False)
                except FileNotFoundError:
                    continue
            yield from (name for path in sorted(listed) if _is_content(name := path.rstrip("/").rpartition("/")[2]))

    def about(self, sha256: str) -> RemoteContent | None:
        """None if it is not there."""
        with self._asked():
            try:
                known = self._files.info(self._place(sha256))
            except FileNotFoundError:
                return None
            if known["type"] != "file":
                return None
            written = known.get("last_modified") or known.get("mtime") or 0
            time = written.timestamp() if isinstance(written, datetime) else float(written)
            return RemoteContent(sha256, int(known["size"]), time)

    def remove(self, sha256: str) -> None:
        """Also one that is not there."""
        with self._asked(), suppress(FileNotFoundError):
            self._files.rm_file(self._place(sha256))

    def _place(self, sha256: str) -> str:
        return f"{self._top}/{sha256[:2]}/{sha256}"

    def _write_beside(self, place: str, source: BinaryIO, size: int) -> None:
        folder, _, name = place.rpartition("/")
        draft = f"{folder}/.{name}.{os.getpid()}.{os.urandom(4).hex()}"
        self._files.makedirs(folder, exist_ok=True)
        try:
            self._write(draft, source, size)
            self._files.mv(draft, place)
        except BaseException:
            with suppress(Exception):
                self._files.rm_file(draft)
            raise

    def _write(self, place: str, source: BinaryIO, size: int) -> None:
        if size <= PART:
            self._files.pipe_file(place, source.read(size))
            return
        with self._files.open(place, "wb") as target:
            shutil.copyfileobj(source, target, PART)

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Every library has errors of its own."""
        try:
            yield
        except StoreError:
            raise
        except ImportError:
            raise StoreAway(f"{self.address} needs packages that are missing. Run: {self._kind.extra}") from None
        except Exception as error:
            let_through(error)
            raise self._reason(error) from None

    def _reason(self, error: Exception) -> StoreError:
        if any(parent.__name__ in _REFUSALS for parent in type(error).__mro__):
            return StoreAway(f"{self.address} refuses access: check {self._kind.access}")
        if isinstance(error, FileNotFoundError) or _says_missing(str(error)):
            return StoreAway(f"{self.address} does not exist: make the bucket or the folder, or choose another store")
        if isinstance(error, OSError) and error.errno in _FULL:
            return StoreAway(f"{self.address} is full: free some space there, or choose another store")
        return StoreAway(f"{self.address} does not answer as a store: {store.reason(error, self._host())}")

    def _host(self) -> str:
        if self.address.startswith("s3:"):
            return store.place()
        return urlsplit(self.address).hostname or "the folder"


def _s3(address: str) -> Any:
    settings = store.settings()
    return _object_store("s3", config=settings.config, client=settings.client, retry=settings.retry)


def _cloud(address: str) -> Any:
    """Google Cloud Storage and Azure, with the configuration that their libraries find."""
    return _object_store(urlsplit(address).scheme, config=None, client=store.client(), retry=store.retry())


def _object_store(scheme: str, *, config: Any, client: Any, retry: Any) -> Any:
    from obstore.fsspec import FsspecStore

    return FsspecStore(scheme, config=config, client_options=client, retry_config=retry, skip_instance_cache=True)


def _folder(address: str) -> Any:
    from fsspec.implementations.local import LocalFileSystem

    return LocalFileSystem(skip_instance_cache=True)


def _ssh(address: str) -> Any:
    """Only hosts that this user knows are connected to."""
    from fsspec.implementations.sftp import SFTPFileSystem

    parts = urlsplit(address)
    options = {"port": parts.port, "username": parts.username}
    return SFTPFileSystem(
        parts.hostname, host_key_policy="reject", timeout=store.CONNECT_SECONDS, skip_instance_cache=True,
        **{name: value for name, value in options.items() if value},
    )  # fmt: skip


STORES = "pip install 'aim[stores]'"
_SSH = "the keys of SSH, and that known_hosts has this host"
KINDS = {
    "s3": Kind("s3://BUCKET/PREFIX", _BUCKET, _s3, store.KEYS, STORES),
    "gs": Kind("gs://BUCKET/PREFIX", _BUCKET, _cloud, "GOOGLE_APPLICATION_CREDENTIALS", STORES),
    "az": Kind(
        "az://CONTAINER/PREFIX", _BUCKET, _cloud, "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY", STORES
    ),
    "sftp": Kind("sftp://USER@HOST/FOLDER", _HOST, _ssh, _SSH, f"{STORES} paramiko", True),
    "ssh": Kind("ssh://USER@HOST/FOLDER", _HOST, _ssh, _SSH, f"{STORES} paramiko", True),
    "file": Kind("file:///FOLDER", "", _folder, "who may write to the folder", STORES, True),
}
