"""How many of the secrets of `shapes.py` are masked, and how many of the texts of `harmless.py`."""

from __future__ import annotations

import pytest

from aim.sdk import masking, programs
from aim.sdk.masking import masked_argv, masked_diff, masked_env
from tests.sdk import shapes
from tests.sdk.harmless import harmless

Text = list[str] | tuple[str, str] | str


def recorded(text: Text) -> str:
    """What is recorded of an argument list, a variable or a diff."""
    if isinstance(text, list):
        return "\0".join(masked_argv(text))
    if isinstance(text, tuple):
        return masked_env(dict([text]))[text[0]] or ""
    return masked_diff(text)


def whole(text: Text) -> str:
    return "\0".join(text) if isinstance(text, list) else text[1] if isinstance(text, tuple) else text


def test_at_least_95_of_100_secrets_are_masked() -> None:
    secrets = shapes.secrets()
    missed = [shape for shape in secrets if shape.secret in recorded(shape.text)]
    assert len(secrets) >= 300
    assert len(missed) <= 0.05 * len(secrets), "\n".join(f"{shape.kind}: {shape.text!r}" for shape in missed)


def test_every_kind_of_secret_is_found() -> None:
    secrets = shapes.secrets()
    masked = {shape.kind for shape in secrets if shape.secret not in recorded(shape.text)}
    assert {shape.kind for shape in secrets} - masked == set()


def test_at_most_1_of_100_harmless_texts_is_masked() -> None:
    texts = harmless()
    masked = [text for text in texts if recorded(text) != whole(text)]
    assert len(texts) == 2_000
    assert len(masked) <= 0.01 * len(texts), "\n".join(map(repr, masked))


# Each is repeated without end: a rule that begins at each of them and reads on would take forever.
HOSTILE = [
    *("token", "key.a-", "a.b://", "password=", 'password="', "password='a\"", "--token ", "a--", "://a:", "http://"),
    *(
        "eyJ",
        "eyJa.",
        "sk-",
        "x=",
        '\\"',
        "bearer ",
        "login a password ",
        "<a ",
        "<password>",
        "?sig=",
        "key=",
        "-u a:",
    ),
    *(
        "-----BEGIN PRIVATE KEY-----",
        'name="a" value="',
        '--a", default=',
        'auth=("a",',
        "authorization: ",
        "a:22:b:c:",
        "mysql -a ",
        "docker login -u ",
        "sshpass -a ",
        "sshpass ",
        "az login ",
        "sudo ",
        "docker run ",
        "mysql(-p ",
    ),
    *(
        "$6$",
        "SG.a",
        "hooks.slack.com/services/",
        "password '",
        "identified by ",
        "AaA0" * 12,
        "M" + "a" * 23 + ".",
        "İ",
    ),
    *(
        "user a on >",
        "echo a|",
        "curl a ",
        "[a.b]:22 a:",
        " -ab ",
        "mysqli('a',",
        "PDO('a',",
        "set -x a ",
        "name: a, value: ",
    ),
    *(
        "wandb login ",
        "aws config ",
        "password for a = '",
        "set_password('a', ",
        ".login('a', ",
        "{plain}",
        "a" * 79 + "AzFu",
        "-- mysql ",
        "-- npm config ",
        "-- htpasswd -b ",
    ),
    *("secret" + " " * 8, "https://a:b@", "x" * 79 + ".", "@", "a@b:c//"),
]


@pytest.mark.parametrize("size", [20_000, pytest.param(10 << 20, marks=pytest.mark.stress)])
def test_hostile_text_takes_linear_time(size: int) -> None:
    """Quadratic rules would not end within the time that a test may take."""
    part = size // len(HOSTILE)
    for piece in HOSTILE:
        masked_diff("+" + piece * (part // len(piece)) + "\n")
        masked_diff("".join(f"+{piece * (900 // len(piece))}\n" for _ in range(part // 900)))


def test_the_arguments_of_each_program_end_where_the_next_one_begins() -> None:
    names: list[str] = []
    for command in ("npm config a", "mysql a"):
        programs.secrets_of(f"-- {command} ".split() * 300, lambda name: bool(names.append(name)))
    assert 0 < len(names) <= 4 * 300
    assert programs.secrets_of("htpasswd -b a b c -- mysql -psecret".split(), bool) == {4: 0, 7: 2}


def test_every_program_is_looked_for() -> None:
    """The quick look before the search names each program of the tables, also within longer words."""
    names = {*programs._PROGRAM, *(name for placed in programs.PLACED for name in placed.names.split())}
    missing = {name for name in names if not any(hint.split()[0] in name for hint in masking._OF_PROGRAMS)}
    # Their commands are looked for.
    assert missing <= {"wandb", "vault", "cargo", "mc", "gh", *"az buildah cf crane docker helm ibmcloud".split()} | {
        *"nerdctl oc oras podman skopeo".split()
    }
