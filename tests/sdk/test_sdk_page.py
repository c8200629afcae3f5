"""docs/sdk.md is true: its blocks run as printed, its tests exist, and no public method is missing."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

import aim
from tests.sdk.recorded import ROOT

PAGE = (ROOT / "docs" / "sdk.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.split("## Errors")[1].splitlines()
    if line.startswith("|")
][2:]


def names_of_tests_in(folder: Path) -> set[str]:
    return {
        node.name
        for path in folder.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_the_blocks_run_as_printed_one_after_the_other(here: Path) -> None:
    assert len(BLOCKS) >= 8
    for number, block in enumerate(BLOCKS):
        code = compile(block, f"docs/sdk.md, block {number + 1}", "exec", dont_inherit=True)
        exec(code, {"__name__": "__main__"})


def test_every_row_of_what_can_go_wrong_names_a_test() -> None:
    known = set().union(
        *(names_of_tests_in(ROOT / "tests" / name) for name in ("artifacts", "log", "sdk", "media", "remote"))
    )
    assert len(ROWS) >= 30
    named = [row[2].strip("`") for row in ROWS]
    assert [name for name in named if name not in known] == []
    assert len(named) == len(set(named)), "one test a row"


PUBLIC = [
    f"{owner.__name__}.{name}"
    for owner in (aim.Run, aim.Session)
    for name, member in vars(owner).items()
    if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property))
]


@pytest.mark.parametrize("member", sorted(set(PUBLIC)))
def test_every_public_method_is_on_the_page(member: str) -> None:
    owner, _, name = member.partition(".")
    spelled = f"{owner.lower()}.{name}"
    assert re.search(rf"\b{re.escape(spelled)}\b", PAGE), f"say in docs/sdk.md what {member} does"


@pytest.mark.parametrize("name", inspect.signature(aim.Run).parameters)
def test_every_argument_of_a_run_is_on_the_page(name: str) -> None:
    assert re.search(rf"^- .*`{name}\b|`{name}=", PAGE, re.MULTILINE)
