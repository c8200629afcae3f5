"""A recorded text never acts on the terminal: it is shown as escapes, and output of runs keeps only colors and the
movements of progress bars."""

from __future__ import annotations

import ast
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

import aim as package
from aim.cli import printer
from aim.cli.printer import TerminalFilter
from aim.log import output, record
from aim.plain import visible
from tests.cli.terminal import on_terminal

ROOT = Path(package.__file__).parents[1]
CLIPBOARD = "\x1b]52;c;aGk=\x07"
HOSTILE = f"a{CLIPBOARD}\x1b[2J\x9b2J\x9d0;title\x9c\x7f\x00\x08\x07\r\u202eb"
ACTS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u202e]|\x1b(?!\[(?:0|1|33)m|\[\?25h|\[K)")


@pytest.mark.parametrize(
    "text, shown",
    [
        ("plain ünd\ttab\nline", "plain ünd\ttab\nline"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31m\x7f\x00\r", "\\x9b31m\\x7f\\x00\\r"),
        ("\u202eabc\udc80", "\\u202eabc\\udc80"),
    ],
)
def test_characters_that_act_are_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


PIECES = [
    (
        [b"one\n", b"\x1b[31mred\x1b[0m \xc3\xbc\r 20%\x08\x1b[K\n"],
        b"one\n\x1b[31mred\x1b[0m \xc3\xbc\r 20%\x08\x1b[K\n",
    ),
    ([b"\x1b\x00]52;c;aGk=\x07x"], b"]52;c;aGk=x"),
    ([b"\x1b\x7f]52;c;aGk=\x07x"], b"]52;c;aGk=x"),
    ([b"\x1b", b"]52;c;aGk=", b"\x07x"], b"x"),
    ([b"\x1b]52;c;aGk=\x1b", b"\\x"], b"x"),
    ([b"\xc2", b"\x9d52;c;aGk=\x07x"], b"x"),
    ([b"\xc2\x9b2Jx"], b"x"),
    ([b"\xc2\x00\x9d52;c;aGk=\x07x"], "\ufffd\ufffd52;c;aGk=x".encode()),
    ([b"\x1b[3", b"1mred"], b"\x1b[31mred"),
    ([b"\x1b[2", b"Jx"], b"x"),
    ([b"\x1b\x1b[31mx"], b"\x1b[31mx"),
    ([b"\x1b]0;never ends\nnext line\n"], b"\nnext line\n"),
    ([b"\x1bP1$r0m\x1b\\x\x1bcy\x1b[6nz"], b"xyz"),
    ([b"\xc3", b"\xbc"], "ü".encode()),
]


@pytest.mark.parametrize("pieces, shown", PIECES)
def test_output_is_decoded_and_then_filtered(pieces: list[bytes], shown: bytes) -> None:
    played = TerminalFilter()
    assert b"".join(map(played.filtered, pieces)) == shown


def test_nothing_forms_a_code_however_the_output_is_cut() -> None:
    allowed = re.compile(r"(?:[^\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f]|\x1b\[[\d;:]*[mKABCDG])*")
    draw = random.Random(5)
    parts = [
        b"\x1b",
        b"]52;c;",
        b"\x07",
        b"[",
        b"31",
        b"m",
        b"\xc2",
        b"\x9d",
        b"\x9b",
        b"\x00",
        b"\x7f",
        b"a",
        b"\n",
        b"\\",
        b"P",
        b"J",
    ]
    for _ in range(3_000):
        pieces = [b"".join(draw.choices(parts, k=draw.randint(0, 4))) for _ in range(draw.randint(1, 6))]
        played = TerminalFilter()
        cut = b"".join(map(played.filtered, pieces)).decode()
        assert allowed.fullmatch(cut), pieces
        assert TerminalFilter().filtered(b"".join(pieces) + b"\n").decode() == cut + played.filtered(b"\n").decode(), (
            pieces
        )


def test_only_the_printer_prints() -> None:
    """Every other module of the command line hands its texts to it."""
    for path in (ROOT / "aim" / "cli").glob("*.py"):
        if path == Path(printer.__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            assert called not in ("print", "click.echo", "click.secho", "click.style", "sys.stderr.write"), path
            assert called != "sys.stdout.write", path


@pytest.fixture
def hostile(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run whose every text acts, as another program may write it: ours refuses such names."""
    monkeypatch.setattr("aim.sdk.run.text", lambda what, value: value)
    with package.Run(HOSTILE, repo=here, experiment=HOSTILE, environment=False) as run:
        run.name = HOSTILE
        run.description = HOSTILE
        run[HOSTILE] = HOSTILE
        run.track(0.5, HOSTILE, context={HOSTILE: HOSTILE})
        run.track(package.Text(HOSTILE), "text")
        run.log_warning(HOSTILE)
        assert run._recording.writer is not None
        for kind, payload in (
            (record.OUTPUT, output.encode(1, 0.0, HOSTILE.encode())),
            (record.FACTS, record.encode_json({"diff": {"text": HOSTILE, "cut": None, "untracked": [HOSTILE]}})),
            (record.FACTS, record.encode_json({"argv": [HOSTILE], "git": {"branch": HOSTILE, "remote": HOSTILE}})),
        ):
            run._recording.writer.append(kind, payload)
    return here


COMMANDS = [
    ["runs", "ls"], ["runs", "ls", "--csv"], ["runs", "ls", "--json"], ["runs", "rm", "*"], ["runs", "logs", "*"],
    ["runs", "show", "*"], ["runs", "show", "*", "--diff"], ["runs", "show", "*", "--json"],
    ["runs", "show", CLIPBOARD],
    ["query", "run.hash != 'x'"], ["query", f"'{HOSTILE[:9]}'"], ["query", f"loss if {CLIPBOARD}"],
    ["query", "text", "--kind", "text"], ["query", "text", "--kind", "text", "--csv"], ["experiment", "ls"],
    ["storage", "check"], ["merge", f"/none/{CLIPBOARD}"], ["ps"],
]  # fmt: skip


# Each command in turn, in one process: starting one costs more than the command.
ALL = """
import json, sys
from aim.cli.main import main
for words in json.loads(sys.argv.pop()):
    print("COMMAND", json.dumps(words))
    try:
        main(words)
    except SystemExit:
        continue
"""


def test_no_text_acts_on_the_terminal(hostile: Path) -> None:
    _, shown = on_terminal(
        [json.dumps(COMMANDS)],
        hostile,
        wait_for="[y/N]",
        then="n\n",
        program=[sys.executable, "-W", "error", "-c", ALL],
    )
    parts = [part.split("\n", 1) for part in shown.split("COMMAND ")[1:]]
    assert [json.loads(words) for words, _ in parts] == COMMANDS
    for words, text in parts:
        kept = "\r\b" if '"logs"' in words else "\r"
        text = re.sub(f"[{kept}]", "", text)
        assert text and [repr(text[max(0, at.start() - 20) : at.end() + 20]) for at in ACTS.finditer(text)] == [], words


def test_json_is_safe_in_a_pipe_too_and_means_the_same(hostile: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "aim", "runs", "show", "*", "--json"]
    ended = subprocess.run(command, cwd=hostile, env=environ, capture_output=True, check=True)
    text = ended.stdout.decode()
    assert not ACTS.search(text)
    assert json.loads(text)["params"] == {HOSTILE: HOSTILE}


def test_a_diff_in_a_pipe_is_exact(hostile: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "aim", "runs", "show", "*", "--diff"]
    ended = subprocess.run(command, cwd=hostile, env=environ, capture_output=True, check=True)
    assert ended.stdout.decode() == HOSTILE.replace("\0", "\\0")
