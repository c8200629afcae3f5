"""wandb's artifacts as Aim's: files are collected by path, and stored when they are logged."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from aim.dropins.absent import Absent, harmless, trouble
from aim.dropins.media import LoggedMedia
from aim.media.filenames import ending_of
from aim.plain import text_of

if TYPE_CHECKING:
    import aim
    from aim.artifacts.artifact import Artifact

_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def plain_name(name: object) -> str:
    """The name of an artifact of Aim: without entity, project and version, and of characters that names have."""
    return _NO_NAME.sub("-", text_of(name).rpartition("/")[2].partition(":")[0])[:128] or "artifact"


class WandbArtifact:
    """An artifact that is being collected, or a version that was stored."""

    def __init__(
        self,
        name: str,
        type: str = "unspecified",
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        *more: Any,
        **others: Any,
    ) -> None:
        self._name, self.type, self.description = plain_name(name), text_of(type), description
        self.metadata: dict[str, Any] = dict(metadata or {})
        self._sources: dict[str, Path] = {}
        self._scratch: str | None = None
        self.stored: Artifact | None = None

    # What it is made of

    @harmless()
    def add_file(self, local_path: Any, name: str | None = None, *more: Any, **others: Any) -> Any:
        path = Path(os.fspath(local_path))
        if not path.is_file():
            raise ValueError(f"there is no file {str(path)!r:.200}")
        self._sources[name or path.name] = path.absolute()
        return ArtifactEntry(self, name or path.name)

    @harmless()
    def add_dir(self, local_path: Any, name: str | None = None, *more: Any, **others: Any) -> None:
        path = Path(os.fspath(local_path))
        if not path.is_dir():
            raise ValueError(f"there is no folder {str(path)!r:.200}")
        for file in sorted(path.rglob("*")):
            if file.is_file():
                self._sources["/".join([*([name] if name else []), *file.relative_to(path).parts])] = file.absolute()

    @contextlib.contextmanager
    def new_file(self, name: str, mode: str = "x", encoding: str | None = None) -> Iterator[IO[Any]]:
        path = self._own(name)
        with open(path, mode.replace("x", "w"), encoding=encoding) as file:
            yield file
        self._sources[name] = path

    @harmless()
    def add(self, obj: Any, name: str, *more: Any, **others: Any) -> Any:
        """A medium, as a file of its content."""
        for made in obj.media() if isinstance(obj, LoggedMedia) else ():
            format = ending_of(made.format)
            called = name if name.endswith(f".{format}") else f"{name}.{format}"
            self._sources[called] = made.save(self._own(called))
        return self

    def add_reference(self, uri: Any, name: str | None = None, *more: Any, **others: Any) -> list[Any]:
        local = text_of(uri)
        if local.startswith("file://"):
            path = Path(local[len("file://") :])
            (self.add_dir if path.is_dir() else self.add_file)(path, name)
        else:
            trouble.tell("add_reference", f"add_reference({local:.200}) stores nothing: only local files are stored")
        return []

    def remove(self, item: Any) -> None:
        self._sources.pop(text_of(item), None)

    def _own(self, name: str) -> Path:
        self._scratch = self._scratch or tempfile.mkdtemp(prefix="aim-artifact-")
        path = Path(self._scratch, _inside(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    # How it is stored

    def store(self, run: aim.Run, aliases: Sequence[str] | None) -> None:
        said = {"description": self.description} if self.description else {}
        named = [_NO_NAME.sub("-", text_of(alias)) for alias in aliases or () if alias != "latest"]
        about, files = {**self.metadata, **said}, {_inside(name): source for name, source in self._sources.items()}
        self.stored = run.log_artifact(files, self._name, type=self.type, aliases=named, metadata=about)
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    # What is known of a version

    @property
    def version(self) -> str:
        return self.stored.version if self.stored is not None else "draft"

    @property
    def name(self) -> str:
        return f"{self._name}:{self.version}" if self.stored is not None else self._name

    source_name = full_name = qualified_name = source_qualified_name = name

    @property
    def id(self) -> str | None:
        return self.stored.id if self.stored is not None else None

    @property
    def digest(self) -> str:
        return self.stored.digest if self.stored is not None else ""

    @property
    def aliases(self) -> list[str]:
        return list(self.stored.aliases) if self.stored is not None else []

    @property
    def size(self) -> int:
        return self.stored.bytes if self.stored is not None else sum(p.stat().st_size for p in self._sources.values())

    @property
    def state(self) -> str:
        return "COMMITTED" if self.stored is not None else "PENDING"

    def wait(self, timeout: int | None = None) -> WandbArtifact:
        return self

    def save(self, *more: Any, **others: Any) -> None:
        """Done by log_artifact."""

    def is_draft(self) -> bool:
        return self.stored is None

    # What it is read by

    def download(self, root: Any = None, *more: Any, **others: Any) -> str:
        """Copy the files to a folder, by default `artifacts/NAME:VERSION`."""
        folder = Path(os.fspath(root)) if root is not None else Path("artifacts", self.name)
        return str(self._version.get(folder, overwrite=True))

    checkout = download

    def files(self, *more: Any, **others: Any) -> list[ArtifactEntry]:
        return [ArtifactEntry(self, name) for name in self._names()]

    def file(self, root: Any = None) -> str:
        """The path of its only file."""
        (name,) = self._names()
        return ArtifactEntry(self, name).download(root)

    def get_entry(self, name: str) -> ArtifactEntry:
        if name not in self._names():
            raise KeyError(f"{self.name} has no file {name!r:.200}; it has {', '.join(self._names()[:5])}")
        return ArtifactEntry(self, name)

    get_path = get_entry

    def get(self, name: str) -> Any:
        trouble.tell("Artifact.get", f"Artifact.get({name!r:.100}) gives no object; read its file with get_entry")
        return None

    @property
    def _version(self) -> Artifact:
        if self.stored is None:
            raise ValueError(f"the artifact {self._name!r} is not stored; log it with log_artifact before")
        return self.stored

    def _names(self) -> list[str]:
        return [file.path for file in self.stored.files] if self.stored is not None else list(self._sources)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return Absent(f"Artifact.{name}")

    def __repr__(self) -> str:
        return f"<Artifact {self.name}>"


class ArtifactEntry:
    """One file of an artifact."""

    def __init__(self, artifact: WandbArtifact, name: str) -> None:
        self._artifact, self.name, self.path = artifact, name, name

    def download(self, root: Any = None, *more: Any, **others: Any) -> str:
        return str(Path(self._artifact.download(root), self.name))


def known(stored: Artifact) -> WandbArtifact:
    """A version of the repository."""
    made = WandbArtifact(stored.name, stored.type, stored.metadata.get("description"), stored.metadata)
    made.stored = stored
    return made


def _inside(name: str) -> str:
    """A path in the artifact, which leads nowhere else."""
    return "/".join(part for part in Path(name).parts if part not in ("..", "/"))
