"""Puts pip into the virtual environment of the Python that runs this, where ensurepip is missing.

    python fetch_pip.py [VERSION]      VERSION: default, the newest

A wheel is a zip of what belongs into site-packages, so pip's is checked against the hash that the package index states
and unpacked there. PIP_INDEX_URL names another index.
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


def main(arguments: list[str]) -> None:
    if sys.prefix == sys.base_prefix:
        raise SystemExit(f"{sys.executable} is not in a virtual environment: its packages are left alone")
    page_url = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/") + "/pip/"
    page = read(page_url).decode()
    wheels = re.findall(r'href="([^"]*/pip-(\d+(?:\.\d+)*)-py3-none-any\.whl)#sha256=([0-9a-f]{64})"', page)
    if arguments:
        wheels = [wheel for wheel in wheels if wheel[1] == arguments[0]]
    if not wheels:
        wanted = " ".join(["pip", *arguments])
        raise SystemExit(
            f"No wheel of {wanted} at {page_url}. Set PIP_INDEX_URL, or install your system's venv package."
        )
    link, version, digest = max(wheels, key=lambda wheel: [int(part) for part in wheel[1].split(".")])
    content = read(urllib.parse.urljoin(page_url, link))
    if hashlib.sha256(content).hexdigest() != digest:
        raise SystemExit(f"pip {version} from {page_url} is not what the index says it is: not installed")
    zipfile.ZipFile(io.BytesIO(content)).extractall(sysconfig.get_path("purelib"))


def read(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            content: bytes = answer.read()
    except OSError as error:
        raise SystemExit(f"Cannot read {url}: {error}. Install your system's package for venv instead.") from error
    return content


if __name__ == "__main__":
    main(sys.argv[1:])
