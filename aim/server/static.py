"""The built UI. A request must match the list of files in the folder, so no path can lead outside."""

from __future__ import annotations

import math
import os
import re
import time
from pathlib import Path

from starlette.responses import Response

from aim.server.pages import page

# Not the mimetypes module: it reads the machine's registry, which may call a script text/plain.
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".txt": "text/plain; charset=utf-8",
}

HASHED = re.compile(r"assets/.+-[A-Za-z0-9_-]{8}\.[a-z0-9]+")

RELIST_SECONDS = 1.0

PACKAGED = Path(__file__).parent / "ui"


class Static:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, Path] = {}
        self.listed = -math.inf

    def find(self, path: str) -> Path | None:
        """`path` is relative; "" is the front page. A new build is noticed while the server runs, because its file
        names are new."""
        name = path or "index.html"
        if name not in self.files and time.monotonic() - self.listed > RELIST_SECONDS:
            self.files = dict(listing(self.folder))
            self.listed = time.monotonic()
        return self.files.get(name)

    def answer(self, path: str) -> Response | None:
        file = self.find(path)
        try:
            content = file.read_bytes() if file else None
        except OSError:
            self.files, self.listed, content = {}, -math.inf, None
        if file is None or content is None:
            return None if path else self.not_built()
        name = file.relative_to(self.folder).as_posix()
        return Response(content, headers={"cache-control": caching(name), "content-type": TYPES[file.suffix]})

    def not_built(self) -> Response:
        if self.folder == PACKAGED:
            cure, command = "In the checkout, build it and load this page again:", "python hatch_build.py build"
        else:
            cure, command = "The chosen folder has no index.html. Start with the one in the package:", "aim up"
        return page(
            503, "The UI of Aim is not built", "The server is running, but it has no UI to show.", cure, command=command
        )


def listing(folder: Path) -> list[tuple[str, Path]]:
    """The files of known types below `folder`. Links are left out: they may point anywhere."""
    files = []
    for place, _, names in os.walk(folder):
        for name in names:
            file = Path(place, name)
            if file.suffix in TYPES and not file.is_symlink():
                files.append((file.relative_to(folder).as_posix(), file))
    return files


def caching(name: str) -> str:
    if name == "index.html":
        return "no-store"
    return "private, max-age=31536000, immutable" if HASHED.fullmatch(name) else "no-cache"
