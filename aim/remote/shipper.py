"""Ships the files of a repository to a server, as docs/format/ship.md describes. It can be killed at any point: the
next one asks the server what it has, and goes on there."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

from aim.errors import RemoteError, StoreAway, StoreError
from aim.log import edits
from aim.log.edits import Editor
from aim.log.reader import covers
from aim.plain import visible
from aim.remote import answers, frames, trials
from aim.remote.answers import Outcome
from aim.remote.backlog import Backlog, File, log_name
from aim.remote.client import Busy, Client, Unreachable
from aim.remote.spool import ShipperStatus

# A request takes about a second, so that points do not wait long for their turn, and a link that breaks costs little.
_BODY, _LEAST_BODY = 4 << 20, 1 << 16
_BODY_SECONDS = (0.5, 2.0)
_NAMES = 1000
# What was recorded is safe only after a wait for the server's disk, which others should not wait for long.
_CONFIRMED, _CONFIRM_SECONDS = 100, 0.5
_STALLS = 3
_FULL_SECONDS = 5.0
T = TypeVar("T")


class Step(NamedTuple):
    """What one step did: bytes that the server did not have before, and how long it asks to wait."""

    moved: int
    pace: float


class SentFrame(NamedTuple):
    file: File
    target: str
    frame: bytes


class Shipper:
    """`clears`: it is the shipper of a spool. It ships what this machine records and what nobody records any more,
    removes what is safe on the server, and stops the writers of deleted runs. Otherwise it only reads the repository.
    `keep` is how many bytes of safe files may stay in the spool. `sends_all`: also what another machine records into
    the repository. `hurries`: files are made safe on the server although more may come. `sent` counts bytes, `seen`
    files.
    """

    def __init__(self, aim_dir: Path, client: Client, *, clears: bool = False, keep: int = 0) -> None:
        self.aim_dir = aim_dir
        self.backlog = Backlog(aim_dir)
        self.deleted: set[str] = set()
        self.problem = ""
        self.hurries = False
        self.sends_all = not clears
        self.sent = self.seen = 0
        self._client = client
        self._clears = clears
        self._keep = keep
        self._stalls = 0
        self._body = _BODY
        self._since = 0.0
        self._clear_at = 0.0
        self._unread = ""

    def step(self) -> Step:
        """Look at the files, and send one request of what the server lacks. Raises RemoteError; what arrived before is
        known then."""
        if self.problem:
            self._client.connect()
        scanned_at = time.time()
        self.look()
        step = self._ship()
        self.sent += step.moved
        self._confirm()
        self._note_deleted()
        if not any(not file.is_done and file.is_ended for file in self.files()):
            self._clear_at = scanned_at
        if self._clears:
            self._clear()
        if self._unread and not step.moved:
            raise RemoteError(self._unread)
        return step

    def look(self) -> None:
        """Look at the files, and ask the server for what is not known of them."""
        self.backlog.scan()
        self.seen = max(self.seen, len(self.backlog.files))
        self._ask_sizes()

    def files(self) -> Iterator[File]:
        """The files that this shipper is responsible for."""
        for file in self.backlog.files.values():
            if self.sends_all or file.place.run is None or file.is_here or file.is_ended:
                yield file

    @property
    def is_done(self) -> bool:
        """Whether everything is safe on the server, and nobody records."""
        return all(file.is_done and (file.is_ended or file.place.run is None) for file in self.files())

    @property
    def has_all(self) -> bool:
        """Whether everything that is here is safe on the server, or cannot be."""
        return all(file.is_done for file in self.files())

    def status(self) -> ShipperStatus:
        behind = [file for file in self.files() if not file.is_done]
        kept = [(file.place.name, why) for file in self.files() if (why := file.given_up or file.conflict)]
        size = sum(file.left for file in behind)
        deleted = tuple(sorted(self.deleted))
        now = time.time()
        self._since = (self._since or now) if self.problem else 0.0
        return ShipperStatus(
            now, os.getpid(), self.problem, self._since, len(behind), size, self._clear_at, tuple(kept), deleted
        )

    # What the server has

    def _ask_sizes(self) -> None:
        unknown = [file for file in self.files() if (file.there is None or file.is_unsure) and not file.is_done]
        asked = [(file, name) for file in unknown for name in _names(file)]
        for some in _some(asked, _NAMES):
            for (file, name), size in zip(some, self._client.sizes([name for _, name in some]), strict=True):
                before, file.is_unsure = file.there, False
                _take_size(file, name, size)
                if before is not None:
                    self.sent += max(0, (file.there or 0) - before)
                if size is not None and size > file.size and not file.is_seal:
                    self._look_ahead(file, size)

    def _look_ahead(self, file: File, size: int) -> None:
        """The server has more of a file than there is here. Of a file that this machine writes, that cannot be."""
        file.stat()
        if self._clears and size > file.size and file.is_here:
            file.given_up = f"the server says that it has {size:,} bytes of it, and there are {file.size:,}"

    # Sending

    def _ship(self) -> Step:
        behind = [file for file in self.files() if file.left]
        self._unread = ""
        for seal in [file for file in behind if file.is_seal]:
            try:
                return self._put(seal)
            except StoreError as error:
                self._unread = f"{seal.place.name} cannot be read: {error}"
                if isinstance(error, StoreAway):
                    break
        behind = [file for file in behind if not file.is_seal]
        sent = self._frames(sorted(behind, key=lambda file: file.left)) + self._heartbeats()
        if not sent:
            self._stalls = 0
            return Step(0, 0.0)
        before = sum(file.there or 0 for file in behind)
        body = b"".join(each.frame for each in sent)
        with self._timed([each.file for each in sent], len(body)):
            outcomes, pace = self._client.ship(body, len(sent))
        full = [self._take(*pair) for pair in zip(sent, outcomes, strict=True)]
        moved = sum(file.there or 0 for file in behind) - before
        self._check_progress(behind, moved, next(filter(None, full), ""))
        return Step(max(0, moved), pace)

    @contextmanager
    def _timed(self, sent: Sequence[File], size: int) -> Iterator[None]:
        """Choose the size of the next request by the time of this one: that a small one was quick does not say that
        more can be sent. Where it breaks off, the server has a part of it, so ask for how much."""
        begun = time.monotonic()
        try:
            yield
        except Unreachable:
            self._body = max(_LEAST_BODY, self._body // 4)
            for file in sent:
                file.is_unsure = True
            raise
        seconds = time.monotonic() - begun
        if seconds < _BODY_SECONDS[0] and size >= self._body // 2:
            self._body = min(_BODY, self._body * 2)
        elif seconds > _BODY_SECONDS[1]:
            self._body = max(_LEAST_BODY, self._body // 2)

    def _frames(self, behind: Sequence[File]) -> list[SentFrame]:
        room = self._body
        sent: list[SentFrame] = []
        for file in behind:
            at = file.there or 0
            while room > 0 and at < file.size and len(sent) < frames.MAX_FRAMES:
                try:
                    piece = file.read(at, min(frames.MAX_DATA, room, file.size - at))
                    frame = frames.pack(file.target, at, piece.data, before=piece.before, age=_age(file))
                except FileNotFoundError:
                    break
                except OSError as error:
                    file.give_up(error)
                    break
                sent.append(SentFrame(file, file.target, frame))
                at += len(piece.data)
                room -= len(frame)
                if not piece.data:
                    break
            file.beat_sent = file.touched
        return sent

    def _heartbeats(self) -> list[SentFrame]:
        """Frames without bytes, of files that were touched."""
        beats: list[SentFrame] = []
        for file in [file for file in self.files() if file.has_heartbeat][:_NAMES]:
            file.beat_sent = file.touched
            with suppress(OSError):
                piece = file.read(file.size, 0)
                frame = frames.pack(file.target, file.size, b"", before=piece.before, age=_age(file))
                beats.append(SentFrame(file, file.target, frame))
        return beats

    def _take(self, sent: SentFrame, outcome: Outcome) -> str:
        """Note what became of a frame. Returns the text of the server if its disk is full."""
        file, why = sent.file, visible(outcome.error or "")
        if sent.target != file.target:
            return ""
        if outcome.status in (answers.KEPT, answers.ELSEWHERE):
            file.there = outcome.size
            if outcome.size > file.size:
                self._look_ahead(file, outcome.size)
        elif outcome.status == answers.DELETED:
            file.is_deleted = True
        elif outcome.status == answers.OTHER:
            self._set_aside(file, why)
        elif outcome.status in (answers.TOO_LARGE, answers.REFUSED):
            file.given_up = why or "the server does not take it"
        return (why or "its disk is full") if outcome.status == answers.FULL else ""

    def _set_aside(self, file: File, why: str) -> None:
        if file.target != file.place.name:
            file.given_up = f"another file has its name on the server, and this copy is refused there too. {why}"
            return
        file.aside()
        file.conflict = f"another file has its name on the server; this one is kept there as {file.target}. {why}"

    def _check_progress(self, behind: Sequence[File], moved: int, full: str) -> None:
        """Wait if the server has no room, or asks for the same bytes again and again."""
        if full:
            raise Busy(f"{self._client.address} has no room: {full}", _FULL_SECONDS)
        self._stalls = self._stalls + 1 if moved <= 0 and any(file.left for file in behind) else 0
        if self._stalls >= _STALLS:
            self._stalls = 0
            file = next(file for file in behind if file.left)
            raise RemoteError(
                f"{self._client.address} does not go on: it says that it has {file.there:,} bytes of {file.target}, "
                f"whatever is sent"
            )

    def _put(self, file: File) -> Step:
        """Send the next part of a seal. Raises StoreError if it is in an object store that does not give it now."""
        at = file.there or 0
        try:
            piece = file.read(at, self._body)
        except FileNotFoundError:
            return Step(0, 0.0)
        except StoreError:
            raise
        except OSError as error:
            file.give_up(error)
            return Step(0, 0.0)
        with self._timed([file], len(piece.data)):
            outcome, pace = self._client.put(
                file.target, piece.data, at=at, check=frames.check(piece.before), age=_age(file), size=file.size
            )
        full = self._take(SentFrame(file, file.target, b""), outcome)
        moved = (file.there or 0) - at
        self._check_progress([file], moved, full)
        return Step(max(0, moved), pace)

    # What is safe there

    def _confirm(self) -> None:
        """Ask the server to make safe what is complete there and does not grow now."""
        complete = [file for file in self.files() if not file.is_done and not file.left]
        due = [file for file in complete if self.hurries or file.is_quiet]
        begun, others = time.monotonic(), len(due) < sum(not file.is_done for file in self.files())
        for some in _some(due, _CONFIRMED if others else _NAMES):
            names = [log_name(file.place) if file.has_log else file.target for file in some]
            for file, size in zip(some, self._client.sizes(names, confirm=True), strict=True):
                _take_safe(file, size)
            if others and time.monotonic() - begun > _CONFIRM_SECONDS:
                return

    def _note_deleted(self) -> None:
        gone = {file.place.run for file in self.backlog.files.values() if file.is_deleted and file.place.run}
        fresh = gone - self.deleted
        self.deleted |= fresh
        for file in self.backlog.files.values():
            file.is_deleted = file.is_deleted or file.place.run in gone
        if self._clears and gone:
            self._drop(gone)

    def _drop(self, runs: set[str]) -> None:
        """Remove deleted runs from the spool. Their writers stop when they see the edit."""
        known = edits.deleted(self.aim_dir)
        if fresh := [(run, "deleted", True) for run in sorted(runs - known)]:
            editor = Editor(self.aim_dir)
            editor.edit_many(list(fresh))
            editor.close()
        for file in list(self.backlog.files.values()):
            if file.place.run in runs:
                _remove(file)

    def _clear(self) -> None:
        """Remove what is safe on the server, the oldest first, in folders of runs that nobody records or needs."""
        done = [group for group in self.backlog.groups() if all(file.is_safe and file.is_ended for file in group)]
        if sum(file.size for group in done for file in group) <= self._keep:
            return
        needed = trials.needed(self.aim_dir)
        done = [group for group in done if group[0].place.folder not in needed]
        done.sort(key=lambda group: max(file.touched for file in group))
        size = sum(file.size for group in done for file in group)
        for group in done:
            if size <= self._keep:
                return
            size -= sum(file.size for file in group)
            names = {file.path.name for file in group}
            with suppress(OSError):
                # A run that was resumed just now needs what is here.
                if names >= {name for name in os.listdir(group[0].path.parent) if name.endswith(".log")}:
                    for file in group:
                        _remove(file)


def _names(file: File) -> list[str]:
    return [log_name(file.place), file.target] if file.is_seal else [file.target]


def _take_size(file: File, name: str, size: int | None) -> None:
    if size == answers.GONE:
        file.is_deleted = True
    elif file.is_seal and name != file.target:
        file.has_log = size is not None and size >= covers(file.path)
    else:
        file.there = file.size if file.has_log else size or 0


def _take_safe(file: File, size: int | None) -> None:
    if size == answers.GONE:
        file.is_deleted = True
    elif file.has_log:
        file.has_log = size is not None and size >= covers(file.path)
        file.safe, file.there = (file.size, file.size) if file.has_log else (-1, None)
    else:
        file.safe = file.there = size or 0


def _age(file: File) -> float:
    return max(0.0, time.time() - file.touched)


def _some(items: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """The items in parts for one request each."""
    for start in range(0, len(items), most):
        yield items[start : start + most]


def _remove(file: File) -> None:
    with suppress(OSError):
        file.path.unlink()
    with suppress(OSError):
        file.path.parent.rmdir()
