"""Locks and cached properties for threads that work in forked children, where the parent's other threads do not
exist."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from threading import RLock
from types import TracebackType
from typing import Any, Generic, TypeVar, overload
from weakref import WeakSet

T = TypeVar("T")
_AT_ONCE = 16


class Turn:
    """A lock for `with` that is free in a forked child. `broken` is True there if another thread held it at the fork:
    that thread's change stays incomplete."""

    def __init__(self) -> None:
        self._lock = RLock()
        self.broken = False
        _turns.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def renew(self) -> None:
        """In a forked child: the lock held by the forking thread stays its own."""
        if self._lock.acquire(blocking=False):
            self._lock.release()
        else:
            self._lock, self.broken = RLock(), True


def at_once(call: Callable[[T], object], items: Collection[T]) -> None:
    """Call for all items, several at a time. Waits for the disk then take the time of a few: it answers together what
    waits together."""
    if len(items) < 2:
        for item in items:
            call(item)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(len(items), _AT_ONCE)) as pool:
        for _ in pool.map(call, items):
            pass


class cached_property(Generic[T]):
    """Like functools.cached_property, which before Python 3.12 computes under a lock shared by all objects of a class;
    a forked child may find it held."""

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> cached_property[T]: ...

    @overload
    def __get__(self, instance: object, owner: type[Any]) -> T: ...

    def __get__(self, instance: object | None, owner: type[Any]) -> cached_property[T] | T:
        if instance is None:
            return self
        value = self._compute(instance)
        return instance.__dict__.setdefault(self._name, value)  # type: ignore[no-any-return]


_turns: WeakSet[Turn] = WeakSet()


def _renew() -> None:
    for turn in list(_turns):
        turn.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
