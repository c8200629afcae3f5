"""The common part of all media: their bytes as the log stores them, and their metadata."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeVar

MAX_SIZE = 64 << 20
MAX_CAPTION = 20_000

M = TypeVar("M", bound="Media")


class Media:
    """One text, image, sound, distribution or figure.

    `data` is its content in bytes, encoded as `format` says; `meta` is what is known about it, such as its size. The
    constructor raises ValueError or TypeError for content that cannot be recorded; tracking it never raises.
    """

    kind: ClassVar[str] = ""
    plain: ClassVar[str] = ""

    data: bytes
    meta: dict[str, Any]

    def _keep(self, data: bytes, meta: Mapping[str, Any]) -> None:
        if len(data) > MAX_SIZE:
            raise ValueError(
                f"{self.kind} of {len(data):,} bytes exceeds the limit of {MAX_SIZE:,}; make it smaller, or keep it in "
                "a file and track its path as aim.Text"
            )
        self.data = data
        self.meta = {name: value for name, value in meta.items() if value not in (None, "")}

    @classmethod
    def restored(cls: type[M], data: bytes, meta: Mapping[str, Any]) -> M:
        """The media that a log holds, without the checks of the constructor."""
        made = cls.__new__(cls)
        made.data, made.meta = data, dict(meta)
        return made

    @property
    def format(self) -> str:
        return str(self.meta.get("format", self.plain))

    @property
    def caption(self) -> str:
        return str(self.meta.get("caption", ""))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the content to a file."""
        Path(path).write_bytes(self.data)
        return Path(path)

    def __repr__(self) -> str:
        about = "".join(f" {name}={value!r:.60}" for name, value in self.meta.items())
        return f"<aim.{type(self).__name__} {len(self.data):,} bytes{about}>"


def caption(text: str | None) -> str:
    if text is not None and not isinstance(text, str):
        raise TypeError(f"caption must be text, not {type(text).__name__} {text!r:.80}")
    text = (text or "").encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= MAX_CAPTION else text[: MAX_CAPTION - 1] + "…"


def content_of(source: Any, what: str) -> bytes | None:
    """The bytes of a path, of a bytes-like object, or of a file open in binary mode; None for anything else."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if isinstance(source, (str, os.PathLike)):
        return _file(Path(source), what)
    if callable(read := getattr(source, "read", None)):
        data = read(MAX_SIZE + 1)
        return data if isinstance(data, bytes) else None
    return None


def _file(path: Path, what: str) -> bytes:
    try:
        if path.stat().st_size > MAX_SIZE:
            raise ValueError(f"{what} {str(path)!r} exceeds the limit of {MAX_SIZE:,} bytes")
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{what} {str(path)!r:.200} cannot be read: {error.strerror or error}") from error
