"""Whether higher or lower values of a metric are better: an EDIT of the repository, or else what its name says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias, get_args

Direction: TypeAlias = Literal["min", "max"]
DIRECTIONS: Final[tuple[Direction, ...]] = get_args(Direction)
# The field of the EDIT is this and the name of the metric.
FIELD: Final = "metric:"

# Parts of names, in any case, in the syntax of Python and JavaScript; not of other words, such as layer2, indices,
# heatmap, previous, terrain and confidence. Of names with both, lower values are better.
RISING: Final = (
    "acc(?!um)|f1|auc|precision|recall|score|(?<!heat)mAP(?!p)|iou(?!s)|bleu|rouge|reward|return|(?<![aeiouy])r2"
    "|psnr|ssim|dice(?!s)|win(?!d)|success|throughput|per_sec"
)
FALLING: Final = "loss|err(?!ain|ed|up)|perplexity|ppl|mse|mae|divergence|distance|latency|(?<!con)fid"
_RISING, _FALLING = re.compile(RISING, re.IGNORECASE), re.compile(FALLING, re.IGNORECASE)


def guessed(name: str) -> Direction:
    return "max" if _RISING.search(name) and not _FALLING.search(name) else "min"


def is_telling(name: str) -> bool:
    """Whether the name says that the metric measures how well a run does."""
    return bool(_RISING.search(name) or _FALLING.search(name))


def stored(value: Any) -> Direction | None:
    """The direction in the value of an EDIT; other programs write values too."""
    given = value.get("direction") if isinstance(value, Mapping) else None
    return next((known for known in DIRECTIONS if known == given), None)


def value_of(direction: Direction | None) -> dict[str, Direction] | None:
    return None if direction is None else {"direction": direction}
