"""Names of the files that media are saved to: RUN/NAME/STEP-INDEX.ENDING. Runs and series have names of strangers."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from aim.media import FIGURES

MAX_NAME = 80
ENDINGS = {
    "text": "txt",
    "histogram": "bin",
    "jpeg": "jpg",
    **dict.fromkeys(("plotly", *FIGURES), "json"),
    **dict.fromkeys(("points", "embedding"), "bin"),
}


def safe_name(text: str) -> str:
    """A name of strangers as the name of one file: different texts give different names."""
    plain = re.sub(r"[^\w.=-]+", "_", text, flags=re.ASCII).strip("._")[:MAX_NAME]
    if plain and plain == text:
        return plain
    return f"{plain}-{hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()[:8]}".lstrip("-")


class FileNames:
    """Names of values without their endings, in folders of their run and series. Several calls may track values at one
    step: each is counted, also one that cannot be read."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def of(self, run: str, name: str, context: Mapping[str, Any], step: int, place: int) -> str:
        title = " ".join([name, *(f"{key}={value}" for key, value in sorted(context.items()))])
        path = f"{safe_name(run)}/{safe_name(title)}/{step}-{place}"
        self._given[path] += 1
        return path if self._given[path] == 1 else f"{path}-{self._given[path]}"


def ending_of(format: str | None) -> str:
    """Of content in a format of `aim/server/media.py`; None: the format is unknown."""
    return ENDINGS.get(format or "", format or "bin")
