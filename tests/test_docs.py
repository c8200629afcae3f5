"""The documentation cannot drift: public names, commands and options are on their pages, and links lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import aim
from aim.cli.main import main

ROOT = Path(aim.__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])

if not DOCS.is_dir():
    pytest.skip("these tests need a checkout", allow_module_level=True)


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def commands(command: click.Command = main, name: str = "aim") -> Iterator[tuple[str, click.Command]]:
    """Every command that can be typed, as it is typed."""
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command)
    for word in sorted(command.list_commands(context)):
        child = command.get_command(context, word)
        assert child is not None
        if not child.hidden:
            yield from commands(child, f"{name} {word}")


COMMANDS = dict(commands())


@pytest.mark.parametrize("name", sorted(aim.__all__))
def test_every_public_name_is_in_the_sdk_page(name: str) -> None:
    assert re.search(rf"`(aim\.)?{name}\b", page("sdk.md")), f"say in docs/sdk.md what aim.{name} is for"


@pytest.mark.parametrize("typed", sorted(COMMANDS))
def test_every_command_is_in_the_cli_page(typed: str) -> None:
    command = COMMANDS[typed]
    assert command.help, f"'{typed}' has no help text"
    assert typed in page("cli.md"), f"say in docs/cli.md what '{typed}' does"
    options = [option for option in command.params if isinstance(option, click.Option) and not option.hidden]
    for option in options:
        longest = max(option.opts, key=len)
        assert longest in page("cli.md"), f"say in docs/cli.md what {longest} of '{typed}' does"


def test_the_cli_page_names_no_command_that_is_gone() -> None:
    groups = {" ".join(typed.split()[:2]) for typed in COMMANDS}
    for typed in re.findall(r"^#+ `(aim [a-z]+)", page("cli.md"), re.MULTILINE):
        assert typed in groups, f"docs/cli.md describes '{typed}', which is no command"


def test_architecture_matches_ls() -> None:
    drawn = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    entries = [path for path in (ROOT / "aim").iterdir() if path.name[0] not in "_." and path.name != "py.typed"]
    names = [f"aim/{path.name}/" if path.is_dir() else f"aim/{path.name}" for path in entries]
    assert [name for name in sorted(names) if f"`{name}`" not in drawn] == [], "give it a row in ARCHITECTURE.md"
    for name in re.findall(r"`(aim/[a-z_]+(?:\.py|/))`", drawn):
        assert (ROOT / name).exists(), f"ARCHITECTURE.md names {name}, which is gone"
    diagram = set(re.findall(r"aim/[a-z_/]*[a-z_]", drawn.split("```")[1]))
    assert [f"aim/{path.name}" for path in entries if path.is_dir() and f"aim/{path.name}" not in diagram] == []
    assert [name for name in diagram if not (ROOT / name).is_dir() and not (ROOT / f"{name}.py").is_file()] == []


@pytest.mark.parametrize("source", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(source: Path) -> None:
    text = re.sub(r"```.*?```", "", source.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:|#", target):
            assert (source.parent / target.partition("#")[0]).exists(), f"{source.name} links to {target}"


def test_each_defense_names_tests_that_are_there() -> None:
    rows = [row for row in page("security.md").splitlines() if row.startswith("| ") and not row.startswith("| what")]
    named = [re.findall(r"`(test_\w+)`", row) for row in rows]
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    there = set(re.findall(r"def (test_\w+)\(", tests))
    assert all(named) and {name for names in named for name in names} <= there
