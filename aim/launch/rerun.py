"""Re-run with changes: the command line of a run as a template, and what differs from that run.

`--lr 0.1`, `--lr=0.1`, `-lr 0.1`, `key=value` (Hydra) and flags become parameters. What was masked when it was recorded
must be entered again.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from aim import regular
from aim.errors import LaunchError
from aim.launch.command import NAME, Executable, Template, Value, complete, fill, place, text
from aim.launch.space import value
from aim.sdk.git import facts_of
from aim.sdk.masking import MASK

_OPTION = re.compile(r"--?[A-Za-z_][^=\s]*")
_OPTION_WITH_VALUE = re.compile(r"(--?[A-Za-z_][^=\s]*)=(.*)", re.DOTALL)
_HYDRA = re.compile(r"(\+{0,2}[A-Za-z_][A-Za-z0-9_.\-/@]*)=(.*)", re.DOTALL)
_PYTHON = re.compile(r"(?:python|pypy)[0-9.]*(?:\.exe)?")
_PYTHON_OPTION_WITH_VALUE = frozenset({"-W", "-X", "--check-hash-based-pycs"})
_CUT = "…"
_MOST = 1 << 16


@dataclass(frozen=True)
class Draft:
    """`recorded` has the params of the run with the same name as a parameter; `missing` names the masked parameters."""

    template: Template
    recorded: Mapping[str, Value]
    missing: tuple[str, ...]
    notes: tuple[str, ...]


class Difference(NamedTuple):
    """`was` or `now` is None if there is none or it is unknown."""

    kind: Literal["param", "argument", "program", "folder", "commit", "python"]
    name: str
    was: str | None
    now: str | None


def of_run(hash: str, experiment: str, facts: Mapping[str, Any], params: Mapping[str, Any]) -> Draft:
    """The template of a run's command. Raises LaunchError if its command line was not recorded in full."""
    argv = command_of(hash, facts)
    writer, head = _Parameters(), _head(argv)
    end = argv.index("--", head) if "--" in argv[head:] else len(argv)
    arguments = [_escaped(argument) for argument in argv[:head]]
    arguments += [argument for group in _groups(argv[head:end]) for argument in writer.arguments(group)]
    arguments += [writer.plain(argument) for argument in argv[end:]]
    process = facts.get("process") if isinstance(facts.get("process"), Mapping) else {}
    assert isinstance(process, Mapping)
    env = process.get("env") if isinstance(process.get("env"), Mapping) else {}
    assert isinstance(env, Mapping)
    template = Template(
        argv=tuple(arguments),
        name=f"{os.path.basename(argv[head - 1] if head else argv[0])} of {hash[:40]}",
        params=writer.params,
        cwd=_text(process.get("cwd")) or _text(facts.get("cwd")),
        env={
            str(name): str(content) for name, content in env.items() if isinstance(content, str) and MASK not in content
        },
        experiment=experiment,
    )
    missing = tuple(name for name, default in writer.params.items() if default is None)
    return Draft(template, _recorded(writer.params, params), missing, tuple(_notes(facts, missing, env)))


def command_of(hash: str, facts: Mapping[str, Any]) -> list[str]:
    """The recorded command line of a run, program first."""
    process = facts.get("process")
    if isinstance(process, Mapping) and _is_argv(process.get("argv")):
        argv = list(process["argv"])
        # A bare name would be looked up in the PATH of whoever repeats the command.
        argv[0] = argv[0] if os.sep in argv[0] else _text(process.get("program")) or argv[0]
    elif _is_argv(facts.get("argv")) and isinstance(facts.get("executable"), str) and facts["argv"][0]:
        module = _text(facts.get("module"))
        argv = [facts["executable"], *(["-m", module] if module else facts["argv"][:1]), *facts["argv"][1:]]
        if not module and argv[1] in ("-c", "-m", "-"):
            raise LaunchError(f"{hash} was not started from a script file (python {argv[1]}), so it cannot be re-run")
    else:
        raise LaunchError(
            f"run {hash} has no recorded command line; create a template with: aim template add NAME -- COMMAND"
        )
    if any(argument.endswith(_CUT) for argument in argv) or argv[-1].startswith(_CUT):
        raise LaunchError(
            f"the command line of {hash} was recorded in part; create a template with: aim template add NAME -- COMMAND"
        )
    return argv


