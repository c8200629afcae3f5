"""`aim runs logs` and `aim runs show`: the output of a run, and everything about it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import aim as package
from aim.log import output, record
from tests.cli.conftest import Aim
from tests.cli.terminal import on_terminal

ROOT = Path(package.__file__).parents[1]


def note(run: package.Run, kind: int, payload: bytes) -> None:
    assert run._recording.writer is not None and run._recording.writer.append(kind, payload)


def printed(here: Path, *pieces: tuple[int, bytes]) -> None:
    """A run that recorded these pieces in its own file, as `aim run` does."""
    with package.Run("x", repo=here, environment=False) as run:
        for i, (stream, data) in enumerate(pieces):
            note(run, record.OUTPUT, output.encode(stream, float(i), data))


BOTH = [(1, b"one\ntwo\n"), (2, b"\x1b[31moops\x1b[0m\n"), (1, b" 10%\r 20%\nlast")]


@pytest.mark.parametrize(
    "words, shown",
    [
        ([], b"one\ntwo\n\x1b[31moops\x1b[0m\n 10%\r 20%\nlast"),
        (["--tail", "2"], b" 10%\r 20%\nlast"),
        (["-n", "3"], b"\x1b[31moops\x1b[0m\n 10%\r 20%\nlast"),
        (["--tail", "0"], b""),
        (["--tail", "99"], b"one\ntwo\n\x1b[31moops\x1b[0m\n 10%\r 20%\nlast"),
        (["--stream", "stderr"], b"\x1b[31moops\x1b[0m\n"),
        (["--stream", "stdout", "-n", "3"], b"two\n 10%\r 20%\nlast"),
        (["--follow"], b"one\ntwo\n\x1b[31moops\x1b[0m\n 10%\r 20%\nlast"),
    ],
)
def test_logs_prints_byte_by_byte(aim: Aim, here: Path, words: list[str], shown: bytes) -> None:
    printed(here, *BOTH)
    assert aim("runs", "logs", "x", *words).stdout_bytes == shown


def test_logs_says_how_much_was_not_kept(aim: Aim, here: Path) -> None:
    with package.Run("x", repo=here) as run:
        note(run, record.OUTPUT, output.encode(output.STDOUT, 1.0, b"head"))
        note(run, record.OUTPUT, output.encode_skipped(1.0, 0))
        note(run, record.OUTPUT, output.encode_skipped(2.0, 12345))
    result = aim("runs", "logs", "x")
    assert "... the following output was dropped" in result.output
    assert "... 12,345 bytes were dropped here" in result.output


def test_logs_of_a_run_without_output(aim: Aim, here: Path) -> None:
    package.Run("x", repo=here).close()
    assert "No output was recorded" in aim("runs", "logs", "x").output
    assert "no run matches 'y'" in aim("runs", "logs", "y", code=1).output


def test_a_terminal_gets_colors_and_no_harmful_codes(here: Path) -> None:
    harm = b"\x1b]0;title\x07\x1b]52;c;aGk=\x07\x1bc\x1b[6n\x1b[2J\x1bP0\x1b\\\x07"
    printed(here, (1, b"a" + harm + b"\x1b[1mb\x1b[0m\x1b[K\r\x1b[Ac\n"))
    _, shown = on_terminal(["runs", "logs", "x"], here, wait_for="never", then="")
    assert "a\x1b[1mb\x1b[0m\x1b[K\r\x1b[Ac" in shown


def test_follow_prints_what_comes_until_the_run_ends(here: Path) -> None:
    code = (
        "import aim, sys, time\nrun = aim.Run('x', console=True)\nfor i in range(5):\n"
        "    print('line', i, flush=True); time.sleep(0.2)\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    script = subprocess.Popen([sys.executable, "-c", code], cwd=here, env=environ, stdout=subprocess.PIPE)
    assert script.stdout is not None and script.stdout.readline() == b"line 0\n"
    follow = [sys.executable, "-m", "aim", "runs", "logs", "x", "--follow"]
    ended = subprocess.run(follow, cwd=here, env=environ, capture_output=True)
    assert ended.stdout == b"".join(b"line %d\n" % i for i in range(5)), ended.stderr
    script.communicate()


def test_follow_of_a_run_without_output_says_so(here: Path, aim: Aim) -> None:
    run = package.Run("x", repo=here)
    follow = [sys.executable, "-m", "aim", "runs", "logs", "x", "--follow"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(follow, cwd=here, env=environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "No output yet" in process.stderr.readline()
        run.close()
        assert "No output was recorded" in process.stderr.read()
        assert process.wait() == 0
    ended = aim("runs", "logs", "x", "-f").output
    assert "No output was recorded" in ended and "No output yet" not in ended


def recorded(here: Path) -> None:
    with package.Run("x", repo=here, environment=False) as run:
        run.name = "A name"
        run["hparams"] = {"lr": 0.1, "net": {"depth": 3}}
        run.track(float("nan"), "loss", context={"subset": "val"})
        run.track([package.Text("one"), package.Text("two")], "samples", context={"subset": "test"})
        run.log_warning("careful\x1b[2J", left=3)
        note(run, record.OUTPUT, output.encode(1, 1.0, b"hello\n"))
        facts = {"environment": {"packages": {"torch": "2.8.0"}, "env": {"CUDA_VISIBLE_DEVICES": "0"}}}
        note(run, record.FACTS, record.encode_json(facts))
        diff = {"text": "diff --git a/x b/x\n-1\n+2\n", "cut": None, "untracked": ["notes.txt"]}
        note(run, record.FACTS, record.encode_json({"diff": diff}))


def test_show_says_everything_that_fits_a_terminal(aim: Aim, here: Path) -> None:
    recorded(here)
    text = aim("runs", "show", "x").output
    for part in (
        *("A name", "hparams.net.depth  3", "subset=val", "careful\\x1b[2J  left=3", "6 B: aim runs logs x"),
        "samples  text  subset=test      2",
        *("CUDA_VISIBLE_DEVICES  0", "1 file: aim runs show --diff", "notes.txt", "1: aim runs show --packages"),
    ):
        assert part in text, part
    assert "torch" not in text
    assert "torch  2.8.0" in aim("runs", "show", "x", "--packages").output
    assert aim("runs", "show", "x", "--diff").stdout == "diff --git a/x b/x\n-1\n+2\n"


def test_show_for_programs(aim: Aim, here: Path) -> None:
    recorded(here)
    shown = json.loads(aim("runs", "show", "x", "--json").stdout)
    assert shown["environment"]["packages"] == {"torch": "2.8.0"}
    assert shown["messages"][0]["level"] == "warning" and shown["output"] == 6
    assert shown["metrics"][0]["last"] == "NaN" and shown["params"]["hparams"]["net"] == {"depth": 3}
