"""Whatever a script does with what is not there, it goes on."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from aim.dropins.absent import Absent, harmless


def decorated(absent: Any) -> object:
    @absent
    def function() -> int:
        return 7

    return function()


def derived(absent: Any) -> object:
    class Callback(absent):  # type: ignore[misc]
        def own(self) -> int:
            return 7

    made = Callback(1, name="x")
    made.on_step(3)
    return made.own()


USES: list[tuple[Callable[[Any], object], object]] = [
    (decorated, 7),
    (lambda absent: decorated(absent(log=True)), 7),
    (derived, 7),
    (lambda absent: list(absent), []),
    (lambda absent: len(absent), 0),
    (lambda absent: bool(absent), True),
    (lambda absent: isinstance(3, absent), False),
    (lambda absent: hasattr(absent, "__path__"), False),
    (lambda absent: 1 in absent, False),
    (lambda absent: type(absent | None), Absent),
    (lambda absent: type(absent.a.b(1)["x"].c), Absent),
    (lambda absent: type(copy.deepcopy(absent)), Absent),
    (lambda absent: type(pickle.loads(pickle.dumps(absent))), Absent),
    (lambda absent: [setattr(absent, "a", 1), absent.__setitem__("a", 1), absent.__delitem__("a")], [None] * 3),
]


@pytest.mark.parametrize(("use", "result"), USES)
def test_every_use_goes_on(use: Callable[[Any], object], result: object) -> None:
    assert use(Absent("wandb.x")) == result


def test_an_error_of_its_block_stays_an_error() -> None:
    with pytest.raises(KeyError), Absent("wandb.x"):
        raise KeyError


def test_errors_of_a_harmless_call_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    @harmless([])
    def broken() -> list[int]:
        raise ValueError("no")

    assert broken() == []
    assert capsys.readouterr().err == "aim: broken() recorded nothing: no\n"