def differences(
    root: Path, facts: Mapping[str, Any], params: Mapping[str, Any], template: Template, values: Mapping[str, Value]
) -> list[Difference]:
    """The differences to the run that recorded these facts and params."""
    argv = fill(template, values)
    where = place(root, argv, cwd=template.cwd, env=template.env)
    changes = [*_param_differences(facts, params, complete(template, values), template)]
    changes += _argument_differences(command_of("the run", facts), argv)
    folder = _text((facts.get("process") or {}).get("cwd")) or _text(facts.get("cwd"))
    if folder and Path(folder) != where.cwd:
        changes.append(Difference("folder", "working folder", folder, str(where.cwd)))
    git = facts.get("git") if isinstance(facts.get("git"), Mapping) else {}
    assert isinstance(git, Mapping)
    commit = (facts_of(str(where.cwd)) or {}).get("commit")
    if (was := _text(git.get("commit"))) != commit:
        changes.append(Difference("commit", "git commit", was, commit))
    # For a supervised command, the recorded Python is the runner's.
    python, then = python_version(where), None if facts.get("process") else _text(facts.get("python"))
    if then and python and not then.startswith(python):
        changes.append(Difference("python", "Python", then, python))
    return changes


def python_version(where: Executable) -> str | None:
    """The version of a Python, read without running it; None if unknown or not a Python."""
    program = where.program
    if program.resolve() == Path(sys.executable).resolve():
        return platform.python_version()
    try:
        # The program is one that a run names, and its folder may be anybody's.
        config = regular.read(program.parent.parent / "pyvenv.cfg", most=_MOST)
        for line in config.decode("utf-8").splitlines():
            name, _, version = line.partition("=")
            if name.strip() in ("version", "version_info"):
                return ".".join(version.strip().split(".")[:3])
    except (OSError, UnicodeDecodeError):
        pass
    named = re.fullmatch(r"python(3\.\d+)", program.resolve().name)
    return f"{named[1]}." if named else None


class _Parameters:
    """Turns recorded arguments into parameters, and collects their defaults."""

    def __init__(self) -> None:
        self.params: dict[str, Value | None] = {}

    def arguments(self, group: Sequence[str]) -> list[str]:
        """`group` is an option followed by its value, or a single argument."""
        if len(group) == 2:
            return [_escaped(group[0]), self._slot(group[0], group[1])]
        (argument,) = group
        if match := _OPTION_WITH_VALUE.fullmatch(argument) or _HYDRA.fullmatch(argument):
            return [f"{_escaped(match[1])}={self._slot(match[1], match[2])}"]
        if _OPTION.fullmatch(argument) and MASK not in argument:
            return [f"{{{self._name(argument, True)}?{_escaped(argument)}}}"]
        return [self.plain(argument)]

    def plain(self, argument: str) -> str:
        return self._slot("argument", argument) if MASK in argument else _escaped(argument)

    def _slot(self, option: str, recorded: str) -> str:
        typed = value(recorded)
        same = text(option, typed) == recorded
        return f"{{{self._name(option, None if MASK in recorded else typed if same else recorded)}}}"

    def _name(self, option: str, default: Value | None) -> str:
        """`--learning-rate` becomes learning_rate, as in argparse; a second one becomes learning_rate_2."""
        plain = option.lstrip("-+") if option.startswith(("-", "+")) else option
        plain = plain.replace("-", "_") if option.startswith("-") else plain
        plain = re.sub(r"[^A-Za-z0-9_.\-/@]", "_", plain)[:90].lstrip("_")
        plain = plain if NAME.fullmatch(plain) else f"p_{plain}" if NAME.fullmatch(f"p_{plain}") else "value"
        name, number = plain, 1
        while name in self.params:
            number += 1
            name = f"{plain}_{number}"
        self.params[name] = default
        return name


