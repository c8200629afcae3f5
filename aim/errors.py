"""Every exception that aim raises on purpose.

AimError
├── RepoError            no repository here, or one that this version cannot read
├── RunError             a run cannot be opened or found        (also ValueError)
│   └── RunExists        the name is taken; resume= says what to do
├── EditError            an invalid edit                        (also ValueError)
├── ArtifactError        an artifact cannot be stored, found or copied (also ValueError)
├── LaunchError          a command, a template or a queue that cannot be started (also ValueError)
├── QueryError           AimQL text with the place of the error (also ValueError)
├── KeyFileError         the file with the key of this user cannot be made, or others may know it
├── LogError             a file is not a log, or is too damaged for the request
├── ServerError          the server cannot listen there, or not safely
├── StoreError           an object store lacks an object, or cannot be asked (also OSError)
│   ├── StoreAway        it does not answer, or refuses whoever asks
│   └── NoStore          the user chose none
├── RemoteError          a remote repository, what it answers, or what was sent to it
├── Stopped              work that nobody waits for any more
├── BundleError          a file is not a valid UI, or none is available
└── MissingDependency    a reader needs a package that is not installed (also ImportError)
"""

from __future__ import annotations


class AimError(Exception):
    pass


class RepoError(AimError):
    pass


class RunError(AimError, ValueError):
    pass


class RunExists(RunError):
    pass


class EditError(AimError, ValueError):
    pass


class ArtifactError(AimError, ValueError):
    pass


class LaunchError(AimError, ValueError):
    pass


class KeyFileError(AimError):
    pass


class LogError(AimError):
    pass


class FilesElsewhere(LogError):
    """Something that only the files of a repository have, where its engine alone is open."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}, and this repository is open by its engine alone, without its files: open it on the machine that "
            'has the folder, as with aim up --repo FOLDER --engine ADDRESS, or aim.Repo("FOLDER", engine="ADDRESS")'
        )


class EngineError(AimError):
    """An engine cannot read or write a table."""


class EngineAway(EngineError):
    """No database answers at the address of an engine, or not in time."""


class ServerError(AimError):
    pass


class StoreError(AimError, OSError):
    """Without a number of the system; its text is in `strerror`, as with other errors of files."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.strerror = message


class StoreAway(StoreError):
    pass


class NoStore(StoreError):
    """The user chose none."""


class RemoteError(AimError):
    pass


class Stopped(AimError):
    pass


class BundleError(AimError):
    pass


class MissingDependency(AimError, ImportError):
    pass


class QueryError(AimError, ValueError):
    """`start` and `end` are character offsets in `text`; `hint` says what to write instead."""

    def __init__(self, message: str, *, text: str = "", start: int = 0, end: int = 0, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.start = start
        self.end = max(end, start)
        self.hint = hint

    def __str__(self) -> str:
        lines = [self.message, *self._place(), *([self.hint] if self.hint else [])]
        return "\n".join(lines)

    def _place(self) -> list[str]:
        """The line with the error, or a part of it if it is long, and marks below the error."""
        if not self.text:
            return []
        first = max(self.text.rfind("\n", 0, self.start) + 1, self.start - 60)
        last = min([at for at in (self.text.find("\n", self.start), self.start + 60, len(self.text)) if at >= 0])
        marks = "^" * max(1, min(self.end, last) - self.start)
        return [f"  {self.text[first:last]}", "  " + " " * (self.start - first) + marks]
