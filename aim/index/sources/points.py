"""Turns points of any source into the POINT records that the index folds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from aim.index.checksum import U32
from aim.index.ints import ascending
from aim.index.state import WriterState
from aim.log import record

_FLAGS = 28
_POINT = np.dtype(
    [
        *(("word", "<u4"), ("number", "<u4"), ("step", "<i8"), ("value", "<f8")),
        *(("time", "<f8"), ("epoch", "<f8"), ("check", "<u4")),
    ]
)


def point_records(
    writer: WriterState,
    names: Sequence[tuple[str, str]],
    series: npt.NDArray[Any],
    step: npt.NDArray[Any],
    value: npt.NDArray[Any],
    time: npt.NDArray[Any],
    *,
    epoch: npt.NDArray[Any] | None = None,
) -> U32:
    """One record per point. Point i belongs to the series `names[series[i]]`, a name and a context as JSON, which is
    added to the writer if it is new. `epoch` is NaN where a point has none."""
    numbers = np.zeros(len(names), np.uint32)
    known = {(name[0], name[1]): number for number, name in writer.names.items()}
    for code in ascending(series).tolist():
        if names[code] not in known:
            known[names[code]] = len(writer.names)
            writer.names[known[names[code]]] = list(names[code])
        numbers[code] = known[names[code]]
    made = np.zeros(len(series), _POINT)
    made["word"] = record.POINT_WORD
    made["number"] = numbers[series]
    made["step"], made["value"], made["time"] = step, value, time
    if epoch is not None:
        made["number"] |= np.where(np.isnan(epoch), 0, record.HAS_EPOCH << _FLAGS).astype(np.uint32)
        made["epoch"] = np.nan_to_num(epoch)
    return made.view("<u4").reshape(-1, _POINT.itemsize // 4)


def point_columns(records: U32) -> tuple[list[Any], ...]:
    """Of each record: the number of its series with the flags, step, value, time and epoch."""
    made = np.ascontiguousarray(records).view(_POINT)[:, 0]
    return tuple(made[name].tolist() for name in ("number", "step", "value", "time", "epoch"))


def position(place: int) -> int:
    """The offset of point number `place` of a writer."""
    return record.HEADER_SIZE + record.POINT_SIZE * place
