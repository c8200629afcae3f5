"""The versions of the UI in the user's cache, and how to add one: through pip, or from a folder.

<cache>/ui/<version>/manifest.json, ui/...        <cache>: AIM_CACHE_DIR, else XDG_CACHE_HOME/aim, else ~/.cache/aim
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from aim import user
from aim.cli import bundle
from aim.cli.bundle import DISTRIBUTION, FOLDER, Manifest
from aim.errors import BundleError
from aim.version import __version__

LATEST = "latest"
OLDER_TRIED = 20
PIP_SECONDS = 300
NOT_REACHED = re.compile(
    r"Retrying \(Retry|NewConnectionError|ConnectTimeout|Read timed out|Name or service not known|name resolution"
    r"|Could not fetch URL|ProxyError|ConnectionError|Network is unreachable|Connection refused",
    re.IGNORECASE,
)


def folder() -> Path:
    chosen = os.environ.get("AIM_CACHE_DIR")
    own = Path(os.environ.get("XDG_CACHE_HOME") or user.home() / ".cache", "aim")
    return (Path(user.expanded(chosen)) if chosen else own) / "ui"


def pulled() -> list[Manifest]:
    """The complete bundles in the cache, newest first."""
    manifests = []
    for place in folder().glob("[0-9]*"):
        with contextlib.suppress(BundleError):
            manifest = bundle.verify(place)
            if place.name == manifest.version:
                manifests.append(manifest)
    return sorted(manifests, key=lambda manifest: manifest.order, reverse=True)


def chosen(version: str) -> Path | None:
    """The folder of the UI to serve, None for the packaged one. Raises BundleError if this version is missing."""
    if version == LATEST:
        newest = next((manifest for manifest in pulled() if manifest.compatible), None)
        if newest is None or newest.order <= bundle.order(__version__):
            return None
        return folder() / newest.version / "ui"
    wanted = bundle.order(version)
    match = next((manifest for manifest in pulled() if manifest.order == wanted), None)
    if match is None and wanted == bundle.order(__version__):
        return None
    if match is None:
        have = ", ".join([f"{__version__} (built in)", *(manifest.version for manifest in pulled())])
        raise BundleError(f"UI v{version} is not installed. Pull it first: aim pull -v {version}. Installed: {have}")
    refuse_incompatible(match)
    return folder() / match.version / "ui"


def refuse_incompatible(manifest: Manifest) -> None:
    if not manifest.compatible:
        raise BundleError(
            f"UI v{manifest.version} supports API version {manifest.api}, this Aim serves version {bundle.API}. "
            "Choose another version, or upgrade Aim"
        )


def pull(version: str, source: Path | None) -> Manifest:
    """Download this version into the cache. Raises BundleError."""
    wanted = bundle.order(version)
    with scratch() as place:
        wheel = in_folder(source, wanted, version) if source else download(f"{DISTRIBUTION}=={version}", place)
        manifest = bundle.read_manifest(wheel)
        if manifest.order != wanted:
            raise BundleError(f"{wheel.name} holds UI v{manifest.version}, not v{version}")
        refuse_incompatible(manifest)
        return keep(wheel, place)


def upgrade(source: Path | None) -> Manifest:
    """Download the newest version that this Aim can serve into the cache. Raises BundleError."""
    with scratch() as place:
        for wheel in newest_first(source, place):
            if bundle.read_manifest(wheel).compatible:
                return keep(wheel, place)
    raise BundleError(f"no available UI supports API version {bundle.API}, which this Aim serves. Upgrade Aim")


def newest_first(source: Path | None, place: Path) -> Iterator[Path]:
    """Wheels to try, newest first."""
    if source is not None:
        yield from sorted(wheels_in(source), key=lambda wheel: bundle.order(version_of(wheel)), reverse=True)
        return
    requirement = DISTRIBUTION
    for _ in range(OLDER_TRIED):
        wheel = download(requirement, place)
        yield wheel
        requirement = f"{DISTRIBUTION}<{version_of(wheel)}"


def wheels_in(source: Path) -> list[Path]:
    wheels = list(source.glob(f"{FOLDER}-*-py3-none-any.whl"))
    if not wheels:
        raise BundleError(f"{source} holds no UI: a file like {FOLDER}-{__version__}-py3-none-any.whl is needed")
    return wheels


def in_folder(source: Path, wanted: tuple[object, ...], version: str) -> Path:
    wheels = wheels_in(source)
    wheel = next((wheel for wheel in wheels if bundle.order(version_of(wheel)) == wanted), None)
    if wheel is None:
        raise BundleError(f"{source} holds no UI v{version}, but v{', v'.join(sorted(map(version_of, wheels)))}")
    return wheel


def version_of(wheel: Path) -> str:
    return wheel.name.split("-")[1]


def download(requirement: str, place: Path) -> Path:
    """The wheel that pip finds with its configured index. Nothing is built, installed or run."""
    target = Path(tempfile.mkdtemp(dir=place))
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--retries", "1"]
    command += ["--no-input", "--disable-pip-version-check", "--dest", str(target), "--", requirement]
    try:
        # The empty folder is the working directory too: `-m pip` looks for modules there first.
        ended = subprocess.run(command, cwd=target, capture_output=True, text=True, timeout=PIP_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise BundleError(f"pip did not fetch {requirement} within {PIP_SECONDS} seconds. {OFFLINE}") from None
    wheels = list(target.glob("*.whl"))
    if ended.returncode or len(wheels) != 1:
        raise BundleError(what_pip_said(requirement, ended.stdout + ended.stderr))
    return wheels[0]


OFFLINE = "Without a network: aim pull -v VERSION --from FOLDER, with a wheel that was fetched elsewhere."


def what_pip_said(requirement: str, said: str) -> str:
    if "No module named pip" in said:
        return f"pip, which fetches a UI, is missing. Run: {sys.executable} -m ensurepip. {OFFLINE}"
    if NOT_REACHED.search(said):
        return f"the package index cannot be reached, so {requirement} was not fetched. {OFFLINE}"
    if "No matching distribution found" in said:
        there = re.search(r"\(from versions: ([^)]*)\)", said)
        have = there[1] if there and there[1] not in ("none", "") else ""
        if have:
            return f"the package index has no {requirement}, but {have}"
        return f"nothing is published as {DISTRIBUTION} on the package index that pip uses. {OFFLINE}"
    last = next((line for line in reversed(said.splitlines()) if line.strip()), "it said nothing")
    return f"pip could not fetch {requirement}: {last.strip()}"


def keep(wheel: Path, place: Path) -> Manifest:
    """Unpack next to the target, check, and move it there in one step."""
    draft = place / "unpacked"
    manifest = bundle.unpack(wheel, draft)
    target = folder() / manifest.version
    with contextlib.suppress(OSError):
        os.rename(target, place / "replaced")
    try:
        os.rename(draft, target)
    except OSError as error:
        with contextlib.suppress(BundleError):
            if bundle.verify(target) == manifest:
                return manifest
        raise BundleError(f"cannot write {target}: {error.strerror}") from None
    return manifest


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder next to the versions, so that a move there is atomic; removed at the end."""
    try:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=".new-", dir=folder()))
    except OSError as error:
        raise BundleError(f"cannot write to {folder()}: {error.strerror}. Set AIM_CACHE_DIR") from None
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
