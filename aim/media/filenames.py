"""Names of the files that media are saved to: RUN/NAME/STEP-INDEX.ENDING. Runs and series have names of strangers."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

MAX_NAME = 80
ENDINGS = {"text": "txt", "plotly": "json", "histogram": "bin", "jpeg": "jpg"}


def safe_name(text: str) -> str:
    """A name of strangers as the name of one file: different texts give different names."""
    plain = re.sub(r"[^\w.=-]+", "_", text, flags=re.ASCII).strip("._")[:MAX_NAME]
    if plain and plain == text:
        return plain
    return f"{plain}-{hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()[:8]}".lstrip("-")


class FileNames:
    """Names of values, in folders of their run and series. Several calls may track values at one step."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def of(self, run: str, name: str, context: Mapping[str, Any], step: int, place: int, format: str | None) -> str:
        title = " ".join([name, *(f"{key}={value}" for key, value in sorted(context.items()))])
        path, ending = f"{safe_name(run)}/{safe_name(title)}/{step}-{place}", ending_of(format)
        self._given[f"{path}.{ending}"] += 1
        count = self._given[f"{path}.{ending}"]
        return f"{path}.{ending}" if count == 1 else f"{path}-{count}.{ending}"


def ending_of(format: str | None) -> str:
    """Of content in a format of `aim/server/media.py`; None: it is in no format."""
    return ENDINGS.get(format or "", format or "bin")
