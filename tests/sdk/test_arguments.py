"""Wrong arguments are refused where a run opens; wrong values of its fields are told and change nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import aim
from aim.errors import RunError

REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"resume": True}, RunError, "resume needs the name or id"),
    ({"resume_from": 50}, RunError, "resume needs the name or id"),
    ({"run": "a", "resume": "yes"}, TypeError, "resume='yes' must be True or False"),
    ({"experiment": "x" * 513}, ValueError, "must have 1 to 512 printable characters"),
    ({"run": 5}, TypeError, "run must be text, not int 5"),
]


@pytest.mark.parametrize(("arguments", "error", "words"), REFUSED)
def test_a_wrong_argument_is_refused_by_its_value(
    arguments: dict[str, Any], error: type[Exception], words: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=words):
        aim.Run(repo=tmp_path, **arguments)
    assert list(tmp_path.glob(".aim/runs/*")) == []


FIELDS: list[tuple[str, Any, str]] = [
    ("archived", "no", "archived='no' must be True or False"),
    ("experiment", "x" * 513, "must have 1 to 512 printable characters"),
    ("experiment", None, "experiment must be text, not None"),
]


@pytest.mark.parametrize(("field", "value", "words"), FIELDS)
def test_a_wrong_value_of_a_field_is_told_and_changes_nothing(
    field: str, value: Any, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with aim.Run(repo=tmp_path) as run:
        setattr(run, field, value)
    assert words in capsys.readouterr().err
    (found,) = aim.select_runs(None, tmp_path)
    assert (found.archived, found.experiment) == (False, "default")
