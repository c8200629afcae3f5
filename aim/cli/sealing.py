"""Which logs can be sealed, and sealing them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from aim import layout
from aim.errors import LogError
from aim.log import record, seal
from aim.log.reader import Log

NOT_ENDED = "they have no end record: the run is running, was killed or is lost"


@dataclass
class Done:
    """Files sealed, their bytes before and after, and the paths that were left as they are, by reason."""

    files: int = 0
    before: int = 0
    after: int = 0
    skipped: dict[str, list[Path]] = field(default_factory=dict)


def seal_finished(
    aim_dir: Path, *, progress: Callable[[int, int], None], go_on: Callable[[], bool] = lambda: True
) -> Done:
    """Seal the log of every writer that ended, while `go_on()`. What one is left for stops no other."""
    logs = list(logs_in(aim_dir))
    done = Done()
    for index, path in enumerate(logs):
        progress(index, len(logs))
        if not go_on():
            break
        try:
            seal_one(path, done)
        except LogError as error:
            done.skipped.setdefault(str(error), []).append(path)
        except FileNotFoundError:
            continue
    progress(len(logs), len(logs))
    return done


def logs_in(aim_dir: Path) -> Iterator[Path]:
    for path in sorted((aim_dir / "runs").glob("*/*.log")):
        if layout.parse_name(path.name):
            yield path


def seal_one(path: Path, done: Done) -> None:
    log = Log(path)
    if not ended(log):
        done.skipped.setdefault(NOT_ENDED, []).append(path)
        return
    target = path.with_suffix(".seal")
    if covered(target, log.data):
        path.unlink()
    else:
        seal.write(path, seal.encode(log.data))
    done.files += 1
    done.before += len(log.data)
    done.after += target.stat().st_size


def ended(log: Log) -> bool:
    """Is END the last record of a file without damage? Then its writer has closed it."""
    kinds = [one.kind for one in log.records()]
    return kinds[-1:] == [record.END] and not log.torn and not log.damage


def covered(target: Path, data: bytes) -> bool:
    """Does a seal that is there already hold these bytes? So it is after a crash or a copy in the middle of sealing."""
    try:
        return seal.decode(target.read_bytes(), source=str(target)).startswith(data)
    except (FileNotFoundError, LogError):
        return False
