"""One meaning for each class name, with an underscore before it or not, and private names stay in their module."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import aim

PACKAGE = Path(aim.__file__).parent
# Variables whose name says nothing about what they are, and how many there still are. New ones are not added.
VAGUE = {"found": 6, "one": 1}
# Names that users import: each framework has its callback, a run is recorded by one class and read by another, and
# databases have tables too.
PUBLIC = {"AimCallback", "AimLogger", "Run", "Table"}
# A message of the wire may have the name of what it describes.
MESSAGES = {
    *(
        "ArtifactFile",
        "Bookmark",
        "Bookmarks",
        "Completion",
        "Dashboard",
        "Dashboards",
        "Difference",
        "Draft",
        "Environment",
        "Experiment",
        "Experiments",
        "Facts",
    ),
    *("Indexing", "MediaSeries", "MetricColumn", "Note", "Numbers", "Overview", "ParamColumn", "Process", "Queue"),
    *("Tag", "Tags", "Template", "Trial"),
}

Class = tuple[Path, str]


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def nodes(tree: ast.AST) -> list[ast.AST]:
    return list(ast.walk(tree))


@cache
def classes(tree: ast.AST) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in nodes(tree) if isinstance(node, ast.ClassDef)}


def aliases(tree: ast.Module) -> Iterator[str]:
    """The types that a module gives a name, such as `Points = dict[int, float]`."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, (ast.Subscript, ast.BinOp, ast.Name)):
            yield from (target.id.removeprefix("_") for target in node.targets if isinstance(target, ast.Name))


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and not name.endswith("_")


def defined(node: ast.AST) -> Iterator[str]:
    """The private attributes and methods that a class gives to its objects."""
    for part in nodes(node):
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield part.name
        elif isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
            yield part.attr
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id


@cache
def private_names() -> dict[Class, set[str]]:
    """Of each class."""
    return {
        (path, name): {given for given in defined(node) if is_private(given)}
        for path, tree in trees().items()
        for name, node in classes(tree).items()
    }


def module(imported: str) -> Path:
    path = PACKAGE.parent.joinpath(*imported.split("."))
    return path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"


@cache
def imported(path: Path) -> dict[str, Class]:
    """The names that a module takes from other modules of the package."""
    taken = [node for node in nodes(trees()[path]) if isinstance(node, ast.ImportFrom) and node.module]
    return {
        alias.asname or alias.name: (module(node.module or ""), alias.name) for node in taken for alias in node.names
    }


def ancestors(path: Path, node: ast.ClassDef) -> Iterator[Class]:
    for base in node.bases:
        name = base.value if isinstance(base, ast.Subscript) else base
        if not isinstance(name, ast.Name):
            continue
        place = (path, name.id) if name.id in classes(trees()[path]) else imported(path).get(name.id)
        if place in private_names():
            yield place
            yield from ancestors(place[0], classes(trees()[place[0]])[place[1]])


def inherited(path: Path) -> Iterator[str]:
    """The private names of a class in another module that a class here uses or replaces."""
    for name, node in classes(trees()[path]).items():
        theirs = {given for where in ancestors(path, node) if where[0] != path for given in private_names()[where]}
        used = {part.attr for part in nodes(node) if isinstance(part, ast.Attribute)} | private_names()[path, name]
        yield from (f"{name}.{given}" for given in sorted(theirs & used))


def taken(path: Path) -> Iterator[str]:
    """The private names that this module reads from objects and modules that it does not define."""
    theirs = frozenset().union(*private_names().values()) - set(defined(trees()[path]))
    for node in nodes(trees()[path]):
        if isinstance(node, ast.Attribute) and node.attr in theirs and ast.unparse(node.value) not in ("self", "cls"):
            yield ast.unparse(node)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("aim"):
            yield from (f"{node.module}.{alias.name}" for alias in node.names if is_private(alias.name))


def is_message(path: Path) -> bool:
    return PACKAGE / "server" / "wire" in path.parents


def test_a_class_name_has_one_meaning() -> None:
    places: dict[str, list[Path]] = {}
    for path, tree in trees().items():
        for name in classes(tree):
            places.setdefault(name.removeprefix("_"), []).append(path)
    several = {name: paths for name, paths in places.items() if len(paths) > 1 and name not in PUBLIC}
    messages = {name for name, paths in several.items() if len(paths) == 2 and sum(map(is_message, paths)) == 1}
    assert several.keys() - messages == set(), "two classes of one name: give one of them its own"
    assert messages == MESSAGES, "a message of the wire with the name of another thing needs its own"
    second = {name for path, tree in trees().items() if not is_message(path) for name in aliases(tree)}
    assert second & places.keys() == set(), "a class and a type alias of one name"


def test_private_names_stay_in_their_module() -> None:
    reached = {path.relative_to(PACKAGE).as_posix(): [*inherited(path), *taken(path)] for path in trees()}
    assert {path: names for path, names in reached.items() if names} == {}


def test_variables_say_what_they_are() -> None:
    names = Counter(
        node.arg if isinstance(node, ast.arg) else node.id
        for tree in trees().values()
        for node in nodes(tree)
        if isinstance(node, ast.arg) or isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    assert {name: names[name] for name in VAGUE if names[name] > VAGUE[name]} == {}
