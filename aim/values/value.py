"""A value that is no number: its bytes as the log keeps them, and a few words about them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeVar

MAX_SIZE = 64 << 20
MAX_CAPTION = 20_000

V = TypeVar("V", bound="Value")


class Value:
    """`data` is the content in the form that `format` names: `plain`, or what `meta` says. Making one from something
    that cannot be recorded raises ValueError or TypeError; tracking it never does."""

    kind: ClassVar[str] = ""
    plain: ClassVar[str] = ""

    data: bytes
    meta: dict[str, Any]

    def _keep(self, data: bytes, meta: Mapping[str, Any]) -> None:
        if len(data) > MAX_SIZE:
            raise ValueError(
                f"{self.kind} of {len(data):,} bytes is larger than {MAX_SIZE:,}, which one value may have; make it "
                "smaller, or keep it in a file and track its path as aim.Text"
            )
        self.data = data
        self.meta = {name: value for name, value in meta.items() if value not in (None, "")}

    @classmethod
    def restored(cls: type[V], data: bytes, meta: Mapping[str, Any]) -> V:
        """The value that a log holds: as it was when it was tracked."""
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
    """The bytes of a path, of bytes, or of a file that is open in binary mode; None for anything else."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if isinstance(source, (str, os.PathLike)):
        return _file(Path(source), what)
    if callable(read := getattr(source, "read", None)):
        found = read(MAX_SIZE + 1)
        return found if isinstance(found, bytes) else None
    return None


def _file(path: Path, what: str) -> bytes:
    try:
        if path.stat().st_size > MAX_SIZE:
            raise ValueError(f"{what} {str(path)!r} has more than {MAX_SIZE:,} bytes, which one value may have")
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{what} {str(path)!r:.200} cannot be read: {error.strerror or error}") from error
