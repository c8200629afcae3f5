"""Whatever happens to a file of the cache, all readings are those of a fresh cache: each kind of file, each damage."""

from __future__ import annotations

import math
import os
import random
import re
import shutil
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

import aim
from aim.errors import AimError, LaunchError
from aim.index import cache
from aim.index.schema import TABLES
from aim.launch import detached, queue, supervisor
from aim.launch.command import Template
from aim.launch.records import Records
from aim.query.group import FOLDS
from aim.query.plan import Group, MetricColumn, column_node
from aim.repo import Repo
from tests.index.sources.tensorboard.events import event_file, scalars

if os.name != "posix":
    pytest.skip("pipes and links are those of POSIX", allow_module_level=True)

FLIPS = 20
# With `stress` every damage to every kind of file. Without it, most tables, which the same code reads, get these, and
# each other file all but most of the flipped bits.
FEW = ("gone", "half", "of another repository", "a pipe", "a link to its own bytes", "a flipped bit 0")
RARE = {f"a flipped bit {seed}" for seed in range(1, FLIPS)}
LOSS = MetricColumn("loss", {"subset": "a"}, "last")
BY = Group((column_node("hparams.lr"),), next(iter(FOLDS)))


def record(root: Path, seed: int) -> None:
    """Runs with points, params, media and edits, one of them resumed and one not ended, and a queue."""
    chance = random.Random(seed)
    for number in range(4):
        with aim.Run(f"run {number}", repo=root, console=False, system_interval=0) as run:
            run["hparams"] = {"lr": chance.random(), "name": f"{seed} {number}"}
            for step in range(20):
                run.track(chance.random(), "loss", step=step, context={"subset": "ab"[number % 2]})
            run.track(math.nan, "accuracy")
            run.track(aim.Text(f"text {seed} {number}"), "texts")
    with aim.Run("run 0", repo=root, console=False, system_interval=0, resume_from=10) as run:
        run.track(chance.random(), "loss", step=11, context={"subset": "a"})
    edited = Repo(root)
    edited.runs.tag(edited.run("run 1").id, f"tag {seed}")
    edited.runs.edit(edited.run("run 2").id, "name", f"name {seed}")
    records = Records(root / ".aim")
    template = records.save_template(Template(name="t", argv=("true", f"--seed={seed}", "{lr}")))
    records.create(template, [{"lr": 1}], paused=True, name="q")
    event_file(root / "logs" / "one", *scalars(*(chance.random() for _ in range(20))))
    detached.place(root / ".aim")
    with supervisor.take_lock(root / ".aim") or open(os.devnull, "ab"):
        os.close(detached._messages(detached.place(root / ".aim") / detached.own_name("messages.log")))


def readings(root: Path, logs: Path) -> list[Any]:
    """What people see, without what changes with time."""
    repo = Repo(root, tf_logs=logs)
    rows = repo.table.rows("True").runs
    seen = [[row.id, row.name, row.tags, row.status, row.created_at, row.params, row.damaged] for row in rows]
    chosen = repo.select("* if True")
    points = chosen.points()
    table = [chosen.series.name, chosen.series.context, chosen.series.count.tolist(), repr(chosen.series.mean.tolist())]
    seen += [table, points.steps.tolist(), repr(points.values.tolist()), points.offsets.tolist()]
    seen.append([row.id for row in repo.table.page(order=[(LOSS, True), ("hparams.lr", False)]).runs])
    groups = repo.table.groups(group=BY, columns=[LOSS, "hparams.name"])
    seen.append([[run.id for run in groups.runs], repr([(cell.numbers, cell.some) for cell in groups.cells])])
    seen.append([[value.data for value in series] for series in repo.objects()])
    seen.append([facts.params for facts in [repo.table.facts().columns]])
    seen.append([template.argv for template in queue.templates(root / ".aim")])
    seen.append([(each.name, each.state) for each in queue.read(root / ".aim")])
    return seen


def start_supervisor(root: Path) -> None:
    """What opens the files of launching: a clear error is fine."""
    with suppress(LaunchError):
        if lock := supervisor.take_lock(root / ".aim"):
            lock.close()
    with suppress(OSError):
        os.close(detached._messages(detached.place(root / ".aim") / detached.own_name("messages.log")))


