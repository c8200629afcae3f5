"""Masks secrets before anything is recorded: in names, values, command lines and diffs."""

from __future__ import annotations

import re
from collections.abc import Mapping

MASK = "***"
VALUE_CHARACTERS = 1 << 12
LINE_CHARACTERS = 1_000

# Words in the names of options, variables and assignments whose values are secret. `tokenizer` and `author` are not.
_WORDS = (
    "token(?!i)",
    "secret",
    "passw",
    "passphrase",
    "(?<![a-z])pwd",
    "credential",
    "auth(?!or(?!i))",
    "private",
    "(?:api|access)[-_.]?key",
)
# Prefixes of the tokens of well-known services, and JSON Web Tokens.
_PREFIXES = ("hf_", "sk-", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxa-", "xoxb-", "xoxp-", "AKIA", "AIza")
# Up to the last `@` of the word: passwords hold `@` and, after `user:`, also `/`. The repeat is bounded as below.
_LOGIN = re.compile(r"(\b[a-z][a-z0-9+.\-]{0,20}://)(?:[^\s/:]*:\S{0,1000}|[^\s/]+)@", re.IGNORECASE)
_OPTION = re.compile(r"[-+~\w.]+")
_NAME = re.compile("|".join(_WORDS), re.IGNORECASE)
_TOKEN = re.compile(
    rf"\b(?:{'|'.join(_PREFIXES)})[A-Za-z0-9_\-]{{12,}}"
    r"|\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*"
)
# Only for variables: on a command line these are commits, checksums and long model names, which a re-run needs.
_RANDOM = re.compile(r"\b[0-9a-f]{40,}\b|\b(?=[A-Za-z_+]*\d)(?=[a-z\d_+]*[A-Z])(?=[A-Z\d_+]*[a-z])[A-Za-z\d_+]{32,}\b")
# A quoted value, or one that is neither a number nor code, after a secret name. Repeats are bounded, because the regex
# may try them at every place of a line.
_ASSIGNMENT = re.compile(
    rf"""
    (?P<name>(?:{"|".join(_WORDS)})\w{{0,20}}["']?\s{{0,8}}[:=]\s{{0,8}})
    (?P<value>[frbu]{{0,2}}"[^"]+"|[frbu]{{0,2}}'[^']+'
    |(?![\d.eE_+\-]+(?:[\s,;)\]}}]|\Z))(?=\S*\d)[^\s"',;()\[\]{{}}]{{6,}}(?=[\s,;)\]}}]|\Z))""",
    re.IGNORECASE | re.VERBOSE,
)
# A line with none of these needs no closer look.
_HINTS = (
    *("token", "secret", "passw", "passphrase", "pwd", "credential", "auth", "private", "key", "://", "eyj"),
    *(prefix.lower() for prefix in _PREFIXES),
)
_KEY_BEGINS, _KEY, _KEY_ENDS = "-----begin ", "private key", "-----end "


def is_secret_name(name: str) -> bool:
    """Whether values with this name are masked when they are recorded."""
    return bool(_NAME.search(name))


def masked(text: str) -> str:
    """`text` with logins in URLs and well-known forms of tokens replaced."""
    text = _LOGIN.sub(rf"\g<1>{MASK}@", text) if "@" in text else text
    return _TOKEN.sub(MASK, text)


def masked_argv(argv: list[str]) -> list[str]:
    """A command line with the values of options that have secret names replaced, and secrets in other arguments. The
    word after such an option is its value even if it begins with `--`: nothing here tells a flag from an option."""
    shown: list[str] = []
    hide_next = False
    for argument in argv:
        name, equals, _ = argument.partition("=")
        option = bool(equals) or argument.startswith("-")
        secret = option and bool(_OPTION.fullmatch(name)) and is_secret_name(name)
        if hide_next:
            shown.append(MASK)
        elif secret and equals:
            shown.append(f"{name}={MASK}")
        else:
            shown.append(masked(argument))
        hide_next = secret and not equals
    return shown


def masked_env(env: Mapping[str, str]) -> dict[str, str | None]:
    """Variables as they may be recorded: None if the name or the value is secret. Long values are cut."""
    return {name: None if _is_secret(name, value) else _cut(value) for name, value in env.items()}


def masked_diff(text: str) -> str:
    """A diff with the values of secret names, tokens, and private keys replaced."""
    shown: list[str] = []
    in_key = False
    for line in text.splitlines(keepends=True):
        lowered = line.lower()
        if in_key or _KEY_BEGINS in lowered and _KEY in lowered:
            in_key = _KEY_ENDS not in lowered
            line = f"{line[:1]}{MASK}\n"
        elif any(hint in lowered for hint in _HINTS):
            line = _masked_line(line)
        shown.append(line)
    return "".join(shown)


def _is_secret(name: str, value: str) -> bool:
    value = value[:VALUE_CHARACTERS]
    return is_secret_name(name) or bool(_RANDOM.search(value)) or masked(value) != value


def _cut(value: str) -> str:
    return value if len(value) <= VALUE_CHARACTERS else value[:VALUE_CHARACTERS] + "…"


def _masked_line(line: str) -> str:
    if len(line) > LINE_CHARACTERS:
        return f"{line[:1]}{MASK} {len(line):,} characters that may hold a secret\n"
    return _ASSIGNMENT.sub(rf"\g<name>{MASK}", masked(line))
