"""The common part of all media: their bytes as the log stores them, and their metadata."""

from __future__ import annotations

import operator
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from aim.handlers import let_through
from aim.plain import builtin, shown, text_of

MAX_SIZE = 64 << 20
MAX_CAPTION = 20_000

M = TypeVar("M", bound="Media")


class Media:
    """One text, page, image, video, sound, distribution, figure or table.

    `data` is its content in bytes, encoded as `format` says; `meta` is what is known about it, such as its size. The
    constructor raises ValueError or TypeError for content that cannot be recorded; tracking it never raises.
    """

    kind: ClassVar[str] = ""
    # The format of those that have one alone.
    plain: ClassVar[str] = ""
    compressed: ClassVar[bool] = False

    data: bytes
    meta: dict[str, Any]

    @classmethod
    def restored(cls: type[M], data: bytes, meta: Mapping[str, Any]) -> M:
        """The media that a log holds, without the checks of the constructor."""
        made = cls.__new__(cls)
        made.data, made.meta = data, dict(meta)
        return made

    @classmethod
    def format_of(cls, data: bytes) -> str | None:
        """The format that content is in, by its first bytes; None if it is in none of the kind."""
        return cls.plain or None

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


def fill(media: Media, data: bytes, meta: Mapping[str, Any]) -> None:
    """Give a new object its content, if it is not too large."""
    if len(data) > MAX_SIZE:
        raise ValueError(
            f"{media.kind} of {len(data):,} bytes exceeds the limit of {MAX_SIZE:,}; make it smaller, or keep it in "
            "a file and track its path as aim.Text"
        )
    media.data = data
    media.meta = {name: value for name, value in meta.items() if value not in (None, "")}


@contextmanager
def refused_if_unread(what: str, source: object) -> Iterator[None]:
    """Whatever the library of `source` raises becomes the ValueError that constructors of media promise."""
    try:
        yield
    except (TypeError, ValueError):
        raise
    except Exception as error:
        let_through(error)
        kind, reason = type(source).__name__, text_of(error).partition("\n")[0]
        raise ValueError(
            f"{what} cannot be made from this {kind} ({type(error).__name__}: {reason:.200}); pass it in another form"
        ) from error


def named(what: str, source: object) -> str:
    """What an error calls the source of a medium."""
    return f"the {what}" if isinstance(source, (bytes, bytearray, memoryview)) else f"{what} {text_of(source)!r:.200}"


def known_format(format: object, formats: Collection[str]) -> str:
    """The format that a caller named. Raises ValueError if it is not one of `formats`."""
    name = text_of(format).lower().replace("jpg", "jpeg")
    if name not in formats:
        raise ValueError(f"format={shown(format, 40)} is not supported; choose one of {', '.join(formats)}")
    return name


def refuse_other(what: str, wanted: str | None, actual: str | None) -> None:
    """Raises ValueError for a file in another format than the caller named."""
    if wanted not in (None, actual):
        raise ValueError(f"format={wanted!r}, but the {what} is {actual}; leave the format out")


def incomplete(what: str, source: object) -> ValueError:
    """The error for a file that `format` should check, and that lacks a part."""
    return ValueError(
        f"{named(what, source)} is cut short; pass a file that is written whole, or leave out format= to keep what is "
        "there"
    )


def whole(what: str, value: Any, most: int, wanted: str) -> int:
    """`value` as an int from 1 to `most`, also from numpy."""
    try:
        number = 0 if isinstance(builtin(value), bool) else operator.index(value)
    except TypeError:
        number = 0
    if not 1 <= number <= most:
        raise ValueError(f"{what}={shown(value, 40)} must be {wanted}")
    return number


def caption(text: str | None) -> str:
    given, text = text, builtin(text)
    if text is not None and not isinstance(text, str):
        raise TypeError(f"caption must be text, not {type(given).__name__} {shown(given)}")
    text = (text or "").encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= MAX_CAPTION else text[: MAX_CAPTION - 1] + "…"


def content_of(source: Any, what: str) -> bytes | None:
    """The bytes of a path, of a bytes-like object, or of a file open in binary mode; None for anything else."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    source = builtin(source)
    if isinstance(source, (str, os.PathLike)):
        return _file(Path(source), what)
    if callable(read := getattr(source, "read", None)):
        data = read(MAX_SIZE + 1)
        return data if isinstance(data, bytes) else None
    return None


def _file(path: Path, what: str) -> bytes:
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise ValueError(f"{what} {str(path)!r:.200} is not a regular file; pass its bytes, or an open file")
        if about.st_size > MAX_SIZE:
            raise ValueError(f"{what} {str(path)!r} exceeds the limit of {MAX_SIZE:,} bytes")
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{what} {str(path)!r:.200} cannot be read: {error.strerror or error}") from error
