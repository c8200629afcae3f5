"""Wrong arguments are refused where a run opens; wrong values of its fields are told and change nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aim
from aim.errors import RunError
from aim.sdk.arguments import interval, moment, switch, text, whole

REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"resume": True}, RunError, "resume needs the name or id"),
    ({"resume_from": 50}, RunError, "resume needs the name or id"),
    ({"run": "a", "resume": "yes"}, TypeError, "resume='yes' must be True or False"),
    ({"experiment": "x" * 513}, ValueError, "must have 1 to 512 printable characters"),
    ({"run": 5}, TypeError, "run must be text, not int 5"),
    ({"run": 10**5000}, TypeError, "run must be text, not int 0x"),
    ({"environment": 3}, TypeError, "environment=3 must be True, False, or a list of variable names"),
    ({"environment": np.array(3)}, TypeError, r"environment=array\(3\) must be True, False"),
    ({"resume_from": np.array([1, 2]), "run": "a"}, TypeError, r"resume_from array\(\[1, 2\]\) is not an integer"),
    ({"environment": ["A", 3]}, TypeError, "must be True, False, or a list of variable names"),
    ({"repo": 3}, TypeError, "repo=3 must be the path of a folder"),
    ({"system_interval": "1"}, ValueError, "system_interval='1' must be a number of seconds"),
    ({"started_at": 10**400}, ValueError, "must be a time in seconds from 1970 to 9999"),
]


@pytest.mark.parametrize(("arguments", "error", "words"), REFUSED)
def test_a_wrong_argument_is_refused_by_its_value(
    arguments: dict[str, Any], error: type[Exception], words: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=words):
        aim.Run(**{"repo": tmp_path, **arguments})
    assert list(tmp_path.glob(".aim/runs/*")) == []


FIELDS: list[tuple[str, Any, str]] = [
    ("archived", "no", "archived='no' must be True or False"),
    ("experiment", "x" * 513, "must have 1 to 512 printable characters"),
    ("experiment", None, "experiment must be text, not None"),
    ("archived", 1, "run.archived = 1 recorded nothing: archived=1 must be True or False"),
]


@pytest.mark.parametrize(("field", "value", "words"), FIELDS)
def test_a_wrong_value_of_a_field_is_reported_and_changes_nothing(
    field: str, value: Any, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with aim.Run(repo=tmp_path) as run:
        setattr(run, field, value)
    assert words in capsys.readouterr().err
    (recorded,) = aim.select_runs(None, tmp_path)
    assert (recorded.archived, recorded.experiment) == (False, "default")


@pytest.mark.parametrize("value", [0, -1, (1 << 63) - 1, -(1 << 63), 7.0])
def test_integers_of_64_bits_are_accepted(value: Any) -> None:
    assert whole("step", value) == int(value)


@pytest.mark.parametrize("value", [1 << 63, -(1 << 63) - 1])
def test_integers_beyond_64_bits_are_refused(value: int) -> None:
    with pytest.raises(ValueError, match="does not fit in 64 bits"):
        whole("step", value)


def test_text_of_512_characters_is_accepted() -> None:
    assert text("run", "x" * 512) == "x" * 512


@pytest.mark.parametrize("value", [True, "now", float("nan"), float("inf")])
def test_a_moment_is_a_finite_number(value: Any) -> None:
    with pytest.raises(ValueError, match="must be a time in seconds from 1970 to 9999"):
        moment("started_at", value)


@pytest.mark.parametrize(
    ("given", "variable", "seconds"),
    [(None, "", 10.0), (None, "often", 10.0), (None, "0", 0.0), (None, "2.5", 2.5), (0.1, "5", 0.1), (0, "5", 0.0)],
)
def test_seconds_between_samples(
    given: float | None, variable: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIM_SYSTEM_INTERVAL", variable)
    assert interval(given) == seconds


@pytest.mark.parametrize("default", [True, False])
@pytest.mark.parametrize(
    ("given", "variable", "on"),
    [(None, "", None), (None, "maybe", None), (None, "YES", True), (None, " off ", False), (False, "1", False)],
)
def test_switches(
    given: bool | None, variable: str, on: bool | None, default: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIM_CONSOLE", variable)
    assert switch("console", given, "AIM_CONSOLE", default) is (default if on is None else on)
