"""Which media contain what a regular expression describes: in their captions, and texts in what they say."""

from __future__ import annotations

import json
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.errors import LogError
from aim.index.content import Objects
from aim.index.ints import Ints
from aim.media.media import MAX_CAPTION
from aim.query.regex import Pattern

# What is searched of one text, and of all together.
MAX_TEXT = 20_000
MAX_TEXTS = 20_000_000


class MediaMatches(NamedTuple):
    """`keep`: which of the `searched` values match. The first `characters` of each text were looked at."""

    keep: npt.NDArray[np.bool_]
    searched: int
    characters: int


def find_in(objects: Objects, rows: Ints, pattern: Pattern) -> MediaMatches:
    characters = min(MAX_TEXT, MAX_TEXTS // max(1, len(rows)))
    keep = [_matches(objects, row, pattern, characters) for row in checked(rows.tolist())]
    return MediaMatches(np.array(keep, bool), len(rows), characters)


def _matches(objects: Objects, row: int, pattern: Pattern, characters: int) -> bool:
    caption = json.loads(objects.columns["about"][row]).get("caption")
    if isinstance(caption, str) and pattern.search(caption[:MAX_CAPTION], longest=MAX_CAPTION):
        return True
    return objects.columns["kind"][row] == "text" and pattern.search(
        _beginning(objects, row, characters), longest=characters
    )


def _beginning(objects: Objects, row: int, characters: int) -> str:
    """Empty if it cannot be read."""
    try:
        data = objects.content(row, 4 * characters)
    except LogError:
        return ""
    return data.decode("utf-8", "replace")[:characters]
