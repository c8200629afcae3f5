"""The parts of AimQL that the UI needs, as TypeScript: keywords, constants, names, quoting and functions. Also the
names of formats of other trackers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from aim.index.sources.table import SOURCES
from aim.log.direction import FALLING, RISING
from aim.query.format import ESCAPES
from aim.query.functions import FUNCTIONS
from aim.query.parse import CONSTANTS
from aim.query.tokens import KEYWORDS, WORD

# Python's classes of letters in JavaScript syntax, with the flag `u`.
CLASSES: Final = {r"[^\W\d]": r"[\p{L}\p{Nl}\p{No}_]", r"\w": r"[\p{L}\p{N}_]"}


HEAD: Final = (
    "// Generated from aim/query by `python -m aim.server.wire aimql > ui/src/aimql.ts`. Edit those files instead."
)


def aimql() -> str:
    escapes = [[chr(code), written] for code, written in ESCAPES.items()]
    formats = [[row.name, row.title] for row in SOURCES if row.prefix]
    return f"""{HEAD}

{_set("KEYWORDS", KEYWORDS)}
{_set("CONSTANTS", CONSTANTS)}
{_set("FUNCTIONS", FUNCTIONS)}

/** A name that needs no quotes, as the source of a regular expression with the flag `u`. */
export const WORD = {json.dumps(word())};

/** Parts of names of metrics of which higher, or lower, values are better, as regular expressions for any case. */
export const RISING = {json.dumps(RISING)};
export const FALLING = {json.dumps(FALLING)};

/** What a text in double quotes holds in place of these characters. */
export const ESCAPES: ReadonlyMap<string, string> = new Map({json.dumps(escapes)});

/** The names of formats of other trackers for people. */
export const FORMATS: ReadonlyMap<string, string> = new Map({json.dumps(formats)});
"""


def _set(name: str, words: Iterable[str]) -> str:
    return f"export const {name}: ReadonlySet<string> = new Set({json.dumps(sorted(words))});"


def word() -> str:
    pattern = WORD.pattern
    for python, javascript in CLASSES.items():
        pattern = pattern.replace(python, javascript)
    return pattern