@contextmanager
def no_longer(seconds: int) -> Iterator[None]:
    """A reader that waits for a pipe would wait forever."""

    def hangs(number: int, frame: object) -> None:
        pytest.fail(f"still reading after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, hangs)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def named(path: Path, cache: Path) -> str:
    """The kind of a file of the cache."""
    text = re.sub("-[0-9a-f]{16,}", "", path.relative_to(cache).as_posix())
    return text.replace(detached.own_name(""), "")


def kinds(cache: Path) -> dict[str, Path]:
    """One file of each kind."""
    return {named(path, cache): path for path in sorted(cache.rglob("*")) if path.is_file() and path.name[0] != "."}


KINDS = [
    "manifest", "lock", *(f"{table}.parquet" for table in TABLES), "launch/supervisor", "launch/messages.log",
    "tensorboard/manifest", "tensorboard/lock",
    *(f"tensorboard/{table}.parquet" for table in TABLES if table != "objects"),
]  # fmt: skip
ALIKE = ("runs.parquet", "params.parquet", "series.parquet", "objects.parquet")
TABLED = [kind for kind in KINDS if "launch" not in kind and "lock" not in kind]


class Made:
    """Two repositories, each with a cache and its readings with a fresh one."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.mine, self.other = folder / "mine", folder / "other"
        for seed, root in enumerate((self.mine, self.other)):
            record(root, seed)
            readings(root, root / "logs")
        self.logs = self.mine / "logs"
        self.wanted = readings(self.mine, self.logs)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_STATE_HOME", str(folder / "state"))
        patched.setenv("XDG_CACHE_HOME", str(folder / "caches"))
        patched.setattr(cache, "KEEP_RUNS", 1)  # also of a file of events, which never ends
        return Made(folder)


def test_every_kind_of_file_is_here(made: Made) -> None:
    """A new kind of file in the cache needs a row."""
    assert sorted(kinds(made.mine / ".aim" / "cache")) == sorted(KINDS)


def test_a_copy_of_the_cache_is_believed(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the damages below would harm files that nobody reads."""
    monkeypatch.setenv("XDG_STATE_HOME", str(made.state))
    root = tmp_path / "mine"
    shutil.copytree(made.mine, root)
    before = {path.name for path in (root / ".aim" / "cache").rglob("*.parquet")}
    assert readings(root, made.logs) == made.wanted
    assert {path.name for path in (root / ".aim" / "cache").rglob("points-*")} <= before


def replaced(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def flipped(data: bytes, seed: int) -> bytes:
    changed = bytearray(data)
    if changed:
        bit = random.Random(seed).randrange(8 * len(changed))
        changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def linked(path: Path, target: Path) -> None:
    path.unlink()
    path.symlink_to(target)


def moved_and_linked(path: Path) -> None:
    """To the same bytes, elsewhere."""
    away = path.parents[4] / f"away {path.name}"
    shutil.move(path, away)
    path.symlink_to(away)


Damage = Callable[[Path, Path], object]
DAMAGES: dict[str, Damage] = {
    "gone": lambda path, other: path.unlink(),
    "empty": lambda path, other: path.write_bytes(b""),
    "half": lambda path, other: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "random bytes": lambda path, other: path.write_bytes(random.Random(7).randbytes(path.stat().st_size)),
    "of another repository": lambda path, other: shutil.copy(other, path),
    "of another repository, in its place": lambda path, other: replaced(path, other.read_bytes()),
    "a hole of a terabyte": lambda path, other: os.truncate(path, 1 << 40),
    "a pipe": lambda path, other: (path.unlink(), os.mkfifo(path)),
    "a folder": lambda path, other: (path.unlink(), path.mkdir()),
    "a link to itself": lambda path, other: linked(path, path),
    "a link to /dev/zero": lambda path, other: linked(path, Path("/dev/zero")),
    "a link to another cache": lambda path, other: linked(path, other),
    "a link to its own bytes": lambda path, other: moved_and_linked(path),
    **{
        f"a flipped bit {seed}": lambda path, other, seed=seed: path.write_bytes(flipped(path.read_bytes(), seed))  # type: ignore[misc]
        for seed in range(FLIPS)
    },
}


def tried(kind: str, damage: str) -> bool:
    return damage in FEW if kind.startswith("tensorboard/") or kind in ALIKE else damage not in RARE


def check_damages(made: Made, folder: Path, kind: str, damages: Iterable[str]) -> None:
    """Each damage to a copy of its own, read by a new reader, and of a table by the next one too."""
    other = kinds(made.other / ".aim" / "cache")[kind]
    for number, damage in enumerate(damages):
        root = folder / str(number) / "mine"
        shutil.copytree(made.mine, root)
        DAMAGES[damage](kinds(root / ".aim" / "cache")[kind], other)
        with no_longer(60):
            for turn in ("first", "second") if kind in TABLED and "flipped" not in damage else ("first",):
                assert readings(root, made.logs) == made.wanted, f"{damage}, {turn} reading"
            start_supervisor(root)
        shutil.rmtree(root)


@pytest.mark.parametrize("kind", KINDS)
def test_readings_are_those_of_a_fresh_cache(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(made.state))
    check_damages(made, tmp_path, kind, [damage for damage in DAMAGES if tried(kind, damage)])


@pytest.mark.stress
@pytest.mark.parametrize("kind", KINDS)
def test_readings_are_those_of_a_fresh_cache_after_any_damage(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(made.state))
    check_damages(made, tmp_path, kind, [damage for damage in DAMAGES if not tried(kind, damage)])


@pytest.mark.parametrize("kind", TABLED)
def test_a_reader_that_has_the_file_open_already(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Its answers are right, or it says that a file is damaged and is right when asked again."""
    monkeypatch.setenv("XDG_STATE_HOME", str(made.state))
    other = kinds(made.other / ".aim" / "cache")[kind]
    for number, harm in enumerate((DAMAGES["half"], DAMAGES["of another repository"], DAMAGES["a pipe"])):
        root = tmp_path / str(number) / "mine"
        shutil.copytree(made.mine, root)
        repo = Repo(root, tf_logs=made.logs)
        wanted = repo.select("loss if True").points().values.tolist()
        harm(kinds(root / ".aim" / "cache")[kind], other)
        with no_longer(60):
            assert Repo(root, tf_logs=made.logs).select("loss if True").points().values.tolist() == wanted
            with suppress(AimError):
                assert repo.select("loss if True").points().values.tolist() == wanted
            assert repo.select("loss if True").points().values.tolist() == wanted
