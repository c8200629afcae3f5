"""What users hand in becomes plain values and text, whatever its class says of itself."""

from __future__ import annotations

import enum
import math
from typing import Any

import numpy as np
import pytest

from aim.plain import builtin, distinct, is_masked, shown, text_of, typed


class Split(str, enum.Enum):
    TRAIN = "train"


class Level(enum.IntEnum):
    HIGH = 3


class Rate(float, enum.Enum):
    SLOW = 0.5


class Mode(enum.Enum):
    FAST = 1


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Loud(str):
    def __str__(self) -> str:
        return "LOUD"


class Named:
    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


class Broken:
    def __str__(self) -> str:
        raise ZeroDivisionError

    __repr__ = __str__


VALUES: list[tuple[Any, Any, str]] = [
    ("train", "train", "train"),
    (Split.TRAIN, "train", "train"),
    (Loud("x"), "x", "x"),
    (np.str_("x"), "x", "x"),
    (Level.HIGH, 3, "3"),
    (Rate.SLOW, 0.5, "0.5"),
    (Mode.FAST, "FAST", "FAST"),
    (Access.READ, "READ", "READ"),
    (np.float64(0.1), 0.1, "0.1"),
    (np.int64(3), 3, "3"),
    (np.bool_(True), True, "True"),
    (True, True, "True"),
    (None, None, "None"),
    (Named("own"), None, "own"),
    (Broken(), None, "Broken"),
    (1 << 4000, 1 << 4000, hex(1 << 4000)),
    (10**6000, 10**6000, hex(10**6000)),
]


@pytest.mark.parametrize(("value", "plain", "text"), VALUES, ids=range(len(VALUES)))
def test_values(value: Any, plain: Any, text: str) -> None:
    converted = builtin(value)
    if isinstance(value, (Named, Broken)):
        assert converted is value
    else:
        assert (type(converted), converted) == (type(plain), plain)
    assert (type(text_of(value)), text_of(value)) == (str, text)


KEYS: list[tuple[list[Any], list[str]]] = [
    (["a", "b"], ["a", "b"]),
    ([1, "1"], ["1 (int)", "1"]),
    (["1", 1, 1.5], ["1", "1 (int)", "1.5"]),
    ([Split.TRAIN, "train"], ["train (Split)", "train"]),
    ([Named("x"), Named("x"), Named("x"), "x"], ["x (Named)", "x (Named 2)", "x (Named 3)", "x"]),
    (["1 (int)", 1, "1"], ["1 (int)", "1 (int 2)", "1"]),
    ([None, "None", Broken()], ["None (NoneType)", "None", "Broken"]),
]


@pytest.mark.parametrize(("keys", "texts"), KEYS, ids=range(len(KEYS)))
def test_keys_never_collide(keys: list[Any], texts: list[str]) -> None:
    told: list[tuple[str, str]] = []
    converted = distinct(keys, lambda text, why: told.append((text, why)))
    assert [text for text, _ in converted] == texts and [key for _, key in converted] == keys
    assert len(told) == sum(text != text_of(key) for text, key in converted)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "'x'"),
        (Broken(), "<Broken instance"),
        (10**6000, "0x"),
        ([1] * 1000, "[1, 1, 1, 1, 1, 1, ...]"),
        ("x" * 1000, "'xxx"),
    ],
    ids=["text", "broken", "digits", "list", "long"],
)
def test_texts_in_messages_are_short_and_never_raise(value: Any, text: str) -> None:
    assert shown(value).startswith(text) and len(shown(value)) <= 80


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        (np.ma.masked, True),
        (np.ma.array([5.0], mask=[True]), True),
        (np.ma.array([1.0, 2.0], mask=True).mean(), True),
        (np.ma.array([5.0], mask=[False]), False),
        (np.ma.array([1.0, 2.0], mask=True), False),
        (np.array([5.0]), False),
        (5.0, False),
    ],
)
def test_a_masked_element_has_no_value(value: Any, masked: bool) -> None:
    assert is_masked(value) is masked


TYPED: dict[str, Any] = {
    "0.1": 0.1, "1e-05": 1e-05, "1e-3": 1e-3, "1.0e-05": 1e-05, "-3": -3, "-0.0": -0.0, "0": 0, "1.0": 1.0, "100": 100,
    "18446744073709551616": 2**64, "True": True, "None": None, "inf": math.inf, "-inf": -math.inf, "2.5e+20": 2.5e20,
    **{text: text for text in ("adam", "", "1_000", "0012", "+1", "1.50", "3.10", "1.", ".5", " 1", "-0", "\u0663")},
    "9" * 5000: "9" * 5000, "1e999": "1e999", "1e9999": "1e9999", "1e": "1e", "true": "true",
    "NaN": "NaN", "0x10": "0x10",
}  # fmt: skip


@pytest.mark.parametrize("text", TYPED, ids=range(len(TYPED)))
def test_a_param_is_a_number_if_it_is_written_as_one_and_loses_no_digit(text: str) -> None:
    assert repr(typed(text)) == repr(TYPED[text])
