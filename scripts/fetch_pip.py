"""Puts pip into the virtual environment of the Python that runs this, where ensurepip is missing.

    python fetch_pip.py [--latest]

A wheel is a zip of what belongs into site-packages, so pip's is checked and unpacked there. Its version and hash are
those of constraints.txt; with --latest, the newest with the hash that the package index states. PIP_INDEX_URL names
another index.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import sys
import sysconfig
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

CONSTRAINTS = Path(__file__).resolve().parent.parent / "constraints.txt"
LINK = re.compile(r'href="([^"]*/pip-(\d+(?:\.\d+)*)-py3-none-any\.whl)#sha256=([0-9a-f]{64})"')


def main(arguments: list[str]) -> None:
    if sys.prefix == sys.base_prefix:
        raise SystemExit(f"{sys.executable} is not in a virtual environment: its packages are left alone")
    page_url = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/") + "/pip/"
    wheels = LINK.findall(read(page_url).decode())
    version, digests = newest(wheels) if arguments == ["--latest"] else pinned()
    link = next((link for link, found, _ in wheels if found == version), None)
    if link is None:
        raise SystemExit(
            f"No wheel of pip {version} at {page_url}. Set PIP_INDEX_URL, or install your system's venv package."
        )
    content = read(urllib.parse.urljoin(page_url, link))
    if hashlib.sha256(content).hexdigest() not in digests:
        raise SystemExit(f"pip {version} from {page_url} has another hash than expected: not installed")
    zipfile.ZipFile(io.BytesIO(content)).extractall(sysconfig.get_path("purelib"))


def pinned() -> tuple[str, list[str]]:
    """The version of pip in constraints.txt, and the hashes that its files may have."""
    found = re.search(r"^pip==(\S+)((?:.*\n +--hash=.*)+)", CONSTRAINTS.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise SystemExit(f"{CONSTRAINTS} pins no pip: run scripts/pin, or pass --latest")
    return found[1], re.findall("sha256:([0-9a-f]{64})", found[2])


def newest(wheels: list[tuple[str, str, str]]) -> tuple[str, list[str]]:
    by_version = {version: digest for _, version, digest in wheels}
    version = max(by_version, key=lambda version: [int(part) for part in version.split(".")], default="")
    return version, [by_version.get(version, "")]


def read(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            content: bytes = answer.read()
    except OSError as error:
        raise SystemExit(f"Cannot read {url}: {error}. Install your system's package for venv instead.") from error
    return content


if __name__ == "__main__":
    main(sys.argv[1:])
