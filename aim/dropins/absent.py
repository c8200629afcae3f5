"""What a face does not have: it is named once when it is called, and does nothing."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

from aim.handlers import let_through
from aim.plain import shown, text_of
from aim.sdk.trouble import Trouble

_P = ParamSpec("_P")
_T = TypeVar("_T")
trouble = Trouble()


class Absent:
    """Takes every attribute, call and item. As a decorator it leaves the function alone; a class can derive from it."""

    def __init__(self, name: str, told: bool = False) -> None:
        self.__dict__.update(_name=name, _told=told)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"{self._name} has no attribute {name!r}")
        return Absent(f"{self._name}.{name}", self._told)

    def __setattr__(self, name: str, value: object) -> None:
        self._tell()

    def __delattr__(self, name: str) -> None:
        self._tell()

    def __call__(self, *args: Any, **others: Any) -> Any:
        self._tell()
        if len(args) == 1 and not others and callable(args[0]) and not isinstance(args[0], Absent):
            return args[0]
        return Absent(f"{self._name}()", True)

    def _tell(self) -> None:
        if not self._told:
            trouble.tell(self._name, f"{self._name} is not available with Aim and does nothing")

    def __getitem__(self, key: Any) -> Any:
        self._tell()
        return Absent(f"{self._name}[…]", True)

    def __setitem__(self, key: Any, value: object) -> None:
        self._tell()

    def __delitem__(self, key: Any) -> None:
        self._tell()

    def __contains__(self, value: object) -> bool:
        return False

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __next__(self) -> Any:
        raise StopIteration

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        """As any object: a callback that answers with one goes on."""
        return True

    def __enter__(self) -> Any:
        self._tell()
        return self

    def __exit__(self, *error: object) -> None:
        """Errors of the block stay errors."""

    def __or__(self, other: object) -> Any:
        return self

    __ror__ = __or__

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        self._tell()
        return (AbsentBase,)

    def __instancecheck__(self, value: object) -> bool:
        return False

    def __subclasscheck__(self, kind: type) -> bool:
        return False

    def __deepcopy__(self, memo: dict[int, Any]) -> Absent:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Absent, (self._name, self._told)

    def __repr__(self) -> str:
        return f"<{self._name}, not available with Aim>"

    __str__ = __repr__


class AbsentBase:
    """What a class derives from whose base is not there: every method that it does not have does nothing."""

    def __init__(self, *args: Any, **others: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Absent(f"{type(self).__name__}.{name}", True)


def nothing(name: str) -> Any:
    """Takes every call without a word."""
    return Absent(name, True)


def harmless(otherwise: Any = None) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """Errors of a call are printed once by its name and never reach the training; it then returns `otherwise`."""

    def wrap(call: Callable[_P, _T]) -> Callable[_P, _T]:
        @functools.wraps(call)
        def inner(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            try:
                return call(*args, **kwargs)
            except Exception as error:
                let_through(error)
                trouble.failed(f"{call.__name__}()", error)
                result: _T = otherwise
                return result

        return inner

    return wrap


def unused(call: str, given: object, name: str, reason: str) -> None:
    """Say once that a call does not use an argument, if it was given."""
    if given is not None and given is not False:
        trouble.tell(f"{call}:{name}", f"{text_of(call)} does not use {name}={shown(given, 40)}: {reason}")
