"""Texts of several values, and the trials that they define."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aim.errors import LaunchError
from aim.launch.space import Choices, Interval, parse, trials, value

VALUES: list[tuple[str, Any]] = [
    ("0.1", 0.1), ("1e-5", 1e-5), ("1E3", 1000.0), (".5", 0.5), ("1.", 1.0), ("3", 3), ("-3", -3), ("0", 0),
    ("True", True), ("False", False), ("true", "true"), ("010", "010"), ("1_000", "1_000"), ("nan", "nan"),
    ("inf", "inf"), ("1e999", "1e999"), ("adam", "adam"), ("", ""), ("0x1f", "0x1f"), ("١", "١"),
    ("12345678901234567890", "12345678901234567890"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_a_value_written_as_a_number_is_a_number(text: str, expected: Any) -> None:
    parsed = value(text)
    assert (parsed, type(parsed)) == (expected, type(expected))


PARSED: list[tuple[str, Any]] = [
    ("0.1,0.01", (0.1, 0.01)),
    ("adam, sgd", ("adam", "sgd")),
    ("one", ("one",)),
    (" padded ", (" padded ",)),
    ("", ("",)),
    ("1,1,1.0,True", (1, 1.0, True)),
    (r"a\,b,c", ("a,b", "c")),
    (r"[1\,2]", ("[1,2]",)),
    ("1..5", (1, 2, 3, 4, 5)),
    ("3..3", (3,)),
    ("-1..1", (-1, 0, 1)),
    ("0..10:5", (0, 5, 10)),
    ("0..1:0.25", (0.0, 0.25, 0.5, 0.75, 1.0)),
    ("0.1..0.3:0.1", (0.1, 0.2, 0.3)),
    ("1e-2..3e-2:1e-2", (0.01, 0.02, 0.03)),
    ("../data", ("../data",)),
    ("a/../b,...,a...b,x..", ("a/../b", "...", "a...b", "x..")),
    (r"main\..dev,1\..5,log(1\..2)", ("main..dev", "1..5", "log(1..2)")),
    ("log(1e-5..1e-1:5)", (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)),
    ("uniform(0..1:3)", (0.0, 0.5, 1.0)),
]


@pytest.mark.parametrize(("text", "expected"), PARSED)
def test_meanings_of_written_values(text: str, expected: tuple[Any, ...]) -> None:
    parsed = parse("p", text)
    assert isinstance(parsed, Choices)
    assert [(choice, type(choice)) for choice in parsed.values] == [(choice, type(choice)) for choice in expected]


def test_an_interval_has_no_end_of_values() -> None:
    assert parse("p", "log(1e-5..1e-1)") == Interval("log", 1e-5, 1e-1)
    assert parse("p", " uniform( -1 .. 1 ) ") == Interval("uniform", -1.0, 1.0)


WRONG = [
    ("5..1", "is empty; write the smaller number first"),
    ("0..1:0", "a positive step"),
    ("0..1:-1", "a positive step"),
    ("0..1:1e999", "a positive step"),
    ("0..0.5", "needs a step"),
    ("1..1e9:1", "values; 100,000 are allowed"),
    ("1..1e999:1", "are allowed"),
    ("0..1:1e-320", "are allowed"),
    ("1..x", "is not a valid range; write 1..5"),
    ("a..b", "is not a valid range; write 1..5"),
    ("x..0.5", "is not a valid range"),
    ("0.1..b", "is not a valid range"),
    ("1..3,7", "is not a valid range"),
    ("7, uniform(0..1)", "is not a valid range"),
    ("main..dev", r"write .* \\.. for two dots"),
    ("log(1..)", "is not a valid range"),
    ("log(a)", "is not a valid range"),
    ("log(0..1)", "starts at 0, but a log range needs positive numbers"),
    ("log(1..0.1)", "is an empty range"),
    ("uniform(1..1)", "is an empty range"),
    ("uniform(0..1e999)", "is an empty range"),
    ("uniform(0..1:1)", "allowed are 2 to 1000"),
    ("a,,b", "an empty value between commas"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_invalid_input_is_refused(text: str, words: str) -> None:
    with pytest.raises(LaunchError, match=words):
        parse("p", text)


def test_a_grid_has_every_combination_in_order() -> None:
    grid = trials({"lr": "0.1,0.01", "seed": "1..2", "name": "x"})
    assert grid.params == ("lr", "seed", "name")
    assert grid.rows == ((0.1, 1, "x"), (0.1, 2, "x"), (0.01, 1, "x"), (0.01, 2, "x"))
    assert grid.combinations == 4
    assert grid.assignments()[0] == {"lr": 0.1, "seed": 1, "name": "x"}
    assert trials({}).rows == ((),), "a template without parameters is one trial"


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    space = {"lr": "log(1e-5..1e-1)", "drop": "uniform(0..0.5)", "opt": "adam,sgd", "seed": "1..100"}
    sample = trials(space, sample=50, seed=7)
    assert sample == trials(space, sample=50, seed=7)
    assert sample.rows != trials(space, sample=50, seed=8).rows
    assert (len(set(sample.rows)), sample.combinations) == (50, None)
    for lr, drop, opt, seed in sample.rows:
        assert isinstance(lr, float) and isinstance(drop, float) and isinstance(seed, int)
        assert 1e-5 <= lr <= 1e-1 and 0 <= drop <= 0.5 and opt in ("adam", "sgd") and 1 <= seed <= 100


def test_a_log_range_gives_each_order_of_magnitude_alike() -> None:
    sample = trials({"lr": "log(1e-4..1)"}, sample=1000, seed=1)
    decades = [math.floor(math.log10(float(lr))) for (lr,) in sample.rows]
    assert all(180 < decades.count(decade) < 320 for decade in (-4, -3, -2, -1))


def test_a_sample_of_a_grid_has_no_trial_twice() -> None:
    sample = trials({"a": "1..20", "b": "1..20", "c": "x,y"}, sample=700)
    assert (len(set(sample.rows)), sample.combinations) == (700, 800)
    assert trials({"a": "1..3"}, sample=10).rows == ((1,), (2,), (3,)), "all where there are no more"
    huge = trials({name: "1..1000" for name in "abcdef"}, sample=3)
    assert (len(huge.rows), huge.combinations) == (3, 10**18)


@given(st.one_of(st.text(max_size=30), st.text("0123456789.,:eE+-()loguniform \\", max_size=40)))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        parsed = parse("p", text)
    except LaunchError:
        return
    assert isinstance(parsed, Interval) or parsed.values


@pytest.mark.parametrize(
    "text",
    ["1" * 90_000 + "x", "1.." + "9" * 90_000, "log(" * 20_000, "1e" * 40_000, "," * 90_000, "a.." * 30_000 + "/"],
)
def test_a_long_text_takes_no_long_time(text: str) -> None:
    """Each of these is read once; a parser that backtracked would not end."""
    try:
        parse("p", text)
    except LaunchError:
        pass


@pytest.mark.parametrize(
    ("space", "sample", "words"),
    [
        ({"a": "1..1001"}, None, "1,001 trials, but a queue can have 1,000"),
        ({"a": "1..100", "b": "1..100"}, None, "10,000 trials"),
        ({"a": "uniform(0..1)"}, None, r"write uniform\(0..1:5\)"),
        ({"a": "1,2"}, 0, "1 to 1000 trials, not 0"),
        ({"a": "1,2"}, 1001, "1 to 1000 trials, not 1001"),
    ],
)
def test_too_many_trials_are_refused(space: dict[str, str], sample: int | None, words: str) -> None:
    with pytest.raises(LaunchError, match=words):
        trials(space, sample=sample)
