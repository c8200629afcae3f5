"""Finds secrets in command lines of programs whose short options have secret values, as in `mysql -psecret`. A program
counts where a command begins, and not among the arguments of another one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple


class Program(NamedTuple):
    """`options` have a secret value, which follows as the next argument (`apart`) or in the same (`joined`). `command`:
    the one of its commands that has the options."""

    names: str
    options: tuple[str, ...]
    apart: bool = True
    joined: bool = False
    command: str = ""


# After mysql -p comes the name of a database.
PROGRAMS = (
    Program("sshpass", ("-p",), joined=True),
    Program("mysql mysqladmin mysqlbinlog mysqlcheck mysqldump mysqlimport mysqlpump mysqlsh mysqlshow mysqlslap "
            "mariadb mariadb-admin mariadb-binlog mariadb-check mariadb-dump mariadb-import mariadb-show mariadb-slap",
            ("-p",), apart=False, joined=True),
    Program("mydumper myloader", ("-p",), joined=True),
    Program("redis-cli redis-benchmark valkey-cli valkey-benchmark", ("-a",)),
    Program("mongo mongosh mongodump mongorestore mongoexport mongoimport mongostat mongotop", ("-p",), joined=True),
    Program("sqlcmd bcp isql osql tsql", ("-P",), joined=True),
    Program("cqlsh beeline cypher-shell", ("-p",)),
    Program("http https xh xhs", ("-a",)),
    Program("smbclient", ("-U",), joined=True),
    Program("useradd usermod rdesktop psexec twine", ("-p",)),
    Program("xfreerdp wlfreerdp sdl-freerdp", ("/p:",), apart=False, joined=True),
    Program("lftp", ("-u",)),
    Program("anaconda", ("-t",)),
    Program("gh", ("--body", "-b"), command="secret"),
    Program("poetry", ("-p",), command="publish"),
    Program("ldapadd ldapcompare ldapdelete ldapmodify ldapmodrdn ldappasswd ldapsearch ldapwhoami", ("-w",),
            joined=True),
    Program("mosquitto_pub mosquitto_sub mosquitto_rr ipmitool", ("-P",)),
    Program("snmpget snmpgetnext snmpset snmpwalk snmptrap snmpbulkget snmpbulkwalk", ("-A", "-X")),
    Program("zip unzip zipcloak", ("-P",), joined=True),
    Program("7z 7za 7zz 7zr", ("-p",), apart=False, joined=True),
    Program("rar unrar", ("-p", "-hp"), apart=False, joined=True),
    Program("ssh-keygen", ("-N", "-P")),
    Program("openssl", ("-k", "-K", "-pass", "-passin", "-passout")),
    Program("keytool", ("-storepass", "-keypass", "-srcstorepass", "-deststorepass")),
    Program("plink pscp psftp putty", ("-pw",)),
    Program("az buildah cf crane docker helm ibmcloud nerdctl oc oras podman skopeo", ("-p",), joined=True,
            command="login"),
)  # fmt: skip


class Placed(NamedTuple):
    """Of these programs, the argument with this number after `command` is secret, options not counted. `long`: only one
    that looks like a token."""

    names: str
    command: str
    number: int = 0
    long: bool = False


PLACED = (
    Placed("wandb vault cargo", "login", long=True),
    Placed("nuget", "setapikey", long=True),
    Placed("rabbitmqctl", "add_user", 1),
    Placed("rabbitmqctl", "change_password", 1),
    Placed("net", "user", 1),
    Placed("mc", "set", 3),
    Placed("htpasswd mosquitto_passwd", "-b", 2),
    Placed("htpasswd mosquitto_passwd", "-bc", 2),
)
# They take the name of a setting and then its value: `aws configure set aws_secret_access_key ...`.
_SETTINGS = frozenset("aws dvc nmcli npm poetry".split())
_SETS = {"config", "configure", "connect", "modify"}
_PROGRAM = {name: program for program in PROGRAMS for name in program.names.split()}
_PLACED = {
    name: [placed for placed in PLACED if name in placed.names.split()] for row in PLACED for name in row.names.split()
}
_KNOWN = {*_PROGRAM, *_SETTINGS, *_PLACED}
# Another command line follows their options, and so many other arguments: a host, a container, a user.
_WRAPPERS = {
    **dict.fromkeys(
        "sshpass sudo doas env nohup nice time timeout ionice stdbuf setsid xargs exec command builtin watch strace "
        "ltrace chrt taskset numactl mpirun mpiexec srun unbuffer caffeinate busybox parallel".split(),
        0,
    ),
    **dict.fromkeys("ssh gosu su-exec flock docker podman nerdctl docker-compose".split(), 1),
}
_CONTAINERS = ("docker", "podman", "nerdctl", "docker-compose")
# Before the name of a program, in a shell, a prompt, a diff or a file of containers.
_LEADING = frozenset(
    "if then else elif do while until ! { ( $ # > % + - RUN CMD ENTRYPOINT ExecStart= run: script: test: command: cmd: "
    "entrypoint: exec: shell:".split()
)
_WORDS = re.compile(r"(?P<ends>[\n;|&]+)|[^\s\"'|;&\\]*(?:\\(?![\"'\s])[^\s\"'|;&\\]*)*")
_ASSIGNED = re.compile(r"\w+=[^(`]*")
_AMOUNT = re.compile(r"\d+[smhd]?")
_PLACE = re.compile(r"[/\\(`]")


class CommandWord(NamedTuple):
    text: str
    begin: int
    end: int


def secrets_of(argv: Sequence[str], is_secret_name: Callable[[str], bool]) -> dict[int, int]:
    """Which arguments hold a secret, or a place for one, and after how many characters."""
    return {
        begin + at: after
        for begin, end in pairwise([*_called(argv), len(argv)])
        for at, after in _of_program(argv[begin:end], is_secret_name).items()
    }


def _of_program(argv: Sequence[str], is_secret_name: Callable[[str], bool]) -> dict[int, int]:
    """What `secrets_of` returns, of one program and its arguments up to the next program."""
    name = _name(argv[0])
    shown = _of_options(argv, _PROGRAM[name]) if name in _PROGRAM else {}
    return shown | dict.fromkeys([*_placed(argv, name), *_settings(argv, name, is_secret_name)], 0)


def secrets_in(text: str, is_secret_name: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """Where the command lines in a text have a secret, also as lists of arguments."""
    for words in _commands(text):
        for at, shown in secrets_of([word.text for word in words], is_secret_name).items():
            yield words[at].begin + shown, words[at].end


def _commands(text: str) -> Iterator[list[CommandWord]]:
    """The words of each command. One begins in quotes only if a space follows its first word: others are arguments."""
    words: list[CommandWord] = []
    for match in _WORDS.finditer(text):
        begin, end = match.span()
        begin += match[0][:1] in ("+", "-") and (begin == 0 or text[begin - 1] == "\n")  # of a diff
        word = CommandWord(text[begin:end], begin, end)
        if not word.text.strip(","):
            continue
        if match["ends"] or _begins(text, word, words):
            if words:
                yield words
            words = []
        if not match["ends"]:
            words.append(word)
    if words:
        yield words


def _begins(text: str, word: CommandWord, words: list[CommandWord]) -> bool:
    if not words:
        return False
    before = words[-1].text
    of_shell = before[0] != "-" or before.endswith("c")
    if text[word.begin - 1] in "\"'" and text[word.end : word.end + 1] == " " and of_shell:
        return True
    if before[-1] in "([{=`" and before[0] != "-":
        return True
    return word.text.startswith(("$(", "`")) or "(" in word.text and word.text[0] != "-" and before[0] != "-"


def _called(argv: Sequence[str]) -> Iterator[int]:
    """Where programs of the table stand: where the command line begins, after wrappers, and after `--`."""
    at = 0
    while at < len(argv):
        name = _name(argv[at])
        following = _wrapped(argv, at, name)
        if name in _KNOWN and (following is None or name not in _CONTAINERS):
            yield at
        if following is None and argv[at] not in _LEADING and not _ASSIGNED.fullmatch(argv[at]):
            following = _after_dashes(argv, at)
        at = at + 1 if following is None else following


def _after_dashes(argv: Sequence[str], at: int) -> int:
    try:
        return argv.index("--", at) + 1
    except ValueError:
        return len(argv)


def _wrapped(argv: Sequence[str], at: int, name: str) -> int | None:
    """Where the command line within one of a wrapper begins; None if this is none."""
    if name not in _WRAPPERS:
        return None
    if name not in _CONTAINERS:
        return _after_options(argv, at + 1, _WRAPPERS[name], strict=name == "sshpass")
    near = range(at + 1, min(at + 6, len(argv)))
    starts = next((place for place in near if argv[place] in ("exec", "run")), None)
    return None if starts is None else _after_options(argv, starts + 1, _WRAPPERS[name])


def _after_options(argv: Sequence[str], begin: int, others: int, *, strict: bool = False) -> int:
    """Where a command line begins after options of a wrapper, their values, and so many other arguments. The name of a
    program may be the value of an option if there are others, or if `strict`."""
    was_option = False
    for at in range(begin, len(argv)):
        word = argv[at]
        if word == "--":
            return at + 1
        if word.startswith("-") or _ASSIGNED.fullmatch(word) or _AMOUNT.fullmatch(word):
            was_option = word.startswith("-")
            continue
        known = _name(word) in _KNOWN or _name(word) in _WRAPPERS
        if known and not (was_option and (others or strict)) or not was_option and not others:
            return at
        others -= not was_option
        was_option = False
    return len(argv)


def _name(word: str) -> str:
    """`mysql` of `/usr/bin/mysql`, `mysql.exe` and `$(mysql`."""
    name: str = _PLACE.split(word[-300:])[-1]
    return name.lstrip("-@!$").lower().removesuffix(".exe")


def _of_options(argv: Sequence[str], program: Program) -> dict[int, int]:
    """What `secrets_of` returns, of one program and its arguments."""
    shown: dict[int, int] = {}
    begin = _after_command(argv, program.command) if program.command else 1
    for at in range(begin, len(argv)):
        argument = argv[at]
        option = next((option for option in program.options if argument.startswith(option)), None)
        if program.names == "sshpass" and (shown or not argument.startswith("-")):
            break
        if argument == option and program.apart and at + 1 < len(argv):
            shown[at + 1] = 0
        elif option not in (None, argument) and program.joined and at not in shown:
            shown[at] = len(option or "")
    return shown


def _placed(argv: Sequence[str], name: str) -> Iterator[int]:
    for placed in _PLACED.get(name, ()):
        if placed.command in argv[1:]:
            after = argv.index(placed.command, 1) + 1
            words = [at for at in range(after, len(argv)) if not argv[at].startswith("-")]
            at = words[placed.number] if placed.number < len(words) else None
            if at is not None and (not placed.long or len(argv[at]) >= 16 and any(map(str.isdigit, argv[at]))):
                yield at


def _settings(argv: Sequence[str], name: str, is_secret_name: Callable[[str], bool]) -> Iterator[int]:
    if name not in _SETTINGS or _SETS.isdisjoint(argv[1:]):
        return
    for at in range(2, len(argv)):
        if is_secret_name(argv[at - 1]) and not argv[at - 1].startswith("-") and not argv[at].startswith("-"):
            yield at


def _after_command(argv: Sequence[str], command: str) -> int:
    """Where the arguments of this command begin; the end if another one is called."""
    for at in range(1, len(argv)):
        if argv[at] == command:
            return at + 1
        if not argv[at].startswith("-") and not argv[at - 1].startswith("-") and argv[at] not in ("acr", "registry"):
            break
    return len(argv)
