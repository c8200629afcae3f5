"""Checks arguments. An error names the value, what is allowed, and what to write instead."""

from __future__ import annotations

import math
import operator
import os
from pathlib import Path
from typing import Any

from aim import layout
from aim.errors import RepoError
from aim.handlers import let_through
from aim.log import bounds
from aim.plain import builtin, shown, text_of
from aim.sdk.scalar import scalar
from aim.sdk.trouble import say

LAST_STEP = (1 << 63) - 1
_SECONDS = "must be a number of seconds, 0.1 or more, or 0 for off"
_ON, _OFF = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def text(what: str, value: object) -> str | None:
    """`value` as exact text, also of a text enum or numpy; None stays None."""
    content = builtin(value)
    if content is None:
        return None
    if not isinstance(content, str):
        raise TypeError(
            f"{what} must be text, not {type(value).__name__} {shown(value)}; write {what}={text_of(value)!r:.40}"
        )
    if not content.strip() or len(content) > 512 or not content.isprintable():
        raise ValueError(f"{what} {shown(content)} must have 1 to 512 printable characters; choose another")
    return content


def experiment_name(value: object) -> str:
    name = text("experiment", value)
    if name is None:
        raise TypeError("experiment must be text, not None; write run.experiment = 'default'")
    return name


def check_bool(what: str, value: object) -> bool:
    flag = _number(value)
    if not isinstance(flag, bool):
        raise TypeError(f"{what}={shown(value)} must be True or False")
    return flag


def whole(what: str, value: Any) -> int:
    """`value` as an int64, also from numpy and from floats without a fraction."""
    plain = builtin(value)
    number: Any = plain if isinstance(plain, int) else _number(value)
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    try:
        whole = operator.index(value if number is None else number)
    except Exception:
        raise TypeError(f"{what} {shown(value)} is not an integer; round it, or pass it as epoch=") from None
    if not -LAST_STEP - 1 <= whole <= LAST_STEP:
        raise ValueError(f"{what} {shown(whole)} does not fit in 64 bits; count in larger units")
    return whole


def _number(value: Any) -> float | int | bool | None:
    """`value` as a number of Python, also from numpy; None when it is not a number."""
    try:
        return scalar(value)
    except Exception as error:
        let_through(error)
        return None


def interval(value: float | None) -> float:
    """Seconds between two samples of the system; 0 turns them off. A wrong AIM_SYSTEM_INTERVAL prints a warning."""
    if value is not None:
        number = _number(value)
        if number is None or isinstance(number, bool) or not (number == 0 or 0.1 <= number < math.inf):
            raise ValueError(f"system_interval={shown(value, 40)} {_SECONDS}")
        return float(number)
    text = os.environ.get("AIM_SYSTEM_INTERVAL") or "10"
    try:
        return interval(float(text))
    except ValueError:
        say(f"AIM_SYSTEM_INTERVAL={text!r:.40} {_SECONDS}; using 10")
        return 10.0


def switch(what: str, value: bool | None, variable: str, default: bool) -> bool:
    """`value`, else what the environment variable says. Wrong values of the variable print a warning."""
    if value is not None:
        return check_bool(what, value)
    text = os.environ.get(variable, "").strip().lower()
    if text not in ("", *_ON, *_OFF):
        say(f"{variable}={text!r:.40} must be 1 or 0; using {'1' if default else '0'}")
    return default if text not in (*_ON, *_OFF) else text in _ON


def moment(what: str, value: Any) -> float | None:
    if value is None:
        return None
    number = _number(value)
    if number is None or isinstance(number, bool) or not 0 <= number < bounds.YEAR_10000:
        raise ValueError(
            f"{what}={shown(value, 40)} must be a time in seconds from 1970 to 9999, as from time.time(), not "
            "milliseconds"
        )
    return float(number)


_noticed: set[Path] = set()


def repository(repo: str | os.PathLike[str] | None, *, create: bool) -> Path:
    repo = builtin(repo if repo is not None else os.environ.get("AIM_REPO") or None)
    if isinstance(repo, str) and repo.lower().startswith("aim://"):
        return _spool(repo, create=create)
    if repo is not None and not isinstance(repo, (str, os.PathLike)):
        raise TypeError(f"repo={shown(repo)} must be the path of a folder, not {type(repo).__name__}; write repo='.'")
    try:
        aim_dir, notice = (layout.resolve(repo), None) if repo is not None else layout.nearest()
    except FileNotFoundError as error:
        raise RepoError(
            "the working directory does not exist; pass repo=FOLDER with an absolute path, or set AIM_REPO"
        ) from error
    if create:
        fresh = not (aim_dir / "repo.json").exists()
        try:
            layout.create(aim_dir)
        except OSError as error:
            let_through(error)
            raise RepoError(
                f"cannot create a repository at {aim_dir}: {error.strerror}. Pass repo=FOLDER or set AIM_REPO to a "
                "folder where you can write"
            ) from error
        if notice is not None and aim_dir not in _noticed:
            _noticed.add(aim_dir)
            say(notice)
        if fresh:
            say(f"recording to {aim_dir}")
    return aim_dir


def _spool(text: str, *, create: bool) -> Path:
    """The repository in which records wait until the server at this address has them."""
    from aim.errors import RemoteError
    from aim.remote import address, spool

    try:
        server = address.parse(text)
        fresh = not (spool.of(server) / "repo.json").exists()
        aim_dir = spool.create(server) if create else spool.of(server)
    except RemoteError as error:
        raise RepoError(str(error)) from None
    except OSError as error:
        let_through(error)
        raise RepoError(
            f"cannot create the folder where records wait for {text}: {error.strerror}. Set AIM_SPOOL to a folder "
            f"where you can write. {error.filename}"
        ) from error
    if create and fresh:
        say(f"recording to {server}, by way of {aim_dir.parent}")
    return aim_dir
