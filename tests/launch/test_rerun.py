"""A finished run's command as a template, and what will be another when it starts again."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import aim
from aim.errors import LaunchError
from aim.launch import runner
from aim.launch.command import Executable, Template, check, fill
from aim.launch.rerun import Difference, differences, of_run, python_version
from aim.repo import Repo
from tests.waiting import until

PYTHON = "/usr/bin/python3"

# the arguments behind `python train.py`, the arguments of the template, the defaults
LINES: list[tuple[list[str], list[str], dict[str, Any]]] = [
    (["--lr", "0.1"], ["--lr", "{lr}"], {"lr": 0.1}),
    (["--lr=0.1"], ["--lr={lr}"], {"lr": 0.1}),
    (["-lr", "0.1"], ["-lr", "{lr}"], {"lr": 0.1}),
    (["-n", "3"], ["-n", "{n}"], {"n": 3}),
    (["lr=0.1", "model.depth=3"], ["lr={lr}", "model.depth={model.depth}"], {"lr": 0.1, "model.depth": 3}),
    (["+opt=adam", "++db/x=1"], ["+opt={opt}", "++db/x={db/x}"], {"opt": "adam", "db/x": 1}),
    (["--amp"], ["{amp?--amp}"], {"amp": True}),
    (["--amp", "--lr", "1"], ["{amp?--amp}", "--lr", "{lr}"], {"amp": True, "lr": 1}),
    (["--no-amp", "-v"], ["{no_amp?--no-amp}", "{v?-v}"], {"no_amp": True, "v": True}),
    (["--multirun", "lr=1"], ["{multirun?--multirun}", "lr={lr}"], {"multirun": True, "lr": 1}),
    (["--learning-rate", "1e-3"], ["--learning-rate", "{learning_rate}"], {"learning_rate": "1e-3"}),
    (["--shift", "-0.5"], ["--shift", "{shift}"], {"shift": -0.5}),
    (["--layers", "64", "32"], ["--layers", "{layers}", "32"], {"layers": 64}),
    (["--tag", "a", "--tag", "b"], ["--tag", "{tag}", "--tag", "{tag_2}"], {"tag": "a", "tag_2": "b"}),
    (["data.csv"], ["data.csv"], {}),
    (["--", "--lr", "0.1"], ["--", "--lr", "0.1"], {}),
    (["--name="], ["--name={name}"], {"name": ""}),
    (["--name", ""], ["--name", "{name}"], {"name": ""}),
    (["--json", '{"a": 1}', "{x}"], ["--json", "{json}", "{{x}}"], {"json": '{"a": 1}'}),
    (["--zip", "010"], ["--zip", "{zip}"], {"zip": "010"}),
    (["--token", "***"], ["--token", "{token}"], {"token": None}),
    (["--url", "https://***@host"], ["--url", "{url}"], {"url": None}),
    (["login", "***"], ["login", "{argument}"], {"argument": None}),
    (["--1x", "--__proto__", "3"], ["--1x", "--__proto__", "{proto__}"], {"proto__": 3}),
]


@pytest.mark.parametrize(("line", "argv", "params"), LINES)
def test_arguments_become_parameters(line: list[str], argv: list[str], params: dict[str, Any]) -> None:
    facts = {"executable": PYTHON, "argv": ["train.py", *line], "cwd": "/work"}
    draft = of_run("base", "default", facts, {})
    template = check(draft.template)
    assert list(template.argv) == [PYTHON, "train.py", *argv]
    assert template.params == params
    assert draft.missing == tuple(name for name, default in params.items() if default is None)
    if not draft.missing:
        assert fill(template, {}) == [PYTHON, "train.py", *line], "with the defaults it is the same command"


ARGUMENTS = st.one_of(
    st.sampled_from(
        ["--lr", "-n", "--", "--amp", "0.1", "-0.5", "a=1", "+a=b", "--x=", "***", "{", "}}", "{a}", "--t=***"]
    ),
    st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0…"), max_size=20),
)


@given(st.lists(ARGUMENTS, max_size=8))
def test_any_command_comes_back_as_it_was(line: list[str]) -> None:
    template = check(of_run("b", "e", {"executable": PYTHON, "argv": ["t.py", *line]}, {}).template)
    missing: dict[str, Any] = {name: "filled" for name, default in template.params.items() if default is None}
    filled = fill(template, missing)
    assert len(filled) == len(line) + 2
    assert [word for word in filled[2:] if "filled" not in word] == [word for word in line if "***" not in word]


COMMANDS: list[tuple[list[str], list[str]]] = [
    (["python", "-u", "-W", "error", "t.py", "--lr", "1"], ["python", "-u", "-W", "error", "t.py", "--lr", "{lr}"]),
    (["python3.11", "-m", "pkg.train", "--lr", "1"], ["python3.11", "-m", "pkg.train", "--lr", "{lr}"]),
    (["python", "-c", "print({})", "--lr", "1"], ["python", "-c", "print({{}})", "--lr", "{lr}"]),
    (["torchrun", "--nproc", "2", "train.py"], ["torchrun", "--nproc", "{nproc}", "train.py"]),
    (["bash", "run.sh"], ["bash", "run.sh"]),
    (["/opt/train"], ["/opt/train"]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "argv"), COMMANDS)
def test_a_supervised_command_was_recorded_whole(line: list[str], argv: list[str]) -> None:
    facts = {"process": {"argv": line, "cwd": "/there", "env": {"A": "b", "HF_TOKEN": None, "C": "***"}}, "argv": ["x"]}
    draft = of_run("base", "e", facts, {})
    assert list(check(draft.template).argv) == argv
    assert (draft.template.cwd, draft.template.env, draft.template.experiment) == ("/there", {"A": "b"}, "e")
    assert any("HF_TOKEN, C" in note for note in draft.notes)


def test_a_name_in_path_is_the_program_that_it_led_to(tmp_path: Path) -> None:
    folder, name = os.path.split(sys.executable)
    (tmp_path / ".aim").mkdir()
    spec = runner.Spec([name, "-c", "pass", "--lr", "1"], cwd=str(tmp_path), env={"PATH": folder})
    run = Repo(tmp_path).run(runner.start_detached(tmp_path, spec))
    assert run.facts["process"]["argv"][0] == name
    template = of_run(run.hash, run.experiment, run.facts, run.params).template
    assert template.argv == (sys.executable, "-c", "pass", "--lr", "{lr}")
    until(lambda: Repo(tmp_path).run(run.id).status != "running")


def test_a_module_is_started_as_one() -> None:
    facts = {"executable": PYTHON, "argv": ["/src/pkg/train.py", "--lr", "1"], "module": "pkg.train"}
    assert of_run("base", "e", facts, {}).template.argv == (PYTHON, "-m", "pkg.train", "--lr", "{lr}")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "no recorded command line"),
        ({"argv": [], "executable": PYTHON}, "no recorded command line"),
        ({"argv": ["x.py"]}, "no recorded command line"),
        ({"argv": [""], "executable": PYTHON}, "no recorded command line"),
        ({"argv": ["-c", "--lr", "1"], "executable": PYTHON}, "python -c"),
        ({"argv": ["x.py", "a" * 4096 + "…"], "executable": PYTHON}, "was recorded in part"),
        ({"argv": ["x.py", "a", "… 3 more"], "executable": PYTHON}, "was recorded in part"),
        ({"process": {"argv": "x"}}, "no recorded command line"),
    ],
)
def test_a_run_that_cannot_be_repeated_says_why(facts: dict[str, Any], words: str) -> None:
    with pytest.raises(LaunchError, match=words):
        of_run("base", "default", facts, {})


def test_recorded_params_are_shown_next_to_parameters() -> None:
    facts = {"executable": PYTHON, "argv": ["train.py", "--lr", "0.1", "--token", "***", "--depth", "2"]}
    params = {"hparams": {"lr": 0.05, "other": 1, "list": [1]}, "depth": 2, "deep": {"a": {"depth": 9}}}
    assert of_run("base", "default", facts, params).recorded == {"lr": 0.05, "depth": 2}


def test_differences_are_reported(tmp_path: Path) -> None:
    for name in ("objects", "refs"):
        (tmp_path / ".git" / name).mkdir(parents=True)
    (tmp_path / ".git" / "HEAD").write_text("b" * 40)
    facts = {
        "executable": sys.executable, "argv": ["train.py", "--lr", "0.1", "--token", "***", "--seed", "1"],
        "cwd": "/elsewhere", "python": "2.7.18", "git": {"commit": "a" * 40},
    }  # fmt: skip
    template = of_run("base", "default", facts, {}).template
    reported = differences(
        tmp_path, facts, {}, template.__class__(**{**vars(template), "cwd": None}), {"lr": 0.2, "token": "s"}
    )
    assert reported == [
        Difference("param", "lr", "0.1", "0.2"),
        Difference("param", "token", None, "***"),
        Difference("argument", "argument 3", "0.1", "0.2"),
        Difference("folder", "working folder", "/elsewhere", str(tmp_path)),
        Difference("commit", "git commit", "a" * 40, "b" * 40),
        Difference("python", "Python", "2.7.18", platform.python_version()),
    ]


def test_a_command_that_no_template_can_have_is_compared(tmp_path: Path) -> None:
    facts = {
        "executable": sys.executable, "argv": ["train.py", "--note", "a\0b"],
        "cwd": str(tmp_path), "python": platform.python_version(),
    }  # fmt: skip
    with pytest.raises(LaunchError, match="NUL"):
        of_run("base", "default", facts, {})
    template = Template(argv=(sys.executable, "train.py", "--note", "{note}"))
    assert differences(tmp_path, facts, {"note": "old"}, template, {"note": "new"}) == [
        Difference("param", "note", "old", "new"),
        Difference("argument", "argument 3", "a\0b", "new"),
    ]


def test_no_differences_without_changes(tmp_path: Path) -> None:
    facts = {
        "executable": sys.executable, "argv": ["train.py", "--lr", "0.1", "--amp"],
        "cwd": str(tmp_path), "python": platform.python_version(),
    }  # fmt: skip
    draft = of_run("base", "default", facts, {"lr": 0.3})
    assert differences(tmp_path, facts, {"lr": 0.3}, draft.template, {}) == []
    changed = differences(tmp_path, facts, {}, draft.template, {"amp": False})
    assert changed == [Difference("param", "amp", "True", "False"), Difference("argument", "argument 4", "--amp", None)]


def test_the_python_of_a_runner_is_not_compared(tmp_path: Path) -> None:
    facts = {"process": {"argv": [sys.executable, "t.py"], "cwd": str(tmp_path)}, "python": "2.7.18"}
    assert differences(tmp_path, facts, {}, of_run("b", "e", facts, {}).template, {}) == []


@pytest.mark.parametrize("module", ["pkg.train", "pkg"])
def test_a_real_run_of_a_module_is_repeated(tmp_path: Path, module: str) -> None:
    (tmp_path / "pkg").mkdir()
    code = "import aim\naim.Run('base').close()\n"
    for name in ("__init__.py", "train.py", "__main__.py"):
        (tmp_path / "pkg" / name).write_text(code if name != "__init__.py" else "")
    root = str(Path(aim.__file__).parent.parent)
    command = [sys.executable, "-m", module, "--lr", "0.1"]
    subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": root}, check=True)
    base = Repo(tmp_path).run("base")
    template = of_run(base.hash, base.experiment, base.facts, base.params).template
    assert (fill(template, {}), template.cwd) == (command, str(tmp_path))


def test_a_real_run_is_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["train.py", "--lr", "0.1", "--password", "hush"])
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    with aim.Run("base", repo=tmp_path) as run:
        run["hparams"] = {"lr": 0.1}
    base = Repo(tmp_path).run("base")
    draft = of_run(base.hash, base.experiment, base.facts, base.params)
    assert draft.template.argv == (sys.executable, "train.py", "--lr", "{lr}", "--password", "{password}")
    assert (draft.missing, draft.recorded) == (("password",), {"lr": 0.1})


def test_a_recorded_folder_does_not_block_others(tmp_path: Path) -> None:
    """The version of a Python is read from a file beside it, and a run may name any folder."""
    program, config = tmp_path / "bin" / "tool", tmp_path / "pyvenv.cfg"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    where = Executable(tmp_path, program)
    config.write_text("home = /usr\nversion = 3.9.1.final\n")
    assert python_version(where) == "3.9.1"
    config.write_text("#" * (1 << 20) + "\nversion = 3.9.1\n")
    assert python_version(where) is None
    config.unlink()
    os.mkfifo(config)
    assert python_version(where) is None
