"""Runs without an end that nothing writes to: no file of theirs is read again, and one that goes on is seen."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aim.index import quiet, sweep
from aim.index.sources import logs
from aim.index.state import RunState
from aim.log import status
from aim.query.execute import PUSHED_FROM, execute
from aim.query.parse import parse_expression
from aim.query.plan import of_runs
from tests.index.checks import check, index, partition_of
from tests.index.logs import LogFile

LONG_AGO = 1.7e9
ELSEWHERE = {"host": "elsewhere", "pid": 7, "started": "1", "boot": "other", "pid_ns": None}


def gone_here() -> dict[str, Any]:
    return {**status.this_process(), "started": "0"}


def left(repo: Path, hash: str, process: dict[str, Any], *, at: float = LONG_AGO, torn: bytes = b"") -> LogFile:
    """A run whose writer began and never ended; its file is as old as its last record."""
    file = LogFile(repo, hash).start(at, process=process).series(1, "loss").point(1, 0, 0.5, at + 1)
    file.data += torn
    file.save()
    os.utime(file.path, (at + 2, at + 2))
    return file


@pytest.fixture(autouse=True)
def old_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "RACY_NS", 0)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs whose documents were read, or whose status was computed from their records."""
    names: list[str] = []
    read_document, of_records = RunState.read_document, RunState.status

    def read(self: RunState, text: str) -> RunState:
        names.append(self.id)
        return read_document(self, text)

    def computed(self: RunState, *given: Any, **more: Any) -> Any:
        names.append(self.id)
        return of_records(self, *given, **more)

    monkeypatch.setattr(RunState, "read_document", read)
    monkeypatch.setattr(RunState, "status", computed)
    return names


CASES = [
    ("elsewhere, long ago", ELSEWHERE, b"", "lost", True),
    ("elsewhere, just now", ELSEWHERE, b"", "running", False),
    ("gone here, long ago", gone_here(), b"", "killed", True),
    ("gone here, just now", gone_here(), b"", "killed", True),
    ("lives here, silent", status.this_process(), b"", "running", False),
    ("torn elsewhere", ELSEWHERE, b"\x01\x02", "lost", True),
    ("torn here", gone_here(), b"\x01\x02", "killed", True),
    ("no process", {}, b"", "lost", True),
]


@pytest.mark.parametrize(("case", "process", "torn", "word", "quiet"), CASES, ids=[case[0] for case in CASES])
def test_which_runs_are_quiet(
    tmp_path: Path, looked_at: list[str], case: str, process: dict[str, Any], torn: bytes, word: str, quiet: bool
) -> None:
    """A second process reads nothing but rows of a quiet run, and says the same about it."""
    at = time.time() if case.endswith("just now") else LONG_AGO
    file = left(tmp_path, "one", process, at=at, torn=torn)
    first = index(tmp_path)
    told = [first.refresh() for _ in range(2)][-1].status(0)
    partition_of(first)._urgent = True
    first.refresh()
    assert (told.word, told.seen_at) == (word, at + 2)
    looked_at.clear()
    again = index(tmp_path).refresh()
    assert again.status(0) == told
    columns = again.statuses(np.array([0]))
    assert (columns["status"][0], columns["seen_at"][0]) == (word, told.seen_at)
    assert again.damaged(np.array([0]), columns["status"])[0] == (word == "killed" and torn != b"")
    assert (looked_at == []) is quiet
    check(tmp_path, again)
    assert file.path.exists()


HOUR, DAYS = 3600.0, 9 * 86_400.0
# How far ahead of its last change the time of the file is, how long ago that change was, and the word.
TIMES = [
    (HOUR, 10.0, "running"),
    (HOUR, status.LOST_AFTER + 10, "lost"),
    (HOUR, HOUR - 10, "lost"),
    (DAYS, 10.0, "running"),
    (DAYS, DAYS - 10, "lost"),
    (0.0, status.LOST_AFTER + 10, "lost"),
    (-HOUR, 10.0, "lost"),
    (HOUR, -HOUR, "running"),
    (0.0, -HOUR, "running"),
]


@pytest.mark.parametrize(("ahead", "since", "word"), TIMES)
def test_a_time_in_the_future_is_not_a_heartbeat(tmp_path: Path, ahead: float, since: float, word: str) -> None:
    """`since` is negative where the clock of the disk is ahead: then a run may live there."""
    file = left(tmp_path, "one", ELSEWHERE)
    now = time.time()
    os.utime(file.path, (now + ahead, now + ahead))
    catalog = index(tmp_path).refresh()
    assert catalog.status(0, now=now + since).word == word
    assert catalog.statuses(np.array([0]), now=now + since)["status"][0] == word