def _head(argv: Sequence[str]) -> int:
    """The number of leading arguments that name the program, and for Python its script."""
    if not _PYTHON.fullmatch(os.path.basename(argv[0])):
        return 1
    at = 1
    while at < len(argv) and argv[at].startswith("-") and argv[at] != "-":
        if argv[at] in ("-m", "-c"):
            return min(at + 2, len(argv))
        at += 2 if argv[at] in _PYTHON_OPTION_WITH_VALUE else 1
    return min(at + 1, len(argv))


def _groups(arguments: Sequence[str]) -> Iterator[Sequence[str]]:
    """Options with their values, and single arguments."""
    at = 0
    while at < len(arguments):
        argument = arguments[at]
        following = arguments[at + 1] if at + 1 < len(arguments) else None
        if _OPTION.fullmatch(argument) and following is not None and _is_value(following):
            yield (argument, following)
            at += 2
        else:
            yield (argument,)
            at += 1


def _is_value(argument: str) -> bool:
    """`-0.5` is a value; `--amp` and Hydra's `key=value` are not."""
    if argument.startswith("-"):
        return not isinstance(value(argument), str)
    return not _HYDRA.fullmatch(argument)


def _escaped(argument: str) -> str:
    return argument.replace("{", "{{").replace("}", "}}")


def _recorded(names: Mapping[str, object], params: Mapping[str, Any]) -> dict[str, Value]:
    """The recorded params with these names, at the top level or in a group."""
    flat = dict(_leaves(params))
    recorded = {}
    for name in names:
        paths = [path for path in flat if path == name or path.endswith(f".{name}")]
        if paths:
            recorded[name] = flat[min(paths, key=len)]
    return recorded


def _leaves(params: Mapping[str, Any], start: str = "") -> Iterator[tuple[str, Value]]:
    for name, param in params.items():
        if isinstance(param, Mapping):
            yield from _leaves(param, f"{start}{name}.")
        elif isinstance(param, str | int | float):
            yield f"{start}{name}", param


def _param_differences(
    facts: Mapping[str, Any], params: Mapping[str, Any], values: Mapping[str, Value], template: Template
) -> Iterator[Difference]:
    try:
        defaults = of_run("the run", "", facts, params).template.params
    except LaunchError:
        defaults = {}
    recorded = _recorded(values, params)
    for name, now in values.items():
        was = defaults.get(name)
        was = recorded.get(name) if was is None else was
        if was is None and template.params.get(name) is None:
            yield Difference("param", name, None, "***")
        elif was is None or text(name, was) != text(name, now):
            yield Difference("param", name, None if was is None else text(name, was), text(name, now))


def _argument_differences(was: Sequence[str], now: Sequence[str]) -> Iterator[Difference]:
    if was[0] != now[0]:
        yield Difference("program", "program", was[0], now[0])
    for number in range(1, max(len(was), len(now))):
        before = was[number] if number < len(was) else None
        after = now[number] if number < len(now) else None
        if before != after and MASK not in (before or ""):
            yield Difference("argument", f"argument {number}", before, after)


def _notes(facts: Mapping[str, Any], missing: Sequence[str], env: Mapping[str, Any]) -> Iterator[str]:
    if missing:
        yield f"{', '.join(missing)} was masked in the recording. Enter it again."
    hidden = [str(name) for name, content in env.items() if not isinstance(content, str) or MASK in content]
    if hidden:
        yield f"The run's environment had {', '.join(hidden)}; the values were not recorded."
    git = facts.get("git")
    if isinstance(git, Mapping) and git.get("dirty"):
        yield "The run's folder had uncommitted changes."


def _is_argv(argv: object) -> bool:
    return isinstance(argv, list) and bool(argv) and all(isinstance(argument, str) for argument in argv)


def _text(given: object) -> str | None:
    return given if isinstance(given, str) and given else None
