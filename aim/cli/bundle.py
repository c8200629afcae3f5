"""A UI as one wheel: packs it, and unpacks a wheel from elsewhere into a folder of verified files.

    aim_explorer_ui-1.2.0-py3-none-any.whl
        aim_explorer_ui/manifest.json       {"name", "version", "api", "files": {"index.html": sha256, ...}}
        aim_explorer_ui/ui/index.html       and the other files that the manifest names

It is a wheel so that pip and any package index can carry it. It is never installed, and none of its code runs: it is
read as a zip, and only the files of the manifest are unpacked.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aim import regular, user
from aim.errors import BundleError

DISTRIBUTION = "aim-explorer-ui"
API = 1

FOLDER = DISTRIBUTION.replace("-", "_")
MANIFEST = "manifest.json"
MAX_FILES = 2000
MAX_BYTES = 64 * 1024 * 1024
MAX_NAME = 200
_MAX_WHEEL = 2 * MAX_BYTES
VERSION = re.compile(r"(\d{1,9}(?:\.\d{1,9}){0,4})(?:(a|b|rc)(\d{1,9}))?(?:\.post(\d{1,9}))?(?:\.dev(\d{1,9}))?")
NAME = re.compile(r"[A-Za-z0-9_@+-][A-Za-z0-9._@+-]*(?:/[A-Za-z0-9_@+-][A-Za-z0-9._@+-]*)*")


@dataclass(frozen=True)
class Manifest:
    """`api` is the version of the HTTP API that the UI speaks; `files` are its paths, with their SHA-256."""

    version: str
    api: int
    files: dict[str, str]

    @property
    def compatible(self) -> bool:
        return self.api == API

    @property
    def order(self) -> tuple[object, ...]:
        return order(self.version)

    def encode(self) -> bytes:
        content = {"name": DISTRIBUTION, "version": self.version, "api": self.api, "files": self.files}
        return json.dumps(content, indent=1, sort_keys=True).encode() + b"\n"


def order(version: str) -> tuple[object, ...]:
    """Sorts versions as Python packages do. Raises BundleError for an invalid version."""
    match = VERSION.fullmatch(version)
    if match is None:
        raise BundleError(f"{version[:80]!r} is not a version; write one like 1.2.0")
    release, kind, number, post, dev = match.groups()
    numbers = [int(part) for part in release.split(".")]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    phase = kind or ("dev" if dev and not post else "z")
    stage = ("dev", "a", "b", "rc", "z").index(phase)
    return tuple(numbers), stage, int(number or 0), int(post or -1), int(dev) if dev else float("inf")


def decode_manifest(content: bytes, *, source: str) -> Manifest:
    """Raises BundleError, with the name of `source`, for an invalid manifest."""
    try:
        fields = json.loads(content)
        manifest = Manifest(fields["version"], fields["api"], fields["files"])
        name = fields["name"]
        order(manifest.version)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BundleError(f"{source} has a broken {MANIFEST}: {error!r}") from None
    if name != DISTRIBUTION or type(manifest.api) is not int or not isinstance(manifest.files, dict):
        raise BundleError(f"{source} is not an Aim UI: its {MANIFEST} must name {DISTRIBUTION!r}, an api and files")
    if "index.html" not in manifest.files or len(manifest.files) > MAX_FILES:
        raise BundleError(f"{source} is not an Aim UI: it needs an index.html, and {MAX_FILES} files at most")
    for path in manifest.files:
        if not NAME.fullmatch(path) or len(path) > MAX_NAME:
            raise BundleError(f"{source} names the file {path[:80]!r}, which is not a plain relative path")
    if len({path.lower() for path in manifest.files}) < len(manifest.files):
        raise BundleError(f"{source} names one file twice, in capital and small letters")
    return manifest


def read_manifest(wheel: Path) -> Manifest:
    """The manifest of a wheel, before anything is taken out of it."""
    with _opened(wheel) as archive:
        return _manifest_in(archive, wheel)


def unpack(wheel: Path, target: Path) -> Manifest:
    """Write the files of the bundle and its manifest into the new folder `target`. Raises BundleError."""
    with _opened(wheel) as archive:
        manifest = _manifest_in(archive, wheel)
        _refuse_extras(archive, manifest, wheel)
        room = MAX_BYTES
        for path, digest in manifest.files.items():
            content = _read(archive, f"{FOLDER}/ui/{path}", room, wheel)
            room -= len(content)
            if hashlib.sha256(content).hexdigest() != digest:
                raise BundleError(f"{wheel.name} is damaged: {path} is not the file that its {MANIFEST} promises")
            place = target / "ui" / path
            _make_private(place.parent)
            _write_private(place, content)
    _write_private(target / MANIFEST, manifest.encode())
    return manifest


def verify(folder: Path) -> Manifest:
    """The manifest of an unpacked bundle whose files are all unchanged. Raises BundleError, also if somebody else can
    write to it: a UI acts for whoever opens it."""
    try:
        _refuse_shared(folder)
        manifest = decode_manifest(regular.read(folder / MANIFEST, most=MAX_BYTES), source=str(folder))
        for path, digest in manifest.files.items():
            file = folder / "ui" / path
            if hashlib.sha256(regular.read(file, most=MAX_BYTES)).hexdigest() != digest:
                raise BundleError(f"{file} was changed; pull the version again: aim pull -v {manifest.version}")
    except OSError as error:
        raise BundleError(f"{folder} is not a complete UI: {error.strerror}: {error.filename}") from None
    return manifest


def _write_private(place: Path, content: bytes) -> None:
    with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | regular.FLAGS, 0o600), "wb") as file:
        file.write(content)


def _make_private(folder: Path) -> None:
    if not folder.is_dir():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700)


def _refuse_shared(folder: Path) -> None:
    for place in (folder.parent, folder, *folder.rglob("*")):
        if not user.alone_writes(place):
            raise BundleError(
                f"{place} belongs to another user or can be written by others, so its UI is not served: set "
                "AIM_CACHE_DIR to a folder of yours, and pull the version again"
            )


def pack(ui: Path, version: str, folder: Path, *, api: int = API) -> Path:
    """Make the wheel of the built UI in `ui`. The same files give the same bytes."""
    order(version)
    paths = {file.relative_to(ui).as_posix(): file for file in sorted(ui.rglob("*")) if file.is_file()}
    contents = {path: file.read_bytes() for path, file in paths.items() if NAME.fullmatch(path)}
    digests = {path: hashlib.sha256(content).hexdigest() for path, content in contents.items()}
    manifest = decode_manifest(Manifest(version, api, digests).encode(), source=str(ui))
    members = {f"{FOLDER}/ui/{path}": content for path, content in contents.items()}
    members[f"{FOLDER}/{MANIFEST}"] = manifest.encode()
    members |= _wheel_metadata(version, members)
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{FOLDER}-{version}-py3-none-any.whl"
    draft = wheel.with_suffix(f".{os.getpid()}")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, (stat.S_IFREG | 0o644) << 16
            archive.writestr(member, content)
    os.replace(draft, wheel)
    return wheel


def _wheel_metadata(version: str, members: dict[str, bytes]) -> dict[str, bytes]:
    info = f"{FOLDER}-{version}.dist-info"
    summary = "A version of the UI of Aim, for `aim pull`. It holds no code that Python runs."
    texts = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {DISTRIBUTION}\nVersion: {version}\nSummary: {summary}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: aim\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files = {name: text.encode() for name, text in texts.items()}
    lines = [_record_line(name, content) for name, content in {**members, **files}.items()]
    files[f"{info}/RECORD"] = "".join([*lines, f"{info}/RECORD,,\n"]).encode()
    return files


def _record_line(name: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(content)}\n"


@contextmanager
def _opened(wheel: Path) -> Iterator[zipfile.ZipFile]:
    """A wheel, which may be a link to one."""
    try:
        file = regular.opened(os.path.realpath(wheel))
    except OSError as error:
        raise BundleError(f"{wheel.name} cannot be read as a wheel: {error.strerror}") from None
    with file:
        size = os.fstat(file.fileno()).st_size
        if size > _MAX_WHEEL:
            raise BundleError(
                f"{wheel.name} has {size:,} bytes; a wheel with a UI has {_MAX_WHEEL:,} at most. Get it again"
            )
        try:
            archive = zipfile.ZipFile(file)
        except (OSError, zipfile.BadZipFile) as error:
            raise BundleError(f"{wheel.name} cannot be read as a wheel: {error}") from None
        with archive:
            yield archive


def _manifest_in(archive: zipfile.ZipFile, wheel: Path) -> Manifest:
    content = _read(archive, f"{FOLDER}/{MANIFEST}", MAX_BYTES, wheel)
    return decode_manifest(content, source=wheel.name)


def _refuse_extras(archive: zipfile.ZipFile, manifest: Manifest, wheel: Path) -> None:
    """Every file except the wheel's own metadata must be in the manifest, once, and be a plain file."""
    expected = {f"{FOLDER}/{MANIFEST}", *(f"{FOLDER}/ui/{path}" for path in manifest.files)}
    seen: set[str] = set()
    for member in archive.infolist():
        name = member.filename
        if name.split("/")[0].endswith(".dist-info") and ".." not in name.split("/"):
            continue
        if name not in expected or name in seen:
            raise BundleError(f"{wheel.name} holds {name[:80]!r}, which its {MANIFEST} does not name")
        if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
            raise BundleError(f"{wheel.name} holds {name[:80]!r}, which is a link or not a regular file")
        seen.add(name)


def _read(archive: zipfile.ZipFile, name: str, room: int, wheel: Path) -> bytes:
    """Read one member, never more than `room` bytes of it, whatever size the zip claims."""
    try:
        with archive.open(name) as file:
            content = file.read(room + 1)
    except KeyError:
        raise BundleError(f"{wheel.name} is not an Aim UI: it holds no {name}") from None
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError, zlib.error) as error:
        raise BundleError(f"{wheel.name} is damaged at {name}: {error}") from None
    if len(content) > room:
        raise BundleError(f"{wheel.name} is too large: its UI may have {MAX_BYTES // 1024**2} MiB at most")
    return content
