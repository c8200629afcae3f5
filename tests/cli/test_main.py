"""The table of commands, and how errors reach the user."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

import aim as package
from aim.cli.main import COMMANDS, main
from aim.errors import RepoError
from tests.cli.conftest import Aim
from tests.commands import environment


def test_version(aim: Aim) -> None:
    assert aim("version").output == aim("--version").output == f"Aim v{package.__version__}\n"


def test_help_lists_every_command_in_the_order_of_the_table(aim: Aim) -> None:
    lines = aim("--help").output.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in lines] == list(COMMANDS) == main.list_commands(click.Context(main))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["quary", "loss"], "No such command 'quary'. Did you mean 'query'?"),
        (["run-s"], "No such command 'run-s'. Did you mean 'runs'?"),
        (["x" * 10_000], "No such command 'xxx"),
        (["zzz"], "No such command 'zzz'.\n"),
        (["runs", "shw"], "No such command 'shw'. Did you mean 'show'?"),
        (["query", "loss", "--ordr", "lr"], "No such option '--ordr'. Did you mean '--order'?"),
    ],
)
def test_a_command_or_option_that_does_not_exist_may_mean_another(aim: Aim, words: list[str], says: str) -> None:
    assert says in aim(*words, code=2).stderr


@pytest.mark.parametrize("words", [["version"], ["--help"], ["init", "--skip-if-exists"], ["down"]])
def test_small_commands_load_nothing_that_reads(here: Path, words: list[str]) -> None:
    code = (
        "import sys\nfrom aim.cli.main import main\nmain(sys.argv[1:], standalone_mode=False)\n"
        "heavy = {'numpy', 'duckdb', 'starlette', 'uvicorn', 'msgspec'} & set(sys.modules)\nassert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code, *words], cwd=here, env=environment(), check=True, capture_output=True)


QUERY = """
import sys
from aim.cli.main import COMMANDS, main
main(["query", "loss"], standalone_mode=False)
print(*sorted(name for name in sys.modules if "tensorboard" in name or name.startswith("aim.importers.")))
print(*sorted({f"aim.cli.{file}" for file in COMMANDS.values()} & set(sys.modules)))
"""


def test_a_query_loads_no_other_command_and_no_source_that_it_does_not_read(here: Path) -> None:
    init = [sys.executable, "-m", "aim", "init"]
    subprocess.run(init, cwd=here, env=environment(), check=True, capture_output=True)
    command = [sys.executable, "-c", QUERY]
    ended = subprocess.run(command, cwd=here, env=environment(), check=True, capture_output=True, text=True)
    assert ended.stdout == "\naim.cli.query aim.cli.runs\n"


MISSING = """
import sys
sys.modules[{package!r}] = None
from aim.cli.main import main
main({words!r}, prog_name="aim")
"""


@pytest.mark.parametrize(
    ("missing", "words", "said"),
    [
        ("click", ["version"], "aim: the command line needs the package 'click'. Run: pip install click\n"),
        ("duckdb", ["runs", "ls"], "Error: the package 'duckdb' is missing. Run: pip install duckdb\n"),
        ("uvicorn", ["up", "-p", "0"], "Error: the package 'uvicorn' is missing. Run: pip install uvicorn\n"),
    ],
)
def test_a_missing_package_is_named(aim: Aim, here: Path, missing: str, words: list[str], said: str) -> None:
    aim("init")
    code = MISSING.format(package=missing, words=words)
    ended = subprocess.run([sys.executable, "-c", code], cwd=here, env=environment(), capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (1, said)


def test_a_system_error_is_reported_in_words(aim: Aim, here: Path) -> None:
    (here / "file").write_text("")
    aim("demo", "--runs", "1", "--repo", "here")
    out = aim("merge", "here", "--into", "file/below", code=1).output
    assert out.startswith(f"Error: Not a directory: {here}/file/below")


def test_verbose_shows_where(aim: Aim, here: Path) -> None:
    assert "Traceback" not in aim("runs", "ls", code=1).output
    out = aim("-v", "runs", "ls", code=1).output
    assert "Traceback" in out and "find_repo" in out and RepoError.__name__ in out


def test_a_closed_output_is_not_an_error(aim: Aim, here: Path) -> None:
    aim("demo", "--runs", "300", "--steps", "1", "--metrics", "1", "--repo", here)
    read, write = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-m", "aim", "runs", "ls", "--json"],
        cwd=here,
        env=environment(),
        stdout=write,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(write)
        os.read(read, 10)
        os.close(read)
        _, err = process.communicate()
    assert err == b""


def test_python_dash_m(here: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "aim", "--help"], cwd=here, env=environment(), capture_output=True, text=True
    )
    assert ended.stdout.startswith("Usage: aim [OPTIONS] COMMAND")


def test_the_repository_of_the_environment(aim: Aim, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIM_REPO", str(here / "named"))
    assert aim("init").output == f"Initialized a new Aim repository at {here}/named/.aim\n"
    assert aim("runs", "ls").stderr == "No runs.\n"
