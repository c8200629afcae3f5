"""Which word a run gets, from what its writers recorded and what is known of their processes."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from aim.log import status
from aim.log.status import LOST_AFTER, Life, Status
from tests.waiting import until

NOW = 1_000_000.0
ELSEWHERE = {"host": "node-7", "pid": 1, "started": "5", "boot": "another", "pid_ns": "pid:[1]"}
HERE = status.this_process()
GONE = {**HERE, "started": "1"}
UNKNOWABLE: dict[str, Any] = {"host": "mac", "pid": os.getpid(), "started": None, "boot": None, "pid_ns": None}


def life(
    process: dict[str, Any],
    *,
    end: str | None = None,
    silent: float = 0.0,
    role: str = "main",
    attempt: str = "1",
    began: float = 100.0,
    error: str | None = None,
    writer: str = "w",
    earlier: dict[str, int] | None = None,
) -> Life:
    start = {"process": process, "role": role, "attempt": attempt, "time": began, "earlier": earlier or {}}
    ended = None if end is None else {"status": end, "time": began + 50, "error": error}
    return Life(writer, start, ended, NOW - silent)


JOIN = {"role": "join", "began": 110.0}
OUTPUT = {"role": "output", "began": 110.0}
SECOND = {"attempt": "2", "began": 500.0}

# what it is, the writers, the word
CASES: list[tuple[str, list[Life], str]] = [
    ("its process lives", [life(HERE)], "running"),
    ("its process lives and is silent for a day", [life(HERE, silent=86400)], "running"),
    ("its process is gone", [life(GONE)], "killed"),
    ("its pid is another process now", [life({**HERE, "pid": 1, "started": "99999999999"})], "killed"),
    ("its end says so", [life(GONE, end="finished")], "finished"),
    ("its end says failed", [life(GONE, end="failed", error="ValueError: x")], "failed"),
    ("it closed the run and goes on with other things", [life(HERE, end="finished")], "finished"),
    ("elsewhere, and a heartbeat just now", [life(ELSEWHERE, silent=1)], "running"),
    ("elsewhere, shortly before it is given up", [life(ELSEWHERE, silent=LOST_AFTER - 1)], "running"),
    ("elsewhere, and silent for so long", [life(ELSEWHERE, silent=LOST_AFTER)], "lost"),
    ("elsewhere, and silent", [life(ELSEWHERE, silent=LOST_AFTER + 1)], "lost"),
    ("a rank elsewhere is silent, another is not", [life(ELSEWHERE, silent=1e4), life(ELSEWHERE, **JOIN)], "running"),
    ("elsewhere, its END came and a heartbeat after it", [life(ELSEWHERE, end="failed")], "failed"),
    ("elsewhere, with a clock that is ahead", [life(ELSEWHERE, silent=-3600)], "running"),
    ("elsewhere, with a file time of the next year", [life(ELSEWHERE, silent=-4e7)], "lost"),
    ("elsewhere, finished long ago", [life(ELSEWHERE, end="finished", silent=1e6)], "finished"),
    ("this machine was started again", [life({**HERE, "boot": "the last one"}, silent=1e4)], "lost"),
    ("another container of this machine", [life({**HERE, "pid_ns": "pid:[2]"}, silent=1e4)], "lost"),
    ("a system without boot ids", [life(UNKNOWABLE, silent=1e4)], "lost"),
    ("no facts of its process", [life({}, silent=1e4)], "lost"),
    ("a rank still works", [life(GONE, end="finished"), life(HERE, **JOIN)], "running"),
    ("a rank was killed, the main process finished", [life(GONE, end="finished"), life(GONE, **JOIN)], "finished"),
    ("a rank failed, the main process was killed by that", [life(GONE), life(GONE, end="failed", **JOIN)], "failed"),
    ("a rank finished, the main process was killed", [life(GONE), life(GONE, end="finished", **JOIN)], "killed"),
    ("a signal ended the command, says its runner", [life(GONE, end="killed", error="ended by SIGTERM")], "killed"),
    ("the same, and the script said failed", [life(GONE, end="killed"), life(GONE, end="failed", **JOIN)], "killed"),
    ("the runner was killed, the script works", [life(GONE), life(HERE, **JOIN)], "running"),
    ("what records the output still lives", [life(GONE, end="finished"), life(HERE, **OUTPUT)], "finished"),
    ("what recorded the output ended well", [life(GONE), life(GONE, end="finished", **OUTPUT)], "killed"),
    ("only what records the output is there, and lives", [life(HERE, **OUTPUT)], "running"),
    ("only what recorded the output is there", [life(GONE, **OUTPUT)], "killed"),
    ("two began the attempt, the first finished", [life(GONE, end="finished"), life(GONE, began=101.0)], "finished"),
    ("two began the attempt, the first was killed", [life(GONE), life(GONE, end="finished", began=101.0)], "killed"),
    ("a rank began first", [life(GONE, end="finished"), life(GONE, role="join", began=90.0)], "finished"),
    ("resumed after a kill, and works", [life(GONE), life(HERE, **SECOND)], "running"),
    ("resumed after it failed, finished", [life(GONE, end="failed"), life(GONE, end="finished", **SECOND)], "finished"),
    ("resumed after it finished, and killed", [life(GONE, end="finished"), life(GONE, **SECOND)], "killed"),
    (
        "a rank of the first attempt came late",
        [life(GONE), life(GONE, role="join", began=900.0), life(GONE, end="finished", **SECOND)],
        "finished",
    ),
    ("resumed while the first lives, finished", [life(HERE), life(GONE, end="finished", **SECOND)], "running"),
    ("resumed while the first lives, and killed", [life(HERE), life(GONE, **SECOND)], "running"),
    (
        "resumed after it was killed elsewhere, finished",
        [life(ELSEWHERE, silent=100), life(GONE, end="finished", attempt="2", began=NOW - 110)],
        "finished",
    ),
    (
        "resumed while the first lives elsewhere, finished",
        [life(ELSEWHERE, silent=1), life(GONE, end="finished", attempt="2", began=NOW - 110)],
        "running",
    ),
    ("what records the first output lives", [life(HERE, **OUTPUT), life(GONE, end="finished", **SECOND)], "finished"),
    ("resumed here after it was lost elsewhere", [life(ELSEWHERE, silent=1e5), life(HERE, **SECOND)], "running"),
]


@pytest.mark.parametrize(("lives", "word"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_word(lives: list[Life], word: str) -> None:
    assert status.of_run(lives, now=NOW).word == word
    assert status.of_run(lives[::-1], now=NOW).word == word, "in whatever order the files were found"


def test_other_facts_of_a_status() -> None:
    failed = status.of_run([life(GONE, end="failed", error="ValueError: x", silent=7)], now=NOW)
    assert failed == Status("failed", "ValueError: x", 150.0, NOW - 7)
    lost = status.of_run([life(ELSEWHERE, silent=1000)], now=NOW)
    assert (lost.finished_at, lost.seen_at) == (NOW - 1000, NOW - 1000)
    assert status.of_run([life(HERE)], now=NOW).finished_at is None
    ranks = [life(GONE, end="finished"), life(GONE, end="finished", **JOIN)]
    assert status.of_run(ranks, now=NOW).finished_at == 160.0, "when the last of them ended"


def test_the_script_knows_better_why_it_failed_than_its_runner() -> None:
    script = life(GONE, end="failed", error="ValueError", **JOIN)
    runner = life(GONE, end="failed", error="exit status 1")
    runner = runner._replace(end={**(runner.end or {}), "process": {"exit_code": 1}})
    for lives in ([runner, script], [script, runner]):
        assert status.of_run(lives, now=NOW).error == "ValueError"
    assert status.of_run([runner], now=NOW).error == "exit status 1"


# what another tracker says of failure, seconds since its files changed, the word
FOREIGN = [
    (None, LOST_AFTER - 1, "running"),
    (None, LOST_AFTER, "finished"),
    (True, 1.0, "failed"),
    (False, 1.0, "finished"),
    (True, 1e6, "failed"),
]


@pytest.mark.parametrize(("failed", "silent", "word"), FOREIGN)
def test_silence_ends_a_run_of_another_tracker(failed: bool | None, silent: float, word: str) -> None:
    start = {"source": "tensorboard", "time": 100.0, "failed": failed}
    at = None if word == "running" else NOW - silent
    computed = status.of_run([Life("w", start, None, NOW - silent)], now=NOW)
    assert computed == Status(word, None, at, NOW - silent)


@pytest.mark.parametrize(
    "pause, silent, word",
    [(60, 181, "lost"), (600, 1_799, "running"), (600, 1_801, "lost"), (1e6, 10_799, "running"), (1e6, 10_801, "lost"),
     ("x", 10, "running"), (math.nan, 181, "lost")],
)  # fmt: skip
def test_a_run_of_another_tracker_that_records_rarely_may_be_silent_for_longer(
    pause: Any, silent: float, word: str
) -> None:
    start = {"source": "wandb", "time": 100.0, "ends": True, "pause": pause}
    assert status.of_run([Life("w", start, None, NOW - silent)], now=NOW).word == word


def test_the_end_of_a_killed_command_is_kept() -> None:
    killed = status.of_run([life(GONE, end="killed", error="ended by SIGTERM")], now=NOW)
    assert killed == Status("killed", "ended by SIGTERM", 150.0, NOW)


STOP = {"time": 120.0, "by": {"user": "ada", "via": "cli"}, "why": "loss is nan"}
ENDED = {"status": "killed", "time": 150.0, "error": "ended by SIGINT"}


@pytest.mark.parametrize(
    ("end", "edit", "word", "error"),
    [
        ({**ENDED, "process": {"stop": STOP}}, None, "stopped", "loss is nan"),
        ({**ENDED, "status": "finished", "error": None, "process": {"stop": STOP}}, STOP, "stopped", "loss is nan"),
        ({**ENDED, "process": {"stop": {"by": {"user": "ada"}}}}, None, "stopped", "stopped by ada"),
        ({**ENDED, "process": {"stop": {"by": 5}}}, None, "stopped", "stopped by somebody"),
        ({**ENDED, "process": {}}, STOP, "killed", "ended by SIGINT"),
        ({**ENDED, "process": {"stop": "x"}}, STOP, "killed", "ended by SIGINT"),
        ({**ENDED, "process": 7}, None, "killed", "ended by SIGINT"),
        (None, STOP, "stopped", "loss is nan"),
        (None, {**STOP, "time": 99.0}, "killed", None),
        (None, {**STOP, "time": "x"}, "killed", None),
        (None, None, "killed", None),
    ],
    ids=repr,
)
def test_a_command_that_got_a_stop_request_is_stopped(end: Any, edit: Any, word: str, error: str | None) -> None:
    computed = status.of_run(
        [Life("w", {"process": GONE, "role": "main", "time": 100.0}, end, NOW)], None, edit, now=NOW
    )
    assert (computed.word, computed.error) == (word, error)


def test_a_stop_is_over_when_the_run_goes_on_and_when_it_still_lives() -> None:
    assert status.of_run([life(HERE)], None, STOP, now=NOW).word == "running"
    assert status.of_run([life(GONE), life(GONE, **SECOND)], None, STOP, now=NOW).word == "killed"


def test_now_is_the_time_of_the_clock() -> None:
    fresh = Life("w", {"process": ELSEWHERE}, None, time.time())
    assert status.of_run([fresh]).word == "running"
    assert status.of_run([fresh._replace(touched=time.time() - 2 * LOST_AFTER)]).word == "lost"


def test_the_times_that_the_docs_promise() -> None:
    assert (LOST_AFTER, status.PULSE_SECONDS) == (180, 30)


@pytest.mark.parametrize(("time", "word"), [(99.0, "running"), (100.0, "failed"), (101.0, "failed"), (None, "running")])
def test_a_run_that_began_after_it_was_closed_is_open(time: float | None, word: str) -> None:
    assert status.of_run([life(HERE)], {"time": time, "status": "failed"}, now=NOW).word == word
    unknown = [Life("w", {"process": HERE, "time": began}, None, NOW) for began in ("x", 10**400)]
    assert {status.of_run([single], {"time": 0.5, "status": "failed"}, now=NOW).word for single in unknown} == {
        "failed"
    }
    for unheard in ("", "<b>", 5, [], None):
        closed = {"time": time, "status": unheard}
        assert status.of_run([life(HERE)], closed, now=NOW).word == ("running" if word == "running" else "killed")


def test_a_person_may_close_a_run_and_a_resume_opens_it_again() -> None:
    closed = {"time": 200.0, "status": "killed"}
    assert status.of_run([life(ELSEWHERE)], closed, now=NOW) == Status("killed", None, 200.0, NOW)
    assert status.of_run([life(ELSEWHERE), life(HERE, **SECOND)], closed, now=NOW).word == "running"


def test_the_later_attempt_is_the_one_that_found_the_other_whatever_the_clocks_say() -> None:
    first = life(GONE, end="finished", writer="a", began=900.0)
    second = life(HERE, writer="b", attempt="2", began=100.0, earlier={"a": 500})
    third = life(GONE, end="failed", writer="c", attempt="3", began=50.0, earlier={"a": 500, "b": 70})
    assert status.of_run([first, second], now=NOW).word == "running"
    second = life(GONE, writer="b", attempt="2", began=100.0, earlier={"a": 500})
    assert status.of_run([first, second, third], now=NOW).word == "failed"


def test_lost_is_reversible() -> None:
    silent, back = life(ELSEWHERE, silent=1000), life(ELSEWHERE, silent=2)
    assert status.of_run([silent], now=NOW).word == "lost"
    assert status.of_run([back], now=NOW).word == "running"


@pytest.mark.parametrize("start", [{}, {"process": None}, {"process": {"pid": "x"}}, {"time": "x"}, {"time": 10**400}])
def test_strange_facts_break_nothing(start: dict[str, Any]) -> None:
    assert status.of_run([Life("w", start, None, NOW - 1000)], now=NOW).word == "lost"


# the facts of a process, whether it lives
PROCESSES: list[tuple[dict[str, Any], bool | None]] = [
    (HERE, True),
    (GONE, False),
    ({**HERE, "pid": 1 << 30, "started": None}, False),
    ({**HERE, "pid": str(HERE["pid"])}, None),
    ({**HERE, "pid": None}, None),
    ({**HERE, "boot": "another"}, None),
    ({**HERE, "boot": ""}, None),
    ({**HERE, "pid_ns": "pid:[2]"}, None),
    ({}, None),
]


@pytest.mark.parametrize(("process", "lives"), PROCESSES)
def test_whether_a_process_lives(process: dict[str, Any], lives: bool | None) -> None:
    assert status.alive(process) is lives


@pytest.mark.parametrize("boot", [None, ""])
def test_without_a_boot_id_processes_are_unknown(monkeypatch: pytest.MonkeyPatch, boot: str | None) -> None:
    monkeypatch.setattr(status, "boot_id", lambda: boot)
    assert status.alive({**HERE, "boot": boot}) is None


def test_a_process_is_known_by_its_start_so_that_its_pid_may_be_used_again() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    facts = {**HERE, "pid": child.pid, "started": status.started(child.pid)}
    assert status.alive(facts) is True
    assert status.alive({**facts, "started": str(int(facts["started"]) + 1)}) is False
    child.send_signal(signal.SIGKILL)
    until(lambda: status.started(child.pid) is None)
    assert status.alive(facts) is False, "a zombie that nobody waited for is no living process"
    child.wait()
    assert status.alive(facts) is False


def test_parents_are_the_processes_above() -> None:
    code = "import sys; from aim.log import status; import os; print(*status.parents(os.getpid()))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [int(pid) for pid in shown.stdout.split()] == [os.getpid(), *status.parents(os.getpid())]
    assert 1 not in status.parents(os.getpid())


@pytest.mark.parametrize(("above", "expected"), [({5: 4, 4: 5}, [4, 5]), ({n: n - 1 for n in range(200)}, 64)])
def test_cyclic_or_endless_parents(
    monkeypatch: pytest.MonkeyPatch, above: dict[int, int], expected: list[int] | int
) -> None:
    monkeypatch.setattr(status, "stat", lambda pid: status.Stat("a", ["S", str(above[pid])]) if pid in above else None)
    parents = status.parents(max(above))
    assert parents == expected if isinstance(expected, list) else len(parents) == expected


def test_a_command_with_blanks_and_parentheses_in_its_name(tmp_path: Any) -> None:
    command = tmp_path / "a (b) c"
    command.symlink_to("/bin/sleep")
    child = subprocess.Popen([str(command), "60"])
    assert str(status.started(child.pid)).isdigit()
    child.kill()
    child.wait()