def test_what_a_run_is_called_depends_on_where_one_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left(tmp_path, "one", gone_here())
    assert index(tmp_path).refresh().status(0).word == "killed"
    monkeypatch.setattr(status, "boot_id", lambda: "another")
    assert index(tmp_path).refresh().status(0).word == "lost"


def test_a_run_that_is_silent_on_its_machine_is_watched_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another machine took it for lost, and wrote that into the index."""
    left(tmp_path, "one", status.this_process())
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(status, "boot_id", lambda: "another")
        assert index(tmp_path).refresh().status(0).word == "lost"
    watching = index(tmp_path)
    assert watching.refresh().status(0).word == "running"
    assert partition_of(watching)._folders.watched


def test_the_process_of_many_quiet_runs_is_looked_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another machine took all of them for lost; one of them goes on here."""
    processes = [gone_here()] * 4 + [status.this_process(), {**gone_here(), "started": "0,0"}]
    for number, process in enumerate(processes):
        left(tmp_path, f"run {number}", process)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(status, "boot_id", lambda: "another")
        assert [index(tmp_path).refresh().status(place).word for place in range(6)] == ["lost"] * 6
    read, texts = quiet.read, list[str]()
    monkeypatch.setattr(quiet, "read", lambda text: texts.append(text) or read(text))
    part = partition_of(index(tmp_path))
    part.load()
    assert len(texts) == 3
    assert len(part._folders.watched) == 1


def grown(file: LogFile) -> None:
    file.point(1, 1, 0.25, time.time()).save()


def beats(file: LogFile) -> None:
    os.utime(file.path)


def ends(file: LogFile) -> None:
    file.end(time.time()).save()


def removed(file: LogFile) -> None:
    os.unlink(file.path)


def copied_over(file: LogFile) -> None:
    """`rsync` puts another file in its place: longer, with the time of the sender."""
    file.point(1, 1, 0.25, LONG_AGO + 3)
    draft = file.path.with_suffix(".part")
    draft.write_bytes(file.data)
    os.utime(draft, (LONG_AGO + 2, LONG_AGO + 2))
    os.replace(draft, file.path)


CHANGES: list[tuple[Callable[[LogFile], None], list[str]]] = [
    (grown, ["running"]),
    (beats, ["running"]),
    (ends, ["finished"]),
    (removed, []),
    (copied_over, ["lost"]),
]


@pytest.mark.parametrize(("change", "words"), CHANGES, ids=[change.__name__ for change, _ in CHANGES])
@pytest.mark.parametrize("many", [False, True], ids=["few", "many"])
def test_a_quiet_run_that_goes_on_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[LogFile], None], words: list[str], many: bool
) -> None:
    """By the process that goes on and by a new one, in a small repository and where folders are checked in turns."""
    if many:
        monkeypatch.setattr(sweep, "FEW", 0)
        monkeypatch.setattr(sweep, "PERIOD", 0.0)
    file = left(tmp_path, "one", ELSEWHERE)
    watching = index(tmp_path)
    assert watching.refresh().status(0).word == "lost"
    change(file)
    for each in (watching, index(tmp_path)):
        again = each.refresh()
        assert [again.status(i).word for i in range(len(again))] == words
        check(tmp_path, again)


def test_a_run_that_goes_on_and_stops_again_is_quiet_again(tmp_path: Path, looked_at: list[str]) -> None:
    file = left(tmp_path, "one", ELSEWHERE)
    watching = index(tmp_path)
    watching.refresh()
    grown(file)
    assert watching.refresh().status(0).word == "running"
    os.utime(file.path, (LONG_AGO + 9, LONG_AGO + 9))
    assert (told := watching.refresh().status(0)).word == "lost" and told.seen_at < time.time()
    looked_at.clear()
    assert index(tmp_path).refresh().status(0) == told
    assert looked_at == []


def test_a_copied_repository_has_quiet_runs_too(tmp_path: Path) -> None:
    original, other = tmp_path / "one", tmp_path / "other"
    file = left(original, "run", ELSEWHERE)
    index(original).refresh()
    os.rename(original, other)
    file.path = other / file.path.relative_to(original)
    os.utime(file.path, (LONG_AGO + 5, LONG_AGO + 5))
    assert index(other).refresh().status(0).seen_at == LONG_AGO + 5


