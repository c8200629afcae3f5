"""Values of many runs by column, as frames have them: the distinct values, and which of them each run has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from operator import eq
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.index import state
from aim.index.schema import SEPARATOR
from aim.natural import natural
from aim.server.encoding import decode
from aim.server.frames import plain
from aim.server.wire import Param

if TYPE_CHECKING:
    from aim.index.params import CodedParam

Codes = npt.NDArray[np.int32]
# Values that are their own key, except NaN, which equals nothing.
ATOMS = frozenset((str, int, float, bool, type(None)))
# Params of so many runs are in memory at a time.
_AT_ONCE = 1_000


class Coded:
    """The distinct values of a column in order of appearance. 1, 1.0 and True differ."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[type, dict[Any, int]] = {}

    def codes(self, column: Sequence[Any]) -> Iterable[int]:
        """The places of some more values among the distinct ones."""
        kinds = set(map(type, column))
        if len(kinds) != 1 or not kinds <= ATOMS or (float in kinds and not all(map(eq, column, column))):
            return [self._code(value) for value in column]
        places = self._places.setdefault(kinds.pop(), {})
        for value in dict.fromkeys(column):
            if value not in places:
                places[value] = self._add(value)
        return map(places.__getitem__, column)

    def _code(self, value: Any) -> int:
        kind = type(value)
        itself = kind in ATOMS and value == value
        places = self._places.setdefault(kind if itself else object, {})
        key = value if itself else (kind, repr(value))
        if key not in places:
            places[key] = self._add(value)
        return places[key]

    def _add(self, value: Any) -> int:
        self.values.append(plain(value))
        return len(self.values) - 1


def coded_texts(column: Iterable[Any]) -> tuple[list[Any], Codes]:
    """The distinct values of a column of texts, and the place of each value among them; -1 for None."""
    texts = list(column)
    values = dict.fromkeys(texts)
    values.pop(None, None)
    places: dict[Any, int] = {value: place for place, value in enumerate(values)}
    places[None] = -1
    return list(values), np.fromiter(map(places.__getitem__, texts), np.int32, len(texts))


def param_columns(runs: Iterable[Mapping[str, Any]], count: int) -> tuple[list[Param], Codes]:
    """The params of `count` runs: each path with its distinct values, and each run's place among them (-1: none)."""
    table, rest = _ParamTable(count), iter(runs)
    for start in checked(range(0, count, _AT_ONCE)):
        some = list(islice(rest, _AT_ONCE))
        table.put("", np.arange(start, start + len(some)), some)
    paths = sorted(table.columns, key=natural)
    params = [Param(path=path, values=table.columns[path][0].values) for path in paths]
    return params, np.concatenate([np.zeros(0, np.int32), *(table.columns[path][1] for path in paths)])


def decoded_params(coded: Sequence[CodedParam]) -> tuple[list[Param], Codes]:
    """The same of params that were read by path."""
    params = [
        Param(path=param.path, values=[plain(value) for value in decode(f"[{','.join(param.values)}]")])
        for param in checked(coded)
    ]
    return params, np.concatenate([np.zeros(0, np.int32), *(param.codes for param in coded)])


class _ParamTable:
    """Params by path. Most runs have the same paths, so that these are handled once for many runs."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.columns: dict[str, tuple[Coded, Codes]] = {}

    def put(self, prefix: str, places: npt.NDArray[np.int64], groups: Sequence[Mapping[str, Any]]) -> None:
        """Put groups of params of some runs below a path."""
        alike: dict[tuple[str, ...], list[int]] = {}
        for at, group in enumerate(groups):
            alike.setdefault(tuple(group), []).append(at)
        for names, some in checked(alike.items()):
            columns = zip(*(groups[at].values() for at in some), strict=True)
            for name, column in zip(names, columns, strict=True):
                self._put_column(prefix + state.clean(name).replace(SEPARATOR, "."), places[some], column)

    def _put_column(self, path: str, places: npt.NDArray[np.int64], column: Sequence[Any]) -> None:
        if dict in set(map(type, column)):
            inner = [at for at, value in enumerate(column) if type(value) is dict and value]
            self.put(path and f"{path}.", places[inner], [column[at] for at in inner])
            leaves = sorted(set(range(len(column))).difference(inner))
            places, column = places[leaves], [column[at] for at in leaves]
        if len(column):
            coded, codes = self.columns.get(path) or self._new(path)
            codes[places] = np.fromiter(coded.codes(column), np.int32, len(column))

    def _new(self, path: str) -> tuple[Coded, Codes]:
        made = self.columns[path] = Coded(), np.full(self._count, -1, np.int32)
        return made
