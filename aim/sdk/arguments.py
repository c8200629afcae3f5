"""Checks arguments. An error names the value, what is allowed, and what to write instead."""

from __future__ import annotations

import math
import operator
import os
from pathlib import Path
from typing import Any

from aim import layout
from aim.errors import RepoError
from aim.sdk.trouble import say

_YEAR_10000 = 253_402_300_800
_ON, _OFF = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def check_text(what: str, value: object) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        raise TypeError(
            f"{what} must be text, not {type(value).__name__} {value!r:.80}; write {what}={str(value)!r:.40}"
        )
    if not value.strip() or len(value) > 512 or not value.isprintable():
        raise ValueError(f"{what} {value!r:.80} must have 1 to 512 printable characters; choose another")


def experiment_name(value: object) -> str:
    if value is None:
        raise TypeError("experiment must be text, not None; write run.experiment = 'default'")
    check_text("experiment", value)
    return str(value)


def check_bool(what: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{what}={value!r:.80} must be True or False")
    return value


def whole(what: str, value: Any) -> int:
    """`value` as an int64, also from numpy and from floats without a fraction."""
    item = getattr(value, "item", None)
    number = item() if callable(item) else value
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    try:
        whole = operator.index(number)
    except TypeError:
        raise TypeError(f"{what} {value!r:.80} is not an integer; round it, or pass it as epoch=") from None
    if not -(1 << 63) <= whole < 1 << 63:
        raise ValueError(f"{what} {whole} does not fit in 64 bits; count in larger units")
    return whole


def interval(value: float | None) -> float:
    """Seconds between two samples of the system; 0 turns them off. A wrong AIM_SYSTEM_INTERVAL prints a warning."""
    if value is not None:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not (value == 0 or 0.1 <= value < math.inf):
            raise ValueError(f"system_interval={value!r:.40} must be a number of seconds, 0.1 or more, or 0 for off")
        return float(value)
    text = os.environ.get("AIM_SYSTEM_INTERVAL") or "10"
    try:
        return interval(float(text))
    except ValueError:
        say(f"AIM_SYSTEM_INTERVAL={text!r:.40} must be a number of seconds, 0.1 or more, or 0 for off; using 10")
        return 10.0


def switch(what: str, value: bool | None, variable: str, default: bool) -> bool:
    """`value`, else what the environment variable says. Wrong values of the variable print a warning."""
    if value is not None:
        return check_bool(what, value)
    text = os.environ.get(variable, "").strip().lower()
    if text not in ("", *_ON, *_OFF):
        say(f"{variable}={text!r:.40} must be 1 or 0; using {'1' if default else '0'}")
    return default if text not in (*_ON, *_OFF) else text in _ON


def moment(what: str, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < _YEAR_10000:
        raise ValueError(
            f"{what}={value!r:.40} must be a time in seconds from 1970 to 9999, as from time.time(), not milliseconds"
        )


def repository(repo: str | os.PathLike[str] | None, *, create: bool) -> Path:
    if repo is not None and not isinstance(repo, (str, os.PathLike)):
        raise TypeError(f"repo={repo!r:.80} must be the path of a folder, not {type(repo).__name__}; write repo='.'")
    chosen = repo if repo is not None else os.environ.get("AIM_REPO") or None
    try:
        existing = layout.resolve(chosen) if chosen is not None else layout.find()
        aim_dir = existing or layout.resolve(os.getcwd())
    except FileNotFoundError as error:
        raise RepoError(
            "the working directory does not exist; pass repo=FOLDER with an absolute path, or set AIM_REPO"
        ) from error
    if create:
        fresh = not (aim_dir / "repo.json").exists()
        try:
            layout.create(aim_dir)
        except OSError as error:
            raise RepoError(
                f"cannot create a repository at {aim_dir}: {error.strerror}. Pass repo=FOLDER or set AIM_REPO to a "
                "folder where you can write"
            ) from error
        if fresh:
            say(f"recording to {aim_dir}")
    return aim_dir