SOUND: list[Any] = ["boot", None, 7, "1", "ab", "ab.log", 40, 1.5]
REST = quiet.Rest("boot", None, 7, "1", "ab", "ab.log", 40, 1.5)
NOBODY = quiet.Rest(None, None, None, None, "ab", "ab.log", 40, 1.5)
TEXTS = [
    ("", []),
    ("[", []),
    ("[" * 100_000, []),
    ("5", []),
    ('{"a": 1}', []),
    (json.dumps([SOUND]), [REST]),
    (json.dumps([5, None, SOUND[:-1], [*SOUND, 1], SOUND]), [REST]),
    (json.dumps([[["boot"], {}, 7, [1], *SOUND[4:]]]), [REST._replace(boot=None, started=None)]),
    (json.dumps([["boot", None, "7", *SOUND[3:]], ["boot", None, [7], *SOUND[3:]]]), [NOBODY] * 2),
    (json.dumps([[*SOUND[:4], *end] for end in (([], "f", 1, 1), ("w", {}, 1, 1), ("w", "f", "1", 1))]), []),
    (json.dumps([[*SOUND[:4], *end] for end in (("w", "f", 1, None), ("w", "f", 1.5, 1), ("w", "\0", 1, 1))]), []),
]


@pytest.mark.parametrize(("text", "rests"), TEXTS)
def test_a_text_of_another_user_is_checked(text: str, rests: list[quiet.Rest]) -> None:
    assert quiet.read(text) == rests
    assert not any(writer.lives(LONG_AGO, set()) for writer in quiet.read(text))


ODD: list[dict[str, Any]] = [
    {},
    {"boot": None},
    {"pid_ns": "pid:[4026531836]", "size": 0},
    {"started": None, "touched": 1700000002.25},
    {"pid": None, "boot": None, "started": None},
    {"boot": 5},
    {"started": 12},
    {"pid": -1},
    {"pid": 10**30},
    {"touched": 1e300},
    {"touched": 1e-9},
    {"touched": 5},
    {"size": -4},
    {"size": 10**30},
    {"file": 'a"],["b'},
    {"file": "a\\b"},
    {"file": "é"},
    {"boot": "a\nb"},
    {"writer": ""},
]


@pytest.mark.parametrize("odd", ODD)
def test_a_text_says_the_same_with_and_without_json(odd: dict[str, Any]) -> None:
    """A text of one writer as it is written here is read by a pattern, one with spaces as JSON."""
    rest = REST._replace(**odd)
    assert quiet.read(quiet.written([rest])) == quiet.read(json.dumps([rest]))
    assert quiet.read(quiet.written([rest, rest])) == quiet.read(json.dumps([rest, rest]))


def test_thousands_of_quiet_runs_are_read_without_json(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [quiet.written([REST._replace(pid=pid, pid_ns=name)]) for pid in range(20) for name in ("pid:[1]", None)]
    monkeypatch.setattr(quiet.bounds, "loads", None)
    assert [quiet.read(text)[0].pid for text in texts] == [pid for pid in range(20) for _ in range(2)]


def test_a_person_closes_a_quiet_run(tmp_path: Path) -> None:
    from aim.log.edits import Editor

    file = left(tmp_path, "one", ELSEWHERE)
    watching = index(tmp_path)
    watching.refresh()
    Editor(tmp_path / ".aim").edit(file.run.hex(), "ended", {"time": LONG_AGO + 1, "status": "killed"})
    for each in (watching, index(tmp_path)):
        assert each.refresh().status(0) == status.Status("killed", None, LONG_AGO + 1, LONG_AGO + 2)


def test_a_query_for_a_status_knows_quiet_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With and without the engine, whose table says the same on every machine."""
    left(tmp_path, "here", gone_here())
    left(tmp_path, "there", ELSEWHERE)
    LogFile(tmp_path, "done").start(LONG_AGO).end(LONG_AGO + 1).save()
    index(tmp_path).refresh()
    for least in (PUSHED_FROM, 0):
        monkeypatch.setattr("aim.query.execute.PUSHED_FROM", least)
        again = index(tmp_path).refresh()
        for word, hash in (("killed", "here"), ("lost", "there"), ("finished", "done")):
            runs = execute(again, of_runs(parse_expression(f"run.status == {word}"))).runs
            assert again.column("hash")[runs].tolist() == [hash]


def test_a_run_with_a_dead_worker_and_an_end_is_finished(tmp_path: Path) -> None:
    """The main writer ended; a worker never did."""
    file = LogFile(tmp_path, "one").start(LONG_AGO, process=gone_here()).end(LONG_AGO + 1)
    worker = LogFile(tmp_path, "one", run=file.run, writer=b"anotherw")
    worker.start(LONG_AGO, role="worker", process=gone_here())
    for each in (file, worker):
        each.save()
        os.utime(each.path, (LONG_AGO + 2, LONG_AGO + 2))
    for _ in range(2):
        assert index(tmp_path).refresh().status(0).word == "finished"
