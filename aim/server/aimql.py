"""What the UI has to know of AimQL, as TypeScript: keywords, constants, names, quoting and functions."""

from __future__ import annotations

import json
from typing import Final

from aim.query.format import ESCAPES
from aim.query.functions import FUNCTIONS
from aim.query.parse import CONSTANTS
from aim.query.tokens import KEYWORDS, WORD

# Python's classes of letters as JavaScript writes them, with the flag `u`.
CLASSES: Final = {r"[^\W\d]": r"[\p{L}\p{Nl}\p{No}_]", r"\w": r"[\p{L}\p{N}_]"}


def aimql() -> str:
    return f"""// Generated from aim/query by `python -m aim.server.wire aimql > ui/src/aimql.ts`. Edit those files instead.

export const KEYWORDS: ReadonlySet<string> = new Set({json.dumps(sorted(KEYWORDS))});
export const CONSTANTS: ReadonlySet<string> = new Set({json.dumps(sorted(CONSTANTS))});

/** A name that needs no quotes, as the source of a regular expression with the flag `u`. */
export const WORD = {json.dumps(word())};

/** What a text in double quotes holds in place of these characters. */
export const ESCAPES: ReadonlyMap<string, string> = new Map({json.dumps([[chr(at), to] for at, to in ESCAPES.items()])});

export const FUNCTIONS: ReadonlySet<string> = new Set({json.dumps(sorted(FUNCTIONS))});
"""


def word() -> str:
    pattern = WORD.pattern
    for python, javascript in CLASSES.items():
        pattern = pattern.replace(python, javascript)
    return pattern
