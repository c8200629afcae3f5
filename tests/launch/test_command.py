"""Commands with named parameters: a value stays in its argument, whatever it contains."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aim.errors import LaunchError
from aim.launch import command
from aim.launch.command import Template, check, complete, fill, of_record, place, to_record

# the arguments, the values, the result
FILLED: list[tuple[list[str], dict[str, Any], list[str]]] = [
    (["python", "train.py", "--lr", "{lr}"], {"lr": 0.1}, ["python", "train.py", "--lr", "0.1"]),
    (["p", "--lr={lr}"], {"lr": "1e-3"}, ["p", "--lr=1e-3"]),
    (["p", "{a}/{b}/{a}"], {"a": 1, "b": "x"}, ["p", "1/x/1"]),
    (["p", "{a}"], {"a": ""}, ["p", ""]),
    (
        ["p", "{a}"],
        {"a": "two words; rm -rf ~ $(id) `id` | cat > x && y"},
        ["p", "two words; rm -rf ~ $(id) `id` | cat > x && y"],
    ),
    (["p", "{a}"], {"a": "{b} {{ }}"}, ["p", "{b} {{ }}"]),
    (["p", '{{"lr": {lr}}}'], {"lr": 0.5}, ["p", '{"lr": 0.5}']),
    (["p", "{model.depth}"], {"model.depth": 3}, ["p", "3"]),
    (["p", "{amp?--amp}", "x"], {"amp": True}, ["p", "--amp", "x"]),
    (["p", "{amp?--amp}", "x"], {"amp": False}, ["p", "x"]),
    (["p", "{amp?--amp}", "x"], {}, ["p", "x"]),
    (["p", "{f?--json={{}}}"], {"f": True}, ["p", "--json={}"]),
    (["p", "{a}"], {"a": True}, ["p", "True"]),
    (["{program}", "x"], {"program": "python"}, ["python", "x"]),
]


@pytest.mark.parametrize(("argv", "values", "expected"), FILLED)
def test_values_fill_their_places(argv: list[str], values: dict[str, Any], expected: list[str]) -> None:
    assert fill(check(Template(argv=tuple(argv))), values) == expected


def test_defaults_hold_where_no_value_is_given() -> None:
    template = check(Template(argv=("{a}", "{b}"), params={"b": 2}, interpreter="/usr/bin/env"))
    assert template.params == {"a": None, "b": 2}
    assert fill(template, {"a": "x"}) == ["/usr/bin/env", "x", "2"]
    assert fill(template, {"a": "x", "b": 3}) == ["/usr/bin/env", "x", "3"]
    assert complete(template, {"a": "x"}) == {"a": "x", "b": 2}


WRONG: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"argv": ()}, {}, "the command is empty"),
    ({"argv": ("{a}",)}, {"a": ""}, "the command is empty"),
    ({"argv": ("p", "{lr}")}, {}, "lr has no default"),
    ({"argv": ("p", "{lr}")}, {"lr": 1, "rl": 2}, "no parameter 'rl'; parameters: lr"),
    ({"argv": ("p",), "params": {"lr": 1}}, {}, r"no argument contains \{lr\}; parameters: none"),
    ({"argv": ("p", "{")}, {}, r"write \{\{ for \{"),
    ({"argv": ("p", "a}b")}, {}, r"write \}\} for \}"),
    ({"argv": ("p", "{}")}, {}, "is not a parameter name"),
    ({"argv": ("p", "{0}")}, {}, "is not a parameter name"),
    ({"argv": ("p", "{__proto__}")}, {}, "is not a parameter name"),
    ({"argv": ("p", "{a b}")}, {}, "is not a parameter name"),
    ({"argv": ("p", "{a.__class__!r}")}, {}, "is not a parameter name"),
    ({"argv": ("p", "x{amp?--amp}")}, {}, "is not a parameter name"),
    ({"argv": ("p", "{a}")}, {"a": "x\0y"}, "NUL"),
    ({"argv": ("p", "x\0y")}, {}, "NUL"),
    ({"argv": ("p", "{a}")}, {"a": "x" * 100_001}, "100001 characters; 100000 are allowed"),
    ({"argv": ("p", "{a}")}, {"a": "\ud800"}, "cannot be encoded"),
    ({"argv": ("p", "{a}")}, {"a": [1]}, "use a text, a number"),
    ({"argv": ("p", "{amp?--amp}")}, {"amp": "yes"}, "True or False"),
    ({"argv": ("p", *["x"] * 2_000)}, {}, "2001 arguments; 2000 are allowed"),
    ({"argv": ("p", *["x" * 99_999] * 6)}, {}, "500000 are allowed"),
    ({"argv": ("p",), "env": {"A=B": "x"}}, {}, "not a valid name of an environment variable"),
    ({"argv": ("p",), "env": {"A": "x\0"}}, {}, "NUL"),
    ({"argv": ("p",), "env": {"A": 1}}, {}, "must be a text"),
    ({"argv": ("p",), "env": {"": "x"}}, {}, "not a valid name of an environment variable"),
    ({"argv": ("p", "{token}"), "params": {"token": "abc"}}, {}, "looks like a secret"),
    ({"argv": ("p", "{name}"), "params": {"name": "hf_abcdefghijklmnop"}}, {}, "looks like a secret"),
]


@pytest.mark.parametrize(("parts", "values", "words"), WRONG)
def test_a_command_that_cannot_start_is_refused_by_name(
    parts: dict[str, Any], values: dict[str, Any], words: str
) -> None:
    with pytest.raises(LaunchError, match=words):
        fill(check(Template(**parts)), values)


def test_a_number_with_a_secret_name_is_not_a_secret() -> None:
    assert check(Template(argv=("p", "{max_tokens}"), params={"max_tokens": 512})).params == {"max_tokens": 512}


TEXTS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=40)


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_each_value_arrives_as_one_argument(values: list[str]) -> None:
    names = [f"p{number}" for number in range(len(values))]
    template = check(Template(argv=("program", *(f"-{{{name}}}-" for name in names))))
    assert fill(template, dict(zip(names, values, strict=True)))[1:] == [f"-{value}-" for value in values]


def test_a_child_gets_metacharacters_as_they_are() -> None:
    nasty = [
        "; touch pwned",
        "$(touch pwned)",
        "`touch pwned`",
        "| tee pwned",
        "> pwned",
        "a\nb",
        "*",
        "~",
        "$HOME",
        "'",
        '"',
        "--",
    ]
    names = [f"p{number}" for number in range(len(nasty))]
    printing = "import json, sys; print(json.dumps(sys.argv[1:]))"
    template = check(Template(argv=(sys.executable, "-c", printing, *(f"{{{name}}}" for name in names))))
    argv = fill(template, dict(zip(names, nasty, strict=True)))
    assert json.loads(subprocess.run(argv, capture_output=True, text=True, check=True).stdout) == nasty


def test_records_bring_a_template_back() -> None:
    template = check(
        Template(
            argv=("p", "{a}", "{b?-b}"), id="t1", name="n", params={"a": 1}, cwd="sub", env={"X": "y"}, experiment="e"
        )
    )
    assert of_record("t1", to_record(template), own=True) == template


@pytest.mark.parametrize(
    "value",
    [None, 1, "x", [], {}, {"argv": "python"}, {"argv": [1]}, {"argv": ["{"]}, {"argv": ["p"], "env": {"A": 1}},
     {"argv": ["p"], "cwd": 1}, {"argv": ["p"], "params": {"zz": 1}}, {"removed": 1.0, "by": {}}],
)  # fmt: skip
def test_invalid_template_records_are_ignored(value: Any) -> None:
    assert of_record("t1", value, own=True) is None


def test_a_place_is_a_folder_and_a_file_that_can_be_executed(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    script = tmp_path / "sub" / "run.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    (tmp_path / "sub" / "data.txt").write_text("")
    placed = place(tmp_path, ["./run.sh"], cwd="sub", env={})
    assert placed == (tmp_path / "sub", script)
    assert place(tmp_path, ["run.sh"], cwd=None, env={"PATH": str(tmp_path / "sub")}).program == script
    assert place(tmp_path, ["run.sh"], cwd="sub", env={"PATH": "."}).program == script
    assert place(tmp_path, ["sh"], cwd=None, env={}).program.is_file()
    for argv, cwd, words in [
        (["./run.sh"], None, "not an executable file"),
        (["./data.txt"], "sub", "not an executable file"),
        (["./"], "sub", "not an executable file"),
        (["nothing-called-so"], "sub", "program 'nothing-called-so' was not found in PATH"),
        (["./run.sh"], "nowhere", "nowhere does not exist"),
        (["./run.sh"], "sub/data.txt", "does not exist"),
    ]:
        with pytest.raises(LaunchError, match=words):
            place(tmp_path, argv, cwd=cwd, env={})


def test_a_program_on_the_path_of_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable))
    name = os.path.basename(sys.executable)
    assert place(tmp_path, [name], cwd=None, env={}).program == Path(sys.executable)


def test_records_contain_no_secrets() -> None:
    values: dict[str, command.Value] = {"lr": 0.1, "token": "abc", "name": "hf_abcdefghijklmnop", "max_tokens": 3}
    assert command.open_values(values) == {"lr": 0.1, "max_tokens": 3}


OPEN: list[tuple[list[str], dict[str, command.Value]]] = [
    (["https://{user}:{word}@h/x"], {}),
    (["https://user:{word}@h"], {}),
    (["https://{one}@h/{x}"], {}),
    (["https://{host}:{port}/{x}"], {}),
    (["https://{host}:8080/{x}@{y}"], {}),
    (["--url=https://{host}:{port}/a@b"], {}),
    (["https://{host}/a?b={x}"], {"host": "h"}),
    (["--token={token}", "--max-tokens={n}", "--max-tokens=5"], {"n": 5}),
    (["--api-key", "{key}", "{fast?--fast}"], {}),
]
SECRET: list[tuple[list[str], dict[str, command.Value]]] = [
    (["https://u:hush@h/{x}"], {}),
    (["https://hush@h/{x}"], {"x": 1}),
    (["https://{user}:hush@h"], {}),
    (["--url=https://{user}:hush{x}@h/{x}"], {}),
    (["-u", "{user}:hush"], {}),
    (["postgres://{user}-a:hush@{host}/db"], {}),
    (["https://user:{word}@h"], {"word": "hush"}),
    (["--token=hush{n}"], {}),
    (["--api-key", "hush{n}"], {}),
    (["--api-key", "{key}"], {"key": "hush"}),
    (["{fast?--token=hush}"], {}),
    (["hf_hushhushhushhush{n}"], {}),
]


@pytest.mark.parametrize(("argv", "params"), OPEN)
def test_parameters_in_the_place_of_secrets_are_allowed(argv: list[str], params: dict[str, command.Value]) -> None:
    command.check_no_secrets(check(Template(argv=("p", *argv), params=params)))


@pytest.mark.parametrize(("argv", "params"), SECRET)
def test_a_secret_beside_a_parameter_or_in_its_place_is_refused(
    argv: list[str], params: dict[str, command.Value]
) -> None:
    with pytest.raises(LaunchError, match="looks like a secret") as refused:
        command.check_no_secrets(check(Template(argv=("p", *argv), params=params)))
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    ("argv", "env", "words"),
    [
        (["p"], {"A": "b", "HF_TOKEN": "x"}, "HF_TOKEN looks like a secret"),
        (["p"], {"DB": "postgres://me:hush@db/runs"}, "DB looks like a secret"),
        (["p", "--lr", "1", "--api-key", "hush"], {}, r"'--api-key \*\*\*' looks like a secret"),
        (["p", "--api-key=hush"], {}, r"'p --api-key=\*\*\*' looks like a secret"),
        (["p", "https://me:hush@host/data"], {}, "looks like a secret"),
        (["p", "--token", "{token}", "--password={word}", "--max-tokens", "512", "--n_tokens=8"], {"A": "b"}, None),
    ],
)
def test_nothing_secret_is_kept(argv: list[str], env: dict[str, str], words: str | None) -> None:
    template = Template(argv=tuple(argv), env=env)
    if words is None:
        command.check_no_secrets(template)
        return
    with pytest.raises(LaunchError, match=words) as refused:
        command.check_no_secrets(template)
    assert "hush" not in str(refused.value)
