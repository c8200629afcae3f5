"""Seals logs of writers that ended: on request, and in the background of a server."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aim import layout, regular
from aim.cli import servers
from aim.cli.printer import say
from aim.errors import LogError, StoreError
from aim.log import record, seal
from aim.log.reader import OpenLog, folders, paths, read
from aim.log.writer import sync_folder
from aim.processes import Crew, Task, usable

NOT_ENDED = "no end record (running, killed or lost)"
# A log is sealed in memory. Logs get this long from images and audio, which do not compress.
MOST_BYTES = 512 << 20
TOO_LARGE = f"larger than {MOST_BYTES >> 20} MiB (mostly media, already compressed)"
# So many times its size is what sealing a log takes in memory. Larger logs than this are sealed after the others, in
# as many processes as have room.
TIMES = 12
LARGE = 16 << 20
MOST_JOBS = 8
# To start a process takes as long as to seal so many bytes, and so does a log besides its bytes.
WORTH_A_PROCESS = 2 << 20
_AS_MUCH_AS_A_LOG = 16 << 10
# One process takes so many logs at a time, and so many bytes: they wait for the disk together.
LOGS_AT_ONCE = 64
BYTES_AT_ONCE = 4 << 20
# Of longer logs, the end is read before the rest.
_SMALL = 1 << 16
TAIL = 1 << 10
FIRST_AFTER = 60.0
AGAIN_AFTER = 600.0
OLD_MINUTES = 10
MOST_TROUBLE = 2000
# A child of low priority may not get to its end on a busy machine. The server waits for it so long: a killed one loses
# nothing.
END_SECONDS = 5.0


@dataclass
class SealResult:
    """The number of sealed files, their bytes before and after, and the skipped paths, by reason. `tried`: how many
    files were checked."""

    tried: int = 0
    files: int = 0
    before: int = 0
    after: int = 0
    skipped: dict[str, list[Path]] = field(default_factory=dict)

    def skip(self, path: Path, reason: str) -> None:
        self.skipped.setdefault(reason, []).append(path)

    def take(self, path: Path, outcome: Task) -> None:
        """Count what `seal_some` did with a log."""
        self.tried += 1
        if "skipped" in outcome:
            self.skip(path, outcome["skipped"])
        elif outcome:
            self.files += 1
            self.before += outcome["before"]
            self.after += outcome["after"]


def seal_finished(
    aim_dir: Path,
    *,
    older_than: float = 0.0,
    since: float = 0.0,
    jobs: int = 1,
    progress: Callable[[int, int], None],
) -> SealResult:
    """Seal the log of every writer that ended at least `older_than` seconds ago, and skip logs that cannot be
    sealed. `since`: leave out logs that have been as they are since before that time. `jobs`: in how many processes."""
    runs, result = aim_dir / "runs", SealResult()
    if runs.is_symlink():
        result.skip(runs, f"runs {layout.NO_LINK}")
        return result
    logs = [(str(log), _size(log)) for log in logs_in(aim_dir.absolute())]
    for some in ([each for each in logs if (each[1] > LARGE) is large] for large in (False, True)):
        tasks: Iterable[Task] = ({"logs": those, "older_than": older_than, "since": since} for those in _batches(some))
        with Crew("aim.cli.sealing:seal_some", _processes([size for _, size in some], jobs)) as crew:
            for task, outcomes in crew.each(tasks):
                for log, outcome in zip(task["logs"], outcomes, strict=True):
                    result.take(Path(log), outcome)
                progress(result.tried, len(logs))
    progress(len(logs), len(logs))
    return result


def _batches(logs: Iterable[tuple[str, int]]) -> Iterator[list[str]]:
    """The logs that a process takes at a time."""
    batch: list[str] = []
    total = 0
    for log, size in logs:
        if batch and (len(batch) == LOGS_AT_ONCE or total + size > BYTES_AT_ONCE):
            yield batch
            batch, total = [], 0
        batch.append(log)
        total += size
    if batch:
        yield batch


def _processes(sizes: Sequence[int], jobs: int) -> int:
    """How many processes seal logs of these sizes: fewer than `jobs` where they have no room, or little to do."""
    largest = min(max(sizes, default=0), MOST_BYTES)
    work = sum(sizes) + len(sizes) * _AS_MUCH_AS_A_LOG
    return min(usable(each=TIMES * largest + 1, most=jobs), len(sizes), 1 + work // WORTH_A_PROCESS)


def _size(log: Path) -> int:
    try:
        return os.lstat(log).st_size
    except OSError:
        return 0


def logs_in(aim_dir: Path) -> Iterator[Path]:
    """Of the repository's own folders: what a link leads to may be another's."""
    for folder in folders(aim_dir / "runs"):
        yield from (path for path in paths(folder) if path.suffix == ".log")


def seal_some(task: Task) -> list[Task]:
    """Seal those of some logs that may be sealed. Returns for each log its bytes `before` and `after`, or why it was
    `skipped`."""
    outcomes, seals = list[Task](), dict[Path, bytes]()
    try:
        for log in task["logs"]:
            outcomes.append(_encode(Path(log), task, seals))
        seal.write(seals)
    except (FileNotFoundError, NotADirectoryError, regular.NotRegular) as error:
        if len(task["logs"]) > 1:
            return [outcome for log in task["logs"] for outcome in seal_some({**task, "logs": [log]})]
        reason = {"skipped": f"not a file: {error.strerror}"}
        return [reason if isinstance(error, regular.NotRegular) else {}]
    return outcomes


def _encode(path: Path, task: Task, seals: dict[Path, bytes]) -> Task:
    """Add the seal of a log to `seals` if it may be sealed. Returns what `seal_some` does for it."""
    about = regular.lstat(path)
    if about.st_ctime < task["since"]:
        return {}
    data = regular.read(path) if about.st_size <= _SMALL else None
    try:
        if not (has_ended(path) if data is None else _ends(data) or has_ended(path)):
            return {"skipped": NOT_ENDED}
        if about.st_size > MOST_BYTES:
            return {"skipped": TOO_LARGE}
        if time.time() - about.st_mtime < task["older_than"]:
            return {}
        data = regular.read(path) if data is None else data
        target = path.with_suffix(".seal")
        if covered(target, data):
            sync_folder(path.parent)
            regular.remove(path, layout.aim_dir_of(path))
            return {"before": len(data), "after": target.stat().st_size}
        seals[path] = seal.encode(data)
        return {"before": len(data), "after": len(seals[path])}
    except LogError as error:
        return {"skipped": str(error)}


def _ends(data: bytes) -> bool:
    """Whether the records of a log end with END, by the lengths that they claim."""
    *records, (stop, _, _) = record.frames(data, record.HEADER_SIZE)
    return stop == len(data) and bool(records) and records[-1][1:] == (stop, record.END)


def has_ended(path: Path) -> bool:
    """Whether END is the last record, so that the writer has closed the file. Reads only the end of the file."""
    with contextlib.closing(OpenLog(path)) as log:
        size = log.size
        last, _ = log.before(size, TAIL)
    return bool(last) and (last[-1].kind, last[-1].end) == (record.END, size)


def covered(target: Path, data: bytes) -> bool:
    """Whether an existing seal has these bytes, as after a crash or a copy in the middle of sealing."""
    try:
        return read(target).startswith(data)
    except (FileNotFoundError, LogError, StoreError):
        return False


@contextlib.contextmanager
def sealing_when_idle(aim_dir: Path, *, store: str | None = None) -> Iterator[None]:
    """While the server runs, seal older logs from time to time, in a child process of low priority. `store`: the object
    store to move the seals to."""
    stop = threading.Event()
    thread = threading.Thread(target=_seal_now_and_then, args=(aim_dir, store, stop), name="aim-seal", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _seal_now_and_then(aim_dir: Path, store: str | None, stop: threading.Event) -> None:
    wait, since, told = FIRST_AFTER, 0.0, ""
    while not stop.wait(wait):
        wait = AGAIN_AFTER
        begun = time.time()
        # What cannot be sealed, as output that repeats itself, is read once and not every ten minutes.
        if (
            _storage(aim_dir, ["seal", "--jobs", "1", "--older-than", str(OLD_MINUTES), "--since", str(since)], stop)
            is None
        ):
            since = begun - 60 * OLD_MINUTES - AGAIN_AFTER
        if store is not None and not stop.is_set():
            trouble = _storage(aim_dir, ["move", "--store", store], stop) or ""
            if trouble not in ("", told):
                say(f"Seals stay here: {trouble}", err=True)
            told = trouble


def _storage(aim_dir: Path, arguments: Sequence[str], stop: threading.Event) -> str | None:
    """Run a command in a child of low priority. Returns what it complains about, or why it cannot start; None if all
    went well."""
    try:
        return _ran(arguments, aim_dir, stop)
    except OSError as error:
        return str(error)


def _ran(arguments: Sequence[str], aim_dir: Path, stop: threading.Event) -> str | None:
    command = [sys.executable, "-m", "aim", "storage", arguments[0], "--repo", str(aim_dir), *arguments[1:]]
    quiet = subprocess.DEVNULL
    # `-m` imports an aim.py in the working folder instead of the package, so the child runs in a folder of our own.
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=errors, cwd=servers.folder()) as child:
            with contextlib.suppress(OSError, AttributeError):
                os.setpriority(os.PRIO_PROCESS, child.pid, 19)
            while child.poll() is None and not stop.wait(0.2):
                pass
            child.terminate()
            try:
                child.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
        errors.seek(0)
        return None if child.returncode == 0 else errors.read(MOST_TROUBLE).decode(errors="replace").strip()
