"""Lines that a script logs: MESSAGE records of a bounded size."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from aim.log import record
from aim.plain import text_of
from aim.sdk import params as plain_params

TEXT_CHARACTERS = 1 << 14
PARAMS_BYTES = 1 << 16
# The limit for all lines of one process: more than a person reads, and little enough for a disk.
LIMIT = 10_000_000


def encode(level: str, message: object, params: Mapping[str, Any], note: Callable[[str, str], None]) -> bytes:
    """The payload of one line. A long line is cut, with a mark."""
    text = text_of(message)
    if len(text) > TEXT_CHARACTERS:
        text = f"{text[:TEXT_CHARACTERS]}… {len(text) - TEXT_CHARACTERS:,} more characters"
    kept = plain_params.plain(dict(params), "params", note, note) if params else {}
    payload = {"time": time.time(), "level": level, "text": text, "params": kept}
    encoded = record.encode_json(payload)
    if len(encoded) > PARAMS_BYTES + 4 * TEXT_CHARACTERS:
        encoded = record.encode_json({**payload, "params": {"left out": f"{len(encoded):,} bytes are too much"}})
    return encoded
