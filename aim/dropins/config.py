"""`config` and `summary` of a run: dicts whose entries are attributes too, recorded as params."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from aim.dropins.absent import harmless, trouble
from aim.plain import shown, text_of

RecordParams = Callable[[dict[str, Any]], None]


def entries(given: Any, exclude: Iterable[str] | None = None, include: Iterable[str] | None = None) -> dict[str, Any]:
    """What a config is given as: a mapping, a Namespace or another object with attributes, or the flags of absl."""
    if given is None:
        return {}
    if isinstance(given, str):
        trouble.tell("config", f"the file {shown(given)} is not read as a config; load it and pass a dict")
        return {}
    flags = getattr(given, "FLAGS", given)
    if hasattr(flags, "flag_values_dict"):
        content = dict(flags.flag_values_dict())
    elif isinstance(given, Mapping) or hasattr(given, "keys"):
        content = {key: given[key] for key in given.keys()}  # noqa: SIM118
    elif hasattr(given, "__dict__"):
        content = dict(vars(given))
    else:
        raise TypeError(f"it takes a dict or an object with attributes, not {type(given).__name__} {shown(given)}")
    keys, wanted = set(exclude or ()), set(include or ())
    return {text_of(key): item for key, item in content.items() if key not in keys and (not wanted or key in wanted)}


class Entries:
    """A dict that records what it is given. Keys with an underscore in front are kept and not listed."""

    def __init__(self, record: RecordParams) -> None:
        self.__dict__.update(_items={}, _record=record)

    def _take(self, content: Mapping[str, Any]) -> None:
        clean = {text_of(key).strip("-"): value for key, value in content.items()}
        self._items.update(clean)
        self._record(clean)

    @harmless()
    def __setitem__(self, key: str, value: Any) -> None:
        self._take({key: value})

    def __setattr__(self, key: str, value: Any) -> None:
        self[key] = value

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):
            raise AttributeError(key)
        try:
            return self[key]
        except KeyError:
            raise AttributeError(f"there is no {key!r} here; there are {', '.join(self.keys()) or 'none'}") from None

    def __delitem__(self, key: str) -> None:
        self._items.pop(key, None)

    def __delattr__(self, key: str) -> None:
        del self[key]

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    @harmless()
    def update(self, *given: Any, allow_val_change: bool | None = None, **more: Any) -> None:
        """Values may change, with `allow_val_change` or without."""
        for each in (*given[:1], more):
            self._take(entries(each))

    @harmless()
    def setdefaults(self, given: Any) -> None:
        self._take({key: value for key, value in entries(given).items() if key not in self._items})

    def setdefault(self, key: str, value: Any = None) -> Any:
        if key not in self._items:
            self[key] = value
        return self._items.get(key)

    def get(self, key: str, otherwise: Any = None) -> Any:
        try:
            return self[key]
        except KeyError:
            return otherwise

    def keys(self) -> list[str]:
        return [key for key in self._items if not key.startswith("_")]

    def values(self) -> list[Any]:
        return [self[key] for key in self.keys()]

    def items(self) -> list[tuple[str, Any]]:
        return [(key, self[key]) for key in self.keys()]

    def as_dict(self) -> dict[str, Any]:
        return dict(self.items())

    def persist(self) -> None:
        """What is set is recorded already."""

    def __eq__(self, other: object) -> bool:
        return self.as_dict() == (other.as_dict() if isinstance(other, Entries) else other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self.as_dict())


class Config(Entries):
    """The hyperparameters of a run, the params `hparams`."""

    def __init__(self, record: RecordParams | None = None) -> None:
        super().__init__(record or _not_begun)

    def update_locked(self, given: Any, user: Any = None, **others: Any) -> None:
        self.update(given)

    merge_locked = update_locked


class Summary(Entries):
    """What a script says of the whole run, the params `summary`. Asked for a metric, its last value."""

    def __init__(self, record: RecordParams | None = None, last: Mapping[str, Any] | None = None) -> None:
        super().__init__(record or _not_begun)
        self.__dict__["_last"] = {} if last is None else last

    def __getitem__(self, key: str) -> Any:
        return self._items[key] if key in self._items else self._last[key]

    def __contains__(self, key: object) -> bool:
        return key in self._items or key in self._last

    def keys(self) -> list[str]:
        return list({**self._last, **self._items})


def _not_begun(content: dict[str, Any]) -> None:
    if content:
        trouble.tell("not begun", f"{', '.join(content):.200} is not recorded: there is no run; call init() before")


def in_notebook() -> bool:
    return "ipykernel" in sys.modules
