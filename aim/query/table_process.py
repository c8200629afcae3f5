"""What a process of its own does with recorded tables, which may come from strangers: it reads rows and images of the
files in one folder, and no other file, with limits of memory and time."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import Any

from aim import engine
from aim.engine import TableTest
from aim.errors import EngineError, QueryError
from aim.media.apart import limit_memory
from aim.query.joined import JoinedPart, JoinedTable

MEMORY = 3 << 30
Task = dict[str, Any]


def answer(task: Task) -> Task:
    """`folder` of a task has the files 0, 1, and so on, and `parts` says the run and the step of each. `ask` is rows or
    image. An answer may be `refused`, for what was asked, or a `problem` of the files."""
    try:
        _restrict(task["folder"])
        table = _opened(task["folder"], tuple(map(tuple, task["parts"])))
        return _ANSWERS[task["ask"]](table, task)
    except QueryError as error:
        return {"refused": str(error)}
    except (EngineError, ValueError) as error:
        return {"problem": str(error)}
    except MemoryError:
        return {"problem": "it takes too much memory"}


@cache
def _restrict(folder: str) -> None:
    limit_memory(MEMORY)
    engine.restrict(Path(folder))


@cache
def _opened(folder: str, parts: tuple[tuple[str, int], ...]) -> JoinedTable:
    return JoinedTable([JoinedPart(run, step, Path(folder, str(number))) for number, (run, step) in enumerate(parts)])


def _rows(table: JoinedTable, task: Task) -> Task:
    """Rows from `offset` to `stop`, whose texts have at most `most` characters, and `characters` together. Without
    `most`, texts are whole, and the last rows are left out instead."""
    order = table.order([(column, down) for column, down in task["sort"]], _tests(table, task["where"]), task["stop"])
    chosen = order.rows[task["offset"] : task["stop"]]
    if "most" in task:
        most = min(task["most"], max(20, task["characters"] // (max(1, len(chosen)) * len(table.columns))))
        read = table.read(chosen, most)
    else:
        read = _first(table.read(chosen, 1 << 30), task["characters"])
    return {"columns": table.columns, "rows": table.rows, "matched": order.matched, "read": read}


def _first(rows: list[tuple[Any, ...]], characters: int) -> list[tuple[Any, ...]]:
    """So many that their texts have so many characters together, but one at least."""
    for number, row in enumerate(rows):
        characters -= sum(len(cell) for cell in row if isinstance(cell, str))
        if characters < 0 and number:
            return rows[:number]
    return rows


def _tests(table: JoinedTable, tests: list[list[Any]]) -> list[TableTest]:
    """Times are seconds in a task, and microseconds in a table."""
    return [
        TableTest(column, find, pattern, *(None if end is None else end * _scale(table, column) for end in ends))
        for column, find, pattern, *ends in tests
    ]


def _scale(table: JoinedTable, column: int) -> float:
    return 1e6 if table.column(column).kind == "time" else 1


def _image(table: JoinedTable, task: Task) -> Task:
    image = table.image(task["part"], task["column"], task["row"])
    return {"image": None if image is None else base64.b64encode(image).decode()}


_ANSWERS = {"rows": _rows, "image": _image}
