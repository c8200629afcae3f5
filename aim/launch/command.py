"""Commands with named parameters. A value is inserted inside one argument: nothing is split, and no shell is used.

`{lr}` is replaced by the value of lr, `{{` and `}}` are literal braces, and an argument `{amp?--amp}` exists only if
amp is true. `fill` and `place` determine program, arguments and folder before anything starts.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from aim import user
from aim.errors import LaunchError
from aim.sdk.masking import MASK, is_secret, masked, masked_argv, masked_env

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.\-/@]{0,99}")
MAX_ARGUMENTS = 2_000
MAX_ARGUMENT = 100_000
MAX_COMMAND = 500_000
_PIECE = re.compile(r"(\{\{|\}\}|\{[^{}]*\}|[{}])")
_FLAG = re.compile(r"\{([^{}?]+)\?((?:[^{}]|\{\{|\}\})+)\}")
# Stands for a parameter without a value while secrets are looked for. No login is read where braces are.
_LEFT_OPEN = "\ue000"

Value = str | int | float | bool


@dataclass(frozen=True)
class Template:
    """`params` maps the names in `argv` to their defaults; None means that each start must give a value. `interpreter`,
    if given, precedes `argv`; `cwd` defaults to the folder of the repository. `own`: this user entered or agreed
    to it here; otherwise it came with the repository. `saved`: when, in seconds since 1970."""

    argv: tuple[str, ...]
    id: str = ""
    name: str = ""
    params: Mapping[str, Value | None] = field(default_factory=dict)
    cwd: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    experiment: str | None = None
    interpreter: str | None = None
    own: bool = field(default=True, compare=False)
    saved: float = field(default=0.0, compare=False)


class Executable(NamedTuple):
    """The folder and the executable file of a command."""

    cwd: Path
    program: Path


def placeholders(argv: tuple[str, ...]) -> list[str]:
    """The names of all parameters in order of appearance. Raises LaunchError for an unmatched brace."""
    return list(dict.fromkeys(name for argument in argv for name in _names(argument)))


def check(template: Template) -> Template:
    """The template with a default for every placeholder: None, or False for an optional argument. Raises LaunchError if
    it can never be started."""
    if not template.argv and not template.interpreter:
        raise LaunchError("the command is empty; enter a program and its arguments: python train.py --lr {lr}")
    names = placeholders(template.argv)
    for name in template.params:
        if name not in names:
            raise LaunchError(f"no argument contains {{{name}}}; parameters: {_listed(names)}")
    for name, default in template.params.items():
        if default is not None:
            text(name, default)
        if default is not None and _hidden(name, default):
            raise LaunchError(
                f"{name} looks like a secret, and templates are stored in the repository: remove its default"
            )
    for name, value in template.env.items():
        _check_variable(name, value)
    _check_text("the working folder", template.cwd or "")
    _check_size([*([template.interpreter] if template.interpreter else []), *template.argv])
    switches = {flag[1] for argument in template.argv if (flag := _FLAG.fullmatch(argument))}
    return Template(
        argv=template.argv,
        id=template.id,
        name=template.name.strip(),
        params={name: template.params.get(name, False if name in switches else None) for name in names},
        cwd=template.cwd or None,
        env=dict(template.env),
        experiment=template.experiment or None,
        interpreter=template.interpreter or None,
        own=template.own,
        saved=template.saved,
    )


def fill(template: Template, values: Mapping[str, Value]) -> list[str]:
    """The command with these values and the remaining defaults: program first, one item per argument."""
    names = placeholders(template.argv)
    for name in values:
        if name not in names:
            raise LaunchError(f"the command has no parameter {name!r}; parameters: {_listed(names)}")
    given = complete(template, values)
    filled = [word for argument in template.argv for word in _filled(argument, given)]
    argv = [template.interpreter, *filled] if template.interpreter else filled
    _check_size(argv)
    if not argv or not argv[0]:
        raise LaunchError("the command is empty; enter a program and its arguments: python train.py --lr {lr}")
    return argv


def complete(template: Template, values: Mapping[str, Value]) -> dict[str, Value]:
    """The value of each parameter. Raises LaunchError if a parameter has neither a value nor a default."""
    chosen: dict[str, Value] = {}
    missing = []
    for name in placeholders(template.argv):
        value = values.get(name, template.params.get(name))
        if value is None:
            missing.append(name)
        else:
            chosen[name] = value
    if missing:
        raise LaunchError(f"{', '.join(missing)} has no default; pass a value, for example {missing[0]}=VALUE")
    return chosen


def text(name: str, value: Value) -> str:
    """A value as text in an argument."""
    if not isinstance(value, str | int | float):
        raise LaunchError(f"{name} cannot be {value!r}; use a text, a number, True or False")
    shown = value if isinstance(value, str) else repr(value)
    _check_text(f"the value of {name}", shown)
    return shown


def place(root: Path, argv: list[str], *, cwd: str | None, env: Mapping[str, str]) -> Executable:
    """Raises LaunchError unless the folder exists and the program is an executable file."""
    folder = Path(os.path.normpath(root / user.expanded(cwd or "")))
    if not folder.is_dir():
        raise LaunchError(f"the working folder {folder} does not exist; create it or choose another one")
    name = user.expanded(argv[0])
    if os.sep in name:
        program = Path(os.path.normpath(folder / name))
        if not program.is_file() or not os.access(program, os.X_OK):
            raise LaunchError(f"{program} is not an executable file; start the command with a program, such as python")
        return Executable(folder, program)
    path = env.get("PATH", os.environ.get("PATH", os.defpath))
    located = shutil.which(name, path=os.pathsep.join(str(folder / part) for part in path.split(os.pathsep) if part))
    if located is None:
        raise LaunchError(f"program {name!r} was not found in PATH; use a full path, such as /usr/bin/python3")
    return Executable(folder, Path(located))


def open_values(values: Mapping[str, Value]) -> dict[str, Value]:
    """The variables without secrets."""
    return {name: value for name, value in values.items() if not _hidden(name, value)}


def _hidden(name: str, value: Value) -> bool:
    return isinstance(value, str) and (is_secret(name, value) or masked(value) != value)


def to_record(template: Template) -> dict[str, Any]:
    return {
        "name": template.name,
        "argv": list(template.argv),
        "params": dict(template.params),
        "cwd": template.cwd,
        "env": dict(template.env),
        "experiment": template.experiment,
        "interpreter": template.interpreter,
    }


def of_record(id: str, value: Any, *, own: bool, saved: float = 0.0) -> Template | None:
    """The template in a record; None if the record is invalid. Other programs may have written it."""
    if not isinstance(value, dict):
        return None
    try:
        return check(
            Template(
                argv=tuple(_texts(value["argv"])),
                id=id,
                name=str(value.get("name") or ""),
                params=dict(value.get("params") or {}),
                cwd=_text_or_none(value.get("cwd")),
                env=dict(value.get("env") or {}),
                experiment=_text_or_none(value.get("experiment")),
                interpreter=_text_or_none(value.get("interpreter")),
                own=own,
                saved=saved,
            )
        )
    except (LaunchError, KeyError, TypeError, ValueError):
        return None


def _texts(values: Any) -> list[str]:
    if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
        raise TypeError(values)
    return values


def _text_or_none(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(value)
    return value


def _names(argument: str) -> Iterator[str]:
    if flag := _FLAG.fullmatch(argument):
        yield _known_name(flag[1], argument)
        return
    for piece in _PIECE.findall(argument):
        if piece in ("{", "}"):
            raise LaunchError(f"{_short(argument)} has an unmatched brace; write {piece * 2} for {piece}")
        if piece not in ("{{", "}}"):
            yield _known_name(piece[1:-1], argument)


def _known_name(name: str, argument: str) -> str:
    if not NAME.fullmatch(name):
        cure = "parameter names look like lr or model.depth; write {{ and }} for literal braces"
        raise LaunchError(f"{{{_short(name)}}} in {_short(argument)} is not a parameter name: {cure}")
    return name


def _filled(argument: str, values: Mapping[str, Value]) -> list[str]:
    """Zero or one argument."""
    if flag := _FLAG.fullmatch(argument):
        value = values[flag[1]]
        if not isinstance(value, bool):
            raise LaunchError(f"{flag[1]} is {value!r}, but it switches an argument on or off: use True or False")
        return [flag[2].replace("{{", "{").replace("}}", "}")] if value else []

    def piece(match: re.Match[str]) -> str:
        slot = match[0]
        return slot[0] if slot in ("{{", "}}") else text(slot[1:-1], values[slot[1:-1]])

    return [_PIECE.sub(piece, argument)]


def _check_variable(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise LaunchError(f"the variable {name} is {value!r}; it must be a text")
    if not name or "=" in name or "\0" in name:
        raise LaunchError(f"{name!r} is not a valid name of an environment variable")
    _check_text(f"the variable {name}", value)


def check_no_secrets(template: Template) -> None:
    """Templates and queues are stored in the repository, so they must not contain secrets."""
    for name, open_value in masked_env(template.env).items():
        if open_value is None:
            raise LaunchError(
                f"the variable {name} looks like a secret, and this is stored in the repository. Remove it, and set "
                "it where you start Aim: commands inherit that environment"
            )
    check_open(template, {name: value for name, value in template.params.items() if value is not None})


def check_open(template: Template, values: Mapping[str, Value]) -> None:
    """Raise LaunchError if an argument looks like a secret with these values. Parameters without a value are left out
    of that, whatever the text beside them."""
    argv = [_partly_filled(argument, values) for argument in template.argv]
    shown = masked_argv(argv)
    for number, argument in enumerate(argv):
        if any(_is_written(text) for text in _hidden_texts(argument, shown[number])):
            place = " ".join(shown[max(0, number - 1) : number + 1]).replace(_LEFT_OPEN, "{}")
            raise LaunchError(
                f"{place!r} looks like a secret, and this is stored in the "
                "repository. Use a parameter such as {name} instead, or read it from the environment in the script"
            )


def _partly_filled(argument: str, values: Mapping[str, Value]) -> str:
    """The argument as the program gets it, with _LEFT_OPEN for each parameter without a value.
    An optional one is there."""
    if flag := _FLAG.fullmatch(argument):
        return flag[2].replace("{{", "{").replace("}}", "}")

    def piece(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        value = values.get(match[0][1:-1])
        return _LEFT_OPEN if value is None else text(match[0][1:-1], value)

    return _PIECE.sub(piece, argument)


def _hidden_texts(argument: str, shown: str) -> list[str]:
    """What masking replaced."""
    kept = shown.split(MASK)
    match = re.fullmatch("(.*?)".join(map(re.escape, kept)), argument, re.DOTALL)
    hidden = match.groups() if match else (argument,)
    pairs = zip(kept, hidden, strict=False)
    return [_password(text) if before.endswith("://") else text for before, text in pairs]


def _password(login: str) -> str:
    """The user name is no secret, and a parameter before a slash is a port."""
    password = login.partition(":")[2] or login
    return "" if password.startswith(f"{_LEFT_OPEN}/") else password


def _is_written(text: str) -> bool:
    """Whether more than parameters without a value, punctuation and a number is there."""
    literal = text.replace(_LEFT_OPEN, "")
    return any(letter.isalnum() for letter in literal) and not _is_number(literal)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_size(argv: list[str]) -> None:
    if len(argv) > MAX_ARGUMENTS:
        raise LaunchError(f"the command has {len(argv)} arguments; {MAX_ARGUMENTS} are allowed")
    for argument in argv:
        _check_text("an argument", argument)
    if (whole := sum(len(argument) + 1 for argument in argv)) > MAX_COMMAND:
        raise LaunchError(f"the command is {whole} characters long; {MAX_COMMAND} are allowed. Use a file instead")


def _check_text(what: str, value: str) -> None:
    if "\0" in value:
        raise LaunchError(f"{what} contains a NUL character, which is not allowed in commands; remove it")
    if len(value) > MAX_ARGUMENT:
        raise LaunchError(f"{what} has {len(value)} characters; {MAX_ARGUMENT} are allowed. Use a file instead")
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        raise LaunchError(f"{what} contains a character that cannot be encoded in a command: {_short(value)}") from None


def _listed(names: list[str]) -> str:
    return ", ".join(names) if names else "none"


def _short(value: str) -> str:
    return repr(value if len(value) <= 60 else value[:59] + "…")
